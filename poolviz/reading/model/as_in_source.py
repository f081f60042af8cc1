"""Calls of a live model that are read like those of source code: wherever the batch is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, cast

from poolviz.dialects.pytorch.layers import CLASSES
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.joins import join_of
from poolviz.reading.graph.symbolic_tensor import BATCH, SymbolicTensor, tensors_in
from poolviz.reading.model.symbolic_sizes import has_numbers
from poolviz.reading.model.torch_functions import NotUnderstood
from poolviz.reading.source import tensor_calls
from poolviz.reading.source.call_arguments import Settings
from poolviz.reading.source.calls import constants
from poolviz.reading.source.calls.layer_call import LayerCall
from poolviz.reading.source.calls.layout import part_of_tensor
from poolviz.reading.source.calls.special_modules import special_module
from poolviz.reading.source.calls.tensor_functions import function_of_tensors
from poolviz.reading.source.values import LayerObject, Library, Unhandled

_EINOPS = ("rearrange", "reduce", "repeat")


class Context:
    """What the readers of calls need of an interpreter; a call that is lost raises."""

    def __init__(self, graph: GraphBuilder) -> None:
        self.graph = graph

    def lost(self, tensors: Iterable[SymbolicTensor], line: int, why: Words) -> Any:
        raise NotUnderstood(why)

    def path(self, name: str | None) -> str | None:
        return name

    def apply(self, layer: LayerObject, args: Any, named: Any, line: int) -> Any:
        site = tensor_calls.Site(line, line, layer.name)
        settings, reader = Settings(layer.settings), cast("Any", self)
        return tensor_calls.layers_on(reader, CLASSES[layer.library.last], settings, args[0], site)


def call_of_function(
    graph: GraphBuilder, name: str, args: Sequence[Any], settings: Mapping[str, Any], line: int
) -> object:
    """Return the result of a function or method; raises `NotUnderstood`."""
    reader, named = cast("Any", Context(graph)), dict(settings)
    args = [_as_constant(reader, value) for value in args]
    name, is_method = name.removeprefix("Tensor."), name.startswith("Tensor.")
    if is_method:
        return tensor_calls.method_of_tensor(reader, args[0], name, list(args[1:]), named, line)
    if name in ("view", "reshape") and isinstance(args[0], SymbolicTensor):
        sizes = args[1] if isinstance(args[1], list | tuple) else args[1:]
        if sizes and type(sizes[0]) is int and sizes[0] == 1:  # `int(…)` of the batch
            args = [args[0], [BATCH, *sizes[1:]]]
    if name.startswith("einops."):
        return function_of_tensors(reader, Library(name), list(args), named, line)
    if name == "getitem":
        return part_of_tensor(reader, args[0], args[1], line)
    if join_of(name) == "concatenate":
        # 0 is the default of `torch.cat`: along the batch.
        axis = args[1] if len(args) > 1 else named.get("dim", 0)
        parts = [_as_constant(reader, part, is_batch=True) for part in args[0]]
        if len(tensors_in(parts)) < len(parts):
            raise NotUnderstood(phrase("reading.unread.joins_others"))
        return tensor_calls.concatenated(reader, parts, axis, line)
    found = function_of_tensors(reader, Library(f"torch.{name}"), list(args), named, line)
    if not isinstance(found, Unhandled):
        return found
    if not args or not isinstance(args[0], SymbolicTensor):
        raise NotUnderstood(phrase("reading.unread.unknown_here", name=name))
    return tensor_calls.method_of_tensor(reader, args[0], name, list(args[1:]), named, line)


def _as_constant(reader: Any, value: Any, is_batch: bool = False) -> Any:
    """Return a tensor of the model by its shape; `is_batch`: it was repeated for each sample."""
    if isinstance(value, SymbolicTensor) or not has_numbers(value):
        return value
    shape = tuple(map(int, value.shape))
    is_parameter = type(value).__name__ == "Parameter"
    if is_batch and not is_parameter and shape[:1] == (1,):
        shape = (BATCH, *shape[1:])
    return constants.made(reader, "pytorch", shape, is_parameter) if shape else value


def call_of_layer(
    graph: GraphBuilder,
    layer: LayerObject,
    args: Sequence[Any],
    settings: Mapping[str, Any],
    line: int,
) -> Any:
    """Return the output of a layer of PyTorch; raises `NotUnderstood`."""
    context, name = Context(graph), layer.library.last
    tensors = tensors_in([*args, *settings.values()])
    reader = cast("Any", context)
    call = LayerCall(reader, layer, list(args), dict(settings), tensors, line)
    made = special_module(call, CLASSES.get(name))
    if isinstance(made, Unhandled):
        if len(tensors) > 1:
            raise NotUnderstood(phrase("reading.unread.several_tensors", name=name))
        return context.apply(layer, args, {}, line)
    return made


@contextmanager
def einops_followed(
    scopes: Iterable[dict[str, object]], follow: Callable[..., object]
) -> Iterator[None]:
    """Replace the functions of einops where a model has imported them, for that time.

    `follow(function, args, settings)` returns the result; einops itself knows no stand-ins.
    """
    changed: list[tuple[dict[str, Any], str, Any]] = []
    for scope in scopes:
        for word, value in list(scope.items()):
            is_function = getattr(value, "__name__", "") in _EINOPS and callable(value)
            if is_function and getattr(value, "__module__", "") == "einops.einops":
                changed.append((scope, word, value))
    for scope, word, value in changed:
        scope[word] = _following(value, follow)
    try:
        yield
    finally:
        for scope, word, value in changed:
            scope[word] = value


def _following(
    function: Callable[..., object], follow: Callable[..., object]
) -> Callable[..., Any]:
    @wraps(function)
    def called(*args: object, **settings: object) -> object:
        return follow(function, args, settings)

    return called
