"""Messages of TensorFlow kernels: run eagerly, in a session, or by the oneDNN library.

It names one axis by its numbers only. The shape of the input stands apart, if at all, and the
node after the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.tensorflow.graph_nodes import GraphNode, keras_code, keras_layer, node_of
from poolviz.dialects.tensorflow.shape_messages import FIRST_NOTE, FRAMEWORK
from poolviz.i18n.phrase import Phrase, phrase
from poolviz.messages.message import (
    LAYOUT_NOTE,
    UNNAMED_NOTE,
    AxisReading,
    Certainty,
    MessageKind,
    Reading,
    Sizes,
    apart,
    axes_of,
    named_axes,
)
from poolviz.messages.pattern import Found, MessagePattern, sizes_in

_OPERATION = re.compile(r"\[Op:(\w{1,60})\]")
_NODE_AFTER = re.compile(r"\s{0,40}\[\[(?=\{?\{?[Nn]ode)")
_NODE_BEFORE = re.compile(r"Node: '[^']{1,300}'")
_SOURCE_FILE = re.compile(r"OP_REQUIRES failed at ([\w./]{1,80})")
_FUNCTION_NODE = re.compile(r"__wrapped__\w{1,80}")
ARGUMENT = re.compile(  # a shape in "Arguments received by Conv2D.call()", which follows the text
    r"inputs?=\s{0,9}\w{1,10}\.\w{1,20}\(\s{0,9}shape=\s{0,9}(?:torch\.Size\()?"
    r"[(\[]([^()\[\]]{1,80})"
)


def node_around(found: Found) -> GraphNode:
    """Find the operation, in the brackets after the text or before it."""
    before, after = found.before(600), found.after(2_500)
    kind = _OPERATION.match(after.lstrip()) or _FUNCTION_NODE.search(before[-250:])
    behind = _NODE_AFTER.match(after)
    ahead = _NODE_BEFORE.search(before)
    call = after[behind.end() :].split(")]]")[0] if behind else ahead[0] if ahead else ""
    node = node_of(call, before, kind[0] if kind else "")
    source = _SOURCE_FILE.search(before)
    if node.op is None and source:
        node = replace(node, op=node_of("", "", source[1]).op)
    return node


def _input(found: Found, node: GraphNode) -> tuple[Sizes, int | None]:
    """Find the spatial sizes and the channels of the input of a Keras layer."""
    shape = ARGUMENT.search(found.after(700))
    sizes = sizes_in(shape[1]) if shape else ()
    if not keras_layer(found.before(900)).op or len(sizes) - 2 not in AXIS_NAMES:
        return (), None
    return apart(sizes, "channels_last")


def _computed(found: Found) -> Reading:
    read = _computed_by(found)
    return replace(read, code_in=keras_code(found, node_around(found)))


def _computed_by(found: Found) -> Reading:
    node = node_around(found)
    size, kernel, stride = found.number("size"), found.number("kernel"), found.number("stride")
    spatial, channels = _input(found, node)
    one = AxisReading(
        input_size=size,
        # The printed count includes the padding: without any, the count is the same.
        padded_size=size if _count(size - kernel, stride) == found.number("output") else None,
        effective_kernel_size=kernel,
        stride=stride,
        output_size=found.number("output"),
    )
    if size not in spatial:
        is_strip = node.is_strip
        axis = replace(one, name="length" if is_strip else None)
        return _read(node, (axis,), axis.name, () if is_strip else (UNNAMED_NOTE,))
    axes = list(axes_of(len(spatial), input_size=spatial))
    index = spatial.index(size)
    axes[index] = replace(one, name=axes[index].name)
    is_first = spatial.count(size) > 1
    remarks = (LAYOUT_NOTE, FIRST_NOTE) if is_first else (LAYOUT_NOTE,)
    read = _read(node, tuple(axes), axes[index].name, remarks)
    return replace(read, data_format="channels_last", channels=channels)


def _count(room: int, stride: int) -> int:
    """Compute (room + stride) / stride as C++ divides."""
    return int((room + stride) / stride) if stride else 0


def _read(
    node: GraphNode,
    axes: tuple[AxisReading, ...],
    axis: str | None,
    remarks: tuple[Phrase, ...],
    certainty: Certainty = "likely",
) -> Reading:
    return Reading(
        kind=MessageKind.NO_FIT,
        framework=FRAMEWORK,
        op=node.op,
        layer_name=node.layer_name,
        axes=axes,
        failing_axes=(axis,) if axis else (),
        certainty=certainty,
        remarks=remarks,
    )


def _without_numbers(note: Phrase) -> Callable[[Found], Reading | None]:
    """Read a text without sizes: use the node and the shape around it."""

    def read(found: Found) -> Reading | None:
        told = shapes_around(found)
        return replace(told, code_in=keras_code(found, node_around(found)))

    def shapes_around(found: Found) -> Reading:
        node = node_around(found)
        spatial, channels = _input(found, node)
        if spatial:
            axes = axes_of(len(spatial), input_size=spatial)
            found_axes = _read(node, axes, None, (note, LAYOUT_NOTE), "guess")
            return replace(found_axes, data_format="channels_last", channels=channels)
        axes = _attributes(node)
        return replace(_read(node, axes, None, (note,), "guess"), data_format=node.data_format)

    return read


def _attributes(node: GraphNode) -> tuple[AxisReading, ...]:
    """Read kernel and stride from the attributes of the node."""
    kernel, stride = node.sizes("ksize"), node.sizes("strides")
    lists = [sizes for sizes in (kernel, stride) if len(sizes) - 2 in AXIS_NAMES]
    if not lists:
        return ()
    data_format = node.data_format or "channels_last"
    axes = []
    for i in range(len(lists[0]) - 2):
        window = apart(kernel, data_format)[0][i] if kernel else None
        step = apart(stride, data_format)[0][i] if stride else None
        axes.append(AxisReading(kernel_size=window, effective_kernel_size=window, stride=step))
    if node.is_strip and len(axes) == 2:
        # On the axis that TensorFlow adds to a sequence, kernel and stride are 1.
        axes = [max(axes, key=lambda axis: (axis.kernel_size or 1, axis.stride or 1))]
    return named_axes(axes)


def _pad_limit(found: Found) -> Reading:
    is_height = found["side"] in ("Top", "Bottom")
    pad, kernel = found.number("pad"), found.number("kernel")
    name = "height" if is_height else "width"
    axis = AxisReading(name=name, kernel_size=kernel, effective_kernel_size=kernel, dilation=1)
    note = phrase("reading.note.one_side", side=_SIDES[found["side"]])
    return Reading(
        kind=MessageKind.PADDING_LIMIT,
        framework=FRAMEWORK,
        op=node_around(found).op,
        axes=(replace(axis, padding=pad),),
        failing_axes=(name,),
        certainty="likely",
        remarks=(note,),
    )


def _negative_size(found: Found) -> Reading:
    axis = AxisReading(output_size=found.number("output"))
    note = phrase("reading.note.output_alone")
    return _read(node_around(found), (axis,), None, (note,), "guess")


def _empty_map(found: Found) -> Reading | None:
    shape = found.sizes("shape")
    if len(shape) - 2 not in AXIS_NAMES:
        return None
    spatial, channels = apart(shape, "channels_last")
    axes = axes_of(len(spatial), input_size=spatial)
    return Reading(
        kind=MessageKind.EMPTY_INPUT,
        framework=FRAMEWORK,
        op="pool",
        axes=axes,
        failing_axes=tuple(axis.name for axis in axes if axis.input_size == 0 and axis.name),
        data_format="channels_last",
        channels=channels,
        certainty="likely",
        remarks=(LAYOUT_NOTE,),
        shapes=(shape,),
    )


_SIDES = {
    "Top": phrase("reading.side.top"),
    "Bottom": phrase("reading.side.bottom"),
    "Left": phrase("reading.side.left"),
    "Right": phrase("reading.side.right"),
}

FAILURES = (
    MessagePattern(
        ("effective_filter_size",),
        (
            r"[Cc]omputed output size would be negative: <output:int> \[input_size: <size:int>, "
            r"effective_filter_size: <kernel:int>, stride: <stride:int>\]"
        ),
        _computed,
    ),
    MessagePattern(
        ("smaller",),
        (
            r"(?P<side>Top|Bottom|Left|Right) padding <pad:int> needs to be smaller than the "
            r"window size <kernel:int>"
        ),
        _pad_limit,
    ),
    MessagePattern(
        ("reduction",),
        r"Incorrect input shape \[<shape:shape>\] with dimension 0 at reduction axis",
        _empty_map,
    ),
)
VAGUE = (
    MessagePattern(
        ("descriptor",),
        r"could not create a descriptor for a pooling forward propagation primitive",
        _without_numbers(phrase("reading.note.abort_of_onednn")),
    ),
    MessagePattern(
        ("cropped_shape",),
        r"cropped_shape\[[0-9]\]=<output:int> must be non-negative",
        _negative_size,
    ),
    MessagePattern(("Dimension",), r"Dimension <output:int> must be >= 0", _negative_size),
    MessagePattern(
        ("omputed",),
        r"[Cc]omputed output size would be negative",
        _without_numbers(phrase("reading.note.no_input_size")),
    ),
)
