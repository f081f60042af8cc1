"""An ErrorDecoder without a kernel: the answer to its text, and the explorer that it opens."""

from __future__ import annotations

from poolviz.arithmetic.call import trace
from poolviz.i18n.catalogue import language
from poolviz.reading.explain import Explanation
from poolviz.widgets.decoder.state import line_of, scene_of, state_of
from poolviz.widgets.explorer.page import record_explorer
from poolviz.widgets.explorer.ranges import few
from poolviz.widgets.explorer.spec.spec import spec_of_trace
from poolviz.widgets.page.phrases import note
from poolviz.widgets.page.recording import Recorded, Recording, Shown, shown
from poolviz.widgets.stack.page import record_stack
from poolviz.widgets.stack.state import first_to_look_at

CLOSED = "closed"


def record_decoder(
    text: str, input_shape: tuple[int, ...] | None, explanation: Explanation, *, is_open: bool
) -> Recording:
    """Record the text with its answer, and below it what "open in explorer" opens."""
    below = _record_below(explanation)
    kinds = ("decoder", *below.kinds) if below else ("decoder",)
    recording = Recording(
        kinds,
        note("decoded"),
        below.refusal if below else note("only_shown"),
        frozenset(view + 1 for view in below.takes_settings) if below else frozenset(),
    )
    nothing = (None,) * (len(kinds) - 1)
    closed = Recorded((_answer(text, input_shape, explanation, is_open=False), *nothing))
    recording.nodes[CLOSED] = closed
    if below is None:
        return recording
    first = next(iter(below.nodes))
    closed.lead(0, "open", True, first)
    answer = _answer(text, input_shape, explanation, is_open=True)
    for key, node in below.nodes.items():
        opened = Recorded((answer, *node.views), {v + 1: goes for v, goes in node.goes.items()})
        opened.lead(0, "open", False, CLOSED)
        recording.nodes[key] = opened
    if is_open:  # the page opens with what the widget shows
        recording.nodes = {first: recording.nodes.pop(first), **recording.nodes}
    return recording


def _record_below(explanation: Explanation) -> Recording | None:
    if explanation.stack is not None:
        return record_stack(explanation.stack, first_to_look_at(explanation.stack))
    if explanation.drawable is None:
        return None
    layer, sizes, _ = explanation.drawable
    spec = spec_of_trace(trace(layer, sizes))
    return record_explorer(spec, few(spec))


def _answer(
    text: str, input_shape: tuple[int, ...] | None, explanation: Explanation, *, is_open: bool
) -> Shown:
    scene = scene_of(explanation)
    state = state_of(text, input_shape, explanation, scene)
    line = line_of(text, input_shape, is_open, language())
    own = {"textNumber": 1, "isOpen": is_open, "isStored": True, "opens": line}
    return shown({**state, **own}, scene)
