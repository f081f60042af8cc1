"""Tasks: judged by the trace alone, in Python, on a saved page, and in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from tests.support.stored_pages import node_of, stored_in

TASK = pv.task(output_size=3, keep=["kernel_size", "stride"])


@pytest.mark.parametrize(
    ("task", "start", "answer", "score", "says"),
    [
        ({"output_size": 3}, pv.Pool(4), pv.Pool(4, 3), 1, "Right"),
        ({"output_size": (3, 3)}, pv.Pool(4), pv.Pool(3), 1, "Right"),
        ({"output_size": 3}, pv.Pool(4), pv.Pool(4, 4), 0, "needs 12 cells"),
        ({"output_size": 3}, pv.Pool(4), pv.Pool(4, 1), 0, "ends after cell 6 of 10"),
        ({"output_size": 3}, pv.Pool(4), pv.Pool(15), 0, "no output that has cells"),
        ({"output_size": 3, "keep": "kernel_size"}, pv.Pool(4), pv.Pool(3), 0.5, "from 4 to 3"),
        ({"output_size": 3, "keep": ["stride"]}, pv.Pool(4), pv.Pool(3), 0.5, "from 4 to 3"),
        ({"output_size": 3, "keep": ["padding"]}, pv.Pool(4), pv.Pool(4, padding=1), 0.5, "1"),
        ({"output_size": 3, "keep": ["padding"]}, pv.Pool(4), pv.Pool(3, padding="valid"), 1, ""),
        ({}, pv.Pool(15), pv.Pool(10), 1, "1 × 1"),
        ({}, pv.Pool(15), "no layer", 0, "no pooling layer"),
        ({}, pv.Pool(15), None, 0, "no pooling layer"),
        ({"output_size": 4, "keep": "op"}, pv.Pool(4), pv.AdaptivePool(4, op="max"), 1, "4 × 4"),
    ],
)
def test_an_answer_is_judged(
    task: Any, start: pv.Pool, answer: Any, score: float, says: str
) -> None:
    said = pv.task(**task, layer=start, input_size=10).check(answer)

    assert said.score == score
    assert says in said.text
    assert said.ok == (score == 1)


def test_the_input_can_be_kept_or_changed() -> None:
    task = pv.task(output_size=3, keep=["kernel_size"], layer=pv.Pool(4), input_size=10)
    fixed = pv.task(output_size=3, keep=["input_size"], layer=pv.Pool(4), input_size=10)

    assert task.check(pv.Pool(4), 12).ok
    assert "input_size from 10 to 12" in fixed.check(pv.Pool(4), (12, 12)).text


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"keep": ["kernel"]}, ValueError),
        ({"output_size": 0}, ValueError),
        ({"output_size": "3"}, TypeError),
        ({"layer": pv.Pool(3)}, ValueError),
        ({"output_size": (3,), "layer": pv.Pool((3, 3)), "input_size": 10}, ValueError),
    ],
)
def test_what_is_no_task_raises(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        pv.task(**arguments)


def test_a_task_without_a_start_cannot_be_checked() -> None:
    with pytest.raises(ValueError, match="no call to start from"):
        TASK.check(pv.Pool(3))


def ask(explorer: pv.PoolExplorer, n: int) -> None:
    explorer.set_state({"asked": {"n": n, "action": {"name": "check", "value": None}}})


def test_an_explorer_judges_the_setting_that_is_checked() -> None:
    explorer = pv.PoolExplorer(10, 4, task=pv.task(output_size=3, keep=["kernel_size"]))
    assert explorer.task_feedback is None

    ask(explorer, 1)
    assert explorer.task_feedback is not None
    assert not explorer.task_feedback
    explorer.layer = pv.Pool(4, stride=3)
    ask(explorer, 2)
    assert explorer.task_feedback
    assert explorer.state["task"]["mark"] == "✓"
    explorer.task = None
    ask(explorer, 3)
    assert "no task" in explorer.state["problem"]


def test_every_stored_setting_of_a_page_is_judged_as_python_judges_it(tmp_path: Path) -> None:
    explorer = pv.PoolExplorer(10, 4)
    task = pv.task(output_size=3, keep=["kernel_size"])
    ranges: dict[str, Any] = {"kernel_size": [3, 4], "stride": [2, 3, 4], "padding": [0]}
    only: dict[str, Any] = {"framework": ["pytorch"], "op": ["max"], "ceil_mode": [False]}
    explorer.save(tmp_path / "task.html", task=task, **ranges, dilation=[1], **only)

    stored = stored_in(tmp_path / "task.html")
    rows = [node_of(stored, 0, node) for node in range(stored["count"])]
    states = [row["state"] for row in rows if row is not None]
    bound = task.of(pv.Pool(4), 10)
    marks = set()
    for state in states:
        settings = state["settings"]
        kernel, stride = settings["kernel_size"][0], settings["stride"]
        padding = tuple(settings["padding"][0]) if settings["padding"] != "same" else "same"
        layer = pv.Pool(kernel, stride and stride[0], padding[0])
        assert state["task"]["feedback"] == bound.check(layer).text
        marks.add(state["task"]["mark"])
    assert marks == {"✓", "½", "✗"}
    assert explorer.task is None


def test_a_page_on_which_a_task_has_no_solution_is_not_written(tmp_path: Path) -> None:
    task = pv.task(output_size=99)
    with pytest.raises(ValueError, match="no setting of the page solves"):
        pv.PoolExplorer(10, 4).save(tmp_path / "task.html", task=task, kernel_size=[3, 4])
