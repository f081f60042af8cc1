"""A mapping for objects that do not compare, such as tensors."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

T = TypeVar("T")


class ByIdentity(Generic[T]):
    """A mapping by identity. It keeps its keys alive, since Python reuses ids of deleted objects.

    >>> known = ByIdentity()
    >>> key = [1]
    >>> known[key] = "this list"
    >>> known[key], [1] in known
    ('this list', False)
    """

    def __init__(self) -> None:
        self._found: dict[int, tuple[Any, T]] = {}

    def __contains__(self, key: object) -> bool:
        return id(key) in self._found

    def __getitem__(self, key: object) -> T:
        return self._found[id(key)][1]

    def __setitem__(self, key: object, value: T) -> None:
        self._found[id(key)] = (key, value)
