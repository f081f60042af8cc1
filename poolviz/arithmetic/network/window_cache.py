"""Output sizes of one window layer for inputs of any size: the result of `trace`, but fast.

A search runs the same layers on many inputs. In every framework, one stride more of input gives
exactly one window more as long as the kernel fits. So one trace for each remainder
(size − kernel) mod stride determines the output size of every input; each is made when first
needed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import prod
from operator import add, floordiv, mod, sub

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.receptive_field import FieldStep, window_step
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.arithmetic.trace import Trace, trace


class WindowCalculator:
    """A `Pool` with one entry per axis, and the numbers of its window on each."""

    __slots__ = ("_known", "field_steps", "kernel_elements", "layer", "spans", "strides")

    def __init__(self, layer: Pool, ndim: int) -> None:
        rules = FRAMEWORKS[layer.framework]
        axes = layer.axes(ndim)
        self.layer = layer.with_axes(ndim)
        self.spans = tuple(effective_kernel_size(axis.kernel_size, axis.dilation) for axis in axes)
        self.strides = tuple(rules.stride(axis) for axis in axes)
        self.kernel_elements = prod(axis.kernel_size for axis in axes)
        self.field_steps: tuple[FieldStep, ...] = tuple(map(window_step, self.spans, self.strides))
        self._known: dict[tuple[int, ...], tuple[int, ...] | None] = {}

    def trace(self, input_size: tuple[int, ...]) -> Trace:
        """Return the trace of this layer on this input."""
        return trace(self.layer, input_size)

    def sizes(self, input_size: tuple[int, ...]) -> tuple[int, ...] | None:
        """Output size; None where only `trace` knows it (input too small, or rejected)."""
        room = tuple(map(sub, input_size, self.spans))
        if min(room) < 0:  # the rule above does not hold; with padding a window may fit
            return None
        rests = tuple(map(mod, room, self.strides))
        if rests not in self._known:
            traced = self.trace(tuple(map(add, self.spans, rests)))
            self._known[rests] = traced.output_size if traced.outcome == "ok" else None
        least = self._known[rests]
        return None if least is None else tuple(map(add, least, map(floordiv, room, self.strides)))


@lru_cache(maxsize=4096)
def window_calculator(layer: Pool, framework: str, ndim: int) -> WindowCalculator:
    """Return the calculator of `layer` in `framework`, for maps with `ndim` axes.

    >>> window_calculator(Pool(3, 2), "keras", 2).sizes((11, 12))
    (5, 5)
    """
    if layer.framework != framework:
        layer = replace(layer, framework=framework)
    return WindowCalculator(layer, ndim)


@lru_cache(maxsize=4096)
def causal(window: Pool) -> Pool:
    """Return the same window with all its padding before the data: ⌈n / s⌉ windows.

    >>> causal(Pool((3,), 2, dilation=2)).padding
    ((4, 0),)
    """
    pads = tuple(
        (effective_kernel_size(axis.kernel_size, axis.dilation) - 1, 0)
        for axis in window.axes(window.ndim or 1)
    )
    return replace(window, padding=pads)
