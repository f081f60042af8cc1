"""The common part of the readers of live models."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from poolviz.arithmetic.network.shape_rules import NetworkConfig
from poolviz.diagnosis.network.source import NotRead
from poolviz.i18n.phrase import Words
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import Shape, SymbolicTensor
from poolviz.reading.model.source_location import Location, SourceFile


class ModelReader:
    """Records in a graph the steps of a model, and those that were not understood."""

    def __init__(self, file: SourceFile, config: NetworkConfig, input_shape: Shape) -> None:
        self.file = file
        self.graph = GraphBuilder(looks_past_failures=True)
        self.source = self.graph.source(config.framework, input_shape)
        self.graph.orders[self.source.key] = config.channels_last
        self._used: set[int] = set()

    def unknown(
        self, tensors: Sequence[SymbolicTensor], why: Words, title: str, location: Location
    ) -> SymbolicTensor:
        """Return the result of a step that was not understood, and note the first one."""
        given = list(tensors) or [self.graph.last]
        is_first = not any(map(self.graph.is_unread, given))
        what = NotRead(location.line, location.text or title, why) if is_first else None
        return self.graph.lose(given, what)

    def note(self, tensor: SymbolicTensor, why: Words, title: str, location: Location) -> None:
        """Record a part of a step that was not read, although its shape is known."""
        self.graph.note(tensor, NotRead(location.line, title, why))

    def is_used_again(self, layer: object) -> bool:
        """Return whether a layer was used before; each row counts its parameters again."""
        is_known = id(layer) in self._used
        self._used.add(id(layer))
        return is_known


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def check_single_input(name: str, inputs: Callable[..., Any] | list[str]) -> None:
    """Raise ValueError where more than one input is needed.

    >>> check_single_input("Twin.forward", lambda left, right: 0)
    Traceback (most recent call last):
    ValueError: Twin.forward takes 2 inputs (left, right), and read_model follows one. Give it the \
part that takes a single tensor
    """
    needed = inputs if isinstance(inputs, list) else _needed(inputs)
    if len(needed) > 1:
        raise ValueError(
            f"{name} takes {len(needed)} inputs ({', '.join(needed)}), and read_model follows one. "
            "Give it the part that takes a single tensor"
        )


def _needed(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [
        each.name for each in parameters if each.default is each.empty and each.kind in _POSITIONAL
    ]
