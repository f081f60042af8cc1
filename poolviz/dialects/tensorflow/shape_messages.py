"""Messages of TensorFlow about static shapes: graphs, tf.function, tf.keras.

The text (common_shape_fns.cc, the same from 0.12 to 2.21) names the effective kernel and the
*padded* size of the first axis that fails, and nothing of the others. Often it adds the node and
the shapes, from which the rest follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from poolviz.arithmetic.layers.pool import AXIS_NAMES, Padding, Pool
from poolviz.dialects.tensorflow.graph_nodes import GraphNode, keras_code, node_of
from poolviz.i18n.phrase import Phrase, phrase
from poolviz.messages.causes.fixes import ADD_BATCH
from poolviz.messages.causes.received import height_as_batch
from poolviz.messages.message import (
    LAYOUT_NOTE,
    LAYOUTS,
    UNNAMED_NOTE,
    AxisReading,
    Certainty,
    DataFormat,
    MessageKind,
    Reading,
    Sizes,
    apart,
    contradiction,
    named_axes,
    pair,
    rebuilt,
    spans,
)
from poolviz.messages.pattern import Found, MessagePattern, sizes_in

FRAMEWORK = "tensorflow"
FIRST_NOTE = phrase("reading.note.first_of_several")


def _negative_dimension(found: Found) -> Reading | None:
    kernel, size = found.number("kernel"), found.number("size")
    node = node_of(found["call"], found.before(400), found["op"])
    shapes = tuple(sizes_in(shape) for shape in re.findall(r"\[([^\[\]]*)\]", found["shapes"]))
    code = keras_code(found, node)
    read = subtracted(node, kernel, size, shapes)
    layer = read.layer
    if layer is not None and code is not None:
        layer = replace(layer, framework=code)
    reasons = height_as_batch(read)
    fixes = (ADD_BATCH,) if reasons else ()
    return replace(read, layer=layer, code_in=code, reasons=reasons, remedies=fixes)


def subtracted(node: GraphNode, kernel: int, size: int, shapes: tuple[Sizes, ...]) -> Reading:
    """Report a window that does not fit, with the shapes of the inputs as far as they are stated.

    The kernel is that with its dilation.
    """
    if shapes and len(shapes[0]) - 2 in AXIS_NAMES:
        return _with_shapes(node, kernel, size, shapes)
    return _without_shapes(node, kernel, size)


def _without_numbers(found: Found) -> Reading | None:
    """Read the text without its numbers, as in titles: "for 'pool2/MaxPool' …"."""
    node = node_of(found["call"], found.before(400), found["op"])
    shape = sizes_in(found["shape"])
    if node.op is None or len(shape) - 2 not in AXIS_NAMES:
        return None
    axes = named_axes(_axes(node, "channels_last", shape, None))
    note = phrase("reading.note.no_kernel_no_axis")
    read = _finished(node, axes, None, "guess", (LAYOUT_NOTE, note))
    channels = apart(shape, "channels_last")[1]
    return replace(read, data_format="channels_last", channels=channels, shapes=(shape,))


def _without_shapes(node: GraphNode, kernel: int, size: int) -> Reading:
    is_pool = node.op in ("max", "avg", "pool")
    axis = AxisReading(
        name="length" if node.is_strip else None,
        input_size=size,
        padded_size=size,
        # The number is the effective kernel: that of a convolution may be dilated.
        kernel_size=kernel if is_pool else None,
        effective_kernel_size=kernel,
        dilation=1 if is_pool else None,
    )
    return _finished(node, (axis,), 0, "likely", () if node.is_strip else (UNNAMED_NOTE,))


def _with_shapes(node: GraphNode, kernel: int, size: int, shapes: tuple[Sizes, ...]) -> Reading:
    filters = shapes[1] if len(shapes) > 1 and len(shapes[1]) == len(shapes[0]) else None
    data_format, is_stated = _layout(node, kernel, size, shapes[0], filters)
    axes = _axes(node, data_format, shapes[0], filters)
    if node.is_strip and len(axes) == 2:
        axes = [axes[_long_axis(axes)]]
    certainty: Certainty = "certain" if is_stated else "likely"
    remarks = () if is_stated else (LAYOUT_NOTE,)
    candidates = _candidates(axes, kernel, size)
    if not candidates:
        note = phrase("reading.note.no_such_size", size=size)
        read = _finished(node, named_axes(axes), None, "guess", (*remarks, note))
    else:
        if len(candidates) > 1 and axes[candidates[-1]].kernel_size is None:
            certainty, remarks = "likely", (*remarks, FIRST_NOTE)
        axes[candidates[0]] = _failed(axes[candidates[0]], kernel, size, is_pool=filters is None)
        read = _finished(node, named_axes(axes), candidates[0], certainty, remarks)
    return replace(
        read,
        data_format=data_format,
        channels=apart(shapes[0], data_format)[1],
        shapes=shapes,
        layer=_layer(node, axes),
    )


def _layout(
    node: GraphNode, kernel: int, size: int, shape: Sizes, filters: Sizes | None
) -> tuple[DataFormat, bool]:
    """Find the order of the axes, and whether the text implies it: only one makes sense."""
    if node.data_format:
        return node.data_format, True
    possible: list[DataFormat] = []
    for data_format in LAYOUTS:
        channels = apart(shape, data_format)[1]
        axes = _axes(node, data_format, shape, filters)
        fits_weights = filters is None or channels is None or channels == filters[-2]
        if fits_weights and any(axes[i].span in (None, kernel) for i in _of_size(axes, size)):
            possible.append(data_format)
    return (possible[0] if possible else "channels_last"), len(possible) == 1


def _axes(
    node: GraphNode, data_format: DataFormat, shape: Sizes, filters: Sizes | None
) -> list[AxisReading]:
    input_size = apart(shape, data_format)[0]
    ndim = len(input_size)
    nothing: Sizes = (None,) * ndim

    def attribute(name: str) -> Sizes:
        values = node.sizes(name)
        return apart(values, data_format)[0] if len(values) == len(shape) else nothing

    kernel = filters[:-2] if filters else attribute("ksize")
    # TensorFlow's pooling layers have no dilation.
    dilation = attribute("dilations") if filters else (1,) * ndim
    columns = zip(
        input_size,
        kernel,
        spans(kernel, dilation),
        attribute("strides"),
        dilation,
        _paddings(node, data_format, ndim),
        strict=True,
    )
    return [
        AxisReading(
            input_size=size,
            kernel_size=length,
            effective_kernel_size=span,
            stride=stride,
            dilation=step,
            padding=None if pads is None else pair(*pads),
            padded_size=None if pads is None or size is None else size + sum(pads),
        )
        for size, length, span, stride, step, pads in columns
    ]


def _paddings(
    node: GraphNode, data_format: DataFormat, ndim: int
) -> Sequence[tuple[int, int] | None]:
    pads = node.sizes("explicit_paddings")
    if node.padding == "VALID":
        return [(0, 0)] * ndim
    if node.padding == "EXPLICIT" and len(pads) == 2 * (ndim + 2):
        pairs = [(pads[i] or 0, pads[i + 1] or 0) for i in range(0, len(pads), 2)]
        # The list has a pair for each axis, also for the batch and the channels.
        return pairs[1:-1] if data_format == "channels_last" else pairs[2:]
    return [None] * ndim


def _long_axis(axes: Sequence[AxisReading]) -> int:
    """Index of the axis that is the sequence; the other one has size 1 and a kernel of 1."""
    return 1 if axes[0].input_size == 1 and axes[0].kernel_size in (None, 1) else 0


def _candidates(axes: Sequence[AxisReading], kernel: int, size: int) -> list[int]:
    """Indices of the axes that may have failed, in TensorFlow's order."""
    right_size = _of_size(axes, size)
    return [i for i in right_size if axes[i].span in (None, kernel)] or right_size


