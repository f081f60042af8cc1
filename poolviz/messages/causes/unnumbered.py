"""Messages without a number: the layer and the kind of failure are known, the sizes are not."""

from __future__ import annotations

import re
from collections.abc import Callable

from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.fixes import PRINT_SHAPE
from poolviz.messages.message import DataFormat, MessageKind, Reading
from poolviz.messages.pattern import Found

_NUMBERS = {
    MessageKind.CHANNELS: "channels",
    MessageKind.SUM: "sum",
    MessageKind.CONCATENATE: "join",
    MessageKind.LINEAR: "linear",
    MessageKind.RESHAPE: "reshape",
    MessageKind.NO_FIT: "window",
    MessageKind.RANK: "rank",
}
SEQUENCES = re.compile(
    r"atten|attn|bert|decoder|encoder\.layer|lstm|gru|rnn|embed|token|/self", re.I
)


def unnumbered(
    framework: str,
    kind: MessageKind,
    op: str | None,
    layer_name: str | None = None,
    data_format: DataFormat | None = "channels_first",
) -> Reading:
    """Report a failure of which the text states no size, and which sizes to look up."""
    return Reading(
        kind=kind,
        framework=framework,
        op=op,
        layer_name=layer_name,
        data_format=data_format,
        certainty="likely",
        remedies=(PRINT_SHAPE,) if kind is MessageKind.RANK else (),
        only_remedies=kind is MessageKind.RANK,
        remarks=(
            phrase("reading.note.no_number"),
            phrase(f"reading.note.look_up_{_NUMBERS[kind]}"),
        ),
    )


def unnumbered_at(
    framework: str,
    kind: MessageKind,
    op: str | None,
    name_of: Callable[[Found], str | None],
) -> Callable[[Found], Reading | None]:
    """Read such a text; None where the name of the node is that of attention or a sequence."""

    def read(found: Found) -> Reading | None:
        name = name_of(found)
        if SEQUENCES.search(name or ""):
            return None
        return unnumbered(framework, kind, op, name)

    return read
