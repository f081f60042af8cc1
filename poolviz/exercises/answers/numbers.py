"""Reads the numbers of a text: words, signs between them, decimal commas and calculations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from poolviz.exercises.answers.formula import calculated
from poolviz.exercises.answers.notation import (
    PLAIN,
    SHAPE,
    Notation,
    Unreadable,
    tidy,
    within,
    without_words,
)


def numbers_in(
    text: str,
    notation: Notation = PLAIN,
    labels: Sequence[Sequence[str]] = (),
    *,
    decimals: bool = False,
    may_be_one: bool = False,
) -> tuple[Fraction, ...]:
    """Return all numbers of a text, in order; raise Unreadable if it has anything else.

    `labels` are the names of each number, as many as numbers are expected; if all are named, the
    names decide the order. With `decimals` a fraction is expected. With `may_be_one` one number
    may stand for all. Of several ways to read a text, the first that gives as many numbers as
    expected is taken.

    >>> numbers_in("minus 8"), numbers_in("32*9*9", labels=[["number"]])
    ((Fraction(-8, 1),), (Fraction(2592, 1),))
    >>> numbers_in("10 → 5 → 2"), numbers_in("after 1, before 0", labels=[["before"], ["after"]])
    ((Fraction(10, 1), Fraction(5, 1), Fraction(2, 1)), (Fraction(0, 1), Fraction(1, 1)))
    """
    text, labels = _with_plain_labels(_BATCH.sub(r"\1", tidy(text)), labels)
    text = _PLUS.sub(r"\1", text)
    text = _SIGNED_WORD.sub(rf"\1{notation.minus[0]} ", text)
    if _difference(notation).search(text) or _is_torn(text):
        raise Unreadable("unreadable")
    expected = {len(labels)} | ({1} if may_be_one else set())
    first: tuple[Fraction, ...] | None = None
    problem = Unreadable("unreadable")
    for reading in _readings(text, notation, len(labels), decimals, may_be_one):
        try:
            found = _ordered(reading, notation, labels)
        except Unreadable as unread:
            problem = unread
            continue
        if len(found) in expected:
            return found
        first = first or found
    if first is None:
        raise problem
    return first


def _readings(
    text: str, notation: Notation, count: int, decimals: bool, may_be_one: bool
) -> Iterator[str | Fraction]:
    """Yield the ways to read a text, the likeliest first."""
    separator = "." if notation.decimal_comma else ","
    text = _with_clear_thousands(text, notation, decimals)
    if count == 1:
        if not decimals or not notation.decimal_comma:
            yield from _without_thousands(text, rf"[{separator}'\s]")
        if mixed := _MIXED.fullmatch(text):
            yield Fraction(mixed[1]) + Fraction(mixed[2])
        words = "|".join(map(re.escape, notation.times)) or "×"
        product = re.sub(rf"(?<=\d)\s+(?:{words})\s+(?=\d)", " × ", text)
        yield from calculated(without_words(product, notation.noise))
    elif _LEADING_ZERO.search(text):
        yield from _without_thousands(text, rf"[{separator}' ]", r".*")
    has_comma = (notation.decimal_comma and count > 0) or (decimals and count == 1)
    is_pair = _PAIR.search(text) or (may_be_one and _TWICE.fullmatch(text))
    if has_comma and not is_pair:
        yield _DECIMAL_COMMA.sub(r"\1.\2", text)
    if may_be_one and _TWICE.fullmatch(text):
        yield text.replace("/", " ")
    yield text
    if may_be_one and not SHAPE.search(text):
        yield from calculated(without_words(text, notation.noise))
    if count > 1 and not may_be_one and not re.search(r"/\s*0", text):
        yield text.replace("/", " ")
    if count > 1:
        yield from _without_thousands(text, rf"[{separator}']", r".*")
    else:
        yield re.sub(r"(?<=\d),0+(?!\d)", "", text)


_BATCH = re.compile(r"^([(\[]\s*)none\s*,")  # (None, 3, 3)
# 2,5 but no part of 2,5,7, which is a list, and of 1.024,5.
_DECIMAL_COMMA = re.compile(r"(?<![\d.])(?<!\d,)(\d+),(\d+)(?![\d.]|,\d)")
# 3, 3 and 3/3: a size, where one number stands for both axes.
_TWICE = re.compile(r"(\d+)\s*[,/]\s*\1")
# (2,5): brackets show a size; without them it may be two and a half.
_PAIR = re.compile(r"[(\[{]\s*\d+,\d+\s*[)\]}]")
_MIXED = re.compile(r"(\d+)\s+(\d+/[1-9]\d*)")  # 1 1/2
# 1,024: no number in a list is written 024.
_LEADING_ZERO = re.compile(r"\d[,.' ]0\d\d(?!\d)")


def _with_clear_thousands(text: str, notation: Notation, decimals: bool) -> str:
    """Join 1.024 in German, where no fraction is expected, and 1,024.5 or 1.024,5 anywhere."""
    group, point = ("[.']", ",") if notation.decimal_comma else ("[,']", r"\.")
    end = rf"(?={point}\d)"
    if notation.decimal_comma and not decimals:
        end = rf"(?![\d.]|{point}\d{{3}})"
    number = rf"(?<![\d.,])\d{{1,3}}(?:{group}\d{{3}})+{end}"
    return re.sub(number, lambda found: re.sub(r"\D", "", found[0]), text)


def _without_thousands(text: str, separator: str, around: str = r"[-=\s]*") -> Iterator[str]:
    """Yield a text without the separators of thousands in its numbers."""
    number = rf"(?<![\d.,])\d{{1,3}}(?:{separator}\d{{3}})+(?![\d]|[.,]\d{{3}})"
    if re.fullmatch(rf"{around}{number}{around if around == r'.*' else ''}", text, re.DOTALL):
        yield re.sub(number, lambda found: re.sub(r"\D", "", found[0]), text)


_PLUS = re.compile(r"(^|[=(\[,;:])\s*\+\s*(?=\d)")  # +4
# -eight
_SIGNED_WORD = re.compile(r"(^|[=(\[,;:\s])-(?=[^\W\d_])")
# 8*, 3 x, (2 +), *2: a sign without its number.
_TORN = re.compile(r"(?:[*/+^(⌊⌈↓↑↧]|\d\s*[x×·])\s*$|^\s*[*/^)]|[*/+^]\s*\)")


def _is_torn(text: str) -> bool:
    """Return whether a calculation or a bracket has no end: "8*("."""
    return bool(_TORN.search(text)) or any(
        text.count(left) != text.count(right) for left, right in ("()", "[]", "⌊⌋", "⌈⌉")
    )


# --- words and signs -----------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:(?<![\w.)\]])-)?(?:\d+(?:\.\d+)?|\.\d+)(?:e\d{1,2}|/\d+)?)
      | (?P<times>[x×*·](?![^\W\d_]))
      | (?P<word>[^\W\d_]+)
      | (?P<between>[→(){}\[\],;:=≈~<>|&#"'`]|\.(?=[\s,;)\]]|$)|(?<=\d)[?!])
    )\s*""",
    re.VERBOSE,
)
# - 8, at the start or after a separator; in 10 - 8 it is an operator.
_FAR_MINUS = re.compile(r"(^|[=(\[,;:])\s*-\s+(?=[\d.])")


