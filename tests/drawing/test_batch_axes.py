"""The picture of the axes of a batch: both orders, their numbers, and arguments that are none."""

from __future__ import annotations

import re
from typing import Any

import pytest

import poolviz as pv
from poolviz.drawing.charts.batch_axes import build_axes_chart

CASES = [
    # a shape, who reads it, and the sizes as N, C, H, W in words written by hand
    ((8, 3, 4, 5), "pytorch", "(N, C, H, W): (8, 3, 4, 5).", "(N, H, W, C): (8, 4, 5, 3)."),
    ((8, 4, 5, 3), "keras", "(N, C, H, W): (8, 3, 4, 5).", "(N, H, W, C): (8, 4, 5, 3)."),
    ((8, 4, 5, 3), "jax", "(N, C, H, W): (8, 3, 4, 5).", "(N, H, W, C): (8, 4, 5, 3)."),
    ((60, 28, 29), "pytorch", "(C, H, W): (60, 28, 29).", "(H, W, C): (28, 29, 60)."),
    ((28, 29, 1), "tensorflow", "(C, H, W): (1, 28, 29).", "(H, W, C): (28, 29, 1)."),
]


@pytest.mark.parametrize(("shape", "framework", "first", "last"), CASES)
def test_both_orders_are_named_with_their_numbers(
    shape: tuple[int, ...], framework: str, first: str, last: str
) -> None:
    chart = build_axes_chart(shape, framework)

    assert chart.title.startswith(f"{pv.FRAMEWORKS[framework].title} reads {shape}")
    assert f"PyTorch and onnxruntime write {first}" in chart.alt
    assert f"TensorFlow, Keras and JAX write {last}" in chart.alt


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (4, 1, 1, 300), (500, 512, 7, 7), (3, 224, 224)])
def test_everything_is_inside_of_the_picture(shape: tuple[int, ...]) -> None:
    chart = build_axes_chart(shape, "pytorch")
    planes = [cells.plane.bounds for cells in chart.cells]
    letters = {label.text for label in chart.labels if re.match(r"[NCHW] = \d", label.text)}

    assert all(p.left >= 0 and p.right <= chart.width for p in planes)
    assert all(p.top >= 0 and p.bottom <= chart.height for p in planes)
    assert all(0 < label.x < chart.width and 0 < label.y < chart.height for label in chart.labels)
    assert {text[0] for text in letters} >= set("NCHW"[4 - len(shape) :])


@pytest.mark.parametrize(
    "shape", [(), (28, 28), (1, 2, 3, 4, 5), "NCHW", 4, (8, 0, 4, 4), (1, 2.5, 3)]
)
def test_what_is_no_shape_is_rejected(shape: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="shape"):
        pv.draw_axes(shape)


def test_it_is_a_figure_with_words() -> None:
    figure = pv.draw_axes([2, 1, 3, 3], "torch", theme="dark")

    assert repr(figure) == "AxesFigure(PyTorch reads (2, 1, 3, 3) as (N, C, H, W))"
    assert figure.alt in figure.body()
