"""Messages of onnxruntime and of ONNX's reference evaluator."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.onnxruntime import given_messages
from poolviz.dialects.onnxruntime.given_messages import ELEMENTWISE, node_of, place_of
from poolviz.i18n.phrase import Phrase, counted, phrase
from poolviz.messages.arguments import refused
from poolviz.messages.causes.axes import MAP_AXES
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.fixes import fix
from poolviz.messages.causes.sums import sum_of
from poolviz.messages.causes.unnumbered import SEQUENCES, unnumbered
from poolviz.messages.message import (
    UNSTATED_NOTE,
    AxisReading,
    Certainty,
    MessageKind,
    Reading,
    Sizes,
    apart,
    axes_of,
    failing,
    named_axes,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages
from poolviz.messages.snippets import Snippets

_FRAMEWORK = "onnxruntime"
CODE = Snippets(
    add_batch="x = x[np.newaxis]",
    add_channel="x = x[:, np.newaxis]",
    remove_axis="x = np.squeeze(x, axis={axis})",
    to_rgb='image = image.convert("RGB")',
    repeat_grey="x = np.repeat(x, 3, axis=1)",
    to_grey="x = x.mean(axis=1, keepdims=True)",
    channels_first="x = np.moveaxis(x, -1, 1)",
    channels_last="x = np.moveaxis(x, 1, -1)",
    resize_to="image = image.resize(({width}, {height}))",
    open_batch='torch.onnx.export(model, x, path, dynamic_axes={{"{name}": {{0: "batch"}}}})',
    print_shape="print(session.get_inputs()[0].shape)",
)
REFERENCE_NOTE = phrase("reading.note.reference_evaluator")


def _read(
    found: Found,
    kind: MessageKind,
    axes: tuple[AxisReading, ...] = (),
    failing_axes: tuple[str, ...] = (),
    certainty: Certainty = "certain",
    channels: int | None = None,
    remarks: tuple[Phrase, ...] = (),
    op: str | None = None,
    shapes: tuple[Sizes, ...] = (),
) -> Reading:
    node_op, name = node_of(found)
    return Reading(
        kind=kind,
        framework=_FRAMEWORK,
        op=node_op or op,
        layer_name=name,
        axes=axes,
        failing_axes=failing_axes,
        data_format="channels_first",
        channels=channels,
        certainty=certainty,
        remarks=remarks,
        shapes=shapes,
    )


def _negative(found: Found) -> Reading:
    note = phrase("reading.note.longer_by_a_stride")
    return _read(found, MessageKind.NO_FIT, certainty="guess", remarks=(note,), op="pool")


def _empty(found: Found) -> Reading | None:
    shape = found.sizes("shape")
    if len(shape) - 2 not in AXIS_NAMES:
        return None
    spatial, channels = apart(shape, "channels_first")
    axes = axes_of(len(spatial), input_size=spatial)
    empty = tuple(axis.name for axis in axes if axis.input_size == 0 and axis.name)
    return _read(
        found, MessageKind.EMPTY_INPUT, axes, empty, channels=channels, op="pool", shapes=(shape,)
    )


def _pad(found: Found) -> Reading:
    note = phrase("reading.note.no_number")
    return _read(found, MessageKind.PADDING_LIMIT, certainty="guess", remarks=(note,), op="pool")


def _negative_pad(found: Found) -> Reading | None:
    op = node_of(found)[0]
    if op not in ("max", "avg", "pool"):
        return None
    note = phrase("reading.note.negative_padding")
    return _read(found, MessageKind.PADDING_LIMIT, certainty="likely", remarks=(note,))


def _conv(found: Found) -> Reading | None:
    """Read the spatial sizes, which are all that a convolution prints."""
    spatial = found.sizes("shape")
    if node_of(found)[0] != "conv" or len(spatial) not in AXIS_NAMES:
        return None
    axes = axes_of(len(spatial), input_size=spatial)
    names = failing(axes) or (("length",) if len(axes) == 1 else ())
    return _read(found, MessageKind.NO_FIT, axes, names, "likely", remarks=(UNSTATED_NOTE,))


def _channels(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected") * found.number("group")
    if expected in (0, got):
        return None
    name = node_of(found)[1]
    return channels_of(_FRAMEWORK, expected, got, layer_name=name, data_format="channels_first")


def _reference(found: Found) -> Reading | None:
    kernel, spatial = found.sizes("kernel"), found.sizes("input")
    ndim = len(kernel)
    columns = [found.sizes("output"), spatial, found.sizes("stride")]
    if ndim not in AXIS_NAMES or any(len(column) != ndim for column in columns):
        return None
    axes = named_axes(
        [
            AxisReading(input_size=size, kernel_size=length, stride=step, output_size=count)
            for count, size, step, length in zip(*columns, kernel, strict=True)
        ]
    )
    names = failing(axes)
    return _read(
        found,
        MessageKind.NO_FIT,
        axes,
        names,
        "certain" if names else "guess",
        remarks=(REFERENCE_NOTE, phrase("reading.note.no_pads_no_dilations")),
        op="pool",
    )


def _scale(found: Found) -> Reading:
    expected, got = found.number("expected"), found.number("got")
    name = place_of(found)[1] or None
    return replace(
        channels_of(_FRAMEWORK, expected, got, (), "norm", name), reasons=(), remedies=()
    )


def _norm(found: Found) -> Reading:
    read = unnumbered(_FRAMEWORK, MessageKind.CHANNELS, "norm", place_of(found)[1] or None)
    note = phrase("reading.note.only_channels", channels=counted(found.number("got"), "channel"))
    return replace(read, remarks=(note, *read.remarks[1:]))


def _cells(found: Found) -> Reading:
    """Read a side that blocks do not divide; the text has neither size."""
    name = found["axis"]
    read = _read(found, MessageKind.DIVISIBLE, (AxisReading(name=name),), (name,))
    note, other = phrase("reading.note.no_number"), fix("multiple_of_block")
    return replace(read, argument="block", remarks=(note,), remedies=(other,), only_remedies=True)


def _operands(found: Found) -> Reading | None:
    """Read what the kernels of CUDA and DirectML say of a sum, with both shapes."""
    kind, name = place_of(found)
    first, second = found.sizes("first"), found.sizes("second")
    is_other = kind not in ELEMENTWISE or SEQUENCES.search(name + found.before(300))
    if is_other or min(len(first), len(second)) < MAP_AXES:
        return None
    return sum_of(_FRAMEWORK, first, second, name or None, "channels_first")


_FAILURES = (
    MessagePattern(
        ("size of scale",),
        r"size of scale != input channel count <expected:int> vs\. <got:int>",
        _scale,
    ),
    MessagePattern(
        ("Invalid input scale",),
        r"Invalid input scale: 0th dimension != <got:int>",
        _norm,
    ),
    MessagePattern(
        ("multiple of block_size",),
        r"SpaceToDepth requires input (?P<axis>height|width) to be a multiple of block_size",
        _cells,
    ),
    MessagePattern(
        ("out_shape",),
        (
            r"output shape cannot be null or negative, out_shape=[(\[]<output:shape>[)\]], "
            r"auto_pad=['\"]\w{1,20}['\"], input_spatial_shape=(?:array\()?[(\[]<input:shape>[)\]]"
            r"[^=]{0,30}, kernel_spatial_shape=[(\[]<kernel:shape>[)\]], "
            r"strides_spatial=[(\[]<stride:shape>[)\]]"
        ),
        _reference,
    ),
    MessagePattern(
        ("Invalid",),
        r"Invalid input shape\. Only N can be zero\. Got: ?\{<shape:shape>\}",
        _empty,
    ),
    MessagePattern(
        ("Calculated",),
        r"Calculated output dimension is negative\. Check kernel_shape",
        _negative,
    ),
    MessagePattern(("smaller",), r"Pad should be smaller than kernel\.", _pad),
    MessagePattern(("non-negative",), r"padding values must be non-negative", _negative_pad),
    MessagePattern(("Invalid",), r"Invalid input shape: ?\{<shape:shape>\}", _conv),
    MessagePattern(
        ("channels",),
        (
            r"Input channels C is not equal to kernel channels \* group\. C: <got:int> "
            r"kernel channels: <expected:int> group: <group:int>"
        ),
        _channels,
    ),
)


# --- after a pooling layer, and arguments ---------------------------------------------------------


_refused = partial(refused, _FRAMEWORK)

MESSAGES = Messages(
    failures=(*_FAILURES, *given_messages.INPUTS),
    code=CODE,
    downstream=(
        *given_messages.DOWNSTREAM,
        MessagePattern(
            ("operand cannot broadcast",),
            (
                r"(?:left|right) operand cannot broadcast on dim [0-9] LeftShape: "
                r"?\{<first:shape>\}, RightShape: ?\{<second:shape>\}"
            ),
            _operands,
        ),
    ),
    arguments=(
        _refused(
            "ShapeInferenceError",
            r"\[ShapeInferenceError\] Attribute (?P<parameter>kernel_shape|strides|dilations|pads) "
            r"(?:must|has) [^\n]{0,80}",
        ),
        _refused("AutoPadType", r"Unknown AutoPadType String", "padding"),
        _refused(
            "Mismatched",
            r"Mismatched attribute type in ' ?: (?P<parameter>kernel_shape|strides|pads|dilations)'"
            r"[^\n]{0,80}",
        ),
        _refused(
            "iterator",
            r"Could not infer attribute `(?P<parameter>kernel_shape|strides|pads|dilations)` type",
        ),
    ),
)
