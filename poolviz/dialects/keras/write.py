"""Layers of Keras as code, with `keras.layers` as `layers`."""

from __future__ import annotations

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.network_layers import AdaptivePool, Layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import (
    Writer,
    arguments,
    entries,
    has_padding,
    pairs,
    short,
)
from poolviz.dialects.tensorflow.keras_layers import keras_convolution

_NAMES = {"max": "Max", "avg": "Average"}


class KerasWriter(Writer):
    """Layer objects; a padding is "valid" or "same"."""

    pad = "keras.ops.pad"
    ones = "keras.ops.ones_like(x)"

    def pool(self, layer: Pool, x: str = "x") -> str:
        words = [short(entries(layer, "kernel_size"))]
        if layer.stride is not None:
            words.append(f"strides={short(layer.stride)}")
        if isinstance(layer.padding, str):
            words += [f"padding={layer.padding!r}"] if layer.padding != "valid" else []
        elif has_padding(pairs(layer)):
            words.append(f"padding={pairs(layer)}")
        words += arguments(layer, ("dilation", "ceil_mode", "count_include_pad"))
        return f"layers.{_NAMES[layer.op]}Pooling{layer.ndim}D({', '.join(words)})"

    def convolution(self, traced: ConvTrace) -> str:
        return f"layers.{keras_convolution(traced)}"

    def applied(self, layer: Pool, x: str) -> str:
        return f"{self.pool(layer)}({x})"

    def global_pool(self, op: Op, ndim: int) -> str:
        return f"layers.Global{_NAMES[op]}Pooling{ndim}D(keepdims=True)"

    def layer(self, layer: Layer, ndim: int, channels: int) -> str:
        # Convolutions and Dense may carry an activation, which a stack holds as another layer:
        # a whole line of them would drop it.
        if isinstance(layer, AdaptivePool):
            size = short(layer.output_size)
            return f"layers.Adaptive{_NAMES[layer.op]}Pooling{ndim}D({size})"
        return super().layer(layer, ndim, channels)

    def resized(self, size: tuple[int, ...]) -> str:
        return f"layers.Resizing{size}" if len(size) == 2 else ""

    def data_format(self, name: str) -> str:
        return f'keras.config.set_image_data_format("{name}")'


WRITER = KerasWriter()
