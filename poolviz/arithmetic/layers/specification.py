"""The base class of all layers: checked parameters, and a repr without defaults."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from functools import lru_cache
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any, Self

from poolviz.arithmetic.layers.argument_order import check_order
from poolviz.arithmetic.layers.in_use import InUse, framework_in_use
from poolviz.arithmetic.layers.validation import Check
from poolviz.i18n.keywords import reject_keyword


class _OwnSignature:
    """The signature of `__init__`: `help` and editors would show the `*args` of `__new__`."""

    def __get__(self, _: object, owner: Any) -> Signature:
        whole = signature(owner.__init__)
        return whole.replace(parameters=list(whole.parameters.values())[1:])


class Specification:
    """A frozen dataclass whose fields carry their checks as metadata."""

    __slots__ = ()

    if not TYPE_CHECKING:  # type checkers report unknown parameters themselves
        __signature__ = _OwnSignature()

        def __new__(cls, *args: object, **given: object) -> Self:
            """Answer the words of the frameworks with those of poolviz."""
            known = _parameters(cls)
            if not given.keys() <= known.keys():
                reject_keyword(
                    cls.__name__, next(word for word in given if word not in known), known
                )
            if len(args) > 1 or (args and given):
                check_order(cls.__name__, tuple(known), args, given)
            if (args or given) and len(args) < len(known):  # pickle gives neither
                _require(cls.__name__, [name for name in known if known[name]], len(args), given)
            return object.__new__(cls)

    def __post_init__(self) -> None:
        for name, default, check in _checks(type(self)):  # type: ignore[arg-type]  # a class is hashable
            given = getattr(self, name)
            # Checks cost more than making the object, and a search makes thousands of layers.
            if given is default:  # a default is valid
                if type(default) is InUse:
                    self._keep(name, framework_in_use())
            else:
                kept = check(name, given)
                if kept is not given:
                    self._keep(name, kept)
        self._finish()

    def _finish(self) -> None:
        """Check what concerns several parameters, and fill in what follows from them."""

    def _keep(self, name: str, value: object) -> None:
        """Set a field of this frozen object during initialisation."""
        object.__setattr__(self, name, value)

    def _with_kept(self, values: dict[str, object]) -> Self:
        """Return a copy with other values, which need no check: `replace` checks all again."""
        copied = object.__new__(type(self))
        for entry in _fields(type(self)):  # type: ignore[arg-type]  # a class is hashable
            name = entry.name
            copied._keep(name, values[name] if name in values else getattr(self, name))
        return copied

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
        # A convolution has its number of axes from its window.
        ndim = getattr(getattr(self, "window", self), "ndim", None) or 1
        return bool(value == spread(default, ndim))


@lru_cache(maxsize=64)
def _fields(layer: type[Any]) -> tuple[Field[object], ...]:
    return fields(layer)


@lru_cache(maxsize=64)
def _parameters(layer: type[Any]) -> dict[str, bool]:
    """The names of the parameters, in order, and whether one has to be given."""
    return {entry.name: entry.default is MISSING for entry in fields(layer) if entry.init}


def _require(layer: str, required: list[str], placed: int, given: dict[str, object]) -> None:
    """Raise a TypeError that names the parameters that are missing."""
    missing = [name for name in required[placed:] if name not in given]
    if missing:
        call = f"{layer}({', '.join(f'{name}=…' for name in required)})"
        raise TypeError(f"{layer} needs {' and '.join(missing)}: {call}")


@lru_cache(maxsize=64)
def _checks(layer: type[Any]) -> tuple[tuple[str, object, Check], ...]:
    checked = (entry for entry in fields(layer) if entry.metadata)
    return tuple((entry.name, entry.default, entry.metadata["check"]) for entry in checked)


def spread(value: object, ndim: int) -> Any:
    """One entry per axis from an int or a single entry; names and None stay as they are."""
    if value is None or isinstance(value, str):
        return value
    entries = value if isinstance(value, tuple) else (value,)
    return entries if len(entries) == ndim else entries[:1] * ndim
