"""Where the cells, windows and kernel elements of one axis are drawn, in cells of the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import PaddingSplit
from poolviz.arithmetic.trace import Trace

LONGEST_LISTED = 20_000  # elements of an axis whose unread ones are listed
MOST_RUNS = 400  # separate unread runs that are drawn one by one


@dataclass(frozen=True, slots=True)
class AxisLayout:
    """One axis as it is drawn; place 0 is the first input cell, padding has negative places."""

    trace: AxisTrace
    overhang: int  # cells drawn behind the padded input
    drawn: range  # the places of padding, input and overhang

    @property
    def output_size(self) -> int:
        """Output cells; 0 where the formula gives a negative number."""
        return max(0, self.trace.output_size)

    @property
    def padded_size(self) -> int:
        """Input and padding cells; 0 where a framework crops more than there is."""
        return max(0, self.trace.padded_size)

    @property
    def is_cut_off(self) -> bool:
        """True for a kernel of which less is drawn than it is long."""
        return self.overhang < self.trace.missing

    @property
    def elements_inside(self) -> int:
        """Elements of the first window that lie inside the padded input."""
        if not self.trace.missing:
            return self.trace.kernel_size
        return -(-self.padded_size // self.trace.dilation)  # rounded up: element 0 is at cell 0

    def window(self, i: int) -> tuple[int, int]:
        """Start of window i, and how many places of it are drawn."""
        start = self.trace.window_starts[i]
        return start, min(self.trace.window_length(i), self.drawn.stop - start)

    def first_window(self) -> tuple[int, int]:
        """Return the same for the first window, also where it does not fit."""
        length = self.trace.effective_kernel_size
        if self.trace.missing:
            length = self.trace.padded_size + self.overhang
        return -self.trace.padding.before, length

    def elements(self, window: tuple[int, int]) -> range:
        """Places of the kernel's elements in a window, as far as it is drawn."""
        start, length = window
        return range(start, start + length, self.trace.dilation)

    def is_readable(self, place: int) -> bool:
        """False for places behind the padded input, where there is no cell."""
        return place < self.trace.input_size + self.trace.padding.after

    def unread_runs(self) -> list[tuple[int, int]] | None:
        """Neighbouring unread places as (first, count); None when they are too many to draw."""
        if not self.trace.unread_count:
            return []
        if self.trace.input_size > LONGEST_LISTED:
            return None
        found: list[tuple[int, int]] = []
        for place in self.trace.unread:
            if found and place == sum(found[-1]):
                found[-1] = (found[-1][0], found[-1][1] + 1)
            else:
                found.append((place, 1))
        return found if len(found) <= MOST_RUNS else None


def axis_layout(axis: AxisTrace) -> AxisLayout:
    """Return the layout of an axis; of a kernel far too long only a part is drawn."""
    if axis.missing:
        # At most as long as the input beside it, or the input would be too small to see.
        overhang = min(axis.missing, max(6, axis.padded_size))
    else:
        overhang = min(axis.overhang, axis.kernel_size * axis.dilation)
    before, after = (max(0, side) for side in axis.padding)
    return AxisLayout(axis, overhang, range(-before, axis.input_size + after + overhang))


class Axes(NamedTuple):
    """The axes of a picture; `depth` is None for maps of one or two dimensions."""

    down: AxisLayout
    across: AxisLayout
    depth: AxisLayout | None = None

    @property
    def input_shape(self) -> tuple[int, int]:
        """Rows and columns of the input plane."""
        return max(0, self.down.trace.input_size), max(0, self.across.trace.input_size)

    @property
    def output_shape(self) -> tuple[int, int]:
        """Rows and columns of the output plane."""
        return self.down.output_size, self.across.output_size


# A 1-D map is drawn as a map one cell high, pooled by a kernel one cell high.
_ONE_CELL = axis_layout(
    AxisTrace(
        name="",
        input_size=1,
        kernel_size=1,
        stride=1,
        dilation=1,
        padding=PaddingSplit(0, 0),
        padding_name=None,
        rounding="floor",
        drops_last=False,
        output_size=1,
    )
)


def axes_of(trace: Trace) -> Axes:
    """Return the axes of a call as they are drawn."""
    *rest, across = map(axis_layout, trace.axes)
    return Axes(rest[-1] if rest else _ONE_CELL, across, rest[0] if len(rest) > 1 else None)


def within(places: range, size: int) -> range:
    """Return the places in an input of `size` cells."""
    skipped = max(0, -(places.start // places.step))
    return range(places.start + skipped * places.step, min(places.stop, size), places.step)
