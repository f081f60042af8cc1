"""Keras: layers by their names and configuration → layers. Read off Keras 3.15.1, and run with it.

`tf.keras` has the same layers under the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import prod
from typing import Any, TypeAlias

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Crop,
    Flatten,
    GlobalPool,
    Identity,
    Linear,
    Permute,
    Reshape,
    Upsample,
    ZeroPad,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.open_size import has_open
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
    is_pair,
    looked_up,
    word,
)
from poolviz.dialects.keras.ranks import checked
from poolviz.dialects.keras.sequences import SEQUENCE_CLASSES
from poolviz.i18n.phrase import phrase

_MODES: Mapping[str, Mode] = {"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic"}


def keras_layers(name: str, settings: Settings, shape: Shape = None) -> Made | None:
    """Return the layers that a Keras layer stands for; None for an unknown name.

    `settings`: by the names of the constructor's arguments, as `get_config` has them; what does
    not change a shape is ignored. `shape`: that of the input, without the batch, where it is
    known. Raises TypeError or ValueError for settings that are missing, wrong, or beyond what
    poolviz knows; it never guesses.

    >>> keras_layers("MaxPooling2D", {"pool_size": (2, 2), "padding": "same"})
    (Pool(kernel_size=(2, 2), padding='same', framework='keras'),)
    >>> len(keras_layers("SeparableConv2D", {"filters": 8, "kernel_size": 3}))
    2
    """
    return looked_up(CLASSES, name, CallArgs(settings, shape))


def _pooling(op: Op, ndim: int, given: CallArgs) -> Layers:
    kernel = given.get("pool_size", 2)
    return (
        Pool(
            each(kernel, ndim),
            each_or_none(given.get("strides"), ndim),
            given.get("padding", "valid"),
            op=op,
            framework="keras",
        ),
    )


def _global(op: Op, given: CallArgs) -> Layers:
    # None, not False, so that the layer is equal to the one that leaves the argument out.
    return (GlobalPool(op, keepdims=True if given.get("keepdims", False) else None),)


def _adaptive(op: Op, ndim: int, given: CallArgs) -> Layers:
    return (AdaptivePool(each(given["output_size"], ndim), op),)


def _window(ndim: int, given: CallArgs) -> dict[str, Any]:
    return {
        "kernel_size": each(given["kernel_size"], ndim),
        "stride": each(given.get("strides", 1), ndim),
        "padding": given.get("padding", "valid"),
        "dilation": each(given.get("dilation_rate", 1), ndim),
    }


def _convolution(ndim: int, given: CallArgs) -> Layers:
    bias, groups = given.get("use_bias", True), given.get("groups", 1)
    return (Conv(given["filters"], **_window(ndim, given), groups=groups, bias=bias),)


def _depthwise(ndim: int, given: CallArgs) -> Layers:
    many, bias = given.get("depth_multiplier", 1), given.get("use_bias", True)
    return (DepthwiseConv(**_window(ndim, given), depth_multiplier=many, bias=bias),)


def _separable(ndim: int, given: CallArgs) -> Layers:
    """Return a depthwise convolution without a bias, then one over single elements."""
    many, bias = given.get("depth_multiplier", 1), given.get("use_bias", True)
    return (
        DepthwiseConv(**_window(ndim, given), depth_multiplier=many, bias=False),
        Conv(given["filters"], (1,) * ndim, bias=bias),
    )


def _transposed(ndim: int, given: CallArgs) -> Layers:
    extra, bias = given.get("output_padding"), given.get("use_bias", True)
    window = _window(ndim, given)
    extra = each_or_none(extra, ndim)
    return (ConvTranspose(given["filters"], **window, output_padding=extra, bias=bias),)


Side: TypeAlias = int | tuple[int, int]  # alike, or before and after


def _sides(value: Any, ndim: int) -> tuple[Side, ...]:
    """Accept an int, one number per axis for both sides, or (before, after) pairs; one in 1-D."""
    if ndim == 1 and is_pair(value):
        return (tuple(value),)
    return tuple(tuple(entry) if is_pair(entry) else entry for entry in each(value, ndim))


def _zero_padding(ndim: int, given: CallArgs) -> Layers:
    return (ZeroPad(_pairs(_sides(given.get("padding", 1), ndim))),)


def _cropping(ndim: int, given: CallArgs) -> Layers:
    # Cropping2D crops nothing by default, the other two one element per side (Keras 3.15.1).
    return (Crop(_pairs(_sides(given.get("cropping", 0 if ndim == 2 else 1), ndim))),)


def _pairs(sides: tuple[Side, ...]) -> Any:
    """Turn all entries into pairs where one is a pair."""
    if all(isinstance(entry, int) for entry in sides):
        return sides
    return tuple(entry if isinstance(entry, tuple) else (entry, entry) for entry in sides)


def _upsampling(ndim: int, given: CallArgs) -> Layers:
    return (Upsample(each(given.get("size", 2), ndim), mode=_mode(given, "nearest")),)


def _resizing(given: CallArgs) -> Layers:
    if given.get("crop_to_aspect_ratio", False):
        raise ValueError(phrase("reading.unread.crops_first"))
    return (Upsample(size=(given["height"], given["width"]), mode=_mode(given, "bilinear")),)


def _mode(given: CallArgs, default: str) -> Mode:
    name = given.get("interpolation", default)
    if name not in _MODES:
        known = ", ".join(_MODES)
        raise ValueError(phrase("reading.unread.interpolation", name=repr(name), known=known))
    return _MODES[name]


def _dense(given: CallArgs) -> Layers:
    return (Linear(given["units"], bias=given.get("use_bias", True)),)


def _flatten(given: CallArgs) -> Layers:
    return (Flatten(),)


def _reshape(given: CallArgs) -> Layers:
    return (Reshape(tuple(given["target_shape"])),)


def _permute(given: CallArgs) -> Layers:
    return (Permute(tuple(given["dims"])),)


def _same(name: str, given: CallArgs) -> Layers:
    return (Identity(name),)


def _activation(given: CallArgs) -> Layers:
    name = given["activation"]
    return (Identity(name if isinstance(name, str) else "Activation"),)


def _norm(name: str, kept: int, given: CallArgs) -> Layers:
    """Normalisation with scale and centre; a batch norm also keeps a moving mean and variance."""
    weights = int(given.get("center", True)) + int(given.get("scale", True))
    return (Identity(name, None, kept + weights),)


def _group_norm(given: CallArgs) -> Layers:
    groups = given.get("groups", 32)
    channels = None if given.shape is None else given.shape[-1 if given.channels_last else 0]
    if channels and groups > 0 and not has_open([channels]) and channels % groups:
        raise ValueError(phrase("reading.unread.groups", channels=channels, groups=groups))
    return _norm("GroupNormalization", 0, given)


def _normalization(given: CallArgs) -> Layers:
    """Normalisation; keeps a mean, a variance and a count unless they are given."""
    per_channel, more = (2, 1) if given.get("mean") is None else (0, 0)
    return (Identity("Normalization", None, per_channel, more),)


def _prelu(given: CallArgs) -> Layers:
    """PReLU with one slope for every element that is not shared, channels last."""
    shape, shared = given.shape, given.get("shared_axes") or ()
    if shape is None or len(shape) in shared:
        raise ValueError(phrase("reading.unread.slopes"))
    spatial = (size for axis, size in enumerate(shape[:-1], 1) if axis not in shared)
    return (Identity("PReLU", None, prod(spatial)),)


# --- the words -----------------------------------------------------------------------------------

_START = "kernel_initializer bias_initializer kernel_regularizer bias_regularizer"
_SAME = {
    "Dropout": "rate noise_shape seed",
    "SpatialDropout1D": "rate seed name dtype",
    "SpatialDropout2D": "rate data_format seed name dtype",
    "SpatialDropout3D": "rate data_format seed name dtype",
    "AlphaDropout": "rate noise_shape seed",
    "GaussianDropout": "rate seed",
    "GaussianNoise": "stddev seed",
    "ActivityRegularization": "l1 l2",
    "ReLU": "max_value negative_slope threshold",
    "LeakyReLU": "negative_slope",
    "ELU": "alpha",
    "Softmax": "axis",
    "UnitNormalization": "axis",
    "Rescaling": "scale offset",
    "RandomFlip": "mode seed data_format",
    "RandomRotation": "factor",
    "RandomZoom": "height_factor width_factor",
    "RandomTranslation": "height_factor width_factor",
    "RandomContrast": "factor value_range seed",
    "RandomBrightness": "factor value_range seed",
    "Masking": "mask_value",
    "Identity": "",
}


_OPS: tuple[tuple[Op, str, str], ...] = (("max", "Max", "Max"), ("avg", "Average", "Avg"))


def _per_axis(ndim: int) -> Iterator[tuple[str, LayerSpec]]:
    d = f"{ndim}D"
    windows = "pool_size strides padding data_format name"
    for op, long, short in _OPS:
        for name in dict.fromkeys((f"{long}Pooling{d}", f"{short}Pool{d}")):
            yield name, word(windows, partial(_pooling, op, ndim))
            yield f"Global{name}", word("data_format keepdims", partial(_global, op))
        adaptive = word("output_size data_format", partial(_adaptive, op, ndim))
        yield f"Adaptive{long}Pooling{d}", adaptive
    window, more = "kernel_size strides padding", f"activation use_bias {_START}"
    plain = f"filters {window} data_format dilation_rate groups {more}"
    # Conv3DTranspose has these two the other way round (Keras 3.15.1).
    order = "output_padding data_format" if ndim < 3 else "data_format output_padding"
    wide = f"filters {window} {order} dilation_rate {more}"
    parted = f"filters {window} data_format dilation_rate depth_multiplier activation use_bias"
    for conv in ("Conv", "Convolution"):
        yield f"{conv}{d}", word(plain, partial(_convolution, ndim))
        yield f"{conv}{d}Transpose", word(wide, partial(_transposed, ndim))
        if ndim < 3:
            yield f"Separable{conv}{d}", word(parted, partial(_separable, ndim))
    deep = f"{window} depth_multiplier data_format dilation_rate activation use_bias"
    if ndim < 3:
        yield f"DepthwiseConv{d}", word(deep, partial(_depthwise, ndim))
    order = "" if ndim == 1 else " data_format"
    yield f"ZeroPadding{d}", word("padding data_format", partial(_zero_padding, ndim))
    yield f"Cropping{d}", word(f"cropping{order}", partial(_cropping, ndim))
    shown = f"size{order} interpolation" if ndim == 2 else f"size{order}"
    yield f"UpSampling{d}", word(shown, partial(_upsampling, ndim))


def _others() -> Iterator[tuple[str, LayerSpec]]:
    yield "Dense", word(f"units activation use_bias {_START}", _dense)
    yield "Flatten", word("data_format", _flatten)
    yield "Reshape", word("target_shape", _reshape)
    yield "Permute", word("dims", _permute)
    yield "Activation", word("activation", _activation)
    yield "Resizing", word("height width interpolation crop_to_aspect_ratio", _resizing)
    batch = "axis momentum epsilon center scale"
    yield "BatchNormalization", word(batch, partial(_norm, "BatchNormalization", 2))
    layer = "axis epsilon center scale"
    yield "LayerNormalization", word(layer, partial(_norm, "LayerNormalization", 0))
    groups = "groups axis epsilon center scale"
    yield "GroupNormalization", word(groups, _group_norm)
    slopes = "alpha_initializer alpha_regularizer alpha_constraint shared_axes"
    yield "PReLU", word(slopes, _prelu)
    yield "Normalization", word("axis mean variance invert", _normalization)
    for name, words in _SAME.items():
        yield name, word(words, partial(_same, name))


CLASSES: Mapping[str, LayerSpec] = {
    **SEQUENCE_CLASSES,
    **{
        name: checked(name, found)
        for words in (*map(_per_axis, (1, 2, 3)), _others())
        for name, found in words
    },
}
