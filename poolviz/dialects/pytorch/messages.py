"""Messages of PyTorch: layers, the layers right after them, losses, and arguments."""

from __future__ import annotations

from functools import partial

from poolviz.dialects.pytorch import (
    axis_messages,
    library_messages,
    loss_messages,
    map_messages,
    translated,
    window_messages,
)
from poolviz.dialects.pytorch.axis_messages import FRAMEWORK
from poolviz.dialects.pytorch.snippets import CODE
from poolviz.messages.arguments import REST, refused
from poolviz.messages.causes.features import product
from poolviz.messages.causes.sums import joined_sizes
from poolviz.messages.pattern import MessagePattern, Messages

_POOL = r"(?:max|avg)_pool[123]d(?:_with_indices)?"
_NAMED = r"(?P<parameter>kernel_size|stride|padding|dilation|pool_size|strides|kernel_shape|pads)"
_PAIR = r"\(<first:shape> and <second:shape>\)"
_JOIN = r"Sizes of tensors must match except in dimension <along:int>\. "
_refused = partial(refused, FRAMEWORK)

MESSAGES = Messages(
    failures=(
        *window_messages.FAILURES,
        *axis_messages.RANKS,
        *map_messages.FAILURES,
        *library_messages.PICTURES,
        translated.channels(window_messages.CHANNELS),
        *translated.FAILURES,
    ),
    downstream=(
        MessagePattern(
            ("and mat2",),
            rf"mat[1lI] and mat2 shapes cannot be multiplied {_PAIR}",
            product(FRAMEWORK),
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
        *map_messages.SUMS,
        axis_messages.VIEW,
        *loss_messages.LOSSES,
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
