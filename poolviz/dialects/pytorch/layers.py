"""PyTorch: classes of `torch.nn` → layers. Read off torch 2.13.0, and run with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import prod
from typing import Any

from poolviz.arithmetic.layers.axes import AxisMap
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Crop,
    Identity,
    Layer,
    Linear,
    Reshape,
    Upsample,
    ZeroPad,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.reshape import EdgeMode
from poolviz.arithmetic.open_size import OpenSize, differ, has_open
from poolviz.dialects.common.axis_maps import kept
from poolviz.dialects.common.vocabulary import (
    CallArgs,
    Layers,
    LayerSpec,
    Made,
    Mode,
    Op,
    Settings,
    Shape,
    each,
    each_or_none,
    flat,
    looked_up,
    place,
    whole,
    word,
)
from poolviz.dialects.pytorch.axis_functions import AXIS_CLASSES
from poolviz.dialects.pytorch.ranks import checked
from poolviz.dialects.pytorch.sequences import SEQUENCE_CLASSES
from poolviz.i18n.phrase import phrase

_MODES: Mapping[str, Mode] = {
    "nearest": "nearest",
    "nearest-exact": "nearest",
    "linear": "linear",
    "bilinear": "linear",
    "trilinear": "linear",
    "bicubic": "cubic",
}


def torch_layers(name: str, settings: Settings, shape: Shape = None) -> Made | None:
    """Return the layers that a class of `torch.nn` stands for; None for an unknown name.

    `settings`: by the names of the constructor's arguments, as plain Python. `shape`: that of
    the input, without the batch, where it is known. Raises TypeError or ValueError for settings
    that are missing, wrong, or beyond what poolviz knows; it never guesses.

    >>> torch_layers("MaxPool2d", {"kernel_size": 3, "stride": 2})
    (Pool(kernel_size=(3, 3), stride=(2, 2)),)
    >>> torch_layers("CosineSimilarity", {}) is None
    True
    """
    return looked_up(CLASSES, name, CallArgs(settings, shape))


# --- windows -------------------------------------------------------------------------------------


def pooling(op: Op, ndim: int, given: CallArgs) -> Layers:
    """Max or average pooling. Counting the padding is the default, so it is left out."""
    counts = given.get("count_include_pad", True)
    return (
        Pool(
            each(given["kernel_size"], ndim),
            each_or_none(given.get("stride"), ndim),
            each(given.get("padding", 0), ndim),
            each(given.get("dilation", 1), ndim),
            given.get("ceil_mode", False),
            op,
            count_include_pad=None if counts is True else counts,
            divisor_override=given.get("divisor_override"),
        ),
    )


def lp_pooling(ndim: int, given: CallArgs) -> Layers:
    """LP pooling, which has no padding."""
    kernel, stride = each(given["kernel_size"], ndim), each_or_none(given.get("stride"), ndim)
    ceil_mode = given.get("ceil_mode", False)
    return (Pool(kernel, stride, ceil_mode=ceil_mode, op="lp", norm=given["norm_type"]),)


def adaptive(op: Op, ndim: int, given: CallArgs) -> Layers:
    """Adaptive pooling."""
    return (AdaptivePool(each(given["output_size"], ndim), op),)


def _convolution(ndim: int, given: CallArgs) -> Layers:
    padding = given.get("padding", 0)
    return (
        Conv(
            given["out_channels"],
            each(given["kernel_size"], ndim),
            padding=padding if isinstance(padding, str) else each(padding, ndim),
            **_rest(ndim, given),
        ),
    )


def _transposed(ndim: int, given: CallArgs) -> Layers:
    return (
        ConvTranspose(
            given["out_channels"],
            each(given["kernel_size"], ndim),
            padding=each(given.get("padding", 0), ndim),
            output_padding=each(given.get("output_padding", 0), ndim),
            **_rest(ndim, given),
        ),
    )


def _rest(ndim: int, given: CallArgs) -> dict[str, Any]:
    """Return the parameters that both kinds of convolutions have."""
    return {
        "stride": each(given.get("stride", 1), ndim),
        "dilation": each(given.get("dilation", 1), ndim),
        "groups": given.get("groups", 1),
        "bias": given.get("bias", True),
        "in_channels": given.get("in_channels"),
    }


# --- other sizes ---------------------------------------------------------------------------------


_EDGES: Mapping[str, EdgeMode] = {"Reflection": "reflect", "Circular": "circular"}


def _padded(ndim: int, kind: str, given: CallArgs) -> Layers:
    return padded(each(given["padding"], 2 * ndim), ndim, _EDGES.get(kind, "constant"))


def padded(sides: tuple[int, ...], ndim: int, mode: EdgeMode = "constant") -> Layers:
    """Padding from (left, right, top, bottom …), the last axis first; negative numbers crop.

    >>> padded((1, 2), 2)
    (ZeroPad(padding=((0, 0), (1, 2))),)
    >>> padded((-1, 0), 1)
    (Crop(cropping=((1, 0),)),)
    """
    pairs = list(zip(sides[::2], sides[1::2], strict=True))
    rows = [*[(0, 0)] * (ndim - len(pairs)), *reversed(pairs)]
    added = tuple((max(0, before), max(0, after)) for before, after in rows)
    taken = tuple((max(0, -before), max(0, -after)) for before, after in rows)
    crops = any(map(any, taken))
    adds = any(map(any, added)) or not crops
    layers: list[Layer] = [ZeroPad(added, mode=mode)] if adds else []
    return (*layers, Crop(taken)) if crops else tuple(layers)


def resized(mode: str | None, given: CallArgs) -> Layers:
    """Upsampling; `mode` None takes it from the arguments."""
    name = given.get("mode", "nearest") if mode is None else mode
    if name not in _MODES:
        known = ", ".join(_MODES)
        raise ValueError(phrase("reading.unread.mode", name=repr(name), known=known))
    size, factor = whole(given.get("size")), whole(given.get("scale_factor"))
    return (Upsample(factor, size, _MODES[name]),)


def flattened(given: CallArgs) -> Layers:
    """Flattening of all axes but the batch, or from `start_dim` on where the shape is known."""
    return flat(given.get("start_dim", 1), given.get("end_dim", -1), given.shape)


def _unflattened(given: CallArgs) -> Layers:
    dim, sizes = given["dim"], tuple(given["unflattened_size"])
    if given.shape is None:
        if dim != 1:
            raise ValueError(phrase("reading.unread.dim_unknown_shape", dim=str(dim)))
        return (Reshape(sizes),)
    before = place(dim, len(given.shape) + 1) - 1
    if before < 0:
        raise ValueError(phrase("reading.unread.dim_is_batch"))
    whole = (*given.shape[:before], *sizes, *given.shape[before + 1 :])
    return (Reshape(whole, axis=before + 1),)


# --- what keeps the shape ------------------------------------------------------------------------


def same(name: str, given: CallArgs) -> Layers:
    """Return an activation or dropout."""
    return (Identity(name),)


def _weights(given: CallArgs, switch: str, default: bool = True) -> int:
    """Number of parameters per channel: a weight and a bias, or none."""
    return 1 + bool(given.get("bias", True)) if given.get(switch, default) else 0


def _batch_norm(name: str, given: CallArgs) -> Layers:
    features = given.get("num_features")
    return (Identity(name, features, _weights(given, "affine"), least=_least(given)),)


def _least(given: CallArgs) -> int:
    """Elements per channel that a BatchNorm needs: in training mode, on one sample, two."""
    return 2 if given.get("samples") == 1 else 0


def _instance_norm(name: str, given: CallArgs) -> Layers:
    # Without weights it takes any number of channels, with a warning. With running statistics it
    # is like a BatchNorm, and in evaluation one element is enough.
    weights = _weights(given, "affine", False)
    has_running = bool(given.get("track_running_stats", False))
    features = given.get("num_features") if weights or has_running else None
    if given.shape is not None and len(given.shape) == int(name[-2]):
        return _without_batch(name, features, given.shape)
    if has_running:
        return (Identity(name, features, weights, least=2 if given.get("samples") else 0),)
    return (Identity(name, features, weights, least=2, error="ValueError"),)


def _without_batch(name: str, features: int | None, shape: tuple[int, ...]) -> Layers:
    """Normalise one map without a batch: the batch is its channels."""
    if features is not None:
        raise ValueError(phrase("reading.unread.batch_is_elsewhere", axis="0"))
    if prod(shape) < 2:
        raise ValueError(phrase("reading.unread.no_window"))
    return (Identity(name),)


def _group_norm(name: str, given: CallArgs) -> Layers:
    channels, groups = given["num_channels"], given["num_groups"]
    if channels is not None and (groups < 1 or channels % groups):
        raise ValueError(phrase("reading.unread.groups", channels=channels, groups=groups))
    return (Identity(name, channels, _weights(given, "affine")),)


def sizes_of(value: Any) -> tuple[int, ...]:
    """Return the sizes that `normalized_shape` states: a number, or several.

    >>> sizes_of(16), sizes_of([16, 8])
    ((16,), (16, 8))
    """
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _layer_norm(name: str, given: CallArgs) -> Layers:
    wanted = sizes_of(given["normalized_shape"])
    weights = _weights(given, "elementwise_affine")
    kinds = min(weights, 1) if name == "RMSNorm" else weights
    if has_open(wanted):
        return (Identity(name, parameters=OpenSize()),) if kinds else (Identity(name),)
    if given.shape is not None and len(given.shape) < len(wanted):
        fields = {"name": name, "wanted": str(wanted), "shape": str(given.shape)}
        raise ValueError(phrase("reading.unread.normalized_shape", **fields))
    rank = len(wanted if given.shape is None else given.shape)
    differs = given.shape is not None and any(map(differ, given.shape[-len(wanted) :], wanted))
    if differs or len(wanted) > 1:
        expects = tuple(enumerate(wanted, rank - len(wanted) + 1))
        return (AxisMap(name, rank, tuple(kept(rank)), expects, parameters=kinds * prod(wanted)),)
    if rank > 1:  # the channels are last already, after a permutation
        return (Identity(name, parameters=kinds * prod(wanted)),)
    return (Identity(name, wanted[0], kinds * prod(wanted[1:])),)


def _prelu(name: str, given: CallArgs) -> Layers:
    slopes = given.get("num_parameters", 1)
    return (Identity(name, parameters=1) if slopes == 1 else Identity(name, slopes, 1),)


# --- the words -----------------------------------------------------------------------------------

_CONV = "out_channels kernel_size stride padding dilation groups bias padding_mode device dtype"
_TRANSPOSED = (
    "out_channels kernel_size stride padding output_padding groups bias dilation padding_mode "
    "device dtype"
)
_NORM = "eps momentum affine track_running_stats device dtype bias"
_ACTIVATIONS = {
    "ReLU": "inplace",
    "ReLU6": "inplace",
    "LeakyReLU": "negative_slope inplace",
    "RReLU": "lower upper inplace",
    "ELU": "alpha inplace",
    "CELU": "alpha inplace",
    "SELU": "inplace",
    "GELU": "approximate",
    "SiLU": "inplace",
    "Mish": "inplace",
    # With the names that its arguments had before.
    "Hardtanh": "min_val max_val inplace min_value max_value",
    "Hardswish": "inplace",
    "Hardsigmoid": "inplace",
    "Hardshrink": "lambd",
    "Softshrink": "lambd",
    "Softplus": "beta threshold",
    "Threshold": "threshold value inplace",
    "Sigmoid": "",
    "LogSigmoid": "",
    "Tanh": "",
    "Tanhshrink": "",
    "Softsign": "",
    "Softmax": "dim",
    "LogSoftmax": "dim",
    "Softmin": "dim",
    "Softmax2d": "",
    "Dropout": "p inplace",
    "Dropout1d": "p inplace",
    "Dropout2d": "p inplace",
    "Dropout3d": "p inplace",
    "AlphaDropout": "p inplace",
    "FeatureAlphaDropout": "p inplace",
    "LocalResponseNorm": "size alpha beta k",
    "CrossMapLRN2d": "size alpha beta k",
    "Identity": "",
}
_PADS = {"Zero": "", "Constant": " value", "Reflection": "", "Replication": "", "Circular": ""}


def _per_axis(ndim: int) -> Iterator[tuple[str, LayerSpec]]:
    d = f"{ndim}d"
    window = "kernel_size stride padding"
    yield (
        f"MaxPool{d}",
        word(f"{window} dilation return_indices ceil_mode", partial(pooling, "max", ndim)),
    )
    divisor = "" if ndim == 1 else " divisor_override"
    averages = f"{window} ceil_mode count_include_pad{divisor}"
    yield f"AvgPool{d}", word(averages, partial(pooling, "avg", ndim))
    powers = "norm_type kernel_size stride ceil_mode"
    yield f"LPPool{d}", word(powers, partial(lp_pooling, ndim))
    yield (
        f"AdaptiveMaxPool{d}",
        word("output_size return_indices", partial(adaptive, "max", ndim)),
    )
    yield f"AdaptiveAvgPool{d}", word("output_size", partial(adaptive, "avg", ndim))
    for start, first in (("", "in_channels "), ("Lazy", "")):
        yield f"{start}Conv{d}", word(first + _CONV, partial(_convolution, ndim))
        yield f"{start}ConvTranspose{d}", word(first + _TRANSPOSED, partial(_transposed, ndim))
        first = "" if start else "num_features "
        for kind, make in (("Batch", _batch_norm), ("Instance", _instance_norm)):
            name = f"{start}{kind}Norm{d}"
            yield name, word(first + _NORM, partial(make, name))
    for kind, more in _PADS.items():
        yield f"{kind}Pad{d}", word(f"padding{more}", partial(_padded, ndim, kind))


def _others() -> Iterator[tuple[str, LayerSpec]]:
    yield "Linear", word("in_features out_features bias device dtype", linear)
    yield "LazyLinear", word("out_features bias device dtype", linear)
    yield "Flatten", word("start_dim end_dim", flattened)
    yield "Unflatten", word("dim unflattened_size", _unflattened)
    scaled = "size scale_factor"
    modes = f"{scaled} mode align_corners recompute_scale_factor"
    yield "Upsample", word(modes, partial(resized, None))
    yield "UpsamplingNearest2d", word(scaled, partial(resized, "nearest"))
    yield "UpsamplingBilinear2d", word(scaled, partial(resized, "bilinear"))
    groups = "num_groups num_channels eps affine device dtype bias"
    yield "GroupNorm", word(groups, partial(_group_norm, "GroupNorm"))
    norm = "normalized_shape eps elementwise_affine"
    yield "LayerNorm", word(f"{norm} bias device dtype", partial(_layer_norm, "LayerNorm"))
    yield "RMSNorm", word(f"{norm} device dtype", partial(_layer_norm, "RMSNorm"))
    running = "num_features eps momentum affine track_running_stats"
    synced = f"{running} process_group device dtype bias"
    yield "SyncBatchNorm", word(synced, partial(_batch_norm, "SyncBatchNorm"))
    yield "PReLU", word("num_parameters init device dtype", partial(_prelu, "PReLU"))
    for name, words in _ACTIVATIONS.items():
        yield name, word(words, partial(same, name))


def linear(given: CallArgs) -> Layers:
    """Return a dense layer."""
    features = given.get("in_features")
    return (Linear(given["out_features"], in_features=features, bias=given.get("bias", True)),)


CLASSES: Mapping[str, LayerSpec] = {
    **AXIS_CLASSES,
    **SEQUENCE_CLASSES,
    **{
        name: checked(name, found)
        for words in (*map(_per_axis, (1, 2, 3)), _others())
        for name, found in words
    },
}
