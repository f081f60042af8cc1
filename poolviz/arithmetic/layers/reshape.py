"""Layers that only rearrange: more elements, fewer, another order; no number is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from poolviz.arithmetic.layers.pool import Padding, Sizes, whole_numbers
from poolviz.arithmetic.layers.validation import Specification, one_of, sides, whole_number

MOST_ENTRIES = 4  # entries of a shape without the batch: three spatial axes and the channels
MODES = ("nearest", "linear", "cubic")


@dataclass(frozen=True, slots=True, repr=False)
class Flatten(Specification):
    """All axes but the batch in one: C·H·W features.

    Parameters
    ----------
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError
        For a name that is no text.

    Examples
    --------
    >>> Flatten()
    Flatten()
    """

    name: str | None = None

    def __post_init__(self) -> None:
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class ZeroPad(Specification):
    """Real zeros around the map: a layer of its own.

    Parameters
    ----------
    padding
        Elements: an int for every side, one per axis, or (before, after) pairs.
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        For other types, and negative numbers.

    Notes
    -----
    Unlike the padding of a max pooling, these zeros can win.

    Examples
    --------
    >>> ZeroPad(((0, 1), (0, 1)))
    ZeroPad(padding=((0, 1), (0, 1)))
    """

    padding: Padding
    name: str | None = None

    def __post_init__(self) -> None:
        self.set_checked(padding=sides("padding", self.padding))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Crop(Specification):
    """Elements taken off the map.

    Parameters
    ----------
    cropping
        Elements: an int for every side, one per axis, or (before, after) pairs.
    name
        What the source calls the layer, None where it has no name.

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

    cropping: Padding
    name: str | None = None

    def __post_init__(self) -> None:
        self.set_checked(cropping=sides("cropping", self.cropping))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Upsample(Specification):
    """A larger map, by a whole factor or to a size.

    Parameters
    ----------
    scale_factor, size
        A factor, or the size in elements; an int or one per axis, ≥ 1. Exactly one is given.
    mode
        "nearest", "linear" or "cubic"; the shape does not depend on it.
    name
        What the source calls the layer, None where it has no name.

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

    scale_factor: Sizes | None = None
    size: Sizes | None = None
    mode: Literal["nearest", "linear", "cubic"] = "nearest"
    name: str | None = None

    def __post_init__(self) -> None:
        if (self.scale_factor is None) == (self.size is None):
            raise ValueError(
                "Upsample takes either scale_factor or size, "
                f"got scale_factor={self.scale_factor!r} and size={self.size!r}"
            )
        for word in ("scale_factor", "size"):
            value = getattr(self, word)
            self.set_checked(
                **{word: None if value is None else whole_numbers(word, value, least=1)}
            )
        self.set_checked(mode=one_of("mode", self.mode, MODES))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Reshape(Specification):
    """Another shape for the same elements, without the batch.

    Parameters
    ----------
    shape
        1 to 4 entries; one of them may be −1: what is left over.
    name
        What the source calls the layer, None where it has no name.

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

    shape: tuple[int, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        given = (self.shape,) if isinstance(self.shape, int) else tuple(self.shape)
        shape = tuple(-1 if entry == -1 else whole_number("shape", entry, 0) for entry in given)
        if not 1 <= len(shape) <= MOST_ENTRIES or shape.count(-1) > 1:
            raise ValueError(
                f"shape must have 1 to {MOST_ENTRIES} entries, at most one of them −1, got {shape}"
            )
        self.set_checked(shape=shape)
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Permute(Specification):
    """The axes in another order.

    Parameters
    ----------
    dims
        The axes, counted from 1: as in PyTorch and Keras the batch is 0.
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        For other types, and unless each axis is there once.

    Examples
    --------
    >>> Permute((2, 3, 1))
    Permute(dims=(2, 3, 1))
    """

    dims: tuple[int, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        dims = tuple(whole_number("dims", entry, least=1) for entry in self.dims)
        if sorted(dims) != list(range(1, len(dims) + 1)) or len(dims) > MOST_ENTRIES:
            raise ValueError(f"dims must be 1 to n in some order, n ≤ {MOST_ENTRIES}, got {dims}")
        self.set_checked(dims=dims)
        self.check_name()