def _of_size(axes: Sequence[AxisReading], size: int) -> list[int]:
    return [i for i, axis in enumerate(axes) if axis.room == size]


def _failed(axis: AxisReading, kernel: int, size: int, is_pool: bool) -> AxisReading:
    """Add to the axis what the text states about it alone."""
    length = kernel if axis.kernel_size is None and is_pool else axis.kernel_size
    dilation = 1 if axis.dilation is None and length == kernel else axis.dilation
    return replace(
        axis,
        padded_size=size,
        effective_kernel_size=kernel,
        kernel_size=length,
        dilation=dilation,
    )


def _layer(node: GraphNode, axes: Sequence[AxisReading]) -> Pool | None:
    pads = [axis.padding for axis in axes if axis.padding is not None]
    if len(pads) < len(axes):
        return None
    pairs = tuple((pad, pad) if isinstance(pad, int) else pad for pad in pads)
    padding: Padding = "valid" if node.padding == "VALID" else pairs
    kernel, stride = [axis.kernel_size for axis in axes], [axis.stride for axis in axes]
    return rebuilt(node.op, FRAMEWORK, kernel, stride, padding)


def _finished(
    node: GraphNode,
    axes: tuple[AxisReading, ...],
    index: int | None,
    certainty: Certainty,
    remarks: tuple[Phrase, ...],
) -> Reading:
    name = axes[index].name if index is not None else None
    wrong = contradiction(axes[index]) if index is not None else ()
    return Reading(
        kind=MessageKind.NO_FIT,
        framework=FRAMEWORK,
        op=node.op,
        layer_name=node.layer_name,
        axes=axes,
        failing_axes=(name,) if name else (),
        certainty="guess" if wrong else certainty,
        remarks=(*remarks, *wrong),
    )


