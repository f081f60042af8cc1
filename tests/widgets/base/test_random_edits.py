"""Any widget after any changes: its line of code opens that state; undo and redo go all the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

import poolviz as pv
from poolviz.widgets.base.history import MOST_UNDONE, History
from poolviz.widgets.exercise.session import _KEPT
from tests.support.sampling import SEED

from .random_edits import TEXTS, act, edit

STACK = pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework="keras")
CODE = """from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.pool = nn.Conv2d(1, 8, 3), nn.MaxPool2d(2)
        self.out = nn.Linear(100, 3)
    def forward(self, x):
        return self.out(self.pool(self.conv(x)).flatten(1))
"""
WIDGETS: dict[str, Callable[[], Any]] = {
    "explorer": lambda: pv.PoolExplorer(10, 15, framework="keras==3.14"),
    "array": lambda: pv.PoolExplorer(input=[[1.5, float("-inf")], [-0.0, 3]], kernel_size=2),
    "volume": lambda: pv.PoolExplorer((4, 9, 9), 2, slice_index=2),
    "adaptive": lambda: pv.PoolExplorer(7, layer=pv.AdaptivePool((3, None))),
    "task": lambda: pv.PoolExplorer(10, 4, task=pv.task(output_size=3, keep=["kernel_size"])),
    "german": lambda: pv.PoolExplorer(10, 3, language="de"),
    "convolution": lambda: pv.LayerExplorer(pv.Conv(2, 3, in_channels=3), 8, seed=4),
    "weights": lambda: pv.LayerExplorer(
        pv.Conv(2, (1, 3), framework="keras"), 5, weight=[[[[1.5, 2]]] * 3], bias=[1, 0.5]
    ),
    "transposed": lambda: pv.LayerExplorer(pv.ConvTranspose(1, 3, stride=2), 4, preset="edge"),
    "stack": lambda: pv.StackExplorer(STACK, chosen=1),
    "read stack": lambda: pv.StackExplorer(pv.read_code(CODE, (1, 28, 28))),
    "decoder": lambda: pv.ErrorDecoder(TEXTS[0], is_open=True, language="de"),
    "map": lambda: pv.SizeMap(10, 3, x="padding", axis=1),
    "comparison": lambda: pv.FrameworkComparison(10, 3, padding="same", framework="keras"),
    "cards": lambda: pv.ExerciseCard("size-plain", "who-raises", "unread-in-a-row", seed=3),
}
EDITED = 5
# Numbers of messages; where a stack was read from, and what is said about the explorer below it.
OF_THE_WAY = ("seq", "answers", "context", "canUndo", "canRedo", "problem", "textNumber", "note")
OF_THE_WAY += ("line",)


def shown(widget: Any) -> list[dict[str, Any]]:
    """Return what is shown; below a stack, settings that are not the stack's may be tried."""
    view = getattr(widget, "view", widget)
    parts = [view]
    explorer = None if isinstance(widget, pv.StackExplorer) else getattr(widget, "explorer", None)
    if explorer is not None:
        parts.append(getattr(explorer, "view", explorer))
    return [{k: v for k, v in part.state.items() if k not in OF_THE_WAY} for part in parts]


@pytest.fixture
def opened() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Open a widget in a kernel where nobody answered anything."""
    made: list[Any] = []

    def open_one(make: Callable[[], Any]) -> Any:
        _KEPT.clear()
        made.append(make())
        return made[-1]

    yield open_one
    for one in made:
        one.close()


@pytest.mark.parametrize("name", WIDGETS)
def test_the_line_opens_what_is_shown_and_undo_goes_all_the_way(
    opened: Callable[[Callable[[], Any]], Any], name: str
) -> None:
    random = Random(f"{name} {SEED}")
    widget = opened(WIDGETS[name])
    states = [shown(widget)]
    for _ in range(EDITED):
        edit(widget, random)
        states.append(shown(widget))
        line = widget.code
        assert "\n" not in line
        assert states[-1][0]["opens"] == line
        assert shown(opened(lambda: eval(line, {"pv": pv}))) == states[-1], line  # noqa: B023
    view = getattr(widget, "view", widget)
    for way, end in (("undo", states[0]), ("redo", states[-1]), ("undo", states[0])):
        while view.state["canUndo" if way == "undo" else "canRedo"]:
            act(view, way)
        assert shown(widget) == end, way


def test_a_hundred_changes_are_kept() -> None:
    history: History[int] = History()
    for moment in range(MOST_UNDONE + 20):
        history.note(moment, None)
    for moment in reversed(range(20, MOST_UNDONE + 20)):
        assert history.back(-1) == moment
    with pytest.raises(ValueError, match="nothing to undo"):
        history.back(-1)


def test_both_views_undo_the_same_changes() -> None:
    """A map and its explorer, each with its buttons; and one explorer for two widgets."""
    explorer = pv.PoolExplorer(10, 3)
    chart, comparison = pv.SizeMap(explorer=explorer), pv.FrameworkComparison(explorer=explorer)
    act(chart.view, "x", "padding")
    act(comparison.view, "framework", "keras")
    explorer.show = "read counts"
    for view in (explorer, chart.view, comparison.view):
        assert (view.state["canUndo"], view.state["canRedo"]) == (True, False)
    act(chart.view, "undo")
    assert explorer.show == ()
    act(comparison.view, "undo")
    assert explorer.layer.framework == "pytorch"
    act(explorer, "undo")
    assert (chart.view.x, chart.view.y) == ("kernel_size", "stride")
    for view in (explorer, chart.view, comparison.view):
        assert (view.state["canUndo"], view.state["canRedo"]) == (False, True)
    chart.close()
    explorer.redo()  # of what is not there any more
    explorer.redo()
    assert explorer.layer.framework == "keras"


def test_a_part_of_a_model_is_not_offered_as_all_of_it() -> None:
    text = "from torch import nn\nnet = nn.Sequential(nn.MaxPool2d(2), unknown(3), nn.MaxPool2d(2))"
    widget = pv.StackExplorer(pv.read_code(text, (1, 8, 8)))
    assert widget.stack.ok is None
    assert widget.code == "" == widget.view.state["opens"]


def test_a_picture_follows_the_values_of_its_explorer() -> None:
    widget = pv.FrameworkComparison(4, 2, op="avg")
    before = widget.view.picture
    widget.explorer.input = [[1, 2], [3, 4]] * 2
    widget.explorer.input = [[5] * 4] * 4
    assert widget.view.picture != before
