"""Overlays: what they count, what they draw, and the reason when there is nothing to draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

import poolviz as pv
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.drawing.scene.overlays import (
    GRADIENT,
    OVERLAYS,
    READ_COUNTS,
    RECEPTIVE_FIELD,
    UNREAD_CELLS,
    plane_counts,
    read_counts,
)
from poolviz.drawing.scene.scene import Scene
from tests.diagnosis.diagnosed_calls import Call, any_calls
from tests.drawing.scene_parts import box, label, rects, roles, scene_of, unread_of


def texts(scene: Scene) -> list[list[str]]:
    """Return the texts in the input's cells."""
    assert scene.input.numbers is not None
    return [list(row) for row in scene.input.numbers.texts]


def written(values: list[list[float]]) -> list[list[str]]:
    return [[f"{value:.3g}" for value in row] for row in values]


# torch 2.13.0: F.fold(torch.ones_like(cols := F.unfold(torch.ones(1, 1, *size), …)), size, …)
@pytest.mark.parametrize(
    ("layer", "size", "expected"),
    [
        (
            pv.Pool((2, 3), stride=(1, 2)),
            (4, 5),
            [[1, 1, 2, 1, 1], [2, 2, 4, 2, 2], [2, 2, 4, 2, 2], [1, 1, 2, 1, 1]],
        ),
        (
            pv.Pool(2, stride=2, padding=1, dilation=3),
            (5, 6),
            [
                *([0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 0], [0, 1, 1, 1, 1, 0]),
                *([0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 0]),
            ],
        ),
        (pv.Pool(2, stride=3), (4, 4), [[1, 1, 0, 0], [1, 1, 0, 0], [0] * 4, [0] * 4]),
    ],
)
def test_read_counts_are_those_of_torch(
    layer: pv.Pool, size: tuple[int, int], expected: list[list[int]]
) -> None:
    scene = scene_of(layer, size, show=(READ_COUNTS,))

    assert texts(scene) == [[str(count) for count in row] for row in expected]
    assert label(scene, "windows that read each cell")
    high, text = np.max(expected), scene.overlay_texts[0]
    assert text.startswith("Read counts: ")
    assert f"by {high}" in text or f"{high} windows read each" in text


@given(call=any_calls())
@settings(deadline=None)
def test_read_counts_of_any_axis(call: Call) -> None:
    """Compared with counting window by window."""
    for axis in pv.trace(*call).axes:
        if axis.input_size <= 10_000 and len(axis.window_starts) <= 10_000:
            assert read_counts(axis).tolist() == axis.reads.counts()


@given(call=any_calls())
@settings(deadline=None)
def test_zero_counts_are_the_unread_cells(call: Call) -> None:
    trace = pv.trace(*call)
    if trace.outcome != "ok" or len(trace.axes) == 3:
        return
    counts = plane_counts(trace)
    if counts is not None:
        assert int((counts == 0).sum()) == trace.unread_count


