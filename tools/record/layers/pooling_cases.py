"""Arrays for adaptive, global and LP pooling and for unpooling, drawn by number.

A case is made again from its number, so that a recording holds answers only. The numbers come from
`numpy.random.RandomState`, whose stream is the same in every version of NumPy.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
COUNT = 1100  # cases of each kind
KINDS = ("adaptive", "global", "lp", "unpool")
_HUGE = 1e6  # stands for infinities and for the lowest numbers in a sum


class Case(NamedTuple):
    """One call: its kind, operation and arguments, and the input (N, C, *spatial)."""

    kind: str
    op: str
    arguments: dict[str, Any]
    x: Array

    @property
    def sizes(self) -> tuple[int, ...]:
        """Spatial sizes of the input."""
        return self.x.shape[2:]


def case(kind: str, number: int) -> Case:
    """Return case `number` of a kind."""
    random = np.random.RandomState(10_000 * KINDS.index(kind) + number)
    ndim = 1 + number % 3
    least = 1 if number % 8 == 5 else 2
    sizes = tuple(int(n) for n in random.randint(least, (13, 10, 7)[ndim - 1], ndim))
    op = ("max", "avg")[number // 3 % 2] if kind in ("adaptive", "global") else "max"
    shape = (random.randint(1, 3), random.randint(1, 3), *sizes)
    x = random.randint(-4, 5, shape).astype(np.float32)
    arguments = _ARGUMENTS[kind](random, sizes)
    if op == "max" and kind in ("adaptive", "global") and number % 4 == 0:
        x[random.rand(*shape) < 0.2] = np.nan
        x[random.rand(*shape) < 0.1] = -np.inf
    return Case(kind, "lp" if kind == "lp" else op, arguments, x)


def _adaptive(random: Any, sizes: tuple[int, ...]) -> dict[str, Any]:
    least = 1 + (min(sizes) > 1)
    return {"output_size": tuple(int(n) for n in random.randint(least, 8, len(sizes)))}


def ends_keras(given: Case) -> bool:
    """Return whether Keras' adaptive maxima end the process: of two windows, the longer exceeds x.

    Keras 3.15.1 on TensorFlow 2.21.0 with oneDNN, its default: "Floating point exception".
    """
    sizes = zip(given.sizes, given.arguments["output_size"], strict=True)
    return given.op == "max" and any(-(-n // out) + 1 > n for n, out in sizes)


def _window(random: Any, sizes: tuple[int, ...]) -> dict[str, Any]:
    kernel = tuple(int(random.randint(1, min(n, 4) + 1)) for n in sizes)
    stride = tuple(int(n) for n in random.randint(1, 4, len(sizes)))
    return {"kernel_size": kernel, "stride": stride if random.rand() < 0.7 else None}


def _lp(random: Any, sizes: tuple[int, ...]) -> dict[str, Any]:
    ceil_mode = bool(random.rand() < 0.3)
    return {**_window(random, sizes), "norm": int(random.randint(1, 5)), "ceil_mode": ceil_mode}


def _unpool(random: Any, sizes: tuple[int, ...]) -> dict[str, Any]:
    window = _window(random, sizes)
    padding = tuple(int(random.randint(0, k // 2 + 1)) for k in window["kernel_size"])
    return {**window, "padding": padding, "to_input": bool(random.rand() < 0.5)}


_ARGUMENTS: dict[str, Any] = {
    "adaptive": _adaptive,
    "global": lambda random, sizes: {},
    "lp": _lp,
    "unpool": _unpool,
}


def gradient_for(shape: tuple[int, ...], number: int) -> Array:
    """Return the numbers by which the outputs of a case are multiplied before they are summed."""
    found: Array = np.random.RandomState(number).randint(1, 9, shape).astype(np.float32)
    return found


def checksum(array: Array) -> list[Any]:
    """Return the shape, and a sum in which every element has another weight.

    >>> checksum(np.float32([[1, 2], [3, 4]]))
    [[2, 2], 30.0]
    """
    flat = np.asarray(array, dtype=np.float64).ravel()
    weights = 1 + np.arange(flat.size) % 97
    low, high = np.finfo(np.float32).min, np.finfo(np.float32).max
    kept = np.where(np.isnan(flat), 3 * _HUGE, flat)
    kept = np.where(kept <= low, -_HUGE, np.where(kept >= high, _HUGE, kept))
    return [[*np.shape(array)], round(float((kept * weights).sum()), 2)]
