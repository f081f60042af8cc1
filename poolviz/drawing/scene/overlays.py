"""Overlays of a picture: read counts, unread cells, gradient routing, receptive field.

Each overlay has a sentence; if there is nothing to draw, the sentence says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from poolviz.arithmetic import gradients, values
from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.convolution.values import convolved_gradient
from poolviz.arithmetic.fitted_axis import FittedAxis
from poolviz.arithmetic.frameworks.base import TiesRule
from poolviz.arithmetic.shapes import LISTABLE
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.phrases import by, capital, count, number, per_axis, runs
from poolviz.drawing.convolution.operands import Operands
from poolviz.drawing.scene.axis_layout import LONGEST_LISTED
from poolviz.drawing.scene.numerals import value_text
from poolviz.drawing.scene.plane_views import MOST_CELLS_POOLED, as_plane
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import plural

# Values of the argument `show`; `overlay_name` gives their names in the current language.
READ_COUNTS = "read counts"
UNREAD_CELLS = "unread cells"
GRADIENT = "gradient routing"
RECEPTIVE_FIELD = "receptive field"
OVERLAYS = (READ_COUNTS, UNREAD_CELLS, GRADIENT, RECEPTIVE_FIELD)

MOST_COUNTED = 1_000_000  # cells whose read counts are listed
MOST_WINDOWS = 10_000_000  # along one axis
MOST_ADDED = 20_000_000  # numbers that a gradient is summed from: a fifth of a second


@dataclass(frozen=True, slots=True, eq=False)
class Overlays:
    """One sentence per overlay, and what the input's cells show instead of their values."""

    texts: tuple[str, ...] = ()
    cells: Array | None = None
    caption: str = ""


def checked_overlays(given: object) -> tuple[str, ...]:
    """Return names of overlays without duplicates; a single name may be given as a string.

    >>> checked_overlays("read counts"), checked_overlays(())
    (('read counts',), ())
    """
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, Iterable):
        raise TypeError(f"show takes names of overlays, got {type(given).__name__}")
    names = tuple(names)
    for name in names:
        if name not in OVERLAYS:
            known = ", ".join(f'"{overlay}"' for overlay in OVERLAYS)
            raise ValueError(f"show has no overlay {name!r}; there are {known}")
    return tuple(dict.fromkeys(names))


def overlay_name(overlay: str) -> str:
    """Return the name of an overlay in the current language.

    >>> overlay_name(READ_COUNTS)
    'read counts'
    """
    return say(f"overlay.name.{_key(overlay)}")


def _key(overlay: str) -> str:
    return overlay.replace(" ", "_")


def overlays_of(trace: Trace) -> tuple[str, ...]:
    """Return the names of the overlays that a layer has."""
    return (READ_COUNTS,) if trace.is_transposed else OVERLAYS


def build_overlays(
    trace: Trace, x: Array | Operands | None, slice_index: int, show: tuple[str, ...]
) -> Overlays:
    """Return the overlays named in `show`; if two of them fill the cells, the last one does."""
    cells, caption, texts = None, "", []
    for name in show:
        if name not in overlays_of(trace):
            continue
        text, found = _BUILDERS[name](trace, x, slice_index)
        end = "" if text.endswith("…") else "."
        texts.append(f"{capital(overlay_name(name))}: {text}{end}")
        if found is not None:
            cells, caption = found, say(f"overlay.caption.{_key(name)}")
    return Overlays(tuple(texts), cells, caption)


_Overlay = tuple[str, Array | None]  # its sentence, and values for the input's cells
_Input = Array | Operands | None


def _nothing(trace: Trace) -> str:
    """Return why no cell is read; "" if some are."""
    if trace.outcome != "ok":
        return say(f"overlay.nothing.{trace.outcome}")
    return say("overlay.nothing.no_cell") if 0 in trace.input_size else ""


# --- read counts ---------------------------------------------------------------------------------


