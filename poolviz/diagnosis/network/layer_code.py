"""Any layer as a line of its framework's code; "" where there is no such line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Add,
    Concatenate,
    GlobalPool,
    Layer,
    Linear,
    Named,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.forward import Network, Row
from poolviz.diagnosis.fix_phrases import global_code
from poolviz.diagnosis.phrases import call_code


def changed_code(before: Network, after: Network) -> str:
    """The lines of the layers that are other ones now; "" where layers came or went."""
    lines = dict.fromkeys(layer_code(row.layer, after, row) for row in _changed_rows(before, after))
    return "; ".join(lines) if all(lines) else ""


def _changed_rows(before: Network, after: Network) -> Iterator[Row]:
    if len(before.layers) != len(after.layers):
        return
    for row in after.done.rows:
        if isinstance(row.layer, Concatenate | Add):
            continue
        try:
            old = before.entry(row.path)
        except (IndexError, AssertionError):  # the branches are other ones
            continue
        if _bare(old) != row.layer:
            yield row


def _bare(layer: Layer) -> Layer:
    while isinstance(layer, Named):
        layer = layer.layer
    return layer


def layer_code(layer: Layer, network: Network, row: Row) -> str:
    """One layer of a network in the words of its framework.

    >>> from poolviz import Stack
    >>> network = Stack([Conv(8, 3, padding=1)], (3, 9, 9)).network
    >>> layer_code(network.layers[0], network, network.done.rows[0])
    'nn.Conv2d(3, 8, 3, padding=1)'
    """
    framework = network.setting.framework
    ndim = len(row.input_size)
    if isinstance(layer, Pool):
        return call_code(replace(layer, framework=framework), ndim)
    if isinstance(layer, GlobalPool) and (layer.keepdims or framework == "pytorch"):
        return global_code(layer.op, framework, ndim)
    write = _WRITERS.get((framework, type(layer)))
    channels = network.setting.flow(row.input_shape).channels
    return "" if write is None else write(layer, ndim, channels)


def _short(value: Any) -> str:
    entries = value if isinstance(value, tuple) else (value,)
    return str(entries[0]) if len(set(entries)) == 1 else str(entries)


def _torch_conv(layer: Conv, ndim: int, channels: int) -> str:
    words = [str(channels), str(layer.out_channels), _short(layer.kernel_size)]
    for name, usual in {"stride": "1", "padding": "0", "dilation": "1", "groups": "1"}.items():
        value = getattr(layer, name)
        if value != "valid" and _short(value) != usual:
            words.append(
                f"{name}={value!r}" if isinstance(value, str) else f"{name}={_short(value)}"
            )
    if not layer.bias:
        words.append("bias=False")
    return f"nn.Conv{ndim}d({', '.join(words)})"


def _torch_adaptive(layer: AdaptivePool, ndim: int, channels: int) -> str:
    name = "Max" if layer.op == "max" else "Avg"
    return f"nn.Adaptive{name}Pool{ndim}d({_short(layer.output_size)})"


def _keras_adaptive(layer: AdaptivePool, ndim: int, channels: int) -> str:
    name = "Max" if layer.op == "max" else "Average"
    return f"layers.Adaptive{name}Pooling{ndim}D({_short(layer.output_size)})"


# Keras' convolutions and Dense may carry an activation that a stack holds as a layer of its own:
# a whole line of them would drop it.
_WRITERS: dict[tuple[str, type], Callable[[Any, int, int], str]] = {
    ("pytorch", Conv): _torch_conv,
    ("pytorch", AdaptivePool): _torch_adaptive,
    ("keras", AdaptivePool): _keras_adaptive,
    ("pytorch", Linear): lambda layer, ndim, features: (
        f"nn.Linear({features}, {layer.out_features})"
    ),
}
