"""Messages of DeepMedic: the table of its layers, printed before TensorFlow fails."""

from __future__ import annotations

from poolviz.messages.message import (
    UNNAMED_NOTE,
    AxisReading,
    Reading,
    no_fit,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages


def _deepmedic(found: Found) -> Reading | None:
    """Read a line of the table of layers."""
    axis = AxisReading(output_size=found.number("output"))
    if not axis.fails:
        return None
    # The stride in the table is that of all layers together, not of this one.
    layer, remarks = found["layer"], (UNNAMED_NOTE,)
    return no_fit("tensorflow", (axis,), "conv", layer, remarks=remarks, certainty="likely")


MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("Layer",),
            r"Layer Name ?= ?(?P<layer>[\w.-]{1,120}), Output size ?= ?<output:int>, Stride",
            _deepmedic,
        ),
    ),
)
