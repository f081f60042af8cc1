"""Scenes of calls, and their contents."""

from __future__ import annotations

import io
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import poolviz as pv
from poolviz.drawing.draw import example_values
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.drawing.scene.layout import Plane, Rect
from poolviz.drawing.scene.picture import Label
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.drawing.scene.theme import LIGHT, Theme

MOST_VALUES = 60_000  # cells of a map that a test fills with numbers
CASES: dict[str, tuple[pv.Pool, Any]] = {
    "ok": (pv.Pool(3, stride=2, padding=1), (6, 7)),
    "unread": (pv.Pool(3, stride=5), 10),
    "broken": (pv.Pool(15), 10),
    "one axis": (pv.Pool((5, 3), stride=2), (4, 6)),
    "empty": (pv.Pool(15, framework="jax"), 10),
    "truncated": (pv.Pool(15, stride=15, framework="onnxruntime"), 10),
    "refused": (pv.Pool(3, padding="same"), 10),
    "dilated": (pv.Pool(3, dilation=2, stride=1), 8),
    "strip": (pv.Pool((3,), stride=2), 12),
    "volume": (pv.Pool(2), (4, 4, 6)),
    "large": (pv.Pool(2), 224),
    "outline": (pv.Pool(2), 10**9),
    "empty input": (pv.Pool(2), 0),
}

Place = tuple[int, int]


def scene_of(layer: pv.Pool, input_size: Any, x: NDArray[Any] | None = None, **view: Any) -> Scene:
    """The scene on integers from −9 to 9, or on `x`; without values on a large map."""
    trace = pv.trace(layer, input_size)
    if x is None and prod(trace.input_size) <= MOST_VALUES:
        x = example_values(trace.input_size)
    return build_scene(trace, x, View(**view))


def rects(scene: Scene, role: str) -> list[Rect]:
    """All rectangles of one role."""
    return [rect for mark in scene.marks if mark.role == role for rect in mark.rects]


def roles(scene: Scene) -> set[str]:
    """Return the parts of the picture."""
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


def spans(trace: pv.Trace) -> tuple[Any, Any]:
    """The two axes of the plane; a strip has one row."""
    return (trace.axes[-2] if len(trace.axes) > 1 else None), trace.axes[-1]


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


def decoded(data: bytes) -> NDArray[np.uint8]:
    """A PNG file as rows × columns × 3, read by Pillow."""
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def painted(scene: Scene, theme: Theme = LIGHT) -> NDArray[np.uint8]:
    """A bare scene, one pixel per unit."""
    return decoded(PngRenderer()(scene, theme))
