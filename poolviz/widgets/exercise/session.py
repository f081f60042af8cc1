"""Exercises in a row with what was answered, kept in the kernel: a cell may be run again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from poolviz.exercises.library import exercise, exercises
from poolviz.exercises.model import Exercise, Feedback

MOST_KEPT = 64  # sheets; the ones that were not used for longest go


@dataclass
class Item:
    """One exercise of a sheet, and how far its student is."""

    exercise: Exercise
    answer: Any = None
    feedback: Feedback | None = None
    asked_hint: bool = False
    revealed: bool = False
    best: float = 0.0

    def take(self, answer: Any) -> None:
        """An answer; after the solution was shown it no longer counts."""
        self.answer = answer
        self.feedback = self.exercise.check(answer)
        if not self.revealed:
            self.best = max(self.best, self.feedback.score)

    def renew(self) -> None:
        """The same question with other numbers; what was reached stays."""
        self.exercise = self.exercise.next()
        self.answer, self.feedback = None, None
        self.asked_hint = self.revealed = False


@dataclass
class ExerciseSession:
    """Several items, and the one that is open."""

    items: list[Item]
    place: int = 0
    key: Any = field(default=None, compare=False)

    @property
    def item(self) -> Item:
        """The one that is open."""
        return self.items[self.place]

    @property
    def solved(self) -> int:
        """How many have been answered right."""
        return sum(item.best == 1.0 for item in self.items)

    @property
    def score(self) -> float:
        """Points, at most one an exercise."""
        return sum(item.best for item in self.items)


_KEPT: OrderedDict[Any, ExerciseSession] = OrderedDict()


def sheet(ids: tuple[str, ...], seed: int, language: str) -> ExerciseSession:
    """The sheet with these exercises: the one of this kernel, else a new one.

    Raises
    ------
    ValueError
        For an id that does not exist.
    """
    ids = ids or exercises()
    key = ids, seed, language
    if key not in _KEPT:
        items = [Item(exercise(name, seed=seed, language=language)) for name in ids]
        _KEPT[key] = ExerciseSession(items, key=key)
    _KEPT.move_to_end(key)
    while len(_KEPT) > MOST_KEPT:
        _KEPT.popitem(last=False)
    return _KEPT[key]


def forget(kept: ExerciseSession) -> None:
    """A sheet that is not to be had back."""
    _KEPT.pop(kept.key, None)
