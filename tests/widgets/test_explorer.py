"""PoolExplorer without a browser: controls are moved as viewer.js moves them, by `set_state`."""

from __future__ import annotations

import base64
import copy
import functools
import gc
import io
import itertools
import json
import logging
import random
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from html import escape
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

import comm
import numpy as np
import pytest
import traitlets
from ipywidgets.widgets import widget as widget_module
from matplotlib.figure import Figure
from PIL import Image

import poolviz as pv
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.drawing.scene.numerals import format_value
from poolviz.drawing.scene.parts import View
from poolviz.drawing.scene.scene import build_scene
from poolviz.drawing.scene.theme import THEMES
from poolviz.widgets.explorer import state as scene_words
from poolviz.widgets.explorer import widget as explorer_module

VIEWER = Path(explorer_module.__file__).parents[1]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
HOSTILE = "<img src=x onerror=alert(1)>\"'></script>"
Cache = functools._lru_cache_wrapper
_serial = itertools.count(1)


# --- pressing controls ---------------------------------------------------------------------------


def tell(w: pv.PoolExplorer, asked: Any) -> None:
    """Sends one message as `send` of requests.js does."""
    w.set_state({"asked": {**asked, "n": next(_serial)}})


def settings_of(w: pv.PoolExplorer) -> dict[str, Any]:
    """The controls as they stand, as the browser has them: through JSON."""
    settings: dict[str, Any] = json.loads(json.dumps(w.state["settings"]))
    return settings


def ask(w: pv.PoolExplorer, **changes: Any) -> None:
    """Moves controls: all settings travel, some of them changed."""
    tell(w, {"settings": {**settings_of(w), **changes}})


def act(w: pv.PoolExplorer, name: Any, value: Any) -> None:
    """Presses a fix button, or picks an example or a number of axes."""
    tell(w, {"action": {"name": name, "value": value}})


def numbers(told: Any) -> Any:
    """What a control is told; numbers that JavaScript does not hold may come as digits."""
    return [numbers(entry) for entry in told] if isinstance(told, list) else int(told)


def shown(w: pv.PoolExplorer) -> dict[str, Any]:
    """All that a reader sees, but the complaint and the number of the message."""
    seen = {name: w.state[name] for name in w.state if name not in ("problem", "seq", "answers")}
    return {**copy.deepcopy(seen), "picture": w.picture, "repr": repr(w), "spec": w.spec}


def pixels(picture: bytes) -> Any:
    """A PNG as rows × columns × RGB."""
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """ipywidgets keeps every widget until it is closed: no test leaves its own behind."""
    before = set(widget_module._instances)
    yield
    for model_id, widget in list(widget_module._instances.items()):
        if model_id not in before:
            widget.close()


class Sent(list[dict[str, Any]]):
    """What a widget sent to the browser, message by message: method and state."""

    @property
    def updates(self) -> list[dict[str, Any]]:
        """The states that change what is shown; ipywidgets' echoes do not."""
        return [message["state"] for message in self if message["method"] == "update"]


