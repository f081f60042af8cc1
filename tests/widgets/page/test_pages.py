"""Saved pages hold what Python computes, for every setting in their ranges and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic.framework_names import COMPARED
from poolviz.widgets.base.language import browser_texts
from tests.support.stored_pages import hashes_of, node_of, policy_of, row_of, stored_in

pytestmark = pytest.mark.release

BUDGET = 500_000  # bytes
RANGES: dict[str, Any] = {
    "kernel_size": range(1, 16),
    "stride": range(1, 7),
    "padding": [0, 1, 2, "same"],
    "dilation": [1, 2, 3],
    "framework": ["pytorch", "keras"],
}
SAMPLE = 60


@pytest.fixture(scope="module")
def explorer() -> pv.PoolExplorer:
    return pv.PoolExplorer(10, 15)


@pytest.fixture(scope="module")
def full(explorer: pv.PoolExplorer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that the budget is about."""
    return explorer.save(tmp_path_factory.mktemp("full") / "pool.html", **RANGES)


@pytest.fixture(scope="module")
def stored(full: Path) -> dict[str, Any]:
    return stored_in(full)


def layer_of(settings: dict[str, Any]) -> pv.Pool:
    padding = settings["padding"]
    return pv.Pool(
        kernel_size=tuple(settings["kernel_size"]),
        stride=settings["stride"] and tuple(settings["stride"]),
        padding=padding if isinstance(padding, str) else tuple(map(tuple, padding)),
        dilation=tuple(settings["dilation"]),
        framework=settings["framework"],
    )


def plain(layer: pv.Pool) -> pv.Pool:
    """With one padding per axis where both sides are alike, which is how a user writes it."""
    if isinstance(layer.padding, str):
        return layer
    sides = [pair if pair[0] != pair[1] else pair[0] for pair in layer.padding]
    return pv.Pool(
        layer.kernel_size, layer.stride, tuple(sides), layer.dilation, framework=layer.framework
    )


# --- the explorer --------------------------------------------------------------------------------


def test_the_page_is_small_enough(full: Path) -> None:
    assert full.stat().st_size <= BUDGET


def test_it_opens_as_the_widget_stands(stored: dict[str, Any], explorer: pv.PoolExplorer) -> None:
    opening = node_of(stored, 0, stored["start"])

    assert opening is not None
    for name in ("title", "subtitle", "alt", "code", "settings", "axes", "frameworks", "says"):
        assert opening["state"][name] == explorer.state[name]


def test_every_setting_of_the_ranges_is_there(stored: dict[str, Any]) -> None:
    table = stored["views"][0]["table"]["state"]["settings"]
    found = {json.dumps(row_of(table, node)) for node in range(stored["count"])}
    asked = 15 * 7 * 4 * 3 * 2  # with the default stride, which is the present one

    assert len(found) == stored["count"]
    assert asked <= stored["count"] <= asked + len(pv.diagnose(pv.Pool(15), 10).fixes)


@pytest.mark.parametrize("part", range(SAMPLE))
def test_words_and_numbers_are_computed_anew(stored: dict[str, Any], part: int) -> None:
    """Of settings that chance picks; not by the widget, but by the functions below it."""
    node = Random(part).randrange(stored["count"])
    shown = node_of(stored, 0, node)
    assert shown is not None
    state, drawn = shown["state"], shown["drawn"]
    layer, sizes = plain(layer_of(state["settings"])), tuple(state["settings"]["input_size"])
    traced, said = pv.trace(layer, sizes), pv.diagnose(layer, sizes)

    assert [axis["formula"] for axis in state["axes"]] == [axis.formula for axis in traced.axes]
    assert [axis["fails"] for axis in state["axes"]] == [
        axis.output_size < 1 for axis in traced.axes
    ]
    findings = [str(finding) for finding in said.findings]
    assert [one["text"] for one in state["findings"]][: len(findings)] == findings
    for fix, expected in zip(state["fixes"], said.fixes, strict=True):
        assert fix["text"] == f"{expected.change} gives {expected.gives}"
    assert [fix["code"] for fix in state["fixes"]] == [fix.code for fix in said.fixes]
    verdicts = pv.compare(traced)
    assert [one["text"] for one in state["frameworks"]] == [verdict.text for verdict in verdicts]
    assert state["says"] == (traced.says() or "")
    for drawing in drawn.values():
        check_drawing(drawing, traced, layer, sizes)


