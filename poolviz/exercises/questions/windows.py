"""Questions about the numbers in a window, and its divisor.

numpy is loaded with the first of these questions, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from poolviz.arithmetic.framework_names import COURSES
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, counts_padding, trace
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Grid, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.sizes import facts
from poolviz.exercises.reasons import reason

KIND = "compute a window"
CellPlace = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A window of a layer on a grid of numbers; `place` is its cell in the output."""

    values: Grid
    traced: Trace
    place: CellPlace

    @property
    def start(self) -> CellPlace:
        """First cell in the input; negative in the padding."""
        row, column = (axis.window_starts[i] for axis, i in self._numbered)
        return row, column

    @property
    def _numbered(self) -> Iterable[tuple[Any, int]]:
        return zip(self.traced.axes, self.place, strict=True)

    @property
    def numbers(self) -> list[int]:
        """The numbers in the window, without padding."""
        return self.numbers_from(self.start)

    def numbers_from(self, start: CellPlace) -> list[int]:
        """Return the numbers in a window that starts elsewhere, without padding."""
        height, width = (axis.kernel_size for axis in self.traced.axes)
        rows = range(max(0, start[0]), max(0, start[0] + height))
        columns = slice(max(0, start[1]), max(0, start[1] + width))
        taken = [self.values[row][columns] for row in rows if row < len(self.values)]
        return [number for row in taken for number in row]

    @property
    def cells(self) -> int:
        """Number of kernel elements, k·k."""
        height, width = (axis.kernel_size for axis in self.traced.axes)
        return height * width


Rule = Callable[[Window], "Fraction | int | None"]


def stride_one_start(window: Window) -> Fraction | int | None:
    """The window that starts at the row and column of the output, as if the stride were 1."""
    found = window.numbers_from(window.place)
    return _pooled(window, found)


def window_counted_from_one(window: Window) -> Fraction | int | None:
    """The previous window, as if rows and columns were counted from 1."""
    row, column = window.place
    if min(row, column) < 1:
        return None
    before = Window(window.values, window.traced, (row - 1, column - 1))
    return _pooled(window, before.numbers)


def _pooled(window: Window, numbers: list[int]) -> Fraction | int | None:
    if not numbers:
        return None
    if window.traced.layer.op == "max":
        return max(numbers)
    return Fraction(sum(numbers), len(numbers))


def average_for_maximum(window: Window) -> Fraction:
    """The mean in place of the largest."""
    return Fraction(sum(window.numbers), len(window.numbers))


def maximum_for_average(window: Window) -> int:
    """The largest in place of the mean."""
    return max(window.numbers)


def sum_not_divided(window: Window) -> int:
    """The sum of the window."""
    return sum(window.numbers)


def divided_by_kernel_size(window: Window) -> Fraction:
    """The sum divided by k, not by the k·k cells."""
    return Fraction(sum(window.numbers), window.traced.axes[0].kernel_size)


def zeros_for_padding(window: Window) -> int:
    """Padding counted as zeros in a maximum."""
    return max(0, *window.numbers)


def largest_without_sign(window: Window) -> int:
    """The number with the largest absolute value."""
    return max(window.numbers, key=abs)


def padding_not_counted(window: Window) -> Fraction:
    """The sum divided by the real cells only."""
    return Fraction(sum(window.numbers), len(window.numbers))


def padding_counted(window: Window) -> Fraction:
    """The sum divided by all cells of the kernel."""
    return Fraction(sum(window.numbers), window.cells)


def _window_case(window: Window, rules: Iterable[Rule], others: Iterable[Rule] = ()) -> Case:
    from poolviz.arithmetic.values import divisors, pool  # numpy

    row, column = window.place
    pooled = pool([[float(x) for x in line] for line in window.values], window.traced.layer)
    divisor = int(divisors(window.traced)[row, column])
    is_max = window.traced.layer.op == "max"
    return Case(
        form=Numbers() if is_max else Numbers(whole=False, parts=divisor),
        right=exact(float(pooled[row, column])),
        fields={
            **facts(window.traced),
            "row": row,
            "column": column,
            "window": ", ".join(str(x).replace("-", "−") for x in window.numbers),
            "right": exact(float(pooled[row, column]))[0],
            "sum": sum(window.numbers),
            "divisor": divisor,
            "real": len(window.numbers),
            "cells": window.cells,
        },
        listed=tuple(number_slip(rule.__name__, rule(window)) for rule in rules),
        others=tuple(number_slip(rule.__name__, rule(window)) for rule in others),
        why=lambda value: (
            _of_window(window, int(value[0])) if is_max else _of_sum(value[0], divisor)
        ),
        block=grid_text(window.values),
        layer=window.traced.layer,
        input_size=window.traced.input_size,
        values=window.values,
    )


def _of_window(window: Window, given: int) -> Slip:
    """Return where a number is that is not the one of a window."""
    if given in window.numbers:
        return reason("not_the_largest", given)
    known = any(given in row for row in window.values)
    return reason("outside_the_window" if known else "not_in_the_map", given)


def _of_sum(given: Fraction, divisor: int) -> Slip:
    """Return the sum that an average would come from."""
    return reason("sum_of_average", given, product=round(given * divisor))


def grid_text(values: Grid) -> str:
    """Return the numbers as lines of text.

    >>> print(grid_text(((1, -12), (3, 4))))
      1  −12
      3    4
    """
    shown = [[str(number).replace("-", "−") for number in row] for row in values]
    width = max(len(text) for row in shown for text in row)
    return "\n".join("  ".join(text.rjust(width) for text in row) for row in shown)


