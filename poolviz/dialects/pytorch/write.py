"""Calls and layers of PyTorch as code, with `torch.nn` as `nn` and its functions as `F`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.network_layers import AdaptivePool, GlobalPool, Layer, Linear
from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import (
    Pairs,
    Writer,
    arguments,
    entries,
    has_padding,
    pairs,
    short,
)

_NAMES = {"max": "Max", "avg": "Avg"}
_CONV_DEFAULTS = {"stride": "1", "padding": "0", "dilation": "1", "groups": "1"}


class PyTorchWriter(Writer):
    """Layer objects; a padding is one number per axis, for both sides."""

    ones = "torch.ones_like(x)"
    empty = "value=-torch.inf"
    global_pooling = "change.adaptive"
    enlarges_transposed = True

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
        return f"nn.Adaptive{_NAMES[op]}Pool{ndim}d(1)"

    def global_layer(self, op: Op) -> Layer:
        return AdaptivePool(1, op)

    def layer(self, layer: Layer, ndim: int, channels: int) -> str:
        if isinstance(layer, GlobalPool):
            return self.global_pool(layer.op, ndim)
        if type(layer) in _LAYERS:
            return _LAYERS[type(layer)](layer, ndim, channels)
        return super().layer(layer, ndim, channels)

    def resized(self, size: tuple[int, ...]) -> str:
        return f"nn.Upsample(size={size})"

    def transposed(self, axes: Sequence[int]) -> str:
        return f"x = x.permute{tuple(axes)}"

    def padded(self, x: str, padding: Pairs, op: Op) -> str:
        # The last axis comes first; negative numbers crop.
        flat = tuple(side for pair in reversed(padding) for side in pair)
        return f"F.pad({x}, {flat}{self.fill(op)})" if any(flat) else x


def _conv(layer: Conv, ndim: int, channels: int) -> str:
    words = [str(channels), str(layer.out_channels), short(layer.kernel_size)]
    for name, default in _CONV_DEFAULTS.items():
        value = getattr(layer, name)
        if value != "valid" and short(value) != default:
            shown = repr(value) if isinstance(value, str) else short(value)
            words.append(f"{name}={shown}")
    if not layer.bias:
        words.append("bias=False")
    return f"nn.Conv{ndim}d({', '.join(words)})"


def _adaptive(layer: AdaptivePool, ndim: int, channels: int) -> str:
    return f"nn.Adaptive{_NAMES[layer.op]}Pool{ndim}d({short(layer.output_size)})"


def _linear(layer: Linear, ndim: int, features: int) -> str:
    return f"nn.Linear({features}, {layer.out_features})"


_LAYERS: Mapping[type, Callable[[Any, int, int], str]] = {
    Conv: _conv,
    AdaptivePool: _adaptive,
    Linear: _linear,
}
WRITER = PyTorchWriter()
