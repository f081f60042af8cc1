"""Error messages of PyTorch for layers of a network, word for word (2.13.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import prod

from poolviz.arithmetic.frameworks.pytorch import runs_in_onednn
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    Add,
    Concatenate,
    Identity,
    Layer,
    Linear,
    Reshape,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure
from poolviz.dialects.common.network_errors import NetworkErrors


def _by(numbers: Iterable[int]) -> str:
    return " x ".join(map(str, numbers))


def of_product(rows: int, features: int, expected: int | None, outputs: int) -> str:
    """Return the text for a linear layer on rows of other features."""
    left, right = f"{rows}x{features}", f"{expected}x{outputs}"
    return f"mat1 and mat2 shapes cannot be multiplied ({left} and {right})"


def of_join(first: int, second: int, number: int = 1) -> str:
    """Return the text for maps of other sizes that are concatenated."""
    return (
        "Sizes of tensors must match except in dimension 1. "
        f"Expected size {first} but got size {second} for tensor number {number} in the list."
    )


def of_sum(first: int, second: int, place: int) -> str:
    """Return the text for tensors that are added, and differ along an axis."""
    return (
        f"The size of tensor a ({first}) must match the size of tensor b ({second}) "
        f"at non-singleton dimension {place}"
    )


def of_view(features: int, total: int) -> str:
    """Return the text for numbers that do not divide into rows of `features`."""
    return f"shape '[-1, {features}]' is invalid for input of size {total}"


def of_loss(rows: int, targets: int) -> str:
    """Return the text of a loss with more rows than targets."""
    return f"Expected input batch_size ({rows}) to match target batch_size ({targets})."


def _spans(failure: Failure) -> list[int]:
    traced = failure.problem.trace
    return [] if traced is None else [axis.effective_kernel_size for axis in traced.axes]


def _window(failure: Failure, channels_last: bool) -> str | None:
    traced = failure.problem.trace
    if traced is None:
        return None
    padded = _by(axis.padded_size for axis in traced.axes)
    return (
        f"Calculated padded input size per channel: ({padded}). "
        f"Kernel size: ({_by(_spans(failure))}). "
        "Kernel size can't be greater than actual input size"
    )


def _channels(failure: Failure, channels_last: bool) -> str | None:
    layer, problem = failure.layer, failure.problem
    shape, got = [1, *failure.input_shape], problem.got[0]
    if not isinstance(layer, Conv | ConvTranspose):
        return _normalized(layer, got, problem.expected[0])
    axes = layer.window.axes(len(failure.input_size))
    kernel = [axis.kernel_size for axis in axes]
    if layer.padding == "same" and any(a.dilation * (a.kernel_size - 1) % 2 for a in axes):
        return None  # the text has the size with the padding of one side
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


def _normalized(layer: Layer, got: int, wanted: int) -> str | None:
    """Return what a layer that keeps the shape says of other channels; None where that varies."""
    name = getattr(layer, "name", None) or ""
    if re.fullmatch(r"(Sync)?BatchNorm(\dd)?", name):
        return f"running_mean should contain {got} elements not {wanted}"
    if name == "PReLU":
        return (
            "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
            f"{wanted} and channel size = {got}."
        )
    if name.startswith("InstanceNorm") and getattr(layer, "error", None):
        return f"expected input's size at dim=1 to match num_features ({wanted}), but got: {got}."
    return None


def _groups(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    assert isinstance(layer, Conv | ConvTranspose)
    at_fault = "out_channels" if failure.problem.got[0] == layer.out_channels else "in_channels"
    return f"{at_fault} must be divisible by groups"


def _features(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    assert isinstance(layer, Linear)
    rows, features = prod(failure.input_shape[:-1]), failure.input_shape[-1]
    return of_product(rows, features, layer.in_features, layer.out_features)


def _nothing_left(failure: Failure, channels_last: bool) -> str | None:
    if not isinstance(failure.layer, ConvTranspose):
        return None
    before, after = list(failure.problem.expected), list(failure.problem.got)
    if runs_in_onednn(failure.layer.with_axes(len(after))):
        return "could not construct a memory descriptor using a format tag"
    if len(before) == 1:  # PyTorch runs it as a map with one row
        before, after = [1, *before], [1, *after]
    return (
        f"Given input size per channel: ({_by(before)}). "
        f"Calculated output size per channel: ({_by(after)}). Output size is too small"
    )


def _axes(failure: Failure, channels_last: bool) -> str | None:
    layer, shape = failure.layer, [1, *failure.input_shape]
    wanted = failure.problem.expected[0]
    if isinstance(layer, Conv | DepthwiseConv) and wanted:
        if len(shape) == wanted + 1:  # PyTorch takes the batch for the channels
            return None
        return (
            f"Expected {wanted + 1}D (unbatched) or {wanted + 2}D (batched) input to "
            f"conv{wanted}d, but got input of size: {shape}"
        )
    return _other_axes(layer, len(shape))


def _other_axes(layer: Layer, count: int) -> str | None:
    """Return what other layers say of a tensor of so many axes, with the batch."""
    if isinstance(layer, Pool):
        ndim = layer.ndim
        # Only these pooling layers have this text.
        is_plain = (layer.op == "max" and ndim == 2) or ndim == 3
        return (
            f"non-empty {ndim + 1}D or {ndim + 2}D (batch mode) tensor expected for input"
            if is_plain and ndim
            else None
        )
    norm = re.fullmatch(r"(Batch|Instance)Norm(\d)d", getattr(layer, "kind", ""))
    if norm is None:
        return None
    most = int(norm[2]) + 2
    wanted = f"{most - 1}D or {most}D" if norm[1] == "Instance" or most == 3 else f"{most}D"
    return f"expected {wanted} input (got {count}D input)"


def _branch_sizes(failure: Failure, channels_last: bool) -> str | None:
    shapes = [(1, *shape) for shape in failure.problem.shapes]
    first = shapes[0]
    for number, shape in enumerate(shapes[1:], start=1):
        wrong = [i for i, (a, b) in enumerate(zip(first, shape, strict=True)) if a != b and i != 1]
        if isinstance(failure.layer, Concatenate) and wrong:
            place = wrong[0]
            return of_join(first[place], shape[place], number)
    return _sum(shapes) if isinstance(failure.layer, Add) else None


def _branch_channels(failure: Failure, channels_last: bool) -> str | None:
    return _sum([(1, *shape) for shape in failure.problem.shapes])


def _sum(shapes: list[tuple[int, ...]]) -> str | None:
    """Name the last axis that differs; with more than two branches, that of the partial sum."""
    total = shapes[0]
    for shape in shapes[1:]:
        for place in reversed(range(len(shape))):
            if total[place] != shape[place] and 1 not in (total[place], shape[place]):
                return of_sum(total[place], shape[place], place)
        total = tuple(map(max, total, shape))
    return None


def _refused(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    if isinstance(layer, Conv | DepthwiseConv):
        if layer.padding == "same":
            return "padding='same' is not supported for strided convolutions"
        if isinstance(layer.padding, str):
            return f"Invalid padding string '{layer.padding}', should be one of {{'same', 'valid'}}"
    if isinstance(layer, ConvTranspose):
        if failure.problem.refusals[0].parameter == "output_padding":
            channels = failure.input_shape[-1 if channels_last else 0]
            if 0 in failure.input_size or layer.in_channels not in (None, channels):
                return None  # these are looked at first
            return _output_padding(layer, len(failure.input_size))
        found = "str" if isinstance(layer.padding, str) else "tuple"
        text = getattr(FRAMEWORKS[failure.framework], "found_text", "{found}").format(found=found)
        return (
            f"conv_transpose{len(failure.input_size)}d(): argument 'padding' (position 5) must be "
            f"tuple of ints, {text}"
        )
    return None


def _output_padding(layer: ConvTranspose, ndim: int) -> str:
    """Return the text of ATen, which has all three settings of every axis."""
    names = ("depth", "height", "width")[-max(ndim, 2) :]  # a sequence is a map with one row
    axes = layer.axes(ndim)
    extra = layer.output_padding
    extras = extra if isinstance(extra, tuple) else (extra or 0,) * ndim
    rows = {
        "output_padding": [0] * (ndim == 1) + [*extras],
        "stride": [1] * (ndim == 1) + [axis.stride or 1 for axis in axes],
        "dilation": [1] * (ndim == 1) + [axis.dilation for axis in axes],
    }
    said = (
        f"{word}_{name}: {number}"
        for word, numbers in rows.items()
        for name, number in zip(names, numbers, strict=True)
    )
    return "output padding must be smaller than either stride or dilation, but got " + " ".join(
        said
    )


def _empty(failure: Failure, channels_last: bool) -> str | None:
    shape = [1, *failure.input_shape]
    if isinstance(failure.layer, ConvTranspose):
        if len(shape) == 3:
            shape.insert(2, 1)
        return f"Only zero batch or zero channel inputs are supported, but got input shape: {shape}"
    traced = failure.problem.trace
    if traced is not None and not any(axis.missing for axis in traced.axes):
        return f"Only zero batch or zero channel inputs are supported, but got input shape: {shape}"
    return _window(failure, channels_last)


def _elements(failure: Failure, channels_last: bool) -> str | None:
    layer, shape = failure.layer, failure.input_shape
    if not isinstance(layer, Reshape):
        return None
    if layer.axis < 1:
        size = prod(shape)
        return f"shape '{[layer.axis or 1, *layer.shape]}' is invalid for input of size {size}"
    after = len(shape) - layer.axis
    sizes = list(layer.shape[layer.axis - 1 : len(layer.shape) - after])
    return (
        f"unflatten: Provided sizes {sizes} don't multiply up to the size of dim {layer.axis} "
        f"({shape[layer.axis - 1]}) in the input tensor"
    )


def _too_few(failure: Failure, channels_last: bool) -> str | None:
    layer = failure.layer
    if not isinstance(layer, Identity):
        return None
    what = "spatial element" if (layer.name or "").startswith("Instance") else "value per channel"
    size = [1, *failure.input_shape]
    return f"Expected more than 1 {what} when training, got input size torch.Size({size})"


def _layout(failure: Failure, channels_last: bool) -> str | None:
    return (
        "view size is not compatible with input tensor's size and stride (at least one dimension "
        "spans across two contiguous subspaces). Use .reshape(...) instead."
    )


ERRORS = NetworkErrors(
    {
        FailureKind.NO_WINDOW: _window,
        FailureKind.EMPTY_INPUT: _empty,
        FailureKind.CHANNELS: _channels,
        FailureKind.GROUPS: _groups,
        FailureKind.FEATURES: _features,
        FailureKind.NOTHING_LEFT: _nothing_left,
        FailureKind.AXES: _axes,
        FailureKind.BRANCH_SIZES: _branch_sizes,
        FailureKind.BRANCH_CHANNELS: _branch_channels,
        FailureKind.REFUSED: _refused,
        FailureKind.ELEMENTS: _elements,
        FailureKind.TOO_FEW: _too_few,
        FailureKind.LAYOUT: _layout,
    }
)
