"""Functions, methods, layers and operators that join tensors, of every framework."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Literal

from poolviz.arithmetic.layers.network_layers import (
    Add,
    Branch,
    Combination,
    Combine,
    Concatenate,
    Identity,
    Layer,
)
from poolviz.arithmetic.network.broadcasting import Shape

Join = Literal["concatenate", "add"] | Combination
_JOINS: dict[str, type[Concatenate] | type[Add]] = {"concatenate": Concatenate, "add": Add}


def how_joined(join: Join) -> type[Concatenate] | type[Add] | Combination:
    """Return what `joined` takes for a join."""
    return join if isinstance(join, Combination) else _JOINS[join]


def join_layer(join: Join, branches: tuple[Branch, ...]) -> Layer:
    """Return the layer that joins branches."""
    return Combine(branches, join) if isinstance(join, Combination) else _JOINS[join](branches)


def join_title(join: Join) -> str:
    """Return what a join is."""
    return join.kind if isinstance(join, Combination) else join


def needs_each_sample(join: Join) -> bool:
    """Return whether a join repeats no tensor for the samples of the batch."""
    return join_title(join).lower().startswith(("concatenate", "stack"))


_CONCATENATING = "cat concat concatenate"
# All of them give the broadcast shape of what they take: as layers of a network they are alike.
_ELEMENTWISE = (
    "add sub rsub subtract mul mult multiply div divide truediv true_divide truedivide pow power "
    "average maximum minimum bitor bitand bitxor"
)
_BY_NAME: dict[str, Join] = {
    **dict.fromkeys(_CONCATENATING.split(), "concatenate"),
    **dict.fromkeys((*_ELEMENTWISE.split(), "or", "and", "xor"), "add"),
}
EXPANDING = frozenset({"expand", "expand_as", "broadcast_to"})


def join_of(name: str) -> Join | None:
    """Return how a function, method, layer or operator joins tensors; None if it does not.

    >>> join_of("Concatenate"), join_of("mul_"), join_of("Conv2D")
    ('concatenate', 'add', None)
    """
    # `add_` works in place, with the same shapes.
    return _BY_NAME.get(name.rstrip("_").lower())


def is_channel_axis(axis: int, shapes: Sequence[Shape | None], channels_last: bool) -> bool:
    """Return whether an axis, counted with the batch, is the channel axis.

    >>> is_channel_axis(-3, [(64, 7, 7)], False), is_channel_axis(1, [(7, 7, 64)], True)
    (True, False)
    """
    shape = next((shape for shape in shapes if shape is not None), None)
    if shape is None:
        # The rank is unknown: 3 and 4 are the last axis of batches of maps and of volumes.
        return axis in (-1, 3, 4) if channels_last else axis == 1
    channels = len(shape) if channels_last else 1
    return axis in (channels, channels - len(shape) - 1)


def scaled(
    name: str, shape: Shape, constant: Shape, is_parameter: bool, channels_last: bool = False
) -> tuple[Identity, ...] | None:
    """Layers for a map added to or multiplied by a constant; None if it has other sizes.

    `constant` is a whole shape, with the axis of the batch: one number, or one per channel.

    >>> scaled("mul", (8, 4, 4), (8, 1, 1), is_parameter=True)
    (Identity(name='mul', channels=8, parameters_per_channel=1),)
    >>> scaled("mul", (8, 4, 4), (2, 8, 4, 4), is_parameter=True) is None
    True
    """
    wide = (1,) * (len(shape) + 1 - len(constant)) + constant
    count = prod(constant) if is_parameter else 0
    place = len(shape) if channels_last else min(1, len(shape))
    channels = wide[place] if place < len(wide) else 0
    repeats = channels > 1 and (0, *shape)[place] == 1  # a map of one channel, for each of them
    if len(wide) == len(shape) + 1 and channels == prod(wide) > 1 and not repeats:
        return (Identity(name, channels, count // channels),)
    if len(wide) != len(shape) + 1 or prod(wide) != 1:
        return None
    return (Identity(name, None, 0, count),) if count else ()
