"""How numbers are written in a text: words, signs between them, decimal commas and products."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

MOST_CHARACTERS = 500
MOST_DIGITS = 30
LARGEST = 10**MOST_DIGITS  # no size is larger; more digits are a typing error


class Unreadable(Exception):  # noqa: N818  # `check` turns it into feedback
    """An answer was not understood; `reason` is the key of the feedback, `fields` its numbers."""

    def __init__(self, reason: str, **fields: int | str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = fields


def within(value: Fraction) -> Fraction:
    """Return a number; raise Unreadable if it is too large to be meant."""
    if abs(value) > LARGEST:
        raise Unreadable("unreadable")
    return value


@dataclass(frozen=True)
class Notation:
    """How a language writes numbers.

    `words` are numbers as words, `minus` the words for a sign, `noise` words to ignore. With
    `decimal_comma`, "2,5" may be two and a half and "1.000" a thousand.
    """

    words: dict[str, int] = field(default_factory=dict)
    minus: tuple[str, ...] = ("minus",)
    noise: tuple[str, ...] = ()
    decimal_comma: bool = False


PLAIN = Notation()
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_DASHES = dict.fromkeys(map(ord, "−–—‐‑"), "-")
_ARROWS = re.compile(r"[→⇒➔]|[-=]+>")


def tidy(text: str) -> str:
    """Return a text in lower case with plain dashes and digits; raise Unreadable if it is long."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable("unreadable")
    plain = str(text).translate(_FULL_WIDTH).casefold().translate(_DASHES)
    return _ARROWS.sub("→", plain.replace("torch.size", "")).strip()


def plain_words(text: str) -> str:
    """Return a text without punctuation: its words with one space between them."""
    return re.sub(r"[\s\"'`(){}\[\],.:;!?_-]+", " ", tidy(text)).strip()


def without_words(text: str, words: Sequence[str]) -> str:
    """Return a text without some of its words."""
    return re.sub(r"\b[^\W\d_]+\b", lambda word: "" if word[0] in words else word[0], text)


# --- one reading after the other -----------------------------------------------------------------


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
    text, labels = _with_plain_labels(tidy(text), labels)
    if _difference(notation).search(text):
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
    if count == 1:
        if not decimals or not notation.decimal_comma:
            yield from _without_thousands(text, "." if notation.decimal_comma else ",")
        yield from _calculated(without_words(text, notation.noise))
    has_comma = (notation.decimal_comma and count > 0) or (decimals and count == 1)
    if has_comma and not (may_be_one and _TWICE.fullmatch(text)):
        yield _DECIMAL_COMMA.sub(r"\1.\2", text)
    yield text
    if count > 1 and not may_be_one and not re.search(r"/\s*0", text):
        yield text.replace("/", " ")


_DECIMAL_COMMA = re.compile(r"(?<![\d.])(?<!\d,)(\d+),(\d+)(?![\d.]|,\d)")
_TWICE = re.compile(r"(\d+),\1")


def _without_thousands(text: str, separator: str) -> Iterator[str]:
    """Yield a number whose digits are grouped by thousands without its separators."""
    if re.fullmatch(rf"[-=\s]*\d{{1,3}}(?:[{separator}'\s]\d{{3}})+", text):
        yield re.sub(rf"(?<=\d)[{separator}'\s](?=\d)", "", text)


# --- calculations --------------------------------------------------------------------------------


_CALCULATION = re.compile(r"[\d\s.+*/()x×·-]+")
_OPERATION = re.compile(r"\s*(\d+(?:\.\d+)?|[-+*/()])\s*")


def _calculated(text: str) -> Iterator[Fraction]:
    """Yield the value of a product, quotient or sum; of an equation, that of its last side."""
    sides = text.split("=")
    if not any(re.search(r"[x×·*/+(]", side) for side in sides):
        return
    if all(_CALCULATION.fullmatch(side) for side in sides if side.strip()):
        side = re.sub(r"[x×·]", "*", sides[-1])
        tokens = _OPERATION.findall(side)
        if "".join(tokens) == "".join(side.split()):
            yield from _value(tokens)


def _value(tokens: list[str]) -> Iterator[Fraction]:
    """Yield the value of a formula; nothing if it is none."""
    rest = tokens[::-1]

    def factor() -> Fraction:
        token = rest.pop()
        if token == "-":
            return -factor()
        if token != "(":
            return within(Fraction(token))
        inner = total()
        if rest.pop() != ")":
            raise ValueError
        return inner

    def product() -> Fraction:
        value = factor()
        while rest and rest[-1] in "*/":
            value = value * factor() if rest.pop() == "*" else value / factor()
        return within(value)

    def total() -> Fraction:
        value = product()
        while rest and rest[-1] in "+-":
            value = value + product() if rest.pop() == "+" else value - product()
        return within(value)

    try:
        value = total()
    except (IndexError, ValueError, ZeroDivisionError, RecursionError):
        return
    if not rest:
        yield value


# --- words and signs -----------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:(?<![\w.)\]])-)?(?:\d+(?:\.\d+)?|\.\d+)(?:e\d{1,2}|/\d+)?)
      | (?P<times>[x×*·](?![^\W\d_]))
      | (?P<word>[^\W\d_]+)
      | (?P<between>[→(){}\[\],;:=≈|&"'`]|\.(?=\s|$)|(?<=\d)[?!])
    )\s*""",
    re.VERBOSE,
)
_FAR_MINUS = re.compile(r"(^|[=(\[,;:])\s*-\s+(?=[\d.])")


def _ordered(
    reading: str | Fraction, notation: Notation, labels: Sequence[Sequence[str]]
) -> tuple[Fraction, ...]:
    """Return the numbers of one reading in the order of their names."""
    if isinstance(reading, Fraction):
        return (reading,)
    numbers: list[Fraction] = []
    named: list[int] = []
    sign = 1
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
        elif token not in notation.noise:
            raise Unreadable("unreadable")
    if sign < 0:
        raise Unreadable("unreadable")
    if sorted(named) == list(range(len(numbers))):
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
    """Return a text and its labels where names with digits, such as pool1, are letters alone."""
    for name in (name for alike in labels for name in alike if _letters(name) != name):
        text = re.sub(rf"\b{re.escape(name)}\b", f" {_letters(name)} ", text)
    return text, [tuple(map(_letters, alike)) for alike in labels]


def _letters(name: str) -> str:
    """Return a name without digits: pool1 is "poolb"."""
    return "".join(chr(ord("a") + int(sign)) if sign.isdecimal() else sign for sign in name)
