"""The browser view of a StackExplorer: diagram, table, fixes and the text of one layer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import replace
from typing import ClassVar

import traitlets

from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.network.forward import Failure, Row
from poolviz.diagnosis.network.stack import Stack
from poolviz.drawing.charts.network_diagram import build_network_diagram
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.i18n.phrase import phrase
from poolviz.reading.layer_literals import read_layers, read_shape
from poolviz.widgets.base.history import History, UndoableMixin
from poolviz.widgets.base.widget import StateWidget, synchronized
from poolviz.widgets.base.wire import StackState
from poolviz.widgets.stack.code import line_of
from poolviz.widgets.stack.state import entry_of, first_to_look_at, state_of

Moment = tuple[Stack, int | None]  # the stack and its chosen layer


class StackView(UndoableMixin[Moment], StateWidget):
    """Shows one stack and its chosen layer; every change can be undone."""

    _entry = "widgets/stack/stack.js"

    stack: Stack = traitlets.Instance(Stack)  # type: ignore[assignment]
    chosen: int | None = traitlets.Int(None, allow_none=True)  # type: ignore[assignment]
    note: str = traitlets.Unicode()  # type: ignore[assignment]  # about the explorer below

    def __init__(self, stack: Stack, language: str | None = None, row: int | None = None) -> None:
        self._history = History()
        self._render = PngRenderer()
        if row is not None and entry_of(stack, row) is None:
            raise ValueError(f"there is no layer number {row}")
        chosen = first_to_look_at(stack) if row is None else row
        super().__init__(language, stack=stack, chosen=chosen)
        self._show()

    @traitlets.observe("note")
    def _send_note(self, change: object) -> None:
        if self.state:
            self._publish({**self.state, "note": self.note})

    def entry(self, index: int) -> Row | Failure | None:
        """Return the row of a layer, or the failure if it is the layer that fails."""
        return entry_of(self.stack, index)

    # --- changes -----------------------------------------------------------------------------

    def become(self, stack: Stack, gesture: Hashable = None) -> None:
        """Show another stack; changes of one gesture (a dragged slider) are undone together."""
        before = self._moment()
        self._set(stack, self.chosen, lambda: self._history.note(before, gesture))

    @synchronized
    def _set(
        self, stack: Stack, chosen: int | None, note: Callable[[], None] = lambda: None
    ) -> None:
        before, history = self._moment(), copy(self._history)
        try:
            note()
            with self.hold_trait_notifications():
                self.stack = stack
                self.chosen = self._within(chosen)
            self._show()
        except Exception:
            (self.stack, self.chosen), self._history = before, history
            raise

    def _moment(self) -> Moment:
        return self.stack, self.chosen

    def _return_to(self, moment: Moment) -> None:
        self._set(*moment)

    @property
    def code(self) -> str:
        """The line of Python that opens what is shown."""
        return line_of(self.stack, self.chosen, self.language)

    def _within(self, chosen: int | None) -> int | None:
        if chosen is not None and self.entry(chosen) is not None:
            return chosen
        return first_to_look_at(self.stack)

    def replace_chosen(self, *new: Layer, gesture: Hashable = None) -> None:
        """Replace the chosen layer by `new` layers."""
        entry = None if self.chosen is None else self.entry(self.chosen)
        if entry is None:
            raise ValueError(phrase("control.no_layer_chosen"))
        network = self.stack.network.replaced(entry.path, *new)
        source = self.stack.source
        if source is not None and len(new) != 1:  # the later layers have moved
            source = replace(source, lines={})
        self.become(replace(self.stack, layers=network.layers, source=source), gesture)

    @synchronized
    def choose(self, index: object) -> None:
        """Choose another layer."""
        if isinstance(index, bool) or not isinstance(index, int) or self.entry(index) is None:
            raise ValueError(f"there is no layer number {index}")
        if index != self.chosen:
            self._history.note(self._moment(), "choose")  # a walk through the layers is one step
        self.chosen = index
        self._show()

    # --- from the browser --------------------------------------------------------------------

    def _take_input(self, text: object) -> None:
        self.become(replace(self.stack, input_shape=read_shape(_text(text))))

    def _take_layer(self, text: object) -> None:
        self.replace_chosen(*read_layers(_text(text)))

    def _fix(self, index: object) -> None:
        fixes = self.stack.fixes
        if not isinstance(index, int) or not 0 <= index < len(fixes):
            raise ValueError(f"there is no fix number {index}")
        self.become(fixes[index].stack)

    def _take_framework(self, name: object) -> None:
        self.become(replace(self.stack, framework=_text(name)))

    def _take_data_format(self, name: object) -> None:
        self.become(replace(self.stack, data_format=_text(name)))

    _actions: ClassVar = {
        **UndoableMixin._undo_actions,
        "choose": choose,
        "input": _take_input,
        "layer": _take_layer,
        "fix": _fix,
        "framework": _take_framework,
        "data_format": _take_data_format,
    }

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_state(self) -> tuple[bytes, StackState]:
        diagram = build_network_diagram(self.stack)
        picture = self._render(diagram, *self._theme_and_ratio())
        network = state_of(diagram, self.chosen)
        return picture, {**network, "note": self.note}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is needed, got {type(value).__name__}")
    return value
