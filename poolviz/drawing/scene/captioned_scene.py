"""A scene with its words around it: what `draw` returns and static viewers show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.layer.fixes import Fix
from poolviz.diagnosis.phrases import axis_word
from poolviz.drawing.scene.layout import MARGIN
from poolviz.drawing.scene.picture import Label, Tone
from poolviz.drawing.scene.scene import Scene, worst
from poolviz.drawing.scene.sentences import bounded, window_sentence
from poolviz.i18n.catalogue import say

_HEADER = 66.0
_LINE = 21.0
_BOTTOM = 12.0
_CHARACTERS = 116  # of 13-unit text on a line as wide as the picture


_TONES: dict[Severity | None, Tone] = {
    Severity.ERROR: "error",
    Severity.SILENT: "accent",
    Severity.NOTE: "muted",
    None: "muted",
}


@dataclass(frozen=True, slots=True)
class CaptionedScene:
    """A scene `top` units below the upper edge, and the labels above and below it."""

    scene: Scene
    labels: tuple[Label, ...]
    top: float
    height: float


def make_poster(scene: Scene, position: tuple[int, int] | None = None) -> CaptionedScene:
    """Title and outcome above; formulas, what the marked window gives, and fixes below."""
    tone = _TONES[worst(scene)]
    labels = [
        Label(MARGIN, 30, scene.title, "text", 17, bold=True),
        Label(MARGIN, 53, scene.subtitle, tone, 13),
    ]
    y = _HEADER + scene.height + 16
    for text, line_tone in _lines(scene, position):
        for part in wrap(text, _CHARACTERS):
            labels.append(Label(MARGIN, y, part.strip(" ·\u00a0"), line_tone, 13))
            y += _LINE
    return CaptionedScene(scene, tuple(labels), _HEADER, y + _BOTTOM)


def fix_text(fix: Fix) -> str:
    """The change and the size that it gives, without what else it changes."""
    return say("fix.text", change=fix.change, gives=fix.gives)


def _lines(scene: Scene, position: tuple[int, int] | None) -> Iterator[tuple[str, Tone]]:
    for axis in scene.trace.axes:
        fails = axis.output_size < 1
        mark = "   ✗" if fails else ""
        formula = axis.dilation_formula
        dilated = f"   {say('picture.dilation', formula=formula)}" if formula else ""
        name = axis_word(axis.name)
        yield f"{name}  {axis.formula}{dilated}{mark}", "error" if fails else "text"
    if position is not None and scene.output is not None:
        yield window_sentence(scene, *bounded(scene, position)), "accent"
    for finding in scene.diagnosis.findings:
        yield str(finding), "muted"
    for sentence in scene.insights:
        yield sentence, "text"
    if scene.diagnosis.fixes:
        # No-break spaces keep each fix on one line.
        fixes = [fix_text(fix).replace(" ", "\u00a0") for fix in scene.diagnosis.fixes[:4]]
        yield say("picture.works", fixes="\u00a0\u00a0 · ".join(fixes)), "good"
    if scene.detail:
        yield scene.detail, "muted"
