"""onnxruntime: the operators of ONNX, opset 22."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import ClassVar

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.frameworks.array_rules import (
    FLOATS,
    INDICES,
    UNPOOLING,
    ArrayRule,
    taking,
)
from poolviz.arithmetic.frameworks.base import Framework, TracedCall, joined, since
from poolviz.arithmetic.frameworks.refusals import (
    Refusal,
    is_dilated,
    not_offered,
    refuse_empty_input,
    refuse_wide_padding,
)
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.shapes import PaddingSplit, Rounding, truncate
from poolviz.i18n.phrase import phrase

# Since which version each failure raises what; the oldest one that ran is 1.16.
_OLD, _NEW = "RuntimeException", "Fail"
_PAD_ERRORS = {(1, 24): _NEW, (1, 16): _OLD}
_EMPTY_ERRORS = {(1, 27): _NEW, (1, 16): _OLD}
_SIZE_ERRORS = {(1, 27): _NEW, (1, 16): _OLD}
_FEATURE_ERRORS = {(1, 28): _NEW, (1, 16): "InvalidArgument"}
_TRANSPOSED_ERRORS = {(1, 27): "InvalidArgument", (1, 16): _OLD}
_NAMES_LOST_AXIS = {(1, 27): True, (1, 16): False}  # of a transposed convolution, in its text
_BFLOAT16_ERRORS = {(1, 21): "NotImplemented", (1, 16): "InvalidGraph"}  # new in opset 22
_SIZE_TEXTS = {
    (1, 29): "Calculated output dimension is negative. "
    "Check kernel_shape, pads, strides and dilations.",
    (1, 19): "tensor.cc:57 CalculateTensorStorageSize Tensor shape.Size() must be >= 0",
    (1, 16): "Tensor shape cannot contain any negative value",
}


class OnnxRuntime(Framework):
    """The ONNX MaxPool and AveragePool operators, opset 22, executed by onnxruntime."""

    name = "onnxruntime"
    title = "onnxruntime"
    version = "1.32.0"
    source = "onnxruntime core/providers/cpu/nn/pool_attributes.h, opset 22, run on the CPU"
    vocabulary = MappingProxyType(
        {
            "kernel_size": "kernel_shape",
            "stride": "strides",
            "padding": "pads",
            "dilation": "dilations",
            "ceil_mode": "ceil_mode",
            "count_include_pad": "count_include_pad",
        }
    )
    data_formats = ("channels_first",)
    default_stride_is_kernel = False
    when_nothing_fits = "truncates"
    size_error = "Fail"
    unknown_argument_error = "InvalidGraph"
    has_gradients = False  # it runs trained models
    nan_wins_max = False  # of one window; of several it may, by the code path
    nan_wins_global_max = False
    stays_on_first_nan: ClassVar[tuple[int, ...]] = (1, 2, 3)
    unpools = True
    norms = range(1, 2**31)
    convolutions_take_same_lower = True
    stops_at_empty_maps = True
    global_pooling_keeps_axes = True
    output_padding_error = transposed_error = "InvalidArgument"
    convolution_checks = ("channels", "arguments")
    convolves_empty_maps = True
    output_padding_below_stride: ClassVar[bool] = True

    negative_auto_pad_raises: ClassVar[bool] = True
    # Kinds of pooling that run in another layout in 2-D, which finds missing channels later.
    checked_late: ClassVar[tuple[str, ...]] = ()

    def __init__(self, version: str | None = None) -> None:
        super().__init__(version)
        self.size_error = since(self.version, _SIZE_ERRORS)
        self._pad_error = since(self.version, _PAD_ERRORS)
        self._empty_error = since(self.version, _EMPTY_ERRORS)
        self._size_text = since(self.version, _SIZE_TEXTS)
        self._bfloat16_error = since(self.version, _BFLOAT16_ERRORS)
        self.names_lost_axis = since(self.version, _NAMES_LOST_AXIS)
        self._layer_errors = {
            FailureKind.NO_WINDOW: "InvalidArgument",
            FailureKind.NOTHING_LEFT: since(self.version, _TRANSPOSED_ERRORS),
            FailureKind.FEATURES: since(self.version, _FEATURE_ERRORS),
            FailureKind.GROUPS: _NEW,
            FailureKind.CHANNELS: _NEW,
        }

    # --- pooling ---------------------------------------------------------------------------------

    def rounding(self, layer: Pool) -> Rounding:
        # C++ truncates when it divides integers: a floor only of numbers ≥ 0.
        return "ceil" if layer.ceil_mode else "trunc"

    def same_split(self, axis: AxisParameters, input_size: int, lower: bool) -> PaddingSplit:
        """auto_pad: the dilation is left out, and a large stride makes the padding negative."""
        stride = self.stride(axis)
        windows = -(-input_size // stride)
        total = (windows - 1) * stride + axis.kernel_size - input_size
        before = truncate(total + lower, 2)  # C++: −3 is split into −1 and −2, // would swap them
        return PaddingSplit(before, total - before)

    def array_rule(self, kind: str, ndim: int) -> ArrayRule:
        is_maximum = kind in ("max", INDICES)
        takes = {"float16", "float32", *(("float64", "int8", "uint8") if is_maximum else ())}
        unbuilt = dict.fromkeys(sorted(FLOATS - takes), "NotImplemented")  # in ONNX, not here
        unbuilt["bfloat16"] = self._bfloat16_error
        is_checked_late = ndim == 2 and kind in self.checked_late
        no_channels = _NEW if is_checked_late else self._empty_error
        return ArrayRule(
            {**taking(takes, "InvalidGraph"), **unbuilt},
            {},
            None if kind == UNPOOLING else no_channels,
        )

    def padding_limit(self, kernel_size: int) -> int | None:
        return kernel_size - 1

    def least_kernel_size(self, padding: int) -> int:
        return padding + 1

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        yield from self._pad_limit(layer, sizes)
        yield from refuse_empty_input(layer, sizes, self.title, self._empty_error)
        if self.negative_auto_pad_raises:
            yield from self._negative_auto_pad(layer, sizes)

    def _pad_limit(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        why, instead = "refusal.pads_over_the_kernel", "instead.smaller_pads"
        yield from refuse_wide_padding(layer, sizes, why, instead, self._pad_error)

    def _negative_auto_pad(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        """Yield the padding below 0 that a stride longer than the kernel gives."""
        axes = layer.axes(len(sizes))
        has_auto_pad = layer.padding in ("same", "same_lower")
        # Only MaxPool without dilation has this check; the others crop.
        if layer.op == "avg" or not has_auto_pad or is_dilated(layer, len(sizes)):
            return
        for axis, size in zip(axes, sizes, strict=True):
            split = self.padding(axis, size)
            if min(split) < 0:
                yield Refusal(
                    "padding",
                    "limit",
                    phrase(
                        "refusal.auto_pad_below_zero",
                        stride=self.stride(axis),
                        kernel=axis.kernel_size,
                        needed=split.total,
                    ),
                    'padding="valid"',
                    "RuntimeException",
                    axis.name,
                )

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        return axis.output_size < 0

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        """Return the end of the text: what follows the path of its source file."""
        refusal = call.refusals[0] if call.refusals else None
        if refusal is None:
            return self._size_text
        if refusal.reason == "empty input":
            shape = joined([1, channels, *call.input_size], ",")
            return f"Invalid input shape. Only N can be zero. Got:{{{shape}}}"
        if call.layer.padding in ("same", "same_lower"):
            return "padding values must be non-negative"
        if refusal.parameter == "padding":
            return "Pad should be smaller than kernel."
        return f"Unrecognized attribute: {refusal.parameter}"

    # --- layers of a network ---------------------------------------------------------------------

    def error_class(self, kind: FailureKind) -> str:
        return self._layer_errors.get(kind, self.size_error)

    def own_convolution_refusals(self, window: Pool, ndim: int) -> Iterator[Refusal]:
        if is_dilated(window, ndim) and window.padding in ("same", "same_lower"):
            why = phrase("refusal.no_dilation_with_auto_pad")
            yield not_offered(why, phrase("instead.pads_in_numbers"), error="InvalidArgument")


class OnnxRuntimeUntil129(OnnxRuntime):
    """1.21 to 1.29: the negative padding of a large stride is not rejected, windows start later."""

    negative_auto_pad_raises = False


class OnnxRuntimeUntil128(OnnxRuntimeUntil129):
    """1.28: a window of −∞ and NaN only has no index, and NaN is never the maximum there."""

    lowest_has_index = False
    stays_on_first_nan = ()


class OnnxRuntimeUntil127(OnnxRuntimeUntil128):
    """1.27: an `output_padding` may reach the stride where it is below the dilation."""

    output_padding_below_stride = False


class OnnxRuntimeUntil126(OnnxRuntimeUntil127):
    """1.25 to 1.26: a transposed convolution takes any `output_padding`."""

    checked_late: ClassVar[tuple[str, ...]] = ("max", "avg", "global_max", "global_avg")

    def output_padding_refusals(
        self, axes: Sequence[AxisParameters], output_padding: Sequence[int | None]
    ) -> Iterator[Refusal]:
        return iter(())


class OnnxRuntimeUntil124(OnnxRuntimeUntil126):
    """1.21 to 1.24: in 2-D and 3-D, averages with count_include_pad take a wrong padding."""

    checked_late: ClassVar[tuple[str, ...]] = ()

    def counted_ends(self, axes: Sequence[AxisTrace]) -> list[int]:
        """Take every second entry of `pads`, as if before and after of an axis stood together."""
        pads = [axis.padding.before for axis in axes] + [axis.padding.after for axis in axes]
        return pads[1::2]


# Not after the class above: its wrong padding came with 1.21.
class OnnxRuntimeUntil120(OnnxRuntimeUntil126):
    """1.20: room / stride + 1 is truncated as a whole, and ceil_mode keeps all windows.

    Averages with count_include_pad always divide by the kernel, and those of nothing are 0.
    """

    drops_windows_in_padding = False
    divides_by_kernel = True
    checked_late: ClassVar[tuple[str, ...]] = ("max", "global_max", "global_avg")

    def rounding(self, layer: Pool) -> Rounding:
        return "ceil" if layer.ceil_mode else "floor"

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        if axis.rounding == "ceil":
            return axis.output_size < 0
        room = axis.padded_size - axis.effective_kernel_size
        return truncate(room + axis.stride, axis.stride) < 0  # (room / stride + 1) as an integer


class OnnxRuntimeUntil119(OnnxRuntimeUntil120):
    """1.16 to 1.19: a dense layer (Gemm) on 0 features raises."""

    no_features_error = _OLD


EARLIER = (
    OnnxRuntimeUntil129,
    OnnxRuntimeUntil128,
    OnnxRuntimeUntil127,
    OnnxRuntimeUntil126,
    OnnxRuntimeUntil124,
    OnnxRuntimeUntil120,
    OnnxRuntimeUntil119,
)
RULES = OnnxRuntime()
