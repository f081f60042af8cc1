"""Colours of cells and symbols of padding cells.

Shared by the two painters, matplotlib and the JavaScript of saved pages, so that both agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from poolviz.drawing.scene.layout import Plane, Rect
from poolviz.drawing.scene.numerals import FILL, text_width
from poolviz.drawing.scene.picture import Cells, Mark, Symbols
from poolviz.drawing.scene.theme import Colour, Theme

SHADES = 33  # colours of the ramp; cells of one shade are one path
MOST_VECTOR_CELLS = 4096  # more cells become an image
LEAST_SYMBOL = 5.5  # font size below which padding cells stay without their symbol
BASE_LINE = 0.36  # distance of a number's baseline below the middle of its cell, in font sizes


@lru_cache(maxsize=4)
def ramp_of(theme: Theme) -> tuple[Colour, ...]:
    """Return the colours from the smallest to the largest value, then the one for no value."""
    steps = np.linspace(0, 1, SHADES)[:, None]
    colours = np.asarray(theme.low) * (1 - steps) + np.asarray(theme.high) * steps
    found: list[list[float]] = colours.tolist()
    return (*((red, green, blue) for red, green, blue in found), theme.no_value)


def shades(levels: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the index into the ramp of every level; NaN gets the last one."""
    steps = np.rint(np.nan_to_num(levels) * (SHADES - 1))
    return np.where(np.isnan(levels), SHADES, steps).astype(np.intp)


def gap_of(plane: Plane) -> float:
    """Half the width of the gap between two cells."""
    return 0.75 if min(plane.cell_width, plane.cell_height) > 6 else 0.25


def padding_symbols(cells: Cells, marks: Iterable[Mark], symbol: str) -> Symbols | None:
    """Return the symbols of the padding cells; None unless the cells' numbers are shown too."""
    if cells.numbers is None:
        return None
    plane = cells.plane
    # The symbol is wider than most numbers: side by side they would run into one line.
    size = min(cells.numbers.size, 10.0, plane.cell_width * FILL / text_width(symbol))
    if size < LEAST_SYMBOL:
        return None
    rects = (rect for mark in marks if mark.role == "padding" for rect in mark.rects)
    places = tuple(place for rect in rects for place in _cells_in(rect, plane))
    return Symbols(symbol, size, places) if places else None


def _cells_in(rect: Rect, plane: Plane) -> Iterator[tuple[int, int]]:
    """Yield the cells of a rectangle; none if it is too large or lower than a cell."""
    first_row = round((rect.top - plane.top) / plane.cell_height)
    first_column = round((rect.left - plane.left) / plane.cell_width)
    rows = round(rect.height / plane.cell_height)
    columns = round(rect.width / plane.cell_width)
    if rows * columns <= MOST_VECTOR_CELLS and rect.height / plane.cell_height >= 0.99:
        for i in range(rows):
            for j in range(columns):
                yield first_row + i, first_column + j
