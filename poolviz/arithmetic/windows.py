"""The windows of a traced call as arrays: their elements, their lengths, and what reads what."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.fitted_axis import FittedAxis
from poolviz.arithmetic.trace import Trace, counts_padding

Array = NDArray[Any]


def cells_needed(traced: Trace) -> int:
    """Number of cells of the padded input or of the output, whichever is larger."""
    padded = output = 1
    for axis in traced.axes:
        count = max(0, axis.output_size)
        # The last window may begin far behind the padded input, where the division rounds up.
        reached = max(0, count - 1) * axis.stride + axis.effective_kernel_size
        padded *= max(axis.padded_size, 0 if isinstance(axis, FittedAxis) else reached)
        output *= count
    return max(padded, output)


def sizes_from_the_end(traced: Trace) -> list[tuple[int, AxisTrace, int]]:
    """Position from the end, trace and output size of each spatial axis, the last one first."""
    returned = traced.returned_size or tuple(max(0, size) for size in traced.output_size)
    numbered = [
        (i - len(traced.axes), axis, size)
        for i, (axis, size) in enumerate(zip(traced.axes, returned, strict=True))
    ]
    return numbered[::-1]


def windows_of(array: Array, place: int, axis: AxisTrace, count: int, fill: Any) -> Array:
    """Return the windows of one axis as a new last axis, without copying their elements.

    Elements outside the input are `fill`; `place` counts from the end.
    """
    if isinstance(axis, FittedAxis):
        return _fitted_windows(array, place, axis, fill)
    before, span = axis.padding.before, axis.effective_kernel_size
    end = -before + max(0, count - 1) * axis.stride + span
    # Negative padding crops (onnxruntime); elements behind the last window would only cost memory.
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


def _fitted_windows(array: Array, place: int, axis: FittedAxis, fill: object) -> Array:
    """Return the windows of one axis; those that are shorter than the longest end in `fill`."""
    starts = first_places(axis, axis.output_size)[:, None]
    elements = starts + np.arange(axis.kernel_size)
    # Adaptive windows differ in length, an array has one: shorter ones end in `fill`.
    inside = elements < starts + window_lengths(axis)[:, None]
    if not array.shape[place]:
        shape = [*array.shape, max(1, axis.kernel_size)]
        shape[place - 1] = axis.output_size  # the elements of a window are the last axis now
        return np.full(shape, fill, dtype=array.dtype)
    last_first = np.moveaxis(array, place, -1)
    # Indices past the end are held at the last element; `inside` replaces what they read.
    views = last_first[..., np.minimum(elements, array.shape[place] - 1)]
    if not inside.all():
        views = np.where(inside, views, np.asarray(fill, dtype=array.dtype))
    return np.moveaxis(views, -2, place - 1)


def _fitted_readings(axis: FittedAxis, starts: Array) -> list[tuple[Array, Array]]:
    """As `readings_of`; windows that start alike are apart, so that no element is there twice."""
    lengths = window_lengths(axis)
    # With more outputs than elements, neighbours start at the same one; `+=` on equal indices would
    # add only one of them.
    twins = np.arange(len(starts)) - np.searchsorted(starts, starts)
    read = (
        (np.flatnonzero((lengths > t) & (twins == twin)), t)
        for t in range(axis.kernel_size)
        for twin in range(int(twins.max(initial=0)) + 1)
    )
    return [(windows, starts[windows] + t) for windows, t in read if len(windows)]


def window_lengths(axis: FittedAxis) -> NDArray[np.int64]:
    """Number of elements of each window of an axis of adaptive or global pooling."""
    size, count = axis.windows
    ends = -(-np.arange(1, count + 1, dtype=np.int64) * size // max(1, count))
    return ends - first_places(axis, count)


def _cropped(array: Array, place: int, first: int, end: int) -> Array:
    cut = [slice(None)] * array.ndim
    cut[place] = slice(first, max(first, end))
    return array[tuple(cut)]


def divisors(traced: Trace) -> NDArray[np.int64]:
    """Return the divisor of each window's sum, in the shape of the output.

    It counts the input cells of the window; with count_include_pad those of the padded input too.
    Cells past the padding (ceil_mode) do not count (PyTorch 1.13.1 to 2.13.0, onnxruntime 1.25 to
    1.32.0); before, onnxruntime had other rules (`counted_ends`, `divides_by_kernel`).

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> from poolviz.arithmetic.trace import trace
    >>> divisors(trace(Pool(2, padding=1, op="avg", count_include_pad=False), (2, 2)))
    array([[1, 1],
           [1, 1]])
    """
    counts = counts_padding(traced)
    inside = elements_inside(traced, counts)
    if traced.framework.divides_by_kernel and not traced.is_fitted:
        kernel = math.prod(axis.kernel_size for axis in traced.axes)
        inside = np.full_like(inside, kernel) if counts else np.maximum(inside, 1)
    override = traced.layer.divisor_override
    return inside if override is None else np.full_like(inside, override)


def elements_inside(traced: Trace, counts_the_padding: bool) -> NDArray[np.int64]:
    """Count the kernel elements of each window inside the input, or the padded input."""
    grid = np.ones((1,) * len(traced.axes), dtype=np.int64)
    after = traced.framework.counted_ends(traced.axes)
    for place, axis, count in sizes_from_the_end(traced):
        ends = (
            (-axis.padding.before, axis.input_size + after[place])
            if counts_the_padding
            else (0, axis.input_size)
        )
        starts = first_places(axis, count)
        inside = (
            window_lengths(axis)
            if isinstance(axis, FittedAxis)
            else _count_inside(starts, axis, *ends)
        )
        shape = [1] * len(traced.axes)
        # Broadcast against the other axes: a count over a box is the product of counts per axis.
        shape[place] = count
        grid = grid * inside.reshape(shape)
    return grid


def first_places(axis: AxisTrace, count: int) -> NDArray[np.int64]:
    """First element of each window; the stride of a single window may exceed any int64."""
    places = np.arange(count, dtype=np.int64)
    if isinstance(axis, FittedAxis):
        return places * axis.input_size // max(1, count)
    # Multiplied by 0 only, so any stride does.
    stride = axis.stride if count > 1 else 1
    return places * stride - axis.padding.before


def first_elements(axis: AxisTrace, count: int) -> NDArray[np.int64]:
    """First input element of each window; behind the input where it reads none."""
    starts = first_places(axis, count)
    found: NDArray[np.int64] = starts + np.maximum(0, -(starts // axis.dilation)) * axis.dilation
    return found


def _count_inside(
    starts: NDArray[np.int64], axis: AxisTrace, first: int, end: int
) -> NDArray[np.int64]:
    """Number of elements of each window in [first, end); element t is at start + d·t."""
    d = axis.dilation if axis.kernel_size > 1 else 1  # of a single element it means nothing
    below = np.clip(-((starts - first) // d), 0, axis.kernel_size)
    until = np.clip(-((starts - end) // d), 0, axis.kernel_size)
    return until - below


def readings_of(axis: AxisTrace, count: int) -> list[tuple[Array, Array]]:
    """Windows and elements that meet, for each kernel element that reads an input at all."""
    starts = first_places(axis, count)
    if isinstance(axis, FittedAxis):
        return _fitted_readings(axis, starts)
    # Kernel elements that even the last window has in the padding are passed over.
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
