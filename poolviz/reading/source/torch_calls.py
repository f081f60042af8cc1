"""Containers, data and uses of models, as PyTorch, Flax and NumPy write them."""

from __future__ import annotations

from math import prod

from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.joins import join_of
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, tensors_in
from poolviz.reading.source.builtin_calls import extend, plain_call
from poolviz.reading.source.calls.constants import MAKERS, created
from poolviz.reading.source.calls.hooks import keeps_output
from poolviz.reading.source.calls.keras_modules import weight
from poolviz.reading.source.contents import children_of, key_of, modules_of, spoil
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.tensor_calls import concatenated, elementwise
from poolviz.reading.source.values import (
    NOT_KNOWN,
    RUNS,
    STARS,
    UNHANDLED,
    Args,
    Bound,
    Chain,
    Function,
    Instance,
    LayerObject,
    Library,
    Module,
    Named,
    Unhandled,
    Unknown,
    Value,
    framework_of,
    is_module,
    known_sizes,
    module_framework,
)

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
_WRAPPED_BY = (
    "DataParallel DistributedDataParallel compile script jit spectral_norm weight_norm "
    "remove_weight_norm orthogonal checkpoint_wrapper"
)
_WRAPPERS = frozenset(_WRAPPED_BY.split())


def library_call(
    reader: ReadingContext, library: Library, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return a container, data, tensors that join, or a summary of a model."""
    last, first = library.last, library.path.partition(".")[0]
    if last in CONTAINERS and framework_of(library) is not None:
        return _container(reader, library, args, named, line)
    if last in ("tensor", "as_tensor", "asarray", "array", "Size") and known_sizes(_flat(args)):
        return args[0]  # sizes, to be multiplied
    if last == "prod" and first in MAKERS and known_sizes(_flat(args)):
        return prod(known_sizes(_flat(args)) or ())
    own = created(reader, library, args, named)
    if not isinstance(own, Unhandled):
        return own
    if join_of(last) == "concatenate" and first in MAKERS:
        axis = args[1] if len(args) > 1 else named.get("dim", named.get("axis"))
        return _side_by_side(reader, library, args, axis, line)
    if join_of(last) == "add" and first in MAKERS and _are_tensors(args[:2]):
        return elementwise(reader, last, args[0], args[1], line)
    if library.path == "flax.nnx.List" and args and isinstance(args[0], list | tuple):
        return list(args[0])
    if last in _WRAPPERS and args and is_module(args[0]):
        return args[0]
    if last == "summary" and args and is_module(args[0]):
        _summary(reader, library, args, named, line)
        return None
    if last in ("trace", "export") and len(args) > 1 and is_module(args[0]):
        return reader.apply(args[0], list(args[1:2]), {}, line)
    return UNHANDLED


def _flat(args: Args) -> Args:
    """Return the entries of a list that is the only argument."""
    return list(args[0]) if len(args) == 1 and isinstance(args[0], list | tuple) else []


def _are_tensors(values: Args) -> bool:
    return bool(values) and all(isinstance(value, SymbolicTensor) for value in values)


# --- containers ----------------------------------------------------------------------------------


def _container(
    reader: ReadingContext, library: Library, args: Args, named: Named, line: int
) -> Chain:
    """Make a container from modules, one list of them, or a dictionary."""
    framework = framework_of(library)
    made = Chain(library.last, line, framework=framework)
    entries: Value = list(args)
    only = args[0] if len(args) == 1 else None
    # `Sequential(Sequential(…))` holds the inner one as its only module.
    holds_it = made.kind == "Sequential" and isinstance(only, Chain)
    if isinstance(only, list | tuple | dict | Chain | Unknown) and not holds_it:
        entries = only
    elif not args and "layers" in named:
        entries = named["layers"]
    if made.kind == "ModuleDict" and isinstance(entries, list | tuple):
        entries = plain_call(Library("builtins.dict"), [list(entries)], {})
    if isinstance(entries, Unknown):
        made.add(entries)
    elif isinstance(entries, dict):
        for key, value in entries.items():
            made.add(value, key_of(key, len(made.modules)))
    else:
        for value in _modules(entries):
            add_module(made, value)
    name = named.get("name")
    made.name = name if isinstance(name, str) else None
    if made.kind == "Sequential" and not reader.is_inside:
        reader.made.append(made)
    return made


def _modules(entries: Value) -> list[Value]:
    if isinstance(entries, Chain):
        return entries.modules
    return list(entries) if isinstance(entries, list | tuple) else [entries]


def add_module(chain: Chain, value: Value) -> None:
    """Append a module; the `Input` of a Keras model gives its shape only."""
    if isinstance(value, SymbolicTensor) and not chain.modules:
        chain.source = value
        return
    chain.add(value)


def parent_call(
    reader: ReadingContext, target: Instance, name: str, args: Args, named: Named, line: int
) -> Value:
    """`super().__init__(…)`: matters where the parent is a `Sequential` or a layer."""
    if name in RUNS:
        return None if target.chain is None else reader.apply(target.chain, args, {}, line)
    if name == "add_module":
        return module_method(reader, target, name, args, {}, line)
    if name == "__init__":
        _begin_as(reader, target, args, named, line)
    return None


def _begin_as(
    reader: ReadingContext, target: Instance, args: Args, named: Named, line: int
) -> None:
    """Make the layers of an object whose class is derived from a layer or container."""
    bases = [base for each in target.made_of.family for base in each.bases]
    for base in bases:
        if not isinstance(base, Library) or module_framework(base) is None:
            continue
        made = reader.call(base, args, named, line) if args or named else None
        if isinstance(made, Chain):
            # It is a part of the object, not a further model of the text.
            reader.made[:] = [each for each in reader.made if each is not made]
            target.chain = made
        elif isinstance(made, LayerObject):
            framework = module_framework(base)
            target.chain = Chain("Sequential", line, [made], ["0"], framework)
        elif base.last == "Sequential":
            target.chain = Chain("Sequential", line, framework=module_framework(base))
        return


_ASSIGNING = ("add_module", "register_module", "register_buffer", "register_parameter")


def module_method(
    reader: ReadingContext, target: Module, name: str, args: Args, named: Named, line: int
) -> Value:
    """Return the result of a method that every model has: adds, lists or uses modules."""
    if isinstance(target, Chain):
        found = _of_chain(target, name, args)
        if target.name is not None and target.kind != "Sequential":
            reader.set_name(target, target.name)  # what came after the list had its name
        if not isinstance(found, Unhandled):
            return found
    if name in _ASSIGNING and len(args) > 1:
        if isinstance(target, Instance):
            is_list = target.chain is not None and target.as_layer is None
            if target.chain is not None and is_list and name.endswith("module"):
                target.chain.put(key_of(args[0], len(target.chain.modules)), args[1])
            reader.assign_attribute(target, key_of(args[0], len(target.names)), args[1])
        elif isinstance(target, Chain):
            target.put(key_of(args[0], len(target.modules)), args[1])
        return None
    if name in ("children", "named_children", "modules", "named_modules"):
        pairs = modules_of(target) if name.endswith("modules") else children_of(target)
        return list(pairs) if name.startswith("named") else [value for _, value in pairs]
    if name == "apply" and args and not tensors_in(args):
        for _, value in reversed(modules_of(target)):  # the innermost first
            reader.call(args[0], [value], {}, line)
        return target
    if name in ("register_forward_hook", "register_forward_pre_hook"):
        if args and keeps_output(args[0]):
            return None
        reader.touch(target, line, phrase("reading.unread.hook"))
        return Unknown(phrase("reading.unread.result", name=name), line)
    if name in ("add_weight", "param"):
        own = target.made_of.framework if isinstance(target, Instance) else "keras"
        return weight(reader, own, args, named)
    if name == "build":
        given = args[0] if args else named.get("input_shape")
        shape = without_batch(given)
        reader.use(target, line, shape=shape)
        if isinstance(target, Chain) and target.source is None and shape and target.framework:
            target.source = reader.graph.source(target.framework, shape)
        return None
    if tensors_in(args):  # init, apply, tabulate, predict, evaluate …
        output = _run(reader, target, name, args, named, line)
        return {"params": Unknown(NOT_KNOWN)} if name == "init" else output
    if name in ("compile", "fit", "predict", "evaluate", "summary", "init", "save"):
        reader.use(target, line)
    return Unknown(phrase("reading.unread.result", name=name), line)


_WITH_STATE = ("init", "init_with_output", "apply", "tabulate")
_OF_STATE = ("method", "mutable", "rngs", "capture_intermediates")


def _run(
    reader: ReadingContext, target: Module, name: str, args: Args, named: Named, line: int
) -> Value:
    """Run a model by a method; those of Flax take its state, or a key, before the inputs."""
    if name not in _WITH_STATE or len(args) < 2:
        return reader.apply(target, list(tensors_in(args)[:1]), {}, line)
    more = {word: value for word, value in named.items() if word not in _OF_STATE}
    if "method" in named:
        function = named["method"]
        if isinstance(function, Function):
            function = Bound(target, function)
        return reader.call(function, args[1:], more, line)
    return reader.apply(target, args[1:], more, line)


def _of_chain(target: Chain, name: str, args: Args) -> Value | Unhandled:
    """Run a method of a container; `UNHANDLED` for one that every module has."""
    if name in ("append", "add") and args:
        add_module(target, args[0])
        return target if name == "append" else None
    if name == "insert" and len(args) == 2 and isinstance(args[0], int):
        target.insert(args[0], args[1])
        return target
    if name in ("__setitem__", "__delitem__") and args and isinstance(args[0], int | str):
        target.put(args[0], args[1]) if name == "__setitem__" else target.remove(args[0])
        return None
    if name == "clear":
        target.modules.clear()
        target.keys.clear()
        return None
    if name == "update" and args:
        _update(target, args[0])
        return None
    if name == "extend" and args:
        more: list[Value] = []
        extend(more, args[0].modules if isinstance(args[0], Chain) else args[0])
        for value in more:
            target.add(value)
        return target
    if name == "pop":
        return _popped(target, args[0] if args else -1)
    if name == "get_submodule" and args and args[0] in target.keys:
        return target.modules[target.keys.index(str(args[0]))]
    pairs: Value = list(zip(target.keys, target.modules, strict=True))
    lists: dict[str, Value] = {"items": pairs, "keys": list(target.keys)}
    lists |= {"values": list(target.modules)}
    return lists.get(name, UNHANDLED)


def _update(target: Chain, more: Value) -> None:
    """Run `target.update(more)` of a `ModuleDict`."""
    if isinstance(more, Chain):
        more = dict(zip(more.keys, more.modules, strict=True))
    if not isinstance(more, dict) or STARS in more:
        spoil(target, Unknown(NOT_KNOWN))
        return
    for key, value in more.items():
        target.put(key_of(key, len(target.modules)), value)


def _popped(target: Chain, place: Value) -> Value:
    """Remove a module, and return it."""
    found: Value = Unknown(NOT_KNOWN)
    try:
        if isinstance(place, str):
            found = target.modules[target.keys.index(place)]
        elif isinstance(place, int):
            found = target.modules[place]
        else:
            raise ValueError
        target.remove(place)
    except (IndexError, ValueError):
        spoil(target, Unknown(NOT_KNOWN))
    return found


# --- data ----------------------------------------------------------------------------------------


def without_batch(given: Value) -> tuple[int, ...] | None:
    """(None, 28, 28, 1) → (28, 28, 1); None where a size is not known."""
    if not isinstance(given, list | tuple) or len(given) < 2:
        return None
    return known_sizes(given[1:])


def _summary(reader: ReadingContext, library: Library, args: Args, named: Named, line: int) -> None:
    """torchsummary takes the size without the batch, torchinfo with it."""
    model = args[0]
    assert is_module(model)
    given = args[1] if len(args) > 1 else named.get("input_size", named.get("input_data"))
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], tuple):
        given = given[0]
    if isinstance(given, SymbolicTensor):
        reader.apply(model, [given], {}, line)
    elif isinstance(given, list | tuple) and (sizes := known_sizes(given)):
        # Four sizes include the batch, whichever package it is.
        has_batch = "torchinfo" in library.path or len(given) > 3
        reader.use(model, line, shape=sizes[1:] if has_batch else sizes)
    else:
        reader.use(model, line)


def _side_by_side(
    reader: ReadingContext, library: Library, args: Args, axis: Value, line: int
) -> Value | Unhandled:
    parts, tensors = args[:1], tensors_in(args[:1])
    if not tensors:
        return UNHANDLED
    if not isinstance(parts[0], list | tuple) or len(tensors) < len(parts[0]):
        return reader.lost(tensors, line, phrase("reading.unread.not_all_parts"))
    if axis is None:
        # `keras.layers.concatenate` joins the last axis by default, `torch.cat` the first.
        axis = -1 if library.path.startswith("keras.layers") else 0
    return concatenated(reader, tensors, axis, line)
