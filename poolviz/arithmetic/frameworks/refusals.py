"""Arguments that a framework rejects, and the rejections that several frameworks share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.pool import AXIS_NAMES, Pool
from poolviz.arithmetic.layers.specification import spread
from poolviz.i18n.phrase import Words, phrase

Reason = Literal["not offered", "limit", "empty input", "array"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One argument that a framework rejects, the reason, and the alternative."""

    parameter: str
    reason: Reason
    why_words: Words
    instead_words: Words
    error: str
    axis: str | None = None

    @property
    def why(self) -> str:
        """Reason for the rejection, with the user's numbers."""
        return str(self.why_words)

    @property
    def instead(self) -> str:
        """Alternative to the argument."""
        return str(self.instead_words)


# --- pooling -------------------------------------------------------------------------------------


def refuse_ceil_mode(
    layer: Pool, title: str, instead: Words, error: str = "TypeError"
) -> Iterator[Refusal]:
    """Reject `ceil_mode` where sizes are always rounded down."""
    if layer.ceil_mode:
        why = phrase("refusal.no_ceil_mode", framework=title)
        yield Refusal("ceil_mode", "not offered", why, instead, error)


def refuse_counted_padding(layer: Pool, title: str, error: str = "TypeError") -> Iterator[Refusal]:
    """Reject `count_include_pad` where padding never counts in the divisor."""
    # With a maximum it is rejected by `Framework.refusals`, whatever the framework.
    if layer.op != "max" and layer.count_include_pad:
        yield Refusal(
            "count_include_pad",
            "not offered",
            phrase("refusal.never_counts_padding", framework=title),
            phrase("instead.real_zeros"),
            error,
        )


def refuse_dilation(
    layer: Pool, why: Words, instead: Words, error: str = "TypeError"
) -> Iterator[Refusal]:
    """Reject a dilation above 1."""
    if is_dilated(layer, layer.ndim or 1):
        yield Refusal("dilation", "not offered", why, instead, error)


def refuse_empty_input(
    layer: PoolingLayer, sizes: Sequence[int], title: str, error: str
) -> Iterator[Refusal]:
    """Reject every axis without elements."""
    for name, size in zip(AXIS_NAMES[len(sizes)], sizes, strict=True):
        if size == 0:
            yield Refusal(
                "input_size",
                "empty input",
                phrase("refusal.empty_input", framework=title),
                phrase("instead.layer_before"),
                error,
                name,
            )


def refuse_wide_padding(
    layer: Pool, sizes: Sequence[int], why: str, instead: str, error: str, **fields: object
) -> Iterator[Refusal]:
    """Reject every axis with a padding that is not smaller than the kernel.

    `why` and `instead` are keys of texts; `fields` belong to the first one.
    """
    for axis in layer.axes(len(sizes)):
        if isinstance(axis.padding, tuple) and max(axis.padding) >= axis.kernel_size:
            yield Refusal(
                "padding",
                "limit",
                phrase(why, kernel=axis.kernel_size, got=max(axis.padding), **fields),
                phrase(instead, most=axis.kernel_size - 1),
                error,
                axis.name,
            )


def no_same_lower(title: str) -> Refusal:
    """Reject "same_lower" where only "same" exists."""
    return Refusal(
        "padding",
        "not offered",
        phrase("refusal.no_same_lower", framework=title),
        'padding="same"',
        "ValueError",
    )


def is_uneven(layer: Pool, ndim: int) -> bool:
    """Return whether the padding before and after some axis differ."""
    pairs = (axis.padding for axis in layer.axes(ndim) if isinstance(axis.padding, tuple))
    return any(before != after for before, after in pairs)


# --- convolutions --------------------------------------------------------------------------------


def not_offered(
    why: Words, instead: Words, parameter: str = "padding", error: str = "ValueError"
) -> Refusal:
    """Reject an argument of a convolution."""
    return Refusal(parameter, "not offered", why, instead, error)


def stride_or_dilation(title: str) -> Refusal:
    """Reject a stride and a dilation in one layer."""
    why = phrase("refusal.stride_or_dilation", framework=title)
    return not_offered(why, phrase("instead.one_of_them"), "dilation")


def is_strided(layer: Pool, ndim: int) -> bool:
    """Return whether the stride of some axis is above 1; a convolution's default is 1."""
    return any(step > 1 for step in spread(layer.stride, ndim) or ())


def is_dilated(layer: Pool, ndim: int) -> bool:
    """Return whether the dilation of some axis is above 1."""
    return any(step > 1 for step in spread(layer.dilation, ndim))
