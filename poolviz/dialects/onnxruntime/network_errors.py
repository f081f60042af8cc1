"""Error messages of onnxruntime for convolutions, word for word (1.32.0).

Each is the end of the text, what follows "Status Message: ".
"""

from __future__ import annotations

from poolviz.arithmetic.convolution.weights import weight_shape
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure
from poolviz.dialects.common.network_errors import NetworkErrors


def _window(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    sizes = ",".join(map(str, failure.input_size))
    is_plain = not getattr(FRAMEWORKS[failure.framework], "names_lost_axis", True)
    if isinstance(layer, Conv) or (isinstance(layer, ConvTranspose) and is_plain):
        return f"Invalid input shape: {{{sizes}}}"
    if not isinstance(layer, ConvTranspose):
        return None
    found = failure.problem.got
    axis = next((place for place, size in enumerate(found) if size < 1), None)
    if axis is None:
        return None
    return f"Computed output dimension is <= 0 for dim {axis}. Input shape: {{{sizes}}}"


def _groups(failure: Failure, channels_last: bool) -> str | None:
    layer, count = failure.layer, failure.problem.got[0]
    if isinstance(layer, ConvTranspose):
        if count == layer.out_channels and (layer.in_channels or 0) % layer.groups == 0:
            return None  # no weights have such a shape
        return (
            "Input channels is not divisible by group. "
            f"num_input_channels: {count} group: {layer.groups}"
        )
    if not isinstance(layer, Conv) or layer.out_channels % layer.groups == 0:
        return None
    got = failure.input_shape[-1 if channels_last else 0]
    if (layer.in_channels or 0) % layer.groups or layer.in_channels not in (None, got):
        return None  # the text is about the input
    return (
        "Output channels M is not divisible by group. "
        f"M: {layer.out_channels} group: {layer.groups}"
    )


def _channels(failure: Failure, channels_last: bool) -> str | None:
    layer, problem = failure.layer, failure.problem
    built_for, got = problem.expected[0], problem.got[0]
    if isinstance(layer, ConvTranspose):
        if got % layer.groups:
            return None
        return (
            "filter number not equal to input channel number. "
            f"filter_number: {built_for} num_input_channels: {got}"
        )
    if not isinstance(layer, Conv):
        return None
    kernel = weight_shape(layer, built_for).second
    return (
        "Input channels C is not equal to kernel channels * group. "
        f"C: {got} kernel channels: {kernel} group: {layer.groups}"
    )


def _refused(failure: Failure, channels_last: bool) -> str | None:
    refusal, layer = failure.problem.refusals[0], failure.layer
    if refusal.parameter == "padding" and isinstance(layer, Conv) and layer.padding != "causal":
        return "Dilation not supported for AutoPadType::SAME_UPPER or AutoPadType::SAME_LOWER."
    if refusal.parameter != "output_padding" or not isinstance(layer, ConvTranspose):
        return None
    extra = layer.output_padding
    extras = extra if isinstance(extra, tuple) else (extra or 0,) * len(failure.input_size)
    for place, (axis, added) in enumerate(zip(layer.axes(len(extras)), extras, strict=True)):
        most = max(axis.stride or 1, axis.dilation)
        if added >= most:
            return (
                f"output_padding[{place}] ({added}) must be less than max(stride, dilation) "
                f"({most}) for spatial dimension {place}."
            )
    return None  # it names a size that depends on all axes


ERRORS = NetworkErrors(
    {
        FailureKind.NO_WINDOW: _window,
        FailureKind.NOTHING_LEFT: _window,
        FailureKind.EMPTY_INPUT: _window,
        FailureKind.GROUPS: _groups,
        FailureKind.CHANNELS: _channels,
        FailureKind.REFUSED: _refused,
    }
)
