"""Pictures as JSON, from which the script of a saved page builds SVG.

All layout is done here; the script only paints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import TypedDict

import numpy as np

from poolviz.drawing.scene.cell_paint import (
    BASE_LINE,
    MOST_VECTOR_CELLS,
    gap_of,
    ramp_of,
    shades,
)
from poolviz.drawing.scene.layout import Plane, Rect
from poolviz.drawing.scene.mark_styles import MARK_STYLES
from poolviz.drawing.scene.picture import Cells, Label, Mark, Picture
from poolviz.drawing.scene.theme import THEMES, Colour, Theme

FIRST_SHADE = ord("0")  # one character per cell
SHARPNESS = 2  # shades per unit of a map of too many cells to draw each of them

# JSON has no tuples: these are written as lists.
MarkData = tuple[str, int, list[float]]  # role, plane, four numbers per rectangle
SymbolsData = tuple[str, float, list[int]]  # text, font size, rows and columns
LabelData = tuple[float, float, str, str, float, str, int, int]


class CellsData(TypedDict):
    """The cells of one plane."""

    rows: int
    columns: int
    gap: float
    shades: str  # one character per cell; "" if there are no values
    shadesPerRow: int
    isFine: bool
    numbers: list[str] | None
    font: float


class PictureData(TypedDict):
    """One picture."""

    size: tuple[float, float]
    planes: list[list[float]]
    cells: list[CellsData]
    marks: list[MarkData]
    symbols: SymbolsData | None
    arrows: list[list[float]]
    labels: list[LabelData]


class PaintData(TypedDict):
    """How all pictures are painted."""

    markStyles: dict[str, list[list[object]]]
    themes: dict[str, dict[str, str | list[str]]]
    baseLine: float


def picture_data(picture: Picture) -> PictureData:
    """Return a picture without captions, in picture units and as few numbers as possible.

    A mark is [role, plane, numbers] with four numbers per rectangle, counted in the plane's cells;
    on plane −1 they are in picture units.
    """
    planes, symbols = [each.plane for each in picture.cells], picture.symbols
    return {
        "size": (_short(picture.width), _short(picture.height)),
        "planes": [_plane(plane) for plane in planes],
        "cells": [_cells(each) for each in picture.cells],
        "marks": [_mark(mark, planes) for mark in picture.marks],
        "symbols": symbols and (symbols.text, _short(symbols.size), _flat(symbols.places)),
        "arrows": [[_short(v) for v in (*arrow.start, *arrow.end)] for arrow in picture.arrows],
        "labels": [_label(label) for label in picture.labels],
    }


def _short(value: float) -> float:
    """Round to a hundredth of a unit, which is invisible."""
    rounded = round(float(value), 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _flat(pairs: Sequence[tuple[int, int]]) -> list[int]:
    return [value for pair in pairs for value in pair]


def _plane(plane: Plane) -> list[float]:
    return [_short(v) for v in (plane.left, plane.top)] + [
        round(v, 4) for v in (plane.cell_width, plane.cell_height)
    ]


def _cells(cells: Cells) -> CellsData:
    plane, numbers = cells.plane, cells.numbers
    shaded, columns = _shaded(cells)
    return {
        "rows": plane.rows,
        "columns": plane.columns,
        "gap": gap_of(plane),
        "shades": shaded,
        "shadesPerRow": columns,
        "isFine": plane.rows * plane.columns > MOST_VECTOR_CELLS,
        "numbers": None if numbers is None else [text for row in numbers.texts for text in row],
        "font": 0 if numbers is None else _short(numbers.size),
    }


def _shaded(cells: Cells) -> tuple[str, int]:
    """Return one character per cell; per point of the screen where cells are finer."""
    plane, levels = cells.plane, cells.levels
    if levels is None or levels.size == 0:
        return "", 0
    if levels.size > MOST_VECTOR_CELLS:
        high, wide = (
            min(count, max(1, round(side * SHARPNESS)))
            for count, side in (
                (plane.rows, plane.bounds.height),
                (plane.columns, plane.bounds.width),
            )
        )
        rows = np.arange(high) * plane.rows // high
        columns = np.arange(wide) * plane.columns // wide
        levels = levels[np.ix_(rows, columns)]
    codes: list[int] = (shades(levels) + FIRST_SHADE).ravel().tolist()
    return "".join(map(chr, codes)), levels.shape[1]


def _mark(mark: Mark, planes: Sequence[Plane]) -> MarkData:
    for i, plane in enumerate(planes):
        placed = [_in_cells(rect, plane) for rect in mark.rects]
        if all(_is_whole(value) for cells in placed for value in cells):
            return mark.role, i, [round(value) for cells in placed for value in cells]
    return mark.role, -1, [_short(value) for rect in mark.rects for value in rect]


def _in_cells(rect: Rect, plane: Plane) -> tuple[float, float, float, float]:
    """Return left, top, width and height, counted in cells."""
    wide, high = plane.cell_width, plane.cell_height
    return (
        (rect.left - plane.left) / wide,
        (rect.top - plane.top) / high,
        rect.width / wide,
        rect.height / high,
    )


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6


def _label(label: Label) -> LabelData:
    return (
        _short(label.x),
        _short(label.y),
        label.text,
        label.tone,
        _short(label.size),
        label.align,
        int(label.bold),
        int(label.upright),
    )


def paint_data() -> PaintData:
    """Return how pictures are painted: the styles of every role, the colours of both themes."""
    return {
        "markStyles": {
            role: [list(astuple(style)) for style in styles] for role, styles in MARK_STYLES.items()
        },
        "themes": {name: _colours(theme) for name, theme in THEMES.items()},
        "baseLine": BASE_LINE,
    }


def _colours(theme: Theme) -> dict[str, str | list[str]]:
    names = [field.name for field in fields(theme) if field.name != "name"]
    colours = {name: _code(theme.tone(name)) for name in names}
    return {**colours, "ramp": [_code(colour) for colour in ramp_of(theme)]}


def _code(colour: Colour) -> str:
    """Return a colour in hexadecimal notation.

    >>> _code((1.0, 0.5, 0.0))
    '#ff8000'
    """
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)
