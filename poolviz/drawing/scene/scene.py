"""The picture of one traced call; no matplotlib.

Picture, alt text, widget and static page all read the same `Scene`, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.phrases import by, capital, joined, layer_title, outcome_text
from poolviz.drawing.convolution.operands import Operands
from poolviz.drawing.scene.axis_layout import axes_of
from poolviz.drawing.scene.captions import ghost_lines, padding_symbol
from poolviz.drawing.scene.cell_paint import padding_symbols
from poolviz.drawing.scene.kernel_plane import MOST_WEIGHTS, kernel_slice, kernel_tap
from poolviz.drawing.scene.layout import Kernel, Plane, Rect, Room, picture_height, place_planes
from poolviz.drawing.scene.marks import Marks
from poolviz.drawing.scene.overlays import build_overlays
from poolviz.drawing.scene.picture import Cells, Picture
from poolviz.drawing.scene.plane_views import (
    Data,
    Results,
    View,
    cells,
    input_plane,
    output_plane,
    output_text,
    slice_within,
    value_range,
)
from poolviz.drawing.scene.plane_views import results as find_results
from poolviz.i18n.catalogue import say


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene(Picture):
    """The picture of one traced call: the input's cells and, where there is one, the output's."""

    trace: Trace
    slice_index: int
    detail: str  # what is left out for want of room
    results: Results | None
    input_plane: Plane  # cell (0, 0) is the first input cell, behind the padding
    input_values: Array | None  # of the shown slice
    show: tuple[str, ...]  # names of the overlays
    overlay_texts: tuple[str, ...]  # one sentence per overlay
    column: Rect | None  # of the output, where it is beside the input
    missing: str  # how many cells a kernel that does not fit lacks
    known_diagnosis: Diagnosis | None = None
    operands: Operands | None = None  # of a convolution

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """Findings and fixes; made on first access, because drawing alone does not need them."""
        return self.known_diagnosis or diagnosis_of(self.trace)

    @property
    def input(self) -> Cells:
        """The cells of the input, or of the overlay that takes their place."""
        return self.cells[0]

    @property
    def output(self) -> Cells | None:
        """The cells that have a window each: the output; None where there is none.

        Of a transposed convolution they are the input.
        """
        return self.cells[1] if _has_cells(self.trace) else None

    @property
    def title(self) -> str:
        """The call."""
        return layer_title(self.trace)

    @property
    def subtitle(self) -> str:
        """Sizes and outcome."""
        given, outcome = by(self.trace.input_size), outcome_text(self.trace)
        return say("picture.subtitle", input=given, output=output_text(self.trace), outcome=outcome)

    @property
    def alt(self) -> str:
        """Alt text: the scene in a few sentences, without the values."""
        size, outcome = by(self.trace.input_size), outcome_text(self.trace)
        parts = [say("picture.alt", layer=self.title, size=size, outcome=outcome)]
        parts += [capital(str(finding)) for finding in self.diagnosis.findings]
        if self.missing and any(mark.role == "missing" for mark in self.marks):
            parts.append(say("picture.alt_missing", missing=self.missing))
        parts += self.overlay_texts
        if self.diagnosis.fixes:
            fixes = "; ".join(fix.text for fix in self.diagnosis.fixes[:3])
            parts.append(say("picture.alt_works", fixes=fixes))
        return " ".join(parts)

    @property
    def severity(self) -> Severity | None:
        """The gravest severity among the findings; None when there are none."""
        severities = {finding.severity for finding in self.diagnosis.findings}
        return next((severity for severity in Severity if severity in severities), None)


def _has_cells(trace: Trace) -> bool:
    return min(trace.input_size) > 0 if trace.is_transposed else trace.outcome == "ok"


def build_scene(
    trace: Trace,
    x: Data = None,
    view: View | None = None,
    diagnosis: Diagnosis | None = None,
) -> Scene:
    """Return the scene of a traced call; `x` are the values of its input, where there are any.

    `diagnosis` is the call's own, where it was made before.
    """
    view = view or View()
    windows = trace.as_windows
    axes, has_output = axes_of(windows), _has_cells(trace)
    slice_index = slice_within(windows, view.slice_index)
    weights, kernel = None, None
    if isinstance(trace, ConvTrace) and isinstance(x, Operands):
        x = x.within(trace)
        if max(axis.kernel_size for axis in trace.axes) <= MOST_WEIGHTS:
            weights = kernel_slice(trace, x, kernel_tap(trace, slice_index))
            rows, columns = weights.shape
            kernel = Kernel(rows, columns, trace.is_transposed)
    height = picture_height(view.width, axes, view.fits, kernel, view.height)
    room = Room(view.width, height)
    words = 0 if view.fits else len(ghost_lines(trace))
    placed = place_planes(room, axes, has_output, kernel, words=words)
    results = find_results(trace, x) if has_output else None
    data = input_plane(trace, x, slice_index, results)
    shown = output_plane(trace, results, slice_index)
    levels = value_range(data)
    # Pooled values lie among those of the input, and equal ones get one colour; sums of products
    # lie elsewhere.
    of_output = value_range(shown) if trace.is_convolution else levels
    overlays = build_overlays(trace, x, slice_index, view.show)
    if overlays.cells is None:
        input_cells = cells(placed.input, data, levels)
    else:
        input_cells = cells(placed.input, overlays.cells, value_range(overlays.cells))
    found = [cells(placed.output, shown, of_output)] if placed.output else []
    marks = Marks(trace, axes, placed, results, data, x if isinstance(x, Operands) else None)
    marks.build(view, slice_index, overlays.caption)
    if weights is not None and placed.kernel is not None:
        found.append(cells(placed.kernel, weights, value_range(weights)))
    return Scene(
        width=view.width,
        height=height,
        cells=(input_cells, *found),
        marks=tuple(marks.marks),
        symbols=padding_symbols(input_cells, marks.marks, padding_symbol(trace)),
        arrows=tuple(marks.arrows),
        labels=tuple(marks.labels),
        trace=trace,
        slice_index=slice_index,
        detail=_detail(trace, input_cells, marks.left_out),
        results=results,
        input_plane=placed.input,
        input_values=data,
        show=view.show,
        overlay_texts=overlays.texts,
        column=placed.column,
        missing=marks.missing,
        known_diagnosis=diagnosis,
        operands=x if isinstance(x, Operands) else None,
    )


def _detail(trace: Trace, cells: Cells, left_out: list[str]) -> str:
    """Return a sentence about what is left out for want of room."""
    is_lost = trace.is_transposed and trace.outcome != "ok"
    if cells.levels is None and 0 not in trace.input_size and not is_lost:
        left_out = [say("picture.no_room.values"), *left_out]
    elif cells.levels is not None and cells.numbers is None:
        left_out = [say("picture.no_room.numbers"), *left_out]
    return say("picture.no_room.sentence", parts=joined(left_out)) if left_out else ""
