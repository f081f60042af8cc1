"""Calls and layers of PyTorch as code, with `torch.nn` as `nn` and its functions as `F`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
)
from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import (
    OP_NAMES,
    LayerObjectWriter,
    Pairs,
    short,
)

_CONV_DEFAULTS = {
    "stride": "1",
    "padding": "0",
    "output_padding": "0",
    "dilation": "1",
    "groups": "1",
}


class PyTorchWriter(LayerObjectWriter):
    """Classes of `torch.nn`."""

    ones = "torch.ones_like(x)"
    empty = "value=-torch.inf"
    global_pooling = "change.adaptive"
    enlarges_transposed = True
    has_lp = True

    def global_pool(self, op: Op, ndim: int) -> str:
        return f"nn.Adaptive{OP_NAMES[op]}Pool{ndim}d(1)"

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


def _conv(layer: Conv | ConvTranspose, ndim: int, channels: int) -> str:
    words = [str(channels), str(layer.out_channels), short(layer.kernel_size)]
    for name, default in _CONV_DEFAULTS.items():
        value = getattr(layer, name, None)
        if value not in (None, "valid") and short(value) != default:
            shown = repr(value) if isinstance(value, str) else short(value)
            words.append(f"{name}={shown}")
    if not layer.bias:
        words.append("bias=False")
    return f"nn.{type(layer).__name__}{ndim}d({', '.join(words)})"


def _adaptive(layer: AdaptivePool, ndim: int, channels: int) -> str:
    return f"nn.Adaptive{OP_NAMES[layer.op]}Pool{ndim}d({short(layer.output_size)})"


def _linear(layer: Linear, ndim: int, features: int) -> str:
    bias = "" if layer.bias else ", bias=False"
    return f"nn.Linear({features}, {layer.out_features}{bias})"


_LAYERS: Mapping[type, Callable[[Any, int, int], str]] = {
    Conv: _conv,
    ConvTranspose: _conv,
    AdaptivePool: _adaptive,
    Flatten: lambda layer, ndim, channels: "nn.Flatten()",
    Linear: _linear,
}
WRITER = PyTorchWriter()
