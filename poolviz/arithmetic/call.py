"""`trace`: all numbers of one layer with windows, a pooling layer or a convolution."""

from __future__ import annotations

from typing import Any

from poolviz.arithmetic import trace as pooling
from poolviz.arithmetic.convolution.trace import trace_convolution
from poolviz.arithmetic.layers.as_pooling import as_pooling, unnamed
from poolviz.arithmetic.layers.conv import Conv, Convolution, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.network_layers import LayerLike, is_layer
from poolviz.arithmetic.layers.validation import Sizes
from poolviz.arithmetic.trace import Trace
from poolviz.i18n.keywords import answers_keywords


@answers_keywords()
def trace(layer: LayerLike, input_size: Sizes) -> Trace:
    """Compute every number of `layer` on an input of `input_size`; never raises for geometry.

    Parameters
    ----------
    layer
        A `Pool`, `AdaptivePool`, `GlobalPool`, `Conv`, `DepthwiseConv` or `ConvTranspose`, or such
        a layer object of PyTorch or Keras; layer and size may be swapped.
    input_size
        Spatial size in elements, ≥ 0: one entry per axis. An int stands for a square map, or for
        every axis of a layer that has its own number of axes.

    Raises
    ------
    TypeError, ValueError
        For sizes that are not integers ≥ 0, or another number of axes than the layer has.

    Examples
    --------
    >>> from poolviz import Conv, Pool
    >>> t = trace(Pool(kernel_size=15), (10, 10))
    >>> t.outcome, t.output_size, t.axes[0].missing
    ('raises', (0, 0), 5)
    >>> print(trace(Conv(8, 3, stride=2, padding=1), (6, 7)).formula)
    height: ⌊(6 + 2·1 − 3) / 2⌋ + 1 = 3
    width: ⌊(7 + 2·1 − 3) / 2⌋ + 1 = 4
    """
    given, size = layer_first(layer, input_size)
    if isinstance(given, Conv | DepthwiseConv | ConvTranspose):
        return trace_convolution(given, size)
    return pooling.trace(given, size)


def windowed(value: object) -> PoolingLayer | Convolution:
    """Return a pooling layer or a convolution, without its name; those of PyTorch are converted."""
    layer = unnamed(value)
    if isinstance(layer, Conv | DepthwiseConv | ConvTranspose):
        return layer
    return as_pooling(value)


def layer_first(layer: object, other: object) -> tuple[PoolingLayer | Convolution, Any]:
    """Return a layer with windows and the other argument, in this order however they were given.

    >>> from poolviz import Pool
    >>> layer_first(10, Pool(3))
    (Pool(kernel_size=3), 10)
    """
    if is_layer(other) and not is_layer(layer):
        layer, other = other, layer
    return windowed(layer), other
