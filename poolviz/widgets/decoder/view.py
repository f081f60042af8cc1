"""The browser view of an ErrorDecoder: the paste box and the answer."""

from __future__ import annotations

from typing import ClassVar

import traitlets

from poolviz.drawing.charts.network_diagram import NetworkDiagram
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.drawing.scene.scene import Scene
from poolviz.reading.explain import Explanation, explain
from poolviz.reading.layer_literals import read_shape
from poolviz.widgets.base.history import History, UndoableMixin
from poolviz.widgets.base.widget import StateWidget, synchronized
from poolviz.widgets.base.wire import DecoderState
from poolviz.widgets.decoder.state import can_be_drawn, line_of, scene_of, state_of

Moment = tuple[str, tuple[int, ...] | None, bool]  # text, input shape, whether the explorer is open


class DecoderView(UndoableMixin[Moment], StateWidget):
    """Reads a pasted text, and shows what was understood."""

    _entry = "widgets/decoder/decoder.js"

    explanation: Explanation = traitlets.Instance(Explanation)  # type: ignore[assignment]
    is_open: bool = traitlets.Bool(False)  # type: ignore[assignment]

    def __init__(
        self,
        text: str,
        input_shape: tuple[int, ...] | None,
        language: str | None = None,
        *,
        is_open: bool = False,
    ) -> None:
        self.text = _checked(text)
        self.input_shape = input_shape
        self._history = History()
        self._text_number = 1  # of the texts that Python set
        self._render = PngRenderer()
        explanation = explain(text, input_shape)
        is_open = bool(is_open) and can_be_drawn(explanation)
        super().__init__(language, explanation=explanation, is_open=is_open)
        self._show()

    def take(self, text: str, input_shape: tuple[int, ...] | None) -> None:
        """Put another text into the box."""
        _checked(text)
        self._text_number += 1
        self._read(text, input_shape)

    @synchronized
    def open_explorer(self) -> None:
        """Open the network or layer of the text in an explorer."""
        self._open_or_close(True)

    @synchronized
    def _read(self, text: str, input_shape: tuple[int, ...] | None) -> None:
        explanation = explain(text, input_shape)
        if (text, input_shape) != (self.text, self.input_shape):
            self._history.note(self._moment(), None)
        self._show_read(text, input_shape, explanation, self.is_open)

    def _moment(self) -> Moment:
        return self.text, self.input_shape, self.is_open

    @synchronized
    def _return_to(self, moment: Moment) -> None:
        text, shape, is_open = moment
        self._text_number += 1  # it replaces what is typed
        self._show_read(text, shape, explain(text, shape), is_open)

    @property
    def code(self) -> str:
        """The line of Python that opens what is shown."""
        return line_of(self.text, self.input_shape, self.is_open, self.language)

    def _show_read(
        self, text: str, shape: tuple[int, ...] | None, explanation: Explanation, is_open: bool
    ) -> None:
        self.text, self.input_shape = text, shape
        with self.hold_trait_notifications():
            self.explanation = explanation
            self.is_open = is_open and self._picture_is_there
        self._show()

    @property
    def _picture_is_there(self) -> bool:
        return can_be_drawn(self.explanation)

    # --- from the browser --------------------------------------------------------------------

    def _take_pasted(self, value: object) -> None:
        if not isinstance(value, dict):
            raise TypeError(f"a text and a shape are needed, got {type(value).__name__}")
        text, shape = _checked(value.get("text")), str(value.get("shape") or "").strip()
        try:
            self._read(text, read_shape(shape) if shape else None)
        except ValueError:
            if text != self.text:  # read the text anyway; only the shape is wrong
                self._read(text, None)
            raise

    def _open_or_close(self, value: object) -> None:
        before, is_open = self._moment(), bool(value) and self._picture_is_there
        if is_open != self.is_open:
            self._history.note(before, None)
        self.is_open = is_open
        self._show()

    _actions: ClassVar = {
        **UndoableMixin._undo_actions,
        "read": _take_pasted,
        "open": _open_or_close,
    }

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_state(self) -> tuple[bytes, DecoderState]:
        scene = scene_of(self.explanation)
        answer = state_of(self.text, self.input_shape, self.explanation, scene)
        state: DecoderState = {
            **answer,
            "textNumber": self._text_number,
            "isOpen": self.is_open,
        }
        return self._picture(scene), state

    def _picture(self, scene: Scene | NetworkDiagram | None) -> bytes:
        """Return the PNG; empty if there is no picture."""
        return b"" if scene is None else self._render(scene, *self._theme_and_ratio())


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    return text
