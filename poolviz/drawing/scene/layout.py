"""Placement of the grids: cells are square unless they would become too small to see.

Input and output are side by side, or stacked for long strips and on narrow screens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from poolviz.arithmetic.shapes import length
from poolviz.drawing.scene.axis_layout import Axes

LARGEST_CELL = 46.0  # picture units, as all lengths here
SMALLEST_SIDE = 60.0  # a long thin map is widened to this, to stay visible
MARGIN, HEADER, FOOTER = 44.0, 50.0, 28.0  # around the grids, for captions and arrows
FULL_WIDTH = 900.0
NARROW = 560.0  # below this width the output goes below the input
_NARROW_MARGIN, _NARROW_HEADER = 28.0, 64.0  # captions take two lines there
FULL_HEIGHT, _LONG_HEIGHT = 390.0, 280.0
_INPUT_SHARE = 0.62  # of the height, on narrow screens
_KERNEL_CELL, _KERNEL_ROOM, _KERNEL_HEADER = 30.0, 120.0, 36.0  # of weights, and their line
_LEAST_WITH_WEIGHTS = 300.0  # height of a picture that leaves room for them
_DEPTH_ROOM = 66.0  # for the depth strip and its words


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
    """A grid of cells: position of cell (0, 0), size of a cell, number of cells.

    Padding lies at negative rows and columns.
    """

    left: float
    top: float
    cell_width: float
    cell_height: float
    rows: int
    columns: int

    def rect(self, row: float, column: float, rows: float, columns: float) -> Rect:
        """Return the rectangle of `rows` × `columns` cells from (row, column) on."""
        return Rect(
            self.left + column * self.cell_width,
            self.top + row * self.cell_height,
            columns * self.cell_width,
            rows * self.cell_height,
        )

    def inner(self, rows: range, columns: range, shape: tuple[int, int]) -> Plane:
        """Return the plane of cells from (0, 0) on, of a plane that shows `rows` × `columns`."""
        left = self.left - columns.start * self.cell_width
        top = self.top - rows.start * self.cell_height
        return replace(self, left=left, top=top, rows=shape[0], columns=shape[1])

    @property
    def bounds(self) -> Rect:
        """The whole grid."""
        return self.rect(0, 0, self.rows, self.columns)

    @property
    def bottom(self) -> float:
        """The y of the bottom edge."""
        return self.top + self.rows * self.cell_height


class Room(NamedTuple):
    """Size of a picture."""

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
    right: float  # limit of what is written beside the windows
    kernel: Plane | None = None  # weights

    @property
    def column(self) -> Rect | None:
        """The room of the output where it is beside the input, not below it."""
        return None if self.output_room.left == self.whole.left else self.output_room


class Kernel(NamedTuple):
    """The weights of a convolution: their rows and columns, and whether windows are written."""

    rows: int
    columns: int
    is_transposed: bool

    @property
    def room(self) -> float:
        """Height for the weights and the line above them."""
        return _KERNEL_HEADER + min(_KERNEL_ROOM, self.rows * _KERNEL_CELL)


def place_planes(
    room: Room,
    axes: Axes,
    has_output: bool,
    kernel: Kernel | None = None,
    *,
    words: int = 0,
) -> Placed:
    """Place input and output side by side, or one below the other; weights below both.

    `words` counts the lines below the box where no output is, if the page writes on below them.
    """
    input_room, output_room = _split(room, axes, 0.0 if kernel is None else kernel.room)
    is_beside = output_room.top == input_room.top
    if kernel is not None and kernel.is_transposed and is_beside:  # the windows are on the right
        input_room, output_room = (
            input_room._replace(left=output_room.width + 2 * MARGIN),
            output_room._replace(left=MARGIN),
        )
    right = input_room.right if output_room.left <= input_room.left else output_room.left - 12
    weights = None
    if kernel is not None:
        band = output_room._replace(
            top=output_room.bottom - kernel.room + _KERNEL_HEADER,
            height=kernel.room - _KERNEL_HEADER,
        )
        weights = _fit(kernel.rows, kernel.columns, band, _KERNEL_CELL)
        output_room = output_room._replace(height=max(40.0, output_room.height - kernel.room))
    depth = None
    if axes.depth is not None:
        slices = axes.depth.drawn
        band = Rect(output_room.left, output_room.bottom - 30, output_room.width, 16)
        output_room = output_room._replace(height=output_room.height - _DEPTH_ROOM)
        depth = _fit(1, length(slices), band, largest=24.0)
        depth = depth.inner(range(1), slices, (1, depth.columns))
    rows, columns = axes.down.drawn, axes.across.drawn
    whole = _fit(length(rows), length(columns), input_room)
    cells = whole.inner(rows, columns, axes.input_shape)
    output = _fit(*axes.output_shape, output_room) if has_output else None
    box = empty_box(output_room, is_tight=depth is not None)
    end = output.bottom if output is not None else output_room.top + box + 6 + 17 * words
    if depth is not None and output is None and words and is_beside:
        depth = replace(depth, top=end + 30)
    if weights is not None and is_beside and (output is not None or words):
        below = end + _KERNEL_HEADER + (0 if depth is None else _DEPTH_ROOM)
        if output is None and below > weights.top:  # smaller, rather than over the words
            height = max(24.0, input_room.bottom - below)
            left = output_room._replace(top=below, height=height)
            weights = _fit(weights.rows, weights.columns, left, _KERNEL_CELL)
        else:
            weights = replace(weights, top=min(weights.top, max(below, output_room.top + 60)))
    return Placed(whole, cells, output, output_room, depth, right, weights)


def empty_box(room: Rect, is_tight: bool) -> float:
    """Return the height of the box where no output is."""
    return max(44.0, min(60.0 if is_tight else 84.0, room.height * 0.4))


def picture_height(
    width: float,
    axes: Axes,
    fits: bool,
    kernel: Kernel | None = None,
    most: float = FULL_HEIGHT,
) -> float:
    """Height of a picture: constant for maps of a kind, or with `fits` as small as possible.

    `most` limits it where input and output are beside each other.
    """
    weights = 0.0 if kernel is None else kernel.room
    if width < NARROW:
        return _narrow_height(width, axes) + weights
    if _is_strip(axes):
        return min(most, _LONG_HEIGHT) + weights
    output = axes.down.output_size * LARGEST_CELL + weights
    needed = max(length(axes.down.drawn) * LARGEST_CELL, output)
    least = 130.0 if axes.depth is None else 200.0  # for the empty output's words, the depth strip
    least += weights
    if kernel is not None:
        most = max(most, _LEAST_WITH_WEIGHTS + (0 if axes.depth is None else _DEPTH_ROOM))
    return min(most, HEADER + FOOTER + max(needed, least)) if fits else most


def _narrow_height(width: float, axes: Axes) -> float:
    around = 2 * (_NARROW_HEADER + FOOTER)
    if _is_strip(axes):
        return around + 160
    largest = FULL_HEIGHT - HEADER - FOOTER
    grids = min(width - 2 * _NARROW_MARGIN, largest) / _INPUT_SHARE
    return round(around + grids + (0 if axes.depth is None else _DEPTH_ROOM))


def _is_strip(axes: Axes) -> bool:
    """True for a map so wide that its output is drawn below it, not beside it."""
    rows, columns = length(axes.down.drawn), length(axes.across.drawn)
    return axes.depth is None and columns > 4 * max(1, rows)


def _split(room: Room, axes: Axes, weights: float = 0.0) -> tuple[Rect, Rect]:
    """Split the picture into a room for the input and one for output, depth strip and weights."""
    is_strip = _is_strip(axes)
    if room.width < NARROW:
        share = 0.5 if is_strip else _INPUT_SHARE
        depth_room = weights + (0.0 if axes.depth is None else _DEPTH_ROOM)
        return _one_below_the_other(room, _NARROW_MARGIN, _NARROW_HEADER, share, depth_room)
    if is_strip:
        return _one_below_the_other(room, MARGIN, HEADER, 0.5, weights)
    width = (room.width - 3 * MARGIN) * 0.64
    left = Rect(MARGIN, HEADER, width, room.height - HEADER - FOOTER)
    return left, left._replace(left=2 * MARGIN + width, width=room.width - 3 * MARGIN - width)


def _one_below_the_other(
    room: Room, margin: float, header: float, share: float, below: float
) -> tuple[Rect, Rect]:
    inner = room.height - 2 * header - 2 * FOOTER - below
    upper = Rect(margin, header, room.width - 2 * margin, inner * share)
    lower = upper._replace(top=upper.bottom + FOOTER + header, height=inner - upper.height + below)
    return upper, lower


def _fit(rows: int, columns: int, room: Rect, largest: float = LARGEST_CELL) -> Plane:
    rows, columns = max(rows, 1), max(columns, 1)
    wide, high = room.width / columns, room.height / rows
    side = min(wide, high, largest)
    cell_width = min(wide, max(side, min(SMALLEST_SIDE / columns, largest)))
    cell_height = min(high, max(side, min(SMALLEST_SIDE / rows, largest)))
    top = room.top + max(0.0, room.height - rows * cell_height) * 0.25
    return Plane(room.left, top, cell_width, cell_height, rows, columns)
