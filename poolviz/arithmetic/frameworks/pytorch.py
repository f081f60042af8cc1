"""PyTorch: torch.nn.functional and the layers of torch.nn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.frameworks import pytorch_dtypes
from poolviz.arithmetic.frameworks.array_rules import ArrayRule
from poolviz.arithmetic.frameworks.base import ANY_NORM, Framework, TracedCall, by_op, joined, since
from poolviz.arithmetic.frameworks.refusals import (
    Refusal,
    is_strided,
    is_uneven,
    not_offered,
    refuse_dilation,
    refuse_empty_input,
)
from poolviz.arithmetic.layers.fitted import AdaptivePool, PoolingLayer
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.i18n.phrase import Words, phrase

if TYPE_CHECKING:
    from poolviz.arithmetic.layers.conv import ConvTranspose

# Since which version the padding is compared with the effective kernel first, and what is found in
# place of a number; the oldest one that ran is 1.13.
_TAKES_SPAN = {(2, 3): True, (1, 13): False}
_FOUND_TEXTS = {(2, 0): "but found element of type {found} at pos 0", (1, 13): "not tuple"}


class PyTorch(Framework):
    """torch.nn.functional.max_pool*d and avg_pool*d."""

    name = "pytorch"
    title = "PyTorch"
    version = "2.13.0"
    source = "ATen/native/Pool.h pooling_output_shape, run on the CPU"
    vocabulary = MappingProxyType(
        {
            word: word
            for word in (
                "kernel_size",
                "stride",
                "padding",
                "dilation",
                "ceil_mode",
                "count_include_pad",
            )
        }
    )
    data_formats = ("channels_first",)
    size_error = "RuntimeError"
    counts_padding_by_default = True
    takes_same = False
    pads_alike = True  # one number per axis
    global_pooling_is_adaptive = True
    norms = ANY_NORM  # torch.pow takes any exponent
    unpools = unpools_near_its_size = True
    lp_is_scaled_average = True
    has_lp_in_3d: ClassVar[bool] = True
    divisor_override_axes = (2, 3)
    last_nan_wins = True  # max_pool propagates every NaN
    stops_at_empty_maps = True
    returns_empty_transposed_batches = True
    needs_two_values = frozenset(
        {"SyncBatchNorm", *(f"{lazy}BatchNorm{n}d" for lazy in ("", "Lazy") for n in (1, 2, 3))}
    )
    has_adaptive_pooling = True
    global_pooling_keeps_axes = True  # AdaptiveAvgPool2d(1)
    output_padding_error = "RuntimeError"
    convolution_checks = ("groups", "arguments", "channels")  # torch.nn checks the groups
    layer_errors = MappingProxyType(  # torch.nn checks these
        {FailureKind.GROUPS: "ValueError", FailureKind.TOO_FEW: "ValueError"}
    )

    def __init__(self, version: str | None = None) -> None:
        super().__init__(version)
        self._takes_span = since(self.version, _TAKES_SPAN)
        self.found_text = since(self.version, _FOUND_TEXTS)
        self.largest_norm_is_maximum = since(self.version, pytorch_dtypes.LARGEST_IS_A_MAXIMUM)

    def axes_error(self, layer: PoolingLayer, got: int) -> str | None:
        if isinstance(layer, AdaptivePool):  # counts them, where the size has one entry per axis
            return "ValueError" if layer.ndim not in (None, 1) and not got else None
        # avg_pool2d looks for the third axis from the end before it counts the axes.
        return "IndexError" if layer.op == "avg" and layer.ndim == 2 and not got else None

    # --- pooling ---------------------------------------------------------------------------------

    def array_rule(self, kind: str, ndim: int) -> ArrayRule:
        return pytorch_dtypes.array_rule(self.version, kind, ndim)

    def padding_limit(self, kernel_size: int) -> int | None:
        return kernel_size // 2

    def least_kernel_size(self, padding: int) -> int:
        # The smallest k with k // 2 ≥ padding.
        return 2 * padding

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.op != "lp":
            # The argument parser rejects a wrong type before any kernel runs.
            yield from self._padding_form(layer, sizes)
        else:
            if len(sizes) == 3 and not self.has_lp_in_3d:
                why = phrase("refusal.no_lp_in_3d", framework=self.title)
                yield not_offered(why, phrase("instead.lp_since"), "op", "AttributeError")
            yield from _no_lp_padding(layer)
        if layer.op != "max":
            yield from refuse_dilation(
                layer,
                phrase("refusal.no_dilation_in_pytorch_averages"),
                phrase("instead.max_pooling"),
            )
        # PyTorch checks the padding against the effective kernel, then the input, then the padding
        # against the bare kernel (max_pool1d: the input first). The order decides on the error.
        limits = list(self._padding_limits(layer, sizes))
        yield from (refusal for is_early, refusal in limits if is_early)
        yield from self._input_limits(layer, sizes)
        yield from (refusal for is_early, refusal in limits if not is_early)

    def _padding_form(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        padding = layer.padding
        if isinstance(padding, str) and padding != "valid":
            why = phrase("refusal.pytorch_takes_numbers", name=padding)
        elif is_uneven(layer, len(sizes)):
            why = phrase("refusal.pytorch_pads_alike")
        else:
            return
        yield Refusal("padding", "not offered", why, self._same_by_hand(layer, sizes), "TypeError")

    def _same_by_hand(self, layer: Pool, sizes: Sequence[int]) -> Words:
        """Return the same padding in numbers, or before the layer where the sides differ."""
        axes = layer.axes(len(sizes))
        splits = [self.padding(axis, size) for axis, size in zip(axes, sizes, strict=True)]
        if all(split.before == split.after for split in splits):
            return f"padding={tuple(split.before for split in splits)}"
        # F.pad takes the last axis first.
        pads = tuple(number for split in reversed(splits) for number in split)
        # Zeros could be the maximum of negative values; the padding of MaxPool2d never is.
        value = 'value=float("-inf")' if layer.op == "max" else "value=0"
        return phrase("instead.padded_before", call=f"F.pad(x, {pads}, {value})")

    def _padding_limits(self, layer: Pool, sizes: Sequence[int]) -> Iterator[tuple[bool, Refusal]]:
        """Yield paddings over half of the kernel, and whether each is reported before the input."""
        for axis in layer.axes(len(sizes)):
            most = axis.kernel_size // 2
            if not isinstance(axis.padding, tuple) or max(axis.padding) <= most:
                continue
            # Dilation lengthens the span, so a padding may pass the first check only.
            yield (
                self._is_early(max(axis.padding), axis, layer, len(sizes)),
                Refusal(
                    "padding",
                    "limit",
                    phrase(
                        "refusal.over_half_the_kernel",
                        half=f"{axis.kernel_size}//2 = {most}",
                        got=max(axis.padding),
                    ),
                    phrase("instead.half_the_kernel", code=f"padding={most}"),
                    "RuntimeError",
                    axis.name,
                ),
            )

    def _is_early(self, padding: int, axis: AxisParameters, layer: Pool, ndim: int) -> bool:
        """Whether a padding that is too large is reported before the input is looked at."""
        span = effective_kernel_size(axis.kernel_size, axis.dilation if self._takes_span else 1)
        return (ndim > 1 or layer.op != "max") and padding > span // 2

    def _input_limits(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        yield from refuse_empty_input(layer, sizes, self.title, "RuntimeError")
        # avg_pool3d alone compares the kernel with the input as it is, without its padding.
        if layer.op != "max" and len(sizes) == 3:
            for axis, size in zip(layer.axes(3), sizes, strict=True):
                if axis.kernel_size > size > 0:
                    yield Refusal(
                        "kernel_size",
                        "limit",
                        phrase("refusal.over_the_bare_input", kernel=axis.kernel_size, size=size),
                        phrase("instead.smaller_kernel", size=size),
                        "RuntimeError",
                        axis.name,
                    )

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        """Return the RuntimeError or TypeError of torch.nn.functional (2.13.0, CPU)."""
        name = f"{by_op(call, 'max', 'avg')}_pool{len(call.axes)}d"
        refusal = call.refusals[0] if call.refusals else None
        if refusal is None:
            return _too_small(call, channels, name)
        if refusal.reason == "not offered" and (
            call.layer.op == "lp" or refusal.parameter in _UNKNOWN_WORDS
        ):
            name = name.replace("avg", call.layer.op)
            return f"{name}() got an unexpected keyword argument '{refusal.parameter}'"
        if refusal.reason == "empty input":
            return _empty(call, channels, name)
        if refusal.reason == "not offered":
            position = " (position 4)" if call.layer.op == "max" else ""
            found = _padding_type(call) or self.found_text.format(found="tuple")
            return f"{name}(): argument 'padding'{position} must be tuple of ints, {found}"
        if refusal.parameter == "kernel_size":
            return _LIMIT_3D.format(n=call.input_size, k=[a.kernel_size for a in call.axes])
        return _over_the_limit(call, name, self._takes_span)

    def pools_nothing(self, layer: PoolingLayer) -> bool:
        """An average of everything is a mean, and NaN: AdaptiveAvgPool2d(1) (1.13.1 to 2.13.0)."""
        size = layer.output_size if isinstance(layer, AdaptivePool) else 1
        return layer.op == "avg" and all(
            n == 1 for n in (size if isinstance(size, tuple) else (size,))
        )

    # --- convolutions ----------------------------------------------------------------------------

    def own_convolution_refusals(self, window: Pool, ndim: int) -> Iterator[Refusal]:
        if is_uneven(window, ndim):
            why = phrase("refusal.pytorch_pads_alike")
            yield not_offered(why, phrase("instead.f_pad_before"), error="TypeError")
        if window.padding == "same" and is_strided(window, ndim):
            why = phrase("refusal.same_with_stride_one")
            yield not_offered(why, phrase("instead.half_in_numbers"))

    def transposed_refusals(
        self, layer: ConvTranspose, output_padding: Sequence[int | None], ndim: int
    ) -> Iterator[Refusal]:
        if layer.has_named_padding:
            why = phrase("refusal.transposed_takes_numbers")
            yield not_offered(why, phrase("instead.both_in_numbers"), error="TypeError")
        elif is_uneven(layer.window, ndim):
            why = phrase("refusal.pytorch_pads_alike")
            yield not_offered(why, phrase("instead.both_in_numbers"), error="TypeError")
        yield from self.output_padding_refusals(layer.window.axes(ndim), output_padding)

    def transposed_fails(self, layer: ConvTranspose, sizes: Sequence[int]) -> bool:
        return min(sizes) < 0 or not runs_in_onednn(layer)


def runs_in_onednn(layer: ConvTranspose) -> bool:
    """Return whether oneDNN runs a transposed convolution of one sample; it returns empty maps.

    PyTorch 2.13.0 on a CPU: groups, or two last kernel axes over 3. It runs all batches of several.
    """
    kernel = layer.kernel_size if isinstance(layer.kernel_size, tuple) else (layer.kernel_size,)
    return layer.groups > 1 or (len(kernel) > 1 and min(kernel[-2:]) > 3)


class PyTorchUntil22(PyTorch):
    """2.1 to 2.2: there is no lp_pool3d."""

    has_lp_in_3d = False


class PyTorchUntil20(PyTorchUntil22):
    """1.13 to 2.0: max_pool1d returned size 0 without an error."""

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        is_sequence = axis.name == "length" and layer.op == "max"
        # pooling_output_shape gave 0, and only a negative size stopped the kernel.
        return axis.output_size < (0 if is_sequence else 1)


EARLIER = (PyTorchUntil22, PyTorchUntil20)


_UNKNOWN_WORDS = ("count_include_pad", "dilation", "divisor_override")


def _no_lp_padding(layer: Pool) -> Iterator[Refusal]:
    """LPPool takes neither padding nor count_include_pad."""
    if not layer.pads_nothing:
        why = phrase("refusal.no_lp_padding")
        yield not_offered(why, phrase("instead.zeros_before"), error="TypeError")


# --- error texts ---------------------------------------------------------------------------------

_TOO_SMALL = (
    "Given input size: ({before}). Calculated output size: ({after}). Output size is too small"
)
_LIMIT_3D = (
    "input image (T: {n[0]} H: {n[1]} W: {n[2]}) smaller than kernel size "
    "(kT: {k[0]} kH: {k[1]} kW: {k[2]})"
)


def _padding_type(call: TracedCall) -> str:
    if call.layer.has_named_padding:
        return "not str"
    if len(call.axes) == 1 and call.layer.op == "avg":
        return "not tuple"
    return ""


def _too_small(call: TracedCall, channels: int, name: str) -> str:
    # The result of the formula, which may be below 0, not the clipped one.
    after = [axis.output_size for axis in call.axes]
    if name == "max_pool1d":
        return f"max_pool1d() Invalid computed output size: {after[0]}"
    middle = [1] if len(call.axes) == 1 else []  # avg_pool1d runs as a map with one row
    return _TOO_SMALL.format(
        before=joined([channels, *middle, *call.input_size]),
        after=joined([channels, *middle, *after]),
    )


def _empty(call: TracedCall, channels: int, name: str) -> str:
    shape = [1, channels, *call.input_size]
    if len(call.axes) == 3:
        where = f"{name}()" if name != "max_pool3d" else f"{name}_with_indices_out_cpu_template()"
        # PyTorch names dimension 0 whichever spatial axis is empty.
        return (
            f"{where}: Expected input's non-batch dimensions to have positive length, but "
            f"input has a shape of {shape} and non-batch dimension 0 has length zero!"
        )
    if name == "avg_pool1d":
        shape = [1, channels, 1, *call.input_size]
    start = "max_pool1d: Expected 2D or 3D" if name == "max_pool1d" else "Expected 3D or 4D"
    return f"{start} (batch mode) tensor with optional 0 dim batch size for input, but got:{shape}"


def _over_the_limit(call: TracedCall, name: str, takes_span: bool) -> str:
    """Return the text for too much padding, which depends on the number of axes."""
    kernel = [axis.kernel_size for axis in call.axes]
    padding = [axis.padding.before for axis in call.axes]
    if name == "max_pool1d":
        return (
            "max_pool1d() padding should be at most half of kernel size, but got "
            f"padding={padding[0]} and kernel_size={kernel[0]}"
        )
    if not takes_span:
        over = next(axis for axis in call.axes if axis.padding.before > axis.kernel_size // 2)
        return (
            "pad should be at most half of kernel size, but got "
            f"pad={over.padding.before} and kernel_size={over.kernel_size}"
        )
    for axis in call.axes:
        if axis.padding.before > axis.effective_kernel_size // 2:
            return (
                "pad should be at most half of effective kernel size, but got "
                f"pad={axis.padding.before}, kernel_size={axis.kernel_size} "
                f"and dilation={axis.dilation}"
            )
    start = "pad should be smaller than or equal to half of kernel size, but got "
    if len(kernel) == 2:
        return (
            f"{start}padW = {padding[1]}, padH = {padding[0]}, kW = {kernel[1]}, kH = {kernel[0]}"
        )
    return (
        f"{start}kT: {kernel[0]} kW: {kernel[2]} kH: {kernel[1]} "
        f"padT: {padding[0]} padW: {padding[2]} padH: {padding[1]}"
    )


RULES = PyTorch()
