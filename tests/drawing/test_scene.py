"""The picture without pixels: what is marked where, and what the words beside it say."""

from __future__ import annotations

import re
import tracemalloc
from itertools import pairwise, product
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

import poolviz as pv
from poolviz.drawing.draw import example_values
from poolviz.drawing.scene.captioned_scene import make_poster
from poolviz.drawing.scene.layout import Plane, Rect
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.parts import Label, View
from poolviz.drawing.scene.scene import Scene, build_scene
from tests.diagnosis.test_diagnosis import (
    FRAMEWORKS,
    MUCH_WORK,
    Call,
    any_calls,
    few,
    many,
    offered_calls,
)
from tests.support.work import counted

MOST_VALUES = 60_000  # cells of a map that a test fills with numbers
ROUNDING = 1e-6  # of picture units, relative to the picture's size

Place = tuple[int, int]


def scene_of(layer: pv.Pool, input_size: Any, x: NDArray[Any] | None = None, **view: Any) -> Scene:
    """The scene on whole numbers from −9 to 9, or on `x`; without values on a large map."""
    trace = pv.trace(layer, input_size)
    if x is None and prod(trace.input_size) <= MOST_VALUES:
        x = example_values(trace.input_size)
    return build_scene(trace, x, View(**view))


def rects(scene: Scene, role: str) -> list[Rect]:
    """All rectangles of one role."""
    return [rect for mark in scene.marks if mark.role == role for rect in mark.rects]


def roles(scene: Scene) -> set[str]:
    """What there is in the picture."""
    return {mark.role for mark in scene.marks}


def box(plane: Plane, rect: Rect) -> tuple[int, int, int, int]:
    """First row and column, rows and columns of a rectangle that consists of whole cells."""
    exact = (
        (rect.top - plane.top) / plane.cell_height,
        (rect.left - plane.left) / plane.cell_width,
        rect.height / plane.cell_height,
        rect.width / plane.cell_width,
    )
    whole = tuple(round(number) for number in exact)
    assert np.allclose(exact, whole, atol=1e-6)
    return whole[0], whole[1], whole[2], whole[3]


def boxes(scene: Scene, role: str) -> list[tuple[int, int, int, int]]:
    """The rectangles of one role that lie on the input plane, in cells of the input."""
    beyond = scene.output.plane.left if scene.output else scene.width
    below = scene.output.plane.top if scene.output else scene.height
    return [
        box(scene.input_plane, rect)
        for rect in rects(scene, role)
        if rect.left < beyond or rect.top < below
    ]


def cells_in(row: int, column: int, rows: int, columns: int) -> set[Place]:
    """The cells of a block."""
    return set(product(range(row, row + rows), range(column, column + columns)))


def covered(scene: Scene, role: str) -> set[Place]:
    """The cells that one role covers, in input coordinates."""
    return {place for found in boxes(scene, role) for place in cells_in(*found)}


def label(scene: Scene, words: str) -> Label:
    """The one label that holds `words`."""
    (found,) = (one for one in scene.labels if words in one.text)
    return found


def texts(scene: Scene) -> str:
    """All labels, one a line."""
    return "\n".join(one.text for one in scene.labels)


def span_of(axis: Any) -> int:
    """Cells from a window's first tap to its last."""
    return int(axis.dilation * (axis.kernel_size - 1) + 1)


def spans(trace: pv.Trace) -> tuple[Any, Any]:
    """The two axes of the plane; a strip has one row."""
    return (trace.axes[-2] if len(trace.axes) > 1 else None), trace.axes[-1]


# --- kernels that do not fit ---------------------------------------------------------------------


def test_one_axis_too_long() -> None:
    """Kernel 5×3 on 4 × 6: one row below the input is missing, three columns wide."""
    scene = scene_of(pv.Pool((5, 3), stride=2), (4, 6))

    assert boxes(scene, "broken") == [(0, 0, 5, 3)]
    assert boxes(scene, "missing") == [(4, 0, 1, 3)]
    assert label(scene, "missing").text == "3 of the kernel's 15 cells missing"
    assert label(scene, "missing").tone == "error"
    assert [one.upright for one in scene.labels if one.text == "kernel 5"] == [True]
    assert "kernel 3" not in texts(scene)
    (arrow,) = scene.arrows

    assert arrow.start[0] == arrow.end[0]
    assert arrow.end[1] - arrow.start[1] == pytest.approx(5 * scene.input_plane.cell_height)


