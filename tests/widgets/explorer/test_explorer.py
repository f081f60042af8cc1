"""PoolExplorer without a browser: made, assigned to, shown in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
from ipywidgets.widgets import widget as widget_module

import poolviz as pv
from poolviz.widgets.explorer import widget as explorer_module
from tests.widgets.explorer.explorer_controls import (
    listen,
    shown,
)

VIEWER = Path(explorer_module.__file__).parents[1]


WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


# --- construction --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keywords",
    [
        {"kernel_size": 15},
        {"kernel_size": (2, 5)},
        {"kernel_size": 3, "stride": 2},
        {"kernel_size": 3, "stride": (2, 1)},
        {"kernel_size": 3, "stride": 1000},
        {"kernel_size": 3, "padding": 1},
        {"kernel_size": 3, "padding": 7},
        {"kernel_size": 3, "padding": "same", "framework": "keras"},
        {"kernel_size": 3, "padding": [(0, 1), (1, 0)], "framework": "tensorflow"},
        {"kernel_size": 3, "dilation": 6},
        {"kernel_size": 3, "stride": 2, "ceil_mode": True},
        {"kernel_size": 3, "op": "avg"},
        {"kernel_size": 3, "padding": 1, "op": "avg", "count_include_pad": False},
        {"kernel_size": 4, "framework": "jax"},
        {"kernel_size": 11, "stride": 11, "framework": "onnxruntime"},
    ],
    ids=str,
)
def test_takes_every_keyword_of_pool(keywords: dict[str, Any]) -> None:
    """The explorer shows what `Pool` with the same words and `trace` say."""
    w = pv.PoolExplorer(10, **keywords)
    expected = pv.Pool(**keywords).with_axes(2)

    assert expected == w.layer
    assert w.input_size == (10, 10)
    assert pv.trace(expected, (10, 10)).formula == w.trace.formula
    assert w.state["problem"] == ""


def test_without_anything_it_shows_a_plain_layer() -> None:
    w = pv.PoolExplorer()

    assert (pv.Pool((3, 3)), (10, 10)) == (w.layer, w.input_size)
    assert w.trace.outcome == "ok"


@pytest.mark.parametrize(
    ("layer", "size", "expected"),
    [
        (pv.Pool(3), 7, (7, 7)),
        (pv.Pool((3,)), 7, (7,)),
        (pv.Pool((3,)), (4, 9), (4, 9)),
        (pv.Pool(3), (4,), (4,)),
        (pv.Pool((2, 3, 3)), 5, (5, 5, 5)),
        (pv.Pool(3), (2, 5, 6), (2, 5, 6)),
        (pv.Pool(3), 0, (0, 0)),
        (pv.Pool((3, 2)), (np.int64(4), np.int32(9)), (4, 9)),
    ],
    ids=str,
)
def test_layer_and_size(layer: pv.Pool, size: Any, expected: tuple[int, ...]) -> None:
    w = pv.PoolExplorer(size, layer=layer)

    assert expected == w.input_size
    assert layer.with_axes(len(expected)) == w.layer


@pytest.mark.parametrize(
    ("given", "layer", "expected"),
    [
        (np.arange(20.0).reshape(4, 5), pv.Pool(2), np.arange(20.0).reshape(4, 5)),
        (np.arange(20).reshape(4, 5), pv.Pool(2), np.arange(20).reshape(4, 5)),
        ([[1, 2], [3, 4]], pv.Pool(2), np.array([[1, 2], [3, 4]])),
        ([1.5, 2.5, 3.5], pv.Pool((2,)), np.array([1.5, 2.5, 3.5])),
        (np.ones((3, 4), dtype=bool), pv.Pool(2), np.ones((3, 4), dtype=np.uint8)),
        (np.arange(24.0).reshape(2, 3, 4), pv.Pool((2, 2, 2)), np.arange(24.0).reshape(2, 3, 4)),
        (np.arange(48.0).reshape(2, 2, 3, 4), pv.Pool(2), np.arange(12.0).reshape(3, 4)),
        (np.arange(48.0).reshape(2, 2, 12), pv.Pool((2,)), np.arange(12.0)),
        (np.full((3, 3), np.nan), pv.Pool(2), np.full((3, 3), np.nan)),
        (np.array([[np.inf, -np.inf]]), pv.Pool(1), np.array([[np.inf, -np.inf]])),
    ],
    ids=["float", "int", "list", "1-D", "bool", "3-D", "NCHW", "NCL", "nan", "inf"],
)
def test_input_is_shown(given: Any, layer: pv.Pool, expected: Any) -> None:
    """The first channel of the first example, whatever the numbers are."""
    w = pv.PoolExplorer(input=given, layer=layer)

    assert w.input is not None
    np.testing.assert_array_equal(expected, w.input)
    assert expected.shape == w.input_size
    assert len(w.picture) > 1000


def test_input_is_a_copy() -> None:
    """What the user does to their array later is not shown by halves."""
    mine = np.zeros((4, 4))
    w = pv.PoolExplorer(input=mine, kernel_size=2)
    mine[:] = 7

    assert w.input is not None
    assert w.input.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        w.input[0, 0] = 1


def test_seed_chooses_the_numbers() -> None:
    one, same, other = (pv.PoolExplorer(6, 3, seed=seed).input for seed in (1, 1, 2))

    assert one is not None
    assert same is not None
    assert other is not None
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize(
    ("keywords", "error", "names"),
    [
        ({"kernel_size": "3"}, TypeError, "kernel_size"),
        ({"kernel_size": 0}, ValueError, "kernel_size"),
        ({"input_size": "10"}, TypeError, "input_size"),
        ({"input_size": -1}, ValueError, "input_size"),
        ({"input_size": 2.5}, TypeError, "input_size"),
        ({"input_size": (1, 2, 3, 4)}, ValueError, "input_size"),
        ({"input_size": (5, 5), "kernel_size": (2, 2, 2)}, ValueError, "axes"),
        ({"strides": 2}, TypeError, "strides"),
        ({"layer": pv.Pool(3), "kernel_size": 3}, TypeError, "layer"),
        ({"layer": pv.Pool(3), "stride": 3}, TypeError, "stride"),
        ({"layer": "MaxPool2d"}, TypeError, "layer"),
        ({"input": [[1]], "input_size": 1}, TypeError, "input_size"),
        ({"input": "abc"}, TypeError, "real numbers"),
        ({"input": [["a"]]}, TypeError, "real numbers"),
        ({"input": [[1 + 2j]]}, TypeError, "real numbers"),
        ({"input": 5.0}, ValueError, "axes"),
        ({"input": np.zeros((1, 1, 1, 1, 1, 1))}, ValueError, "axes"),
        ({"input": np.zeros((0, 3, 4, 4))}, ValueError, "no example or channel"),
        ({"input": [[1, 2], [3]]}, ValueError, "rows differ in length"),
        ({"seed": -1}, ValueError, "seed|non-negative"),
    ],
    ids=str,
)
def test_wrong_types_raise_at_construction(
    keywords: dict[str, Any], error: type[Exception], names: str
) -> None:
    with pytest.raises(error, match=names):
        pv.PoolExplorer(**keywords)


def test_what_fails_at_construction_leaves_nothing_behind() -> None:
    before = len(widget_module._instances)
    with pytest.raises(TypeError, match="kernel_size"):
        pv.PoolExplorer(10, "3")  # type: ignore[arg-type]

    assert before == len(widget_module._instances)


# --- assignment ----------------------------------------------------------------------------------


def test_assigned_layer_is_shown() -> None:
    w = pv.PoolExplorer(10, 15)
    w.layer = pv.Pool(3, stride=2)

    assert w.layer == pv.Pool((3, 3), stride=2)
    assert w.input_size == (10, 10)
    assert w.state["title"] == "MaxPool 3×3, stride 2, no padding"
    assert w.state["settings"]["kernel_size"] == [3, 3]
    assert w.state["settings"]["stride"] == [2, 2]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (pv.Pool((3,)), (12,)),
        (pv.Pool((2, 2)), (10, 12)),
        (pv.Pool((2, 2, 2)), (12, 12, 12)),
        (pv.Pool(2), (10, 12)),
    ],
    ids=str,
)
def test_assigned_layer_may_have_another_number_of_axes(
    layer: pv.Pool, expected: tuple[int, ...]
) -> None:
    """The last axis's size is kept for all."""
    w = pv.PoolExplorer((10, 12), 3)
    w.layer = layer

    assert expected == w.input_size
    assert len(expected) == len(w.trace.axes) == len(w.state["settings"]["axes"])
    assert len(expected) == len(w.state["axes"])


