"""Runs the `forward` of a PyTorch module with stand-ins for tensors, by torch.fx.

Nothing of the model is changed: layers do not run, weights are represented by their
shape. torch is the one that the user has loaded (`sys.modules`); read off torch 2.13.0.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

from poolviz.dialects.pytorch.functions import TURNED_IN_PLACE
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import BATCH, Batch, SymbolicTensor, tensors_in
from poolviz.reading.model.as_in_source import einops_followed
from poolviz.reading.model.model_reader import ByIdentity
from poolviz.reading.model.symbolic_sizes import Rows, sizes_of
from poolviz.reading.model.torch_functions import NotUnderstood


class TorchCalls(Protocol):
    """Receives each traced call, and returns its result."""

    def module(self, module: object, args: Sequence[object], settings: Mapping[str, object]) -> Any:
        """Return the output of a module that is called."""

    def function(self, name: str, args: Sequence[object], settings: Mapping[str, object]) -> Any:
        """Return the result of a function of torch that is called."""

    def method(self, name: str, args: Sequence[object], settings: Mapping[str, object]) -> Any:
        """Return the result of a method of a tensor that is called."""


class TorchTracer:
    """Traces modules; one that is called inside another is traced in the same run."""

    def __init__(self, calls: TorchCalls) -> None:
        self.calls = calls
        self.is_running = False
        self.asked: list[bool] = []  # sizes of maps that the model compares
        self._weights: ByIdentity[Any] = ByIdentity()
        self._twins: set[int] = set()

    def run(self, module: Any, args: Sequence[object], settings: Mapping[str, object]) -> Any:
        """Return the result of `forward`, with symbolic tensors in the places of tensors."""
        given, named = self.stand_ins(list(args)), self.stand_ins(dict(settings))
        if self.is_running:
            return self.tensors(module.forward(*given, **named))
        outcome: list[Any] = []
        self.is_running = True
        try:
            with einops_followed(_scopes(module), self._einops):
                self.tracer.trace(lambda: outcome.append(module.forward(*given, **named)))
        finally:
            self.is_running = False
        return self.tensors(outcome[0])

    def _einops(self, function: Any, args: Any, settings: Any) -> Any:
        given, named = self.tensors(list(args)), self.tensors(dict(settings))
        if not tensors_in([given, named]):
            return function(*args, **settings)
        return self.stand_ins(self.calls.function(f"einops.{function.__name__}", given, named))

    def stand_ins(self, value: object) -> Any:
        """Wrap symbolic tensors as objects that PyTorch's functions accept."""
        return _each(value, SymbolicTensor, lambda tensor: self.stand_in_class(tensor, self.tracer))

    def tensors(self, value: object) -> Any:
        """Return the symbolic tensors behind such objects."""
        return _each(value, self.stand_in_class, lambda stand_in: stand_in.tensor)

    @cached_property
    def tracer(self) -> Any:
        """Return a tracer of torch.fx that forwards every call."""
        ours, calls = self, self.calls

        class Tracer(_fx().Tracer):  # type: ignore[misc]  # torch.fx has no types here
            # fx would make its own placeholders; the arguments are stand-ins already.
            def create_args_for_root(self, fn: object, *_: object) -> tuple[Any, list[Any]]:
                return fn, []

            def call_module(self, module: Any, forward: Any, args: Any, kwargs: Any) -> Any:
                given, named = ours.tensors(list(args)), ours.tensors(dict(kwargs))
                return ours.stand_ins(calls.module(module, given, named))

            def create_proxy(self, kind: str, target: Any, args: Any, kwargs: Any, **_: Any) -> Any:
                name = target if isinstance(target, str) else getattr(target, "__name__", "")
                given, named = ours.tensors(list(args)), ours.tensors(dict(kwargs))
                call = calls.method if kind == "call_method" else calls.function
                return _named_pair(name, ours.stand_ins(call(name, given, named)))

            def getattr(self, attr: str, value: object, cache: dict[str, object]) -> Any:
                return ours.without_numbers(value)

            def to_bool(self, obj: object) -> bool:
                raise NotUnderstood(phrase("reading.unread.depends_on_numbers"))

            def iter(self, obj: Any) -> Any:
                if obj.tensor.batch_axis:
                    return iter([obj[place] for place in range(len(obj))])
                raise NotUnderstood(phrase("reading.unread.taken_apart"))

            def keys(self, obj: object) -> Any:
                raise NotUnderstood(phrase("reading.unread.used_as_mapping"))

        return Tracer()

    @cached_property
    def stand_in_class(self) -> Any:
        """Return the class of stand-ins: fx forwards torch's functions, sizes come from here."""

        ours = self

        class StandIn(_fx().Proxy):  # type: ignore[misc]
            def __init__(self, tensor: SymbolicTensor, tracer: object) -> None:
                super().__init__(SimpleNamespace(meta={}), tracer)  # where fx stores what it wraps
                self.tensor = tensor

            def __repr__(self) -> str:
                return f"a tensor of {self.tensor.shape}"

            @property
            def shape(self) -> tuple[int, ...]:
                if self.tensor.shape is None:
                    raise NotUnderstood(phrase("reading.unread.size_asked"))
                if self.tensor.batch_axis or self.tensor.rows != 1:
                    sizes = self.tensor.sizes or ()
                    return tuple(Rows(n) if isinstance(n, Batch) else n for n in sizes)
                return sizes_of(self.tensor.shape, False, ours.asked)

            def size(self, dim: int | None = None) -> Any:
                return self.shape if dim is None else self.shape[dim]

            @property
            def ndim(self) -> int:
                return len(self.shape)

            def dim(self) -> int:
                return len(self.shape)

            def __len__(self) -> int:
                return self.shape[0] if self.tensor.batch_axis else BATCH

            def __getattr__(self, name: str) -> Any:
                if name in _FACTS:
                    return _FACTS[name](self)
                return partial(self._method, name)

            def _method(self, name: str, *args: object, **kwargs: object) -> Any:
                turned = name.removesuffix("_") if name in TURNED_IN_PLACE else name
                made = self.tracer.create_proxy("call_method", turned, (self, *args), kwargs)
                if turned == name:
                    return made
                self.tensor = made.tensor  # every name of it sees the new shape
                return self

        return StandIn

    def without_numbers(self, value: object) -> Any:
        """Return a tensor of the same shape without memory, so that no weight can change."""
        torch = sys.modules["torch"]
        # The weights of lazy layers have no shape yet.
        if not isinstance(value, torch.Tensor) or "Uninitialized" in type(value).__name__:
            return value
        if value not in self._weights:
            twin = torch.empty_like(value, device="meta", requires_grad=False)
            if isinstance(value, torch.nn.Parameter):
                twin = torch.nn.Parameter(twin, requires_grad=False)
            self._weights[value] = twin
            self._twins.add(id(twin))
        return self._weights[value]

    def owns(self, value: object) -> bool:
        """Return whether a value is a parameter or a buffer of the model, as it is."""
        return id(value) in self._twins


