"""How numbers are written in a text: words, signs between them, decimal commas and products."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

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
# torch.Size([3, 3]), np.int64(3) and array([[0, 1]]), pasted from a notebook
_CALL = re.compile(
    r"(?<!\w)(?:(?:torch|np|numpy|tf)\.)?(?:size|tensorshape|tensor|array|int\d+|float\d+)(?=\s*\()"
)
# floor((7 - 2) / 2): each name becomes a sign before the brackets (`formula.py`).
_ROUNDED = re.compile(r"\b(?:(?:math|np|numpy|torch)\.)?(ceil|floor|int)(?=\()")
ROUNDING_SIGNS = {"ceil": "↑", "floor": "↓", "int": "↧"}
_LATEX = {"lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "times": "×", "cdot": "·"}
_LATEX_MARK = re.compile(r"\\[()\[\],]|\$|\\(?:left|right|displaystyle)\b")  # $15$, \(15\)
# > 14, 14 <, 15+; not >= 15, and not the brackets of <b>15</b>
_OPEN = re.compile(r"(?<![\w<>=/-])[<>]\s*-?\d|\d\s*[<>]\s*\w?\s*$|±|\+/-|\d\s*\+\s*$", re.ASCII)
_ANGLES = re.compile(r"^<([^<>]*)>$")  # <3, 3>
SHAPE = re.compile(r"\d+(?:\s*[x×*·]\s*\d+)+")


def tidy(text: str) -> str:
    """Return a text in lower case with plain dashes and digits; raise Unreadable if it is long."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable("unreadable")
    signs = _FULL_WIDTH | str.maketrans(_SIGNS) | _DASHES
    plain = _LATEX_MARK.sub("", str(text).translate(signs).casefold())
    for name, sign in _LATEX.items():
        plain = plain.replace(f"\\{name}", sign)
    plain = _CALL.sub("", plain).strip()
    plain = _STRONG.sub(r"\1", plain) if _STRONG.fullmatch(plain) else plain
    plain = _ROUNDED.sub(lambda call: ROUNDING_SIGNS[call[1]], plain)
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
    number = "|".join((r"\d", *(rf"{re.escape(word)}\b" for word in notation.words)))
    before = rf"(?<!\w)(?<!\d\s)(?:{bounds})\s*(?:{number})"
    words = rf"{before}|(?:{number})\s+(?:{either})\b" if bounds else r"(?!)"
    return bool(_OPEN.search(plain) or re.search(words, plain))


def is_shape(text: str) -> bool:
    """Return whether a text is a size with a sign between its numbers: "15 × 15 × 3"."""
    return bool(SHAPE.fullmatch(tidy(text)))


def plain_words(text: str) -> str:
    """Return a text without punctuation: its words with one space between them."""
    return re.sub(r"[\s\"'`(){}\[\],.:;!?_-]+", " ", tidy(text)).strip()


def without_words(text: str, words: Sequence[str]) -> str:
    """Return a text without some of its words."""
    return re.sub(r"\b[^\W\d_]+\b", lambda word: "" if word[0] in words else word[0], text)
