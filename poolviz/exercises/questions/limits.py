"""Questions about the smallest and largest value that works; the answer is found by search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.exercises.answers.catalogue import Fields, Word
from poolviz.exercises.answers.change import Change
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.sizes import facts
from poolviz.exercises.reasons import of_failure, reason

FARTHEST = 64  # above the limits of all questions
MOST_TRIED = 60  # strides and paddings that a student may try


def whole_that_works(works: Callable[[int], bool]) -> Callable[[Any], bool]:
    """Return `works` for a value of `Numbers`: an integer ≥ 0 that works."""

    def answer_works(value: tuple[Fraction, ...]) -> bool:
        number = value[0]
        return number.denominator == 1 and number >= 0 and works(int(number))

    return answer_works


def largest(works: Callable[[int], bool]) -> int | None:
    """Return the largest number that works, None if none does; there must be no gaps below it."""
    first = smallest(works)
    if first is None:
        return None
    return next(number for number in range(first, FARTHEST) if not works(number + 1))


def smallest(works: Callable[[int], bool]) -> int | None:
    """Return the smallest number that works, None if none does."""
    return next(filter(works, range(FARTHEST)), None)


def limit_case(
    find: Callable[[Callable[[int], bool]], int | None],
    works: Callable[[int], bool],
    rules: dict[str, int | None],
    fields: Fields,
    fails: Callable[[int], Slip | None] = lambda given: None,
    **drawn: Any,
) -> Case | None:
    """Return a question about the smallest or largest number that works, with its wrong rules.

    `fails` returns the reason why a number does not work.
    """
    right = find(works)
    if right is None:
        return None
    nearer = -1 if find is smallest else 1

    def why(value: tuple[Fraction, ...]) -> Slip | None:
        given = int(value[0])
        if works(given):
            return reason("works_too", given + nearer)
        return fails(given)

    return Case(
        form=Numbers(is_square=True),
        right=exact(right),
        fields={**fields, "right": right, "extreme": Word(find.__name__)},
        listed=tuple(number_slip(name, value) for name, value in rules.items()),
        works=whole_that_works(works),
        why=why,
        **drawn,
    )


def _of_layer(
    find: Callable[[Callable[[int], bool]], int | None],
    parameter: str,
    layer: Pool,
    size: int,
    rules: dict[str, int | None],
) -> Case | None:
    """Return the limit of one parameter of a layer on a square map."""
    least = 0 if parameter == "padding" else 1

    def works(value: int) -> bool:
        return value >= least and _runs(layer, size, parameter, value).outcome == "ok"

    def fails(value: int) -> Slip | None:
        if value < least:
            return reason("below_the_least", value, least=least)
        if parameter == "input_size":
            axis = layer.axes(1)[0]
            inside = (value - 1) // axis.dilation + 1
            apart = {"k": axis.kernel_size, "d": axis.dilation}
            return reason("elements_inside", value, inside=inside, **apart)
        return of_failure(_runs(layer, size, parameter, value), f"`{parameter}={value}`")

    shown = trace(layer, size)
    drawn = {"layer": shown.layer, "input_size": shown.input_size}
    return limit_case(find, works, rules, facts(shown), fails, **drawn)


def _runs(layer: Pool, size: int, parameter: str, value: int) -> Trace:
    if parameter == "input_size":
        return trace(layer, value)
    changes: dict[str, Any] = {parameter: value}
    return trace(replace(layer, **changes), size)


@template("01", 1, "find the largest that fits")
def largest_kernel(draw: Draw) -> Case | None:
    """A kernel that is too large for the padded input."""
    size, padding = draw.number(3, 9), draw.number(1, 3)
    layer = Pool(size + 2 * padding + draw.number(1, 4), stride=1, padding=padding)
    rules: dict[str, int | None] = {"no_padding": size, "padding_once": size + padding}
    return _of_layer(largest, "kernel_size", layer, size, rules)


@template("01", 2, "find the smallest fix")
def smallest_padding(draw: Draw) -> Case | None:
    """A kernel that is too large without padding on both sides."""
    size, missing = draw.number(2, 12), draw.number(2, 6)
    layer = Pool(size + missing, stride=1)
    rules: dict[str, int | None] = {"padding_on_one_side": missing}
    # Half of an even number needs no rounding: the wrong rule would be right.
    if missing % 2:
        rules["half_rounded_down"] = missing // 2
    return _of_layer(smallest, "padding", layer, size, rules)


@template("01", 2, "find the minimum input")
def smallest_input_of_layer(draw: Draw) -> Case | None:
    """A dilated kernel on an input that is too small."""
    kernel, dilation = draw.number(3, 6), draw.number(2, 4)
    span = dilation * (kernel - 1) + 1
    layer = Pool(kernel, stride=draw.number(1, 3), dilation=dilation)
    rules: dict[str, int | None] = {
        "dilation_ignored": kernel,
        "dilation_times_kernel": dilation * kernel,
        "dilation_without_plus_one": span - 1,
    }
    return _of_layer(smallest, "input_size", layer, max(1, span - draw.number(1, 4)), rules)


@template("01", 2, "find the largest that fits")
def dilation_outgrows_input(draw: Draw) -> Case | None:
    """A dilation that makes a small kernel too long."""
    kernel, steps = draw.number(3, 6), draw.number(3, 9)
    size = steps * (kernel - 1)  # so that d·(k − 1) = n: by the wrong rule it fits
    layer = Pool(kernel, stride=1, dilation=steps + draw.number(0, 3))
    rules: dict[str, int | None] = {
        "dilation_times_kernel": size // kernel,
        "dilation_without_plus_one": size // (kernel - 1),
    }
    return _of_layer(largest, "dilation", layer, size, rules)


@template("01", 1, "use the formula")
def effective_kernel(draw: Draw) -> Case | None:
    """The length of a dilated kernel."""
    kernel, dilation = draw.number(3, 9), draw.number(2, 9)
    layer = Pool((kernel,), stride=1, dilation=dilation)
    traced = trace(layer, 4 * kernel * dilation)
    axis = traced.axes[0]
    rules: dict[str, int | None] = {
        "dilation_times_kernel": dilation * kernel,
        "dilation_without_plus_one": dilation * (kernel - 1),
        "dilation_added": kernel + dilation - 1,
    }
    return Case(
        form=Numbers(is_square=True),
        right=exact(axis.effective_kernel_size),
        fields={**facts(traced), "span_formula": axis.dilation_formula or ""},
        listed=tuple(number_slip(name, value) for name, value in rules.items()),
        why=lambda value: reason("gaps_between", int(value[0]), steps=int(value[0]) - 1),
        layer=layer,
        input_size=traced.input_size,
        drawn_later=True,
    )


@template("02", 3, "find the largest that fits")
def stride_for_the_next_layer(draw: Draw) -> Case | None:
    """The first of two layers, so that the second still fits."""
    size, kernel, next_kernel = draw.number(20, 40), draw.number(2, 5), draw.number(3, 5)
    first, second = Pool(kernel, stride=1), Pool(next_kernel, stride=1)

    def works(stride: int) -> bool:
        if stride < 1:
            return False
        after = trace(replace(first, stride=stride), size).output_size
        return trace(second, after).outcome == "ok"

    rules: dict[str, int | None] = {
        "no_plus_one": (size - kernel) // next_kernel,
        "kernel_forgotten": size // next_kernel,
    }
    right = largest(works)
    if right is None:
        return None
    shown = trace(replace(first, stride=right + 1), size)
    after = trace(replace(first, stride=right), size)
    fields: Fields = {
        "n": size,
        "k": kernel,
        "k2": next_kernel,
        "formula": after.axes[0].formula,
        "beyond": right + 1,
        "formula_beyond": shown.axes[0].formula,
    }

    def fails(stride: int) -> Slip | None:
        if stride < 1:
            return reason("below_the_least", stride, least=1)
        rows = trace(replace(first, stride=stride), size).output_size[0]
        return reason("rows_for_the_next", stride, rows=rows)

    return limit_case(largest, works, rules, fields, fails)


@template("04", 1, "find the largest that fits")
def largest_padding(draw: Draw) -> Case | None:
    """PyTorch's limit, half the kernel whatever the dilation."""
    kernel, dilation = draw.number(2, 12), draw.number(1, 3)
    span = dilation * (kernel - 1) + 1
    layer = Pool(kernel, stride=draw.number(1, 3), dilation=dilation)  # nothing about padding
    rules: dict[str, int | None] = {"kernel_minus_one": kernel - 1}
    if dilation > 1:
        rules["half_of_span"] = span // 2
    return _of_layer(largest, "padding", layer, 3 * span, rules)


