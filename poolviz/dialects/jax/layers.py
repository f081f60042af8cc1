"""Flax: modules and functions of `flax.linen` and `flax.nnx` → layers.

Read off Flax 0.12.8 on JAX 0.10.2, and run with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.network_layers import Identity, Linear, Upsample, ZeroPad
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.open_size import has_open
from poolviz.dialects.common.axis_maps import without_axes
from poolviz.dialects.common.vocabulary import (
    CallArgs,
    Layers,
    LayerSpec,
    Mode,
    Op,
    each,
    each_or_none,
    permuted,
    reduced_axis,
    reshaped_whole,
    squeezed_axis,
    unsqueezed,
    word,
)
from poolviz.i18n.phrase import phrase


def _padding(value: object) -> Any:
    """Padding by name or in numbers; "CIRCULAR" gives the sizes of "SAME"."""
    if isinstance(value, str):
        return "same" if value.upper() == "CIRCULAR" else value
    if isinstance(value, Sequence):
        return tuple(tuple(e) if isinstance(e, Sequence) else (e, e) for e in value)
    return value


def _window(given: CallArgs) -> dict[str, Any]:
    kernel = given["kernel_size"]
    kernel = tuple(kernel) if isinstance(kernel, Sequence) else (kernel,)
    ndim = len(kernel)
    return {
        "kernel_size": kernel,
        "stride": each(given.get("strides") or 1, ndim),
        # The default of convolutions; Flax pads its pooling layers "VALID".
        "padding": _padding(given.get("padding", "SAME")),
        "dilation": each(given.get("kernel_dilation") or 1, ndim),
    }


def _features(given: CallArgs) -> tuple[int, int | None]:
    """Output and input features; linen modules have only the first."""
    if "features" in given.settings:
        return given["features"], None
    return given["out_features"], given["in_features"]


def _other_features(built_for: int | None, error: str) -> str | None:
    """Return the class that nnx raises: its modules state their features, linen's do not."""
    return None if built_for is None else error


def _convolution(given: CallArgs) -> Layers:
    if each(given.get("input_dilation") or 1, 1)[0] != 1:
        raise ValueError(phrase("reading.unread.input_dilation"))
    out, built_for = _features(given)
    groups, bias = given.get("feature_group_count", 1), given.get("use_bias", True)
    window, error = _window(given), _other_features(built_for, "ValueError")
    return (Conv(out, **window, groups=groups, bias=bias, in_channels=built_for, error=error),)


def _transposed(given: CallArgs) -> Layers:
    out, built_for = _features(given)
    window, error = _window(given), _other_features(built_for, "ValueError")
    bias = given.get("use_bias", True)
    return (ConvTranspose(out, **window, bias=bias, in_channels=built_for, error=error),)


def _dense(given: CallArgs) -> Layers:
    out, built_for = _features(given)
    bias, error = given.get("use_bias", True), _other_features(built_for, "TypeError")
    return (Linear(out, in_features=built_for, bias=bias, error=error),)


def _norm(name: str, given: CallArgs) -> Layers:
    # RMSNorm has a scale only.
    weights = int(given.get("use_bias", name != "RMSNorm")) + int(given.get("use_scale", True))
    return (Identity(name, given.get("num_features"), weights, error="TypeError"),)


def _group_norm(given: CallArgs) -> Layers:
    """Normalise groups of channels, given by their number or their size (Flax 0.12.8)."""
    own = None if given.shape is None else given.shape[-1]
    channels, groups = given.get("num_features", own), given.get("num_groups", 32)
    size = given.get("group_size")
    if (groups is None) == (size is None):  # Flax raises ValueError
        raise ValueError(phrase("reading.unread.not_known"))
    parts = size if groups is None else groups
    if channels and not has_open([channels]) and (parts < 1 or channels % parts):
        raise ValueError(phrase("reading.unread.groups", channels=channels, groups=parts))
    return _norm("GroupNorm", given)


def _same(name: str, given: CallArgs) -> Layers:
    return (Identity(name),)


def _pooling(op: Op, given: CallArgs) -> Layers:
    kernel = tuple(given["window_shape"])
    return (
        Pool(
            kernel,
            each_or_none(given.get("strides"), len(kernel)),
            _padding(given.get("padding", "VALID")),
            op=op,
            count_include_pad=None if given.get("count_include_pad", True) is True else False,
            framework="jax",
        ),
    )


def _over(name: str, given: CallArgs) -> Layers:
    keeps = given.get("keepdims", False)
    return without_axes(name, given.get("axis"), keeps, given.shape, channels_last=True)


