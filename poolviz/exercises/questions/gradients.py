"""Questions about the backward pass: which cells get a gradient, and how much."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.exercises.answers.cells import Cells
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Grid, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.sizes import facts
from poolviz.exercises.questions.windows import CellPlace, Window, grid_text
from poolviz.exercises.reasons import reason

GRADIENT = "trace the gradient"
CELLS = tuple((row, column) for row in range(4) for column in range(4))


def _gradient(values: Grid, traced: Trace) -> list[list[float]]:
    """Return the gradient of each input cell if that of every output cell is 1."""
    from poolviz.arithmetic.gradients import pool_gradient  # numpy

    ones = [[1.0] * traced.output_size[1]] * traced.output_size[0]
    given = [[float(number) for number in row] for row in values]
    found: list[list[float]] = pool_gradient(given, traced.layer, ones).tolist()
    return found


def _readers(traced: Trace, cell: CellPlace) -> int:
    """Number of windows that read a cell."""
    height, width = (axis.reads.counts()[i] for axis, i in zip(traced.axes, cell, strict=True))
    return int(height * width)


@template("13", 3, GRADIENT)
def gradient_through_max(draw: Draw) -> Case | None:
    """A cell that is the maximum of several windows."""
    values, traced = draw.grid(4, 4, 0, 30), trace(Pool(draw.number(2, 3), stride=1), 4)
    gradient = _gradient(values, traced)
    # Cells that are the maximum more than once, though not in every window that reads them.
    telling = [cell for cell in CELLS if 1 < gradient[cell[0]][cell[1]] < _readers(traced, cell)]
    if not telling:
        return None
    cell = draw.one_of(telling)
    right = exact(gradient[cell[0]][cell[1]])
    readers = _readers(traced, cell)
    rules = {
        "gradient_of_one_window": 1,
        "gradient_of_every_reader": readers,
        "gradient_shared": Fraction(readers, traced.axes[0].kernel_size ** 2),
    }
    return _gradient_case(values, traced, cell, right, rules)


@template("13", 2, GRADIENT)
def gradient_through_average(draw: Draw) -> Case | None:
    """A cell that several windows average."""
    kernel = draw.number(2, 3)
    values, traced = draw.grid(4, 4, 0, 30), trace(Pool(kernel, stride=1, op="avg"), 4)
    cell = draw.one_of(CELLS)
    right = exact(_gradient(values, traced)[cell[0]][cell[1]])
    readers = _readers(traced, cell)
    rules = {
        "gradient_of_one_window": Fraction(1, kernel**2),
        "gradient_not_divided": readers,
        "divided_by_kernel_size": Fraction(readers, kernel),
    }
    return _gradient_case(values, traced, cell, right, rules)


def _gradient_case(
    values: Grid, traced: Trace, cell: CellPlace, right: tuple[Fraction, ...], rules: dict[str, Any]
) -> Case:
    row, column = cell
    parts = traced.axes[0].kernel_size ** 2 if traced.layer.op == "avg" else 1
    return Case(
        form=Numbers(whole=False, parts=parts),
        right=right,
        fields={
            **facts(traced),
            "row": row,
            "column": column,
            "value": values[row][column],
            "readers": _readers(traced, cell),
            "cells": traced.axes[0].kernel_size ** 2,
            "right": right[0],
        },
        listed=tuple(number_slip(name, value) for name, value in rules.items()),
        why=lambda value: _of_readers(round(value[0] * parts), _readers(traced, cell)),
        block=grid_text(values),
        layer=traced.layer,
        input_size=traced.input_size,
        values=values,
    )


def _of_readers(given: int, readers: int) -> Slip:
    if given < 0:
        return reason("below_the_least", given, least=0)
    name = "more_than_the_readers" if given > readers else "part_of_the_readers"
    return reason(name, given, readers=readers)


@template("13", 2, GRADIENT)
def winners_of_max(draw: Draw) -> Case | None:
    """The cells to which the gradient goes."""
    values, traced = draw.grid(4, 4, 0, 30), trace(Pool(2, stride=2), 4)
    gradient = _gradient(values, traced)
    everywhere = frozenset(CELLS)
    right = frozenset(cell for cell in everywhere if gradient[cell[0]][cell[1]])
    best = frozenset([max(everywhere, key=lambda cell: values[cell[0]][cell[1]])])
    worst = frozenset(
        (row, column)
        for row, column in everywhere
        if values[row][column] == min(Window(values, traced, (row // 2, column // 2)).numbers)
    )
    return Case(
        form=Cells((4, 4)),
        right=right,
        fields={**facts(traced), "right": ", ".join(str(cell) for cell in sorted(right))},
        listed=(
            Slip("gradient_to_every_cell", everywhere),
            Slip("largest_of_all_only", best),
            Slip("smallest_of_each_window", worst),
        ),
        block=grid_text(values),
        layer=traced.layer,
        input_size=traced.input_size,
        values=values,
    )


TEMPLATES = (winners_of_max, gradient_through_average, gradient_through_max)
