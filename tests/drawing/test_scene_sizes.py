"""Scenes of one, three and no dimensions, and of large inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import poolviz as pv
from poolviz.drawing.scene.scene import build_scene
from tests.diagnosis.diagnosed_calls import (
    FRAMEWORKS,
    MUCH_WORK,
)
from tests.drawing.scene_parts import (
    boxes,
    covered,
    label,
    rects,
    roles,
    scene_of,
    texts,
    unread_of,
)
from tests.support.work import counted

# --- one, three and no dimensions ----------------------------------------------------------------


def test_a_sequence_is_a_strip_with_its_output_below() -> None:
    scene = scene_of(pv.Pool((3,), stride=2), 12)

    assert scene.output is not None
    assert (scene.input_plane.rows, scene.input_plane.columns) == (1, 12)
    assert (scene.output.plane.rows, scene.output.plane.columns) == (1, 5)
    assert scene.output.plane.top > scene.input_plane.bottom
    assert scene.output.plane.left == scene.input_plane.left


def test_a_map_has_its_output_to_the_right() -> None:
    scene = scene_of(pv.Pool(3, stride=2), 12)

    assert scene.output is not None
    assert scene.output.plane.left > scene.input_plane.bounds.right


@pytest.mark.parametrize("slice_index", [0, 1, 2, 3])
def test_a_volume_is_shown_slice_by_slice(slice_index: int) -> None:
    """Depth 4 with kernel 2: slices 0 and 1 go to output slice 0, the others to 1."""
    x = np.arange(4 * 4 * 6.0).reshape(4, 4, 6)
    scene = scene_of(pv.Pool(2), (4, 4, 6), x, slice_index=slice_index, position=(0, 0))
    out = slice_index // 2
    numbers, pooled = scene.input.numbers, scene.output

    assert f"slice {slice_index} of 4" in texts(scene)
    assert label(scene, "output 2 × 2 × 3").text.endswith(f"slice {out}")
    assert numbers is not None
    assert pooled is not None
    assert pooled.numbers is not None
    assert numbers.texts == _as_text(x[slice_index])
    assert pooled.numbers.texts == _as_text(x[2 * out + 1, 1::2, 1::2])
    assert bool(rects(scene, "winner")) == (slice_index % 2 == 1)


def _as_text(values: NDArray[Any]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(f"{value:.0f}" for value in row) for row in values)


@pytest.mark.parametrize("slice_index", [0, 1, 2, 3])
def test_the_depth_strip_points_at_the_slice(slice_index: int) -> None:
    scene = scene_of(pv.Pool(2), (4, 4, 6), slice_index=slice_index)
    strip = [mark.rects for mark in scene.marks if mark.role == "window"][-1]

    assert len(strip) == 4
    assert rects(scene, "slice") == [strip[slice_index]]


def test_a_kernel_too_deep_hangs_over_the_depth_strip() -> None:
    scene = scene_of(pv.Pool((6, 2, 2)), (4, 4, 4))
    (missing,) = rects(scene, "missing")
    strip = [mark.rects for mark in scene.marks if mark.role == "window"][-1]

    assert missing.left == pytest.approx(strip[-1].right)
    assert missing.width == pytest.approx(2 * strip[0].width)
    assert label(scene, "too long").text == "kernel 6, 2 too long"
    assert label(scene, "missing").text == "8 of the kernel's 24 cells missing"


@pytest.mark.parametrize("asked", [-5, 4, 99])
def test_a_slice_that_is_not_there_is_brought_into_the_input(asked: int) -> None:
    scene = scene_of(pv.Pool(2), (4, 4, 6), slice_index=asked)

    assert scene.slice_index == min(max(asked, 0), 3)


def test_a_map_has_no_slice() -> None:
    scene = scene_of(pv.Pool(2), (4, 6), slice_index=3)

    assert scene.slice_index == 0
    assert "slice" not in texts(scene)


def test_one_cell() -> None:
    scene = scene_of(pv.Pool(1), 1, position=(0, 0))

    assert roles(scene) == {"window", "kernel", "winner"}
    assert [boxes(scene, role)[0] for role in ("window", "winner")] == [(0, 0, 1, 1)] * 2
    assert scene.detail == ""


@pytest.mark.parametrize("input_size", [(0,), (0, 0), (0, 5), (5, 0), (0, 4, 4), (4, 4, 0)])
@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("padding", [0, "same"])
def test_an_empty_input(input_size: tuple[int, ...], framework: str, padding: Any) -> None:
    """The picture has a place for the input, and a text that says that it is empty."""
    layer = pv.Pool(2, padding=padding, framework=framework)
    scene = scene_of(layer, input_size, position=(0, 0))

    assert scene.output is None
    assert scene.input.levels is None
    assert scene.input.numbers is None
    assert roles(scene) & {"ghost", "nothing"}
    if scene.trace.framework.takes_same or padding == 0:
        assert "the input is empty" in texts(scene)


# --- large ---------------------------------------------------------------------------------------


HUGE = 10**9


TOO_HUGE = 10**12  # a padded map of so many columns fits in no memory


@pytest.mark.parametrize(
    ("layer", "input_size"),
    [
        (pv.Pool(2), HUGE),
        (pv.Pool(3, stride=7), HUGE),
        (pv.Pool((3,), stride=2), HUGE),
        (pv.Pool((2, 2, 2)), HUGE),
        (pv.Pool(HUGE), 10),
        (pv.Pool(TOO_HUGE, framework="onnxruntime", stride=TOO_HUGE), 10),
        (pv.Pool(HUGE, dilation=HUGE), HUGE),
        (pv.Pool(3, dilation=HUGE, stride=1), 4 * HUGE),
        (pv.Pool(TOO_HUGE, ceil_mode=True), 10),
        (pv.Pool(3, padding=TOO_HUGE, framework="jax"), 10),
        (pv.Pool(3, padding="same", stride=HUGE, framework="jax"), HUGE),
    ],
)
def test_huge_sizes_are_no_more_work_for_a_scene(layer: pv.Pool, input_size: int) -> None:
    scene, calls = counted(lambda: scene_of(layer, input_size, position=(1, 1)))
    words = (scene.alt, scene.title, scene.subtitle)

    assert calls < MUCH_WORK
    assert sum(len(mark.rects) for mark in scene.marks) < 2000
    assert all(words)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (10, ""),
        (30, "No room for numbers at this size."),
        (62, "No room for numbers and window outlines at this size."),
        (224, "No room for numbers and window outlines at this size."),
        (2000, "No room for values and window outlines at this size."),
        (HUGE, "No room for values and window outlines at this size."),
    ],
)
def test_detail_says_what_was_dropped(size: int, expected: str) -> None:
    assert scene_of(pv.Pool(2), size).detail == expected


@pytest.mark.parametrize("size", [10, 62, 224, 2000])
@pytest.mark.parametrize("layer", [pv.Pool(2), pv.Pool(15), pv.Pool(300)], ids=repr)
def test_detail_is_true(size: int, layer: pv.Pool) -> None:
    """A thing is said to be dropped exactly when it is not there."""
    scene = scene_of(layer, size)

    assert (scene.input.levels is None) == ("values" in scene.detail)
    assert (scene.input.numbers is None) == ("numbers" in scene.detail or "values" in scene.detail)
    if scene.trace.outcome == "ok":
        assert ("window" in roles(scene)) == ("window outlines" not in scene.detail)


def test_a_small_map_without_values_is_not_called_too_large() -> None:
    scene = build_scene(pv.trace(pv.Pool(2), 4))

    assert scene.input.levels is None
    assert "Too large" not in scene.detail


@pytest.mark.parametrize(
    ("role", "word", "layer", "input_size"),
    [
        ("unread", "unread", pv.Pool((1,), stride=3), (3000,)),
        ("tap", "kernel elements", pv.Pool(31, dilation=2), (70, 70)),
    ],
)
def test_other_marks_that_are_dropped_are_named_too(
    role: str, word: str, layer: pv.Pool, input_size: tuple[int, ...]
) -> None:
    scene = scene_of(layer, input_size, position=(0, 0))

    assert bool(rects(scene, role)) or word in scene.detail


def test_cells_are_called_dotted_only_where_all_of_them_are() -> None:
    """2000 rows in 667 runs are too many to dot; the columns alone are not all."""
    scene = scene_of(pv.Pool((1, 2), stride=(3, 5)), (2000, 10))
    dotted = covered(scene, "unread")

    assert (unread_of(scene.trace) == dotted) == ("dotted" in texts(scene))
