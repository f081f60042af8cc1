"""Messages about arguments that a framework does not accept, under our names."""

from __future__ import annotations

import re

from poolviz.messages.message import MessageKind, Reading
from poolviz.messages.pattern import Found, MessagePattern

_POOL_OP = re.compile(r"(max|avg|average)_?pool", re.I)  # MaxPool, average_pooling2d
_OP = re.compile(r"(pool)|conv", re.I)
# Names of an argument in any framework → ours.
_PARAMETERS = {
    "ksize": "kernel_size",
    "kernel": "kernel_size",
    "pool_size": "kernel_size",
    "kernel_shape": "kernel_size",
    "window_shape": "kernel_size",
    "window_dimensions": "kernel_size",
    "strides": "stride",
    "window_strides": "stride",
    "pad": "padding",
    "pads": "padding",
    "explicit_paddings": "padding",
    "dilations": "dilation",
    "dilation_rate": "dilation",
    "window_dilation": "dilation",
}


def operation(text: str) -> str | None:
    """Find the operation that `text` names: "max", "avg", "pool", "conv" or None.

    >>> operation("AveragePooling2D"), operation("pool1/MaxPool"), operation("Dense")
    ('avg', 'max', None)
    """
    pooling = _POOL_OP.search(text)
    if pooling is not None:
        return "max" if pooling[1].lower() == "max" else "avg"
    named = _OP.search(text)
    return None if named is None else "pool" if named[1] else "conv"


def refused(
    framework: str, word: str, wording: str, parameter: str | None = None
) -> MessagePattern:
    """Make a pattern for an argument that is not accepted.

    `parameter`: which one, where the field "parameter" of the wording does not name it.
    """

    def read(found: Found) -> Reading:
        named = parameter or found["parameter"].lower()
        return Reading(
            kind=MessageKind.ARGUMENT,
            framework=framework,
            op=operation(found.message) or operation(found.before(300)),
            argument=_PARAMETERS.get(named, named),
        )

    return MessagePattern((word,), wording, read)


REST = r"[^\n]{0,160}"  # of the line
