"""The common part of the readers of live models."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.diagnosis.network.source import NotRead, words_of
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.embeddings import embedded
from poolviz.reading.graph.network_between import FoundNetwork, network_between
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.model.source_location import Location, SourceFile
from poolviz.reading.source.calls.assumptions import Assumption, assumed

T = TypeVar("T")
Shapes = Sequence[tuple[int, ...]]
Assumed = Mapping[int | str, Assumption]


class ByIdentity(Generic[T]):
    """A mapping by identity. It keeps its keys alive, since Python reuses ids of deleted objects.

    >>> known = ByIdentity()
    >>> key = [1]
    >>> known[key] = "this list"
    >>> known[key], [1] in known
    ('this list', False)
    """

    def __init__(self) -> None:
        self._found: dict[int, tuple[object, T]] = {}

    def __contains__(self, key: object) -> bool:
        return id(key) in self._found

    def __getitem__(self, key: object) -> T:
        return self._found[id(key)][1]

    def __setitem__(self, key: object, value: T) -> None:
        self._found[id(key)] = (key, value)


class ModelReader:
    """Records in a graph the steps of a model, and those that were not understood."""

    def __init__(
        self,
        file: SourceFile,
        config: NetworkConfig,
        inputs: Mapping[str, tuple[int, ...]],
        assume: Assumed,
    ) -> None:
        self.file, self.assume = file, assume
        self.graph = GraphBuilder(looks_past_failures=True)
        self.sources = []
        for name, shape in inputs.items():
            source = self.graph.source(config.framework, shape, name=name)
            self.graph.orders[source.key] = config.channels_last
            self.sources.append(source)
        self.source = self.sources[0]
        self._used: set[int] = set()
        self._guarded: set[int] = set()

    def stated(
        self, name: str | None, tensors: Sequence[SymbolicTensor], location: Location
    ) -> SymbolicTensor | None:
        """Return the output that the user states for a module or a line; None without one."""
        given = self.assume.get(name or "", self.assume.get(location.line or 0))
        if given is None or not tensors or any(map(self.graph.is_unread, tensors)):
            return None
        return assumed(self, list(tensors), given, location.line)

    def unknown(
        self, tensors: Sequence[SymbolicTensor], why: Words, title: str, location: Location
    ) -> SymbolicTensor:
        """Return the result of a step that was not understood, and note the first one."""
        stated = self.stated(None, tensors, location)
        if stated is not None:
            return stated
        given = list(tensors) or [self.graph.last]
        # What follows an unread step is unread because of it: one note is enough.
        is_first = not any(map(self.graph.is_unread, given))
        what = NotRead(location.line, location.text or title, why) if is_first else None
        return self.graph.lose(given, what)

    def embedded(
        self, tensor: SymbolicTensor, many: int, size: int, title: str, location: Location
    ) -> SymbolicTensor:
        """Return the vectors that an embedding makes of integers."""
        try:
            vectors, why = embedded(self.graph, tensor, many, size, title.rpartition(" ")[2])
        except ValueError as wrong:
            return self.unknown([tensor], words_of(wrong), title, location)
        if why is not None:
            self.note(vectors, why, title, location)
        return vectors

    def start(self, outputs: Sequence[SymbolicTensor]) -> SymbolicTensor:
        """Return the first input, if an output needs it; else what an output begins with."""
        needed = self.graph.between(set(), [output.key for output in outputs])
        # An output may depend on a constant or on another input only.
        return self.source if self.source.key in needed else self.graph.tensors[outputs[0].root]

    def found(self, start: SymbolicTensor, outputs: Sequence[SymbolicTensor]) -> FoundNetwork:
        """Return the layers from the input to the outputs."""
        failing = self.graph.failing(self.sources)
        for key in self._guarded.intersection(failing):
            line = self.graph.nodes[key].line
            why = phrase("reading.unread.caught")
            self.graph.doubt(key, NotRead(line, self.file.line(line), why))
        return network_between(self.graph, start, outputs, failing)

    def guard(self, first: int) -> None:
        """Note which tensors from one on were made where the model catches an error."""
        if self.file.is_guarded():
            self._guarded.update(range(first + 1, len(self.graph.tensors) + 1))

    def note(self, tensor: SymbolicTensor, why: Words, title: str, location: Location) -> None:
        """Record a part of a step that was not read, although its shape is known."""
        self.graph.note(tensor, NotRead(location.line, title, why))

    def is_used_again(self, layer: object) -> bool:
        """Return whether a layer was used before; each row counts its parameters again."""
        is_known = id(layer) in self._used
        self._used.add(id(layer))
        return is_known


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


Function = Callable[..., Any]


def named_inputs(
    title: str, inputs: Function | Sequence[str], given: Shapes | Mapping[str, Any]
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the inputs by name; ValueError where there are more or fewer inputs.

    >>> named_inputs("Twin.forward", lambda left, right: 0, [(3, 8, 8), (5,)])
    {'left': (3, 8, 8), 'right': (5,)}
    >>> named_inputs("Twin.forward", lambda left, right: 0, [(3, 8, 8)])
    Traceback (most recent call last):
    ValueError: Twin.forward takes 2 inputs (left, right). Give input_shape a shape for each: \
[(…), (…)]
    """
    needed, names = _needed(inputs) if callable(inputs) else (list(inputs), list(inputs))
    if isinstance(given, Mapping):
        wrong = [word for word in given if word not in names]
        if wrong:
            known = ", ".join(names)
            raise ValueError(f"{title} has no input {wrong[0]!r}; its inputs are: {known}")
        found = {word: given[word] for word in names if word in given}
    elif len(needed) == 1 < len(given):  # a list of tensors
        return {f"{needed[0]}[{place}]": shape for place, shape in enumerate(given)}
    else:
        if len(given) > max(1, len(names)):
            raise ValueError(f"{title} takes {len(names)} inputs, got {len(given)} shapes")
        found = dict(zip(names or ["input"], given, strict=False))
    if any(word not in found for word in needed):
        shapes = ", ".join(["(…)"] * len(needed))
        raise ValueError(
            f"{title} takes {len(needed)} inputs ({', '.join(needed)}). "
            f"Give input_shape a shape for each: [{shapes}]"
        )
    return found


def _needed(function: Function) -> tuple[list[str], list[str]]:
    """Return the parameters without a default, and all that are given by place."""
    parameters = inspect.signature(function).parameters.values()
    places = [each for each in parameters if each.kind in _POSITIONAL]
    return [p.name for p in places if p.default is p.empty], [p.name for p in places]
