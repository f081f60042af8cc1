"""What a function that takes one pooling layer accepts."""

from __future__ import annotations

from typing import NoReturn

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.fitted import AdaptivePool, GlobalPool, PoolingLayer
from poolviz.arithmetic.layers.foreign import own_layer
from poolviz.arithmetic.layers.network_layers import Layer, bare
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.unpool import Unpool
from poolviz.arithmetic.layers.validation import shown


def as_pool(value: object) -> Pool:
    """Return a `Pool`, without its name; a pooling layer of PyTorch or Keras is converted.

    >>> as_pool(GlobalPool())
    Traceback (most recent call last):
    TypeError: layer must be a poolviz.Pool, got GlobalPool. Other layers need a network: \
Stack([GlobalPool(…)], input_shape), also for StackExplorer
    """
    layer = unnamed(value)
    if isinstance(layer, Pool):
        return layer
    _reject("Pool", layer, type(value).__name__)


def as_pooling(value: object) -> PoolingLayer:
    """Return a pooling layer of any kind, without its name; one of PyTorch or Keras is converted.

    >>> from poolviz.arithmetic.layers.network_layers import Named
    >>> as_pooling(Named("pool1", AdaptivePool(7)))
    AdaptivePool(output_size=7)
    >>> as_pooling("max")
    Traceback (most recent call last):
    TypeError: layer must be a poolviz.Pool, AdaptivePool or GlobalPool, got 'max' (str)
    """
    layer = unnamed(value)
    if isinstance(layer, Pool | AdaptivePool | GlobalPool):
        return layer
    _reject("Pool, AdaptivePool or GlobalPool", layer, type(value).__name__)


def unnamed(value: object) -> object:
    """Return a layer without its name; one of PyTorch or Keras is converted."""
    layer = own_layer(value)
    return bare(layer) if isinstance(layer, Layer) else layer


def _reject(wanted: str, layer: object, kind: str) -> NoReturn:
    """Raise a TypeError; `kind` is the class of what was given, before it was converted."""
    if isinstance(layer, Conv | DepthwiseConv | ConvTranspose):
        raise TypeError(
            f"layer must be a poolviz.{wanted}, got {kind}. LayerExplorer shows a convolution, "
            "draw and trace take it, and convolve computes its values"
        )
    if isinstance(layer, Layer | Unpool):
        raise TypeError(
            f"layer must be a poolviz.{wanted}, got {kind}. Other layers need a network: "
            f"Stack([{type(layer).__name__}(…)], input_shape), also for StackExplorer"
        )
    if isinstance(layer, str | int | float):
        raise TypeError(f"layer must be a poolviz.{wanted}, got {shown(layer)} ({kind})")
    raise TypeError(
        f"layer must be a poolviz.{wanted}, got {kind}. A whole model is read by poolviz.read_model"
    )
