"""Messages of OpenVINO: its nodes are listed with the shapes of their inputs."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import input_of, other_batch, rank_of
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.features import linear_at
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import joined_of, sum_of
from poolviz.messages.causes.two_sizes import dimension_note
from poolviz.messages.causes.unnumbered import SEQUENCES, unnumbered, unnumbered_at
from poolviz.messages.message import AxisReading, MessageKind, Reading, Sizes, no_fit
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in

_SHAPE = r"[(\[{{]<{}:shape>[)\]}}]"


_VINO_NAME = re.compile(r"friendly_name '([^']{1,160})'")


def _vino_name(found: Found) -> str | None:
    names = _VINO_NAME.findall(found.before(800))
    return names[-1] if names else None


_VINO_INPUTS = re.compile(
    r"[0-9A-Za-z_]{1,80}\[[0-9]{1,3}\]:[a-z]{1,6}[0-9]{1,3}\[([0-9?,.]{1,80})\]"
)


def _inputs(found: Found) -> list[Sizes]:
    """Shapes of the inputs that the failing node is listed with."""
    _, _, node = found.before(1_500).rpartition("While validating node")
    return [sizes_in(shape) for shape in _VINO_INPUTS.findall(node)]


def _vino_sum(found: Found) -> Reading | None:
    shapes, name = _inputs(found), _vino_name(found)
    if len(shapes) < 2 or SEQUENCES.search(name or ""):
        return None
    return sum_of("openvino", shapes[0], shapes[1], name, "channels_first")


def _vino_sum_at(found: Found) -> Reading | None:
    read = unnumbered_at("openvino", MessageKind.SUM, None, _cpu_name)(found)
    if read is None:
        return None
    note = dimension_note(found.number("place"))
    return replace(read, remarks=(note, *read.remarks[1:]))


def _vino_pool_rank(found: Found) -> Reading:
    shape, name = sizes_in(found["shape"]), _vino_name(found)
    read = rank_of("openvino", "pool", 4, shape, None, name, "channels_first")
    return replace(read, expected=(3, 4, 5), missing=None)


def _vino_pool_axes(found: Found) -> Reading | None:
    """A pooling layer of so many axes; the shape is that of the listed input."""
    shapes, name = _inputs(found), _vino_name(found)
    if not shapes:
        return None
    ndim = found.number("ndim")
    return rank_of("openvino", "pool", ndim + 2, shapes[0], None, name, "channels_first")


def _vino_refill(found: Found) -> Reading | None:
    shapes, name = _inputs(found), _vino_name(found)
    if SEQUENCES.search(name or "") or not shapes or None in shapes[0]:
        return None
    target = found.sizes("target") if found.match.groupdict().get("target") else ()
    if target and None not in target:
        total = prod(size or 0 for size in shapes[0])
        return reshape_of("openvino", total, prod(size or 0 for size in target), target, name)
    read = unnumbered("openvino", MessageKind.RESHAPE, "reshape", name)
    return replace(read, shapes=(shapes[0],), remarks=read.remarks[1:])


def _vino_norm(found: Found) -> Reading:
    expected, got = found.number("expected"), found.number("got")
    name = _vino_name(found)
    read = channels_of("openvino", expected, got, (), "norm", name, "channels_first")
    # Those of `channels_of` are about pictures and the order of their axes.
    return replace(read, reasons=(), remedies=())


def _vino_reflection(found: Found) -> Reading:
    name = _vino_name(found) or _cpu_name(found)
    [shape] = _inputs(found)[:1] or [()]
    return Reading(
        kind=MessageKind.REFLECTION,
        framework="openvino",
        op="padding",
        layer_name=name,
        data_format="channels_first",
        shapes=(shape,) if shape and None not in shape else (),
        axes=(AxisReading(),),
        certainty="likely",
        remarks=(phrase("reading.note.unnamed"),),
    )


_CPU_NODE = re.compile(r"\w{1,60} node with name '([^']{1,160})'")


def _cpu_name(found: Found) -> str | None:
    names = _CPU_NODE.findall(found.before(300) + found.match[0])
    return names[-1] if names else None


def _vino_overflow(found: Found) -> Reading | None:
    op = operation(found.match[0].split(" ")[0])
    if op is None:
        return None
    return unnumbered("openvino", MessageKind.NO_FIT, op, _cpu_name(found))


def _vino_channels(found: Found) -> Reading:
    expected, got = found.number("expected"), found.number("got")
    name = _vino_name(found)
    return channels_of("openvino", expected, got, layer_name=name, data_format="channels_first")


def _vino_window(found: Found) -> Reading:
    place = found.number("place")
    axis = AxisReading(
        padded_size=found.number("size"), effective_kernel_size=found.number("kernel")
    )
    before = found.before(1_000)
    op = "conv" if "Convolution" in before else operation(before) or "pool"
    note = phrase("reading.note.axis_by_place", place=place)
    return no_fit("openvino", (axis,), op, _vino_name(found), remarks=(note,))


def _vino_join(found: Found) -> Reading | None:
    shapes = tuple(
        sizes_in(shape) for shape in re.findall(r"[{\[]([^{}\[\]]{1,80})", found["shapes"])
    )
    along = found.optional("along")
    return joined_of("openvino", shapes, along) if len(shapes) > 1 else None


def _vino_rank(found: Found) -> Reading | None:
    shape, weights = found.sizes("shape"), found.sizes("weights")
    name = _vino_name(found)
    return rank_of(
        "openvino",
        "conv",
        len(weights),
        shape,
        layer_name=name,
        data_format="channels_first",
        channels=weights[1],
    )


def _vino_input(found: Found) -> Reading | None:
    expected, got = found.sizes("expected"), sizes_in(found["got"].replace(".", ","))
    if max(len(expected), len(got)) < 4:
        return None
    if len(expected) == len(got) and expected[1:] == got[1:] and None not in (expected[0], got[0]):
        return other_batch("openvino", expected[0] or 0, got[0] or 0)
    return input_of("openvino", expected, got, data_format="channels_first")


def _vino_reshape(found: Found) -> Reading | None:
    shape = sizes_in(found["shape"].replace(".", ","))
    target = sizes_in(found["target"].replace(".", ","))
    if len(shape) < 3:
        return None
    known = prod(size for size in target if size is not None and size > 0)
    return reshape_of("openvino", prod(size or 0 for size in shape), known, shape=shape)


_OPENVINO = (
    MessagePattern(
        ("channels must match",),
        r"Convolution node with name '[^']{1,160}' Check [\s\S]{1,200}? Input and filter channels "
        r"must match",
        unnumbered_at("openvino", MessageKind.CHANNELS, "conv", _cpu_name),
    ),
    MessagePattern(
        ("Expected a 3D, 4D or 5D tensor",),
        r"Expected a 3D, 4D or 5D tensor for the input\. Got: \[(?P<shape>[0-9?,.]{1,60})\]",
        _vino_pool_rank,
    ),
    MessagePattern(
        ("Expected kernel size to be equal",),
        r"Expected kernel size to be equal to input size - 2\. Got: <ndim:int>",
        _vino_pool_axes,
    ),
    MessagePattern(
        ("Eltwise shape infer",),
        r"Eltwise shape infer input shapes dim index: <place:int> mismatch",
        _vino_sum_at,
    ),
    MessagePattern(
        ("Argument shapes are inconsistent",),
        r"with friendly_name '[^']{1,160}': Argument shapes are inconsistent",
        _vino_sum,
    ),
    MessagePattern(  # a size below zero, as a number without a sign
        ("dim_stride",),
        r"\w{1,60} node with name '[^']{1,160}' Check 'dim_stride\.has_value\(\)' failed",
        _vino_overflow,
    ),
    MessagePattern(
        ("inner product",),
        (
            r"FullyConnected node with name '[^']{1,160}' could not create a primitive descriptor "
            r"for the inner product"
        ),
        unnumbered_at("openvino", MessageKind.LINEAR, "linear", _cpu_name),
    ),
    MessagePattern(
        ("Non-'-1' output dimensions", "Requested output shape"),
        (
            r"(?:Non-'-1' output dimensions do not evenly divide the input dimensions"
            r"|Requested output shape \[<target:shape>\] is incompatible with input shape)"
        ),
        _vino_refill,
    ),
    MessagePattern(
        ("gamma/beta/mean/variance",),
        (
            r"Input channel dimension \(<got:int>\) does not match shape for "
            r"gamma/beta/mean/variance \(\[<expected:int>\]\)"
        ),
        _vino_norm,
    ),
    MessagePattern(
        ("PadMode::REFLECT",),
        r"Check 'pad_mode != op::PadMode::REFLECT \|\|[^']{1,160}' failed",
        _vino_reflection,
    ),
    MessagePattern(
        ("Data batch channel count",),
        (
            r"Data batch channel count \(<got:int>\) does not match filter input channel count "
            r"\(<expected:int>\)"
        ),
        _vino_channels,
    ),
    MessagePattern(
        ("Kernel after dilation",),
        (
            r"Kernel after dilation has size \((?:dim: )?<kernel:int>\) larger than the data shape "
            r"after padding \((?:dim: )?<size:int>\) at axis <place:int>"
        ),
        _vino_window,
    ),
    MessagePattern(
        ("Argument shapes are inconsistent",),
        (
            r"input shapes \{(?P<shapes>(?:[{\[][0-9?.,\s]{1,80}[}\]],?){2,8})\} Argument "
            r"shapes are "
            r"inconsistent"
            r"(?:[^()]{1,160}\(axis (?P<along>-?[0-9])\))?"
        ),
        _vino_join,
    ),
    MessagePattern(
        ("filters rank",),
        (
            r"Data batch and filters rank do not match \(data batch shape: \[<shape:shape>\], "
            r"filters "
            r"shape: \[<weights:shape>\]\)"
        ),
        _vino_rank,
    ),
    MessagePattern(
        ("MatMul matrix dimension",),
        (
            r"Incompatible MatMul matrix dimension\. First input dimension=<got:int> at "
            r"COL_INDEX_DIM=[0-9] doesn't match the second input dimension=<expected:int>"
        ),
        linear_at("openvino"),
    ),
    MessagePattern(
        ("input tensor with index",),
        (
            r"the model input \(shape=\[<expected:shape>\]\) and the tensor "
            r"\(shape=\((?P<got>[0-9.]{1,80})\)\) are incompatible"
        ),
        _vino_input,
    ),
    MessagePattern(
        ("conflicts with the reshape",),
        (
            r"the shape of input data \((?P<shape>[0-9.]{1,80})\) conflicts with the reshape "
            r"pattern "
            r"\((?P<target>[-0-9.]{1,80})\)"
        ),
        _vino_reshape,
    ),
)

MESSAGES = Messages(failures=_OPENVINO)
