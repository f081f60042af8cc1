"""What fails after a pooling, in all frameworks: the sizes are there, the cause lies before.

A Linear layer gets another number of features than it was built for; inputs of different sizes
are to be joined.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.common.message import (
    AxisReading,
    DataFormat,
    MessageKind,
    Reading,
    Sizes,
    apart,
)
from poolviz.dialects.common.pattern import Found, Reader, sizes_in
from poolviz.i18n.phrase import phrase

_SHAPES = re.compile(r"(?<!\w)[(\[]([^()\[\]]{1,160})[)\]]")

# --- linear --------------------------------------------------------------------------------------


def _linear(
    framework: str, shapes: tuple[Sizes, ...], expected: int | None, got: int | None
) -> Reading:
    fits = expected == got
    return Reading(
        kind=MessageKind.LINEAR,
        framework=framework,
        op="linear",
        shapes=shapes,
        expected=(expected,),
        got=(got,),
        certainty="guess" if fits else "certain",
        remarks=(phrase("reading.note.same_numbers"),) if fits else (),
    )


def _product(framework: str) -> Callable[[Found], Reading | None]:
    """Of a text with two matrices, fields "first" and "second"."""

    def read(found: Found) -> Reading | None:
        first, second = found.sizes("first"), found.sizes("second")
        if not first or not second:
            return None
        return _linear(framework, (first, second), second[max(0, len(second) - 2)], first[-1])

    return read


def _features(framework: str) -> Callable[[Found], Reading | None]:
    """Of a text with two numbers of features, fields "expected" and "got"."""

    def read(found: Found) -> Reading | None:
        return _linear(framework, (), found.number("expected"), found.number("got"))

    return read


def _dense_axis(found: Found) -> Reading | None:
    """Keras checks the last axis of a Dense layer and of a convolution with the same words."""
    shape, expected = found.sizes("shape"), found.number("expected")
    got = shape[-1] if shape else None
    read = _linear("keras", (shape,), expected, got)
    if "conv" in found["layer"].lower():
        read = replace(read, kind=MessageKind.CHANNELS, op="conv", channels=got)
    return replace(read, layer_name=found["layer"] or None)


def _weights(found: Found) -> Reading | None:
    """Flax: the weights have one shape, the input asks for another."""
    first, second = found.sizes("first"), found.sizes("second")
    if len(first) != len(second) or len(first) < 2:
        return None
    read = _linear("jax", (first, second), first[-2], second[-2])
    if len(first) > 2:
        read = replace(read, kind=MessageKind.CHANNELS, op="conv", channels=second[-2])
    note = phrase("reading.note.shapes_of_flax")
    return replace(
        read,
        layer_name=found["path"].rpartition("/")[2] or None,
        certainty="likely",
        remarks=(*read.remarks, note),
    )


# --- concatenate ---------------------------------------------------------------------------------


def _joined_shapes(framework: str) -> Callable[[Found], Reading | None]:
    """Of a text with all shapes, field "shapes": the axis that differs can be named."""

    def read(found: Found) -> Reading | None:
        shapes = tuple(sizes_in(shape) for shape in _SHAPES.findall(found["shapes"]))
        if len(shapes) < 2 or len({len(shape) for shape in shapes}) > 1:
            return None
        along = found.optional("along")
        data_format: DataFormat = "channels_first" if along == 1 else "channels_last"
        return _differing(framework, data_format, shapes)

    return read


def _static_shapes(found: Found) -> Reading | None:
    """TensorFlow's graph: one dimension with its two sizes, and often the shapes of all inputs."""
    shapes = tuple(sizes_in(shape) for shape in _SHAPES.findall(found["shapes"]))
    if len(shapes) < 2 or len(shapes[0]) - 2 not in AXIS_NAMES or len(shapes[0]) != len(shapes[1]):
        return _joined_sizes("tensorflow")(found)
    data_format: DataFormat = "channels_first" if found["along"] == "1" else "channels_last"
    joined = tuple(shape for shape in shapes if len(shape) == len(shapes[0]))
    return _differing("tensorflow", data_format, joined)


