"""Pooled values, positions of maxima and gradients; the only module here that uses numpy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.validation import MOST_AXES
from poolviz.arithmetic.trace import Trace, trace
from poolviz.arithmetic.windows import Array as Array
from poolviz.arithmetic.windows import cells_needed as cells_needed
from poolviz.arithmetic.windows import divisors as divisors
from poolviz.arithmetic.windows import (
    elements_inside,
    first_elements,
    readings_of,
    sizes_from_the_end,
    windows_of,
)

MOST_CELLS = 50_000_000  # 2 GB with the intermediate arrays: more than small machines have


def as_input(
    x: ArrayLike, layer: PoolingLayer, data_format: str | None = None
) -> tuple[Array, int]:
    """Return `x` as an array of real numbers, and how many of its last axes are spatial.

    Shapes are (*spatial), (C, *spatial) or (N, C, *spatial). Where neither the layer nor
    `data_format` fixes the number of spatial axes, one to three are spatial, and more are
    (N, C, *spatial).

    Raises
    ------
    TypeError
        When `x` does not hold numbers.
    ValueError
        When its number of axes fits none of them.
    """
    array = numbers_of(x)
    return array, _spatial_axes(array.shape, layer, data_format)


def numbers_of(x: ArrayLike) -> Array:
    """Return an array of real numbers; truth values become 0 and 1."""
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"x must hold real numbers, got dtype {array.dtype}")
    return array.astype(np.uint8) if array.dtype.kind == "b" else array


def _spatial_axes(shape: tuple[int, ...], layer: PoolingLayer, data_format: str | None) -> int:
    count, own = len(shape), layer.ndim
    if data_format is not None:
        found = own if own not in (None, 1) else count - 2
        if count - 2 == found and 1 <= found <= MOST_AXES:
            return found
        raise ValueError(
            f'x has {count} axes; with data_format="{data_format}" it is a batch: '
            "an example, a channel and 1 to 3 spatial axes"
        )
    if own not in (None, 1):
        if count in (own, own + 1, own + 2):
            return own
        wanted = f"{own}"
    else:
        if own == 1 and count == 3:
            return 1
        if 1 <= count <= MOST_AXES + 2:
            return count if count <= MOST_AXES else count - 2
        wanted = "1 to 3"
    raise ValueError(
        f"x has {count} axes; a layer with {wanted} spatial axes takes them alone, "
        "behind the channels, (C, *spatial), or behind batch and channels, (N, C, *spatial)"
    )


def pool(x: ArrayLike, layer: PoolingLayer, data_format: str | None = None) -> Array:
    """Return the pooled values, also for a call that the framework rejects."""
    array, ndim = as_input(x, layer, data_format)
    traced = trace_of(array, ndim, layer)
    pooled = pooled_plane(array, traced)
    return pooled if traced.keeps_axes else pooled.reshape(pooled.shape[: pooled.ndim - ndim])


def pooled_plane(array: Array, traced: Trace) -> Array:
    """Return the pooled values with all spatial axes, of size 1 where the framework drops them."""
    return _OPERATIONS[traced.layer.op](array, traced)


def trace_of(array: Array, ndim: int, layer: PoolingLayer) -> Trace:
    """Return the trace of `layer` on the last `ndim` axes of `array`, if it fits into memory."""
    traced = trace(layer.with_axes(ndim), array.shape[array.ndim - ndim :])
    _check_memory(array, traced)
    return traced


def _check_memory(array: Array, traced: Trace) -> None:
    planes = math.prod(array.shape[: array.ndim - len(traced.axes)])
    cells = max(1, planes) * cells_needed(traced)
    if cells > MOST_CELLS:
        raise ValueError(
            f"pooling this input needs {cells:,} cells with its padding and its windows; "
            f"at most {MOST_CELLS:,} are computed (sizes have no such limit)"
        )


def _fill(dtype: np.dtype[Any], traced: Trace) -> Any:
    """Return the value of padding under a maximum."""
    if dtype.name in traced.framework.zero_padded_maxima:
        return 0
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _max(array: Array, traced: Trace) -> Array:
    """Maximum axis by axis: the maximum of a box is a maximum of maxima."""
    is_float = array.dtype.kind == "f"
    nan_wins = traced.nan_wins
    best = array if nan_wins or not is_float else np.where(np.isnan(array), -np.inf, array)
    for place, axis, count in sizes_from_the_end(traced):
        best = windows_of(best, place, axis, count, _fill(array.dtype, traced)).max(axis=-1)
    if is_float and not nan_wins:
        best = np.maximum(best, np.finfo(array.dtype).min)
    return best.astype(array.dtype, copy=False)


def _average(array: Array, traced: Trace) -> Array:
    is_float = array.dtype.kind == "f"
    dtype = array.dtype if is_float else np.dtype(traced.framework.averages_integers_in)
    total = array.astype(np.promote_types(dtype, np.float64))
    keeps_ints = not is_float and traced.framework.averages_integers_as_integers
    with _silent():
        for place, axis, count in sizes_from_the_end(traced):
            total = windows_of(total, place, axis, count, 0).sum(axis=-1)
        mean = total / divisors(traced)
        return np.trunc(mean).astype(array.dtype) if keeps_ints else mean.astype(dtype)


def _lp(array: Array, traced: Trace) -> Array:
    """The root of a sum of powers: of |x|; in PyTorch of x, averaged and multiplied by k."""
    kept = array.dtype if array.dtype.kind == "f" else np.dtype(np.float32)
    with _silent():
        if math.isinf(traced.layer.norm):
            largest: Array = _max(np.abs(array), traced).astype(kept)
            return largest
        sums = _lp_sums(array, traced)
        return np.asarray(sums ** (1 / traced.layer.norm)).astype(kept)


def _lp_sums(array: Array, traced: Trace) -> Array:
    """Return what the root is taken of."""
    is_scaled = traced.framework.lp_is_scaled_average
    base = array.astype(np.promote_types(array.dtype, np.float64))
    total: Array = (base if is_scaled else np.abs(base)) ** traced.layer.norm
    for place, axis, count in sizes_from_the_end(traced):
        total = windows_of(total, place, axis, count, 0).sum(axis=-1)
    total = total * _lp_scale(traced)
    return total


def _lp_scale(traced: Trace) -> Any:
    """The kernel's cells over those of each window, which PyTorch divides by: fewer at the end."""
    if not traced.framework.lp_is_scaled_average:
        return 1
    return math.prod(axis.kernel_size for axis in traced.axes) / divisors(traced)


