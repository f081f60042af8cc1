"""MLX: classes of `mlx.nn`, functions of `mlx.core` and methods of an array → layers.

Read off MLX 0.32.4. The array itself is no argument of a function here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.network_layers import Identity, Linear, Upsample, ZeroPad
from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import (
    UNKNOWN_SHAPE,
    CallArgs,
    Layers,
    LayerSpec,
    Mode,
    Op,
    each,
    each_or_none,
    flat,
    permuted,
    reduced_axis,
    reshaped_whole,
    squeezed_axis,
    swapped,
    unsqueezed,
    whole,
    word,
)
from poolviz.i18n.phrase import phrase

_MODES: Mapping[str, Mode] = {"nearest": "nearest", "linear": "linear", "cubic": "cubic"}


# --- classes -------------------------------------------------------------------------------------


def _pooling(op: Op, ndim: int, given: CallArgs) -> Layers:
    return (
        Pool(
            each(given["kernel_size"], ndim),
            each_or_none(given.get("stride"), ndim),
            each(given.get("padding", 0), ndim),
            op=op,
            framework="mlx",
        ),
    )


def _window(ndim: int, given: CallArgs) -> dict[str, Any]:
    padding = given.get("padding", 0)
    return {
        "kernel_size": each(given["kernel_size"], ndim),
        "stride": each(given.get("stride", 1), ndim),
        "padding": padding if isinstance(padding, str) else each(padding, ndim),
        "dilation": each(given.get("dilation", 1), ndim),
        "bias": given.get("bias", True),
        "in_channels": given["in_channels"],
    }


def _convolution(ndim: int, given: CallArgs) -> Layers:
    groups = given.get("groups", 1)
    return (Conv(given["out_channels"], **_window(ndim, given), groups=groups),)


def _transposed(ndim: int, given: CallArgs) -> Layers:
    extra = each(given.get("output_padding", 0), ndim)
    return (ConvTranspose(given["out_channels"], **_window(ndim, given), output_padding=extra),)


def _linear(given: CallArgs) -> Layers:
    features = given["input_dims"]
    return (Linear(given["output_dims"], in_features=features, bias=given.get("bias", True)),)


def _upsampled(given: CallArgs) -> Layers:
    mode = given.get("mode", "nearest")
    if mode not in _MODES:
        known = ", ".join(_MODES)
        raise ValueError(phrase("reading.unread.mode", name=repr(mode), known=known))
    return (Upsample(whole(given["scale_factor"]), mode=_MODES[mode]),)


def _norm(name: str, affine: bool, given: CallArgs) -> Layers:
    """A normalization with a weight and a bias per channel, unless they are switched off."""
    is_affine = given.get("affine", affine)
    weights = 1 if name == "RMSNorm" else 1 + bool(given.get("bias", True))
    channels = given["num_features"] if name == "BatchNorm" else given["dims"]
    return (Identity(name, channels if is_affine else None, weights if is_affine else 0),)


def _same(name: str, given: CallArgs) -> Layers:
    return (Identity(name),)


_NORMS = {
    "BatchNorm": ("num_features eps momentum affine track_running_stats", True),
    "InstanceNorm": ("dims eps affine", False),
    "LayerNorm": ("dims eps affine bias", True),
    "RMSNorm": ("dims eps", True),
    "GroupNorm": ("num_groups dims eps affine pytorch_compatible", True),
}
_KEEPING = {
    **dict.fromkeys(("ReLU", "ReLU2", "ReLU6", "SELU", "SiLU", "Mish", "Identity"), ""),
    **dict.fromkeys(("Sigmoid", "LogSigmoid", "Tanh", "HardTanh", "Hardswish"), ""),
    **dict.fromkeys(("Softplus", "Softsign", "Softmax", "Softmin", "LogSoftmax"), ""),
    **dict.fromkeys(("ELU", "CELU"), "alpha"),
    **dict.fromkeys(("HardShrink", "Softshrink"), "lambd"),
    **dict.fromkeys(("Dropout", "Dropout2d", "Dropout3d"), "p"),
    "LeakyReLU": "negative_slope",
    "GELU": "approx",
    "Step": "threshold",
}
_ACTIVATIONS = (
    "relu relu2 relu6 leaky_relu elu celu selu gelu gelu_approx gelu_fast_approx silu mish sigmoid "
    "log_sigmoid tanh hard_tanh hardswish hard_shrink softshrink softplus softsign softmax softmin "
    "log_softmax step"
)


def _per_axis(ndim: int) -> Iterator[tuple[str, LayerSpec]]:
    d = f"{ndim}d"
    for op in ("max", "avg"):
        pooling = word("kernel_size stride padding", partial(_pooling, op, ndim))
        yield f"{op.title()}Pool{d}", pooling
    start = "in_channels out_channels kernel_size stride padding dilation"
    groups = "" if ndim == 3 else " groups"
    yield f"Conv{d}", word(f"{start}{groups} bias", partial(_convolution, ndim))
    transposed = f"{start} output_padding bias"
    yield f"ConvTranspose{d}", word(transposed, partial(_transposed, ndim))


def _others() -> Iterator[tuple[str, LayerSpec]]:
    yield "Linear", word("input_dims output_dims bias", _linear)
    yield "Upsample", word("scale_factor mode align_corners", _upsampled)
    for name, (words, is_affine) in _NORMS.items():
        yield name, word(words, partial(_norm, name, is_affine))
    for name, words in _KEEPING.items():
        yield name, word(words, partial(_same, name))


CLASSES: Mapping[str, LayerSpec] = {
    name: found for words in (*map(_per_axis, (1, 2, 3)), _others()) for name, found in words
}


# --- functions and methods -----------------------------------------------------------------------


def _flattened(given: CallArgs) -> Layers:
    return flat(given.get("start_axis", 0), given.get("end_axis", -1), given.shape)


def _padded(given: CallArgs) -> Layers:
    width = given["pad_width"]
    if given.shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    pairs = [(side, side) if isinstance(side, int) else tuple(side) for side in width]
    if len(pairs) != len(given.shape) + 1 or any(pairs[0]) or any(pairs[-1]):
        raise ValueError(phrase("reading.unread.padded_channels", sides=str(width)))
    return (ZeroPad(tuple(pairs[1:-1])),)


def _expanded(given: CallArgs) -> Layers:
    return unsqueezed(given["axis"], given.shape)


def _swapped(given: CallArgs) -> Layers:
    return swapped(given["axis1"], given["axis2"], given.shape)


FUNCTIONS: Mapping[str, LayerSpec] = {
    "mean": word("axis keepdims", partial(reduced_axis, "avg")),
    "max": word("axis keepdims", partial(reduced_axis, "max")),
    "flatten": word("start_axis end_axis", _flattened),
    "reshape": word("*shape", reshaped_whole),
    "transpose": word("*axes", lambda given: permuted(given["axes"])),
    "swapaxes": word("axis1 axis2", _swapped),
    "squeeze": word("axis", squeezed_axis),
    "expand_dims": word("axis", _expanded),
    "pad": word("pad_width mode constant_values", _padded),
    "astype": word("*ignored", lambda given: ()),
    **{name: word("*ignored", partial(_same, name)) for name in _ACTIVATIONS.split()},
}
