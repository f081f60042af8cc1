"""What a picture shows, all of it in one frozen value; no matplotlib.

Picture, alt text, widget and static page all read the same `Scene`, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.phrases import by, capital, joined, layer_title, outcome_text
from poolviz.drawing.scene.layout import Plane, Room, picture_height, place_planes
from poolviz.drawing.scene.marks import Marks
from poolviz.drawing.scene.overlays import look
from poolviz.drawing.scene.picture import Arrow, Cells, Label, Mark, Results, View
from poolviz.drawing.scene.plane_views import (
    cells,
    input_plane,
    output_plane,
    output_text,
    plane_axes,
    slice_within,
    span,
    value_range,
)
from poolviz.drawing.scene.plane_views import results as find_results
from poolviz.i18n.catalogue import say


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything one picture shows."""

    trace: Trace
    diagnosis: Diagnosis
    width: float
    height: float
    input: Cells
    output: Cells | None
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    arrows: tuple[Arrow, ...]
    slice_index: int
    detail: str
    results: Results | None
    input_plane: Plane  # the input alone: its cell (0, 0) is where the padding ends
    input_values: NDArray[Any] | None  # of the shown slice
    show: tuple[str, ...]  # layers of insight
    insights: tuple[str, ...]  # a sentence for each of them
    missing: str  # how much of a kernel that does not fit, in words

    @property
    def title(self) -> str:
        """What was asked for."""
        return layer_title(self.trace)

    @property
    def subtitle(self) -> str:
        """Sizes and outcome."""
        given, outcome = by(self.trace.input_size), outcome_text(self.trace)
        return say("picture.subtitle", input=given, output=output_text(self.trace), outcome=outcome)

    @property
    def alt(self) -> str:
        """The picture in words: what a reader sees who does not see it."""
        return alt_text(self)


def build_scene(
    trace: Trace,
    x: NDArray[Any] | None = None,
    view: View | None = None,
    diagnosis: Diagnosis | None = None,
) -> Scene:
    """The scene of one traced call, with the values `x` of its input where there are any."""
    view = view or View()
    diagnosis = diagnosis or diagnosis_of(trace)
    down, across = plane_axes(trace)
    rows, columns = span(down), span(across)
    out_rows = max(0, down.output_size) if down else 1
    out_columns = max(0, across.output_size)
    has_output = trace.outcome == "ok"
    has_depth = len(trace.axes) == 3
    height = picture_height(view.width, rows, columns, out_rows, has_depth, view.fits)
    placed = place_planes(
        Room(view.width, height),
        rows,
        columns,
        (down.input_size if down else 1, across.input_size),
        (out_rows, out_columns) if has_output else None,
        span(trace.axes[0]) if has_depth else None,
    )
    slice_index = slice_within(trace, view.slice_index)
    results = find_results(trace, x) if has_output else None
    data = input_plane(trace, x, slice_index)
    shown = output_plane(trace, results, slice_index)
    levels = value_range(data)
    insight = look(trace, x, slice_index, view.show)
    if insight.cells is None:
        input_cells = cells(placed.input, data, levels)
    else:
        input_cells = cells(placed.input, insight.cells, value_range(insight.cells))
    output_cells = cells(placed.output, shown, levels) if placed.output else None
    painter = Marks(trace, placed, results, data)
    painter.build(view, slice_index, insight.caption)
    return Scene(
        trace=trace,
        diagnosis=diagnosis,
        width=view.width,
        height=height,
        input=input_cells,
        output=output_cells,
        marks=tuple(painter.marks),
        labels=tuple(painter.labels),
        arrows=tuple(painter.arrows),
        slice_index=slice_index,
        detail=_detail(trace, input_cells, painter.left_out),
        results=results,
        input_plane=placed.input,
        input_values=data,
        show=view.show,
        insights=insight.sentences,
        missing=painter.missing,
    )


def _detail(trace: Trace, cells: Cells, left_out: list[str]) -> str:
    """What is not shown because there is no room for it."""
    if cells.levels is None and 0 not in trace.input_size:
        left_out = [say("picture.no_room.values"), *left_out]
    elif cells.levels is not None and cells.numbers is None:
        left_out = [say("picture.no_room.numbers"), *left_out]
    return say("picture.no_room.sentence", parts=joined(left_out)) if left_out else ""


def alt_text(scene: Scene) -> str:
    """The scene in a few sentences, without the values."""
    trace = scene.trace
    size, outcome = by(trace.input_size), outcome_text(trace)
    parts = [say("picture.alt", layer=scene.title, size=size, outcome=outcome)]
    parts += [capital(str(finding)) for finding in scene.diagnosis.findings]
    if any(mark.role == "missing" for mark in scene.marks):
        parts.append(say("picture.alt_missing", missing=scene.missing))
    parts += scene.insights
    if scene.diagnosis.fixes:
        fixes = "; ".join(fix.text for fix in scene.diagnosis.fixes[:3])
        parts.append(say("picture.alt_works", fixes=fixes))
    return " ".join(parts)


def worst(scene: Scene) -> Severity | None:
    """The gravest severity among the findings; None when there are none."""
    severities = {finding.severity for finding in scene.diagnosis.findings}
    return next((severity for severity in Severity if severity in severities), None)
