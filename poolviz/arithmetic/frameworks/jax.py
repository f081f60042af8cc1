"""JAX: jax.lax.reduce_window, and the layers of Flax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.frameworks.array_rules import INTEGERS, NARROWED, ArrayRule
from poolviz.arithmetic.frameworks.base import Framework, TracedCall
from poolviz.arithmetic.frameworks.refusals import (
    Refusal,
    is_strided,
    not_offered,
    refuse_ceil_mode,
    refuse_dilation,
)
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.i18n.phrase import phrase

if TYPE_CHECKING:
    from poolviz.arithmetic.layers.conv import ConvTranspose


class Jax(Framework):
    """jax.lax.reduce_window, flax.linen.max_pool and avg_pool."""

    name = "jax"
    title = "JAX"
    version = "0.10.2 (Flax 0.12.8)"
    source = "jax.lax.reduce_window and flax.linen.max_pool / avg_pool, run on the CPU"
    vocabulary = MappingProxyType(
        {
            "kernel_size": "window_shape",
            "stride": "strides",
            "padding": "padding",
            "dilation": "window_dilation",
            "count_include_pad": "count_include_pad",
        }
    )
    data_formats = ("channels_last",)
    default_stride_is_kernel = False
    when_nothing_fits = "empty"
    counts_padding_by_default = True
    weight_axes = ("kernel", "in", "out")
    transposed_weight_axes = ("kernel", "in", "out")
    flips_transposed_kernel = True  # lax.conv_transpose correlates the stretched input
    input_groups_error = "AssertionError"
    convolutions_take_same_lower = True
    takes_causal = True
    convolutions_need_a_window = False
    gradient_passes_nan = True
    takes_max_of_nothing = False  # jnp.max has no value to start from
    no_features_error = "ZeroDivisionError"  # the initializer divides by the features
    layer_errors = MappingProxyType(
        {
            FailureKind.CHANNELS: "ScopeParamShapeError",
            FailureKind.FEATURES: "ScopeParamShapeError",
            FailureKind.BRANCH_SIZES: "TypeError",
            FailureKind.BRANCH_CHANNELS: "TypeError",
            FailureKind.ELEMENTS: "TypeError",
            FailureKind.FACTORS: "TypeError",
        }
    )

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.op == "avg":
            yield from refuse_dilation(
                layer,
                phrase("refusal.no_dilation_in_flax_averages"),
                phrase("instead.reduce_window"),
            )
        yield from refuse_ceil_mode(layer, self.title, phrase("instead.same_or_more_at_the_end"))

    def array_rule(self, kind: str, ndim: int) -> ArrayRule:
        """Numbers of 64 bits have 32 unless x64 is enabled; integers are averaged in float32."""
        if not kind.endswith("avg"):
            return ArrayRule(returns=NARROWED)
        returns = {**NARROWED, **dict.fromkeys([*sorted(INTEGERS), "bool"], "float32")}
        is_mean = kind == "global_avg"  # jnp.mean; Flax adds in the dtype of the input
        return ArrayRule({} if is_mean else {"bool": "TypeError"}, returns, wraps=not is_mean)

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        # reduce_window returns an empty array where no window fits.
        return False

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        # It never raises for a size, so there is no message.
        return None

    def transposed_refusals(
        self, layer: ConvTranspose, output_padding: Sequence[int | None], ndim: int
    ) -> Iterator[Refusal]:
        if layer.groups > 1:
            why = phrase("refusal.transposed_has_no_groups", framework=self.title)
            yield not_offered(why, "groups=1", "groups", "TypeError")
        yield from self.output_padding_refusals(layer.window.axes(ndim), output_padding)
        strided = is_strided(layer.window, ndim)
        if layer.padding == "causal" or (layer.padding == "same_lower" and strided):
            why = phrase("refusal.no_name_here", framework=self.title, name=layer.padding)
            error = "ValueError" if strided else "RuntimeError"
            yield not_offered(why, 'padding="same"', error=error)
        yield from self.own_transposed_refusals(layer, ndim)

    def output_padding_refusals(
        self, axes: Sequence[AxisParameters], output_padding: Sequence[int | None]
    ) -> Iterator[Refusal]:
        if any(extra is not None for extra in output_padding):
            why = phrase("refusal.flax_has_no_output_padding")
            instead = phrase("instead.more_numbers")
            yield not_offered(why, instead, "output_padding", "TypeError")

    def transposed_size(
        self, axis: AxisParameters, input_size: int, output_padding: int | None
    ) -> int:
        """Flax pads the stretched input (1 + (n − 1)·s elements): its numbers mean the opposite."""
        stride = axis.stride or 1
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        # conv_transpose puts stride − 1 zeros between the elements, then convolves with stride 1.
        stretched = (input_size - 1) * stride + 1 if input_size else 0
        if isinstance(axis.padding, tuple):
            total = sum(axis.padding)
        else:
            # `pad_len` of `_conv_transpose_padding` in jax/_src/lax/convolution.py.
            total = span + stride - 2 + (max(span - stride, 0) if axis.padding == "valid" else 0)
        return max(0, stretched + total - span + 1)

    def transposed_start(
        self, axis: AxisParameters, input_size: int, output_padding: int | None
    ) -> int:
        """Return how many elements a whole kernel lacks before the stretched input."""
        stride = axis.stride or 1
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        if isinstance(axis.padding, tuple):
            return span - 1 - axis.padding[0]
        if axis.padding == "valid" or stride > span - 1:
            return 0
        # `pad_a` of the same function; it is span − 1 in the cases above.
        return span - 1 - -(-(span + stride - 2) // 2)


RULES = Jax()
