"""Scenes without pixels: marks, their positions, and the texts beside them."""

from __future__ import annotations

import re
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import poolviz as pv
from tests.diagnosis.diagnosed_calls import (
    Call,
    any_calls,
    many,
    offered_calls,
)
from tests.drawing.scene_parts import (
    PADDED,
    UNREAD,
    WINDOWED,
    Place,
    box,
    boxes,
    cells_in,
    covered,
    label,
    rects,
    roles,
    scene_of,
    spans,
    texts,
    unread_of,
)


def span_of(axis: Any) -> int:
    """Cells from a window's first element to its last."""
    return int(axis.dilation * (axis.kernel_size - 1) + 1)


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
    """Three elements 3 apart span 7; on 5 cells two of three lie inside: 9 − 4 = 5 are missing."""
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
    """By laying the first window element by element."""
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

    (missing,), (cut,) = rects(broken, "missing"), rects(truncated, "missing")
    assert missing._replace(top=cut.top) == cut
    assert missing.top < cut.top  # no output is above it, and fixes follow below it
