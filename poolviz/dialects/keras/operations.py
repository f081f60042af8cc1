"""Operations of `keras.ops` in a graph → layers. Read off Keras 3.15.1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from poolviz.arithmetic.layers.network_layers import Identity
from poolviz.dialects.common.vocabulary import (
    Layers,
    Op,
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


# Takes an operation, the shape of its input, and whether the channels are last.
Maker: TypeAlias = Callable[[Any, Shape, bool], Layers]


def operation_layers(operation: object, shape: Shape, channels_last: bool) -> Layers:
    """Return the layers that an operation stands for; () where it keeps the shape.

    Raises ValueError for an operation that is not known.
    """
    name = type(operation).__name__
    if name in _ACTIVATIONS.split():
        return (Identity(name),)
    if name in _KEEPING.split():
        return ()
    if name in _AXES:
        return _AXES[name](operation, shape, channels_last)
    raise ValueError(phrase("reading.unread.unknown", name=f"keras.ops.{name}"))


def _pooling(kind: str) -> Maker:
    def layers(operation: object, shape: Shape, channels_last: bool) -> Layers:
        if shape is None:
            raise ValueError(phrase("reading.unread.pooled_unknown_shape"))
        words = {word: getattr(operation, word) for word in ("pool_size", "strides", "padding")}
        made = keras_layers(f"{kind}Pooling{len(shape) - 1}D", words)
        return made if isinstance(made, tuple) else ()

    return layers


def _reduced(op: Op) -> Maker:
    return lambda operation, shape, last: reduced(
        op, operation.axis, operation.keepdims, shape, last
    )


_AXES: dict[str, Maker] = {
    "MaxPool": _pooling("Max"),
    "AveragePool": _pooling("Average"),
    "Mean": _reduced("avg"),
    "Max": _reduced("max"),
    "Reshape": lambda operation, shape, _: reshaped(tuple(operation.newshape)[1:], shape),
    "Transpose": lambda operation, shape, _: permuted(operation.axes),
    "Squeeze": lambda operation, shape, _: squeezed(operation.axis, shape),
    "ExpandDims": lambda operation, shape, _: unsqueezed(operation.axis, shape),
}