def test_both_axes_too_long() -> None:
    """Kernel 15 on 10 × 10: 225 − 100 = 125 cells are missing, to the right and below."""
    scene = scene_of(pv.Pool(15), 10)
    missing = covered(scene, "missing")

    assert boxes(scene, "broken") == [(0, 0, 15, 15)]
    assert missing == cells_in(0, 0, 15, 15) - cells_in(0, 0, 10, 10)
    assert len(missing) == 125
    assert sum(rows * columns for _, _, rows, columns in boxes(scene, "missing")) == 125
    assert label(scene, "missing").text == "125 of the kernel's 225 cells missing"
    assert len(scene.arrows) == 2
    assert len([one for one in scene.labels if one.text == "kernel 15"]) == 2


def test_a_dilated_kernel_is_drawn_with_its_span_and_counted_by_its_taps() -> None:
    """Three taps 3 apart span 7; on 5 cells two of three lie inside: 9 − 4 = 5 are missing."""
    scene = scene_of(pv.Pool(3, stride=2, dilation=3), 5)

    assert boxes(scene, "broken") == [(0, 0, 7, 7)]
    assert covered(scene, "missing") == cells_in(0, 0, 7, 7) - cells_in(0, 0, 5, 5)
    assert label(scene, "missing").text == "5 of the kernel's 9 cells missing"
    assert "effective kernel 7" in texts(scene)


def test_padding_that_is_not_enough_lies_under_the_kernel() -> None:
    scene = scene_of(pv.Pool(9, padding=1, framework="jax"), 5)

    assert boxes(scene, "broken") == [(-1, -1, 9, 9)]
    assert covered(scene, "missing") == cells_in(-1, -1, 9, 9) - cells_in(-1, -1, 7, 7)
    assert label(scene, "missing").text == "32 of the kernel's 81 cells missing"


@many
@given(offered_calls())
def test_the_number_of_missing_cells_is_counted_right(call: Call) -> None:
    """By laying the first window tap by tap."""
    scene = scene_of(*call)
    said = re.search(r"(\d+) of the kernel's (\d+) cells?", texts(scene))
    if said is None:
        return
    axes = scene.trace.axes
    inside = [
        sum(tap * axis.dilation < axis.padded_size for tap in range(axis.kernel_size))
        for axis in axes
    ]
    taps = [axis.kernel_size for axis in axes]

    assert (int(said[1]), int(said[2])) == (prod(taps) - prod(inside), prod(taps))


def test_a_kernel_far_too_long_is_cut_off_and_says_so() -> None:
    scene = scene_of(pv.Pool(1000), 10)
    (row, column, rows, columns) = boxes(scene, "broken")[0]

    assert (row, column) == (0, 0)
    assert 10 < rows == columns < 1000
    assert covered(scene, "missing") == cells_in(0, 0, rows, columns) - cells_in(0, 0, 10, 10)
    assert (
        label(scene, "missing").text
        == "999,900 of the kernel's 1,000,000 cells missing (cut off in the picture)"
    )
    assert "(cut off in the picture)" in scene.alt


def test_a_kernel_that_is_drawn_whole_does_not_say_that_it_is_cut_off() -> None:
    assert "cut off" not in texts(scene_of(pv.Pool(15), 10))


# --- outputs that are not there ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("framework", "role"),
    [
        ("pytorch", "ghost"),
        ("tensorflow", "ghost"),
        ("keras", "ghost"),
        ("jax", "nothing"),
        ("onnxruntime", None),
    ],
)
def test_raising_empty_and_truncated_are_different_pictures(
    framework: str, role: str | None
) -> None:
    """The same call in five frameworks: kernel 15, stride 15 on 10 × 10."""
    scene = scene_of(pv.Pool(15, stride=15, framework=framework), 10)
    found = roles(scene) & {"ghost", "nothing"}

    assert found == ({role} if role else set())
    assert (scene.output is None) == (role is not None)
    assert {"missing", "broken"} <= roles(scene)


def test_the_ghost_shows_the_number_that_the_formula_gives() -> None:
    scene = scene_of(pv.Pool(15, stride=1), 10)

    assert label(scene, "−4 × −4").tone == "error"
    assert "no window fits in height and width" in texts(scene)


def test_an_empty_array_is_called_one() -> None:
    scene = scene_of(pv.Pool(15, framework="jax"), 10)

    assert label(scene, "0 × 0").tone == "muted"
    assert "an empty array is returned" in texts(scene)


def test_an_array_that_is_empty_in_depth_alone_is_not_drawn() -> None:
    """JAX returns 0 × 7 × 4: there is no slice that could be shown."""
    scene = scene_of(pv.Pool((7, 5, 6), framework="jax"), (4, 11, 9))

    assert scene.output is None
    assert "nothing" in roles(scene)


