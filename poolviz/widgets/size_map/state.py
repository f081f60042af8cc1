"""The state of a SizeMap: the chart around one call."""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.sweep import PARAMETERS, with_values
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.phrases import axis_word
from poolviz.drawing.charts.size_chart import SizeChart, kind_of
from poolviz.widgets.base.wire import SizeMapState


def state_of(chart: SizeChart, axes: Sequence[str], axis: int) -> SizeMapState:
    """Return everything the browser shows of a chart; `axis` is one of `axes`."""
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


def own_arguments(x: str, y: str, axis: int) -> list[str]:
    """Return the arguments of a SizeMap that its explorer does not have.

    >>> own_arguments("kernel_size", "padding", 1)
    ["y='padding'", 'axis=1']
    """
    usual = {"x": "kernel_size", "y": "stride", "axis": 0}
    given: dict[str, object] = {"x": x, "y": y, "axis": axis}
    return [f"{name}={value!r}" for name, value in given.items() if value != usual[name]]


def layer_at(
    chart: SizeChart, traced: Trace, axis: int, row: int, column: int
) -> tuple[Pool, tuple[int, ...]]:
    """Return the layer and the input size of a cell of the chart."""
    swept = chart.sweep
    # Row 0 has the largest value: y grows upwards.
    values = {swept.x: swept.xs[column], swept.y: swept.ys[len(swept.ys) - 1 - row]}
    return with_values(traced, axis, values)
