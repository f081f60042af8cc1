"""`draw`: the picture of a layer or a network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from poolviz.arithmetic.call import layer_first
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.foreign import own_weights
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Pool as Pool
from poolviz.arithmetic.layers.pool import Sizes
from poolviz.arithmetic.layers.unpool import Unpool
from poolviz.arithmetic.trace import spatial_sizes, trace
from poolviz.arithmetic.values import Array, as_input, channels_first, checked_format
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.layer.output_size import PoolShapeError
from poolviz.diagnosis.network.stack import Stack
from poolviz.drawing.captioned_scene import captioned
from poolviz.drawing.charts.network_diagram import build_network_diagram
from poolviz.drawing.charts.unpooling import build_unpooling
from poolviz.drawing.convolution.inputs import channels_and_sizes, is_size, operands_of
from poolviz.drawing.mpl.figure import PoolFigure, StackFigure, UnpoolFigure
from poolviz.drawing.scene.overlays import checked_overlays
from poolviz.drawing.scene.plane_views import Data, View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.drawing.scene.theme import THEMES, Theme
from poolviz.i18n.keywords import answers_keywords

MOST_CELLS = 1_000_000  # a larger input is drawn in outline, without values


@answers_keywords()
def draw(
    layer: LayerLike | Stack,
    input_size_or_array: Sizes | ArrayLike | None = None,
    *,
    position: tuple[int, int] | None = (0, 0),
    slice_index: int = 0,
    theme: str = "light",
    seed: int = 0,
    show: str | Iterable[str] = (),
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    preset: str | None = None,
    channels: tuple[int, int] = (0, 0),
    data_format: str | None = None,
) -> PoolFigure | StackFigure | UnpoolFigure:
    """Draw one layer on one input, or a network; calls that raise are drawn too.

    Parameters
    ----------
    layer
        As for `trace`; or a `Stack`, drawn as a row of feature maps up to a layer that fails; or
        an `Unpool`, drawn with the pooling before it, for maps with 1 or 2 axes.
    input_size_or_array
        For a layer: a spatial size (an int for a square map, a tuple with one entry per
        axis), filled with random integers from −9 to 9; or an array of real numbers. A `Stack` has
        its own input.
    position
        The output cell (row, column) whose window is marked; None for no mark.
    slice_index
        The depth slice of a 3-D input that is shown.
    theme
        "light" or "dark".
    seed
        Seed of the random integers.
    show
        Overlays: "read counts", "unread cells", "gradient routing", "receptive field".
    weight, bias
        Of a convolution, as for `convolve`; left out, those of a layer object.
    preset
        Weights of a convolution that are not given: "random" (integers by seed), "blur", "edge" or
        "identity"; in place of a layer object's own.
    channels
        The input and the output channel of a convolution that are shown.
    data_format
        "channels_first" or "channels_last" for an array that is a batch. Without it, arrays are
        (*spatial), (C, *spatial) or (N, C, *spatial), as for `pool`.

    Returns
    -------
    PoolFigure, StackFigure or UnpoolFigure
        A matplotlib Figure that is not registered with pyplot. Notebooks display it, `savefig`
        writes PNG, SVG or PDF, and `alt` is its alt text.

    Raises
    ------
    TypeError, ValueError
        For arguments of another type, for arrays of other numbers, and for unknown names of
        themes and overlays. Never for sizes and parameters that the framework rejects.

    Notes
    -----
    The texts are in the current language, see `set_language`.

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
    if isinstance(layer, Unpool):
        return _draw_unpooling(layer, input_size_or_array, position, THEMES[theme], seed)
    order = order_of_axes(data_format, layer, input_size_or_array)
    # A preset replaces the weights of a layer object.
    if weight is None and preset is None:
        weight, own_bias = own_weights((layer, input_size_or_array))
        bias = own_bias if bias is None else bias
    pooling, input_size_or_array = layer_first(layer, input_size_or_array)
    if input_size_or_array is None:
        raise TypeError(f"{type(pooling).__name__} needs an input: give its size or an array")
    view = View(slice_index=slice_index, fits=True, show=checked_overlays(show))
    if isinstance(pooling, Conv | DepthwiseConv | ConvTranspose):
        if order is not None:
            input_size_or_array = channels_first(input_size_or_array, order)
        traced, given = channels_and_sizes(input_size_or_array, pooling, weight)
        found = operands_of(traced, given, weight, bias, preset=preset or "random", seed=seed)
        if found is not None:
            found = replace(found, in_channel=channels[0], out_channel=channels[1])
        at = partial(scene_at, diagnosis_of(traced), found, view)
        return PoolFigure(at(position), THEMES[theme], at)
    if weight is not None or bias is not None:
        raise TypeError(f"a {type(pooling).__name__} has no weights")
    sizes, x = sizes_and_values(pooling, input_size_or_array, seed, order)
    at = partial(scene_at, diagnosis_of(trace(pooling, sizes)), x, view)
    return PoolFigure(at(position), THEMES[theme], at)


def _draw_unpooling(
    layer: Unpool,
    given: Sizes | ArrayLike | None,
    position: tuple[int, int] | None,
    theme: Theme,
    seed: int,
) -> UnpoolFigure:
    """Draw which maxima a pooling layer keeps, and where unpooling puts them."""
    if given is None:
        raise TypeError("unpooling needs the input of the pooling: give its size or an array")
    sizes, x = sizes_and_values(layer.pool, given, seed)
    traced = trace(layer.pool, sizes)
    if traced.outcome == "raises":
        raise PoolShapeError(traced)
    if len(sizes) > 2 or x is None or 0 in (traced.returned_size or (0,)):
        raise ValueError(f"unpooling is drawn for maps with 1 or 2 axes and values, got {sizes}")
    at = partial(build_unpooling, layer, traced, x)
    return UnpoolFigure(at(position), theme, at)


def scene_at(diagnosis: Diagnosis, x: Data, view: View, position: tuple[int, int] | None) -> Scene:
    """Return the captioned scene of a call with one window marked."""
    scene = build_scene(diagnosis.trace, x, replace(view, position=position), diagnosis)
    return captioned(scene, position)


def sizes_and_values(
    layer: PoolingLayer, given: Sizes | ArrayLike, seed: int = 0, data_format: str | None = None
) -> tuple[tuple[int, ...], Array | None]:
    """Return the spatial size and the values; None in place of values for large inputs.

    Of an array (N, C, *spatial) the first channel of the first example is used.
    """
    if is_size(given):
        sizes = spatial_sizes(given, layer)
        return sizes, example_values(sizes, seed)
    array, ndim = as_input(channels_first(given, data_format), layer, data_format)
    if array.ndim > ndim and 0 not in array.shape[: array.ndim - ndim]:
        array = array[(0,) * (array.ndim - ndim)]
    sizes = array.shape[array.ndim - ndim :]
    is_small = array.size and array.size <= MOST_CELLS
    return sizes, array if is_small else None


def order_of_axes(data_format: str | None, layer: Any, given: Any) -> str | None:
    """Return the order of axes of an array; None for a size."""
    if is_size(given) or is_size(layer) or given is None:
        return None
    return checked_format(data_format, layer, given)


def example_values(sizes: tuple[int, ...], seed: int = 0) -> Array | None:
    """Return random integers from −9 to 9; None for an empty input or over a million cells."""
    # In integers of Python: those of numpy overflow for large sizes.
    cells = 1
    for size in sizes:
        cells *= size
    if not 0 < cells <= MOST_CELLS:
        return None
    return np.random.default_rng(seed).integers(-9, 10, size=sizes).astype(float)
