"""Pooled values and positions of maxima."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic.frameworks.array_rules import NARROWED
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.as_pooling import as_pooling, unnamed
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.foreign import first_foreign
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.validation import MOST_AXES, one_of
from poolviz.arithmetic.trace import Trace, trace
from poolviz.arithmetic.windows import Array as Array
from poolviz.arithmetic.windows import cells_needed as cells_needed
from poolviz.arithmetic.windows import divisors as divisors
from poolviz.arithmetic.windows import (
    first_elements,
    sizes_from_the_end,
    windows_of,
)

FORMATS = ("channels_first", "channels_last")
MOST_CELLS = 50_000_000  # 2 GB with the intermediate arrays: more than small machines have


def as_input(
    x: ArrayLike, layer: PoolingLayer, data_format: str | None = None
) -> tuple[Array, int]:
    """Return `x` as an array of real numbers, and how many of its last axes are spatial.

    Shapes are (*spatial), (C, *spatial) or (N, C, *spatial). Where neither the layer nor
    `data_format` fixes the number of spatial axes, one or two are spatial, and more than three are
    (N, C, *spatial).

    Raises
    ------
    TypeError
        When `x` does not hold numbers.
    ValueError
        When its number of axes fits none of them, and for three axes that may be a volume or
        channels.
    """
    array = numbers_of(x)
    ndim = _spatial_axes(array.shape, layer, data_format)
    if array.ndim == ndim == MOST_AXES and layer.ndim is None:
        _ask_about_three_axes(array.shape, layer)
    return array, ndim


def _ask_about_three_axes(shape: tuple[int, ...], layer: PoolingLayer) -> NoReturn:
    """Three axes may be a volume, or channels and a map."""
    first, *rest = shape
    size, end = " × ".join(map(str, rest)), "" if first == 1 else "s"
    if layer.with_axes(2).ndim is None:
        raise ValueError(
            f"x has 3 axes, {shape}: {first} channel{end} of {size}, or a volume of {first} "
            f"slice{end}? Add the batch and channel axes: x[None] or x[None, None]"
        )
    raise ValueError(
        f"x has 3 axes, {shape}: {first} channel{end} of {size}, or a volume of {first} slice{end}?"
        f" For channels, give the layer two axes: {layer.with_axes(2)!r}; for a volume three: "
        f'{layer.with_axes(3)!r}; for sequences (N, C, length), data_format="channels_first"'
    )


def channels_first(x: ArrayLike, data_format: str | None) -> Array:
    """Return an array with its channels behind the batch."""
    array = plain_array(x)
    is_last = data_format == "channels_last" and array.ndim > 1
    return np.moveaxis(array, -1, 1) if is_last else array


def checked_format(data_format: str | None, layer: LayerLike, x: ArrayLike) -> str | None:
    """Return the order of axes: the one that is given, or that of a layer object of Keras.

    Raises
    ------
    TypeError, ValueError
        For an unknown order, and for an array without a batch before a layer of Keras.
    """
    if data_format is not None:
        return one_of("data_format", data_format, FORMATS)
    found = first_foreign((layer, x))
    if found is None or "channels_last" not in FRAMEWORKS[found.framework].data_formats:
        return None
    shape = np.shape(plain_array(x if first_foreign((layer,)) else layer))  # type: ignore[arg-type]
    own = unnamed(found.layer)
    if not isinstance(own, Conv | DepthwiseConv | ConvTranspose):
        own = as_pooling(own)
    ndim = own.ndim or len(shape) - 2
    if len(shape) == ndim + 1:
        raise ValueError(
            f'x has {len(shape)} axes, {shape}; a layer with data_format="{found.data_format}" '
            "takes a batch: x[None]"
        )
    return found.data_format if len(shape) > ndim else None


def plain_array(x: ArrayLike, name: str = "x") -> Array:
    """Return an array, also of a tensor that records gradients.

    Raises
    ------
    TypeError, ValueError
        For a masked array, and for rows of different lengths.
    """
    # NumPy takes no tensor that records gradients, which most outputs of a model do.
    if getattr(x, "requires_grad", False):
        x = x.detach()  # type: ignore[union-attr]  # a tensor of PyTorch
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a masked array: {name}.filled(…) gives it all values")
    try:
        return np.asarray(x)
    except ValueError as problem:
        if "inhomogeneous" not in str(problem):
            raise
        raise ValueError(f"{name} must be an array, but its rows differ in length") from None


def numbers_of(x: ArrayLike, name: str = "x") -> Array:
    """Return an array of real numbers; truth values become 0 and 1."""
    array = plain_array(x, name)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    # Truth values have no least one to pad with, and no sum beyond True.
    return array.astype(np.uint8) if array.dtype.kind == "b" else array


def _spatial_axes(shape: tuple[int, ...], layer: PoolingLayer, data_format: str | None) -> int:
    """Return how many of the axes of `x` are spatial; ValueError where no reading fits."""
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
        # A kernel of one entry is a 1-D layer only for (N, C, L); else it stands for every axis.
        if own == 1 and count == 3:
            return 1
        if 1 <= count <= MOST_AXES + 2:
            # Four and five axes can only be a batch; fewer are taken as the map itself.
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


def _fill(dtype: np.dtype[Any], traced: Trace) -> object:
    """Return the value of padding under a maximum."""
    if dtype.name in traced.framework.zero_padded_maxima:
        return 0
    # No element is less, so padding is never more than the maximum.
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def maxima(array: Array, traced: Trace) -> Array:
    """Maximum axis by axis: the maximum of a box is a maximum of maxima."""
    is_float = array.dtype.kind == "f"
    nan_wins = traced.nan_wins
    # numpy's maximum propagates NaN, as PyTorch does.
    best = array if nan_wins or not is_float else np.where(np.isnan(array), -np.inf, array)
    for place, axis, count in sizes_from_the_end(traced):
        best = windows_of(best, place, axis, count, _fill(array.dtype, traced)).max(axis=-1)
    if is_float and not nan_wins:
        # Kernels that skip NaN start from `numeric_limits::lowest()`: a window of −∞ gives that.
        best = np.maximum(best, np.finfo(array.dtype).min)
    return best.astype(array.dtype, copy=False)


def _average(array: Array, traced: Trace) -> Array:
    rule, name = traced.array_rule, array.dtype.name
    is_float = array.dtype.kind == "f"
    dtype = array.dtype
    if not is_float:  # where integers are rejected, the exact mean is shown
        dtype = np.dtype("float64" if name in rule.rejected else rule.returned(name))
    total = array.astype(np.promote_types(array.dtype, np.float64))
    with silent():
        for place, axis, count in sizes_from_the_end(traced):
            total = windows_of(total, place, axis, count, 0).sum(axis=-1)
        if rule.wraps and not is_float:
            total = total.astype(np.int64).astype(NARROWED.get(name, name))
        mean = total / divisors(traced)
        return mean.astype(dtype)  # towards zero, as C++ divides


def _lp(array: Array, traced: Trace) -> Array:
    """The root of a sum of powers: of |x|; in PyTorch of x, averaged and multiplied by k."""
    kept = array.dtype if array.dtype.kind == "f" else np.dtype(np.float32)
    with silent():
        if math.isinf(traced.layer.norm):
            if not traced.framework.largest_norm_is_maximum:
                shape = (*array.shape[: array.ndim - len(traced.axes)], *traced.output_size)
                return np.ones(shape, kept)  # (x ** inf averaged) ** (1 / inf): a power of 0
            largest: Array = maxima(np.abs(array), traced).astype(kept)
            return largest
        sums = lp_sums(array, traced)
        return np.asarray(sums ** (1 / traced.layer.norm)).astype(kept)


def lp_sums(array: Array, traced: Trace) -> Array:
    """Return what the root is taken of."""
    is_scaled = traced.framework.lp_is_scaled_average
    base = array.astype(np.promote_types(array.dtype, np.float64))
    total: Array = (base if is_scaled else np.abs(base)) ** traced.layer.norm
    for place, axis, count in sizes_from_the_end(traced):
        total = windows_of(total, place, axis, count, 0).sum(axis=-1)
    if is_scaled and array.dtype.kind != "f" and isinstance(traced.layer.norm, int):
        total = np.trunc(total / divisors(traced)) * kernel_cells(traced)  # averages of integers
    else:
        total = total * lp_scale(traced)
    return total


def lp_scale(traced: Trace) -> object:
    """The kernel's cells over those of each window, which PyTorch divides by: fewer at the end."""
    if not traced.framework.lp_is_scaled_average:
        return 1
    return kernel_cells(traced) / divisors(traced)


