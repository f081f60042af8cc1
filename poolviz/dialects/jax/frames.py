"""Calls of modules in a traceback of Flax: `__call__(self, x)`. Read off Flax 0.12.8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from poolviz.dialects.common.frames import Frames, ModelCall, first_sized

_HOMES = ("flax.linen.module", "flax.nnx.module")


def _call(module: str, function: str, local: Mapping[str, Any]) -> ModelCall | None:
    model = local.get("self")
    if function != "__call__" or not any(
        cls.__name__ == "Module" and cls.__module__ in _HOMES for cls in type(model).__mro__
    ):
        return None
    value = first_sized(value for name, value in local.items() if name != "self")
    return None if value is None else ModelCall(model, value)


FRAMES = Frames(("jax", "flax", "jaxlib"), _call)
