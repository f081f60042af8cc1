"""PyTorch: functions of `torch.nn.functional` and `torch`, methods of a tensor → layers.

Read off torch 2.13.0, and run with it. The tensor itself is not an argument here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import prod
from typing import Any

from poolviz.arithmetic.layers.axes import Axis
from poolviz.arithmetic.layers.network_layers import AxisMap
from poolviz.arithmetic.layers.reshape import EDGES
from poolviz.dialects.common.axis_maps import axis_map, kept
from poolviz.dialects.common.vocabulary import (
    UNKNOWN_SHAPE,
    CallArgs,
    Layers,
    LayerSpec,
    Made,
    Settings,
    Shape,
    each,
    flat,
    looked_up,
    permuted,
    reshaped_whole,
    squeezed,
    swapped,
    unsqueezed,
    word,
)
from poolviz.dialects.pytorch.axis_functions import AXIS_FUNCTIONS, unpooled
from poolviz.dialects.pytorch.layers import (
    adaptive,
    lp_pooling,
    padded,
    pooling,
    resized,
    same,
    sizes_of,
)
from poolviz.dialects.pytorch.ranks import checked
from poolviz.i18n.phrase import phrase


def torch_function_layers(name: str, settings: Settings, shape: Shape = None) -> Made | None:
    """Return the layers of a function or method; () where it changes no shape.

    In `view` and `reshape` the first entry of "shape" is the batch, whatever it is.

    >>> torch_function_layers("max_pool2d", {"kernel_size": 2})
    (Pool(kernel_size=(2, 2)),)
    >>> torch_function_layers("view", {"shape": (None, -1)})
    (Flatten(),)
    """
    return looked_up(FUNCTIONS, name, CallArgs(settings, shape))


def _pad(given: CallArgs) -> Layers:
    sides = tuple(given["pad"])
    if given.shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    axes, mode = len(given.shape) - 1, given.get("mode", "constant")
    if mode in ("reflect", "replicate", "circular") and len(sides) != 2 * axes:
        if len(sides) == 2 * axes + 2:
            raise ValueError(phrase("reading.unread.padded_channels", sides=str(sides)))
        wanted = len(sides) // 2 + 1
        return (AxisMap("pad", wanted, tuple(kept(axes + 1)), error="NotImplementedError"),)
    front = sides[2 * axes :]
    more = sum(front[:2])
    if any(front[2:]) or given.shape[0] + more < 0:
        raise ValueError(phrase("reading.unread.padded_channels", sides=str(sides)))
    if any(front):
        entries = [Axis(1, plus=more), *kept(axes + 1)[1:]]
        around = padded(sides[: 2 * axes], axes, "constant") if any(sides[: 2 * axes]) else ()
        return (*around, *axis_map("pad", given.shape, entries))
    return padded(sides[: 2 * axes], axes, mode if mode in EDGES else "constant")


def _flatten(given: CallArgs) -> Layers:
    return flat(given.get("start_dim", 0), given.get("end_dim", -1), given.shape)


def _transpose(given: CallArgs) -> Layers:
    return swapped(given["dim0"], given["dim1"], given.shape)


def _squeeze(given: CallArgs) -> Layers:
    return squeezed(given.get("dim"), given.shape)


def _nothing(given: CallArgs) -> Layers:
    return ()


_ACTIVATIONS = {
    "relu": "inplace",
    "relu6": "inplace",
    "leaky_relu": "negative_slope inplace",
    "elu": "alpha inplace",
    "selu": "inplace",
    "celu": "alpha inplace",
    "gelu": "approximate",
    "silu": "inplace",
    "mish": "inplace",
    "hardtanh": "min_val max_val inplace",
    "hardswish": "inplace",
    "hardsigmoid": "inplace",
    "softplus": "beta threshold",
    "softsign": "",
    "sigmoid": "",
    "logsigmoid": "",
    "tanh": "",
    "softmax": "dim _stacklevel dtype",
    "log_softmax": "dim _stacklevel dtype",
    "dropout": "p training inplace",
    "dropout1d": "p training inplace",
    "dropout2d": "p training inplace",
    "dropout3d": "p training inplace",
    "alpha_dropout": "p training inplace",
    "normalize": "p dim eps out",
    "local_response_norm": "size alpha beta k",
}
# Methods that change the shape of their tensor itself, as read off torch 2.13.0.
TURNED_IN_PLACE = frozenset(
    {"transpose_", "swapaxes_", "swapdims_", "t_", "squeeze_", "unsqueeze_"}
)
_IN_PLACE = ("relu", "elu", "selu", "celu", "leaky_relu", "hardtanh", "sigmoid", "tanh")
_KEEPING = ("contiguous", "clone", "detach", "float", "half", "double", "cuda", "cpu", "to", "type")


def _per_axis(ndim: int) -> Iterator[tuple[str, LayerSpec]]:
    d, window = f"{ndim}d", "kernel_size stride padding"
    largest = f"{window} dilation ceil_mode return_indices"
    yield f"max_pool{d}", word(largest, partial(pooling, "max", ndim))
    divisor = "" if ndim == 1 else " divisor_override"
    averages = f"{window} ceil_mode count_include_pad{divisor}"
    yield f"avg_pool{d}", word(averages, partial(pooling, "avg", ndim))
    powers = "norm_type kernel_size stride ceil_mode"
    yield f"lp_pool{d}", word(powers, partial(lp_pooling, ndim))
    unpooling = "indices kernel_size stride padding output_size"
    yield f"max_unpool{d}", word(unpooling, partial(unpooled, ndim))
    yield (
        f"adaptive_max_pool{d}",
        word("output_size return_indices", partial(adaptive, "max", ndim)),
    )
    yield f"adaptive_avg_pool{d}", word("output_size", partial(adaptive, "avg", ndim))


def _others() -> Iterator[tuple[str, LayerSpec]]:
    yield "pad", word("pad mode value", _pad)
    modes = "size scale_factor mode align_corners recompute_scale_factor antialias"
    yield "interpolate", word(modes, partial(resized, None))
    yield "upsample", word("size scale_factor mode align_corners", partial(resized, None))
    yield "flatten", word("start_dim end_dim", _flatten)
    yield "view", word("*shape", reshaped_whole)
    yield "reshape", word("*shape", reshaped_whole)
    yield "permute", word("*dims", lambda given: permuted(given["dims"]))
    yield "transpose", word("dim0 dim1", _transpose)
    yield "squeeze", word("dim", _squeeze)
    yield "unsqueeze", word("dim", lambda given: unsqueezed(given["dim"], given.shape))
    for name, words in _ACTIVATIONS.items():
        yield name, word(words, partial(same, name))
    for name in _IN_PLACE:
        yield f"{name}_", word("", partial(same, name))
    for name in _KEEPING:
        yield name, word("*ignored", _nothing)


_OWN = {name: found for words in (*map(_per_axis, (1, 2, 3)), _others()) for name, found in words}
FUNCTIONS: Mapping[str, LayerSpec] = {
    name: checked(name, found) for name, found in {**AXIS_FUNCTIONS, **_OWN}.items()
}

# --- functions that are given their weights -------------------------------------------------------

_CONV = "weight bias stride padding dilation groups"
_TRANSPOSED = "weight bias stride padding output_padding groups dilation"
WEIGHTED: Mapping[str, str] = {
    **{f"conv{n}d": _CONV for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _TRANSPOSED for n in (1, 2, 3)},
    "linear": "weight bias",
    "batch_norm": "running_mean running_var weight bias training momentum eps",
    "instance_norm": "running_mean running_var weight bias use_input_stats momentum eps",
    "layer_norm": "normalized_shape weight bias eps",
    "group_norm": "num_groups weight bias eps",
    "prelu": "weight",
}


def class_with_weights(
    name: str, weight: tuple[int, ...], given: Settings, shape: Shape = None
) -> tuple[str, dict[str, Any]]:
    """Return the class that does the same, and its settings, from the shape of the weights.

    `shape` is that of the map. ValueError where no class raises as the function does.

    >>> class_with_weights("linear", (10, 64), {})
    ('Linear', {'in_features': 64, 'out_features': 10})
    """
    groups = given.get("groups", 1)
    if name.startswith("conv_transpose"):
        channels = {"in_channels": weight[0], "out_channels": weight[1] * groups}
        return f"ConvTranspose{name[-2:]}", channels | {"kernel_size": weight[2:]}
    if name.startswith("conv"):
        channels = {"in_channels": weight[1] * groups, "out_channels": weight[0]}
        return f"Conv{name[-2:]}", channels | {"kernel_size": weight[2:]}
    if name == "linear":
        return "Linear", {"in_features": weight[1], "out_features": weight[0]}
    if name == "prelu":
        return "PReLU", {"num_parameters": prod(weight)}
    over = sizes_of(given["normalized_shape"]) if name == "layer_norm" else weight
    over = shape[:1] if name == "instance_norm" and shape else over
    if weight and over != weight:
        facts = {"weights": str(weight), "shape": str(over)}
        raise ValueError(phrase("reading.unread.weights_meet", **facts))
    if name == "instance_norm" and shape is not None and len(shape) < 2:
        raise ValueError(phrase("reading.unread.no_window"))
    if name == "layer_norm":
        return "LayerNorm", {"elementwise_affine": bool(weight)}
    channels = {"affine": bool(weight)} | ({"num_features": weight[0]} if weight else {})
    if name == "group_norm":
        if not weight:
            raise ValueError(phrase("reading.unread.group_norm"))
        return "GroupNorm", channels | {"num_channels": weight[0]}
    axes = 2 if shape is None else max(1, len(shape) - 1)  # the functions take any number
    kind = {"batch_norm": "BatchNorm", "instance_norm": "InstanceNorm"}[name]
    return f"{kind}{axes}d", channels


_WEIGHTS = {
    "Linear": ("out_features", "in_features"),
    "Embedding": ("num_embeddings", "embedding_dim"),
}


def shape_of_weights(kind: str, given: Settings) -> tuple[int, ...] | None:
    """Return the shape of the weights of a layer; None where a setting is not known.

    >>> shape_of_weights("ConvTranspose2d", {"in_channels": 8, "out_channels": 4, "kernel_size": 3})
    (8, 4, 3, 3)
    """
    if kind in _WEIGHTS:
        sizes = [given.get(word) for word in _WEIGHTS[kind]]
        known = tuple(size for size in sizes if type(size) is int)
        return known if len(known) == len(sizes) else None
    if kind.startswith(("BatchNorm", "LayerNorm", "GroupNorm")):
        shape = given.get(_SIZES_OF_NORMS[kind.rstrip("123d")])
        over = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
        return over if all(type(size) is int for size in over) else None
    if not kind.startswith("Conv") or not kind.endswith("d"):
        return None
    words = ("in_channels", "out_channels") if "Transpose" in kind else _CHANNELS
    first, second = (given.get(word) for word in words)
    groups = given.get("groups", 1)
    window = each(given.get("kernel_size"), int(kind[-2]))
    if not all(type(size) is int for size in (first, second, groups, *window)) or groups < 1:
        return None
    return (first, second // groups, *window)


_CHANNELS = ("out_channels", "in_channels")
_SIZES_OF_NORMS = {
    "BatchNorm": "num_features",
    "GroupNorm": "num_channels",
    "LayerNorm": "normalized_shape",
}


def sizes_of_weights(kind: str, weight: tuple[int, ...], groups: int = 1) -> dict[str, Any]:
    """Return the settings of a class that the shape of its weights decides; {} for other classes.

    >>> sizes_of_weights("Conv2d", (8, 1, 3, 3), groups=2)
    {'in_channels': 2, 'out_channels': 8, 'kernel_size': (3, 3)}
    """
    if kind == "Linear" and len(weight) == 2:
        return class_with_weights("linear", weight, {})[1]
    if kind.startswith("Conv") and len(weight) > 2:
        name = "conv_transpose" if "Transpose" in kind else "conv"
        return class_with_weights(f"{name}{len(weight) - 2}d", weight, {"groups": groups})[1]
    is_norm = kind.startswith("BatchNorm") and len(weight) == 1
    return {"num_features": weight[0]} if is_norm else {}


_PER_AXIS = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
_DEFAULTS = {"groups": 1, "padding_mode": "zeros", "eps": 1e-5, "momentum": 0.1, "affine": True}


def attributes_of(kind: str, given: Settings) -> dict[str, Any]:
    """Return the attributes of a layer as its class keeps them, with defaults (torch 2.13.0).

    >>> attributes_of("Conv2d", {"kernel_size": 3, "bias": False})["kernel_size"]
    (3, 3)
    """
    found = {**_DEFAULTS, **given}
    if given.get("bias", True) is True:
        found.pop("bias", None)  # a parameter
    elif given["bias"] is False:
        found["bias"] = None
    if False in (given.get("affine"), given.get("elementwise_affine")):
        found |= {"weight": None, "bias": None}
    if given.get("track_running_stats") is False:
        found |= {"running_mean": None, "running_var": None}
    is_conv = kind.startswith("Conv") and kind.endswith("d")
    for setting in (*_PER_AXIS, "kernel_size") if is_conv else ():
        value = found.get(setting, _PER_AXIS.get(setting))
        found[setting] = value if isinstance(value, str | tuple) else (value,) * int(kind[-2])
    if "normalized_shape" in given:
        found["normalized_shape"] = sizes_of(given["normalized_shape"])
    return found
