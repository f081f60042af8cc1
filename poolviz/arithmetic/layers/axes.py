"""Layers that are described by the size of each axis of their output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from poolviz.arithmetic.layers.specification import Specification
from poolviz.arithmetic.layers.validation import COUNT, NAME, NUMBER, by, shown, text, whole_number
from poolviz.arithmetic.open_size import OpenSize
from poolviz.i18n.keywords import answers_keywords

MOST_SIZES = 8  # axes of one tensor, without the batch


@answers_keywords()
class Axis(NamedTuple):
    """Size of an axis of the output, from one axis of an input.

    Attributes
    ----------
    axis
        Number of the axis, from 1 without the batch, in the order of the data.
    times, over, plus
        The size is `size · times // over + plus`.
    cut
        (start, stop, step) of a slice, in place of these three numbers.
    branch
        Index of the input that has the axis.

    Examples
    --------
    >>> Axis(2, times=2, plus=1).of(5), Axis(1, cut=(0, -1, None)).of(5)
    (11, 4)
    """

    axis: int
    times: int = 1
    over: int = 1
    plus: int = 0
    cut: tuple[int | None, int | None, int | None] | None = None
    branch: int = 0

    def of(self, size: int) -> int:
        """Return the size for an input axis of this size."""
        if isinstance(size, OpenSize):
            # It stays the *same* unknown only where nothing is computed from it.
            return OpenSize() if (self.times, self.over, self.plus, self.cut) != _KEPT else size
        if self.cut is not None:
            return len(range(*slice(*self.cut).indices(size)))
        return size * self.times // self.over + self.plus


_KEPT = (1, 1, 0, None)  # times, over, plus and cut of an axis that stays as it is
Entry = int | Axis
Expected = tuple[int, int]


@answers_keywords()
class Combination(NamedTuple):
    """How several tensors make one: a product of matrices, attention, a concatenation.

    Attributes
    ----------
    kind
        Name of the operation in texts.
    shape
        One entry per axis of the result: a size, an `Axis`, or a tuple of `Axis` to be added.
    equal
        Pairs of axes whose sizes have to be the same.
    parameters
        Number of weights.

    Examples
    --------
    >>> Combination("matmul", (Axis(1), Axis(2, branch=1)), ((Axis(2), Axis(1, branch=1)),)).kind
    'matmul'
    """

    kind: str
    shape: tuple[int | Axis | tuple[Axis, ...], ...]
    equal: tuple[tuple[Axis, Axis], ...] = ()
    parameters: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether it concatenates tensors."""
        return any(isinstance(e, tuple) and not isinstance(e, Axis) for e in self.shape)


def _entries(name: str, value: object) -> tuple[Entry, ...]:
    """One entry per axis: a size ≥ 0, or an `Axis`."""
    given = tuple(value) if isinstance(value, Iterable) else ()
    shape = tuple(
        entry if isinstance(entry, Axis) else whole_number(name, entry, 0) for entry in given
    )
    if not 1 <= len(shape) <= MOST_SIZES:
        raise ValueError(f"{name} must have 1 to {MOST_SIZES} entries, got {shown(value)}")
    return shape


def _pairs(name: str, value: object) -> tuple[Expected, ...]:
    given = tuple(value) if isinstance(value, Iterable) else ()
    return tuple((whole_number(name, a, 1), whole_number(name, n, 0)) for a, n in given)


ENTRIES = by(_entries)
KIND = by(partial(text, allowed="a text"))


@dataclass(frozen=True, slots=True, repr=False)
class AxisMap(Specification):
    """Any layer on one tensor, by the size of each axis: a recurrent layer, a slice, a maximum.

    Attributes
    ----------
    kind
        What it is, as in the source: "LSTM", "PixelShuffle", "max".
    rank
        Axes of the input without the batch.
    shape
        One entry per axis of the output: a size, or an `Axis` of the input.
    expects
        (axis, size) pairs: sizes of input axes that the layer was built for.
    only
        (axis, size) pairs: sizes for which `shape` is known; for others it may differ.
    parameters
        Weights and biases.
    name
        Name of the layer in the source; None without one.
    error
        Class of the exception for another size; None for the usual one.

    Raises
    ------
    TypeError, ValueError
        For other types, negative numbers, and more than 8 axes.

    Examples
    --------
    >>> AxisMap("LSTM", 2, (Axis(1), 16), expects=((2, 8),))
    AxisMap(kind='LSTM', rank=2, shape=(Axis(axis=1, times=1, over=1, plus=0, cut=None, branch=0), \
16), expects=((2, 8),))
    """

    kind: str = field(metadata=KIND)
    rank: int = field(metadata=COUNT)
    shape: tuple[Entry, ...] = field(metadata=ENTRIES)
    expects: tuple[Expected, ...] = field(default=(), metadata=by(_pairs))
    only: tuple[Expected, ...] = field(default=(), metadata=by(_pairs))
    parameters: int = field(default=0, metadata=NUMBER)
    name: str | None = field(default=None, metadata=NAME)
    error: str | None = field(default=None, metadata=NAME)
