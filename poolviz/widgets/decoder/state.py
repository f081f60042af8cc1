"""The state of an ErrorDecoder for a text."""

from __future__ import annotations

from poolviz.arithmetic.call import trace
from poolviz.drawing.captioned_scene import captioned
from poolviz.drawing.charts.network_diagram import WIDTH, NetworkDiagram, build_network_diagram
from poolviz.drawing.mpl.figure import AccessibleFigure, PoolFigure, StackFigure
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.i18n.catalogue import language_argument, say
from poolviz.i18n.html import bullets, fix_list, quoted
from poolviz.i18n.sanitize import writable
from poolviz.reading.explain import Explanation
from poolviz.widgets.base.wire import AnswerState

SLOT_WIDTH, SLOT_HEIGHT = 580.0, 240.0  # of the picture, beside the text
MOST_SENT = 1_000_000  # characters sent to the browser; Python reads all of a longer text


def figure_of(explanation: Explanation) -> AccessibleFigure | None:
    """Return the picture with its words, for viewers without a kernel."""
    scene = scene_of(explanation, with_words=True)
    if isinstance(scene, NetworkDiagram):
        return StackFigure(scene)
    return None if scene is None else PoolFigure(captioned(scene))


def scene_of(explanation: Explanation, with_words: bool = False) -> Scene | NetworkDiagram | None:
    """Return the picture of the network or the layer that was understood; None for neither."""
    if explanation.stack is not None:
        width = WIDTH if with_words else SLOT_WIDTH
        return build_network_diagram(explanation.stack, with_words, width)
    if explanation.drawable is None:
        return None
    layer, sizes, _ = explanation.drawable
    view = View(fits=True) if with_words else View(SLOT_WIDTH, SLOT_HEIGHT, fits=True)
    return build_scene(trace(layer, sizes), None, view)


def can_be_drawn(explanation: Explanation) -> bool:
    """Return whether there is a network or a layer to open."""
    return explanation.stack is not None or explanation.drawable is not None


def state_of(
    text: str,
    input_shape: tuple[int, ...] | None,
    explanation: Explanation,
    scene: Scene | NetworkDiagram | None,
) -> AnswerState:
    """Return everything the browser shows of a text; without a picture its size is 0."""
    is_empty = not text.strip()
    return {
        "text": writable(text if len(text) <= MOST_SENT else text[:MOST_SENT] + "…"),
        "shape": "" if input_shape is None else ", ".join(map(str, input_shape)),
        "asksShape": explanation.needs_input is not None or input_shape is not None,
        "verdict": "" if is_empty else explanation.verdict,
        "title": "" if is_empty else explanation.place,
        "level": _level(explanation),
        "sentences": [] if is_empty else list(explanation.sentences),
        "fixesTitle": explanation.fixes_title,
        "fixes": [{"text": text, "code": code} for text, code in explanation.fixes],
        "quoted": "" if explanation.message is None else explanation.message.message,
        "canOpen": can_be_drawn(explanation),
        "alt": "" if scene is None else scene.alt,
        "width": 0 if scene is None else scene.width,
        "height": 0 if scene is None else scene.height,
        "detail": ""
        if scene is None or explanation.drawable is None
        else str(explanation.drawable[2]),
    }


def line_of(text: str, input_shape: tuple[int, ...] | None, is_open: bool, language: str) -> str:
    """Return the line that opens a text.

    >>> line_of("a\\nb", (1, 28, 28), True, "en")
    "pv.ErrorDecoder('a\\\\nb', input_shape=(1, 28, 28), is_open=True)"
    """
    parts = [repr(text)]
    if input_shape is not None:
        parts.append(f"input_shape={input_shape}")
    if is_open:
        parts.append("is_open=True")
    return f"pv.ErrorDecoder({', '.join([*parts, *language_argument(language)])})"


def _level(explanation: Explanation) -> str:
    if explanation.stack is not None and explanation.stack.first_failure is None:
        return "ok" if explanation.stack.ok else "silent"
    is_known = explanation.stack is not None or explanation.message is not None
    return "error" if is_known else "silent"


def decoder_html(state: AnswerState) -> str:
    """Return what was understood, what helps, and the text itself."""
    fixes = ((fix["text"], fix["code"]) for fix in state["fixes"])
    return "\n".join(
        (
            bullets(state["sentences"]),
            fix_list(state["fixesTitle"], fixes),
            quoted(say("browser.decoder.message"), state["quoted"]),
            quoted(say("page.pasted"), state["text"]),
        )
    )
