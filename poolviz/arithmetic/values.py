"""Pooled values, positions of maxima and gradients; the only module here that uses numpy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.validation import MOST_AXES
from poolviz.arithmetic.trace import Trace, counts_padding, trace

Array = NDArray[Any]

MOST_CELLS = 50_000_000  # 2 GB with the intermediate arrays: more than small machines have


def as_input(x: ArrayLike, layer: Pool) -> tuple[Array, int]:
    """Return `x` as an array of real numbers, and how many of its last axes are spatial.

    Shapes are (*spatial) or (N, C, *spatial). Unless it fixes its number of axes, a layer reads
    one to three axes as spatial, and more as (N, C, *spatial).

    Raises
    ------
    TypeError
        When `x` does not hold numbers.
    ValueError
        When its number of axes fits neither form.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"x must hold real numbers, got dtype {array.dtype}")
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    ndim = _spatial_axes(array.ndim, layer)
    return array, ndim


def _spatial_axes(array_axes: int, layer: Pool) -> int:
    if layer.ndim in (None, 1) and array_axes in range(1, MOST_AXES + 3):
        own = layer.ndim
        if own == 1 and array_axes in (1, 3):
            return 1
        return array_axes if array_axes <= MOST_AXES else array_axes - 2
    if layer.ndim is not None and array_axes in (layer.ndim, layer.ndim + 2):
        return layer.ndim
    wanted = f"{layer.ndim}" if layer.ndim else "1 to 3"
    raise ValueError(
        f"x has {array_axes} axes; a layer with {wanted} spatial axes takes them alone "
        "or behind batch and channels, (N, C, *spatial)"
    )


def pool(x: ArrayLike, layer: Pool) -> Array:
    """Return the pooled values, also for a call that the framework rejects."""
    array, ndim = as_input(x, layer)
    traced = trace_of(array, ndim, layer)
    pooled = _max(array, traced) if layer.op == "max" else _average(array, traced)
    return pooled


def trace_of(array: Array, ndim: int, layer: Pool) -> Trace:
    """Return the trace of `layer` on the last `ndim` axes of `array`, if it fits into memory."""
    traced = trace(layer.with_axes(ndim), array.shape[array.ndim - ndim :])
    _check_memory(array, traced)
    return traced


def cells_needed(traced: Trace) -> int:
    """Number of cells of the padded input or of the output, whichever is larger."""
    padded = output = 1
    for axis in traced.axes:
        padded *= max(axis.padded_size, axis.effective_kernel_size)
        output *= max(0, axis.output_size)
    return max(padded, output)


def _check_memory(array: Array, traced: Trace) -> None:
    planes = math.prod(array.shape[: array.ndim - len(traced.axes)])
    cells = max(1, planes) * cells_needed(traced)
    if cells > MOST_CELLS:
        raise ValueError(
            f"pooling this input needs {cells:,} cells with its padding and its windows; "
            f"at most {MOST_CELLS:,} are computed (sizes have no such limit)"
        )


def _sizes(traced: Trace) -> list[tuple[int, AxisTrace, int]]:
    """Position from the end, trace and output size of each spatial axis, the last one first."""
    returned = traced.returned_size or tuple(max(0, size) for size in traced.output_size)
    numbered = [
        (i - len(traced.axes), axis, size)
        for i, (axis, size) in enumerate(zip(traced.axes, returned, strict=True))
    ]
    return numbered[::-1]


def _windows(array: Array, place: int, axis: AxisTrace, count: int, fill: Any) -> Array:
    """Return the windows of one axis as a new last axis, without copying their elements.

    Elements outside the input are `fill`; `place` counts from the end.
    """
    before, span = axis.padding.before, axis.effective_kernel_size
    end = -before + max(0, count - 1) * axis.stride + span
    array = _cropped(array, place, max(0, -before), end)
    pads = [(0, 0)] * array.ndim
    reached = array.shape[place] + max(0, -before)
    pads[place] = (max(0, before), max(0, end - reached))
    padded = np.pad(array, pads, constant_values=fill)
    if count == 0:
        shape = list(array.shape)
        shape[place] = 0
        return np.empty([*shape, axis.kernel_size], dtype=array.dtype)
    views = sliding_window_view(padded, span, axis=place % array.ndim)
    steps = [slice(None)] * views.ndim
    # The elements of a window are the last axis now, so `place` is one further from the end.
    steps[place - 1] = slice(None, (count - 1) * axis.stride + 1, axis.stride)
    steps[-1] = slice(None, None, axis.dilation)
    return views[tuple(steps)]


def _cropped(array: Array, place: int, first: int, end: int) -> Array:
    cut = [slice(None)] * array.ndim
    cut[place] = slice(first, max(first, end))
    return array[tuple(cut)]


