"""Messages of TensorFlow.js; those of its layers are worded as in Keras 2 and read there."""

from __future__ import annotations

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import input_of, other_batch, rank_of
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import joined_of, sum_of
from poolviz.messages.causes.targets import target_of
from poolviz.messages.message import (
    AxisReading,
    MessageKind,
    Reading,
    axes_of,
    no_fit,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in

_FRAMEWORK = "tfjs"


def _channels(found: Found) -> Reading:
    return channels_of(_FRAMEWORK, found.number("expected"), found.number("got"))


def _rank(found: Found) -> Reading:
    op, expected = operation(found["op"]), found.number("expected")
    return rank_of(_FRAMEWORK, op, expected, (), found.number("got"))


def _axis(found: Found) -> Reading | None:
    shape, place, layer = found.sizes("shape"), found.number("axis"), found["layer"]
    if "conv" in layer.lower() and -1 <= place < len(shape):
        got, expected = shape[place] or 0, found.number("expected")
        return channels_of(_FRAMEWORK, expected, got, shape, layer_name=layer)
    if "dense" in layer.lower() and len(shape) == 2:
        return linear(_FRAMEWORK, (shape,), found.number("expected"), shape[-1])
    return None


def _negative(found: Found) -> Reading | None:
    shape = (None, *sizes_in(found["shape"]))
    if len(shape) - 2 not in (1, 2, 3):
        return None
    axes = axes_of(len(shape) - 2, input_size=shape[1:-1])
    op = operation(found["layer"])
    return no_fit(_FRAMEWORK, axes or (AxisReading(),), op, found["layer"], certainty="likely")


def _sum(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    return sum_of(_FRAMEWORK, first, second) if len(first) >= 4 else None


def _join(found: Found) -> Reading | None:
    shapes = (found.sizes("first"), found.sizes("second"))
    return joined_of(_FRAMEWORK, shapes, None, found.number("differs"))


def _product(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    # A Dense layer turns neither; what else is multiplied has no features.
    if len(first) != 2 or len(second) != 2 or found["turned"] != "false":
        return None
    rows, outputs = first[0], second[1]
    return linear(_FRAMEWORK, (first, second), second[0], first[1], rows, outputs)


def _reshape(found: Found) -> Reading | None:
    target = found.sizes("target")
    wanted = 1
    for size in target:
        wanted *= size or 1
    return (
        reshape_of(_FRAMEWORK, found.number("total"), wanted, target) if len(target) > 1 else None
    )


def _example(found: Found) -> Reading | None:
    expected, got = (None, *found.sizes("expected")), (None, *found.sizes("got"))
    return input_of(_FRAMEWORK, expected, got) if max(len(expected), len(got)) >= 4 else None


def _fed(found: Found) -> Reading | None:
    """Read the input of a graph model; the first axis is its batch."""
    expected, got = found.sizes("expected"), found.sizes("got")
    read = input_of(_FRAMEWORK, expected, got, found["name"])
    if read is not None or len(expected) != len(got) or expected[0] == got[0]:
        return read
    return other_batch(_FRAMEWORK, expected[0] or 0, got[0] or 0, found["name"])


def _target(found: Found) -> Reading | None:
    expected, got = (None, *found.sizes("expected")), (None, *found.sizes("got"))
    return target_of(_FRAMEWORK, expected, got)


def _reflection(found: Found) -> Reading | None:
    """Read the axis and its size; the text does not have the padding."""
    shape, place = sizes_in(found["shape"]), found.number("place")
    names = AXIS_NAMES.get(len(shape) - 2, ())
    if not 1 <= place <= len(names):
        return None
    name = names[place - 1]
    return Reading(
        kind=MessageKind.REFLECTION,
        framework=_FRAMEWORK,
        op="padding",
        axes=(AxisReading(name=name, input_size=shape[place]),),
        failing_axes=(name,),
        data_format="channels_last",
        shapes=(shape,),
    )


MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("depth of input",),
            r"depth of input \(<got:int>\) must match input depth for filter <expected:int>",
            _channels,
        ),
        MessagePattern(
            ("must be rank",),
            (
                r"Error in "
                r"(?P<op>conv[123]d|depthwiseConv2d|separableConv2d|(?:max|avg)Pool(?:3d)?): "
                r"(?:input|x) must be rank <expected:int>,? but got rank <got:int>"
            ),
            _rank,
        ),
        MessagePattern(
            ("but got shape",),
            (
                r"Input [0-9]{1,3} is incompatible with layer (?P<layer>[\w./-]{1,120}): "
                r"expected axis "
                r"<axis:int> of input shape to have value <expected:int> but got shape "
                r"(?P<shape>[0-9,]{1,60})"
            ),
            _axis,
        ),
        MessagePattern(
            ("adding layer",),
            (
                r"Negative dimension size caused by adding layer (?P<layer>[\w./-]{1,120}) "
                r"with input "
                r"shape \[,?(?P<shape>[0-9,\s]{1,60})\]"
            ),
            _negative,
        ),
        MessagePattern(
            ("each example has shape",),
            (
                r"input expected a batch of elements where each example has shape "
                r"\[<expected:shape>\] "
                r"[^\n]{1,160}? examples, each with shape \[<got:shape>\]"
            ),
            _example,
        ),
    ),
    downstream=(
        MessagePattern(
            ("could not be broadcast",),
            (
                r"Operands could not be broadcast together with shapes (?P<first>[0-9,]{1,60}) and "
                r"(?P<second>[0-9,]{1,60})"
            ),
            _sum,
        ),
        MessagePattern(
            ("non-concatenated axis",),
            (
                r"Shape of tensors\[[0-9]{1,3}\] \(<second:shape>\) does not match the shape "
                r"of the rest "
                r"\(<first:shape>\) along the non-concatenated axis <differs:int>"
            ),
            _join,
        ),
        MessagePattern(
            ("inner shapes",),
            (
                r"Error in matMul: inner shapes \([0-9]{1,9}\) and \([0-9]{1,9}\) of Tensors "
                r"with shapes "
                r"<first:shape> and <second:shape> and transposeA=false and "
                r"transposeB=(?P<turned>true|false) must match"
            ),
            _product,
        ),
        MessagePattern(
            ("implicit shape",),
            r"The implicit shape can't be a fractional number\. Got <total:int> / <wanted:int>",
            lambda found: reshape_of(_FRAMEWORK, found.number("total"), found.number("wanted")),
        ),
        MessagePattern(
            ("provided in model",),
            (
                r"The shape of dict\['(?P<name>[^'\n]{1,80})'\] provided in model\.execute\(dict\) "
                r"must be \[<expected:shape>\], but was \[<got:shape>\]"
            ),
            _fed,
        ),
        MessagePattern(
            ("target received",),
            (
                r"target expected a batch of elements where each example has shape "
                r"\[<expected:shape>\] [^\n]{1,160}? examples, each with shape \[<got:shape>\]"
            ),
            _target,
        ),
        MessagePattern(
            ("Padding in dimension",),
            r"Padding in dimension <place:int> cannot be greater than or equal to <most:int> or "
            r"less than 0 for input of shape (?P<shape>[0-9,]{1,60})",
            _reflection,
        ),
        MessagePattern(
            ("must match the product",),
            r"Size\(<total:int>\) must match the product of shape <target:shape>",
            _reshape,
        ),
    ),
)
