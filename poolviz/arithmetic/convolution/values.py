"""Values and gradients of convolutions: sums of products, one kernel element after the other.

Arrays are (N, C, *spatial), weights (first, second / groups, *kernel) as in PyTorch. A window reads
the side that has padding: the input, or the output of a transposed convolution.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.values import MOST_CELLS, cells_needed
from poolviz.arithmetic.windows import Array


class ConvolutionGradient(NamedTuple):
    """d sum(y · grad_output) by the input, by the weights, and by the bias."""

    x: Array
    weight: Array
    bias: Array


def check_memory(traced: ConvTrace, examples: int) -> None:
    """Raise a ValueError for an input that is too large to convolve."""
    cells = max(1, examples) * cells_needed(traced.as_windows)
    # The larger side: a convolution reads its input channels, a transposed one writes its own.
    cells *= max(traced.channels, traced.out_channels)
    if cells > MOST_CELLS:
        raise ValueError(
            f"this convolution needs {cells:,} cells with its padding and its channels; "
            f"at most {MOST_CELLS:,} are computed (sizes have no such limit)"
        )


def convolved(x: Array, traced: ConvTrace, weight: Array, bias: Array | None = None) -> Array:
    """Return the values, (N, C, *spatial), also of a call that the framework rejects."""
    grouped = _grouped(weight, traced)
    kind = np.result_type(x, weight, *([] if bias is None else [bias]))
    # Infinities and NaN among the inputs are what a lesson may be about, and no reason to warn.
    with np.errstate(invalid="ignore", over="ignore"):
        call = _written if traced.is_transposed else _read
        found: Array = call(_wide(x), _wide(grouped), traced)
        if bias is not None:
            found = found + bias.reshape(-1, *(1,) * len(traced.axes))
        return found.astype(kind)


def convolved_gradient(
    x: Array, traced: ConvTrace, weight: Array, grad: Array
) -> ConvolutionGradient:
    """Return the gradients for `grad`, in the shape of the output."""
    grouped, wide_x, wide = _grouped(weight, traced), _wide(x), _wide(grad)
    with np.errstate(invalid="ignore", over="ignore"):
        # The gradient of a convolution is the transposed one, and the other way round.
        if traced.is_transposed:
            by_x = _read(wide, _wide(grouped), traced)
            by_weight = _products(wide, wide_x, traced, weight.shape)
        else:
            by_x = _written(wide, _wide(grouped), traced)
            by_weight = _products(wide_x, wide, traced, weight.shape)
    by_bias = wide.sum(axis=(0, *range(2, grad.ndim)))
    kind = np.result_type(x, weight, grad)
    return ConvolutionGradient(*(one.astype(kind) for one in (by_x, by_weight, by_bias)))


def _wide(array: Array) -> Array:
    """Return numbers in which sums of products are accurate."""
    return array.astype(np.float64 if array.dtype.kind == "f" else np.int64)


def _grouped(weight: Array, traced: ConvTrace) -> Array:
    """Return the weights as (groups, first / groups, second / groups, *kernel)."""
    groups = traced.groups
    shape = (groups, weight.shape[0] // groups, *weight.shape[1:])
    grouped: Array = weight.reshape(shape)
    # jax.lax.conv_transpose correlates where the others convolve, unless transpose_kernel is set.
    if traced.is_transposed and traced.framework.flips_transposed_kernel:
        grouped = np.flip(grouped, tuple(range(3, grouped.ndim)))
    return grouped


class _Tap(NamedTuple):
    """One kernel element: its place in the kernel, and where it lies in the padded side.

    Both are indices behind the other axes of an array.
    """

    place: Any
    cells: Any


def _taps(axes: list[AxisTrace]) -> Iterator[_Tap]:
    for place in itertools.product(*(range(axis.kernel_size) for axis in axes)):
        cells = tuple(
            slice(
                first := t * axis.dilation,
                # One behind the last cell; without outputs an empty slice, not one of a single
                # cell.
                first + max(0, axis.output_size - 1) * axis.stride + (axis.output_size > 0),
                axis.stride,
            )
            for t, axis in zip(place, axes, strict=True)
        )
        yield _Tap((..., *place), (..., *cells))


def _sides(traced: ConvTrace) -> list[AxisTrace]:
    return [*traced.as_windows.axes]


def _lengths(axes: list[AxisTrace]) -> tuple[int, ...]:
    """Elements from the start of the first window to the end of the last one, per axis."""
    return tuple(
        max(0, axis.output_size - 1) * axis.stride + axis.effective_kernel_size for axis in axes
    )


def _padded(array: Array, axes: list[AxisTrace]) -> Array:
    """Return what the windows cover: zeros around the array, and no more than they reach."""
    lead = array.ndim - len(axes)
    crops: list[Any] = [slice(None)] * lead
    pads = [(0, 0)] * lead
    for axis, length in zip(axes, _lengths(axes), strict=True):
        # Padding below 0 crops; and what no window reaches at the end is left out.
        before, size = axis.padding.before, max(0, axis.input_size)
        first, stop = max(0, -before), max(max(0, -before), min(size, length - before))
        crops.append(slice(first, stop))
        start = max(0, before)
        pads.append((start, max(0, length - start - max(0, min(stop, size) - first))))
    return np.pad(array[tuple(crops)], pads)


def _uncovered(padded: Array, axes: list[AxisTrace]) -> Array:
    """Return the array out of what its windows cover: the inverse of `_padded`."""
    lead = padded.ndim - len(axes)
    crops: list[Any] = [slice(None)] * lead
    pads = [(0, 0)] * lead
    for axis, length in zip(axes, _lengths(axes), strict=True):
        before, size = axis.padding.before, max(0, axis.input_size)
        first = max(0, before)
        stop = max(first, min(length, before + size))
        crops.append(slice(first, stop))
        start = min(size, max(0, -before))
        pads.append((start, max(0, size - start - (stop - first))))
    found: Array = np.pad(padded[tuple(crops)], pads)
    cut: tuple[Any, ...] = (*[slice(None)] * lead, *(slice(max(0, a.input_size)) for a in axes))
    inside: Array = found[cut]
    return inside


def _by_group(array: Array, groups: int) -> Array:
    """Return (N, C, *spatial) as (N, groups, C / groups, cells)."""
    shape = (array.shape[0], groups, array.shape[1] // groups, math.prod(array.shape[2:]))
    return array.reshape(shape)


def _read(array: Array, weight: Array, traced: ConvTrace) -> Array:
    """Each window of `array` times the weights, summed: a convolution."""
    axes, groups = _sides(traced), len(weight)
    padded = _padded(array, axes)
    size = tuple(max(0, axis.output_size) for axis in axes)
    total: Array = np.zeros(
        (len(array), groups, weight.shape[1], math.prod(size)), dtype=np.result_type(array, weight)
    )
    # A loop over the kernel, not over the windows: a kernel has few elements, each a whole product.
    for tap in _taps(axes):
        part = _by_group(padded[tap.cells], groups)
        total += weight[tap.place] @ part
    return total.reshape(len(array), groups * weight.shape[1], *size)


def _written(array: Array, weight: Array, traced: ConvTrace) -> Array:
    """Each element of `array` times the weights, added to its window: a transposed convolution."""
    axes, groups = _sides(traced), len(weight)
    channels = groups * weight.shape[2]
    lengths = _lengths(axes)
    total: Array = np.zeros((len(array), channels, *lengths), dtype=np.result_type(array, weight))
    elements = _by_group(array, groups)
    size = tuple(max(0, axis.output_size) for axis in axes)
    for tap in _taps(axes):
        part = weight[tap.place]
        spread = np.swapaxes(part, -1, -2) @ elements
        total[tap.cells] += spread.reshape(len(array), channels, *size)
    return _uncovered(total, axes)


def _products(covered: Array, others: Array, traced: ConvTrace, shape: tuple[int, ...]) -> Array:
    """Sum, for each weight, of the products of the elements that it connects."""
    axes, groups = _sides(traced), traced.groups
    padded, right = _padded(covered, axes), _by_group(others, groups)
    first, second = shape[0] // groups, shape[1]
    total: Array = np.zeros(
        (groups, first, second, *shape[2:]), dtype=np.result_type(covered, others)
    )
    for tap in _taps(axes):
        left = np.swapaxes(_by_group(padded[tap.cells], groups), -1, -2)
        total[tap.place] = (right @ left).sum(axis=0)
    # The kernel was turned before it was used (`_grouped`), so its gradient is turned back.
    if traced.is_transposed and traced.framework.flips_transposed_kernel:
        total = np.flip(total, tuple(range(3, total.ndim)))
    return total.reshape(shape)


def one_channel(
    x: Array, traced: ConvTrace, weight: Array, out_channel: int, inputs: range
) -> Array:
    """Return one output channel, (*spatial), of some input channels of `x`, (C, *spatial).

    These are channels of its group.
    """
    part = _wide(x[inputs.start : inputs.stop])[None]
    if traced.is_transposed:
        wanted = weight[inputs.start : inputs.stop, out_channel % weight.shape[1]]
        grouped = _wide(wanted)[None, :, None]
        if traced.framework.flips_transposed_kernel:
            grouped = np.flip(grouped, tuple(range(3, grouped.ndim)))
    else:
        # Weights hold the inputs of one group: place 0 is the first channel of the group.
        first = inputs.start % max(1, weight.shape[1])
        grouped = _wide(weight[out_channel, first : first + len(inputs)])[None, None]
    with np.errstate(invalid="ignore", over="ignore"):
        found: Array = (_written if traced.is_transposed else _read)(part, grouped, traced)[0, 0]
        return found
