"""Messages of PyTorch: layers, the layers right after them, losses, and arguments."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from poolviz.dialects.pytorch import (
    axis_messages,
    function_messages,
    map_messages,
    training_messages,
    translated,
    window_messages,
)
from poolviz.dialects.pytorch.axis_messages import FRAMEWORK
from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import REST, refused
from poolviz.messages.causes.features import features, product
from poolviz.messages.causes.sums import ranks_joined
from poolviz.messages.causes.two_sizes import joined_sizes
from poolviz.messages.causes.unnumbered import unnumbered
from poolviz.messages.message import MessageKind, Reading, Remedy
from poolviz.messages.pattern import CUT, Found, MessagePattern, Messages
from poolviz.messages.snippets import Snippets


def _cut(found: Found) -> Reading:
    """A product of which a tool left out the numbers that count."""
    read = unnumbered(FRAMEWORK, MessageKind.LINEAR, "linear")
    return replace(read, remarks=(phrase("reading.note.cut"), *read.remarks[1:]))


_POOL = r"(?:max|avg)_pool[123]d(?:_with_indices)?"
_NAMED = r"(?P<parameter>kernel_size|stride|padding|dilation|pool_size|strides|kernel_shape|pads)"
_PAIR = r"\(<first:shape> and <second:shape>\)"
_JOIN = r"Sizes of tensors must match except in dimension <along:int>\. "
CODE = Snippets(
    add_batch="x = x.unsqueeze(0)",
    add_channel="x = x.unsqueeze(1)",
    add_both="x = x[None, None]",
    remove_axis="x = x.squeeze({axis})",
    merge_axes="x = x.flatten(0, 1)",
    to_picture="x = x.view(-1, {channels}, {height}, {width})",
    flatten="x = torch.flatten(x, 1)",
    reshape_to="x = x.view(-1, {sizes})",
    unflatten="nn.Unflatten(1, {sizes})",
    view="x = x.view(x.size(0), -1)",
    adaptive_pool="nn.AdaptiveAvgPool2d({size})",
    global_pool="nn.AdaptiveAvgPool2d(1)",
    open_linear="nn.LazyLinear({outputs})",
    conv_channels="nn.Conv{ndim}d({channels}, …)",
    to_rgb='image = image.convert("RGB")',
    repeat_grey="x = x.repeat(1, 3, 1, 1)",
    to_grey="x = x.mean(1, keepdim=True)",
    channels_first="x = x.movedim(-1, {place})",
    swap_frames="x = x.transpose(-4, -3)",
    shortcut_conv="shortcut = nn.Conv2d(in_channels, {channels}, 1, stride=stride)",
    crop="skip = skip[..., : x.shape[-2], : x.shape[-1]]",
    resize="x = F.interpolate(x, size=skip.shape[2:])",
    resize_picture="x = F.interpolate(x, size=({size}, {size}))",
    resize_output="output = F.interpolate(output, size=target.shape[-2:])",
    print_shape="print(x.shape)",
    print_both="print(x.shape, skip.shape)",
    print_output="print(output.shape, target.shape)",
    squeeze_target="target = target.view_as(output)",
    squeeze_labels="target = target.squeeze(1)",
    last_layer="nn.LazyLinear({classes})",
    last_conv="nn.LazyConv2d({classes}, 1)",
    one_hot="target = F.one_hot(class_numbers, {classes}).float()",
    class_numbers="target = target.argmax(1)",
    sparse_loss="nn.CrossEntropyLoss()",
    classes_second="output = output.transpose(1, 2)",
    class_weights="nn.CrossEntropyLoss(weight=torch.ones({classes}))",
    labels_from_zero="target = target - 1",
    ignore_label="nn.CrossEntropyLoss(ignore_index={label})",
    print_labels="print(target.min(), target.max())",
    pad_to="x = F.pad(x, (0, -x.shape[-1] % {multiple}, 0, -x.shape[-2] % {multiple}))",
    eval_mode="model.eval()",
    drop_last="DataLoader(dataset, batch_size=32, drop_last=True)",
)
_refused = partial(refused, FRAMEWORK)


def _stride(found: Found) -> Reading:
    """Read the stride of a convolution; pooling layers say it in other words."""
    return Reading(kind=MessageKind.ARGUMENT, framework=FRAMEWORK, op="conv", argument="stride")


def _same_and_stride(found: Found) -> Reading:
    """Read "same" with a stride, which PyTorch takes one by one."""
    words = phrase("reading.fix.half_padding")
    return Reading(
        kind=MessageKind.ARGUMENT,
        framework=FRAMEWORK,
        op="conv",
        argument='padding="same", stride > 1',
        remedies=(Remedy(words, "nn.Conv2d(…, stride=2, padding=kernel_size // 2)"),),
        only_remedies=True,
    )


def _per_axis(found: Found) -> Reading:
    """Read an argument of a convolution with more or fewer numbers than axes."""
    return Reading(
        kind=MessageKind.ARGUMENT,
        framework=FRAMEWORK,
        op="conv",
        argument=found["parameter"],
        expected=(found.number("axes"),),
        got=(len(found.sizes("given")),),
    )


MESSAGES = Messages(
    failures=(
        *window_messages.FAILURES,
        *axis_messages.RANKS,
        *map_messages.FAILURES,
        *training_messages.NORMALISATIONS,
        *function_messages.FUNCTIONS,
        *function_messages.PICTURES,
        translated.channels(window_messages.CHANNELS),
        *translated.FAILURES,
    ),
    downstream=(
        MessagePattern(
            ("and mat2",),
            # 1, l, I: as text recognition reads a screenshot.
            rf"mat[1lI] and mat2 shapes cannot be multiplied {_PAIR}",
            product(FRAMEWORK),
        ),
        MessagePattern(
            ("and mat2",),
            r"shapes cannot be multiplied \([0-9]{1,12}x<got:int> and <expected:int>x[0-9]{0,12}"
            rf"(?:{CUT}|\Z|\n)",
            features(FRAMEWORK),
        ),
        MessagePattern(
            ("and mat2",),
            rf"shapes cannot be multiplied \([^()\n]{{0,60}}{CUT}",
            _cut,
        ),
        MessagePattern(
            ("weight.T",),
            rf"input and weight\.T shapes cannot be multiplied {_PAIR}",
            product(FRAMEWORK),
        ),
        MessagePattern(
            ("reduction dim",),
            r"a and b must have same reduction dim, but got \[<first:shape>\] X \[<second:shape>\]",
            product(FRAMEWORK),
        ),
        MessagePattern(
            ("m1:",),
            r"size mismatch, m1: \[<first:shape>\], m2: \[<second:shape>\]",
            product(FRAMEWORK),
        ),
        MessagePattern(
            ("Sizes",),
            _JOIN + r"Got <first:int> and <second:int> in dimension (?P<dimension>[0-9])",
            joined_sizes(FRAMEWORK),
        ),
        MessagePattern(
            ("Sizes",),
            # PyTorch 1.7 and 1.8 named the dimension that differs.
            r"Sizes of tensors must match except in dimension <dimension:int>\. "
            r"Got <first:int> and <second:int> \(The offending",
            joined_sizes(FRAMEWORK),
        ),
        MessagePattern(
            ("Sizes",),
            _JOIN + r"Got <first:int> and <second:int>",
            joined_sizes(FRAMEWORK),
        ),
        MessagePattern(
            ("Sizes",),
            _JOIN + r"Expected <first:int> in dimension (?P<dimension>[0-9]) but got <second:int>",
            joined_sizes(FRAMEWORK),
        ),
        MessagePattern(
            ("Sizes",),
            _JOIN + r"Expected size <first:int> but got size <second:int>",
            joined_sizes(FRAMEWORK),
        ),
        MessagePattern(
            ("same number of dimensions",),
            r"Tensors must have same number of dimensions: got <first:int> and <second:int>",
            lambda found: ranks_joined(FRAMEWORK, found.number("first"), found.number("second")),
        ),
        *axis_messages.SUMS,
        axis_messages.VIEW,
        *training_messages.LOSSES,
        *translated.downstream(),
    ),
    arguments=(
        _refused("argument", rf"{_POOL}\(\):? argument '(?P<parameter>\w{{1,20}})'{REST}"),
        _refused(
            "unexpected",
            rf"{_POOL}\(\) got an unexpected keyword argument '(?P<parameter>\w{{1,20}})'",
        ),
        _refused("_pool", rf"{_POOL}(?:\(\)|:) {_NAMED} must {REST}"),
        _refused(
            "greater",
            r"(?P<parameter>kernel|stride|dilation)(?: size)? should be greater than zero, but got "
            rf"{REST}",
        ),
        _refused("stride", r"stride should not be zero", "stride"),
        MessagePattern(("non-positive stride",), r"non-positive stride is not supported", _stride),
        MessagePattern(
            ("match the convolution dimensions",),
            (
                r"expected (?P<parameter>padding|stride|dilation|output_padding) to be a single "
                r"integer value or a list of <axes:int> values to match the convolution "
                r"dimensions, but got \w{4,20}=\[<given:shape>\]"
            ),
            _per_axis,
        ),
        MessagePattern(
            ("for strided",),
            r"padding=['\"]same['\"] is not supported for strided convolutions",
            _same_and_stride,
        ),
        _refused(
            "non-negative",
            rf"pad must be non-negative, but got {REST}",
            "padding",
        ),
        _refused(
            "adaptive",
            rf"adaptive_(?:max|avg)_pool[123]d: elements of output_size must be {REST}",
            "output_size",
        ),
    ),
    vague=window_messages.VAGUE,
    padding_help="reading.fix.padding_in_pytorch",
    code=CODE,
)
