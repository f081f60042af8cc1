"""The shape of the weights of a convolution, in the order of axes of its framework."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from poolviz.arithmetic.frameworks.convolution_rules import WeightAxes
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Convolution, ConvTranspose, DepthwiseConv


class WeightShape(NamedTuple):
    """Shape of the weights: (first, second / groups, *kernel), first the output, or the input.

    Of a transposed convolution, first is the input.
    """

    first: int
    second: int
    kernel: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """As in PyTorch."""
        return (self.first, self.second, *self.kernel)


def weight_shape(layer: Convolution, channels: int) -> WeightShape:
    """Shape of the weights of a layer with an entry per axis, on a number of channels.

    >>> from poolviz.arithmetic.layers.conv import Conv
    >>> weight_shape(Conv(8, (3, 3), groups=2), 4).shape
    (8, 2, 3, 3)
    """
    kernel = layer.kernel_size if isinstance(layer.kernel_size, tuple) else (layer.kernel_size,)
    if isinstance(layer, DepthwiseConv):
        return WeightShape(channels * layer.depth_multiplier, 1, kernel)
    if isinstance(layer, ConvTranspose):
        return WeightShape(channels, layer.out_channels // layer.groups, kernel)
    return WeightShape(layer.out_channels, channels // layer.groups, kernel)


def axes_in_framework(layer: Convolution) -> WeightAxes:
    """Names of the axes of the weights, in the order in which the framework's layer has them."""
    rules = FRAMEWORKS[layer.framework]
    return rules.transposed_weight_axes if isinstance(layer, ConvTranspose) else rules.weight_axes


def order_in_framework(layer: Convolution, ndim: int) -> tuple[int, ...]:
    """For each axis of the framework's weights, the number of the same axis in PyTorch's.

    >>> from poolviz.arithmetic.layers.conv import Conv
    >>> order_in_framework(Conv(8, 3, framework="keras"), 2)
    (2, 3, 1, 0)
    """
    first, second = ("in", "out") if isinstance(layer, ConvTranspose) else ("out", "in")
    places = {first: (0,), second: (1,), "kernel": tuple(range(2, ndim + 2))}
    return tuple(place for name in axes_in_framework(layer) for place in places[name])


def fitted_to_weights(layer: Convolution, shape: Sequence[int]) -> tuple[Convolution, int | None]:
    """Return a layer with the axes of its framework's weights, and the channels they are for.

    Of a kernel without its channels, and of weights that do not fit, as it was, and None.

    >>> from poolviz.arithmetic.layers.conv import Conv
    >>> fitted_to_weights(Conv(8, 3, framework="keras"), (3, 2, 8))
    (Conv(out_channels=8, kernel_size=(3,), framework='keras'), 2)
    """
    ndim = len(shape) - 2
    if ndim not in (1, 2, 3) or layer.ndim not in (None, 1, ndim):
        return layer, None
    fitted = layer.with_axes(ndim)
    if isinstance(layer, DepthwiseConv):
        is_first = axes_in_framework(layer)[0] == "kernel"
        channels = shape[-1] * shape[-2] if is_first else shape[0]
        if is_first and shape[-2] > 1:  # Keras: (*kernel, in, depth_multiplier)
            return fitted, shape[-2]
        # PyTorch (in · depth_multiplier, 1, *kernel), and Flax (*kernel, 1, in · depth_multiplier).
        return fitted, channels // layer.depth_multiplier or None
    sizes = dict(zip(order_in_framework(layer, ndim), shape, strict=True))
    channels = sizes[0] if isinstance(layer, ConvTranspose) else sizes[1] * layer.groups
    wanted = weight_shape(fitted, channels)
    fits = tuple(sizes[place] for place in range(ndim + 2)) == wanted.shape
    return (fitted, channels) if fits and channels else (layer, None)
