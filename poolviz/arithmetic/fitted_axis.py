"""One axis of adaptive or global pooling: windows that divide the whole axis and may overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, NamedTuple

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import PaddingSplit, check_listable


class FittedWindows(NamedTuple):
    """`outputs` windows that divide `size` elements: window i is [⌊i·n / o⌋, ⌈(i + 1)·n / o⌉).

    >>> [FittedWindows(7, 3).bounds(i) for i in range(3)]
    [(0, 3), (2, 5), (4, 7)]
    """

    size: int
    outputs: int

    def bounds(self, i: int) -> tuple[int, int]:
        """First element of a window, and the one behind its last."""
        # start_index and end_index of aten/native/AdaptivePooling.h.
        return i * self.size // self.outputs, -(-(i + 1) * self.size // self.outputs)

    @property
    def longest(self) -> int:
        """Length of the longest window.

        >>> FittedWindows(8, 3).longest, FittedWindows(7, 3).longest, FittedWindows(6, 3).longest
        (4, 3, 2)
        """
        if not self.outputs:
            return 0
        # Windows begin at multiples of gcd / o. Where the rest of n / o is longer than that, one of
        # them begins and ends inside of an element.
        whole, rest = divmod(self.size, self.outputs)
        return whole + (rest > 0) + (rest > gcd(self.size, self.outputs))


class FittedStarts(Sequence[int]):
    """First element of each window, computed at each access."""

    def __init__(self, windows: FittedWindows) -> None:
        self._windows = windows

    def __len__(self) -> int:
        return self._windows.outputs

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        place = i + len(self) if i < 0 else i
        if not 0 <= place < len(self):
            raise IndexError(i)
        return self._windows.bounds(place)[0]

    def __repr__(self) -> str:
        return repr(list(self))


class FittedReads(NamedTuple):
    """The elements of one axis that its windows read: all of them, where there is a window."""

    windows: FittedWindows

    @property
    def unread_count(self) -> int:
        """Number of elements that no window reads."""
        return 0 if self.windows.outputs else self.windows.size

    def readers(self, element: int) -> range:
        """Indices of the windows that read an element.

        >>> list(FittedReads(FittedWindows(7, 3)).readers(2))
        [0, 1]
        """
        size, count = self.windows
        if not size:
            return range(0)
        # The inverse of `bounds`: the windows with ⌊i·n / o⌋ ≤ element < ⌈(i + 1)·n / o⌉.
        return range(element * count // size, -(-(element + 1) * count // size))

    def counts(self) -> list[int]:
        """Number of windows that read each element, of at most a million elements.

        >>> FittedReads(FittedWindows(7, 3)).counts()
        [1, 1, 2, 1, 2, 1, 1]
        """
        check_listable(self.windows.size)
        return [len(self.readers(element)) for element in range(self.windows.size)]

    def unread(self) -> tuple[int, ...]:
        """Return the elements that no window reads."""
        check_listable(self.unread_count)
        return tuple(range(self.unread_count))


@dataclass(frozen=True, slots=True)
class FittedAxis(AxisTrace):
    """One axis of adaptive or global pooling; `kernel_size` is the longest window."""

    @property
    def windows(self) -> FittedWindows:
        """The windows of this axis."""
        return FittedWindows(self.input_size, self.output_size)

    @property
    def missing(self) -> int:
        return 0

    @property
    def window_starts(self) -> Any:
        return FittedStarts(self.windows)

    def window_length(self, i: int) -> int:
        start, end = self.windows.bounds(i)
        return end - start

    @property
    def window_lengths(self) -> tuple[int, ...]:
        """The different lengths of windows, in ascending order."""
        # Lengths differ by one at most: each window has ⌈n / o⌉ elements, or one more.
        whole = -(-self.input_size // self.output_size) if self.output_size else 0
        return (whole,) if whole == self.kernel_size else (whole, self.kernel_size)

    @property
    def shared(self) -> int:
        """Number of elements that more than one window reads.

        >>> [fitted_axis("width", *sizes).shared for sizes in ((8, 3), (6, 3), (3, 4))]
        [2, 0, 3]
        """
        size, outputs = self.windows
        if outputs > size:
            return size
        # Neighbours share one element at each inner boundary i·n / o that is not whole.
        return outputs - gcd(size, outputs) if outputs else 0

    @property
    def lengths_text(self) -> str:
        """These lengths as text.

        >>> fitted_axis("width", 8, 3).lengths_text
        '3–4'
        """
        return "–".join(map(str, self.window_lengths))

    @property
    def reads(self) -> Any:
        return FittedReads(self.windows)

    @property
    def overhang(self) -> int:
        return 0

    @property
    def formula(self) -> str:
        """The bounds of window i with the numbers of this axis."""
        size, count = self.input_size, self.output_size
        if count < 2:
            return f"{size} → {count}"
        return f"⌊i·{size} / {count}⌋ … ⌈(i + 1)·{size} / {count}⌉ − 1"

    def listed(self) -> Iterator[tuple[int, int]]:
        """First and last element of each window."""
        for i in range(self.output_size):
            start, end = self.windows.bounds(i)
            yield start, end - 1


def fitted_axis(name: str, input_size: int, output_size: int) -> FittedAxis:
    """Return every number of one axis.

    >>> fitted_axis("width", 7, 3).window_lengths, fitted_axis("width", 8, 3).window_lengths
    ((3,), (3, 4))
    """
    longest = FittedWindows(input_size, output_size).longest
    return FittedAxis(
        name=name,
        input_size=input_size,
        # An empty axis has a kernel of 1, too: other code divides by it.
        kernel_size=max(1, longest),
        stride=max(1, -(-input_size // output_size) if output_size else 1),
        dilation=1,
        padding=PaddingSplit(0, 0),
        padding_name=None,
        rounding="floor",
        drops_last=False,
        output_size=output_size,
    )
