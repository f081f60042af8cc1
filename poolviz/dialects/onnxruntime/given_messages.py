"""Messages of onnxruntime and of ONNX's shape inference about shapes that do not go together."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import Phrase, phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import MAP_AXES, other_batch, rank_of, reflection_of
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.two_sizes import dimension_note, near_or_times
from poolviz.messages.causes.unnumbered import SEQUENCES, unnumbered
from poolviz.messages.message import (
    PICTURES,
    AxisReading,
    MessageKind,
    Reading,
    Reason,
    Remedy,
)
from poolviz.messages.pattern import Found, MessagePattern

FRAMEWORK = "onnxruntime"
ELEMENTWISE = ("Add", "Mul", "Sub", "Sum", "Div", "Max", "Min")
_NODE = re.compile(
    r"running (\w{1,60}) node\.\s{1,9}Name: ?'([^']{0,200})'"
    r"|Node \((?P<name>[^()]{0,200})\) Op \((?P<op>\w{1,60})\)"
    r"|op_type: ?(?P<type>\w{1,60}), node name: ?(?P<node>[^()]{0,200})\)"
)


def node_of(found: Found) -> tuple[str | None, str | None]:
    """Operation and name of the node in the text."""
    kind, name = place_of(found)
    return operation(kind), name or None


def place_of(found: Found) -> tuple[str, str]:
    """Operation as ONNX names it, and the name of the node; "" for what the text leaves out."""
    nodes = list(_NODE.finditer(found.before(1_500)))
    if not nodes:
        return "", ""
    last = nodes[-1]
    kind = last[1] or last["op"] or last["type"] or ""
    name = (last[2] or last["name"] or last["node"] or "").strip()
    # Nodes that onnxruntime moves to the layout NCHWc get such a name; the model has none.
    return kind, "" if name.endswith("_nchwc") else name


def _gemm(found: Found) -> Reading | None:
    """Read the shape of the weights, never that of the input."""
    weights, got = found.sizes("second"), found.number("got")
    # The matrix may be transposed: the features are the size that does not fit the outputs.
    is_turned = found.optional("outputs") == weights[0]
    expected, outputs = (weights[-1], weights[0]) if is_turned else (weights[0], weights[-1])
    read = linear(FRAMEWORK, (weights,), expected, got, outputs=outputs)
    return replace(read, layer_name=node_of(found)[1])


def _unified(found: Found) -> Reading | None:
    """Read two sizes of a node that shape inference compares."""
    kind, name = place_of(found)
    first, second = found.number("first"), found.number("second")
    if kind == "Gemm":
        return replace(linear(FRAMEWORK, (), first, second), layer_name=name or None)
    if kind == "BatchNormalization":
        read = channels_of(FRAMEWORK, first, second, op="norm", layer_name=name or None)
        return replace(read, reasons=(), remedies=())
    return None


def _merged(found: Found) -> Reading | None:
    """Read an axis on which the inputs of Concat differ."""
    kind, name = place_of(found)
    place = found.optional("place")
    if kind not in ("Concat", "") or (kind == "" and "oncat" not in found.message):
        return None
    return _on_axis(found, place, name)


def _on_axis(found: Found, place: int | None, name: str) -> Reading:
    is_of_maps = place is not None and place >= 2
    first, second = found.number("first"), found.number("second")
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework=FRAMEWORK,
        op="concatenate",
        layer_name=name or None,
        data_format="channels_first",
        expected=(first,),
        got=(second,),
        is_of_maps=is_of_maps,
        certainty="likely",
        reasons=near_or_times(first, second) if is_of_maps else (),
        remarks=() if place is None else (dimension_note(place),),
    )


def _broadcast(found: Found) -> Reading | None:
    """Read two sizes of a sum; attention adds its masks alike."""
    kind, name = place_of(found)
    is_of_maps = _TRUNK.search(name) is not None
    if kind not in ELEMENTWISE or SEQUENCES.search(name + found.before(300)):
        return None
    first, second = found.number("first"), found.number("second")
    small, large = sorted((first, second))
    # Other sums are read only where the sizes are those of halved maps.
    if not is_of_maps and (kind != "Add" or (large - small != 1 and large != 2 * small)):
        return None
    return Reading(
        kind=MessageKind.SUM,
        framework=FRAMEWORK,
        op="sum",
        layer_name=name or None,
        data_format="channels_first",
        expected=(second,),
        got=(first,),
        is_of_maps=is_of_maps,
        certainty="likely",
        remarks=(phrase("reading.note.unnamed_join"),),
    )


def _reshape(found: Found) -> Reading | None:
    shape, target = found.sizes("shape"), found.sizes("target")
    name = node_of(found)[1]
    if len(shape) < 3 or None in shape or SEQUENCES.search(name or ""):
        return None
    known = prod(size for size in target if size is not None and size > 0)
    total = prod(size or 0 for size in shape)
    return reshape_of(FRAMEWORK, total, known, layer_name=name, shape=shape)


def _unnumbered(found: Found) -> Reading | None:
    """Read what shape inference and a kernel say without a size, by the operation of the node."""
    kind, name = place_of(found)
    told = _KINDS.get(kind)
    if told is None or SEQUENCES.search(name + found.before(300)):
        return None
    return unnumbered(FRAMEWORK, *told, name or None)


_KINDS = {
    "Add": (MessageKind.SUM, "sum"),
    "Sum": (MessageKind.SUM, "sum"),
    "MatMul": (MessageKind.LINEAR, "linear"),
    "Gemm": (MessageKind.LINEAR, "linear"),
    "Reshape": (MessageKind.RESHAPE, "reshape"),
}


def _joined(found: Found) -> Reading:
    return _on_axis(found, found.optional("dimension"), place_of(found)[1])


# Names of nodes in networks for images.
_TRUNK = re.compile(r"conv|layer[1-4]|block|feature|res|backbone|neck", re.I)


# --- inputs --------------------------------------------------------------------------------------


def _conv_rank(found: Found) -> Reading | None:
    shape, weights = found.sizes("shape"), found.sizes("weights")
    if len(shape) == len(weights):
        return None
    name = node_of(found)[1]
    return rank_of(
        FRAMEWORK,
        "conv",
        len(weights),
        shape,
        layer_name=name,
        data_format="channels_first",
        channels=weights[1],
    )


def _spatial_rank(found: Found) -> Reading:
    expected, got = found.number("expected") + 2, found.number("got") + 2
    return rank_of(FRAMEWORK, "conv", expected, (), got, node_of(found)[1], "channels_first")


def _least_rank(found: Found) -> Reading | None:
    op, name = node_of(found)
    if op is None:
        return None
    return Reading(
        kind=MessageKind.RANK,
        framework=FRAMEWORK,
        op=op,
        layer_name=name,
        missing="batch_or_channels",
        certainty="likely",
    )


def _input_rank(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected")
    if max(got, expected) < MAP_AXES:
        return None
    return rank_of(FRAMEWORK, "input", expected, (), got, found["name"], "channels_first")


_INDEX = re.compile(
    r"index: ?([0-9]{1,2})\s{1,20}Got: ?([0-9]{1,12})\s{1,20}Expected: ?([0-9]{1,12})"
)


_IS_TEXT = re.compile(r"ids|mask|token|text|past_|_state|cache", re.I)


def _input_sizes(found: Found) -> Reading | None:
    """Read the axes of an input that differ; the others are not in the text."""
    told = [tuple(map(int, numbers)) for numbers in _INDEX.findall(found["sizes"])]
    places = [place for place, _, _ in told]
    is_of_channels = places == [1] and {*told[0][1:]} <= set(PICTURES)
    if places == [0] and told[0][2] <= _MOST_SAMPLES and not SEQUENCES.search(found["name"]):
        read = other_batch(FRAMEWORK, told[0][2], told[0][1], found["name"])
        return replace(read, op="input")
    if SEQUENCES.search(found["name"]) or _IS_TEXT.search(found["name"]):
        return None
    if not is_of_channels and places != [1] and max(places, default=0) < 2:
        return None  # a sequence
    is_map = max(places) == 3 or re.search(r"image|img|pixel|picture|frame", found["name"], re.I)
    names = {2: "height", 3: "width"} if is_map else {}
    failing_axes = tuple(names[place] for place in places if place in names)
    got = {place: size for place, size, _ in told}
    if is_of_channels:
        [(_, size, wanted)] = told
        return channels_of(FRAMEWORK, wanted, size, (), "input", found["name"], "channels_first")
    turned = _turned({place: (size, wanted) for place, size, wanted in told})
    if turned:
        names, failing_axes = {}, ()
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework=FRAMEWORK,
        op="input",
        layer_name=found["name"],
        axes=tuple(AxisReading(name=names[p], input_size=got[p]) for p in places if p in names),
        failing_axes=failing_axes,
        data_format="channels_first" if is_map else None,
        expected=tuple(wanted for _, _, wanted in told),
        got=tuple(size for _, size, _ in told),
        reasons=(turned[0],) if turned else (),
        remedies=(turned[1],) if turned else (),
        remarks=() if is_map and places[0] >= 2 else (_axes_named(places),),
    )


def _turned(told: dict[int, tuple[int, int]]) -> tuple[()] | tuple[Reason, Remedy]:
    """Return why, and what helps, where the channels are at the other end: axis 1 or axis 3."""
    for end, other, order in ((1, 3, "channels_first"), (3, 1, "channels_last")):
        wanted = told.get(end, (0, 0))[1]
        if wanted in PICTURES and told.get(other, (0, 0))[0] == wanted:
            return because(f"turned_to_{order}", size=wanted), fix(f"to_{order}", order)
    return ()


def _axes_named(places: list[int]) -> Phrase:
    key = "input_axis" if len(places) == 1 else "input_axes"
    return phrase(f"reading.note.{key}", axes=", ".join(map(str, places)))


_MOST_SAMPLES = 64  # in the batch of an exported model


def _reflected(found: Found) -> Reading:
    shape, place = found.sizes("shape"), found.number("place")
    size = shape[place] if place < len(shape) else None
    read = reflection_of(FRAMEWORK, (found.number("pad"),) * 2, size or 0, node_of(found)[1])
    names = AXIS_NAMES.get(len(shape) - 2, ())
    if not 0 <= place - 2 < len(names):
        return read
    name = names[place - 2]
    [axis] = read.axes
    return replace(
        read,
        axes=(replace(axis, name=name),),
        failing_axes=(name,),
        remarks=(),
        data_format="channels_first",
        shapes=(shape,),
    )


INPUTS = (
    MessagePattern(
        ("num_dims does not match",),
        (r"X num_dims does not match W num_dims\. X: ?\{<shape:shape>\} W: ?\{<weights:shape>\}"),
        _conv_rank,
    ),
    MessagePattern(
        ("spatial dimensions in the weight",),
        (
            r"Number of spatial dimensions in the weight tensor \(<expected:int>\) does not "
            r"match the "
            r"number of spatial dimensions in the input tensor \(<got:int>\)"
        ),
        _spatial_rank,
    ),
    MessagePattern(
        ("at least 3 dimensions", "cannot be less than 3"),
        r"Input (?:tensor must have at least 3 dimensions|dimension cannot be less than 3)",
        _least_rank,
    ),
    MessagePattern(
        ("Invalid rank for input",),
        (
            r"Invalid rank for input: (?P<name>[^\s]{1,120}) Got: <got:int> Expected: "
            r"<expected:int> "
            r"Please fix"
        ),
        _input_rank,
    ),
    MessagePattern(
        ("Got invalid dimensions",),
        (
            r"Got invalid dimensions for input: (?P<name>[^\s]{1,120})"
            r"(?: for the following indices)?"
            r"(?P<sizes>(?: index: [0-9]{1,2} Got: [0-9]{1,12} Expected: [0-9]{1,12}){1,6})"
        ),
        _input_sizes,
    ),
    MessagePattern(
        ("Pad reflect",),
        (
            r"Pad reflect: (?:pre|post)-pad \(<pad:int>\) exceeds maximum allowed "
            r"\([0-9]{1,9}\) for "
            r"axis <place:int>\. Input shape: ?\{<shape:shape>\}"
        ),
        _reflected,
    ),
)
DOWNSTREAM = (
    MessagePattern(
        ("ncompatible dimensions", "dimension mismatch", "incompatible shapes"),
        (
            r"(?:\[ShapeInferenceError\] Incompatible dimensions(?: for matrix multiplication)?"
            r"|Compute MatMul dimension mismatch"
            r"|Dimension could not be inferred: incompatible shapes)"
        ),
        _unnumbered,
    ),
    MessagePattern(
        ("GEMM",),
        r"GEMM: Dimension mismatch, W: \{<second:shape>\} K: <got:int> N: ?<outputs:int>",
        _gemm,
    ),
    MessagePattern(
        ("concat",),
        (
            r"Non concat axis dimensions must match: Axis (?P<dimension>[0-9]) has mismatched "
            r"dimensions of <first:int> and <second:int>"
        ),
        _joined,
    ),
    MessagePattern(
        ("in unification",),
        r"Dimension mismatch in unification between <first:int> and <second:int>",
        _unified,
    ),
    MessagePattern(
        ("merge shape info",),
        (
            r"Can't merge shape info\. Both (?:inferred and declared|source and target) dimension "
            r"have values but they differ\. (?:Inferred|Source)=<first:int> "
            r"(?:Declared|Target)=<second:int> Dimension=<place:int>"
        ),
        _merged,
    ),
    MessagePattern(
        ("Attempting to broadcast",),
        (
            r"Attempting to broadcast an axis by a dimension other than 1\. <first:int> by "
            r"<second:int>"
        ),
        _broadcast,
    ),
    MessagePattern(
        ("cannot be reshaped",),
        (
            r"cannot be reshaped to the requested shape\. Input shape: ?\{<shape:shape>\}, "
            r"requested "
            r"shape: ?\{<target:shape>\}"
        ),
        _reshape,
    ),
)
