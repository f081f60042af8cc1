"""A SizeMap without a kernel: the chart, and the explorer of each of its cells."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import product

from poolviz.diagnosis.layer.diagnosis import diagnosis_of
from poolviz.drawing.charts.size_chart import SizeChart, build_chart
from poolviz.i18n.catalogue import language, language_argument
from poolviz.widgets.explorer.code import line_of
from poolviz.widgets.explorer.page import (
    fix_leads,
    key_of,
    lead_to_fixes,
    show_explorer,
    specs_by_key,
    targets_of,
)
from poolviz.widgets.explorer.ranges import ranges_between
from poolviz.widgets.explorer.spec.spec import Spec
from poolviz.widgets.explorer.state import scene_of
from poolviz.widgets.page.columns import as_json
from poolviz.widgets.page.phrases import note, refusal
from poolviz.widgets.page.recording import Recorded, Recording, shown
from poolviz.widgets.size_map.state import layer_at, own_arguments, state_of


def record_map(chart: SizeChart, axis: int, spec: Spec) -> Recording:
    """Record every cell of the chart, and the results of the fixes of the present one."""
    cells = _specs_of(chart, axis, spec)
    # The page opens with the chart's own cell, where the default stride is written out.
    start = cells[chart.here] if chart.here else spec
    known = specs_by_key([start, *cells.values()])
    ranges = ranges_between(cells.values())
    keys = {place: key_of(one) for place, one in cells.items()}
    charts = {key: chart.with_mark(*place) for place, key in keys.items()}
    cell_leads: dict[str, Hashable] = {as_json(list(place)): key for place, key in keys.items()}
    fixes = diagnosis_of(spec.traced()).fixes
    known |= specs_by_key(targets_of(spec, fixes).values())
    recording = Recording(
        ("chart", "explorer"),
        note("chart", x=chart.sweep.x, y=chart.sweep.y),
        refusal(ranges),
        # Settings are those of view 1, the explorer.
        frozenset({1}),
    )
    for key, one in known.items():
        scene = scene_of(one)
        leads = fix_leads(one, scene.diagnosis.fixes, known)
        # The chart stays as it is; in a notebook it would move when a setting is at its edge.
        here = charts.get(key) or build_chart(scene.trace, axis, chart.sweep.x, chart.sweep.y)
        own = (*own_arguments(chart.sweep.x, chart.sweep.y, axis), *language_argument(language()))
        line = line_of(one, *own, name="SizeMap")
        state = state_of(here, [each.name for each in scene.trace.axes], axis)
        explorer = show_explorer(one, scene, ranges if key in charts else {}, leads)
        node = Recorded(
            (shown({**state, "isStored": True, "opens": line}, here), explorer),
            {0: {"cell": cell_leads}},
        )
        lead_to_fixes(node, 1, leads)
        recording.nodes[key] = node
    return recording


def _specs_of(chart: SizeChart, axis: int, spec: Spec) -> dict[tuple[int, int], Spec]:
    """Return the setting of each cell, by its row and column."""
    traced = spec.traced()
    found = {}
    for row, column in product(range(chart.plane.rows), range(chart.plane.columns)):
        layer, sizes = layer_at(chart, traced, axis, row, column)
        found[row, column] = spec.resized(layer.with_axes(len(sizes)), sizes)
    return found
