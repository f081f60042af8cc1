"""Keras and TensorFlow: functions of tensors → layers.

`keras.ops`, `keras.activations` and `keras.backend` of Keras 3.15.1; `tf` and `tf.nn` of
TensorFlow 2.21.0. The tensor itself is not an argument here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from poolviz.arithmetic.layers.network_layers import Flatten, Identity
from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import (
    CallArgs,
    Layers,
    LayerSpec,
    Op,
    Settings,
    Shape,
    each,
    each_or_none,
    looked_up,
    permuted,
    reduced,
    reshaped,
    squeezed,
    unsqueezed,
    word,
)


def keras_function_layers(
    name: str, settings: Settings, shape: Shape = None, channels_last: bool = True
) -> Layers | None:
    """Return the layers of a function; () where it changes no shape, None if it is unknown.

    In `reshape` the first entry of "shape" is the batch, whatever it is.

    >>> keras_function_layers("reduce_mean", {"axis": (1, 2)}, (7, 7, 64))
    (GlobalPool(keepdims=False),)
    """
    return looked_up(FUNCTIONS, name, CallArgs(settings, shape, channels_last))


def _pooling(op: Op, ndim: int | None, given: CallArgs) -> Layers:
    kernel = given["ksize"] if "ksize" in given.settings else given["pool_size"]
    count = ndim or (len(kernel) if isinstance(kernel, Sequence) else 2)
    return (
        Pool(
            _spatial(kernel, count),
            each_or_none(_spatial(given.get("strides"), count), count),
            given.get("padding", "valid"),
            op=op,
            framework="keras",
        ),
    )


def _spatial(value: Any, ndim: int) -> Any:
    """Drop the batch and the channels, which TensorFlow may list: [1, 2, 2, 1]."""
    if isinstance(value, Sequence) and len(value) == ndim + 2 and value[0] == value[-1] == 1:
        return tuple(value[1:-1])
    return None if value is None else each(value, ndim)


def _reduced(op: Op, given: CallArgs) -> Layers:
    keeps = given.get("keepdims", False)
    return reduced(op, given.get("axis"), keeps, given.shape, given.channels_last)


def _reshaped(given: CallArgs) -> Layers:
    return reshaped(given["shape"][1:], given.shape)


def _squeezed(given: CallArgs) -> Layers:
    return squeezed(given.get("axis"), given.shape)


def _same(name: str, given: CallArgs) -> Layers:
    return (Identity(name),)


_WINDOW = "pool_size strides padding data_format name"
_ACTIVATIONS = (
    "relu relu6 leaky_relu elu selu gelu silu swish sigmoid tanh softmax log_softmax softplus "
    "softsign hard_sigmoid hard_silu dropout normalize"
)
FUNCTIONS: Mapping[str, LayerSpec] = {
    "max_pool": word(_WINDOW, partial(_pooling, "max", None)),
    "average_pool": word(_WINDOW, partial(_pooling, "avg", None)),
    "avg_pool": word(_WINDOW, partial(_pooling, "avg", None)),
    **{f"max_pool{n}d": word(_WINDOW, partial(_pooling, "max", n)) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": word(_WINDOW, partial(_pooling, "avg", n)) for n in (1, 2, 3)},
    "reduce_mean": word("axis keepdims name", partial(_reduced, "avg")),
    "reduce_max": word("axis keepdims name", partial(_reduced, "max")),
    "mean": word("axis keepdims", partial(_reduced, "avg")),
    "max": word("axis keepdims", partial(_reduced, "max")),
    "amax": word("axis keepdims", partial(_reduced, "max")),
    "reshape": word("shape name", _reshaped),
    "flatten": word("name", lambda given: (Flatten(),)),
    "transpose": word("perm name", lambda given: permuted(given["perm"])),
    "permute_dimensions": word("perm", lambda given: permuted(given["perm"])),
    "squeeze": word("axis name", _squeezed),
    "expand_dims": word("axis name", lambda given: unsqueezed(given["axis"], given.shape)),
    "identity": word("*ignored", lambda given: ()),
    "stop_gradient": word("*ignored", lambda given: ()),
    "cast": word("*ignored", lambda given: ()),
    **{name: word("*ignored", partial(_same, name)) for name in _ACTIVATIONS.split()},
}
