"""The values in a scene, and the picture as a whole."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

import poolviz as pv
from poolviz.drawing.captioned_scene import captioned
from poolviz.drawing.draw import example_values
from poolviz.drawing.scene.layout import FULL_HEIGHT
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from tests.diagnosis.diagnosed_calls import (
    FRAMEWORKS,
    Call,
    any_calls,
    few,
    many,
    offered_calls,
)
from tests.drawing.scene_parts import MOST_VALUES, PADDED, UNREAD, WINDOWED, rects, scene_of

ROUNDING = 1e-6  # of picture units, relative to the picture's size


# --- values --------------------------------------------------------------------------------------


@few
@given(offered_calls())
def test_levels_are_shares_and_numbers_have_room(call: Call) -> None:
    scene = scene_of(*call)
    for cells in (scene.input, scene.output):
        if cells is None or cells.levels is None:
            continue

        assert cells.levels.shape == (cells.plane.rows, cells.plane.columns)
        assert ((cells.levels >= 0) & (cells.levels <= 1)).all()
        if cells.numbers is not None:
            widest = max(text_width(text) for row in cells.numbers.texts for text in row)

            assert widest * cells.numbers.size <= 0.85 * cells.plane.cell_width * (1 + 1e-9)
            assert cells.numbers.size <= cells.plane.cell_height


def test_equal_values_have_equal_colours_in_input_and_output() -> None:
    """A maximum keeps the colour of the cell that it comes from."""
    x = np.random.default_rng(1).normal(size=(6, 8))
    scene = scene_of(pv.Pool(2), (6, 8), x)
    assert scene.input.levels is not None
    assert scene.output is not None
    assert scene.output.levels is not None
    colours = dict(zip(x.ravel(), scene.input.levels.ravel(), strict=True))

    assert [colours[value] for value in pv.pool(x, pv.Pool(2)).ravel()] == list(
        scene.output.levels.ravel()
    )


@pytest.mark.parametrize(
    "x",
    [
        np.full((4, 4), np.nan),
        np.full((4, 4), np.inf),
        np.full((4, 4), -np.inf),
        np.full((4, 4), 1e308) * np.array([1, -1, 1, -1]),
        np.zeros((4, 4), dtype=bool),
        np.full((4, 4), 7, dtype=np.uint8),
        np.arange(16, dtype=np.float32).reshape(4, 4),
    ],
    ids=lambda x: f"{x.dtype}-{x.flat[0]}",
)
def test_odd_values_make_a_scene(x: NDArray[Any]) -> None:
    scene = scene_of(pv.Pool(2), (4, 4), x, position=(0, 0))

    assert scene.input.numbers is not None
    assert scene.output is not None


# --- the picture as a whole ----------------------------------------------------------------------


SIZES = st.sampled_from([1, 2, 5, 12, 60, 300, 5000, 10**6])


@st.composite
def large_calls(draw: st.DrawFn) -> Call:
    """Long, thin and huge maps, kernels and strides."""
    ndim = draw(st.integers(1, 3))
    sizes = st.tuples(*[SIZES] * ndim)
    padding: Any = draw(st.sampled_from([0, 0, 1, 7, "same", "same_lower"]))
    layer = pv.Pool(
        draw(sizes),
        draw(st.none() | sizes),
        padding,
        draw(st.sampled_from([1, 1, 2, 50])),
        draw(st.booleans()),
        draw(st.sampled_from(["max", "avg"])),
        None,
        draw(st.sampled_from(FRAMEWORKS)),
    )
    return Call(layer, draw(sizes))


VIEWS = st.builds(
    View,
    width=st.sampled_from([320, 900, 900, 1600]),
    height=st.sampled_from([FULL_HEIGHT, FULL_HEIGHT, 240, 236]),  # beside a text or a table
    fits=st.booleans(),
    slice_index=st.integers(0, 5),
    position=st.none() | st.tuples(st.integers(0, 3), st.integers(0, 3)),
)


def outside(scene: Scene) -> list[str]:
    """Marks, labels and arrow ends that are not in the picture."""
    slack = ROUNDING * max(scene.width, scene.height)

    def is_inside(x: float, y: float) -> bool:
        return -slack <= x <= scene.width + slack and -slack <= y <= scene.height + slack

    found = [
        f"{mark.role}: {rect}"
        for mark in scene.marks
        for rect in mark.rects
        if not (
            is_inside(rect.left, rect.top)
            and is_inside(rect.right, rect.bottom)
            and rect.width >= 0
            and rect.height >= 0
        )
    ]
    found += [f"label: {one}" for one in scene.labels if not is_inside(one.x, one.y)]
    found += [
        f"arrow: {one}"
        for one in scene.arrows
        if not (is_inside(*one.start) and is_inside(*one.end))
    ]
    return found


def built(call: Call, view: View) -> Scene:
    """The scene of a call, with values where the map is small."""
    trace = pv.trace(*call)
    is_small = prod(trace.input_size) <= MOST_VALUES
    return build_scene(trace, example_values(trace.input_size) if is_small else None, view)


FIRST = View(position=(0, 0))


@many
@given(any_calls() | large_calls(), VIEWS)
@example(Call(pv.Pool(1000, stride=1000, framework="onnxruntime"), (10, 10)), FIRST)
@example(Call(pv.Pool(1000, ceil_mode=True), (10, 10)), FIRST)
@example(Call(pv.Pool((30,), (100,), 0, 2, framework="onnxruntime"), (8,)), FIRST)
@example(Call(pv.Pool((1, 4), (5, 3), "same", framework="onnxruntime"), (0, 6)), FIRST)
@example(Call(pv.Pool((4,), (6,), "same", 2, framework="onnxruntime"), (0,)), FIRST)
@example(Call(pv.Pool(2, framework="jax"), (1, 14)), View(580, 240, fits=True))
def test_nothing_lies_outside_the_picture(call: Call, view: View) -> None:
    assert outside(built(call, view)) == []


@many
@given(any_calls() | large_calls(), VIEWS)
@example(Call(pv.Pool((7, 5, 6), framework="jax"), (4, 11, 9)), FIRST)
def test_every_scene_gets_captions(call: Call, view: View) -> None:
    """The words around the scene lie on the page, and hold the formulas and the fixes."""
    scene = built(call, view)
    drawn = captioned(scene, view.position)
    words = _joined(*(one.text for one in drawn.captions))
    expected = [scene.title, scene.subtitle, scene.detail]
    expected += [axis.formula for axis in scene.trace.axes]
    useful = [fix for fix in scene.diagnosis.fixes if not fix.effect.is_idle]
    expected += [f"{fix.change} gives {fix.gives}" for fix in useful[:4]]

    assert all(0 <= one.x <= scene.width and 0 <= one.y <= drawn.height for one in drawn.captions)
    assert all(_joined(text) in words for text in expected)


def _joined(*texts: str) -> str:
    """Texts without their spaces: a line may break anywhere."""
    return "".join("".join(texts).split())


def test_captions_of_a_huge_kernel_list_no_taps() -> None:
    """The sentence about the window names the first and the last one."""
    scene = build_scene(pv.trace(pv.Pool(10**6), 10**6), None, FIRST)
    tracemalloc.start()
    drawn = captioned(scene, (0, 0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "the largest of rows 0–999999" in "".join(one.text for one in drawn.captions)
    assert peak < 1_000_000


@many
@given(any_calls() | large_calls())
def test_the_alt_text_says_what_the_diagnosis_says(call: Call) -> None:
    """The same numbers, in sentences, on one line."""
    scene = built(call, FIRST)
    diagnosis = scene.diagnosis
    alt = scene.alt
    sentences = [str(finding) for finding in diagnosis.findings]

    assert alt.startswith(f"{diagnosis.headline}.")
    assert "\n" not in alt
    assert all(sentence[1:] in alt for sentence in sentences)
    assert all(fix.text in alt for fix in diagnosis.fixes[:3])
    assert ("cells missing" in alt or "cell missing" in alt) == bool(rects(scene, "missing"))


def test_alt_text() -> None:
    """Typed by hand."""
    scene = scene_of(pv.Pool((5, 3), stride=2), (4, 6))

    assert scene.alt == (
        "MaxPool 5×3, stride 2, no padding on 4 × 6: PyTorch raises RuntimeError. "
        "Height: no window fits. The kernel 5 is longer than the input 4, by 1. "
        "The picture shows the kernel at its first position, "
        "3 of the kernel's 15 cells missing. "
        "Works: kernel height 5 → 4 gives 1 × 2; "
        "padding 1 for the height gives 1 × 2 (padding is −∞ and never the maximum); "
        "input height 4 → 5 gives 1 × 2 (needs larger data, or fewer preceding layers)."
    )


def test_a_scene_is_the_same_every_time() -> None:
    first, second = (scene_of(pv.Pool(3, stride=2, padding=1), 9, position=(1, 1)) for _ in "ab")

    assert first.marks == second.marks
    assert first.labels == second.labels
    assert first.alt == second.alt


@pytest.mark.parametrize(("layer", "input_size"), PADDED + UNREAD + WINDOWED)
def test_captions_do_not_lie_on_each_other(layer: pv.Pool, input_size: tuple[int, ...]) -> None:
    """Two labels on one line would have to begin at different places."""
    scene = scene_of(layer, input_size, position=(0, 0))
    places = sorted((one.x, one.y) for one in scene.labels if not one.upright)

    assert all(abs(b[0] - a[0]) > 1 or abs(b[1] - a[1]) >= 12 for a, b in pairwise(places))
