"""Calls of models and layers in a traceback: what a frame holds, framework by framework."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import dirname
from types import TracebackType
from typing import Any, NamedTuple

_INSTALLED = ("site-packages", "dist-packages", dirname(os.__file__))
MOST_NESTED = 8  # attributes of attributes: a model may hold itself


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One frame of a traceback; `before` is the one that called it."""

    traceback: TracebackType
    before: Step | None = None

    @property
    def module(self) -> str:
        """The module of its code."""
        return str(self.traceback.tb_frame.f_globals.get("__name__", ""))

    @property
    def home(self) -> str:
        """The package of its code."""
        return self.module.partition(".")[0]

    @property
    def function(self) -> str:
        """The name of its function."""
        return self.traceback.tb_frame.f_code.co_name

    @property
    def file(self) -> str:
        """The file of its code."""
        return self.traceback.tb_frame.f_code.co_filename

    @property
    def is_installed(self) -> bool:
        """Whether its code is a package of Python's or one that was installed, not the user's."""
        return self.file.startswith("<frozen") or any(f in self.file for f in _INSTALLED)

    @property
    def local(self) -> Mapping[str, Any]:
        """Its variables."""
        return self.traceback.tb_frame.f_locals


@dataclass(frozen=True, slots=True, eq=False)
class ModelCall:
    """A model or layer, and what it was called with."""

    model: Any
    args: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """The first argument that has a shape; None without one."""
        return first_sized((*self.args, *self.named.values()))

    def shapes(self, batch: int) -> Any:
        """Return the shapes of the arguments without the batch, as `read_model` takes them."""
        named = {word: _sizes(value, batch) for word, value in self.named.items() if _sized(value)}
        if named and not any(map(_sized, self.args)):
            return named if len(named) > 1 else next(iter(named.values()))
        found = [_sizes(value, batch) for value in _sized_in((*self.args, *self.named.values()))]
        return found if len(found) > 1 else found[0]


class Part(NamedTuple):
    """A layer in a model: its name in the stack, and the way to it as `features.6`.

    `is_code`: whether the way is one of attributes and indices that can be assigned.
    """

    name: str
    path: str
    layer: Any
    is_code: bool = True


@dataclass(frozen=True)
class Frames:
    """Recognises the calls of one framework. The default knows none.

    Parameters
    ----------
    homes
        Packages whose frames show that the framework was at work.
    call
        From a frame to the call of a model or layer, else None.
    parts
        The layers inside a model, itself with the path "".
    is_layer
        Whether it is a layer of the framework itself, with nothing inside.
    hides
        Whether a frame is one that takes the framework's own frames out of a traceback.
    arrived
        What a model got and what it takes, where its layers cannot be read; "" otherwise.
    wrapped
        The attributes that lead from what was called to the model of `parts`.
    """

    homes: tuple[str, ...] = ()
    call: Callable[[Step], ModelCall | None] = lambda _: None
    parts: Callable[[Any], Iterable[Part]] = lambda _: ()
    is_layer: Callable[[object], bool] = lambda _: False
    hides: Callable[[Step], bool] = lambda _: False
    arrived: Callable[[Step], str] = lambda _: ""
    wrapped: Callable[[object], tuple[str, ...]] = lambda _: ()


def held_layers(model: object, is_layer: Callable[[object], bool]) -> Iterator[tuple[str, object]]:
    """Yield the layers that a model holds in attributes, lists and mappings, by their paths."""
    own = getattr(model, "__dict__", {})
    # torch.nn.Module keeps its submodules in `_modules`, not in its `__dict__`.
    for name, value in {**own, **(own.get("_modules") or {})}.items():
        if not name.startswith("_"):
            yield from _layers_in(name, value, is_layer)


def _layers_in(
    path: str, value: object, is_layer: Callable[[object], bool]
) -> Iterator[tuple[str, object]]:
    if is_layer(value):
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _layers_in(f"{path}.{key}", each, is_layer)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for place, each in enumerate(value):
            yield from _layers_in(f"{path}.{place}", each, is_layer)


def first_sized(values: Iterable[object]) -> object:
    """Return the first of some arguments that has a shape, looking into lists; None without one.

    >>> first_sized([3, [range(2), memoryview(b"ab")]]).shape
    (2,)
    """
    return next(_sized_in(values), None)


def _sized_in(values: Iterable[object]) -> Iterator[object]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _sized_in(value)
        elif isinstance(value, dict):
            yield from _sized_in(value.values())
        elif _sized(value):
            yield value


def _sized(value: object) -> bool:
    shape = getattr(value, "shape", None)
    return shape is not None and not callable(shape)


def sizes_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a value, with -1 for an open size."""
    return tuple(-1 if size is None else int(size) for size in value.shape)


def _sizes(value: object, batch: int) -> tuple[int, ...]:
    return sizes_of(value)[batch:]