def _read_counts(trace: Trace, x: _Input, slice_index: int) -> _Overlay:
    nothing = _nothing(trace)
    if nothing:
        return nothing, None
    counts = plane_counts(trace.as_windows, slice_index)
    if counts is None:
        return say("overlay.reads.too_many", size=by(trace.input_size)), None
    if trace.is_transposed:
        least, most = number(int(counts.min())), number(int(counts.max()))
        return say("overlay.reads.written", least=least, most=most), counts
    return _counts_text(counts, _each_cell(trace, slice_index)), counts


def _each_cell(trace: Trace, slice_index: int) -> str:
    if len(trace.axes) < 3:
        return say("overlay.reads.each")
    return say("overlay.reads.each_of_slice", slice=slice_index)


def _counts_text(counts: NDArray[np.int64], each: str) -> str:
    least, most = int(counts.min()), int(counts.max())
    if least == most:
        return plural("overlay.reads", most, each=each, windows=number(most))
    low, cells = number(least), count(int((counts == most).sum()), "cell")
    if most == 1:
        return say("overlay.reads.to_one", each=each, least=low, cells=cells)
    windows = number(most)
    return say("overlay.reads.to_many", each=each, least=low, windows=windows, cells=cells)


def plane_counts(trace: Trace, slice_index: int = 0) -> NDArray[np.int64] | None:
    """Return how many windows read each cell of the shown plane; None if there are too many."""
    drawn = trace.axes[-2:]
    if prod(axis.input_size for axis in drawn) > MOST_COUNTED:
        return None
    if any(axis.window_count > MOST_WINDOWS for axis in trace.axes):
        return None
    lines = [read_counts(axis) for axis in drawn]
    plane = as_plane(lines[0]) if len(lines) == 1 else np.multiply.outer(*lines)
    if len(trace.axes) == 3:
        depth = trace.axes[0]
        if depth.input_size > MOST_COUNTED:
            return None
        plane = plane * read_counts(depth)[slice_index]
    return plane


