"""`Spec`: everything that an explorer shows, frozen; and the first one, of the arguments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from poolviz.arithmetic.call import trace
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.as_pooling import as_pooling
from poolviz.arithmetic.layers.conv import Conv, Convolution, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.network_layers import LayerLike, is_layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, spatial_sizes
from poolviz.arithmetic.values import Array, as_input, channels_first, checked_format
from poolviz.drawing.convolution.inputs import channels_and_sizes
from poolviz.drawing.convolution.operands import Operands
from poolviz.drawing.draw import MOST_CELLS, example_values
from poolviz.drawing.scene.plane_views import Data
from poolviz.widgets.explorer.spec.convolution_spec import ConvolutionSpec, convolution_for


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """Everything that a PoolExplorer shows: a layer, its input, depth slice and overlays.

    `own_values` is an array that the user gave; without it the values come from `seed`.
    """

    layer: PoolingLayer | Convolution
    input_size: tuple[int, ...]
    seed: int = 0
    own_values: Array | None = None
    slice_index: int = 0
    show: tuple[str, ...] = ()
    convolution: ConvolutionSpec | None = None  # channels and weights
    _known: dict[str, Any] = field(default_factory=dict, init=False, repr=False)  # once computed

    @property
    def data(self) -> Data:
        """Values of the input, with the weights of a convolution."""
        if "data" not in self._known:
            self._known["data"] = self._data()
        return self._known["data"]

    def _data(self) -> Data:
        if self.convolution is None:
            return self.values
        traced = self.traced()
        assert isinstance(traced, ConvTrace)
        return self.convolution.operands(traced, self.own_values, self.seed)

    @property
    def values(self) -> Array | None:
        """Values of the input, of the shown channel; None where it is empty or too large."""
        if self.convolution is not None:
            data = self.data
            return data.x[data.in_channel] if isinstance(data, Operands) else None
        if self.own_values is not None:
            return self.own_values if 0 < self.own_values.size <= MOST_CELLS else None
        return example_values(self.input_size, self.seed)

    def traced(self) -> Trace:
        """Return every number of this spec."""
        if self.convolution is None:
            return trace(self.layer, self.input_size)
        if "traced" not in self._known:
            layer: Any = self.layer
            self._known["traced"] = self.convolution.traced(layer, self.input_size)
        found: Trace = self._known["traced"]
        return found

    def in_framework(self, framework: str) -> Spec:
        """Return the same call in another framework, with the stride that applies here."""
        layer = replace(self.layer, framework=framework)
        if isinstance(layer, Pool):
            layer = replace(layer, stride=tuple(axis.stride for axis in self.traced().axes))
        return replace(self, layer=layer)

    def resized(self, layer: PoolingLayer | Convolution, input_size: tuple[int, ...]) -> Spec:
        """Return the spec with another layer and size; given values are kept while they fit."""
        convolution = convolution_for(layer, self.convolution)
        alike = (convolution is None) == (self.convolution is None)
        own = self.own_values if input_size == self.input_size and alike else None
        return replace(
            self, layer=layer, input_size=input_size, own_values=own, convolution=convolution
        )


def spec_of_trace(traced: Trace) -> Spec:
    """Return the spec of a traced call, with example values."""
    layer = traced.layer.with_axes(len(traced.axes))
    convolution = convolution_for(layer, None)
    if isinstance(traced, ConvTrace) and convolution is not None:
        convolution = replace(convolution, channels=traced.channels)
    return Spec(layer, traced.input_size, convolution=convolution)


def first_spec(
    input_size: Any,
    kernel_size: Any,
    layer: LayerLike | None,
    x: ArrayLike | None,
    seed: int,
    parameters: dict[str, Any],
    data_format: str | None = None,
) -> Spec:
    """Return the spec for the arguments of a PoolExplorer; a layer may be one of the first two.

    Raises
    ------
    TypeError, ValueError
        For wrong types, and for two arguments that set the same thing.
    """
    if layer is None and is_layer(input_size):
        layer, input_size, kernel_size = input_size, kernel_size, None
    elif layer is None and is_layer(kernel_size):
        layer, kernel_size = kernel_size, None
    if layer is None:
        layer = Pool(3 if kernel_size is None else kernel_size, **parameters)
    elif kernel_size is not None or parameters:
        given = ", ".join(["kernel_size"] * (kernel_size is not None) + list(parameters))
        raise TypeError(f"give a layer or its parameters, not both: got layer and {given}")
    order = None if x is None else checked_format(data_format, layer, x)
    layer = as_pooling(layer)
    if x is not None:
        if input_size is not None:
            raise TypeError("give input_size or input, not both")
        return spec_of_array(x, layer, seed, order)
    if _is_data(input_size):
        raise TypeError(
            "input_size takes whole numbers, one per axis; an array is given by name: "
            "input=x, kernel_size=3"
        )
    sizes = spatial_sizes(10 if input_size is None else input_size, layer)
    return Spec(layer.with_axes(len(sizes)), sizes, seed)


def _is_data(sizes: object) -> bool:
    """Return whether an array of values was passed as a size."""
    shape = getattr(sizes, "shape", None)
    if shape is None:
        return isinstance(sizes, list | tuple) and any(isinstance(s, list | tuple) for s in sizes)
    return len(shape) > 1 or (len(shape) == 1 and "float" in str(getattr(sizes, "dtype", "")))


def spec_of_array(
    x: ArrayLike,
    layer: PoolingLayer | Convolution,
    seed: int,
    data_format: str | None = None,
    present: ConvolutionSpec | None = None,
) -> Spec:
    """Return the spec of an input (*spatial) or (N, C, *spatial): its first channel, copied.

    A convolution has all channels of the first example.
    """
    if isinstance(layer, Conv | DepthwiseConv | ConvTranspose):
        traced, own = channels_and_sizes(np.asarray(x), layer)
        assert own is not None
        own.setflags(write=False)
        kept = replace(present or ConvolutionSpec(), channels=traced.channels)
        fitted = kept.for_layer(traced.layer)
        return Spec(traced.layer, traced.input_size, seed, own, convolution=fitted)
    array, ndim = as_input(channels_first(x, data_format), layer, data_format)
    if array.ndim > ndim:
        lead = array.shape[: array.ndim - ndim]
        if 0 in lead:
            raise ValueError(f"input has no example or channel to show, its shape is {array.shape}")
        array = array[(0,) * len(lead)]
    array = np.array(array)  # a copy, because the user may change the original later
    array.setflags(write=False)
    return Spec(layer.with_axes(ndim), array.shape, seed, array)
