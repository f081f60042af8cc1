"""Layers of MLX as code, with `mlx.nn` as `nn` and `mlx.core` as `mx`."""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import LayerObjectWriter


class MlxWriter(LayerObjectWriter):
    """Classes of `mlx.nn`."""

    pad = "mx.pad"
    ones = "mx.ones_like(x)"

    def global_pool(self, op: Op, ndim: int) -> str:
        name = "max" if op == "max" else "mean"
        return f"mx.{name}(x, axis={tuple(range(1, ndim + 1))}, keepdims=True)"

    def transposed(self, axes: Sequence[int]) -> str:
        return f"x = mx.transpose(x, {tuple(axes)})"


WRITER = MlxWriter()
