"""Calls of TensorFlow as code, with `tensorflow` as `tf`."""

from __future__ import annotations

from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import Writer, arguments, entries, has_padding, pairs, short


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
