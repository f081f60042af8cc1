"""All numbers of one layer on one input, as one frozen object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.fitted_axis import fitted_axis
from poolviz.arithmetic.frameworks.array_rules import ArrayRule, kind_of
from poolviz.arithmetic.frameworks.base import Framework, TiesRule
from poolviz.arithmetic.frameworks.refusals import Refusal
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.as_pooling import as_pooling
from poolviz.arithmetic.layers.conv import Convolution
from poolviz.arithmetic.layers.fitted import AdaptivePool, FittedPool, GlobalPool, PoolingLayer
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import AXIS_NAMES, AxisParameters, Pool
from poolviz.arithmetic.layers.validation import Sizes, whole_numbers
from poolviz.arithmetic.shapes import effective_kernel_size, window_count
from poolviz.i18n.keywords import answers_keywords
from poolviz.i18n.phrase import axis_word

Outcome = Literal["ok", "empty", "raises"]


@answers_keywords()
@dataclass(frozen=True, slots=True)
class Trace:
    """Result of one layer on one input in one framework.

    `output_size` is the result of the framework's formula and may be ≤ 0; `returned_size` is the
    returned shape, None where the call raises.

    Attributes
    ----------
    layer
        The `Pool` (or `AdaptivePool`, `GlobalPool`), one entry per axis.
    input_size
        Elements, one entry per axis.
    axes
        Every number of each axis: sizes, effective kernel, padding, `window_starts`, `unread`.
    refusals
        The arguments that the framework does not take, and what it has instead.
    outcome
        "ok", "empty" (an array with no elements is returned) or "raises".

    Examples
    --------
    >>> t = trace(Pool(3, stride=5), 10)
    >>> t.outcome, t.output_size, list(t.axes[0].window_starts), t.axes[0].unread
    ('ok', (2, 2), [0, 5], (3, 4, 8, 9))
    """

    layer: Any  # a PoolingLayer; which kind, `is_fitted` says
    input_size: tuple[int, ...]
    axes: tuple[AxisTrace, ...]
    refusals: tuple[Refusal, ...]
    outcome: Outcome

    def __repr__(self) -> str:
        return (
            f"Trace({self.layer}, input_size={self.input_size}, "
            f"output_size={self.output_size}, outcome={self.outcome!r})"
        )

    @property
    def framework(self) -> Framework:
        """The rules of the framework."""
        return FRAMEWORKS[self.layer.framework]

    @property
    def output_size(self) -> tuple[int, ...]:
        """One entry per axis, as the formula gives it."""
        return tuple(axis.output_size for axis in self.axes)

    @property
    def returned_size(self) -> tuple[int, ...] | None:
        """The spatial shape of the returned array; None where the call raises.

        () where global pooling drops the axes.
        """
        if self.outcome == "raises":
            return None
        if self.is_fitted:
            return self.output_size if self.keeps_axes else ()
        return tuple(self.framework.returned_size(axis) for axis in self.axes)

    @property
    def failing_axes(self) -> tuple[AxisTrace, ...]:
        """The axes whose size makes the call raise or its result empty."""
        return tuple(
            axis
            for axis in self.axes
            if axis.output_size < 1
            or (isinstance(self.layer, Pool) and self.framework.fails(axis, self.layer))
        )

    @property
    def is_truncated(self) -> bool:
        """Whether rounding makes a window of a kernel that does not fit (onnxruntime)."""
        return self.outcome != "raises" and any(axis.is_truncated for axis in self.axes)

    @property
    def unread_count(self) -> int:
        """Number of input cells that no window reads."""
        # A cell is read where each of its coordinates is: the read cells form a product.
        total = read = 1
        for axis in self.axes:
            total *= axis.input_size
            read *= axis.input_size - axis.unread_count
        return total - read

    @property
    def is_fitted(self) -> bool:
        """Whether the windows follow from the sizes: adaptive and global pooling."""
        return isinstance(self.layer, FittedPool)

    @property
    def ties_rule(self) -> TiesRule:
        """Rule for the gradient of a window with several equal maxima."""
        # Written as a maximum over axes (`reduce_max`), which shares its gradient among equal
        # values.
        if isinstance(self.layer, GlobalPool) and not self.framework.global_pooling_is_adaptive:
            return "shared"
        return self.framework.ties_rule(len(self.axes))

    @property
    def nan_wins(self) -> bool:
        """Whether NaN is the maximum of a window that holds one."""
        if isinstance(self.layer, GlobalPool):
            return self.framework.nan_wins_global_max
        return self.framework.nan_wins_max

    @property
    def stays_on_first_nan(self) -> bool:
        """Whether the index of a window's maximum stays on a NaN in its first cell."""
        return len(self.axes) in self.framework.stays_on_first_nan and not self.is_fitted

    @property
    def kind(self) -> str:
        """The kind of pooling: "max", "avg", "global_max", "adaptive_avg", "lp", "lp_inf" …"""
        is_adaptive = self.framework.global_pooling_is_adaptive
        return kind_of(self.layer, len(self.axes), is_adaptive)

    @property
    def array_rule(self) -> ArrayRule:
        """The rule of the framework for the dtype of an array."""
        return self.framework.array_rule(self.kind, len(self.axes))

    @property
    def keeps_axes(self) -> bool:
        """Whether the result has the spatial axes; global pooling may drop them."""
        if not isinstance(self.layer, GlobalPool):
            return True
        keeps = self.layer.keepdims
        return self.framework.global_pooling_keeps_axes if keeps is None else keeps

    @property
    def is_convolution(self) -> bool:
        """Whether values are sums of products, of a convolution of any kind."""
        return False

    @property
    def is_transposed(self) -> bool:
        """Whether windows are written rather than read: a transposed convolution."""
        return False

    @property
    def as_windows(self) -> Trace:
        """The call with its windows on the side where they are drawn: the input."""
        return self

    def again(self, layer: Any, input_size: Sizes) -> Trace:
        """Trace a changed layer, or another input."""
        return trace(layer, input_size)

    @property
    def formula(self) -> str:
        """The size formula with its numbers, one line per axis."""
        return "\n".join(f"{axis_word(axis.name)}: {axis.formula}" for axis in self.axes)

    def says(self, channels: int = 1) -> str | None:
        """Return the framework's own error message; None where it does not raise."""
        is_of_the_array = bool(self.refusals) and self.refusals[0].reason == "array"
        if self.outcome != "raises" or self.is_fitted or is_of_the_array:
            return None
        return self.framework.error_text(self, channels)

    @property
    def error_name(self) -> str | None:
        """The class of the exception, None where the call does not raise."""
        if self.outcome != "raises":
            return None
        # A rejected argument raises before any size is looked at.
        return self.refusals[0].error if self.refusals else self.framework.size_error


