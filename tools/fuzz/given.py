"""Numbers, arguments, arrays and answers from bytes: every input of a fuzzer is meaningful.

A byte that is changed, removed or inserted changes one choice, so that a fuzzer guided by coverage
makes progress. Where the bytes end, every choice is the first one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

# Values that people pass by mistake, and absurd ones. Some are valid in some places.
ODD: tuple[Any, ...] = (
    *(None, True, False, 2.5, 2.0, math.nan, math.inf, -math.inf, -0.0, 2 + 0j, b"3", "3", ""),
    *("same", "VALID", "same_lower", "max", "avg", "pytorch", "Keras", "\x00", "\ud800", "𝟛", "٣"),
    *({}, {2: 3}, {2, 3}, frozenset(), print, int, ..., slice(3), range(3), object()),
    *(10**100, 10**101, -(10**101), 10**5000, 2**63, 2**64, -(2**63), 0, -1),
    *(Fraction(7, 2), Fraction(2), Decimal(2), Decimal("NaN"), Decimal("1e999999")),
    *(np.int8(3), np.uint64(2**64 - 1), np.float64(2), np.True_, np.str_("3"), np.array(3)),
    *(np.array([2, 3]), np.array([2.5]), np.array([]), np.zeros((2, 2), int), np.array(["3"])),
    *(
        np.array([None]),
        np.datetime64("2020-01-01"),
        np.ma.masked,
        bytearray(b"3"),
        memoryview(b"3"),
    ),
    *((), [], [[]], ((),), ((1, 2), (3, 4)), [(1, 2)], [1, [2]], "9" * 5000, "(" * 3000),
)
_SIZES = (0, 10, 100, 1000, 2**31, 2**63, 10**9, 10**18, 10**50, 10**100)


class Given:
    """One input of a fuzzer, read from its beginning to its end."""

    def __init__(self, data: bytes, largest: int | None = None) -> None:
        self._data = data
        self._place = 0
        self._sizes = [size for size in _SIZES if largest is None or size <= largest]

    def byte(self) -> int:
        """Return the next byte; 0 after the end."""
        place, self._place = self._place, self._place + 1
        return self._data[place] if place < len(self._data) else 0

    def below(self, count: int) -> int:
        """Return a number from 0 to `count` − 1."""
        value = self.byte()
        return (value if count <= 256 else value * 256 + self.byte()) % count

    def one_of(self, entries: Sequence[T]) -> T:
        return entries[self.below(len(entries))]

    def rest(self) -> bytes:
        """Return all bytes that were not read."""
        return self._data[self._place :]

    def text(self) -> str:
        """Return the rest as a pasted text; a lone byte becomes a lone surrogate."""
        return self.rest().decode("utf-8", "surrogateescape")

    def several(self, entry: Callable[[], T], most: int) -> list[T]:
        return [entry() for _ in range(self.below(most + 1))]

    # --- arguments -------------------------------------------------------------------------------

    def size(self) -> int:
        """Return a size: mostly a small one, sometimes a huge one, rarely a negative one."""
        kind = self.below(16)
        if kind < 12:
            return self.below(16)
        number = self.one_of(self._sizes) + self.below(5)
        return number if kind < 15 else -number

    def sizes(self) -> Any:
        """Return an int, or one entry per axis."""
        if self.below(2):
            return tuple(self.several(self.size, 4))
        return self.size()

    def odd(self, usual: Callable[[], Any]) -> Any:
        """Return mostly a usual value."""
        return self.one_of(ODD) if self.below(24) == 23 else usual()

    def padding(self) -> Any:
        kind = self.below(4)
        if kind == 0:
            return self.one_of(("same", "valid", "same_lower", "SAME", "same_upper"))
        if kind == 1:
            return [(self.size(), self.size()) for _ in range(self.below(4))]
        return self.sizes()

    def parameters(self) -> dict[str, Any]:
        """Return some of the keywords of a `Pool` beside its kernel."""
        ways: dict[str, Callable[[], Any]] = {
            "stride": self.sizes,
            "padding": self.padding,
            "dilation": self.sizes,
            "ceil_mode": lambda: bool(self.below(2)),
            "op": lambda: self.one_of(("max", "avg", "AVG", "mean")),
            "count_include_pad": lambda: self.one_of((None, True, False)),
            "framework": lambda: self.one_of(
                ("pytorch", "tensorflow", "keras", "jax", "onnxruntime", "Keras", "torch")
            ),
        }
        wanted = self.byte()
        return {
            name: self.odd(way) for i, (name, way) in enumerate(ways.items()) if wanted >> i & 1
        }

    # --- arrays ----------------------------------------------------------------------------------

    def array(self) -> Any:
        """Return few numbers of any type, in any shape of up to six axes."""
        kind = self.one_of("fdhbBiqQ?FUOM")
        shape = [self.below(7) for _ in range(self.below(7))]
        count = math.prod(shape)
        numbers = [self._entry() for _ in range(min(count, 64))]
        values = np.array(numbers or [0.0])
        with np.errstate(all="ignore"):
            spread = np.resize(values, count).reshape(shape)
            if kind in "UO":
                return spread.astype(kind)
            if kind == "M":
                return np.nan_to_num(spread, posinf=9, neginf=-9).astype("i8").astype("M8[D]")
            if kind in "fdF":
                return spread.astype(kind)
            return np.nan_to_num(spread, posinf=9, neginf=-9).clip(-9, 9).astype(kind)

    def _entry(self) -> float:
        value = self.byte()
        special = {255: math.nan, 254: math.inf, 253: -math.inf, 252: 1e308, 251: -0.0}
        return special.get(value, value - 100.0)

    # --- answers ---------------------------------------------------------------------------------

    def answer(self) -> Any:
        """Return an answer as a student types it or a program submits it."""
        kind = self.below(8)
        if kind < 4:
            return self.text()
        if kind == 4:
            return self.sizes()
        if kind == 5:
            return self.several(lambda: self.odd(self.sizes), 9)
        if kind == 6:
            return self.array()
        return self.one_of(ODD)
