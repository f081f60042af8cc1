"""Wrong rules for the output size, evaluated on the numbers of a traced call.

A rule is named after the mistake; its sentence is in the catalogue under `wrong`. It returns None
if it does not apply to a call. Some rules are right for some calls; callers leave those out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import wraps

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import window_count
from poolviz.arithmetic.trace import Trace
from poolviz.exercises.answers.forms import exact
from poolviz.exercises.case import Slip

AxisRule = Callable[[AxisTrace], int | Fraction | None]
Rule = Callable[[Trace], tuple[int | Fraction, ...] | None]


def on_each_axis(rule: AxisRule) -> Rule:
    """Turn a rule for one axis into a rule for all axes of a call."""

    @wraps(rule)
    def on_call(traced: Trace) -> tuple[int | Fraction, ...] | None:
        sizes = [rule(axis) for axis in traced.axes]
        known = tuple(size for size in sizes if size is not None)
        return known if len(known) == len(sizes) else None

    return on_call


def _room(axis: AxisTrace) -> int:
    return axis.padded_size - axis.effective_kernel_size


def _windows(axis: AxisTrace, room: int, stride: int) -> int:
    """Number of windows, with the rounding of the axis and without dropped windows."""
    count = window_count(room, stride, axis.rounding)
    end = axis.input_size + axis.padding.before
    return count - (axis.rounding == "ceil" and (count - 1) * stride >= end)


def _with_span(axis: AxisTrace, span: int) -> int | None:
    """Output size with another length of a dilated kernel."""
    return None if axis.dilation == 1 else _windows(axis, axis.padded_size - span, axis.stride)


def _with_stride(axis: AxisTrace, stride: int) -> int | None:
    """Output size with another stride."""
    if axis.stride == stride:
        return None
    if axis.is_same:
        return -(-axis.input_size // stride)
    return _windows(axis, _room(axis), stride)


@on_each_axis
def no_plus_one(axis: AxisTrace) -> int | None:
    """⌊(n + 2p − k) / s⌋; the formula of "same" has no + 1."""
    if axis.is_same:
        return None
    return window_count(_room(axis), axis.stride, axis.rounding) - 1


@on_each_axis
def no_padding(axis: AxisTrace) -> int | None:
    """⌊(n − k) / s⌋ + 1."""
    if axis.is_same or axis.padding.total == 0:
        return None
    return window_count(_room(axis) - axis.padding.total, axis.stride, axis.rounding)


@on_each_axis
def padding_once(axis: AxisTrace) -> int | None:
    """⌊(n + p − k) / s⌋ + 1."""
    if axis.is_same or axis.padding.total == 0:
        return None
    return _windows(axis, _room(axis) - axis.padding.before, axis.stride)


@on_each_axis
def not_rounded(axis: AxisTrace) -> Fraction | None:
    """(n + 2p − k) / s + 1."""
    return None if axis.is_same else Fraction(_room(axis), axis.stride) + 1


@on_each_axis
def rounded_up(axis: AxisTrace) -> int | None:
    """⌈(n + 2p − k) / s⌉ + 1 where the framework rounds down."""
    if axis.is_same or axis.rounding == "ceil":
        return None
    return window_count(_room(axis), axis.stride, "ceil")


@on_each_axis
def rounded_down(axis: AxisTrace) -> int | None:
    """⌊(n + 2p − k) / s⌋ + 1 where the framework rounds another way."""
    return None if axis.rounding == "floor" else window_count(_room(axis), axis.stride, "floor")


@on_each_axis
def rounded_towards_zero(axis: AxisTrace) -> int | None:
    """(n + 2p − k) / s truncated, plus 1; differs from rounding down below zero."""
    return None if _room(axis) >= 0 else window_count(_room(axis), axis.stride, "trunc")


@on_each_axis
def not_below_zero(axis: AxisTrace) -> int | None:
    """0 in place of a negative size."""
    return 0 if axis.output_size < 0 else None


@on_each_axis
def dilation_ignored(axis: AxisTrace) -> int | None:
    """The kernel k in place of d·(k − 1) + 1."""
    return _with_span(axis, axis.kernel_size)


@on_each_axis
def dilation_times_kernel(axis: AxisTrace) -> int | None:
    """d·k in place of d·(k − 1) + 1."""
    return _with_span(axis, axis.dilation * axis.kernel_size)


@on_each_axis
def dilation_without_plus_one(axis: AxisTrace) -> int | None:
    """d·(k − 1) in place of d·(k − 1) + 1."""
    return _with_span(axis, axis.dilation * (axis.kernel_size - 1))


@on_each_axis
def stride_one(axis: AxisTrace) -> int | None:
    """The stride taken to be 1."""
    return _with_stride(axis, 1)


@on_each_axis
def stride_is_kernel(axis: AxisTrace) -> int | None:
    """The stride taken to be the kernel size."""
    return _with_stride(axis, axis.kernel_size)


@on_each_axis
def kernel_and_stride_swapped(axis: AxisTrace) -> int | None:
    """⌊(n + 2p − s) / k⌋ + 1."""
    if axis.is_same or axis.dilation > 1 or axis.stride == axis.kernel_size:
        return None
    return _windows(axis, axis.padded_size - axis.stride, axis.kernel_size)


@on_each_axis
def kernel_forgotten(axis: AxisTrace) -> int | None:
    """⌊n / s⌋."""
    return None if axis.is_same else axis.input_size // axis.stride


@on_each_axis
def same_keeps_the_size(axis: AxisTrace) -> int | None:
    """n, because "same" suggests it."""
    return axis.input_size if axis.is_same else None


@on_each_axis
def same_rounded_down(axis: AxisTrace) -> int | None:
    """⌊n / s⌋ in place of ⌈n / s⌉."""
    return axis.input_size // axis.stride if axis.is_same else None


@on_each_axis
def same_without_padding(axis: AxisTrace) -> int | None:
    """⌊(n − k) / s⌋ + 1, the size without padding."""
    if not axis.is_same:
        return None
    return window_count(axis.input_size - axis.effective_kernel_size, axis.stride, "floor")


@on_each_axis
def window_in_the_padding(axis: AxisTrace) -> int | None:
    """Counts the last window, though it would start in the padding at the end."""
    return axis.output_size + 1 if axis.drops_last else None


def axes_swapped(traced: Trace) -> tuple[int, ...] | None:
    """Height and width in the other order."""
    sizes = traced.output_size
    return sizes[::-1] if len(sizes) == 2 else None


SIZE_RULES: tuple[Rule, ...] = (
    no_plus_one,
    no_padding,
    padding_once,
    not_rounded,
    rounded_up,
    rounded_down,
    rounded_towards_zero,
    not_below_zero,
    dilation_ignored,
    dilation_times_kernel,
    dilation_without_plus_one,
    stride_one,
    stride_is_kernel,
    kernel_and_stride_swapped,
    kernel_forgotten,
    same_keeps_the_size,
    same_rounded_down,
    same_without_padding,
    window_in_the_padding,
    axes_swapped,
)


def size_slips(rules: Iterable[Rule], traced: Trace) -> tuple[Slip, ...]:
    """Return what each rule gives for a call, as values of `Numbers`."""
    return tuple(number_slip(rule.__name__, rule(traced)) for rule in rules)


def number_slip(name: str, value: int | Fraction | tuple[int | Fraction, ...] | None) -> Slip:
    """Return a `Slip` with one number or several as its answer."""
    if value is None:
        return Slip(name, None)
    return Slip(name, exact(*value) if isinstance(value, tuple) else exact(value))
