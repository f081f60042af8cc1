"""Sizes that a model reads from its tensors; they keep their origin in arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from poolviz.reading.graph.symbolic_tensor import BATCH, Batch


class Measured(int):
    """A spatial size, or a number computed from one: it holds for this input only.

    `asked` gets an entry where the model compares it with anything.

    >>> type(Measured(9) // 2 - 1).__name__, (Measured(9) // 2 - 1)
    ('Measured', 3)
    >>> asked = []
    >>> Measured(9, asked) // 2 > 3, asked
    (True, [True])
    """

    asked: list[bool]

    def __new__(cls, value: int, asked: list[bool] | None = None) -> Measured:
        made = super().__new__(cls, value)
        made.asked = [] if asked is None else asked
        return made

    # The comparisons below would take the hash away.
    __hash__ = int.__hash__


class Rows(Batch):
    """The batch, which stays one where it is multiplied by the number of entries of a sample.

    >>> Rows(1) * 4, int(4 * Rows(1)), Rows(4) // 4
    (the batch, 4, the batch)
    """

    def __mul__(self, other: Any) -> Any:
        is_count = isinstance(other, int) and not isinstance(other, Batch | bool) and other > 0
        return Rows(int(self) * int(other)) if is_count else int(self) * other

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        is_count = isinstance(other, int) and not isinstance(other, Batch | bool) and other > 0
        is_whole = is_count and int(self) % other == 0
        return Rows(int(self) // int(other)) if is_whole else int(self) // other


def _remembering(name: str) -> Callable[[Measured, object], object]:
    plain = getattr(int, name)

    def operation(self: Measured, other: object) -> object:
        if isinstance(other, Batch) and name == "__mul__":
            return NotImplemented  # the batch keeps its origin
        value = plain(self, other)
        return Measured(value, self.asked) if type(value) is int else value

    return operation


def _comparing(name: str) -> Callable[[Measured, object], object]:
    plain = getattr(int, name)

    def comparison(self: Measured, other: object) -> object:
        self.asked.append(True)
        return plain(self, other)

    return comparison


for _name in ("add", "sub", "mul", "floordiv", "mod", "radd", "rsub", "rmul", "rfloordiv"):
    setattr(Measured, f"__{_name}__", _remembering(f"__{_name}__"))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Measured, f"__{_name}__", _comparing(f"__{_name}__"))


def sizes_of(
    shape: tuple[int, ...], channels_last: bool, asked: list[bool] | None = None
) -> tuple[int, ...]:
    """Return the shape with its batch, as a model sees it.

    >>> [type(size).__name__ for size in sizes_of((3, 32, 32), channels_last=False)]
    ['Rows', 'int', 'Measured', 'Measured']
    """
    last = len(shape) - 1
    channels = last if channels_last else 0
    spatial = (n if place == channels else Measured(n, asked) for place, n in enumerate(shape))
    return (Rows(BATCH), *spatial)


def is_measured(value: object) -> bool:
    """True where a number, or one of a list, was computed from a spatial size."""
    if isinstance(value, list | tuple):
        return any(map(is_measured, value))
    return isinstance(value, Measured)


def plain(value: object) -> Any:
    """Return a value with ordinary numbers and tuples."""
    if isinstance(value, list | tuple):
        return tuple(map(plain, value))
    return int(value) if isinstance(value, Batch | Measured) else value


def all_measured(values: object, sizes: Iterable[int]) -> bool:
    """True where the numbers are exactly the spatial sizes.

    >>> all_measured((Measured(8), Measured(8)), (8, 8)), all_measured(8, (8, 8))
    (True, False)
    """
    wanted = tuple(sizes)
    given = values if isinstance(values, list | tuple) else (values,) * len(wanted)
    return tuple(map(plain, given)) == wanted and bool(wanted) and all(map(is_measured, given))


def has_numbers(value: object) -> bool:
    """Return whether a value is a tensor of the model; `torch.Size` has a `numel`, too."""
    return hasattr(value, "numel") and hasattr(value, "shape")
