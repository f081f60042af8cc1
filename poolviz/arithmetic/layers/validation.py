"""What the layers beside `Pool` share: checks that name the argument, a repr without defaults."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES
from poolviz.arithmetic.layers.pool import Padding, Pool, spread, whole_numbers
from poolviz.i18n.sanitize import writable


class Specification:
    """A frozen layer: its repr leaves the defaults out."""

    __slots__ = ()

    def __repr__(self) -> str:
        words = []
        for entry in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, entry.name)
            if not entry.repr or self._is_usual(value, entry.default):
                continue
            words.append(f"{entry.name}={value!r}")
        return f"{type(self).__name__}({', '.join(words)})"

    def _is_usual(self, value: Any, default: Any) -> bool:
        """Is it the default, written once or once per axis?"""
        ndim = getattr(getattr(self, "window", None), "ndim", None) or 1
        return default is not MISSING and value in (default, spread(default, ndim))

    def set_checked(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def check_name(self) -> None:
        name = getattr(self, "name")  # noqa: B009  # a field of every subclass
        if name is None:
            return
        if not isinstance(name, str):
            raise TypeError(f"name must be a text or None, got {name!r} ({type(name).__name__})")
        self.set_checked(name=writable(name))


def whole_number(name: str, value: Any, least: int) -> int:
    """`value` as one int ≥ `least`.

    >>> whole_number("out_channels", 0, least=1)
    Traceback (most recent call last):
    ValueError: out_channels must be an int ≥ 1, got 0
    """
    try:
        number = whole_numbers(name, value, least)
        if isinstance(number, tuple):
            raise TypeError(f"{name} must be an int ≥ {least}, got {value!r}")
    except (TypeError, ValueError) as wrong:
        raise type(wrong)(str(wrong).replace(" or one per axis", "")) from None
    return number


def truth(name: str, value: Any) -> bool:
    """`value` when it is a bool; TypeError when it is not."""
    if isinstance(value, bool):
        return value
    raise TypeError(f"{name} must be True or False, got {value!r} ({type(value).__name__})")


def one_of(name: str, value: Any, allowed: tuple[str, ...]) -> Any:
    """`value` in lower case when it is an allowed word."""
    if isinstance(value, str) and value.lower() in allowed:
        return value.lower()
    names = ", ".join(f'"{word}"' for word in allowed)
    error = ValueError if isinstance(value, str) else TypeError
    raise error(f"{name} must be one of {names}, got {value!r}")


def framework_name(value: Any) -> str:
    """`value` when it is one of the five names; ValueError or TypeError when it is not."""
    return str(one_of("framework", value, FRAMEWORK_NAMES))


def optional_number(name: str, value: Any) -> int | None:
    """`value` as one int ≥ 1, or None."""
    return None if value is None else whole_number(name, value, least=1)


def sides(name: str, value: Any) -> Padding:
    """Elements on both sides: an int, one per axis, or pairs, as `Pool` takes its padding.

    >>> sides("cropping", ((0, 1), (2, 3)))
    ((0, 1), (2, 3))
    """
    if isinstance(value, str):
        allowed = f"{name} must be an int ≥ 0, one per axis or (before, after) pairs"
        raise TypeError(f"{allowed}, got {value!r}")
    try:
        return Pool(1, padding=value).padding
    except (TypeError, ValueError) as wrong:
        said = str(wrong).replace("padding must", f"{name} must")
        said = said.replace(', "valid", "same", "same_lower"', "")
        raise type(wrong)(said) from None
