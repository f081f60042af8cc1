"""What PyTorch and Keras say when a layer of a stack raises, word for word, for batch 1.

The tests compare these with the recorded texts (PyTorch 2.13.0, Keras 3.15.1). None where a text
is not known word for word: the other frameworks, and texts with names that Keras makes up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import TYPE_CHECKING

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import Add, Concatenate, Linear
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind

if TYPE_CHECKING:
    from poolviz.arithmetic.network.forward import Failure


def network_text(failure: Failure, channels_last: bool) -> str | None:
    """The framework's own words for this failure; None where they are not known."""
    if failure.problem.is_silent:
        return None
    if isinstance(failure.layer, Pool) and failure.problem.trace is not None:
        return _pooling_text(failure, channels_last)
    say = _TEXTS.get((failure.framework, failure.problem.kind))
    return None if say is None else say(failure, channels_last)


def _pooling_text(failure: Failure, channels_last: bool) -> str | None:
    traced = failure.problem.trace
    assert traced is not None
    sizes = failure.input_size
    channels = failure.input_shape[-1 if channels_last else 0]
    text = traced.says(channels)
    if text is None or channels_last or failure.framework != "keras":
        return text
    # The text has the shape in the order of the data.
    last = " ".join(map(str, [*sizes, channels]))
    first = " ".join(map(str, [channels, *sizes]))
    return text.replace(f"[None {last}]", f"[None {first}]")


def _by(numbers: Iterable[int]) -> str:
    return " x ".join(map(str, numbers))


def _spans(failure: Failure) -> list[int]:
    traced = failure.problem.trace
    return [] if traced is None else [axis.effective_kernel_size for axis in traced.axes]


def _torch_window(failure: Failure, channels_last: bool) -> str | None:
    traced = failure.problem.trace
    if traced is None:
        return None
    padded = _by(axis.padded_size for axis in traced.axes)
    return (
        f"Calculated padded input size per channel: ({padded}). "
        f"Kernel size: ({_by(_spans(failure))}). "
        "Kernel size can't be greater than actual input size"
    )


