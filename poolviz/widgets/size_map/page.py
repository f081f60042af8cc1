"""SizeMap and FrameworkComparison without a kernel: a picture, and the explorer that follows it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from poolviz.arithmetic.frameworks.base import FRAMEWORKS
from poolviz.drawing.charts.side_by_side import build_side_by_side
from poolviz.drawing.charts.size_chart import SizeChart, build_chart
from poolviz.drawing.scene.scene import Scene
from poolviz.widgets.comparison import view as comparison_view
from poolviz.widgets.comparison.widget import FrameworkComparison
from poolviz.widgets.explorer.page import (
    key_of,
    lead_to_fixes,
    show_explorer,
    specs_by_key,
    targets_of,
)
from poolviz.widgets.explorer.settings import Spec
from poolviz.widgets.explorer.widget import scene_of
from poolviz.widgets.page.columns import as_json
from poolviz.widgets.page.phrases import note, ranges_note, refusal
from poolviz.widgets.page.ranges import few, given, ranges_between, ranges_of, specs_in
from poolviz.widgets.page.recording import Node, Recording, Shown, shown
from poolviz.widgets.size_map import view as chart_view
from poolviz.widgets.size_map.widget import SizeMap


def record_map(widget: SizeMap, asked: Mapping[str, Any]) -> Recording:
    """One node for every cell of the chart, and what the fixes of the present one lead to."""
    chart, axis, spec = widget.view.chart, widget.view.axis, widget.explorer.spec
    cells = _specs_of(chart, axis, spec)
    # With its own cell first: there a stride is written out, which may be the default one.
    start = cells[chart.here] if chart.here else spec
    known = specs_by_key([start, *cells.values()])
    ranges = ranges_between(cells.values())
    keys = {place: key_of(one) for place, one in cells.items()}
    charts = {key: chart.with_mark(*place) for place, key in keys.items()}
    leads = {as_json(list(place)): key for place, key in keys.items()}
    known |= specs_by_key(s for _, s in targets_of(spec, widget.explorer.diagnosis.fixes))
    recording = Recording(
        ("chart", "explorer"),
        note("chart", x=chart.sweep.x, y=chart.sweep.y),
        refusal(ranges),
        frozenset({1}),
    )
    for key, one in known.items():
        scene = scene_of(one)
        # The chart stays where it is: in a notebook it would follow a setting at its edge.
        here = charts.get(key) or build_chart(scene.trace, axis, chart.sweep.x, chart.sweep.y)
        state = chart_view.state_of(here, [each.name for each in scene.trace.axes], axis)
        explorer = show_explorer(one, scene, ranges if key in charts else {})
        node = Node((shown({**state, "isStored": True}, here), explorer), {0: {"cell": leads}})
        lead_to_fixes(node, 1, one, scene, known)
        recording.nodes[key] = node
    return recording


def _specs_of(chart: SizeChart, axis: int, spec: Spec) -> dict[tuple[int, int], Spec]:
    """Row and column of each cell, and the setting that it stands for."""
    traced = spec.traced()
    found = {}
    for row, column in product(range(chart.plane.rows), range(chart.plane.columns)):
        layer, sizes = chart_view.taken(chart, traced, axis, row, column)
        found[row, column] = spec.resized(layer.with_axes(len(sizes)), sizes)
    return found


def record_comparison(widget: FrameworkComparison, asked: Mapping[str, Any]) -> Recording:
    """Every setting in the ranges in all frameworks, each of which can be the reference."""
    present = widget.explorer.spec
    spec = present.in_framework(present.layer.framework)
    ranges = ranges_of(spec, {**few(spec), "framework": FRAMEWORKS, **given(asked)})
    known = specs_by_key([present, *specs_in(spec, ranges)])
    recording = Recording(
        ("comparison", "explorer"), ranges_note(ranges), refusal(ranges), frozenset({1})
    )
    for key, one in known.items():
        scene = scene_of(one)
        node = Node((_compared(scene, one), show_explorer(one, scene, ranges)))
        for name in FRAMEWORKS:
            node.lead(0, "framework", name, key_of(one.in_framework(name)))
        lead_to_fixes(node, 1, one, scene, known)
        recording.nodes[key] = node
    return recording


def _compared(scene: Scene, spec: Spec) -> Shown:
    parts = build_side_by_side(scene.trace, spec.values, spec.slice_index)
    return shown(comparison_view.state_of(parts), parts)