@pytest.mark.parametrize(
    "layer",
    [
        pv.Pool(3, padding=1, framework="keras"),
        pv.Pool(3, padding="same"),
        pv.Pool(3, padding=2),
        pv.Pool(3, ceil_mode=True, framework="tensorflow"),
        pv.Pool(3, dilation=2, framework="keras"),
        pv.Pool(3, count_include_pad=True),
    ],
    ids=repr,
)
def test_a_refused_argument_is_no_broken_kernel(layer: pv.Pool) -> None:
    """The windows would fit: nothing is missing, the call is refused."""
    scene = scene_of(layer, 10)

    assert {"ghost"} <= roles(scene) <= {"ghost", "padding"}
    assert "the call is rejected" in texts(scene)
    assert "missing" not in texts(scene)


@many
@given(any_calls())
def test_an_output_is_drawn_exactly_where_something_comes_back(call: Call) -> None:
    scene = scene_of(*call)
    outcome = scene.trace.outcome

    assert (outcome == "ok") == (scene.output is not None)
    assert (outcome == "raises") == ("ghost" in roles(scene))
    assert (outcome == "empty") == ("nothing" in roles(scene))


# --- padding and unread cells --------------------------------------------------------------------

PADDED = [
    (pv.Pool(3, padding=1), (6, 7)),
    (pv.Pool(3, padding=(1, 0)), (6, 7)),
    (pv.Pool(3, padding=(0, 1)), (6, 7)),
    (pv.Pool(3, padding=((0, 2), (1, 0)), framework="jax"), (6, 7)),
    (pv.Pool(3, padding=((2, 1), (3, 4)), framework="jax"), (1, 1)),
    (pv.Pool(3, stride=2, padding="same", framework="keras"), (10, 11)),
    (pv.Pool(3, stride=2, padding="same_lower", framework="jax"), (10, 11)),
    (pv.Pool((3,), padding=1), (12,)),
    (pv.Pool((3,), padding=((2, 0),), framework="jax"), (3,)),
    (pv.Pool(3, padding=(0, 1, 1)), (4, 5, 6)),
    (pv.Pool(15, padding=1), (5, 6)),
    (pv.Pool(3, padding=5), (5, 6)),
]


@pytest.mark.parametrize(("layer", "input_size"), PADDED)
def test_the_padding_ring_tiles_what_was_added(layer: pv.Pool, input_size: tuple[int, ...]) -> None:
    """The padded input without the input, every cell once."""
    scene = scene_of(layer, input_size)
    down, across = spans(scene.trace)
    before, after = down.padding if down else (0, 0)
    rows = down.input_size if down else 1
    padded = cells_in(
        -before,
        -across.padding.before,
        before + rows + after,
        across.padding.before + across.input_size + across.padding.after,
    )
    ring = [place for found in boxes(scene, "padding") for place in cells_in(*found)]

    assert len(ring) == len(set(ring))
    assert set(ring) == padded - cells_in(0, 0, rows, across.input_size)


def test_without_padding_there_is_no_ring() -> None:
    assert "padding" not in roles(scene_of(pv.Pool(3), 6))


@pytest.mark.parametrize(
    ("words", "layer"),
    [
        ("−∞, never the maximum", pv.Pool(3, padding=1)),
        ("0, counted", pv.Pool(3, padding=1, op="avg")),
        ("not counted", pv.Pool(3, padding=1, op="avg", count_include_pad=False)),
        ("not counted", pv.Pool(3, padding="same", op="avg", framework="keras")),
    ],
)
def test_the_caption_says_what_padding_holds(words: str, layer: pv.Pool) -> None:
    assert words in label(scene_of(layer, 7), "hatched: padding").text


UNREAD = [
    (pv.Pool(3, stride=5), (10, 10)),
    (pv.Pool(3, stride=1000), (10, 10)),
    (pv.Pool(2), (5, 4)),
    (pv.Pool(2), (4, 5)),
    (pv.Pool(3, dilation=2), (7, 9)),
    (pv.Pool((3,), stride=4), (12,)),
    (pv.Pool(1, stride=3, framework="keras"), (7, 8)),
    (pv.Pool(1, stride=3, padding="same", framework="keras"), (7, 8)),
    (pv.Pool(2, stride=3, padding=1), (7, 8)),
    (pv.Pool((1, 2, 3), stride=(1, 3, 3)), (2, 7, 8)),
    (pv.Pool(2, framework="onnxruntime", stride=3), (7, 8)),
]