# --- any change that works -----------------------------------------------------------------------


@template("13", 3, "find the smallest fix")
def one_change(draw: Draw) -> Case | None:
    """A dilated kernel that does not fit, and one parameter to change."""
    size, dilation = draw.number(4, 9), draw.number(2, 4)
    layer = Pool(draw.number(3, 5), stride=draw.number(2, 4), dilation=dilation)
    broken = trace(layer, size)
    missing = broken.axes[0].missing
    right = replace(layer, dilation=(size - 1) // (broken.axes[0].kernel_size - 1) or 1)
    if missing < 2 or trace(right, size).outcome != "ok":
        return None

    def works(change: tuple[str, int]) -> bool:
        return _runs(layer, size, *change).outcome == "ok"

    def is_nearest(change: tuple[str, int]) -> bool:
        parameter, value = change
        before: Any = getattr(layer, parameter)
        nearer = value + (1 if value < before else -1)
        return works(change) and (nearer == before or not works((parameter, nearer)))

    def why(change: tuple[str, int]) -> Slip | None:
        parameter, value = change
        if works(change):
            before: Any = getattr(layer, parameter)
            return reason("works_too", f"`{parameter}={value + (1 if value < before else -1)}`")
        return of_failure(_runs(layer, size, *change), f"`{parameter}={value}`")

    return Case(
        form=Change(layer),
        why=why,
        right=("dilation", right.dilation),
        fields={**facts(broken), "right": f"dilation={right.dilation}", "extreme": Word("nearest")},
        listed=tuple(_changes_that_fail(layer, works)),
        works=works,
        best=is_nearest,
        layer=broken.layer,
        input_size=broken.input_size,
    )


def _changes_that_fail(layer: Pool, works: Callable[[tuple[str, int]], bool]) -> Iterable[Slip]:
    """Return strides and paddings that fail, as `Slip`s; each is run."""
    limit = whole(layer.kernel_size) // 2
    tried = [("stride_does_not_help", ("stride", stride)) for stride in range(1, MOST_TRIED)]
    tried += [("padding_over_the_limit", ("padding", p)) for p in range(limit + 1, MOST_TRIED)]
    return (Slip(name, change) for name, change in tried if not works(change))


def whole(value: object) -> int:
    """Return a parameter that is one int for all axes."""
    assert isinstance(value, int)
    return value


TEMPLATES = (
    largest_kernel,
    effective_kernel,
    dilation_outgrows_input,
    smallest_padding,
    smallest_input_of_layer,
    stride_for_the_next_layer,
    largest_padding,
    one_change,
)