def test_read_counts_of_a_volume_are_those_of_its_slice() -> None:
    """Slice 1 of 3 is read twice as often as the others: kernel 2, stride 1."""
    layer = pv.Pool(2, stride=1).with_axes(3)
    outer, middle = (scene_of(layer, (3, 3, 3), slice_index=i, show=(READ_COUNTS,)) for i in (0, 1))

    assert texts(outer) == written([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    assert texts(middle) == written([[2, 4, 2], [4, 8, 4], [2, 4, 2]])
    assert middle.overlay_texts == (
        "Read counts: 2 to 8 windows read each cell of slice 1; 1 cell by 8.",
    )


TIES = np.array([[1.0, 3, 3, 0], [2, 3, 1, 5], [0, 4, 4, 5], [7, 7, 2, 1]])


# torch 2.13.0: y.sum().backward(), x.grad
@pytest.mark.parametrize(
    ("layer", "x", "expected"),
    [
        (pv.Pool(2, stride=1), TIES, [[0, 2, 0, 0], [0, 0, 0, 2], [0, 2, 0, 1], [1, 1, 0, 0]]),
        (
            pv.Pool(3, stride=2, padding=1, op="avg", count_include_pad=False),
            np.arange(20.0).reshape(4, 5),
            [
                *([0.25, 0.4167, 0.1667, 0.4167, 0.25], [0.4167, 0.6944, 0.2778, 0.6944, 0.4167]),
                *([0.1667, 0.2778, 0.1111, 0.2778, 0.1667],) * 2,
            ],
        ),
    ],
)
def test_gradient_is_that_of_torch(
    layer: pv.Pool, x: NDArray[Any], expected: list[list[float]]
) -> None:
    scene = scene_of(layer, x.shape, x, show=(GRADIENT,))

    found = [[float(text) for text in row] for row in texts(scene)]
    assert found == pytest.approx(np.array(expected), abs=2e-3)
    assert label(scene, "gradient of each cell")
    reached = np.count_nonzero(expected)
    assert f" {reached} of {x.size} cells, with" in scene.overlay_texts[0]


def test_ties_in_a_volume_follow_the_framework() -> None:
    """torch 2.13.0 gives [[1, 0], [0, 0]] in slice 0; TensorFlow gives every tied cell its 1."""
    x = np.array([[[1.0, 1], [0, 1]], [[1, 0], [0, 0]]])
    scenes = {
        name: scene_of(pv.Pool(2, framework=name).with_axes(3), x.shape, x, show=(GRADIENT,))
        for name in ("pytorch", "tensorflow")
    }

    assert texts(scenes["pytorch"]) == written([[1, 0], [0, 0]])
    assert texts(scenes["tensorflow"]) == written([[1, 1], [0, 1]])
    assert "among tied cells, the first" in scenes["pytorch"].overlay_texts[0]
    assert "so does each tied cell" in scenes["tensorflow"].overlay_texts[0]


def test_of_two_layers_in_the_cells_the_last_one_shows() -> None:
    one = scene_of(pv.Pool(3), 10, show=(READ_COUNTS, GRADIENT))
    other = scene_of(pv.Pool(3), 10, show=(GRADIENT, READ_COUNTS))

    assert label(one, "gradient of each cell")
    assert label(other, "windows that read each cell")
    assert one.overlay_texts == other.overlay_texts[::-1]


@pytest.mark.parametrize(
    ("layer", "size"),
    [(pv.Pool(3, stride=5), (10, 10)), (pv.Pool(2, stride=2, dilation=2), (7, 8))],
)
def test_unread_cells_are_crossed_out(layer: pv.Pool, size: tuple[int, int]) -> None:
    plain, strong = scene_of(layer, size), scene_of(layer, size, show=(UNREAD_CELLS,))

    assert rects(plain, "unread") == rects(strong, "never") != []
    assert "unread" not in roles(strong)
    assert label(strong, "crossed out: ")
    amount = len(unread_of(pv.trace(layer, size)))
    assert strong.overlay_texts[0].startswith(
        f"Unread cells: {amount} of {size[0] * size[1]} cells: row"
    )


def test_unread_cells_are_named() -> None:
    scene = scene_of(pv.Pool(3, stride=5), 10, show=(UNREAD_CELLS,))

    assert scene.overlay_texts == (
        "Unread cells: 64 of 100 cells: rows 3–4, 8–9; columns 3–4, 8–9.",
    )
    assert scene_of(pv.Pool(2), 10, show=(UNREAD_CELLS,)).overlay_texts == (
        "Unread cells: none; every cell is read.",
    )


def test_receptive_field_is_hatched_without_padding() -> None:
    layer = pv.Pool(3, stride=2, padding=1, dilation=2)
    scene = scene_of(layer, 10, position=(0, 1), show=(RECEPTIVE_FIELD,))

    assert [box(scene.input_plane, rect) for rect in rects(scene, "field")] == [(1, 1, 3, 5)]
    assert scene.overlay_texts == (
        "Receptive field: each output cell has a receptive field of 3 × 3, spread over 5 × 5; its "
        "neighbour's field starts 2 further.",
    )
    assert rects(scene_of(layer, 10, position=(0, 1)), "field") == []


NOTHING = {
    "broken": (pv.Pool(15), 10, "the call raises an error"),
    "refused": (pv.Pool(3, padding=2), 10, "the call raises an error"),
    "empty": (pv.Pool(15, framework="jax"), 10, "there is no window"),
}


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.parametrize("layer", OVERLAYS)
def test_where_there_is_nothing_to_show_it_says_why(name: str, layer: str) -> None:
    pool, size, why = NOTHING[name]
    scene = scene_of(pool, size, show=(layer,))

    assert scene.overlay_texts[0].startswith(f"{layer.capitalize()}: ")
    assert scene.overlay_texts[0].endswith(f", because {why}.")
    assert roles(scene) == roles(scene_of(pool, size))


def test_what_is_too_large_says_so() -> None:
    trillion = scene_of(pv.Pool(3), 10**9, show=OVERLAYS)
    wide = scene_of(pv.Pool(60, stride=1, op="avg"), 240, show=(GRADIENT,))

    for i in (0, 2):
        assert "1,000,000,000 × 1,000,000,000 has too many cells" in trillion.overlay_texts[i]
    assert trillion.overlay_texts[1].startswith("Unread cells: 1,999,999,999 of ")
    assert "240 × 240 has too many cells" in wide.overlay_texts[0]


def test_no_gradient_where_nothing_is_trained() -> None:
    scene = scene_of(pv.Pool(3, framework="onnxruntime"), 10, show=(GRADIENT,))

    assert "onnxruntime runs networks but does not train them" in scene.overlay_texts[0]
    assert scene.input.numbers == scene_of(pv.Pool(3, framework="onnxruntime"), 10).input.numbers


def test_windows_over_an_empty_input_read_no_cell() -> None:
    """Two windows that read padding alone: no cell to count, and none that receives a gradient."""
    call = pv.Pool((1,), padding=(1,), framework="jax")
    scene = scene_of(call, (0,), show=OVERLAYS)

    assert scene.trace.returned_size == (2,)
    assert {text.split(": ")[1] for text in scene.overlay_texts} == {
        "none, because the input has no cells."
    }


@pytest.mark.long
@given(call=any_calls())
@settings(deadline=None)
def test_every_layer_is_drawn_in_any_call(call: Call) -> None:
    """The texts of overlays are in the alt text, one sentence each."""
    scene = scene_of(*call, position=(0, 0), show=OVERLAYS)

    assert [text.split(": ")[0].lower() for text in scene.overlay_texts] == list(OVERLAYS)
    assert all(text in scene.alt for text in scene.overlay_texts)
    assert PngRenderer()(scene)


def test_off_is_off() -> None:
    scene = scene_of(pv.Pool(3, stride=5), 10)

    assert scene.overlay_texts == ()
    assert not roles(scene) & {"never", "field"}


def test_draw_takes_them() -> None:
    assert "Read counts: 0 to 1 window reads" in pv.draw(pv.Pool(3), 10, show="read counts").alt
    with pytest.raises(
        ValueError, match=r'no overlay "?.reads.?; there are "read counts", "unread'
    ):
        pv.draw(pv.Pool(3), 10, show="reads")
    with pytest.raises(TypeError, match="show takes names of overlays, got int"):
        pv.draw(pv.Pool(3), 10, show=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("layer", [pv.GlobalPool(), pv.AdaptivePool((3, 3, 3), op="max")], ids=str)
def test_the_gradient_of_a_volume(layer: Any) -> None:
    """Three axes are those of the trace, not channels."""
    shown = pv.PoolExplorer(layer=layer, input_size=(8, 8, 8), show="gradient routing")
    assert "gradient" in repr(shown)
