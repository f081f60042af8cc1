"""Unpooling: the maxima back at the places that they came from, zeros elsewhere."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from poolviz.arithmetic.framework_names import family
from poolviz.arithmetic.frameworks.array_rules import UNPOOLING, refuse_array
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.validation import Sizes, whole_numbers
from poolviz.arithmetic.unpooled_size import unpooled_size as unpooled_size
from poolviz.arithmetic.values import MOST_CELLS, numbers_of, plain_array
from poolviz.arithmetic.windows import Array


def unpool(
    values: ArrayLike, indices: ArrayLike, layer: Pool, output_size: Sizes | None = None
) -> Array:
    """Put each value at its index in a plane of zeros; the last axes are those of the layer."""
    rules = FRAMEWORKS[layer.framework]
    if not rules.unpools:
        named = " and ".join(each.title for each in FRAMEWORKS.values() if each.unpools)
        raise ValueError(f"{rules.title} has no unpooling; {named} have it")
    pooled, places = numbers_of(values, "values"), plain_array(indices, "indices")
    if places.dtype.kind not in "iu":
        raise TypeError(f"indices must be integers, got dtype {places.dtype}")
    if pooled.shape != places.shape:
        raise ValueError(f"values and indices differ in shape: {pooled.shape} and {places.shape}")
    ndim = layer.ndim if layer.ndim not in (None, 1) else _spatial(pooled.ndim)
    lead, small = pooled.shape[: pooled.ndim - ndim], pooled.shape[pooled.ndim - ndim :]
    if hasattr(values, "dtype"):
        _check_array(layer, pooled, ndim)
    size = _checked_size(layer, small, output_size)
    cells = math.prod(size)
    if cells * max(1, math.prod(lead)) > MOST_CELLS:
        raise ValueError(
            f"unpooling to {' × '.join(map(str, size))} makes {cells:,} cells for each of "
            f"{math.prod(lead):,} maps; at most {MOST_CELLS:,} are computed"
        )
    if cells == 0:  # PyTorch 2.13.0 looks at no index then
        return np.zeros((*lead, *size), dtype=pooled.dtype)
    wrong = places[(places < 0) | (places >= cells)]
    if wrong.size:
        raise ValueError(
            f"index {wrong[0]} is outside of an output of {' × '.join(map(str, size))}, which has "
            f"{cells} cells; give the size of the input of the pooling as output_size"
        )
    result = np.zeros((math.prod(lead), cells), dtype=pooled.dtype)
    rows = np.arange(len(result))[:, None]
    flat = len(result), math.prod(small)
    result[rows, places.reshape(flat)] = pooled.reshape(flat)
    return result.reshape(*lead, *size)


def _check_array(layer: Pool, pooled: Array, ndim: int) -> None:
    """Raise where the framework rejects the dtype or an empty axis."""
    rules = FRAMEWORKS[layer.framework]
    rule = rules.array_rule(UNPOOLING, ndim)
    dtype = pooled.dtype.name
    for refusal in refuse_array(rule, UNPOOLING, rules.title, dtype, pooled.shape, ndim):
        raise ValueError(f"{refusal.why} ({refusal.error}); instead: {refusal.instead}")


def _spatial(count: int) -> int:
    return count if count <= 2 else count - 2


def _checked_size(
    layer: Pool, small: tuple[int, ...], output_size: Sizes | None
) -> tuple[int, ...]:
    """Return the size after unpooling; ValueError for one that the framework rejects."""
    usual = unpooled_size(layer, small)
    rules = FRAMEWORKS[family(layer.framework)]
    if not rules.unpools_near_its_size and min(usual) < 1:  # onnxruntime 1.32.0
        raise ValueError(f"{rules.title} unpools to 1 or more elements per axis, not to {usual}")
    if output_size is None:
        return usual
    given = whole_numbers("output_size", output_size, least=0)
    # PyTorch takes the whole shape, too, with batch and channels in front.
    size = (given,) * len(usual) if isinstance(given, int) else given[-len(usual) :]
    if len(size) != len(usual):
        raise ValueError(f"output_size must have {len(usual)} entries, got {len(size)}")
    for axis, one, own in zip(layer.axes(len(usual)), size, usual, strict=True):
        step = rules.stride(axis)
        # `_unpool_output_size` in torch/nn/functional.py: less than a stride away, on either side.
        if rules.unpools_near_its_size and not own - step < one < own + step:
            raise ValueError(
                f"output_size must be between {own - step} and {own + step} for the "
                f"{axis.name}, both excluded ({rules.title}), got {one}"
            )
    return size
