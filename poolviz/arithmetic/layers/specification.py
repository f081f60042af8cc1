"""The base class of all layers: checked parameters, and a repr without defaults."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from functools import lru_cache
from typing import Any


class Specification:
    """A frozen dataclass whose fields carry their checks as metadata."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for entry in _fields(type(self)):  # type: ignore[arg-type]  # a class is hashable
            if entry.metadata:
                given = getattr(self, entry.name)
                kept = entry.metadata["check"](entry.name, given)
                if kept is not given:
                    self._keep(entry.name, kept)
        self._finish()

    def _finish(self) -> None:
        """Check what concerns several parameters, and fill in what follows from them."""

    def _keep(self, name: str, value: object) -> None:
        """Set a field of this frozen object during initialisation."""
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        words = []
        for entry in _fields(type(self)):  # type: ignore[arg-type]  # a class is hashable
            value = getattr(self, entry.name)
            if entry.repr and not self._is_default(value, entry.default):
                words.append(f"{entry.name}={value!r}")
        return f"{type(self).__name__}({', '.join(words)})"

    def _is_default(self, value: object, default: object) -> bool:
        """Return whether a value is the default, written once or once per axis."""
        if default is MISSING or value == default:
            return default is not MISSING
        ndim = getattr(getattr(self, "window", self), "ndim", None) or 1
        return bool(value == spread(default, ndim))


@lru_cache(maxsize=64)
def _fields(layer: type[Any]) -> tuple[Field[Any], ...]:
    return fields(layer)


def spread(value: Any, ndim: int) -> Any:
    """One entry per axis from an int or a single entry; names and None stay as they are."""
    if value is None or isinstance(value, str):
        return value
    entries = value if isinstance(value, tuple) else (value,)
    return entries if len(entries) == ndim else entries[:1] * ndim
