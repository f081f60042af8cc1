"""What to try on a layer that does not work: other arguments, or a larger input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import gcd
from typing import Any

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.frameworks.refusals import Refusal
from poolviz.arithmetic.layers.conv import DepthwiseConv
from poolviz.arithmetic.layers.validation import LARGEST_ARGUMENT
from poolviz.arithmetic.trace import Trace, counts_padding
from poolviz.i18n.phrase import Words, phrase


@dataclass(frozen=True, slots=True)
class Step:
    """A changed layer or input that might work."""

    parameter: str
    layer: Any
    input_size: tuple[int, ...]
    also: Words = ""


def next_steps(traced: Trace) -> Iterator[Step]:
    """Yield the changes to try on a layer that does not work, the preferred ones first."""
    if _is_beyond_reason(traced):
        return
    if traced.refusals:
        first = traced.refusals[0]
        yield from _REFUSAL_STEPS[first.parameter](traced, first)
    else:
        yield from _size_steps(traced)


def _is_beyond_reason(traced: Trace) -> bool:
    """Return whether a number is so large that twice as much may exceed what a layer accepts."""
    numbers = [max(axis.effective_kernel_size, axis.padded_size) for axis in traced.axes]
    return max(numbers) > LARGEST_ARGUMENT // 1000


# --- when no window fits -------------------------------------------------------------------------


def _size_steps(traced: Trace) -> Iterator[Step]:
    # First, because no other change makes an empty input larger.
    if traced.is_convolution and 0 in traced.input_size:
        sizes = tuple(max(1, axis.input_size + axis.missing) for axis in traced.axes)
        yield Step("input_size", traced.layer, sizes, phrase("also.larger_data"))
    if traced.is_transposed:
        yield from _less_removed(traced)
        return
    yield from _smaller_kernel(traced)
    yield from _more_padding(traced)
    yield from _less_dilation(traced)
    yield from _larger_input(traced)
    yield from _same(traced)


def _less_removed(traced: Trace) -> Iterator[Step]:
    """Remove less of what a transposed convolution writes, write more, or take a larger input."""
    layer, sizes = traced.layer, traced.input_size
    short = [max(0, 1 - axis.output_size) for axis in traced.axes]
    if isinstance(layer.padding, tuple):
        pairs = [
            (before - lack // 2, after - (lack - lack // 2))
            for (before, after), lack in zip(
                (axis.padding for axis in layer.axes(len(sizes))), short, strict=True
            )
        ]
        # One number for both sides; the smaller one removes less.
        least = tuple(max(0, min(pair)) for pair in pairs)
        yield Step("padding", replace(layer, padding=least), sizes)
        yield Step("padding", replace(layer, padding=0), sizes)
    # Each further kernel element lengthens the window by the dilation.
    kernel = tuple(
        axis.kernel_size + -(-lack // axis.dilation)
        for axis, lack in zip(traced.axes, short, strict=True)
    )
    yield Step("kernel_size", replace(layer, kernel_size=kernel), sizes)
    # Each further input element is written one stride further.
    larger = tuple(
        max(1, axis.input_size) + -(-lack // axis.stride)
        for axis, lack in zip(traced.axes, short, strict=True)
    )
    yield Step("input_size", layer, larger, phrase("also.larger_data"))


def _per_axis(traced: Trace, value: Callable[[AxisTrace], int], old: str) -> tuple[int, ...]:
    """Set a parameter on the axes where no window fits; keep it elsewhere."""
    return tuple(value(a) if a.missing else getattr(a, old) for a in traced.axes)


def _smaller_kernel(traced: Trace) -> Iterator[Step]:
    # The longest kernel whose last element is still on the padded input.
    kernel = _per_axis(
        traced, lambda axis: (axis.padded_size - 1) // axis.dilation + 1, "kernel_size"
    )
    if min(kernel) >= 1:
        yield Step("kernel_size", replace(traced.layer, kernel_size=kernel), traced.input_size)


def _more_padding(traced: Trace) -> Iterator[Step]:
    """Yield just as much padding as the kernel needs to fit."""
    if traced.layer.padding in ("same", "same_lower"):
        return
    pairs = []
    for axis in traced.axes:
        short = axis.missing
        # The odd cell goes to the end, as with "same".
        before, after = axis.padding.before + short // 2, axis.padding.after + short - short // 2
        if traced.framework.pads_alike:  # may add one element more than is missing
            before = after = max(before, after)
        pairs.append((before, after))
    is_even = all(before == after for before, after in pairs)
    padding = tuple(before for before, _ in pairs) if is_even else tuple(pairs)
    layer = replace(traced.layer, padding=padding)
    yield Step("padding", layer, traced.input_size, _padding_effect(traced))


def _padding_effect(traced: Trace) -> Words:
    if traced.is_convolution:
        return phrase("also.padding_is_zeros")
    if traced.layer.op == "max":
        return phrase("also.padding_never_wins")
    return phrase(
        "also.padding_is_counted" if counts_padding(traced) else "also.padding_is_not_counted"
    )


def _less_dilation(traced: Trace) -> Iterator[Step]:
    """Yield the largest dilation with which the kernel fits."""

    def largest(axis: AxisTrace) -> int:
        # A kernel of one element has no gaps to make smaller.
        return (axis.padded_size - 1) // (axis.kernel_size - 1) if axis.kernel_size > 1 else 1

    dilation = _per_axis(traced, largest, "dilation")
    if min(dilation) >= 1:
        yield Step("dilation", replace(traced.layer, dilation=dilation), traced.input_size)


def _larger_input(traced: Trace) -> Iterator[Step]:
    """Yield the smallest input that the kernel fits."""
    sizes = tuple(axis.input_size + axis.missing for axis in traced.axes)
    yield Step("input_size", traced.layer, sizes, phrase("also.larger_data"))


def _same(traced: Trace) -> Iterator[Step]:
    takes_same = traced.framework.takes_same or traced.is_convolution  # PyTorch, at stride 1
    if takes_same and traced.layer.padding not in ("same", "same_lower"):
        layer = replace(traced.layer, padding="same")
        yield Step("padding", layer, traced.input_size, phrase("also.same_windows"))


# --- when an argument is not taken ---------------------------------------------------------------


def _other_padding(traced: Trace, refusal: Refusal) -> Iterator[Step]:
    """Yield padding that the framework takes, in place of what it refused."""
    layer, sizes = traced.layer, traced.input_size
    if traced.is_convolution:
        yield from _convolution_padding(traced)
        return
    if refusal.reason == "limit" and not layer.has_named_padding:
        yield from _padding_within_limit(traced)
        return
    if traced.framework.takes_same and layer.padding not in ("same", "same_lower"):
        yield Step("padding", replace(layer, padding="same"), sizes)
    elif traced.framework.takes_same and layer.padding == "same_lower":
        yield Step(
            "padding", replace(layer, padding="same"), sizes, phrase("also.odd_cell_at_the_end")
        )
    if not traced.framework.takes_same:
        # The larger side on both, so that the padded input does not become shorter.
        even = tuple(max(axis.padding) for axis in traced.axes)
        also: Words = ""
        if any(axis.padding.before != axis.padding.after for axis in traced.axes):
            also = phrase("also.windows_start_earlier")
        yield Step("padding", replace(layer, padding=even), sizes, also)
    # Last: without padding there are fewer windows.
    yield Step("padding", replace(layer, padding=0), sizes)


def _convolution_padding(traced: Trace) -> Iterator[Step]:
    """Other paddings of a convolution: by name, half the kernel in numbers, none."""
    layer, sizes = traced.layer, traced.input_size
    if layer.padding != "same":
        yield Step("padding", replace(layer, padding="same"), sizes)
    half = tuple(axis.effective_kernel_size // 2 for axis in traced.axes)
    even = tuple(max(0, *axis.padding) for axis in traced.axes)
    for numbers in dict.fromkeys((even, half) if not layer.has_named_padding else (half,)):
        yield Step("padding", replace(layer, padding=numbers), sizes)
    plain: Any = "valid" if traced.framework.takes_same else 0
    yield Step("padding", replace(layer, padding=plain), sizes)
    # PyTorch 2.13.0 pads a convolution by name only at stride 1.
    yield from _plain(stride=1)(traced, traced.refusals[0])


def _padding_within_limit(traced: Trace) -> Iterator[Step]:
    """Yield the most padding that is allowed, and a kernel large enough for all of it."""
    layer, sizes = traced.layer, traced.input_size

    def limit(kernel_size: int) -> int:
        most = traced.framework.padding_limit(kernel_size)
        assert most is not None
        return most

    tops = [limit(axis.kernel_size) for axis in traced.axes]
    pairs = tuple(
        (min(axis.padding.before, top), min(axis.padding.after, top))
        for axis, top in zip(traced.axes, tops, strict=True)
    )
    is_even = all(before == after for before, after in pairs)
    padding = tuple(before for before, _ in pairs) if is_even else pairs
    yield Step("padding", replace(layer, padding=padding), sizes)
    least = traced.framework.least_kernel_size
    kernel = tuple(max(axis.kernel_size, least(max(axis.padding))) for axis in traced.axes)
    yield Step("kernel_size", replace(layer, kernel_size=kernel), sizes)


def _nothing(traced: Trace, refusal: Refusal) -> Iterator[Step]:
    """No step: another operation is another layer."""
    return iter(())


def _plain(**default: object) -> Callable[[Trace, Refusal], Iterator[Step]]:
    """Make a step that resets an argument to its default."""

    def step(traced: Trace, refusal: Refusal) -> Iterator[Step]:
        layer = replace(traced.layer, **default)
        yield Step(refusal.parameter, layer, traced.input_size)

    return step


def _other_output_padding(traced: Trace, refusal: Refusal) -> Iterator[Step]:
    layer, sizes = traced.layer, traced.input_size
    given = layer.output_padding
    extras = given if isinstance(given, tuple) else (given,) * len(sizes)
    # It has to be below the stride: less of it, the default, or a larger stride.
    less = tuple(
        min(extra or 0, axis.stride - 1) for extra, axis in zip(extras, traced.axes, strict=True)
    )
    yield Step("output_padding", replace(layer, output_padding=less), sizes)
    yield Step("output_padding", replace(layer, output_padding=None), sizes)
    more = tuple(
        max(axis.stride, (extra or 0) + 1) for extra, axis in zip(extras, traced.axes, strict=True)
    )
    yield Step("stride", replace(layer, stride=more), sizes)


def _stride_or_dilation(traced: Trace, refusal: Refusal) -> Iterator[Step]:
    yield from _plain(dilation=1)(traced, refusal)
    if traced.is_convolution:
        yield Step("stride", replace(traced.layer, stride=1), traced.input_size)


def _other_groups(traced: Trace, refusal: Refusal) -> Iterator[Step]:
    assert isinstance(traced, ConvTrace)
    layer, sizes = traced.layer, traced.input_size
    if isinstance(layer, DepthwiseConv):
        return  # its groups are its channels
    # Groups divide both numbers of channels; the largest such number changes least.
    common = gcd(layer.groups, traced.channels, traced.out_channels)
    for groups in dict.fromkeys((common, 1)):
        yield Step("groups", replace(layer, groups=groups), sizes)
    # Or more filters, up to a multiple of the groups.
    most = -(-traced.out_channels // layer.groups) * layer.groups
    yield Step("out_channels", replace(layer, out_channels=most), sizes)


def _other_channels(traced: Trace, refusal: Refusal) -> Iterator[Step]:
    assert isinstance(traced, ConvTrace)
    layer = replace(traced.layer, in_channels=traced.channels)
    yield Step("in_channels", layer, traced.input_size, phrase("also.new_weights"))


def _kernel_within_input(traced: Trace, refusal: Refusal) -> Iterator[Step]:
    kernel = tuple(min(a.kernel_size, max(1, a.input_size)) for a in traced.axes)
    yield Step("kernel_size", replace(traced.layer, kernel_size=kernel), traced.input_size)
    sizes = tuple(max(a.input_size, a.kernel_size) for a in traced.axes)
    yield Step("input_size", traced.layer, sizes, phrase("also.larger_data"))


def _nonempty_input(traced: Trace, refusal: Refusal) -> Iterator[Step]:
    sizes = tuple(max(1, axis.input_size + axis.missing) for axis in traced.axes)
    yield Step("input_size", traced.layer, sizes, phrase("also.larger_data"))


_REFUSAL_STEPS: dict[str, Callable[[Trace, Refusal], Iterator[Step]]] = {
    "padding": _other_padding,
    "divisor_override": _plain(divisor_override=None),
    "op": _nothing,
    "norm": _plain(norm=2),
    "dilation": _stride_or_dilation,
    "output_padding": _other_output_padding,
    "groups": _other_groups,
    "in_channels": _other_channels,
    "ceil_mode": _plain(ceil_mode=False),
    "count_include_pad": _plain(count_include_pad=None),
    "kernel_size": _kernel_within_input,
    "input_size": _nonempty_input,
}
