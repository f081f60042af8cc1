"""Arguments of calls → layers: what the vocabularies of all frameworks share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal, TypeAlias, TypeVar

from poolviz.arithmetic.layers.network_layers import Flatten, GlobalPool, Layer, Permute, Reshape
from poolviz.i18n.phrase import phrase

Shape: TypeAlias = "tuple[int, ...] | None"
Settings: TypeAlias = Mapping[str, Any]  # plain values, as source code or a live layer has them
Op: TypeAlias = Literal["max", "avg"]
Mode: TypeAlias = Literal["nearest", "linear", "cubic"]
Layers: TypeAlias = "tuple[Layer, ...]"
T = TypeVar("T")
UNKNOWN_SHAPE = phrase("reading.unread.unknown_shape")


@dataclass(frozen=True, slots=True)
class CallArgs:
    """Arguments of one call, and what is known of its input.

    `shape`: of the input, without the batch; None where it is unknown. `channels_last`: the order
    of its axes. `batch_axis`: where the batch is; only a spec that `knows_batch` sees another
    place than 0.
    """

    settings: Settings
    shape: Shape = None
    channels_last: bool = True
    batch_axis: int = 0

    def __getitem__(self, word: str) -> Any:
        if word not in self.settings:
            raise TypeError(phrase("reading.unread.missing_argument", name=word))
        return self.settings[word]

    def get(self, word: str, default: object = None) -> Any:
        """Return the argument, or its default."""
        return self.settings.get(word, default)


@dataclass(frozen=True, slots=True)
class Part:
    """One of several results: the layers to it, and where its batch axis is."""

    layers: Layers = ()
    batch_axis: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """Several results of one call: layers that all of them need, then each; None is no tensor."""

    first: Layers
    parts: tuple[Part | Parts | None, ...]


Made: TypeAlias = "Layers | Parts"  # Parts for several results
Maker: TypeAlias = Callable[[CallArgs], Any]  # gives `Made`


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One class or function: its arguments in order, and the layers it stands for.

    `knows_batch`: it takes tensors whose batch axis is not the first.
    """

    arguments: tuple[str, ...]
    make: Maker
    knows_batch: bool = False


def word(arguments: str, make: Maker, knows_batch: bool = False) -> LayerSpec:
    """Make a `LayerSpec` from argument names separated by spaces."""
    return LayerSpec(tuple(arguments.split()), make, knows_batch)


def looked_up(words: Mapping[str, LayerSpec], name: str, given: CallArgs) -> Made | None:
    """Return what a name stands for: layers, or `Parts`; None for an unknown name."""
    found = words.get(name)
    made: Made | None = None if found is None else found.make(given)
    return made


def each(value: T | Sequence[T], ndim: int) -> tuple[T, ...]:
    """Spread a single number to one entry per axis.

    >>> each(3, 2), each([3], 2), each((3, 5), 2)
    ((3, 3), (3, 3), (3, 5))
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        return (value,) * ndim
    entries: tuple[T, ...] = tuple(value)
    if len(entries) == 1:
        return entries * ndim
    if len(entries) != ndim:
        raise ValueError(phrase("reading.unread.one_per_axis", axes=ndim, given=str(entries)))
    return entries


def each_or_none(value: T | Sequence[T] | None, ndim: int) -> tuple[T, ...] | None:
    """Spread a number, or keep None, the framework's default."""
    return None if value is None else each(value, ndim)


def is_pair(value: object) -> bool:
    """Return whether the value is a (before, after) pair, or any other list of two."""
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2


def whole(value: object) -> Any:
    """Return 2 for 2.0, also in a list; any other value unchanged."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(whole, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


# --- what every framework does with the axes of a tensor; as there, axis 0 is the batch -----------


def place(axis: int, count: int) -> int:
    """Normalise an axis of a tensor with `count` axes.

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
    """Reshape to sizes without the batch.

    >>> reshaped((-1,), None), reshaped((7, 7, 64), None)
    ((Flatten(),), (Reshape(shape=(7, 7, 64), axis=0),))
    """
    if len(sizes) == 1 and (sizes[0] == -1 or (shape is not None and sizes[0] == prod(shape))):
        return (Flatten(),)
    return (Reshape(tuple(sizes), axis=0),)


