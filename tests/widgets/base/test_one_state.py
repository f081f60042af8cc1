"""Every widget: its line of code opens what is shown, changes are undone and made again, names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
import pytest

import poolviz as pv

MESSAGE = "Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'"
STACK = pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework="keras")
WIDGETS: dict[str, Callable[[], Any]] = {
    "explorer": lambda: pv.PoolExplorer(10, 15),
    "unequal": lambda: pv.PoolExplorer((7, 9), (3, 2), stride=2, padding=1, op="avg", seed=3),
    "one axis": lambda: pv.PoolExplorer((12,), 3, stride=2, show="read counts"),
    "volume": lambda: pv.PoolExplorer((4, 9, 9), 2, slice_index=2, framework="keras==3.14"),
    "pairs": lambda: pv.PoolExplorer(9, 3, padding=((0, 1), (2, 1)), framework="jax"),
    "array": lambda: pv.PoolExplorer(input=[[1.5, float("-inf")], [2, 3]], kernel_size=2),
    "norm": lambda: pv.PoolExplorer(10, 3, op="lp", norm=float("inf")),
    "adaptive": lambda: pv.PoolExplorer(7, layer=pv.AdaptivePool((3, None))),
    "convolution": lambda: pv.LayerExplorer(pv.Conv(2, 3, in_channels=3), 8, seed=4),
    "weights": lambda: pv.LayerExplorer(pv.Conv(1, 1), 3, weight=[[2.5]], bias=[1]),
    "transposed": lambda: pv.LayerExplorer(pv.ConvTranspose(1, 3, stride=2), 4, preset="edge"),
    "stack": lambda: pv.StackExplorer(STACK, chosen=1),
    "decoder": lambda: pv.ErrorDecoder(MESSAGE, is_open=True),
    "map": lambda: pv.SizeMap(10, 3, x="padding", axis=1),
    "comparison": lambda: pv.FrameworkComparison(10, 3, padding="same", framework="keras"),
    "card": lambda: pv.ExerciseCard("size-plain", "who-raises", seed=3),
}
# A change from Python of each kind of widget, and what it changes.
CHANGES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "explorer": (lambda w: setattr(w, "kernel_size", 4), lambda w: w.layer),
    "convolution": (lambda w: setattr(w, "stride", 2), lambda w: w.layer),
    "stack": (lambda w: setattr(w, "input_shape", (9, 9, 1)), lambda w: w.stack),
    "decoder": (lambda w: setattr(w, "text", "MaxPool2d(3)"), lambda w: w.text),
    "map": (lambda w: setattr(w.explorer, "stride", 2), lambda w: w.explorer.layer),
    "comparison": (lambda w: setattr(w.explorer, "framework", "jax"), lambda w: w.explorer.layer),
    "card": (lambda w: w.check(5), lambda w: w.state["feedback"]),
}
OF_THE_WAY = ("seq", "answers", "context", "canUndo", "canRedo")


def shown(widget: Any) -> list[dict[str, Any]]:
    parts = (
        [widget.view, getattr(widget, "explorer", None)] if hasattr(widget, "view") else [widget]
    )
    parts = [getattr(part, "view", part) for part in parts if part is not None]
    return [{k: v for k, v in part.state.items() if k not in OF_THE_WAY} for part in parts]


@pytest.mark.parametrize("name", WIDGETS)
def test_its_line_of_code_opens_this_very_state(name: str) -> None:
    widget = WIDGETS[name]()
    other = eval(widget.code, {"pv": pv})

    assert "\n" not in widget.code
    assert shown(other) == shown(widget)
    assert shown(widget)[0]["opens"] == widget.code


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_undone_and_made_again(name: str) -> None:
    widget = WIDGETS[name]()
    change, look = CHANGES[name]
    before, view = look(widget), getattr(widget, "view", widget)
    assert (view.state["canUndo"], view.state["canRedo"]) == (False, False)
    change(widget)
    after = look(widget)
    assert after != before
    assert view.state["canUndo"]
    view.set_state({"asked": {"n": 1, "action": {"name": "undo"}}})
    assert (look(widget), view.state["canUndo"], view.state["canRedo"]) == (before, False, True)
    widget.redo()
    assert (look(widget), view.state["canUndo"], view.state["canRedo"]) == (after, True, False)
    view.set_state({"asked": {"n": 2, "action": {"name": "redo"}}})
    assert view.state["problem"] == "there is nothing to undo"


def test_what_a_map_runs_over_is_undone_in_one_order_with_its_layer() -> None:
    size_map = pv.SizeMap((10, 8), 3)
    one_axis: dict[str, object] = {"asked": {"n": "1", "action": {"name": "axes", "value": 1}}}
    steps: list[Callable[[], None]] = [
        lambda: setattr(size_map.view, "y", "padding"),
        lambda: setattr(size_map.explorer, "kernel_size", 4),
        lambda: setattr(size_map.view, "axis", 1),
        lambda: size_map.view._take_x("padding"),  # the two change places
        lambda: size_map.explorer.set_state(one_axis),  # so that there is no axis 1
    ]
    seen = [size_map.code]
    for step in steps:
        step()
        seen.append(size_map.code)
    assert len(set(seen)) == len(seen)
    for code in reversed(seen[:-1]):
        size_map.undo()
        assert size_map.code == code
    assert not size_map.view.state["canUndo"]
    for code in seen[1:]:
        size_map.explorer.redo()
        assert size_map.code == code
        assert size_map.view.state["canRedo"] == size_map.explorer.state["canRedo"]
    size_map.close()
    assert size_map.explorer._companions == ()


def test_points_are_not_undone_and_what_was_revealed_stays_known() -> None:
    card = pv.ExerciseCard("size-plain", seed=5)
    card.start_again()
    card.set_state({"asked": {"n": 1, "action": {"name": "reveal"}}})
    card.check(card.exercise.answer)
    card.undo()
    card.undo()
    card.check(card.exercise.answer)

    assert card.score == 0


def test_a_dragged_slider_is_one_step() -> None:
    widget = pv.PoolExplorer(10, 3)
    for n, kernel in enumerate((4, 5, 6)):
        settings = {**widget.state["settings"], "kernel_size": [kernel, kernel]}
        widget.set_state({"asked": {"n": n, "settings": settings}})
    assert widget.kernel_size == 6
    widget.undo()
    assert widget.kernel_size == 3


# --- plain traits --------------------------------------------------------------------------------

VALUES: dict[str, Any] = {
    "kernel_size": 4,
    "stride": 2,
    "padding": 1,
    "dilation": 2,
    "framework": "jax",
    "op": "avg",
    "input_size": (12, 12),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_parameter_is_read_set_observed_and_linked(name: str) -> None:
    widget, seen = pv.PoolExplorer(10, 3), []
    widget.observe(lambda change: seen.append(change["new"]), name)
    setattr(widget, name, VALUES[name])
    assert getattr(widget, name) == VALUES[name] == seen[-1]
    widget.undo()
    widget.set_state({name: widget.get_state(name)[name]})  # as a link in the browser does
    assert widget.state["problem"] == ""
    assert ipywidgets.jslink((widget, name), (ipywidgets.IntSlider(), "value")) is not None
    browser_value = 12 if name == "input_size" else VALUES[name]
    widget.set_state({name: browser_value})
    assert getattr(widget, name) == VALUES[name]
    assert widget.get_state(name) == {name: browser_value}


def test_parameters_follow_each_other_and_the_controls() -> None:
    widget = pv.PoolExplorer(10, 3)
    widget.kernel_size = (4, 2)
    assert (widget.kernel_size, widget.stride) == ((4, 2), (4, 2))
    widget.padding = "same"
    widget.layer = pv.Pool(5, stride=1, padding=2)
    assert (widget.kernel_size, widget.stride, widget.padding) == (5, 1, 2)


def test_a_wrong_value_raises_and_changes_nothing() -> None:
    widget = pv.PoolExplorer(10, 3)
    with pytest.raises(TypeError, match="kernel_size must be an int"):
        widget.kernel_size = "3"
    with pytest.raises(ValueError, match="a GlobalPool has no kernel_size"):
        pv.PoolExplorer(7, layer=pv.GlobalPool("max")).kernel_size = 3
    widget.set_state({"stride": "x"})
    assert "stride" in widget.state["problem"]
    assert (widget.kernel_size, widget.stride) == (3, 3)


@pytest.mark.parametrize("name", ["explorer", "stack", "decoder", "map", "comparison", "card"])
def test_a_wrong_name_raises(name: str) -> None:
    widget = WIDGETS[name]()
    with pytest.raises(AttributeError, match="has no attribute 'kernal_size'"):
        widget.kernal_size = 3
    widget._own = 3


def test_the_input_shape_and_the_chosen_layer_are_traits() -> None:
    widget, seen = pv.StackExplorer(STACK), []
    widget.observe(
        lambda change: seen.append((change["name"], change["new"])), ["input_shape", "chosen"]
    )
    widget.input_shape = (16, 16, 1)
    assert widget.stack.output_shape == (2, 2, 1)
    widget.chosen = 0
    assert seen[0] == ("input_shape", (16, 16, 1))
    assert seen[-1] == ("chosen", 0)
    with pytest.raises(AttributeError, match="Did you mean 'input_shape'"):
        widget.imput_shape = (1, 1)
    assert ipywidgets.jslink((widget, "chosen"), (ipywidgets.IntSlider(), "value")) is not None


def test_a_request_that_arrives_again_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page sends it again when it hears nothing: request or answer may be lost."""
    w = pv.PoolExplorer(10, 3)
    w.stride = 2
    w.padding = 1
    undo = {"n": "first", "action": {"name": "undo"}}
    w.set_state({"asked": undo})
    w.set_state({"asked": {"n": "of another view", "settings": w.state["settings"]}})
    w.set_state({"asked": {**undo, "tries": 1}})
    assert w.code == "pv.PoolExplorer(10, 3, stride=2)"

    sent: list[object] = []
    monkeypatch.setattr(w, "send_state", sent.append)
    w._handle_custom_msg({"asked": {**undo, "tries": 1}}, [])
    assert sent == []
    w._handle_custom_msg({"asked": {**undo, "tries": 2}}, [])
    assert sent == [{"picture", "state"}]
    w._handle_custom_msg(
        {"asked": {"n": "next", "settings": {**w.state["settings"], "seed": 7}}}, []
    )
    assert w.code == "pv.PoolExplorer(10, 3, stride=2, seed=7)"
