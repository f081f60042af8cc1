"""Many shapes as one path, because matplotlib's cost per path is high."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from poolviz.drawing.scene.layout import Rect

Length = float | NDArray[np.float64]  # one for all, or one each

HATCH_STEP = 7.0  # picture units between lines
DOT_STEP = 7.0  # between dots


@lru_cache(maxsize=256)
def _rect_codes(count: int) -> NDArray[np.uint8]:
    one = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return np.tile(np.array(one, dtype=np.uint8), count)


RECT_POINTS = 5  # vertices of one rectangle


def rects_path(
    lefts: NDArray[np.float64], tops: NDArray[np.float64], width: Length, height: Length
) -> Path:
    """Return rectangles of one size as one path."""
    count = len(lefts)
    corners = np.empty((count, RECT_POINTS, 2))
    corners[:, (0, 3, 4), 0] = lefts[:, None]
    corners[:, (1, 2), 0] = (lefts + width)[:, None]
    corners[:, (0, 1, 4), 1] = tops[:, None]
    corners[:, (2, 3), 1] = (tops + height)[:, None]
    return Path(corners.reshape(-1, 2), _rect_codes(count))


def rect_path(rects: Sequence[Rect]) -> Path | None:
    """Return rectangles as one path; None for no rectangles."""
    if not rects:
        return None
    table = np.array(rects, dtype=np.float64)
    return rects_path(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def segments_path(starts: NDArray[np.float64], ends: NDArray[np.float64]) -> Path | None:
    """Return line segments as one path; None for no segments."""
    if len(starts) == 0:
        return None
    vertices = np.stack([starts, ends], axis=1).reshape(-1, 2)
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], np.uint8), len(starts))
    return Path(vertices, codes)


def hatch(rects: Sequence[Rect], falling: bool = False) -> Path | None:
    """Return lines at 45° inside rectangles; lines of neighbouring rectangles meet."""
    starts, ends = [], []
    for left, top, width, height in rects:
        right, bottom = left + width, top + height
        # On a rising line x + y is constant, on a falling one x − y.
        low, high = (left - bottom, right - top) if falling else (left + top, right + bottom)
        # Multiples of the step in the whole picture, not in the rectangle: neighbours then meet.
        sums = np.arange(np.ceil(low / HATCH_STEP), np.floor(high / HATCH_STEP) + 1) * HATCH_STEP
        if falling:
            x0, x1 = np.maximum(left, sums + top), np.minimum(right, sums + bottom)
            starts.append(np.stack([x0, x0 - sums], axis=1))
            ends.append(np.stack([x1, x1 - sums], axis=1))
        else:
            x0, x1 = np.maximum(left, sums - bottom), np.minimum(right, sums - top)
            starts.append(np.stack([x0, sums - x0], axis=1))
            ends.append(np.stack([x1, sums - x1], axis=1))
    if not starts:
        return None
    return segments_path(np.concatenate(starts), np.concatenate(ends))


def dots(rects: Sequence[Rect]) -> Path | None:
    """Return a lattice of dots inside rectangles; where they overlap it is drawn once."""
    places: set[tuple[int, int]] = set()
    for left, top, width, height in rects:
        columns = range(int(np.ceil(left / DOT_STEP)), int((left + width) // DOT_STEP) + 1)
        rows = range(int(np.ceil(top / DOT_STEP)), int((top + height) // DOT_STEP) + 1)
        places.update((row, column) for row in rows for column in columns)
    if not places:
        return None
    table = np.array(sorted(places), dtype=np.float64) * DOT_STEP
    return rects_path(table[:, 1] - 0.8, table[:, 0] - 0.8, 1.6, 1.6)


def inset(rects: Sequence[Rect], by: float) -> list[Rect]:
    """Return rectangles made smaller on every side."""
    return [Rect(r.left + by, r.top + by, r.width - 2 * by, r.height - 2 * by) for r in rects]
