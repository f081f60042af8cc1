"""Layers that add, remove or reorder elements without computing values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from poolviz.arithmetic.layers.specification import Specification
from poolviz.arithmetic.layers.validation import (
    NAME,
    SIDES,
    SIZES_OR_NONE,
    TRUTH,
    Padding,
    Sizes,
    by,
    one_of,
    shown,
    whole_number,
)

MOST_ENTRIES = 4  # entries of a shape without the batch: three spatial axes and the channels
MODES = ("nearest", "linear", "cubic")


def _shape(name: str, value: object) -> tuple[int, ...]:
    """1 to 4 entries ≥ 0, at most one of them −1."""
    given = tuple(value) if isinstance(value, Iterable) else (value,)
    shape = tuple(-1 if entry == -1 else whole_number(name, entry, 0) for entry in given)
    if not 1 <= len(shape) <= MOST_ENTRIES or shape.count(-1) > 1:
        raise ValueError(
            f"{name} must have 1 to {MOST_ENTRIES} entries, at most one of them −1, got {shape}"
        )
    return shape


def _order(name: str, value: object) -> tuple[int, ...]:
    """1 to n, each once, in some order."""
    allowed = f"{name} must be 1 to n in some order, n ≤ {MOST_ENTRIES}"
    if not isinstance(value, Iterable):
        raise TypeError(f"{allowed}, got {shown(value)}")
    dims = tuple(whole_number(name, entry, least=1) for entry in value)
    if sorted(dims) != list(range(1, len(dims) + 1)) or len(dims) > MOST_ENTRIES:
        raise ValueError(f"{allowed}, got {dims}")
    return dims


@dataclass(frozen=True, slots=True, repr=False)
class Flatten(Specification):
    """All axes but the batch joined into one: C·H·W features.

    Parameters
    ----------
    name
        Name of the layer in the source; None without one.

    Raises
    ------
    TypeError
        For a name that is not a str.

    Examples
    --------
    >>> Flatten()
    Flatten()
    """

    name: str | None = field(default=None, metadata=NAME)


EdgeMode = Literal["constant", "reflect", "circular"]
EDGES = ("constant", "reflect", "circular")


@dataclass(frozen=True, slots=True, repr=False)
class ZeroPad(Specification):
    """Zeros added around the feature map, as a layer.

    Parameters
    ----------
    padding
        Elements: an int for every side, one per axis, or (before, after) pairs.
    name
        Name of the layer in the source; None without one.
    mode
        "constant", also for copies of the edge; "reflect" mirrors the map, which has to be longer
        than the padding; "circular" repeats it, and it must not be shorter.

    Raises
    ------
    TypeError, ValueError
        For other types, and negative numbers.

    Notes
    -----
    Unlike the padding of max pooling, these zeros can be the maximum.

    Examples
    --------
    >>> ZeroPad(((0, 1), (0, 1)))
    ZeroPad(padding=((0, 1), (0, 1)))
    """

    padding: Padding = field(metadata=SIDES)
    name: str | None = field(default=None, metadata=NAME)
    mode: EdgeMode = field(default="constant", metadata=by(partial(one_of, allowed=EDGES)))


@dataclass(frozen=True, slots=True, repr=False)
class Crop(Specification):
    """Elements removed at the edges of the feature map.

    Parameters
    ----------
    cropping
        Elements: an int for every side, one per axis, or (before, after) pairs.
    name
        Name of the layer in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For other types, and negative numbers.

    Notes
    -----
    Keras' Cropping; PyTorch's ZeroPad with negative numbers, or a slice.

    Examples
    --------
    >>> Crop(1)
    Crop(cropping=1)
    """

    cropping: Padding = field(metadata=SIDES)
    name: str | None = field(default=None, metadata=NAME)


@dataclass(frozen=True, slots=True, repr=False)
class Upsample(Specification):
    """A feature map resized by an integer factor, or to a given size.

    Parameters
    ----------
    scale_factor, size
        A factor, or the size in elements; an int or one per axis, ≥ 1. Exactly one is given.
    mode
        "nearest", "linear" or "cubic"; the shape does not depend on it.
    name
        Name of the layer in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For other types, numbers below 1, an unknown mode, and unless exactly one is given.

    Examples
    --------
    >>> Upsample(2)
    Upsample(scale_factor=2)
    >>> Upsample(size=(27, 27))
    Upsample(size=(27, 27))
    """

    scale_factor: Sizes | None = field(default=None, metadata=SIZES_OR_NONE)
    size: Sizes | None = field(default=None, metadata=SIZES_OR_NONE)
    mode: Literal["nearest", "linear", "cubic"] = field(
        default="nearest", metadata=by(partial(one_of, allowed=MODES))
    )
    name: str | None = field(default=None, metadata=NAME)

    def _finish(self) -> None:
        if (self.scale_factor is None) == (self.size is None):
            raise ValueError(
                "Upsample takes either scale_factor or size, "
                f"got scale_factor={self.scale_factor!r} and size={self.size!r}"
            )


@dataclass(frozen=True, slots=True, repr=False)
class Reshape(Specification):
    """Another shape for the same elements, without the batch.

    Parameters
    ----------
    shape
        1 to 4 entries; one of them may be −1 and is computed from the rest.
    name
        Name of the layer in the source; None without one.
    axis
        The axis that PyTorch's Unflatten splits, from 1. For a view of all axes it is 0, or −1
        where −1 stands for the batch. Only the text of the error depends on it.
    copies
        False for a view of elements that are not evenly spaced in memory, which PyTorch rejects.

    Raises
    ------
    TypeError, ValueError
        For other types, more than one −1, and another number of entries.

    Notes
    -----
    PyTorch's Unflatten and view, Keras' Reshape.

    Examples
    --------
    >>> Reshape((7, 7, -1))
    Reshape(shape=(7, 7, -1))
    """

    shape: tuple[int, ...] = field(metadata=by(_shape))
    name: str | None = field(default=None, metadata=NAME)
    axis: int = field(default=1, metadata=by(partial(whole_number, least=-1)))
    copies: bool = field(default=True, metadata=TRUTH)


@dataclass(frozen=True, slots=True, repr=False)
class Permute(Specification):
    """The dimensions in another order.

    Parameters
    ----------
    dims
        The dimensions, counted from 1; 0 is the batch, as in PyTorch and Keras.
    name
        Name of the layer in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For other types, and unless each axis is there once.

    Examples
    --------
    >>> Permute((2, 3, 1))
    Permute(dims=(2, 3, 1))
    """

    dims: tuple[int, ...] = field(metadata=by(_order))
    name: str | None = field(default=None, metadata=NAME)