def _differing(framework: str, data_format: DataFormat, shapes: tuple[Sizes, ...]) -> Reading:
    spatial = [apart(shape, data_format)[0] for shape in shapes]
    names = AXIS_NAMES.get(len(spatial[0]), ())
    said = {name: [sizes[i] for sizes in spatial] for i, name in enumerate(names)}
    differing = {
        name: [size for size in sizes if size != sizes[0] and None not in (size, sizes[0])]
        for name, sizes in said.items()
    }
    failing = tuple(name for name, others in differing.items() if others)
    note = phrase("reading.note.axes_of_the_first_input")
    if not failing:
        note = phrase("reading.note.joined_along_another_axis")
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework=framework,
        op="concatenate",
        axes=tuple(AxisReading(name=name, input_size=sizes[0]) for name, sizes in said.items()),
        failing_axes=failing,
        data_format=data_format,
        shapes=shapes,
        expected=tuple(said[name][0] for name in failing),
        got=tuple(differing[name][0] for name in failing),
        certainty="likely",
        remarks=(note,),
    )


def _joined_sizes(framework: str) -> Callable[[Found], Reading | None]:
    """Of a text with two sizes, "first" and "second", and perhaps the "dimension" they are of."""

    def read(found: Found) -> Reading:
        dimension = found.optional("dimension")
        note = phrase("reading.note.unnamed_join")
        if dimension is not None:
            note = phrase("reading.note.dimension", dimension=dimension)
        return Reading(
            kind=MessageKind.CONCATENATE,
            framework=framework,
            op="concatenate",
            expected=(found.number("first"),),
            got=(found.number("second"),),
            certainty="likely",
            remarks=(note,),
        )

    return read


def _gemm(found: Found) -> Reading | None:
    weights, got = found.sizes("second"), found.number("got")
    # The matrix may be transposed: the features are the size that does not fit the outputs.
    expected = weights[-1] if found.optional("outputs") == weights[0] else weights[0]
    return _linear("onnxruntime", (weights,), expected, got)


def _fully_connected(found: Found) -> Reading | None:
    given, inferred = found.sizes("first"), found.sizes("second")
    if len(given) != 2 or len(inferred) != 2 or given[0] != inferred[0]:
        return None
    return replace(
        _linear("mxnet", (given, inferred), given[1], inferred[1]),
        certainty="likely",
        remarks=(phrase("reading.note.weights_of_a_dense"),),
    )


_PAIR = r"\(<first:shape> and <second:shape>\)"
_DENSE = (
    r"Input [0-9]{1,4}(?: with name [^\s]{1,80})?(?: of layer)? ['\"]?(?P<layer>[\w.-]{1,120})"
    r"['\"]? is incompatible with the layer: expected axis -1 of input shape to have "
    r"(?:value|shape) \{?<expected:int>\}?,? but received input with shape [(\[]<shape:shape>[)\]]"
)
_INITIALIZER = (
    r"Initializer expected to generate shape \(<first:shape>\) but got shape \(<second:shape>\) "
    r"instead for parameter \"kernel\" in \"(?P<path>[^\"]{1,200})\""
)
_OLD_INITIALIZER = (
    r"Inconsistent shapes between value and initializer for parameter \"kernel\" in "
    r"\"(?P<path>[^\"]{1,200})\": \(<first:shape>\), \(<second:shape>\)"
)
_MATMUL = (
    r"Dimensions must be equal, but are <got:int> and <expected:int> for "
    r"['’‘`][^'’‘`]{0,300}MatMul"
)
_CONTRACTING = (
    r"dot_general requires contracting dimensions to have the same shape, got "
    r"[(\[]<got:int>,?[)\]] and [(\[]<expected:int>,?[)\]]"
)
_INFERRED = (
    r"Shape inconsistent, Provided ?= ?[(\[]<first:shape>[)\]], inferred shape ?= ?"
    r"[(\[]<second:shape>[)\]]"
)
_SEVERAL = r"(?P<shapes>(?:[(\[]{1,2}[^()\[\]]{1,160}[)\]]{1,2},?\s{0,4}){2,8})"
_JOIN = r"Sizes of tensors must match except in dimension <along:int>\. "
_KERAS_JOIN = (
    r"Concatenate[`'’]? layer requires inputs with matching shapes except for the "
    r"concat(?:enation)? axis[.:](?: (?:Got inputs? shapes|Received):)? ?(?:input_shape=)?\[?"
)
_JAX_JOIN = (
    r"Cannot concatenate arrays with shapes that differ in dimensions other than the one being "
    r"concatenated: concatenating along dimension (?P<along>[0-9]{1,2}) for shapes "
)
_TENSORFLOW_JOIN = (
    r"(?:in both shapes|of inputs) (?:must|should) (?:be equal|match): "
    r"(?P<shapes>shape\[0\] ?= ?\[[^\[\]]{1,100}\] vs\. shape\[[0-9]{1,3}\] ?= ?\[[^\[\]]{1,100}\])"
)
_STATIC_JOIN = (
    r"Dimension (?P<dimension>[0-9]) in both shapes must be equal, but are <first:int> and "
    r"<second:int>\.[\s\S]{0,300}?oncat(?:[\s\S]{0,600}? with input shapes:"
    r"(?P<shapes>(?: ?\[[^\[\]]{1,100}\],?){2,9})(?: ?\[\])?"
    r"(?:[^<>\n]{0,80}= ?<(?P<along>[0-9])>)?)?"
)
_CAFFE_JOIN = (
    r"\(<first:int> vs\. <second:int>\) All inputs must have the same shape, except at concat_axis"
)
_ONNX_JOIN = (
    r"Non concat axis dimensions must match: Axis (?P<dimension>[0-9]) has mismatched dimensions "
    r"of <first:int> and <second:int>"
)

