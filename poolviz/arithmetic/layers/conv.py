"""Convolutions: frozen parameters in PyTorch's words, for `Stack`.

As with `Pool`, any geometry may be written down; only wrong *types*, numbers below the smallest
meaningful one and unknown names are refused here. A convolution keeps its window as a `Pool` too
(`window`), so that its numbers are checked, and later laid on a map, in one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from poolviz.arithmetic.layers.pool import Padding, Pool, Sizes, whole_numbers
from poolviz.arithmetic.layers.validation import Specification, optional_number, truth, whole_number


def _window(kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> Pool:
    """The numbers of a sliding window, checked by `Pool`; JAX has no limits of its own."""
    if isinstance(padding, str) and padding.lower() == "causal":
        padding = "valid"
    try:
        return _one_of_a_kind(Pool(kernel_size, stride, padding, dilation, framework="jax"))
    except (TypeError, ValueError) as wrong:
        names = '"same_lower" or', '"same_lower", "causal" or'
        raise type(wrong)(str(wrong).replace(*names)) from None


@lru_cache(maxsize=4096)
def _one_of_a_kind(window: Pool) -> Pool:
    """Equal windows as one object: a stack looks each of them up by value, once per layer."""
    return window


class _Windowed(Specification):
    """A convolution of any kind: takes its numbers over from the checked window."""

    __slots__ = ()

    def _check_window(self) -> None:
        # Read through getattr: the fields belong to the subclasses.
        given = {word: getattr(self, word) for word in _WINDOW_WORDS}
        if given["stride"] is None:
            raise TypeError("stride must be an int ≥ 1 or one per axis, got None")
        window = _window(**given)
        is_causal = isinstance(given["padding"], str) and given["padding"].lower() == "causal"
        read = {word: getattr(window, word) for word in _WINDOW_WORDS}
        self.set_checked(**read | {"window": window} | ({"padding": "causal"} if is_causal else {}))
        self.set_checked(bias=truth("bias", getattr(self, "bias")))  # noqa: B009
        self.check_name()


_WINDOW_WORDS = ("kernel_size", "stride", "padding", "dilation")


@dataclass(frozen=True, slots=True, repr=False)
class Conv(_Windowed):
    """A convolution over 1, 2 or 3 spatial axes.

    Parameters
    ----------
    out_channels
        Channels (filters) that come out, ≥ 1.
    kernel_size, stride, padding, dilation
        As for `Pool`; `padding` may also be ``"causal"`` (1-D Keras and Flax).
    groups
        The channels are split into so many parts, ≥ 1.
    in_channels
        What the layer was built for. None: whatever comes in. When given, it is checked: a
        mismatch is the classic sign of data in the other channel order.
    bias
        Is a number added to each channel? It counts among the parameters.
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        For other types, numbers that are too small, unknown names, tuples of unequal length.

    Examples
    --------
    >>> Conv(64, 3, padding=1)
    Conv(out_channels=64, kernel_size=3, padding=1)
    >>> Conv(64, "3")
    Traceback (most recent call last):
    TypeError: kernel_size must be an int ≥ 1 or one per axis, got '3' (str)
    """

    out_channels: int
    kernel_size: Sizes
    stride: Sizes = 1
    padding: Padding = 0
    dilation: Sizes = 1
    groups: int = 1
    bias: bool = True
    in_channels: int | None = None
    name: str | None = None
    window: Pool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check_window()
        self.set_checked(
            out_channels=whole_number("out_channels", self.out_channels, least=1),
            groups=whole_number("groups", self.groups, least=1),
            in_channels=optional_number("in_channels", self.in_channels),
        )


@dataclass(frozen=True, slots=True, repr=False)
class DepthwiseConv(_Windowed):
    """A convolution of each channel by itself.

    Parameters
    ----------
    kernel_size, stride, padding, dilation
        As for `Conv`.
    depth_multiplier
        Channels that come out of each one, ≥ 1.
    bias
        Is a number added to each channel? It counts among the parameters.
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        As `Conv`.

    Examples
    --------
    >>> DepthwiseConv(3, padding="same")
    DepthwiseConv(kernel_size=3, padding='same')
    """

    kernel_size: Sizes
    stride: Sizes = 1
    padding: Padding = 0
    dilation: Sizes = 1
    depth_multiplier: int = 1
    bias: bool = True
    name: str | None = None
    window: Pool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check_window()
        multiplier = whole_number("depth_multiplier", self.depth_multiplier, least=1)
        self.set_checked(depth_multiplier=multiplier)


@dataclass(frozen=True, slots=True, repr=False)
class ConvTranspose(_Windowed):
    """A transposed convolution: each input element is spread over a window of the output.

    Parameters
    ----------
    out_channels, groups, in_channels, bias, name
        As for `Conv`.
    kernel_size, stride, padding, dilation
        As for `Conv`.
    output_padding
        Elements that are added at the end, ≥ 0. None is the framework's own choice.

    Raises
    ------
    TypeError, ValueError
        As `Conv`.

    Notes
    -----
    `output_padding` None is 0 in PyTorch 2.13.0 and ONNX, and in Keras 3.15.1 what makes the size
    n·s ("same") or n·s + max(k − s, 0) ("valid").

    Examples
    --------
    >>> ConvTranspose(8, 2, stride=2)
    ConvTranspose(out_channels=8, kernel_size=2, stride=2)
    """

    out_channels: int
    kernel_size: Sizes
    stride: Sizes = 1
    padding: Padding = 0
    output_padding: Sizes | None = None
    dilation: Sizes = 1
    groups: int = 1
    bias: bool = True
    in_channels: int | None = None
    name: str | None = None
    window: Pool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check_window()
        extra = self.output_padding
        self.set_checked(
            out_channels=whole_number("out_channels", self.out_channels, least=1),
            groups=whole_number("groups", self.groups, least=1),
            in_channels=optional_number("in_channels", self.in_channels),
            output_padding=None if extra is None else whole_numbers("output_padding", extra, 0),
        )
