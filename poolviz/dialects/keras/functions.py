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
from poolviz.dialects.common.axis_maps import in_parts, known, sample_axis, without_axes
from poolviz.dialects.common.vocabulary import (
    CallArgs,
    Layers,
    LayerSpec,
    Op,
    Parts,
    each,
    each_or_none,
    permuted,
    reshaped_whole,
    squeezed_axis,
    unsqueezed,
    word,
)
from poolviz.i18n.phrase import phrase


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


def _spatial(value: object, ndim: int) -> Any:
    """Drop the batch and the channels, which TensorFlow may list: [1, 2, 2, 1]."""
    if isinstance(value, Sequence) and len(value) == ndim + 2 and value[0] == value[-1] == 1:
        return tuple(value[1:-1])
    return None if value is None else each(value, ndim)


def _reduced(name: str, given: CallArgs) -> Layers:
    keeps = given.get("keepdims", False)
    return without_axes(name, given.get("axis"), keeps, given.shape, given.channels_last)


def _split(given: CallArgs) -> Parts:
    """Split into a number of equal parts, or parts of the given sizes (TensorFlow)."""
    sizes, axis = known(given.shape), given.get("axis", 0)
    count = given.get("num_or_size_splits", given.get("indices_or_sections"))
    if not isinstance(count, int) or count < 1:
        raise ValueError(phrase("reading.unread.no_size"))
    size = sizes[sample_axis(axis, sizes) - 1]
    return in_parts("split", axis, [size // count] * count, sizes)


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
    **{
        f"reduce_{name}": word("axis keepdims name", partial(_reduced, name))
        for name in ("mean", "max", "min", "sum", "prod", "logsumexp", "any", "all")
    },
    **{
        name: word("axis keepdims", partial(_reduced, name))
        for name in ["mean", "max", "amax", "min", "amin", "sum", "prod", "std", "var", "logsumexp"]
    },
    **{
        name: word("*ignored", lambda given: ())
        for name in [
            "abs",
            "exp",
            "log",
            "sqrt",
            "square",
            "negative",
            "clip",
            "round",
            "floor",
            "ceil",
            "sin",
            "cos",
        ]
    },
    "split": word("indices_or_sections axis", _split),
    "reshape": word("shape name", reshaped_whole),
    "flatten": word("name", lambda given: (Flatten(),)),
    "transpose": word("perm name", lambda given: permuted(given["perm"])),
    "permute_dimensions": word("perm", lambda given: permuted(given["perm"])),
    "squeeze": word("axis name", squeezed_axis),
    "expand_dims": word("axis name", lambda given: unsqueezed(given["axis"], given.shape)),
    "identity": word("*ignored", lambda given: ()),
    "stop_gradient": word("*ignored", lambda given: ()),
    "cast": word("*ignored", lambda given: ()),
    **{name: word("*ignored", partial(_same, name)) for name in _ACTIVATIONS.split()},
}
