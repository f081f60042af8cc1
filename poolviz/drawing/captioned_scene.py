"""A scene with its words around it, for `draw` and for viewers without a kernel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from textwrap import wrap

from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.layer.fixes import Fix
from poolviz.diagnosis.layer.heading import heading_of
from poolviz.diagnosis.phrases import axis_word
from poolviz.drawing.scene.captions import fitting_size
from poolviz.drawing.scene.layout import MARGIN
from poolviz.drawing.scene.picture import Label, Tone
from poolviz.drawing.scene.scene import Scene
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


_HEADING: dict[Tone, Tone] = {"error": "error", "accent": "accent"}  # else as text


def captioned(scene: Scene, position: tuple[int, int] | None = None) -> Scene:
    """Return a scene with captions: the cause and the call above; below it formulas and fixes.

    `position` is the output cell whose window is described.
    """
    tone = _TONES[scene.severity]
    heading, room = heading_of(scene.diagnosis).text, scene.width - 2 * MARGIN
    call = say("picture.call", layer=scene.title, outcome=scene.subtitle)
    captions = [
        # Bold text is about a tenth wider.
        Label(
            MARGIN,
            30,
            heading,
            _HEADING.get(tone, "text"),
            fitting_size(heading, 17, room / 1.1),
            bold=True,
        ),
        Label(MARGIN, 53, call, "muted", fitting_size(call, 13, room)),
    ]
    y = _HEADER + scene.height + 16
    for text, line_tone in _lines(scene, position):
        for part in wrap(text, _CHARACTERS):
            captions.append(Label(MARGIN, y, part.strip(" ·\u00a0"), line_tone, 13))
            y += _LINE
    return replace(
        scene,
        captions=tuple(captions),
        top=_HEADER,
        height=y + _BOTTOM,
        known_diagnosis=scene.diagnosis,
    )


def fix_text(fix: Fix) -> str:
    """Return the change and the size that it gives, without its side effects."""
    return say("fix.text", change=fix.change, gives=fix.gives)


def _lines(scene: Scene, position: tuple[int, int] | None) -> Iterator[tuple[str, Tone]]:
    """Yield the sentences below a picture, each with its tone, the most important first."""
    for axis in scene.trace.axes:
        fails = axis.output_size < 1
        mark = "   ✗" if fails else ""
        formula = axis.dilation_formula
        dilated = f"   {say('picture.dilation', formula=formula)}" if formula else ""
        name = axis_word(axis.name)
        yield f"{name}  {axis.formula}{dilated}{mark}", "error" if fails else "text"
    if position is not None and scene.output is not None and scene.trace.outcome == "ok":
        yield window_sentence(scene, *bounded(scene, position)), "accent"
    for finding in scene.diagnosis.findings:
        yield str(finding), "muted"
    for sentence in scene.overlay_texts:
        yield sentence, "text"
    if scene.diagnosis.fixes:
        # No-break spaces keep each fix on one line.
        useful = [fix for fix in scene.diagnosis.fixes if not fix.effect.is_idle]
        fixes = [fix_text(fix).replace(" ", "\u00a0") for fix in useful[:4]]
        yield say("picture.works", fixes="\u00a0\u00a0 · ".join(fixes)), "good"
    if scene.detail:
        yield scene.detail, "muted"
