"""Pooling whose windows follow from the sizes: adaptive and global pooling."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar, Literal, TypeAlias

from poolviz.arithmetic.layers.in_use import DEFAULT
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.specification import Specification, spread
from poolviz.arithmetic.layers.validation import (
    FRAMEWORK,
    NAME,
    OP,
    TRUTH_OR_NONE,
    by,
    shown,
    sizes_or_none,
)


class FittedPool(Specification):
    """A pooling layer without kernel, stride and padding: its windows divide the whole input."""

    __slots__ = ()

    # So that pictures, findings and fixes can ask every pooling layer the same questions.
    padding: ClassVar[int] = 0
    dilation: ClassVar[int] = 1
    ceil_mode: ClassVar[bool] = False
    count_include_pad: ClassVar[None] = None
    divisor_override: ClassVar[None] = None
    norm: ClassVar[float] = 2
    has_named_padding: ClassVar[bool] = False
    pads_nothing: ClassVar[bool] = True
    op: Literal["max", "avg"]
    framework: str

    @property
    def ndim(self) -> int | None:
        """The number of spatial axes, or None when it takes any."""
        return None

    def with_axes(self, ndim: int) -> Any:
        """Return the same layer with one entry per axis."""
        return self

    def windows_along(self, place: int, input_size: int) -> int:
        """Number of windows on one axis."""
        return 1


@dataclass(frozen=True, slots=True, repr=False)
class AdaptivePool(FittedPool):
    """Pooling to a given output size, whatever the input (PyTorch, Keras).

    Parameters
    ----------
    output_size
        Elements, ≥ 0: an int for all axes, or one per axis; None keeps an axis (PyTorch).
    op
        "max" or "avg".
    name
        Name of the layer in the source; None without one.
    framework
        As in `Pool`; in a network, that of the network holds.

    Raises
    ------
    TypeError, ValueError
        For other types, sizes below 0, and an unknown op.

    Notes
    -----
    Window i of n elements and o outputs reads the elements from ⌊i·n / o⌋ to ⌈(i + 1)·n / o⌉ − 1
    (PyTorch 2.13.0; Keras 3.15.1 on TensorFlow, torch and JAX). An output size of 0 gives an empty
    array in PyTorch.

    Examples
    --------
    >>> AdaptivePool((7, None))
    AdaptivePool(output_size=(7, None))
    """

    output_size: int | tuple[int | None, ...] = field(metadata=by(partial(sizes_or_none, least=0)))
    op: Literal["max", "avg"] = field(default="avg", metadata=OP)
    name: str | None = field(default=None, metadata=NAME)
    framework: str = field(default=DEFAULT, metadata=FRAMEWORK)

    @property
    def ndim(self) -> int | None:
        """The number of spatial axes, or None when the output size is one int."""
        return len(self.output_size) if isinstance(self.output_size, tuple) else None

    @property
    def entries_text(self) -> str:
        """The output size, for an error about the number of axes."""
        said = f"output_size={shown(self.output_size)}"
        return f"the layer has {self.ndim}: {said}; give one entry per axis"

    def with_axes(self, ndim: int) -> AdaptivePool:
        """Return the same layer with one entry per axis.

        >>> AdaptivePool(3).with_axes(2)
        AdaptivePool(output_size=(3, 3))
        """
        if self.ndim == ndim:
            return self
        # A tuple of one entry stands for each axis, as with the kernel of a `Pool`.
        if self.ndim not in (None, 1):
            raise ValueError(f"the input has {ndim} axes, but {self.entries_text}")
        return replace(self, output_size=spread(self.output_size, ndim))

    def windows_along(self, place: int, input_size: int) -> int:
        entry = self.output_size[place] if isinstance(self.output_size, tuple) else self.output_size
        return input_size if entry is None else entry


@dataclass(frozen=True, slots=True, repr=False)
class GlobalPool(FittedPool):
    """One value per channel, whatever the size of the feature map.

    Parameters
    ----------
    op
        "max" or "avg".
    keepdims
        Whether axes of size 1 stay. None is the framework's default.
    name
        Name of the layer in the source; None without one.
    framework
        As in `Pool`; in a network, that of the network holds.

    Raises
    ------
    TypeError, ValueError
        For other types, and an unknown op.

    Notes
    -----
    PyTorch 2.13.0 (AdaptiveAvgPool2d(1)) and ONNX keep axes of size 1; Keras 3.15.1
    (GlobalAveragePooling2D) and a mean over the spatial axes (JAX, TensorFlow) do not.

    Examples
    --------
    >>> GlobalPool()
    GlobalPool()
    """

    op: Literal["max", "avg"] = field(default="avg", metadata=OP)
    keepdims: bool | None = field(default=None, metadata=TRUTH_OR_NONE)
    name: str | None = field(default=None, metadata=NAME)
    framework: str = field(default=DEFAULT, metadata=FRAMEWORK)


PoolingLayer: TypeAlias = Pool | AdaptivePool | GlobalPool
