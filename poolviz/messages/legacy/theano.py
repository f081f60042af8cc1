"""Messages of Theano."""

from __future__ import annotations

import re

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import phrase
from poolviz.messages.message import (
    MessageKind,
    Reading,
    axes_of,
    failing,
    no_fit,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in

_INPUT_SHAPES = re.compile(r"Inputs shapes: \[([^\[\]]{1,400})\]")
_TUPLE = re.compile(r"\(([^()]{1,120})\)")


def _output(found: Found) -> Reading | None:
    output = found.sizes("output")
    spatial_output = output[2:]
    if len(spatial_output) not in AXIS_NAMES or None in output:
        return None
    listed = _INPUT_SHAPES.search(found.after(2_000))
    shapes = [sizes_in(shape) for shape in _TUPLE.findall(listed[1])] if listed else []
    shapes = [shape for shape in shapes if len(shape) == len(output)]
    is_pool = "ool" in found["call"]
    kernel = shapes[1][2:] if len(shapes) > 1 and not is_pool else None
    axes = axes_of(
        len(spatial_output),
        input_size=shapes[0][2:] if shapes else None,
        kernel_size=kernel,
        output_size=spatial_output,
    )
    if not failing(axes):
        return None  # out of memory: the sizes are fine
    channels = shapes[0][1] if shapes else None
    return no_fit("theano", axes, "pool" if is_pool else "conv", channels=channels)


def _kernel(found: Found) -> Reading | None:
    size, kernel = found.sizes("input")[-2:], found.sizes("kernel")[-2:]
    if len(size) != 2 or len(kernel) != 2:
        return None
    axes = axes_of(2, input_size=size, kernel_size=kernel)
    return no_fit("theano", axes, "conv")


def _channels(found: Found) -> Reading:
    note = phrase("reading.note.stack_of_theano")
    return Reading(
        kind=MessageKind.CHANNELS,
        framework="theano",
        op="conv",
        certainty="certain",
        remarks=(note,),
    )


MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("allocate",),
            (
                r"(?P<call>Pool|BaseCorrMM|CorrMM|GpuCorrMM|BaseGpuCorrMM|BaseCorr3dMM|"
                r"BaseGpuCorr3dMM)"
                r": [Ff]ailed to allocate output of <output:shape>"
            ),
            _output,
        ),
        MessagePattern(
            ("post-supersampling",),
            (
                r"Bad size for the output shape\. Verify that \[?post-supersampling\]? input "
                r"shape ?"
                r"\({1,2}<input:shape>\){1,2} ?and kern shape ?\({1,2}<kernel:shape>\){1,2}"
            ),
            _kernel,
        ),
        MessagePattern(
            ("stack",),
            r"images and kernel must have the same stack size",
            _channels,
        ),
    ),
)