def _lp_gradient(grad: Array, array: Array, traced: Trace) -> Array:
    norm = traced.layer.norm
    if math.isinf(norm):
        found: Array = _to_winners(grad, np.abs(array), traced) * np.sign(array)
        return found
    sums = _lp_sums(array, traced)
    outer = np.where(sums == 0, 0, sums ** (1 / norm - 1)) * _lp_scale(traced)
    base = array.astype(np.float64)
    inner = base ** (norm - 1)
    if not traced.framework.lp_is_scaled_average:
        inner = np.sign(base) * np.abs(base) ** (norm - 1)
    passed: Array = _shared_out(grad * outer, array.shape, traced) * inner
    return passed


_OPERATIONS = {"max": _max, "avg": _average, "lp": _lp}


def _silent() -> Any:
    """Suppress warnings for ∞ − ∞, 0 / 0 and overflow, as the frameworks do."""
    return np.errstate(invalid="ignore", divide="ignore", over="ignore")


def pool_indices(
    x: ArrayLike, layer: PoolingLayer, data_format: str | None = None
) -> NDArray[np.int64]:
    """Position of each maximum: its flat, row-major index into the unpadded spatial plane."""
    if layer.op != "max":
        raise ValueError(f'only max pooling has winners; op is "{layer.op}"')
    array, ndim = as_input(x, layer, data_format)
    traced = trace_of(array, ndim, layer)
    places = winners(array, traced)
    return places if traced.keeps_axes else places.reshape(array.shape[: array.ndim - ndim])


def winners(array: Array, traced: Trace) -> NDArray[np.int64]:
    """Return the first maximum in row-major order, computed from the last axis to the first."""
    ranks = _ranks(array, traced)
    shape = array.shape[array.ndim - len(traced.axes) :]
    flat = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), array.shape)
    # The first maximum of rows of first maxima; of columns, where the first axis comes first.
    axes = sizes_from_the_end(traced)
    goes_down = traced.framework.adaptive_maxima_go_down and traced.is_fitted
    is_nan = np.isnan(array) if array.dtype.kind == "f" else None
    for step, (place, axis, count) in enumerate(axes[::-1] if goes_down else axes):
        views = windows_of(ranks, place, axis, count, -1)
        winner = views.argmax(axis=-1)[..., None]
        if goes_down and step == 0 and is_nan is not None:  # one pooling per axis, see below
            starts_with_nan = windows_of(is_nan, place, axis, count, False)[..., :1]
            winner = np.where(starts_with_nan, 0, winner)
        ranks = np.take_along_axis(views, winner, axis=-1)[..., 0]
        places = windows_of(flat, place, axis, count, -1)
        flat = np.take_along_axis(places, winner, axis=-1)[..., 0]
    found = np.where(ranks < 0, -1, flat)
    if is_nan is not None and traced.stays_on_first_nan:
        starts_with_nan, first = _first_cells(is_nan, traced)
        return np.where(starts_with_nan, first, found)
    return found


