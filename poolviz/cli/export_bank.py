"""`python -m poolviz export … --to bank.xml`: exercises for a learning platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from poolviz.exercises.library import NOTEBOOKS, list_exercises
from poolviz.teaching.banks.export import Bank, export_questions
from poolviz.widgets.exercise.widget import ExerciseCard

EVERYTHING = "exercises"


def export_bank(
    names: Sequence[str], path: Path, variants: int, seed: int, language: str | None, qti: str
) -> Bank:
    """Write a bank of exercises by their ids, by the number of a notebook, or of all.

    Raises
    ------
    ValueError, OSError
        As `export_questions`.
    """
    ids = [name for given in names for name in _ids(given)]
    return export_questions(path, ids, variants=variants, seed=seed, language=language, qti=qti)


def export_scorm(
    names: Sequence[str], path: Path, version: str, seed: int, language: str | None
) -> Path:
    """Write a card of exercises, given as for a bank, as a SCORM package.

    Raises
    ------
    ValueError, OSError
        As `ExerciseCard.save`.
    """
    ids = [name for given in names for name in _ids(given)]
    card = ExerciseCard(ids, seed=seed, language=language)
    try:
        return card.save(path, package="scorm2004" if version == "2004" else "scorm")
    finally:
        card.close()


def _ids(name: str) -> Iterator[str]:
    if name == EVERYTHING:
        yield from list_exercises()
    elif name.isdecimal() and name.zfill(2) in NOTEBOOKS:
        yield from list_exercises(notebook=name)
    else:
        yield name
