"""The scene of a spec, and the state of a PoolExplorer."""

from __future__ import annotations

from poolviz.arithmetic.frameworks.registry import choices
from poolviz.diagnosis.layer.comparison import compare
from poolviz.diagnosis.layer.diagnosis import Diagnosis
from poolviz.diagnosis.layer.examples import CONVOLUTIONS, EXAMPLES
from poolviz.diagnosis.layer.heading import heading_of
from poolviz.diagnosis.phrases import axis_word, by
from poolviz.dialects.common.dialect import error_text, trace_code
from poolviz.drawing.captioned_scene import fix_text
from poolviz.drawing.convolution.operands import PRESETS
from poolviz.drawing.output.geometry import geometry
from poolviz.drawing.scene.layout import FULL_HEIGHT
from poolviz.drawing.scene.overlays import overlay_name, overlays_of
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.exercises.task import Task
from poolviz.i18n.catalogue import say
from poolviz.i18n.html import bullets, escape, fix_list, paragraph, quoted, table
from poolviz.widgets.base.wire import ExplorerState, Fix, SceneWords, TaskState
from poolviz.widgets.explorer.convolution.settings import weights_text
from poolviz.widgets.explorer.settings import settings_dict, values_text
from poolviz.widgets.explorer.spec.convolution_spec import OWN
from poolviz.widgets.explorer.spec.spec import Spec

WIDE = 680.0  # of the picture beside the controls


def scene_of(
    spec: Spec,
    width: float = WIDE,
    known: Diagnosis | None = None,
    height: float = FULL_HEIGHT,
) -> Scene:
    """Return the picture of a spec; `known` is its diagnosis if there is one already."""
    view = View(width, height, slice_index=spec.slice_index, show=spec.show)
    return build_scene(spec.traced(), spec.data, view, known)


def state_of(spec: Spec, scene: Scene, task: Task | None = None) -> ExplorerState:
    """Return everything the browser shows, and the settings of its controls."""
    examples = EXAMPLES if spec.convolution is None else CONVOLUTIONS
    return {
        **words_of(scene),
        "task": None if task is None else task_state(task, scene),
        "settings": settings_dict(spec, scene.trace),
        "valuesText": values_text(spec),
        "weightsText": weights_text(spec),
        "presets": [
            [name, say(f"control.preset.{name}")]
            for name in (*PRESETS, OWN)
            if spec.convolution is not None
        ],
        "outChannels": getattr(scene.trace, "out_channels", 1),
        "frameworkNames": [list(one) for one in choices(spec.layer.framework)],
        "layers": [[name, overlay_name(name)] for name in overlays_of(scene.trace)],
        "context": 0,  # set where the state is published
        "examples": [[name, example.title] for name, example in examples.items()],
    }


def task_state(task: Task, scene: Scene) -> TaskState:
    """Return a task and what the setting of a scene is worth."""
    said = task.judge(scene.trace)
    return {"text": task.text, "mark": said.mark, "score": said.score, "feedback": said.text}


def words_of(scene: Scene) -> SceneWords:
    """Return everything the browser shows of a scene, as plain text."""
    trace_, diagnosis, severity = scene.trace, scene.diagnosis, scene.severity
    heading = heading_of(diagnosis)
    return {
        "verdict": heading.text,
        "because": heading.more,
        "title": scene.title,
        "subtitle": scene.subtitle,
        "level": severity.value if severity else "ok",
        "alt": scene.alt,
        "detail": scene.detail,
        "insights": list(scene.overlay_texts),
        "says": error_text(trace_) or "",
        "code": trace_code(trace_),
        "axes": [
            {
                "name": axis_word(axis.name),
                "formula": axis.formula,
                "dilation": axis.dilation_formula or "",
                "fails": axis.output_size < 1,
            }
            for axis in trace_.axes
        ],
        "findings": [
            {"severity": finding.severity.value, "text": str(finding)}
            for finding in diagnosis.findings
        ],
        "fixes": [
            {
                "text": fix_text(fix),
                "gives": by(fix.output_size),
                "also": fix.also,
                "code": fix.code,
                "applies": fix.layer is not None,
            }
            for fix in diagnosis.fixes
        ],
        "frameworks": [
            {
                "name": verdict.trace.layer.framework,
                "title": verdict.versioned_title,
                "version": verdict.trace.framework.version,
                "text": verdict.text,
                "short": verdict.short,
                "outcome": "truncated" if verdict.trace.is_truncated else verdict.trace.outcome,
            }
            for verdict in compare(trace_)
        ],
        "geometry": geometry(scene),
    }


def explorer_html(state: SceneWords) -> str:
    """Return sizes, formulas, findings, fixes, code, and what the frameworks do."""
    formulas = [
        " ".join(filter(None, (axis["name"], axis["formula"], axis["dilation"])))
        for axis in state["axes"]
    ]
    findings = [finding["text"] for finding in state["findings"]]
    heads = [say("browser.comparison.framework"), say("browser.comparison.does")]
    rows = [(entry["title"], entry["text"]) for entry in state["frameworks"]]
    return "\n".join(
        (
            paragraph(state["subtitle"]),
            bullets([*formulas, *findings, *state["insights"]]),
            fix_list(say("browser.any_works"), ((_text(f), f["code"]) for f in state["fixes"])),
            f"<p><code>{escape(state['code'])}</code></p>",
            quoted(say("browser.error_text"), state["says"]),
            table(say("browser.explorer.frameworks"), heads, rows),
        )
    )


def _text(fix: Fix) -> str:
    return f"{fix['text']} ({fix['also']})" if fix["also"] else fix["text"]
