"""The browser's part of the SizeMap: the chart, and which two parameters it runs over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.sweep import PARAMETERS, with_values
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.phrases import axis_word
from poolviz.drawing.charts.size_chart import SizeChart, build_chart, kind_of
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.widgets.base.widget import StateWidget, action_of, in_turn

Taken = tuple[Pool, tuple[int, ...]]


class ChartView(StateWidget):
    """Shows the chart around one call; what is clicked on goes to `take`."""

    _entry = "size_map/map.js"

    x: str = traitlets.Enum(PARAMETERS)  # type: ignore[assignment]
    y: str = traitlets.Enum(PARAMETERS)  # type: ignore[assignment]
    axis: int = traitlets.Int()  # type: ignore[assignment]

    def __init__(
        self,
        traced: Trace,
        x: str,
        y: str,
        axis: int,
        take: Callable[[Pool, tuple[int, ...]], None],
        language: str | None = None,
    ) -> None:
        self.traced = traced
        self._take = take
        self._render = PngRenderer()
        super().__init__(
            language,
            x=one_parameter("x", x),
            y=one_parameter("y", y),
            axis=_one_axis(axis, traced),
        )
        if x == y:
            raise ValueError(f"x and y must be two parameters, got {x!r} twice")
        self._show()

    @in_turn
    def look_at(self, traced: Trace) -> None:
        """Another call."""
        self.traced = traced
        self.axis = min(self.axis, len(traced.axes) - 1)
        self._show()

    @property
    def chart(self) -> SizeChart:
        """What is shown."""
        return build_chart(self.traced, self.axis, self.x, self.y)

    @traitlets.observe("x", "y", "axis")
    def _other_parameters(self, change: dict[str, Any]) -> None:
        if self.state:
            self._show()

    # --- from the browser --------------------------------------------------------------------

    def _apply_request(self, asked: dict[str, Any]) -> None:
        name, value = action_of(asked, _ACTIONS)
        _ACTIONS[name](self, value)

    def _take_x(self, name: Any) -> None:
        self._take_pair(one_parameter("x", name), self.x if name == self.y else self.y)

    def _take_y(self, name: Any) -> None:
        self._take_pair(self.y if name == self.x else self.x, one_parameter("y", name))

    def _take_pair(self, x: str, y: str) -> None:
        with self.hold_trait_notifications():
            self.x, self.y = x, y

    def _take_axis(self, index: Any) -> None:
        self.axis = _one_axis(index, self.traced)

    def _take_cell(self, place: Any) -> None:
        chart = self.chart
        is_pair = isinstance(place, list) and len(place) == 2
        if not is_pair or not all(type(entry) is int for entry in place):
            raise TypeError(f"a row and a column are needed, got {place!r}")
        row, column = place
        if not (0 <= row < chart.plane.rows and 0 <= column < chart.plane.columns):
            raise ValueError(f"the chart has no cell {place}")
        self._take(*taken(chart, self.traced, self.axis, row, column))

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_words(self) -> tuple[bytes, dict[str, Any]]:
        chart = self.chart
        axes = [axis.name for axis in self.traced.axes]
        return self._render(chart, *self._theme_and_ratio()), state_of(chart, axes, self.axis)


_ACTIONS: dict[str, Callable[[ChartView, Any], None]] = {
    "x": ChartView._take_x,
    "y": ChartView._take_y,
    "axis": ChartView._take_axis,
    "cell": ChartView._take_cell,
}


def one_parameter(where: str, name: Any) -> str:
    """A parameter that a chart can run over."""
    if name not in PARAMETERS:
        raise ValueError(f"{where} must be one of {', '.join(PARAMETERS)}, got {name!r}")
    return str(name)


def _one_axis(index: Any, traced: Trace) -> int:
    if isinstance(index, str) and index.isdigit() and len(index) < 3:
        index = int(index)
    if type(index) is not int or not 0 <= index < len(traced.axes):
        raise ValueError(f"axis must be 0 to {len(traced.axes) - 1}, got {index!r}")
    return index


def state_of(chart: SizeChart, axes: Sequence[str], axis: int) -> dict[str, Any]:
    """All that the browser says about a chart."""
    plane, swept = chart.plane, chart.sweep
    return {
        "title": chart.title,
        "alt": chart.alt,
        "width": chart.width,
        "height": chart.height,
        "plane": {
            "left": plane.left,
            "top": plane.top,
            "cellWidth": plane.cell_width,
            "cellHeight": plane.cell_height,
            "rows": plane.rows,
            "columns": plane.columns,
        },
        "here": chart.here,
        "sentences": [
            [chart.sentence(row, column) for column in range(plane.columns)]
            for row in range(plane.rows)
        ],
        "kinds": [
            [kind_of(chart.at(row, column)) for column in range(plane.columns)]
            for row in range(plane.rows)
        ],
        "x": swept.x,
        "y": swept.y,
        "axis": str(axis),
        "axes": [[str(i), axis_word(name)] for i, name in enumerate(axes)],
        "parameters": [[name, name] for name in PARAMETERS],
    }


def taken(chart: SizeChart, traced: Trace, axis: int, row: int, column: int) -> Taken:
    """The layer and its input that a cell of a chart stands for."""
    swept = chart.sweep
    values = {swept.x: swept.xs[column], swept.y: swept.ys[len(swept.ys) - 1 - row]}
    return with_values(traced, axis, values)
