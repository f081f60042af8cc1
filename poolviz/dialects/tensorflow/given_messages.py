"""TensorFlow's messages about shapes that do not go together: channels, sums, reshapes, labels."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.dialects.tensorflow import loss_messages, rank_messages
from poolviz.dialects.tensorflow.graph_nodes import GraphNode, keras_code, kind_of, node_of
from poolviz.dialects.tensorflow.kernel_messages import ARGUMENT, node_around
from poolviz.dialects.tensorflow.loss_messages import FRAMEWORK
from poolviz.messages.causes.axes import MAP_AXES, rank_of, reflection_of
from poolviz.messages.causes.channels import channels_of, layout_of, unknown_channels
from poolviz.messages.causes.fixes import GLOBAL_POOL, OTHER_DATA, because
from poolviz.messages.causes.received import DIFFERENCE
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import ranks_joined, sum_of
from poolviz.messages.causes.targets import target_of
from poolviz.messages.message import Reading, Sizes
from poolviz.messages.pattern import Found, MessagePattern, sizes_in

_LIST = re.compile(r"\[([^\[\]]{0,160})\]")
_MAP_KINDS = ("conv", "maxpool", "avgpool", "depthwise", "fused", "lrn", "depthto", "spacetod")
# Layers without feature maps, for which the advice would be wrong.
_OTHER = re.compile(r"lstm|gru_|/rnn|rnn/|attention|embedding|transformer|\bbert", re.I)
_NORM = re.compile(r"FusedBatchNorm|batch_norm", re.I)
_SUMS = {
    *("add", "addv2", "addn", "sub", "mul", "maximum", "minimum", "realdiv"),
    "squareddifference",
}


def _node(found: Found) -> GraphNode:
    return node_of(found["call"], found.before(400), _kind(found))


def _kind(found: Found) -> str:
    return kind_of(found.match[0])


def _shapes(found: Found) -> list[Sizes]:
    return [sizes_in(shape) for shape in _LIST.findall(found["shapes"])]


# --- channels ------------------------------------------------------------------------------------


def _depth(found: Found) -> Reading | None:
    """Read the channels of the input and of the filter, from a graph or a kernel."""
    has_call = "call" in found.match.groupdict() and bool(found["call"])
    node = _node(found) if has_call else node_around(found)
    shapes = _shapes(found) if has_call and found["shapes"] else [_argument(found)]
    shape = shapes[0] if shapes and len(shapes[0]) >= 3 else ()
    if node.is_strip and len(shape) == MAP_AXES:
        shape = tuple(size for i, size in enumerate(shape) if i != _single(shape))
    expected, got = found.number("expected"), found.number("got")
    if len(shapes) > 1 and len(shapes[1]) >= 3 and found.match.groupdict().get("groups"):
        expected = shapes[1][-2] or expected  # the channels of one group
    return channels_of(
        FRAMEWORK,
        expected,
        got,
        shape,
        "conv",
        node.layer_name,
        node.data_format,
        keras_code(found, node),
    )


def _single(shape: Sizes) -> int:
    """Place of the axis that TensorFlow adds to a sequence."""
    return shape.index(1, 1) if 1 in shape[1:3] else -1


def _argument(found: Found) -> Sizes:
    """Shape in "Arguments received by Conv2D.call()", which follows the text."""
    named = ARGUMENT.search(found.after(900))
    return sizes_in(named[1]) if named else ()


def _without_numbers(found: Found) -> Reading | None:
    node = node_around(found)
    if node.op != "conv" and "onv" not in found.before(300) + found.match[0]:
        return None
    return unknown_channels(FRAMEWORK, node.layer_name, keras_code(found, node))


def _equal(found: Found) -> Reading | None:
    """Read "Dimensions must be equal" of a convolution or of a sum of maps."""
    if _OTHER.search(found["call"]):
        return None
    kind, shapes, node = _kind(found), _shapes(found), _node(found)
    first, second = found.number("first"), found.number("second")
    code = keras_code(found, node)
    if kind.startswith(("conv2dbackprop", "conv3dbackprop")) and len(shapes) > 2:
        return _transposed(found, shapes, node, code)
    if kind.startswith(("conv", "depthwiseconv")) and len(shapes) > 1:
        if len(shapes[0]) != len(shapes[1]) or shapes[1][-2] not in (first, second):
            return None
        got = first if shapes[1][-2] == second else second
        name, order = node.layer_name, node.data_format
        return channels_of(FRAMEWORK, shapes[1][-2], got, shapes[0], "conv", name, order, code)
    if len(shapes) > 1 and kind.startswith(("biasadd", "fusedbatchnorm")):
        return rank_messages.one_per_channel(shapes[0], shapes[1], node, code, kind)
    if len(shapes) > 1 and (kind in _SUMS or kind.startswith("softmaxcross")):
        if loss_messages.is_loss(node.path):
            return loss_messages.of_node(found["call"], shapes[0], shapes[1], code)
        return _added(found, shapes[0], shapes[1], node, code)
    return None


def _transposed(
    found: Found, shapes: list[Sizes], node: GraphNode, code: str | None
) -> Reading | None:
    filters, shape = shapes[1], shapes[2]
    if len(filters) != len(shape) or None in (filters[-1], shape[-1]):
        return None
    if filters[-1] == shape[-1]:
        return None
    expected, got = filters[-1] or 0, shape[-1] or 0
    return channels_of(FRAMEWORK, expected, got, shape, "transposed", node.layer_name, code_in=code)


def _added(
    found: Found, first: Sizes, second: Sizes, node: GraphNode, code: str | None
) -> Reading | None:
    if loss_messages.is_loss(found.match[0] + found.after(300)):
        return loss_messages.of_node("", first, second, code)
    if min(len(first), len(second)) < MAP_AXES:
        return None
    # A node of the backward pass is no layer of the user.
    name = None if "Gradient" in (node.layer_name or "") else node.layer_name
    return sum_of(FRAMEWORK, first, second, name, node.data_format, code)


def _incompatible(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    node = node_around(found)
    if _OTHER.search(found.before(300) + found.after(300)):
        return None
    if DIFFERENCE in found.before(1_500):
        return target_of(FRAMEWORK, second, first)
    return _added(found, first, second, node, keras_code(found, node))


# --- axes ----------------------------------------------------------------------------------------


def _rank(found: Found) -> Reading | None:
    """Read "Shape must be rank 4 but is rank 3" of a convolution or pooling layer."""
    kind, node = _kind(found), _node(found)
    shapes = _shapes(found) if found["shapes"] else []
    expected, got = found.number("expected"), found.number("got")
    if "oncat" in kind:
        return ranks_joined(FRAMEWORK, expected, got)
    # Other operations check their ranks in the same words.
    if not kind.startswith(_MAP_KINDS) or not shapes:
        return None
    shape = next((one for one in shapes if len(one) == got), ())
    name, code = node.layer_name, keras_code(found, node)
    op = "norm" if kind.startswith("fused") else node.op
    return rank_of(FRAMEWORK, op, expected, shape, got, name, node.data_format, code)


def _kernel_rank(found: Found) -> Reading | None:
    node = node_around(found)
    shape = found.sizes("shape") if found.match.groupdict().get("shape") else ()
    expected = found.number("expected")
    op = "norm" if _NORM.search(found.before(400) + found.after(200)) else node.op
    if len(shape) == expected or not op:
        return None
    name, code = node.layer_name, keras_code(found, node)
    return rank_of(FRAMEWORK, op, expected, shape, None, name, code_in=code)


def _any_pool_rank(found: Found) -> Reading:
    """Read what `tf.nn.max_pool` says, which takes any number of spatial axes."""
    shape, code = found.sizes("shape"), keras_code(found, node_around(found))
    read = rank_of(FRAMEWORK, "pool", MAP_AXES, shape, code_in=code)
    return replace(read, expected=(3, 4, 5), missing=None)


def _pool_rank(found: Found) -> Reading | None:
    """Read "tensor_in_shape must have 2 spatial dimensions. 3 0": the second is the rank."""
    node = node_around(found)
    return rank_of(
        FRAMEWORK,
        node.op or "pool",
        found.number("ndim") + 2,
        (),
        found.number("got"),
        node.layer_name,
        code_in=keras_code(found, node),
    )


def _layout(found: Found) -> Reading:
    node = node_around(found)
    op = node.op or ("conv" if "Conv" in found.match[0] else "pool")
    return layout_of(FRAMEWORK, op, node.layer_name, keras_code(found, node))


# --- reshapes, labels, padding -------------------------------------------------------------------


def _reshape(found: Found) -> Reading | None:
    node = node_around(found)
    total, wanted = found.number("total"), found.number("wanted")
    target = () if "multiple" in found.match[0] else (wanted,)
    code = keras_code(found, node)
    read = reshape_of(FRAMEWORK, total, wanted, target, code_in=code)
    # A Flatten of Keras has the sizes of the model's input built in, so the data is another one.
    if read is None or code is None or "flatten" not in node.path.lower():
        return read
    name = node.path.rpartition("/")[0].rpartition("/")[2]
    told = (*read.reasons, because("flatten_of_model", wanted=wanted))
    fixes = (OTHER_DATA, GLOBAL_POOL)
    return replace(read, layer_name=name or None, reasons=told, remedies=fixes)


def _static_reshape(found: Found) -> Reading | None:
    """Read a shape with an open batch, and the numbers that are to go into it."""
    if _kind(found) != "reshape":
        return None
    shapes = _shapes(found)
    target = sizes_in(found["target"])
    if not shapes or not target or len(shapes[0]) < 2:
        return None
    known = prod(size for size in shapes[0] if size is not None)
    wanted = prod(size for size in target[1:] if size is not None and size > 0)
    code = keras_code(found, _node(found))
    return reshape_of(FRAMEWORK, known, wanted, code_in=code)


def _reflection(found: Found) -> Reading:
    pads = (found.number("before"), found.number("after"))
    return reflection_of(FRAMEWORK, pads, found.number("size"), node_around(found).layer_name)


_Q, _NOT_Q = r"['`]", r"[^'`]"
_NODE = rf"(?:for (?:op: )?{_Q}(?P<call>{_NOT_Q}{{1,4000}}){_Q}(?: \(op: {_Q}\w{{1,60}}{_Q}\))?)"
_SHAPES = r"(?: with input shapes:(?P<shapes>(?: ?\[[^\[\]]{0,160}\],?){1,5}))"
_TAIL = rf"(?: {_NODE}{_SHAPES}?)?"
_SHAPE = r"[(\[]<{}:shape>[)\]]"

FAILURES = (
    MessagePattern(
        ("evenly divisible by filter depth",),
        r"[Ii]nput depth must be evenly divisible by filter depth: <got:int> vs <expected:int>",
        _depth,
    ),
    MessagePattern(  # TensorFlow 1
        ("have the same depth",),
        r"input and filter must have the same depth: <got:int> vs <expected:int>",
        _depth,
    ),
    MessagePattern(
        ("filter input depth",),
        r"the input depth of <got:int> does not match the filter input depth of <expected:int>",
        _depth,
    ),
    MessagePattern(
        ("input depth of filter",),
        (
            r"Depth of input \(<got:int>\) is not a multiple of input depth of filter "
            rf"\(<expected:int>\){_TAIL}"
        ),
        _depth,
    ),
    MessagePattern(
        ("number of groups",),
        (
            r"Depth of output \([0-9]{1,6}\) is not a multiple of the number of groups "
            rf"\((?P<groups>(?P<expected>(?P<got>[0-9]{{1,6}})))\) {_NODE}{_SHAPES}"
        ),
        _depth,
    ),
    MessagePattern(
        ("Number of channels in filter",),
        (
            r"Number of channels in filter \(<expected:int>\) must match last dimension of input "
            r"\(<got:int>\)"
        ),
        _depth,
    ),
    MessagePattern(
        ("input channels does not match",),
        (
            r"number of input channels does not match corresponding dimension of filter, <got:int> "
            r"!= <expected:int>"
        ),
        _depth,
    ),
    MessagePattern(
        ("Dimensions must be equal",),
        rf"Dimensions must be equal, but are <first:int> and <second:int> {_NODE}{_SHAPES}",
        _equal,
    ),
    MessagePattern(
        ("Shape must be rank",),
        rf"Shape must be rank <expected:int> but is rank <got:int> {_NODE}{_SHAPES}",
        _rank,
    ),
    MessagePattern(
        ("-dimensional",),
        (
            r"(?:[Ii]nput|tensor_in) must be <expected:int>(?: or 5)?-dimensional"
            r"(?::? ?\[<shape:shape>\])?"
        ),
        _kernel_rank,
    ),
    MessagePattern(
        ("spatial dimensions",),
        r"tensor_in_shape must have <ndim:int> spatial dimensions\. <got:int> [0-9]",
        _pool_rank,
    ),
    MessagePattern(
        ("input.shape.rank",),
        (
            r"`input\.shape\.rank` must be 3, 4 or 5\. Received: "
            rf"input\.shape={_SHAPE.format('shape')}"
        ),
        _any_pool_rank,
    ),
    MessagePattern(
        ("only support",),
        (
            r"(?:Conv[23]D op currently only supports the ND?HWC tensor format on the CPU"
            r"|Default (?:Max|Avg)PoolingOp only supports NHWC on device type CPU"
            r"|Conv[23]DCustomBackprop(?:Input|Filter)Op only supports ND?HWC)"
        ),
        _layout,
    ),
    MessagePattern(
        ("less than the dimension size", "no greater than the dimension size"),
        (
            r"paddings must be (?:less|no greater) than the dimension size: <before:int>, "
            r"<after:int> "
            r"(?:not less|greater) than <size:int>"
        ),
        _reflection,
    ),
)
DOWNSTREAM = (
    MessagePattern(
        ("From merging shape",),
        (
            r"Dimension [0-9] in both shapes must be equal, but are <first:int> and <second:int>\. "
            rf"Shapes are [^'`]{{1,300}}From merging shape [0-9]{{1,3}} with other shapes\. "
            rf"{_NODE}"
            rf"{_SHAPES}"
        ),
        _equal,
    ),
    MessagePattern(
        ("Incompatible shapes",),
        rf"Incompatible shapes: {_SHAPE.format('first')} vs\. {_SHAPE.format('second')}",
        _incompatible,
    ),
    MessagePattern(
        ("must have the same size and shape",),
        (
            r"must have the same size and shape\. Input 0: "
            rf"{_SHAPE.format('first')} != input [0-9]{{1,3}}: {_SHAPE.format('second')}"
        ),
        _incompatible,
    ),
    MessagePattern(
        ("Input to reshape",),
        (
            r"Input to reshape is a tensor with <total:int> values, but the requested shape "
            r"(?:requires a multiple of|has) <wanted:int>"
        ),
        _reshape,
    ),
    MessagePattern(
        ("evenly divisible",),
        (
            rf"Dimension size must be evenly divisible by [0-9]{{1,12}} but is [0-9]{{1,12}} "
            rf"{_NODE}"
            rf"{_SHAPES}[^<>]{{0,80}}input\[1\] = [\[<](?P<target>[^\[\]<>]{{1,80}})[\]>]"
        ),
        _static_reshape,
    ),
)
VAGUE = (
    MessagePattern(
        ("grouped convolutions",),
        (
            r"(?:Fused conv implementation does not support grouped convolutions for now"
            r"|Conv2D op currently does not support grouped convolutions on the CPU)"
        ),
        _without_numbers,
    ),
)
