"""`Pool`: the frozen parameters of one pooling layer, named as in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal, NamedTuple

from poolviz.arithmetic.layers.in_use import DEFAULT
from poolviz.arithmetic.layers.specification import Specification, spread
from poolviz.arithmetic.layers.validation import (
    FRAMEWORK,
    MOST_AXES,
    NAME,
    NORM,
    PADDING,
    POOL_OP,
    SIZES,
    SIZES_OR_NONE,
    TRUTH,
    TRUTH_OR_NONE,
    WHOLE_OR_NONE,
    shown,
)
from poolviz.arithmetic.layers.validation import Padding as Padding
from poolviz.arithmetic.layers.validation import Sizes as Sizes

AXIS_NAMES = {1: ("length",), 2: ("height", "width"), MOST_AXES: ("depth", "height", "width")}
_PER_AXIS = ("kernel_size", "stride", "padding", "dilation")


class AxisParameters(NamedTuple):
    """The parameters of one axis; `padding` is a name or a pair (before, after)."""

    name: str
    kernel_size: int
    stride: int | None
    dilation: int
    padding: str | tuple[int, int]


@dataclass(frozen=True, slots=True, repr=False)
class Pool(Specification):
    """One max or average pooling layer, for 1, 2 or 3 spatial axes.

    An int applies to every axis; a tuple has one entry per axis and fixes their number. Any
    geometry is accepted, even one that no framework runs: only wrong *types* and numbers below
    the smallest meaningful one are rejected here.

    Parameters
    ----------
    kernel_size
        Window length in input elements, ≥ 1.
    stride
        Step between windows, ≥ 1. None is the framework's own default: the kernel in PyTorch and
        Keras, 1 in JAX (Flax) and ONNX. TensorFlow has none in max_pool2d and avg_pool2d, where
        ``strides`` is required; here it is the kernel, as in its Keras layers.
    padding
        Elements added on both sides, ≥ 0; or ``"valid"``, ``"same"``, ``"same_lower"``; or one
        pair (before, after) per axis.
    dilation
        Distance between the kernel elements of a window, ≥ 1.
    ceil_mode
        Round the number of windows up instead of down.
    op
        ``"max"``, ``"avg"`` or ``"lp"`` (PyTorch's LPPool, ONNX' LpPool).
    count_include_pad
        Whether padding counts in the divisor of an average. None is the framework's default.
    framework
        One of ``"pytorch"``, ``"tensorflow"``, ``"keras"``, ``"jax"``, ``"onnxruntime"``,
        ``"mlx"``; in the newest version that was run, or in another one: ``"keras==3.14"``.
    divisor_override
        What an average divides by in place of the number of cells (PyTorch, in 2-D and 3-D).
    norm
        The p of ``op="lp"``, > 0: 1, 2, ``math.inf`` (PyTorch only) or another number.
    name
        Name of the layer in the source, which a `Stack` shows.

    Raises
    ------
    TypeError
        For a value of another type; bools and floats are not integers here, as in
        PyTorch 2.13.0.
    ValueError
        For a number that is too small, an unknown name, or tuples of different lengths.

    Examples
    --------
    >>> Pool(kernel_size=3, stride=2)
    Pool(kernel_size=3, stride=2)
    >>> Pool(3, padding=(1, 0)).kernel_size
    (3, 3)
    >>> Pool(15, framework="keras==3.14")
    Pool(kernel_size=15, framework='keras==3.14')
    >>> Pool(kernel_size="3")
    Traceback (most recent call last):
    TypeError: kernel_size must be an int ≥ 1 or one per axis, got '3' (str)
    """

    kernel_size: Sizes = field(metadata=SIZES)
    stride: Sizes | None = field(default=None, metadata=SIZES_OR_NONE)
    padding: Padding = field(default=0, metadata=PADDING)
    dilation: Sizes = field(default=1, metadata=SIZES)
    ceil_mode: bool = field(default=False, metadata=TRUTH)
    op: Literal["max", "avg", "lp"] = field(default="max", metadata=POOL_OP)
    count_include_pad: bool | None = field(default=None, metadata=TRUTH_OR_NONE)
    framework: str = field(default=DEFAULT, metadata=FRAMEWORK)
    divisor_override: int | None = field(default=None, metadata=WHOLE_OR_NONE)
    norm: float = field(default=2, metadata=NORM)
    name: str | None = field(default=None, metadata=NAME)

    def _finish(self) -> None:
        """Give every parameter as many entries as the longest one has."""
        ndim = _common_length({name: getattr(self, name) for name in _PER_AXIS})
        if ndim is not None:
            for name in _PER_AXIS:
                self._keep(name, spread(getattr(self, name), ndim))

    @property
    def ndim(self) -> int | None:
        """The number of spatial axes, or None when every parameter is one int."""
        return len(self.kernel_size) if isinstance(self.kernel_size, tuple) else None

    def with_axes(self, ndim: int) -> Pool:
        """Return the same layer with one entry per axis.

        >>> Pool(3).with_axes(2)
        Pool(kernel_size=(3, 3))
        """
        if self.ndim == ndim:
            return self
        if self.ndim not in (None, 1):
            raise ValueError(f"the input has {ndim} axes, but {self.entries_text}")
        return self._with_kept({name: spread(getattr(self, name), ndim) for name in _PER_AXIS})

    def axes(self, ndim: int) -> tuple[AxisParameters, ...]:
        """Return the parameters of each axis, in order."""
        layer = self.with_axes(ndim)
        return tuple(
            map(
                AxisParameters,
                AXIS_NAMES[ndim],
                layer.kernel_size,  # type: ignore[arg-type]  # with_axes made it a tuple
                layer.stride or (None,) * ndim,  # type: ignore[arg-type]
                layer.dilation,  # type: ignore[arg-type]
                [_axis_padding(layer.padding, i) for i in range(ndim)],
            )
        )

    @property
    def entries_text(self) -> str:
        """The parameters that have one entry per axis, for an error about their number."""
        tuples = {name: getattr(self, name) for name in _PER_AXIS}
        said = ", ".join(f"{n}={v}" for n, v in tuples.items() if isinstance(v, tuple))
        return f"the layer has {self.ndim}: {said}; give one entry per axis"

    @property
    def pads_nothing(self) -> bool:
        """True for "valid", 0 and zeros; pairs of zeros count as an explicit list."""
        padding = self.padding
        return padding in ("valid", 0) or (isinstance(padding, tuple) and set(padding) == {0})

    @property
    def has_named_padding(self) -> bool:
        """True for "valid", "same" and "same_lower"."""
        return isinstance(self.padding, str)


def _axis_padding(padding: Padding, i: int) -> str | tuple[int, int]:
    if isinstance(padding, str):
        return padding
    entry = padding[i] if isinstance(padding, tuple) else padding
    return entry if isinstance(entry, tuple) else (entry, entry)


def _common_length(values: dict[str, object]) -> int | None:
    lengths = {name: len(value) for name, value in values.items() if isinstance(value, tuple)}
    # A single entry holds for every axis, as in PyTorch.
    longer = {name: length for name, length in lengths.items() if length > 1}
    if len(set(longer.values())) > 1:
        said = ", ".join(
            f"{name}={shown(values[name])} has {length}" for name, length in longer.items()
        )
        raise ValueError(f"every tuple needs one entry per axis, but {said}")
    return max(lengths.values(), default=None)


def pool_keywords() -> tuple[str, ...]:
    """Return the names of the parameters of `Pool` that decide what it does.

    >>> pool_keywords()[:2]
    ('kernel_size', 'stride')
    """
    return tuple(entry.name for entry in fields(Pool) if entry.name != "name")
