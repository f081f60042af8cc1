"""Questions about unread cells and about the padding of "same"."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.diagnosis.phrases import runs
from poolviz.exercises.answers.cells import Cells, cells
from poolviz.exercises.answers.choices import Option, Several
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, slips, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.sizes import facts
from poolviz.exercises.reasons import reason

Places = frozenset[tuple[int, ...]]

# --- cells that no window reads ------------------------------------------------------------------


def read_instead_of_unread(traced: Trace) -> Places:
    """The cells that are read."""
    return _all_cells(traced) - unread_cells(traced)


def gaps_without_the_end(traced: Trace) -> Places:
    """The gaps between the windows, not the cells after the last one."""
    axis = traced.axes[0]
    last = axis.window_starts[-1] + axis.effective_kernel_size
    return cells(place for place in axis.unread if place < last)


def counted_from_one(traced: Trace) -> Places:
    """Each cell shifted by one."""
    return frozenset(tuple(place + 1 for place in cell) for cell in unread_cells(traced))


def only_where_both_axes_skip(traced: Trace) -> Places:
    """Cells unread in height and in width, where one of the two is enough."""
    return frozenset(product(*(axis.unread for axis in traced.axes)))


def unread_cells(traced: Trace) -> Places:
    """Return the input cells that no window reads."""
    skipped = [set(axis.unread) for axis in traced.axes]
    return frozenset(
        cell
        for cell in _all_cells(traced)
        if any(place in axis for place, axis in zip(cell, skipped, strict=True))
    )


def _all_cells(traced: Trace) -> Places:
    return frozenset(product(*map(range, traced.input_size)))


def _unread_case(traced: Trace, rules: Iterable[Any]) -> Case:
    rows = [f"{axis.name}_unread" for axis in traced.axes]
    unread = {name: runs(axis.unread) or "–" for name, axis in zip(rows, traced.axes, strict=True)}
    return Case(
        form=Cells(traced.input_size),
        right=unread_cells(traced),
        fields={**facts(traced), **unread, "last": traced.input_size[0] - 1, **_starts(traced)},
        listed=slips(rules, traced),
        layer=traced.layer,
        input_size=traced.input_size,
    )


def _starts(traced: Trace) -> dict[str, str]:
    return {"starts": ", ".join(map(str, traced.axes[0].window_starts))}


@template("02", 1, "mark the unread cells")
def unread_in_a_row(draw: Draw) -> Case | None:
    """A strip with gaps between the windows and cells left over at the end."""
    layer = Pool((draw.number(2, 3),), stride=draw.number(4, 5))
    traced = trace(layer, draw.number(9, 16))
    rules = (read_instead_of_unread, gaps_without_the_end, counted_from_one)
    return _unread_case(traced, rules)


@template("02", 3, "mark the unread cells")
def unread_in_a_grid(draw: Draw) -> Case | None:
    """A small grid whose strides skip rows or columns."""
    layer = Pool(2, stride=(draw.number(2, 3), draw.number(2, 3)))
    traced = trace(layer, (draw.number(4, 5), draw.number(4, 6)))
    # More are a chore to mark, and teach nothing new.
    if traced.unread_count > 12:
        return None
    rules = (only_where_both_axes_skip, counted_from_one, read_instead_of_unread)
    return _unread_case(traced, rules)


@template("02", 2, "mark the unread cells")
def unread_count(draw: Draw) -> Case | None:
    """Number of cells of a square map that no window reads."""
    layer = Pool(draw.number(2, 4), stride=draw.number(3, 6))
    traced = trace(layer, draw.number(8, 16))
    axis = traced.axes[0]
    total, read = axis.input_size**2, (axis.input_size - axis.unread_count) ** 2
    # Where windows overlap, the cells they read are no multiple of k·k (`_of_read`).
    if axis.stride < axis.kernel_size:
        return None
    return Case(
        form=Numbers(),
        right=exact(traced.unread_count),
        fields={**facts(traced), "total": total, "read": read, "right": traced.unread_count},
        listed=(
            number_slip("read_instead_of_unread", read),
            number_slip("only_where_both_axes_skip", axis.unread_count**2),
            number_slip("one_axis_only", axis.unread_count),
        ),
        why=lambda value: _of_read(traced, total - int(value[0])),
        layer=traced.layer,
        input_size=traced.input_size,
    )


def _of_read(traced: Trace, read: int) -> Slip:
    """Return how many windows would read that many cells."""
    cells_each = traced.axes[0].kernel_size ** 2
    name = "read_by_windows" if read >= 0 and read % cells_each == 0 else "read_by_no_windows"
    return reason(name, read, each=cells_each, windows=read // cells_each)


# --- how "same" pads -----------------------------------------------------------------------------


def other_side(traced: Trace) -> tuple[int, int]:
    """The odd cell at the other end."""
    before, after = traced.axes[0].padding
    return after, before


def half_of_the_kernel(traced: Trace) -> tuple[int, int]:
    """k // 2 on both sides, as PyTorch users write it."""
    half = traced.axes[0].kernel_size // 2
    return half, half


