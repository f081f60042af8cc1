"""MLX: the layers of mlx.nn, channels last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.frameworks.array_rules import DTYPES, FLOATS, ArrayRule
from poolviz.arithmetic.frameworks.base import Framework, TiesRule, TracedCall
from poolviz.arithmetic.frameworks.refusals import (
    Refusal,
    is_uneven,
    not_offered,
    refuse_ceil_mode,
    refuse_dilation,
)
from poolviz.arithmetic.layers.conv import ConvTranspose
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.shapes import effective_kernel_size, window_count
from poolviz.i18n.phrase import Words, phrase


class Mlx(Framework):
    """mlx.nn.MaxPool*d and AvgPool*d.

    A convolution whose kernel is too long by less than the stride returns one element, computed
    from memory outside the input: only its size is known, never its value.
    """

    name = "mlx"
    title = "MLX"
    version = "0.32.4"
    source = "mlx.nn.layers.pooling, run on the CPU"
    vocabulary = MappingProxyType({word: word for word in ("kernel_size", "stride", "padding")})
    data_formats = ("channels_last",)
    weight_axes = transposed_weight_axes = ("out", "kernel", "in")
    when_nothing_fits = "empty"
    counts_padding_by_default = True
    takes_same = False
    pads_alike = True
    zero_padded_maxima = frozenset({"int8", "int16"})  # −inf cast to them
    takes_max_of_nothing = False
    least_after_cropping = None  # a slice may be longer than what there is
    resizes_to_size = False
    transposed_convolutions_need_output = True
    no_features_error = "ZeroDivisionError"  # the initializer divides by the features

    # --- pooling ---------------------------------------------------------------------------------

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.op == "avg" and layer.count_include_pad is not None:
            why = phrase("refusal.always_counts_padding", framework=self.title)
            instead = phrase("instead.average_of_ones")
            yield not_offered(why, instead, "count_include_pad", "TypeError")
        why = phrase("refusal.no_dilation_in_mlx")
        yield from refuse_dilation(layer, why, phrase("instead.no_dilation"))
        yield from refuse_ceil_mode(layer, self.title, phrase("instead.mx_pad_at_the_end"))
        yield from self._padding_form(layer, sizes)

    def _padding_form(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.has_named_padding and layer.padding != "valid":
            why = phrase("refusal.mlx_takes_numbers", name=layer.padding)
            yield not_offered(why, self._by_hand(layer, sizes))
        elif is_uneven(layer, len(sizes)):
            why = phrase("refusal.mlx_pads_alike")
            yield not_offered(why, self._by_hand(layer, sizes), error="TypeError")

    def _by_hand(self, layer: Pool, sizes: Sequence[int]) -> Words:
        """The same padding in numbers, or before the layer where the sides differ."""
        axes = layer.axes(len(sizes))
        splits = [self.padding(axis, size) for axis, size in zip(axes, sizes, strict=True)]
        if all(split.before == split.after for split in splits):
            return f"padding={tuple(split.before for split in splits)}"
        pads = [(0, 0), *map(tuple, splits), (0, 0)]
        # The zeros of `mx.pad` could be the maximum of negative values.
        fill = ', constant_values=-float("inf")' if layer.op == "max" else ""
        return phrase("instead.padded_before", call=f"mx.pad(x, {pads}{fill})")

    def array_rule(self, kind: str, ndim: int) -> ArrayRule:
        float32 = ["float64", *(sorted(DTYPES - FLOATS) if kind.endswith("avg") else ())]
        return ArrayRule(returns=dict.fromkeys(float32, "float32"))

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        # A formula that gives 0 makes an empty array; as_strided only rejects what is below.
        return axis.output_size < 0

    def ties_rule(self, ndim: int) -> TiesRule:
        return "shared"

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        """The ValueError or TypeError of a layer of mlx.nn (0.32.4)."""
        ndim = len(call.axes)
        layer = f"{call.layer.op.title()}Pool{ndim}d"
        if not call.refusals:
            return "[as_strided] Negative dimensions not allowed."
        refusal = call.refusals[0]
        if refusal.parameter != "padding":
            return f"{layer}.__init__() got an unexpected keyword argument '{refusal.parameter}'"
        if call.layer.has_named_padding:
            entries = "1 integer" if ndim == 1 else f"{ndim} integers"
            return f"[{layer}] 'padding' must be an integer or a tuple containing {entries}"
        return "'<' not supported between instances of 'tuple' and 'int'"

    # --- convolutions ----------------------------------------------------------------------------

    def convolution_refusals(self, window: Pool, is_causal: bool, ndim: int) -> Iterator[Refusal]:
        for refusal in super().convolution_refusals(window, is_causal, ndim):
            yield replace(refusal, error="TypeError")  # the layer is made, its call fails

    def convolution_axis(self, axis: AxisTrace) -> AxisTrace:
        room = axis.padded_size - axis.effective_kernel_size
        size = window_count(room, axis.stride, "trunc")
        return replace(axis, rounding="trunc", output_size=size)

    def own_convolution_refusals(self, window: Pool, ndim: int) -> Iterator[Refusal]:
        if window.has_named_padding:
            why = phrase("refusal.mlx_takes_numbers", name=window.padding)
            is_valid = window.padding == "valid"
            instead = "padding=0" if is_valid else phrase("instead.half_in_numbers")
            yield not_offered(why, instead, error="TypeError")
        elif is_uneven(window, ndim):
            why = phrase("refusal.mlx_pads_alike")
            yield not_offered(why, phrase("instead.pad_before"), error="TypeError")

    def takes_groups(self, ndim: int) -> bool:
        return ndim < 3

    def transposed_padding_refusals(self, window: Pool) -> Iterator[Refusal]:
        yield from self.own_convolution_refusals(window, window.ndim or 1)

    def own_transposed_refusals(self, layer: ConvTranspose, ndim: int) -> Iterator[Refusal]:
        if layer.groups != 1:
            why = phrase("refusal.transposed_has_no_groups", framework=self.title)
            yield not_offered(why, "groups=1", "groups", "TypeError")

    def output_padding_refusals(
        self, axes: Sequence[AxisParameters], output_padding: Sequence[int | None]
    ) -> Iterator[Refusal]:
        return iter(())

    def transposed_size(
        self, axis: AxisParameters, input_size: int, output_padding: int | None
    ) -> int:
        """MLX crops the input before it stretches it, other frameworks the result."""
        before, after = self.transposed_sides(axis, output_padding)
        cropped = max(0, input_size + min(0, before) + min(0, after))
        stretched = (cropped - 1) * (axis.stride or 1) + 1
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        return stretched + max(0, before) + max(0, after) - span + 1

    def transposed_start(
        self, axis: AxisParameters, input_size: int, output_padding: int | None
    ) -> int:
        return axis.padding[0] if isinstance(axis.padding, tuple) else 0

    def transposed_sides(self, axis: AxisParameters, output_padding: int | None) -> tuple[int, int]:
        """Elements added before and after the stretched input; negative: cropped before that."""
        most = effective_kernel_size(axis.kernel_size, axis.dilation) - 1
        before, after = axis.padding if isinstance(axis.padding, tuple) else (0, 0)
        return most - before, most - after + (output_padding or 0)


RULES = Mlx()
