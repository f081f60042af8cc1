"""Calls of modules in a traceback of PyTorch: `Module._call_impl(self, *args, **kwargs)`.

Read off torch 2.13.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from poolviz.dialects.common.frames import Frames, ModelCall, first_sized


def _call(module: str, function: str, local: Mapping[str, Any]) -> ModelCall | None:
    if module != "torch.nn.modules.module" or function != "_call_impl":
        return None
    value = first_sized((*local.get("args", ()), *local.get("kwargs", {}).values()))
    return None if value is None else ModelCall(local.get("self"), value)


def _path(inner: Any, model: Any) -> str | None:
    return next((path for path, module in model.named_modules() if module is inner), None)


def _is_layer(module: Any) -> bool:
    is_torch = type(module).__module__.startswith("torch.nn.modules.")
    return is_torch and next(iter(module.children()), None) is None


FRAMES = Frames(("torch",), _call, _path, _is_layer)