_FACTS: dict[str, Callable[[Any], Any]] = {
    "data": lambda stand_in: stand_in,
    # There, what the model makes itself takes no memory.
    "device": lambda stand_in: sys.modules["torch"].device("meta"),
    "dtype": lambda stand_in: sys.modules["torch"].float32,
    "requires_grad": lambda stand_in: False,
    "is_cuda": lambda stand_in: False,
    "is_sparse": lambda stand_in: False,
    "is_quantized": lambda stand_in: False,
}


class Pair(NamedTuple):
    """What `x.max(1)` and the like return."""

    values: Any
    indices: Any


def _named_pair(name: str, results: Any) -> Any:
    is_pair = isinstance(results, tuple) and len(results) == 2 and name in _PAIRS
    return Pair(*results) if is_pair else results


_IN_PAIRS = "max min median mode kthvalue topk sort cummax cummin"
_PAIRS = frozenset(_IN_PAIRS.split())


def _scopes(module: Any) -> list[dict[str, Any]]:
    """Return the names that the code of a model sees: those of its files, and einops' own."""
    forwards = [getattr(type(inner), "forward", None) for inner in module.modules()]
    scopes = [getattr(forward, "__globals__", None) for forward in forwards]
    scopes.append(vars(sys.modules["einops"]) if "einops" in sys.modules else None)
    return list({id(scope): scope for scope in scopes if scope is not None}.values())


def _fx() -> Any:
    torch: Any = sys.modules["torch"]
    return torch.fx  # torch loads it itself


def _each(value: Any, cls: Any, change: Callable[[Any], object]) -> Any:
    """Return copies of lists, tuples and mappings with every object of a class replaced."""
    if isinstance(value, cls):
        return change(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_each(entry, cls, change) for entry in value))
    if type(value) in (list, tuple):
        return type(value)(_each(entry, cls, change) for entry in value)
    if isinstance(value, dict):
        return {key: _each(entry, cls, change) for key, entry in value.items()}
    return value
