"""One axis of a transposed convolution: each input element writes a window of the output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.frameworks.base import Framework
from poolviz.arithmetic.layers.pool import AxisParameters
from poolviz.arithmetic.shapes import PaddingSplit, effective_kernel_size


@dataclass(frozen=True, slots=True)
class TransposedAxis(AxisTrace):
    """Sizes of one axis; `padding` is removed from the result on both sides.

    `output_padding` are elements that are added at its end. `window_starts` are in coordinates of
    the output.
    """

    output_padding: int = 0
    follows_stride: bool = False  # "same" of Keras and TensorFlow: n·s elements

    @property
    def written_size(self) -> int:
        """Number of elements from the first written one to the last, (n − 1)·s + k."""
        if not self.input_size:
            return 0
        return (self.input_size - 1) * self.stride + self.effective_kernel_size

    @property
    def missing(self) -> int:
        """0: every window is written, whatever its length."""
        return 0

    @property
    def window_count(self) -> int:
        return self.input_size

    @property
    def reads(self) -> Any:
        """The elements of the *output* that the windows write."""
        return self.as_written.reads

    @property
    def unread_count(self) -> int:
        """Number of input elements that reach no element of the output: 0 while it has any."""
        return 0

    @property
    def overhang(self) -> int:
        return 0

    @property
    def as_written(self) -> AxisTrace:
        """The same windows seen from the output, as those of a convolution that reads it."""
        return AxisTrace(
            name=self.name,
            input_size=self.output_size,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
            # No window writes what `output_padding` adds: seen from the output, padding that is
            # missing.
            padding=PaddingSplit(self.padding.before, self.padding.after - self.output_padding),
            padding_name=self.padding_name,
            rounding="floor",
            drops_last=False,
            output_size=self.input_size,
        )

    @property
    def formula(self) -> str:
        size, stride = self.input_size, self.stride
        if self.follows_stride:
            return f"{size}·{stride} = {self._shown_size}"
        if not size:
            return f"{size} → {self._shown_size}"
        added = f" + {self.output_padding}" if self.output_padding else ""
        removed = _removed(self.padding)
        inside = f"({size} − 1)·{stride} + {self.effective_kernel_size}"
        return f"{inside}{added}{removed} = {self._shown_size}"


def _removed(padding: PaddingSplit) -> str:
    """Write what is removed as the part of a sum: " − 2·1"."""
    if padding.before == padding.after > 0:
        return f" − 2·{padding.before}"
    sides = [padding.before, padding.after] if min(padding) >= 0 else [padding.total]
    return "".join(f" − {side}" if side > 0 else f" + {-side}" for side in sides if side)


def transposed_axis(
    rules: Framework, axis: AxisParameters, input_size: int, output_padding: int | None
) -> TransposedAxis:
    """Return every number of one axis.

    >>> from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> axis = Pool((3,), (2,), (1,)).axes(1)[0]
    >>> transposed_axis(FRAMEWORKS["pytorch"], axis, 4, 1).formula
    '(4 − 1)·2 + 3 + 1 − 2·1 = 8'
    """
    stride = axis.stride or 1
    span = effective_kernel_size(axis.kernel_size, axis.dilation)
    size = rules.transposed_size(axis, input_size, output_padding)
    before = rules.transposed_start(axis, input_size, output_padding)
    added = output_padding or 0
    # Nothing is written of an empty map: the formula would give less than the kernel.
    written = (input_size - 1) * stride + span if input_size else 0
    return TransposedAxis(
        name=axis.name,
        input_size=input_size,
        kernel_size=axis.kernel_size,
        stride=stride,
        dilation=axis.dilation,
        # What the framework's size leaves over is removed at the end: one element more, for an odd
        # "same".
        padding=PaddingSplit(before, written + added - before - size),
        padding_name=axis.padding if isinstance(axis.padding, str) else None,
        rounding="floor",
        drops_last=False,
        output_size=size,
        output_padding=added,
        follows_stride=rules.transposed_follows_stride(axis, output_padding),
    )
