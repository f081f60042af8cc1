"""What PoolExplorer rejects, and what happens if it fails internally."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import poolviz as pv
from poolviz.widgets.explorer import state as scene_words
from tests.widgets.explorer.explorer_controls import (
    HOSTILE,
    act,
    ask,
    pixels,
    settings_of,
    shown,
    tell,
)

# --- wrong input ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def w() -> Iterator[pv.PoolExplorer]:
    """One explorer that gets all the wrong input, one after the other."""
    explorer = pv.PoolExplorer((10, 12), 3)
    yield explorer
    explorer.close()


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
    *(({"op": value}, "op") for value in ("median", None, 1, [], {})),
    *(
        ({"op": "avg", "count_include_pad": value}, "count_include_pad")
        for value in ("yes", 1, [], {})
    ),
    *(({"framework": value}, "framework") for value in ("theano", "", None, 1, [], {})),
    *(({"seed": value}, "seed") for value in (-1, "a", 1.5, None, True, [])),
    *(({"slice": value}, "slice") for value in (-1, "a", 1.5, None, True, [])),
    *(({"values": value}, "input") for value in ("", " \n ", "a b", HOSTILE, "1 2 x", "1..2")),
    ({"values": "1 2\n3"}, "row"),
    *(({"values": value}, "values") for value in (5, [1, 2], {}, True)),
]


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

    assert "remove the layer" in w.state["problem"]
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


# --- faults of our own ---------------------------------------------------------------------------


@pytest.fixture
def broken_drawing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and every drawing fails."""

    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("drawn by nobody")

    return lambda: monkeypatch.setattr(scene_words, "build_scene", fail)


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

    assert "bug in poolviz: ZeroDivisionError: drawn by nobody" in w.state["problem"]
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

    assert "bug in poolviz: ZeroDivisionError" in w.state["problem"]
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

    assert "bug in poolviz" in w.state["problem"]
