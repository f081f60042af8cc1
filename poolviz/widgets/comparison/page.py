"""A FrameworkComparison without a kernel: every framework can be the reference."""

from __future__ import annotations

from poolviz.diagnosis.layer.comparison import compared_with
from poolviz.drawing.charts.side_by_side import BESIDE, build_side_by_side
from poolviz.drawing.scene.scene import Scene
from poolviz.i18n.catalogue import language, language_argument
from poolviz.widgets.comparison.state import state_of
from poolviz.widgets.explorer.code import line_of
from poolviz.widgets.explorer.page import (
    fix_leads,
    key_of,
    lead_to_fixes,
    show_explorer,
    specs_by_key,
)
from poolviz.widgets.explorer.ranges import few, ranges_of, specs_in
from poolviz.widgets.explorer.spec.spec import Spec
from poolviz.widgets.explorer.state import scene_of
from poolviz.widgets.page.phrases import ranges_note, refusal
from poolviz.widgets.page.recording import Recorded, Recording, Shown, shown


def record_comparison(present: Spec) -> Recording:
    """Record a few settings around the present one, with each framework as the reference."""
    spec = present.in_framework(present.layer.framework)
    names = compared_with(spec.layer.framework)
    ranges = ranges_of(spec, {**few(spec), "framework": names})
    known = specs_by_key([present, *specs_in(spec, ranges)])
    recording = Recording(
        # Settings are those of view 1, the explorer.
        ("comparison", "explorer"),
        ranges_note(ranges),
        refusal(ranges),
        frozenset({1}),
    )
    for key, one in known.items():
        scene = scene_of(one)
        leads = fix_leads(one, scene.diagnosis.fixes, known)
        node = Recorded((_show(scene, one), show_explorer(one, scene, ranges, leads)))
        for name in compared_with(one.layer.framework):
            node.lead(0, "framework", name, key_of(one.in_framework(name)))
        lead_to_fixes(node, 1, leads)
        recording.nodes[key] = node
    return recording


def _show(scene: Scene, spec: Spec) -> Shown:
    parts = build_side_by_side(scene.trace, spec.values, spec.slice_index, BESIDE)
    line = line_of(spec, *language_argument(language()), name="FrameworkComparison")
    return shown({**state_of(parts), "opens": line}, parts)