def _larger_filter(found: Found) -> Reading | None:
    """Read the text of 0.11 and before: 'Filter: (5, 5) Input: (4, 4)', or with Dimension(5)."""
    kernel, _, size = found["sizes"].partition("nput")
    kernels, sizes = (re.findall(r"[0-9]{1,15}", part) for part in (kernel, size))
    if len(kernels) != len(sizes) or len(kernels) not in AXIS_NAMES:
        return None
    axes = [
        AxisReading(input_size=int(n), kernel_size=int(k), effective_kernel_size=int(k), dilation=1)
        for n, k in zip(sizes, kernels, strict=True)
    ]
    too_long = [i for i, axis in enumerate(axes) if axis.fails]
    return _finished(
        node_of("", found.before(400), "Conv"),
        named_axes(axes),
        too_long[0] if too_long else 0,
        "certain",
        (),
    )


_Q, _NOT_Q = r"['`]", r"[^'`]"

FAILURES = (
    MessagePattern(
        ("subtracting",),
        (
            r"Negative dimension size caused? by subtracting <kernel:int> from <size:int>"
            rf"(?: for (?:op: )?{_Q}(?P<call>{_NOT_Q}{{1,4000}}){_Q}"
            rf"(?: \(op: {_Q}(?P<op>\w{{1,60}}){_Q}\))?)?"
            r"(?:,? with input shapes:(?P<shapes>(?: ?\[[^\[\]]{0,160}\],?){1,5})?)?"
        ),
        _negative_dimension,
    ),
    MessagePattern(
        ("Negative",),
        (
            rf"Negative dimension size for {_Q}(?P<call>{_NOT_Q}{{1,4000}}){_Q} \(op: {_Q}"
            rf"(?P<op>\w{{1,60}}){_Q}\) with input shapes: ?\[<shape:shape>\]"
        ),
        _without_numbers,
    ),
    MessagePattern(
        ("ilter",),
        r"[Ff]ilter must not be larger than the input:(?P<sizes>[^\n]{1,300})",
        _larger_filter,
    ),
)
