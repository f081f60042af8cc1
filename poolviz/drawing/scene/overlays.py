"""What can be shown on top of a picture: read counts, unread cells, gradient, receptive field.

Each layer of insight has a sentence, also where there is nothing to draw: it says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poolviz.arithmetic import values
from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import LISTABLE, length
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.phrases import by, capital, count, number, per_axis, runs
from poolviz.drawing.scene.numerals import value_text
from poolviz.drawing.scene.plane_views import MOST_CELLS_POOLED, as_plane, plane_axes
from poolviz.i18n.catalogue import say

# As the argument `show` names them; what they are called is said by `layer_name`.
READ_COUNTS = "read counts"
UNREAD_CELLS = "unread cells"
GRADIENT = "gradient routing"
RECEPTIVE_FIELD = "receptive field"
LAYERS = (READ_COUNTS, UNREAD_CELLS, GRADIENT, RECEPTIVE_FIELD)

LONGEST_LISTED = 20_000  # elements of an axis whose unread ones are named
MOST_COUNTED = 1_000_000  # cells whose read counts are listed
MOST_WINDOWS = 10_000_000  # along one axis
MOST_ADDED = 20_000_000  # numbers that a gradient is summed from: a fifth of a second


@dataclass(frozen=True, slots=True, eq=False)
class Insight:
    """One sentence per layer that is shown, and what the input's cells show instead of values."""

    sentences: tuple[str, ...] = ()
    cells: NDArray[Any] | None = None
    caption: str = ""


def checked_layers(given: Any) -> tuple[str, ...]:
    """The names of layers of insight, each once; a single one may come alone.

    >>> checked_layers("read counts"), checked_layers(())
    (('read counts',), ())
    """
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, Iterable):
        raise TypeError(f"show takes names of layers, got {type(given).__name__}")
    names = tuple(names)
    for name in names:
        if name not in LAYERS:
            known = ", ".join(f'"{layer}"' for layer in LAYERS)
            raise ValueError(f"show has no layer {name!r}; there are {known}")
    return tuple(dict.fromkeys(names))


def layer_name(layer: str) -> str:
    """What a layer of insight is called.

    >>> layer_name(READ_COUNTS)
    'read counts'
    """
    return say(f"insight.name.{_key(layer)}")


def _key(layer: str) -> str:
    return layer.replace(" ", "_")


def look(trace: Trace, x: NDArray[Any] | None, slice_index: int, show: tuple[str, ...]) -> Insight:
    """What the layers in `show` have to show; of two that fill the cells the last one does."""
    cells, caption, sentences = None, "", []
    for name in show:
        told, found = _LOOKS[name](trace, x, slice_index)
        end = "" if told.endswith("…") else "."
        sentences.append(f"{capital(layer_name(name))}: {told}{end}")
        if found is not None:
            cells, caption = found, say(f"insight.caption.{_key(name)}")
    return Insight(tuple(sentences), cells, caption)


_Told = tuple[str, NDArray[Any] | None]


def _nothing(trace: Trace) -> str:
    """That nothing is read, and why; empty when something is."""
    if trace.outcome != "ok":
        return say(f"insight.nothing.{trace.outcome}")
    return say("insight.nothing.no_cell") if 0 in trace.input_size else ""


# --- read counts ---------------------------------------------------------------------------------


def _read_counts(trace: Trace, x: NDArray[Any] | None, slice_index: int) -> _Told:
    nothing = _nothing(trace)
    if nothing:
        return nothing, None
    counts = plane_counts(trace, slice_index)
    if counts is None:
        return say("insight.reads.too_many", size=by(trace.input_size)), None
    return _counts_text(counts, _each_cell(trace, slice_index)), counts


def _each_cell(trace: Trace, slice_index: int) -> str:
    if len(trace.axes) < 3:
        return say("insight.reads.each")
    return say("insight.reads.each_of_slice", slice=slice_index)


def _counts_text(counts: NDArray[np.int64], each: str) -> str:
    least, most = int(counts.min()), int(counts.max())
    if least == most == 1:
        return say("insight.reads.one", each=each)
    if least == most:
        return say("insight.reads.many", each=each, windows=number(most))
    low, cells = number(least), count(int((counts == most).sum()), "cell")
    if most == 1:
        return say("insight.reads.to_one", each=each, least=low, cells=cells)
    windows = number(most)
    return say("insight.reads.to_many", each=each, least=low, windows=windows, cells=cells)


