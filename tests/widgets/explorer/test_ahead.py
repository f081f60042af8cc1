"""Answers computed ahead: what is sent, in which order, and what the widget is meanwhile."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.drawing.output.scene_json import picture_data
from poolviz.widgets.explorer.ahead import answers

Messages = list[tuple[dict[str, Any], dict[str, Any] | None]]

LAYERS: dict[str, Callable[[], pv.PoolExplorer]] = {
    "max": lambda: pv.PoolExplorer(10, 3),
    "broken": lambda: pv.PoolExplorer(10, 15),
    "narrow, with a task": lambda: narrow(pv.PoolExplorer(10, 3, task=pv.task(output_size=4))),
    "average in German": lambda: pv.PoolExplorer(10, 3, op="avg", language="de"),
    "volume": lambda: pv.PoolExplorer((4, 5, 6), 2, show="read counts"),
    "own values": lambda: pv.PoolExplorer(input=np.arange(36.0).reshape(6, 6), kernel_size=2),
    "convolution": lambda: pv.LayerExplorer(pv.Conv(2, 3), 6),
}


def narrow(widget: pv.PoolExplorer) -> pv.PoolExplorer:
    widget.screen = {"width": 320}
    return widget


def heard_from(widget: pv.PoolExplorer, monkeypatch: pytest.MonkeyPatch) -> Messages:
    """Collect what the widget sends besides its traits."""
    messages: Messages = []

    def send(content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        answer = json.loads(zlib.decompress(buffers[0])) if buffers else None
        messages.append((content, answer))

    monkeypatch.setattr(widget, "send", send)
    return messages


def in_a_loop(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(play())


async def until(is_done: Callable[[], bool]) -> None:
    for _ in range(2000):
        if is_done():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come")


def wish(
    widget: pv.PoolExplorer, changes: list[dict[str, Any]], number: int = 1, view: str = "a"
) -> None:
    """Send what the page sends while a control has the focus."""
    base = json.loads(json.dumps(widget.state["settings"]))
    content = {"ahead": {"view": view, "wish": number, "base": base, "changes": changes}}
    widget._handle_custom_msg(content, [])


def kernels(widget: pv.PoolExplorer, *sizes: int) -> list[dict[str, Any]]:
    axes = len(widget.state["settings"]["axes"])
    return [{"kernel_size": [size] * axes} for size in sizes]


def ask(widget: pv.PoolExplorer, change: dict[str, Any], n: str, **more: Any) -> None:
    """Send what a control sends."""
    settings = json.loads(json.dumps(widget.state["settings"]))
    widget.set_state({"asked": {"settings": {**settings, **change}, "n": n, **more}})


def without_numbers(state: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(state))
    for name in ("seq", "answers", "problem", "context", "canUndo", "canRedo", "opens"):
        plain.pop(name, None)
    return plain


@pytest.mark.parametrize("name", LAYERS)
def test_an_answer_ahead_is_the_answer_to_the_same_question(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget, other = LAYERS[name](), LAYERS[name]()
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, kernels(widget, 4, 2, 20))
        await until(lambda: len(messages) == 3)

    in_a_loop(play)
    for (head, answer), change in zip(messages, kernels(widget, 4, 2, 20), strict=True):
        assert answer is not None
        ask(other, change, str(change))
        assert without_numbers(answer["state"]) == without_numbers(other.state)
        assert answer["picture"] == json.loads(json.dumps(picture_data(other._scene)))
        assert head["ahead"]["context"] == widget.state["context"]
    assert [head["ahead"]["index"] for head, _ in messages] == [0, 1, 2]


@pytest.mark.parametrize(
    "action",
    [
        {"name": "fix", "value": 0},
        {"name": "fix", "value": 1},
        {"name": "example", "value": "textbook-3"},
        {"name": "axes", "value": 1},
    ],
    ids=str,
)
def test_so_is_that_to_an_action(action: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    widget, other = pv.PoolExplorer(10, 15), pv.PoolExplorer(10, 15)
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, [{"action": action}])
        await until(lambda: len(messages) == 1)
        widget.set_state({"asked": {"action": action, "shown": True, "n": "1"}})
        assert messages[-1][0] == {"heard": "1"}
        assert widget.state["answers"] != "1"
        await until(lambda: widget.state["answers"] == "1")

    in_a_loop(play)
    other.set_state({"asked": {"action": action, "n": "1"}})
    answer = messages[0][1]
    assert answer is not None
    assert without_numbers(answer["state"]) == without_numbers(other.state)
    assert without_numbers(widget.state) == without_numbers(other.state)
    assert widget.layer == other.layer != pv.PoolExplorer(10, 15).layer


def test_an_action_that_starts_from_other_settings_has_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    widget = pv.PoolExplorer(10, 15)
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, [{"action": {"name": "fix", "value": 0}}])
        widget.layer = pv.Pool(12)
        await asyncio.sleep(0.05)
        wish(widget, [{"action": {"name": "undo", "value": None}}, *kernels(widget, 2)], 2)
        await until(lambda: len(messages) == 1)

    in_a_loop(play)
    assert messages[0][0]["ahead"]["index"] == 1


def test_nothing_changes_by_computing_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = pv.PoolExplorer(10, 3)
    messages = heard_from(widget, monkeypatch)
    before = (widget.picture, dict(widget.state), widget.spec)

    async def play() -> None:
        wish(widget, kernels(widget, 4))
        await until(lambda: len(messages) == 1)

    in_a_loop(play)
    assert (widget.picture, dict(widget.state), widget.spec) == before


@pytest.mark.parametrize(
    "move",
    [
        lambda widget: ask(widget, {"stride": [2, 2]}, "1"),
        lambda widget: wish(widget, [], 2),
        lambda widget: widget.close(),
    ],
    ids=["a question", "a wish for nothing", "the end of the widget"],
)
def test_what_waits_is_dropped(
    move: Callable[[pv.PoolExplorer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = pv.PoolExplorer(10, 3)
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, kernels(widget, 4, 5, 6, 7))
        await until(lambda: len(messages) >= 1)
        move(widget)
        before = len(messages)
        await asyncio.sleep(0.1)
        assert [head for head, _ in messages[before:] if "ahead" in head] == []

    in_a_loop(play)


def test_a_setting_is_sent_once_to_each_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer may still be on its way when the next wish is made; a reloaded page has none."""
    widget = pv.PoolExplorer(10, 3)
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, kernels(widget, 4, 5))
        await until(lambda: len(messages) == 2)
        wish(widget, kernels(widget, 5, 4, 6), 2)
        await until(lambda: len(messages) == 3)
        wish(widget, kernels(widget, 5, 4), 1, "b")
        await until(lambda: len(messages) == 5)

    in_a_loop(play)
    names = [tuple(head["ahead"].values())[:3] for head, _ in messages]
    assert names == [("a", 1, 0), ("a", 1, 1), ("a", 2, 2), ("b", 1, 0), ("b", 1, 1)]


