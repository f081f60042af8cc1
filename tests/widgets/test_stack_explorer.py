"""StackExplorer without a browser: controls are moved as stack.js moves them, by `set_state`."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

import poolviz as pv
from poolviz.widgets.stack.widget import StackExplorer

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
HOSTILE = "<img src=x onerror=alert(1)>\"'></script>"
_serial = itertools.count(1)


def three_pools(shape: tuple[int, ...] = (5, 12, 1)) -> pv.Stack:
    return pv.Stack([pv.Pool(2)] * 3, shape, framework="keras")


def net() -> pv.Stack:
    layers = [
        ("conv1", pv.Conv(8, 3)),
        pv.Same("ReLU"),
        ("pool1", pv.Pool(2)),
        pv.Flatten(),
        ("head", pv.Linear(10, in_features=400)),
    ]
    return pv.Stack(layers, (1, 28, 28))


def act(w: StackExplorer, name: str, value: Any = None) -> dict[str, Any]:
    """One press, and the state that it leads to, through JSON as the browser gets it."""
    w.view.set_state({"asked": {"action": {"name": name, "value": value}, "n": next(_serial)}})
    return state_of(w)


def state_of(w: StackExplorer) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(json.dumps(w.view.state))
    return state


def move(w: StackExplorer, **settings: Any) -> None:
    """A control of the layer's own explorer."""
    assert w.explorer is not None
    asked = {**w.explorer.state["settings"], **settings}
    w.explorer.set_state({"asked": {"settings": asked, "n": next(_serial)}})


# --- what it opens with --------------------------------------------------------------------------


def test_opens_at_the_failure() -> None:
    w = StackExplorer(three_pools())

    assert w.chosen == 2
    assert w.explorer is not None
    assert (w.explorer.layer, w.explorer.input_size) == (
        pv.Pool((2, 2), framework="keras"),
        (1, 3),
    )
    assert w.children == (w.view, w.explorer)
    assert repr(w) == (
        "StackExplorer(3 layers on 5 × 12 × 1: stops at layer 2 (MaxPool 2×2), "
        "Keras 3.15 raises ValueError)"
    )


