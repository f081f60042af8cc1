"""TensorFlow's messages about axes: maps at a product, squeezes, XLA, transposed convolutions.

Recorded with TensorFlow 2.21.0, those of XLA with `tf.function(jit_compile=True)`. TensorFlow 1
writes nodes in other words, its sentences are the same.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

from poolviz.dialects.tensorflow.graph_nodes import GraphNode, keras_code, kind_of, node_of
from poolviz.dialects.tensorflow.kernel_messages import node_around
from poolviz.dialects.tensorflow.loss_messages import FRAMEWORK
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.axes import MAP_AXES, rank_of
from poolviz.messages.causes.channels import channels_of, undivided, undivided_sizes
from poolviz.messages.causes.fixes import (
    ADD_BATCH,
    ADD_CHANNEL,
    FLATTEN,
    GLOBAL_POOL,
    OTHER_DATA,
    PRINT_SHAPE,
    because,
)
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import joined_of
from poolviz.messages.causes.unnumbered import SEQUENCES
from poolviz.messages.message import MessageKind, Reading, Reason, Remedy, Sizes
from poolviz.messages.pattern import Found, MessagePattern


def _map_at_product(found: Found) -> Reading | None:
    """Read a feature map that arrives at the product of a dense layer."""
    shape = found.sizes("shape")
    node = node_of(found["call"], found.before(400), "MatMul") if found["call"] else None
    if node and "MatMul" not in found.match[0]:
        return None  # Pad and others take a matrix as well
    if len(shape) < MAP_AXES or SEQUENCES.search(found.match[0]):
        return None
    return replace(
        rank_of(FRAMEWORK, "linear" if node else None, 2, shape),
        # TensorFlow names a product without a layer MatMul.
        layer_name=None if node is None or node.layer_name == "MatMul" else node.layer_name,
        missing="flatten",
        reasons=(because("map_at_dense"),),
        remedies=(FLATTEN, GLOBAL_POOL),
        only_remedies=True,
        code_in=keras_code(found, node) if node else None,
    )


def _no_matrix(found: Found) -> Reading | None:
    """Read what TensorFlow 1 said of a product without a shape."""
    if SEQUENCES.search(found.before(300) + found.after(300)):
        return None
    read = rank_of(FRAMEWORK, "linear", 2, ())
    return replace(read, got=(), remedies=(PRINT_SHAPE, FLATTEN), only_remedies=True)


def _squeezed(found: Found) -> Reading | None:
    """Read an axis that a model removes at its end; a larger picture leaves more than one cell."""
    got, place = found.number("got"), found.number("place")
    shape = found.sizes("shape") if found.match.groupdict().get("shape") else ()
    node = node_around(found)
    if got == 1:
        return None
    is_map = len(shape) == MAP_AXES and place in (1, 2)
    reasons = (because("map_at_squeeze", sizes=shape[1:3]),) if is_map else ()
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework=FRAMEWORK,
        op="reshape",
        layer_name=node.layer_name,
        argument="squeeze",
        expected=(1,),
        got=(got,),
        shapes=(shape,) if shape else (),
        certainty="likely" if reasons else "certain",
        reasons=reasons,
        remarks=(phrase("reading.note.input_axis", axes=place),),
        remedies=(OTHER_DATA, GLOBAL_POOL) if is_map else (PRINT_SHAPE,),
        only_remedies=True,
        code_in=keras_code(found, node),
    )


def _elements(found: Found) -> Reading | None:
    """Read numbers and a new shape, both known when the graph is built."""
    target, total, wanted = found.sizes("target"), found.number("total"), found.number("wanted")
    if SEQUENCES.search(found.after(300)):
        return None
    shape = found.sizes("shape") if found.match["shape"] else ()
    is_batch = len(shape) > 1 and None not in shape and len(target) == 2
    if is_batch and prod(size or 0 for size in shape[1:]) == target[1]:
        return _other_samples(total, wanted, target, shape[0] or 0)
    batch = target[0] if len(target) > 1 and target[0] not in (None, -1) else None
    return reshape_of(FRAMEWORK, total, wanted, target, batch=batch)


def _other_samples(total: int, wanted: int, target: Sizes, samples: int) -> Reading | None:
    """Report a new shape that fixes the number of samples, where others arrive."""
    read = reshape_of(FRAMEWORK, total, wanted, target)
    if read is None:
        return None
    words = phrase("reading.reason.samples_in_shape", samples=samples, wanted=target[0])
    line = f"x = tf.reshape(x, [-1, {target[1]}])"
    remedy = Remedy(phrase("reading.fix.open_samples"), line)
    return replace(
        read, reasons=(Reason(words, "certain"),), remedies=(remedy,), only_remedies=True
    )


def _xla_channels(found: Found) -> Reading:
    return channels_of(FRAMEWORK, found.number("expected"), found.number("got"))


def _xla_rank(found: Found) -> Reading | None:
    shape, expected = found.sizes("shape"), found.number("expected")
    return None if len(shape) == expected else rank_of(FRAMEWORK, "conv", expected, shape)


def _joined(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    if len(first) < MAP_AXES:
        return None
    return joined_of(FRAMEWORK, (first, second), differs=found.number("place"))


def _transposed_size(found: Found) -> Reading | None:
    """Read the input size of a transposed convolution, and that of its `output_shape`."""
    actual, computed = found.number("actual"), found.number("computed")
    output, stride = found.number("output"), found.number("stride")
    words = {"output": output, "stride": stride, "computed": computed, "actual": actual}
    size = phrase("reading.fix.output_shape_of", size=actual * stride)
    same = 'tf.nn.conv2d_transpose(x, filters, output_shape, strides={}, padding="SAME")'
    return Reading(
        kind=MessageKind.ARGUMENT,
        framework=FRAMEWORK,
        op="transposed",
        argument="output_shape",
        expected=(computed,),
        got=(actual,),
        reasons=(Reason(phrase("reading.reason.other_output_shape", **words), "certain"),),
        remedies=(Remedy(size, same.format(stride)),),
        only_remedies=True,
    )


# --- cells of a picture, one number for each channel ---------------------------------------------


def one_per_channel(
    shape: Sizes, numbers: Sizes, node: GraphNode, code: str | None, kind: str = ""
) -> Reading | None:
    """Report a bias, or the weights of a normalisation, of another length than the channels."""
    place = 1 if node.data_format == "channels_first" else -1
    if len(shape) < MAP_AXES or len(numbers) != 1 or None in (shape[place], numbers[0]):
        return None
    expected, got = numbers[0] or 0, shape[place] or 0
    op = "norm" if "norm" in kind else None
    return _of_channels(expected, got, shape, node, code, op) if expected != got else None


def _of_channels(
    expected: int, got: int, shape: Sizes, node: GraphNode, code: str | None, op: str | None
) -> Reading:
    name, order = node.layer_name, node.data_format
    read = channels_of(FRAMEWORK, expected, got, shape, op, name, order, code)
    # The advice for convolutions, such as a grey picture, does not apply here.
    return replace(read, reasons=(), remedies=())


def _bias(found: Found) -> Reading | None:
    node, shape = node_around(found), found.sizes("shape")
    return one_per_channel(shape, found.sizes("biases"), node, keras_code(found, node))


def _scale(found: Found) -> Reading:
    node, expected, got = node_around(found), found.number("expected"), found.number("got")
    return _of_channels(expected, got, (), node, keras_code(found, node), "norm")


def _uneven_sides(found: Found) -> Reading | None:
    sizes = (found.number("height"), found.number("width"))
    return undivided_sizes(FRAMEWORK, found.number("block"), sizes)


def _uneven(found: Found) -> Reading | None:
    """Read a size that cells do not divide: of a picture, or of the channels behind it."""
    size, multiple, kind = found.number("size"), found.number("block"), kind_of(found.match[0])
    if kind in ("spacetodepth", "spacetobatchnd") or "padded_shape" in found.match[0]:
        return undivided_sizes(FRAMEWORK, multiple, (size,), is_picture=False)
    if kind == "depthtospace" or "depth dimension" in found.match[0]:
        return undivided(FRAMEWORK, size, multiple, layer="")
    return None


def _no_place(found: Found) -> Reading | None:
    """Read oneDNN's abort of a convolution: the input has no axis where the channels belong."""
    place = found.number("place")
    if not 2 <= place <= MAP_AXES:
        return None
    read = rank_of(FRAMEWORK, "conv", place + 1)
    return replace(read, certainty="likely", remedies=(ADD_BATCH, ADD_CHANNEL), only_remedies=True)


