"""The browser's part of the FrameworkComparison: five panels, reasons, code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from poolviz.arithmetic.frameworks.base import FRAMEWORKS
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.layer.comparison import Verdict
from poolviz.diagnosis.layer.conversion import convert
from poolviz.diagnosis.layer.differences import difference, kind_of_difference
from poolviz.diagnosis.layer.variants import Told
from poolviz.diagnosis.phrases import capital, count, number
from poolviz.drawing.charts.side_by_side import SideBySide, build_side_by_side
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.i18n.catalogue import say
from poolviz.widgets.base.widget import StateWidget, action_of, in_turn


class ComparisonView(StateWidget):
    """Shows one call in all frameworks; the one that is clicked on goes to `take`."""

    _entry = "comparison/comparison.js"

    def __init__(
        self,
        traced: Trace,
        values: NDArray[Any] | None,
        slice_index: int,
        take: Callable[[str], None],
        language: str | None = None,
    ) -> None:
        self._shown = traced, values, slice_index
        self._take = take
        self._render = PngRenderer()
        super().__init__(language)
        self._show()

    @in_turn
    def look_at(self, traced: Trace, values: NDArray[Any] | None, slice_index: int) -> None:
        """Another call."""
        self._shown = traced, values, slice_index
        self._show()

    @property
    def picture_parts(self) -> SideBySide:
        """What is shown."""
        return build_side_by_side(*self._shown)

    def _apply_request(self, asked: dict[str, Any]) -> None:
        _, name = action_of(asked, ("framework",))
        if not isinstance(name, str) or name not in FRAMEWORKS:
            raise ValueError(f"there is no framework {name!r}")
        self._take(name)

    def _picture_and_words(self) -> tuple[bytes, dict[str, Any]]:
        parts = self.picture_parts
        return self._render(parts, *self._theme_and_ratio()), state_of(parts)


def state_of(parts: SideBySide) -> dict[str, Any]:
    """All that the browser says about a comparison."""
    return {
        "title": parts.title,
        "alt": parts.alt,
        "width": parts.width,
        "height": parts.height,
        "panels": [
            {"box": list(panel), "framework": verdict.trace.layer.framework}
            for panel, verdict in zip(parts.panels, parts.verdicts, strict=True)
        ],
        "rows": [row(parts.reference, verdict) for verdict in parts.verdicts],
        "variants": {
            "summary": summary(len(parts.variants)),
            "listed": [told_row(told) for told in parts.variants],
        },
    }


def summary(amount: int) -> str:
    """What can be unfolded."""
    if amount == 1:
        return say("variant.summary_one")
    return say("variant.summary_many", amount=number(amount))


def told_row(told: Told) -> dict[str, Any]:
    """What the list says of one variant."""
    runs = count(told.fact.runs, "recorded_run")
    return {
        "title": told.variant.title,
        "version": told.variant.version,
        "text": told.text,
        "why": say("variant.reason", why=capital(told.fact.why), runs=runs),
    }


def row(reference: Trace, verdict: Verdict) -> dict[str, Any]:
    """What the table says of one framework."""
    framework = verdict.trace.layer.framework
    kind = kind_of_difference(reference, verdict.trace)
    is_reference = verdict.trace.framework is reference.framework
    converted = None if kind == "same" else convert(reference, framework)
    return {
        "framework": framework,
        "title": verdict.title,
        "version": verdict.trace.framework.version,
        "outcome": "truncated" if verdict.trace.is_truncated else verdict.trace.outcome,
        "text": verdict.text,
        "isReference": is_reference,
        "kind": kind,
        "why": difference(reference, verdict.trace) if kind != "outcome" else "",
        "code": verdict.code if verdict.trace.outcome != "raises" else "",
        "same": "" if converted is None else converted.code,
    }
