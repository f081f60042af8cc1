"""The picture of a question: the input and the size of the kernel, not the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from poolviz.arithmetic.call import trace
from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.phrases import by
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.picture import Cells, Label, Mark, Picture
from poolviz.drawing.scene.plane_views import as_plane, cells, value_range
from poolviz.i18n.catalogue import say

MOST_SIDE = 40  # cells; a larger input is not drawn cell by cell
LARGEST_CELL, ROOM = 32.0, 340.0
LEFT, TOP, REST = 44.0, 46.0, 14.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Question(Picture):
    """The picture of a question; `plane` has the cells to click on."""

    alt: str
    plane: Plane


def build_question(
    layer: Pool | Conv, input_size: tuple[int, ...], values: ArrayLike | None = None
) -> Question | None:
    """Return the input with numbered edges and the kernel; None for inputs too large to draw.

    `values` are the numbers in the cells, if the question has any.
    """
    if not 1 <= len(input_size) <= 2 or max(input_size) > MOST_SIDE or min(input_size) < 1:
        return None
    rows, columns = (1, *input_size)[-2:]
    side = min(LARGEST_CELL, ROOM / columns)
    plane = Plane(LEFT, TOP, side, side, rows, columns)
    data = None if values is None else as_plane(np.array(values, dtype=float))
    return Question(
        width=LEFT + columns * side + max(REST, 240.0 - columns * side),
        height=TOP + rows * side + REST,
        alt=say("picture.alt_question", size=by(input_size)),
        plane=plane,
        cells=(_cells(plane, data),),
        marks=tuple(_marks(layer, input_size, plane)),
        labels=tuple(_labels(plane, input_size)),
    )


def _cells(plane: Plane, data: Array | None) -> Cells:
    if data is None:
        return Cells(plane, np.full((plane.rows, plane.columns), 0.25), None)
    return cells(plane, data, value_range(data))


def _marks(layer: Pool | Conv, input_size: tuple[int, ...], plane: Plane) -> Iterator[Mark]:
    axes = trace(layer, input_size).axes
    spans = [min(axis.effective_kernel_size, axis.input_size) for axis in axes]
    high, wide = (1, *spans)[-2:]
    yield Mark("kernel", (plane.rect(0, 0, high, wide),))


def _labels(plane: Plane, input_size: tuple[int, ...]) -> Iterator[Label]:
    """Return the caption and the numbers of the rows and columns, as far as they fit."""
    yield Label(plane.left, 18, say("picture.input", size=by(input_size)), "muted", 12)
    every = max(1, int(-(-16 // plane.cell_width)))
    for j in range(0, plane.columns, every):
        x = plane.left + (j + 0.5) * plane.cell_width
        yield Label(x, plane.top - 6, str(j), "muted", 10, "center")
    if len(input_size) == 2:
        for i in range(0, plane.rows, every):
            y = plane.top + (i + 0.5) * plane.cell_height + 3.5
            yield Label(plane.left - 8, y, str(i), "muted", 10, "right")
