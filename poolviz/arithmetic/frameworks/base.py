"""Five frameworks as five small rule objects: what each calls things, allows, computes and says.

Every rule was read off recorded runs of the versions named in each class; the tests compare them
run by run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.shapes import (
    PaddingSplit,
    Rounding,
    effective_kernel_size,
    same_padding,
    truncate,
)
from poolviz.i18n.phrase import Words, phrase

Reason = Literal["not offered", "limit", "empty input"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One argument that a framework does not take, why, and what it has instead."""

    parameter: str
    reason: Reason
    _why: Words
    _instead: Words
    error: str
    axis: str | None = None

    @property
    def why(self) -> str:
        """Why it is not taken, with the reader's numbers."""
        return str(self._why)

    @property
    def instead(self) -> str:
        """What can be written in its place."""
        return str(self._instead)


class Framework:
    """The rules of one framework; subclasses state only what differs from the plain case."""

    name: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[str]
    source: ClassVar[str]
    vocabulary: ClassVar[Mapping[str, str]]  # our parameter → its own word; absent: it has none
    default_stride_is_kernel: ClassVar[bool] = True
    when_nothing_fits: ClassVar[Literal["raises", "empty", "truncates"]] = "raises"
    size_error: ClassVar[str] = "ValueError"
    counts_padding_by_default: ClassVar[bool] = False
    nan_wins_max: ClassVar[bool] = True
    takes_same: ClassVar[bool] = True
    adds_across_ranks: ClassVar[bool] = False  # Add inserts missing axes after the batch

    def __repr__(self) -> str:
        return f"{self.title} {self.version}"

    def stride(self, axis: AxisParameters) -> int:
        """The stride in force when the call leaves it out."""
        if axis.stride is not None:
            return axis.stride
        return axis.kernel_size if self.default_stride_is_kernel else 1

    def padding(self, axis: AxisParameters, input_size: int) -> PaddingSplit:
        """The elements added before and after one axis."""
        if axis.padding == "valid":
            return PaddingSplit(0, 0)
        if isinstance(axis.padding, tuple):
            return PaddingSplit(*axis.padding)
        return self.same_split(axis, input_size, lower=axis.padding == "same_lower")

    def same_split(self, axis: AxisParameters, input_size: int, lower: bool) -> PaddingSplit:
        """What "same" adds."""
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        return same_padding(input_size, span, self.stride(axis), lower)

    def rounding(self, ceil_mode: bool) -> Rounding:
        """How the division in the size formula is rounded."""
        return "ceil" if ceil_mode else "floor"

    def refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        """The arguments that this framework does not take, most telling first."""
        if layer.op == "max" and layer.count_include_pad is not None:
            yield Refusal(
                "count_include_pad",
                "not offered",
                phrase("refusal.max_has_no_divisor"),
                phrase("instead.average_pooling"),
                "TypeError",
            )
        yield from self.own_refusals(layer, sizes)

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        """The part of `refusals` that differs between frameworks."""
        return iter(())

    def fails(self, axis: AxisTrace) -> bool:
        """Does the call raise because of the size of this axis?"""
        return axis.output_size < 1

    def returned_size(self, axis: AxisTrace) -> int:
        """The size of the returned array when the call does not raise."""
        return max(0, axis.output_size)


def _refuse_ceil_mode(layer: Pool, title: str, instead: Words) -> Iterator[Refusal]:
    if layer.ceil_mode:
        why = phrase("refusal.no_ceil_mode", framework=title)
        yield Refusal("ceil_mode", "not offered", why, instead, "TypeError")


def _refuse_counted_padding(layer: Pool, title: str) -> Iterator[Refusal]:
    if layer.op == "avg" and layer.count_include_pad:
        yield Refusal(
            "count_include_pad",
            "not offered",
            phrase("refusal.never_counts_padding", framework=title),
            phrase("instead.real_zeros"),
            "TypeError",
        )


