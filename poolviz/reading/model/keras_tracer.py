"""Runs the `call` of a Keras layer with symbolic tensors; layers inside do not run.

`Layer.__call__` of the Keras that the user has loaded is replaced for that time, so no layer is
built and no graph gets a node. Read off Keras 3.15.1.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.model.model_reader import ByIdentity


class KerasCalls(Protocol):
    """Receives each traced call, and returns its result."""

    def layer(self, layer: object, tensors: Sequence[SymbolicTensor]) -> SymbolicTensor:
        """Return the output of a layer that is called."""

    def resolved(self, symbolic: object, known: ByIdentity[SymbolicTensor]) -> SymbolicTensor:
        """Return our tensor for a symbolic tensor of Keras."""


class KerasTracer:
    """Traces layers; one that is called inside another is traced in the same run."""

    def __init__(self, calls: KerasCalls, axes: int) -> None:
        self.calls = calls
        self.axes = axes
        self.is_running = False
        self.known: ByIdentity[SymbolicTensor] = ByIdentity()

    def run(self, layer: object, tensors: Sequence[SymbolicTensor]) -> list[SymbolicTensor]:
        """Return the tensors that `call` returns."""
        base = next(cls for cls in type(layer).__mro__ if cls.__name__ == "Layer")
        keras = sys.modules[base.__module__.partition(".")[0]]
        if self.is_running:
            return self._called(keras, layer, tensors)
        self.is_running = True
        try:
            with self._instead_of(base, keras):
                return self._called(keras, layer, tensors)
        finally:
            self.is_running = False

    def _called(
        self, keras: Any, layer: Any, tensors: Sequence[SymbolicTensor]
    ) -> list[SymbolicTensor]:
        given = [self._symbol(keras, tensor) for tensor in tensors]
        by_place = len(given) > 1 and _takes_several(layer.call)
        # `call(self, inputs)` gets several tensors as one list.
        outcome = layer.call(*given if by_place else given[:1] if len(given) == 1 else [given])
        found = list(_symbols(keras, outcome))
        if not found:
            code = f"{type(layer).__name__}.call"
            raise ValueError(phrase("reading.unread.nothing_symbolic", code=code))
        return [self.calls.resolved(each, self.known) for each in found]

    def _symbol(self, keras: Any, tensor: SymbolicTensor) -> object:
        shape = (None,) * self.axes if tensor.shape is None else tensor.shape
        # With a name, so that Keras' default names of the user's layers do not shift.
        symbol = keras.KerasTensor((None, *shape), name="poolviz")
        self.known[symbol] = tensor
        return symbol

    @contextmanager
    def _instead_of(self, base: Any, keras: Any) -> Iterator[None]:
        """Record calls of layers on symbolic tensors; run all others."""
        usual = base.__call__

        def called(layer: object, *args: object, **settings: object) -> object:
            given = list(_symbols(keras, [args, settings]))
            # A layer may compute with real arrays inside `call`, such as a table of positions.
            if not given:
                return usual(layer, *args, **settings)
            tensors = [self.calls.resolved(symbol, self.known) for symbol in given]
            return self._symbol(keras, self.calls.layer(layer, tensors))

        base.__call__ = called
        try:
            yield
        finally:
            base.__call__ = usual


def _takes_several(call: Any) -> bool:
    parameters = inspect.signature(call).parameters.values()
    return sum(each.default is each.empty and each.kind in _BY_PLACE for each in parameters) > 1


_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _symbols(keras: Any, value: Any) -> Iterator[object]:
    if isinstance(value, keras.KerasTensor):
        yield value
    elif isinstance(value, Mapping):
        yield from _symbols(keras, list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _symbols(keras, each)