def check_drawing(drawing: dict[str, Any], traced: pv.Trace, layer: pv.Pool, sizes: Any) -> None:
    """Check what is painted in the cells, and the sentence of the browser about a window."""
    x = np.random.default_rng(0).integers(-9, 10, size=sizes).astype(float)
    picture, geometry = drawing["picture"], drawing["state"]["geometry"]
    if traced.outcome != "ok":
        assert geometry["output"] is None
        assert len(picture["cells"]) == 1
        return
    pooled, winners = pv.pool(x, layer), pv.pool_indices(x, layer)
    assert (geometry["output"]["rows"], geometry["output"]["columns"]) == traced.output_size
    texts = [[f"{value:g}" for value in row] for row in pooled]
    assert [[text.replace("-inf", "-∞") for text in row] for row in texts] == geometry["values"][
        "output"
    ]
    assert geometry["values"]["winners"] == winners.tolist()
    shown_in, shown_out = picture["cells"]
    if shown_in["numbers"] is not None:
        assert [float(text) for text in shown_in["numbers"]] == x.ravel().tolist()
    if shown_out["numbers"] is not None:
        flat = [float(text.replace("∞", "inf")) for text in shown_out["numbers"]]
        assert flat == pooled.ravel().tolist()


def test_fixes_lead_to_what_they_say(stored: dict[str, Any], explorer: pv.PoolExplorer) -> None:
    goes = row_of(stored["goes"], stored["start"])["0"]["fix"]
    fixes = pv.diagnose(pv.Pool(15), 10).fixes
    led = {int(i): node_of(stored, 0, node) for i, node in goes.items()}

    assert set(led) == {i for i, fix in enumerate(fixes) if fix.layer is not None}
    for i, shown in led.items():
        assert shown is not None
        settings, layer = shown["state"]["settings"], fixes[i].layer
        assert layer is not None
        assert tuple(settings["input_size"]) == fixes[i].input_size
        traced = pv.trace(layer, fixes[i].input_size)
        assert [axis["formula"] for axis in shown["state"]["axes"]] == [
            axis.formula for axis in traced.axes
        ]


def test_only_fixes_that_lead_somewhere_are_buttons(stored: dict[str, Any]) -> None:
    for node in range(0, stored["count"], 37):
        shown = node_of(stored, 0, node)
        assert shown is not None
        goes = row_of(stored["goes"], node).get("0", {}).get("fix", {})
        applies = [str(i) for i, fix in enumerate(shown["state"]["fixes"]) if fix["applies"]]
        assert sorted(goes) == sorted(applies)


def test_controls_offer_what_is_there(stored: dict[str, Any]) -> None:
    shown = node_of(stored, 0, stored["start"])

    assert shown is not None
    assert shown["state"]["offers"] == {
        "framework": ["pytorch", "keras"],
        "dilation": [1, 2, 3],
        "padding": [0, 1, 2, "same"],
        "stride": [1, 2, 3, 4, 5, 6, None],
        "kernel_size": list(range(1, 16)),
    }


