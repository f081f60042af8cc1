"""Arguments that a framework does not take: one row per wording, all read alike."""

from __future__ import annotations

import re
from collections.abc import Callable

from poolviz.dialects.common.message import MessageKind, Reading
from poolviz.dialects.common.pattern import Found, Reader

_POOL_OP = re.compile(r"(max|avg|average)_?pool", re.I)
_OP = re.compile(r"(pool)|conv", re.I)
_PARAMETERS = {
    "ksize": "kernel_size",
    "kernel": "kernel_size",
    "pool_size": "kernel_size",
    "kernel_shape": "kernel_size",
    "window_shape": "kernel_size",
    "window_dimensions": "kernel_size",
    "strides": "stride",
    "window_strides": "stride",
    "pad": "padding",
    "pads": "padding",
    "explicit_paddings": "padding",
    "dilations": "dilation",
    "dilation_rate": "dilation",
    "window_dilation": "dilation",
}


def operation(text: str) -> str | None:
    """The operation that `text` names: "max", "avg", "pool", "conv" or None.

    >>> operation("AveragePooling2D"), operation("pool1/MaxPool"), operation("Dense")
    ('avg', 'max', None)
    """
    pooling = _POOL_OP.search(text)
    if pooling is not None:
        return "max" if pooling[1].lower() == "max" else "avg"
    named = _OP.search(text)
    return None if named is None else "pool" if named[1] else "conv"


def _argument(framework: str, parameter: str | None) -> Callable[[Found], Reading | None]:
    """`parameter` in PyTorch's words, or None: the field "parameter" of the wording names it."""

    def read(found: Found) -> Reading:
        named = parameter or found["parameter"].lower()
        return Reading(
            kind=MessageKind.ARGUMENT,
            framework=framework,
            op=operation(found.message) or operation(found.before(300)),
            argument=_PARAMETERS.get(named, named),
        )

    return read


def _row(framework: str, word: str, wording: str, parameter: str | None = None) -> Reader:
    return Reader((word,), wording, _argument(framework, parameter))


_POOL = r"(?:max|avg)_pool[123]d(?:_with_indices)?"
_NAMED = r"(?P<parameter>kernel_size|stride|padding|dilation|pool_size|strides|kernel_shape|pads)"
_REST = r"[^\n]{0,160}"

