"""Attributes of widgets: a misspelt one raises, where Python would silently create it."""

from __future__ import annotations

from difflib import get_close_matches
from functools import wraps
from typing import Any


class KnownNamesMixin:
    """A finished widget takes no attribute that it does not have; names with "_" are free.

    >>> import poolviz as pv
    >>> w = pv.PoolExplorer(10, 3)
    >>> w.kernal_size = 4
    Traceback (most recent call last):
        ...
    AttributeError: PoolExplorer has no attribute 'kernal_size'. Did you mean 'kernel_size'?
    """

    _is_being_made = False
    _is_made = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        make = cls.__dict__.get("__init__")
        if make is None:
            return

        @wraps(make)
        def made(self: Any, *args: Any, **given: Any) -> None:
            is_outermost = not self._is_being_made
            self._is_being_made = True
            make(self, *args, **given)
            if is_outermost:  # anywidget may have replaced the type: it cannot be compared
                self._is_made = True

        cls.__init__ = made  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: object) -> None:
        is_known = name.startswith("_") or hasattr(type(self), name) or name in vars(self)
        if not is_known and self._is_made:
            close = get_close_matches(name, dir(type(self)), n=1)
            kind = type(self).__name__
            if not close:
                raise AttributeError(f"{kind} has no attribute {name!r}")
            raise AttributeError(f"{kind} has no attribute {name!r}. Did you mean {close[0]!r}?")
        super().__setattr__(name, value)
