"""Shapes that look as if a channel or batch axis was given where none belongs, or left out."""

from __future__ import annotations

from collections.abc import Sequence

IMAGE_CHANNELS = (1, 3)  # grey, colour
SMALLEST_IMAGE = 8  # per side; a smaller number may be channels as well


def image_in(sizes: Sequence[int], channels_last: bool | None = None) -> tuple[int, ...] | None:
    """Return the square image in three entries of which one looks like its channels.

    `channels_last` is the order to look for; None for both.

    >>> image_in((3, 28, 28)), image_in((28, 28, 1)), image_in((28, 28, 1), False)
    ((28, 28), (28, 28), None)
    """
    if len(sizes) != 3:
        return None
    orders = (False, True) if channels_last is None else (channels_last,)
    for is_last in orders:
        channels, image = (sizes[2], sizes[:2]) if is_last else (sizes[0], sizes[1:])
        if channels in IMAGE_CHANNELS and is_image(image):
            return tuple(image)
    return None


def is_image(sizes: Sequence[int]) -> bool:
    """Return whether two entries look like the sides of a square image.

    >>> is_image((28, 28)), is_image((30, 100))
    (True, False)
    """
    return len(sizes) == 2 and sizes[0] == sizes[1] >= SMALLEST_IMAGE