def _cell_rank(found: Found) -> Reading:
    return rank_of(FRAMEWORK, None, found.number("expected"), (), found.number("got"))


def _sizes(name: str) -> str:
    return rf"[(\[]<{name}:shape>[)\]]"


_CALL = r"for (?:op: )?['`](?P<call>[^'`]{1,2000})['`](?: \(op: ['`]\w{1,60}['`]\))?"
MESSAGES = (
    MessagePattern(
        ("as many biases",),
        (
            r"Must provide as many biases as the last dimension of the input tensor: "
            rf"{_sizes('biases')} vs\. {_sizes('shape')}"
        ),
        _bias,
    ),
    MessagePattern(
        ("channels of x, got",),
        (
            r"(?:scale|offset|mean|variance) must have the same number of elements as the channels "
            r"of x, got <expected:int> and <got:int>"
        ),
        _scale,
    ),
    MessagePattern(
        ("divisible by block_size",),
        (
            r"Image width <width:int> and height <height:int> should be divisible by block_size: "
            r"<block:int>"
        ),
        _uneven_sides,
    ),
    MessagePattern(
        ("Input depth dimension",),
        r"Input depth dimension <size:int> should be divisible by: <block:int>",
        _uneven,
    ),
    MessagePattern(
        ("must be evenly divisible",),
        (
            rf"Dimension size must be evenly divisible by <block:int> but is <size:int> {_CALL} "
            r"with input shapes: \["
        ),
        _uneven,
    ),
    MessagePattern(
        ("divisible by block_shape",),
        r"padded_shape\[[0-9]\]=<size:int> is not divisible by block_shape\[[0-9]\]=<block:int>",
        _uneven,
    ),
    MessagePattern(
        ("Input rank should be",),
        r"Input rank should be: <expected:int> instead of: <got:int>",
        _cell_rank,
    ),
    MessagePattern(
        ("Invalid index from the dimension",),
        r"Invalid index from the dimension: <place:int>, 0, C",
        _no_place,
    ),
    MessagePattern(
        ("Shape must be rank 2",),
        rf"Shape must be rank 2 but is rank [345] {_CALL} with input shapes: {_sizes('shape')}",
        _map_at_product,
    ),
    MessagePattern(
        ("must have rank 2",),
        # An empty group, because this wording names no node.
        rf"(?P<call>)Shape {_sizes('shape')} must have rank 2",
        _map_at_product,
    ),
    MessagePattern(("is not a matrix",), r"In\[[01]\] is not a matrix", _no_matrix),
    MessagePattern(
        ("not squeeze dim",),
        (
            r"Can not squeeze dim\[<place:int>\], expected a dimension of 1, got <got:int>"
            rf"(?: for ['`][^'`]{{1,900}}['`](?: \(op: ['`]\w{{1,60}}['`]\))? with input shapes: "
            rf"{_sizes('shape')})?"
        ),
        _squeezed,
    ),
    MessagePattern(
        ("explicitly squeeze",),
        r"Tried to explicitly squeeze dimension <place:int> but dimension was not 1: <got:int>",
        _squeezed,
    ),
    MessagePattern(
        ("Cannot reshape a tensor with",),
        (
            r"Cannot reshape a tensor with <total:int> elements to shape \[<target:shape>\] "
            r"\(<wanted:int> elements\)"
            rf"(?: for ['`][^'`]{{1,900}}['`](?: \(op: ['`]\w{{1,60}}['`]\))? with input shapes: "
            rf"{_sizes('shape')})?"
        ),
        _elements,
    ),
    MessagePattern(
        ("multiple of depth of filter",),
        r"Depth of input must be a multiple of depth of filter: <got:int> vs <expected:int>",
        _xla_channels,
    ),
    MessagePattern(
        ("-dimensionalf", "-dimensionalb"),
        # XLA prints the type right behind the text: 4-dimensionalf32[2,28,28].
        r"input must be <expected:int>-dimensionalb?f[0-9]{2}\[<shape:shape>\]",
        _xla_rank,
    ),
    MessagePattern(
        ("other than the one being concatenated",),
        (
            r"Dimension <place:int> in both shapes must be equal \(or compatible\): "
            r"\w{1,8}\[<first:shape>\] vs \w{1,8}\[<second:shape>\]"
        ),
        _joined,
    ),
    MessagePattern(
        ("of out_backprop",),
        (
            r"Size of out_backprop doesn't match computed: actual = <actual:int>, computed = "
            r"<computed:int>,? ?spatial_dim: [0-9] input: <output:int> filter: [0-9]{1,6} output: "
            r"[0-9]{1,9} stride: <stride:int>"
        ),
        _transposed_size,
    ),
)
