"""The interface of the interpreter that the modules for calls use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from poolviz.i18n.phrase import Words
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.source.values import (
    Args,
    Chain,
    FunctionalModel,
    LayerObject,
    Module,
    Named,
    Value,
)


class ReadingContext(Protocol):
    """What a call may ask of the interpreter, and record there."""

    line: int
    graph: GraphBuilder
    channels_last_by_default: bool
    made: list[Module]
    turned: dict[SymbolicTensor, SymbolicTensor]  # tensors whose shape a method changed
    applied: set[LayerObject]
    results: dict[int, tuple[Module, list[SymbolicTensor]]]  # of the last call of each module

    @property
    def is_inside(self) -> bool:
        """Whether a method of the text is being read."""

    def trains(self, layer: LayerObject) -> bool:
        """Whether a layer is in training mode: in the constructor of a model of PyTorch."""

    @property
    def runs_on_backend(self) -> bool:
        """Whether layers are called in the `call` of a class that a backend runs."""

    def call(self, function: Value, args: Args, named: Named, line: int) -> Value:
        """Return the value of a call."""

    def apply(self, module: Module, args: Args, named: Named, line: int) -> Value:
        """Return the output of a module."""

    def attribute(self, value: Value, name: str) -> Value:
        """Return the value of `value.name`."""

    def set_name(self, value: Value, name: str) -> None:
        """Give a module its name, and those in a list theirs, unless they have one."""

    def assign_attribute(self, owner: Value, name: str, value: Value) -> None:
        """Assign `owner.name = value`."""

    def part(self, value: Value, key: Value, line: int) -> Value:
        """Return the value of `value[key]`."""

    def ends_of(self, chain: Chain) -> FunctionalModel | None:
        """Return the tensors at the ends of a `Sequential` of Keras, None where it has none."""

    def use(self, module: Module, line: int, shape: tuple[int, ...] | None = None) -> None:
        """Record that a model is used, on an input of this shape."""

    def touch(self, module: Value, line: int, why: Words) -> None:
        """Record that something unknown may change a module."""

    def unread_model(self, line: int, why: Words) -> None:
        """Record a model of the text that cannot be read."""

    def path(self, name: str | None) -> str | None:
        """Return the name of a layer, with those of the modules that it is in."""

    def lost(self, tensors: Iterable[SymbolicTensor], line: int, why: Words) -> SymbolicTensor:
        """Return a tensor from a step that is not understood."""
