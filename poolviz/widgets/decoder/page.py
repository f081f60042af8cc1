"""An ErrorDecoder without a kernel: the answer to its text, and the explorer that it opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from poolviz.widgets.decoder.view import scene_of, state_of
from poolviz.widgets.decoder.widget import ErrorDecoder
from poolviz.widgets.explorer.page import record_explorer
from poolviz.widgets.explorer.widget import PoolExplorer
from poolviz.widgets.page.phrases import note
from poolviz.widgets.page.ranges import few, given
from poolviz.widgets.page.recording import Node, Recording, Shown, shown
from poolviz.widgets.stack.page import record_network
from poolviz.widgets.stack.view import first_to_look_at

CLOSED = "closed"


def record_decoder(widget: ErrorDecoder, asked: Mapping[str, Any]) -> Recording:
    """The text with its answer, and below it what "open in explorer" opens."""
    below = _record_below(widget, asked)
    kinds = ("decoder", *below.kinds) if below else ("decoder",)
    recording = Recording(
        kinds,
        note("decoded"),
        below.refusal if below else note("only_shown"),
        frozenset(view + 1 for view in below.takes_settings) if below else frozenset(),
    )
    nothing = (None,) * (len(kinds) - 1)
    recording.nodes[CLOSED] = Node((_answer(widget, is_open=False), *nothing))
    if below is None:
        return recording
    first = next(iter(below.nodes))
    recording.nodes[CLOSED].lead(0, "open", True, first)
    answer = _answer(widget, is_open=True)
    for key, node in below.nodes.items():
        opened = Node((answer, *node.views), {v + 1: goes for v, goes in node.goes.items()})
        opened.lead(0, "open", False, CLOSED)
        recording.nodes[key] = opened
    if widget.view.is_open:  # the page opens as the widget stands
        recording.nodes = {first: recording.nodes.pop(first), **recording.nodes}
    return recording


def _record_below(widget: ErrorDecoder, asked: Mapping[str, Any]) -> Recording | None:
    said = widget.explanation
    if said.stack is not None:
        return record_network(said.stack, first_to_look_at(said.stack))
    if said.drawable is None:
        return None
    layer, sizes, _ = said.drawable
    explorer = PoolExplorer(sizes, layer=layer)
    try:
        return record_explorer(explorer, {**few(explorer.spec), **given(asked)})
    finally:
        explorer.close()


def _answer(widget: ErrorDecoder, *, is_open: bool) -> Shown:
    said = widget.explanation
    scene = scene_of(said)
    state = state_of(widget.text, widget.input_shape, said, scene)
    return shown({**state, "textNumber": 1, "isOpen": is_open, "isStored": True}, scene)
