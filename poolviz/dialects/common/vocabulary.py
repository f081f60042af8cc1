"""What the vocabularies share: settings that say what is missing, numbers per axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal, TypeAlias

from poolviz.arithmetic.layers.network_layers import Flatten, GlobalPool, Layer, Permute, Reshape
from poolviz.i18n.phrase import phrase

Shape: TypeAlias = "tuple[int, ...] | None"
Layers: TypeAlias = "tuple[Layer, ...]"
UNKNOWN_SHAPE = phrase("reading.unread.unknown_shape")


@dataclass(frozen=True, slots=True)
class CallArgs:
    """The arguments of one call, and what is known of its input.

    `shape`: of the input, without the batch; None where it is unknown. `channels_last`: the order
    of its axes.
    """

    settings: Mapping[str, Any]
    shape: Shape = None
    channels_last: bool = True

    def __getitem__(self, word: str) -> Any:
        if word not in self.settings:
            raise TypeError(phrase("reading.unread.missing_argument", name=word))
        return self.settings[word]

    def get(self, word: str, default: Any = None) -> Any:
        """The setting, or what the framework takes when it is left out."""
        return self.settings.get(word, default)


Maker: TypeAlias = Callable[[CallArgs], Layers]


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One class or function: its arguments in order, and what it makes."""

    arguments: tuple[str, ...]
    make: Maker


def word(arguments: str, make: Maker) -> LayerSpec:
    """A word from the names of its arguments, separated by spaces."""
    return LayerSpec(tuple(arguments.split()), make)


def looked_up(words: Mapping[str, LayerSpec], name: str, given: CallArgs) -> Layers | None:
    """The layers that a name of the vocabulary stands for; None for a name that is not in it."""
    found = words.get(name)
    return None if found is None else found.make(given)


def each(value: Any, ndim: int) -> Any:
    """One entry per axis from a single number.

    >>> each(3, 2), each([3], 2), each((3, 5), 2)
    ((3, 3), (3, 3), (3, 5))
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        return (value,) * ndim
    entries = tuple(value)
    if len(entries) == 1:
        return entries * ndim
    if len(entries) != ndim:
        raise ValueError(phrase("reading.unread.one_per_axis", axes=ndim, given=str(entries)))
    return entries


def each_or_none(value: Any, ndim: int) -> Any:
    """The same, where None stands for the framework's own choice."""
    return None if value is None else each(value, ndim)


def is_pair(value: Any) -> bool:
    """A (before, after) pair, or any other list of two."""
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2


def whole(value: Any) -> Any:
    """2 for 2.0, one by one in a list; anything else as it is."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(whole, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


# --- what every framework does with the axes of a tensor; as there, axis 0 is the batch -----------


def place(axis: int, count: int) -> int:
    """An axis counted from the beginning, of a tensor with `count` axes.

    >>> place(-1, 4)
    3
    >>> place(4, 4)
    Traceback (most recent call last):
    ValueError: axis 4 of a tensor with 4 axes
    """
    if not -count <= axis < count:
        raise ValueError(phrase("reading.unread.no_such_axis", axis=str(axis), axes=count))
    return axis % count


def reshaped(sizes: Sequence[int], shape: Shape) -> Layers:
    """Another shape, without the batch.

    >>> reshaped((-1,), None), reshaped((7, 7, 64), None)
    ((Flatten(),), (Reshape(shape=(7, 7, 64)),))
    """
    if len(sizes) == 1 and (sizes[0] == -1 or (shape is not None and sizes[0] == prod(shape))):
        return (Flatten(),)
    return (Reshape(tuple(sizes)),)


def permuted(order: Sequence[int]) -> Layers:
    """The axes in another order; the batch stays where it is.

    >>> permuted((0, 2, 3, 1))
    (Permute(dims=(2, 3, 1)),)
    """
    dims = [place(axis, len(order)) for axis in order]
    if dims[:1] != [0]:
        raise ValueError(phrase("reading.unread.batch_moved", order=str(tuple(order))))
    return (Permute(tuple(dims[1:])),)


def reduced(
    op: Literal["max", "avg"], axes: Any, keeps: bool, shape: Shape, channels_last: bool
) -> Layers:
    """A mean or maximum over all spatial axes.

    >>> reduced("avg", (2, 3), False, (64, 7, 7), channels_last=False)
    (GlobalPool(keepdims=False),)
    """
    given = tuple(axes) if isinstance(axes, Sequence) else (axes,)
    if shape is None or axes is None:
        raise ValueError(phrase("reading.unread.reduced_unknown_shape", axes=str(axes)))
    count = len(shape)
    spatial = set(range(1, count)) if channels_last else set(range(2, count + 1))
    if {place(axis, count + 1) for axis in given} != spatial or not spatial:
        raise ValueError(phrase("reading.unread.not_spatial", axes=str(given), shape=str(shape)))
    return (GlobalPool(op, keepdims=keeps),)


def swapped(first: int, second: int, shape: Shape) -> Layers:
    """Two axes change places."""
    if shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    order = list(range(len(shape) + 1))
    one, other = place(first, len(order)), place(second, len(order))
    order[one], order[other] = other, one
    return permuted(order)


def squeezed(axes: Any, shape: Shape) -> Layers:
    """Axes of one element are left out; None: all of them.

    >>> squeezed((-1, -2), (64, 1, 1))
    (Flatten(),)
    """
    if shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    every = range(1, len(shape) + 1) if axes is None else (axes,)
    given = axes if isinstance(axes, Sequence) else every
    chosen = {place(axis, len(shape) + 1) - 1 for axis in given}
    left = [n for i, n in enumerate(shape) if i not in chosen or n != 1]
    return reshaped(left or [1], shape) if len(left) < len(shape) else ()


def unsqueezed(axis: int, shape: Shape) -> Layers:
    """A new axis of one element."""
    if shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    before = place(axis, len(shape) + 2) - 1
    if before < 0:
        raise ValueError(phrase("reading.unread.axis_before_batch"))
    return (Reshape((*shape[:before], 1, *shape[before:])),)