def unread_of(trace: pv.Trace) -> set[Place]:
    """The cells of the plane that no window reads, by laying all windows."""
    down, across = spans(trace)
    read = [
        {
            start + tap * axis.dilation
            for start in axis.window_starts
            for tap in range(axis.kernel_size)
        }
        if axis
        else {0}
        for axis in (down, across)
    ]
    rows, columns = (down.input_size if down else 1), across.input_size
    return {
        (row, column)
        for row, column in cells_in(0, 0, rows, columns)
        if row not in read[0] or column not in read[1]
    }


@pytest.mark.parametrize(("layer", "input_size"), UNREAD)
def test_unread_marks_cover_exactly_the_unread_cells(
    layer: pv.Pool, input_size: tuple[int, ...]
) -> None:
    scene = scene_of(layer, input_size)
    expected = unread_of(scene.trace)

    assert expected
    assert expected == covered(scene, "unread")
    if len(input_size) < 3:
        words = "cell" if len(expected) == 1 else "cells"

        assert label(scene, "no window reads").text == (
            f"dotted: {len(expected)} {words} that no window reads"
        )


@many
@given(offered_calls())
def test_unread_marks_in_any_call(call: Call) -> None:
    scene = scene_of(*call)
    if scene.trace.outcome == "ok" and not scene.trace.is_truncated:
        if len(call.input_size) < 3:
            assert unread_of(scene.trace) == covered(scene, "unread")
    else:
        assert "unread" not in roles(scene)


def test_a_slice_that_no_window_reads_is_unread_as_a_whole() -> None:
    """Depth 4, kernel 3: slice 3 is left over."""
    scene = scene_of(pv.Pool((3, 2, 2), stride=(3, 2, 2)), (4, 4, 4), slice_index=3)

    assert "no window reads this slice" in texts(scene)
    assert covered(scene, "unread") == cells_in(0, 0, 4, 4)


def test_no_window_is_marked_on_a_slice_that_none_reads() -> None:
    layer = pv.Pool((3, 2, 2), stride=(3, 2, 2))
    scene = scene_of(layer, (4, 4, 4), slice_index=3, position=(0, 0))

    assert "kernel" not in roles(scene)


# --- windows -------------------------------------------------------------------------------------

WINDOWED = [
    (pv.Pool(3, stride=2, padding=1), (6, 7)),
    (pv.Pool(2), (4, 6)),
    (pv.Pool((3,), stride=2), (12,)),
    (pv.Pool((2, 3), stride=(1, 2), dilation=(2, 1)), (5, 6)),
    (pv.Pool(3, stride=2, ceil_mode=True), (6, 8)),
    (pv.Pool(2, stride=3, padding="same", framework="onnxruntime", op="avg"), (10, 10)),
    (pv.Pool(1), (1, 1)),
    (pv.Pool(2), (4, 4, 6)),
]


@pytest.mark.parametrize(("layer", "input_size"), WINDOWED)
def test_every_window_is_outlined_once_at_its_place(
    layer: pv.Pool, input_size: tuple[int, ...]
) -> None:
    scene = scene_of(layer, input_size)
    down, across = spans(scene.trace)
    rows = [(start, span_of(down)) for start in down.window_starts] if down else [(0, 1)]
    columns = [(start, span_of(across)) for start in across.window_starts]
    expected = [
        (row, column, height, width) for (row, height), (column, width) in product(rows, columns)
    ]
    outlines = next(mark.rects for mark in scene.marks if mark.role == "window")

    assert expected == [box(scene.input_plane, rect) for rect in outlines]
    assert scene.output is not None
    assert scene.output.plane.rows * scene.output.plane.columns == len(outlines)


@pytest.mark.parametrize("position", [(0, 0), (1, 2), (2, 3)])
def test_the_current_window_is_marked_with_its_output_cell(position: Place) -> None:
    """Stride 2, padding 1: output cell (i, j) reads from row 2i − 1 and column 2j − 1."""
    i, j = position
    scene = scene_of(pv.Pool(3, stride=2, padding=1), (6, 7), position=position)
    window, cell = rects(scene, "kernel")

    assert scene.output is not None
    assert box(scene.input_plane, window) == (2 * i - 1, 2 * j - 1, 3, 3)
    assert box(scene.output.plane, cell) == (i, j, 1, 1)


def test_a_position_beyond_the_output_is_brought_into_it() -> None:
    near = scene_of(pv.Pool(2), 6, position=(2, 2))
    far = scene_of(pv.Pool(2), 6, position=(99, 7))

    assert rects(near, "kernel") == rects(far, "kernel")


def test_without_a_position_no_window_is_marked() -> None:
    assert roles(scene_of(pv.Pool(2), 6)) == {"window"}