def trace(layer: LayerLike, input_size: Sizes) -> Trace:
    """Trace a pooling layer; `call.trace`, the public one, takes convolutions as well.

    >>> trace(Pool(kernel_size=15), (10, 10)).outcome
    'raises'
    """
    given = as_pooling(layer)
    sizes = spatial_sizes(input_size, given)
    layer = given.with_axes(len(sizes))
    rules = FRAMEWORKS[layer.framework]
    if isinstance(layer, AdaptivePool | GlobalPool):
        return _fitted(rules, layer, sizes)
    axes = tuple(
        _trace_axis(rules, layer, axis, size)
        for axis, size in zip(layer.axes(len(sizes)), sizes, strict=True)
    )
    refusals = tuple(rules.refusals(layer, sizes))
    # Sizes are computed even of rejected arguments: they are drawn, and fixes start from them.
    return Trace(layer, sizes, axes, refusals, _outcome(rules, layer, axes, refusals))


def _fitted(rules: Framework, layer: AdaptivePool | GlobalPool, sizes: tuple[int, ...]) -> Trace:
    """Trace a layer whose windows divide the input."""
    names = AXIS_NAMES[len(sizes)]
    counts = (layer.windows_along(i, size) for i, size in enumerate(sizes))
    axes = tuple(map(fitted_axis, names, sizes, counts))
    refusals = tuple(rules.fitted_refusals(layer, sizes))
    # These windows always fit; a map is empty for an output size of 0.
    is_empty = any(axis.output_size == 0 for axis in axes)
    outcome: Outcome = "raises" if refusals else "empty" if is_empty else "ok"
    return Trace(layer, sizes, axes, refusals, outcome)


def spatial_sizes(input_size: object, layer: PoolingLayer | Convolution) -> tuple[int, ...]:
    """Check `input_size` and return it as one int per axis of `layer`.

    >>> spatial_sizes(10, Pool(3)), spatial_sizes(10, Pool((3,)))
    ((10, 10), (10,))
    """
    sizes = whole_numbers("input_size", input_size, least=0)
    if isinstance(sizes, int):
        return (sizes,) * (layer.ndim or 2)
    if not isinstance(layer, GlobalPool) and layer.ndim not in (None, 1, len(sizes)):
        axes = "1 axis" if len(sizes) == 1 else f"{len(sizes)} axes"
        hint = "; no batch and no channels" if len(sizes) > (layer.ndim or 0) else ""
        raise ValueError(f"input_size={sizes} has {axes}, but {layer.entries_text}{hint}")
    return sizes


def _trace_axis(rules: Framework, layer: Pool, axis: AxisParameters, input_size: int) -> AxisTrace:
    padding = rules.padding(axis, input_size)
    stride = rules.stride(axis)
    rounding = rules.rounding(layer)
    span = effective_kernel_size(axis.kernel_size, axis.dilation)
    count = window_count(input_size + padding.total - span, stride, rounding)
    # With ceil_mode a last window that would start in the padding at the end is dropped
    # (PyTorch, onnxruntime).
    # aten/native/Pool.h, pooling_output_shape: "ensure that the last pooling starts inside the
    # image".
    starts_late = (count - 1) * stride >= input_size + padding.before
    drops_last = rounding == "ceil" and rules.drops_windows_in_padding and starts_late
    return AxisTrace(
        name=axis.name,
        input_size=input_size,
        kernel_size=axis.kernel_size,
        stride=stride,
        dilation=axis.dilation,
        padding=padding,
        padding_name=axis.padding if isinstance(axis.padding, str) else None,
        rounding=rounding,
        drops_last=drops_last,
        output_size=count - drops_last,
    )


def _outcome(
    rules: Framework, layer: Pool, axes: Sequence[AxisTrace], refusals: Sequence[Refusal]
) -> Outcome:
    if refusals or any(rules.fails(axis, layer) for axis in axes):
        return "raises"
    return "empty" if any(rules.returned_size(axis) == 0 for axis in axes) else "ok"


def counts_padding(traced: Trace) -> bool:
    """Return whether padding counts in the divisor of this average."""
    asked = traced.layer.count_include_pad
    return traced.framework.counts_padding_by_default if asked is None else asked
