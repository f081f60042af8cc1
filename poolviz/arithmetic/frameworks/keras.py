"""Keras: the layers of keras.layers, built symbolically (Input → layer)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import ClassVar

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.frameworks.array_rules import (
    DTYPES,
    FLOATS,
    INDICES,
    INTEGERS,
    ArrayRule,
    taking,
)
from poolviz.arithmetic.frameworks.base import TracedCall, by_op
from poolviz.arithmetic.frameworks.named_padding import NamedPaddingFramework
from poolviz.arithmetic.frameworks.refusals import (
    Refusal,
    is_dilated,
    is_strided,
    no_same_lower,
    not_offered,
    refuse_ceil_mode,
    refuse_counted_padding,
    refuse_dilation,
    refuse_empty_input,
    stride_or_dilation,
)
from poolviz.arithmetic.layers.fitted import AdaptivePool, PoolingLayer
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.i18n.phrase import phrase


class Keras(NamedPaddingFramework):
    """keras.layers.MaxPooling*D and AveragePooling*D, built symbolically (Input → layer)."""

    strides_dilated_depthwise = True
    name = "keras"
    title = "Keras"
    version = "3.15.1"
    source = "keras.layers pooling called on keras.Input; alike on the TF, torch and JAX backends"
    vocabulary = MappingProxyType(
        {"kernel_size": "pool_size", "stride": "strides", "padding": "padding"}
    )
    has_adaptive_pooling = True
    adds_across_ranks = True
    adaptive_maxima_go_down = True
    too_small_words: ClassVar[str | None] = "zero or negative"
    numbers_error: ClassVar[str] = "ValueError"  # of padding in numbers
    unknown_argument_error = "ValueError"
    adaptive_since = "3.13"
    adaptive_maxima_may_end = True  # run in 3.15.1 only

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.padding == "same_lower":
            yield no_same_lower(self.title)
        elif not (layer.has_named_padding or layer.pads_nothing):
            ndim = len(sizes)
            yield Refusal(
                "padding",
                "not offered",
                phrase("refusal.keras_takes_names", code=f"padding={_as_written(layer.padding)}"),
                phrase(
                    "instead.same_or_real_zeros", call=f"ZeroPadding{ndim}D({_pads(layer, ndim)})"
                ),
                self.numbers_error,
            )
        error = self.unknown_argument_error
        yield from refuse_dilation(
            layer, phrase("refusal.no_dilation_in_keras"), phrase("instead.no_dilation"), error
        )
        keeps_last = phrase("instead.same_keeps_last", code='padding="same"')
        yield from refuse_ceil_mode(layer, self.title, keeps_last, error)
        yield from refuse_counted_padding(layer, self.title, error)

    def fitted_refusals(self, layer: PoolingLayer, sizes: Sequence[int]) -> Iterator[Refusal]:
        """Yield what raises on arrays; on `keras.Input`, every such call gives a size."""
        yield from super().fitted_refusals(layer, sizes)
        if isinstance(layer, AdaptivePool):
            if not self.has_adaptive_pooling:
                return
            yield from self._odd_sizes(layer)
            yield from refuse_empty_input(layer, sizes, self.title, "ValueError")
        elif layer.op == "max":
            yield from refuse_empty_input(layer, sizes, self.title, "InvalidArgumentError")

    def _odd_sizes(self, layer: AdaptivePool) -> Iterator[Refusal]:
        given = layer.output_size
        entries = given if isinstance(given, tuple) else (given,)
        # As on TensorFlow, the default backend; on PyTorch, Keras 3.15.1 has a ValueError for 0.
        for entry, error in ((None, "TypeError"), (0, "ZeroDivisionError")):
            if entry in entries:
                why = phrase("refusal.adaptive_takes_sizes", framework=self.title, got=str(entry))
                instead = phrase("instead.at_least_one")
                yield Refusal("output_size", "limit", why, instead, error)

    def array_rule(self, kind: str, ndim: int) -> ArrayRule:
        """Layers cast floats to float32; the rest as on TensorFlow, the default backend."""
        error, floats = "InvalidArgumentError", dict.fromkeys(sorted(FLOATS), "float32")
        if kind == "global_avg":
            return ArrayRule({}, dict.fromkeys(sorted(DTYPES), "float32"))
        if kind == "global_max":
            return ArrayRule({}, floats, error, error)
        # TensorFlow 2.21.0 pools integers in maxima over one or two axes only.
        has_integers = kind.endswith("max") and ndim < 3
        takes = FLOATS | INTEGERS - {"uint32", "uint64"} if has_integers else FLOATS
        return ArrayRule(taking(takes, error) if kind != INDICES else {}, floats)

    def takes_padding_numbers(self, ndim: int) -> bool:
        return False

    def own_convolution_refusals(self, window: Pool, ndim: int) -> Iterator[Refusal]:
        if is_strided(window, ndim) and is_dilated(window, ndim):
            yield stride_or_dilation(self.title)

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        return self.error_on_shape(call, (*call.input_size, channels))

    def error_on_shape(
        self, call: TracedCall, shape: Sequence[int], channels_last: bool = True
    ) -> str | None:
        """Return the first paragraphs of the ValueError of 3.15.1 for a layer on keras.Input.

        `shape` is that of one sample, in the data format of the layer. None where the text is not
        known word for word.
        """
        name = f"{by_op(call, 'Max', 'Average')}Pooling{len(call.axes)}D"
        start = f"Exception encountered when calling {name}.call().\n\n"
        if call.refusals:
            return _rejection(call, name, start)
        given = " ".join(map(str, ["None", *shape]))
        kernel = _numpy_text([axis.kernel_size for axis in call.axes])
        stride = tuple(axis.stride for axis in call.axes)
        return (
            f"{start}Computed output size would be zero or negative. Received: "
            f"`inputs.shape=[{given}]`, `pool_size={kernel}`, `strides={stride}`, "
            "`padding=valid`."
        )


class KerasUntil314(Keras):
    """Keras 3.14: pooling raises only for sizes below zero, and builds a map of size 0."""

    strides_dilated_depthwise = False
    when_nothing_fits = "empty"
    adaptive_maxima_may_end = False

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        return not axis.is_same and axis.output_size < 0

    def error_on_shape(
        self, call: TracedCall, shape: Sequence[int], channels_last: bool = True
    ) -> str | None:
        """Return the first paragraphs of the ValueError for a layer on keras.Input."""
        text = super().error_on_shape(call, shape, channels_last)
        if text is None or call.refusals:
            return text
        # The text of 3.15 has two words, the strides and the padding more.
        start, _, rest = text.partition("zero or negative. Received: ")
        given, kernel, _ = rest.split(", `", 2)
        return f"{start}negative. Received: {given} and `{kernel}."


class KerasUntil313(KerasUntil314):
    """Keras 3.13: the same for convolutions, and any `output_padding`."""

    too_small_words = "negative"
    least_output_padding: ClassVar[int] = 0

    def convolution_fails(self, axis: AxisTrace) -> bool:
        return axis.output_size < 0

    def output_padding_refusals(
        self, axes: Sequence[AxisParameters], output_padding: Sequence[int | None]
    ) -> Iterator[Refusal]:
        least = self.least_output_padding
        if any(extra is not None and extra < least for extra in output_padding):
            why = phrase("refusal.output_padding_of_zero", framework=self.title)
            yield not_offered(why, phrase("instead.no_output_padding"), "output_padding")


class KerasUntil312(KerasUntil313):
    """Keras 3.11 to 3.12: there are no adaptive layers."""

    has_adaptive_pooling = False


class KerasUntil310(KerasUntil312):
    """Keras 3.0 to 3.10: `output_padding` must be above 0."""

    least_output_padding = 1


class Keras2(Keras):
    """Keras 2.15, which asks TensorFlow for the size: a kernel that does not fit is an error."""

    source = "tf.keras.layers pooling of Keras 2.15.0 called on keras.Input, TensorFlow 2.15.1"
    numbers_error = "AttributeError"
    unknown_argument_error = "TypeError"
    too_small_words = None
    has_adaptive_pooling = False
    strides_dilated_depthwise = False

    def array_rule(self, kind: str, ndim: int) -> ArrayRule:
        """As in Keras 3, but global maxima are TensorFlow's, and averages of integers are."""
        rule = super().array_rule(kind, ndim)
        if kind == "global_max":
            return ArrayRule(taking(FLOATS | INTEGERS, "InvalidArgumentError"), rule.returns)
        if kind == "global_avg":
            return ArrayRule({}, dict.fromkeys(sorted(FLOATS | {"bool"}), "float32"))
        return rule

    def error_on_shape(
        self, call: TracedCall, shape: Sequence[int], channels_last: bool = True
    ) -> str | None:
        """Return the first paragraphs of the ValueError of 2.15 for a layer on keras.Input."""
        if not channels_last:
            return None
        kind, ndim = by_op(call, "max", "average"), len(call.axes)
        name = f"{kind}_pooling{ndim}d"
        start = (
            f'Exception encountered when calling layer "{name}" '
            f"(type {kind.title()}Pooling{ndim}D).\n\n"
        )
        if call.refusals:
            return _rejection_2(call, start)
        axis = call.failing_axes[0]
        node = f"{by_op(call, 'Max', 'Avg')}Pool{'3D' if ndim == 3 else ''}"
        # Of these operators of TensorFlow, only MaxPool has the attribute.
        has_pads = node == "MaxPool"
        fields = [
            "T=DT_FLOAT",
            f'data_format="{"NDHWC" if ndim == 3 else "NHWC"}"',
            *(["explicit_paddings=[]"] if has_pads else []),
            f"ksize={_nhwc([axis.kernel_size for axis in call.axes])}",
            'padding="VALID"',
            f"strides={_nhwc([axis.stride for axis in call.axes])}",
        ]
        # TensorFlow pools a sequence as a map with one column, which ExpandDims makes.
        source = f"{name}/ExpandDims" if ndim == 1 else "Placeholder"
        sizes = ",".join(map(str, _nhwc(call.input_size)[1:-1]))
        return (
            f"{start}Negative dimension size caused by subtracting {axis.kernel_size} from "
            f"{axis.padded_size} for '{{{{node {name}/{node}}}}} = {node}[{', '.join(fields)}]"
            f"({source})' with input shapes: [?,{sizes},{shape[-1]}]."
        )


