"""Geometry from which the browser draws windows: numbers per axis, never per window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from poolviz.arithmetic import values
from poolviz.drawing.scene.axis_layout import AxisLayout, axes_of
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.numerals import value_texts
from poolviz.drawing.scene.overlays import RECEPTIVE_FIELD
from poolviz.drawing.scene.plane_views import (
    MOST_VALUES_SENT,
    as_plane,
    output_slice,
)
from poolviz.drawing.scene.scene import Scene


def geometry(scene: Scene) -> dict[str, Any]:
    """Return planes, axes and, for small maps, values as text, ready for JSON."""
    axes = axes_of(scene.trace)
    chosen = None
    if axes.depth and scene.output:
        chosen = output_slice(scene.trace, scene.slice_index)
    return {
        "width": scene.width,
        "height": scene.height,
        "input": _plane(scene.input_plane),
        "output": _plane(scene.output.plane) if scene.output else None,
        "down": _axis(axes.down),
        "across": _axis(axes.across),
        "op": scene.trace.layer.op,
        "showsField": RECEPTIVE_FIELD in scene.show,
        "depth": axes.depth and {**_axis(axes.depth), "slice": scene.slice_index, "output": chosen},
        "values": _values(scene, chosen),
    }


def _plane(plane: Plane) -> dict[str, float]:
    return {
        "left": plane.left,
        "top": plane.top,
        "cellWidth": plane.cell_width,
        "cellHeight": plane.cell_height,
        "rows": plane.rows,
        "columns": plane.columns,
    }


def _axis(drawn: AxisLayout) -> dict[str, Any]:
    """Return one axis: window i starts at first + i·stride and has `span` places."""
    axis = drawn.trace
    return {
        "name": axis.name,
        "size": axis.input_size,
        "first": -axis.padding.before,
        "stride": axis.stride,
        "span": axis.effective_kernel_size,
        "dilation": axis.dilation,
        "end": drawn.drawn.stop,  # a kernel far too long is drawn as far as this
    }


def _values(scene: Scene, chosen: int | None) -> dict[str, Any] | None:
    """Return output texts with winners or divisors; None if there are too many.

    The browser has the texts of the input already.
    """
    results = scene.results
    if results is None or scene.input.levels is None or scene.output is None:
        return None
    if scene.input.levels.size > MOST_VALUES_SENT or results.pooled.size > MOST_VALUES_SENT:
        return None
    if len(scene.trace.axes) == 3 and chosen is None:
        return None
    found: dict[str, Any] = {"output": [*map(list, value_texts(_shown(results.pooled, chosen)))]}
    if results.winners is not None:
        found["winners"] = _shown(results.winners, chosen).tolist()
        # Ranks tell ties from values that only look alike when they are written.
        assert scene.input_values is not None
        _, ranks = np.unique(scene.input_values, return_inverse=True)
        found["ranks"] = ranks.reshape(scene.input.levels.shape).tolist()
    else:
        found["divisors"] = _shown(values.divisors(scene.trace), chosen).tolist()
    return found


def _shown(array: NDArray[Any], chosen: int | None) -> NDArray[Any]:
    return array[chosen] if chosen is not None else as_plane(array)
