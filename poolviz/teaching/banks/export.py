"""`export_questions`: exercises as a file for a learning platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from poolviz.drawing.output.atomic_write import Target, target_of, write_whole
from poolviz.exercises.library import exercise, list_exercises
from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import chosen
from poolviz.i18n.keywords import answers_keywords
from poolviz.teaching.banks.moodle import moodle_xml
from poolviz.teaching.banks.qti import VERSIONS
from poolviz.teaching.banks.qti_package import qti_package
from poolviz.teaching.banks.question import BankQuestion

SUFFIXES = (".xml", ".zip")
VARIANTS = 3  # of each exercise, where nothing is said
MOST_VARIANTS = 200
MOST_SEEDS = 20  # that are tried for each variant


@dataclass(frozen=True)
class Bank:
    """What was written.

    Attributes
    ----------
    path
        The file.
    questions
        The number of questions.
    left_out
        Exercises that no question type of the format can ask: id → reason.
    """

    path: Path
    questions: int
    left_out: Mapping[str, str] = field(default_factory=dict)


@answers_keywords()
def export_questions(
    path: Target,
    ids: str | Iterable[str] | None = None,
    *,
    variants: int = VARIANTS,
    seed: int = 0,
    language: str | None = None,
    qti: str = "2.1",
) -> Bank:
    """Write exercises as a question bank for Moodle, Canvas, Ilias, Blackboard and others.

    Each exercise is a category (a section in QTI) of variants with different numbers, from which a
    quiz draws one. Marks and feedback are those of `Exercise.check`.

    Parameters
    ----------
    path
        ".xml" writes Moodle XML, ".zip" a QTI package.
    ids
        Ids of exercises, see `list_exercises`; all if left out.
    variants
        Questions for each exercise, 1 to 200.
    seed
        The first seed. Equal seeds give equal questions with equal ids, so that a second import
        can replace the first one.
    language
        "en" or "de"; the current one if left out.
    qti
        Version of QTI, "2.1" or "2.2".

    Raises
    ------
    ValueError
        For an unknown exercise, language, version or suffix, and for a number of variants out of
        range.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bank = export_questions(f"{folder}/bank.xml", ["size-plain", "unread-in-a-row"])
    >>> bank.questions, dict(bank.left_out)
    (6, {})
    """
    if type(variants) is not int or not 1 <= variants <= MOST_VARIANTS:
        raise ValueError(f"variants must be from 1 to {MOST_VARIANTS}, got {variants!r}")
    if qti not in VERSIONS:
        raise ValueError(f"qti must be {' or '.join(VERSIONS)}, got {qti!r}")
    target = target_of(path, SUFFIXES)
    names = list_exercises() if ids is None else [ids] if isinstance(ids, str) else list(ids)
    firsts = [exercise(name, seed, chosen(language)) for name in dict.fromkeys(names)]
    categories, left_out = questions_of(firsts, variants)
    if not categories:
        raise ValueError("there is no question to export")
    is_moodle = target.suffix.lower() == ".xml"
    write_whole(target, moodle_xml(categories) if is_moodle else qti_package(categories, qti))
    return Bank(target, sum(map(len, categories)), left_out)


def questions_of(
    firsts: Iterable[Exercise], variants: int
) -> tuple[list[list[BankQuestion]], dict[str, str]]:
    """Return the variants of each exercise, and why exercises are left out."""
    categories: list[list[BankQuestion]] = []
    left_out: dict[str, str] = {}
    for first in firsts:
        found, reason = _variants(first, variants)
        if found:
            categories.append(found)
        else:
            left_out[first.id] = reason
    return categories, left_out


def _variants(first: Exercise, variants: int) -> tuple[list[BankQuestion], str]:
    found: list[BankQuestion] = []
    texts: set[str] = set()
    one, reason = first, ""
    for _ in range(variants * MOST_SEEDS):
        asked = BankQuestion(one)
        reason = asked.why_not
        if not reason and one.question not in texts:
            texts.add(one.question)
            found.append(asked)
        if len(found) == variants:
            break
        one = Exercise(one.template, one.seed + 1, one.language, one.framework)
    return found, reason
