"""The grid of weights below the output, and the weights in the cells of the current window."""

from __future__ import annotations

from collections.abc import Iterator

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.values import Array
from poolviz.drawing.convolution.operands import Operands, kernel_of
from poolviz.drawing.scene.layout import Plane, Rect
from poolviz.drawing.scene.numerals import text_width, value_text
from poolviz.drawing.scene.picture import Label
from poolviz.i18n.catalogue import say

MOST_WEIGHTS = 40  # of a kernel that is drawn, along one axis
LEAST_WRITTEN = 22.0  # side of a cell that has room for its weight
_LABEL_SIZE = 11.0


def kernel_slice(traced: ConvTrace, operands: Operands, tap: int = 0) -> Array:
    """Return the weights as rows and columns; of a 3-D kernel one slice."""
    kernel = kernel_of(traced, operands)
    if kernel.ndim == 3:
        kernel = kernel[min(tap, len(kernel) - 1)]
    return kernel[None, :] if kernel.ndim == 1 else kernel


def kernel_tap(traced: ConvTrace, slice_index: int) -> int:
    """Return the slice of a 3-D kernel that reads the shown slice, in the first window there."""
    axis = traced.as_windows.axes[0]
    readers = axis.reads.readers(slice_index)
    if len(traced.axes) < 3 or not readers:
        return 0
    start: int = axis.window_starts[readers[0]]
    return (slice_index - start) // axis.dilation


def weights_labels(
    traced: ConvTrace, operands: Operands, plane: Plane, tap: int, room: float
) -> Iterator[Label]:
    """Yield what is above the weights: one line, or two where it is wider than `room`."""
    text = say("picture.weights", size="×".join(str(axis.kernel_size) for axis in traced.axes))
    if len(traced.axes) == 3:
        text += say("picture.weights_slice", slice=tap)
    lines = [text]
    if traced.channels > 1 or traced.out_channels > 1:
        first, second = operands.in_channel, operands.out_channel
        channels = say("picture.weights_channels", input=first, output=second)
        is_wide = text_width(text + channels) * _LABEL_SIZE > room
        lines = [text, channels.removeprefix(", ")] if is_wide else [text + channels]
    for up, line in enumerate(reversed(lines)):
        size = min(_LABEL_SIZE, room / text_width(line))
        yield Label(plane.left, plane.top - 8 - 13 * up, line, "muted", size)


def written_weights(
    kernel: Array, rows: range, columns: range, cell: Plane, last: tuple[int, int]
) -> Iterator[Label]:
    """Yield each weight of a window in the corner of its cell: ×2; `last` bounds the places."""
    if min(cell.cell_width, cell.cell_height) < LEAST_WRITTEN:
        return
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            if row >= last[0] or column >= last[1]:
                continue
            rect: Rect = cell.rect(row, column, 1, 1)
            text = f"×{value_text(kernel[i, j])}"
            size = min(9.0, 0.9 * cell.cell_width / text_width(text))
            yield Label(rect.right - 2.5, rect.bottom - 3, text, "accent", size, "right", bold=True)
