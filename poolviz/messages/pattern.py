"""Patterns of messages, searched in time that is linear in the length of a text.

A message may stand alone, inside a traceback, or in a log of many megabytes. A text is cut into
words once, however many patterns there are; only those are tried of which it has the rarest word.
Each names further words that such a message always holds. Those are searched with `in`, and only
where they are found the regular expression runs. Every repetition in a pattern is bounded, so no
text makes it slow.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from poolviz.messages.message import Reading, Sizes
from poolviz.messages.snippets import Snippets

MOST_PLACES = 64  # places tried per kind of message: the last ones
LONGEST_MESSAGE = 2_000  # characters that are kept of a match

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # tabs and line breaks stay

# A blank in a message is any white space where it was pasted: a terminal breaks lines, a boxed
# traceback draws "│" beside them, and a string literal spells "\n".
_BLANK = r"[\s>|]"
_GAP = rf"(?:{_BLANK}{{1,80}})"
_NO_GAP = rf"(?:{_BLANK}{{0,80}})"  # a blank that may be missing
_INT = r"-?[0-9]{1,15}(?![0-9])"  # not the first 15 digits of a longer number
_SIZE = r"(?:-?[0-9]{1,15}L?|\?|None|null)(?![0-9]|\.[0-9])"  # 7L is how Python 2 wrote a long
_BETWEEN = r"(?:\s{0,4}\\?[x*,]\s{0,4}|\s{1,12})"
_SHAPE = rf"\s{{0,12}}{_SIZE}(?:{_BETWEEN}{_SIZE}){{0,7}},?\s{{0,4}}"
CUT = r"(?:…|\.\.\.)"  # what a tool left out of a long line
_FIELDS = {"int": _INT, "shape": _SHAPE}
_FIELD = re.compile(r"<(\w+):(\w+)>")  # <size:int>
_NO_DIGITS = str.maketrans("", "", "0123456789")
_IS_WORDED = re.compile(r"[\s0-9]")  # without numbers and blanks a text may be a name
_ONE_SIZE = re.compile(r"-?[0-9]{1,15}|\?|None|null", re.I)


@lru_cache(maxsize=2048)
def form(wording: str, is_loose: bool = False) -> re.Pattern[str]:
    """Compile the wording of a message: a blank is any white space, `<name:kind>` a field.

    Kinds are "int" and "shape" (sizes with any separator). The rest is a regular expression
    whose repetitions must be bounded. A loose one ignores case and missing blanks.

    >>> form(r"from <size:int> to \\(<after:shape>\\)").search("from 7 to (1 x -3)")["after"]
    '1 x -3'
    """
    source = wording.replace(" ", _NO_GAP if is_loose else _GAP)
    source = _FIELD.sub(lambda field: f"(?P<{field[1]}>{_FIELDS[field[2]]})", source)
    return re.compile(source, re.I if is_loose else 0)


_PART = re.compile(
    r"<\w+:\w+>|\\([^\w\s])|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|([?*+]|\{[0-9,]+\})|[()|. ^$]"
    r"|([^\\<\[?*+{()|. ^$]+)|(.)",
    re.S,
)


@lru_cache(maxsize=2048)
def anchors(wording: str) -> tuple[str, ...]:
    """Return the strings without blanks that every text of a wording contains, longest first.

    They are found in a fraction of the time that compiling the wording takes.

    >>> anchors(r"Input sizes? must be (?:at least )?<least:shape>\\(got")
    ('Input', '(got', 'must', 'size', 'be')
    """
    found, depth = [""], 0
    for part in _PART.finditer(wording):
        escaped, repeated, literal, other = part.groups()
        # Alternatives have no part in common.
        if part[0] == "|" and depth == 0:
            return ()
        depth += (part[0] == "(") - (part[0] == ")")
        if repeated and depth == 0:  # of the last character, which may be missing
            found[-1:] = [found[-1][:-1], ""]
        elif (text := escaped or literal or other) and depth == 0:
            found[-1] += text
        else:
            found.append("")
    return tuple(sorted({*found} - {""}, key=lambda text: (-len(text), text)))


_ONE_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_GROUP = re.compile(r"\([^()]*\)")
# Without digits, which an outline has not.
_WHOLE_WORD = re.compile(r"(?<= )[a-zA-Z_]+[:,]?(?= (?![?*+{]))")


def _whole_words(wording: str) -> set[str]:
    """Return the words that have a blank on either side in every text of a wording.

    >>> sorted(_whole_words(r"Input sizes? must be (?:at least )?<least:shape> in 2D or \\(got"))
    ['be', 'in', 'must', 'or']
    """
    plain, groups = _ONE_SIGN.sub("\0", wording), 1
    while groups:
        plain, groups = _GROUP.subn("\0", plain)
    return set() if "|" in plain else {*_WHOLE_WORD.findall(plain)}


def _words_of(text: str) -> set[str]:
    """Return what is between blanks, whatever `form` takes for one."""
    return {*text.replace(">", " ").replace("|", " ").split()}


def sizes_in(text: str | None) -> Sizes:
    """Parse the sizes of a shape; None where the shape leaves one open.

    >>> sizes_in("?, 2,112 x 96"), sizes_in("(1L, 5L)")
    ((None, 2, 112, 96), (1, 5))
    """
    found = _ONE_SIZE.findall(text or "")
    return tuple(whole(size) if size[-1].isdigit() else None for size in found)


def whole(digits: str) -> int:
    """Parse a number."""
    return int(digits)


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
    near: tuple[str, ...] = ()  # one of these is in every such message, too
    unless: str = ""  # a text with this is one that another pattern reads

    def places(self, text: str) -> Iterable[Found]:
        """Return the last matches in `text`, the first of them first."""
        return _last(text, form(self.wording))

    def may_be_in(self, text: str) -> bool:
        """Return False where a part of the wording is missing, which is quick to see.

        Compiling the wording takes about a millisecond, more than an unrelated error may cost.
        """
        if not any(word in text for word in self.words):
            return False
        if self.near and not any(word in text for word in self.near):
            return False
        if self.unless and self.unless in text:
            return False
        return all(part in text for part in anchors(self.wording))

    def is_in(self, text: str) -> bool:
        """Return whether the text contains the wording, read or not."""
        return self.may_be_in(text) and form(self.wording).search(text) is not None

    def may_be_squeezed_in(self, short: str) -> bool:
        """Return False where a part is missing in a text that `squeezed` returned."""
        return all(part.lower() in short for part in anchors(self.wording))

    def loose_places(self, text: str) -> Iterable[Found]:
        """Return matches whatever the case and the blanks."""
        found = _last(text, form(self.wording, is_loose=True))
        return (one for one in found if _IS_WORDED.search(one.match[0].strip()))


def _last(text: str, pattern: re.Pattern[str]) -> Iterable[Found]:
    # A log ends with the failure in question.
    matches = deque(pattern.finditer(text), maxlen=MOST_PLACES)
    return (Found(text, match) for match in matches)


class PatternSet:
    """Patterns by a rare word of each, so that the words of a text choose those to try."""

    def __init__(self, patterns: Sequence[MessagePattern]) -> None:
        self._patterns = tuple(patterns)
        self._by_word: dict[str, list[int]] = {}
        self._wordless: list[tuple[str, int]] = []
        whole = [_whole_words(pattern.wording) for pattern in patterns]
        uses = Counter(word for words in whole for word in words)
        for place, words in enumerate(whole):
            if words:
                rarest = min(words, key=lambda word: (uses[word], -len(word), word))
                self._by_word.setdefault(rarest, []).append(place)
            else:
                for word in patterns[place].words:  # as far as an outline has it
                    self._wordless.append((max(re.split("[0-9]", word), key=len), place))

        parts: dict[tuple[str, ...], list[int]] = {}
        for place, pattern in enumerate(patterns):
            for word in pattern.words:
                parts.setdefault(tuple(word.lower().split()), []).append(place)
        self._parts = [(first, rest, places) for (first, *rest), places in parts.items()]

    def named_in(self, text: str) -> Iterable[MessagePattern]:
        """Return the patterns that may be in a text, or in the text of an outline."""
        words = self._by_word.keys() & _words_of(text)
        found = {place for word in words for place in self._by_word[word]}
        found.update(place for part, place in self._wordless if part in text)
        return (self._patterns[place] for place in sorted(found))

    def squeezed_in(self, short: str) -> Iterable[MessagePattern]:
        """Return the patterns that may be in a text, broken and changed; it was `squeezed`."""
        found = {
            place
            for first, rest, places in self._parts
            if first in short and all(part in short for part in rest)
            for place in places
        }
        named = (self._patterns[place] for place in sorted(found))
        return (one for one in named if one.may_be_squeezed_in(short))


def without_digits(text: str) -> str:
    """Return a text without its digits."""
    return text.translate(_NO_DIGITS)


def outline_of(text: str) -> str:
    """Return the different lines of a text without digits: short for a log that repeats itself.

    >>> sorted(outline_of("step 1\\nstep 22\\nkernel 3x3").split("\\n"))
    ['kernel x', 'step ']
    """
    return "\n".join(set(without_digits(text).split("\n")))


def squeezed(text: str) -> str:
    """Return a text in lower case and without blanks.

    >>> squeezed("Output size is\\ntoo small")
    'outputsizeistoosmall'
    """
    return "".join(text.lower().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Message patterns of one framework, by what they report.

    `failures`: a layer that fails on its input, with numbers. `downstream`: what fails behind it,
    because a size has changed. `arguments`: an argument that is not accepted. `vague`: a failure
    that is named without a number; it could be a line of source code in a traceback.

    `padding_help`: the text that says which padding is allowed, for a kernel whose size is known.
    `code`: the lines that advice offers; `code_first`: those for channels first, where the
    framework takes both orders of axes.
    """

    failures: tuple[MessagePattern, ...] = ()
    downstream: tuple[MessagePattern, ...] = ()
    arguments: tuple[MessagePattern, ...] = ()
    vague: tuple[MessagePattern, ...] = ()
    padding_help: str = "reading.fix.less_padding"
    code: Snippets = field(default_factory=Snippets)
    code_first: Snippets | None = None

    def code_for(self, data_format: str | None) -> Snippets:
        """Return the lines of code for an order of axes."""
        return self.code_first if data_format == "channels_first" and self.code_first else self.code


GROUPS = ("failures", "downstream", "arguments", "vague")


def in_order(every: Sequence[Messages], group: str) -> tuple[MessagePattern, ...]:
    """Return the patterns of a group in all frameworks."""
    return tuple(pattern for messages in every for pattern in getattr(messages, group))
