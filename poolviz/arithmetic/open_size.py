"""A size that nobody states: it is written "?", and so is what is computed from it."""

from __future__ import annotations

from typing import Any


class OpenSize(int):
    """A number of channels or features that the source does not give.

    Sums and products with it are open too. It is equal to itself only; `differ` compares sizes, and
    an open one may be any other.

    >>> OpenSize() * 4, f"{OpenSize()}", differ(OpenSize(), 3), differ(4, 3)
    (?, '?', False, True)
    """

    def __new__(cls) -> OpenSize:
        """Return a new one; as an integer, which sizes are, it has the value 1."""
        # 1, so that a product that knows nothing of open sizes keeps its other factor.
        return super().__new__(cls, 1)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        # Equality is identity: by value it would be found as the size 1.
        return id(self)

    def __repr__(self) -> str:
        return "?"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("?", spec.lstrip(",").removesuffix("d"))

    def __reduce__(self) -> tuple[object, ...]:
        # A copy is another unknown size.
        return OpenSize, ()

    def _open(self, other: object) -> OpenSize:
        return OpenSize()

    def _divides(self, other: object) -> int:
        """Return the remainder 0: it may be a multiple, or a divisor."""
        return 0

    __add__ = __radd__ = __sub__ = __rsub__ = _open
    __mul__ = __rmul__ = __floordiv__ = __rfloordiv__ = _open
    __truediv__ = __rtruediv__ = _open
    __pow__ = __rpow__ = _open  # type: ignore[assignment]
    __mod__ = __rmod__ = _divides

    def __neg__(self) -> OpenSize:
        return OpenSize()

    def __abs__(self) -> OpenSize:
        return OpenSize()


def differ(one: int, other: int) -> bool:
    """Return whether two sizes are certainly different."""
    return one != other and not has_open((one, other))


def has_open(sizes: Any) -> bool:
    """Return whether one of some sizes is open."""
    # Called for every layer of every network, so without a loop in Python.
    return OpenSize in map(type, sizes)
