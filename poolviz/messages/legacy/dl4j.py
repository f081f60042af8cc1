"""Messages of Deeplearning4j 0.4 to 1.0: they name the axis, later ones list the layer."""

from __future__ import annotations

import re
from dataclasses import replace

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import rank_of
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.features import features
from poolviz.messages.causes.targets import target_of
from poolviz.messages.message import (
    AxisReading,
    MessageKind,
    Reading,
    Sizes,
    axes_of,
    contradiction,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in

_AXES = {"h": "height", "w": "width", "d": "depth", "c": "depth"}
_LAYER = re.compile(r"\(idx=-?[0-9]{1,6}, name=([^,]{1,120}), type=(\w{1,80})\)")
_LAYER_NAME = re.compile(r"\(layer name = \"([^\"]{1,120})\"\)")
_LISTS = re.compile(r"(kernel|strides|padding) = \[([-0-9,\s]{1,60})\]")
_INPUT = re.compile(r"InputTypeConvolutional\w{0,6}\(([^()]{1,80})\)")
_SIZE = re.compile(r"([dhwc])=([0-9]{1,9})")


def _layer(found: Found) -> tuple[str | None, str | None]:
    """Name of the layer and its operation."""
    text = found.before(400) + found.match[0]
    layer, only_name = _LAYER.search(text), _LAYER_NAME.search(text)
    if layer:
        name = None if layer[1] == "(not named)" else layer[1]
        return name, operation(layer[2].replace("Subsampling", "Pool"))
    return (only_name[1], operation(only_name[1])) if only_name else (None, None)


def _one_axis(found: Found) -> AxisReading:
    size, pad = found.number("size"), found.number("pad")
    return AxisReading(
        name=_AXES[found["axis"][0].lower()],
        input_size=size,
        padded_size=size + 2 * pad,
        effective_kernel_size=found.number("kernel"),
        padding=pad,
    )


def _kernel(found: Found) -> Reading:
    name, op = _layer(found)
    one = _one_axis(found)
    axes, channels = _all_axes(found, one)
    wrong = contradiction(one)
    return Reading(
        kind=MessageKind.NO_FIT,
        framework="dl4j",
        op=op,
        layer_name=name,
        axes=axes,
        failing_axes=(one.name,) if one.name else (),
        data_format="channels_first",
        channels=channels,
        certainty="guess" if wrong else "certain",
        remarks=wrong,
    )


def _all_axes(found: Found, one: AxisReading) -> tuple[tuple[AxisReading, ...], int | None]:
    """Read every axis from a last line "Input type = …(h=9,w=14,c=8), kernel = [5, 5]"."""
    after = found.after(600)
    shown = _INPUT.search(after)
    said = {letter: int(size) for letter, size in _SIZE.findall(shown[1] if shown else "")}
    lists: dict[str, Sizes] = {name: sizes_in(sizes) for name, sizes in _LISTS.findall(after)}
    names = AXIS_NAMES.get(len(lists.get("kernel", ())), ())
    if one.name not in names or any(name[0] not in said for name in names):
        return (one,), said.get("c")
    rows = axes_of(
        len(names),
        input_size=[said[name[0]] for name in names],
        kernel_size=lists["kernel"],
        stride=_of_length(lists.get("strides"), len(names)),
        padding=_of_length(lists.get("padding"), len(names)),
    )
    axes = tuple(
        replace(one, kernel_size=row.kernel_size, stride=row.stride)
        if row.name == one.name
        else row
        for row in rows
    )
    return axes, said.get("c")


def _of_length(sizes: Sizes | None, length: int) -> Sizes | None:
    return sizes if sizes and len(sizes) == length else None


def _not_whole(found: Found) -> Reading:
    """Read an error of strict mode, which allows no remainder where others round down."""
    name, op = _layer(found)
    one = replace(_one_axis(found), stride=found.number("stride"))
    note = phrase("reading.note.strict_mode")
    return Reading(
        kind=MessageKind.NOT_WHOLE,
        framework="dl4j",
        op=op,
        layer_name=name,
        axes=(one,),
        failing_axes=(one.name,) if one.name else (),
        data_format="channels_first",
        remarks=(note,),
    )


def _channels(found: Found) -> Reading:
    expected, got = found.number("expected"), found.number("got")
    return channels_of("dl4j", expected, got, data_format="channels_first")


_FAILURES = (
    MessagePattern(
        ("input array channels",),
        (
            r"input array channels does not match CNN layer configuration \([^;\n]{0,40}?data "
            r"input channels = <got:int>,[^;\n]{1,160}; expected input channels = <expected:int>"
        ),
        _channels,
    ),
    MessagePattern(
        ("inHeight", "inWidth", "inDepth"),
        (
            r"Invalid input configuration for kernel (?P<axis>height|width|channels|depth)\. "
            r"Require 0 < k[HWD] <= in\w{5,6} \+ 2\*pad[HWD]; got \(k[HWD]=<kernel:int>, "
            r"in\w{5,6}=<size:int>, pad[HWD]=<pad:int>\)"
        ),
        _kernel,
    ),
    MessagePattern(
        ("activations",),
        (
            r"activations into layer are (?P<axis>[hwd])=<size:int> but kernel size is <kernel:int>"
            r" with padding <pad:int>"
        ),
        _kernel,
    ),
    MessagePattern(
        ("satisfy",),
        (
            r"kernel (?P<axis>height|width|depth) = <kernel:int>, input \w{5,6} = <size:int>,? and "
            r"padding \w{5,6} = <pad:int> which do not satisfy"
        ),
        _kernel,
    ),
    MessagePattern(
        ("integer",),
        (
            r"Invalid input configuration (?:\(layer name = \"[^\"]{0,120}\"\) )?for "
            r"(?P<axis>height|width|depth): in\w{5,6}=<size:int>, kernel[HWD]=<kernel:int>, "
            r"pad[HWD]=<pad:int>, stride[HWD]=<stride:int>; [^;]{1,80}is not an integer"
        ),
        _not_whole,
    ),
    MessagePattern(
        ("Strict",),
        (
            r"Strict requires: output (?P<axis>height|width|depth|channels) = [^:]{1,160}"
            r"to be an integer\. Got: \(<size:int> - <kernel:int> \+ 2\*<pad:int>\)/<stride:int>"
        ),
        _not_whole,
    ),
)


# --- after a pooling layer, and arguments ---------------------------------------------------------


def _rank(found: Found) -> Reading:
    """Read an array that a layer with a kernel is given; it names its class."""
    op = operation(found["layer"].replace("Subsampling", "Pool"))
    return rank_of(
        "dl4j", op, found.number("expected"), found.sizes("shape"), data_format="channels_first"
    )


def _labels(found: Found) -> Reading | None:
    output, target = (None, found.number("outputs")), (None, found.number("labels"))
    return target_of("dl4j", output, target)


MESSAGES = Messages(
    failures=_FAILURES,
    downstream=(
        MessagePattern(
            ("array as input to",),
            (
                r"Got rank [0-9] array as input to (?P<layer>(?:Conv|Subsampling)\w{0,30})"
                r"(?: \([^()]{1,120}\))? with shape \[<shape:shape>\]\. Expected rank "
                r"<expected:int> array"
            ),
            _rank,
        ),
        MessagePattern(
            ("Labels array numColumns",),
            (
                r"Labels array numColumns \(size\(1\) = <labels:int>\) does not match output layer "
                r"number of outputs \(nOut = <outputs:int>\)"
            ),
            _labels,
        ),
        MessagePattern(
            ("columns;",),
            r"Input size \(<got:int> columns; shape = \[[^\[\]]{1,80}\]\) is invalid: does "
            r"not match "
            r"(?:expected|layer) input size \(layer # inputs = <expected:int>\)",
            features("dl4j"),
        ),
    ),
)
