"""The input, the weights and the bias of a convolution, and the two channels that are shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.convolution.values import one_channel
from poolviz.arithmetic.convolution.weights import WeightShape, weight_shape
from poolviz.arithmetic.values import Array, cells_needed, silent

MOST_PRODUCTS = 4_000_000  # beyond, values are not shown
PRESETS = ("random", "blur", "edge", "identity")


@dataclass(frozen=True, slots=True, eq=False)
class Operands:
    """Arrays (C, *spatial) and (first, second / groups, *kernel), and the channels to show."""

    x: Array
    weight: Array
    bias: Array | None = None
    in_channel: int = 0
    out_channel: int = 0

    def within(self, traced: ConvTrace) -> Operands:
        """Return the same with channels that are there, and connected to each other."""
        out = min(max(0, self.out_channel), traced.out_channels - 1)
        inputs = connected(traced, out)
        shown = min(max(self.in_channel, inputs.start), inputs.stop - 1)
        return replace(self, in_channel=shown, out_channel=out)


class Products(NamedTuple):
    """Values of the output channel, and the part that does not come from the shown channel."""

    output: Array
    rest: Array


def connected(traced: ConvTrace, out_channel: int) -> range:
    """Return the input channels that an output channel reads: those of its group.

    >>> from poolviz import Conv, trace
    >>> connected(trace(Conv(4, 3, groups=2, in_channels=6), 8), 3)
    range(3, 6)
    """
    outputs = max(1, traced.out_channels // traced.groups)
    inputs = max(1, traced.channels // traced.groups)
    first = min(out_channel // outputs, traced.groups - 1) * inputs
    return range(first, first + inputs)


def kernel_of(traced: ConvTrace, operands: Operands) -> Array:
    """Return the weights between the two channels in the order of a window, (*kernel)."""
    first, second = operands.out_channel, operands.in_channel
    if traced.is_transposed:
        first, second = second, first
    kernel: Array = operands.weight[first, second % operands.weight.shape[1]]
    if traced.is_transposed and traced.framework.flips_transposed_kernel:
        kernel = np.flip(kernel)
    return kernel


def products(traced: ConvTrace, operands: Operands) -> Products | None:
    """Return the values of the output channel; None if there are too many products."""
    inputs = connected(traced, operands.out_channel)
    taps = math.prod(axis.kernel_size for axis in traced.axes)
    if cells_needed(traced.as_windows) * taps * len(inputs) > MOST_PRODUCTS:
        return None
    # Decoupled from groups: the channels of one group, and one output channel.
    whole = one_channel(operands.x, traced, operands.weight, operands.out_channel, inputs)
    only = range(operands.in_channel, operands.in_channel + 1)
    shown = whole
    if len(inputs) > 1:
        shown = one_channel(operands.x, traced, operands.weight, operands.out_channel, only)
    added = 0 if operands.bias is None else operands.bias[operands.out_channel]
    with silent():  # ∞ − ∞
        return Products(whole + added, whole - shown)


# --- weights -------------------------------------------------------------------------------------


def preset_weights(name: str, traced: ConvTrace, seed: int = 0) -> Array:
    """Return weights of a kind, (first, second / groups, *kernel).

    "blur" is the mean of a window, "edge" the centre against its surroundings, "identity" the
    centre alone, "random" integers from −3 to 3.

    >>> from poolviz import Conv, trace
    >>> preset_weights("edge", trace(Conv(1, 3), 8))[0, 0]
    array([[-1., -1., -1.],
           [-1.,  8., -1.],
           [-1., -1., -1.]])
    """
    shape: WeightShape = weight_shape(traced.layer, traced.channels)
    if name == "random":
        return np.random.default_rng(seed).integers(-3, 4, size=shape.shape).astype(float)
    cells = math.prod(shape.kernel)
    centre = tuple(size // 2 for size in shape.kernel)
    kernel = np.zeros(shape.kernel)
    if name == "blur":
        # An output channel of a convolution reads all channels of a group: their mean.
        kernel += 1 / (cells * (1 if traced.is_transposed else max(1, shape.second)))
    elif name == "edge":
        kernel -= 1
        kernel[centre] = cells - 1
    else:
        kernel[centre] = 1
    weight = np.zeros(shape.shape)
    if name != "identity":
        weight[:] = kernel
        return weight
    for first in range(shape.first):  # output channel o copies input channel o
        if shape.second:
            weight[first, first % shape.second] = kernel
    return weight
