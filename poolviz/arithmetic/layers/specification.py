"""The base class of all layers: checked parameters, and a repr without defaults."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from functools import lru_cache
from typing import Any

from poolviz.arithmetic.layers.validation import Check


class Specification:
    """A frozen dataclass whose fields carry their checks as metadata."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, default, check in _checks(type(self)):  # type: ignore[arg-type]  # a class is hashable
            given = getattr(self, name)
            if given is not default:  # a default is valid
                kept = check(name, given)
                if kept is not given:
                    self._keep(name, kept)
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


@lru_cache(maxsize=64)
def _checks(layer: type[Any]) -> tuple[tuple[str, object, Check], ...]:
    checked = (entry for entry in fields(layer) if entry.metadata)
    return tuple((entry.name, entry.default, entry.metadata["check"]) for entry in checked)


def spread(value: Any, ndim: int) -> Any:
    """One entry per axis from an int or a single entry; names and None stay as they are."""
    if value is None or isinstance(value, str):
        return value
    entries = value if isinstance(value, tuple) else (value,)
    return entries if len(entries) == ndim else entries[:1] * ndim
