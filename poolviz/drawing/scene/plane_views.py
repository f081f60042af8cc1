"""Which part of a traced call is shown, and the values of its planes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poolviz.arithmetic import values
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.phrases import by
from poolviz.drawing.convolution.operands import Operands, Products, products
from poolviz.drawing.scene.layout import FULL_HEIGHT, FULL_WIDTH, Plane
from poolviz.drawing.scene.numerals import fit_numbers
from poolviz.drawing.scene.picture import Cells

MOST_CELLS_POOLED = 4_000_000  # with padding; larger maps are drawn without values
MOST_VALUES_SENT = 4096  # cells whose values travel to the browser for its sentences


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of a traced call: width, most height, depth slice, marked cell, overlays.

    With `fits` the picture is only as high as its content needs. Otherwise all pictures of a kind
    are equally high, so that nothing below the picture jumps while parameters change.
    """

    width: float = FULL_WIDTH
    height: float = FULL_HEIGHT
    fits: bool = False
    slice_index: int = 0
    position: tuple[int, int] | None = None
    show: tuple[str, ...] = ()  # names of overlays


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """The values of the cells that have a window each, and what describes how they come about.

    That are the output, or the input of a transposed convolution. `winners` are the flat input
    indices of maxima (−1: in no input cell), `products` the sums of a convolution.
    """

    pooled: Array
    winners: NDArray[np.int64] | None
    products: Products | None = None


def output_text(trace: Trace) -> str:
    """Return the returned size as text, or the formula's result if the call raises."""
    return by(trace.returned_size or trace.output_size)


def slice_within(trace: Trace, asked: int) -> int:
    """Clip a slice index to the input; 0 without a depth axis."""
    if len(trace.axes) < 3:
        return 0
    return min(max(asked, 0), max(0, trace.axes[0].input_size - 1))


def output_slice(trace: Trace, slice_index: int) -> int | None:
    """Return the first output slice that reads an input slice; None if there is none."""
    axis = trace.axes[0]
    if trace.outcome == "raises" or axis.input_size < 1:
        return None
    readers = axis.reads.readers(slice_index)
    return readers.start if readers else None


def as_plane(array: Array) -> Array:
    """Return a 1-D array as one row."""
    return array[None, :] if array.ndim == 1 else array


Data = Array | Operands | None  # what is known of the input of a layer


def input_plane(
    trace: Trace, data: Data, slice_index: int, found: Results | None = None
) -> Array | None:
    """Return the values of the shown slice; None if there are none.

    Of a transposed convolution they are the values that it writes.
    """
    x = data.x[data.in_channel] if isinstance(data, Operands) else data
    if trace.is_transposed:
        x = None if found is None or found.products is None else found.products.output
    if x is None or 0 in x.shape:
        return None
    return as_plane(x[slice_index] if x.ndim == 3 else x)


def results(trace: Trace, x: Data) -> Results | None:
    """Return the pooled values; with the maxima's indices if few enough for the browser."""
    if isinstance(trace, ConvTrace):
        return _convolved(trace, x)
    assert not isinstance(x, Operands)
    if x is None or values.cells_needed(trace) > MOST_CELLS_POOLED:
        return None
    x = values.numbers_of(x)
    pooled = values.pooled_plane(x, trace)
    few = x.size <= MOST_VALUES_SENT and pooled.size <= MOST_VALUES_SENT
    winners = values.winners(x, trace) if few and trace.layer.op == "max" else None
    return Results(pooled, winners)


def _convolved(trace: ConvTrace, x: Data) -> Results | None:
    """Return the values of one output channel."""
    if not isinstance(x, Operands):
        return None
    found = products(trace, x) if trace.outcome == "ok" else None
    if trace.is_transposed:  # its input is there whatever becomes of it
        return Results(x.x[x.in_channel], None, found)
    return None if found is None else Results(found.output, None, found)


def output_plane(trace: Trace, results: Results | None, slice_index: int) -> Array | None:
    """Return the pooled values of the shown output slice."""
    if results is None:
        return None
    if len(trace.axes) < 3:
        return as_plane(results.pooled)
    chosen = output_slice(trace.as_windows, slice_index)
    return None if chosen is None else results.pooled[chosen]


def value_range(data: Array | None) -> tuple[float, float]:
    """Return the smallest and the largest finite value, the ends of the colour ramp."""
    if data is None or data.dtype.kind not in "fiub":
        return 0.0, 1.0
    finite = data[np.isfinite(data)] if data.dtype.kind == "f" else data
    if finite.size == 0:
        return 0.0, 1.0
    return float(finite.min()), float(finite.max())


def levels_of(data: Array, low: float, high: float) -> NDArray[np.float64]:
    """Map values to 0…1; −∞ becomes 0, ∞ becomes 1, NaN stays NaN."""
    spread = high - low if high > low else 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        return np.clip((data.astype(np.float64) - low) / spread, 0.0, 1.0)


def cells(plane: Plane, data: Array | None, low_high: tuple[float, float]) -> Cells:
    """Return the cells of a plane with levels and, if they fit, numbers."""
    if data is None:
        return Cells(plane, None, None)
    return Cells(plane, levels_of(data, *low_high), fit_numbers(plane, data))


def winner_place(
    trace: Trace, results: Results | None, slice_index: int, i: int, j: int
) -> tuple[int, int] | None:
    """Return row and column of the maximum of window (i, j); None if outside this plane."""
    if results is None or results.winners is None:
        return None
    winners = results.winners
    if len(trace.axes) == 3:
        chosen = output_slice(trace, slice_index)
        if chosen is None:
            return None
        flat = int(winners[chosen, i, j])
    else:
        flat = int(as_plane(winners)[i, j])
    if flat < 0:
        return None
    place = np.unravel_index(flat, trace.input_size)
    if len(place) == 3 and place[0] != slice_index:
        return None
    return (int(place[-2]) if len(place) > 1 else 0, int(place[-1]))
