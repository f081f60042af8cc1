"""How cells are coloured and padding cells are written on; no matplotlib.

What paints (matplotlib, the browser of a saved page) reads it here, so both paint alike.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from poolviz.drawing.scene.captions import padding_symbol
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.numerals import FILL, text_width
from poolviz.drawing.scene.scene import Scene
from poolviz.drawing.scene.theme import Colour, Theme

SHADES = 33  # colours of the ramp; cells of one shade are one path
MOST_VECTOR_CELLS = 4096  # more cells become an image
LEAST_SYMBOL = 5.5  # font size below which padding cells stay without their symbol
BASE_LINE = 0.36  # of the font size: how far below the middle of a cell its number stands


@lru_cache(maxsize=4)
def ramp_of(theme: Theme) -> tuple[Colour, ...]:
    """The colours from the smallest value to the largest, and last the one for no value."""
    steps = np.linspace(0, 1, SHADES)[:, None]
    colours = np.asarray(theme.low) * (1 - steps) + np.asarray(theme.high) * steps
    found: list[list[float]] = colours.tolist()
    return (*((red, green, blue) for red, green, blue in found), theme.no_value)


def shades(levels: NDArray[np.float64]) -> NDArray[np.intp]:
    """The place in the ramp of every level; NaN is the last one."""
    steps = np.rint(np.nan_to_num(levels) * (SHADES - 1))
    return np.where(np.isnan(levels), SHADES, steps).astype(np.intp)


def gap_of(plane: Plane) -> float:
    """Half the line between two cells."""
    return 0.75 if min(plane.cell_width, plane.cell_height) > 6 else 0.25


class Symbols(NamedTuple):
    """What stands in the padding cells: −∞ or 0, its font size, and where."""

    text: str
    size: float
    places: list[tuple[int, int]]


def padding_symbols(scene: Scene) -> Symbols | None:
    """The symbols of the padding cells, where the input's numbers have room too."""
    numbers = scene.input.numbers
    if numbers is None:
        return None
    plane, symbol = scene.input.plane, padding_symbol(scene.trace)
    # The symbol is wider than most numbers: side by side they would run into one line.
    size = min(numbers.size, 10.0, plane.cell_width * FILL / text_width(symbol))
    if size < LEAST_SYMBOL:
        return None
    places = []
    for mark in scene.marks:
        if mark.role != "padding":
            continue
        for rect in mark.rects:
            first_row = round((rect.top - plane.top) / plane.cell_height)
            first_column = round((rect.left - plane.left) / plane.cell_width)
            rows = round(rect.height / plane.cell_height)
            columns = round(rect.width / plane.cell_width)
            if rows * columns > MOST_VECTOR_CELLS or abs(rect.height / plane.cell_height) < 0.99:
                continue
            places += [
                (first_row + i, first_column + j) for i in range(rows) for j in range(columns)
            ]
    return Symbols(symbol, size, places) if places else None
