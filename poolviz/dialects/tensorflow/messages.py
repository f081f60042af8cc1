"""Messages of TensorFlow: static shapes, kernels, layers after pooling, and arguments."""

from __future__ import annotations

from functools import partial

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.common.arguments import REST, refused
from poolviz.dialects.common.downstream import (
    SHAPES,
    differing,
    features,
    joined_shapes,
    joined_sizes,
    product,
)
from poolviz.dialects.common.message import DataFormat, Reading
from poolviz.dialects.common.pattern import Found, MessagePattern, Messages, sizes_in
from poolviz.dialects.tensorflow import kernel_messages, shape_messages
from poolviz.dialects.tensorflow.shape_messages import FRAMEWORK as _FRAMEWORK


def _static_shapes(found: Found) -> Reading | None:
    """Read one dimension with its two sizes and, often, the shapes of all inputs."""
    shapes = tuple(sizes_in(shape) for shape in SHAPES.findall(found["shapes"]))
    if len(shapes) < 2 or len(shapes[0]) - 2 not in AXIS_NAMES or len(shapes[0]) != len(shapes[1]):
        return joined_sizes(_FRAMEWORK)(found)
    data_format: DataFormat = "channels_first" if found["along"] == "1" else "channels_last"
    joined = tuple(shape for shape in shapes if len(shape) == len(shapes[0]))
    return differing(_FRAMEWORK, data_format, joined)


_MATMUL = (
    r"Dimensions must be equal, but are <got:int> and <expected:int> for "
    r"['’‘`][^'’‘`]{0,300}MatMul"
)
_TENSORFLOW_JOIN = (
    r"(?:in both shapes|of inputs) (?:must|should) (?:be equal|match): "
    r"(?P<shapes>shape\[0\] ?= ?\[[^\[\]]{1,100}\] vs\. shape\[[0-9]{1,3}\] ?= ?\[[^\[\]]{1,100}\])"
)
_STATIC_JOIN = (
    r"Dimension (?P<dimension>[0-9]) in both shapes must be equal, but are <first:int> and "
    r"<second:int>\.[\s\S]{0,300}?oncat(?:[\s\S]{0,600}? with input shapes:"
    r"(?P<shapes>(?: ?\[[^\[\]]{1,100}\],?){2,9})(?: ?\[\])?"
    r"(?:[^<>\n]{0,80}= ?<(?P<along>[0-9])>)?)?"
)
_refused = partial(refused, _FRAMEWORK)

MESSAGES = Messages(
    failures=shape_messages.FAILURES + kernel_messages.FAILURES,
    downstream=(
        MessagePattern(
            ("In[0]",),
            r"Matrix size-incompatible: In\[0\]: \[<first:shape>\], In\[1\]: \[<second:shape>\]",
            product(_FRAMEWORK),
        ),
        MessagePattern(("MatMul",), _MATMUL, features(_FRAMEWORK)),
        MessagePattern(("shape[0]",), _TENSORFLOW_JOIN, joined_shapes(_FRAMEWORK)),
        MessagePattern(("both",), _STATIC_JOIN, _static_shapes),
    ),
    arguments=(
        _refused(
            "`padding`",
            rf"When `padding` is a list, each element of `padding` must be a list/tuple of {REST}",
            "padding",
        ),
        _refused("Stride", rf"Stride must be > 0, but got {REST}", "stride"),
        _refused(
            "explicit_paddings",
            rf"All elements of explicit_paddings must be nonnegative{REST}",
            "padding",
        ),
        _refused(
            "Attr",
            rf"Attr 'padding' of '\w{{1,40}}' Op passed string {REST}",
            "padding",
        ),
        _refused(
            "attr",
            r"Value for attr 'padding' of \"[^\"]{0,80}\" is not in the list of allowed values"
            rf"{REST}",
            "padding",
        ),
        _refused(
            "argument",
            rf"Expected (?:string|int) for argument '(?P<parameter>padding|ksize|strides)' not "
            rf"{REST}",
        ),
        _refused(
            "length",
            r"(?P<parameter>ksize|strides|dilations) should be of length [0-9][^\n]{0,20} "
            r"Received: "
            rf"{REST}",
        ),
        _refused("Sliding", rf"Sliding window ksize {REST}", "ksize"),
        _refused(
            "ksize",
            rf"ksize must be a posi?tive int32 value, got:{REST}",
            "ksize",
        ),
        _refused("ksize", r"ksize cannot be zero", "ksize"),
        _refused(
            "supported",
            rf"`(?P<parameter>strides)(?: > 1)?` (?:> `window_shape` )?not supported {REST}",
        ),
    ),
    vague=kernel_messages.VAGUE,
)
