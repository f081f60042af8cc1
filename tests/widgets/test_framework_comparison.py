"""One call in five frameworks: differences, conversions that were run in them, the widget."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic.framework_names import COMPARED
from poolviz.diagnosis.layer.conversion import convert
from poolviz.diagnosis.layer.differences import difference, kind_of_difference
from poolviz.drawing.charts.side_by_side import WIDTH, build_side_by_side, with_variants
from poolviz.drawing.draw import example_values
from poolviz.drawing.mpl.glyphs import outline
from tools.record.layers.conversions import all_lines, conversions, recorded

_serial = itertools.count(1)
RECORDED = {row["call"]: row for row in recorded()}
SAME = pv.Pool(3, 2, "same", framework="keras")


# --- conversions ---------------------------------------------------------------------------------


def test_all_frameworks_have_run() -> None:
    assert {row["version"] for row in RECORDED.values()} == {
        "torch 2.13.0+cpu",
        "keras 3.15.1",
        "flax 0.12.8",
        "tensorflow 2.21.0",
        "onnxruntime 1.32.0",
        "mlx.core 0.32.4",
    }
    assert len(RECORDED) > 2000


def test_the_frameworks_gave_the_values_of_the_reference() -> None:
    assert [row["call"] for row in RECORDED.values() if not row["equal"]] == []


def test_the_lines_are_those_that_ran() -> None:
    """Those of the conversions, and the call itself in the words of each framework."""
    written = {lines.key: lines.code for lines in all_lines()}

    assert written == {call: row["code"] for call, row in RECORDED.items()}


@pytest.mark.parametrize(
    ("layer", "size"),
    [
        (pv.Pool(15), (10, 10)),  # raises
        (pv.Pool(15, framework="jax"), (10, 10)),  # empty
        (pv.Pool(15, framework="onnxruntime"), (10, 10)),  # a partial window
        (pv.Pool(3, 2, 1, ceil_mode=True, op="avg"), (10, 10)),  # padding counts, overhang not
    ],
)
def test_what_no_plain_window_gives_is_not_offered(layer: pv.Pool, size: tuple[int, ...]) -> None:
    assert convert(pv.trace(layer, size), "pytorch") is None


def test_a_dilation_that_the_target_has_not() -> None:
    assert convert(pv.trace(pv.Pool(3, 1, dilation=2), (9, 9)), "keras") is None


def test_a_layer_is_no_trace() -> None:
    layer: Any = pv.Pool(3)
    with pytest.raises(TypeError, match=r"reference must be a poolviz\.Trace, got Pool"):
        pv.convert(layer, "keras")
    with pytest.raises(TypeError, match=r"asked must be a poolviz\.Trace, got Pool"):
        pv.compare(layer)


@pytest.mark.parametrize("kernel_size", [3, 15])
def test_a_conversion_to_no_framework(kernel_size: int) -> None:
    """Also where there is nothing to convert."""
    with pytest.raises(ValueError, match="framework must be one of"):
        pv.convert(pv.trace(pv.Pool(kernel_size), 10), "caffe")


# --- differences ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "size", "other", "kind", "says"),
    [
        (SAME, 10, "tensorflow", "same", ""),
        (SAME, 10, "pytorch", "outcome", 'PyTorch rejects padding="same" (TypeError).'),
        (pv.Pool(15), 10, "tensorflow", "outcome", ""),
        (pv.Pool(15), 10, "jax", "outcome", "JAX returns an empty array, 0 × 0, without an error."),
        (
            pv.Pool(3, 2, "same", dilation=2, framework="jax"),
            9,
            "onnxruntime",
            "size",
            "onnxruntime gets 4 windows",
        ),
        (
            pv.Pool(2, 2, "same", op="avg", framework="tensorflow"),
            5,
            "jax",
            "divisor",
            "JAX divides by the number of kernel elements, padding included.",
        ),
        (
            pv.Pool(3, 2, 1, op="avg"),
            10,
            "onnxruntime",
            "divisor",
            "onnxruntime divides by the number of input cells in the window, padding excluded.",
        ),
    ],
)
def test_why_two_frameworks_differ(
    layer: pv.Pool, size: int, other: str, kind: str, says: str
) -> None:
    asked = pv.trace(layer, size)
    verdict = next(v for v in pv.compare(asked) if v.trace.layer.framework == other)
    if layer == pv.Pool(15) and other == "tensorflow":
        kind = "same"  # both raise, each in its own words

    assert kind_of_difference(asked, verdict.trace) == kind
    assert says in difference(asked, verdict.trace)


def test_uneven_padding_is_told_with_its_shift() -> None:
    torch = pv.trace(pv.Pool(3, 2, 1), (10, 10))

    assert difference(pv.trace(SAME, (10, 10)), torch) == (
        "Height and width: 1 before and 1 after are added, not 0 before and 1 after, so every "
        "window starts 1 element earlier."
    )


def test_a_kind_says_whether_values_can_differ() -> None:
    """Over all recorded calls: "same" means equal values, in every framework."""
    for found in itertools.islice(conversions(), 0, None, 7):
        asked = found.reference
        x = np.random.default_rng(1).normal(size=asked.input_size).astype(np.float32)
        for verdict in pv.compare(asked):
            kind = kind_of_difference(asked, verdict.trace)
            if verdict.trace.outcome != "ok" or verdict.trace.is_truncated:
                assert kind == "outcome"
                continue
            values = pv.pool(x, asked.layer), pv.pool(x, verdict.trace.layer)
            equal = values[0].shape == values[1].shape and np.allclose(*values)
            assert equal or kind != "same"
            assert (values[0].shape != values[1].shape) == (kind == "size")


# --- the picture ---------------------------------------------------------------------------------

PICTURES = [
    (SAME, (10, 11)),
    (pv.Pool(3, 2, 1, ceil_mode=True, op="avg"), (7, 7)),
    (pv.Pool(15), (10, 10)),
    (pv.Pool(3, 2, "same", dilation=2, framework="jax"), (9,)),
    (pv.Pool(2), (3, 9, 9)),
    (pv.Pool(2), (0, 5)),
    (pv.Pool(3), (10**9, 10**9)),
    (pv.Pool(1), (1, 1)),
    (pv.Pool(3, 2), (224, 224)),
]


@pytest.mark.parametrize(("layer", "size"), PICTURES, ids=str)
def test_pictures_keep_inside(layer: pv.Pool, size: tuple[int, ...]) -> None:
    parts = build_side_by_side(pv.trace(layer, size), example_values(size))

    assert len(parts.panels) == 5
    for label in parts.labels:
        length = outline(label.text, label.bold).width * label.size
        assert 0 <= label.x <= WIDTH - length, label.text
        assert label.y <= parts.height


@pytest.mark.parametrize(("layer", "size"), PICTURES, ids=str)
def test_variants_stand_below_a_still_picture(layer: pv.Pool, size: tuple[int, ...]) -> None:
    parts = build_side_by_side(pv.trace(layer, size), example_values(size))
    still = with_variants(parts)
    added = still.labels[len(parts.labels) :]

    assert bool(added) == bool(parts.variants)
    assert (still.height > parts.height) == bool(parts.variants)
    said = " ".join(label.text for label in added)
    for told in parts.variants:
        assert told.title.split(",")[0] in " ".join(said.split())
    for label in added:
        assert parts.height < label.y <= still.height
        assert label.x + outline(label.text, label.bold).width * label.size <= WIDTH


def test_cells_that_differ_are_marked() -> None:
    parts = build_side_by_side(pv.trace(pv.Pool(3, 2, 1, op="avg"), (7, 7)), example_values((7, 7)))
    (marked,) = [mark for mark in parts.marks if mark.role == "differs"]
    onnx = parts.panels[4]

    # Four windows a row; those at an edge reach into the padding, which onnxruntime leaves out.
    assert len(marked.rects) == 12
    assert all(rect.left >= onnx.left for rect in marked.rects)


# --- the widget ----------------------------------------------------------------------------------


def act(w: pv.FrameworkComparison, value: Any) -> dict[str, Any]:
    action = {"name": "framework", "value": value}
    w.view.set_state({"asked": {"action": action, "n": next(_serial)}})
    state: dict[str, Any] = json.loads(json.dumps(w.view.state))
    return state


def test_rows_tell_everything() -> None:
    w = pv.FrameworkComparison(10, 3, stride=2, padding="same", framework="keras")
    rows = {row["framework"]: row for row in w.view.state["rows"]}

    assert rows["keras"]["isReference"]
    assert rows["pytorch"]["text"] == 'rejects padding="same" (TypeError)'
    assert rows["pytorch"]["code"] == ""  # a line that raises is not for copying
    assert rows["pytorch"]["same"].startswith("x = F.pad(x, (0, 1, 0, 1), value=-torch.inf)")
    assert rows["tensorflow"]["same"] == ""


def test_variants_are_listed_where_they_differ() -> None:
    listed = pv.FrameworkComparison(10, 15).view.state["variants"]["listed"]

    assert listed[0] == {
        "title": "TensorFlow, eager execution",
        "version": "2.21.0 and 2.15.1 with oneDNN, the default on x86",
        "text": "raises AbortedError",
        "why": "A partial window is left, which oneDNN cannot pool. "
        "138 recorded runs, all consistent.",
    }
    assert [row["title"] for row in listed if row["title"].startswith("Keras 3")] == [
        "Keras 3.0–3.14"
    ]
    assert len(listed) == 8
    assert pv.FrameworkComparison(10, 3).view.state["variants"]["listed"] == []


def test_variants_are_in_the_text_where_they_differ() -> None:
    said = repr(pv.FrameworkComparison(10, 15, stride=1))

    assert "Keras on JAX or NumPy, called on an array: returns an empty array, 0 × 0." in said
    assert "ONNX shape inference: infers −4 × −4." in said
    assert "Variants" not in repr(pv.FrameworkComparison(10, 3))


@pytest.mark.parametrize("x", [np.zeros((4, 4)), np.zeros(4), [[1, 2], [3, 4]]], ids=str)
def test_an_array_in_the_place_of_a_size(x: Any) -> None:
    with pytest.raises(TypeError, match="an array is given by name: input=x, kernel_size=3"):
        pv.FrameworkComparison(x, 3)

    assert "input=" not in repr(pv.FrameworkComparison(input=x, kernel_size=2))


def test_another_reference() -> None:
    w = pv.FrameworkComparison(10, 3)
    state = act(w, "jax")

    assert w.explorer.layer == pv.Pool((3, 3), (3, 3), framework="jax")
    assert state["title"].endswith("compared with JAX")


def test_follows_the_explorer() -> None:
    w = pv.FrameworkComparison(10, 3)
    w.explorer.layer = pv.Pool(15)

    assert "MaxPool 15×15" in w.view.state["title"]


@pytest.mark.parametrize("name", ["caffe", None, 3, ["jax"], {}])
def test_a_framework_that_is_none(name: Any) -> None:
    w = pv.FrameworkComparison(10, 3)

    assert "there is no framework" in act(w, name)["problem"]


def test_bundle() -> None:
    data, _ = pv.FrameworkComparison(10, 3)._repr_mimebundle_()

    assert data["text/plain"].startswith("FrameworkComparison(MaxPool 3×3, stride 3, no padding in")
    assert "image/png" in data


def test_another_framework_is_shown_beside_the_five_when_it_is_the_reference() -> None:
    widget = pv.FrameworkComparison(10, 3, framework="mlx")
    names = [panel["framework"] for panel in widget.view.state["panels"]]

    assert names == [*COMPARED, "mlx"]
    assert "in six frameworks, compared with MLX" in widget.headline
    assert len(pv.compare(pv.trace(pv.Pool(3), 10))) == len(COMPARED)


def test_every_framework_can_be_chosen_in_the_explorer() -> None:
    state = pv.PoolExplorer(10, 3).state

    assert [name for name, _ in state["frameworkNames"] if "==" not in name] == list(pv.FRAMEWORKS)
    assert ["keras==3.13", "Keras 3.13"] in state["frameworkNames"]


def test_a_rejected_call_shows_no_size() -> None:
    """PyTorch has no padding="same", so the 3 × 3 of the formula is no result of this call."""
    layer = pv.Pool(3, stride=2, padding="same", op="avg", framework="keras")
    parts = build_side_by_side(pv.trace(layer, 6))
    pytorch = [label.text for label in parts.labels if label.x < parts.panels[1].left]

    assert pytorch[2:] == ["not computed:", "the call is rejected", "raises TypeError"]
    assert [label.text for label in parts.labels].count("3 × 3") == 4
