"""Gradients of pooling, by the rules of each framework for ties, padding and NaN."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import (
    as_input,
    kernel_cells,
    lp_scale,
    lp_sums,
    maxima,
    numbers_of,
    silent,
    trace_of,
    winners,
)
from poolviz.arithmetic.windows import (
    Array,
    divisors,
    elements_inside,
    first_places,
    readings_of,
    sizes_from_the_end,
)


def pool_gradient(
    x: ArrayLike, layer: PoolingLayer, grad_output: ArrayLike, data_format: str | None = None
) -> Array:
    """d sum(pool(x) · grad_output) / dx, shape of `x`."""
    array, ndim = as_input(x, layer, data_format)
    return passed_back(array, trace_of(array, ndim, layer), grad_output)


def passed_back(array: Array, traced: Trace, grad_output: ArrayLike) -> Array:
    """Return the gradient of an array whose last axes are those of the trace."""
    grad = numbers_of(grad_output, "grad_output")
    lead = array.shape[: array.ndim - len(traced.axes)]
    whole = (*lead, *(size for _, _, size in sizes_from_the_end(traced)[::-1]))
    wanted = whole if traced.keeps_axes else lead
    if grad.shape != wanted:
        raise ValueError(f"grad_output must have the output's shape {wanted}, got {grad.shape}")
    is_float = array.dtype.kind == "f"
    kinds = (grad.dtype, np.dtype(np.float32), array.dtype if is_float else grad.dtype)
    with silent():
        found = _gradient(grad.reshape(whole).astype(np.result_type(*kinds)), array, traced)
        return found.astype(array.dtype, copy=False) if is_float else found


def _gradient(grad: Array, array: Array, traced: Trace) -> Array:
    if traced.layer.op == "avg":
        per_window = divisors(traced)
        # A window of padding alone has the divisor 0; its gradient reaches no element, whatever it
        # is.
        return _shared_out(grad / np.where(per_window == 0, 1, per_window), array.shape, traced)
    if traced.layer.op == "lp":
        return _lp_gradient(grad, array, traced)
    rule = traced.ties_rule
    if rule == "first":
        return _to_winners(grad, array, traced, _receivers(array, traced))
    return _to_ties(grad, array, traced, is_shared=rule == "shared")


def _lp_gradient(grad: Array, array: Array, traced: Trace) -> Array:
    """Gradient of (Σ x^p)^(1/p): the outer derivative goes to all elements, times x^(p − 1)."""
    norm = traced.layer.norm
    if math.isinf(norm):
        if not traced.framework.largest_norm_is_maximum:
            return np.full(array.shape, np.nan)  # 0 · ∞ · x ** ∞
        size = np.abs(array)
        found: Array = _to_winners(grad, size, traced, winners(size, traced))
        return np.asarray(found * np.nan_to_num(np.sign(array)))  # 0 for NaN (PyTorch 2.13.0)
    sums = lp_sums(array, traced)
    outer = np.where(sums == 0, 0, sums ** (1 / norm - 1)) * lp_scale(traced)
    base = array.astype(np.float64)
    inner = base ** (norm - 1)
    if not traced.framework.lp_is_scaled_average:
        inner = np.sign(base) * np.abs(base) ** (norm - 1)
    passed: Array = _shared_out(grad * outer, array.shape, traced) * inner
    return passed


def _receivers(array: Array, traced: Trace) -> NDArray[np.int64]:
    """Return the element of each window that receives its gradient: the maximum, in most cases.

    XLA's select-and-scatter moves on unless the kept cell ≥ the next one, which is false on either
    side of a NaN; its padding is −∞, and loses the gradient that it gets (JAX 0.10.2).
    """
    is_odd = array.dtype.kind == "f" and bool((~(array > -np.inf)).any())
    # A dilated window has another gradient, without this search.
    is_dilated = any(axis.dilation > 1 for axis in traced.axes)
    if not traced.framework.gradient_passes_nan or not is_odd or is_dilated:
        return winners(array, traced)
    axes = [(axis, count) for _, axis, count in sizes_from_the_end(traced)[::-1]]
    kept: Any = None
    found: Any = None
    for tap in itertools.product(*(range(axis.kernel_size) for axis, _ in axes)):
        value, place = _cells_at(tap, axes, array, traced)
        moves = True if kept is None else ~(kept >= value)
        found = place if kept is None else np.where(moves, place, found)
        kept = value if kept is None else np.where(moves, value, kept)
    return np.broadcast_to(found, kept.shape)


def _cells_at(
    tap: tuple[int, ...], axes: list[tuple[AxisTrace, int]], array: Array, traced: Trace
) -> tuple[Array, Array]:
    """Return one element of every window, −∞ in the padding, and its place, −1 in the padding."""
    places = [first_places(axis, count) + t for t, (axis, count) in zip(tap, axes, strict=True)]
    nearest = [
        np.clip(p, 0, axis.input_size - 1) for p, (axis, _) in zip(places, axes, strict=True)
    ]
    cells = np.ix_(*nearest)
    is_inside: Any = True
    for asked, cell in zip(np.ix_(*places), cells, strict=True):
        is_inside = is_inside & (asked == cell)
    flat = np.ravel_multi_index(cells, traced.input_size)
    at: Any = (..., *cells)
    value = np.where(is_inside, array[at], -np.inf)
    return value, np.where(is_inside, flat, -1)


def _to_winners(grad: Array, array: Array, traced: Trace, winners: NDArray[np.int64]) -> Array:
    ndim = len(traced.axes)
    planes = int(np.prod(array.shape[: array.ndim - ndim], initial=1))
    size = int(np.prod(array.shape[array.ndim - ndim :]))
    result = np.zeros((planes, size), dtype=grad.dtype)
    count = int(np.prod(grad.shape[grad.ndim - ndim :]))
    places = winners.reshape(planes, count)
    for plane, entries in enumerate(grad.reshape(planes, count)):
        # −1 is a cell of the padding, whose gradient is lost.
        has_won = places[plane] >= 0
        # Windows that overlap may have the same maximum: `+=` would add one of their entries only.
        np.add.at(result[plane], places[plane][has_won], entries[has_won])
    return result.reshape(array.shape)


def _shared_out(grad: Array, shape: tuple[int, ...], traced: Trace) -> Array:
    """Add each output's gradient to all elements of its window, axis by axis as in the sums."""
    for place, axis, count in sizes_from_the_end(traced):
        wanted = [*grad.shape]
        wanted[place] = axis.input_size
        result = np.zeros(wanted, dtype=grad.dtype)
        to, entries = np.moveaxis(result, place, 0), np.moveaxis(grad, place, 0)
        for windows, elements in readings_of(axis, count):
            to[elements] += entries[windows]
        grad = result
    return grad.reshape(shape)