@pytest.mark.parametrize(("size", "most"), [(1000, 0), (224, 9)])
def test_a_large_map_is_sent_ahead_for_few_settings_or_none(
    size: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = pv.PoolExplorer(size, 3)
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, kernels(widget, *range(4, 20)))
        await until(lambda: widget._left < 0)
        await until(lambda: not widget._idle_work._waiting)

    in_a_loop(play)
    assert len(messages) == 0 if most == 0 else 3 < len(messages) <= most


def test_answers_that_would_lose_the_users_values_are_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    widget = LAYERS["own values"]()
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, [{"input_size": [7, 7]}, {"kernel_size": [3, 3]}])
        await until(lambda: len(messages) == 1)
        await asyncio.sleep(0.05)

    in_a_loop(play)
    assert [head["ahead"]["index"] for head, _ in messages] == [1]


def test_answers_in_another_context_are_sent_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = pv.PoolExplorer(10, 3)
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, kernels(widget, 4))
        await until(lambda: len(messages) == 1)
        widget.input = np.ones((10, 10))
        wish(widget, kernels(widget, 4), 2)
        await until(lambda: len(messages) == 2)

    in_a_loop(play)


def test_another_input_or_width_is_another_context() -> None:
    widget = pv.PoolExplorer(10, 3)
    contexts = [widget.state["context"]]
    widget.input = np.ones((10, 10))
    contexts.append(widget.state["context"])
    ask(widget, {"kernel_size": [2, 2]}, "1")
    assert widget.state["context"] == contexts[-1]
    widget.screen = {"width": 320}
    contexts.append(widget.state["context"])

    assert len(set(contexts)) == 3


