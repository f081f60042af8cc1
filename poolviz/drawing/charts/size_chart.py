"""A chart of output sizes over two parameters; settings that fail and the present one marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from poolviz.arithmetic.sweep import LEAST, Sweep, one_axis, sweep, value_of
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.phrases import axis_word, number
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.picture import Cells, Label, Mark, Picture, Role
from poolviz.drawing.scene.plane_views import cells as coloured
from poolviz.drawing.scene.plane_views import value_range
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import plural

COLUMNS, ROWS = 20, 14  # how many values of each parameter are shown
CELL_WIDTH, CELL_HEIGHT = 38.0, 25.0
LEFT, TOP, BELOW = 78.0, 40.0, 78.0
TICK = 11.5  # font size of the numbers on the axes
_KINDS = ("fits", "none", "refused")


@dataclass(frozen=True, kw_only=True, eq=False)
class SizeChart(Picture):
    """Output sizes as a grid of cells. Row 0 is the largest value: y grows upwards."""

    sweep: Sweep
    axis: str
    framework: str
    plane: Plane
    here: tuple[int, int] | None  # row and column of the layer itself

    @property
    def title(self) -> str:
        """The axis, the two parameters and the framework."""
        over, axis = self.sweep, axis_word(self.axis)
        return say("chart.title", axis=axis, x=over.x, y=over.y, framework=self.framework)

    @property
    def alt(self) -> str:
        """Alt text."""
        amounts = dict.fromkeys(_KINDS, 0)
        for row in self.sweep.rows:
            for one in row:
                amounts[kind_of(one)] += 1
        said = ", ".join(_amount_of(kind, amount) for kind, amount in amounts.items() if amount)
        settings = number(sum(amounts.values()))
        if self.here is None:
            return say("chart.alt", title=self.title, settings=settings, amounts=said)
        here = self.sentence(*self.here)
        return say("chart.alt_marked", title=self.title, settings=settings, amounts=said, here=here)

    def with_mark(self, row: int, column: int) -> SizeChart:
        """Return the chart with another cell marked."""
        here = (row, column)
        return replace(self, here=here, marks=tuple(_marks(self.sweep, self.plane, here)))

    def at(self, row: int, column: int) -> Trace:
        """Return the call of a cell."""
        return self.sweep.rows[len(self.sweep.ys) - 1 - row][column]

    def sentence(self, row: int, column: int) -> str:
        """Describe a cell: its two parameters and the result."""
        s, one = self.sweep, self.at(row, column)
        y = s.ys[len(s.ys) - 1 - row]
        return f"{s.x} {number(s.xs[column])}, {s.y} {number(y)}: {result_text(one)}"


def build_chart(traced: Trace, axis: int, x: str, y: str) -> SizeChart:
    """Return the chart around a traced call, along one of its axes."""
    one = one_axis(traced, axis)
    now_x, now_y = value_of(one, x), value_of(one, y)
    xs, ys = around(now_x, LEAST[x], COLUMNS), around(now_y, LEAST[y], ROWS)
    swept = sweep(traced, axis, x, y, xs, ys)
    plane = Plane(LEFT, TOP, CELL_WIDTH, CELL_HEIGHT, len(swept.ys), len(swept.xs))
    here = None
    if now_x is not None and now_y is not None and now_x in xs and now_y in ys:
        here = (len(swept.ys) - 1 - ys.index(now_y), xs.index(now_x))
    return SizeChart(
        sweep=swept,
        axis=traced.axes[axis].name,
        framework=traced.framework.title,
        width=LEFT + plane.columns * CELL_WIDTH + 20,
        height=TOP + plane.rows * CELL_HEIGHT + BELOW,
        plane=plane,
        cells=(_cells(swept, plane),),
        marks=tuple(_marks(swept, plane, here)),
        labels=tuple(_labels(swept, plane)),
        here=here,
    )


def around(now: int | None, least: int, amount: int) -> range:
    """Return `amount` values from the least one on, or around `now` if it is larger.

    >>> around(3, 1, 5), around(100, 1, 5), around(None, 0, 5)
    (range(1, 6), range(98, 103), range(0, 5))
    """
    if now is None or now < least + amount - 1:
        return range(least, least + amount)
    return range(now - amount // 2, now - amount // 2 + amount)


def kind_of(one: Trace) -> str:
    """Return "fits", "none" if no window fits, or "refused" if the framework rejects the call."""
    # onnxruntime rounds to one window where none fits.
    if one.axes[0].output_size < 1 or one.is_truncated:
        return "none"
    return "fits" if one.outcome == "ok" else "refused"


def result_text(one: Trace) -> str:
    """Return the output size, or why there is none."""
    axis, title = one.axes[0], one.framework.title
    if one.outcome == "ok":
        size = number((one.returned_size or one.output_size)[0])
        return say("chart.truncated", size=size) if one.is_truncated else size
    formula = number(axis.output_size)
    if one.outcome == "empty":
        return say("chart.empty", framework=title, size=formula)
    if axis.output_size < 1:
        return say("chart.no_window", size=formula)
    return say("chart.refused", framework=title)


def _cells(swept: Sweep, plane: Plane) -> Cells:
    """Return the sizes; settings that fail keep the result of the formula, without a shade."""
    sizes = np.array(
        [[float(one.axes[0].output_size) for one in row] for row in swept.rows[::-1]]
    ).reshape(plane.rows, plane.columns)
    fits = np.array([[kind_of(one) == "fits" for one in row] for row in swept.rows[::-1]])
    shown = coloured(plane, sizes, value_range(sizes[fits]) if fits.any() else (0.0, 1.0))
    if shown.levels is None:
        return shown
    return Cells(plane, np.where(fits, shown.levels, np.nan), shown.numbers)


def _marks(swept: Sweep, plane: Plane, here: tuple[int, int] | None) -> Iterator[Mark]:
    roles: tuple[tuple[str, Role], ...] = (("none", "infeasible"), ("refused", "refused"))
    for kind, role in roles:
        rects = tuple(
            plane.rect(len(swept.ys) - 1 - i, j, 1, 1)
            for i, row in enumerate(swept.rows)
            for j, one in enumerate(row)
            if kind_of(one) == kind
        )
        if rects:
            yield Mark(role, rects)
    if here is not None:
        yield Mark("kernel", (plane.rect(*here, 1, 1),))


def _labels(swept: Sweep, plane: Plane) -> Iterator[Label]:
    bounds = plane.bounds
    for j in _ticked(swept.xs, CELL_WIDTH):
        x = plane.left + (j + 0.5) * plane.cell_width
        yield Label(x, bounds.bottom + 17, number(swept.xs[j]), "muted", TICK, "center")
    for i, value in enumerate(reversed(swept.ys)):
        y = plane.top + (i + 0.5) * plane.cell_height + TICK / 3
        size = min(TICK, (LEFT - 34) / text_width(number(value)))
        yield Label(plane.left - 8, y, number(value), "muted", size, "right")
    middle = bounds.left + bounds.width / 2
    yield Label(middle, bounds.bottom + 37, f"{swept.x} →", "text", 13, "center", bold=True)
    y = bounds.top + bounds.height / 2
    yield Label(22, y, f"{swept.y} →", "text", 13, "center", bold=True, upright=True)
    kinds = {kind_of(one) for row in swept.rows for one in row}
    legend = []
    if "none" in kinds:
        legend.append(say("chart.legend_none"))
    if "refused" in kinds:
        legend.append(say("chart.legend_refused"))
    if legend:
        yield Label(bounds.left, bounds.bottom + 62, ";  ".join(legend), "muted", 12)
    yield Label(bounds.left, TOP - 14, _amount(swept), "muted", 12)


def _amount_of(kind: str, amount: int) -> str:
    return plural(f"chart.amounts.{kind}", amount, settings=number(amount))


def _amount(swept: Sweep) -> str:
    fitting = sum(kind_of(one) == "fits" for row in swept.rows for one in row)
    settings = number(len(swept.xs) * len(swept.ys))
    return say("chart.amount", working=number(fitting), settings=settings)


def _ticked(values: Sequence[int], room: float) -> Iterator[int]:
    """Yield the indices of the values that are written, as many as fit."""
    widest = max((text_width(number(value)) for value in values), default=1.0) * TICK + 6
    every = max(1, int(-(-widest // room)))
    return iter(range(0, len(values), every))
