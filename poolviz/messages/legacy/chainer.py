"""Messages of Chainer."""

from __future__ import annotations

from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.message import (
    AxisReading,
    Reading,
    no_fit,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages


def _chainer(found: Found) -> Reading:
    name = found["axis"].lower()
    note = phrase("reading.note.axis_without_number")
    op = operation(found.before(600))
    return no_fit("chainer", (AxisReading(name=name),), op, None, (name,), (note,))


MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("positive",),
            r"(?P<axis>Height|Width|Depth) in the output should be positive",
            _chainer,
        ),
    ),
)