def test_assigned_input_size_is_shown() -> None:
    w = pv.PoolExplorer(10, 3)
    w.input_size = (4, 0)

    assert w.input_size == (4, 0)
    assert w.state["settings"]["input_size"] == [4, 0]
    w.input_size = 7

    assert w.input_size == (7, 7)


def test_assigned_input_is_shown_and_kept_while_it_fits() -> None:
    mine = np.arange(35.0).reshape(5, 7)
    w = pv.PoolExplorer(10, 3)
    w.input = mine
    w.layer = pv.Pool(2)

    assert w.input is not None
    np.testing.assert_array_equal(mine, w.input)
    assert w.state["geometry"]["values"]["output"][0][0] == "8"
    w.input_size = (5, 8)

    assert w.input is not None
    assert w.input.shape == (5, 8)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("layer", None, TypeError),
        ("layer", "Pool(3)", TypeError),
        ("layer", {"kernel_size": 3}, TypeError),
        ("input_size", "10", TypeError),
        ("input_size", None, TypeError),
        ("input_size", 2.5, TypeError),
        ("input_size", True, TypeError),
        ("input_size", -1, ValueError),
        ("input_size", (3, -1), ValueError),
        ("input_size", (3,), ValueError),
        ("input_size", (3, 3, 3), ValueError),
        ("input_size", (), ValueError),
        ("input", "abc", TypeError),
        ("input", None, TypeError),
        ("input", [["a", "b"]], TypeError),
        ("input", np.zeros((1, 2, 3, 4, 5)), ValueError),
        ("input", np.zeros(5), ValueError),
        ("input", np.zeros((0, 1, 4, 4)), ValueError),
    ],
    ids=str,
)
def test_wrong_assignment_raises_and_changes_nothing(
    name: str, value: Any, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    w = pv.PoolExplorer((10, 12), 3)
    before, seq = shown(w), w.state["seq"]
    sent = listen(w, monkeypatch)
    with pytest.raises(error):
        setattr(w, name, value)

    assert before == shown(w)
    assert seq == w.state["seq"]
    assert sent == []


# --- position ------------------------------------------------------------------------------------


def test_position_is_told_only_to_an_observer() -> None:
    w = pv.PoolExplorer(10, 3)

    assert w.position_is_watched is False
    w.observe(lambda change: None, "spec")

    assert w.position_is_watched is False
    seen = []
    w.observe(lambda change: seen.append(change["new"]), "position")

    assert w.position_is_watched is True
    w.set_state({"position": [2, 1]})

    assert seen == [[2, 1]]


@pytest.mark.parametrize("names", [["position"], ["spec", "position"], ("position",)], ids=str)
def test_position_among_other_names(names: Sequence[str]) -> None:
    w = pv.PoolExplorer(10, 3)
    w.observe(lambda change: None, names)

    assert w.position_is_watched is True


def test_an_observer_of_everything_observes_the_position() -> None:
    w = pv.PoolExplorer(10, 3)
    seen = []
    w.observe(lambda change: seen.append(change["name"]))
    w.set_state({"position": [2, 1]})

    assert w.position_is_watched is True
    assert "position" in seen


def test_a_linked_position_is_watched() -> None:
    class Place(traitlets.HasTraits):  # type: ignore[misc]
        position = traitlets.List()

    w, place = pv.PoolExplorer(10, 3), Place()
    traitlets.dlink((w, "position"), (place, "position"))
    w.set_state({"position": [1, 0]})

    assert w.position_is_watched is True
    assert place.position == [1, 0]
