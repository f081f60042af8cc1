"""Reads the numbers and words of an answer, tolerant of how it is written."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

MOST_CHARACTERS = 500
MOST_ENTRIES = 10_000
MOST_DIGITS = 30
LARGEST = 10**MOST_DIGITS  # no size is larger; more digits are a typing error


class Unreadable(Exception):  # noqa: N818  # `check` turns it into feedback
    """An answer was not understood; `reason` is the key of the feedback, `fields` its numbers."""

    def __init__(self, reason: str, **fields: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = fields


def entries(answer: object) -> object:
    """Return arrays, tensors and sets as plain lists, and everything else as it is."""
    if isinstance(answer, str | bytes | int | float | Fraction | Decimal):
        return answer
    tolist = getattr(answer, "tolist", None)
    if callable(tolist):
        answer = tolist()
    if isinstance(answer, set | frozenset):
        return sorted(answer, key=repr)
    if isinstance(answer, list | tuple | range):
        if len(answer) > MOST_ENTRIES:
            raise Unreadable("unreadable")
        return list(answer)
    return answer


def is_nothing(answer: object) -> bool:
    """Return whether there is no answer: None, or a text of spaces."""
    return answer is None or (isinstance(answer, str) and not answer.strip())


def one_number(value: Any) -> Fraction:
    """Return a number of any type, or the only one in a text; True and False are not numbers."""
    if isinstance(value, bool) or value is None:
        raise Unreadable("unreadable")
    if isinstance(value, str):
        found = numbers_in(value)
        if len(found) != 1:
            raise Unreadable("unreadable")
        return found[0]
    if isinstance(value, Decimal) and abs(value.adjusted()) > MOST_DIGITS:
        raise Unreadable("unreadable")  # a fraction would have that many digits
    try:
        if isinstance(value, float | Fraction | Decimal):
            return _within(Fraction(value))
        return _within(Fraction(operator.index(value)))
    except (TypeError, ValueError, OverflowError):
        raise Unreadable("unreadable") from None


def _within(value: Fraction) -> Fraction:
    if abs(value) > LARGEST:
        raise Unreadable("unreadable")
    return value


def numbers_of(
    answer: object,
    words: Mapping[str, int] | None = None,
    labels: Sequence[Sequence[str]] = (),
    noise: Sequence[str] = (),
    decimals: bool = False,
) -> tuple[Fraction, ...]:
    """Return all numbers of an answer, in order; raise Unreadable if it has anything else.

    `words` are numbers as words. `labels` are the names of each number; if all are named, the
    names decide the order. `noise` are words to ignore. With `decimals` one number is expected,
    so that "2,5" is two and a half.

    >>> numbers_of("5×5"), numbers_of(["3", 4.0])
    ((Fraction(5, 1), Fraction(5, 1)), (Fraction(3, 1), Fraction(4, 1)))
    >>> numbers_of("after 1, before 0", labels=[["before"], ["after"]])
    (Fraction(0, 1), Fraction(1, 1))
    """
    if is_nothing(answer):
        raise Unreadable("empty")
    if isinstance(answer, set | frozenset):  # sets have no order
        raise Unreadable("unreadable")
    plain = entries(answer)
    if isinstance(plain, list):
        if not plain:
            raise Unreadable("empty")
        return tuple(map(one_number, plain))
    if isinstance(plain, str):
        return numbers_in(plain, words, labels, noise, decimals)
    return (one_number(plain),)


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:(?<![\w.)\]])-)?(?:\d+(?:\.\d+)?|\.\d+)(?:e\d{1,2}|/\d+)?)
      | (?P<times>[x×*·])(?![^\W\d_])
      | (?P<word>[^\W\d_]+)
      | (?P<between>[(){}\[\],;:=|&"'`]|\.(?=\s|$)|(?<=\d)\?)
    )\s*""",
    re.VERBOSE,
)
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+")
_DASHES = str.maketrans("−–—", "---")


def numbers_in(
    text: str,
    words: Mapping[str, int] | None = None,
    labels: Sequence[Sequence[str]] = (),
    noise: Sequence[str] = (),
    decimals: bool = False,
) -> tuple[Fraction, ...]:
    """Return all numbers of a text, as `numbers_of`."""
    text = tidy(text)
    if decimals and _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif len(labels) == 1 and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    numbers: list[Fraction] = []
    named: list[int] = []
    for token in _tokens(text):
        if token[0].isdecimal() or token[0] in "-.":
            numbers.append(_within(_fraction(token)))
        elif token in (words or {}):
            numbers.append(Fraction((words or {})[token]))
        elif (place := _place(token, labels)) is not None:
            named.append(place)
        elif token not in noise:
            raise Unreadable("unreadable")
    if sorted(named) == list(range(len(numbers))):
        numbers = [number for _, number in sorted(zip(named, numbers, strict=True))]
    return tuple(numbers)


def tidy(text: str) -> str:
    """Return a text in lower case with plain dashes; raise Unreadable if it is far too long."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable("unreadable")
    return str(text).casefold().translate(_DASHES).replace("torch.size", "").strip()


def _tokens(text: str) -> list[str]:
    """Return numbers and words, without the signs between them."""
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Unreadable("unreadable")
        token = match["number"] or match["word"]
        if token:
            found.append(token)
        place = match.end()
    return found


def _fraction(token: str) -> Fraction:
    top, _, bottom = token.partition("/")
    if bottom and int(bottom) == 0:
        raise Unreadable("unreadable")
    return Fraction(top) / (int(bottom) if bottom else 1)


def _place(token: str, labels: Sequence[Sequence[str]]) -> int | None:
    return next((i for i, alike in enumerate(labels) if token in alike), None)
