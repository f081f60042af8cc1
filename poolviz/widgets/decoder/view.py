"""The browser's part of the ErrorDecoder: the paste box and the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from poolviz.arithmetic.trace import trace
from poolviz.drawing.charts.network_diagram import NetworkDiagram, build_network_diagram
from poolviz.drawing.mpl.figure import AccessibleFigure, PngRenderer, PoolFigure, StackFigure
from poolviz.drawing.scene.captioned_scene import captioned
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.i18n.sanitize import writable
from poolviz.reading.explain import Explanation, explain
from poolviz.reading.layer_literals import read_shape
from poolviz.widgets.base.widget import StateWidget, action_of, in_turn

MOST_SENT = 1_000_000  # characters that travel to the browser; Python reads all of a longer text


class DecoderView(StateWidget):
    """Reads what is pasted, and shows what it says."""

    _entry = "decoder/decoder.js"

    explanation: Explanation = traitlets.Instance(Explanation)  # type: ignore[assignment]
    is_open: bool = traitlets.Bool(False)  # type: ignore[assignment]

    def __init__(
        self, text: str, input_shape: tuple[int, ...] | None, language: str | None = None
    ) -> None:
        self.text = _checked(text)
        self.input_shape = input_shape
        self._text_number = 1  # of the texts that Python put into the box
        self._render = PngRenderer()
        super().__init__(language, explanation=explain(text, input_shape))
        self._show()

    def take(self, text: str, input_shape: tuple[int, ...] | None) -> None:
        """Another text, put into the box."""
        _checked(text)
        self._text_number += 1
        self._read(text, input_shape)

    @in_turn
    def open_explorer(self) -> None:
        """Open what the text says in an explorer."""
        self.is_open = self._picture_is_there
        self._show()

    @in_turn
    def _read(self, text: str, input_shape: tuple[int, ...] | None) -> None:
        explanation = explain(text, input_shape)
        self.text, self.input_shape = text, input_shape
        with self.hold_trait_notifications():
            self.explanation = explanation
            self.is_open = self.is_open and self._picture_is_there
        self._show()

    @property
    def _picture_is_there(self) -> bool:
        return can_be_drawn(self.explanation)

    # --- from the browser --------------------------------------------------------------------

    def _apply_request(self, asked: dict[str, Any]) -> None:
        name, value = action_of(asked, _ACTIONS)
        _ACTIONS[name](self, value)

    def _take_pasted(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise TypeError(f"a text and a shape are needed, got {type(value).__name__}")
        text, shape = _checked(value.get("text")), str(value.get("shape") or "").strip()
        try:
            self._read(text, read_shape(shape) if shape else None)
        except ValueError:
            if text != self.text:  # it is read all the same: only its shape is none
                self._read(text, None)
            raise

    def _open_or_close(self, value: Any) -> None:
        self.is_open = bool(value) and self._picture_is_there
        self._show()

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_words(self) -> tuple[bytes, dict[str, Any]]:
        scene = scene_of(self.explanation)
        state = state_of(self.text, self.input_shape, self.explanation, scene)
        told = {"textNumber": self._text_number, "isOpen": self.is_open}
        return self._picture(scene), {**state, **told}

    def _picture(self, scene: Scene | NetworkDiagram | None) -> bytes:
        """Empty where there is none."""
        return b"" if scene is None else self._render(scene, *self._theme_and_ratio())


_ACTIONS: dict[str, Callable[[DecoderView, Any], None]] = {
    "read": DecoderView._take_pasted,
    "open": DecoderView._open_or_close,
}


def figure_of(explanation: Explanation) -> AccessibleFigure | None:
    """The picture with its words, for viewers without a kernel."""
    scene = scene_of(explanation, with_words=True)
    if isinstance(scene, NetworkDiagram):
        return StackFigure(scene)
    return None if scene is None else PoolFigure(captioned(scene))


def scene_of(explanation: Explanation, with_words: bool = False) -> Scene | NetworkDiagram | None:
    """The picture of what was understood, a network's or a layer's; None for neither."""
    if explanation.stack is not None:
        return build_network_diagram(explanation.stack, with_words)
    if explanation.drawable is None:
        return None
    layer, sizes, _ = explanation.drawable
    return build_scene(trace(layer, sizes), None, View(fits=True))


def can_be_drawn(explanation: Explanation) -> bool:
    """Is there a network or a layer to open?"""
    return explanation.stack is not None or explanation.drawable is not None


def state_of(
    text: str,
    input_shape: tuple[int, ...] | None,
    said: Explanation,
    scene: Scene | NetworkDiagram | None,
) -> dict[str, Any]:
    """All that the browser says about a text; without a picture its size is 0."""
    is_empty = not text.strip()
    return {
        "text": writable(text if len(text) <= MOST_SENT else text[:MOST_SENT] + "…"),
        "shape": "" if input_shape is None else ", ".join(map(str, input_shape)),
        "asksShape": said.needs_input is not None or input_shape is not None,
        "title": "" if is_empty else said.title,
        "level": _level(said),
        "sentences": [] if is_empty else list(said.sentences),
        "fixes": [{"text": text, "code": code} for text, code in said.fixes],
        "quoted": "" if said.message is None else said.message.message,
        "canOpen": can_be_drawn(said),
        "alt": "" if scene is None else scene.alt,
        "width": 0 if scene is None else scene.width,
        "height": 0 if scene is None else scene.height,
        "detail": "" if scene is None or said.drawable is None else str(said.drawable[2]),
    }


def _level(explanation: Explanation) -> str:
    if explanation.stack is not None and explanation.stack.ok:
        return "ok"
    is_known = explanation.stack is not None or explanation.message is not None
    return "error" if is_known else "silent"


def _checked(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    return text
