"""Messages of JAX and Flax: channels, features, joined inputs, and arguments."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from poolviz.dialects.common.arguments import REST, refused
from poolviz.dialects.common.downstream import (
    SEVERAL,
    features,
    joined_shapes,
    linear,
)
from poolviz.dialects.common.message import (
    MessageKind,
    Reading,
)
from poolviz.dialects.common.pattern import Found, MessagePattern, Messages
from poolviz.i18n.phrase import phrase

_FRAMEWORK = "jax"


def _channels(found: Found) -> Reading:
    got, expected = found.number("got"), found.number("expected") * found.number("group")
    return Reading(
        kind=MessageKind.CHANNELS,
        framework=_FRAMEWORK,
        op="conv",
        channels=got,
        expected=(expected,),
        got=(got,),
    )


def _weights(found: Found) -> Reading | None:
    """Read weights of one shape where the input needs another."""
    first, second = found.sizes("first"), found.sizes("second")
    if len(first) != len(second) or len(first) < 2:
        return None
    read = linear(_FRAMEWORK, (first, second), first[-2], second[-2])
    if len(first) > 2:
        read = replace(read, kind=MessageKind.CHANNELS, op="conv", channels=second[-2])
    note = phrase("reading.note.shapes_of_flax")
    return replace(
        read,
        layer_name=found["path"].rpartition("/")[2] or None,
        certainty="likely",
        remarks=(*read.remarks, note),
    )


_INITIALIZER = (
    r"Initializer expected to generate shape \(<first:shape>\) but got shape \(<second:shape>\) "
    r"instead for parameter \"kernel\" in \"(?P<path>[^\"]{1,200})\""
)
_OLD_INITIALIZER = (
    r"Inconsistent shapes between value and initializer for parameter \"kernel\" in "
    r"\"(?P<path>[^\"]{1,200})\": \(<first:shape>\), \(<second:shape>\)"
)
_CONTRACTING = (
    r"dot_general requires contracting dimensions to have the same shape, got "
    r"[(\[]<got:int>,?[)\]] and [(\[]<expected:int>,?[)\]]"
)
_JOIN = (
    r"Cannot concatenate arrays with shapes that differ in dimensions other than the one being "
    r"concatenated: concatenating along dimension (?P<along>[0-9]{1,2}) for shapes "
)
_refused = partial(refused, _FRAMEWORK)

MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("feature_group_count",),
            (
                r"lhs feature dimension size divided by feature_group_count must equal the rhs "
                r"input "
                r"feature dimension size, but <got:int> //? <group:int> != <expected:int>"
            ),
            _channels,
        ),
    ),
    downstream=(
        MessagePattern(("dot_general",), _CONTRACTING, features(_FRAMEWORK)),
        MessagePattern(("Initializer",), _INITIALIZER, _weights),
        MessagePattern(("initializer",), _OLD_INITIALIZER, _weights),
        MessagePattern(("concatenating",), _JOIN + SEVERAL, joined_shapes(_FRAMEWORK)),
    ),
    arguments=(
        _refused(
            "unexpected",
            r"(?:max|avg)_pool\(\) got an unexpected keyword argument '(?P<parameter>\w{1,20})'",
        ),
        _refused(
            "reduce_window",
            r"reduce_window (?P<parameter>window_dimensions|window_strides|window_dilation) "
            r"must have "
            rf"every element be {REST}",
        ),
        _refused(
            "reduce_window",
            r"reduce_window got (?:the wrong number of|inconsistent) (?P<parameter>window_\w{1,20})"
            rf"{REST}",
        ),
        _refused(
            "dilations",
            rf"All dilations must be positive, got {REST}",
            "dilation",
        ),
        _refused(
            "Unrecognized",
            rf"Unrecognized padding type: expected 'VALID', {REST}",
            "padding",
        ),
        _refused(
            "len((",
            r"len\(\([^()]{0,80}\)\) (?:!=|must equal) len\(\([^()]{0,80}\)\)",
            "kernel_size",
        ),
    ),
)
