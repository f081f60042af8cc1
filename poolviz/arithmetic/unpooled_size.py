"""The size of a map after unpooling, without numpy."""

from __future__ import annotations

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.pool import Pool


def unpooled_size(layer: Pool, pooled_size: tuple[int, ...]) -> tuple[int, ...]:
    """Size that unpooling gives without an `output_size`: (n − 1)·s + k − padding.

    >>> unpooled_size(Pool(2), (2, 2)), unpooled_size(Pool(3, 2, 1), (4,))
    ((4, 4), (7,))
    """
    rules = FRAMEWORKS[layer.framework]
    return tuple(
        (size - 1) * rules.stride(axis) + axis.kernel_size - rules.padding(axis, size).total
        for axis, size in zip(layer.axes(len(pooled_size)), pooled_size, strict=True)
    )
