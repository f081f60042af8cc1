"""Questions about convolutions: sizes, padding that keeps them, weights, and sums of products."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.call import trace
from poolviz.arithmetic.convolution.transposed_axis import TransposedAxis
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.exercises import misconceptions as wrong
from poolviz.exercises.answers.catalogue import Field
from poolviz.exercises.answers.forms import Fractions, Numbers, exact
from poolviz.exercises.case import Case, Draw, Grid, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.sizes import facts, size_case
from poolviz.exercises.questions.windows import grid_text
from poolviz.exercises.reasons import reason
from poolviz.i18n.phrase import number

SIZES, VALUES = "predict a size", "compute a value"
NOTEBOOK = "14"


@template(NOTEBOOK, 1, SIZES)
def conv_size(draw: Draw) -> Case | None:
    """Kernel and stride, no padding."""
    layer = Conv(draw.number(4, 16), draw.number(3, 7), stride=draw.number(2, 3), in_channels=1)
    listed = (wrong.no_plus_one, wrong.stride_one, wrong.rounded_up)
    return size_case(layer, draw.number(9, 28), listed)


@template(NOTEBOOK, 2, SIZES)
def conv_size_padded(draw: Draw) -> Case | None:
    """The same with padding, which is not limited to half of the kernel."""
    kernel, padding = draw.number(3, 5), draw.number(1, 4)
    layer = Conv(8, kernel, stride=draw.number(1, 3), padding=padding, in_channels=1)
    listed = (wrong.no_plus_one, wrong.no_padding, wrong.padding_once)
    return size_case(layer, draw.number(9, 28), listed)


@template(NOTEBOOK, 2, SIZES)
def conv_size_dilated(draw: Draw) -> Case | None:
    """A dilated kernel."""
    layer = Conv(8, draw.number(3, 4), dilation=draw.number(2, 4), in_channels=1)
    listed = (wrong.dilation_ignored, wrong.dilation_times_kernel, wrong.no_plus_one)
    return size_case(layer, draw.number(16, 28), listed)


@template(NOTEBOOK, 1, SIZES)
def conv_size_same(draw: Draw) -> Case | None:
    """ "same" of Keras with a stride."""
    stride = draw.number(2, 3)
    layer = Conv(8, draw.number(4, 7), stride=stride, padding="same", framework="keras")
    listed = (wrong.same_keeps_the_size, wrong.same_rounded_down, wrong.same_without_padding)
    return size_case(layer, draw.number(9, 28), listed)


# --- padding that keeps the size -----------------------------------------------------------------


@template(NOTEBOOK, 2, "find a padding")
def padding_that_keeps_the_size(draw: Draw) -> Case | None:
    """Half of what a window spans, without its centre."""
    kernel, dilation, size = draw.one_of((3, 5, 7)), draw.number(2, 3), draw.number(20, 32)
    layer = Conv(8, kernel, dilation=dilation, in_channels=1)
    axis = trace(layer, size).axes[0]
    span = axis.effective_kernel_size
    return Case(
        form=Numbers(),
        right=exact((span - 1) // 2),
        fields={**facts(trace(layer, size)), "right": (span - 1) // 2},
        listed=(
            number_slip("padding_on_one_side_only", span - 1),
            number_slip("half_without_dilation", (kernel - 1) // 2),
        ),
        others=(number_slip("half_rounded_up", (span + 1) // 2),),
        why=lambda value: _of_change(axis, int(value[0])),
    )


def _of_change(axis: AxisTrace, padding: int) -> Slip:
    """Return the size that a padding gives."""
    if padding < 0:
        return reason("below_the_least", padding, least=0)
    size = axis.input_size + 2 * padding - axis.effective_kernel_size + 1
    return reason("padding_gives", padding, size=size, n=axis.input_size)


# --- transposed convolutions ---------------------------------------------------------------------


def _transposed(layer: ConvTranspose, size: int, rules: dict[str, int | None]) -> Case:
    traced = trace(layer, size)
    axis = traced.axes[0]
    assert isinstance(axis, TransposedAxis)
    return Case(
        form=Numbers(is_square=True),
        right=exact(axis.output_size),
        fields={**facts(traced), "right": axis.output_size, "written": axis.written_size},
        listed=tuple(number_slip(name, value) for name, value in rules.items()),
        why=lambda value: _of_written(axis, int(value[0])),
    )


def _of_written(axis: TransposedAxis, given: int) -> Slip:
    """Return how far the windows reach, or where the last one starts if that is the answer."""
    last, kernel = axis.input_size - 1, axis.effective_kernel_size
    if axis.written_size == axis.output_size:
        return reason("last_window_ends", given, last=last, stride=axis.stride, kernel=kernel)
    return reason("windows_written", given, last=last * axis.stride, end=axis.written_size)


@template(NOTEBOOK, 2, SIZES)
def transposed_size(draw: Draw) -> Case | None:
    """The last window starts at (n − 1)·s and is k long."""
    size, kernel, stride = draw.number(4, 12), draw.number(3, 5), draw.number(2, 4)
    layer = ConvTranspose(8, kernel, stride=stride, in_channels=1)
    rules = {
        "transposed_times_stride": size * stride,
        "transposed_of_all": size * stride + kernel,
        "as_a_convolution": (size - kernel) // stride + 1 if size >= kernel else None,
    }
    return _transposed(layer, size, rules)


@template(NOTEBOOK, 3, SIZES)
def transposed_size_padded(draw: Draw) -> Case | None:
    """Padding is removed, output_padding is added once."""
    size, kernel, stride = draw.number(4, 12), draw.number(4, 6), draw.number(2, 4)
    padding, extra = draw.number(1, 2), draw.number(1, stride - 1)
    layer = ConvTranspose(
        8, kernel, stride=stride, padding=padding, output_padding=extra, in_channels=1
    )
    whole = (size - 1) * stride + kernel
    rules: dict[str, int | None] = {
        "removed_padding_added": whole + extra + 2 * padding,
        "removed_padding_once": whole + extra - padding,
        "output_padding_forgotten": whole - 2 * padding,
        "output_padding_twice": whole + 2 * extra - 2 * padding,
    }
    return _transposed(layer, size, rules)


# --- channels, groups, weights -------------------------------------------------------------------


@template(NOTEBOOK, 2, "count weights")
def weights_of_a_convolution(draw: Draw) -> Case | None:
    """Output channels · input channels per group · kernel."""
    groups, kernel = draw.number(2, 4), draw.number(2, 5)
    before, after = groups * draw.number(2, 4), groups * draw.number(2, 4)
    layer = Conv(after, kernel, groups=groups, bias=False, in_channels=before)
    traced = trace(layer, 16)
    each = before // groups * kernel**2
    return Case(
        form=Numbers(),
        right=exact(after * each),
        fields={**facts(traced), "before": before, "after": after, "groups": groups}
        | {"each": before // groups, "right": after * each},
        listed=(
            number_slip("groups_ignored", after * before * kernel**2),
            number_slip("one_filter_only", each),
            number_slip("kernel_side_once", after * before // groups * kernel),
        ),
        why=lambda value: _of_kernels(int(value[0]), kernel**2),
    )


def _of_kernels(given: int, cells: int) -> Slip:
    """Return whether a number of weights is a number of whole kernels."""
    rest = "part_of_a_kernel" if given % cells else "whole_kernels"
    return reason(rest, given, cells=cells, kernels=given // cells)


@template(NOTEBOOK, 2, "count weights")
def most_groups(draw: Draw) -> Case | None:
    """The largest number of groups divides both numbers of channels."""
    common = draw.number(2, 6)
    before, after = common * draw.number(2, 5), common * draw.number(2, 5)
    right = gcd(before, after)
    least = min(before, after)
    if right == least or right == 1:
        return None
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={"before": before, "after": after, "right": right},
        listed=(
            number_slip("fewer_channels", least),
            number_slip("groups_by_quotient", Fraction(max(before, after), least)),
        ),
        why=lambda value: _of_groups(int(value[0]), before, after),
    )


def _of_groups(given: int, before: int, after: int) -> Slip:
    if given < 1:
        return reason("below_the_least", given, least=1)
    for channels in (before, after):
        if channels % given:
            return reason("groups_do_not_divide", given, channels=channels)
    return reason("more_groups_work", given)


# --- values --------------------------------------------------------------------------------------


def _sum_case(right: int, rules: dict[str, int], fields: dict[str, Field], block: str = "") -> Case:
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={**fields, "right": right},
        listed=tuple(number_slip(name, value) for name, value in rules.items()),
        others=(number_slip("sign_lost", -right),) if right else (),
        why=_of_sum(right),
        block=block,
    )


def _factor(weight: int) -> str:
    """Write a factor; a negative one in parentheses."""
    return f"({number(weight)})" if weight < 0 else number(weight)


def _of_sum(right: int) -> Callable[[Fractions], Slip]:
    def why(value: Fractions) -> Slip:
        is_too_small = value[0] < right
        return reason("sum_is_larger" if is_too_small else "sum_is_smaller", int(value[0]))

    return why


@template(NOTEBOOK, 2, VALUES)
def value_of_a_convolution(draw: Draw) -> Case | None:
    """Each cell of a window times its weight; the kernel is not turned around."""
    values = draw.grid(4, 4, 0, 20)
    weights: Grid = tuple(tuple(draw.number(-2, 2) for _ in range(2)) for _ in range(2))
    row, column = draw.number(0, 2), draw.number(0, 2)
    window = [values[row + i][column + j] for i in range(2) for j in range(2)]
    kernel = [weight for line in weights for weight in line]
    if kernel == kernel[::-1] or 0 in kernel:
        return None

    def summed(factors: list[int]) -> int:
        return sum(a * b for a, b in zip(window, factors, strict=True))

    by_columns = [kernel[0], kernel[2], kernel[1], kernel[3]]
    rules = {
        "kernel_turned": summed(kernel[::-1]),
        "kernel_transposed": summed(by_columns),
        "weights_left_out": sum(window),
    }
    products = " + ".join(f"{_factor(b)}·{a}" for a, b in zip(window, kernel, strict=True))
    fields: dict[str, Field] = {"row": row, "column": column, "sum": products}
    block = f"{grid_text(values)}\n\n{grid_text(weights)}"
    return _sum_case(summed(kernel), rules, fields, block)


@template(NOTEBOOK, 3, VALUES)
def value_of_a_transposed_convolution(draw: Draw) -> Case | None:
    """Two windows overlap in one element: their products are added."""
    first, second = draw.number(1, 9), draw.number(1, 9)
    weights = tuple(draw.one_of((-3, -2, -1, 1, 2, 3)) for _ in range(3))
    right = first * weights[2] + second * weights[0]
    rules = {
        "last_window_wins": second * weights[0],
        "first_window_wins": first * weights[2],
        "kernel_turned": first * weights[0] + second * weights[2],
    }
    fields: dict[str, Field] = {
        "values": f"{first}, {second}",
        "weights": ", ".join(map(number, weights)),
        "sum": f"{first}·{_factor(weights[2])} + {second}·{_factor(weights[0])}",
    }
    return _sum_case(right, rules, fields)


TEMPLATES = (
    conv_size,
    conv_size_same,
    conv_size_padded,
    conv_size_dilated,
    padding_that_keeps_the_size,
    transposed_size,
    transposed_size_padded,
    weights_of_a_convolution,
    most_groups,
    value_of_a_convolution,
    value_of_a_transposed_convolution,
)
