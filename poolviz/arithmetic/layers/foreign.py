"""Layer objects of a framework, where a layer of poolviz is expected.

Which code converts them is set from outside (`set_reader`), because it lies above this layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

_BASES = frozenset(("Module", "Layer"))  # how frameworks call the base class of their layers


class ForeignLayer(Protocol):
    """A layer object of PyTorch or Keras: it is called with a tensor."""

    def __call__(self, *args: object, **kwargs: object) -> object: ...


class Converted(NamedTuple):
    """A layer of poolviz, with the framework and the order of the axes that it comes from."""

    layer: Any
    framework: str
    data_format: str


_name_of = attrgetter("__name__")


class _Reader:
    read: Callable[[object], Converted] | None = None


def set_reader(read: Callable[[object], Converted]) -> None:
    """Set the function that converts one layer object of a framework.

    It raises TypeError for an object that is not one layer.
    """
    _Reader.read = staticmethod(read)


def is_foreign(value: object) -> bool:
    """Return whether it is an object of a framework's base class, by the name of the class."""
    if _Reader.read is None or isinstance(value, type):
        return False
    return not _BASES.isdisjoint(map(_name_of, type(value).__mro__))


def own_layer(value: object) -> object:
    """Return a layer object of a framework as one of poolviz; anything else as it is.

    >>> own_layer(3)
    3
    """
    if _Reader.read is None or not is_foreign(value):
        return value
    return _Reader.read(value).layer


def own_weights(values: Iterable[object]) -> tuple[Any, Any]:
    """Return the weights and the bias of the first layer object of a framework, as arrays.

    They are None where there is no such object, or it was not built yet.

    >>> own_weights([3])
    (None, None)
    """
    for value in values:
        if is_foreign(value):
            found = next(
                (w for w in map(_array_of(value), ("weight", "kernel")) if w is not None), None
            )
            return found, None if found is None else _array_of(value)("bias")
    return None, None


def _array_of(layer: object) -> Callable[[str], object]:
    """Return a function that gives an attribute as an array of the CPU, or None."""

    def get(name: str) -> Any:
        try:
            found = getattr(layer, name, None)
            for step in ("detach", "cpu", "numpy"):  # PyTorch; Keras has the last one
                found = getattr(found, step)() if hasattr(found, step) else found
        except Exception:  # lazy layers of PyTorch, unbuilt ones of Keras
            return None
        return found

    return get


def first_foreign(values: Iterable[object]) -> Converted | None:
    """Return the first layer object of a framework, converted; None without any."""
    for value in values:
        entry = value[1] if isinstance(value, tuple) and len(value) == 2 else value
        if _Reader.read is not None and is_foreign(entry):
            return _Reader.read(entry)
    return None
