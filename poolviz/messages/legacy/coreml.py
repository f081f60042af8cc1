"""Messages of Core ML's converter."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import joined_of, sum_of
from poolviz.messages.causes.unnumbered import unnumbered
from poolviz.messages.message import (
    AxisReading,
    MessageKind,
    Reading,
    axes_of,
    failing,
    no_fit,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in

_SHAPE = r"[(\[{{]<{}:shape>[)\]}}]"


def _ml_channels(found: Found) -> Reading:
    expected = found.number("expected") * found.number("groups")
    return channels_of("coreml", expected, found.number("got"), data_format="channels_first")


def _ml_window(found: Found) -> Reading:
    note = phrase("reading.note.axis_by_place", place=found.number("place"))
    return no_fit("coreml", (AxisReading(output_size=found.number("size")),), None, remarks=(note,))


def _ml_sum(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    if len(first) < 4:
        return None
    return sum_of("coreml", first, second, data_format="channels_first")


def _ml_join(found: Found) -> Reading | None:
    shapes = (found.sizes("first"), found.sizes("second"))
    return joined_of("coreml", shapes, 1, layer_name=found["name"])


def _ml_linear(found: Found) -> Reading:
    read = linear("coreml", (), found.number("expected"), found.number("got"))
    return replace(read, layer_name=found["name"])


def _ml_reshape(found: Found) -> Reading | None:
    shape, target = (
        sizes_in(re.sub(r"np\.int\d+\((\d+)\)", r"\1", found[n])) for n in ("shape", "target")
    )
    known = prod(size for size in target if size is not None and size > 0)
    if not shape or None in shape:
        return None
    return reshape_of("coreml", prod(size or 0 for size in shape), known, target)


def _ml_blob(found: Found) -> Reading | None:
    """Read an output below one, which the compiler computed for a layer."""
    shape = found.sizes("shape")
    axes = axes_of(2, output_size=shape[1:]) if len(shape) == 3 else ()
    if not failing(axes):
        return None
    name = found["name"].partition(":")[0]
    return no_fit("coreml", axes, operation(name), name, channels=shape[0])


def _ml_rank(found: Found) -> Reading | None:
    return unnumbered("coreml", MessageKind.RANK, operation(found["op"]), found["name"])


_COREML = (
    MessagePattern(
        ("Invalid data blob",),
        r"shape \(C,H,W = <shape:shape>\) for output of layer: '(?P<name>[^']{1,160})'",
        _ml_blob,
    ),
    MessagePattern(
        ("D tensor",),
        (
            r"Input 0 to (?P<op>\w{0,12}(?:Conv2D|Pool)\w{0,12}) node (?P<name>[^\s]{1,160}) is "
            r"not a 4D tensor"
        ),
        _ml_rank,
    ),
    MessagePattern(
        ("Invalid target shape in",),
        r"Invalid target shape in `reshape` op \(\[(?P<shape>[0-9,\s]{1,80})\] to "
        r"\[(?P<target>[-0-9a-z.,\s()]{1,160})\]\)",
        _ml_reshape,
    ),
    MessagePattern(
        ("C_in",),
        r"C_in / groups = <got:int>/<groups:int> != weight\[1\] \(<expected:int>\)",
        _ml_channels,
    ),
    MessagePattern(
        ("invalid output size",),
        r"spatial dimension <place:int> has invalid output size <size:int>",
        _ml_window,
    ),
    MessagePattern(
        ("Incompatible dim",),
        (
            r"Incompatible dim [0-9] in shapes "
            rf"{_SHAPE.format('first')} vs\. {_SHAPE.format('second')}"
        ),
        _ml_sum,
    ),
    MessagePattern(
        ("mismatch in concat",),
        (
            r"Dimension mismatch in concat \(\"(?P<name>[^\"]{1,120})\"\): shapes "
            rf"{_SHAPE.format('first')} vs\. {_SHAPE.format('second')}"
        ),
        _ml_join,
    ),
    MessagePattern(
        ("last dimension of weights",),
        (
            r"Op '(?P<name>[^']{1,120})' \([^()]{1,60}\): Size of the last dimension of x, "
            r"which is "
            r"<got:int>, does not match the last dimension of weights, which is <expected:int>"
        ),
        _ml_linear,
    ),
)

MESSAGES = Messages(failures=_COREML)
