"""Calls of layers in a traceback of Keras: the frame that filters it holds layer and inputs.

`keras.src.utils.traceback_utils.error_handler(*args)`, around `__call__`, `fit`, `evaluate` and
`predict`. With the backend PyTorch, a layer is also called as a module. Read off Keras 3.15.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from poolviz.dialects.common.frames import Frames, ModelCall, first_sized


def _call(module: str, function: str, local: Mapping[str, Any]) -> ModelCall | None:
    is_handler = function == "error_handler" and module.endswith("utils.traceback_utils")
    is_module = function == "_call_impl" and module == "torch.nn.modules.module"
    if not is_handler and not is_module:
        return None
    args = tuple(local.get("args", ()))
    layer, args = (args[0], args[1:]) if is_handler and args else (local.get("self"), args)
    if not _is_keras(layer):
        return None
    value = first_sized((*args, *local.get("kwargs", {}).values()))
    if value is None:
        return None
    given = args[0] if args and isinstance(args[0], list | tuple) else value
    return ModelCall(layer, given if hasattr(value, "_keras_history") else value)


def _is_keras(value: Any) -> bool:
    return any(
        cls.__name__ == "Layer" and cls.__module__.startswith(("keras.", "tf_keras."))
        for cls in type(value).__mro__
    )


def _path(inner: Any, model: Any) -> str | None:
    return str(inner.name)


def _is_layer(layer: Any) -> bool:
    is_keras = type(layer).__module__.startswith(("keras.", "tf_keras."))
    return is_keras and not getattr(layer, "_layers", None)


FRAMES = Frames(("keras", "tf_keras", "tensorflow"), _call, _path, _is_layer)
