"""Messages of MLX: pooling layers, convolutions, and the layers that fail after them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import REST, operation, refused
from poolviz.messages.causes.features import product
from poolviz.messages.causes.sums import SEVERAL, joined_shapes_of, sum_of
from poolviz.messages.message import AxisReading, MessageKind, Reading
from poolviz.messages.pattern import Found, MessagePattern, Messages

_FRAMEWORK = "mlx"
_read = partial(Reading, framework=_FRAMEWORK)


# --- failures ------------------------------------------------------------------------------------


def _no_window(found: Found) -> Reading | None:
    """A kernel that exceeds its input; the text leaves out stride and dilation."""
    shape, weights = found.sizes("shape"), found.sizes("weights")
    low, high = found.sizes("low"), found.sizes("high")
    ndim = len(shape) - 2
    if ndim not in AXIS_NAMES or len(weights) != ndim + 2 or {len(low), len(high)} != {ndim}:
        return None
    # Not strict: shape and weights have the channels last, which are left over.
    columns = zip(AXIS_NAMES[ndim], shape[1:], weights[1:], low, high, strict=False)
    axes = tuple(_axis(*column) for column in columns)
    place = found.number("axis") - 1
    if not 0 <= place < ndim:
        return None
    return _read(
        kind=MessageKind.NO_FIT,
        op="conv",
        axes=axes,
        failing_axes=(AXIS_NAMES[ndim][place],),
        data_format="channels_last",
        channels=shape[-1],
        shapes=(shape, weights),
        certainty="certain" if axes[place].fails else "likely",
    )


def _axis(
    name: str, size: int | None, kernel: int | None, before: int | None, after: int | None
) -> AxisReading:
    padding = (before or 0, after or 0)
    return AxisReading(
        name=name,
        input_size=size,
        padded_size=None if size is None else size + sum(padding),
        kernel_size=kernel,
        padding=padding[0] if padding[0] == padding[1] else padding,
    )


def _channels(found: Found) -> Reading:
    shape, weights = found.sizes("shape"), found.sizes("weights")
    return _read(
        kind=MessageKind.CHANNELS,
        op="conv",
        data_format="channels_last",
        channels=shape[-1],
        shapes=(shape, weights),
        expected=weights[-1:],
        got=shape[-1:],
    )


def _broadcast(found: Found) -> Reading | None:
    """A sum of maps, or a map and the weights of a normalization."""
    shapes = found.sizes("first"), found.sizes("second")
    first, second = shapes
    if len(first) == len(second) > 2:
        return sum_of(_FRAMEWORK, first, second, None, "channels_last")
    if len(second) != 1 or len(first) < 2:
        return None
    return _read(kind=MessageKind.CHANNELS, shapes=shapes, expected=second, got=first[-1:])


def _rank(op: str, found: Found) -> Reading:
    """The number of axes, batch and channels included, that the layer needs and that it gets."""
    wanted, given = found.optional("wanted"), found.optional("given")
    if wanted is None or given is None:
        return _read(kind=MessageKind.RANK, op=op)
    more = 2 if "signal" in found.message else 0
    return _read(kind=MessageKind.RANK, op=op, expected=(wanted + more,), got=(given + more,))


def _as_strided(found: Found) -> Reading:
    op = operation(found.before(1_500))
    return _read(kind=MessageKind.NO_FIT, op=op if op in ("max", "avg") else "pool")


# --- arguments -----------------------------------------------------------------------------------

# PyTorch words these errors in the same way, but accepts the arguments.
_ONLY_HERE = re.compile(
    r"MaxPool\dd\D*'(?:dilation|ceil_mode|return_indices)'"
    r"|AvgPool\dd\D*'(?:ceil_mode|count_include_pad)'|Conv\w*\dd\D*'groups'|Upsample\D*'size'"
)
_refused = partial(refused, _FRAMEWORK)
_UNEXPECTED = _refused(
    "unexpected",
    r"(?:(?:Max|Avg)Pool[123]d|Conv(?:Transpose)?[123]d|Upsample)\.__init__\(\) got an unexpected "
    r"keyword argument '(?P<parameter>\w{1,20})'",
)


_IN_NEITHER = ("dilation", "count_include_pad")


def _unexpected(found: Found) -> Reading | None:
    read = _UNEXPECTED.read(found)
    if read is None or _ONLY_HERE.search(found.message) or "mlx" in found.before():
        return read
    if read.argument not in _IN_NEITHER or "torch" in found.before():
        return None
    note = phrase("reading.note.as_in_pytorch")
    return replace(read, certainty="likely", remarks=(*read.remarks, note))


_TYPES = re.compile(r"Invoked with types:([^\n]{1,300})")


def _types(found: Found) -> Reading | None:
    """The call is listed with all types: array, weights, stride, padding, dilation, groups."""
    types = _TYPES.search(found.after())
    listed = [] if types is None else [each.strip() for each in types[1].split(",")]
    if len(listed) < 4 or listed[3] != "str":
        return None
    return _read(kind=MessageKind.ARGUMENT, op="conv", argument="padding")


MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("[conv] Spatial",),
            (
                r"\[conv\] Spatial dimensions of input after padding cannot be smaller than weight "
                r"spatial dimensions\. Got error at axis <axis:int> for input with shape "
                r"\(<shape:shape>\), padding low \(<low:shape>\), padding high \(<high:shape>\), "
                r"and weight of shape \(<weights:shape>\)"
            ),
            _no_window,
        ),
        MessagePattern(
            ("[conv] Expect",),
            (
                r"\[conv\] Expect the input channels in the input and weight array to match but "
                r"got shapes - input: \(<shape:shape>\) and weight: \(<weights:shape>\)"
            ),
            _channels,
        ),
        MessagePattern(
            ("sliding",),
            (
                r"To extract sliding windows the window shapes and strides must have the same "
                r"number of spatial dimensions as the signal but the signal has <given:int> dims "
                r"and the window shape has <wanted:int>"
            ),
            partial(_rank, "pool"),
        ),
        MessagePattern(
            ("sliding",),
            (
                r"To extract sliding windows at least 1 spatial dimension \(<wanted:int> total\) "
                r"is needed but the input only has <given:int> dimensions"
            ),
            partial(_rank, "pool"),
        ),
        MessagePattern(
            ("[conv] Invalid",),
            (
                r"\[conv\] Invalid weight array with <wanted:int> dimensions for [123]D "
                r"convolution\. Expected an array with <given:int> dimensions"
            ),
            partial(_rank, "conv"),
        ),
        MessagePattern(
            ("[conv] Only",),
            r"\[conv\] Only works for inputs with 1-3 spatial dimensions",
            partial(_rank, "conv"),
        ),
    ),
    downstream=(
        MessagePattern(
            ("[addmm]", "[matmul]"),
            (
                r"\[(?:addmm|matmul)\] Last dimension of first input with shape \(<first:shape>\) "
                r"must match second to last dimension of second input with shape \(<second:shape>\)"
            ),
            product(_FRAMEWORK),
        ),
        MessagePattern(
            ("[concatenate]",),
            (
                r"\[concatenate\] All the input array dimensions must match exactly except for the "
                r"concatenation axis\. However, the provided shapes are " + SEVERAL
            ),
            joined_shapes_of(_FRAMEWORK),
        ),
        MessagePattern(
            ("[broadcast_shapes]",),
            (
                r"\[broadcast_shapes\] Shapes \(<first:shape>\) and \(<second:shape>\) cannot be "
                r"broadcast"
            ),
            _broadcast,
        ),
    ),
    arguments=(
        _refused(
            "Pool",
            r"\[(?:Max|Avg)Pool[123]d\] '(?P<parameter>kernel_size|stride|padding)' must be "
            rf"{REST}",
        ),
        MessagePattern(_UNEXPECTED.words, _UNEXPECTED.wording, _unexpected),
        MessagePattern(
            ("incompatible",),
            r"conv(?:_transpose)?[123]d\(\): incompatible function arguments",
            _types,
        ),
        _refused("[conv]", rf"\[conv\] Stride sizes must be positive{REST}", "stride"),
        _refused("[conv]", rf"\[conv\] Kernel dilation sizes must be positive{REST}", "dilation"),
        _refused(
            "groups",
            r"(?:\[conv\] (?:If groups > 1, the output|The input) channels|The number of input "
            rf"channels \(<channels:int>\)) must be divisible by the number of groups{REST}",
            "groups",
        ),
    ),
    vague=(
        MessagePattern(
            ("as_strided",), r"\[as_strided\] Negative dimensions not allowed", _as_strided
        ),
    ),
)
