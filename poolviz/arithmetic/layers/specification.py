"""The base class of all layers: checked parameters, and a repr without defaults."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cache
from typing import Any

from poolviz.arithmetic.layers.validation import Check


class Specification:
    """A frozen dataclass whose fields carry their checks as metadata."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, check in _checks(type(self)):  # type: ignore[arg-type]  # a class is hashable
            self._keep(name, check(name, getattr(self, name)))
        self._finish()

    def _finish(self) -> None:
        """Check what concerns several parameters, and fill in what follows from them."""

    def _keep(self, name: str, value: object) -> None:
        """Set a field of this frozen object while it is made."""
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        words = []
        for entry in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, entry.name)
            if entry.repr and not self._is_default(value, entry.default):
                words.append(f"{entry.name}={value!r}")
        return f"{type(self).__name__}({', '.join(words)})"

    def _is_default(self, value: object, default: object) -> bool:
        """Whether it is the default, written once or once per axis."""
        ndim = getattr(getattr(self, "window", self), "ndim", None) or 1
        return default is not MISSING and value in (default, spread(default, ndim))


@cache
def _checks(layer: type[Any]) -> tuple[tuple[str, Check], ...]:
    """The checked fields of a kind of layer."""
    return tuple((entry.name, entry.metadata["check"]) for entry in fields(layer) if entry.metadata)


def spread(value: Any, ndim: int) -> Any:
    """One entry per axis from an int or a single entry; names and None stay as they are."""
    if value is None or isinstance(value, str):
        return value
    entries = value if isinstance(value, tuple) else (value,)
    return entries if len(entries) == ndim else entries[:1] * ndim
