"""Answers that are cells of a strip or of a grid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import ClassVar

from poolviz.exercises.answers.catalogue import Catalogue
from poolviz.exercises.answers.forms import SetForm
from poolviz.exercises.answers.notation import Unreadable, plain_words, tidy
from poolviz.exercises.answers.values import entries, is_nothing, numbers_of, one_number

CellSet = frozenset[tuple[int, ...]]


@dataclass(frozen=True)
class Cells(SetForm[tuple[int, ...]]):
    """Cells of a strip, or (row, column) pairs of a grid; indices start at 0."""

    name: ClassVar[str] = "cells"
    sizes: tuple[int, ...]

    def read(self, answer: object, texts: Catalogue) -> CellSet:
        if is_nothing(answer):
            raise Unreadable("empty")
        plain = entries(answer)
        if isinstance(plain, str):
            return self._from_text(plain, texts)
        listed = plain if isinstance(plain, list) else [plain]
        if listed and all(isinstance(one, str) for one in listed):  # ["01", "(2, 3)"]
            return self._from_text("; ".join(map(str, listed)), texts)
        # Two arrays, as np.nonzero returns them; two lists of two are two cells.
        if len(listed) == len(self.sizes) == 2 and len(parts := list(map(entries, listed))) == 2:
            rows, columns = (one if isinstance(one, list) else [] for one in parts)
            if len(rows) == len(columns) != 2:
                listed = list(zip(rows, columns, strict=True))
        return frozenset(self._cell(cell) for cell in listed)

    def _from_text(self, text: str, texts: Catalogue) -> CellSet:
        if plain_words(text) in ("", *texts.word_list("answer.none"), texts.word("none")):
            return frozenset()
        to = "|".join(map(re.escape, texts.word_list("answer.range")))
        text = re.sub(rf"(?<=\d)\s+(?:{to})\s+(?=\d)", " - ", tidy(text)).replace("+", " ")
        if len(self.sizes) == 2:
            return self._pairs(text, texts)
        if _SLICE.search(text):
            raise Unreadable("unreadable")
        text = _RANGE.sub(_spelled_out, _ARRAY.sub("", text))
        return cells(map(self._whole, numbers_of(text, texts.notation)))

    def _pairs(self, text: str, texts: Catalogue) -> CellSet:
        """Return the cells of a grid: pairs of indices, or whole rows and columns."""
        named = [texts.word_list("answer.rows"), texts.word_list("answer.columns")]
        text = _with_names(text, named)
        words = re.findall(r"[^\W\d_]+|\d+", text)
        axes = [axis for word in words for axis, alike in enumerate(named) if word in alike]
        if len(set(axes)) == 1 and not _LINE_OF_CELLS.search(text):
            return self._whole_lines(text, axes[0], texts)
        text = _apart(text, self.sizes)
        numbers = [self._whole(number) for number in numbers_of(text, texts.notation)]
        # Names at the start are a heading: "row, column: (0, 1), (2, 3)".
        if axes and not any(word.isdecimal() for word in words[: len(axes)]):
            axes = axes[:2] * (len(numbers) // 2)
        if axes and len(axes) != len(numbers):
            raise Unreadable("pairs")
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        if _TWO_LISTS.search(text):  # as np.nonzero returns them
            half = len(numbers) // 2
            pairs = list(zip(numbers[:half], numbers[half:], strict=False))
        order = set(zip(axes[::2], axes[1::2], strict=False)) or {(0, 1)}
        if len(numbers) % 2 or order not in ({(0, 1)}, {(1, 0)}):
            raise Unreadable("pairs")
        return frozenset(pairs if order == {(0, 1)} else ((row, column) for column, row in pairs))

    def _whole_lines(self, text: str, axis: int, texts: Catalogue) -> CellSet:
        """Return all cells of some rows, or of some columns."""
        given = numbers_of(_RANGE.sub(_spelled_out, text), texts.notation)
        lines = {self._whole(number) for number in given}
        if not lines or not all(0 <= line < self.sizes[axis] for line in lines):
            raise Unreadable("pairs")
        return frozenset(cell for cell in self.places() if cell[axis] in lines)

    def _cell(self, cell: object) -> tuple[int, ...]:
        plain = entries(cell)
        numbers = plain if isinstance(plain, list) else list(numbers_of(plain))
        if len(numbers) != len(self.sizes):
            raise Unreadable("pairs" if len(self.sizes) > 1 else "unreadable")
        return tuple(self._whole(one_number(number)) for number in numbers)

    def _whole(self, number: Fraction) -> int:
        if number.denominator != 1:
            raise Unreadable("unreadable")
        return int(number)

    def places(self) -> Iterator[tuple[int, ...]]:
        """Yield all cells, row by row."""
        return product(*map(range, self.sizes))

    @property
    def total(self) -> int:
        return prod(self.sizes)

    def wanted(self, texts: Catalogue) -> str:
        return texts.say("form.cells" if len(self.sizes) == 1 else "form.pairs")

    def plain(self, value: CellSet, texts: Catalogue) -> object:
        return tuple(cell[0] if len(cell) == 1 else cell for cell in sorted(value))

    def shown(self, value: CellSet, texts: Catalogue) -> str:
        if not value:
            return texts.word("none")
        return ", ".join(
            str(cell[0]) if len(cell) == 1 else f"({cell[0]}, {cell[1]})" for cell in sorted(value)
        )


_RANGE = re.compile(r"(\d+)\s*-\s*(\d+)")  # 3-6, cells 3 to 6
_ARRAY = re.compile(r"(?<!\w)[^\W\d_]_?(?=[\[({\d])")  # x[3], a_{0,1}
_TOGETHER = re.compile(r"(?<![\w.])(\d)[-.:|]?(\d)(?![\w/:|-]|\.\d)")  # 01, 0-1, 0:1
# [0, 1, 1], [2, 0, 3]
_TWO_LISTS = re.compile(r"^[\s(\[]*\d+(?:,\s*\d+){2,}[\s)\]]+,[\s(\[]+\d+(?:,\s*\d+){2,}[\s)\]]+$")
_SLICE = re.compile(r"\d\s*:\s*\d")  # with or without its end?
_LINE_OF_CELLS = re.compile(r"\(|\d\s*:")  # row 2: 0, 1


def _with_names(text: str, named: Sequence[Sequence[str]]) -> str:
    """Return a text with "row 0 column 1" for r0c1."""
    for (one, *_), (other, *_) in (named, named[::-1]):
        text = re.sub(
            rf"(?<!\w){one[0]}(\d+),?\s*{other[0]}(\d+)(?!\w)", rf"{one} \1 {other} \2", text
        )
    return text


def _apart(text: str, sizes: Sequence[int]) -> str:
    """Return a text where the two indices of a cell are apart: "01 2-3" is "(0, 1) (2, 3)"."""
    text = _ARRAY.sub("", text)
    is_apart = max(sizes) > 10 or re.search(r"\d", _TOGETHER.sub("", text))
    return text if is_apart else _TOGETHER.sub(r"(\1, \2)", text)


def _spelled_out(match: re.Match[str]) -> str:
    first, last = int(match[1]), int(match[2])
    # A range such as 0-999999999 would fill the memory.
    if last - first > 1000:
        raise Unreadable("unreadable")
    return ", ".join(str(i) for i in range(first, last + 1))


def cells(places: Iterable[int]) -> CellSet:
    """Return cells of a strip as a value of `Cells`."""
    return frozenset((place,) for place in places)
