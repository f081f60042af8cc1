"""How numbers are written in a text: words, signs between them, decimal commas and products."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

MOST_CHARACTERS = 500  # of an answer
MOST_DIGITS = 30
LARGEST_TYPED = 10**MOST_DIGITS  # no size is larger; more digits are a typing error


class Unreadable(Exception):  # noqa: N818  # `check` turns it into feedback
    """An answer was not understood; `reason` is the key of the feedback, `fields` its numbers."""

    def __init__(self, reason: str, **fields: int | str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = fields


def within(value: Fraction) -> Fraction:
    """Return a number; raise Unreadable if it is too large to be meant."""
    if abs(value) > LARGEST_TYPED:
        raise Unreadable("unreadable")
    return value


@dataclass(frozen=True)
class Notation:
    """How a language writes numbers.

    `words` are numbers as words, `minus` the words for a sign, `times` those for a product, `noise`
    words to ignore. `bounds` come before the end of a range, `either` between or after numbers of
    which one is right. With `decimal_comma`, "2,5" may be two and a half and "1.000" a thousand.
    """

    words: dict[str, int] = field(default_factory=dict)
    minus: tuple[str, ...] = ("minus",)
    times: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    decimal_comma: bool = False


PLAIN = Notation()
# Keyboards for Chinese and Japanese write the signs of ASCII 0xFEE0 further up.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_DASHES = dict.fromkeys(map(ord, "−–—‐‑"), "-")
_SIGNS = {"²": "^2", "³": "^3", "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "÷": "/", "⁻": "-"} | {
    "≥": ">=",
    "≤": "<=",
}
_ARROWS = re.compile(r"[→⇒➔]|[-=]+>")  # ->, =>, →
_STRONG = re.compile(r"\*\*(.+)\*\*")  # **3**
_POWER = re.compile(r"(?<=[\d)])\s*\*\*\s*(?=[\d(])")  # 2**3, (1 + 2)**3
_HYPHENS = re.compile(r"(?<=\d)-(?=[^\W\d_]+-\d)|(?<=[^\W\d_])-(?=[^\W\d_])")  # 3-by-3
# The second hyphen of 3-by-3: no look-behind is as long as a word.
_LAST_HYPHEN = re.compile(r"(\d [^\W\d_]+)-(?=\d)")
_DOTS = re.compile(r"(?<=\d)(?:\.{2,}|…)(?=\d)")  # 2..3, of cells
_DOTS_AT_END = re.compile(r"(?<=\d)(?:\.{2,}|…)$")  # 13.555...
_BATCH = re.compile(r"^([(\[]\s*)none\s*,")  # (None, 3, 3)
_ROUNDED = re.compile(r"\b(?:(?:math|np|numpy)\.)?(ceil|floor|int)\(([^()]*)\)")
_HALF_BRACKETS = {"ceil": "⌈⌉", "floor": "⌊⌋", "int": "⌊⌋"}
# > 14, 14 <, 15+; not >= 15, and not the brackets of <b>15</b>
_OPEN = re.compile(r"(?<![\w<>=/-])[<>]\s*-?\d|\d\s*[<>]\s*\w?\s*$|±|\+/-|\d\s*\+\s*$", re.ASCII)
_ANGLES = re.compile(r"^<([^<>]*)>$")  # <3, 3>
_SHAPE = re.compile(r"\d+(?:\s*[x×*·]\s*\d+)+")


def tidy(text: str) -> str:
    """Return a text in lower case with plain dashes and digits; raise Unreadable if it is long."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable("unreadable")
    signs = _FULL_WIDTH | str.maketrans(_SIGNS) | _DASHES
    # A size pasted from a notebook is torch.Size([3, 3]).
    plain = str(text).translate(signs).casefold().replace("torch.size", "").strip()
    plain = _STRONG.sub(r"\1", plain) if _STRONG.fullmatch(plain) else plain
    plain = _ROUNDED.sub(lambda call: call[2].join(_HALF_BRACKETS[call[1]]), plain)
    plain = _HYPHENS.sub(" ", _POWER.sub("^", _ARROWS.sub("→", plain)))
    plain = _LAST_HYPHEN.sub(r"\1 ", plain)
    plain = _DOTS_AT_END.sub("", _DOTS.sub("-", plain))
    return re.sub(r"(?<=\d)_(?=\d)", "", plain).strip()


def leaves_open(text: str, notation: Notation) -> bool:
    """Return whether a text is a range or several answers to choose from.

    >>> [leaves_open(text, PLAIN) for text in ("> 14", "15±1", "15+", ">= 15", "7 → 3")]
    [True, True, True, False, False]
    """
    plain = _ANGLES.sub(r"\1", tidy(text))
    bounds, either = ("|".join(map(re.escape, one)) for one in (notation.bounds, notation.either))
    before = rf"(?<!\w)(?<!\d\s)(?:{bounds})\s*\d"
    words = rf"{before}|\d\s+(?:{either})\b" if bounds else r"(?!)"
    return bool(_OPEN.search(plain) or re.search(words, plain))


