"""One call in several frameworks: windows and outputs side by side, differences marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

import numpy as np

from poolviz.arithmetic.shapes import length
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.layer.comparison import Verdict, compare
from poolviz.diagnosis.layer.differences import difference, kind_of_difference
from poolviz.diagnosis.layer.fixes import works
from poolviz.diagnosis.layer.variants import Outcome, variants_lines
from poolviz.diagnosis.phrases import layer_title, number_word
from poolviz.drawing.scene.axis_layout import Axes, axes_of
from poolviz.drawing.scene.captions import ghost_lines, is_refused
from poolviz.drawing.scene.layout import Placed, Plane, Rect
from poolviz.drawing.scene.marks import Marks
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.picture import Cells, Label, Mark, Picture, Role, Tone
from poolviz.drawing.scene.plane_views import (
    cells,
    input_plane,
    output_plane,
    output_text,
    slice_within,
    value_range,
)
from poolviz.drawing.scene.plane_views import results as find_results
from poolviz.i18n.catalogue import say

WIDTH, BESIDE = 900.0, 700.0  # alone; beside the controls
LEFT, GAP, TOP = 8.0, 12.0, 54.0
INPUT_SHARE, OUTPUT_SHARE = 0.187, 0.115  # most heights, of the width
LARGEST_CELL = 26.0
_WORDS_HEIGHT, _LINE, _GHOST = 56.0, 15.0, 46.0
_CHARACTER = 6.2  # width of one in the words below
_LINE_CHARACTERS = 130  # of a line as wide as the picture


@dataclass(frozen=True, kw_only=True, eq=False)
class SideBySide(Picture):
    """One call in several frameworks; `panels` are the rectangles to click on."""

    reference: Trace
    verdicts: tuple[Verdict, ...]
    panels: tuple[Rect, ...]

    @property
    def title(self) -> str:
        """The call and the reference framework."""
        title = self.reference.framework.title
        amount = number_word(len(self.verdicts))
        layer = layer_title(self.reference)
        return say("compared.title", layer=layer, amount=amount, framework=title)

    @property
    def alt(self) -> str:
        """Alt text."""
        lines = [f"{verdict.versioned_title} {verdict.text}" for verdict in self.verdicts]
        reasons = [
            difference(self.reference, verdict.trace)
            for verdict in self.verdicts
            if kind_of_difference(self.reference, verdict.trace) not in ("same", "outcome")
        ]
        said = [f"{self.title}: {'; '.join(lines)}.", *reasons, *variants_lines(self.variants)]
        return " ".join(filter(None, said))

    @property
    def variants(self) -> tuple[Outcome, ...]:
        """Other versions and recorded variants of the frameworks that behave differently."""
        found: list[Outcome] = []
        for verdict in self.verdicts:
            found += [*verdict.versions, *verdict.variants]
        return tuple(found)


def with_variants(parts: SideBySide) -> SideBySide:
    """Return the picture with the variants below it, for pages without controls."""
    lines = [
        (part, not i)
        for i, line in enumerate(variants_lines(parts.variants))
        for part in wrap(line, _LINE_CHARACTERS, subsequent_indent="    ")
    ]
    top = parts.height + _LINE
    labels = [
        Label(LEFT + 4, top + _LINE * i, text, "text", 11, bold=bold)
        for i, (text, bold) in enumerate(lines)
    ]
    height = top + _LINE * len(lines) if lines else parts.height
    return replace(parts, height=height, labels=(*parts.labels, *labels))


def build_side_by_side(
    asked: Trace, x: Array | None = None, slice_index: int = 0, width: float = WIDTH
) -> SideBySide:
    """Return the panels of one call; the others are compared with the call's own framework."""
    verdicts = compare(asked)
    # There is one object for the rules of a version, see the registry.
    reference = next(v.trace for v in verdicts if v.trace.framework is asked.framework)
    builder = _Builder(reference, verdicts, x, slice_within(reference, slice_index), width)
    room = (width - 2 * LEFT + GAP) / len(verdicts)
    panels = tuple(
        builder.panel(verdict, LEFT + i * room, room - GAP) for i, verdict in enumerate(verdicts)
    )
    return SideBySide(
        width=width,
        height=panels[0].bottom + 10,
        cells=tuple(builder.cells),
        marks=tuple(builder.marks),
        labels=tuple(builder.labels),
        reference=reference,
        verdicts=verdicts,
        panels=panels,
    )


