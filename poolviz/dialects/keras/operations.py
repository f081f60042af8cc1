"""Operations of `keras.ops` in a graph → layers. Read off Keras 3.15.1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from poolviz.arithmetic.layers.network_layers import Same
from poolviz.dialects.common.vocabulary import (
    Layers,
    Shape,
    permuted,
    reduced,
    reshaped,
    squeezed,
    unsqueezed,
)
from poolviz.dialects.keras.layers import keras_layers
from poolviz.i18n.phrase import phrase

_ACTIVATIONS = (
    "Relu Relu6 Sigmoid Softplus Softsign Silu LogSigmoid LeakyRelu HardSigmoid HardSilu Elu Selu "
    "Gelu Celu HardTanh Softmax LogSoftmax Tanh"
)
_KEEPING = "Abs Absolute Negative Exp Log Sqrt Square Clip Cast Identity StopGradient Rsqrt"


def operation_layers(operation: Any, shape: Shape, channels_last: bool) -> Layers:
    """The layers that an operation stands for, () where it keeps the shape.

    Raises ValueError for an operation that is not known.
    """
    name = type(operation).__name__
    if name in _ACTIVATIONS.split():
        return (Same(name),)
    if name in _KEEPING.split():
        return ()
    if name in _AXES:
        return _AXES[name](operation, shape, channels_last)
    raise ValueError(phrase("reading.unread.unknown", name=f"keras.ops.{name}"))


def _pooling(kind: str) -> Callable[[Any, Shape, bool], Layers]:
    def layers(operation: Any, shape: Shape, channels_last: bool) -> Layers:
        if shape is None:
            raise ValueError(phrase("reading.unread.pooled_unknown_shape"))
        words = {word: getattr(operation, word) for word in ("pool_size", "strides", "padding")}
        return keras_layers(f"{kind}Pooling{len(shape) - 1}D", words) or ()

    return layers


def _reduced(op: Any) -> Callable[[Any, Shape, bool], Layers]:
    def layers(operation: Any, shape: Shape, channels_last: bool) -> Layers:
        return reduced(op, operation.axis, operation.keepdims, shape, channels_last)

    return layers


def _reshaped(operation: Any, shape: Shape, channels_last: bool) -> Layers:
    return reshaped(tuple(operation.newshape)[1:], shape)


def _permuted(operation: Any, shape: Shape, channels_last: bool) -> Layers:
    return permuted(operation.axes)


def _squeezed(operation: Any, shape: Shape, channels_last: bool) -> Layers:
    return squeezed(operation.axis, shape)


def _unsqueezed(operation: Any, shape: Shape, channels_last: bool) -> Layers:
    return unsqueezed(operation.axis, shape)


_AXES: dict[str, Callable[[Any, Shape, bool], Layers]] = {
    "MaxPool": _pooling("Max"),
    "AveragePool": _pooling("Average"),
    "Mean": _reduced("avg"),
    "Max": _reduced("max"),
    "Reshape": _reshaped,
    "Transpose": _permuted,
    "Squeeze": _squeezed,
    "ExpandDims": _unsqueezed,
}
