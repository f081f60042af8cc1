"""Integer arithmetic of one axis: sizes, window starts, and how often each element is read.

The cost does not grow with the sizes unless the result does: 10⁹ elements cost as much as 10.
"""

from __future__ import annotations

from math import gcd
from typing import Literal, NamedTuple

from poolviz.i18n.catalogue import say

Rounding = Literal["floor", "ceil", "trunc"]

LISTABLE = 1_000_000  # longest axis whose elements are listed one by one


class PaddingSplit(NamedTuple):
    """Elements added before and after one axis; negative where onnxruntime crops."""

    before: int
    after: int

    def __str__(self) -> str:
        return say("call.split", before=self.before, after=self.after)

    @property
    def total(self) -> int:
        """Number of elements on both sides together."""
        return self.before + self.after


def effective_kernel_size(kernel_size: int, dilation: int) -> int:
    """Number of elements that a dilated window spans, d·(k − 1) + 1.

    >>> effective_kernel_size(3, dilation=2)
    5
    """
    return dilation * (kernel_size - 1) + 1


def length(numbers: range) -> int:
    """Length of a range of any size; `len` raises OverflowError from 2⁶³ on.

    >>> length(range(0, 10**30, 3))
    333333333333333333333333333334
    """
    # −(−a // b) is ⌈a / b⌉ in integers.
    return max(0, -(-(numbers.stop - numbers.start) // numbers.step))


def truncate(numerator: int, denominator: int) -> int:
    """Divide integers rounding towards zero, as C++ does.

    >>> truncate(-5, 15), -5 // 15
    (0, -1)
    """
    quotient = abs(numerator) // abs(denominator)
    return quotient if (numerator < 0) == (denominator < 0) else -quotient


def window_count(room: int, stride: int, rounding: Rounding) -> int:
    """Number of windows that the formula gives for `room` = padded size − effective kernel.

    >>> window_count(10 - 3, 2, "floor"), window_count(10 - 3, 2, "ceil")
    (4, 5)
    >>> window_count(10 - 15, 15, "floor"), window_count(10 - 15, 15, "trunc")
    (0, 1)
    """
    if rounding == "ceil":
        return -(-room // stride) + 1  # math.ceil would divide floats, inexact from 2⁵³ on
    if rounding == "trunc":
        return truncate(room, stride) + 1
    return room // stride + 1


def same_padding(input_size: int, span: int, stride: int, lower: bool = False) -> PaddingSplit:
    """Return the padding that gives ⌈n / s⌉ windows; the odd element goes to the end.

    With `lower` it goes to the start (ONNX and JAX SAME_LOWER). Never negative.

    >>> same_padding(11, span=3, stride=2), same_padding(10, span=3, stride=2)
    (PaddingSplit(before=1, after=1), PaddingSplit(before=0, after=1))
    """
    windows = -(-input_size // stride)
    # Below 0 where the stride exceeds the span: an unread end is not cropped.
    total = max(0, (windows - 1) * stride + span - input_size)
    # TensorFlow's rule, which Keras, JAX and ONNX's SAME_UPPER share.
    small, large = total // 2, total - total // 2
    return PaddingSplit(large, small) if lower else PaddingSplit(small, large)


class Reads(NamedTuple):
    """The elements of one axis that its windows read; `starts` are in input coordinates."""

    input_size: int
    starts: range
    kernel_size: int
    dilation: int

    @property
    def unread_count(self) -> int:
        """Number of input elements that no window reads, in closed form.

        >>> Reads(10, range(0, 10, 5), 3, 1).unread_count
        4
        """
        first = self.starts.start if self.starts else 0
        # Elements are first + offset: those below the end, without those in front of element 0.
        reached = self._sums_below(self.input_size - first) - self._sums_below(-first)
        return self.input_size - reached

    def _sums_below(self, limit: int) -> int:
        """Number of distinct offsets d·t + s·w < limit, over kernel elements t and windows w."""
        kernel, windows, step = self.kernel_size, length(self.starts), self.starts.step
        common = gcd(self.dilation, step)
        apart, jump = self.dilation // common, step // common
        # All offsets are multiples of the common divisor: count in units of it.
        limit = -(-limit // common)
        # (t, w) and (t − jump, w + apart) have the same offset: count each with its smallest t.
        early = min(kernel, jump)
        count = _lattice_points(apart, early, jump, windows, limit)
        if kernel > jump:
            late = min(windows, apart)
            # A later t counts in the last windows only: before, its offset is that of t − jump.
            shift = jump * apart + (windows - late) * jump
            count += _lattice_points(apart, kernel - jump, jump, late, limit - shift)
        return count

    def counts(self) -> list[int]:
        """Number of windows that read each element, of at most `LISTABLE` elements.

        The cost does not depend on the number of windows, which padding and kernel leave unbounded.

        >>> Reads(6, range(-1, 6, 2), 3, 1).counts()
        [1, 2, 1, 2, 1, 2]
        """
        check_listable(self.input_size)
        rhythm = self._rhythm()
        return [length(self._readers(element, *rhythm)) for element in range(self.input_size)]

    def readers(self, element: int) -> range:
        """Indices of the windows that read an element.

        >>> list(Reads(10, range(0, 8), 3, 2).readers(4))
        [0, 2, 4]
        """
        return self._readers(element, *self._rhythm())

    def _rhythm(self) -> tuple[int, int, int]:
        """Common divisor of stride and dilation, period of an element's windows, and an inverse.

        The windows that read one element repeat with the period; the inverse finds the first.
        """
        step = self.starts.step
        common = gcd(step, self.dilation)
        period = self.dilation // common
        # With a period of 1 the inverse is 0: every window in reach reads the element.
        return common, period, pow(step // common, -1, period)

    def _readers(self, element: int, common: int, period: int, inverse: int) -> range:
        """Windows w where element − start(w) is in 0 … reach and a multiple of the dilation."""
        away, step = element - self.starts.start, self.starts.step
        if away % common:
            return range(0)
        reach = self.dilation * (self.kernel_size - 1)
        # The first window whose last element is not before this one: ⌈(away − reach) / step⌉.
        lowest = max(0, -((reach - away) // step))
        last = min(length(self.starts) - 1, away // step)
        return range(lowest + (away // common * inverse - lowest) % period, last + 1, period)

    def unread(self) -> tuple[int, ...]:
        """Return the elements that no window reads, of at most `LISTABLE` elements.

        >>> Reads(10, range(0, 10, 5), 3, 1).unread()
        (3, 4, 8, 9)
        """
        # Known in closed form, so that a long axis without unread elements is not listed.
        if self.unread_count == 0:
            return ()
        return tuple(i for i, count in enumerate(self.counts()) if count == 0)


def check_listable(size: int) -> None:
    """Raise a ValueError for an axis that is too long to list its elements."""
    if size > LISTABLE:
        raise ValueError(
            f"an axis of {size:,} elements is not listed one by one (at most {LISTABLE:,}); "
            "unread_count gives their number"
        )


def _lattice_points(a: int, columns: int, b: int, rows: int, limit: int) -> int:
    """Number of pairs 0 ≤ i < columns, 0 ≤ j < rows with a·i + b·j < limit."""
    if columns <= 0 or rows <= 0 or limit <= 0:
        return 0
    # Columns in which every row is below the limit, then those in which some row is.
    full = min(max(-(-(limit - b * (rows - 1)) // a), 0), columns)
    some = min(-(-limit // a), columns)
    if some <= full:
        return full * rows
    return full * rows + _floor_sum(some - full, b, a, limit - a * (some - 1) + b - 1)


def _floor_sum(n: int, m: int, a: int, b: int) -> int:
    """Sum of ⌊(a·i + b) / m⌋ over 0 ≤ i < n, by the Euclidean algorithm."""
    total = 0
    while n > 0:
        # The whole parts are summed at once; the rest is a triangle with its axes swapped.
        total += (a // m) * (n * (n - 1) // 2) + (b // m) * n
        a, b = a % m, b % m
        top = a * n + b
        if top < m:
            break
        n, b, m, a = top // m, top % m, a, m
    return total