def flat(start: int, end: int, shape: Shape) -> Layers:
    """Flattening of the axes `start` to `end`; axis 0 is the batch.

    >>> flat(2, -1, (64, 7, 7))
    (Reshape(shape=(64, -1)),)
    """
    if start == 1 and (end == -1 or (shape is not None and end == len(shape))):
        return (Flatten(),)
    axes = {"start": str(start), "end": str(end)}
    if shape is None:
        raise ValueError(phrase("reading.unread.flat_unknown_shape", **axes))
    ndim = len(shape)
    first, last = place(start, ndim + 1) - 1, place(end, ndim + 1) - 1
    if not 0 <= first <= last:
        raise ValueError(phrase("reading.unread.flat_with_batch", **axes))
    if first == 0 and last == ndim - 1:
        return (Flatten(),)
    return (Reshape((*shape[:first], -1, *shape[last + 1 :])),)


def permuted(order: Sequence[int]) -> Layers:
    """Permute the axes; the batch has to stay first.

    >>> permuted((0, 2, 3, 1))
    (Permute(dims=(2, 3, 1)),)
    """
    dims = [place(axis, len(order)) for axis in order]
    if dims[:1] != [0]:
        raise ValueError(phrase("reading.unread.batch_moved", order=str(tuple(order))))
    return (Permute(tuple(dims[1:])),)


def reduced(
    op: Op, axes: int | Sequence[int] | None, keeps: bool, shape: Shape, channels_last: bool
) -> Layers:
    """Reduce all spatial axes by mean or maximum.

    >>> reduced("avg", (2, 3), False, (64, 7, 7), channels_last=False)
    (GlobalPool(keepdims=False),)
    """
    if shape is None or axes is None:
        raise ValueError(phrase("reading.unread.reduced_unknown_shape", axes=str(axes)))
    given = tuple(axes) if isinstance(axes, Sequence) else (axes,)
    count = len(shape)
    spatial = set(range(1, count)) if channels_last else set(range(2, count + 1))
    if {place(axis, count + 1) for axis in given} != spatial or not spatial:
        raise ValueError(phrase("reading.unread.not_spatial", axes=str(given), shape=str(shape)))
    return (GlobalPool(op, keepdims=keeps),)


def swapped(first: int, second: int, shape: Shape) -> Layers:
    """Swap two axes."""
    if shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    order = list(range(len(shape) + 1))
    one, other = place(first, len(order)), place(second, len(order))
    order[one], order[other] = other, one
    return permuted(order)


def squeezed(axes: int | Sequence[int] | None, shape: Shape) -> Layers:
    """Drop axes of one element; None drops all of them.

    >>> squeezed((-1, -2), (64, 1, 1))
    (Flatten(),)
    """
    if shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    every = range(1, len(shape) + 1) if axes is None else axes
    given = every if isinstance(every, Sequence) else (every,)
    chosen = {place(axis, len(shape) + 1) - 1 for axis in given}
    left = [n for i, n in enumerate(shape) if i not in chosen or n != 1]
    if not left and shape:
        raise ValueError(phrase("reading.unread.no_axis_left", name="squeeze"))
    return reshaped(left, shape) if len(left) < len(shape) else ()


def unsqueezed(axis: int, shape: Shape) -> Layers:
    """Insert an axis of one element."""
    if shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    before = place(axis, len(shape) + 2) - 1
    if before < 0:
        raise ValueError(phrase("reading.unread.axis_before_batch"))
    return (Reshape((*shape[:before], 1, *shape[before:])),)


# --- the same, of functions whose arguments have the same names everywhere -----------------------


def reduced_axis(op: Op, given: CallArgs) -> Layers:
    """Reduce spatial axes that come before the channels: `axis`, `keepdims`."""
    keeps = given.get("keepdims", False)
    return reduced(op, given.get("axis"), keeps, given.shape, channels_last=True)


def reshaped_whole(given: CallArgs) -> Layers:
    """Reshape to a `shape` whose first entry is the batch, whatever it is."""
    return reshaped(given["shape"][1:], given.shape)


def squeezed_axis(given: CallArgs) -> Layers:
    """Drop axes of one element: `axis`."""
    return squeezed(given.get("axis"), given.shape)
