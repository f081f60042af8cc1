"""A PoolExplorer without a kernel: one node for every setting in its ranges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from poolviz.arithmetic.frameworks.registry import edition_title
from poolviz.diagnosis.layer.diagnosis import diagnosis_of
from poolviz.diagnosis.layer.fixes import Fix
from poolviz.drawing.output.geometry import geometry
from poolviz.drawing.output.scene_json import picture_data
from poolviz.drawing.scene.layout import NARROW
from poolviz.drawing.scene.scene import Scene
from poolviz.exercises.task import Task
from poolviz.i18n.catalogue import language, language_argument
from poolviz.widgets.base.wire import Finding
from poolviz.widgets.explorer.code import line_of
from poolviz.widgets.explorer.ranges import Ranges, offers, ranges_of, specs_in
from poolviz.widgets.explorer.settings import settings_dict
from poolviz.widgets.explorer.spec.spec import Spec
from poolviz.widgets.explorer.state import scene_of, state_of
from poolviz.widgets.page.columns import as_json
from poolviz.widgets.page.phrases import alone, ranges_note, refusal
from poolviz.widgets.page.recording import ANY_WIDTH, Drawing, Recorded, Recording, Shown

NARROW_WIDTH = 300.0  # of the picture on a phone


def record_explorer(
    spec: Spec, requested: Mapping[str, object], task: Task | None = None
) -> Recording:
    """Record every setting in the ranges, and the results of the fixes of the present one.

    Raises
    ------
    ValueError
        If no setting of the page solves the task.
    """
    ranges = ranges_of(spec, requested)
    known = specs_by_key([spec, *specs_in(spec, ranges)])
    inside = set(known)
    known |= specs_by_key(targets_of(spec, diagnosis_of(spec.traced()).fixes).values())
    recording = Recording(
        ("explorer",),
        ranges_note(ranges),
        refusal(ranges),
        takes_settings=frozenset({0}),
        is_scored=task is not None,
    )
    for key, one in known.items():
        scene = scene_of(one)
        leads = fix_leads(one, scene.diagnosis.fixes, known)
        view = show_explorer(one, scene, ranges if key in inside else {}, leads, task=task)
        recording.nodes[key] = node = Recorded((view,))
        lead_to_fixes(node, 0, leads)
        node.lead(0, "check", None, key)
    if task is not None and not any(task.judge(known[key].traced()) for key in inside):
        raise ValueError("no setting of the page solves the task: give wider ranges")
    return recording


def key_of(spec: Spec) -> str:
    """Return the settings as the controls send them: a node is found by this key."""
    return as_json(settings_dict(spec, spec.traced()))


def specs_by_key(specs: Iterable[Spec]) -> dict[str, Spec]:
    """Return each setting once, in order."""
    found: dict[str, Spec] = {}
    for spec in specs:
        found.setdefault(key_of(spec), spec)
    return found


def targets_of(spec: Spec, fixes: Iterable[Fix]) -> dict[int, Spec]:
    """Return what each fix makes of a setting, by its number, except for fixes without a layer."""
    return {
        i: spec.resized(fix.layer, fix.input_size)
        for i, fix in enumerate(fixes)
        if fix.layer is not None
    }


def fix_leads(spec: Spec, fixes: Iterable[Fix], known: Collection[str]) -> dict[int, str]:
    """Return the keys of the fixes that lead to a node of the page."""
    keys = {i: key_of(one) for i, one in targets_of(spec, fixes).items()}
    return {i: key for i, key in keys.items() if key in known}


def lead_to_fixes(node: Recorded, view: int, leads: Mapping[int, str]) -> None:
    """Link a node to the results of its fixes."""
    for i, key in leads.items():
        node.lead(view, "fix", i, key)


def show_explorer(
    spec: Spec,
    scene: Scene,
    ranges: Ranges,
    leads: Collection[int] = (),
    why_fixed: str = "",
    task: Task | None = None,
) -> Shown:
    """Return the view of an explorer on a wide screen and on a narrow one.

    Without `ranges` nothing can be changed, and a note says why. Fixes in `leads` are buttons, the
    others only texts.
    """
    narrow = scene_of(spec, NARROW_WIDTH, scene.diagnosis)
    state = state_of(spec, scene, task)
    note: list[Finding] = [{"severity": "note", "text": why_fixed or alone()}]
    offered = ranges.get("framework", (spec.layer.framework,))
    shared = {
        **state,
        "findings": state["findings"] if ranges else [*state["findings"], *note],
        "fixes": [{**fix, "applies": i in leads} for i, fix in enumerate(state["fixes"])],
        "valuesText": None,
        "weightsText": None,
        "frameworkNames": [[str(name), edition_title(str(name))] for name in offered],
        "examples": [],
        "opens": line_of(spec, *language_argument(language())),
        "offers": offers(ranges),
    }
    del shared["geometry"], shared["detail"]  # they belong to the drawing
    return Shown(shared, {int(NARROW): _drawing(scene), ANY_WIDTH: _drawing(narrow)})


def _drawing(scene: Scene) -> Drawing:
    return Drawing({"geometry": geometry(scene), "detail": scene.detail}, picture_data(scene))
