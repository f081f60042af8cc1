"""Whether an open size, "?", keeps a layer from being checked."""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.arithmetic.layers.axes import Axis, Combination
from poolviz.arithmetic.layers.network_layers import (
    Add,
    AxisMap,
    Concatenate,
    Flatten,
    GlobalPool,
    Identity,
    Input,
    Layer,
    Linear,
    Permute,
    Reshape,
)
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.arithmetic.network.feature_map import FeatureMap, NetworkConfig
from poolviz.arithmetic.open_size import OpenSize, has_open


def may_fail(layer: Layer, shape: Shape, config: NetworkConfig) -> bool:
    """Return whether a layer that ran on a shape with an open size raises for some sizes.

    >>> config, shape = NetworkConfig("pytorch", channels_last=False), (OpenSize(), 4, 4)
    >>> [may_fail(layer, shape, config) for layer in (Flatten(), Identity("BatchNorm2d", 8))]
    [False, True]
    """
    channels, sizes = config.flow(shape)
    if isinstance(layer, Flatten | Permute | Input | GlobalPool):
        return False
    if isinstance(layer, Identity):
        return layer.channels is not None and has_open([channels])
    if isinstance(layer, Linear):
        mixes_channels = config.channels_last or not sizes
        features = channels if mixes_channels else sizes[-1]
        return layer.in_features is not None and has_open([features])
    if isinstance(layer, Reshape):
        # A lone −1 takes any number of elements.
        return -1 not in layer.shape or len(layer.shape) > 1
    if isinstance(layer, AxisMap):
        axes = [axis for axis, _ in (*layer.only, *layer.expects)]
        axes += [each.axis for each in layer.shape if isinstance(each, Axis) and each.over > 1]
        return has_open(shape[axis - 1] for axis in axes)
    expected = getattr(layer, "in_channels", None)
    return has_open(sizes) or (expected is not None and has_open([channels]))


def joins_open_sizes(
    kind: type[Add] | type[Concatenate] | Combination,
    maps: Sequence[FeatureMap],
    config: NetworkConfig,
) -> bool:
    """Return whether an open size has to be equal to another one."""
    shapes = [config.shape(each) for each in maps]
    if isinstance(kind, Combination):
        pairs = [[shapes[axis.branch][axis.axis - 1] for axis in pair] for pair in kind.equal]
    elif kind is Add:
        # A sum aligns shapes at their last axis; axes that only one of them has meet nothing.
        pairs = [list(column) for column in zip(*(shape[::-1] for shape in shapes), strict=False)]
    else:
        pairs = [list(column) for column in zip(*(each.sizes for each in maps), strict=False)]
    return any(has_open(each) and _differ(each) for each in pairs)


def _differ(sizes: Sequence[int]) -> bool:
    first, *rest = sizes
    return any(size is not first if isinstance(size, OpenSize) else size != first for size in rest)
