"""What PoolExplorer sends to the browser: picture, geometry, overlays."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.drawing.scene.numerals import format_value
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import build_scene
from poolviz.drawing.scene.theme import THEMES
from poolviz.widgets.explorer.parameters import NAMES
from poolviz.widgets.explorer.state import WIDE
from tests.widgets.explorer.explorer_controls import (
    DRAWN,
    act,
    ask,
    bundle_of,
    listen,
    pixels,
    settings_of,
    shown,
    tell,
)

# --- what travels to the browser -----------------------------------------------------------------


def test_picture_and_words_travel_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    w = pv.PoolExplorer(10, 3)
    sent = listen(w, monkeypatch)
    ask(w, kernel_size=[15, 15])

    assert [{"state", "picture"}] == [update.keys() - {*NAMES} for update in sent.updates]
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
    assert {"state", "picture"} == sent.updates[0].keys() - {*NAMES}
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
    scene = build_scene(pv.trace(layer, sizes), w.input, View(WIDE))

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
    """Compute it naively: read each window's cells, take the largest or divide their sum."""
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
    """0.33341 and 0.33342 are both written 0.333: what is sent must distinguish them."""
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


# --- overlays -----------------------------------------------------------------------------------


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
    assert (
        "Receptive field: each output cell has a receptive field of 3 × 3"
        in bundle_of(on)["text/html"]
    )
