"""Convolutions and transposed convolutions, drawn by number.

A case is made again from its number, so that a recording holds answers only. All numbers are small
integers, so that float32 holds every result exactly. They come from `numpy.random.RandomState`,
whose stream is the same in every version of NumPy.
"""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
COUNT = 600  # cases of each kind
KINDS = ("conv", "transposed")
_NAMES = ("same", "valid", "same", "valid", "causal", "same_lower")


class Case(NamedTuple):
    """One call: the parameters of the layer, the input (1, C, *spatial) and its weights.

    `weight` is (out, in / groups, *kernel), transposed (in, out / groups, *kernel).
    """

    kind: str
    out_channels: int
    in_channels: int
    parameters: dict[str, Any]
    x: Array
    weight: Array

    @property
    def sizes(self) -> tuple[int, ...]:
        """Spatial sizes of the input."""
        return self.x.shape[2:]

    @property
    def groups(self) -> int:
        """Number of groups."""
        found: int = self.parameters["groups"]
        return found


def case(kind: str, number: int) -> Case:
    """Return case `number` of a kind."""
    random = np.random.RandomState(10_000 * KINDS.index(kind) + number)
    ndim = 1 + number % 3
    sizes = tuple(int(n) for n in random.randint(1, (12, 9, 7)[ndim - 1], ndim))
    if random.rand() < 0.03:
        sizes = (*sizes[:-1], 0)
    kernel = _alike(random, 1, 5, ndim)
    has_groups = random.rand() < 0.3
    groups = int(random.randint(2, 4)) if has_groups else 1
    in_channels, out_channels = (groups * int(n) for n in random.randint(1, 3, 2))
    if has_groups and random.rand() < 0.2:
        in_channels, out_channels = in_channels + (number % 2), out_channels + 1 - number % 2
    channels = in_channels + int(random.rand() < 0.06)
    plain = 0.55 if kind == "conv" else 0.7
    parameters: dict[str, Any] = {
        "kernel_size": kernel,
        "stride": _alike(random, 1, 4, ndim) if random.rand() < 0.6 else (1,) * ndim,
        "padding": _padding(random, ndim),
        "dilation": (1,) * ndim if random.rand() < plain else _alike(random, 1, 4, ndim),
        "groups": groups,
    }
    if kind == "transposed":
        given = random.rand() < 0.4
        parameters["output_padding"] = _alike(random, 0, 3, ndim) if given else None
    first, second = (out_channels, in_channels) if kind == "conv" else (in_channels, out_channels)
    return Case(
        kind,
        out_channels,
        in_channels,
        parameters,
        random.randint(-4, 5, (1, channels, *sizes)).astype(np.float32),
        random.randint(-3, 4, (first, max(1, second // groups), *kernel)).astype(np.float32),
    )


def _alike(random: Any, least: int, end: int, ndim: int) -> tuple[int, ...]:
    """Return one number per axis, the same on all axes in half of the cases."""
    found = random.randint(least, end, ndim)
    return tuple(int(n) for n in (found if random.rand() < 0.5 else found[:1].repeat(ndim)))


def _padding(random: Any, ndim: int) -> Any:
    kind = random.rand()
    if kind < 0.38:
        return _NAMES[random.randint(len(_NAMES))]
    if kind < 0.6:
        return (0,) * ndim
    before = _alike(random, 0, 4, ndim)
    if kind < 0.93:
        return before
    return tuple((one, one + int(random.randint(0, 3))) for one in before)


def gradient_for(shape: tuple[int, ...]) -> Array:
    """Return the gradient of an output (1, C, *spatial) that is passed back."""
    return (np.arange(np.prod(shape, dtype=int)) * 7 % 5 - 2).reshape(shape).astype(np.float32)


def checksum(array: Array) -> int:
    """Return a number for the values and the shape of an array of integers."""
    whole = np.rint(np.asarray(array)).astype("<i4")
    return zlib.crc32(whole.tobytes(), zlib.crc32(repr(whole.shape).encode()))


# --- the order of axes in frameworks whose channels are last -------------------------------------


def channels_last(x: Array) -> Array:
    """Return (N, *spatial, C) of (N, C, *spatial)."""
    return np.moveaxis(x, 1, -1)


def kernel_first(weight: Array) -> Array:
    """Return (*kernel, second, first) of (first, second, *kernel)."""
    return np.transpose(weight, (*range(2, weight.ndim), 1, 0))


def kernel_last(weight: Array) -> Array:
    """Return (first, second, *kernel) of (*kernel, second, first)."""
    return np.transpose(weight, (weight.ndim - 1, weight.ndim - 2, *range(weight.ndim - 2)))
