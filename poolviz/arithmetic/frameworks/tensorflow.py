"""TensorFlow: tf.nn with static shapes; the layers of a network as in tf.keras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from poolviz.arithmetic.frameworks.array_rules import (
    FLOATS,
    INDICES,
    INTEGERS,
    ArrayRule,
    taking,
)
from poolviz.arithmetic.frameworks.base import TracedCall, by_op, joined
from poolviz.arithmetic.frameworks.named_padding import NamedPaddingFramework
from poolviz.arithmetic.frameworks.refusals import (
    Refusal,
    no_same_lower,
    refuse_ceil_mode,
    refuse_counted_padding,
    refuse_dilation,
    refuse_wide_padding,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.i18n.phrase import phrase


class TensorFlow(NamedPaddingFramework):
    """tf.nn.max_pool*d and avg_pool*d, run with static shapes (tf.function, tf.keras, graphs)."""

    name = "tensorflow"
    title = "TensorFlow"
    version = "2.21.0"
    source = "tf.nn.max_pool2d and its family in a tf.function; the same in 2.15.1"
    vocabulary = MappingProxyType(
        {"kernel_size": "ksize", "stride": "strides", "padding": "padding"}
    )
    adds_across_ranks = True
    padding_numbers_error = "TypeError"  # tf.nn.conv1d and conv3d, in a graph

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        if layer.padding == "same_lower":
            yield no_same_lower(self.title)
        if _pads_explicitly(layer) and (layer.op == "avg" or len(sizes) == 3):
            yield Refusal(
                "padding",
                "not offered",
                phrase("refusal.tensorflow_takes_few_numbers"),
                phrase("instead.same_or_tf_pad"),
                "TypeError",
            )
        yield from refuse_dilation(
            layer, phrase("refusal.no_dilation_in_tensorflow"), phrase("instead.tf_nn_pool")
        )
        keeps_last = phrase("instead.same_keeps_last", code='padding="SAME"')
        yield from refuse_ceil_mode(layer, self.title, keeps_last)
        yield from refuse_counted_padding(layer, self.title)
        yield from self._wide_padding(layer, sizes)

    def _wide_padding(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        """Each side of the padding has to be smaller than the window, also in a tf.function.

        Shape inference, which comes first, gives a size, or an error where no window fits.
        """
        if layer.has_named_padding:
            return
        axes = zip(layer.axes(len(sizes)), sizes, strict=True)
        if all(axis.kernel_size <= size + self.padding(axis, size).total for axis, size in axes):
            why, instead = "refusal.pads_over_the_window", "instead.smaller_padding"
            error = "InvalidArgumentError"
            yield from refuse_wide_padding(layer, sizes, why, instead, error, framework=self.title)

    def array_rule(self, kind: str, ndim: int) -> ArrayRule:
        error = "InvalidArgumentError"
        if kind == INDICES:  # tf.nn.max_pool_with_argmax
            return ArrayRule({"bool": error}, {}, error, error) if ndim == 2 else ArrayRule()
        if kind.startswith("global"):
            return ArrayRule({"bool": error})
        if ndim == 3:
            no_kernel = {"float16"} if kind == "max" else {"float16", "float64"}
            none_either = dict.fromkeys(sorted(no_kernel), "NotFoundError")
            return ArrayRule({**taking({"bfloat16", "float32"}, error), **none_either})
        takes = FLOATS if kind == "avg" else FLOATS | INTEGERS - {"uint32", "uint64"}
        return ArrayRule(taking(takes, error))

    def padding_limit(self, kernel_size: int) -> int | None:
        return kernel_size - 1

    def least_kernel_size(self, padding: int) -> int:
        return padding + 1

    def takes_padding_numbers(self, ndim: int) -> bool:
        return ndim == 2  # explicit_paddings of tf.nn.conv2d

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        """Return the ValueError or TypeError of tf.nn with static shapes (2.21.0 and 2.15.1)."""
        if call.refusals:
            return _rejection(call)
        axis = call.failing_axes[0]
        ndim = len(call.axes)
        kind = by_op(call, "Max", "Avg")
        node = f"{kind}Pool{ndim}{'d' if kind == 'Max' and ndim < 3 else 'D'}"
        # max_pool1d expands its input to a map with one row, which the message shows.
        sizes = [1, *call.input_size] if ndim == 1 else [*call.input_size]
        fields = [
            "T=DT_FLOAT",
            f'data_format="{"NDHWC" if ndim == 3 else "NHWC"}"',
            *_explicit_paddings(call),
            f"ksize={_nhwc(call, [a.kernel_size for a in call.axes])}",
            f'padding="{"EXPLICIT" if _pads_explicitly(call.layer) else "VALID"}"',
            f"strides={_nhwc(call, [a.stride for a in call.axes])}",
        ]
        operation = f"{kind}Pool3D" if ndim == 3 else f"{kind}Pool"
        source = f"{node}/ExpandDims" if ndim == 1 else "Placeholder"
        text = f"{{{{node {node}}}}} = {operation}[{', '.join(fields)}]({source})"
        return (
            f"Negative dimension size caused by subtracting {axis.kernel_size} from "
            f"{axis.padded_size} for '{text}' "
            f"with input shapes: [1,{joined(sizes, ',')},{channels}]."
        )


def _pads_explicitly(layer: Pool) -> bool:
    return not (layer.has_named_padding or layer.pads_nothing)


# --- error texts ---------------------------------------------------------------------------------


def _nhwc(call: TracedCall, numbers: list[int]) -> list[int]:
    return [1, *([1] if len(call.axes) == 1 else []), *numbers, 1]


def _explicit_paddings(call: TracedCall) -> list[str]:
    ndim = len(call.axes)
    if call.layer.op == "avg" or ndim == 3:
        return []
    if not _pads_explicitly(call.layer):
        # An attribute of MaxPool only: AvgPool and the 3-D operations have none to print.
        return ["explicit_paddings=[]"]
    pads = [number for axis in call.axes for number in axis.padding]
    lead = [0, 0, 0, 0] if ndim == 1 else [0, 0]
    return [f"explicit_paddings={[*lead, *pads, 0, 0]}"]


_SIDES = (("Top", "Bottom"), ("Left", "Right"))  # checked in this order; a sequence has a width


def _over_the_window(call: TracedCall) -> str:
    """Return the message for the first side that is too wide."""
    return next(
        f"{side} padding {pad} needs to be smaller than the window size {axis.kernel_size}"
        for axis, names in zip(call.axes, _SIDES[-len(call.axes) :], strict=True)
        for side, pad in zip(names, axis.padding, strict=True)
        if pad >= axis.kernel_size
    )


def _rejection(call: TracedCall) -> str | None:
    refusal = call.refusals[0]
    if refusal.reason == "limit":
        return _over_the_window(call)
    if refusal.parameter != "padding":
        return f"got an unexpected keyword argument '{refusal.parameter}'"
    if call.layer.has_named_padding:
        return f"Unknown padding: {call.layer.padding}"
    pairs = [[0, 0], *([*axis.padding] for axis in call.axes), [0, 0]]
    return f"Expected string for argument 'padding' not {pairs}."


RULES = TensorFlow()
