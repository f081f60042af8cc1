"""Keras: the layers of keras.layers, built symbolically (Input → layer)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from poolviz.arithmetic.frameworks.base import TracedCall, by_op
from poolviz.arithmetic.frameworks.named_padding import NamedPaddingFramework
from poolviz.arithmetic.frameworks.refusals import (
    Refusal,
    is_dilated,
    is_strided,
    no_same_lower,
    refuse_ceil_mode,
    refuse_counted_padding,
    refuse_dilation,
    stride_or_dilation,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.i18n.phrase import phrase


class Keras(NamedPaddingFramework):
    """keras.layers.MaxPooling*D and AveragePooling*D, built symbolically (Input → layer)."""

    name = "keras"
    title = "Keras"
    version = "3.15.1"
    source = "keras.layers pooling called on keras.Input; alike on the TF, torch and JAX backends"
    vocabulary = MappingProxyType(
        {"kernel_size": "pool_size", "stride": "strides", "padding": "padding"}
    )
    adds_across_ranks = True
    has_adaptive_pooling = True

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
                "ValueError",
            )
        yield from refuse_dilation(
            layer, phrase("refusal.no_dilation_in_keras"), phrase("instead.no_dilation")
        )
        keeps_last = phrase("instead.same_keeps_last", code='padding="same"')
        yield from refuse_ceil_mode(layer, self.title, keeps_last)
        yield from refuse_counted_padding(layer, self.title)

    def takes_padding_numbers(self, ndim: int) -> bool:
        return False

    def own_convolution_refusals(self, window: Pool, ndim: int) -> Iterator[Refusal]:
        if is_strided(window, ndim) and is_dilated(window, ndim):
            yield stride_or_dilation(self.title)

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        return self.error_on_shape(call, (*call.input_size, channels))

    def error_on_shape(self, call: TracedCall, shape: Sequence[int]) -> str:
        """Return the first paragraphs of the ValueError of 3.15.1 for a layer on keras.Input.

        `shape` is that of one sample, in the data format of the layer.
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


def _numpy_text(numbers: list[int]) -> str:
    """[24  1]: how numpy prints an array of ints, every entry as wide as the widest."""
    width = max(len(str(number)) for number in numbers)
    return f"[{' '.join(str(number).rjust(width) for number in numbers)}]"


RULES = Keras()
