"""Messages of Paddle: windows as public threads have them; the rest is recorded, Paddle 3.3.1.

A window that does not fit raises nothing in 3.3.1: it gives an empty map, or one of size 1.
"""

from __future__ import annotations

from dataclasses import replace

from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.messages.causes.axes import MAP_AXES, rank_of, reflection_of
from poolviz.messages.causes.channels import channels_of, normalised_last
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.fixes import FLATTEN, because, fix
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import joined_of, sum_of
from poolviz.messages.causes.targets import label_of, rows_of
from poolviz.messages.message import (
    UNNAMED_NOTE,
    AxisReading,
    DataFormat,
    MessageKind,
    Reading,
    no_fit,
    pair,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages
from poolviz.messages.snippets import Snippets

FRAMEWORK = "paddle"


def _paddle(found: Found) -> Reading:
    kernel, size, before = found.number("kernel"), found.number("size"), found.number("pad")
    dilation, after = found.optional("dilation"), found.optional("pad_after")
    after = before if after is None else after
    axis = AxisReading(
        input_size=size,
        padded_size=size + before + after,
        kernel_size=kernel,
        effective_kernel_size=effective_kernel_size(kernel, dilation or 1),
        stride=found.number("stride"),
        padding=pair(before, after),
        dilation=dilation or 1,
        output_size=found.optional("output"),
    )
    op = "pool" if dilation is None else "conv"
    return no_fit(FRAMEWORK, (axis,), op, remarks=(UNNAMED_NOTE,), certainty="likely")


def _channels(found: Found) -> Reading | None:
    """Read channels, with the shapes of the input and of the weights."""
    groups, each = found.number("groups"), found.number("each")
    shape = found.sizes("shape")
    order: DataFormat = "channels_last" if found["format"].endswith("C") else "channels_first"
    expected, got = groups * each, found.number("got")
    if expected == got:
        return None
    return channels_of(FRAMEWORK, expected, got, shape, data_format=order)


def _transposed(found: Found) -> Reading | None:
    expected, got = found.number("expected"), found.number("got")
    order: DataFormat = "channels_last" if found["format"].endswith("C") else "channels_first"
    shape = found.sizes("shape")
    return channels_of(FRAMEWORK, expected, got, shape, "transposed", data_format=order)


def _rank(found: Found) -> Reading | None:
    """Read a layer for four or five axes; the weights of a convolution may say which."""
    shape = found.sizes("shape")
    expected = found.optional("expected") if "expected" in found.match.groupdict() else None
    ndim = found.optional("ndim") if "ndim" in found.match.groupdict() else None
    expected = ndim + 2 if ndim else expected or 4
    op = "pool" if "pool" in found.match[0] else "conv"
    if len(shape) == expected:
        return None
    return rank_of(FRAMEWORK, op, expected, shape, data_format="channels_first")


def _rank_alone(found: Found) -> Reading:
    return rank_of(FRAMEWORK, "conv", 4, (), found.number("got"), data_format="channels_first")


def _groups(found: Found) -> Reading:
    groups, channels = found.number("groups"), found.number("channels")
    return Reading(
        kind=MessageKind.DIVISIBLE,
        framework=FRAMEWORK,
        op="conv",
        argument="channels",
        channels=channels,
        expected=(groups,),
        got=(channels,),
        remedies=(fix("channels_multiple", multiple=groups),),
        only_remedies=True,
    )


def _features(found: Found) -> Reading | None:
    """Read a product; the last axis of the input may be the width of a map."""
    read = linear(FRAMEWORK, (), found.number("expected"), found.number("got"))
    if found.number("place") < 3:
        return read
    reasons, remedies = (because("map_at_dense"),), (FLATTEN,)
    return replace(read, reasons=reasons, remedies=remedies, only_remedies=True, certainty="likely")


def _norm(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected")
    read = channels_of(FRAMEWORK, expected, got, op="norm", data_format="channels_first")
    # Those of `channels_of` are about pictures and the order of their axes.
    return None if got == expected else replace(read, reasons=(), remedies=())


def _sum(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    if min(len(first), len(second)) < MAP_AXES:
        return None
    return sum_of(FRAMEWORK, first, second)


def _join(found: Found) -> Reading | None:
    shapes = found.sizes("first"), found.sizes("second")
    return joined_of(FRAMEWORK, shapes, along=1, differs=found.number("place"))


def _reshape(found: Found) -> Reading | None:
    shape, target = found.sizes("shape"), found.sizes("target")
    if len(shape) < MAP_AXES:
        return None
    total, wanted = found.number("total"), found.number("wanted")
    batch = target[0] if target and target[0] not in (None, -1) else None
    return reshape_of(FRAMEWORK, total, wanted, target, batch=batch, shape=shape)


def _reflection(found: Found) -> Reading:
    name = found["axis"]
    read = reflection_of(FRAMEWORK, (found.number("pad"),) * 2, found.number("size"))
    [axis] = read.axes
    return replace(read, axes=(replace(axis, name=name),), failing_axes=(name,), remarks=())


def _rows(found: Found) -> Reading | None:
    return rows_of(FRAMEWORK, found.number("outputs"), found.number("targets"))


def _label(found: Found) -> Reading | None:
    return label_of(FRAMEWORK, found.number("label"), found.number("classes"))


def _layer_norm(found: Found) -> Reading | None:
    to_last = "x = norm(paddle.moveaxis(x, 1, -1))"
    return normalised_last(FRAMEWORK, found.sizes("wanted"), found.sizes("shape"), to_last)


CODE = Snippets(
    add_batch="x = x.unsqueeze(0)",
    add_channel="x = x.unsqueeze(1)",
    flatten="x = paddle.flatten(x, 1)",
    reshape_to="x = paddle.reshape(x, [-1, {sizes}])",
    global_pool="nn.AdaptiveAvgPool2D(1)",
    conv_channels="nn.Conv{ndim}D({channels}, …)",
    print_shape="print(x.shape)",
    print_both="print(x.shape, skip.shape)",
    print_output="print(output.shape, label.shape)",
    shortcut_conv="shortcut = nn.Conv2D(in_channels, {channels}, 1, stride=stride)",
    crop="skip = skip[:, :, : x.shape[2], : x.shape[3]]",
    resize="x = F.interpolate(x, size=skip.shape[2:])",
    channels_first="x = paddle.moveaxis(x, -1, {place})",
    print_labels="print(label.min(), label.max())",
    labels_from_zero="label = label - 1",
)

MESSAGES = Messages(
    code=CODE,
    failures=(
        MessagePattern(
            ("Op(conv_transpose)",),
            (
                r"the input's channels is \[<got:int>\], the shape of input is \[<shape:shape>\], "
                r"the filter's channels is \[<expected:int>\], the shape of filter is "
                r"\[[0-9,\x20]{1,60}\]\. The data_format is (?P<format>N[CDHWL]{2,4})"
            ),
            _transposed,
        ),
        MessagePattern(
            ("input of Op(",),
            (
                r"input of Op\((?:Conv|pool)\) should be (?:a )?4-D or 5-D Tensor\. But received: "
                r"[^\[\]]{1,60}shape is \[<shape:shape>\]"
            ),
            _rank,
        ),
        MessagePattern(
            ("4-D or 5-D tensor",),
            r"Conv int?put should be 4-D or 5-D tensor, (?:get|But received:) <got:int>",
            _rank_alone,
        ),
        MessagePattern(
            ("divisible by groups",),
            (
                r"the channel of input must be divisible by groups, ?received: the channel of "
                r"input is <channels:int>, the shape of input is [\[(][^\[\]()]{1,60}[\])], the "
                r"groups is <groups:int>"
            ),
            _groups,
        ),
        MessagePattern(
            ("dimension of Operator(",),
            (
                r"[Ii]nput's dimension of Operator\((?:Conv|Pool)\w{0,20}\) (?:is expected|expects)"
                r" to be <expected:int>\. But received: input's dimension = [0-9], shape = "
                r"\[<shape:shape>\]"
            ),
            _rank,
        ),
        MessagePattern(
            ("filter's dimension of Op(Conv)",),
            (
                r"the input's shape is \[<shape:shape>\], the input's dimension is [0-9]; the "
                r"filter's shape is \[[0-9,\x20]{1,60}\], the filter's dimension is <expected:int>"
            ),
            _rank,
        ),
        MessagePattern(
            ("in Op(pool)",),
            (
                r"in Op\(pool\)\. But received: [^\[\]]{1,160}shape of input is "
                r"\[<shape:shape>\], the Attr\(kernel_size_\)'s size is <ndim:int>"
            ),
            _rank,
        ),
        MessagePattern(
            ("operator matmul",),
            (
                r"But receiving the \[<place:int>\] ?dimension of Input\(X\) is \[<got:int>\], "
                r"and the \[0\] dimension of Input\(Y\) is \[<expected:int>\]"
            ),
            _features,
        ),
        MessagePattern(
            ("normalized_shape is",),
            (
                r"Given normalized_shape is \[<wanted:shape>\], expected input with shape "
                r"\[\*, [^\]]{1,80}\], but got input shape \[<shape:shape>\]"
            ),
            _layer_norm,
        ),
        MessagePattern(
            ("shape of scale",),
            (
                r"the shape of scale must equal to \[<got:int>\],? ?But received: the shape of "
                r"scale is \[<expected:int>\]"
            ),
            _norm,
        ),
        MessagePattern(
            ("Broadcast dimension mismatch",),
            (
                r"together with the shape of X = \[<first:shape>\] and the shape of Y = "
                r"\[<second:shape>\]"
            ),
            _sum,
        ),
        MessagePattern(
            ("-th dimension of input[",),
            (
                r"The <place:int>-th dimension of input\[0\] and input\[[0-9]{1,3}\] is expected "
                r"to be equal\. ?But received input\[0\]'s shape = \[<first:shape>\], "
                r"input\[[0-9]{1,3}\]'s shape = \[<second:shape>\]"
            ),
            _join,
        ),
        MessagePattern(
            ("ReshapeOp is invalid",),
            (
                r"But received X's shape = \[<shape:shape>\], X's size = <total:int>, 'shape' is "
                r"\[<target:shape>\], (?:known|the) capacity of 'shape' is <wanted:int>"
            ),
            _reshape,
        ),
        MessagePattern(
            ("in reflect mode",),
            (
                r"The (?P<axis>depth|height|width) of Input\(X\)'s dimension should be greater "
                r"than pad_\w{1,9} in reflect mode, but received \w{1,9}\(<size:int>\) and "
                r"pad_\w{1,9}\(<pad:int>\)"
            ),
            _reflection,
        ),
        MessagePattern(
            ("same shape in dimensions except",),
            (
                r"should in same shape in dimensions except axis\. \[Hint: Expected "
                r"logits_dims\[i\] == labels_dims\[i\], but received "
                r"logits_dims\[i\]:<outputs:int> != labels_dims\[i\]:<targets:int>"
            ),
            _rows,
        ),
        MessagePattern(
            ("received label value as",),
            r"But received label value as <label:int> and shape of axis dimension is <classes:int>",
            _label,
        ),
        MessagePattern(
            ("filter's channels",),
            (
                r"The number of input's channels should be equal to filter's channels \* groups "
                r"for Op\(Conv\)\. But received: the input's channels is <got:int>, the input's "
                r"shape is \[<shape:shape>\]; the filter's channels is <each:int>, the filter's "
                r"shape is \[[0-9,\x20]{1,60}\]; the groups is <groups:int>, the data_format is "
                r"(?P<format>N[CDHWL]{2,4})"
            ),
            _channels,
        ),
        MessagePattern(
            ("settings",),
            (
                r"Due to the settings of padding\(<pad:int>(?:, <pad_after:int>)?\), "
                r"filter_size\(<kernel:int>\)(?:, dilation\(<dilation:int>\))? and "
                r"stride\(<stride:int>\), the output size is less than 0, please check again\. "
                r"Input_size: ?<size:int>"
            ),
            _paddle,
        ),
        MessagePattern(
            ("settings",),
            (
                r"output_size = <output:int> due to the settings of input_size\(<size:int>\), "
                r"padding\(<pad:int>(?:,\s?<pad_after:int>)?\), "
                r"(?:k_size|filter_size|ksize)\(<kernel:int>\)(?:, dilation\(<dilation:int>\))?,? "
                r"and "
                r"stride\(<stride:int>\)"
            ),
            _paddle,
        ),
    ),
)
