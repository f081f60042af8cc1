"""Labels of the grids: what they show, and what the patterns mean."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.trace import Trace, counts_padding
from poolviz.diagnosis.phrases import axis_words, by, count, number
from poolviz.drawing.scene.layout import Placed
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.picture import Label, Role
from poolviz.drawing.scene.plane_views import output_slice, output_text
from poolviz.i18n.catalogue import say

_SIZE, _SMALLEST = 12.0, 7.0  # font sizes
_LINE = 15.0
_TOP = 14.0  # base line of the highest caption


def captions(
    trace: Trace, placed: Placed, slice_index: int, shows: str, roles: Collection[Role]
) -> Iterator[Label]:
    """Yield the labels above the grids, and below the input the number of unread cells.

    `shows` describes what the input's cells show, `roles` are those of the marks on them.
    """
    yield from _above_input(trace, placed, slice_index, shows)
    if placed.output is not None:
        text = _output_caption(trace, slice_index)
        yield Label(placed.output.left, placed.output.top - 12, text, "muted")
    unread = trace.as_windows.unread_count if trace.outcome == "ok" else 0
    if unread and not trace.is_truncated:
        text = _unread_caption(unread, roles)
        if trace.is_transposed:
            text = say("picture.unwritten", cells=count(unread, "cell"))
        yield _fitted(placed, placed.whole.bottom + 18, text)


def _above_input(trace: Trace, placed: Placed, slice_index: int, shows: str) -> Iterator[Label]:
    """Yield one line, or two if one is too long and there is room above."""
    what = _input_caption(trace, slice_index)
    parts = [part for part in (what, shows, _padding_caption(trace)) if part]
    # Along a kernel that is too long there is an arrow with its number, see `Marks._measure`.
    low = max(_TOP, placed.whole.top - (34 if trace.axes[-1].missing else 12))
    line = "   ".join(parts)
    is_long = text_width(line) * _SIZE > right_end(placed) - placed.whole.left
    if is_long and len(parts) > 1 and low - _LINE >= _TOP:
        yield _fitted(placed, low - _LINE, "   ".join(parts[:-1]))
        yield _fitted(placed, low, parts[-1])
    else:
        yield _fitted(placed, low, line)


def _fitted(placed: Placed, y: float, text: str) -> Label:
    left = placed.whole.left
    return Label(left, y, text, "muted", fitting_size(text, _SIZE, right_end(placed) - left))


def right_end(placed: Placed) -> float:
    """Right limit of the labels of the input."""
    return placed.right


def fitting_size(text: str, size: float, room: float) -> float:
    """Return the font size at which a text fits, but at least the smallest readable one."""
    return max(_SMALLEST, min(size, room / text_width(text)))


def _input_caption(trace: Trace, slice_index: int) -> str:
    if trace.is_transposed:
        return _written_caption(trace, slice_index)
    size = by(trace.input_size)
    if len(trace.axes) < 3:
        return say("picture.input", size=size)
    slices = number(trace.axes[0].input_size)
    return say("picture.input_slice", size=size, slice=slice_index, slices=slices)


def _written_caption(trace: Trace, slice_index: int) -> str:
    """Describe the output of a transposed convolution."""
    size = output_text(trace)
    if len(trace.axes) < 3:
        return say("picture.output", size=size)
    return say("picture.output_slice", size=size, slice=slice_index)


def _output_caption(trace: Trace, slice_index: int) -> str:
    if trace.is_transposed:
        return _given_caption(trace, slice_index)
    size = output_text(trace)
    if len(trace.axes) < 3:
        return say("picture.output", size=size)
    chosen = output_slice(trace, slice_index)
    if chosen is None:
        return say("picture.output_unread_slice", size=size)
    return say("picture.output_slice", size=size, slice=chosen)


def _given_caption(trace: Trace, slice_index: int) -> str:
    """Describe the input of a transposed convolution, whose cells have one window each."""
    size = by(trace.input_size)
    if len(trace.axes) < 3:
        return say("picture.input", size=size)
    chosen = output_slice(trace.as_windows, slice_index)
    slices = number(trace.axes[0].input_size)
    return say("picture.input_slice", size=size, slice=chosen or 0, slices=slices)


def _unread_caption(unread: int, roles: Collection[Role]) -> str:
    cells = count(unread, "cell")
    if "never" in roles:
        return say("picture.unread_crossed", cells=cells)
    if "unread" in roles:
        return say("picture.unread_dotted", cells=cells)
    return say("picture.unread", cells=cells)


def padding_symbol(trace: Trace) -> str:
    """Return the symbol of a padding cell: −∞, 0, or a dot if padding is not counted."""
    if trace.layer.op == "max":
        return "−∞"
    # Zeros are terms of a sum; the padding of a transposed convolution removes cells.
    if trace.is_convolution:
        return "·" if trace.is_transposed else "0"
    return "0" if counts_padding(trace) else "·"


def _padding_caption(trace: Trace) -> str:
    if not any(split.padding.total > 0 for split in trace.axes):
        return ""
    if trace.layer.op == "max":
        return say("picture.padding_max")
    if trace.is_convolution:
        return say("picture.padding_removed" if trace.is_transposed else "picture.padding_zeros")
    if counts_padding(trace):
        return say("picture.padding_counted")
    return say("picture.padding_not_counted")


def _failing(trace: Trace) -> list[AxisTrace]:
    """Return the axes along which no window fits."""
    return [axis for axis in trace.axes if axis.missing and axis.output_size < 1]


def is_refused(trace: Trace) -> bool:
    """Return whether the call raises for another reason than a window that does not fit."""
    is_lost = trace.is_transposed and min(trace.output_size) < 1 and not trace.refusals
    return trace.outcome == "raises" and not _failing(trace) and not is_lost


def ghost_lines(trace: Trace) -> list[str]:
    """Return the lines that explain why there is no output."""
    failing = _failing(trace)
    if is_refused(trace):
        return say("picture.no_output.refused").splitlines()
    if 0 in trace.input_size:
        return say("picture.no_output.empty_input").splitlines()
    if trace.is_transposed:
        return say("picture.no_output.nothing_left").splitlines()
    where = axis_words(axis.name for axis in failing)
    lines = [say("picture.no_output.no_window", axes=where)] if failing else []
    if trace.outcome == "empty":
        if trace.output_size != trace.returned_size:
            lines.append(say("picture.no_output.formula", size=by(trace.output_size)))
        return [*lines, say("picture.no_output.empty")]
    return [*lines, say("picture.no_output.nothing")]


def kernel_label(axis: AxisTrace) -> str:
    """Return the label of the arrow along a kernel that does not fit."""
    size = number(axis.effective_kernel_size)
    if axis.dilation == 1:
        return say("picture.kernel", size=size)
    return say("picture.effective_kernel", size=size)