def _padded(given: CallArgs) -> Layers:
    """`jnp.pad` of the axes between the batch and the channels."""
    pairs = tuple(given["pad_width"])
    is_plain = given.shape is not None and len(pairs) == len(given.shape) + 1
    if not is_plain or any(map(any, (pairs[0], pairs[-1]))):
        raise ValueError(phrase("reading.unread.unknown_here", name="pad"))
    mode = given.get("mode", "constant")
    return (ZeroPad(tuple(map(tuple, pairs[1:-1])), mode="circular" if mode == "wrap" else mode),)


_CONV = "kernel_size strides padding input_dilation kernel_dilation feature_group_count use_bias"
_TRANSPOSED = "kernel_size strides padding kernel_dilation use_bias"
_BATCH = "use_running_average axis momentum epsilon dtype param_dtype use_bias use_scale"
_LAYER = "epsilon dtype param_dtype use_bias use_scale"
_GROUPS = "num_groups group_size epsilon dtype param_dtype use_bias use_scale"

LINEN: Mapping[str, LayerSpec] = {
    "Conv": word(f"features {_CONV}", _convolution),
    "ConvTranspose": word(f"features {_TRANSPOSED}", _transposed),
    "Dense": word("features use_bias", _dense),
    "BatchNorm": word(_BATCH, partial(_norm, "BatchNorm")),
    "LayerNorm": word(_LAYER, partial(_norm, "LayerNorm")),
    "InstanceNorm": word(_LAYER, partial(_norm, "InstanceNorm")),
    "RMSNorm": word("epsilon dtype param_dtype use_scale", partial(_norm, "RMSNorm")),
    "GroupNorm": word(_GROUPS, _group_norm),
    "Dropout": word("rate broadcast_dims deterministic rng_collection", partial(_same, "Dropout")),
}
NNX: Mapping[str, LayerSpec] = {
    "Conv": word(f"in_features out_features {_CONV}", _convolution),
    "ConvTranspose": word(f"in_features out_features {_TRANSPOSED}", _transposed),
    "Linear": word("in_features out_features use_bias", _dense),
    "BatchNorm": word("num_features", partial(_norm, "BatchNorm")),
    "LayerNorm": word("num_features", partial(_norm, "LayerNorm")),
    "RMSNorm": word("num_features", partial(_norm, "RMSNorm")),
    "GroupNorm": word("num_features num_groups", _group_norm),
    "Dropout": word("rate", partial(_same, "Dropout")),
}
_ACTIVATIONS = (
    "exp log sqrt square abs negative sin cos clip sign softsign log_sigmoid mish identity "
    "relu relu6 elu selu celu gelu silu swish sigmoid tanh softmax log_softmax softplus "
    "leaky_relu hard_tanh hard_swish hard_sigmoid standardize normalize"
)


def _resized(given: CallArgs) -> Layers:
    """`jax.image.resize` to a whole shape, with the batch and the channels of the map."""
    wanted, shape = tuple(given["shape"]), given.shape
    mode = _RESIZING.get(getattr(given["method"], "lower", str)())
    if shape is None or len(wanted) != len(shape) + 1 or wanted[-1] != shape[-1] or mode is None:
        raise ValueError(phrase("reading.unread.unknown_here", name="resize"))
    return (Upsample(size=tuple(map(int, wanted[1:-1])), mode=mode),)


_RESIZING: Mapping[str, Mode] = {
    "nearest": "nearest",
    **dict.fromkeys(("linear", "bilinear", "trilinear", "triangle"), "linear"),
    **dict.fromkeys(("cubic", "bicubic", "tricubic"), "cubic"),
}
FUNCTIONS: Mapping[str, LayerSpec] = {
    "resize": word("shape method antialias precision", _resized),
    "max_pool": word("window_shape strides padding", partial(_pooling, "max")),
    "avg_pool": word("window_shape strides padding count_include_pad", partial(_pooling, "avg")),
    **{
        name: word("axis dtype out keepdims", partial(_over, name))
        for name in ("sum", "prod", "std", "var")
    },
    **{name: word("axis out keepdims", partial(_over, name)) for name in ("min", "amin", "amax")},
    "logsumexp": word("axis b keepdims", partial(_over, "logsumexp")),
    "expand_dims": word("axis", lambda given: unsqueezed(given["axis"], given.shape)),
    "pad": word("pad_width mode", _padded),
    "mean": word("axis dtype out keepdims", partial(reduced_axis, "avg")),
    "max": word("axis out keepdims", partial(reduced_axis, "max")),
    "reshape": word("*shape", reshaped_whole),
    "transpose": word("*axes", lambda given: permuted(given["axes"])),
    "squeeze": word("axis", squeezed_axis),
    "astype": word("*ignored", lambda given: ()),
    "asarray": word("*ignored", lambda given: ()),
    **{name: word("*ignored", partial(_same, name)) for name in _ACTIVATIONS.split()},
}