READERS = (
    Reader(("mat1",), rf"mat1 and mat2 shapes cannot be multiplied {_PAIR}", _product("pytorch")),
    Reader(
        ("weight.T",),
        rf"input and weight\.T shapes cannot be multiplied {_PAIR}",
        _product("pytorch"),
    ),
    Reader(
        ("m1:",),
        r"size mismatch, m1: \[<first:shape>\], m2: \[<second:shape>\]",
        _product("pytorch"),
    ),
    Reader(("incompatible",), _DENSE, _dense_axis),
    Reader(
        ("In[0]",),
        r"Matrix size-incompatible: In\[0\]: \[<first:shape>\], In\[1\]: \[<second:shape>\]",
        _product("tensorflow"),
    ),
    Reader(("MatMul",), _MATMUL, _features("tensorflow")),
    Reader(
        ("GEMM",),
        r"GEMM: Dimension mismatch, W: \{<second:shape>\} K: <got:int> N: ?<outputs:int>",
        _gemm,
    ),
    Reader(
        ("columns;",),
        r"Input size \(<got:int> columns; shape = \[[^\[\]]{1,80}\]\) is invalid: does not match "
        r"(?:expected|layer) input size \(layer # inputs = <expected:int>\)",
        _features("dl4j"),
    ),
    Reader(("dot_general",), _CONTRACTING, _features("jax")),
    Reader(("Initializer",), _INITIALIZER, _weights),
    Reader(("initializer",), _OLD_INITIALIZER, _weights),
    Reader(("inconsistent",), _INFERRED, _fully_connected),
    Reader(
        ("incompatible",),
        r"\(<expected:int> vs\. <got:int>\) Input size incompatible with inner product",
        _features("caffe"),
    ),
    Reader(("Concatenate",), _KERAS_JOIN + _SEVERAL, _joined_shapes("keras")),
    Reader(("concatenating",), _JAX_JOIN + _SEVERAL, _joined_shapes("jax")),
    Reader(("shape[0]",), _TENSORFLOW_JOIN, _joined_shapes("tensorflow")),
    Reader(("both",), _STATIC_JOIN, _static_shapes),
    Reader(
        ("Sizes",),
        _JOIN + r"Got <first:int> and <second:int>(?: in dimension (?P<dimension>[0-9]))?",
        _joined_sizes("pytorch"),
    ),
    Reader(
        ("Sizes",),
        _JOIN + r"Expected size <first:int> but got size <second:int>",
        _joined_sizes("pytorch"),
    ),
    Reader(("concat_axis",), _CAFFE_JOIN, _joined_sizes("caffe")),
    Reader(("concat",), _ONNX_JOIN, _joined_sizes("onnxruntime")),
)
