"""A user's code at a widget: what it raises stops nothing; two threads change one widget."""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

import poolviz as pv

STACK = pv.Stack([pv.Pool(2), pv.Pool(2)], (9, 9, 1), framework="keras")
# Makes a widget's view → what the browser asks it for.
VIEWS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "PoolExplorer": (lambda: pv.PoolExplorer(10, 15), {"name": "fix", "value": 0}),
    "StackExplorer": (lambda: pv.StackExplorer(STACK).view, {"name": "framework", "value": "jax"}),
    "ErrorDecoder": (
        lambda: pv.ErrorDecoder("good morning").view,
        {"name": "read", "value": {"text": "subtracting 2 from 1 for 'p/MaxPool'"}},
    ),
    "SizeMap": (lambda: pv.SizeMap(10, 3).view, {"name": "y", "value": "padding"}),
    "FrameworkComparison": (
        lambda: pv.FrameworkComparison(10, 3).view,
        {"name": "framework", "value": "jax"},
    ),
    "ExerciseCard": (lambda: pv.ExerciseCard("size-plain", seed=5), {"name": "hint"}),
}


def broken(change: Any) -> None:
    raise ZeroDivisionError("a reader's own slip")


@pytest.mark.parametrize("name", VIEWS)
def test_an_observer_that_raises_stops_nothing(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """The state is the one of a widget without it, and the log says who raised, and what."""
    make, action = VIEWS[name]
    watched, plain = make(), make()
    watched.observe(broken, "state")
    for view in (plain, watched):
        view.set_state({"asked": {"action": action, "n": "a"}})

    assert watched.state["answers"] == "a"
    assert watched.state["problem"] == ""
    assert (
        watched.state["title" if "title" in plain.state else "hint"]
        == (plain.state["title" if "title" in plain.state else "hint"])
    )
    assert watched.picture == plain.picture
    assert "broken, which observes 'state', raised" in caplog.text
    assert "ZeroDivisionError: a reader's own slip" in caplog.text


def test_what_is_assigned_is_shown_too(caplog: pytest.LogCaptureFixture) -> None:
    """And what is beside the explorer follows, though the user's observer came first."""
    explorer = pv.PoolExplorer(10, 3)
    explorer.observe(broken, ["state", "position"])
    beside = pv.SizeMap(explorer=explorer)
    explorer.layer = pv.Pool(4)
    explorer.position = [1, 1]

    assert explorer.state["title"].startswith("MaxPool 4×4")
    assert "kernel_size 4" in beside.view.chart.alt
    assert caplog.text.count("ZeroDivisionError: a reader's own slip") >= 2


def test_an_observer_can_be_taken_away(caplog: pytest.LogCaptureFixture) -> None:
    explorer = pv.PoolExplorer(10, 3)
    explorer.observe(broken, "state")
    explorer.unobserve(broken, "state")
    explorer.layer = pv.Pool(4)

    assert caplog.text == ""


def test_an_observer_that_works_is_told_everything() -> None:
    explorer, told = pv.PoolExplorer(10, 3), []
    explorer.observe(lambda change: told.append(change["new"]["seq"]), "state")
    explorer.layer = pv.Pool(4)
    explorer.layer = pv.Pool(5)

    assert told == [explorer.state["seq"] - 1, explorer.state["seq"]]


def test_a_cell_and_the_browser_change_one_widget(caplog: pytest.LogCaptureFixture) -> None:
    """JupyterLab hands messages to a thread beside the one that runs cells."""
    explorer = pv.PoolExplorer(10, 3)
    told: list[int] = []
    explorer.observe(lambda change: told.append(change["new"]["seq"]), "state")
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        both = [Thread(target=_ask, args=(explorer,)), Thread(target=_assign, args=(explorer,))]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    alone = pv.PoolExplorer(explorer.input_size, layer=explorer.layer)

    assert sorted(told) == told == list(range(2, 42))
    assert explorer.state["title"] == alone.state["title"]
    assert explorer.picture == alone.picture
    assert explorer.trace.layer == explorer.layer
    assert caplog.records == []


def _ask(explorer: pv.PoolExplorer) -> None:
    for i in range(20):
        settings = {**explorer.state["settings"], "kernel_size": [1 + i % 6] * 2}
        explorer.set_state({"asked": {"settings": settings, "n": i}})


def _assign(explorer: pv.PoolExplorer) -> None:
    for i in range(20):
        explorer.layer = pv.Pool(1 + i % 5, stride=2)
