"""Reads the numbers and words of an answer, tolerant of how it is written."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from poolviz.exercises.answers.notation import (
    MOST_DIGITS,
    PLAIN,
    Notation,
    Unreadable,
    within,
)
from poolviz.exercises.answers.numbers import numbers_in

MOST_ENTRIES = 10_000  # of a list; more are no answer


def entries(answer: object) -> object:
    """Return arrays, tensors and sets as plain lists, and everything else as it is."""
    if isinstance(answer, str | bytes | int | float | Fraction | Decimal):
        return answer
    tolist = getattr(answer, "tolist", None)
    if callable(tolist):
        answer = tolist()
    if isinstance(answer, set | frozenset):
        # A set has no fixed order, and feedback must not change from run to run.
        return sorted(answer, key=repr)
    if isinstance(answer, list | tuple | range):
        if len(answer) > MOST_ENTRIES:
            raise Unreadable("unreadable")
        return list(answer)
    return answer


def is_nothing(answer: object) -> bool:
    """Return whether there is no answer: None, or a text of spaces."""
    return answer is None or (isinstance(answer, str) and not answer.strip())


def one_number(value: Any, notation: Notation = PLAIN) -> Fraction:
    """Return a number of any type, or the only one in a text; True and False are not numbers."""
    if isinstance(value, bool) or value is None:
        raise Unreadable("unreadable")
    if isinstance(value, str):
        found = numbers_in(value, notation)
        if len(found) != 1:
            raise Unreadable("unreadable")
        return found[0]
    if isinstance(value, Decimal) and abs(value.adjusted()) > MOST_DIGITS:
        raise Unreadable("unreadable")  # a fraction would have that many digits
    try:
        if isinstance(value, float):
            return within(Fraction(str(float(value))))  # 27.3 as it was written
        if isinstance(value, Fraction | Decimal):
            return within(Fraction(value))
        return within(Fraction(operator.index(value)))
    except (TypeError, ValueError, OverflowError):
        raise Unreadable("unreadable") from None


def numbers_of(
    answer: object,
    notation: Notation = PLAIN,
    labels: Sequence[Sequence[str]] = (),
    *,
    decimals: bool = False,
    may_be_one: bool = False,
) -> tuple[Fraction, ...]:
    """Return all numbers of an answer, in order; raise Unreadable if it has anything else.

    The other arguments are those of `numbers_in`.

    >>> numbers_of("5×5"), numbers_of(["3", 4.0])
    ((Fraction(5, 1), Fraction(5, 1)), (Fraction(3, 1), Fraction(4, 1)))
    """
    if is_nothing(answer):
        raise Unreadable("empty")
    if isinstance(answer, set | frozenset):  # sets have no order
        raise Unreadable("unreadable")
    plain = entries(answer)
    if isinstance(plain, list):
        if not plain:
            raise Unreadable("empty")
        return tuple(one_number(entry, notation) for entry in plain)
    if isinstance(plain, str):
        return numbers_in(plain, notation, labels, decimals=decimals, may_be_one=may_be_one)
    return (one_number(plain),)