def _fill(dtype: np.dtype[Any], traced: Trace) -> Any:
    """Return the value of padding under a maximum."""
    if dtype.name in traced.framework.zero_padded_maxima:
        return 0
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _max(array: Array, traced: Trace) -> Array:
    """Maximum axis by axis: the maximum of a box is a maximum of maxima."""
    is_float = array.dtype.kind == "f"
    nan_wins = traced.framework.nan_wins_max
    best = array if nan_wins or not is_float else np.where(np.isnan(array), -np.inf, array)
    for place, axis, count in _sizes(traced):
        best = _windows(best, place, axis, count, _fill(array.dtype, traced)).max(axis=-1)
    if is_float and not nan_wins:
        best = np.maximum(best, np.finfo(array.dtype).min)
    return best.astype(array.dtype, copy=False)


def _average(array: Array, traced: Trace) -> Array:
    is_float = array.dtype.kind == "f"
    dtype = array.dtype if is_float else np.dtype(traced.framework.averages_integers_in)
    total = array.astype(np.promote_types(dtype, np.float64))
    keeps_ints = not is_float and traced.framework.averages_integers_as_integers
    with _silent():
        for place, axis, count in _sizes(traced):
            total = _windows(total, place, axis, count, 0).sum(axis=-1)
        mean = total / divisors(traced)
        return np.trunc(mean).astype(array.dtype) if keeps_ints else mean.astype(dtype)


def _silent() -> Any:
    """Suppress warnings for ∞ − ∞, 0 / 0 and overflow, as the frameworks do."""
    return np.errstate(invalid="ignore", divide="ignore", over="ignore")


def divisors(traced: Trace) -> NDArray[np.int64]:
    """Return the divisor of each window's sum, in the shape of the output.

    It counts the input cells of the window; with count_include_pad those of the padded input too.
    Cells past the padding (ceil_mode) never count (PyTorch 2.13.0, onnxruntime 1.32.0).

    >>> from poolviz.arithmetic.trace import trace
    >>> divisors(trace(Pool(2, padding=1, op="avg", count_include_pad=False), (2, 2)))
    array([[1, 1],
           [1, 1]])
    """
    return _elements_inside(traced, counts_padding(traced))


def _elements_inside(traced: Trace, counts_the_padding: bool) -> NDArray[np.int64]:
    """Count the kernel elements of each window inside the input, or the padded input."""
    grid = np.ones((1,) * len(traced.axes), dtype=np.int64)
    for place, axis, count in _sizes(traced):
        ends = (
            (-axis.padding.before, axis.input_size + axis.padding.after)
            if counts_the_padding
            else (0, axis.input_size)
        )
        starts = _starts(axis, count)
        inside = _count_inside(starts, axis, *ends)
        shape = [1] * len(traced.axes)
        shape[place] = count
        grid = grid * inside.reshape(shape)
    return grid


def _starts(axis: AxisTrace, count: int) -> NDArray[np.int64]:
    """First element of each window; the stride of a single window may exceed any int64."""
    stride = axis.stride if count > 1 else 1
    return np.arange(count, dtype=np.int64) * stride - axis.padding.before