def _to_ties(grad: Array, array: Array, traced: Trace, is_shared: bool) -> Array:
    """Add each output's gradient to every element of its window that equals the maximum.

    Shared, it is divided by the number of these elements, those in the padding included. A window
    with NaN has no element that equals its maximum: the division by 0 passes NaN on.
    """
    result, best = np.zeros(array.shape, dtype=grad.dtype), maxima(array, traced)
    if not is_shared and best.dtype.kind == "f":  # TensorFlow 2.21.0 looks for a difference of 0
        best = np.where(np.isinf(best), np.nan, best)
    if is_shared:
        grad = grad / _tie_counts(array, best, traced)
    for inputs, outputs, is_hit in _hits(array, best, traced):
        part = grad[outputs]
        result[inputs] += is_hit * part if is_shared else np.where(is_hit, part, 0)
    return result


def _tie_counts(array: Array, best: Array, traced: Trace) -> Array:
    """Count the elements of each window that equal its maximum; the padding is −∞."""
    in_padding = kernel_cells(traced) - elements_inside(traced, counts_the_padding=False)
    ties: Array = np.where(best == -np.inf, in_padding, 0)
    for _, outputs, is_hit in _hits(array, best, traced):
        ties[outputs] += is_hit
    return ties


def _hits(array: Array, best: Array, traced: Trace) -> Iterator[tuple[Any, Any, Array]]:
    """Yield the elements of each tap, the windows that read them, and which equal the maximum."""
    readings = [readings_of(axis, count) for _, axis, count in sizes_from_the_end(traced)[::-1]]
    for pairs in itertools.product(*readings):
        outputs: Any = (..., *np.ix_(*(windows for windows, _ in pairs)))
        inputs: Any = (..., *np.ix_(*(elements for _, elements in pairs)))
        yield inputs, outputs, array[inputs] == best[outputs]
