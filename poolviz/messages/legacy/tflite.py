"""Messages of TensorFlow Lite: the condition that failed, with its two numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import MAP_AXES, rank_of
from poolviz.messages.causes.channels import channels_of, unknown_channels
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import sum_of
from poolviz.messages.causes.unnumbered import unnumbered
from poolviz.messages.message import PICTURES, MessageKind, Reading, Remedy
from poolviz.messages.pattern import Found, MessagePattern, Messages
from poolviz.messages.snippets import Snippets

_PRINT = 'print(interpreter.get_input_details()[0]["shape"], image.shape)'
# Run with tf.lite.Interpreter of TensorFlow 2.21.
CODE = Snippets(
    add_batch="image = image[np.newaxis]",
    add_channel="image = image[..., np.newaxis]",
    to_rgb='image = image.convert("RGB")',
    repeat_grey="image = np.repeat(image, 3, axis=-1)",
    to_grey="image = image.mean(axis=-1, keepdims=True)",
    channels_last="image = np.moveaxis(image, 1, -1)",
    print_shape=_PRINT,
)
_SHAPE = r"[(\[{{]<{}:shape>[)\]}}]"


_KERNEL = re.compile(r"Node number [0-9]{1,5} \((\w{1,60})\)")


def _kernel(found: Found) -> tuple[str | None, str]:
    """Operation and its name in capitals, which follow the condition."""
    named = _KERNEL.search(found.after(300))
    kind = named[1] if named else ""
    source = found.before(160)
    return operation(kind.replace("_", "") or source), kind


def _lite_rank(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected")
    op, kind = _kernel(found)
    op = "padding" if kind in ("PAD", "PADV2", "MIRROR_PAD") else op
    if expected != 4 or (op is None and kind):
        return None
    return rank_of("tflite", op, expected, (), got)


def _lite_channels(found: Found) -> Reading:
    return channels_of("tflite", found.number("expected"), found.number("got"))


def _lite_remainder(found: Found) -> Reading:
    """Read the rest of a division: the text has neither of the two numbers."""
    note = phrase("reading.note.only_remainder", remainder=found.number("remainder"))
    return replace(unknown_channels("tflite"), remarks=(note,))


def _lite_sum(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    if len(first) < MAP_AXES:
        return None
    return sum_of("tflite", first, second, data_format="channels_last")


def _lite_reshape(found: Found) -> Reading | None:
    return reshape_of("tflite", found.number("total"), found.number("wanted"))


def _lite_join(found: Found) -> Reading:
    first, second = found.number("first"), found.number("second")
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework="tflite",
        op="concatenate",
        expected=(second,),
        got=(first,),
        certainty="likely",
        remarks=(phrase("reading.note.unnamed_join"),),
    )


def _lite_input(found: Found) -> Reading | None:
    """Read one axis of an input, of which the text states neither the name nor the rank."""
    place = found.number("place")
    got, expected = found.number("got"), found.number("expected")
    if place == 0:
        return None
    if place == 3 and {got, expected} <= set(PICTURES):
        return channels_of("tflite", expected, got, op=None)
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework="tflite",
        expected=(expected,),
        got=(got,),
        certainty="likely",
    )


def _lite_input_rank(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected")
    return rank_of("tflite", None, expected, (), got) if max(got, expected) >= 4 else None


def _lite_failed(found: Found) -> Reading | None:
    """Read a node of which the text states no condition that is known; its types may be wrong."""
    if _OTHER_CONDITIONS.search(found.before(200)) or not _OF_MAPS.fullmatch(found["kind"]):
        return None
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework="tflite",
        op=operation(found["kind"].replace("_", "")),
        layer_name=f"{found['kind']} {found['node']}",
        argument="node",
        certainty="guess",
        remarks=(phrase("reading.note.condition_before"),),
        remedies=(
            Remedy(
                phrase("reading.fix.shape_of_export"),
                _PRINT,
            ),
        ),
        only_remedies=True,
    )


def _lite_alone(kind: MessageKind, op: str) -> Callable[[Found], Reading]:
    return lambda _: unnumbered("tflite", kind, op, data_format="channels_last")


_OTHER_CONDITIONS = re.compile(r"quantiz|type|delegate|version|custom|nullptr|scale", re.I)
_OF_MAPS = re.compile(r"(?:.*_POOL|.*CONV)_2D|TRANSPOSE_CONV|ADD|SUB|MUL|CONCATENATION|RESHAPE")

_LITE = (
    MessagePattern(
        ("d1 == d2",),
        r"d1 == d2 \|\| d1 == 1 \|\| d2 == 1 was not true",
        _lite_alone(MessageKind.SUM, "sum"),
    ),
    MessagePattern(
        ("stretch_dim",),
        r"stretch_dim != -1 \([0-9] != -1\)",
        _lite_alone(MessageKind.RESHAPE, "reshape"),
    ),
    MessagePattern(
        ("dims->size",),
        r"input->dims->size != <expected:int> \(<got:int> != [0-9]\)",
        _lite_rank,
    ),
    MessagePattern(
        ("NumDimensions(input)",),
        r"NumDimensions\(input\) != <expected:int> \(<got:int> != [0-9]\)",
        _lite_rank,
    ),
    MessagePattern(
        ("op_context->paddings",),
        (
            r"SizeOfDimension\(op_context->paddings, 0\) != op_context->dims "
            r"\(<expected:int> != <got:int>\)"
        ),
        _lite_rank,
    ),
    MessagePattern(
        ("filter->dims->data",),
        (r"input->dims->data\[3\] != filter->dims->data\[3\] \(<got:int> != <expected:int>\)"),
        _lite_channels,
    ),
    MessagePattern(
        ("filter_input_channel",),
        r"input_channel % filter_input_channel != 0 \(<remainder:int> != 0\)",
        _lite_remainder,
    ),
    MessagePattern(
        ("t0->dims->data",),
        r"t->dims->data\[d\] != t0->dims->data\[d\] \(<first:int> != <second:int>\)",
        _lite_join,
    ),
    MessagePattern(
        ("not broadcastable",),
        rf"Given shapes, {_SHAPE.format('first')} and {_SHAPE.format('second')}, are not "
        rf"broadcastable",
        _lite_sum,
    ),
    MessagePattern(
        ("num_input_elements",),
        r"num_input_elements != num_output_elements \(<total:int> != <wanted:int>\)",
        _lite_reshape,
    ),
    MessagePattern(
        ("Cannot set tensor",),
        (
            r"Cannot set tensor: Dimension mismatch\. Got <got:int> but expected "
            r"<expected:int> for "
            r"dimension <place:int> of input"
        ),
        _lite_input,
    ),
    MessagePattern(
        ("Cannot set tensor",),
        (
            r"Cannot set tensor: Dimension mismatch\. Got <got:int> but expected "
            r"<expected:int> for "
            r"input [0-9]"
        ),
        _lite_input_rank,
    ),
)

MESSAGES = Messages(
    failures=_LITE,
    vague=(
        MessagePattern(
            ("failed to prepare",),
            r"Node number <node:int> \((?P<kind>[A-Z0-9_]{1,40})\) failed to prepare",
            _lite_failed,
        ),
    ),
)
