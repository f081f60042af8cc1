"""A StackExplorer without a kernel: every layer can be chosen, every fix tried and undone."""

from __future__ import annotations

from collections.abc import Iterator

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.diagnosis.network.stack import Stack
from poolviz.drawing.charts.network_diagram import build_network_diagram
from poolviz.i18n.catalogue import language, say
from poolviz.widgets.explorer.page import show_explorer
from poolviz.widgets.explorer.spec.spec import spec_of_trace
from poolviz.widgets.explorer.state import scene_of
from poolviz.widgets.page.phrases import note as page_note
from poolviz.widgets.page.recording import Recorded, Recording, Shown, shown
from poolviz.widgets.stack.code import line_of
from poolviz.widgets.stack.state import (
    SLOT_HEIGHT,
    SLOT_WIDTH,
    entry_of,
    first_to_look_at,
    shown_below,
    state_of,
)

MOST_NODES = 600  # beyond, a fix shows only the layer that is chosen first

Key = tuple[int, int | None]  # number of the stack (0 is the present one), chosen row


def record_stack(stack: Stack, chosen: int | None) -> Recording:
    """Record the present stack and its repaired versions, with each of their layers chosen."""
    stacks = [stack, *(fix.stack for fix in stack.fixes)]
    recording = Recording(("stack", "explorer"), page_note("layers"), page_note("only_shown"))
    for key in _keys(stacks, chosen):
        recording.nodes[key] = _node(stacks, key, chosen)
    return recording


def _keys(stacks: list[Stack], chosen: int | None) -> Iterator[Key]:
    """Yield each stack with the layer that is chosen first, then with every other layer."""
    total = sum(len(_rows(stack)) for stack in stacks)
    for number, stack in enumerate(stacks):
        first = _chosen_in(stack, chosen)
        yield number, first
        if number == 0 or total <= MOST_NODES:
            yield from ((number, index) for index in _rows(stack) if index != first)


def _rows(stack: Stack) -> list[int]:
    failure = stack.walk.failure
    found = [row.index for row in stack.rows if entry_of(stack, row.index) is not None]
    return found if failure is None else sorted({*found, failure.index})


def _chosen_in(stack: Stack, chosen: int | None) -> int | None:
    """Return the layer that is chosen after a change to another stack."""
    return chosen if entry_of(stack, chosen) is not None else first_to_look_at(stack)


def _node(stacks: list[Stack], key: Key, chosen: int | None) -> Recorded:
    number, index = key
    stack = stacks[number]
    below, note = shown_below(stack, index)
    node = Recorded((_show(stack, index, note, number > 0), None))
    if below is not None:
        spec = spec_of_trace(below)
        scene = scene_of(spec, SLOT_WIDTH, height=SLOT_HEIGHT)
        explorer = show_explorer(spec, scene, {}, why_fixed=say("page.layer_stays"))
        node.views = (node.views[0], explorer)
    for other in _rows(stack):
        node.lead(0, "choose", other, (number, other))
    if number == 0:
        for i, fix in enumerate(stack.fixes):
            node.lead(0, "fix", i, (i + 1, _chosen_in(fix.stack, index)))
    return node


def _show(stack: Stack, chosen: int | None, note: str, is_fixed: bool) -> Shown:
    diagram = build_network_diagram(stack)
    network = state_of(diagram, chosen)
    state = {
        **network,
        "frameworks": [[stack.framework, FRAMEWORKS[stack.framework].title]],
        "dataFormats": [[stack.data_format, stack.data_format]],
        "fixes": [{**fix, "applies": not is_fixed} for fix in network["fixes"]],
        "note": say(f"control.below.{note}") if note else "",
        "opens": line_of(stack, chosen, language()),
        "isStored": True,
    }
    return shown(state, diagram)