def _refuse_dilation(layer: Pool, why: Words, instead: Words) -> Iterator[Refusal]:
    if any(axis.dilation > 1 for axis in layer.axes(layer.ndim or 1)):
        yield Refusal("dilation", "not offered", why, instead, "TypeError")


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
    size_error = "RuntimeError"
    counts_padding_by_default = True
    takes_same = False

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        yield from self._padding_form(layer, sizes)
        if layer.op == "avg":
            yield from _refuse_dilation(
                layer,
                phrase("refusal.no_dilation_in_pytorch_averages"),
                phrase("instead.max_pooling"),
            )
        # PyTorch checks the padding against the effective kernel, then the input, then the padding
        # against the bare kernel (max_pool1d: the input first). The order decides what it says.
        limits = list(self._padding_limits(layer, sizes))
        yield from (refusal for is_early, refusal in limits if is_early)
        yield from self._input_limits(layer, sizes)
        yield from (refusal for is_early, refusal in limits if not is_early)

    def _padding_form(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        padding = layer.padding
        if isinstance(padding, str) and padding != "valid":
            yield Refusal(
                "padding",
                "not offered",
                phrase("refusal.pytorch_takes_numbers", name=padding),
                self._same_by_hand(layer, sizes),
                "TypeError",
            )
        elif any(
            isinstance(axis.padding, tuple) and axis.padding[0] != axis.padding[1]
            for axis in layer.axes(len(sizes))
        ):
            yield Refusal(
                "padding",
                "not offered",
                phrase("refusal.pytorch_pads_alike"),
                self._same_by_hand(layer, sizes),
                "TypeError",
            )

    def _same_by_hand(self, layer: Pool, sizes: Sequence[int]) -> Words:
        """The same cells written in numbers, or padded before the layer where the sides differ."""
        axes = layer.axes(len(sizes))
        splits = [self.padding(axis, size) for axis, size in zip(axes, sizes, strict=True)]
        if all(split.before == split.after for split in splits):
            return f"padding={tuple(split.before for split in splits)}"
        pads = tuple(number for split in reversed(splits) for number in split)
        value = 'value=float("-inf")' if layer.op == "max" else "value=0"
        return phrase("instead.padded_before", call=f"F.pad(x, {pads}, {value})")

    def _padding_limits(self, layer: Pool, sizes: Sequence[int]) -> Iterator[tuple[bool, Refusal]]:
        has_early_check = len(sizes) > 1 or layer.op == "avg"
        for axis in layer.axes(len(sizes)):
            most = axis.kernel_size // 2
            if not isinstance(axis.padding, tuple) or max(axis.padding) <= most:
                continue
            span = effective_kernel_size(axis.kernel_size, axis.dilation)
            yield (
                has_early_check and max(axis.padding) > span // 2,
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

    def _input_limits(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        yield from _refuse_empty_input(layer, sizes, "PyTorch", "RuntimeError")
        if layer.op == "avg" and len(sizes) == 3:
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


def _refuse_empty_input(
    layer: Pool, sizes: Sequence[int], title: str, error: str
) -> Iterator[Refusal]:
    for axis, size in zip(layer.axes(len(sizes)), sizes, strict=True):
        if size == 0:
            yield Refusal(
                "input_size",
                "empty input",
                phrase("refusal.empty_input", framework=title),
                phrase("instead.layer_before"),
                error,
                axis.name,
            )


class TensorFlow(Framework):
    """tf.nn.max_pool*d and avg_pool*d with static shapes (tf.function, tf.keras, graphs)."""

    name = "tensorflow"
    title = "TensorFlow"
    adds_across_ranks = True
    version = "2.21.0"
    source = "tf.nn.max_pool2d and its family: static shape inference; the same in 2.15.1"
    vocabulary = MappingProxyType(
        {"kernel_size": "ksize", "stride": "strides", "padding": "padding"}
    )
    nan_wins_max = False

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.padding == "same_lower":
            yield _no_same_lower("TensorFlow")
        has_numbers = not (layer.has_named_padding or layer.pads_nothing)
        if has_numbers and (layer.op == "avg" or len(sizes) == 3):
            yield Refusal(
                "padding",
                "not offered",
                phrase("refusal.tensorflow_takes_few_numbers"),
                phrase("instead.same_or_tf_pad"),
                "TypeError",
            )
        yield from _refuse_dilation(
            layer,
            phrase("refusal.no_dilation_in_tensorflow"),
            phrase("instead.tf_nn_pool"),
        )
        keeps_last = phrase("instead.same_keeps_last", code='padding="SAME"')
        yield from _refuse_ceil_mode(layer, "TensorFlow", keeps_last)
        yield from _refuse_counted_padding(layer, "TensorFlow")

    def fails(self, axis: AxisTrace) -> bool:
        return not axis.is_same and axis.missing > 0


def _no_same_lower(title: str) -> Refusal:
    return Refusal(
        "padding",
        "not offered",
        phrase("refusal.no_same_lower", framework=title),
        'padding="same"',
        "ValueError",
    )


class Keras(Framework):
    """keras.layers.MaxPooling*D and AveragePooling*D, built symbolically (Input → layer)."""

    name = "keras"
    title = "Keras"
    adds_across_ranks = True
    version = "3.15.1"
    source = "keras.layers pooling called on keras.Input; alike on the TF, torch and JAX backends"
    vocabulary = MappingProxyType(
        {"kernel_size": "pool_size", "stride": "strides", "padding": "padding"}
    )
    nan_wins_max = False  # on TensorFlow, Keras' default backend

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.padding == "same_lower":
            yield _no_same_lower("Keras")
        elif not (layer.has_named_padding or layer.pads_nothing):
            ndim = len(sizes)
            pads = _keras_pads(layer, ndim)
            yield Refusal(
                "padding",
                "not offered",
                phrase("refusal.keras_takes_names", code=f"padding={_as_keras(layer.padding)}"),
                phrase("instead.same_or_real_zeros", call=f"ZeroPadding{ndim}D({pads})"),
                "ValueError",
            )
        yield from _refuse_dilation(
            layer, phrase("refusal.no_dilation_in_keras"), phrase("instead.no_dilation")
        )
        keeps_last = phrase("instead.same_keeps_last", code='padding="same"')
        yield from _refuse_ceil_mode(layer, "Keras", keeps_last)
        yield from _refuse_counted_padding(layer, "Keras")

    def fails(self, axis: AxisTrace) -> bool:
        return not axis.is_same and axis.missing > 0


def _keras_pads(layer: Pool, ndim: int) -> str:
    pairs = tuple(axis.padding for axis in layer.axes(ndim))
    return repr(pairs[0] if ndim == 1 else pairs)


def _as_keras(padding: object) -> str:
    """(1, 1) for ((1, 1), (1, 1)): what a reader would have written."""
    if isinstance(padding, tuple) and all(
        isinstance(pair, tuple) and pair[0] == pair[1] for pair in padding
    ):
        return repr(tuple(pair[0] for pair in padding))
    return repr(padding)


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
    default_stride_is_kernel = False
    when_nothing_fits = "empty"
    counts_padding_by_default = True

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.op == "avg":
            yield from _refuse_dilation(
                layer,
                phrase("refusal.no_dilation_in_flax_averages"),
                phrase("instead.reduce_window"),
            )
        yield from _refuse_ceil_mode(layer, "JAX", phrase("instead.same_or_more_at_the_end"))

    def fails(self, axis: AxisTrace) -> bool:
        return False


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
    default_stride_is_kernel = False
    when_nothing_fits = "truncates"
    size_error = "Fail"

    def rounding(self, ceil_mode: bool) -> Rounding:
        return "ceil" if ceil_mode else "trunc"

    def same_split(self, axis: AxisParameters, input_size: int, lower: bool) -> PaddingSplit:
        """auto_pad: the dilation is left out, and a large stride makes the padding negative."""
        stride = self.stride(axis)
        windows = -(-input_size // stride)
        total = (windows - 1) * stride + axis.kernel_size - input_size
        before = truncate(total + lower, 2)
        return PaddingSplit(before, total - before)

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        yield from self._pad_limit(layer, sizes)
        yield from _refuse_empty_input(layer, sizes, "onnxruntime", "Fail")
        yield from self._negative_auto_pad(layer, sizes)

    def _pad_limit(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        for axis in layer.axes(len(sizes)):
            if isinstance(axis.padding, tuple) and max(axis.padding) >= axis.kernel_size:
                yield Refusal(
                    "padding",
                    "limit",
                    phrase(
                        "refusal.pads_over_the_kernel",
                        kernel=axis.kernel_size,
                        got=max(axis.padding),
                    ),
                    phrase("instead.smaller_pads", most=axis.kernel_size - 1),
                    "Fail",
                    axis.name,
                )

    def _negative_auto_pad(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        axes = layer.axes(len(sizes))
        named_same = layer.padding in ("same", "same_lower")
        undilated = all(axis.dilation == 1 for axis in axes)
        if layer.op == "avg" or not (named_same and undilated):
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

    def fails(self, axis: AxisTrace) -> bool:
        return axis.output_size < 0


FRAMEWORKS: Mapping[str, Framework] = MappingProxyType(
    {rules.name: rules for rules in (PyTorch(), TensorFlow(), Keras(), Jax(), OnnxRuntime())}
)
