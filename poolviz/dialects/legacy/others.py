"""What other frameworks say, where the wording is stable.

JAX, Theano and Caffe; also Paddle, Chainer and DeepMedic, whose words are as plain.
"""

from __future__ import annotations

import re

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.dialects.common.arguments import operation
from poolviz.dialects.common.message import (
    UNNAMED_NOTE,
    AxisReading,
    MessageKind,
    Reading,
    axes_of,
    failing,
    no_fit,
    pair,
)
from poolviz.dialects.common.pattern import Found, Reader, sizes_in
from poolviz.i18n.phrase import phrase

# --- JAX -----------------------------------------------------------------------------------------


def _jax_channels(found: Found) -> Reading:
    got, expected = found.number("got"), found.number("expected") * found.number("group")
    return Reading(
        kind=MessageKind.CHANNELS,
        framework="jax",
        op="conv",
        channels=got,
        expected=(expected,),
        got=(got,),
    )


# --- Theano --------------------------------------------------------------------------------------

_INPUT_SHAPES = re.compile(r"Inputs shapes: \[([^\[\]]{1,400})\]")
_TUPLE = re.compile(r"\(([^()]{1,120})\)")


def _theano_output(found: Found) -> Reading | None:
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
        return None  # memory ran out
    channels = shapes[0][1] if shapes else None
    return no_fit("theano", axes, "pool" if is_pool else "conv", channels=channels)


def _theano_kernel(found: Found) -> Reading | None:
    size, kernel = found.sizes("input")[-2:], found.sizes("kernel")[-2:]
    if len(size) != 2 or len(kernel) != 2:
        return None
    axes = axes_of(2, input_size=size, kernel_size=kernel)
    return no_fit("theano", axes, "conv")


def _theano_channels(found: Found) -> Reading:
    note = phrase("reading.note.stack_of_theano")
    return Reading(
        kind=MessageKind.CHANNELS,
        framework="theano",
        op="conv",
        certainty="certain",
        remarks=(note,),
    )


# --- Caffe, Paddle, Chainer ----------------------------------------------------------------------


def _caffe_blob(found: Found) -> Reading | None:
    """A map of a negative size: "Check failed: shape[i] >= 0 (-3 vs. 0)"."""
    output = found.number("output")
    name = {"height": "height", "width": "width"}.get(found["dimension"])
    remarks = () if name else (UNNAMED_NOTE,)
    if output >= 0:
        return None
    axis = AxisReading(name=name, output_size=output)
    layer = _caffe_layer(found)
    op = operation(layer or "")
    return no_fit("caffe", (axis,), op, layer, remarks=remarks, certainty="likely")


_CREATING = re.compile(r"(?:Creating [Ll]ayer|Setting up) ([\w./-]{1,120})")


def _caffe_layer(found: Found) -> str | None:
    """The layer that the log of the network was at."""
    names = _CREATING.findall(found.before(2_000))
    return names[-1] if names else None


def _caffe_pad(found: Found) -> Reading:
    pad, kernel = found.number("pad"), found.number("kernel")
    name = "height" if found["letter"] == "h" else "width"
    axis = AxisReading(name=name, kernel_size=kernel, padding=pad)
    return Reading(
        kind=MessageKind.PADDING_LIMIT,
        framework="caffe",
        op="pool",
        layer_name=_caffe_layer(found),
        axes=(axis,),
        failing_axes=(name,),
        data_format="channels_first",
        remarks=(phrase("reading.note.padding_in_caffe"),),
    )


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


def _deepmedic(found: Found) -> Reading | None:
    """A line of the table of layers that DeepMedic prints before it fails."""
    axis = AxisReading(output_size=found.number("output"))
    if not axis.fails:
        return None
    # The stride in the table is that of all layers together, so it says nothing of this one.
    layer, remarks = found["layer"], (UNNAMED_NOTE,)
    return no_fit("tensorflow", (axis,), "conv", layer, remarks=remarks, certainty="likely")


def _chainer(found: Found) -> Reading:
    name = found["axis"].lower()
    note = phrase("reading.note.axis_without_number")
    op = operation(found.before(600))
    return no_fit("chainer", (AxisReading(name=name),), op, None, (name,), (note,))


READERS = (
    Reader(
        ("feature_group_count",),
        (
            r"lhs feature dimension size divided by feature_group_count must equal the rhs input "
            r"feature dimension size, but <got:int> //? <group:int> != <expected:int>"
        ),
        _jax_channels,
    ),
    Reader(
        ("allocate",),
        (
            r"(?P<call>Pool|BaseCorrMM|CorrMM|GpuCorrMM|BaseGpuCorrMM|BaseCorr3dMM|BaseGpuCorr3dMM)"
            r": [Ff]ailed to allocate output of <output:shape>"
        ),
        _theano_output,
    ),
    Reader(
        ("post-supersampling",),
        (
            r"Bad size for the output shape\. Verify that \[?post-supersampling\]? input shape ?"
            r"\({1,2}<input:shape>\){1,2} ?and kern shape ?\({1,2}<kernel:shape>\){1,2}"
        ),
        _theano_kernel,
    ),
    Reader(
        ("stack",),
        r"images and kernel must have the same stack size",
        _theano_channels,
    ),
    Reader(
        ("positive",),
        r"(?P<axis>Height|Width|Depth) in the output should be positive",
        _chainer,
    ),
    Reader(
        ("settings",),
        (
            r"Due to the settings of padding\(<pad:int>(?:, <pad_after:int>)?\), "
            r"filter_size\(<kernel:int>\)(?:, dilation\(<dilation:int>\))? and "
            r"stride\(<stride:int>\), the output size is less than 0, please check again\. "
            r"Input_size: ?<size:int>"
        ),
        _paddle,
    ),
    Reader(
        ("settings",),
        (
            r"output_size = <output:int> due to the settings of input_size\(<size:int>\), "
            r"padding\(<pad:int>(?:,\s?<pad_after:int>)?\), "
            r"(?:k_size|filter_size|ksize)\(<kernel:int>\)(?:, dilation\(<dilation:int>\))?,? and "
            r"stride\(<stride:int>\)"
        ),
        _paddle,
    ),
    Reader(
        ("Layer",),
        r"Layer Name ?= ?(?P<layer>[\w.-]{1,120}), Output size ?= ?<output:int>, Stride",
        _deepmedic,
    ),
    Reader(
        ("blob.cpp",),
        (
            r"blob\.cpp:[0-9]{1,5}\] Check failed: (?P<dimension>height|width|shape\[i\]) >= 0 "
            r"\(<output:int> vs\. 0\)"
        ),
        _caffe_blob,
    ),
    Reader(
        ("kernel_",),
        r"Check failed: pad_(?P<letter>[hw])_? < kernel_[hw]_? \(<pad:int> vs\. <kernel:int>\)",
        _caffe_pad,
    ),
)