def _count_inside(
    starts: NDArray[np.int64], axis: AxisTrace, first: int, end: int
) -> NDArray[np.int64]:
    """Number of elements of each window in [first, end); element t is at start + d·t."""
    d = axis.dilation if axis.kernel_size > 1 else 1  # of a single element it means nothing
    below = np.clip(-((starts - first) // d), 0, axis.kernel_size)
    until = np.clip(-((starts - end) // d), 0, axis.kernel_size)
    return until - below


def pool_indices(x: ArrayLike, layer: Pool) -> NDArray[np.int64]:
    """Position of each maximum: its flat, row-major index into the unpadded spatial plane."""
    if layer.op != "max":
        raise ValueError('only max pooling has winners; op is "avg"')
    array, ndim = as_input(x, layer)
    return _winners(array, trace_of(array, ndim, layer))


def _winners(array: Array, traced: Trace) -> NDArray[np.int64]:
    """Return the first maximum in row-major order, computed from the last axis to the first."""
    ranks = _ranks(array, traced)
    shape = array.shape[array.ndim - len(traced.axes) :]
    flat = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), array.shape)
    for place, axis, count in _sizes(traced):
        views = _windows(ranks, place, axis, count, -1)
        winner = views.argmax(axis=-1)[..., None]
        ranks = np.take_along_axis(views, winner, axis=-1)[..., 0]
        places = _windows(flat, place, axis, count, -1)
        flat = np.take_along_axis(places, winner, axis=-1)[..., 0]
    return np.where(ranks < 0, -1, flat)


def _ranks(array: Array, traced: Trace) -> NDArray[np.int64]:
    """Rank of each element by value: equal elements tie, padding (−1) always loses."""
    if array.dtype.kind != "f":
        return _order(array)
    is_nan = np.isnan(array)
    if not traced.framework.nan_wins_max:
        return _order(np.where(is_nan, -np.inf, array))
    ranks = _order(array)
    if traced.framework.last_nan_wins:
        places = np.arange(array.size).reshape(array.shape)
        ranks = np.where(is_nan, array.size + places, ranks)
    return ranks


def _order(array: Array) -> NDArray[np.int64]:
    _, ranks = np.unique(array, return_inverse=True)
    return ranks.reshape(array.shape).astype(np.int64)


def pool_gradient(x: ArrayLike, layer: Pool, grad_output: ArrayLike) -> Array:
    """d sum(pool(x) · grad_output) / dx, shape of `x`."""
    array, ndim = as_input(x, layer)
    traced = trace_of(array, ndim, layer)
    grad = np.asarray(
        grad_output, dtype=np.promote_types(np.asarray(grad_output).dtype, np.float32)
    )
    lead = array.shape[: array.ndim - ndim]
    wanted = (*lead, *(size for _, _, size in _sizes(traced)[::-1]))
    if grad.shape != wanted:
        raise ValueError(f"grad_output must have the output's shape {wanted}, got {grad.shape}")
    with _silent():
        return _gradient(grad, array, traced)


def _gradient(grad: Array, array: Array, traced: Trace) -> Array:
    if traced.layer.op == "avg":
        return _shared_out(grad / np.maximum(divisors(traced), 1), array.shape, traced)
    rule = traced.framework.ties_rule(len(traced.axes))
    if rule == "first":
        return _to_winners(grad, array, traced)
    return _to_ties(grad, array, traced, is_shared=rule == "shared")


def _to_winners(grad: Array, array: Array, traced: Trace) -> Array:
    ndim = len(traced.axes)
    planes = int(np.prod(array.shape[: array.ndim - ndim], initial=1))
    size = int(np.prod(array.shape[array.ndim - ndim :]))
    result = np.zeros((planes, size), dtype=grad.dtype)
    count = int(np.prod(grad.shape[grad.ndim - ndim :]))
    winners = _winners(array, traced).reshape(planes, count)
    for plane, entries in enumerate(grad.reshape(planes, count)):
        has_won = winners[plane] >= 0
        np.add.at(result[plane], winners[plane][has_won], entries[has_won])
    return result.reshape(array.shape)


def _readings(axis: AxisTrace, count: int) -> list[tuple[Array, Array]]:
    """Windows and elements that meet, for each kernel element that reads an input at all."""
    starts = _starts(axis, count)
    first = max(0, -((int(starts[-1]) if count else 0) // axis.dilation))
    found = []
    for t in range(first, axis.kernel_size):
        places = starts + t * axis.dilation
        kept = (places >= 0) & (places < axis.input_size)
        if kept.any():
            found.append((np.flatnonzero(kept), places[kept]))
        elif count == 0 or places[0] >= axis.input_size:
            break  # all later ones read past the end too
    return found


def _shared_out(grad: Array, shape: tuple[int, ...], traced: Trace) -> Array:
    """Add each output's gradient to all elements of its window, axis by axis as in the sums."""
    for place, axis, count in _sizes(traced):
        wanted = [*grad.shape]
        wanted[place] = axis.input_size
        result = np.zeros(wanted, dtype=grad.dtype)
        to, entries = np.moveaxis(result, place, 0), np.moveaxis(grad, place, 0)
        for windows, elements in _readings(axis, count):
            to[elements] += entries[windows]
        grad = result
    return grad.reshape(shape)


def _to_ties(grad: Array, array: Array, traced: Trace, is_shared: bool) -> Array:
    """Add each output's gradient to every element of its window that equals the maximum.

    Shared, it is divided by the number of these elements, those in the padding included. A window
    with NaN has no element that equals its maximum: the division by 0 passes NaN on.
    """
    result, best = np.zeros(array.shape, dtype=grad.dtype), _max(array, traced)
    if is_shared:
        grad = grad / _tie_counts(array, best, traced)
    for inputs, outputs, is_hit in _hits(array, best, traced):
        part = grad[outputs]
        result[inputs] += is_hit * part if is_shared else np.where(is_hit, part, 0)
    return result


def _tie_counts(array: Array, best: Array, traced: Trace) -> Array:
    """Count the elements of each window that equal its maximum; the padding is −∞."""
    kernel = math.prod(axis.kernel_size for axis in traced.axes)
    in_padding = kernel - _elements_inside(traced, counts_the_padding=False)
    ties: Array = np.where(best == -np.inf, in_padding, 0)
    for _, outputs, is_hit in _hits(array, best, traced):
        ties[outputs] += is_hit
    return ties


def _hits(array: Array, best: Array, traced: Trace) -> Iterator[tuple[Any, Any, Array]]:
    """Yield the elements of each tap, the windows that read them, and which equal the maximum."""
    readings = [_readings(axis, count) for _, axis, count in _sizes(traced)[::-1]]
    for pairs in itertools.product(*readings):
        outputs: Any = (..., *np.ix_(*(windows for windows, _ in pairs)))
        inputs: Any = (..., *np.ix_(*(elements for _, elements in pairs)))
        yield inputs, outputs, array[inputs] == best[outputs]
