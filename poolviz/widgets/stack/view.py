"""The browser's part of the StackExplorer: funnel, table, fixes and the editor of one layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import traitlets

from poolviz.arithmetic.frameworks.base import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.network.forward import Failure, Row
from poolviz.diagnosis.network.candidate_fixes import bare
from poolviz.diagnosis.network.phrases import layer_label
from poolviz.diagnosis.network.stack import DATA_FORMATS, Stack
from poolviz.diagnosis.network.table import lines, titles
from poolviz.drawing.charts.network_diagram import NetworkDiagram, build_network_diagram, scale_note
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import phrase
from poolviz.reading.layer_literals import read_layers, read_shape
from poolviz.widgets.base.widget import StateWidget, action_of, in_turn

MOST_ROWS = 300  # of the table; of longer stacks the two ends
MOST_UNDONE = 100


class StackView(StateWidget):
    """Shows one stack and the layer that is looked at; every change can be undone."""

    _entry = "stack/stack.js"

    stack: Stack = traitlets.Instance(Stack)  # type: ignore[assignment]
    chosen: int | None = traitlets.Int(None, allow_none=True)  # type: ignore[assignment]
    note: str = traitlets.Unicode()  # type: ignore[assignment]  # about what is shown below

    def __init__(self, stack: Stack, language: str | None = None) -> None:
        self._before: list[Stack] = []
        self._gesture: object = None
        self._render = PngRenderer()
        super().__init__(language, stack=stack, chosen=first_to_look_at(stack))
        self._show()

    @traitlets.observe("note")
    def _say_note(self, change: dict[str, Any]) -> None:
        if self.state:
            self._tell({**self.state, "note": self.note})

    # --- what may be looked at ---------------------------------------------------------------

    def entry(self, index: int) -> Row | Failure | None:
        """The row of a layer, or the layer that fails."""
        return entry_of(self.stack, index)

    # --- changes -----------------------------------------------------------------------------

    def become(self, stack: Stack, gesture: object = None) -> None:
        """Another stack; the one before can be had back.

        Changes of one gesture (a slider that is dragged) are undone together.
        """
        if gesture is None or gesture != self._gesture:
            self._set(stack, [*self._before, self.stack][-MOST_UNDONE:])
        else:
            self._set(stack, self._before)
        self._gesture = gesture

    @in_turn
    def _set(self, stack: Stack, history: list[Stack]) -> None:
        before = self.stack, self.chosen, self._before
        try:
            self._before = history
            with self.hold_trait_notifications():
                self.stack = stack
                self.chosen = self._within(self.chosen)
            self._show()
        except Exception:
            self.stack, self.chosen, self._before = before
            raise

    def _within(self, chosen: int | None) -> int | None:
        if chosen is not None and self.entry(chosen) is not None:
            return chosen
        return first_to_look_at(self.stack)

    def replace_chosen(self, *new: Layer, gesture: object = None) -> None:
        """The layer that is looked at replaced; the rest of the stack stays."""
        entry = None if self.chosen is None else self.entry(self.chosen)
        if entry is None:
            raise ValueError(phrase("control.no_layer_chosen"))
        network = self.stack.network.replaced(entry.path, *new)
        source = self.stack.source
        if source is not None and len(new) != 1:  # the places of the later layers moved
            source = replace(source, lines={})
        self.become(replace(self.stack, layers=network.layers, source=source), gesture)

    @in_turn
    def choose(self, index: Any) -> None:
        """Look at another layer."""
        if isinstance(index, bool) or not isinstance(index, int) or self.entry(index) is None:
            raise ValueError(f"there is no layer number {index}")
        self.chosen = index
        self._show()

    # --- from the browser --------------------------------------------------------------------

    def _apply_request(self, asked: dict[str, Any]) -> None:
        name, value = action_of(asked, _ACTIONS)
        _ACTIONS[name](self, value)

    def _take_input(self, text: Any) -> None:
        self.become(replace(self.stack, input_shape=read_shape(_text(text))))

    def _take_layer(self, text: Any) -> None:
        self.replace_chosen(*read_layers(_text(text)))

    def _fix(self, index: Any) -> None:
        fixes = self.stack.fixes
        if not isinstance(index, int) or not 0 <= index < len(fixes):
            raise ValueError(f"there is no fix number {index}")
        self.become(fixes[index].stack)

    def _undo(self, value: Any) -> None:
        if not self._before:
            raise ValueError(phrase("control.nothing_to_undo"))
        *history, last = self._before
        self._set(last, history)
        self._gesture = None

    def _take_framework(self, name: Any) -> None:
        self.become(replace(self.stack, framework=_text(name)))

    def _take_data_format(self, name: Any) -> None:
        self.become(replace(self.stack, data_format=_text(name)))

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_words(self) -> tuple[bytes, dict[str, Any]]:
        diagram = build_network_diagram(self.stack)
        picture = self._render(diagram, *self._theme_and_ratio())
        told = {"note": self.note, "canUndo": bool(self._before)}
        return picture, {**state_of(diagram, self.chosen), **told}


_ACTIONS: dict[str, Callable[[StackView, Any], None]] = {
    "choose": StackView.choose,
    "input": StackView._take_input,
    "layer": StackView._take_layer,
    "fix": StackView._fix,
    "undo": StackView._undo,
    "framework": StackView._take_framework,
    "data_format": StackView._take_data_format,
}


def entry_of(stack: Stack, index: int | None) -> Row | Failure | None:
    """The row of a layer, or the layer that fails."""
    walk = stack.walk
    if walk.failure is not None and walk.failure.index == index:
        return walk.failure
    return walk.rows[index] if index is not None and 0 <= index < len(walk.rows) else None


def state_of(diagram: NetworkDiagram, chosen: int | None) -> dict[str, Any]:
    """All that the browser says about a stack and the layer that is looked at."""
    stack = diagram.stack
    return {**_words(stack), **_picture(diagram), **_chosen_words(stack, chosen)}


def _chosen_words(stack: Stack, chosen: int | None) -> dict[str, Any]:
    entry = entry_of(stack, chosen)
    if entry is None:
        return {"chosen": None, "chosenLabel": "", "layerText": "", "line": ""}
    label = layer_label(entry.index, entry.layer, entry.name, len(entry.input_size))
    return {
        "chosen": entry.index,
        "chosenLabel": label,
        "layerText": repr(bare(entry.layer)),
        "line": _line_of(stack, entry),
    }


def first_to_look_at(stack: Stack) -> int | None:
    """The layer that fails; else the last one with windows; else the last."""
    if stack.walk.failure is not None:
        return stack.walk.failure.index
    with_windows = [row.index for row in stack.rows if row.window is not None]
    if with_windows:
        return with_windows[-1]
    return len(stack.rows) - 1 if stack.rows else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is needed, got {type(value).__name__}")
    return value


def _line_of(stack: Stack, entry: Row | Failure) -> str:
    """Where the layer stands in the code that the stack was read from."""
    line = stack.source.lines.get(entry.path) if stack.source is not None else None
    return "" if line is None else say("control.line", line=line)


def _words(stack: Stack) -> dict[str, Any]:
    said = stack.diagnosis
    found = lines(stack.rows, stack.walk.failure, stack.layers_after, MOST_ROWS)
    least = stack.minimum_input_size
    return {
        "title": said.headline,
        "level": _level(stack),
        "input": ", ".join(map(str, stack.input_shape)),
        "framework": stack.framework,
        "frameworks": [[name, rules.title] for name, rules in FRAMEWORKS.items()],
        "dataFormat": stack.data_format,
        "dataFormats": [[name, name] for name in DATA_FORMATS],
        "findings": [{"severity": one.severity.value, "text": str(one)} for one in said.findings]
        + [{"severity": "note", "text": text} for text in said.input_texts()]
        + [{"severity": "silent", "text": one.sentence} for one in stack.not_read],
        "hasMinimum": least is not None,
        "fixes": [{"text": fix.text, "code": fix.code} for fix in stack.fixes],
        "says": (stack.first_failure.says or "") if stack.first_failure else "",
        "columns": list(titles()),
        "rows": [
            {
                "index": int(line.cells[0]) if line.cells[0] else None,
                "cells": list(line.cells),
                "note": line.note,
                "fails": line.is_failure,
            }
            for line in found
        ],
    }


def _level(stack: Stack) -> str:
    failure = stack.walk.failure
    if failure is None:
        return "ok"
    return "silent" if failure.problem.is_silent else "error"


def _picture(diagram: NetworkDiagram) -> dict[str, Any]:
    return {
        "alt": diagram.alt,
        "detail": scale_note(),
        "width": diagram.width,
        "height": diagram.height,
        "places": [
            {"box": list(place.rect), "first": place.first, "last": place.last}
            for place in diagram.places
        ],
    }
