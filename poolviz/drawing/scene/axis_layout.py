"""Where windows and their taps lie along one axis, as far as they are drawn.

An axis that is None is the missing height of a strip: one place.
"""

from __future__ import annotations

from poolviz.arithmetic.axis import AxisTrace
from poolviz.drawing.scene.overlays import LONGEST_LISTED
from poolviz.drawing.scene.plane_views import shown_overhang, span

MOST_RUNS = 400  # separate unread runs that are drawn one by one


def runs_of_unread(axis: AxisTrace | None) -> list[tuple[int, int]] | None:
    """Neighbouring unread places as (first, count); None when they are too many to draw."""
    if axis is None or not axis.unread_count:
        return []
    if axis.input_size > LONGEST_LISTED:
        return None
    found: list[tuple[int, int]] = []
    for place in axis.unread:
        if found and place == found[-1][0] + found[-1][1]:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((place, 1))
    return found if len(found) <= MOST_RUNS else None


def window_span(axis: AxisTrace | None, i: int) -> tuple[int, int]:
    """Where window i starts, and how much of it is drawn."""
    if axis is None:
        return 0, 1
    start = axis.window_starts[i]
    return start, min(axis.effective_kernel_size, span(axis).stop - start)


def within(taps: range, size: int) -> range:
    """Those of the taps that lie in the input."""
    skipped = max(0, -(taps.start // taps.step))
    return range(taps.start + skipped * taps.step, min(taps.stop, size), taps.step)


def first_window(axis: AxisTrace | None) -> tuple[int, int]:
    """Where the first window starts, and how much of it is drawn."""
    if axis is None:
        return 0, 1
    drawn = axis.effective_kernel_size
    if axis.missing:
        drawn = axis.padded_size + shown_overhang(axis)
    return -axis.padding.before, drawn


def first_taps(axis: AxisTrace | None) -> range:
    """Where the first window has its taps, as far as it is drawn."""
    if axis is None:
        return range(1)
    first, drawn = first_window(axis)
    return range(first, first + drawn, axis.dilation)


def is_inside(axis: AxisTrace | None, place: int) -> bool:
    """False past the end of the padded input."""
    return axis is None or place < axis.input_size + axis.padding.after


def padded_size(axis: AxisTrace | None) -> int:
    """Input and padding together; 1 where there is no such axis."""
    return max(0, axis.padded_size) if axis else 1


def tap_places(axis: AxisTrace | None, i: int) -> range:
    """The taps of window i, as far as they are drawn."""
    if axis is None:
        return range(1)
    start, drawn = window_span(axis, i)
    return range(start, start + drawn, axis.dilation)


def taps_inside(axis: AxisTrace) -> int:
    """Taps of the first window that lie inside the padded input."""
    if not axis.missing:
        return axis.kernel_size
    return max(0, -(-axis.padded_size // axis.dilation))