def test_the_taps_of_a_dilated_window() -> None:
    scene = scene_of(pv.Pool((2, 3), stride=1, dilation=(3, 2)), (6, 7), position=(1, 2))

    assert sorted(boxes(scene, "tap")) == [
        (row, column, 1, 1) for row in (1, 4) for column in (2, 4, 6)
    ]


def test_an_undilated_window_has_no_taps_to_show() -> None:
    assert "tap" not in roles(scene_of(pv.Pool(3), 6, position=(0, 0)))


@pytest.mark.parametrize("position", list(product(range(3), range(4))))
def test_the_winner_is_the_first_maximum_of_the_window(position: Place) -> None:
    """Few different values, so that there are ties."""
    x = np.random.default_rng(0).integers(0, 3, (6, 7)).astype(float)
    scene = scene_of(pv.Pool(3, stride=2, padding=1), (6, 7), x, position=position)
    top, left = (2 * place - 1 for place in position)
    window = {
        place: x[place] for place in sorted(cells_in(top, left, 3, 3)) if place in np.ndindex(6, 7)
    }
    expected = max(window, key=lambda place: window[place])

    assert boxes(scene, "winner") == [(*expected, 1, 1)]
    assert scene.results is not None
    assert scene.results.pooled[position] == window[expected]


def test_an_average_has_no_winner() -> None:
    assert "winner" not in roles(scene_of(pv.Pool(2, op="avg"), 4, position=(0, 0)))


def test_a_window_in_the_padding_alone_has_no_winner() -> None:
    scene = scene_of(pv.Pool(1, padding=1, framework="jax"), 4, position=(0, 0))

    assert "kernel" in roles(scene)
    assert "winner" not in roles(scene)


def test_a_truncated_window_is_shown_with_what_is_missing_and_what_comes_out() -> None:
    """onnxruntime: kernel 15 on 10 × 10 gives one cell, the maximum of the whole map."""
    layer = pv.Pool(15, stride=15, framework="onnxruntime")
    x = np.arange(100.0).reshape(10, 10)
    scene = scene_of(layer, 10, x, position=(0, 0))

    assert len(covered(scene, "missing")) == 125
    assert label(scene, "output 1 × 1")
    assert boxes(scene, "winner") == [(9, 9, 1, 1)]
    assert not roles(scene) & {"ghost", "nothing", "window", "unread"}
    assert scene.output is not None
    assert scene.output.numbers is not None
    assert scene.output.numbers.texts == (("99",),)


def test_a_window_truncated_in_depth_shows_what_is_missing_in_the_depth_strip() -> None:
    """As the kernel that fails in depth does: two slices of six are missing."""
    layer = pv.Pool((6, 2, 2), stride=(6, 2, 2), framework="onnxruntime")
    broken = scene_of(pv.Pool((6, 2, 2)), (4, 4, 4))
    truncated = scene_of(layer, (4, 4, 4))

    assert len(rects(broken, "missing")) == 1
    assert rects(broken, "missing") == rects(truncated, "missing")


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
    """There is a place to look at, and words that say that the input is empty."""
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
def test_nothing_lies_outside_the_picture(call: Call, view: View) -> None:
    assert outside(built(call, view)) == []


@many
@given(any_calls() | large_calls(), VIEWS)
@example(Call(pv.Pool((7, 5, 6), framework="jax"), (4, 11, 9)), FIRST)
def test_every_call_makes_a_poster(call: Call, view: View) -> None:
    """The words around the scene lie on the page, and hold the formulas and the fixes."""
    scene = built(call, view)
    poster = make_poster(scene, view.position)
    words = _joined(*(one.text for one in poster.labels))
    expected = [scene.title, scene.subtitle, scene.detail]
    expected += [axis.formula for axis in scene.trace.axes]
    expected += [f"{fix.change} gives {fix.gives}" for fix in scene.diagnosis.fixes[:4]]

    assert all(0 <= one.x <= scene.width and 0 <= one.y <= poster.height for one in poster.labels)
    assert all(_joined(text) in words for text in expected)


def _joined(*texts: str) -> str:
    """Texts without their spaces: a line may break anywhere."""
    return "".join("".join(texts).split())


def test_a_poster_of_a_huge_kernel_lists_no_taps() -> None:
    """The sentence about the window names the first and the last one."""
    scene = build_scene(pv.trace(pv.Pool(10**6), 10**6), None, FIRST)
    tracemalloc.start()
    poster = make_poster(scene, (0, 0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "the largest of rows 0–999999" in "".join(one.text for one in poster.labels)
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
