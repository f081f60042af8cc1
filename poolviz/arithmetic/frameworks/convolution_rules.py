"""The rules of a framework for convolutions, plain and transposed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.frameworks.refusals import Refusal, no_same_lower, not_offered
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.i18n.phrase import phrase

if TYPE_CHECKING:
    from poolviz.arithmetic.layers.conv import ConvTranspose

WeightAxes = tuple[Literal["out", "in", "kernel"], ...]  # the order of the axes of the weights


class ConvolutionRules:
    """The part of `Framework` about convolutions; subclasses state what differs."""

    title: str
    weight_axes: ClassVar[WeightAxes] = ("out", "in", "kernel")  # of a convolution
    transposed_weight_axes: ClassVar[WeightAxes] = ("in", "out", "kernel")
    # What a convolution checks, in order: its arguments and the channels, before them all groups or
    # those of the filters alone.
    convolution_checks: ClassVar[tuple[str, ...]] = ("arguments", "channels")
    convolves_empty_maps: ClassVar[bool] = False  # where the padding leaves an output
    padding_numbers_error: ClassVar[str] = "ValueError"  # where a convolution takes only names
    input_groups_error: ClassVar[str | None] = None  # class, where it is not that of other groups
    transposed_error: ClassVar[str | None] = None  # class, where it is not that of a convolution
    transposed_is_a_gradient: ClassVar[bool] = False  # of a convolution, whose size must fit
    flips_transposed_kernel: ClassVar[bool] = False  # the first weight is the window's last
    convolutions_take_same_lower: ClassVar[bool] = False
    takes_causal: ClassVar[bool] = False
    convolutions_need_a_window: ClassVar[bool] = True  # or they return an empty map
    transposed_convolutions_need_output: ClassVar[bool] = False
    needs_two_values: ClassVar[frozenset[str]] = frozenset()  # layers, per channel, in training
    strides_dilated_depthwise: ClassVar[bool] = False  # where other convolutions take one of both
    returns_empty_transposed_batches: ClassVar[bool] = False  # of several samples, not of one
    stops_at_empty_maps: ClassVar[bool] = False  # convolution, adaptive or global pooling, resizing
    output_padding_below_stride: ClassVar[bool] = False  # or below the dilation, if that is larger
    output_padding_error: ClassVar[str] = "ValueError"

    def takes_padding_numbers(self, ndim: int) -> bool:
        """Return whether a convolution's padding may be numbers."""
        return True

    def convolution_refusals(self, window: Pool, is_causal: bool, ndim: int) -> Iterator[Refusal]:
        """Yield the arguments of a convolution that the framework rejects."""
        if is_causal:
            if not self.takes_causal or ndim != 1:
                why = phrase("refusal.no_causal", framework=self.title)
                yield not_offered(why, phrase("instead.pad_before"))
            yield from self.own_convolution_refusals(window, ndim)
            return
        if window.padding == "same_lower" and not self.convolutions_take_same_lower:
            yield no_same_lower(self.title)
        has_numbers = not (window.has_named_padding or window.pads_nothing)
        if has_numbers and not self.takes_padding_numbers(ndim):
            why = phrase("refusal.convolutions_take_names", framework=self.title)
            instead = phrase("instead.same_or_layer", layer=f"ZeroPadding{ndim}D")
            yield not_offered(why, instead, error=self.padding_numbers_error)
        yield from self.own_convolution_refusals(window, ndim)

    def takes_groups(self, ndim: int) -> bool:
        """Whether a convolution may have groups."""
        return True

    def convolution_axis(self, axis: AxisTrace) -> AxisTrace:
        """One axis of a convolution whose kernel exceeds the map, where `axis` rounds down."""
        return axis

    def own_convolution_refusals(self, window: Pool, ndim: int) -> Iterator[Refusal]:
        """Return the part of `convolution_refusals` that differs between frameworks."""
        return iter(())

    def convolution_fails(self, axis: AxisTrace) -> bool:
        """Whether a convolution raises where its kernel exceeds this axis, rounded down."""
        return self.convolutions_need_a_window

    def transposed_refusals(
        self, layer: ConvTranspose, output_padding: Sequence[int | None], ndim: int
    ) -> Iterator[Refusal]:
        """Yield the arguments of a transposed convolution that the framework rejects."""
        is_lower = layer.window.padding == "same_lower" and not self.convolutions_take_same_lower
        if layer.padding == "causal" or is_lower:
            why = phrase("refusal.no_name_here", framework=self.title, name=layer.padding)
            yield not_offered(why, 'padding="same"')
        else:
            yield from self.transposed_padding_refusals(layer.window)
        yield from self.own_transposed_refusals(layer, ndim)
        yield from self.output_padding_refusals(layer.window.axes(ndim), output_padding)

    def transposed_padding_refusals(self, window: Pool) -> Iterator[Refusal]:
        """Return the padding of a transposed convolution, where its name is known."""
        return iter(())

    def own_transposed_refusals(self, layer: ConvTranspose, ndim: int) -> Iterator[Refusal]:
        """Return the part of `transposed_refusals` that differs between frameworks."""
        return iter(())

    def output_padding_refusals(
        self, axes: Sequence[AxisParameters], output_padding: Sequence[int | None]
    ) -> Iterator[Refusal]:
        """Yield an `output_padding` that reaches the stride (and the dilation)."""
        key = "refusal.output_padding_over_stride_and_dilation"
        if self.output_padding_below_stride:
            key = "refusal.output_padding_over_the_stride"
        for axis, got in zip(axes, output_padding, strict=True):
            stride = axis.stride or 1
            most = stride if self.output_padding_below_stride else max(stride, axis.dilation)
            if got is not None and got >= most:
                yield Refusal(
                    "output_padding",
                    "limit",
                    phrase(key, framework=self.title, most=most, got=got),
                    phrase("instead.at_most", code=f"output_padding={most - 1}"),
                    self.output_padding_error,
                    axis.name,
                )

    def transposed_size(
        self, axis: AxisParameters, input_size: int, output_padding: int | None
    ) -> int:
        """Elements of one axis after a transposed convolution; may be ≤ 0."""
        stride = axis.stride or 1
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        extra = output_padding or 0
        whole = (input_size - 1) * stride + span + extra
        if isinstance(axis.padding, tuple):
            return whole - sum(axis.padding)
        # onnxruntime's "same" removes what exceeds n·s, and adds nothing.
        is_same = axis.padding in ("same", "same_lower")
        return whole - (max(0, span + extra - stride) if is_same else 0)

    def transposed_fails(self, layer: ConvTranspose, sizes: Sequence[int]) -> bool:
        """Whether a transposed convolution raises where a size is below 1."""
        return self.stops_at_empty_maps or self.transposed_convolutions_need_output

    def transposed_start(
        self, axis: AxisParameters, input_size: int, output_padding: int | None
    ) -> int:
        """Elements removed before the result of a transposed convolution; negative: added."""
        if isinstance(axis.padding, tuple):
            return axis.padding[0]
        if axis.padding not in ("same", "same_lower"):
            return 0
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        total = max(0, span + (output_padding or 0) - (axis.stride or 1))
        return total - total // 2 if axis.padding == "same_lower" else total // 2

    def transposed_follows_stride(self, axis: AxisParameters, output_padding: int | None) -> bool:
        """Whether a transposed convolution gives n·s elements, whatever the kernel."""
        return False
