"""The browser view of a FrameworkComparison: five panels, reasons, code."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import Array
from poolviz.drawing.charts.side_by_side import BESIDE, SideBySide, build_side_by_side
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.widgets.base.widget import synchronized
from poolviz.widgets.base.wire import State
from poolviz.widgets.comparison.state import state_of
from poolviz.widgets.explorer.linked import BesideExplorer, BesideView


class ComparisonView(BesideView):
    """Shows one call in all frameworks; `take` gets the name of the one that is clicked."""

    _entry = "widgets/comparison/comparison.js"

    def __init__(
        self,
        beside: BesideExplorer,
        traced: Trace,
        values: Array | None,
        slice_index: int,
        take: Callable[[str], None],
        language: str | None = None,
    ) -> None:
        self._shown = traced, values, slice_index
        self._take = take
        self._render = PngRenderer()
        super().__init__(beside, language)
        self._show()

    @synchronized
    def look_at(self, traced: Trace, values: Array | None, slice_index: int) -> None:
        """Show another call."""
        self._shown = traced, values, slice_index
        self._show()

    @property
    def picture_parts(self) -> SideBySide:
        """The picture with its verdicts."""
        return build_side_by_side(*self._shown, BESIDE)

    def _take_framework(self, name: object) -> None:
        if not isinstance(name, str) or name not in FRAMEWORKS:
            raise ValueError(f"there is no framework {name!r}")
        self._take(name)

    _actions: ClassVar = {**BesideView._undo_actions, "framework": _take_framework}

    def _picture_and_state(self) -> tuple[bytes, State]:
        parts = self.picture_parts
        return self._render(parts, *self._theme_and_ratio()), state_of(parts)
