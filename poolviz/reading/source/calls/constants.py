"""Tensors that a model creates itself, with all their sizes: literals, and views of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.vocabulary import place
from poolviz.dialects.pytorch.functions import shape_of_weights
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import BATCH, Batch, SymbolicTensor
from poolviz.reading.graph.tensor_graph import Constant
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import (
    MOST_ENTRIES,
    UNHANDLED,
    Args,
    Bound,
    LayerObject,
    Library,
    MapSize,
    Named,
    Unhandled,
    Unknown,
    Value,
    framework_of,
    is_size,
    known_sizes,
)

_OF_WEIGHTS = "t T mT transpose permute swapaxes swapdims shape size detach clone"
OF_WEIGHTS = frozenset(_OF_WEIGHTS.split())
_RANGES = ("linspace", "arange")
_FILLED = ("new_zeros", "new_ones", "new_empty", "new_full")
_NEW = frozenset(
    {"randn", "rand", "zeros", "ones", "empty", "normal", "uniform", "randint", "full", "random"}
)
MAKERS: dict[str, str | None] = {  # package → framework of the tensors that it creates
    "numpy": None,
    **{package: each.name for each in DIALECTS.values() for package in each.names.array_packages},
}


def created(
    reader: ReadingContext, library: Library, args: Args, named: Named
) -> Value | Unhandled:
    """Return a tensor that a function of a library creates."""
    last, first = library.last, library.path.partition(".")[0]
    if last in ("tensor", "as_tensor", "array", *_RANGES) and first in MAKERS:
        value: Value = args[0] if args else None
        if last in _RANGES:
            value = [0.0] * _steps(last, args, named)
        return literal(reader, MAKERS[first], value)
    if last in _NEW and first in MAKERS:
        return _data(reader, library, args, named)
    is_weight = library.path in ("flax.nnx.Param", "flax.nnx.Variable", "torch.nn.Parameter")
    if (is_weight or (last == "Parameter" and first == "torch")) and args:
        return _parameter(reader, args[0]) if isinstance(args[0], SymbolicTensor) else UNHANDLED
    return _initialized(reader, library, args) if ".initializers." in library.path else UNHANDLED


def _steps(name: str, args: Args, named: Named) -> int:
    """Return how many numbers a range has; 0 where that is not known."""
    aliases = {"end": "stop", "num": "steps"} if name == "arange" else {"num": "steps"}
    words = ("start", "stop", "step") if name == "arange" else ("start", "end", "steps")
    if name == "arange" and len(args) == 1 and not {"stop", "end"} & set(named):
        args = [0, *args]
    given: Any = {"start": 0, "step": 1}
    given |= {aliases.get(word, word): value for word, value in named.items()}
    given |= dict(zip(words, args, strict=False))
    count: Any = given.get("steps")
    if name == "arange":
        numbers = [given.get(word) for word in words]
        is_known = all(type(each) in (int, MapSize) for each in numbers) and numbers[2]
        count = len(range(*numbers)) if is_known else 0
    return count if type(count) is int and 0 < count <= MOST_ENTRIES else 0


def _data(reader: ReadingContext, library: Library, args: Args, named: Named) -> Value:
    """Return a tensor of random or equal numbers: an input, or a constant inside a model."""
    lists = [arg for arg in args if isinstance(arg, list | tuple)]
    given = named.get("size", named.get("shape", lists[0] if lists else None))
    sizes = list(given) if isinstance(given, list | tuple) else list(args)
    framework = MAKERS[library.path.partition(".")[0]]
    if not sizes:
        return Unknown(phrase("reading.unread.shape_of_result", name=library.last))
    batch, *rest = sizes
    shape = known_sizes(rest)
    count = batch if is_size(batch) else None
    constant: Constant | None = None
    # Outside of models it is data: the first axis is then the batch.
    if reader.is_inside and shape is not None and isinstance(batch, int):
        constant = Constant((batch, *shape))
    return reader.graph.source(framework, shape or None, count, constant)


def _parameter(reader: ReadingContext, tensor: SymbolicTensor) -> SymbolicTensor:
    """Return a tensor that the model learns."""
    constant = reader.graph.constants.get(tensor.key)
    if constant is None:
        return tensor
    learned = Constant(constant.shape, is_parameter=True)
    return reader.graph.source(tensor.framework, tensor.shape, None, learned)


def _initialized(reader: ReadingContext, library: Library, args: Args) -> Value:
    """Return `initializer(key, shape)` of JAX, or the initializer that `normal(0.02)` is."""
    sizes = args[1] if len(args) > 1 else None
    if not isinstance(sizes, list | tuple) or not known_sizes(sizes):
        return library
    return made(reader, framework_of(library), known_sizes(sizes) or ())


def literal(reader: ReadingContext, framework: str | None, value: Value) -> Value | Unhandled:
    """Return `torch.tensor([[1., 0.], …])` in a model; `UNHANDLED` for numbers of unknown shape."""
    if not reader.is_inside or isinstance(value, bool):
        return UNHANDLED
    shape = (1,) if isinstance(value, int | float) else _shape(value)
    return UNHANDLED if not shape else made(reader, framework, shape)


def _shape(value: Value) -> tuple[int, ...]:
    """Return the shape of nested lists of numbers; () for anything else."""
    shape: list[int] = []
    while isinstance(value, list | tuple) and value:
        shape.append(len(value))
        value = value[0]
    is_number = isinstance(value, int | float) and not isinstance(value, Batch)
    return tuple(shape) if is_number else ()


def made(
    reader: ReadingContext,
    framework: str | None,
    shape: Sequence[int],
    is_parameter: bool = False,
) -> SymbolicTensor:
    """Return a constant of this whole shape."""
    constant = Constant(tuple(shape), is_parameter)
    return reader.graph.source(framework, tuple(shape[1:]) or None, shape[0], constant)


def weight_of(reader: ReadingContext, value: Value) -> Value:
    """Return `self.fc.weight` as a parameter of its shape, where it is known; else the value."""
    if not isinstance(value, Bound) or value.function != "weight":
        return value
    layer = value.target
    if not isinstance(layer, LayerObject) or not layer.library.path.startswith("torch.nn."):
        return value
    shape = shape_of_weights(layer.library.last, layer.settings)
    if shape is None:
        return value
    found = made(reader, "pytorch", shape, is_parameter=True)
    why = phrase("reading.unread.applied_again")
    reader.graph.note(found, reader.graph.not_read(layer.line, why))
    return found


def part(reader: ReadingContext, tensor: SymbolicTensor, key: Value) -> Value | Unhandled:
    """Return `y[0]`, or `y[None, :, None]`, of a constant or of what is computed from one."""
    constants = reader.graph.constants
    if tensor.root not in constants or tensor.batch_axis:
        return UNHANDLED
    if type(key) is int and tensor.shape:
        return made(reader, tensor.framework, tensor.shape)
    constant = constants.get(tensor.key)
    entries = key if isinstance(key, tuple) else (key,)
    is_plain = all(entry is None or entry == slice(None) for entry in entries)
    if (
        constant is None
        or not is_plain
        or sum(e is not None for e in entries) > len(constant.shape)
    ):
        return UNHANDLED
    sizes = list(constant.shape)
    whole = [1 if entry is None else sizes.pop(0) for entry in entries]
    return made(reader, tensor.framework, [*whole, *sizes], constant.is_parameter)


def method(
    reader: ReadingContext, tensor: SymbolicTensor, name: str, args: Args, line: int
) -> Value | Unhandled:
    """Return a view of a constant, or a new tensor of its kind."""
    if name in _FILLED:
        return _filled(reader, tensor, args)
    constant = reader.graph.constants.get(tensor.key)
    if constant is None:
        return UNHANDLED
    given: Any = args[0] if len(args) == 1 and isinstance(args[0], list | tuple) else args
    if name == "unsqueeze" and len(args) == 1 and isinstance(args[0], int):
        at = place(args[0], len(constant.shape) + 1)
        shape = [*constant.shape[:at], 1, *constant.shape[at:]]
        return made(reader, tensor.framework, shape, constant.is_parameter)
    is_known = all(type(size) is int for size in (*given, *constant.shape))
    if name in ("view", "reshape") and given and is_known:
        free = prod(constant.shape) // max(1, prod(size for size in given if size != -1))
        shape = [free if size == -1 else size for size in given]
        if prod(shape) == prod(constant.shape):
            return made(reader, tensor.framework, shape, constant.is_parameter)
    if name == "expand" and is_known and len(given) >= len(constant.shape):
        own = (1,) * (len(given) - len(constant.shape)) + constant.shape
        shape = [one if size == -1 else size for one, size in zip(own, given, strict=True)]
        if not constant.is_parameter and all(o in (1, n) for o, n in zip(own, shape, strict=True)):
            return made(reader, tensor.framework, shape)
    if name == "expand" and given and isinstance(given[0], Batch):
        return _expanded(reader, tensor, constant, list(given[1:]), line)
    is_for_each = name in ("repeat", "tile") and given and isinstance(given[0], Batch)
    if is_for_each and len(given) == len(constant.shape) and set(given[1:]) <= {1}:
        return reader.graph.for_each_sample(tensor)
    return UNHANDLED


def _expanded(
    reader: ReadingContext, tensor: SymbolicTensor, constant: Constant, sizes: list[Any], line: int
) -> Value | Unhandled:
    """Return `c.expand(b, 1, h, w)`: axes of one element get others."""
    own = list(constant.shape[1:])
    if constant.shape[0] != 1 or len(sizes) != len(own) or known_sizes(sizes) is None:
        return UNHANDLED
    shape = [one if size == -1 else size for one, size in zip(own, sizes, strict=True)]
    if shape == own:
        return UNHANDLED
    fits = all(one in (1, size) for one, size in zip(own, shape, strict=True))
    if constant.is_parameter or not fits:
        return reader.lost([tensor], line, phrase("reading.unread.copied"))
    return made(reader, tensor.framework, [BATCH, *shape])


def _filled(reader: ReadingContext, tensor: SymbolicTensor, args: Args) -> Value | Unhandled:
    """Return `x.new_zeros(1, b, 16)`."""
    sizes: Any = args[0] if args and isinstance(args[0], list | tuple) else args
    if not sizes or not isinstance(sizes[0], int):
        return UNHANDLED
    if known_sizes(list(sizes[1:])) is None:  # with the batch among the axes
        return reader.graph.source(tensor.framework, None)
    return made(reader, tensor.framework, list(sizes))
