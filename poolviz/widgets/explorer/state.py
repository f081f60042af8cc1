"""All that the browser says about a scene, as plain text."""

from __future__ import annotations

from typing import Any

from poolviz.diagnosis.layer.comparison import compare
from poolviz.diagnosis.phrases import axis_word, by, call_code
from poolviz.drawing.output.geometry import geometry
from poolviz.drawing.scene.captioned_scene import fix_text
from poolviz.drawing.scene.scene import Scene


def words_of(scene: Scene) -> dict[str, Any]:
    """All that is said about a scene, as plain text for the viewer to set."""
    trace_, diagnosis, severity = scene.trace, scene.diagnosis, scene.severity
    return {
        "title": scene.title,
        "subtitle": scene.subtitle,
        "level": severity.value if severity else "ok",
        "alt": scene.alt,
        "detail": scene.detail,
        "insights": list(scene.insights),
        "says": trace_.says() or "",
        "code": call_code(trace_.layer, len(trace_.axes)),
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
                "title": verdict.title,
                "version": verdict.trace.framework.version,
                "text": verdict.text,
                "outcome": "truncated" if verdict.trace.is_truncated else verdict.trace.outcome,
            }
            for verdict in compare(trace_)
        ],
        "geometry": geometry(scene),
    }
