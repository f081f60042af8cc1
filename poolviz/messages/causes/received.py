"""What Keras lists below an error: "Arguments received by Conv2D.call(): inputs=…(shape=(…))".

Its layers run on TensorFlow, JAX or PyTorch, and the error is in the words of that backend.
"""

from __future__ import annotations

import re
from dataclasses import replace

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import counted, phrase
from poolviz.messages.causes.fixes import ADD_BATCH
from poolviz.messages.message import (
    NARROW,
    UNSTATED_NOTE,
    WIDE,
    MessageKind,
    Reading,
    Reason,
    Sizes,
    apart,
    axes_of,
)
from poolviz.messages.pattern import sizes_in

_RECEIVED = re.compile(
    r"Arguments received by (?:layer )?['\"]?\w{1,60}[\s\S]{0,120}?(?:inputs|args)="
    r"[\s\S]{0,60}?shape=(?:torch\.Size\()?[(\[]([^()\[\]]{1,80})"
)
DIFFERENCE = "y_true - y_pred"  # in its losses: the target minus the output
_CALLS = ("Exception encountered when calling", "Arguments received by", DIFFERENCE)


def of_keras(before: str, after: str) -> bool:
    """Return whether a layer of Keras was running when a backend raised an error."""
    return any(words in before[-900:] or words in after[:900] for words in _CALLS)


def received_by(after: str) -> Sizes:
    """Return the shape of the input that Keras lists below an error, () without one."""
    listed = _RECEIVED.search(after)
    return sizes_in(listed[1]) if listed else ()


def with_received(reading: Reading, before: str, after: str, code_in: str) -> Reading:
    """Add what Keras states of the layer: fixes in its words, the input of a window."""
    if reading.code_in is None and reading.framework != code_in and of_keras(before, after):
        reading = replace(reading, code_in=code_in)
    shape = received_by(after) if reading.kind is MessageKind.NO_FIT else ()
    if len(shape) - 2 not in AXIS_NAMES or reading.shapes:
        return reading
    spatial, channels = apart(shape, "channels_last")
    rooms = tuple(axis.room for axis in reading.axes)
    if rooms not in ((), spatial) and len(rooms) == len(spatial):
        return reading  # padded, or channels first
    named = replace(reading, data_format="channels_last", channels=channels, shapes=(shape,))
    if not reading.axes:
        axes = axes_of(len(spatial), input_size=spatial)
        named = replace(named, axes=axes, remarks=(UNSTATED_NOTE,))
    reasons = height_as_batch(named)
    if not reasons:
        return named
    return replace(
        named,
        failing_axes=named.failing_axes or ("width",),
        certainty="likely",
        reasons=(*reasons, *named.reasons),
        remedies=(ADD_BATCH, *named.remedies),
    )


def height_as_batch(read: Reading) -> tuple[Reason, ...]:
    """Return why the width is so small where a picture without its batch axis came in."""
    shape = read.shapes[0] if read.shapes else ()
    if len(shape) != 4 or read.data_format != "channels_last" or shape[0] is None:
        return ()
    height, width = shape[1], shape[2]
    if height is None or min(shape[0], height) < WIDE or width not in NARROW:
        return ()
    if max(shape[0], height) > 4 * min(shape[0], height):
        return ()  # a picture is hardly longer
    said = {"batch": shape[0], "channels": counted(width or 0, "channel")}
    return (Reason(phrase("reading.reason.batch_is_height", **said)),)
