"""A PoolExplorer without a kernel: one node for every setting in its ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from poolviz.diagnosis.layer.fixes import Fix
from poolviz.drawing.output.geometry import geometry
from poolviz.drawing.output.scene_json import picture_data
from poolviz.drawing.scene.layout import NARROW
from poolviz.drawing.scene.scene import Scene
from poolviz.widgets.explorer.settings import Spec, told
from poolviz.widgets.explorer.widget import PoolExplorer, scene_of, state_of
from poolviz.widgets.page.columns import as_json
from poolviz.widgets.page.phrases import alone, ranges_note, refusal
from poolviz.widgets.page.ranges import Ranges, offers, ranges_of, specs_in
from poolviz.widgets.page.recording import ANY_ROOM, Node, Recording, Shown

NARROW_WIDTH = 300.0  # of the picture for a telephone
_OF_THE_DRAWING = ("geometry", "detail")  # what differs from screen to screen


def record_explorer(explorer: PoolExplorer, asked: Mapping[str, Any]) -> Recording:
    """Every setting in the ranges, and what the fixes of the present one lead to."""
    ranges = ranges_of(explorer.spec, asked)
    known = specs_by_key([explorer.spec, *specs_in(explorer.spec, ranges)])
    inside = set(known)
    known |= specs_by_key(spec for _, spec in targets_of(explorer.spec, explorer.diagnosis.fixes))
    recording = Recording(
        ("explorer",), ranges_note(ranges), refusal(ranges), takes_settings=frozenset({0})
    )
    for key, spec in known.items():
        scene = scene_of(spec)
        recording.nodes[key] = Node((show_explorer(spec, scene, ranges if key in inside else {}),))
        lead_to_fixes(recording.nodes[key], 0, spec, scene, known)
    return recording


def key_of(spec: Spec) -> str:
    """The settings as the controls ask for them: what a node is found by."""
    return as_json(told(spec, spec.traced()))


def specs_by_key(specs: Iterable[Spec]) -> dict[str, Spec]:
    """Each setting once, in their order."""
    found: dict[str, Spec] = {}
    for spec in specs:
        found.setdefault(key_of(spec), spec)
    return found


def targets_of(spec: Spec, fixes: Iterable[Fix]) -> list[tuple[int, Spec]]:
    """Number of a fix, and what it makes of a setting; not for those that leave no layer."""
    return [
        (i, spec.resized(fix.layer, fix.input_size))
        for i, fix in enumerate(fixes)
        if fix.layer is not None
    ]


def lead_to_fixes(node: Node, view: int, spec: Spec, scene: Scene, known: Iterable[str]) -> None:
    """The fixes that lead to what the page has are buttons, the others are only words."""
    shown = node.views[view]
    assert shown is not None
    for fix in shown.state["fixes"]:
        fix["applies"] = False
    for i, target in targets_of(spec, scene.diagnosis.fixes):
        key = key_of(target)
        if key in known:
            shown.state["fixes"][i]["applies"] = True
            node.lead(view, "fix", i, key)


def show_explorer(spec: Spec, scene: Scene, ranges: Ranges, why_fixed: str = "") -> Shown:
    """What an explorer shows, on a wide screen and on a narrow one; without ranges it is fixed."""
    narrow = scene_of(spec, NARROW_WIDTH, scene.diagnosis)
    state = {**state_of(spec, scene), "valuesText": None, "examples": [], "offers": offers(ranges)}
    if not ranges:
        state["findings"] = [*state["findings"], {"severity": "note", "text": why_fixed or alone()}]
    return Shown(
        {name: value for name, value in state.items() if name not in _OF_THE_DRAWING},
        {int(NARROW): _drawing(scene), ANY_ROOM: _drawing(narrow)},
    )


def _drawing(scene: Scene) -> dict[str, Any]:
    return {
        "state": {"geometry": geometry(scene), "detail": scene.detail},
        "picture": picture_data(scene),
    }