def _inner_window(draw: Draw, layer: Pool) -> Window | None:
    """Return a window that is not the first one in its row or column."""
    values = draw.grid(5, 6, 0, 40)
    traced = trace(layer, (5, 6))
    heights, widths = traced.output_size
    if min(heights, widths) < 2:
        return None
    return Window(values, traced, (draw.number(1, heights - 1), draw.number(1, widths - 1)))


@template("00", 1, KIND)
def max_of_a_window(draw: Draw) -> Case | None:
    """The largest of four numbers."""
    window = _inner_window(draw, Pool(2, stride=2))
    rules = (stride_one_start, window_counted_from_one, average_for_maximum)
    return None if window is None else _window_case(window, rules)


@template("00", 1, KIND)
def average_of_a_window(draw: Draw) -> Case | None:
    """The mean of four numbers."""
    window = _inner_window(draw, Pool(2, stride=2, op="avg"))
    rules = (sum_not_divided, divided_by_kernel_size, maximum_for_average)
    others = (stride_one_start, window_counted_from_one)
    return None if window is None else _window_case(window, rules, others)


def _corner_window(draw: Draw, layer: Pool, least: int, most: int) -> Window | None:
    """Return the first window, half of it in the padding."""
    traced = trace(layer, (4, 5))
    if traced.outcome != "ok" or min(axis.padding.before for axis in traced.axes) < 1:
        return None
    return Window(draw.grid(4, 5, least, most), traced, (0, 0))


@template("04", 2, KIND)
def max_in_the_padding(draw: Draw) -> Case | None:
    """Negative numbers beside the padding, which is never the maximum."""
    window = _corner_window(draw, Pool(draw.number(2, 4), stride=2, padding=1), -40, -1)
    rules = (zeros_for_padding, largest_without_sign)
    return None if window is None else _window_case(window, rules)


@template("04", 2, KIND)
def average_with_padding_counted(draw: Draw) -> Case | None:
    """A corner window whose padding counts in the divisor."""
    layer = Pool(draw.number(2, 3), stride=draw.number(1, 2), padding=1, op="avg")
    window = _corner_window(draw, layer, 1, 40)
    rules = (padding_not_counted, sum_not_divided)
    return None if window is None else _window_case(window, rules)


@template("04", 2, KIND)
def average_with_padding_left_out(draw: Draw) -> Case | None:
    """A corner window that is divided by its real cells."""
    layer = Pool(draw.number(2, 3), draw.number(1, 2), padding=1, op="avg", count_include_pad=False)
    if draw.is_second(COURSES):
        layer = Pool(3, stride=1, padding="same", op="avg", framework="keras")
    window = _corner_window(draw, layer, 1, 40)
    rules = (padding_counted, sum_not_divided)
    return None if window is None else _window_case(window, rules)


@template("10", 2, KIND)
def average_with_its_own_divisor(draw: Draw) -> Case | None:
    """The third answer to what an average divides by."""
    divisor = draw.number(2, 12)
    layer = Pool(draw.number(2, 3), 2, padding=1, op="avg", divisor_override=divisor)
    window = _corner_window(draw, layer, 1, 40)
    rules = (padding_not_counted, padding_counted, sum_not_divided)
    return None if window is None else _window_case(window, rules)


# --- the divisor ---------------------------------------------------------------------------------


def _divisor_case(traced: Trace, place: CellPlace, rules: dict[str, int]) -> Case:
    from poolviz.arithmetic.values import divisors  # numpy

    right = int(divisors(traced)[place])
    counts = counts_padding(traced)
    real = len(Window(((0,) * traced.input_size[1],) * traced.input_size[0], traced, place).numbers)
    other = "padding_not_counted" if counts else "padding_counted"
    kernel = traced.axes[0].kernel_size ** 2
    wrong = {other: real if counts else kernel, **rules}
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={
            **facts(traced),
            "row": place[0],
            "column": place[1],
            "real": real,
            "cells": kernel,
            "right": right,
        },
        listed=tuple(number_slip(name, value) for name, value in wrong.items()),
        why=lambda value: reason(
            "more_than_the_window" if value[0] > kernel else "no_divisor", int(value[0])
        ),
        layer=traced.layer,
        input_size=traced.input_size,
    )


@template("10", 2, KIND)
def divisor_by_framework(draw: Draw) -> Case | None:
    """The divisor of one window, in one of five frameworks."""
    framework = draw.framework(("pytorch", "keras", "tensorflow", "jax", "onnxruntime"))
    padding = 1 if FRAMEWORKS[framework].takes_padding_in_numbers else "same"
    layer = Pool(3, draw.number(1, 2), padding, op="avg", framework=framework)
    traced = trace(layer, (draw.number(5, 9), draw.number(5, 9)))
    heights, widths = traced.output_size
    place = (draw.one_of((0, heights - 1)), draw.number(0, widths - 1))
    return _divisor_case(traced, place, {"divided_by_kernel_size": 3})


@template("10", 3, KIND)
def divisor_in_ceil_mode(draw: Draw) -> Case | None:
    """The last window extends beyond the padding, where elements never count."""
    layer = Pool(draw.number(2, 4), draw.number(2, 4), padding=1, ceil_mode=True, op="avg")
    traced = trace(layer, draw.number(5, 20))
    axis = traced.axes[0]
    if axis.overhang == 0:
        return None
    last = axis.output_size - 1
    return _divisor_case(traced, (last, last), {"overhang_counted": axis.kernel_size**2})


TEMPLATES = (
    max_of_a_window,
    average_of_a_window,
    max_in_the_padding,
    average_with_padding_counted,
    average_with_padding_left_out,
    average_with_its_own_divisor,
    divisor_by_framework,
    divisor_in_ceil_mode,
)
