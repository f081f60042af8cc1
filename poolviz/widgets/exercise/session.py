"""The exercises of a card with their answers, kept in the kernel: a cell may be run again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from poolviz.arithmetic.layers.in_use import chosen_framework
from poolviz.exercises.courses import in_course
from poolviz.exercises.library import TEMPLATES, exercise, exercises
from poolviz.exercises.model import Exercise, Feedback
from poolviz.i18n.catalogue import language_argument

MOST_KEPT = 64  # sessions; the least recently used are dropped

Seeds = int | tuple[int, ...]  # of all exercises, or of each
Key = tuple[tuple[str, ...], Seeds, str, str | None]  # ids, seeds, language, framework


@dataclass
class SessionItem:
    """One exercise of a session with the student's progress."""

    exercise: Exercise
    answer: object = None
    feedback: Feedback | None = None
    hint_shown: bool = False
    solution_shown: bool = False
    best: float = 0.0

    @property
    def is_right(self) -> bool:
        """True if the last answer gets full marks."""
        return bool(self.feedback)

    def take(self, answer: object) -> Feedback:
        """Check an answer; after the solution was shown it no longer counts."""
        self.answer = answer
        self.feedback = self.exercise.check(answer)
        self.hint_shown = self.hint_shown or bool(self.feedback.hint)
        if not self.solution_shown:
            self.best = max(self.best, self.feedback.score)
        return self.feedback

    def renew(self) -> None:
        """Ask the same question with other numbers; the score stays."""
        self.exercise = self.exercise.next()
        self.answer, self.feedback = None, None
        self.hint_shown = self.solution_shown = False


@dataclass
class ExerciseSession:
    """Several exercises, one of which is open."""

    items: list[SessionItem]
    key: Key
    place: int = 0

    @property
    def item(self) -> SessionItem:
        """The open exercise."""
        return self.items[self.place]

    @property
    def solved(self) -> int:
        """Number of exercises that were answered right."""
        return sum(item.best == 1.0 for item in self.items)

    @property
    def score(self) -> float:
        """Points, at most one for each exercise."""
        return sum(item.best for item in self.items)


_KEPT: OrderedDict[Key, ExerciseSession] = OrderedDict()


def session_for(ids: tuple[str, ...], seed: Seeds, language: str) -> ExerciseSession:
    """Return the session of this kernel with these exercises, a new one if there is none.

    Raises
    ------
    ValueError
        For an unknown id, and for another number of seeds than of exercises.
    """
    ids = of_course(ids) or exercises()
    seeds = seed if isinstance(seed, tuple) else (seed,) * len(ids)
    if len(seeds) != len(ids):
        raise ValueError(f"seed must be one integer or {len(ids)}, one per exercise, got {seed}")
    key = ids, seed, language, chosen_framework()
    if key not in _KEPT:
        items = [
            SessionItem(exercise(name, seed=one, language=language))
            for name, one in zip(ids, seeds, strict=True)
        ]
        _KEPT[key] = ExerciseSession(items, key)
    _KEPT.move_to_end(key)
    while len(_KEPT) > MOST_KEPT:
        _KEPT.popitem(last=False)
    return _KEPT[key]


def of_course(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the exercises, in place of those of other frameworks some from there on."""
    books = [TEMPLATES[id].notebook for id in ids if id in TEMPLATES]
    if chosen_framework() is None or not books:
        return ids
    following = (id for id in exercises() if TEMPLATES[id].notebook >= books[0])
    return in_course(ids, tuple(following))


def line_of(ids: Sequence[str], seeds: Sequence[int], place: int, language: str) -> str:
    """Return the line that opens exercises with these numbers, without the answers.

    >>> line_of(["size-plain", "who-raises"], [3, 4], 1, "en")
    "pv.ExerciseCard('size-plain', 'who-raises', seed=(3, 4), place=1)"
    """
    seed = seeds[0] if len(set(seeds)) == 1 else tuple(seeds)
    given = {"seed": seed, "place": place}
    parts = [f"{name}={value}" for name, value in given.items() if value != 0]
    return f"pv.ExerciseCard({', '.join([*map(repr, ids), *parts, *language_argument(language)])})"


def forget(session: ExerciseSession) -> None:
    """Drop a session."""
    _KEPT.pop(session.key, None)
