"""Messages of Darknet; the table of layers above them has the sizes: width x height x channels."""

from __future__ import annotations

import re

from poolviz.messages.causes.fixes import DIVISIBLE_INPUT, because
from poolviz.messages.causes.sums import joined_of
from poolviz.messages.message import MessageKind, Reading, Sizes
from poolviz.messages.pattern import Found, MessagePattern, Messages

_MISFIT = re.compile(r"[0-9] route [0-9\x20]{3,60}The width")
_ROW = re.compile(
    r"^[ \t]{0,8}([0-9]{1,4}) [^\n]{0,160}?-> {0,8}([0-9]{1,5}) ?x {0,8}([0-9]{1,5}) ?x {0,8}"
    r"([0-9]{1,5})",
    re.M,
)


def _outputs(text: str) -> dict[int, Sizes]:
    """Output of each layer in the table, channels first and with its batch."""
    return {
        int(row): (None, int(channels), int(height), int(width))
        for row, width, height, channels in _ROW.findall(text)
    }


def _route(found: Found) -> Reading | None:
    """Read a route of layers with different sizes; their numbers are in the text before it."""
    listed = _outputs(found.before(20_000))
    places = [int(place) for place in found["layers"].split()]
    shapes = tuple(listed[place] for place in places if place in listed)
    name = f"{found['row']} route"
    read = joined_of("darknet", shapes, 1, layer_name=name) if len(shapes) > 1 else None
    return read or Reading(
        kind=MessageKind.CONCATENATE,
        framework="darknet",
        op="concatenate",
        layer_name=name,
        data_format="channels_first",
        is_of_maps=True,
        certainty="likely",
    )


def _empty(found: Found) -> Reading | None:
    """Read a layer whose input has no width, height or channels; None behind a route of these."""
    if _MISFIT.search(found.before(600)):
        return None
    return Reading(
        kind=MessageKind.EMPTY_INPUT,
        framework="darknet",
        op={"convolutional": "conv", "maxpool": "max", "avgpool": "avg"}.get(found["layer"]),
        data_format="channels_first",
        reasons=(because("empty_route"),),
        remedies=(DIVISIBLE_INPUT,),
    )


MESSAGES = Messages(
    downstream=(
        MessagePattern(
            ("input layers are different",),
            (
                r"(?P<row>[0-9]{1,4}) route (?P<layers>[0-9]{1,4}(?: [0-9]{1,4}){1,7}) "
                r"The width and height of the input layers are different"
            ),
            _route,
        ),
        MessagePattern(
            ("must output image",),
            r"Layer before (?P<layer>\w{3,20}) layer must output image",
            _empty,
        ),
    ),
)
