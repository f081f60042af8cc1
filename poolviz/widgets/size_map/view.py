"""The browser view of a SizeMap: the chart, and the choice of its two parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import traitlets

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.sweep import PARAMETERS
from poolviz.arithmetic.trace import Trace
from poolviz.drawing.charts.size_chart import SizeChart, build_chart
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.widgets.base.widget import synchronized
from poolviz.widgets.base.wire import State
from poolviz.widgets.explorer.linked import BesideExplorer, BesideView
from poolviz.widgets.size_map.state import layer_at, state_of

Chosen = tuple[str, str, int]  # the two parameters and the axis


class ChartView(BesideView):
    """Shows the chart around one call; `take` gets the layer and size of a cell that is clicked."""

    _entry = "widgets/size_map/map.js"

    x: str = traitlets.Enum(PARAMETERS)  # type: ignore[assignment]
    y: str = traitlets.Enum(PARAMETERS)  # type: ignore[assignment]
    axis: int = traitlets.Int()  # type: ignore[assignment]

    def __init__(
        self,
        beside: BesideExplorer,
        traced: Trace,
        x: str,
        y: str,
        axis: int,
        take: Callable[[Pool, tuple[int, ...]], None],
        language: str | None = None,
    ) -> None:
        self.traced = traced
        self._take = take
        self.chosen: Chosen = (x, y, axis)  # that are shown
        self._render = PngRenderer()
        super().__init__(
            beside,
            language,
            x=_parameter("x", x),
            y=_parameter("y", y),
            axis=_axis(axis, traced),
        )
        if x == y:
            raise ValueError(f"x and y must be two parameters, got {x!r} twice")
        self._show()
        beside.explorer._accompany(self)

    @synchronized
    def look_at(self, traced: Trace) -> None:
        """Show another call."""
        self.traced = traced
        x, y, axis = self.chosen
        self.chosen = x, y, min(axis, len(traced.axes) - 1)
        self.axis = self.chosen[2]
        self._show()

    def choose(self, chosen: Chosen) -> None:
        """Show other parameters, without a note in the history."""
        self.chosen = chosen
        with self.hold_trait_notifications():
            self.x, self.y, self.axis = chosen
        self._show()

    def close(self) -> None:
        """Close the view; its choices are undone no more."""
        if self.comm is not None:  # not closed before, and __init__ ran to its end
            self._beside.explorer._leave(self)
        super().close()

    @property
    def chart(self) -> SizeChart:
        """The chart around the call."""
        return build_chart(self.traced, self.axis, self.x, self.y)

    @traitlets.observe("x", "y", "axis")
    def _show_parameters(self, change: object) -> None:
        now = self.x, self.y, self.axis
        if self.state and now != self.chosen:
            self._beside.explorer._note_choice()
            self.chosen = now
            self._show()

    # --- from the browser --------------------------------------------------------------------

    def _take_x(self, name: object) -> None:
        # Where both would be the same parameter, the two change places.
        self._take_pair(_parameter("x", name), self.x if name == self.y else self.y)

    def _take_y(self, name: object) -> None:
        self._take_pair(self.y if name == self.x else self.x, _parameter("y", name))

    def _take_pair(self, x: str, y: str) -> None:
        with self.hold_trait_notifications():
            self.x, self.y = x, y

    def _take_axis(self, index: object) -> None:
        self.axis = _axis(index, self.traced)

    def _take_cell(self, place: object) -> None:
        chart = self.chart
        if not isinstance(place, list) or [type(entry) for entry in place] != [int, int]:
            raise TypeError(f"a row and a column are needed, got {place!r}")
        row, column = place
        if not (0 <= row < chart.plane.rows and 0 <= column < chart.plane.columns):
            raise ValueError(f"the chart has no cell {place}")
        self._take(*layer_at(chart, self.traced, self.axis, row, column))

    _actions: ClassVar = {
        **BesideView._undo_actions,
        "x": _take_x,
        "y": _take_y,
        "axis": _take_axis,
        "cell": _take_cell,
    }

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_state(self) -> tuple[bytes, State]:
        chart = self.chart
        axes = [axis.name for axis in self.traced.axes]
        return self._render(chart, *self._theme_and_ratio()), state_of(chart, axes, self.axis)


def _parameter(where: str, name: object) -> str:
    if name not in PARAMETERS:
        raise ValueError(f"{where} must be one of {', '.join(PARAMETERS)}, got {name!r}")
    return str(name)


def _axis(index: object, traced: Trace) -> int:
    if isinstance(index, str) and index.isdigit() and len(index) < 3:
        index = int(index)
    if type(index) is not int or not 0 <= index < len(traced.axes):
        raise ValueError(f"axis must be 0 to {len(traced.axes) - 1}, got {index!r}")
    return index