EARLIER = (KerasUntil314, KerasUntil313, KerasUntil312, KerasUntil310, Keras2)


def _pads(layer: Pool, ndim: int) -> str:
    pairs = tuple(axis.padding for axis in layer.axes(ndim))
    return repr(pairs[0] if ndim == 1 else pairs)


def _as_written(padding: object) -> str:
    """(1, 1) for ((1, 1), (1, 1)): what users write."""
    if isinstance(padding, tuple) and all(
        isinstance(pair, tuple) and pair[0] == pair[1] for pair in padding
    ):
        return repr(tuple(pair[0] for pair in padding))
    return repr(padding)


# --- error texts ---------------------------------------------------------------------------------


def _rejection(call: TracedCall, name: str, start: str) -> str:
    parameter, got = call.refusals[0].parameter, call.layer.padding
    if parameter != "padding":
        return f"Unrecognized keyword arguments passed to {name}: {{'{parameter}': …}}"
    if not call.layer.has_named_padding:
        got = tuple(axis.padding.before for axis in call.axes)
    return f"{start}Argument `padding` must be either 'valid' or 'same'. Received: padding={got}"


def _nhwc(numbers: Sequence[int]) -> list[int]:
    """One number for each axis of the data; a sequence is a map with one column."""
    return [1, *numbers, *([1] if len(numbers) == 1 else []), 1]


def _rejection_2(call: TracedCall, start: str) -> str:
    refusal, got = call.refusals[0], call.layer.padding
    if refusal.parameter != "padding":
        return f"('Keyword argument not understood:', '{refusal.parameter}')"
    if refusal.error == "AttributeError":
        return f"{start}'tuple' object has no attribute 'upper'"
    return (
        'The `padding` argument must be a list/tuple or one of "valid", "same" '
        f'(or "causal", only for `Conv1D). Received: {got}'
    )


def _numpy_text(numbers: list[int]) -> str:
    """[24  1]: how numpy prints an array of ints, every entry as wide as the widest."""
    width = max(len(str(number)) for number in numbers)
    return f"[{' '.join(str(number).rjust(width) for number in numbers)}]"


RULES = Keras()
