"""Undo what a `forward` or `call` changes."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def restored(modules: Sequence[object]) -> Iterator[None]:
    """Restore the attributes of modules, and the state of the random number generators."""
    kept = [(vars(module), _kept(vars(module))) for module in modules]
    # Dropout or a `torch.rand` in `forward` would shift the seeds of the user's next cell.
    generators = list(_generators())
    try:
        yield
    finally:
        for attributes, before in kept:
            _restore(attributes, before)
        for set_state, state in generators:
            set_state(state)


def _generators() -> Iterator[tuple[Any, Any]]:
    """Yield functions that restore the random state of Python and of the loaded libraries."""
    yield random.setstate, random.getstate()
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if hasattr(torch, "get_rng_state"):
        yield torch.set_rng_state, torch.get_rng_state()  # type: ignore[union-attr]  # not None
    if hasattr(numpy, "random"):
        yield numpy.random.set_state, numpy.random.get_state()  # type: ignore[union-attr]


def _kept(attributes: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return all attributes, with a copy of those that are containers."""
    return {
        name: (value, value.copy() if type(value) in (dict, list, set) else None)
        for name, value in attributes.items()
    }


def _restore(attributes: dict[str, Any], before: dict[str, tuple[Any, Any]]) -> None:
    # Attributes that `forward` added go, too.
    attributes.clear()
    for name, (value, copy) in before.items():
        attributes[name] = value
        if copy is not None and _identities(value) != _identities(copy):
            # In place: other objects may share the container.
            value.clear()
            value.extend(copy) if isinstance(value, list) else value.update(copy)


def _identities(container: Any) -> list[object]:
    """Return the ids of values, because tensors do not compare as a whole."""
    if isinstance(container, dict):
        return [(key, id(value)) for key, value in container.items()]
    return [id(value) for value in container]
