"""`draw`: one call, one picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic.layers.pool import Pool, Sizes
from poolviz.arithmetic.trace import spatial_sizes, trace
from poolviz.arithmetic.values import as_input
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.network.stack import Stack
from poolviz.drawing.charts.network_diagram import build_network_diagram
from poolviz.drawing.mpl.figure import PoolFigure, StackFigure
from poolviz.drawing.scene.captioned_scene import CaptionedScene, make_poster
from poolviz.drawing.scene.overlays import checked_layers
from poolviz.drawing.scene.parts import View
from poolviz.drawing.scene.scene import build_scene
from poolviz.drawing.scene.theme import THEMES

MOST_CELLS = 1_000_000  # a larger input is drawn in outline, without values


def draw(
    layer: Pool | Stack,
    input_size_or_array: Sizes | ArrayLike | None = None,
    *,
    position: tuple[int, int] | None = (0, 0),
    slice_index: int = 0,
    theme: str = "light",
    seed: int = 0,
    show: str | Iterable[str] = (),
) -> PoolFigure | StackFigure:
    """The picture of one layer on one input, with its words; impossible calls are drawn too.

    Parameters
    ----------
    layer
        A `Pool`; or a `Stack`, which has its input: the maps in a row, down to the failure.
    input_size_or_array
        For a `Pool`: a spatial size (an int stands for a square map, a tuple has one entry per
        axis), which is filled with whole numbers from −9 to 9; or an array of real numbers.
    position
        The output cell (row, column) whose window is marked; None marks none.
    slice_index
        The depth slice that is shown of a 3-D input.
    theme
        "light" or "dark".
    seed
        For the numbers.
    show
        Layers of insight: "read counts", "unread cells", "gradient routing", "receptive field".

    Returns
    -------
    PoolFigure or StackFigure
        A matplotlib Figure, not known to pyplot: it shows itself in a notebook, `savefig` writes
        PNG, SVG or PDF, and `alt` is the picture in words.

    Raises
    ------
    TypeError, ValueError
        For what is no layer, what is neither a size nor an array of real numbers, and for unknown
        names in `show`. Never for geometry.

    Notes
    -----
    The words are in the language that is spoken when it is drawn, see `set_language`.

    Examples
    --------
    >>> draw(Pool(kernel_size=15), 10)
    PoolFigure(MaxPool 15×15, stride 15, no padding on 10 × 10: PyTorch raises RuntimeError)
    """
    if theme not in THEMES:
        raise ValueError(f'theme must be "light" or "dark", got {theme!r}')
    if isinstance(layer, Stack):
        if input_size_or_array is not None:
            raise TypeError("a Stack has its input: leave the size out")
        return StackFigure(build_network_diagram(layer, with_words=True), THEMES[theme])
    if not isinstance(layer, Pool):
        raise TypeError(f"layer must be a poolviz.Pool or Stack, got {type(layer).__name__}")
    if input_size_or_array is None:
        raise TypeError("a Pool needs an input: give its size or an array")
    sizes, x = sizes_and_values(layer, input_size_or_array, seed)
    view = View(slice_index=slice_index, fits=True, show=checked_layers(show))
    poses = partial(pose, diagnosis_of(trace(layer, sizes)), x, view)
    return PoolFigure(poses(position), THEMES[theme], poses)


def pose(
    diagnosis: Diagnosis, x: NDArray[Any] | None, view: View, position: tuple[int, int] | None
) -> CaptionedScene:
    """The picture with its words and one window marked."""
    scene = build_scene(diagnosis.trace, x, replace(view, position=position), diagnosis)
    return make_poster(scene, position)


def sizes_and_values(
    layer: Pool, given: Sizes | ArrayLike, seed: int = 0
) -> tuple[tuple[int, ...], NDArray[Any] | None]:
    """The spatial size, and the values: those given, or random ones where they fit in memory.

    Of an array (N, C, *spatial) the first channel of the first example is shown.
    """
    if isinstance(given, int) or (
        isinstance(given, tuple) and all(isinstance(entry, int) for entry in given)
    ):
        sizes = spatial_sizes(given, layer)
        return sizes, example_values(sizes, seed)
    array, ndim = as_input(given, layer)
    if array.ndim > ndim and 0 not in array.shape[: array.ndim - ndim]:
        array = array[(0,) * (array.ndim - ndim)]
    sizes = array.shape[array.ndim - ndim :]
    is_small = array.size and array.size <= MOST_CELLS
    return sizes, array if is_small else None


def example_values(sizes: tuple[int, ...], seed: int = 0) -> NDArray[Any] | None:
    """Whole numbers from −9 to 9; None for an empty input or more than a million cells."""
    cells = 1
    for size in sizes:
        cells *= size
    if not 0 < cells <= MOST_CELLS:
        return None
    return np.random.default_rng(seed).integers(-9, 10, size=sizes).astype(float)