def _ordered(
    reading: str | Fraction, notation: Notation, labels: Sequence[Sequence[str]]
) -> tuple[Fraction, ...]:
    """Return the numbers of one reading in the order of their names."""
    if isinstance(reading, Fraction):
        return (reading,)
    numbers: list[Fraction] = []
    named: list[int] = []
    is_moved, sign = False, 1
    for token in _tokens(_FAR_MINUS.sub(r"\1-", reading)):
        value = _number(token, notation)
        if value is not None:
            numbers.append(sign * value)
            sign = 1
        elif sign < 0:
            raise Unreadable("unreadable")
        elif token in notation.minus:
            sign = -1
        elif (place := _place(token, labels)) is not None:
            named.append(place)
            is_moved = is_moved or place not in (len(numbers) - 1, len(numbers))
        elif token not in notation.noise:
            raise Unreadable("unreadable")
    is_named = sorted(named) == list(range(len(numbers)))
    # "1 channel, 114 x 68": which of the others is the height is not said.
    if sign < 0 or (is_moved and not is_named and len(numbers) > 1):
        raise Unreadable("unreadable")
    if is_named:
        numbers = [number for _, number in sorted(zip(named, numbers, strict=True))]
    return tuple(numbers)


def _number(token: str, notation: Notation) -> Fraction | None:
    if not (token[0].isdecimal() or token[0] in "-."):
        return Fraction(notation.words[token]) if token in notation.words else None
    top, _, bottom = token.partition("/")
    if bottom and int(bottom) == 0:
        raise Unreadable("unreadable")
    return within(Fraction(top) / (int(bottom) if bottom else 1))


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


def _place(token: str, labels: Sequence[Sequence[str]]) -> int | None:
    return next((i for i, alike in enumerate(labels) if token in alike), None)


def _difference(notation: Notation) -> re.Pattern[str]:
    """Return what finds "10 minus 3", which is no list of numbers."""
    return re.compile(rf"\d\s+(?:{'|'.join(map(re.escape, notation.minus))})\b")


def _with_plain_labels(
    text: str, labels: Sequence[Sequence[str]]
) -> tuple[str, list[tuple[str, ...]]]:
    """Return a text and its labels where each name, such as pool1 or "kernel size", is one word."""
    names = [name for alike in labels for name in alike if _letters(name) != name]
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(name)}\b", f" {_letters(name)} ", text)
    return text, [tuple(map(_letters, alike)) for alike in labels]


def _letters(name: str) -> str:
    """Return a name as letters alone: pool1 is "poolb", "kernel size" is "kernelsize"."""
    digits = (chr(ord("a") + int(sign)) if sign.isdecimal() else sign for sign in name)
    return "".join(sign for sign in digits if sign.isalpha())
