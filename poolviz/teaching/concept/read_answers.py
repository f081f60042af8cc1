"""Reads what a class answered from CSV files of Moodle and nbgrader; no row is lost.

Names are read only to distinguish students: what is kept of them is a digest.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from poolviz.exercises.answers.notation import Unreadable
from poolviz.exercises.grading import Feedback
from poolviz.exercises.library import exercise
from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import languages, say

# Columns by their English and German names, in lower case, the best first.
STUDENT = (
    *("student", "student_id", "id number", "id-nummer", "matrikelnummer"),
    *("email address", "e-mail-adresse", "email", "username", "anmeldename"),
)
NAMES = (("last name", "nachname", "surname", "last_name"), ("first name", "vorname", "first_name"))
_RESPONSE = re.compile(r"(?:response|antwort)\s*(\d+)")  # Moodle: "Response 1", "Antwort 1"
_MARK = re.compile(r"(?:q|f)\.?\s*(\d+)\s*/\s*([\d.,]+)")  # Moodle: "Q. 1 /8.33", "F 1 /8,33"
# Moodle, of a question with several fields: "part 1: 5; part 2: 10"
_PART = re.compile(r"(?:part|teil)\s*\d+:\s*")
_SPACE = re.compile(r"\s+")
NO_ANSWER = ("", "-")


@dataclass(frozen=True)
class Attempt:
    """What one student reached: for each item the share, and the misconception if it is known.

    `doubtful` are the numbers of the items whose response cannot be read.

    Without items (`nbgrader export` has only totals) `items` is empty.
    """

    student: str
    total: float
    items: tuple[float, ...] = ()
    named: tuple[str | None, ...] = ()
    doubtful: tuple[int, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A row that does not count, by its number in the file (the heading is 1), and why."""

    row: int
    why: str


@dataclass
class Answers:
    """The attempts of a file, one for each student, and the rows that do not count.

    A row is doubtful if it counts although a response in it cannot be read.
    """

    attempts: dict[str, Attempt] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    doubtful: list[Unread] = field(default_factory=list)
    rows: int = 0

    def add(self, row: int, attempt: Attempt) -> None:
        """Take an attempt; of several by one student the last one counts."""
        if attempt.student in self.attempts:
            self.unread.append(Unread(row, say("concept.again")))
        self.attempts[attempt.student] = attempt


Source = str | Path


def read_answers(source: Source, form: Sequence[Exercise], when: str) -> Answers:
    """Read a file, or its text if it has more than one line.

    Of a file with several assignments only those count whose name contains `when`.

    Raises
    ------
    ValueError
        If the columns are none of those of Moodle or nbgrader.
    OSError
        If the file cannot be read.
    """
    text = _text_of(source)
    rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    head = [_plain(name) for name in rows[0]] if rows else []
    read = _reader_for(head, form)
    answers = Answers(rows=max(0, len(rows) - 1))
    place = head.index("assignment") if "assignment" in head else None
    names = set() if place is None else {row[place] for row in rows[1:] if len(row) == len(head)}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(head):
            why = say("concept.columns", got=len(row), wanted=len(head))
            answers.unread.append(Unread(number, why))
            continue
        if place is not None and len(names) > 1 and when not in row[place].casefold():
            answers.unread.append(Unread(number, say("concept.elsewhere", name=row[place])))
            continue
        found = read(dict(zip(head, (cell.strip() for cell in row), strict=True)))
        if isinstance(found, str):
            answers.unread.append(Unread(number, found))
        else:
            answers.add(number, found)
            answers.doubtful += (
                Unread(number, say("concept.unreadable", item=item)) for item in found.doubtful
            )
    return answers


def _text_of(source: Source) -> str:
    if isinstance(source, str) and "\n" in source:
        return source
    content = Path(source).read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # as Excel writes it


def _delimiter(text: str) -> str:
    """Return what divides the heading into most columns: "F 1 /8,33" has a comma, too."""
    head = text.partition("\n")[0]

    def known(delimiter: str) -> int:
        names = map(_plain, next(csv.reader([head], delimiter=delimiter), []))
        patterns = (_RESPONSE, _MARK)
        return sum(n in STUDENT or any(p.fullmatch(n) for p in patterns) for n in names)

    return max(",;\t", key=lambda one: (known(one), head.count(one)))


def _plain(name: str) -> str:
    return _SPACE.sub(" ", name).strip().strip("\ufeff").casefold()


Row = Mapping[str, str]
Reader = Callable[[Row], Attempt | str]