def all_on_both_sides(traced: Trace) -> tuple[int, int]:
    """The whole padding before and after."""
    total = traced.axes[0].padding.total
    return total, total


def _split_case(draw: Draw, padding: str, framework: str) -> Case:
    stride = draw.number(1, 3)
    layer = Pool((draw.number(2, 6),), stride, padding=padding, framework=framework)
    traced = trace(layer, draw.number(6, 20))
    axis = traced.axes[0]
    last = (axis.output_size - 1) * axis.stride + axis.effective_kernel_size
    rules = (other_side, half_of_the_kernel)
    others = (all_on_both_sides,)
    return Case(
        form=Numbers(("before", "after")),
        right=exact(*axis.padding),
        fields={
            **facts(traced),
            "total": axis.padding.total,
            "needed": last,
            "before": axis.padding.before,
            "after": axis.padding.after,
            "windows": axis.output_size,
        },
        why=lambda value: _of_total(axis, last, int(sum(value))),
        listed=tuple(number_slip(rule.__name__, rule(traced)) for rule in rules),
        others=tuple(number_slip(rule.__name__, rule(traced)) for rule in others),
        layer=layer,
        input_size=traced.input_size,
    )


def _of_total(axis: AxisTrace, needed: int, given: int) -> Slip | None:
    """Return the length of the row with a padding, beside what the windows need."""
    size = axis.input_size + given
    if size == needed or given == axis.padding.total:
        return reason("split_unevenly", given)
    return reason("row_with_padding", given, size=size, needed=needed)


SPLIT = "fill in the padding split"


@template("03", 2, SPLIT)
def same_split(draw: Draw) -> Case | None:
    """Before and after: the odd cell goes to the end."""
    return _split_case(draw, "same", draw.framework(("keras", "tensorflow")))


@template("03", 3, SPLIT)
def same_lower_split(draw: Draw) -> Case | None:
    """Before and after: the odd cell goes to the start."""
    return _split_case(draw, "same_lower", "jax")


@template("03", 2, SPLIT)
def same_total(draw: Draw) -> Case | None:
    """All padding cells along one axis."""
    layer = Pool((draw.number(3, 6),), draw.number(2, 4), padding="same", framework="keras")
    traced = trace(layer, draw.number(8, 24))
    axis = traced.axes[0]
    last = (axis.output_size - 1) * axis.stride + axis.effective_kernel_size
    return Case(
        form=Numbers(),
        right=exact(axis.padding.total),
        why=lambda value: _of_total(axis, last, int(value[0])),
        fields={**facts(traced), "needed": last, "windows": axis.output_size},
        listed=(
            number_slip("kernel_minus_one", axis.kernel_size - 1),
            number_slip("half_of_the_kernel", 2 * (axis.kernel_size // 2)),
            # For an odd kernel both rules give k − 1.
        )[: 1 if axis.kernel_size % 2 else 2],
        layer=layer,
        input_size=traced.input_size,
    )


@template("03", 3, SPLIT)
def same_pads_evenly(draw: Draw) -> Case | None:
    """Four inputs in a row, for some of which padding=… has the windows of "same"."""
    kernel, stride, first = draw.number(2, 5), draw.number(2, 4), draw.number(8, 20)
    layer = Pool((kernel,), stride, padding="same", framework="keras")
    found = {size: trace(layer, size).axes[0] for size in range(first, first + 4)}
    even = {size for size, axis in found.items() if axis.padding.before == axis.padding.after}
    keys = frozenset(str(size) for size in found)
    right = frozenset(str(size) for size in even)
    odd = frozenset(str(size) for size in found if size % 2)
    text = "; ".join(
        f"{size}: {axis.padding.before} + {axis.padding.after}" for size, axis in found.items()
    )
    return Case(
        form=Several(tuple(Option(str(size), str(size)) for size in found)),
        right=right,
        fields={"k": kernel, "s": stride, "splits": text},
        listed=(
            Slip("uneven_instead", keys - right),
            Slip("same_is_always_even", keys),
        ),
        others=(Slip("odd_inputs_only", odd),),
    )


TEMPLATES = (
    unread_in_a_row,
    unread_count,
    unread_in_a_grid,
    same_total,
    same_split,
    same_lower_split,
    same_pads_evenly,
)