def plane_counts(trace: Trace, slice_index: int = 0) -> NDArray[np.int64] | None:
    """How many windows read each cell of the shown plane; None where they are too many."""
    down, across = plane_axes(trace)
    drawn = [axis for axis in (down, across) if axis]
    if prod(axis.input_size for axis in drawn) > MOST_COUNTED:
        return None
    if any(length(axis.window_starts) > MOST_WINDOWS for axis in trace.axes):
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
    """How many windows read each element of an axis.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> from poolviz.arithmetic.trace import trace
    >>> read_counts(trace(Pool(3, stride=2), (8,)).axes[0])
    array([1, 1, 2, 1, 2, 1, 1, 0])
    """
    size, step = axis.input_size, axis.dilation
    if max(axis.stride, axis.padded_size, axis.effective_kernel_size, step) > LISTABLE:
        return np.array(axis.reads.counts(), dtype=np.int64)  # no array of windows or taps holds it
    starts = np.arange(length(axis.window_starts), dtype=np.int64) * axis.stride
    starts -= axis.padding.before
    first = starts + np.maximum(0, -(starts // step)) * step  # the first tap that is not before 0
    end = np.minimum(starts + axis.kernel_size * step, first + size + step)
    end -= (end - first) % step
    reads = (first < size) & (first < end)
    # A window's taps are a block among every `step`-th element: up where it begins, down behind it.
    rows = -(-size // step) + 2
    changes = np.zeros(rows * step, dtype=np.int64)
    np.add.at(changes, first[reads], 1)
    np.add.at(changes, np.minimum(end[reads], len(changes) - step + first[reads] % step), -1)
    return changes.reshape(rows, step).cumsum(axis=0).ravel()[:size]


# --- unread cells --------------------------------------------------------------------------------


def _unread_cells(trace: Trace, x: NDArray[Any] | None, slice_index: int) -> _Told:
    cells = count(prod(trace.input_size), "cell")
    if trace.outcome != "ok":
        return say(f"insight.nothing.all_{trace.outcome}", cells=cells), None
    if 0 in trace.input_size:
        return say("insight.nothing.no_cell"), None
    if trace.unread_count == 0:
        return say("insight.unread.none"), None
    unread = number(trace.unread_count)
    places = [
        say(f"insight.unread.{axis.name}", places=runs(axis.unread))
        for axis in trace.axes
        if axis.unread_count and axis.input_size <= LONGEST_LISTED
    ]
    if not places:
        return say("insight.unread.some", unread=unread, cells=cells), None
    return say("insight.unread.where", unread=unread, cells=cells, places="; ".join(places)), None


# --- gradient ------------------------------------------------------------------------------------


def _gradient(trace: Trace, x: NDArray[Any] | None, slice_index: int) -> _Told:
    nothing = _nothing(trace)
    if nothing:
        return nothing, None
    if not trace.framework.has_gradients:
        return say("insight.gradient.onnxruntime"), None
    if x is None or _additions(trace) > MOST_ADDED:
        return say("insight.gradient.too_many", size=by(trace.input_size)), None
    gradient = values.pool_gradient(x, trace.layer, np.ones(trace.returned_size or ()))
    plane = as_plane(gradient[slice_index] if gradient.ndim == 3 else gradient)
    told = say(
        "insight.gradient.told",
        reached=number(int((gradient != 0).sum())),
        cells=count(gradient.size, "cell"),
        most=value_text(gradient.max()),
        rule=_rule(trace),
    )
    return told, plane


def _additions(trace: Trace) -> int:
    """What summing the gradient takes, roughly."""
    if values.cells_needed(trace) > MOST_CELLS_POOLED:
        return MOST_ADDED + 1
    outputs = prod(trace.output_size)
    if trace.layer.op == "max" and not _shares_ties(trace):
        return outputs * sum(axis.kernel_size for axis in trace.axes)
    return outputs * prod(axis.kernel_size for axis in trace.axes)


def _shares_ties(trace: Trace) -> bool:
    return trace.framework.shares_gradient_among_ties(len(trace.axes))


def _rule(trace: Trace) -> str:
    """Where a window's gradient goes: values.py has the frameworks' rules."""
    if trace.layer.op == "avg":
        return say("insight.gradient.shares")
    if _shares_ties(trace):
        return say("insight.gradient.ties")
    return say("insight.gradient.first")


# --- receptive field -----------------------------------------------------------------------------


def _receptive_field(trace: Trace, x: NDArray[Any] | None, slice_index: int) -> _Told:
    nothing = _nothing(trace)
    if nothing:
        return nothing, None
    taps = by(axis.kernel_size for axis in trace.axes)
    spans = by(axis.effective_kernel_size for axis in trace.axes)
    steps = per_axis([axis.stride for axis in trace.axes])
    if spans == taps:
        return say("insight.field.told", taps=taps, steps=steps), None
    return say("insight.field.spread", taps=taps, spans=spans, steps=steps), None


_LOOKS = {
    READ_COUNTS: _read_counts,
    UNREAD_CELLS: _unread_cells,
    GRADIENT: _gradient,
    RECEPTIVE_FIELD: _receptive_field,
}
