"""Where the grids go: cells are square as long as they can be, and never invisible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from poolviz.arithmetic.shapes import length

LARGEST_CELL = 46.0
SMALLEST_SIDE = 60.0  # a long thin map is widened to this, so that it can be seen


MARGIN, HEADER, FOOTER = 44.0, 50.0, 28.0  # around the grids, for captions and arrows


class Rect(NamedTuple):
    """A rectangle in picture units, y downwards."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The y of the bottom edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Plane:
    """A grid of cells: the place of cell (0, 0), the size of a cell, how many there are.

    Places before the first cell are negative: that is where the padding lies.
    """

    left: float
    top: float
    cell_width: float
    cell_height: float
    rows: int
    columns: int

    def rect(self, row: float, column: float, rows: float, columns: float) -> Rect:
        """`rows` × `columns` cells from (row, column); negative places lie before the grid."""
        return Rect(
            self.left + column * self.cell_width,
            self.top + row * self.cell_height,
            columns * self.cell_width,
            rows * self.cell_height,
        )

    @property
    def bounds(self) -> Rect:
        """The whole grid."""
        return self.rect(0, 0, self.rows, self.columns)

    @property
    def bottom(self) -> float:
        """The y of the bottom edge."""
        return self.top + self.rows * self.cell_height


class Room(NamedTuple):
    """The picture's size."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """The planes of a picture: everything drawn, the input alone, the output, the depth slices."""

    whole: Plane
    input: Plane
    output: Plane | None
    output_room: Rect
    depth: Plane | None


def place_planes(
    room: Room,
    rows: range,
    columns: range,
    input_shape: tuple[int, int],
    output_shape: tuple[int, int] | None,
    slices: range | None,
) -> Placed:
    """Input left and output right, or one below the other where the input is a long strip.

    `rows`, `columns` and `slices` are the places drawn on the input side, padding and overhang
    included; `slices` is None without a depth axis.
    """
    input_room, output_room = _split(room, slices is None and is_long(rows, columns))
    depth = None
    if slices is not None:
        band = Rect(output_room.left, output_room.bottom - 30, output_room.width, 16)
        output_room = output_room._replace(height=output_room.height - 66)
        depth = _fit(1, length(slices), band, largest=24.0)
        depth = replace(depth, left=depth.left - slices.start * depth.cell_width)
    whole = _fit(length(rows), length(columns), input_room)
    cells = replace(
        whole,
        left=whole.left - columns.start * whole.cell_width,
        top=whole.top - rows.start * whole.cell_height,
        rows=input_shape[0],
        columns=input_shape[1],
    )
    output = None
    if output_shape is not None:
        output = _fit(*output_shape, output_room)
    return Placed(whole, cells, output, output_room, depth)


def is_long(rows: range, columns: range) -> bool:
    """True for a map so wide that its output is drawn below it, not beside it."""
    return length(columns) > 4 * max(1, length(rows))


def _split(room: Room, below: bool) -> tuple[Rect, Rect]:
    if below:
        half = (room.height - 2 * HEADER - 2 * FOOTER) / 2
        upper = Rect(MARGIN, HEADER, room.width - 2 * MARGIN, half)
        return upper, upper._replace(top=2 * HEADER + half + FOOTER)
    width = (room.width - 3 * MARGIN) * 0.64
    left = Rect(MARGIN, HEADER, width, room.height - HEADER - FOOTER)
    return left, left._replace(left=2 * MARGIN + width, width=room.width - 3 * MARGIN - width)


def fitting_height(rows: int, has_depth: bool) -> float:
    """The height of a picture that needs room for so many rows of the largest cells."""
    least = 200.0 if has_depth else 130.0  # the empty output with its words, the depth strip
    return HEADER + FOOTER + max(rows * LARGEST_CELL, least)


def _fit(rows: int, columns: int, room: Rect, largest: float = LARGEST_CELL) -> Plane:
    rows, columns = max(rows, 1), max(columns, 1)
    wide, high = room.width / columns, room.height / rows
    side = min(wide, high, largest)
    cell_width = min(wide, max(side, min(SMALLEST_SIDE / columns, largest)))
    cell_height = min(high, max(side, min(SMALLEST_SIDE / rows, largest)))
    top = room.top + max(0.0, room.height - rows * cell_height) * 0.25
    return Plane(room.left, top, cell_width, cell_height, rows, columns)