def _first_cells(is_nan: Array, traced: Trace) -> tuple[Array, Array]:
    """Whether the first input cell of each window is NaN, and its place in the plane."""
    found = [first_elements(axis, count) for _, axis, count in sizes_from_the_end(traced)[::-1]]
    cells = np.ix_(
        *(np.minimum(f, a.input_size - 1) for f, a in zip(found, traced.axes, strict=True))
    )
    is_inside: Any = True
    for one, axis in zip(np.ix_(*found), traced.axes, strict=True):
        is_inside = is_inside & (one < axis.input_size)
    places = np.ravel_multi_index(cells, traced.input_size)
    at: Any = (..., *cells)
    return is_nan[at] & is_inside, places


def _ranks(array: Array, traced: Trace) -> NDArray[np.int64]:
    """Rank of each element by value: equal elements tie, padding (−1) always loses."""
    if array.dtype.kind != "f":
        return _order(array)
    is_nan = np.isnan(array)
    if not traced.framework.lowest_has_index:
        is_lowest = is_nan | (array <= np.finfo(array.dtype).min)
        return np.where(is_lowest, -1, _order(np.where(is_nan, -np.inf, array)))
    if not traced.nan_wins:
        return _order(np.where(is_nan, -np.inf, array))
    ranks = _order(array)
    if traced.framework.last_nan_wins:
        places = np.arange(array.size).reshape(array.shape)
        ranks = np.where(is_nan, array.size + places, ranks)
    return ranks


def _order(array: Array) -> NDArray[np.int64]:
    _, ranks = np.unique(array, return_inverse=True)
    return ranks.reshape(array.shape).astype(np.int64)


def pool_gradient(
    x: ArrayLike, layer: PoolingLayer, grad_output: ArrayLike, data_format: str | None = None
) -> Array:
    """d sum(pool(x) · grad_output) / dx, shape of `x`."""
    array, ndim = as_input(x, layer, data_format)
    traced = trace_of(array, ndim, layer)
    grad = np.asarray(grad_output)
    lead = array.shape[: array.ndim - ndim]
    whole = (*lead, *(size for _, _, size in sizes_from_the_end(traced)[::-1]))
    wanted = whole if traced.keeps_axes else lead
    if grad.shape != wanted:
        raise ValueError(f"grad_output must have the output's shape {wanted}, got {grad.shape}")
    is_float = array.dtype.kind == "f"
    kinds = (grad.dtype, np.dtype(np.float32), array.dtype if is_float else grad.dtype)
    with _silent():
        found = _gradient(grad.reshape(whole).astype(np.result_type(*kinds)), array, traced)
        return found.astype(array.dtype, copy=False) if is_float else found


def _gradient(grad: Array, array: Array, traced: Trace) -> Array:
    if traced.layer.op == "avg":
        per_window = divisors(traced)
        return _shared_out(grad / np.where(per_window == 0, 1, per_window), array.shape, traced)
    if traced.layer.op == "lp":
        return _lp_gradient(grad, array, traced)
    rule = traced.ties_rule
    if rule == "first":
        return _to_winners(grad, array, traced)
    return _to_ties(grad, array, traced, is_shared=rule == "shared")


def _to_winners(grad: Array, array: Array, traced: Trace) -> Array:
    ndim = len(traced.axes)
    planes = int(np.prod(array.shape[: array.ndim - ndim], initial=1))
    size = int(np.prod(array.shape[array.ndim - ndim :]))
    result = np.zeros((planes, size), dtype=grad.dtype)
    count = int(np.prod(grad.shape[grad.ndim - ndim :]))
    places = winners(array, traced).reshape(planes, count)
    for plane, entries in enumerate(grad.reshape(planes, count)):
        has_won = places[plane] >= 0
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
    in_padding = kernel - elements_inside(traced, counts_the_padding=False)
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