def listen(w: pv.PoolExplorer, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Records what `w` sends from now on."""
    sent = Sent()

    def publish(kind: str, data: Any = None, *_: Any, buffers: Any = None, **__: Any) -> None:
        if kind != "comm_msg":
            return
        apart = zip(data.get("buffer_paths", ()), buffers or (), strict=True)
        state = {**data.get("state", {}), **{path[0]: buffer for path, buffer in apart}}
        sent.append({"method": data["method"], "state": state})

    monkeypatch.setattr(w.comm, "publish_msg", publish, raising=False)
    return sent


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
        (np.arange(24.0).reshape(2, 3, 4), pv.Pool(2), np.arange(24.0).reshape(2, 3, 4)),
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
    """What the reader does to their array later is not shown by halves."""
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
        ({"input": [[1, 2], [3]]}, ValueError, "inhomogeneous"),
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


# --- controls ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kernel_size": [2, 5]}, {"kernel_size": (2, 5)}),
        ({"stride": [2, 2]}, {"stride": (2, 2)}),
        ({"stride": [1, 4]}, {"stride": (1, 4)}),
        ({"dilation": [2, 3]}, {"dilation": (2, 3)}),
        ({"padding": [[1, 1], [1, 1]]}, {"padding": (1, 1)}),
        ({"padding": [[1, 1], [0, 0]]}, {"padding": (1, 0)}),
        ({"padding": [[0, 1], [0, 0]]}, {"padding": ((0, 1), (0, 0))}),
        ({"padding": "valid"}, {"padding": "valid"}),
        ({"padding": "same"}, {"padding": "same"}),
        ({"padding": "same_lower"}, {"padding": "same_lower"}),
        ({"ceil_mode": True}, {"ceil_mode": True}),
        ({"op": "avg"}, {"op": "avg"}),
        (
            {"op": "avg", "count_include_pad": True},
            {"op": "avg", "count_include_pad": True},
        ),
        (
            {"op": "avg", "count_include_pad": False},
            {"op": "avg", "count_include_pad": False},
        ),
        ({"op": "max", "count_include_pad": True}, {"count_include_pad": None}),
        ({"framework": "pytorch"}, {}),
        ({"framework": "tensorflow"}, {"framework": "tensorflow"}),
        ({"framework": "keras"}, {"framework": "keras"}),
        ({"framework": "jax"}, {"framework": "jax"}),
        ({"framework": "onnxruntime"}, {"framework": "onnxruntime"}),
    ],
    ids=str,
)
def test_each_control_sets_its_parameter_and_no_other(
    changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    names = ("kernel_size", "stride", "dilation", "ceil_mode", "op", "count_include_pad")
    w = pv.PoolExplorer((9, 11), 3)
    before = {name: getattr(w.layer, name) for name in (*names, "framework")}
    ask(w, **changes)
    padding = {"padding": (0, 0)} if "padding" not in expected else {}
    actual = {name: getattr(w.layer, name) for name in (*before, "padding")}

    assert {**before, **padding, **expected} == actual
    assert w.input_size == (9, 11)
    assert w.state["problem"] == ""
    for name in changes.keys() - {"count_include_pad"}:
        assert changes[name] == w.state["settings"][name]
    assert pv.diagnose(w.layer, w.input_size).headline == w.diagnosis.headline


def test_stride_goes_back_to_the_default() -> None:
    w = pv.PoolExplorer(9, 3, stride=1)
    ask(w, stride=None)

    assert w.layer.stride is None
    assert w.state["settings"]["stride"] is None
    assert w.trace.axes[0].stride == 3


def test_input_size_control() -> None:
    w = pv.PoolExplorer(9, 3)
    ask(w, input_size=[4, 17])

    assert w.input_size == (4, 17)
    assert w.input is not None
    assert w.input.shape == (4, 17)


def test_seed_control() -> None:
    w = pv.PoolExplorer(9, 3)
    before = w.input
    ask(w, seed=1)

    assert before is not None
    assert w.input is not None
    assert (before != w.input).any()
    assert w.state["settings"]["seed"] == 1


def test_slice_control() -> None:
    w = pv.PoolExplorer((4, 6, 6), 2)
    first = w.picture
    ask(w, slice=3)

    assert first != w.picture
    assert w.state["geometry"]["depth"]["slice"] == 3
    assert w.state["geometry"]["depth"]["output"] == 1
    ask(w, slice=99)

    assert w.state["problem"] == ""
    assert w.state["geometry"]["depth"]["slice"] == 3


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("start", [1, 2, 3])
@pytest.mark.parametrize("padding", [1, "same", "pairs"])
def test_axes_control(start: int, ndim: int, padding: Any) -> None:
    pairs = ((0, 1),) * start if padding == "pairs" else padding
    w = pv.PoolExplorer((8,) * start, 3, stride=2, padding=pairs, framework="jax")
    act(w, "axes", ndim)

    assert w.state["problem"] == ""
    assert (8,) * ndim == w.input_size
    assert w.layer.ndim == ndim
    assert w.layer.stride == (2,) * ndim
    assert len(w.state["settings"]["axes"]) == ndim
    expected = {1: (1,) * ndim, "same": "same", "pairs": ((0, 1),) * ndim}
    assert expected[padding] == w.layer.padding


@pytest.mark.parametrize(
    ("changes", "input_size"),
    [
        ({"kernel_size": [15, 15]}, (10, 10)),
        ({"kernel_size": [10**9, 10**9]}, (10, 10)),
        ({"kernel_size": [10**9, 1]}, (10, 10)),
        ({"stride": [1000, 1000]}, (10, 10)),
        ({"stride": [10**9, 1]}, (10, 10)),
        ({"dilation": [50, 50]}, (10, 10)),
        ({"dilation": [10**9, 10**9]}, (10, 10)),
        ({"padding": [[2, 2], [2, 2]]}, (10, 10)),
        ({"padding": [[100, 100], [100, 100]]}, (10, 10)),
        ({"padding": [[0, 100], [3, 0]]}, (10, 10)),
        ({"input_size": [0, 0]}, (0, 0)),
        ({"input_size": [0, 10]}, (0, 10)),
        ({"input_size": [1, 1]}, (1, 1)),
        ({"input_size": [1000, 1000]}, (1000, 1000)),
        ({"input_size": [10**9, 10**9]}, (10**9, 10**9)),
        ({"input_size": [1, 10**6]}, (1, 10**6)),
        ({"input_size": [10**9, 10**9], "kernel_size": [10**9, 10**9]}, (10**9, 10**9)),
    ],
    ids=str,
)
@pytest.mark.parametrize("framework", ["pytorch", "onnxruntime"])
def test_nothing_is_clamped(
    changes: dict[str, Any], input_size: tuple[int, ...], framework: str
) -> None:
    """Whatever is asked for becomes the state: the controls know no legal region."""
    w = pv.PoolExplorer(10, 3, framework=framework)
    ask(w, **changes)

    assert w.state["problem"] == ""
    assert changes == {name: w.state["settings"][name] for name in changes}
    assert input_size == w.input_size
    assert w.state["subtitle"]
    assert len(w.picture) > 1000


def test_a_huge_number_from_python_is_drawn_too() -> None:
    """10³⁰ is no 64-bit number, but an int all the same."""
    w = pv.PoolExplorer(10, 10**30)

    assert w.trace.outcome == "raises"
    assert w.layer.kernel_size == (10**30, 10**30)


@pytest.mark.parametrize("name", ["kernel_size", "stride", "dilation", "input_size"])
def test_digits_too_many_for_a_javascript_number_come_as_text(name: str) -> None:
    """viewer.js sends more than 15 digits as they were typed; they are a whole number still."""
    number = 10**18
    w = pv.PoolExplorer(10, 3)
    ask(w, **{name: [str(number), str(number)]})

    assert w.state["problem"] == ""
    assert [number, number] == numbers(w.state["settings"][name])
    ask(w, ceil_mode=True)  # what was told is sent back

    assert w.state["problem"] == ""
    assert [number, number] == numbers(w.state["settings"][name])


@pytest.mark.parametrize(
    "changes",
    [
        {"input_size": [10**30, 10**30]},
        {"kernel_size": [10**30, 10**30]},
        {"stride": [10**30, 10**30]},
        {"dilation": [10**30, 10**30]},
        {"padding": [[10**30, 10**30], [10**30, 10**30]]},
    ],
    ids=str,
)
def test_numbers_beyond_any_machine_are_shown_or_refused_by_name(changes: dict[str, Any]) -> None:
    """Either they are the state, or the complaint names the argument: no fault of poolviz."""
    w = pv.PoolExplorer(10, 3)
    before = w.spec
    ask(w, **changes)
    (name,) = changes
    is_shown = numbers(w.state["settings"][name]) == changes[name] and w.state["problem"] == ""

    assert is_shown or (name in w.state["problem"] and before is w.spec)
    assert "fault" not in w.state["problem"]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_opens(name: str) -> None:
    w = pv.PoolExplorer(10, 3)
    act(w, "example", name)
    example = EXAMPLES[name]
    expected = pv.trace(example.layer, example.input_size)

    assert w.state["problem"] == ""
    assert expected.formula == w.trace.formula
    assert expected.outcome == w.trace.outcome
    assert [name, example.title] in w.state["examples"]


def test_examples_open_whatever_was_shown_before() -> None:
    """Also one after the other, and from values typed by hand."""
    w = pv.PoolExplorer(input=[[1, 2], [3, 4]], kernel_size=2)
    for name in sorted(EXAMPLES, reverse=True):
        act(w, "example", name)

        assert w.input_size == EXAMPLES[name].input_size


# --- numbers typed by hand -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2\n3 4", [[1, 2], [3, 4]]),
        ("1, 2\n\n3,4\n", [[1, 2], [3, 4]]),
        ("7", [[7]]),
        ("-1.5e3 +2", [[-1500, 2]]),
        ("−3 4", [[-3, 4]]),
        ("nan inf\n-inf 1", [[np.nan, np.inf], [-np.inf, 1]]),
        ("∞ −∞", [[np.inf, -np.inf]]),
        ("nan", [[np.nan]]),
        ("1e308 -1e308", [[1e308, -1e308]]),
        ("\t1\t2 \r\n3 4", [[1, 2], [3, 4]]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("op", ["max", "avg"])
def test_typed_numbers_become_the_input(text: str, expected: Any, op: str) -> None:
    w = pv.PoolExplorer(3, 1, op=op)
    ask(w, values=text)

    assert w.state["problem"] == ""
    assert w.input is not None
    np.testing.assert_array_equal(np.array(expected, dtype=float), w.input)
    assert w.input.shape == w.input_size
    assert json.dumps(w.state, allow_nan=False)


def test_typed_numbers_of_a_sequence_and_a_volume() -> None:
    strip = pv.PoolExplorer((3,), 2)
    ask(strip, values="1 2 3 4\n5 6 7 8")

    assert strip.input is not None
    np.testing.assert_array_equal(np.arange(1, 9), strip.input)
    volume = pv.PoolExplorer((2, 2, 2), 2)
    ask(volume, values="1 2 3\n4 5 6\n7 8 9\n10 11 12")

    assert volume.input is not None
    np.testing.assert_array_equal(np.arange(1, 13).reshape(2, 2, 3), volume.input)


def test_the_offered_text_reads_back_as_the_same_numbers() -> None:
    """The text area holds what is shown: using it unchanged changes nothing."""
    for size in ((5,), (4, 6), (2, 3, 4)):
        w = pv.PoolExplorer(size, 2)
        before = w.input
        ask(w, values=w.state["valuesText"])

        assert w.input is not None
        np.testing.assert_array_equal(before, w.input)


def test_offered_text_keeps_every_digit() -> None:
    """Numbers of the reader's own are not rounded by opening the editor."""
    mine = np.array([[1 / 3, 1234567.25], [1e-20, -0.1]])
    w = pv.PoolExplorer(input=mine, kernel_size=2)
    ask(w, values=w.state["valuesText"])

    assert w.input is not None
    np.testing.assert_array_equal(mine, w.input)


def test_typed_numbers_stay_while_they_fit() -> None:
    w = pv.PoolExplorer(3, 1)
    ask(w, values="1 2\n3 4")
    ask(w, kernel_size=[2, 2])

    assert w.input is not None
    assert w.input.tolist() == [[1, 2], [3, 4]]
    ask(w, seed=1)

    assert w.input is not None
    assert w.input.tolist() != [[1, 2], [3, 4]]


def test_large_inputs_offer_no_text() -> None:
    assert pv.PoolExplorer(65, 3).state["valuesText"] is None
    assert pv.PoolExplorer(0, 3).state["valuesText"] is None
    assert pv.PoolExplorer(64, 3).state["valuesText"] is not None


# --- wrong input ---------------------------------------------------------------------------------

NOT_WHOLE = ["abc", "", "1.5", 1.5, -3, None, True, [[1]], {}, HOSTILE]

WRONG: list[tuple[dict[str, Any], str]] = [
    *(
        ({name: [value, value]}, name)
        for name in ("kernel_size", "stride", "dilation", "input_size")
        for value in NOT_WHOLE
    ),
    *(({"padding": [[value, value], [0, 0]]}, "padding") for value in NOT_WHOLE),
    *(({name: [0, 0]}, name) for name in ("kernel_size", "stride", "dilation")),
    *(
        ({name: value}, name)
        for name in ("kernel_size", "stride", "input_size", "padding")
        for value in ("abc", 5.5, True, [], {"a": 1}, [[[]]], [2, 2, 2, 2], [3, "x"])
    ),
    *(({name: None}, name) for name in ("kernel_size", "dilation", "input_size", "padding")),
    ({"kernel_size": [2, 2, 2]}, "kernel_size"),
    ({"kernel_size": [float("nan"), 1]}, "kernel_size"),
    ({"input_size": [7]}, "input_size"),
    ({"input_size": [7, 7, 7]}, "input_size"),
    ({"padding": "full"}, "padding"),
    ({"padding": [[1, 2, 3], [1, 1]]}, "padding"),
    ({"padding": [[1], [1]]}, "padding"),
    ({"padding": [[-1, 0], [0, 0]]}, "padding"),
    *(({"ceil_mode": value}, "ceil_mode") for value in ("yes", 1, None, [])),
    *(({"op": value}, "op") for value in ("mean", None, 1, [], {})),
    *(
        ({"op": "avg", "count_include_pad": value}, "count_include_pad")
        for value in ("yes", 1, [], {})
    ),
    *(({"framework": value}, "framework") for value in ("torch", "", None, 1, [], {})),
    *(({"seed": value}, "seed") for value in (-1, "a", 1.5, None, True, [])),
    *(({"slice": value}, "slice") for value in (-1, "a", 1.5, None, True, [])),
    *(({"values": value}, "input") for value in ("", " \n ", "a b", HOSTILE, "1 2 x", "1..2")),
    ({"values": "1 2\n3"}, "row"),
    *(({"values": value}, "values") for value in (5, [1, 2], {}, True)),
]


@pytest.fixture(scope="module")
def w() -> Iterator[pv.PoolExplorer]:
    """One explorer that gets all the wrong input, one after the other."""
    explorer = pv.PoolExplorer((10, 12), 3)
    yield explorer
    explorer.close()


@pytest.mark.parametrize(("changes", "names"), WRONG, ids=str)
def test_wrong_input_is_complained_about_and_nothing_else_changes(
    w: pv.PoolExplorer, changes: dict[str, Any], names: str
) -> None:
    """No exception, the last good picture, words that name the argument; then it is forgotten."""
    before, seq = shown(w), w.state["seq"]
    ask(w, **changes)

    assert names in w.state["problem"]
    assert "fault" not in w.state["problem"]
    assert before == shown(w)
    assert seq < w.state["seq"]
    ask(w, seed=w.state["settings"]["seed"] + 1)

    assert w.state["problem"] == ""
    assert before["picture"] != w.picture


@pytest.mark.parametrize("key", ["input_size", "kernel_size", "dilation", "ceil_mode", "op"])
def test_a_missing_setting_is_named(w: pv.PoolExplorer, key: str) -> None:
    before, settings = shown(w), settings_of(w)
    del settings[key]
    tell(w, {"settings": settings})

    assert key in w.state["problem"]
    assert before == shown(w)


@pytest.mark.parametrize(
    "asked",
    [
        {"settings": None},
        {"settings": []},
        {"settings": "kernel_size"},
        {"settings": 5},
        {"settings": {}},
        {"settings": {"kernel_size": {"kernel_size": {}}}},
        {"nothing": 1},
        {"action": "fix"},
        {"action": []},
        {"action": {}},
        {"action": {"name": "fix"}},
        {"action": {"value": 0}},
        {"action": {"name": "explode", "value": 0}},
        {"action": {"name": ["fix"], "value": 0}},
        {"action": {"name": "__init__", "value": 0}},
        {"action": {"name": "fix", "value": 0}},  # nothing is broken: nothing to repair
        {"action": {"name": "fix", "value": -1}},
        {"action": {"name": "fix", "value": "0"}},
        {"action": {"name": "fix", "value": None}},
        {"action": {"name": "example", "value": "none such"}},
        {"action": {"name": "example", "value": ["plain"]}},
        {"action": {"name": "example", "value": None}},
        {"action": {"name": "axes", "value": 4}},
        {"action": {"name": "axes", "value": 0}},
        {"action": {"name": "axes", "value": "2"}},
        {"action": {"name": "axes", "value": [2]}},
        {"action": {"name": "axes", "value": 2.5}},
    ],
    ids=str,
)
def test_garbage_is_complained_about(w: pv.PoolExplorer, asked: dict[str, Any]) -> None:
    before = shown(w)
    tell(w, asked)

    assert w.state["problem"]
    assert "fault" not in w.state["problem"]
    assert before == shown(w)
    ask(w)

    assert w.state["problem"] == ""


def test_a_broken_layer_whose_fix_leaves_it_out() -> None:
    """There is nothing to show without the layer: the words say so."""
    w = pv.PoolExplorer(10, 15)
    (index,) = (i for i, fix in enumerate(w.state["fixes"]) if not fix["applies"])
    before = shown(w)
    act(w, "fix", index)

    assert "leave the layer out" in w.state["problem"]
    assert before == shown(w)


@pytest.mark.parametrize(
    "screen",
    [
        {"theme": [], "ratio": 1},
        {"theme": None, "ratio": None},
        {"theme": "neon", "ratio": "2"},
        {"ratio": -4},
        {"ratio": 0},
        {"ratio": True},
        {"ratio": []},
        {"width": "320"},
        {"width": float("nan")},
        {"width": []},
        {"width": -1},
        {"width": 0},
        {"width": 1e9},
        {},
        {"more": {}},
    ],
    ids=str,
)
def test_an_odd_screen_gets_a_plain_picture(screen: dict[str, Any]) -> None:
    w = pv.PoolExplorer(10, 3)
    w.set_state({"screen": {"theme": "light", "ratio": 2}})
    w.set_state({"screen": screen})
    geometry = w.state["geometry"]

    assert pixels(w.picture).shape == (geometry["height"], geometry["width"], 3)


@pytest.mark.parametrize("layer", [pv.Pool(3), pv.Pool(15), pv.Pool(3, padding=1).with_axes(3)])
@pytest.mark.parametrize("width", [280, 320, 540])
def test_on_a_narrow_screen_the_output_is_below(layer: pv.Pool, width: int) -> None:
    """All of it within the picture; and beside the input again on a wide one."""
    w = pv.PoolExplorer(layer=layer, input_size=10)
    w.set_state({"screen": {"theme": "light", "ratio": 1, "width": width}})
    geometry = w.state["geometry"]
    scene = w._scene

    assert geometry["width"] == width
    assert pixels(w.picture).shape[1] == width
    assert all(label.y > 0 for label in scene.labels)
    parts = [rect for mark in scene.marks for rect in mark.rects]
    assert all(rect.left >= 0 and rect.right <= width for rect in parts)
    output = geometry["output"]
    if output:
        assert output["top"] > geometry["input"]["top"] + 10 * geometry["input"]["cellHeight"]
    w.set_state({"screen": {"theme": "light", "ratio": 1}})
    assert w.state["geometry"] == pv.PoolExplorer(layer=layer, input_size=10).state["geometry"]


def test_numbers_of_a_map_can_be_read_on_a_phone() -> None:
    w = pv.PoolExplorer(10, 3)
    w.set_state({"screen": {"theme": "light", "ratio": 1, "width": 300}})
    numbers = w._scene.input.numbers

    assert numbers is not None
    assert numbers.size >= 10  # pixels


def test_narrow_pictures_of_a_kind_have_one_height() -> None:
    """Nothing below them jumps while a slider moves."""
    w = pv.PoolExplorer(10, 3)
    w.set_state({"screen": {"theme": "light", "ratio": 1, "width": 320}})
    heights = set()
    for kernel in (1, 2, 5, 10, 15, 40):
        ask(w, kernel_size=[kernel, kernel])
        heights.add(w.state["geometry"]["height"])

    assert len(heights) == 1


def test_a_change_of_theme_keeps_the_complaint() -> None:
    """The field still holds what was typed, so the words that explain it stay."""
    w = pv.PoolExplorer(10, 3)
    ask(w, kernel_size=["abc", "abc"])
    expected = w.state["problem"]
    w.set_state({"screen": {"theme": "dark", "ratio": 1}})

    assert expected
    assert expected == w.state["problem"]


# --- fixes ---------------------------------------------------------------------------------------

BROKEN = [
    (pv.Pool(15), (10, 10)),
    (pv.Pool(15, framework="keras"), (10, 10)),
    (pv.Pool(2, framework="tensorflow"), (1, 28)),
    (pv.Pool((5, 3), stride=2), (4, 6)),
    (pv.Pool(3, dilation=4), (7, 7)),
    (pv.Pool(3, padding=2), (7, 7)),
    (pv.Pool(3, padding=2, dilation=5), (7, 7)),
    (pv.Pool(2, padding=1, framework="keras"), (6, 6)),
    (pv.Pool(3, dilation=2, framework="keras"), (6, 6)),
    (pv.Pool(3, ceil_mode=True, framework="keras"), (6, 6)),
    (pv.Pool(3, padding="same"), (6, 6)),
    (pv.Pool(3, padding=((0, 1), (0, 1))), (6, 6)),
    (pv.Pool(4, 4, framework="jax"), (3, 8)),
    (pv.Pool(4, 4, framework="onnxruntime"), (3, 8)),
    (pv.Pool(4, 2, framework="onnxruntime"), (3, 8)),
    (pv.Pool(3, padding=3, framework="onnxruntime"), (8, 8)),
    (pv.Pool(3, op="avg", dilation=2), (8, 8)),
    (pv.Pool(3, op="avg", padding=2), (8, 8)),
    (pv.Pool((9,)), (4,)),
    (pv.Pool((3, 3, 3)), (1, 8, 8)),
    (pv.Pool((3, 3, 3), padding=(2, 0, 0)), (1, 8, 8)),
    (pv.Pool(3), (0, 5)),
    (pv.Pool(10**9), (10, 10)),
]


def promises(w: pv.PoolExplorer) -> list[int]:
    """The fixes that have a button."""
    return [i for i, fix in enumerate(w.state["fixes"]) if fix["applies"]]


def check_every_fix(layer: pv.Pool, sizes: tuple[int, ...]) -> int:
    """Presses each button on the broken layer; how many there were."""
    w = pv.PoolExplorer(sizes, layer=layer)
    buttons = promises(w)
    for index in buttons:
        w.layer, w.input_size = layer.with_axes(len(sizes)), sizes
        fix, button = w.diagnosis.fixes[index], w.state["fixes"][index]
        act(w, "fix", index)

        assert w.state["problem"] == "", (layer, sizes, fix.text)
        assert (fix.layer, fix.input_size) == (w.layer, w.input_size)
        assert fix.output_size == w.trace.returned_size
        assert w.diagnosis.ok
        assert w.state["fixes"] == []
        assert f"→ {button['gives']}.  " in w.state["subtitle"]
        assert w.state["geometry"]["output"] is not None
    return len(buttons)


@pytest.mark.parametrize(("layer", "sizes"), BROKEN, ids=str)
def test_every_fix_does_what_its_button_says(layer: pv.Pool, sizes: tuple[int, ...]) -> None:
    assert check_every_fix(layer, sizes) > 0


def random_layer(rng: random.Random) -> tuple[pv.Pool, tuple[int, ...]]:
    """Any layer on any small input, more often broken than not."""
    ndim = rng.choice((1, 2, 2, 2, 3))
    padding = rng.choice((0, 0, 1, 2, 4, "same", "same_lower", "valid", "pairs"))
    if padding == "pairs":
        padding = tuple((rng.randint(0, 2), rng.randint(0, 2)) for _ in range(ndim))
    layer = pv.Pool(
        kernel_size=tuple(rng.randint(1, 9) for _ in range(ndim)),
        stride=rng.choice((None, 1, 2, 5)),
        padding=padding,
        dilation=rng.choice((1, 1, 1, 2, 4)),
        ceil_mode=rng.random() < 0.2,
        op=rng.choice(("max", "avg")),
        framework=rng.choice(sorted(pv.FRAMEWORKS)),
    )
    return layer, tuple(rng.randint(0, 9) for _ in range(ndim))


def test_fixes_of_random_broken_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer_module, "PngRenderer", lambda: lambda *_: b"")
    rng = random.Random(7)
    pressed = 0
    for _ in range(60):
        layer, sizes = random_layer(rng)
        if not pv.diagnose(layer, sizes).ok:
            pressed += check_every_fix(layer, sizes)

    assert pressed > 100


