"""The operands of a convolution, from what a user gave, or as an example."""

from __future__ import annotations

import math
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from poolviz.arithmetic.convolution.trace import ConvTrace, trace_convolution
from poolviz.arithmetic.convolution.weights import fitted_to_weights, weight_shape
from poolviz.arithmetic.layers.conv import Convolution
from poolviz.arithmetic.layers.validation import Sizes, one_of
from poolviz.arithmetic.values import Array, numbers_of, plain_array
from poolviz.diagnosis.layer.convolved import bias_in_order, weight_in_order
from poolviz.drawing.convolution.operands import PRESETS, Operands, preset_weights

MOST_EXAMPLE_CELLS = 1_000_000  # a larger input is drawn in outline, without values


def example_input(channels: int, sizes: tuple[int, ...], seed: int = 0) -> Array | None:
    """Return random integers from −9 to 9, (C, *spatial); None if empty, or for too many cells."""
    cells = channels * math.prod(sizes)
    if not 0 < cells <= MOST_EXAMPLE_CELLS:
        return None
    # The first channel has the numbers that a pooling layer is shown with.
    return np.random.default_rng(seed).integers(-9, 10, size=(channels, *sizes)).astype(float)


def is_size(given: object) -> TypeGuard[Sizes]:
    """Return whether an argument is a size rather than an array."""
    is_tuple = isinstance(given, tuple) and all(isinstance(entry, int) for entry in given)
    return is_tuple or isinstance(given, int)


def channels_and_sizes(
    given: Any, layer: Convolution, weight: ArrayLike | None = None
) -> tuple[ConvTrace, Array | None]:
    """Trace a convolution on an input that is given by its size or as an array.

    An array is (*spatial), (C, *spatial) or (N, C, *spatial), of which the first example is used.
    Weights say for how many axes and channels a layer is that does not.
    """
    channels = None
    if weight is not None:
        layer, channels = fitted_to_weights(layer, plain_array(weight, "weight").shape)
    if is_size(given):
        return trace_convolution(layer, given, channels), None
    array = numbers_of(given)
    own = layer.ndim if layer.ndim not in (None, 1) else min(max(1, array.ndim), 3)
    if channels is not None and layer.ndim is not None:
        own = layer.ndim
    elif layer.ndim is None:
        # Of three axes the first are channels: unlike a pooling layer, a convolution has always
        # some.
        own = min(array.ndim, 2) if array.ndim <= 3 else array.ndim - 2
    if not own <= array.ndim <= own + 2 or own > 3:
        raise ValueError(
            f"x has {array.ndim} axes, {array.shape}; this layer takes (*spatial), (C, *spatial) "
            f"or (N, C, *spatial) with {own} spatial axes"
        )
    if array.ndim == own + 2:
        if not len(array):
            raise ValueError(f"input has no example to show, its shape is {array.shape}")
        array = array[0]
    if array.ndim == own:
        array = array[None]
    if not len(array):
        raise ValueError(f"input has no channel to show, its shape is {array.shape}")
    return trace_convolution(layer, array.shape[1:], len(array)), np.array(array)


def operands_of(
    traced: ConvTrace,
    x: Array | None = None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    *,
    preset: str = "random",
    seed: int = 0,
) -> Operands | None:
    """Return what is multiplied; None for an input or for weights that are empty or very large."""
    if x is None:
        x = example_input(traced.channels, traced.input_size, seed)
    shape = weight_shape(traced.layer, traced.channels).shape
    if x is None or not x.size or not 0 < math.prod(shape) <= MOST_EXAMPLE_CELLS:
        return None
    if weight is None:
        one_of("preset", preset, PRESETS)
        ordered = preset_weights(preset, traced, seed)
    else:
        ordered = weight_in_order(weight, traced)
    return Operands(x, ordered, bias_in_order(bias, traced))
