"""`AxisTrace`: every number of one axis of a traced call, and its size formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from poolviz.arithmetic.shapes import PaddingSplit, Reads, Rounding, effective_kernel_size


@dataclass(frozen=True, slots=True)
class AxisTrace:
    """Sizes, padding and windows of one axis."""

    name: str
    input_size: int
    kernel_size: int
    stride: int
    dilation: int
    padding: PaddingSplit
    padding_name: str | None
    rounding: Rounding
    drops_last: bool
    output_size: int

    @property
    def effective_kernel_size(self) -> int:
        """Number of elements that a window spans, d·(k − 1) + 1."""
        return effective_kernel_size(self.kernel_size, self.dilation)

    @property
    def padded_size(self) -> int:
        """Number of input elements and padding together."""
        return self.input_size + self.padding.total

    @property
    def missing(self) -> int:
        """Number of cells by which the window exceeds the padded input; 0 when it fits."""
        return max(0, self.effective_kernel_size - self.padded_size)

    @property
    def is_same(self) -> bool:
        """Whether the padding was given as "same" or "same_lower"."""
        return self.padding_name in ("same", "same_lower")

    @property
    def window_count(self) -> int:
        """Number of windows; 0 where the formula gives less."""
        return max(0, self.output_size)

    @property
    def window_starts(self) -> Any:
        """First element of each window in input coordinates, as a range; negative in the padding.

        Of adaptive pooling a sequence.
        """
        # Coordinates are those of the input: the first window starts in the padding.
        first = -self.padding.before
        return range(first, first + self.window_count * self.stride, self.stride)

    def window_length(self, i: int) -> int:
        """Number of elements that window i spans."""
        return self.effective_kernel_size

    @property
    def lengths_text(self) -> str:
        """The lengths of the windows as text; of adaptive pooling they may differ."""
        return str(self.effective_kernel_size)

    @property
    def reads(self) -> Any:
        """The input elements that the windows read: a `Reads`, or one with its methods."""
        return Reads(self.input_size, self.window_starts, self.kernel_size, self.dilation)

    @property
    def unread(self) -> tuple[int, ...]:
        """Input elements that no window reads (ValueError above a million elements)."""
        places: tuple[int, ...] = self.reads.unread()
        return places

    @property
    def unread_count(self) -> int:
        """Number of input elements that no window reads, at any size."""
        count: int = self.reads.unread_count
        return count

    @property
    def overhang(self) -> int:
        """Number of cells of the last window past the end of the padding (ceil_mode)."""
        if self.output_size < 1:
            return 0
        end: int = self.window_starts[-1] + self.effective_kernel_size
        # Padding at the end belongs to the padded input; only what is past it is overhang.
        return max(0, end - self.input_size - self.padding.after)

    @property
    def is_truncated(self) -> bool:
        """Whether rounding towards zero makes a window of a kernel that does not fit."""
        # Short by less than a stride, trunc gives −0, so the + 1 of the formula makes one window.
        return self.rounding == "trunc" and self.missing > 0 and self.output_size == 1

    @property
    def formula(self) -> str:
        """The size formula with the numbers of this axis."""
        # The rule as documentation writes it: with "same" the kernel does not matter.
        if self.is_same and self.rounding == "floor":
            return f"⌈{self.input_size} / {self.stride}⌉ = {self._shown_size}"
        inside = f"{self.input_size}{_padding_term(self.padding)} − {self.effective_kernel_size}"
        opening, closing = {"floor": "⌊⌋", "ceil": "⌈⌉", "trunc": ("trunc(", ")")}[self.rounding]
        if self.rounding == "trunc":
            text = f"trunc(({inside}) / {self.stride}) + 1"
        else:
            text = f"{opening}({inside}) / {self.stride}{closing} + 1"
        if self.drops_last:
            text += " − 1"
        return f"{text} = {self._shown_size}"

    @property
    def _shown_size(self) -> str:
        return str(self.output_size).replace("-", "−")

    @property
    def dilation_formula(self) -> str | None:
        """The formula of the effective kernel; None without dilation."""
        if self.dilation == 1:
            return None
        return f"{self.dilation}·({self.kernel_size} − 1) + 1 = {self.effective_kernel_size}"


def _padding_term(padding: PaddingSplit) -> str:
    if padding.before == padding.after:
        # Below 0 (onnxruntime crops) a factor of 2 would need brackets: the sum is written instead.
        return f" + 2·{padding.before}" if padding.before > 0 else _signed(padding.total)
    return _signed(padding.before) + _signed(padding.after)


def _signed(number: int) -> str:
    if number == 0:
        return ""
    return f" + {number}" if number > 0 else f" − {-number}"