def _torch_channels(failure: Failure, channels_last: bool) -> str | None:
    layer, problem = failure.layer, failure.problem
    shape, got = [1, *failure.input_shape], problem.got[0]
    if not isinstance(layer, Conv | ConvTranspose):
        return f"running_mean should contain {got} elements not {problem.expected[0]}"
    kernel = [axis.kernel_size for axis in layer.window.axes(len(failure.input_size))]
    wanted = problem.expected[0]
    if isinstance(layer, ConvTranspose):
        start = "Given transposed=1"
        weight = [wanted, layer.out_channels // layer.groups, *kernel]
    else:
        start = f"Given groups={layer.groups}"
        weight = [layer.out_channels, wanted // layer.groups, *kernel]
    return (
        f"{start}, weight of size {weight}, expected input{shape} "
        f"to have {wanted} channels, but got {got} channels instead"
    )


def _torch_groups(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    assert isinstance(layer, Conv | ConvTranspose)
    at_fault = "out_channels" if failure.problem.got[0] == layer.out_channels else "in_channels"
    return f"{at_fault} must be divisible by groups"


def _torch_features(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    assert isinstance(layer, Linear)
    rows = prod(failure.input_shape[:-1])
    left = f"{rows}x{failure.input_shape[-1]}"
    return (
        "mat1 and mat2 shapes cannot be multiplied "
        f"({left} and {layer.in_features}x{layer.out_features})"
    )


def _torch_nothing_left(failure: Failure, channels_last: bool) -> str | None:
    if not isinstance(failure.layer, ConvTranspose):
        return None
    before, after = list(failure.problem.expected), list(failure.problem.got)
    if len(before) == 1:  # PyTorch runs it as a map with one row
        before, after = [1, *before], [1, *after]
    return (
        f"Given input size per channel: ({_by(before)}). "
        f"Calculated output size per channel: ({_by(after)}). Output size is too small"
    )


def _torch_axes(failure: Failure, channels_last: bool) -> str | None:
    layer, shape = failure.layer, [1, *failure.input_shape]
    wanted = failure.problem.expected[0]
    if isinstance(layer, Conv | DepthwiseConv) and wanted:
        return (
            f"Expected {wanted + 1}D (unbatched) or {wanted + 2}D (batched) input to "
            f"conv{wanted}d, but got input of size: {shape}"
        )
    return None


def _torch_branch_sizes(failure: Failure, channels_last: bool) -> str | None:
    shapes = [(1, *shape) for shape in failure.problem.shapes]
    first = shapes[0]
    for number, shape in enumerate(shapes[1:], start=1):
        wrong = [i for i, (a, b) in enumerate(zip(first, shape, strict=True)) if a != b and i != 1]
        if isinstance(failure.layer, Concatenate) and wrong:
            place = wrong[0]
            return (
                "Sizes of tensors must match except in dimension 1. "
                f"Expected size {first[place]} but got size {shape[place]} "
                f"for tensor number {number} in the list."
            )
    return _torch_sum(shapes) if isinstance(failure.layer, Add) else None


def _torch_branch_channels(failure: Failure, channels_last: bool) -> str | None:
    return _torch_sum([(1, *shape) for shape in failure.problem.shapes])


def _torch_sum(shapes: list[tuple[int, ...]]) -> str | None:
    """The last axis that differs is named; of more than two branches the sum so far counts."""
    total = shapes[0]
    for shape in shapes[1:]:
        for place in reversed(range(len(shape))):
            if total[place] != shape[place] and 1 not in (total[place], shape[place]):
                return (
                    f"The size of tensor a ({total[place]}) must match the size of tensor b "
                    f"({shape[place]}) at non-singleton dimension {place}"
                )
        total = tuple(map(max, total, shape))
    return None


def _torch_refused(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    if isinstance(layer, Conv | DepthwiseConv) and layer.padding == "same":
        return "padding='same' is not supported for strided convolutions"
    return None


def _torch_elements(failure: Failure, channels_last: bool) -> str | None:
    shape = list(getattr(failure.layer, "shape", ()))
    return (
        f"unflatten: Provided sizes {shape} don't multiply up to the size of dim 1 "
        f"({failure.problem.got[0]}) in the input tensor"
    )


def _keras_window(failure: Failure, channels_last: bool) -> str | None:
    layer, traced = failure.layer, failure.problem.trace
    if traced is None:
        return None
    channels = failure.input_shape[-1 if channels_last else 0]
    if isinstance(layer, Conv):
        depths: tuple[int, ...] = (channels // layer.groups, layer.out_channels)
    elif isinstance(layer, DepthwiseConv):
        depths = (channels, channels * layer.depth_multiplier)
    else:
        return None
    kernel = tuple(axis.kernel_size for axis in traced.axes)
    dilation = " ".join(str(axis.dilation) for axis in traced.axes)
    shape = ", ".join(map(str, failure.input_shape))
    return (
        "Computed output size would be zero or negative. Received "
        f"`inputs shape=(None, {shape})`, "
        f"`kernel shape={(*kernel, *depths)}`, "
        f"`dilation_rate=[{dilation}]`, `strides={tuple(axis.stride for axis in traced.axes)}`, "
        "`padding=valid`."
    )


def _keras_branches(failure: Failure, channels_last: bool) -> str | None:
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


def _keras_refused(failure: Failure, channels_last: bool) -> str | None:
    layer, refusal = failure.layer, failure.problem.refusals[0]
    if refusal.parameter != "dilation" or not isinstance(layer, Conv | ConvTranspose):
        return None
    axes = layer.window.axes(len(failure.input_size))
    return (
        "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
        f"strides={tuple(axis.stride for axis in axes)} "
        f"and dilation_rate={tuple(axis.dilation for axis in axes)}"
    )


def _keras_groups(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    if not isinstance(layer, Conv):
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


_TEXTS: dict[tuple[str, FailureKind], Callable[[Failure, bool], str | None]] = {
    ("pytorch", FailureKind.NO_WINDOW): _torch_window,
    ("pytorch", FailureKind.CHANNELS): _torch_channels,
    ("pytorch", FailureKind.GROUPS): _torch_groups,
    ("pytorch", FailureKind.FEATURES): _torch_features,
    ("pytorch", FailureKind.NOTHING_LEFT): _torch_nothing_left,
    ("pytorch", FailureKind.AXES): _torch_axes,
    ("pytorch", FailureKind.BRANCH_SIZES): _torch_branch_sizes,
    ("pytorch", FailureKind.BRANCH_CHANNELS): _torch_branch_channels,
    ("pytorch", FailureKind.REFUSED): _torch_refused,
    ("pytorch", FailureKind.ELEMENTS): _torch_elements,
    ("keras", FailureKind.NO_WINDOW): _keras_window,
    ("keras", FailureKind.BRANCH_SIZES): _keras_branches,
    ("keras", FailureKind.BRANCH_CHANNELS): _keras_branches,
    ("keras", FailureKind.REFUSED): _keras_refused,
    ("keras", FailureKind.GROUPS): _keras_groups,
}
