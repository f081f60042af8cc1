"""Rules that TensorFlow and Keras share: layers whose padding is given by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.frameworks.base import Framework, TiesRule
from poolviz.arithmetic.frameworks.refusals import (
    Refusal,
    is_dilated,
    is_strided,
    not_offered,
    stride_or_dilation,
)
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.i18n.phrase import phrase

if TYPE_CHECKING:
    from poolviz.arithmetic.layers.conv import ConvTranspose

# By parameter and exception: numbers for the padding fail later than a wrong name or size.
_CHECKED = (
    ("padding", "ValueError"),
    ("output_padding", "ValueError"),
    ("dilation", "ValueError"),
    ("padding", "AttributeError"),
)


class NamedPaddingFramework(Framework):
    """A framework whose layers know "valid" and "same" rather than numbers."""

    data_formats = ("channels_last", "channels_first")
    takes_padding_in_numbers = False  # tf.nn.max_pool1d and max_pool2d are the exceptions
    nan_wins_max = False  # Keras: on TensorFlow, its default backend
    stays_on_first_nan = (1, 2)  # nothing is greater than NaN, so the index does not move on
    takes_causal = True
    convolution_checks = ("filters", "arguments", "channels")
    weight_axes = ("kernel", "in", "out")
    transposed_weight_axes = ("kernel", "out", "in")
    channels_first_needs_a_backend = True
    least_after_cropping = 1
    output_padding_below_stride = True
    transposed_is_a_gradient = True

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        return not axis.is_same and axis.missing > 0

    def ties_rule(self, ndim: int) -> TiesRule:
        # TensorFlow's MaxPool3DGrad compares values, not places.
        return "every" if ndim == 3 else "first"

    def transposed_padding_refusals(self, window: Pool) -> Iterator[Refusal]:
        if not (window.has_named_padding or window.pads_nothing):
            why = phrase("refusal.transposed_takes_names", framework=self.title)
            yield not_offered(why, phrase("instead.same_or_cropping"), error="AttributeError")

    def transposed_refusals(
        self, layer: ConvTranspose, output_padding: Sequence[int | None], ndim: int
    ) -> Iterator[Refusal]:
        if layer.groups > 1:
            why = phrase("refusal.transposed_has_no_groups", framework=self.title)
            yield not_offered(why, "groups=1", "groups")
        found = [*super().transposed_refusals(layer, output_padding, ndim)]
        # What the layer checks when it is made, then its padding when it is called.
        yield from sorted(found, key=lambda one: _CHECKED.index((one.parameter, one.error)))

    def own_transposed_refusals(self, layer: ConvTranspose, ndim: int) -> Iterator[Refusal]:
        if is_strided(layer.window, ndim) and is_dilated(layer.window, ndim):
            yield stride_or_dilation(self.title)

    def transposed_size(
        self, axis: AxisParameters, input_size: int, output_padding: int | None
    ) -> int:
        stride = axis.stride or 1
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        is_same = axis.padding in ("same", "same_lower")
        if output_padding is None:  # not the same as 0
            return input_size * stride + (0 if is_same else max(span - stride, 0))
        # Keras removes span // 2 on both sides then, also of an even span.
        whole = (input_size - 1) * stride + span + output_padding
        return whole - (2 * (span // 2) if is_same else 0)

    def transposed_start(
        self, axis: AxisParameters, input_size: int, output_padding: int | None
    ) -> int:
        """As the gradient of a convolution over the result, whose padding has a name."""
        if axis.padding not in ("same", "same_lower"):
            return 0
        size = self.transposed_size(axis, input_size, output_padding)
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        return max(0, (input_size - 1) * (axis.stride or 1) + span - size) // 2

    def transposed_follows_stride(self, axis: AxisParameters, output_padding: int | None) -> bool:
        return output_padding is None and axis.padding in ("same", "same_lower")