@pytest.mark.parametrize(
    "content",
    [
        None,
        {"ahead": None},
        {"ahead": {}},
        {"ahead": {"base": 1, "changes": [{}]}},
        {"ahead": {"base": {}, "changes": 5}},
        {"ahead": {"base": {}, "changes": [3, {"kernel_size": "x"}, {}]}},
        {"ahead": {"base": {}, "changes": [{"action": None}, {"action": 3}, {"action": {}}]}},
    ],
)
def test_a_wish_that_makes_no_sense_is_ignored(
    content: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    widget = pv.PoolExplorer(10, 3)
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        widget._handle_custom_msg(content, [])
        await asyncio.sleep(0.02)

    in_a_loop(play)
    assert messages == []
    assert caplog.records == []


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(answers.SWITCH, "0")
    assert not pv.PoolExplorer(10, 3).computes_ahead
    monkeypatch.delenv(answers.SWITCH)
    widget = pv.PoolExplorer(10, 3)
    widget.computes_ahead = False
    messages = heard_from(widget, monkeypatch)

    async def play() -> None:
        wish(widget, kernels(widget, 4))
        ask(widget, {"kernel_size": [2, 2]}, "1", shown=True)
        assert widget.state["answers"] == "1"
        await asyncio.sleep(0.02)

    in_a_loop(play)
    assert messages == []


@pytest.mark.parametrize(
    ("module", "delivers"),
    [
        ("ipykernel.comm.comm", True),
        ("pyodide_kernel.comm", True),
        ("shinywidgets._comm", False),
        ("solara.server.kernel", False),
        ("marimo._plugins.ui._impl.comm", False),
        ("another_host.comm", False),
    ],
)
def test_nothing_is_computed_ahead_where_what_is_drawn_at_rest_would_not_arrive(
    module: str, delivers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = pv.PoolExplorer(10, 3)
    messages = heard_from(widget, monkeypatch)
    widget.comm.__class__ = type("Comm", (type(widget.comm),), {"__module__": module})

    async def play() -> None:
        wish(widget, kernels(widget, 4))
        await asyncio.sleep(0.02)

    in_a_loop(play)
    assert bool(messages) is delivers


# --- a setting that the page shows already -------------------------------------------------------


def test_what_is_shown_is_taken_over_at_once_and_drawn_at_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers, "REST", 0.05)
    widget = pv.PoolExplorer(10, 3)
    messages = heard_from(widget, monkeypatch)
    seen = []
    widget.observe(lambda change: seen.append(change["new"].layer.kernel_size), "spec")

    async def play() -> None:
        first = widget.picture
        for n, size in enumerate((4, 5, 6)):
            ask(widget, {"kernel_size": [size, size]}, str(n), shown=True)
            assert widget.layer.kernel_size == (size, size)
            assert widget.picture == first
        assert [head for head, _ in messages] == [{"heard": str(n)} for n in range(3)]
        await until(lambda: widget.state["answers"] == "2")

    draws = []
    draw = widget._picture_and_state
    monkeypatch.setattr(widget, "_picture_and_state", lambda: draws.append(1) or draw())
    in_a_loop(play)
    assert draws == [1]
    assert seen == [(4, 4), (5, 5), (6, 6)]
    other = pv.PoolExplorer(10, 6)
    ask(other, {"kernel_size": [6, 6], "stride": None}, "1")
    assert widget.picture == other.picture


def test_python_never_sees_an_older_setting() -> None:
    widget = pv.PoolExplorer(10, 3)

    async def play() -> None:
        ask(widget, {"kernel_size": [15, 15]}, "1", shown=True)
        assert widget.trace.axes[0].kernel_size == 15
        assert widget.diagnosis.headline.startswith("MaxPool 15×15")
        assert "15×15" in repr(widget)

    in_a_loop(play)


def test_a_rejected_question_after_it_keeps_its_reason() -> None:
    widget = pv.PoolExplorer(10, 3)

    async def play() -> None:
        ask(widget, {"kernel_size": [4, 4]}, "1", shown=True)
        ask(widget, {"kernel_size": ["x", "x"]}, "2")
        assert "'x'" in widget.state["problem"]
        assert widget.state["settings"]["kernel_size"] == [4, 4]
        await asyncio.sleep(answers.REST + 0.05)
        assert "'x'" in widget.state["problem"]

    in_a_loop(play)


def test_an_observer_that_raises_undoes_it() -> None:
    widget = pv.PoolExplorer(10, 3)

    def refuse(change: object) -> None:
        if widget.spec.layer.kernel_size == (4, 4):
            raise RuntimeError("no")

    widget.observe_internal(refuse, "spec")

    async def play() -> None:
        ask(widget, {"kernel_size": [4, 4]}, "1", shown=True)
        assert widget.layer.kernel_size == (3, 3)
        assert "RuntimeError: no" in widget.state["problem"]

    in_a_loop(play)


def test_without_an_event_loop_it_is_drawn_at_once() -> None:
    widget = pv.PoolExplorer(10, 3)
    ask(widget, {"kernel_size": [4, 4]}, "1", shown=True)

    assert widget.state["answers"] == "1"
    assert "4×4" in widget.state["title"]
