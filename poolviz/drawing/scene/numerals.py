"""Values as text, and whether the text fits into a cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import SupportsFloat

from poolviz.arithmetic.values import Array
from poolviz.drawing.scene.layout import Plane
from poolviz.i18n.catalogue import say

LARGEST, SMALLEST = 14.0, 7.5  # font sizes in picture units
FILL = 0.85  # how much of a cell's width a number may take

# Advance widths of DejaVu Sans in em; the tests compare them with the font itself.
_ADVANCES = dict.fromkeys("., ", 0.318) | dict.fromkeys("+−×", 0.838)
_ADVANCES |= {"-": 0.361, "∞": 0.833, "a": 0.613, "e": 0.615, "n": 0.634}
_DIGIT = 0.636  # all digits are equally wide


@dataclass(frozen=True, slots=True)
class NumberText:
    """The texts of a grid of values, row by row, and their common font size."""

    texts: tuple[tuple[str, ...], ...]
    size: float


def format_value(value: SupportsFloat) -> str:
    """Return a value in about five characters, in Python's notation.

    >>> [format_value(v) for v in (7, -3.25, 1 / 3, float("-inf"), float("nan"), 1e9)]
    ['7', '-3.25', '0.333', '-∞', 'nan', '1e9']
    """
    number = float(value)
    if math.isnan(number):
        return "nan"
    if math.isinf(number):
        return "∞" if number > 0 else "-∞"
    if number == int(number) and abs(number) < 1e5:
        return str(int(number))
    if abs(number) >= 1e5 or abs(number) < 1e-3:
        mantissa, _, exponent = f"{number:.2g}".partition("e")
        return f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return f"{number:.3g}"


def value_text(value: SupportsFloat) -> str:
    """Return a value with the decimal separator of the language."""
    return format_value(value).replace(".", say("word.point"))


def value_texts(data: Array) -> tuple[tuple[str, ...], ...]:
    """Return a grid of values as `value_text` writes them."""
    point = say("word.point")
    rows = tuple(tuple(format_value(value) for value in row) for row in data)
    if point == ".":
        return rows
    return tuple(tuple(text.replace(".", point) for text in row) for row in rows)


def text_width(text: str) -> float:
    """Return the width of a text in em."""
    return sum(_ADVANCES.get(character, _DIGIT) for character in text)


def fit_numbers(plane: Plane, data: Array) -> NumberText | None:
    """Return the values as text; None if they would be too small to read."""
    room = min(plane.cell_width * FILL, plane.cell_height * 1.6)
    if room < SMALLEST * _DIGIT or plane.cell_height < SMALLEST * 1.1:
        return None
    texts = value_texts(data)
    widest = max((text_width(text) for row in texts for text in row), default=_DIGIT)
    size = min(LARGEST, plane.cell_height * 0.5, plane.cell_width * FILL / widest)
    return NumberText(texts, size) if size >= SMALLEST else None