# --- ranges --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"kernel_size": "3"}, TypeError, "kernel_size must be an int"),
        ({"kernel_size": [0]}, ValueError, "kernel_size must be an int ≥ 1"),
        ({"kernel_size": [(1, 2, 3)]}, ValueError, "one entry per axis"),
        ({"stride": []}, ValueError, "stride has no value"),
        ({"dilation": [None]}, TypeError, "dilation must be an int"),
        ({"padding": ["sane"]}, ValueError, "padding must be"),
        ({"framework": ["theano"]}, ValueError, "framework must be one of"),
        ({"op": ["min"]}, ValueError, "op must be one of"),
        ({"kernel_size": range(1, 10**12)}, ValueError, "more than 1000 values"),
        (
            {"kernel_size": range(1, 200), "stride": range(1, 100)},
            ValueError,
            "are 318,400 settings, but a page holds at most 12,000",
        ),
    ],
)
def test_ranges_that_cannot_be(
    tmp_path: Path, asked: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        pv.PoolExplorer(10, 3).save(tmp_path / "pool.html", **asked)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_would_be_too_large_says_how_large(tmp_path: Path) -> None:
    wide = pv.PoolExplorer(900, 3)
    asked = {"kernel_size": range(2, 7), "stride": [1], "padding": [0], "framework": "pytorch"}
    with pytest.raises(ValueError, match=r"the page would have \d+\.\d MB for 10 settings"):
        wide.save(tmp_path / "pool.html", **asked)
    assert list(tmp_path.iterdir()) == []


def test_one_value_may_come_alone(tmp_path: Path) -> None:
    path = pv.PoolExplorer(6, 3).save(
        tmp_path / "pool.html", kernel_size=2, stride=1, padding="same", dilation=1, framework="jax"
    )
    stored = stored_in(path)
    table = stored["views"][0]["table"]["state"]["settings"]
    kernels = {tuple(row_of(table, node)["kernel_size"]) for node in range(stored["count"])}

    assert kernels == {(2, 2), (3, 3)}
    assert stored["count"] == 2 * 2 * 2 * 2  # each with the present one


@pytest.mark.parametrize(
    "parameters",
    [
        {"input_size": (4, 6), "kernel_size": (5, 3), "stride": 2},
        {"input_size": (3, 5, 5), "kernel_size": 2, "op": "avg"},
        {"input_size": (30,), "kernel_size": 3, "show": "receptive field"},
        {"input_size": 1, "kernel_size": 1},
        {"input_size": 0, "kernel_size": 2},
        {"input_size": 10**9, "kernel_size": 3},
        {"input_size": 6, "kernel_size": 10**20},
        {"input_size": 6, "kernel_size": 3, "padding": [(0, 1), (2, 1)], "framework": "jax"},
        {"input": np.array([[np.nan, np.inf], [-np.inf, 0.5]]), "kernel_size": 2},
    ],
    ids=str,
)
def test_any_explorer_can_be_saved(tmp_path: Path, parameters: dict[str, Any]) -> None:
    explorer = pv.PoolExplorer(**parameters)
    path = explorer.save(tmp_path / "pool.html", stride=[1, 2], dilation=[1], padding=[0])
    stored = stored_in(path)
    opening = node_of(stored, 0, 0)

    assert opening is not None
    assert opening["state"]["title"] == explorer.state["title"]
    assert opening["state"]["settings"] == json.loads(json.dumps(explorer.state["settings"]))


# --- the other widgets ---------------------------------------------------------------------------


def test_a_map_has_every_cell(tmp_path: Path) -> None:
    widget = pv.SizeMap(6, 3, x="kernel_size", y="padding", framework="onnxruntime")
    stored = stored_in(widget.save(tmp_path / "map.html"))
    swept = widget.view.chart.sweep
    cells = row_of(stored["goes"], 0)["0"]["cell"]

    assert len(cells) == len(swept.xs) * len(swept.ys)
    for place in list(cells)[::17]:
        row, column = json.loads(place)
        chart, explorer = (node_of(stored, view, cells[place]) for view in (0, 1))
        assert chart is not None
        assert explorer is not None
        assert chart["state"]["here"] == [row, column]
        layer = pv.Pool(swept.xs[column], padding=swept.ys[::-1][row], framework="onnxruntime")
        formulas = [axis["formula"] for axis in explorer["state"]["axes"]]
        assert formulas == [axis.formula for axis in pv.trace(layer, 6).axes]


def test_a_comparison_has_every_reference(tmp_path: Path) -> None:
    widget = pv.FrameworkComparison(6, 3, stride=2, padding="same", framework="keras")
    stored = stored_in(widget.save(tmp_path / "comparison.html"))
    goes = row_of(stored["goes"], 0)["0"]["framework"]

    assert sorted(goes) == sorted(json.dumps(name) for name in COMPARED)
    for name, node in goes.items():
        shown = node_of(stored, 0, node)
        assert shown is not None
        layer = pv.Pool(3, stride=2, padding="same", framework=json.loads(name))
        expected = [verdict.text for verdict in pv.compare(pv.trace(layer, 6))]
        assert [row["text"] for row in shown["state"]["rows"]] == expected


def network() -> pv.Stack:
    layers = [pv.Conv(8, 3), pv.Pool(2), pv.Conv(16, 3), pv.Pool(2), pv.Pool(2), pv.Pool(2)]
    return pv.Stack(layers, input_shape=(20, 28, 1), framework="keras")


def test_a_network_has_every_layer_and_every_fix(tmp_path: Path) -> None:
    stack = network()
    stored = stored_in(pv.StackExplorer(stack).save(tmp_path / "stack.html"))
    goes = row_of(stored["goes"], 0)["0"]
    assert stack.first_failure is not None

    assert sorted(map(int, goes["choose"])) == list(range(stack.first_failure.index + 1))
    assert len(goes["fix"]) == len(stack.fixes)
    for i, node in goes["fix"].items():
        shown = node_of(stored, 0, node)
        assert shown is not None
        assert shown["state"]["title"] == f"{stack.fixes[int(i)].stack.diagnosis.headline}."


def test_a_large_network_is_still_a_page(tmp_path: Path) -> None:
    layers = [pv.Conv(8, 3, padding="same")] * 150 + [pv.Pool(2)] * 6
    path = pv.StackExplorer(pv.Stack(layers, (20, 20, 3), framework="keras")).save(
        tmp_path / "s.html"
    )

    assert path.stat().st_size < 2_000_000


def test_what_is_open_below_a_text_is_stored_open(tmp_path: Path) -> None:
    decoder = pv.ErrorDecoder(
        "Negative dimension size caused by subtracting 2 from 1 for 'p/MaxPool'"
    )
    closed = stored_in(decoder.save(tmp_path / "closed.html"))
    decoder.open_explorer()
    opened = stored_in(decoder.save(tmp_path / "opened.html"))
    shown = node_of(closed, 1, 0), node_of(opened, 1, 0)

    assert shown[0] is None
    assert shown[1] is not None


def test_a_text_that_says_nothing_is_a_page_too(tmp_path: Path) -> None:
    for text in ("", "hello", "x" * 10_000):
        stored = stored_in(pv.ErrorDecoder(text).save(tmp_path / "page.html"))
        assert stored["count"] == 1


def test_a_solution_is_not_in_clear_text(tmp_path: Path) -> None:
    card = pv.ExerciseCard("size-plain")
    page = card.save(tmp_path / "card.html").read_text(encoding="utf-8")

    assert card.exercise.question.split("`")[0].strip() in page
    for secret in (card.exercise.solution, card.exercise.hint):
        assert secret not in page


# --- the page itself -----------------------------------------------------------------------------

MAKERS: dict[str, Callable[[], Any]] = {
    "explorer": lambda: pv.PoolExplorer(2, 2),
    "map": lambda: pv.SizeMap(3, 2),
    "stack": lambda: pv.StackExplorer(network()),
    "card": lambda: pv.ExerciseCard("size-plain"),
    "decoder": lambda: pv.ErrorDecoder("Output size is too small"),
    "figure": lambda: pv.draw(pv.Pool(3), 7),
    "stack figure": lambda: pv.draw(network()),
}


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("name", MAKERS)
def test_the_policy_allows_this_page_and_nothing_else(
    tmp_path: Path, name: str, script: bool
) -> None:
    made = MAKERS[name]()
    is_figure = "figure" in name
    page = made.save(tmp_path / "page.html", **({} if is_figure else {"script": script}))
    text = page.read_text(encoding="utf-8")
    policy = policy_of(text)

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert set(re.findall(r"'sha256-[^']*'", policy)) == hashes_of(text)
    assert ("<script" in text) is (script and not is_figure)
    addresses = set(re.findall(r"https?://[^\s\"'`<]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<[a-z][^>]*\s(?:on\w+|style)=", text.split("<script", 1)[0])


def test_a_page_speaks_the_language_of_its_widget(tmp_path: Path) -> None:
    german = pv.PoolExplorer(4, 5, language="de")
    asked = {"stride": [1], "padding": [0], "dilation": [1], "kernel_size": [3]}
    path = german.save(tmp_path / "german.html", **asked)
    stored = stored_in(path)
    opening = node_of(stored, 0, 0)

    assert opening is not None
    assert '<html lang="de"' in path.read_text(encoding="utf-8")
    assert stored["texts"] == browser_texts("de")
    for name in ("title", "subtitle", "alt"):
        assert opening["state"][name] == german.state[name]
        assert opening["state"][name] != pv.PoolExplorer(4, 5).state[name]
    assert opening["state"]["fixes"][0]["text"] == german.state["fixes"][0]["text"]
