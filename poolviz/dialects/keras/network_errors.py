"""Error messages of Keras for layers of a network, word for word (3.15.1)."""

from __future__ import annotations

from poolviz.arithmetic.framework_names import version_of
from poolviz.arithmetic.frameworks.keras import Keras
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import Concatenate
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure
from poolviz.dialects.common.network_errors import NetworkErrors


def of_rank(layer: str, least: int, shape: tuple[int, ...]) -> str:
    """Return the text for an array with fewer axes than a layer needs."""
    return (
        f"Input 0 with name 'None' of layer '{layer}' is incompatible with the layer: expected "
        f"min_ndim={least}, found ndim={len(shape)}. Full shape received: {shape}"
    )


def _pooling(failure: Failure, channels_last: bool) -> str | None:
    rules, traced = FRAMEWORKS[failure.framework], failure.problem.trace
    assert traced is not None
    assert isinstance(rules, Keras)
    return rules.error_on_shape(traced, failure.input_shape, channels_last)


def _window(failure: Failure, channels_last: bool) -> str | None:
    layer, traced = failure.layer, failure.problem.trace
    words = FRAMEWORKS[failure.framework].too_small_words
    if traced is None or words is None:
        return None
    channels = failure.input_shape[-1 if channels_last else 0]
    if isinstance(layer, Conv):
        depths: tuple[int, ...] = (channels, layer.out_channels)  # whatever the groups
    elif isinstance(layer, DepthwiseConv) and version_of(failure.framework) is None:
        depths = (channels, channels * layer.depth_multiplier)
    else:
        return None
    kernel = tuple(axis.kernel_size for axis in traced.axes)
    dilation = " ".join(str(axis.dilation) for axis in traced.axes)
    shape = ", ".join(map(str, failure.input_shape))
    end = f", `strides={tuple(axis.stride for axis in traced.axes)}`, `padding=valid`"
    return (
        f"Computed output size would be {words}. Received "
        f"`inputs shape=(None, {shape})`, "
        f"`kernel shape={(*kernel, *depths)}`, "
        f"`dilation_rate=[{dilation}]`{end if 'zero' in words else ''}."
    )


def _branches(failure: Failure, channels_last: bool) -> str | None:
    shapes = failure.problem.shapes
    if isinstance(failure.layer, Concatenate):
        listed = ", ".join(f"(None, {', '.join(map(str, shape))})" for shape in shapes)
        return (
            "A `Concatenate` layer requires inputs with matching shapes except for the "
            f"concatenation axis. Received: input_shape=[{listed}]"
        )
    if len(shapes) != 2:
        return None
    return f"Inputs have incompatible shapes. Received shapes {shapes[0]} and {shapes[1]}"


def _refused(failure: Failure, channels_last: bool) -> str | None:
    layer, refusal = failure.layer, failure.problem.refusals[0]
    is_newest = version_of(failure.framework) is None
    if is_newest and isinstance(layer, ConvTranspose) and refusal.parameter == "groups":
        name = f"Conv{len(failure.input_size)}DTranspose"
        return f"Unrecognized keyword arguments passed to {name}: {{'groups': {layer.groups}}}"
    if is_newest and isinstance(layer, ConvTranspose) and refusal.parameter == "output_padding":
        return _output_padding(layer, len(failure.input_size))
    if refusal.parameter != "dilation" or not isinstance(layer, Conv | ConvTranspose):
        return None
    axes = layer.window.axes(len(failure.input_size))
    return (
        "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
        f"strides={tuple(axis.stride for axis in axes)} "
        f"and dilation_rate={tuple(axis.dilation for axis in axes)}"
    )


def _output_padding(layer: ConvTranspose, ndim: int) -> str | None:
    given, strides = layer.output_padding, tuple(axis.stride or 1 for axis in layer.axes(ndim))
    extras = given if isinstance(given, tuple) else (given or 0,) * ndim
    for place, (extra, stride) in enumerate(zip(extras, strides, strict=True)):
        if extra >= stride:
            return (
                "`output_padding` must be strictly less than `strides` for all dimensions. "
                f"At dimension {place}, `output_padding` is {extra} but `strides` is {stride}. "
                f"Received: output_padding={extras}, strides={strides}"
            )
    return None


def _is_bad_name(failure: Failure) -> bool:
    """Whether the padding, which is looked at first, has a name that the layer rejects."""
    padding = getattr(failure.layer, "padding", None)
    return padding == "same_lower" or (padding == "causal" and len(failure.input_size) > 1)


def _groups(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    if not isinstance(layer, Conv) or _is_bad_name(failure):
        return None
    if layer.out_channels % layer.groups:
        return (
            "The number of filters must be evenly divisible by the number of groups. "
            f"Received: groups={layer.groups}, filters={layer.out_channels}."
        )
    return (
        "The number of input channels must be evenly divisible by the number of groups. "
        f"Received groups={layer.groups}, but the input has {failure.problem.got[0]} channels "
        f"(full input shape is (None, {', '.join(map(str, failure.input_shape))}))."
    )


ERRORS = NetworkErrors(
    {
        FailureKind.NO_WINDOW: _window,
        FailureKind.BRANCH_SIZES: _branches,
        FailureKind.BRANCH_CHANNELS: _branches,
        FailureKind.REFUSED: _refused,
        FailureKind.GROUPS: _groups,
    },
    _pooling,
)
