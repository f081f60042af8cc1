"""Pasted texts: cleaned, and searched in time that is linear in their length.

A message may stand alone, inside a traceback, or in a log of many megabytes. Each pattern of a
message names words that such a message always holds. Those are searched with `in`; only where
they are found the regular expression runs. Every repetition in a pattern is bounded, so no
text makes it slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import islice

from poolviz.dialects.common.message import Reading, Sizes
from poolviz.i18n.sanitize import writable

MOST_PLACES = 64  # places tried per kind of message
LONGEST_MESSAGE = 2_000

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[ -/]{0,2}[0-~])?"
)
_QUOTED_LINE = re.compile(r"(?m)^[ \t]{0,8}(?:[>|│][ \t]?){1,4}")
_QUOTE_MARKS = ("\n>", "\n│", "\n|")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INVISIBLE = ("\x00", "\u200b", "\ufeff")
_HTML_QUOTES = ("&#", "&quot;", "&gt;")

# A blank in a message is any white space where it was pasted: a terminal breaks lines, a boxed
# traceback draws "│" beside them, and a string literal spells "\n".
_GAP = r"(?:(?:[\s>|│]|\\[nrt]){1,80})"
_INT = r"[-−]?[0-9]{1,15}(?![0-9])"  # not the first 15 digits of a longer number
_SIZE = r"(?:[-−]?[0-9]{1,15}L?|\?|None)(?![0-9.])"  # 7L is how Python 2 wrote a long
_BETWEEN = r"(?:\s{0,4}\\?[x×✕*,]\s{0,4}|\s{1,12})"
_SHAPE = rf"\s{{0,12}}{_SIZE}(?:{_BETWEEN}{_SIZE}){{0,7}},?\s{{0,4}}"
_FIELDS = {"int": _INT, "shape": _SHAPE}
_FIELD = re.compile(r"<(\w+):(\w+)>")
_ONE_SIZE = re.compile(r"[-−]?[0-9]{1,15}|\?|None")


def cleaned(text: str) -> str:
    """Remove terminal colours, null bytes, quote marks and HTML escapes from `text`."""
    text = writable(text)
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    for character in _INVISIBLE:
        text = text.replace(character, "")
    if any(mark in text for mark in _HTML_QUOTES):
        text = unescape(text)  # before the quote marks, which may be written "&gt;"
    if any(mark in text for mark in _QUOTE_MARKS):
        text = _QUOTED_LINE.sub("", text)
    return text


@lru_cache(maxsize=512)
def form(wording: str) -> re.Pattern[str]:
    """Compile the wording of a message: a blank is any white space, `<name:kind>` a field.

    Kinds are "int" and "shape" (sizes with any separator). The rest is a regular expression
    whose repetitions must be bounded.

    >>> form(r"from <size:int> to \\(<after:shape>\\)").search("from 7 to (1 x -3)")["after"]
    '1 x -3'
    """
    source = wording.replace(" ", _GAP)
    source = _FIELD.sub(lambda field: f"(?P<{field[1]}>{_FIELDS[field[2]]})", source)
    return re.compile(source)


def sizes_in(text: str | None) -> Sizes:
    """Parse the sizes of a shape; None where the shape leaves one open.

    >>> sizes_in("?, 2,112 x 96"), sizes_in("(1L, 5L)")
    ((None, 2, 112, 96), (1, 5))
    """
    found = _ONE_SIZE.findall(text or "")
    return tuple(None if size in ("?", "None") else whole(size) for size in found)


def whole(digits: str) -> int:
    """Parse a number; a typeset minus sign is accepted.

    >>> whole("−4")
    -4
    """
    return int(digits.replace("−", "-"))


@dataclass(frozen=True, slots=True)
class Found:
    """A match of a pattern in a text."""

    text: str
    match: re.Match[str]

    def __getitem__(self, field: str) -> str:
        return self.match[field] or ""

    def number(self, field: str) -> int:
        """Return the field as a whole number."""
        return whole(self.match[field])

    def optional(self, field: str) -> int | None:
        """Return the field as a whole number, None where the text or the wording leaves it out."""
        digits = self.match.groupdict().get(field)
        return whole(digits) if digits else None

    def sizes(self, field: str) -> Sizes:
        """Return the field as sizes."""
        return sizes_in(self.match[field])

    def before(self, most: int = 3_000) -> str:
        """Text before the match."""
        return self.text[max(0, self.match.start() - most) : self.match.start()]

    def after(self, most: int = 3_000) -> str:
        """Text after the match."""
        return self.text[self.match.end() : self.match.end() + most]

    @property
    def message(self) -> str:
        """Matched text, without control characters and of limited length."""
        return _CONTROLS.sub("", self.match[0][:LONGEST_MESSAGE]).strip()


@dataclass(frozen=True, slots=True)
class MessagePattern:
    """One kind of message: words that it always contains, its wording, and how it is read."""

    words: tuple[str, ...]  # one of them is in every such message
    wording: str  # see `form`; compiled on first use, which takes milliseconds
    read: Callable[[Found], Reading | None]

    def places(self, text: str) -> Iterator[Found]:
        """Yield the first matches in `text`."""
        if any(word in text for word in self.words):
            for match in islice(form(self.wording).finditer(text), MOST_PLACES):
                yield Found(text, match)


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Message patterns of one framework, by what they report.

    `failures`: a layer that fails on its input, with numbers. `downstream`: what fails behind it,
    because a size has changed. `arguments`: an argument that is not accepted. `vague`: a failure
    that is named without a number; it could be a line of source code in a traceback.

    `padding_help`: the text that says which padding is allowed, for a kernel whose size is known.
    """

    failures: tuple[MessagePattern, ...] = ()
    downstream: tuple[MessagePattern, ...] = ()
    arguments: tuple[MessagePattern, ...] = ()
    vague: tuple[MessagePattern, ...] = ()
    padding_help: str = "reading.help.padding"


def in_order(every: Sequence[Messages]) -> tuple[MessagePattern, ...]:
    """Return all patterns, the most informative first.

    Texts with numbers come before texts that only name a failure, so that a line of a framework's
    source in a traceback does not hide the message below it.
    """
    return tuple(
        pattern
        for group in ("failures", "downstream", "arguments", "vague")
        for messages in every
        for pattern in getattr(messages, group)
    )
