"""Messages of Caffe; the log of the network names the layer."""

from __future__ import annotations

import re

from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.features import features
from poolviz.messages.causes.two_sizes import joined_sizes
from poolviz.messages.causes.unnumbered import unnumbered_at
from poolviz.messages.message import (
    UNNAMED_NOTE,
    AxisReading,
    MessageKind,
    Reading,
    no_fit,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages

_CREATING = re.compile(r"(?:Creating [Ll]ayer|Setting up) ([\w./-]{1,120})")


def _blob(found: Found) -> Reading | None:
    """Read a negative size: "Check failed: shape[i] >= 0 (-3 vs. 0)"."""
    output = found.number("output")
    name = {"height": "height", "width": "width"}.get(found["dimension"])
    remarks = () if name else (UNNAMED_NOTE,)
    if output >= 0:
        return None
    axis = AxisReading(name=name, output_size=output)
    layer = _layer(found)
    op = operation(layer or "")
    return no_fit("caffe", (axis,), op, layer, remarks=remarks, certainty="likely")


def _layer(found: Found) -> str | None:
    """Last layer in the log of the network."""
    names = _CREATING.findall(found.before(2_000))
    return names[-1] if names else None


def _pad(found: Found) -> Reading:
    pad, kernel = found.number("pad"), found.number("kernel")
    name = "height" if found["letter"] == "h" else "width"
    axis = AxisReading(name=name, kernel_size=kernel, padding=pad)
    return Reading(
        kind=MessageKind.PADDING_LIMIT,
        framework="caffe",
        op="pool",
        layer_name=_layer(found),
        axes=(axis,),
        failing_axes=(name,),
        data_format="channels_first",
        remarks=(phrase("reading.note.padding_in_caffe"),),
    )


_JOIN = (
    r"\(<first:int> vs\. <second:int>\) All inputs must have the same shape, except at concat_axis"
)

MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("blob.cpp",),
            (
                r"blob\.cpp:[0-9]{1,5}\] Check failed: (?P<dimension>height|width|shape\[i\]) >= 0 "
                r"\(<output:int> vs\. 0\)"
            ),
            _blob,
        ),
        MessagePattern(
            ("kernel_",),
            r"Check failed: pad_(?P<letter>[hw])_? < kernel_[hw]_? \(<pad:int> vs\. <kernel:int>\)",
            _pad,
        ),
    ),
    downstream=(
        MessagePattern(
            ("incompatible",),
            r"\(<expected:int> vs\. <got:int>\) Input size incompatible with inner product",
            features("caffe"),
        ),
        MessagePattern(("concat_axis",), _JOIN, joined_sizes("caffe")),
        MessagePattern(
            ("top_shape[j]",),
            r"top_shape\[j\] == bottom\[i\]->shape\(j\) \(<first:int> vs\. <second:int>\)",
            joined_sizes("caffe"),
            unless="concat_axis",
        ),
        MessagePattern(
            ("bottom[0]->shape()",),
            r"Check failed: bottom\[i\]->shape\(\) == bottom\[0\]->shape\(\)",
            unnumbered_at("caffe", MessageKind.SUM, "sum", _layer),
        ),
    ),
)
