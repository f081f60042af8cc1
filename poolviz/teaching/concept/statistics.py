"""Statistics of items: how difficult each is, and whether it separates the strong from the weak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

TOO_EASY, TOO_HARD = 0.9, 0.2  # mean scores
LEAST_DISCRIMINATION = 0.1  # a correlation: below, the item does not separate
LEAST_STUDENTS = 10  # fewer are too few for a discrimination


@dataclass(frozen=True)
class ItemStatistics:
    """One item in one form.

    Attributes
    ----------
    item
        The id of the exercise.
    students
        How many answered the test.
    mean
        The mean score, from 0 to 1.
    discrimination
        The correlation with the score in the other items, −1 to 1; None for fewer than 10
        students, and where one of the two is the same for all.
    """

    item: str
    students: int
    mean: float
    discrimination: float | None

    @property
    def note(self) -> str:
        """Key of what is wrong with the item: "easy", "hard", "flat", or "" for nothing."""
        if self.students and self.mean > TOO_EASY:
            return "easy"
        if self.students and self.mean < TOO_HARD:
            return "hard"
        low = self.discrimination is not None and self.discrimination < LEAST_DISCRIMINATION
        return "flat" if low else ""


def statistics_of(items: Sequence[str], scores: Sequence[Sequence[float]]) -> list[ItemStatistics]:
    """Return the statistics of each item; `scores` has one row for each student.

    >>> [one.mean for one in statistics_of(["a", "b"], [(1, 0), (0, 0)])]
    [0.5, 0.0]
    """
    count = len(scores)
    totals = [sum(row) for row in scores]
    found = []
    for i, item in enumerate(items):
        own = [row[i] for row in scores]
        others = [total - one for total, one in zip(totals, own, strict=True)]
        related = correlation(own, others) if count >= LEAST_STUDENTS else None
        found.append(ItemStatistics(item, count, sum(own) / count if count else 0.0, related))
    return found


def correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Return Pearson's correlation; None where one of the two does not vary.

    >>> correlation([1, 2, 3], [2, 4, 6])
    1.0
    """
    count = len(x)
    mean_x, mean_y = sum(x) / count, sum(y) / count
    dx, dy = [a - mean_x for a in x], [b - mean_y for b in y]
    spread = sqrt(sum(a * a for a in dx) * sum(b * b for b in dy))
    # Not 0: rounding may leave a little where nothing varies.
    if spread < 1e-12:
        return None
    return sum(a * b for a, b in zip(dx, dy, strict=True)) / spread


def gain(before: float, after: float) -> float | None:
    """Return the normalised gain: the share of what was missing that was learned.

    None where nothing was missing.

    >>> gain(0.5, 0.75), gain(1.0, 1.0)
    (0.5, None)
    """
    return None if before >= 1 else (after - before) / (1 - before)
