"""The literals in the browser's scripts: what the tests of texts look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_BEFORE_A_PATTERN = set("(,=:[!&|?{};\n")
FIELD = "\0"  # in place of ${…}


class Literal(NamedTuple):
    """A string or template: the text, and what is before and after it on its line."""

    text: str
    before: str
    after: str


def literals(source: str) -> Iterator[Literal]:
    """All string and template literals of a script, also those inside of templates.

    Comments and patterns of regular expressions are no literals.

    >>> [one.text for one in literals("say('a', `b ${c('d')}`); // 'e'")]
    ['a', 'd', 'b \\x00']
    """
    yield from _Scan(source).literals(0, len(source))


class _Scan:
    def __init__(self, source: str) -> None:
        self.source = source

    def literals(self, start: int, end: int) -> Iterator[Literal]:
        at = start
        while at < end:
            sign = self.source[at]
            if self.source.startswith("//", at):
                at = self._after("\n", at)
            elif self.source.startswith("/*", at):
                at = self._after("*/", at)
            elif sign in "\"'":
                after = self._string_end(at, sign)
                yield self._literal(at, after, self.source[at + 1 : after - 1])
                at = after
            elif sign == "`":
                text, after, inner = self._template(at)
                for first, last in inner:
                    yield from self.literals(first, last)
                yield self._literal(at, after, text)
                at = after
            elif sign == "/" and self._is_pattern(at):
                at = self._pattern_end(at)
            else:
                at += 1

    def _literal(self, at: int, after: int, text: str) -> Literal:
        line = self.source.rfind("\n", 0, at) + 1
        return Literal(text, self.source[line:at], self.source[after:].partition("\n")[0])

    def _after(self, mark: str, at: int) -> int:
        found = self.source.find(mark, at)
        return len(self.source) if found < 0 else found + len(mark)

    def _string_end(self, at: int, quote: str) -> int:
        at += 1
        while self.source[at] != quote:
            at += 2 if self.source[at] == "\\" else 1
        return at + 1

    def _template(self, at: int) -> tuple[str, int, list[tuple[int, int]]]:
        """Its text, the place after it, and where code is in it."""
        text, inner = "", []
        at += 1
        while self.source[at] != "`":
            if self.source.startswith("${", at):
                end = self._brace_end(at + 2)
                inner.append((at + 2, end))
                text, at = text + FIELD, end + 1
            else:
                text, at = text + self.source[at], at + 1
        return text, at + 1, inner

    def _brace_end(self, at: int) -> int:
        depth = 0
        while depth or self.source[at] != "}":
            sign = self.source[at]
            if sign in "\"'":
                at = self._string_end(at, sign)
            elif sign == "`":
                at = self._template(at)[1]
            else:
                depth += (sign == "{") - (sign == "}")
                at += 1
        return at

    def _is_pattern(self, at: int) -> bool:
        before = self.source[:at].rstrip(" ")
        return (
            not before or before[-1] in _BEFORE_A_PATTERN or bool(re.search(r"\breturn$", before))
        )

    def _pattern_end(self, at: int) -> int:
        in_class = False
        at += 1
        while in_class or self.source[at] != "/":
            sign = self.source[at]
            in_class = (in_class or sign == "[") and sign != "]"
            at += 2 if sign == "\\" else 1
        return at + 1
