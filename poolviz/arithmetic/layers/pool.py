"""What a reader may ask for: one pooling layer, its parameters frozen, in PyTorch's words."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES

OPS = ("max", "avg")
PADDING_NAMES = {
    "valid": "valid",
    "same": "same",
    "same_upper": "same",
    "same_lower": "same_lower",
}
AXIS_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
MOST_AXES = max(AXIS_NAMES)
LARGEST = 10**100  # beyond that a picture's coordinates are no longer numbers

Sizes = int | tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]
Padding = int | tuple[int, ...] | Pairs | str


@dataclass(frozen=True, slots=True)
class AxisParameters:
    """What one layer asks of one axis; `padding` is a name or a pair (before, after)."""

    name: str
    kernel_size: int
    stride: int | None
    dilation: int
    padding: str | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pool:
    """One max or average pooling layer, for 1, 2 or 3 spatial axes.

    An int holds for every axis; a tuple has one entry per axis and fixes their number. Any
    geometry may be written down, also one that no framework accepts: only wrong *types* and
    numbers below the smallest meaningful one are refused here.

    Parameters
    ----------
    kernel_size
        Window length in input elements, ≥ 1.
    stride
        Step between windows, ≥ 1. None is the framework's own default: the kernel in PyTorch,
        TensorFlow and Keras, 1 in JAX (Flax) and ONNX.
    padding
        Elements added on both sides, ≥ 0; or ``"valid"``, ``"same"``, ``"same_lower"``; or one
        pair (before, after) per axis.
    dilation
        Distance between the taps of a window, ≥ 1.
    ceil_mode
        Round the number of windows up instead of down.
    op
        ``"max"`` or ``"avg"``.
    count_include_pad
        Average only: does padding count in the divisor? None is the framework's default.
    framework
        One of ``"pytorch"``, ``"tensorflow"``, ``"keras"``, ``"jax"``, ``"onnxruntime"``.

    Raises
    ------
    TypeError
        For a value of another type; bools and floats are not whole numbers here, as in
        PyTorch 2.13.0.
    ValueError
        For a number that is too small, an unknown name, or tuples of different lengths.

    Examples
    --------
    >>> Pool(kernel_size=3, stride=2)
    Pool(kernel_size=3, stride=2)
    >>> Pool(3, padding=(1, 0)).kernel_size
    (3, 3)
    >>> Pool(kernel_size="3")
    Traceback (most recent call last):
    TypeError: kernel_size must be an int ≥ 1 or one per axis, got '3' (str)
    """

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Padding = 0
    dilation: Sizes = 1
    ceil_mode: bool = False
    op: Literal["max", "avg"] = "max"
    count_include_pad: bool | None = None
    framework: str = "pytorch"

    def __post_init__(self) -> None:
        checked = {
            "kernel_size": whole_numbers("kernel_size", self.kernel_size, least=1),
            "stride": None if self.stride is None else whole_numbers("stride", self.stride, 1),
            "padding": _read_padding(self.padding),
            "dilation": whole_numbers("dilation", self.dilation, least=1),
            "ceil_mode": _truth("ceil_mode", self.ceil_mode),
            "op": _one_of("op", self.op, OPS),
            "count_include_pad": self.count_include_pad
            if self.count_include_pad is None
            else _truth("count_include_pad", self.count_include_pad),
            "framework": _one_of("framework", self.framework, FRAMEWORK_NAMES),
        }
        ndim = _common_length(checked)
        if ndim is not None:
            for name in _PER_AXIS:
                checked[name] = spread(checked[name], ndim)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def ndim(self) -> int | None:
        """The number of spatial axes, or None when every parameter is one int."""
        return len(self.kernel_size) if isinstance(self.kernel_size, tuple) else None

    def with_axes(self, ndim: int) -> Pool:
        """The same layer with one entry per axis.

        >>> Pool(3).with_axes(2)
        Pool(kernel_size=(3, 3))
        """
        if self.ndim == ndim:
            return self
        if self.ndim not in (None, 1):
            raise ValueError(f"the input has {ndim} axes, but {self.entries_text}")
        return replace(self, kernel_size=spread(self.kernel_size, ndim))

    def axes(self, ndim: int) -> tuple[AxisParameters, ...]:
        """The parameters of each axis, in order."""
        layer = self.with_axes(ndim)
        kernels, strides, dilations = layer.kernel_size, layer.stride, layer.dilation
        return tuple(
            AxisParameters(
                name=AXIS_NAMES[ndim][i],
                kernel_size=kernels[i],  # type: ignore[index]  # with_axes made it a tuple
                stride=None if strides is None else strides[i],  # type: ignore[index]
                dilation=dilations[i],  # type: ignore[index]
                padding=_axis_padding(layer.padding, i),
            )
            for i in range(ndim)
        )

    @property
    def entries_text(self) -> str:
        """The parameters that have one entry per axis, for an error about their number."""
        tuples = {name: getattr(self, name) for name in _PER_AXIS}
        said = ", ".join(f"{n}={v}" for n, v in tuples.items() if isinstance(v, tuple))
        return f"the layer has {self.ndim}: {said}; give one entry per axis"

    @property
    def pads_nothing(self) -> bool:
        """True for "valid", 0 and zeros; pairs of zeros are an explicit list all the same."""
        padding = self.padding
        return padding in ("valid", 0) or (isinstance(padding, tuple) and set(padding) == {0})

    @property
    def has_named_padding(self) -> bool:
        """True for "valid", "same" and "same_lower"."""
        return isinstance(self.padding, str)

    def __repr__(self) -> str:
        words = [f"kernel_size={self.kernel_size!r}"]
        for name, default in _DEFAULTS.items():
            value = getattr(self, name)
            if value != default and value != spread(default, self.ndim or 1):
                words.append(f"{name}={value!r}")
        return f"Pool({', '.join(words)})"


_PER_AXIS = ("kernel_size", "stride", "padding", "dilation")
_DEFAULTS: dict[str, Any] = {
    "stride": None,
    "padding": 0,
    "dilation": 1,
    "ceil_mode": False,
    "op": "max",
    "count_include_pad": None,
    "framework": "pytorch",
}


def whole_numbers(name: str, value: Any, least: int) -> Sizes:
    """`value` as an int or a tuple of ints, each at least `least`.

    >>> whole_numbers("stride", [2, 3], least=1)
    (2, 3)
    >>> whole_numbers("stride", 0, least=1)
    Traceback (most recent call last):
    ValueError: stride must be an int ≥ 1 or one per axis, got 0
    """
    allowed = f"{name} must be an int ≥ {least} or one per axis"
    if not _is_sequence(value):
        return _whole_number(allowed, value, least, value)
    if not 1 <= len(value) <= MOST_AXES:
        raise ValueError(f"{allowed} (1 to {MOST_AXES} axes), got {_shown(value)}")
    return tuple(_whole_number(allowed, entry, least, value) for entry in value)


def _whole_number(allowed: str, value: Any, least: int, whole: Any) -> int:
    inside = "" if whole is value else f" in {_shown(whole)}"
    # bool is an int in Python; PyTorch refuses it, and True for a size is always a slip.
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        raise TypeError(f"{allowed}, got {value!r} (bool){inside}")
    try:
        number = operator.index(value)
    except TypeError:
        kind = type(value).__name__
        raise TypeError(f"{allowed}, got {_shown(value)} ({kind}){inside}") from None
    if number < least:
        raise ValueError(f"{allowed}, got {_shown(number)}{inside}")
    if number > LARGEST:
        raise ValueError(f"{allowed}, at most 10¹⁰⁰, got {_shown(number)}{inside}")
    return number


def _read_padding(value: Any) -> Padding:
    names = '"valid", "same", "same_lower"'
    allowed = f"padding must be an int ≥ 0, one per axis, {names} or (before, after) pairs"
    if isinstance(value, str):
        name = PADDING_NAMES.get(value.lower())
        if name is None:
            raise ValueError(f"{allowed}, got {_shown(value)}")
        return name
    is_short = _is_sequence(value) and len(value) <= MOST_AXES
    if is_short and any(_is_sequence(entry) for entry in value):
        return _read_pairs(allowed, value)
    try:
        return whole_numbers("padding", value, least=0)
    except (TypeError, ValueError) as wrong:
        got = str(wrong).partition(", got ")[2]
        raise type(wrong)(f"{allowed}, got {got}") from None


def _read_pairs(allowed: str, value: Any) -> Pairs:
    if not all(_is_sequence(pair) and len(pair) == 2 for pair in value):
        raise ValueError(f"{allowed}, got {_shown(value)}")
    return tuple(
        (_whole_number(allowed, before, 0, value), _whole_number(allowed, after, 0, value))
        for before, after in value
    )


def _axis_padding(padding: Padding, i: int) -> str | tuple[int, int]:
    if isinstance(padding, str):
        return padding
    entry = padding[i] if isinstance(padding, tuple) else padding
    return entry if isinstance(entry, tuple) else (entry, entry)


def _common_length(values: dict[str, Any]) -> int | None:
    lengths = {name: len(value) for name, value in values.items() if isinstance(value, tuple)}
    # A single entry holds for every axis, as in PyTorch.
    longer = {name: length for name, length in lengths.items() if length > 1}
    if len(set(longer.values())) > 1:
        said = ", ".join(
            f"{name}={_shown(values[name])} has {length}" for name, length in longer.items()
        )
        raise ValueError(f"every tuple needs one entry per axis, but {said}")
    return max(lengths.values(), default=None)


def spread(value: Any, ndim: int) -> Any:
    """One entry per axis from an int or a single entry; names and None stay as they are."""
    if value is None or isinstance(value, str):
        return value
    entries = value if isinstance(value, tuple) else (value,)
    return entries if len(entries) == ndim else entries[:1] * ndim


def _truth(name: str, value: Any) -> bool:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    kind = type(value).__name__
    raise TypeError(f"{name} must be True or False, got {_shown(value)} ({kind})")


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> Any:
    if isinstance(value, str) and value.lower() in allowed:
        return value.lower()
    error = ValueError if isinstance(value, str) else TypeError
    names = ", ".join(f'"{word}"' for word in allowed)
    raise error(f"{name} must be one of {names}, got {_shown(value)}")


def _is_sequence(value: Any) -> bool:
    """Ordered entries: a list, a tuple, a range, or an array with at least one axis."""
    if isinstance(value, str | bytes | bytearray | memoryview):
        return False
    return isinstance(value, Sequence) or (
        hasattr(value, "__array__") and getattr(value, "ndim", 0) > 0
    )


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # of a whole number with more than 4,300 digits Python writes none
        return f"a number with too many digits ({type(value).__name__})"
    return text if len(text) <= 60 else text[:57] + "..."