def test_is_opened_with_both_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shiny cannot show a child that comes after the box has been opened."""
    opened = []
    monkeypatch.setattr(pv.StackExplorer, "open", lambda box: opened.append(len(box.children)))
    pv.StackExplorer(pv.Stack([pv.Pool(2)], (4, 4, 1)))

    assert opened == [2]


def test_opens_at_the_last_windows_of_a_stack_that_runs() -> None:
    layers = [pv.Pool(2), pv.Pool(3), pv.Flatten(), pv.Linear(3)]

    assert StackExplorer(pv.Stack(layers, (1, 28, 28))).chosen == 1


def test_a_stack_without_layers() -> None:
    w = StackExplorer(pv.Stack([], (1, 28, 28)))

    assert (w.chosen, w.explorer, w.children) == (None, None, (w.view,))
    assert act(w, "layer", "Pool(2)")["problem"] == "choose a layer first"


def test_the_table_stops_at_the_failure() -> None:
    rows = state_of(StackExplorer(net()))["rows"]

    assert [row["index"] for row in rows] == [0, 1, 2, 3, 4]
    assert [row["fails"] for row in rows] == [False] * 4 + [True]
    assert rows[2]["cells"][1:3] == ["pool1: MaxPool 2×2", "8 × 13 × 13"]
    assert rows[4]["note"] == "PyTorch raises RuntimeError"


def test_state_is_plain_text_and_numbers() -> None:
    state = state_of(StackExplorer(net()))

    assert state["input"] == "1, 28, 28"
    assert state["level"] == "error"
    assert state["problem"] == ""
    assert state["canUndo"] is False
    assert state["chosenLabel"] == "head"
    assert state["layerText"] == "Linear(out_features=10, in_features=400)"


# --- choosing ------------------------------------------------------------------------------------


def test_choosing_a_pooling_opens_its_explorer() -> None:
    w = StackExplorer(net())
    act(w, "choose", 2)

    assert w.chosen == 2
    assert w.explorer is not None
    assert w.explorer.input_size == (26, 26)
    assert w.view.note == ""


def test_choosing_a_convolution_shows_it_as_one() -> None:
    w = StackExplorer(net())
    state = act(w, "choose", 0)

    assert w.explorer is not None
    assert (w.explorer.input_size, w.explorer.trace.output_size) == ((28, 28), (26, 26))
    assert w.explorer.headline.startswith("Conv 3×3")
    assert state["note"] == ""


@pytest.mark.parametrize("index", [1, 3, 4])
def test_choosing_a_layer_without_windows(index: int) -> None:
    w = StackExplorer(net())
    state = act(w, "choose", index)

    assert (w.explorer, w.children) == (None, (w.view,))
    assert state["note"].startswith("This layer has no windows to show")


def test_chosen_can_be_assigned() -> None:
    w = StackExplorer(net())
    w.chosen = 2

    assert state_of(w)["chosen"] == 2


@pytest.mark.parametrize("index", [-1, 99, "2", None, 1.0, True, [2]])
def test_choosing_what_is_not_there(index: Any) -> None:
    w = StackExplorer(net())

    assert act(w, "choose", index)["problem"] == f"there is no layer number {index}"
    assert w.chosen == 4


# --- changing ------------------------------------------------------------------------------------


def test_a_fix_repairs_and_undo_brings_back() -> None:
    w = StackExplorer(three_pools())
    fixed = w.stack.fixes[0]
    state = act(w, "fix", 0)

    assert w.stack == fixed.stack
    assert (state["level"], state["canUndo"], state["fixes"]) == ("ok", True, [])
    state = act(w, "undo")
    assert w.stack == three_pools()
    assert (state["level"], state["canUndo"]) == ("error", False)


def test_every_fix_can_be_applied() -> None:
    for i, fix in enumerate(three_pools().fixes):
        w = StackExplorer(three_pools())
        act(w, "fix", i)
        assert w.stack.ok
        assert w.stack.output_shape == fix.output_shape


def test_another_input() -> None:
    w = StackExplorer(three_pools())
    state = act(w, "input", "8 × 9 × 3")

    assert w.stack.input_shape == (8, 9, 3)
    assert state["level"] == "ok"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be integers"),
        ("a, b", "must be integers"),
        ("28, 28, -1", "must be integers"),
        ("1, 2, 3, 4, 5, 6", "1 to 4 entries"),
        (HOSTILE, "must be integers"),
        (28, "a text is needed"),
        (None, "a text is needed"),
    ],
)
def test_an_input_that_is_none_is_explained(text: Any, says: str) -> None:
    w = StackExplorer(three_pools())

    assert says in act(w, "input", text)["problem"]
    assert w.stack == three_pools()


def test_a_layer_edited_as_text() -> None:
    w = StackExplorer(net())
    act(w, "layer", "Linear(10, in_features=1352)")

    assert w.stack.ok
    assert w.stack.output_shape == (10,)


def test_several_layers_put_in_its_place() -> None:
    w = StackExplorer(three_pools())
    act(w, "layer", 'ZeroPad(1), Conv(4, 3), Same("ReLU")')

    assert len(w.stack.layers) == 5
    assert w.stack.ok


def test_a_layer_left_out() -> None:
    w = StackExplorer(three_pools())
    act(w, "layer", "")

    assert len(w.stack.layers) == 2
    assert w.stack.ok


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Pool(", "not a layer in Python"),
        ("Pool", 'there is no layer "Pool"'),
        ("MaxPool9d(2)", "there is no layer"),
        ("__import__('os').system('ls')", "there is no layer"),
        ("Pool(kernel_size=__import__('os'))", "there is no layer"),
        ("Pool(kernel_size=x)", "a plain value is expected"),
        ("Pool(0)", "kernel_size"),
        ("Pool(wrong=2)", "wrong"),
        ("(" * 5000, "not a layer in Python"),
        ("Pool(2)\x00", "not a layer in Python"),
        (HOSTILE, "not a layer in Python"),
        ("Pool(9" + "9" * 30000 + ")", "too long"),
    ],
)
def test_a_layer_that_is_none_is_explained(text: str, says: str) -> None:
    w = StackExplorer(three_pools())

    assert says in act(w, "layer", text)["problem"]
    assert w.stack == three_pools()


def test_another_framework_and_data_format() -> None:
    w = StackExplorer(three_pools())

    assert act(w, "framework", "pytorch")["framework"] == "pytorch"
    assert act(w, "data_format", "channels_first")["dataFormat"] == "channels_first"
    assert "framework" in act(w, "framework", "caffe")["problem"]


def test_the_layers_controls_change_the_stack() -> None:
    w = StackExplorer(three_pools())
    move(w, kernel_size=[1, 1])

    assert w.stack.ok
    assert w.chosen == 2
    assert w.view.note == ""


def test_dragging_is_undone_at_once() -> None:
    w = StackExplorer(three_pools((64, 64, 1)))
    for size in (3, 4, 5, 6, 7):
        move(w, kernel_size=[size, size])
    act(w, "undo")

    assert w.stack == three_pools((64, 64, 1))
    assert w.explorer is not None
    assert w.explorer.layer.kernel_size == (2, 2)


def test_the_chosen_layer_stays_when_a_later_one_fails() -> None:
    w = StackExplorer(three_pools((64, 64, 1)))
    w.chosen = 0
    move(w, kernel_size=[60, 60])

    assert w.chosen == 0
    assert w.stack.first_failure is not None
    assert w.stack.first_failure.index == 1


def test_another_input_of_the_layer_alone_is_said() -> None:
    w = StackExplorer(three_pools())
    move(w, input_size=[9, 9])

    assert w.stack == three_pools()
    assert w.view.note == (
        "Below: this layer on 9 × 9; in the stack, its input is 1 × 3. The stack is not changed."
    )
    move(w, input_size=[1, 3])
    assert w.view.note == ""


def test_another_framework_of_the_layer_alone_is_said() -> None:
    w = StackExplorer(three_pools())
    move(w, framework="pytorch")

    assert w.stack == three_pools()
    assert w.view.note == "Below: this layer in another framework. The stack is not changed."


def test_a_layer_inside_a_branch_is_changed_there() -> None:
    branches = ((), (("deep", pv.Pool(2)), pv.Upsample(2)))
    w = StackExplorer(pv.Stack([pv.Concatenate(branches)], (1, 15, 15)))
    w.chosen = 0
    move(w, kernel_size=[1, 1], stride=[1, 1])

    assert isinstance(w.stack.layers[0], pv.Concatenate)
    assert w.stack.layers[0].branches[1][0].name == "deep"  # type: ignore[union-attr]


def test_assigning_a_stack() -> None:
    w = StackExplorer(three_pools())
    w.stack = net()

    assert w.chosen == 2 or w.stack == net()
    assert state_of(w)["title"].startswith("5 layers on 1 × 28 × 28")


@pytest.mark.parametrize("action", [None, 3, {"name": "nothing"}, {}, {"name": ["fix"]}])
def test_what_no_control_asks(action: Any) -> None:
    w = StackExplorer(three_pools())
    w.view.set_state({"asked": {"action": action, "n": 1}})

    assert "no such action" in w.view.state["problem"]


@pytest.mark.parametrize("index", [-1, 99, "0", None])
def test_a_fix_that_is_not_there(index: Any) -> None:
    w = StackExplorer(three_pools())

    assert act(w, "fix", index)["problem"] == f"there is no fix number {index}"
    assert act(w, "undo")["problem"] == "there is nothing to undo"


# --- without a browser ---------------------------------------------------------------------------


def test_bundle() -> None:
    w = StackExplorer(three_pools())
    data, _ = w._repr_mimebundle_()

    assert set(data) >= {WIDGET_VIEW, "text/plain", "text/html", "image/png"}
    assert data["text/plain"] == repr(w)
    assert data["text/html"].startswith('<img alt="3 layers on 5 × 12 × 1: stops')


def test_hostile_names_are_text() -> None:
    stack = pv.Stack([(HOSTILE, pv.Pool(9))], (1, 3, 3))
    w = StackExplorer(stack)
    data, _ = w._repr_mimebundle_()

    assert HOSTILE in state_of(w)["title"]
    assert "<img src=x" not in data["text/html"]
    assert "<img src=x" not in stack._repr_html_()


def test_a_thousand_layers() -> None:
    layers = [pv.Conv(4, 3, padding=1)] * 999 + [pv.Pool(99)]
    state = state_of(StackExplorer(pv.Stack(layers, (4, 32, 32))))

    assert len(state["rows"]) < 400
    assert state["rows"][-1]["fails"]


def test_layers_need_an_input_shape() -> None:
    with pytest.raises(ValueError, match="input_shape"):
        StackExplorer([pv.Pool(2)])
    assert StackExplorer([pv.Pool(2)], (1, 8, 8)).stack.output_shape == (1, 4, 4)


def test_screens_that_make_no_sense() -> None:
    w = StackExplorer(three_pools())
    for screen in ({"theme": "dark", "ratio": 2}, {"theme": 3, "ratio": "x"}, {"ratio": 1e9}):
        w.view.set_state({"screen": screen})
    assert w.view.picture[1:4] == b"PNG"
