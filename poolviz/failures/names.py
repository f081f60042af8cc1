"""Names of the user for a model in a traceback."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from poolviz.arithmetic.layers.network_layers import Layer, Named, branches_of, with_branches
from poolviz.diagnosis.network.stack import Stack
from poolviz.dialects.common.frames import Step


def name_of(models: Sequence[object], steps: Sequence[Step]) -> str | None:
    """Return the variable, or the attribute of `self`, that holds one of some models, else None."""
    for step in steps:
        frame = step.traceback.tb_frame
        for variables in (frame.f_locals, frame.f_globals):
            for name, value in variables.items():
                if _is_one(value, models) and name != "self" and not name.startswith("_"):
                    return name
        owner = frame.f_locals.get("self")
        held = {**getattr(owner, "__dict__", {}), **(getattr(owner, "_modules", None) or {})}
        for name, value in held.items():
            if _is_one(value, models) and not name.startswith("_"):
                return f"self.{name}"
    own = any(_is_one(step.local.get("self"), models) for step in steps)
    return "self" if own else None


def _is_one(value: object, models: Sequence[object]) -> bool:
    return any(value is model for model in models)


def as_code(model: str, path: str) -> str:
    """Write the path of a layer as Python.

    >>> as_code("model", "features.6"), as_code("net", "0.conv"), as_code("net", "")
    ('model.features[6]', 'net[0].conv', 'net')
    """
    return model + re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", f".{path}" if path else "")


def with_names(stack: Stack, spoken: Mapping[str, str]) -> Stack:
    """Return a stack whose layers have the names of the user: from the name in it to theirs."""

    def named(layer: Layer) -> Layer:
        if branches_of(layer):
            inner = tuple(tuple(map(named, branch)) for branch in branches_of(layer))
            layer = with_branches(layer, inner)
        if isinstance(layer, Named) and layer.name in spoken:
            return Named(spoken[layer.name], layer.layer)
        return layer

    source = stack.source and replace(stack.source, variables=frozenset(spoken.values()))
    return replace(stack, layers=tuple(map(named, stack.layers)), source=source)
