"""What the viewer needs to draw the moving things itself: numbers per axis, never per window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from poolviz.arithmetic import values
from poolviz.arithmetic.axis import AxisTrace
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.numerals import value_texts
from poolviz.drawing.scene.overlays import RECEPTIVE_FIELD
from poolviz.drawing.scene.plane_views import (
    MOST_VALUES_SENT,
    as_plane,
    output_slice,
    plane_axes,
    span,
)
from poolviz.drawing.scene.scene import Scene


def geometry(scene: Scene) -> dict[str, Any]:
    """Planes, axes and, for small maps, values as text, ready for JSON."""
    down, across = plane_axes(scene.trace)
    has_depth = len(scene.trace.axes) == 3
    chosen = output_slice(scene.trace, scene.slice_index) if has_depth and scene.output else None
    return {
        "width": scene.width,
        "height": scene.height,
        "input": _plane(scene.input_plane),
        "output": _plane(scene.output.plane) if scene.output else None,
        "down": _axis(down),
        "across": _axis(across),
        "op": scene.trace.layer.op,
        "showsField": RECEPTIVE_FIELD in scene.show,
        "depth": _depth(scene, chosen) if has_depth else None,
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


def _axis(axis: AxisTrace | None) -> dict[str, Any]:
    """Window i starts at first + i·stride and reads every `dilation`-th of `span` places."""
    if axis is None:
        return {"name": "", "size": 1, "first": 0, "stride": 1, "span": 1, "dilation": 1, "end": 1}
    return {
        "name": axis.name,
        "size": axis.input_size,
        "first": -axis.padding.before,
        "stride": axis.stride,
        "span": axis.effective_kernel_size,
        "dilation": axis.dilation,
        "end": span(axis).stop,  # a kernel far too long is drawn as far as this
    }


def _depth(scene: Scene, chosen: int | None) -> dict[str, Any]:
    return {**_axis(scene.trace.axes[0]), "slice": scene.slice_index, "output": chosen}


def _values(scene: Scene, chosen: int | None) -> dict[str, Any] | None:
    """Output texts with their winners or divisors; None where there are too many.

    Texts that were written for the picture are not written again.
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
