"""Containers, data and uses of models, as PyTorch, Flax and NumPy write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.source import merging
from poolviz.reading.source.builtin_calls import extend
from poolviz.reading.source.values import (
    NOT_KNOWN,
    NOT_OURS,
    Chain,
    Instance,
    Library,
    Tensor,
    Unknown,
    framework_of,
    is_module,
    is_size,
    tensors_in,
)

if TYPE_CHECKING:
    from poolviz.reading.source.interpreter import Interpreter

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
_FILLED = frozenset(
    {"randn", "rand", "zeros", "ones", "empty", "normal", "uniform", "randint", "full", "random"}
)
_MAKERS = ("torch", "numpy", "jax", "tensorflow", "keras")
_WRAPPERS = frozenset({"DataParallel", "DistributedDataParallel", "compile", "script", "jit"})
_JOINS = frozenset({"cat", "concat", "concatenate"})
_SUMS = frozenset({"add", "sub", "mul", "multiply", "subtract", "maximum", "minimum"})


def library_call(
    reader: Interpreter, library: Library, args: list[Any], named: dict[str, Any], line: int
) -> Any:
    """A container, data, tensors side by side, or a summary of a model."""
    last, first = library.last, library.path.partition(".")[0]
    if last in CONTAINERS and first in ("torch", "flax", "keras"):
        return _container(reader, library, args, named, line)
    if last in _FILLED and first in _MAKERS:
        return _data(reader, library, args, named)
    if last in _JOINS and first in _MAKERS:
        axis = args[1] if len(args) > 1 else named.get("dim", named.get("axis"))
        return _side_by_side(reader, library, args, axis, line)
    if last in _SUMS and len(tensors_in(args)) == 2:
        return merging.joined(reader, "add", tensors_in(args), line)
    if last in _WRAPPERS and args and is_module(args[0]):
        return args[0]
    if last == "summary" and args and is_module(args[0]):
        return _summary(reader, library, args, named, line)
    if last in ("trace", "export") and len(args) > 1 and is_module(args[0]):
        return reader.apply(args[0], list(args[1:2]), {}, line)
    return NOT_OURS


# --- containers ----------------------------------------------------------------------------------


def _container(
    reader: Interpreter, library: Library, args: list[Any], named: dict[str, Any], line: int
) -> Chain:
    framework = framework_of(library)
    made = Chain(library.last, line, framework=framework)
    entries: Any = list(args)
    if len(args) == 1 and isinstance(args[0], list | tuple | dict | Chain | Unknown):
        entries = args[0]
    elif not args and "layers" in named:
        entries = named["layers"]
    if isinstance(entries, Unknown):
        made.add(entries)
    elif isinstance(entries, dict):
        for key, value in entries.items():
            made.add(value, str(key))
    else:
        for value in entries.modules if isinstance(entries, Chain) else entries:
            add_module(made, value)
    name = named.get("name")
    made.name = name if isinstance(name, str) else None
    if made.kind == "Sequential" and not reader.is_inside:
        reader.made.append(made)
    return made


def add_module(chain: Chain, value: Any, key: str | None = None) -> None:
    """One more module; the `Input` of a Keras model is its shape, and no module."""
    if isinstance(value, Tensor) and not chain.modules:
        chain.source = value
        return
    chain.add(value, key)


def parent_call(reader: Interpreter, target: Any, name: str, args: list[Any], line: int) -> Any:
    """`super().__init__(…)`: matters where the parent is a `Sequential`."""
    if name in ("forward", "call", "__call__") and isinstance(target, Instance):
        chain = target.names.get("*chain")
        return reader.apply(chain, args, {}, line) if isinstance(chain, Chain) else None
    if name == "add_module" and isinstance(target, Instance):
        return module_method(reader, target, name, args, {}, line)
    if name == "__init__" and isinstance(target, Instance) and _is_chain(target):
        kind = Library("torch.nn.Sequential")
        target.names["*chain"] = _container(reader, kind, args, {}, line)
    return None


def _is_chain(target: Instance) -> bool:
    bases = [base for each in target.made_of.family for base in each.bases]
    return any(isinstance(base, Library) and base.last == "Sequential" for base in bases)


def module_method(
    reader: Interpreter, target: Any, name: str, args: list[Any], named: dict[str, Any], line: int
) -> Any:
    """A method that every model has: adds modules, lists them, uses the model."""
    if isinstance(target, Chain):
        found = _of_chain(target, name, args)
        if found is not NOT_OURS:
            return found
    if name in ("add_module", "register_module") and len(args) == 2:
        if isinstance(target, Instance):
            chain = target.names.get("*chain")
            if isinstance(chain, Chain):
                chain.add(args[1], str(args[0]))
            reader.assign_attribute(target, str(args[0]), args[1])
        elif isinstance(target, Chain):
            target.add(args[1], str(args[0]))
        return None
    if name == "children" and isinstance(target, Instance):
        return [value for value in target.names.values() if is_module(value)]
    if name == "build":
        given = args[0] if args else named.get("input_shape")
        reader.use(target, line, shape=without_batch(given))
        return None
    if tensors_in(args):  # init, apply, tabulate, predict, evaluate …
        output = reader.apply(target, tensors_in(args)[:1], {}, line)
        return {"params": Unknown(NOT_KNOWN)} if name == "init" else output
    if name in ("compile", "fit", "predict", "evaluate", "summary", "init", "save"):
        reader.use(target, line)
    return Unknown(phrase("reading.unread.result", name=name), line)


def _of_chain(target: Chain, name: str, args: list[Any]) -> Any:
    if name in ("append", "add") and args:
        add_module(target, args[0])
        return None
    if name == "insert" and len(args) == 2 and isinstance(args[0], int):
        target.modules.insert(args[0], args[1])
        target.keys = [str(i) for i in range(len(target.modules))]
        return None
    if name == "extend" and args:
        more: list[Any] = []
        extend(more, args[0].modules if isinstance(args[0], Chain) else args[0])
        for value in more:
            target.add(value)
        return None
    if name == "pop":
        return target.modules.pop() if target.modules and target.keys.pop() else None
    pairs = list(zip(target.keys, target.modules, strict=True))
    lists = {"items": pairs, "named_children": pairs, "keys": list(target.keys)}
    lists |= {"values": list(target.modules), "children": list(target.modules)}
    return lists.get(name, NOT_OURS)


# --- data ----------------------------------------------------------------------------------------


def _data(reader: Interpreter, library: Library, args: list[Any], named: dict[str, Any]) -> Any:
    """A tensor of random or equal numbers: what goes into a model."""
    lists = [arg for arg in args if isinstance(arg, list | tuple)]
    given = named.get("size", named.get("shape", lists[0] if lists else None))
    sizes = list(given) if isinstance(given, list | tuple) else list(args)
    framework = framework_of(library) or {"tensorflow": "keras"}.get(library.path[:10])
    if not sizes:
        return Unknown(phrase("reading.unread.shape_of_result", name=library.last))
    batch, shape = sizes[0], sizes[1:]
    whole = all(map(is_size, shape))
    count = batch if isinstance(batch, int) else None
    return reader.recorder.source(framework, tuple(shape) if whole and shape else None, count)


def without_batch(given: Any) -> tuple[int, ...] | None:
    """(None, 28, 28, 1) → (28, 28, 1); None where a size is not known."""
    if not isinstance(given, list | tuple) or len(given) < 2:
        return None
    rest = tuple(given[1:])
    return rest if all(map(is_size, rest)) else None


def _summary(
    reader: Interpreter, library: Library, args: list[Any], named: dict[str, Any], line: int
) -> Any:
    """torchsummary takes the size without the batch, torchinfo with it."""
    given = args[1] if len(args) > 1 else named.get("input_size", named.get("input_data"))
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], tuple):
        given = given[0]
    if isinstance(given, Tensor):
        reader.apply(args[0], [given], {}, line)
    elif isinstance(given, list | tuple) and given and all(map(is_size, given)):
        has_batch = "torchinfo" in library.path or len(given) > 3
        reader.use(args[0], line, shape=tuple(given)[1:] if has_batch else tuple(given))
    else:
        reader.use(args[0], line)
    return None


def _side_by_side(
    reader: Interpreter, library: Library, args: list[Any], axis: Any, line: int
) -> Any:
    tensors = tensors_in(args[:1])
    is_whole = bool(args) and isinstance(args[0], list | tuple) and len(tensors) == len(args[0])
    if not tensors:
        return NOT_OURS
    if not is_whole:
        return reader.lost(tensors, line, phrase("reading.unread.not_all_parts"))
    if axis is None:
        axis = -1 if library.path.startswith("keras.layers") else 0
    return merging.concatenated(reader, tensors, axis, line)