def _reader_for(head: Sequence[str], form: Sequence[Exercise]) -> Reader:
    responses = {int(m[1]): name for name in head if (m := _RESPONSE.fullmatch(name))}
    marks = {int(m[1]): (name, m[2]) for name in head if (m := _MARK.fullmatch(name))}
    wanted = range(1, len(form) + 1)
    if set(wanted) <= set(responses):
        judge = Judge(form)
        return lambda row: _of_responses(row, [responses[i] for i in wanted], judge)
    if set(wanted) <= set(marks):
        return lambda row: _of_marks(row, [marks[i] for i in wanted])
    if {"score", "max_score"} <= set(head):
        return _of_totals
    raise ValueError(
        f"no columns of a quiz: expected Response 1 to Response {len(form)} or Q. 1 to "
        f"Q. {len(form)} of Moodle, or score and max_score of nbgrader; got {', '.join(head)[:200]}"
    )


class Judge:
    """Checks written responses; equal ones only once."""

    def __init__(self, form: Sequence[Exercise]) -> None:
        self._form = form
        self._known: list[dict[str, Feedback | None]] = [{} for _ in form]

    def __call__(self, item: int, response: str) -> Feedback | None:
        """Return the feedback to a response in any language; None if it cannot be read."""
        known = self._known[item]
        if response not in known:
            known[response] = self._judged(self._form[item], response)
        return known[response]

    def _judged(self, one: Exercise, response: str) -> Feedback | None:
        spoken = dict.fromkeys((one.language, *languages()))
        for each in (exercise(one.id, one.seed, language) for language in spoken):
            grading, answer = each.grading, written(response, each.form)
            with contextlib.suppress(Unreadable):
                return grading.judge(grading.case.form.read(answer, grading.texts))
        return None


def written(response: str, form: str) -> object:
    """Return a response as Moodle's report has it, as an answer.

    >>> written("part 1: 5; part 2: 10", "numbers"), written("PyTorch; Keras", "several")
    ('5, 10', ['PyTorch', 'Keras'])
    """
    text = _PART.sub("", response)
    if form == "several":
        return [part.strip() for part in text.split("; ") if part.strip()]
    return text.replace(";", ",") if form in ("numbers", "cells") else text


def _of_responses(row: Row, columns: Sequence[str], judge: Judge) -> Attempt | str:
    student = _student(row)
    given = [row[name] for name in columns]
    if student is None:
        return say("concept.nobody")
    if all(response in NO_ANSWER for response in given):
        return say("concept.empty")
    found = [judge(i, response) for i, response in enumerate(given)]
    items = tuple(said.score if said is not None else 0.0 for said in found)
    named = tuple(said.misconception if said is not None else None for said in found)
    pairs = enumerate(zip(found, given, strict=True), start=1)
    doubtful = tuple(i for i, (said, text) in pairs if said is None and text not in NO_ANSWER)
    return Attempt(student, sum(items) / len(items), items, named, doubtful)


def _of_marks(row: Row, columns: Sequence[tuple[str, str]]) -> Attempt | str:
    student = _student(row)
    if student is None:
        return say("concept.nobody")
    cells = [row[name] for name, _ in columns]
    if all(cell in NO_ANSWER for cell in cells):
        return say("concept.empty")
    shares = []
    for cell, (_, most) in zip(cells, columns, strict=True):
        mark = 0.0 if cell in NO_ANSWER else _number(cell)
        full = _number(most)
        if mark is None or not full or not 0 <= mark <= full * 1.0001:
            return say("concept.no_mark", text=cell, most=most)
        shares.append(min(1.0, mark / full))
    return Attempt(student, sum(shares) / len(shares), tuple(shares))


def _of_totals(row: Row) -> Attempt | str:
    student, score, most = _student(row), _number(row["score"]), _number(row["max_score"])
    if student is None:
        return say("concept.nobody")
    if row["score"] in NO_ANSWER:
        return say("concept.empty")
    if score is None or not most or not 0 <= score <= most * 1.0001:
        return say("concept.no_mark", text=row["score"], most=row["max_score"])
    return Attempt(student, min(1.0, score / most))


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _student(row: Row) -> str | None:
    """Return a digest of who this is: the same in both files, and no name."""
    own = next((row[name] for name in STUDENT if row.get(name)), None)
    if own is None:
        parts = [_first(row, names) for names in NAMES]
        own = " ".join(parts) if all(parts) else None
    return None if own is None else hashlib.sha256(own.casefold().encode()).hexdigest()[:16]


def _first(row: Row, names: Iterable[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")