def kernel_cells(traced: Trace) -> int:
    """Number of elements of a kernel."""
    return math.prod(axis.kernel_size for axis in traced.axes)


_OPERATIONS = {"max": maxima, "avg": _average, "lp": _lp}


def silent() -> np.errstate:
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
        # argmax returns the first of equal maxima, as a kernel that compares with `>` does.
        winner = views.argmax(axis=-1)[..., None]
        if goes_down and step == 0 and is_nan is not None:  # one pooling per axis, see below
            starts_with_nan = windows_of(is_nan, place, axis, count, False)[..., :1]
            winner = np.where(starts_with_nan, 0, winner)
        ranks = np.take_along_axis(views, winner, axis=-1)[..., 0]
        places = windows_of(flat, place, axis, count, -1)
        flat = np.take_along_axis(places, winner, axis=-1)[..., 0]
    found = np.where(ranks < 0, -1, flat)
    if is_nan is not None and is_nan.any() and traced.stays_on_first_nan:
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
        # Above every other rank, and the later the higher: the last NaN wins.
        ranks = np.where(is_nan, array.size + places, ranks)
    return ranks


def _order(array: Array) -> NDArray[np.int64]:
    # NaN is sorted behind all numbers, and all NaN are one entry: they tie and win.
    _, ranks = np.unique(array, return_inverse=True)
    return ranks.reshape(array.shape).astype(np.int64)
