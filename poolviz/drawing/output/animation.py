"""Animations over the windows of a layer, as GIF or APNG."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MOST_WINDOWS = 300  # more would take minutes to watch
STEP_MS, LAST_MS = 600, 2000
COLOURS = 128  # of the palette that all frames share


def positions(rows: int, columns: int) -> list[tuple[int, int]]:
    """Return the output cells of all windows, row by row.

    Raises
    ------
    ValueError
        For more than `MOST_WINDOWS`.
    """
    if rows * columns > MOST_WINDOWS:
        raise ValueError(
            f"an animation of {rows} × {columns} windows takes too long, at most {MOST_WINDOWS} "
            "are allowed: take a smaller input or a larger stride, or save a .png or .html"
        )
    return [(row, column) for row in range(rows) for column in range(columns)]


def encode_animation(frames: Sequence[NDArray[np.uint8]], suffix: str) -> bytes:
    """Return frames of one size as a looping animation; a single frame as a still."""
    palette = Image.fromarray(np.ascontiguousarray(frames[0])).quantize(COLOURS)
    first, *rest = (_in_colours_of(palette, frame) for frame in frames)
    options: dict[str, object] = {}
    if rest:
        durations = [STEP_MS] * len(rest) + [LAST_MS]
        options = {"save_all": True, "append_images": rest, "duration": durations, "loop": 0}
    file = BytesIO()
    first.save(file, "GIF" if suffix == ".gif" else "PNG", optimize=True, **options)
    return file.getvalue()


def _in_colours_of(palette: Image.Image, frame: NDArray[np.uint8]) -> Image.Image:
    """Map each pixel to the nearest colour; Pillow's own mapping is inexact and flickers."""
    table = np.array(palette.getpalette(), dtype=np.int64).reshape(-1, 3)
    red, green, blue = (frame[:, :, channel].astype(np.int64) for channel in range(3))
    codes, places = np.unique(red << 16 | green << 8 | blue, return_inverse=True)
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)
    # Once per colour, not per pixel: a picture has a few hundred of them.
    distances = ((colours[:, None, :] - table[None, :, :]) ** 2).sum(axis=2)
    nearest = distances.argmin(axis=1).astype(np.uint8)
    picture = Image.fromarray(nearest[places].reshape(red.shape))
    picture.putpalette(palette.getpalette() or [])  # makes a grey picture one with a palette
    return picture
