"""Another number of channels than the weights expect: the order of the axes, grey, colour, RGBA."""

from __future__ import annotations

from poolviz.i18n.phrase import phrase
from poolviz.messages.message import DataFormat, Reason, Remedy, Sizes

PICTURES = (1, 3, 4)  # channels of grey, RGB and RGBA pictures
_PICTURE_FIXES = {(3, 4): "to_rgb", (1, 4): "to_grey", (3, 1): "repeat_grey", (1, 3): "to_grey"}


def explained(
    expected: int | None, got: int | None, shape: Sizes, taken: DataFormat
) -> tuple[tuple[Reason, ...], tuple[Remedy, ...]]:
    """Return why the channels differ, and what helps, as far as the numbers show it.

    `shape` is the input with its batch axis, or () where the text does not have it; `taken` is the
    order of axes that the layer expects. The order is blamed only where an axis has the number.
    """
    if expected is None or got is None or expected == got:
        return (), ()
    if _is_turned(expected, shape, taken):
        words = phrase(f"reading.reason.turned_to_{taken}", size=expected)
        return (Reason(words),), (Remedy(phrase(f"reading.fix.to_{taken}"), snippet=taken),)
    fix = _PICTURE_FIXES.get((expected, got))
    if fix is None:
        return (), ()
    words = phrase(f"reading.reason.picture_of_{got}", expected=expected)
    return (Reason(words),), (Remedy(phrase(f"reading.fix.{fix}"), snippet=fix),)


def _is_turned(expected: int, shape: Sizes, taken: DataFormat) -> bool:
    """Return whether the wanted number is where the other order has the channels."""
    if len(shape) < 3:
        return False
    has_batch = len(shape) > 3
    place, other = (-1, 1 if has_batch else 0) if taken == "channels_last" else (1, -1)
    if not has_batch and taken == "channels_first":
        place = 0
    return shape[other] == expected != shape[place]
