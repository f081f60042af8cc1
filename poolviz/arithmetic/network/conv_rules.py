"""What the frameworks demand of a convolution, and the size of a transposed one.

Sources as in `layer_rules`; each rule was run with the versions named there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from poolviz.arithmetic.frameworks.base import FRAMEWORKS, Refusal
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.network.failures import FailureKind, ForwardStopped, Problem
from poolviz.arithmetic.network.window_cache import WindowCalculator, causal, window_calculator
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.i18n.phrase import Words, phrase

TAKES_SAME_LOWER = ("jax", "onnxruntime")
TAKES_CAUSAL = ("keras", "tensorflow", "jax")
NAMES_ONLY = ("keras", "tensorflow")  # layers that know "valid" and "same" only


class Plan(NamedTuple):
    """One convolution in one framework: its window, and the arguments that are not taken."""

    slides: WindowCalculator
    refusals: tuple[Refusal, ...]


@lru_cache(maxsize=4096)
def convolution_plan(framework: str, window: Pool, is_causal: bool, ndim: int) -> Plan:
    """What stays the same for every input of a convolution."""
    refusals = tuple(_convolution_refusals(framework, window, is_causal, ndim))
    # JAX's pooling has no limits of its own, so its sizes are those of the bare formula.
    return Plan(window_calculator(causal(window) if is_causal else window, "jax", ndim), refusals)


def _convolution_refusals(
    framework: str, window: Pool, is_causal: bool, ndim: int
) -> Iterator[Refusal]:
    if is_causal:
        if framework not in TAKES_CAUSAL or ndim != 1:
            title = FRAMEWORKS[framework].title
            yield _refusal(
                phrase("refusal.no_causal", framework=title), phrase("instead.pad_before")
            )
        return
    yield from _padding_refusals(framework, window, ndim)
    axes = window.axes(ndim)
    is_strided = any(axis.stride not in (None, 1) for axis in axes)
    is_dilated = any(axis.dilation > 1 for axis in axes)
    if framework == "pytorch" and window.padding == "same" and is_strided:
        why = phrase("refusal.same_with_stride_one")
        yield _refusal(why, phrase("instead.half_in_numbers"))
    if framework == "keras" and is_strided and is_dilated:
        yield _stride_or_dilation("Keras")
    if framework == "onnxruntime" and is_dilated and window.padding in ("same", "same_lower"):
        why = phrase("refusal.no_dilation_with_auto_pad")
        yield _refusal(why, phrase("instead.pads_in_numbers"), error="InvalidArgument")


def _refusal(
    why: Words, instead: Words, parameter: str = "padding", error: str = "ValueError"
) -> Refusal:
    return Refusal(parameter, "not offered", why, instead, error)


def _stride_or_dilation(title: str) -> Refusal:
    why = phrase("refusal.stride_or_dilation", framework=title)
    return _refusal(why, phrase("instead.one_of_them"), "dilation")


def _padding_refusals(framework: str, window: Pool, ndim: int) -> Iterator[Refusal]:
    title = FRAMEWORKS[framework].title
    if window.padding == "same_lower" and framework not in TAKES_SAME_LOWER:
        yield _refusal(phrase("refusal.no_same_lower", framework=title), 'padding="same"')
    has_numbers = not (window.has_named_padding or window.pads_nothing)
    takes_numbers = framework != "keras" and (framework != "tensorflow" or ndim == 2)
    if has_numbers and not takes_numbers:
        why = phrase("refusal.convolutions_take_names", framework=title)
        yield _refusal(why, phrase("instead.same_or_layer", layer=f"ZeroPadding{ndim}D"))
    pairs = [axis.padding for axis in window.axes(ndim) if isinstance(axis.padding, tuple)]
    if framework == "pytorch" and any(before != after for before, after in pairs):
        why = phrase("refusal.pytorch_pads_alike")
        yield _refusal(why, phrase("instead.f_pad_before"), error="TypeError")


def transposed_refusals(
    framework: str, layer: ConvTranspose, extras: tuple[int | None, ...], ndim: int
) -> tuple[Refusal, ...]:
    """The arguments of a transposed convolution that `framework` does not take."""
    return tuple(_transposed_refusals(framework, layer, extras, ndim))


def _transposed_refusals(
    framework: str, layer: ConvTranspose, extras: tuple[int | None, ...], ndim: int
) -> Iterator[Refusal]:
    title = FRAMEWORKS[framework].title
    window, is_causal = layer.window, layer.padding == "causal"
    names_only = framework in NAMES_ONLY
    if is_causal or (window.padding == "same_lower" and framework not in TAKES_SAME_LOWER):
        why = phrase("refusal.no_name_here", framework=title, name=layer.padding)
        yield _refusal(why, 'padding="same"')
    elif framework == "pytorch" and window.padding == "same":
        why = phrase("refusal.transposed_takes_numbers")
        yield _refusal(why, phrase("instead.both_in_numbers"), error="TypeError")
    elif names_only and not (window.has_named_padding or window.pads_nothing):
        why = phrase("refusal.transposed_takes_names", framework=title)
        yield _refusal(why, phrase("instead.same_or_cropping"))
    if names_only and layer.groups > 1:
        why = phrase("refusal.transposed_has_no_groups", framework=title)
        yield _refusal(why, "groups=1", "groups")
    axes = window.axes(ndim)
    if names_only and any(a.dilation > 1 for a in axes) and any(a.stride != 1 for a in axes):
        yield _stride_or_dilation(title)
    yield from _output_padding_refusals(framework, axes, extras)


def _output_padding_refusals(
    framework: str, axes: tuple[AxisParameters, ...], extras: tuple[int | None, ...]
) -> Iterator[Refusal]:
    title, word = FRAMEWORKS[framework].title, "output_padding"
    for axis, extra in zip(axes, extras, strict=True):
        if extra is None:
            continue
        if framework == "jax":
            why = phrase("refusal.flax_has_no_output_padding")
            yield _refusal(why, phrase("instead.more_numbers"), word, "TypeError")
            return
        most = axis.stride or 1
        if framework not in NAMES_ONLY:
            most = max(most, axis.dilation)
        if extra >= most:
            key = "refusal.output_padding_over_the_stride"
            if framework not in NAMES_ONLY:
                key = "refusal.output_padding_over_stride_and_dilation"
            error = {"pytorch": "RuntimeError", "onnxruntime": "InvalidArgument"}
            why = phrase(key, framework=title, most=most, got=extra)
            instead = phrase("instead.at_most", code=f"output_padding={most - 1}")
            name = error.get(framework, "ValueError")
            yield Refusal(word, "limit", why, instead, name, axis.name)


def transposed_size(
    framework: str, axis: AxisParameters, input_size: int, output_padding: int | None
) -> int:
    """Elements of one axis after a transposed convolution; may be ≤ 0.

    >>> axis = Pool((3,), 2, framework="jax").axes(1)[0]
    >>> transposed_size("pytorch", axis, 4, None), transposed_size("keras", axis, 4, None)
    (9, 9)
    """
    stride = axis.stride or 1
    span = effective_kernel_size(axis.kernel_size, axis.dilation)
    if framework == "jax":
        return _flax_transposed_size(axis.padding, input_size, span, stride)
    extra = output_padding or 0
    whole = (input_size - 1) * stride + span + extra
    is_same = axis.padding in ("same", "same_lower")
    if framework in NAMES_ONLY:
        if output_padding is not None:
            return whole - (2 * (span // 2) if is_same else 0)
        return input_size * stride + (0 if is_same else max(span - stride, 0))
    if is_same:  # onnxruntime takes off what is over n·s, and adds nothing
        return whole - max(0, span + extra - stride)
    return whole - (sum(axis.padding) if isinstance(axis.padding, tuple) else 0)


def _flax_transposed_size(
    padding: str | tuple[int, int], input_size: int, span: int, stride: int
) -> int:
    """Flax pads the stretched input (1 + (n − 1)·s elements), so its numbers mean the opposite."""
    stretched = (input_size - 1) * stride + 1 if input_size else 0
    if isinstance(padding, tuple):
        total = sum(padding)
    else:
        total = span + stride - 2 + (max(span - stride, 0) if padding == "valid" else 0)
    return max(0, stretched + total - span + 1)


def check_channels(layer: Conv | ConvTranspose, channels: int) -> None:
    """Stops the walk when the channels are not those that the layer was built for.

    PyTorch and Keras look at the groups when the layer is made, before any data comes.
    """
    built_for = layer.in_channels if layer.in_channels is not None else channels
    at_fault = [n for n in (built_for, layer.out_channels) if n % layer.groups]
    if at_fault:
        problem = Problem(kind=FailureKind.GROUPS, expected=(layer.groups,), got=(at_fault[0],))
        raise ForwardStopped(problem)
    if channels != built_for:
        raise ForwardStopped(
            Problem(kind=FailureKind.CHANNELS, expected=(built_for,), got=(channels,))
        )
