"""One question as values: what is right, what each wrong rule gives, what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Any, TypeVar

from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.exercises.catalogue import Fields
from poolviz.exercises.forms import Form

Item = TypeVar("Item")
Grid = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """What one wrong rule gives on these numbers; None where it says nothing about them.

    `name` is the key of its sentence; `fields` are for that sentence alone.
    """

    name: str
    value: Any
    fields: Fields = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question with its numbers.

    `listed` are the misconceptions that the question is there to reveal: each gives an answer of
    its own. `others` are looked for, too, and may coincide with each other. `works` is for
    questions about the smallest or largest: does this value work, whether or not it is that one?
    `best`: is it as good as `right`, though another one? `drawn_later`: a picture of the input
    would give the answer away.
    """

    form: Form[Any]
    right: Any
    fields: Fields
    listed: tuple[Slip, ...]
    others: tuple[Slip, ...] = ()
    works: Callable[[Any], bool] | None = None
    best: Callable[[Any], bool] | None = None
    block: str = ""
    layer: Pool | None = None
    input_size: tuple[int, ...] | None = None
    values: Grid | None = None
    stack: Stack | None = None
    drawn_later: bool = False

    @property
    def is_clear(self) -> bool:
        """Each listed misconception gives an answer, and no two of them, or it and ours, agree."""
        answers = [self.right, *(slip.value for slip in self.listed)]
        return None not in answers and not any(
            self.form.same(one, other) for one, other in combinations(answers, 2)
        )

    @property
    def known_values(self) -> list[Any]:
        """The right answer and what the wrong rules give."""
        values = [self.right, *(slip.value for slip in (*self.listed, *self.others))]
        return [value for value in values if value is not None]

    def is_right(self, value: Any) -> bool:
        """Is it the right answer, or as good?"""
        return self.form.same(value, self.right) or (self.best is not None and self.best(value))

    def slips_giving(self, value: Any) -> tuple[Slip, ...]:
        """The wrong rules that give this value, the listed ones first, each name once."""
        found: dict[str, Slip] = {}
        for slip in (*self.listed, *self.others):
            if slip.value is not None and self.form.same(slip.value, value):
                found.setdefault(slip.name, slip)
        return tuple(found.values())


def slips(rules: Iterable[Callable[..., Any]], *numbers: Any) -> tuple[Slip, ...]:
    """What each rule gives on the same numbers, under the rule's own name."""
    return tuple(Slip(rule.__name__, rule(*numbers)) for rule in rules)


class Draw:
    """Numbers that a seed decides, the same in every version of Python.

    Only `random()` is promised to stay as it is, so everything is made of it.

    >>> Draw("a text").number(1, 6) == Draw("a text").number(1, 6)
    True
    """

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def number(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both included."""
        return least + int(self._random.random() * (most - least + 1))

    def one_of(self, items: Iterable[Item]) -> Item:
        """One of several."""
        listed = list(items)
        return listed[self.number(0, len(listed) - 1)]

    def shuffled(self, items: Iterable[Item]) -> list[Item]:
        """All of them, in another order."""
        left = list(items)
        return [left.pop(self.number(0, len(left) - 1)) for _ in range(len(left))]

    def grid(self, rows: int, columns: int, least: int, most: int) -> Grid:
        """Whole numbers in rows and columns, all of them different."""
        numbers = self.shuffled(range(least, most + 1))[: rows * columns]
        return tuple(tuple(numbers[row * columns :][:columns]) for row in range(rows))


MOST_TRIES = 2000  # the tests need at most a tenth of them


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of question: `build` makes a case of it, None where the numbers are of no use."""

    id: str
    notebook: str
    level: int
    kind: str
    build: Callable[[Draw], Case | None]

    def case(self, seed: int) -> Case:
        """The first clear case that the seed leads to."""
        draw = Draw(f"{self.id} {seed}")
        for _ in range(MOST_TRIES):
            case = self.build(draw)
            if case is not None and case.is_clear:
                return case
        raise RuntimeError(f'no clear numbers found for exercise "{self.id}", seed {seed}')


def template(
    notebook: str, level: int, kind: str
) -> Callable[[Callable[[Draw], Case | None]], Template]:
    """Makes a template of the function that builds its cases; the id is the function's name."""

    def made(build: Callable[[Draw], Case | None]) -> Template:
        return Template(build.__name__.replace("_", "-"), notebook, level, kind, build)

    return made
