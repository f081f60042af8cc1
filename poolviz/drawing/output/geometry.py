"""Geometry from which the browser draws windows: numbers per axis, never per window."""

from __future__ import annotations

from typing import NotRequired, TypedDict

import numpy as np

from poolviz.arithmetic import values
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.fitted_axis import FittedAxis
from poolviz.arithmetic.values import Array
from poolviz.drawing.scene.axis_layout import AxisLayout, axes_of
from poolviz.drawing.scene.kernel_plane import kernel_slice
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.numerals import value_texts
from poolviz.drawing.scene.overlays import RECEPTIVE_FIELD
from poolviz.drawing.scene.plane_views import (
    MOST_VALUES_SENT,
    as_plane,
    output_slice,
)
from poolviz.drawing.scene.scene import Scene
from poolviz.drawing.scene.terms import rest_texts


class PlaneGeometry(TypedDict):
    """A grid of cells: position of cell (0, 0), size of a cell, number of cells."""

    left: float
    top: float
    cellWidth: float
    cellHeight: float
    rows: int
    columns: int


class AxisGeometry(TypedDict):
    """One axis: window i starts at first + i·stride and spans `span` places."""

    name: str
    size: int
    first: int
    stride: int
    span: int
    dilation: int
    parts: NotRequired[int]  # windows of adaptive pooling: i is [⌊i·size / parts⌋, …)
    end: int  # windows are drawn as far as this


class DepthGeometry(AxisGeometry):
    """The depth axis, the slice that is shown and the output slice that reads it."""

    slice: int
    output: int | None


class CellValues(TypedDict):
    """Values of the output as text, with what describes how they come about."""

    output: list[list[str]]
    given: NotRequired[list[list[str]]]  # of the side of the windows, for products
    weights: NotRequired[list[list[str]]]
    rest: NotRequired[list[list[str]]]  # added to the products of the shown channel
    winners: NotRequired[list[list[int]]]
    ranks: NotRequired[list[list[int]]]  # of the input values: equal ranks are ties
    divisors: NotRequired[list[list[int]]]


class Geometry(TypedDict):
    """Everything from which the browser draws windows and describes them."""

    width: float
    height: float
    input: PlaneGeometry
    output: PlaneGeometry | None
    down: AxisGeometry
    across: AxisGeometry
    op: str
    showsField: bool
    beside: list[float] | None  # left and top of the empty part right of the input
    depth: DepthGeometry | None
    values: CellValues | None


def geometry(scene: Scene) -> Geometry:
    """Return planes, axes and, for small maps, values as text, ready for JSON."""
    windows = scene.trace.as_windows
    axes = axes_of(windows)
    chosen, depth = None, None
    if axes.depth:
        chosen = output_slice(windows, scene.slice_index) if scene.output else None
        depth = DepthGeometry(**_axis(axes.depth), slice=scene.slice_index, output=chosen)
    # The input of a transposed convolution is drawn even if there is no output.
    is_lively = not scene.trace.is_transposed or scene.trace.outcome == "ok"
    return {
        "width": scene.width,
        "height": scene.height,
        "input": _plane(scene.input_plane),
        "output": _plane(scene.output.plane) if scene.output and is_lively else None,
        "down": _axis(axes.down),
        "across": _axis(axes.across),
        "op": scene.trace.layer.op,
        "showsField": RECEPTIVE_FIELD in scene.show,
        "beside": _beside(scene),
        "depth": depth,
        "values": _values(scene, chosen),
    }


def _beside(scene: Scene) -> list[float] | None:
    """Return where texts have room in the column of the output, below everything drawn there."""
    room = scene.column
    if room is None:
        return None
    ends = [
        cells.plane.bottom for cells in scene.cells if room.left <= cells.plane.left < room.right
    ]
    ends += [label.y for label in scene.labels if room.left <= label.x < room.right]
    ends += [
        rect.bottom
        for mark in scene.marks
        if mark.role in ("ghost", "nothing")
        for rect in mark.rects
    ]
    return [room.left, max(ends, default=room.top) + 14]


def _plane(plane: Plane) -> PlaneGeometry:
    return {
        "left": plane.left,
        "top": plane.top,
        "cellWidth": plane.cell_width,
        "cellHeight": plane.cell_height,
        "rows": plane.rows,
        "columns": plane.columns,
    }


def _axis(drawn: AxisLayout) -> AxisGeometry:
    axis = drawn.trace
    fitted: dict[str, int] = {"parts": axis.output_size} if isinstance(axis, FittedAxis) else {}
    return {
        "name": axis.name,
        "size": axis.input_size,
        "first": -axis.padding.before,
        "stride": axis.stride,
        "span": axis.effective_kernel_size,
        "dilation": axis.dilation,
        "end": drawn.drawn.stop,
        **fitted,  # type: ignore[typeddict-item]
    }


def _values(scene: Scene, chosen: int | None) -> CellValues | None:
    """Return output texts with the positions of maxima or the divisors; None if there are too many.

    The browser has the texts of the input already.
    """
    results = scene.results
    if results is None or scene.input.levels is None or scene.output is None:
        return None
    if scene.input.levels.size > MOST_VALUES_SENT or results.pooled.size > MOST_VALUES_SENT:
        return None
    if len(scene.trace.axes) == 3 and chosen is None:
        return None
    found: CellValues = {"output": [*map(list, value_texts(_shown(results.pooled, chosen)))]}
    if isinstance(scene.trace, ConvTrace):
        return _products(scene, scene.trace, found, chosen)
    if results.winners is not None:
        found["winners"] = _shown(results.winners, chosen).tolist()
        # Ranks distinguish ties from values that only look alike when they are printed.
        assert scene.input_values is not None
        _, flat = np.unique(scene.input_values, return_inverse=True)
        ranks: Array = flat.reshape(scene.input.levels.shape)
        found["ranks"] = ranks.tolist()
    elif scene.trace.layer.op == "avg":
        found["divisors"] = _shown(values.divisors(scene.trace), chosen).tolist()
    return found


def _products(
    scene: Scene, trace: ConvTrace, found: CellValues, chosen: int | None
) -> CellValues | None:
    """Add what is multiplied: of a 3-D convolution only the values, as the sums are long."""
    results, operands = scene.results, scene.operands
    if results is None or operands is None or len(trace.axes) == 3:
        return found
    assert scene.input_values is not None
    found["given"] = [*map(list, value_texts(scene.input_values))]
    found["weights"] = [*map(list, value_texts(kernel_slice(trace, operands)))]
    rest = None if results.products is None else rest_texts(trace, operands, results.products)
    if rest is not None:
        found["rest"] = rest
    return found


def _shown(array: Array, chosen: int | None) -> Array:
    return array[chosen] if chosen is not None else as_plane(array)
