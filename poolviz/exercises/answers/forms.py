"""Forms of answers: how an answer is read, compared, scored and shown."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import floor
from typing import ClassVar, Generic, TypeVar

from poolviz.exercises.answers.catalogue import Catalogue
from poolviz.exercises.answers.notation import Unreadable, is_shape, leaves_open, plain_words, tidy
from poolviz.exercises.answers.values import numbers_of

TOLERANCE = Fraction(1, 200)  # two decimals of a fraction are enough
ROUNDING_ERROR = Fraction(1, 10**6)  # of a float where a whole number is expected
NEAR = 10  # from the right number
NEAR_ONE_OF_SEVERAL = 3  # from each, where two are wrong
EXAMPLE = "47295681"  # digits for an answer that shows the form and no more


Value = TypeVar("Value")  # an answer in the form's own type
Item = TypeVar("Item")


class Form(ABC, Generic[Value]):
    """A form of answer; `name` decides which control a card shows."""

    name: ClassVar[str]

    @abstractmethod
    def read(self, answer: object, texts: Catalogue) -> Value:
        """Return the answer that was meant; raise Unreadable if it was not understood."""

    @abstractmethod
    def wanted(self, texts: Catalogue) -> str:
        """Return a sentence about how an answer looks."""

    @abstractmethod
    def plain(self, value: Value, texts: Catalogue) -> object:
        """Return the value as a student would type it."""

    @abstractmethod
    def shown(self, value: Value, texts: Catalogue) -> str:
        """Return the value as a part of a sentence."""

    def same(self, one: Value, other: Value) -> bool:
        """Return whether two values are the same answer."""
        return bool(one == other)

    def share(self, value: Value, right: Value) -> float:
        """Return the share of an answer that is right, 0 to 1."""
        return float(self.same(value, right))

    def right_parts(self, value: Value, right: Value) -> tuple[str, ...]:
        """Return the keys of the parts that are right."""
        return ()

    def marked(self, value: Value, right: Value) -> dict[str, int]:
        """Count what is right, missing and wrong in an answer that is a set; {} for others."""
        return {}


class SetForm(Form[frozenset[Item]]):
    """An answer that is a set of items: of `total` items, some are right."""

    @property
    @abstractmethod
    def total(self) -> int:
        """Number of items to choose from."""

    def share(self, value: frozenset[Item], right: frozenset[Item]) -> float:
        """Return the share of hits minus that of false alarms: all and none score 0."""
        hits = len(value & right) / len(right) if right else float(not value)
        others = self.total - len(right)
        return max(0.0, hits - (len(value - right) / others if others else 0.0))

    def marked(self, value: frozenset[Item], right: frozenset[Item]) -> dict[str, int]:
        """Count the right, the missing and the wrong items."""
        return {
            "hits": len(value & right),
            "missing": len(right - value),
            "extra": len(value - right),
        }


# --- numbers -------------------------------------------------------------------------------------


Fractions = tuple[Fraction, ...]
RAISES: Fractions = ()  # the answer "an error"


@dataclass(frozen=True)
class Numbers(Form[Fractions]):
    """One number, or several with names; with `one_for_all`, one number may stand for all.

    With `is_square`, "15 × 15" is the one number 15. `start` is a number that may precede the
    others, the size before the first layer: "20 → 10 → 5". `parts` is the divisor of a fraction.
    """

    name: ClassVar[str] = "numbers"
    names: tuple[str, ...] = ("number",)
    one_for_all: bool = False
    whole: bool = True
    is_square: bool = False
    start: int | None = None
    parts: int = 1

    def read(self, answer: object, texts: Catalogue) -> Fractions:
        if isinstance(answer, str) and texts.says_it_raises(answer):
            return RAISES
        is_one = len(self.names) == 1 or self.one_for_all
        if is_one and isinstance(answer, str) and self._is_none(answer, texts):
            return (Fraction(0),) * len(self.names)
        if is_one and isinstance(answer, str) and leaves_open(answer, texts.notation):
            raise Unreadable("open")
        if (self.is_square or self.one_for_all) and isinstance(answer, str):
            answer = _SQUARED.sub(r"\1", tidy(answer))  # 15² is 15 × 15
        if self.is_square and isinstance(answer, str):
            try:
                return self._counted(numbers_of(answer, texts.notation))
            except Unreadable:
                if is_shape(answer):  # 15 × 15 × 3 is no product
                    raise
        found = numbers_of(
            answer,
            texts.notation,
            self.labels(texts),
            decimals=len(self.names) == 1 and not self.whole,
            may_be_one=self.one_for_all,
        )
        return self._counted(found)

    def _is_none(self, answer: str, texts: Catalogue) -> bool:
        words = plain_words(answer)
        return bool(words) and words in texts.word_list("answer.none")

    def labels(self, texts: Catalogue) -> list[tuple[str, ...]]:
        """Return the names of each number, as a student may type them."""
        words = {name: tidy(texts.word(name)) for name in self.names}
        return [(name, words[name], *texts.word_list(f"synonym.{name}")) for name in self.names]

    def _counted(self, found: Fractions) -> Fractions:
        """Return as many numbers as the question has names."""
        count = len(self.names)
        if len(found) == count + 1 and self.start is not None and found[0] == self.start:
            found = found[1:]
        if len(found) == 2 and self.is_square and found[0] == found[1]:
            found = found[:1]
        if len(found) == 1 and self.one_for_all:
            found *= count
        if len(found) != count:
            raise Unreadable("count", got=len(found), wanted=count)
        return found

    def same(self, one: Fractions, other: Fractions) -> bool:
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(abs(a - b) <= self.tolerance for a, b in pairs)

    @property
    def tolerance(self) -> Fraction:
        """The largest distance from the right number that still counts as right."""
        return ROUNDING_ERROR if self.whole else TOLERANCE

    def share(self, value: Fractions, right: Fractions) -> float:
        return len(self.right_parts(value, right)) / len(self.names)

    def is_near(self, value: Fractions, right: Fractions) -> bool:
        """Return whether a wrong answer is so near that a reason is computed from its numbers."""
        if self.parts > 1:
            parts = round(value[0] * self.parts)
            is_part = abs(Fraction(parts, self.parts) - value[0]) <= self.tolerance
            return is_part and abs(parts - right[0] * self.parts) <= self._reach
        pairs = [(a, b) for a, b in zip(value, right, strict=True) if abs(a - b) > self.tolerance]
        is_alone = len(pairs) == 1 or self._is_one(value)
        reach = NEAR if is_alone else NEAR_ONE_OF_SEVERAL
        return (is_alone or len(self.names) == 2) and all(
            a.denominator == 1 and (abs(a - b) <= reach or (is_alone and a == 0)) for a, b in pairs
        )

    def near(self, right: Fractions) -> Iterator[Fractions]:
        """Yield the answers that `is_near` accepts."""
        count = len(self.names)
        if self.parts > 1:
            reach = range(-self._reach, self._reach + 1)
            yield from ((right[0] + Fraction(n, self.parts),) for n in reach)
        elif count == 1 or self.one_for_all:
            for number in range(floor(max(right)) - NEAR, floor(min(right)) + NEAR + 1):
                yield (Fraction(number),) * count
        if count == 1 or self.one_for_all:
            yield (Fraction(0),) * count
        if count == 2:
            steps = range(-NEAR_ONE_OF_SEVERAL, NEAR_ONE_OF_SEVERAL + 1)
            yield from ((right[0] + a, right[1] + b) for a, b in product(steps, steps))
        if count > 1:
            for i, step in product(range(count), range(-NEAR, NEAR + 1)):
                yield (*right[:i], right[i] + step, *right[i + 1 :])
            yield from ((*right[:i], Fraction(0), *right[i + 1 :]) for i in range(count))

    @property
    def _reach(self) -> int:
        return max(NEAR, 3 * self.parts)

    def _is_one(self, value: Fractions) -> bool:
        return len(value) == 1 or (self.one_for_all and len(set(value)) == 1)

    def right_parts(self, value: Fractions, right: Fractions) -> tuple[str, ...]:
        return tuple(
            name
            for name, one, other in zip(self.names, value, right, strict=False)
            if abs(one - other) <= self.tolerance
        )

    def wanted(self, texts: Catalogue) -> str:
        if len(self.names) == 1:
            return texts.say("form.number" if self.whole else "form.fraction")
        words = texts.listed([texts.word(name) for name in self.names])
        example = ", ".join(EXAMPLE[: len(self.names)])
        key = "form.size" if self.one_for_all else "form.numbers"
        return texts.say(key, {"count": len(self.names), "names": words, "example": example})

    def plain(self, value: Fractions, texts: Catalogue) -> object:
        if value == RAISES:
            return texts.word("raises")
        plain = tuple(int(n) if n.denominator == 1 else float(n) for n in value)
        return plain[0] if len(plain) == 1 else plain

    def shown(self, value: Fractions, texts: Catalogue) -> str:
        if value == RAISES:
            return texts.word("raises")
        if self.one_for_all or set(self.names) == {"height", "width"}:
            return " × ".join(texts.shown(entry) for entry in value)
        return ", ".join(texts.shown(entry) for entry in value)


_SQUARED = re.compile(r"^(\d+)\s*\^\s*2$")


def exact(*values: int | Fraction | float) -> Fractions:
    """Return numbers as a value of `Numbers`; a float becomes the short fraction nearest to it.

    >>> exact(2, 7 / 6)
    (Fraction(2, 1), Fraction(7, 6))
    """
    return tuple(Fraction(value).limit_denominator(10**4) for value in values)
