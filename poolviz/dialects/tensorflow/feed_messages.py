"""TensorFlow's message of a placeholder that is fed an array of another shape."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.dialects.tensorflow.loss_messages import FRAMEWORK
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.axes import MAP_AXES, input_of, other_batch
from poolviz.messages.causes.fixes import FLATTEN, OTHER_DATA, PRINT_SHAPE, because, fix
from poolviz.messages.message import MessageKind, Reading, Remedy, Sizes
from poolviz.messages.pattern import Found, MessagePattern

_TARGET = re.compile(r"label|target|mask|(?:^|[_/])(?:y|gt|truth)(?:$|[_:/])", re.I)
_IN_NUMPY = {
    FLATTEN: replace(FLATTEN, snippet="", code="x = x.reshape(len(x), -1)"),
    PRINT_SHAPE: replace(PRINT_SHAPE, snippet="", code="print(x.shape)"),
}


def _fed(found: Found) -> Reading | None:
    """Read an array for feature maps, or one that a flat placeholder takes when it is reshaped."""
    expected, got = found.sizes("expected"), found.sizes("got")
    name = found["name"].removesuffix(":0")
    if _TARGET.search(name) or not _is_about_maps(expected, got):
        return None
    if len(expected) == len(got) and None not in (expected[0], got[0]) and expected[0] != got[0]:
        return _other_batch(expected, got, name)
    read = input_of(FRAMEWORK, expected, got, name, code_in="keras")
    if read is None:
        return None
    if read.kind is MessageKind.CHANNELS:
        read = replace(
            read,
            kind=MessageKind.INPUT_SHAPE,
            op=None,
            expected=expected[1:],
            got=got[1:],
            shapes=(expected, got),
        )
    elif len(got) == 1 and (got[0] or 0) > 1:
        ragged = (because("ragged"),)
        fixes = (fix("same_size_pictures"), PRINT_SHAPE)
        read = replace(read, reasons=ragged, remedies=fixes, certainty="likely")
    remedies = tuple(_IN_NUMPY.get(one, one) for one in read.remedies or (OTHER_DATA,))
    return replace(read, remedies=remedies, only_remedies=True)


def _is_about_maps(expected: Sizes, got: Sizes) -> bool:
    if len(expected) != 2:
        return len(expected) >= MAP_AXES
    if len(got) < 3 or None in (*expected[1:], *got):
        return False
    return prod(size or 0 for size in got[1:]) == expected[1]


def _other_batch(expected: Sizes, got: Sizes, name: str) -> Reading | None:
    """Read a batch that the placeholder does not take; other axes may differ as well."""
    pairs = zip(expected[1:], got[1:], strict=True)
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        return None
    read = other_batch(FRAMEWORK, expected[0] or 0, got[0] or 0, name)
    shape = ", ".join(str(size) for size in (None, *expected[1:]))
    code = f"tf.compat.v1.placeholder(tf.float32, [{shape}])"
    open_batch = Remedy(phrase("reading.fix.open_placeholder"), code)
    fixes = (open_batch, read.remedies[0])
    return replace(read, remedies=fixes[::-1] if expected[0] == 1 else fixes)


FED = (
    MessagePattern(
        ("Cannot feed value",),
        (
            r"Cannot feed value of shape \(<got:shape>\) for Tensor u?['\"`]?"
            r"(?P<name>[^\s'\"`,]{1,120})['\"`]?, which has shape u?['\"`]?\(<expected:shape>\)"
        ),
        _fed,
    ),
)