def read_counts(axis: AxisTrace) -> NDArray[np.int64]:
    """Return how many windows read each element of an axis.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> from poolviz.arithmetic.trace import trace
    >>> read_counts(trace(Pool(3, stride=2), (8,)).axes[0])
    array([1, 1, 2, 1, 2, 1, 1, 0])
    """
    if isinstance(axis, FittedAxis):
        return np.array(axis.reads.counts(), dtype=np.int64)
    size, step = axis.input_size, axis.dilation
    if max(axis.stride, axis.padded_size, axis.effective_kernel_size, step) > LISTABLE:
        return np.array(axis.reads.counts(), dtype=np.int64)  # too large for an array of windows
    starts = np.arange(axis.window_count, dtype=np.int64) * axis.stride
    starts -= axis.padding.before
    first = starts + np.maximum(0, -(starts // step)) * step  # the first tap that is not before 0
    end = np.minimum(starts + axis.kernel_size * step, first + size + step)
    end -= (end - first) % step
    reads = (first < size) & (first < end)
    # A window reads a block of every `step`-th element: add 1 where it begins, −1 behind it.
    rows = -(-size // step) + 2
    changes = np.zeros(rows * step, dtype=np.int64)
    np.add.at(changes, first[reads], 1)
    np.add.at(changes, np.minimum(end[reads], len(changes) - step + first[reads] % step), -1)
    return changes.reshape(rows, step).cumsum(axis=0).ravel()[:size]


# --- unread cells --------------------------------------------------------------------------------


def _unread_cells(trace: Trace, x: _Input, slice_index: int) -> _Overlay:
    cells = count(prod(trace.input_size), "cell")
    if trace.outcome != "ok":
        return say(f"overlay.nothing.all_{trace.outcome}", cells=cells), None
    if 0 in trace.input_size:
        return say("overlay.nothing.no_cell"), None
    if trace.unread_count == 0:
        return say("overlay.unread.none"), None
    unread = number(trace.unread_count)
    places = [
        say(f"overlay.unread.{axis.name}", places=runs(axis.unread))
        for axis in trace.axes
        if axis.unread_count and axis.input_size <= LONGEST_LISTED
    ]
    if not places:
        return say("overlay.unread.some", unread=unread, cells=cells), None
    return say("overlay.unread.where", unread=unread, cells=cells, places="; ".join(places)), None


# --- gradient ------------------------------------------------------------------------------------


def _gradient(trace: Trace, x: _Input, slice_index: int) -> _Overlay:
    nothing = _nothing(trace)
    if nothing:
        return nothing, None
    if not trace.framework.has_gradients:
        return say("overlay.gradient.onnxruntime"), None
    if x is None or _additions(trace) > MOST_ADDED:
        return say("overlay.gradient.too_many", size=by(trace.input_size)), None
    gradient = _passed_back(trace, x)
    plane = as_plane(gradient[slice_index] if gradient.ndim == 3 else gradient)
    text = say(
        "overlay.gradient.told",
        reached=number(int((gradient != 0).sum())),
        cells=count(gradient.size, "cell"),
        most=value_text(gradient.max()),
        rule=_rule(trace),
    )
    return text, plane


def _passed_back(trace: Trace, x: Array | Operands) -> Array:
    """Gradient of the input, of the shown channels, for a gradient of 1 everywhere."""
    ones = np.ones(trace.returned_size or ())
    if not isinstance(x, Operands):
        return gradients.passed_back(x, trace, ones)
    assert isinstance(trace, ConvTrace)
    grad = np.zeros((1, trace.out_channels, *ones.shape))
    grad[0, x.out_channel] = ones
    found: Array = convolved_gradient(x.x[None], trace, x.weight, grad).x[0, x.in_channel]
    return found


def _additions(trace: Trace) -> int:
    """Return roughly how many additions the gradient takes."""
    if values.cells_needed(trace) > MOST_CELLS_POOLED:
        return MOST_ADDED + 1
    outputs = prod(trace.output_size)
    if isinstance(trace, ConvTrace):
        outputs *= trace.channels * max(1, trace.out_channels // trace.groups)
    # The first maximum is found axis by axis: the kernel's sides add up, they do not multiply.
    if trace.layer.op == "max" and _ties_rule(trace) == "first":
        return outputs * sum(axis.kernel_size for axis in trace.axes)
    return outputs * prod(axis.kernel_size for axis in trace.axes)


def _ties_rule(trace: Trace) -> TiesRule:
    return trace.ties_rule


def _rule(trace: Trace) -> str:
    """Return the rule by which a window passes its gradient on, see `arithmetic.values`."""
    if trace.is_convolution:
        return say("overlay.gradient.products")
    if trace.layer.op == "avg":
        return say("overlay.gradient.shares")
    rule = _ties_rule(trace)
    if rule == "shared":
        return say("overlay.gradient.shared")
    return say("overlay.gradient.every" if rule == "every" else "overlay.gradient.first")


# --- receptive field -----------------------------------------------------------------------------


def _receptive_field(trace: Trace, x: _Input, slice_index: int) -> _Overlay:
    nothing = _nothing(trace)
    if nothing:
        return nothing, None
    if trace.is_fitted:
        lengths = " × ".join(axis.lengths_text for axis in trace.axes)
        return say("overlay.field.fitted", lengths=lengths), None
    taps = by(axis.kernel_size for axis in trace.axes)
    spans = by(axis.effective_kernel_size for axis in trace.axes)
    steps = per_axis([axis.stride for axis in trace.axes])
    if spans == taps:
        return say("overlay.field.told", taps=taps, steps=steps), None
    return say("overlay.field.spread", taps=taps, spans=spans, steps=steps), None


_BUILDERS = {
    READ_COUNTS: _read_counts,
    UNREAD_CELLS: _unread_cells,
    GRADIENT: _gradient,
    RECEPTIVE_FIELD: _receptive_field,
}
