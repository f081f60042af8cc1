"""Layers of MLX as code, with `mlx.nn` as `nn` and `mlx.core` as `mx`."""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import Writer, arguments, entries, has_padding, pairs, short

_NAMES = {"max": "Max", "avg": "Avg"}


class MlxWriter(Writer):
    """Layer objects; a padding is one number per axis, for both sides."""

    pad = "mx.pad"
    ones = "mx.ones_like(x)"

    def pool(self, layer: Pool, x: str = "x") -> str:
        words = [short(entries(layer, "kernel_size"))]
        if layer.stride is not None:
            words.append(f"stride={short(layer.stride)}")
        padding = pairs(layer)
        if layer.padding in ("same", "same_lower"):
            words.append(f"padding={layer.padding!r}")
        elif has_padding(padding):
            is_even = all(before == after for before, after in padding)
            shown = short(tuple(before for before, _ in padding)) if is_even else str(padding)
            words.append(f"padding={shown}")
        words += arguments(layer, ("dilation", "ceil_mode", "count_include_pad"))
        return f"nn.{_NAMES[layer.op]}Pool{layer.ndim}d({', '.join(words)})"

    def applied(self, layer: Pool, x: str) -> str:
        return f"{self.pool(layer)}({x})"

    def global_pool(self, op: Op, ndim: int) -> str:
        name = "max" if op == "max" else "mean"
        return f"mx.{name}(x, axis={tuple(range(1, ndim + 1))}, keepdims=True)"

    def transposed(self, axes: Sequence[int]) -> str:
        return f"x = mx.transpose(x, {tuple(axes)})"


WRITER = MlxWriter()
