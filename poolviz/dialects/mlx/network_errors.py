"""Error messages of MLX for layers of a network, word for word (0.32.4)."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from poolviz.arithmetic.frameworks.mlx import RULES
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Concatenate,
    GlobalPool,
    Linear,
    Same,
    Upsample,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.broadcasting import broadcast_size
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure
from poolviz.dialects.common.network_errors import NetworkErrors

_NO_AXES = (
    "[conv] Only works for inputs with 1-3 spatial dimensions. The inputs must be in the format "
    "[N, ..., C_in]"
)
_TOO_FEW_AXES = (
    "To extract sliding windows at least 1 spatial dimension (3 total) is needed but the input "
    "only has 2 dimensions."
)


def _shape(*numbers: int) -> str:
    return f"({','.join(map(str, numbers))})"


def _batch(shape: Iterable[int]) -> str:
    return _shape(1, *shape)


def _weights(failure: Failure) -> tuple[int, ...]:
    """Shape of the weights of a convolution, (C_out, *kernel, C_in)."""
    layer, channels = failure.layer, failure.input_shape[-1]
    if isinstance(layer, DepthwiseConv):
        layer_channels, groups, out = channels, channels, channels * layer.depth_multiplier
    else:
        assert isinstance(layer, Conv | ConvTranspose)
        layer_channels, groups = layer.in_channels or channels, layer.groups
        out = layer.out_channels
    ndim = layer.window.ndim or len(failure.input_size) or 1
    kernel = [axis.kernel_size for axis in layer.window.axes(ndim)]
    return (out, *kernel, layer_channels // groups)


def _window(failure: Failure, channels_last: bool) -> str | None:
    traced = failure.problem.trace
    if traced is None:
        return None
    sides = [(axis.padding.before, axis.padding.after) for axis in traced.axes]
    sizes = [axis.output_size for axis in traced.axes]
    return _no_output(failure, failure.input_size, sides, sizes)


def _no_output(
    failure: Failure,
    input_size: Iterable[int],
    sides: Iterable[tuple[int, int]],
    sizes: Iterable[int],
) -> str:
    before, after = zip(*sides, strict=True)
    axis = next(place for place, size in enumerate(sizes, start=1) if size <= 0)
    return (
        "[conv] Spatial dimensions of input after padding cannot be smaller than weight spatial "
        f"dimensions. Got error at axis {axis} for input with shape "
        f"{_batch([*input_size, failure.input_shape[-1]])}, padding low {_shape(*before)}, "
        f"padding high {_shape(*after)}, and weight of shape {_shape(*_weights(failure))}."
    )


def _transposed(failure: Failure, channels_last: bool) -> str | None:
    """The text has the input as it was cropped, and the padding of what is then stretched."""
    layer, ndim = failure.layer, len(failure.input_size)
    if not isinstance(layer, ConvTranspose):
        return None
    extra = layer.output_padding
    extras = extra if isinstance(extra, tuple) else (extra,)
    axes = layer.window.axes(ndim)
    sides = [
        RULES.transposed_sides(axis, entry)
        for axis, entry in zip(axes, extras if len(extras) == ndim else extras * ndim, strict=True)
    ]
    cropped = [
        max(0, size + min(0, before) + min(0, after))
        for size, (before, after) in zip(failure.input_size, sides, strict=True)
    ]
    padded = [(max(0, before), max(0, after)) for before, after in sides]
    return _no_output(failure, cropped, padded, failure.problem.got)


def _empty(failure: Failure, channels_last: bool) -> str | None:
    if isinstance(failure.layer, Linear):
        # Its constructor computes √(1 / in_features) for the first weights.
        return "float division by zero"
    if isinstance(failure.layer, GlobalPool):
        axis = failure.input_size.index(0) + 1
        return f"[max] Cannot max reduce over axis {axis} with size 0."
    if isinstance(failure.layer, ConvTranspose):
        return _transposed(failure, channels_last)
    return _window(failure, channels_last)


def _channels(failure: Failure, channels_last: bool) -> str | None:
    layer, shape = failure.layer, failure.input_shape
    if isinstance(layer, Same):
        channels = _shape(*failure.problem.expected)
        return f"[broadcast_shapes] Shapes {_batch(shape)} and {channels} cannot be broadcast."
    assert isinstance(layer, Conv | ConvTranspose)
    if shape[-1] % layer.groups:
        return _indivisible(failure, layer.groups)
    return (
        "[conv] Expect the input channels in the input and weight array to match but got shapes - "
        f"input: {_batch(shape)} and weight: {_shape(*_weights(failure))}"
    )


def _indivisible(failure: Failure, groups: int) -> str:
    return (
        "[conv] The input channels must be divisible by the number of groups. Got input with "
        f"shape {_batch(failure.input_shape)} and {groups} groups."
    )


def _groups(failure: Failure, channels_last: bool) -> str | None:
    layer, channels = failure.layer, failure.input_shape[-1]
    if not isinstance(layer, Conv):
        return None
    built_for = channels if layer.in_channels is None else layer.in_channels
    if built_for % layer.groups:
        return (
            f"The number of input channels ({built_for}) must be divisible by the number of "
            f"groups ({layer.groups})"
        )
    if channels % layer.groups:
        return _indivisible(failure, layer.groups)
    return (
        "[conv] If groups > 1, the output channels must be divisible by the number of groups. "
        f"Got {layer.out_channels} output channels and {layer.groups} groups."
    )


def _features(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    assert isinstance(layer, Linear)
    operation = "addmm" if layer.bias else "matmul"
    return (
        f"[{operation}] Last dimension of first input with shape {_batch(failure.input_shape)} "
        "must match second to last dimension of second input with shape "
        f"({layer.in_features},{layer.out_features})."
    )


def _axes(failure: Failure, channels_last: bool) -> str | None:
    layer, count = failure.layer, len(failure.input_size)
    if isinstance(layer, Pool):
        if not count:
            return _TOO_FEW_AXES
        return (
            "To extract sliding windows the window shapes and strides must have the same number "
            f"of spatial dimensions as the signal but the signal has {count} dims and the window "
            f"shape has {layer.ndim} and strides have {layer.ndim}."
        )
    if not isinstance(layer, Conv | ConvTranspose | DepthwiseConv):
        return None
    if not count:
        return _NO_AXES
    ndim = (layer.window.ndim or 0) + 2
    return (
        f"[conv] Invalid weight array with {ndim} dimensions for {count}D convolution. Expected "
        f"an array with {count + 2} dimensions following the format [C_out, ..., C_in]."
    )


def _branches(failure: Failure, channels_last: bool) -> str | None:
    shapes = failure.problem.shapes
    if isinstance(failure.layer, Concatenate):
        listed = ", ".join(map(_batch, shapes))
        return (
            "[concatenate] All the input array dimensions must match exactly except for the "
            f"concatenation axis. However, the provided shapes are {listed}, and the "
            "concatenation axis is -1."
        )
    total = shapes[0]
    for shape in shapes[1:]:
        sizes = [broadcast_size(pair) for pair in zip(total, shape, strict=True)]
        if None in sizes:
            pair = f"{_batch(total)} and {_batch(shape)}"
            return f"[broadcast_shapes] Shapes {pair} cannot be broadcast."
        total = tuple(size for size in sizes if size is not None)
    return None


def _refused(failure: Failure, channels_last: bool) -> str | None:
    layer, ndim = failure.layer, len(failure.input_size)
    if isinstance(layer, AdaptivePool):
        return f"module 'mlx.nn' has no attribute 'Adaptive{layer.op.title()}Pool{ndim}d'"
    argument = failure.problem.refusals[0].parameter
    name = "Upsample" if isinstance(layer, Upsample) else f"{type(layer).__name__}{ndim}d"
    if argument in ("size", "groups"):
        return f"{name}.__init__() got an unexpected keyword argument '{argument}'"
    return None  # lists all signatures of the function


def _elements(failure: Failure, channels_last: bool) -> str | None:
    shape = getattr(failure.layer, "shape", ())
    size = prod(failure.input_shape)
    return f"[reshape] Cannot reshape array of size {size} into shape {_batch(shape)}."


ERRORS = NetworkErrors(
    {
        FailureKind.NO_WINDOW: _window,
        FailureKind.NOTHING_LEFT: _transposed,
        FailureKind.EMPTY_INPUT: _empty,
        FailureKind.CHANNELS: _channels,
        FailureKind.GROUPS: _groups,
        FailureKind.FEATURES: _features,
        FailureKind.AXES: _axes,
        FailureKind.BRANCH_SIZES: _branches,
        FailureKind.BRANCH_CHANNELS: _branches,
        FailureKind.REFUSED: _refused,
        FailureKind.ELEMENTS: _elements,
    }
)
