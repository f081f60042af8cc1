"""Marks over the cells: padding, windows, overhanging kernels, and their labels."""

from __future__ import annotations

from math import prod

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.shapes import length
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.phrases import count, number
from poolviz.drawing.convolution.operands import Operands
from poolviz.drawing.scene.axis_layout import Axes, within
from poolviz.drawing.scene.captions import (
    captions,
    fitting_size,
    ghost_lines,
    kernel_label,
    right_end,
)
from poolviz.drawing.scene.kernel_plane import (
    kernel_slice,
    kernel_tap,
    weights_labels,
    written_weights,
)
from poolviz.drawing.scene.layout import FOOTER, Placed, Rect, empty_box
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.overlays import RECEPTIVE_FIELD, UNREAD_CELLS
from poolviz.drawing.scene.picture import Arrow, Label, Mark, Role, Tone
from poolviz.drawing.scene.plane_views import (
    Results,
    View,
    output_slice,
    output_text,
    winner_place,
)
from poolviz.i18n.catalogue import say

MOST_OUTLINES = 900  # more window outlines than these would cover the cells
_BELOW_BOX, _LINE = 20.0, 17.0  # from the box where no output is to the words, line by line


class Marks:
    """Collects marks, labels and arrows in painting order."""

    def __init__(
        self,
        trace: Trace,
        axes: Axes,
        placed: Placed,
        results: Results | None,
        values: Array | None,
        operands: Operands | None = None,
    ) -> None:
        self.given = trace
        self.operands = operands
        self.trace = trace.as_windows
        self.placed = placed
        self.whole = placed.whole  # with padding and overhang
        self.cells = placed.input  # the input alone
        self.output = placed.output
        self.results = results
        self.values = values  # of the input plane that is shown
        self.axes = axes
        self.down, self.across = axes.down, axes.across
        self.marks: list[Mark] = []
        self.labels: list[Label] = []
        self.arrows: list[Arrow] = []
        self.left_out: list[str] = []  # for want of room
        self.missing = ""  # how much of the kernel, in words
        self.show: tuple[str, ...] = ()  # overlays

    def build(self, view: View, slice_index: int, caption: str = "") -> None:
        """Add everything for one view; `caption` describes the values of the input's cells."""
        self.show = view.show
        self.build_windows(slice_index)
        roles = {mark.role for mark in self.marks}
        self.labels += captions(self.given, self.placed, slice_index, caption, roles)
        self._depth(slice_index)
        if isinstance(self.given, ConvTrace) and self.operands and self.placed.kernel:
            tap = kernel_tap(self.given, slice_index)
            room = self.placed.output_room.width
            plane = self.placed.kernel
            self.labels += weights_labels(self.given, self.operands, plane, tap, room)
        if self.output is None or (self.given.is_transposed and self.given.outcome != "ok"):
            self._ghost_output(view.fits)
        elif view.position is not None and self._slice_is_read:
            self._current_window(view.position)

    def build_windows(self, slice_index: int) -> None:
        """Add padding, windows and unread cells, or the overhanging kernel."""
        self.slice_index = slice_index
        if self.given.is_transposed and self.given.outcome != "ok":
            self._removed()
            return
        self._padding()
        if self._no_window or self.trace.is_truncated:
            self._overhanging_kernel()
        else:
            self._unread()
            self._outlines()

    def build_overhang(self) -> None:
        """Add only the padding and the kernel that does not fit, with its length."""
        self._padding()
        self._overhanging_kernel()

    @property
    def _slice_is_read(self) -> bool:
        """False for a depth slice that no window reads."""
        return len(self.trace.axes) < 3 or output_slice(self.trace, self.slice_index) is not None

    @property
    def _is_dilated(self) -> bool:
        return any(axis.dilation > 1 for axis in self.trace.axes[-2:])

    @property
    def _no_window(self) -> bool:
        return any(axis.missing and axis.output_size < 1 for axis in self.trace.axes)

    def _padding(self) -> None:
        top, bottom = (max(0, side) for side in self.down.trace.padding)
        left, right = (max(0, side) for side in self.across.trace.padding)
        if not (top or bottom or left or right):
            return
        rows, columns = self.cells.rows, self.cells.columns
        parts = [
            self.cells.rect(-top, -left, top, left + columns + right),
            self.cells.rect(rows, -left, bottom, left + columns + right),
            self.cells.rect(0, -left, rows, left),
            self.cells.rect(0, columns, rows, right),
        ]
        self.marks.append(Mark("padding", tuple(r for r in parts if r.width and r.height)))

    def _removed(self) -> None:
        """Draw what a transposed convolution writes, and hatch what its padding removes."""
        rows, columns = length(self.down.drawn), length(self.across.drawn)
        if max(rows, columns) <= MOST_OUTLINES**0.5:
            cells = (self.whole.rect(i, j, 1, 1) for i in range(rows) for j in range(columns))
            self.marks.append(Mark("window", tuple(cells)))
        if min(self.given.output_size) < 1:
            self.marks.append(Mark("missing", (self.whole.rect(0, 0, rows, columns),)))
        else:
            self._padding()

    def _unread(self) -> None:
        if self.trace.outcome != "ok" or not self.trace.unread_count:
            return
        across, down = self.across.unread_runs(), self.down.unread_runs()
        if across is None or down is None:
            self.left_out.append(say("picture.no_room.dots"))
            return
        rows, columns = self.cells.rows, self.cells.columns
        rects = [self.cells.rect(0, first, rows, count) for first, count in across]
        rects += [self.cells.rect(first, 0, count, columns) for first, count in down]
        if not self._slice_is_read:
            rects = [self.cells.rect(0, 0, rows, columns)]
        if rects:
            self.marks.append(
                Mark("never" if UNREAD_CELLS in self.show else "unread", tuple(rects))
            )

    def _outlines(self) -> None:
        if self.output is None:
            return
        total = self.output.rows * self.output.columns
        if total > MOST_OUTLINES or min(self.cells.cell_width, self.cells.cell_height) < 3:
            self.left_out.append(say("picture.no_room.outlines"))
            return
        if not self._slice_is_read:
            return
        self.marks.append(
            Mark(
                "window",
                tuple(
                    self.window_rect(i, j)
                    for i in range(self.output.rows)
                    for j in range(self.output.columns)
                ),
            )
        )

    def window_rect(self, i: int, j: int) -> Rect:
        """Return the rectangle of the window of output cell (i, j)."""
        top, height = self.down.window(i)
        left, width = self.across.window(j)
        return self.cells.rect(top, left, height, width)

    def _current_window(self, position: tuple[int, int]) -> None:
        assert self.output is not None
        i = min(max(position[0], 0), self.output.rows - 1)
        j = min(max(position[1], 0), self.output.columns - 1)
        rows = self.down.elements(self.down.window(i))
        columns = self.across.elements(self.across.window(j))
        if self._is_dilated:
            self._taps(rows, columns)
        if RECEPTIVE_FIELD in self.show:
            self._field(rows, columns)
        self.marks.append(Mark("kernel", (self.window_rect(i, j), self.output.rect(i, j, 1, 1))))
        self._weights(rows, columns)
        winner = winner_place(self.trace, self.results, self.slice_index, i, j)
        if winner is not None:
            ties = self._ties(rows, columns, winner)
            if ties:
                self.marks.append(Mark("tie", ties))
            self.marks.append(Mark("winner", (self.cells.rect(*winner, 1, 1),)))

    def _weights(self, rows: range, columns: range) -> None:
        """Write each weight into the cell that it is multiplied with."""
        if self.operands is None or not isinstance(self.given, ConvTrace):
            return
        if len(rows) * len(columns) > MOST_OUTLINES or self.placed.kernel is None:
            return
        kernel = kernel_slice(self.given, self.operands, kernel_tap(self.given, self.slice_index))
        last = (self.down.drawn.stop, self.across.drawn.stop)
        self.labels += written_weights(kernel, rows, columns, self.cells, last)

    def _field(self, rows: range, columns: range) -> None:
        """Mark the input cells between the first and the last one that a window reads."""
        rows, columns = within(rows, self.cells.rows), within(columns, self.cells.columns)
        if rows and columns:
            high, wide = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
            self.marks.append(Mark("field", (self.cells.rect(rows[0], columns[0], high, wide),)))

    def _ties(self, rows: range, columns: range, winner: tuple[int, int]) -> tuple[Rect, ...]:
        """Return the other cells of a window that hold the maximum."""
        if self.values is None:
            return ()
        best, (high, wide) = self.values[winner], self.values.shape
        return tuple(
            self.cells.rect(row, column, 1, 1)
            for row in within(rows, high)
            for column in within(columns, wide)
            if (row, column) != winner and self.values[row, column] == best
        )

    def _taps(self, rows: range, columns: range) -> None:
        """Mark the cells that a dilated window reads, and kernel elements without a cell."""
        if length(rows) * length(columns) > MOST_OUTLINES:
            self.left_out.append(say("picture.no_room.taps"))
            return
        read: list[Rect] = []
        lost: list[Rect] = []
        for row in rows:
            for column in columns:
                inside = self.down.is_readable(row) and self.across.is_readable(column)
                (read if inside else lost).append(self.cells.rect(row, column, 1, 1))
        if read:
            self.marks.append(Mark("tap", tuple(read)))
        if lost:
            self.marks.append(Mark("lost", tuple(lost)))

    def _overhanging_kernel(self) -> None:
        """Draw the kernel at its first position, hatched outside the padded input."""
        top, height = self.down.first_window()
        left, width = self.across.first_window()
        kernel = self.cells.rect(top, left, height, width)
        inside_height = min(height, self.down.padded_size)
        inside_width = min(width, self.across.padded_size)
        missing = []
        if width > inside_width:
            missing.append(self.cells.rect(top, left + inside_width, height, width - inside_width))
        if height > inside_height:
            missing.append(
                self.cells.rect(top + inside_height, left, height - inside_height, inside_width)
            )
        if missing:
            self.marks.append(Mark("missing", tuple(missing)))
        if self._is_dilated:
            self._taps(self.down.elements((top, height)), self.across.elements((left, width)))
        self._input_edges()
        self.marks.append(Mark("broken", (kernel,)))
        self._measure(kernel)
        self._count_missing(kernel)

    def _input_edges(self) -> None:
        """Draw the end of the padded input on each axis where the kernel is too long."""
        down, across, edges = self.down, self.across, []
        left, top = -across.trace.padding.before, -down.trace.padding.before
        if down.trace.missing:
            bottom = max(0, down.trace.padding.after + self.cells.rows)  # negative where cropped
            line = self.cells.rect(bottom, left, 0, across.padded_size)
            edges.append(Rect(line.left - 4, line.top, max(line.width, 8) + 8, 0))
        if across.trace.missing:
            right = max(0, across.trace.padding.after + self.cells.columns)
            line = self.cells.rect(top, right, down.padded_size, 0)
            edges.append(Rect(line.left, line.top - 4, 0, max(line.height, 8) + 8))
        if edges:
            self.marks.append(Mark("edge", tuple(edges)))

    def _measure(self, kernel: Rect) -> None:
        if self.down.trace.missing:
            x = kernel.left - 10
            self.arrows.append(Arrow((x, kernel.top), (x, kernel.bottom)))
            text = kernel_label(self.down.trace)
            middle = (kernel.top + kernel.bottom) / 2
            self.labels.append(Label(x - 5, middle, text, "error", 12, "center", upright=True))
        if self.across.trace.missing:
            y = kernel.top - 10
            self.arrows.append(Arrow((kernel.left, y), (kernel.right, y)))
            middle = (kernel.left + kernel.right) / 2
            self.labels.append(
                Label(middle, y - 6, kernel_label(self.across.trace), "error", 12, "center")
            )

    def _count_missing(self, kernel: Rect) -> None:
        drawn = [axis for axis in self.axes if axis is not None]
        taps = prod(axis.kernel_size for axis in self.trace.axes)
        inside = prod(axis.elements_inside for axis in drawn)
        missing, cells = number(taps - inside), count(taps, "cell")
        if any(axis.is_cut_off for axis in drawn):
            text = say("picture.missing_cut_off", missing=missing, cells=cells)
        else:
            text = say("picture.missing", missing=missing, cells=cells)
        self.missing = text
        y = max(kernel.bottom, self.whole.bottom) + 18
        size = fitting_size(text, 12.5, right_end(self.placed) - kernel.left)
        self.labels.append(Label(kernel.left, y, text, "error", size, bold=True))

    def _depth(self, slice_index: int) -> None:
        """Draw the slices of a 3-D input as a strip, the shown and the missing ones marked."""
        plane, depth = self.placed.depth, self.axes.depth
        if plane is None or depth is None:
            return
        axis = depth.trace
        left = plane.rect(0, min(0, -axis.padding.before), 1, 1).left
        self.labels.append(Label(left, plane.top - 8, say("picture.depth"), "muted"))
        if plane.cell_width >= 3:
            cells = tuple(plane.rect(0, i, 1, 1) for i in range(axis.input_size))
            self.marks.append(Mark("window", cells))
        pads = [
            plane.rect(0, first, 1, count)
            for first, count in (
                (-axis.padding.before, axis.padding.before),
                (axis.input_size, axis.padding.after),
            )
            if count > 0
        ]
        if pads:
            self.marks.append(Mark("padding", tuple(pads)))
        if axis.missing and (self._no_window or self.trace.is_truncated):
            end = axis.input_size + axis.padding.after
            self.marks.append(Mark("missing", (plane.rect(0, end, 1, depth.overhang),)))
            first, drawn = depth.first_window()
            self.marks.append(Mark("broken", (plane.rect(0, first, 1, drawn),)))
            missing = number(axis.missing)
            text = say("picture.too_long", kernel=kernel_label(axis), missing=missing)
            self.labels.append(Label(plane.left, plane.bottom + 14, text, "error"))
        elif axis.input_size:
            self.marks.append(Mark("slice", (plane.rect(0, slice_index, 1, 1),)))

    def _ghost_output(self, is_centred: bool) -> None:
        room = self.placed.output_room
        text = output_text(self.given)
        is_tight = self.placed.depth is not None and not is_centred
        width, height = min(190.0, room.width), empty_box(room, is_tight)
        lines = ghost_lines(self.given)
        left = room.left
        top = room.top
        if is_centred or self.placed.column is None:  # else texts follow below it
            top += max(0.0, (room.height - height) / 2 - 24)
        if self.placed.column is None:  # the lines are the last of the picture
            below = _BELOW_BOX + _LINE * (len(lines) - 1) + 8
            top = min(top, room.bottom + FOOTER - height - below)
        if self.given.is_transposed:  # the result is where the windows are
            room_beside = self.placed.right - self.whole.bounds.right
            width = min(width, room_beside - 20)
            left, top = self.whole.bounds.right + 20, self.whole.top
            if width < 90:  # over the grid
                width = min(150.0, self.whole.bounds.width)
                left = self.whole.left + max(0.0, (self.whole.bounds.width - width) / 2)
        is_error = self.trace.outcome == "raises"
        role: Role = "ghost" if is_error else "nothing"
        self.marks.append(Mark(role, (Rect(left, top, width, height),)))
        middle = left + width / 2
        tone: Tone = "error" if is_error else "muted"
        size = min(22.0, 0.9 * width / text_width(text))
        self.labels.append(Label(middle, top + height / 2 + size / 3, text, tone, size, "center"))
        for i, line in enumerate(lines):
            y = top + height + _BELOW_BOX + _LINE * i
            self.labels.append(Label(middle, y, line, "muted", 12, "center"))
