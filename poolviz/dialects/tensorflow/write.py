"""Calls of TensorFlow as code, with `tensorflow` as `tf`."""

from __future__ import annotations

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.conv import Convolution
from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import Writer, arguments, entries, has_padding, pairs, short
from poolviz.dialects.tensorflow.keras_layers import keras_convolution


class TensorFlowWriter(Writer):
    """Functions of `tf` and `tf.nn`; a padding in numbers lists the batch and the channels too."""

    pad = "tf.pad"
    ones = "tf.ones_like(x)"

    def pool(self, layer: Pool, x: str = "x") -> str:
        kernel = short(entries(layer, "kernel_size"))
        stride = kernel if layer.stride is None else short(layer.stride)
        padding = self._padding(layer)
        words = [x, f"ksize={kernel}", f"strides={stride}", f"padding={padding}"]
        words += arguments(layer, ("dilation", "ceil_mode", "count_include_pad"))
        return f"tf.nn.{layer.op}_pool{layer.ndim}d({', '.join(words)})"

    def convolution(self, traced: ConvTrace) -> str:
        layer, ndim = traced.layer, len(traced.axes)
        is_both = short(layer.stride) != "1" != short(layer.dilation)  # a layer of Keras rejects it
        by_name = layer.has_named_padding or layer.pads_nothing
        if traced.is_transposed or layer.padding == "causal" or (by_name and not is_both):
            return f"tf.keras.layers.{keras_convolution(traced)}"
        stride, dilation = layer.stride, layer.dilation
        # tf.nn.conv3d takes five numbers, with the batch and the channels; conv1d and conv2d also
        # take one per axis.
        if ndim == 3 and isinstance(stride, tuple) and isinstance(dilation, tuple):
            shown, spread = str((1, *stride, 1)), str((1, *dilation, 1))
        else:
            shown, spread = short(stride), short(dilation)
        word = "stride" if ndim == 1 else "strides"
        words = ["x", "w", f"{word}={shown}", f"padding={self._sides(layer)}"]
        words += [] if short(dilation) == "1" else [f"dilations={spread}"]
        return f"tf.nn.conv{ndim}d({', '.join(words)})"

    def _sides(self, layer: Convolution) -> str:
        """Write a padding of tf.nn by its name, or in numbers."""
        if layer.has_named_padding or layer.pads_nothing:
            return repr(str(layer.padding).upper() if layer.has_named_padding else "VALID")
        return str([[0, 0], *([before, after] for before, after in pairs(layer)), [0, 0]])

    def _padding(self, layer: Pool) -> str:
        if isinstance(layer.padding, str):
            return repr(layer.padding.upper())
        padding = pairs(layer)
        if not has_padding(padding):
            return "'VALID'"
        return str([[0, 0], *([before, after] for before, after in padding), [0, 0]])

    def global_pool(self, op: Op, ndim: int) -> str:
        name = "max" if op == "max" else "mean"
        return f"tf.reduce_{name}(x, axis={tuple(range(1, ndim + 1))}, keepdims=True)"

    def data_format(self, name: str) -> str:
        return f'keras.config.set_image_data_format("{name}")'


WRITER = TensorFlowWriter()
