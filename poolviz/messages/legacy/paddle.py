"""Messages of Paddle."""

from __future__ import annotations

from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.message import (
    UNNAMED_NOTE,
    AxisReading,
    DataFormat,
    Reading,
    no_fit,
    pair,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages


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
    return no_fit("paddle", (axis,), op, remarks=(UNNAMED_NOTE,), certainty="likely")


def _channels(found: Found) -> Reading | None:
    """Read channels, with the shapes of the input and of the weights."""
    groups, each = found.number("groups"), found.number("each")
    shape = found.sizes("shape")
    order: DataFormat = "channels_last" if found["format"].endswith("C") else "channels_first"
    expected, got = groups * each, found.number("got")
    if expected == got:
        return None
    return channels_of("paddle", expected, got, shape, data_format=order)


MESSAGES = Messages(
    failures=(
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
