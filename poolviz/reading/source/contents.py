"""What lists, dictionaries and modules hold: listed, copied, forgotten."""

from __future__ import annotations

from dataclasses import replace

from poolviz.reading.source.values import (
    STARS,
    Chain,
    Instance,
    LayerObject,
    Unknown,
    Value,
    is_module,
)


def children_of(module: Value) -> list[tuple[str, Value]]:
    """Return the modules that a module holds by name, as PyTorch's `named_children` does."""
    if isinstance(module, Chain):
        held = list(zip(module.keys, module.modules, strict=True))
    elif isinstance(module, Instance):
        chain = [] if module.chain is None else children_of(module.chain)
        held = list({**dict(chain), **module.names}.items())
    else:
        return []
    return [(key, value) for key, value in held if is_module(value) or isinstance(value, Chain)]


def modules_of(module: Value) -> list[tuple[str, Value]]:
    """Return a module and all in it, each once, as PyTorch's `named_modules` does."""
    found: list[tuple[str, Value]] = []
    seen: set[int] = set()
    open_values = [("", module)]
    while open_values:
        name, value = open_values.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        found.append((name, value))
        inner = [(f"{name}.{key}" if name else key, each) for key, each in children_of(value)]
        open_values += reversed(inner)
    return found


def spoil(value: Value, why: Unknown) -> None:
    """Forget the contents of a list, a dictionary or a container, which nobody knows any more."""
    if isinstance(value, list):
        value[:] = [why]
    elif isinstance(value, dict):
        value.clear()
        value[STARS] = why
    elif isinstance(value, Chain):
        value.modules, value.keys = [why], ["0"]


def copied(value: Value, seen: dict[int, Value] | None = None) -> Value:
    """Return a deep copy of lists, dictionaries, layers and models; all else is shared."""
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    made: Value = value
    if isinstance(value, list):
        made = seen[id(value)] = []
        made += [copied(entry, seen) for entry in value]
    elif isinstance(value, tuple):
        made = tuple(copied(entry, seen) for entry in value)
    elif isinstance(value, dict):
        made = seen[id(value)] = {}
        made |= {key: copied(entry, seen) for key, entry in value.items()}
    elif isinstance(value, LayerObject):
        made = seen[id(value)] = replace(
            value, settings=dict(value.settings), assigned=dict(value.assigned)
        )
    elif isinstance(value, Chain):
        made = seen[id(value)] = replace(value, keys=list(value.keys))
        made.modules = [copied(module, seen) for module in value.modules]
    elif isinstance(value, Instance):
        made = seen[id(value)] = replace(value)
        made.names = {key: copied(entry, seen) for key, entry in value.names.items()}
        if value.chain is not None:
            chain = copied(value.chain, seen)
            made.chain = chain if isinstance(chain, Chain) else None
    return made


def key_of(value: Value, place: int) -> str:
    """Return the name under which a module is kept; its number where the name is not known.

    >>> key_of("conv", 3), key_of(Unknown("not given"), 3)
    ('conv', '3')
    """
    return str(value) if isinstance(value, str | int) else str(place)
