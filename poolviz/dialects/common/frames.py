"""Calls of models and layers in a traceback: what a frame holds, framework by framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class ModelCall:
    """A model or layer, and the value that it was called with."""

    model: Any
    value: Any


@dataclass(frozen=True)
class Frames:
    """Recognises the calls of one framework. The default knows none.

    Parameters
    ----------
    homes
        Packages whose frames show that the framework was at work.
    call
        From the module and the function of a frame and its variables to the call, else None.
    path
        Path of a layer inside a model, as `read_model` names it; None where it is not inside.
    is_layer
        Whether it is a layer of the framework itself, with nothing inside.
    """

    homes: tuple[str, ...] = ()
    call: Callable[[str, str, Mapping[str, Any]], ModelCall | None] = lambda *_: None
    path: Callable[[Any, Any], str | None] = lambda *_: None
    is_layer: Callable[[Any], bool] = lambda _: False

    def is_own(self, module: str) -> bool:
        """Return whether a module belongs to the framework."""
        return module.partition(".")[0] in self.homes


def first_sized(values: Any) -> Any:
    """Return the first of some arguments that has a shape, looking into lists; None without one.

    >>> first_sized([3, [range(2), memoryview(b"ab")]]).shape
    (2,)
    """
    for value in values:
        if isinstance(value, list | tuple):
            value = first_sized(value)
        shape = getattr(value, "shape", None)
        if shape is not None and not callable(shape):
            return value
    return None
