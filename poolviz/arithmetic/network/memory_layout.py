"""Where the elements of a tensor lie in memory, as far as `x.view(…)` depends on it.

PyTorch's slices, `chunk`, `permute` and `transpose` give views of the same memory. `view` raises a
RuntimeError where an axis of the new shape would span elements that are not evenly spaced (torch
2.13.0); `reshape` copies instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import prod
from operator import mul

from poolviz.arithmetic.layers.axes import Axis, AxisMap
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    Crop,
    Flatten,
    Identity,
    Layer,
    Permute,
    Reshape,
    bare,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.open_size import has_open

Strides = tuple[int, ...]  # with the batch first
UNKNOWN: Strides = ()
SAMPLES = 2  # stands for any number of samples above one
_CUTS = ("chunk", "split", "narrow", "select", "unbind")
_CARRYING = (Identity, Pool, Conv, ConvTranspose, DepthwiseConv, Flatten, Reshape)


def contiguous(shape: Sequence[int]) -> Strides:
    """Return the strides of a contiguous tensor of this shape, given without the batch.

    >>> contiguous((3, 4, 5))
    (60, 20, 5, 1)
    """
    return tuple(accumulate(reversed(shape), mul, initial=1))[::-1]


def strides_after(
    layers: Sequence[Layer], shape: Sequence[int] | None, strides: Strides | None
) -> Strides | None:
    """Return the strides after layers on a tensor; None: it is contiguous.

    >>> strides_after([Crop(((1, 0), (0, 1)))], (8, 3, 3), None)
    (72, 9, 3, 1)
    >>> strides_after([Permute((2, 3, 1))], (8, 3, 3), None)
    (72, 3, 1, 9)
    >>> strides_after([Crop(((1, 0), (0, 1)))], (8, 3, 3), UNKNOWN)
    ()
    """
    bares = [bare(layer) for layer in layers]
    if len(bares) == 1 and shape is not None and not has_open(shape) and strides != UNKNOWN:
        cut = _viewed(bares[0], contiguous(shape) if strides is None else strides, len(shape))
        if cut is not None:
            return cut
    if strides == UNKNOWN and any(map(_is_view, bares)):
        return UNKNOWN
    if strides is None or not all(isinstance(layer, _CARRYING) for layer in bares):
        return None
    keeps = any(isinstance(layer, Flatten | Reshape) or _may_be_same(layer) for layer in bares)
    return UNKNOWN if keeps or not in_order(strides) else None


def _is_view(layer: Layer) -> bool:
    is_cut = isinstance(layer, AxisMap) and (layer.kind in _CUTS or layer.kind.startswith("x["))
    return is_cut or isinstance(layer, Crop | Permute)


def in_order(strides: Strides | None) -> bool:
    """Return whether the axes have the order of a contiguous tensor, perhaps with gaps.

    What PyTorch computes from such a tensor is contiguous; from one that is permuted it keeps the
    other order.
    """
    return strides is None or (strides != UNKNOWN and sorted(strides, reverse=True) == [*strides])


def _may_be_same(layer: Layer) -> bool:
    """Return whether PyTorch may give back the same memory: dropout, or an activation in place."""
    return isinstance(layer, Identity) and layer.channels is None


def _viewed(layer: Layer, strides: Strides, rank: int) -> Strides | None:
    """Return the strides of a view; None if the layer makes none."""
    batch, *own = strides
    if isinstance(layer, Crop):
        return strides
    if isinstance(layer, Permute) and len(layer.dims) == len(own):  # another number fails
        return (batch, *(own[axis - 1] for axis in layer.dims))
    if not isinstance(layer, AxisMap) or not _is_view(layer):
        return None
    found = [batch]
    for place, entry in enumerate(layer.shape):
        if isinstance(entry, Axis):
            step = 1 if entry.cut is None else entry.cut[2] or 1
            found.append(own[entry.axis - 1] * step)
        elif layer.kind in _CUTS and len(layer.shape) == rank:
            found.append(own[place])
        elif entry == 1:
            # `x[None]`: the stride of an axis of one element never counts, see `fits`.
            found.append(0)
        else:
            return UNKNOWN
    return tuple(found)


def never_fits(shape: Sequence[int], strides: Strides | None, wanted: Sequence[int]) -> bool:
    """Return whether a view is certain to be impossible, for one sample and for several.

    >>> never_fits((8, 2, 2), (72, 9, 3, 1), (32,)), never_fits((4, 9), (72, 9, 1), (36,))
    (True, False)
    """
    is_known = strides != UNKNOWN  # `None` fits every view
    return is_known and not any(fits(shape, strides, wanted, each) for each in (1, SAMPLES))


def fits(
    shape: Sequence[int], strides: Strides | None, wanted: Sequence[int], samples: int = SAMPLES
) -> bool:
    """Return whether a view of these sizes, all without the batch, is certain to be possible.

    >>> fits((8, 2, 2), (72, 9, 3, 1), (32,)), fits((4, 3, 3), (72, 9, 3, 1), (36,))
    (False, True)
    """
    if strides is None or has_open(shape) or prod(shape) == 0:
        return True
    sizes = (samples, *shape)
    before = tuple(accumulate(sizes, mul))
    free = prod(size for size in wanted if size != -1)
    full = [prod(shape) // max(1, free) if size == -1 else size for size in wanted]
    kept = set(accumulate((samples, *full), mul))
    if strides == UNKNOWN:
        return kept >= set(before)  # it only takes axes apart
    # As `computeStride` of aten/src/ATen/TensorUtils.cpp, from the other end: a jump in memory must
    # lie between two axes of the new shape. A place between axes is known by the elements in front
    # of it.
    axes = [each for each in zip(sizes, strides, before, strict=True) if each[0] != 1]
    gaps = {count for (_, step, count), (size, inner, _) in pairwise(axes) if step != size * inner}
    return gaps <= kept