class _Builder:
    def __init__(
        self,
        reference: Trace,
        verdicts: Sequence[Verdict],
        x: Array | None,
        slice_index: int,
        width: float,
    ) -> None:
        self.reference = reference
        self.x = x
        self.slice_index = slice_index
        self.data = input_plane(reference, x, slice_index)
        self.levels = value_range(self.data)
        self.wanted = self._output(reference)
        panel = (width - 2 * LEFT + GAP) / len(verdicts) - GAP
        drawn = [axes_of(verdict.trace) for verdict in verdicts]
        # All panels are as high as the highest, so that their parts are aligned.
        most = INPUT_SHARE * width, OUTPUT_SHARE * width
        self.input_height = max(_height(panel, most[0], *_drawn(axes)) for axes in drawn)
        self.output_height = max(
            [_GHOST, *(_height(panel, most[1], *axes.output_shape) for axes in drawn)]
        )
        self.cells: list[Cells] = []
        self.marks: list[Mark] = []
        self.labels: list[Label] = []

    def _output(self, traced: Trace) -> Array | None:
        if traced.outcome != "ok" or self.x is None:
            return None
        return output_plane(traced, find_results(traced, self.x), self.slice_index)

    def panel(self, verdict: Verdict, left: float, width: float) -> Rect:
        traced = verdict.trace
        self._heading(verdict, left, width)
        self._input(traced, Rect(left, TOP, width, self.input_height))
        room = Rect(left, TOP + self.input_height + 28, width, self.output_height)
        self._result(traced, room)
        self._reason(traced, room)
        return Rect(left - 4, 6, width + 8, room.bottom + _WORDS_HEIGHT - 6)

    def _heading(self, verdict: Verdict, left: float, width: float) -> None:
        is_reference = verdict.trace.framework is self.reference.framework
        mark = "▸ " if is_reference else ""
        self.labels.append(Label(left, 26, f"{mark}{verdict.title}", "text", 14, bold=True))
        version = verdict.trace.framework.version.partition(" ")[0].rstrip(",;")
        self.labels.append(Label(left, 43, version, "muted", 10.5))

    def _input(self, traced: Trace, room: Rect) -> None:
        axes = axes_of(traced)
        rows, columns = axes.down.drawn, axes.across.drawn
        whole = _plane(room, length(rows), length(columns))
        grid = whole.inner(rows, columns, axes.input_shape)
        self.cells.append(cells(grid, self.data, self.levels))
        output = None if traced.outcome != "ok" else _plane(room, *axes.output_shape)
        marks = Marks(
            traced, axes, Placed(whole, grid, output, room, None, room.right), None, self.data
        )
        marks.build_windows(self.slice_index)
        self.marks += marks.marks

    def _result(self, traced: Trace, room: Rect) -> None:
        if is_refused(traced):  # the size of the formula has nothing to do with this error
            self._not_computed(traced, room)
            return
        tone: Tone = "text" if traced.outcome == "ok" else "error"
        size = output_text(traced)
        fitted = min(13.0, (room.width - 4) / max(0.1, 1.18 * text_width(size)))
        self.labels.append(Label(room.left, room.top - 9, size, tone, fitted, bold=True))
        if traced.outcome != "ok":
            role: Role = "ghost" if traced.outcome == "raises" else "nothing"
            self.marks.append(Mark(role, (Rect(room.left + 1, room.top, 84, _GHOST),)))
            return
        plane = _plane(room, *axes_of(traced).output_shape)
        shown = self._output(traced)
        self.cells.append(cells(plane, shown, self.levels))
        differing = tuple(plane.rect(i, j, 1, 1) for i, j in self._differing(shown))
        if differing:
            self.marks.append(Mark("differs", differing))

    def _not_computed(self, traced: Trace, room: Rect) -> None:
        self.marks.append(Mark("ghost", (Rect(room.left + 1, room.top, room.width - 2, _GHOST),)))
        for i, text in enumerate(ghost_lines(traced)):
            fitted = min(11.0, (room.width - 20) / text_width(text))
            y = room.top + 19 + _LINE * i
            self.labels.append(Label(room.left + 9, y, text, "error", fitted))

    def _differing(self, shown: Array | None) -> Iterator[tuple[int, int]]:
        """Yield output cells whose value differs from the reference."""
        if shown is None or self.wanted is None:
            return
        for (i, j), value in np.ndenumerate(shown):
            is_there = i < self.wanted.shape[0] and j < self.wanted.shape[1]
            if not is_there or not np.isclose(value, self.wanted[i, j], equal_nan=True):
                yield i, j

    def _reason(self, traced: Trace, room: Rect) -> None:
        kind = kind_of_difference(self.reference, traced)
        text = self._reason_text(traced, kind)
        is_odd = traced.outcome == "raises" or (kind == "outcome" and not works(traced))
        tone: Tone = "error" if is_odd else "good" if kind in ("same", "outcome") else "accent"
        for i, part in enumerate(wrap(text, int(room.width / _CHARACTER))[:3]):
            self.labels.append(Label(room.left, room.bottom + 18 + _LINE * i, part, tone, 11))

    def _reason_text(self, traced: Trace, kind: str) -> str:
        if traced.framework is self.reference.framework:
            if traced.outcome == "raises":
                return say("compared.reference_raises", error=traced.error_name)
            return say("compared.reference")
        if traced.outcome == "raises" or kind == "outcome":
            return _outcome_words(traced)
        return say(f"compared.{kind}")


def _outcome_words(traced: Trace) -> str:
    if traced.outcome == "raises":
        return say("compared.raises", error=traced.error_name)
    if traced.outcome == "empty":
        return say("compared.empty")
    return say("compared.truncated") if traced.is_truncated else say("compared.works")


def _drawn(axes: Axes) -> tuple[int, int]:
    """Rows and columns of the input, padding and overhang included."""
    return length(axes.down.drawn), length(axes.across.drawn)


def _height(width: float, most: float, rows: int, columns: int) -> float:
    """Height of a grid in a panel."""
    plane = _plane(Rect(0, 0, width, most), rows, columns)
    return plane.cell_height * plane.rows


def _plane(room: Rect, rows: int, columns: int) -> Plane:
    rows, columns = max(rows, 1), max(columns, 1)
    side = min(room.width / columns, room.height / rows, LARGEST_CELL)
    cell_height = max(side, min(room.height / rows, 20.0 / rows))
    return Plane(room.left, room.top, side, cell_height, rows, columns)
