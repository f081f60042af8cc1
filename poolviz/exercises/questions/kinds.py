"""Questions about adaptive windows and about unpooling."""

from __future__ import annotations

from typing import Any

from poolviz.arithmetic.layers.fitted import AdaptivePool
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.arithmetic.unpooled_size import unpooled_size
from poolviz.dialects.common.dialect import call_code
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.sizes import facts
from poolviz.exercises.questions.windows import KIND, Window, grid_text
from poolviz.exercises.reasons import reason

SIZE = "predict a size"


# --- adaptive windows ----------------------------------------------------------------------------


def _adaptive(draw: Draw) -> Trace | None:
    """Return adaptive pooling of a sequence whose windows overlap."""
    size, outputs = draw.number(7, 24), draw.number(3, 7)
    if outputs >= size or size % outputs == 0:
        return None
    return trace(AdaptivePool((outputs,), "max"), (size,))


def _case(traced: Trace, right: int, rules: dict[str, Any], **more: Any) -> Case:
    axis = traced.axes[0]
    fields = {
        "call": call_code(traced.layer, 1),
        "n": axis.input_size,
        "outputs": axis.output_size,
        "right": right,
        **more.pop("fields"),
    }
    listed = tuple(number_slip(name, value) for name, value in rules.items())
    return Case(form=Numbers(), right=exact(right), fields=fields, listed=listed, **more)


@template("08", 2, KIND)
def adaptive_window_length(draw: Draw) -> Case | None:
    """The elements of one window, which may be more than the quotient rounded up."""
    traced = _adaptive(draw)
    if traced is None:
        return None
    axis = traced.axes[0]
    size, outputs = axis.input_size, axis.output_size
    i = draw.number(1, outputs - 2) if outputs > 2 else 1
    start, length = axis.window_starts[i], axis.window_length(i)
    rules = {"window_rounded_down": size // outputs}
    others = (number_slip("window_rounded_up", -(-size // outputs)),)
    fields = {"i": i, "next": i + 1, "start": start, "end": start + length}
    return _case(
        traced,
        length,
        rules,
        others=others,
        fields=fields,
        why=lambda value: reason(
            "length_of_bounds", int(value[0]), i=i, next=i + 1, n=size, outputs=outputs
        ),
    )


@template("08", 3, KIND)
def elements_read_twice(draw: Draw) -> Case | None:
    """The elements that more than one adaptive window reads."""
    traced = _adaptive(draw)
    if traced is None:
        return None
    axis: Any = traced.axes[0]
    size, outputs = axis.input_size, axis.output_size
    others = (
        number_slip("shared_at_every_border", outputs - 1),
        number_slip("rest_of_the_division", size % outputs),
    )
    return _case(
        traced,
        axis.shared,
        {"windows_never_overlap": 0},
        others=others,
        fields={"borders": outputs - 1, "bounds": _bounds(traced)},
        why=lambda value: reason("check_each_border", int(value[0]), borders=outputs - 1),
    )


def _bounds(traced: Trace) -> str:
    """First and last element of each window: 0–2, 2–4."""
    axis: Any = traced.axes[0]
    return ", ".join(f"{first}–{last}" for first, last in axis.listed())


@template("08", 2, KIND)
def adaptive_maximum(draw: Draw) -> Case | None:
    """The largest number of an adaptive window."""
    traced = _adaptive(draw)
    if traced is None or traced.input_size[0] > 13:
        return None
    axis = traced.axes[0]
    values = draw.grid(1, axis.input_size, 0, 40)
    numbers, i = values[0], draw.number(1, axis.output_size - 1)
    start, length = axis.window_starts[i], axis.window_length(i)
    window, kernel = numbers[start : start + length], axis.input_size // axis.output_size
    fixed = numbers[i * kernel :][:kernel]
    right = max(window)
    return _case(
        traced,
        right,
        {"windows_of_equal_length": max(fixed), "smallest_of_the_window": min(window)},
        fields={"i": i, "next": i + 1, "window": ", ".join(map(str, window))},
        block=grid_text(values),
        why=lambda value: _of_number(int(value[0]), window, numbers),
    )


def _of_number(given: int, window: tuple[int, ...], numbers: tuple[int, ...]) -> Slip:
    if given in window:
        return reason("not_the_largest", given)
    return reason("outside_the_window" if given in numbers else "not_in_the_map", given)


# --- unpooling -----------------------------------------------------------------------------------


@template("08", 2, SIZE)
def size_after_unpooling(draw: Draw) -> Case | None:
    """A sequence whose end no window reads is shorter after the round trip."""
    size, kernel = draw.number(7, 40), draw.number(2, 4)
    traced = trace(Pool((kernel,), draw.number(2, kernel)), (size,))
    axis = traced.axes[0]
    right = unpooled_size(traced.layer, traced.output_size)[0]
    if right == size:
        return None
    unpool = call_code(traced.layer, 1).replace("MaxPool", "MaxUnpool")
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={**facts(traced), "unpool": unpool, "windows": axis.output_size, "right": right},
        listed=(number_slip("unpooled_to_the_input", size),),
        others=(
            number_slip("windows_times_stride", axis.output_size * axis.stride),
            number_slip("pooled_size", axis.output_size),
        ),
        why=lambda value: reason(
            "last_window_ends",
            int(value[0]),
            last=axis.output_size - 1,
            stride=axis.stride,
            kernel=axis.kernel_size,
        ),
    )


@template("08", 3, KIND)
def index_of_a_maximum(draw: Draw) -> Case | None:
    """The flat index that unpooling needs, counted row by row."""
    values, traced = draw.grid(4, 6, 0, 40), trace(Pool(2), (4, 6))
    window = Window(values, traced, (1, draw.number(1, 2)))
    largest = max(window.numbers)
    row = next(i for i, line in enumerate(values) if largest in line)
    column = values[row].index(largest)
    right = row * 6 + column
    top, left = window.start
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={
            **facts(traced),
            "row": window.place[0],
            "column": window.place[1],
            "value": largest,
            "at_row": row,
            "at_column": column,
            "right": right,
        },
        listed=(
            number_slip("index_down_the_columns", column * 4 + row),
            number_slip("index_in_the_window", (row - top) * 2 + column - left),
        ),
        others=(number_slip("index_from_one", right + 1),),
        why=lambda value: _of_index(int(value[0]), values),
        block=grid_text(values),
        layer=traced.layer,
        input_size=traced.input_size,
        values=values,
    )


def _of_index(given: int, values: tuple[tuple[int, ...], ...]) -> Slip:
    columns = len(values[0])
    if not 0 <= given < columns * len(values):
        return reason("index_outside", given, last=columns * len(values) - 1)
    row, column = divmod(given, columns)
    number = values[row][column]
    return reason("index_elsewhere", given, row=row, column=column, number=number)


TEMPLATES = (
    adaptive_window_length,
    elements_read_twice,
    adaptive_maximum,
    size_after_unpooling,
    index_of_a_maximum,
)
