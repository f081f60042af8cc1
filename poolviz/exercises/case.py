"""A question as values: the right answer, what each wrong rule gives, and the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Any, TypeVar

from poolviz.arithmetic.framework_names import family
from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.in_use import chosen_framework
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.exercises.answers.catalogue import Fields
from poolviz.exercises.answers.forms import Form

Item = TypeVar("Item")
Grid = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """The answer of a wrong rule to a question; None if the rule does not apply to it.

    `name` is the key of its sentence, `fields` are used in that sentence only.
    """

    name: str
    value: Any
    fields: Fields = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question with its numbers.

    `listed` are the misconceptions that the question reveals: each gives a different answer.
    `others` are recognised too, and may give the same answer. In questions about the smallest or
    largest value, `works` is True for a value that works at all. `best` is True if another value
    is as good as `right`. `why` gives a reason, computed from a wrong value near the right one.
    With `drawn_later` the picture would give the answer away.
    """

    form: Form[Any]
    right: Any
    fields: Fields
    listed: tuple[Slip, ...]
    others: tuple[Slip, ...] = ()
    works: Callable[[Any], bool] | None = None
    best: Callable[[Any], bool] | None = None
    why: Callable[[Any], Slip | None] | None = None
    block: str = ""
    layer: Pool | Conv | None = None
    input_size: tuple[int, ...] | None = None
    values: Grid | None = None
    stack: Stack | None = None
    drawn_later: bool = False

    @property
    def is_clear(self) -> bool:
        """True if all listed misconceptions and `right` give different answers."""
        answers = [self.right, *(slip.value for slip in self.listed)]
        return None not in answers and not any(
            self.form.same(one, other) for one, other in combinations(answers, 2)
        )

    @property
    def known_values(self) -> list[Any]:
        """The right answer and what the wrong rules give."""
        values = [self.right, *(slip.value for slip in (*self.listed, *self.others))]
        return [value for value in values if value is not None]

    def is_right(self, value: object) -> bool:
        """Return whether a value is the right answer, or as good."""
        return self.form.same(value, self.right) or (self.best is not None and self.best(value))

    def slips_giving(self, value: object) -> tuple[Slip, ...]:
        """Return the wrong rules that give a value, the listed ones first, each name once."""
        found: dict[str, Slip] = {}
        for slip in (*self.listed, *self.others):
            if slip.value is not None and self.form.same(slip.value, value):
                found.setdefault(slip.name, slip)
        return tuple(found.values())


def slips(rules: Iterable[Callable[..., Any]], *numbers: object) -> tuple[Slip, ...]:
    """Return what each rule gives for the same numbers, under the name of the rule."""
    return tuple(Slip(rule.__name__, rule(*numbers)) for rule in rules)


class Draw:
    """Random numbers from a seed, the same in every version of Python.

    Python guarantees this for `random()` only, so all methods use it alone.

    >>> Draw("a text").number(1, 6) == Draw("a text").number(1, 6)
    True
    """

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def number(self, least: int, most: int) -> int:
        """Return an integer from `least` to `most`, both included."""
        return least + int(self._random.random() * (most - least + 1))

    def one_of(self, items: Iterable[Item]) -> Item:
        """Return one of several items."""
        listed = list(items)
        return listed[self.number(0, len(listed) - 1)]

    def framework(self, names: Iterable[str]) -> str:
        """Return one of several frameworks: the one in use, if it is among them."""
        listed = list(names)
        # Drawn in any case: the numbers after it must not depend on the framework in use.
        drawn, chosen = self.one_of(listed), chosen_framework()
        return family(chosen) if chosen is not None and family(chosen) in listed else drawn

    def is_second(self, names: Sequence[str]) -> bool:
        """Return whether of two frameworks the second one is taken."""
        return self.framework(names) != names[0]

    def shuffled(self, items: Iterable[Item]) -> list[Item]:
        """Return all items in random order."""
        left = list(items)
        return [left.pop(self.number(0, len(left) - 1)) for _ in range(len(left))]

    def grid(self, rows: int, columns: int, least: int, most: int) -> Grid:
        """Return rows of different integers."""
        numbers = self.shuffled(range(least, most + 1))[: rows * columns]
        return tuple(tuple(numbers[row * columns :][:columns]) for row in range(rows))


MOST_TRIES = 2000  # ten times as many as the tests need


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of question; `build` returns a case, or None if the numbers do not suit it."""

    id: str
    notebook: str
    level: int
    kind: str
    build: Callable[[Draw], Case | None]

    def case(self, seed: int) -> Case:
        """Return the first clear case for a seed."""
        # With the id, so that one seed gives different numbers in different exercises.
        draw = Draw(f"{self.id} {seed}")
        for _ in range(MOST_TRIES):
            case = self.build(draw)
            if case is not None and case.is_clear:
                return case
        raise RuntimeError(f'no clear numbers found for exercise "{self.id}", seed {seed}')


def template(
    notebook: str, level: int, kind: str
) -> Callable[[Callable[[Draw], Case | None]], Template]:
    """Turn the function that builds the cases into a template; its name is the id."""

    def made(build: Callable[[Draw], Case | None]) -> Template:
        return Template(build.__name__.replace("_", "-"), notebook, level, kind, build)

    return made