def is_shape(text: str) -> bool:
    """Return whether a text is a size with a sign between its numbers: "15 × 15 × 3"."""
    return bool(_SHAPE.fullmatch(tidy(text)))


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
    text, labels = _with_plain_labels(_BATCH.sub(r"\1", tidy(text)), labels)
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
        yield from _calculated(without_words(product, notation.noise))
    elif _LEADING_ZERO.search(text):
        yield from _without_thousands(text, rf"[{separator}' ]", r".*")
    has_comma = (notation.decimal_comma and count > 0) or (decimals and count == 1)
    is_pair = _PAIR.search(text) or (may_be_one and _TWICE.fullmatch(text))
    if has_comma and not is_pair:
        yield _DECIMAL_COMMA.sub(r"\1.\2", text)
    if may_be_one and _TWICE.fullmatch(text):
        yield text.replace("/", " ")
    yield text
    if may_be_one and not _SHAPE.search(text):
        yield from _calculated(without_words(text, notation.noise))
    if count > 1 and not may_be_one and not re.search(r"/\s*0", text):
        yield text.replace("/", " ")
    if count > 1:
        yield from _without_thousands(text, rf"[{separator}']", r".*")
    else:
        yield re.sub(r"(?<=\d),0+(?!\d)", "", text)


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


# -eight
_SIGNED_WORD = re.compile(r"(^|[=(\[,;:\s])-(?=[^\W\d_])")
# 8*, 3 x, (2 +), *2: a sign without its number.
_TORN = re.compile(r"(?:[*/+^(⌊⌈]|\d\s*[x×·])\s*$|^\s*[*/^)]|[*/+^]\s*\)")


def _is_torn(text: str) -> bool:
    """Return whether a calculation or a bracket has no end: "8*("."""
    return bool(_TORN.search(text)) or any(
        text.count(left) != text.count(right) for left, right in ("()", "[]", "⌊⌋", "⌈⌉")
    )


# --- calculations --------------------------------------------------------------------------------


_CALCULATION = re.compile(r"[\d\s.+*/()x×·^⌊⌋⌈⌉-]+")
_OPERATION = re.compile(r"\s*(\d+(?:\.\d+)?|//|[-+*/()^⌊⌋⌈⌉])\s*")
_OPERATOR = re.compile(r"[x×·*/+(^⌊⌈=]")
_RATIO = re.compile(r"(\d+)\s*:\s*(\d+)")  # 1:2
_BRACKETS: dict[str, tuple[str, Callable[[Fraction], Fraction | int]]] = {
    "(": (")", lambda value: value),
    "⌊": ("⌋", floor),
    "⌈": ("⌉", ceil),
}


def _calculated(text: str) -> Iterator[Fraction]:
    """Yield the value of a product, quotient or sum; of an equation, that of its last side."""
    text = _RATIO.sub(r"\1/\2", text) if _RATIO.fullmatch(text) else text
    if not _OPERATOR.search(text):  # 3-6 may be a range
        return
    sides = text.split("=")
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
        if token in _BRACKETS:
            end, rounded = _BRACKETS[token]
            inner = Fraction(rounded(total()))
            if rest.pop() != end:
                raise ValueError
            return inner
        return within(Fraction(token))

    def power() -> Fraction:
        value = factor()
        if rest and rest[-1] == "^":
            rest.pop()
            exponent = factor()
            # Bounded before it is computed: 9^99999999 would not end.
            if exponent.denominator != 1 or not 0 <= exponent < 10:
                raise ValueError
            value **= int(exponent)
        return within(value)

    def product() -> Fraction:
        value = power()
        while rest and rest[-1] in ("*", "/", "//"):
            sign = rest.pop()
            value = value * power() if sign == "*" else value / power()
            value = Fraction(floor(value)) if sign == "//" else value
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
      | (?P<between>[→(){}\[\],;:=≈~<>|&"'`]|\.(?=\s|$)|(?<=\d)[?!])
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
    """Return a text and its labels where names with digits, such as pool1, are letters alone."""
    for name in (name for alike in labels for name in alike if _letters(name) != name):
        text = re.sub(rf"\b{re.escape(name)}\b", f" {_letters(name)} ", text)
    return text, [tuple(map(_letters, alike)) for alike in labels]


def _letters(name: str) -> str:
    """Return a name without digits: pool1 is "poolb"."""
    return "".join(chr(ord("a") + int(sign)) if sign.isdecimal() else sign for sign in name)
