"""Convolutions: frozen parameters, named as in PyTorch.

As with `Pool`, any geometry is accepted; only wrong *types*, numbers below the smallest
meaningful one and unknown names are rejected here. A convolution keeps its `window` as a `Pool`,
so that the sizes of both are computed in one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import ClassVar, Self, TypeAlias

from poolviz.arithmetic.framework_names import FORMULA
from poolviz.arithmetic.layers.in_use import DEFAULT
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.layers.specification import Specification, spread
from poolviz.arithmetic.layers.validation import (
    COUNT,
    COUNT_OR_NONE,
    FRAMEWORK,
    NAME,
    PADDING_NAMES,
    SIZES,
    TRUTH,
    Padding,
    Sizes,
    by,
    one_of,
    optional,
    padding,
    whole_numbers,
)

_PADDING = by(partial(padding, names=PADDING_NAMES | {"causal": "causal"}))


@dataclass(frozen=True, slots=True, repr=False)
class Window(Pool):
    """The window of a convolution: frameworks limit pooling layers, not these."""

    framework: str = field(default=FORMULA, metadata=by(partial(one_of, allowed=(FORMULA,))))


class _Windowed(Specification):
    """A convolution of any kind."""

    __slots__ = ()

    # What a pooling layer may have besides, so that both are traced, drawn and repaired alike.
    op: ClassVar[str] = "conv"
    ceil_mode: ClassVar[bool] = False
    count_include_pad: ClassVar[None] = None
    divisor_override: ClassVar[None] = None
    norm: ClassVar[int] = 2

    @property
    def ndim(self) -> int | None:
        """The number of spatial axes, or None when every parameter is one int."""
        return self._window.ndim

    def with_axes(self, ndim: int) -> Self:
        """Return the same layer with one entry per axis.

        >>> Conv(8, 3).with_axes(2)
        Conv(out_channels=8, kernel_size=(3, 3))
        """
        if self.ndim == ndim:
            return self
        if self.ndim not in (None, 1):
            raise ValueError(f"the input has {ndim} axes, but {self.entries_text}")
        kernel = spread(self._window.kernel_size, ndim)
        return replace(self, kernel_size=kernel)  # type: ignore[type-var]

    def axes(self, ndim: int) -> tuple[AxisParameters, ...]:
        """Return the parameters of each axis, in order."""
        return self._window.axes(ndim)

    @property
    def entries_text(self) -> str:
        """The parameters that have one entry per axis, for an error about their number."""
        return self._window.entries_text

    @property
    def pads_nothing(self) -> bool:
        """True for "valid", 0 and zeros; pairs of zeros count as an explicit list."""
        return self._window.pads_nothing and not self.has_named_padding

    @property
    def has_named_padding(self) -> bool:
        """True for "valid", "same", "same_lower" and "causal"."""
        return isinstance(getattr(self, "padding"), str)  # noqa: B009  # a field of subclasses

    @property
    def _window(self) -> Window:
        found: Window = getattr(self, "window")  # noqa: B009  # a field of the subclasses
        return found

    def _finish(self) -> None:
        """Make the window, which gives every parameter one entry per axis where one has several."""
        # Read through getattr: the fields belong to the subclasses.
        given = {name: getattr(self, name) for name in ("kernel_size", "stride", "dilation")}
        pads = getattr(self, "padding")  # noqa: B009
        is_causal = pads == "causal"
        # The padding of a causal one is worked out by `network.window_cache.causal`.
        window = Window(**given, padding="valid" if is_causal else pads)
        self._keep("window", _shared(window))
        for name in given:
            self._keep(name, getattr(window, name))
        if not is_causal:
            self._keep("padding", window.padding)


@lru_cache(maxsize=4096)
def _shared(window: Window) -> Window:
    """Equal windows as one object: a stack looks each of them up by value, once per layer."""
    return window


@dataclass(frozen=True, slots=True, repr=False)
class Conv(_Windowed):
    """A convolution over 1, 2 or 3 spatial axes.

    Parameters
    ----------
    out_channels
        Number of output channels (filters), ≥ 1.
    kernel_size, stride, padding, dilation
        As for `Pool`; `padding` may also be ``"causal"`` (1-D Keras and Flax).
    groups
        Number of groups into which the channels are split, ≥ 1.
    in_channels
        Number of input channels, checked when given: a mismatch is the classic sign of data in
        the other channel order. None accepts any.
    bias
        Whether a bias is added to each channel; it counts as a parameter.
    name
        Name of the layer in the source; None without one.
    framework
        As in `Pool`; in a network, that of the network holds.
    error
        Class of the exception for other input channels; None for the usual one of the framework.

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

    out_channels: int = field(metadata=COUNT)
    kernel_size: Sizes  # checked by the window, as `dilation`
    stride: Sizes = field(default=1, metadata=SIZES)
    padding: Padding = field(default=0, metadata=_PADDING)
    dilation: Sizes = 1
    groups: int = field(default=1, metadata=COUNT)
    bias: bool = field(default=True, metadata=TRUTH)
    in_channels: int | None = field(default=None, metadata=COUNT_OR_NONE)
    name: str | None = field(default=None, metadata=NAME)
    framework: str = field(default=DEFAULT, metadata=FRAMEWORK)
    error: str | None = field(default=None, kw_only=True, repr=False, metadata=NAME)
    window: Window = field(init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class DepthwiseConv(_Windowed):
    """A separate convolution of each channel.

    Parameters
    ----------
    kernel_size, stride, padding, dilation
        As for `Conv`.
    depth_multiplier
        Output channels per input channel, ≥ 1.
    bias
        Whether a bias is added to each channel; it counts as a parameter.
    name
        Name of the layer in the source; None without one.
    framework
        As in `Pool`; in a network, that of the network holds.

    Raises
    ------
    TypeError, ValueError
        As `Conv`.

    Examples
    --------
    >>> DepthwiseConv(3, padding="same")
    DepthwiseConv(kernel_size=3, padding='same')
    """

    kernel_size: Sizes  # checked by the window, as `dilation`
    stride: Sizes = field(default=1, metadata=SIZES)
    padding: Padding = field(default=0, metadata=_PADDING)
    dilation: Sizes = 1
    depth_multiplier: int = field(default=1, metadata=COUNT)
    bias: bool = field(default=True, metadata=TRUTH)
    name: str | None = field(default=None, metadata=NAME)
    framework: str = field(default=DEFAULT, metadata=FRAMEWORK)
    window: Window = field(init=False, repr=False, compare=False)


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
        Elements added at the end, ≥ 0. None is the framework's default.
    framework
        As in `Pool`; in a network, that of the network holds.
    error
        Class of the exception for other input channels; None for the usual one of the framework.

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

    op: ClassVar[str] = "transposed"

    out_channels: int = field(metadata=COUNT)
    kernel_size: Sizes  # checked by the window, as `dilation`
    stride: Sizes = field(default=1, metadata=SIZES)
    padding: Padding = field(default=0, metadata=_PADDING)
    output_padding: Sizes | None = field(
        default=None, metadata=optional(partial(whole_numbers, least=0))
    )
    dilation: Sizes = 1
    groups: int = field(default=1, metadata=COUNT)
    bias: bool = field(default=True, metadata=TRUTH)
    in_channels: int | None = field(default=None, metadata=COUNT_OR_NONE)
    name: str | None = field(default=None, metadata=NAME)
    framework: str = field(default=DEFAULT, metadata=FRAMEWORK)
    error: str | None = field(default=None, kw_only=True, repr=False, metadata=NAME)
    window: Window = field(init=False, repr=False, compare=False)


Convolution: TypeAlias = Conv | DepthwiseConv | ConvTranspose
