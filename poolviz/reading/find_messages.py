"""All messages in a text, and the last of them; errors of one chain are one failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from poolviz.dialects.common.dialect import outermost_first
from poolviz.messages.legacy import messages as legacy
from poolviz.messages.message import MessageKind, Reading
from poolviz.messages.pasted import has_prefixes, joined_lines, without_prefixes
from poolviz.messages.pattern import (
    Found,
    MessagePattern,
    PatternSet,
    form,
    in_order,
    outline_of,
    squeezed,
)

_EVERY = [*(each.messages for each in outermost_first()), *legacy.MESSAGES]
_WITH_NUMBERS = PatternSet(
    [
        pattern
        for group in ("failures", "downstream", "arguments")
        for pattern in in_order(_EVERY, group)
    ]
)
_VAGUE = PatternSet(in_order(_EVERY, "vague"))  # could be a line of source code in a traceback
MOST_LOOSE = 50_000  # characters, the last ones, in which a changed message is searched

# Python's words between chained errors; the last is TensorFlow's, which lists an error again.
_CHAINED = re.compile(
    r"During handling of the above exception|The above exception was the direct cause"
    r"|root error\(s\) found"
)
_CODE = re.compile(r"\{[A-Za-z_][\w.]{0,59}(?:\[[^\]\n]{0,20}\])?(?:![rs])?\}|%[sd]")  # an f-string
# What precedes a message where source code raises it.
_RAISED = re.compile(r"(?:Argument|Error|Exception|CHECK\w{0,20}|Precondition)\(\s{0,60}f?[\"']$")


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A message in a text: its place and what was read."""

    start: int
    end: int
    reading: Reading
    message: str


def last_in(text: str) -> tuple[TextPlace, int, str] | None:
    """Return the last failure that a cleaned text contains, and how many others there are.

    The third is the text of which it is a place: without prefixes, if the lines have some.
    """
    places: list[TextPlace] = []
    if len(text) <= MOST_LOOSE and has_prefixes(text):
        bare = without_prefixes(text)
        places = _strictly(bare)
        text = bare if places else text
    places = places or _strictly(text)
    if not places:
        text, places = _loosely(text[-MOST_LOOSE:])
    if not places:
        return None
    failures = _failures(text, places)
    last = failures[-1]
    # A guess, and a text without numbers, count only where the same failure has nothing better.
    sure = [one for one in last if one.reading.certainty != "guess"]
    told = [one for one in sure if _has_numbers(one.reading)]
    return (told or sure or last)[-1], len(failures) - 1, text


def prepare() -> None:
    """Compile what fails behind a layer: sums, views and losses, as other programs have them, too.

    `watch` does so once, so that an unrelated error does not wait for it.
    """
    for pattern in in_order(_EVERY, "downstream"):
        form(pattern.wording)


def _has_numbers(reading: Reading) -> bool:
    return any((reading.axes, reading.expected, reading.got, reading.shapes))


def _strictly(text: str) -> list[TextPlace]:
    outline = outline_of(text) if len(text) > MOST_LOOSE else None
    return _all_in(text, _WITH_NUMBERS, outline) or _all_in(text, _VAGUE, outline)


def _loosely(text: str) -> tuple[str, list[TextPlace]]:
    """Return the messages of a text that was changed on its way, and what they are places of."""
    short = squeezed(text)
    if not any(_WITH_NUMBERS.squeezed_in(short)):
        return text, []
    lines = text.replace("\\n", "\n")  # as a string literal has them
    bare = without_prefixes(lines)
    for changed in dict.fromkeys((lines, bare, joined_lines(bare))):
        if changed != text and (places := _all_in(changed, _WITH_NUMBERS)):
            return changed, places
    return text, _all_in(text, _WITH_NUMBERS, short=short)


def _all_in(
    text: str,
    patterns: PatternSet,
    outline: str | None = None,
    short: str | None = None,
) -> list[TextPlace]:
    """Return the messages by place; where two wordings match, the earlier pattern's."""
    places: list[TextPlace] = []
    for pattern in _named(text, patterns, outline, short):
        matches = pattern.places(text) if short is None else pattern.loose_places(text)
        places += [*_read(pattern, [one for one in matches if not _overlaps(one, places)])]
    return sorted(places, key=lambda one: one.end)


def _named(
    text: str, patterns: PatternSet, outline: str | None, short: str | None
) -> Iterator[MessagePattern]:
    """Return the patterns that are worth a search: all parts of their wording are in the text."""
    if short is not None:
        named = patterns.squeezed_in(short)
        return (pattern for pattern in named if not pattern.is_in(text))  # it was refused
    named = patterns.named_in(outline or text)
    return (pattern for pattern in named if pattern.may_be_in(text))


def _read(pattern: MessagePattern, matches: Iterable[Found]) -> Iterator[TextPlace]:
    for found in matches:
        reading = pattern.read(found)
        if reading is None:
            continue
        if reading.kind is MessageKind.ARGUMENT and _CODE.search(found.match[0]):
            continue  # a line of the framework's source
        if not _has_numbers(reading) and _RAISED.search(found.before(80)):
            continue
        yield TextPlace(found.match.start(), found.match.end(), reading, found.message)


def _overlaps(one: Found, places: list[TextPlace]) -> bool:
    start, end = one.match.span()
    return any(start < other.end and other.start < end for other in places)


def _failures(text: str, places: list[TextPlace]) -> list[list[TextPlace]]:
    """Group messages about one failure: chained exceptions, and repetitions."""
    groups: list[list[TextPlace]] = []
    for one in places:
        same = [group for group in groups if any(_is_repeated(one, other) for other in group)]
        if same:
            # The last failure is the one that is read, so a repeated one moves to the end.
            groups.remove(same[0])
            groups.append([*same[0], one])
        elif groups and _CHAINED.search(text, groups[-1][-1].end, one.start):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _is_repeated(one: TextPlace, other: TextPlace) -> bool:
    if squeezed(one.message) == squeezed(other.message):
        return True
    first, second = one.reading, other.reading
    numbers = (first.expected, first.got, first.axes)
    is_alike = (first.framework, first.kind) == (second.framework, second.kind)
    return is_alike and any(numbers) and numbers == (second.expected, second.got, second.axes)