# --- what travels to the browser -----------------------------------------------------------------


def test_picture_and_words_travel_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    w = pv.PoolExplorer(10, 3)
    sent = listen(w, monkeypatch)
    ask(w, kernel_size=[15, 15])

    assert [{"state", "picture"}] == [update.keys() for update in sent.updates]
    (update,) = sent.updates
    assert bytes(update["picture"]) == w.picture
    assert update["state"]["title"] == "MaxPool 15×15, stride 15, no padding"
    assert update["state"]["seq"] == w.state["seq"]


@pytest.mark.parametrize(
    "change",
    [
        lambda w: act(w, "fix", 0),
        lambda w: act(w, "example", "average"),
        lambda w: act(w, "axes", 3),
        lambda w: setattr(w, "layer", pv.Pool(3)),
        lambda w: setattr(w, "input_size", (4, 5)),
        lambda w: setattr(w, "input", np.eye(4)),
        lambda w: w.set_state({"screen": {"theme": "dark", "ratio": 2}}),
        lambda w: ask(w, seed=4, framework="jax"),
    ],
    ids=["fix", "example", "axes", "layer", "input_size", "input", "screen", "settings"],
)
def test_every_change_is_one_message(
    change: Callable[[pv.PoolExplorer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    w = pv.PoolExplorer(10, 15)
    seq = w.state["seq"]
    sent = listen(w, monkeypatch)
    change(w)

    assert len(sent.updates) == 1
    assert {"state", "picture"} == sent.updates[0].keys()
    assert seq < w.state["seq"]


def test_every_answer_says_which_question_it_answers() -> None:
    """So the browser knows when its controls are ahead, and does not set them back."""
    w = pv.PoolExplorer(10, 3)
    for kernel in (4, "x", 15):
        settings = {**settings_of(w), "kernel_size": [kernel, kernel]}
        w.set_state({"asked": {"settings": settings, "n": f"question {kernel}"}})

        assert w.state["answers"] == f"question {kernel}"
    w.layer = pv.Pool(2)

    assert w.state["answers"] == "question 15"


def test_a_complaint_sends_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    w = pv.PoolExplorer(10, 3)
    sent = listen(w, monkeypatch)
    ask(w, kernel_size=["abc", "abc"])

    assert [{"state"}] == [update.keys() for update in sent.updates]


def test_the_number_of_the_message_grows() -> None:
    w = pv.PoolExplorer(10, 3)
    seen = [w.state["seq"]]
    for kernel in (4, "x", 15, "y", 3):
        ask(w, kernel_size=[kernel, kernel])
        seen.append(w.state["seq"])

    assert sorted(set(seen)) == seen


def test_a_position_from_the_browser_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    w = pv.PoolExplorer(10, 3)
    sent = listen(w, monkeypatch)
    w.set_state({"position": [1, 2]})

    assert w.position == [1, 2]
    assert sent.updates == []


def test_all_that_travels_is_json() -> None:
    for name in EXAMPLES:
        w = pv.PoolExplorer(10, 3)
        act(w, "example", name)

        assert w.state == json.loads(json.dumps(w.state, allow_nan=False))


# --- the picture ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1, 1.25, 2, 3])
@pytest.mark.parametrize("size", [(10, 10), (2, 60), (30,), (3, 5, 5)], ids=str)
def test_picture_has_the_pixels_of_the_screen(size: tuple[int, ...], ratio: float) -> None:
    w = pv.PoolExplorer(size, 2)
    w.set_state({"screen": {"theme": "light", "ratio": ratio}})
    geometry = w.state["geometry"]
    expected = (geometry["height"] * ratio, geometry["width"] * ratio)
    actual = pixels(w.picture).shape[:2]

    assert expected == pytest.approx(actual, abs=1)


def test_picture_is_as_large_as_the_screen_can_use() -> None:
    w = pv.PoolExplorer(10, 3)
    w.set_state({"screen": {"theme": "light", "ratio": 1000}})

    assert pixels(w.picture).shape[1] == 3 * w.state["geometry"]["width"]


def test_dark_and_light_differ() -> None:
    """The corner is the page's colour."""
    w = pv.PoolExplorer(10, 15)
    found = {}
    for name in ("light", "dark", "light"):
        w.set_state({"screen": {"theme": name, "ratio": 1}})
        picture = pixels(w.picture)
        expected = np.array(THEMES[name].page) * 255

        assert expected == pytest.approx(picture[2, 2].astype(float), abs=4)
        assert found.setdefault(name, w.picture) == w.picture
    assert found["light"] != found["dark"]


def test_same_settings_give_the_same_picture() -> None:
    """Whatever was shown between."""
    w = pv.PoolExplorer(10, 3)
    expected = w.picture
    for name in EXAMPLES:
        act(w, "example", name)
    w.layer, w.input_size = pv.Pool((3, 3)), (10, 10)

    assert expected == w.picture
    assert expected == pv.PoolExplorer(10, 3).picture


@pytest.mark.parametrize("ratio", [1, 2])
def test_picture_and_geometry_agree_on_every_cell(ratio: int) -> None:
    """Off the centre of each cell lies the colour of its value, where the geometry says."""
    x = np.random.default_rng(3).integers(0, 2, (20, 24)).astype(float)
    w = pv.PoolExplorer(input=x, kernel_size=3, stride=2, padding=1)
    w.set_state({"screen": {"theme": "light", "ratio": ratio}})
    picture, theme = pixels(w.picture).astype(float), THEMES["light"]
    pooled = pv.pool(x, w.layer)
    for name, values in (("input", x), ("output", pooled)):
        plane = w.state["geometry"][name]
        assert values.shape == (plane["rows"], plane["columns"])
        for (row, column), value in np.ndenumerate(values):
            across = plane["left"] + (column + 0.2) * plane["cellWidth"]
            down = plane["top"] + (row + 0.25) * plane["cellHeight"]
            actual = picture[int(down * ratio), int(across * ratio)]
            low, high = (
                np.abs(actual - np.array(colour) * 255).sum() for colour in (theme.low, theme.high)
            )
            assert (high < low) == bool(value), (name, row, column, actual)


# --- geometry ------------------------------------------------------------------------------------

DRAWN = [
    (pv.Pool(3), (10, 10)),
    (pv.Pool(3, stride=5), (10, 10)),
    (pv.Pool((2, 3), stride=(1, 2), padding=1), (5, 8)),
    (pv.Pool(3, stride=2, padding="same", framework="keras"), (10, 11)),
    (pv.Pool(3, stride=2, padding="same_lower", framework="jax"), (10, 11)),
    (pv.Pool(3, stride=1, padding=((0, 2), (1, 0)), framework="tensorflow"), (6, 6)),
    (pv.Pool(3, stride=2, dilation=2), (9, 10)),
    (pv.Pool(3, stride=2, ceil_mode=True), (10, 12)),
    (pv.Pool(2, padding=1, ceil_mode=True), (5, 5)),
    (pv.Pool(4, 4, framework="onnxruntime"), (3, 8)),
    (pv.Pool(3, padding=1, op="avg"), (7, 7)),
    (pv.Pool(3, padding=1, op="avg", count_include_pad=False), (7, 7)),
    (pv.Pool((3,), stride=2, padding=1), (12,)),
    (pv.Pool((3,), op="avg"), (12,)),
    (pv.Pool((2, 3, 3), stride=2), (4, 7, 7)),
    (pv.Pool((2, 2, 2), op="avg", dilation=1), (4, 4, 6)),
]


def taps(axis: Any, place: int) -> list[int]:
    """The input elements that one window reads, from the five numbers that the browser has."""
    start = axis["first"] + place * axis["stride"]
    reached = range(start, start + axis["span"], axis["dilation"])
    return [tap for tap in reached if 0 <= tap < axis["size"]]


@pytest.mark.parametrize(("layer", "sizes"), DRAWN, ids=str)
def test_geometry_agrees_with_the_trace(layer: pv.Pool, sizes: tuple[int, ...]) -> None:
    """Window i of the browser starts where window i of `pv.trace` does."""
    w = pv.PoolExplorer(sizes, layer=layer)
    geometry, traced = w.state["geometry"], pv.trace(layer, sizes)
    axes = [geometry["depth"], geometry["down"], geometry["across"]][-len(sizes) :]
    for told, axis in zip(axes, traced.axes, strict=True):
        count = len(axis.window_starts)

        assert list(axis.window_starts) == [
            told["first"] + i * told["stride"] for i in range(count)
        ]
        assert axis.effective_kernel_size == told["span"]
        assert (axis.dilation, axis.input_size) == (told["dilation"], told["size"])
    output = geometry["output"]
    expected = traced.returned_size

    assert expected is not None
    assert (*(() if len(sizes) > 1 else (1,)), *expected)[-2:] == (
        output["rows"],
        output["columns"],
    )


@pytest.mark.parametrize(("layer", "sizes"), DRAWN, ids=str)
def test_geometry_agrees_with_the_scene(layer: pv.Pool, sizes: tuple[int, ...]) -> None:
    w = pv.PoolExplorer(sizes, layer=layer)
    geometry = w.state["geometry"]
    scene = build_scene(pv.trace(layer, sizes), w.input, View())

    assert (scene.width, scene.height) == (geometry["width"], geometry["height"])
    assert scene.output is not None
    for told, plane in (
        (geometry["input"], scene.input_plane),
        (geometry["output"], scene.output.plane),
    ):
        expected = (plane.left, plane.top, plane.cell_width, plane.cell_height)

        assert expected == (told["left"], told["top"], told["cellWidth"], told["cellHeight"])
        assert (plane.rows, plane.columns) == (told["rows"], told["columns"])
        # The whole grid lies within the picture.
        assert 0 <= told["left"] <= scene.width - told["cellWidth"] * told["columns"]
        assert 0 <= told["top"] <= scene.height - told["cellHeight"] * told["rows"]


@pytest.mark.parametrize(("layer", "sizes"), DRAWN, ids=str)
def test_sent_values_follow_from_the_sent_windows(layer: pv.Pool, sizes: tuple[int, ...]) -> None:
    """Naively: read each window's taps, take the largest or divide the sum as told."""
    w = pv.PoolExplorer(sizes, layer=layer)
    geometry, x = w.state["geometry"], w.input
    values = geometry["values"]
    assert x is not None
    grid = x.reshape((1,) * (3 - x.ndim) + x.shape)
    slices = taps(geometry["depth"], geometry["depth"]["output"]) if geometry["depth"] else [0]
    for i, j in product(*(range(geometry["output"][name]) for name in ("rows", "columns"))):
        places = list(product(slices, taps(geometry["down"], i), taps(geometry["across"], j)))
        read = [grid[place] for place in places]
        if layer.op == "avg":
            expected = sum(read) / values["divisors"][i][j]
        else:
            expected = max(read)
            first = min(place for place in places if grid[place] == expected)
            assert np.ravel_multi_index(first, grid.shape) == values["winners"][i][j]
        assert format_value(expected) == values["output"][i][j]


@pytest.mark.parametrize(
    ("layer", "size"),
    [
        (pv.Pool(3, 1, 10**6, framework="jax"), 10),  # 2,000,008 × 2,000,008 windows
        (pv.Pool(3, 1, 3000, framework="jax"), 10),
        (pv.Pool(10**9, padding=5 * 10**8), 10),
        (pv.Pool(2, padding=1, dilation=10**9, framework="jax"), 10**9),
    ],
    ids=str,
)
def test_windows_too_many_for_the_memory_are_shown_without_values(
    layer: pv.Pool, size: int
) -> None:
    """Padding makes a small input as large as one likes: it is drawn, but not computed."""
    tracemalloc.start()
    try:
        w = pv.PoolExplorer(size, layer=layer)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 100_000_000
    assert w.state["geometry"]["values"] is None
    assert pv.trace(layer, size).outcome == w.trace.outcome


def test_cells_that_only_look_alike_are_no_ties() -> None:
    """0.33341 and 0.33342 are both written 0.333: what is sent must tell them apart."""
    x = np.array([[0.33341, 0.33342], [0.0, 0.33342]])
    w = pv.PoolExplorer(input=x, kernel_size=2)
    values = w.state["geometry"]["values"]
    best = values["winners"][0][0]
    grid = np.array(values["ranks"])

    assert best == 1
    assert (grid == grid.flat[best]).tolist() == [[False, True], [False, True]]


def test_a_broken_layer_sends_no_output() -> None:
    geometry = pv.PoolExplorer(10, 15).state["geometry"]

    assert geometry["output"] is None
    assert geometry["values"] is None


def test_large_maps_send_no_values() -> None:
    """224 × 224 values would be 300 kB a change."""
    w = pv.PoolExplorer(224, 2)

    assert w.state["geometry"]["values"] is None
    assert len(json.dumps(w.state)) < 20_000


# --- in words, and without a browser -------------------------------------------------------------


@pytest.mark.parametrize(("layer", "sizes"), [*DRAWN[:6], *BROKEN[:10]], ids=str)
def test_repr_tells_settings_outcome_and_sizes(layer: pv.Pool, sizes: tuple[int, ...]) -> None:
    """nbval compares it, so it is the same each time."""
    text = repr(pv.PoolExplorer(sizes, layer=layer))
    traced = pv.trace(layer, sizes)

    assert text == repr(pv.PoolExplorer(sizes, layer=layer, seed=9))
    assert "0x" not in text
    assert "\n" not in text
    assert pv.diagnose(layer, sizes).headline in text
    for axis in traced.axes:
        assert f"{axis.name} {axis.formula}" in text


def test_repr_of_the_textbook_example() -> None:
    expected = (
        "PoolExplorer(MaxPool 15×15, stride 15, no padding on 10 × 10: PyTorch raises "
        "RuntimeError; height ⌊(10 − 15) / 15⌋ + 1 = 0; width ⌊(10 − 15) / 15⌋ + 1 = 0)"
    )
    actual = repr(pv.PoolExplorer(input_size=10, kernel_size=15))

    assert expected == actual


class Images(HTMLParser):
    """The tags of an HTML text, and what an `<img>` says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.attributes = dict(attrs)


def bundle_of(w: pv.PoolExplorer) -> dict[str, Any]:
    data, _ = w._repr_mimebundle_()
    return dict(data)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_mime_bundle_has_something_for_every_viewer(name: str) -> None:
    """A live view; a picture with its words; a picture; a sentence."""
    w = pv.PoolExplorer(EXAMPLES[name].input_size, layer=EXAMPLES[name].layer)
    bundle = bundle_of(w)
    image = Images(bundle["text/html"])

    assert bundle[WIDGET_VIEW]["model_id"] == w.model_id
    assert bundle["text/plain"] == repr(w)
    assert "img" in image.tags
    assert image.attributes["alt"] == w.state["alt"]
    assert escape(w.state["alt"]) in bundle["text/html"]
    assert image.attributes["src"] == f"data:image/png;base64,{bundle['image/png']}"


def test_static_picture_is_a_png_as_wide_as_the_live_one() -> None:
    w = pv.PoolExplorer(10, 15)
    picture = pixels(base64.b64decode(bundle_of(w)["image/png"]))

    assert picture.shape[1] == w.state["geometry"]["width"]
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


def test_alt_text_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes of a padding name, and whatever else a scene may say one day."""
    w = pv.PoolExplorer(10, 3, padding="same", framework="keras")

    assert '"same"' in w.state["alt"]
    assert "&quot;same&quot;" in bundle_of(w)["text/html"]
    scene = type(w._scene)
    monkeypatch.setattr(scene, "alt", property(lambda self: HOSTILE))
    image = Images(bundle_of(w)["text/html"])

    assert image.attributes["alt"] == HOSTILE
    assert "script" not in image.tags
    assert "onerror" not in image.attributes


@pytest.mark.parametrize("name", ["kernel_size", "values", "framework", "op", "padding", "seed"])
def test_hostile_text_is_nowhere_markup(name: str) -> None:
    w = pv.PoolExplorer(10, 3)
    value = [HOSTILE, HOSTILE] if name == "kernel_size" else HOSTILE
    ask(w, **{name: value})
    bundle = bundle_of(w)

    assert w.state["problem"]
    assert "onerror" not in bundle["text/html"]
    assert "onerror" not in bundle["text/plain"]
    assert "<img" not in "".join(str(w.state[key]) for key in w.state if key != "problem")


def test_the_viewer_sets_text_as_text() -> None:
    """What Python sends, a complaint with the reader's own words included, is never HTML."""
    source = "".join(file.read_text(encoding="utf-8") for file in VIEWER.rglob("*.js"))

    assert "textContent" in source
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in source


@pytest.mark.parametrize("position", [[99, 99], [0, 3], [-5, -5], [10**9, 0]], ids=str)
def test_static_picture_of_a_position_that_is_gone(position: list[int]) -> None:
    """The browser told a cell of a larger output, then the kernel grew."""
    w = pv.PoolExplorer(10, 3)
    w.position = position

    assert bundle_of(w)["image/png"]


def test_a_closed_explorer_still_says_what_it_was() -> None:
    w = pv.PoolExplorer(10, 15)
    expected = repr(w)
    w.close()

    assert expected == repr(w)


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


# --- where anywidget does not load ---------------------------------------------------------------


def test_image_and_words_follow_every_change() -> None:
    """The static picture of the notebook, and the alt text as text, never as markup."""
    w = pv.PoolExplorer(10, 3)
    image, words = w.image(), w.words()

    def stored() -> bytes:
        return base64.b64decode(bundle_of(w)["image/png"])

    seen = [image.value]
    changes: list[Callable[[], Any]] = [
        lambda: ask(w, kernel_size=[15, 15]),
        lambda: act(w, "fix", 0),
        lambda: setattr(w, "layer", pv.Pool(2)),
        lambda: setattr(w, "position", [1, 2]),
        lambda: setattr(w, "show", "unread cells"),
        lambda: setattr(w, "input", np.ones((4, 4))),
    ]
    for change in changes:
        change()
        assert image.value == stored() != seen[-1]
        assert words.value == f"<p>{escape(w.state['alt'])}</p>"
        seen.append(image.value)
    assert (image.format, pixels(image.value).shape[1]) == ("png", 900)
    assert image.tooltip is None  # it would break the view of ipywidgets 8.1.9


def test_an_image_does_not_make_the_browser_tell_its_moves() -> None:
    w = pv.PoolExplorer(10, 3)
    w.image()
    w.words()

    assert not w.position_is_watched


def test_every_image_follows_and_a_complaint_leaves_it() -> None:
    w = pv.PoolExplorer(10, 3)
    one, other = w.image(), w.image()
    before = one.value
    ask(w, kernel_size=["x", "x"])
    assert one.value == other.value == before
    one.close()
    w.layer = pv.Pool(4)

    assert other.value != before


# --- layers of insight ---------------------------------------------------------------------------


def test_layers_are_off_by_default() -> None:
    w = pv.PoolExplorer(10, 3)

    assert w.show == ()
    assert w.state["insights"] == []
    assert "showing" not in repr(w)
    assert [name for name, _ in w.state["layers"]] == [
        "read counts",
        "unread cells",
        "gradient routing",
        "receptive field",
    ]


def test_show_as_keyword_as_assignment_and_as_control() -> None:
    """Three ways to the same picture, words and repr."""
    layers = ("read counts", "receptive field")
    by_keyword = pv.PoolExplorer(10, 3, show=layers)
    by_assignment = pv.PoolExplorer(10, 3)
    by_assignment.show = layers
    by_control = pv.PoolExplorer(10, 3)
    ask(by_control, show=list(layers))

    for w in (by_keyword, by_assignment, by_control):
        assert w.show == layers
        assert w.picture == by_keyword.picture != pv.PoolExplorer(10, 3).picture
        assert repr(w).endswith("; showing read counts and receptive field)")
        assert [text.split(":")[0] for text in w.state["insights"]] == [
            "Read counts",
            "Receptive field",
        ]
        assert all(text in w.state["alt"] for text in w.state["insights"])
        assert w.state["geometry"]["showsField"] is True
    by_control.show = "unread cells"

    assert by_control.show == ("unread cells",)
    assert by_control.state["geometry"]["showsField"] is False


def test_layers_outlast_every_change() -> None:
    w = pv.PoolExplorer(10, 3, show="unread cells")
    changes: list[Callable[[], Any]] = [
        lambda: ask(w, kernel_size=[4, 4]),
        lambda: ask(w, kernel_size=[15, 15]),
        lambda: act(w, "fix", 0),
        lambda: act(w, "axes", 3),
        lambda: act(w, "example", next(iter(EXAMPLES))),
        lambda: setattr(w, "input", np.ones((6, 6))),
        lambda: setattr(w, "input_size", 10**9),
        lambda: setattr(w, "layer", pv.Pool(3, framework="keras")),
        lambda: w.look_at(pv.Pool(2), 8),
        lambda: tell(w, {"settings": "nonsense"}),
    ]
    for change in changes:
        change()
        assert w.show == ("unread cells",)
        assert w.state["settings"]["show"] == ["unread cells"]
        assert w.state["insights"][0].startswith("Unread cells: ")
    assert w.state["problem"] != ""


@pytest.mark.parametrize("given", ["reads", ["read counts", "x"], [["read counts"]], 3, None])
def test_unknown_layers_are_refused(given: Any) -> None:
    w = pv.PoolExplorer(10, 3, show="unread cells")
    before = shown(w)
    with pytest.raises((TypeError, ValueError), match="show"):
        pv.PoolExplorer(10, 3, show=given)
    with pytest.raises((TypeError, ValueError), match="show"):
        w.show = given
    ask(w, show=given)

    assert "show" in w.state["problem"]
    assert shown(w) == before


def test_layers_are_in_the_static_picture() -> None:
    on, off = (pv.PoolExplorer(10, 3, show=show) for show in (("receptive field",), ()))

    assert bundle_of(on)["image/png"] != bundle_of(off)["image/png"]
    assert "Receptive field: an output cell sees 3 × 3" in bundle_of(on)["text/html"]


# --- over a long lesson --------------------------------------------------------------------------


def random_settings(rng: random.Random, w: pv.PoolExplorer) -> dict[str, Any]:
    """All controls moved at once, mostly to something that can be asked for."""
    axes = range(len(w.input_size))
    return {
        "input_size": [rng.randint(0, 14) for _ in axes],
        "kernel_size": [rng.choice((1, 2, 3, 5, 15, "x")) for _ in axes],
        "stride": rng.choice((None, [rng.randint(1, 5) for _ in axes])),
        "padding": rng.choice(("same", "valid", [[rng.randint(0, 2)] * 2 for _ in axes])),
        "dilation": [rng.randint(1, 3) for _ in axes],
        "ceil_mode": rng.random() < 0.5,
        "op": rng.choice(("max", "avg")),
        "framework": rng.choice(sorted(pv.FRAMEWORKS)),
        "seed": rng.randint(0, 3),
    }


def play(w: pv.PoolExplorer, rng: random.Random, times: int) -> None:
    for _ in range(times):
        if rng.random() < 0.1:
            act(w, "axes", rng.choice((1, 2, 3)))
        if w.state["fixes"] and rng.random() < 0.2:
            act(w, "fix", 0)
        ask(w, **random_settings(rng, w))


def memory() -> int:
    """Traced bytes, but what poolviz keeps on purpose: caches of a bounded size."""
    gc.collect()
    for thing in gc.get_objects():
        if isinstance(thing, Cache) and thing.__module__.startswith("poolviz"):
            assert thing.cache_parameters()["maxsize"] is not None, thing
            thing.cache_clear()
    return tracemalloc.get_traced_memory()[0]


def alive() -> dict[str, int]:
    """How many figures, widgets and comms there are."""
    gc.collect()
    return {
        "figures": sum(isinstance(thing, Figure) for thing in gc.get_objects()),
        "widgets": len(widget_module._instances),
        "comms": len(comm.get_comm_manager().comms),
    }


@pytest.mark.long
def test_random_changes_leave_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    """200 changes: as many figures and comms as before, no fault, no growing memory."""
    w = pv.PoolExplorer(10, 3)
    rng = random.Random(11)
    play(w, rng, 20)
    before = alive()
    tracemalloc.start()
    try:
        play(w, rng, 20)
        start = memory()
        play(w, rng, 200)
        end = memory()
    finally:
        tracemalloc.stop()

    assert before == alive()
    assert end - start < 500_000  # one picture is 1.4 MB unpacked
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_static_pictures_leave_nothing_behind() -> None:
    w = pv.PoolExplorer(10, 3)
    bundle_of(w)
    before = alive()
    for _ in range(5):
        bundle_of(w)

    assert before == alive()


# --- faults of our own ---------------------------------------------------------------------------


@pytest.fixture
def broken_drawing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and every drawing fails."""

    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("drawn by nobody")

    return lambda: monkeypatch.setattr(explorer_module, "build_scene", fail)


def test_a_fault_in_the_drawing_is_shown_and_the_last_good_state_stays(
    broken_drawing: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    w = pv.PoolExplorer(10, 3)
    before = shown(w)
    with monkeypatch.context():
        broken_drawing()
        ask(w, kernel_size=[5, 5])

    assert "fault of poolviz: ZeroDivisionError: drawn by nobody" in w.state["problem"]
    assert before == shown(w)
    assert "could not show" in caplog.text
    monkeypatch.undo()
    ask(w, kernel_size=[5, 5])

    assert w.state["problem"] == ""
    assert w.layer.kernel_size == (5, 5)


def test_a_fault_in_the_words_is_shown_and_the_last_good_state_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Picture and words change together or not at all."""
    w = pv.PoolExplorer(10, 3)
    before = shown(w)
    monkeypatch.setattr(scene_words, "geometry", lambda scene: 1 // 0)
    ask(w, kernel_size=[15, 15])

    assert "fault of poolviz: ZeroDivisionError" in w.state["problem"]
    assert before == shown(w)
    assert w.trace.outcome == "ok"


def test_a_fault_after_an_assignment_is_raised_and_the_last_good_state_stays(
    broken_drawing: Callable[[], None],
) -> None:
    w = pv.PoolExplorer(10, 3)
    before = shown(w)
    broken_drawing()
    with pytest.raises(ZeroDivisionError):
        w.layer = pv.Pool(5)

    assert before == shown(w)


def test_a_fault_when_the_screen_changes_is_shown(broken_drawing: Callable[[], None]) -> None:
    w = pv.PoolExplorer(10, 3)
    broken_drawing()
    w.set_state({"screen": {"theme": "dark", "ratio": 1}})

    assert "fault of poolviz" in w.state["problem"]