READERS = (
    # PyTorch
    _row("pytorch", "argument", rf"{_POOL}\(\):? argument '(?P<parameter>\w{{1,20}})'{_REST}"),
    _row(
        "pytorch",
        "unexpected",
        rf"{_POOL}\(\) got an unexpected keyword argument '(?P<parameter>\w{{1,20}})'",
    ),
    _row("pytorch", "_pool", rf"{_POOL}(?:\(\)|:) {_NAMED} must {_REST}"),
    _row(
        "pytorch",
        "greater",
        r"(?P<parameter>kernel|stride|dilation)(?: size)? should be greater than zero, but got "
        rf"{_REST}",
    ),
    _row("pytorch", "stride", r"stride should not be zero", "stride"),
    _row(
        "pytorch",
        "non-negative",
        rf"pad must be non-negative, but got {_REST}",
        "padding",
    ),
    _row(
        "pytorch",
        "adaptive",
        rf"adaptive_(?:max|avg)_pool[123]d: elements of output_size must be {_REST}",
        "output_size",
    ),
    # Keras
    _row(
        "keras",
        "either",
        rf"Argument `padding` must be either 'valid' or 'same'\. Received: padding={_REST}",
        "padding",
    ),
    _row(
        "keras",
        "argument",
        r"The `(?P<parameter>pool_size|kernel_size|strides|dilation_rate)` argument must be a "
        rf"tuple of [0-9] integers\. Received:? {_REST}",
    ),
    _row(
        "keras",
        "argument",
        rf"The `padding` argument must be a list/tuple or one of \"valid\", \"same\"{_REST}",
        "padding",
    ),
    _row(
        "keras",
        "Unrecognized",
        r"Unrecognized keyword arguments passed to \w{1,40}Pooling[123]D: "
        rf"\{{'(?P<parameter>\w{{1,40}})'{_REST}",
    ),
    _row(
        "keras",
        "padding",
        r"Invalid padding '[^']{0,80}', must be 'same' or 'valid'",
        "padding",
    ),
    _row(
        "keras",
        "division",
        r"Exception encountered when calling \w{1,40}Pooling[123]D\.call\(\)\. division by zero",
        "stride",
    ),
    _row(
        "keras",
        "attribute",
        r"\(type \w{1,40}Pooling[123]D\)\. '\w{1,20}' object has no attribute 'upper'",
        "padding",
    ),
    _row(
        "keras",
        "positional",
        r"Pooling[123]D\.__init__\(\) missing 1 required positional argument: "
        r"'(?P<parameter>pool_size)'",
    ),
    # TensorFlow
    _row(
        "tensorflow",
        "`padding`",
        rf"When `padding` is a list, each element of `padding` must be a list/tuple of {_REST}",
        "padding",
    ),
    _row("tensorflow", "Stride", rf"Stride must be > 0, but got {_REST}", "stride"),
    _row(
        "tensorflow",
        "explicit_paddings",
        rf"All elements of explicit_paddings must be nonnegative{_REST}",
        "padding",
    ),
    _row(
        "tensorflow",
        "Attr",
        rf"Attr 'padding' of '\w{{1,40}}' Op passed string {_REST}",
        "padding",
    ),
    _row(
        "tensorflow",
        "attr",
        r"Value for attr 'padding' of \"[^\"]{0,80}\" is not in the list of allowed values"
        rf"{_REST}",
        "padding",
    ),
    _row(
        "tensorflow",
        "argument",
        rf"Expected (?:string|int) for argument '(?P<parameter>padding|ksize|strides)' not {_REST}",
    ),
    _row(
        "tensorflow",
        "length",
        r"(?P<parameter>ksize|strides|dilations) should be of length [0-9][^\n]{0,20} Received: "
        rf"{_REST}",
    ),
    _row("tensorflow", "Sliding", rf"Sliding window ksize {_REST}", "ksize"),
    _row(
        "tensorflow",
        "ksize",
        rf"ksize must be a posi?tive int32 value, got:{_REST}",
        "ksize",
    ),
    _row("tensorflow", "ksize", r"ksize cannot be zero", "ksize"),
    _row(
        "tensorflow",
        "supported",
        rf"`(?P<parameter>strides)(?: > 1)?` (?:> `window_shape` )?not supported {_REST}",
    ),
    # onnxruntime and ONNX
    _row(
        "onnxruntime",
        "ShapeInferenceError",
        r"\[ShapeInferenceError\] Attribute (?P<parameter>kernel_shape|strides|dilations|pads) "
        r"(?:must|has) [^\n]{0,80}",
    ),
    _row("onnxruntime", "AutoPadType", r"Unknown AutoPadType String", "padding"),
    _row(
        "onnxruntime",
        "Mismatched",
        r"Mismatched attribute type in ' ?: (?P<parameter>kernel_shape|strides|pads|dilations)'"
        r"[^\n]{0,80}",
    ),
    _row(
        "onnxruntime",
        "iterator",
        r"Could not infer attribute `(?P<parameter>kernel_shape|strides|pads|dilations)` type",
    ),
    # JAX
    _row(
        "jax",
        "unexpected",
        r"(?:max|avg)_pool\(\) got an unexpected keyword argument '(?P<parameter>\w{1,20})'",
    ),
    _row(
        "jax",
        "reduce_window",
        r"reduce_window (?P<parameter>window_dimensions|window_strides|window_dilation) must have "
        rf"every element be {_REST}",
    ),
    _row(
        "jax",
        "reduce_window",
        r"reduce_window got (?:the wrong number of|inconsistent) (?P<parameter>window_\w{1,20})"
        rf"{_REST}",
    ),
    _row(
        "jax",
        "dilations",
        rf"All dilations must be positive, got {_REST}",
        "dilation",
    ),
    _row(
        "jax",
        "Unrecognized",
        rf"Unrecognized padding type: expected 'VALID', {_REST}",
        "padding",
    ),
    _row(
        "jax",
        "len((",
        r"len\(\([^()]{0,80}\)\) (?:!=|must equal) len\(\([^()]{0,80}\)\)",
        "kernel_size",
    ),
)
