"""Calls of layers in a traceback of Keras: the frame that filters it holds layer and inputs.

`keras.src.utils.traceback_utils.error_handler(*args)`, around `__call__`, `fit`, `evaluate` and
`predict`. With the backend PyTorch, a layer is also called as a module. Read off Keras 3.15.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from poolviz.dialects.common.frames import (
    MOST_NESTED,
    Frames,
    ModelCall,
    Part,
    Step,
    held_layers,
)


def _call(step: Step) -> ModelCall | None:
    if step.function == "symbolic_call" and step.module.endswith("ops.operation"):
        return _operation(step)
    is_handler = _is_handler(step)
    is_module = step.function == "_call_impl" and step.module == "torch.nn.modules.module"
    # With the backend JAX, `predict` goes from here to the layers, past the model's own call.
    is_stateless = step.function == "stateless_call" and step.module.endswith("layers.layer")
    if not is_handler and not is_module and not is_stateless:
        return None
    local = step.local
    args = tuple(local.get("args", ()))
    layer, args = (args[0], args[1:]) if is_handler and args else (local.get("self"), args)
    if not _is_keras(layer):
        return None
    runs = getattr(local.get("fn"), "__name__", "__call__")  # `fit` takes labels, too
    if runs.startswith("stateless"):
        return None  # its first arguments are the weights; the call inside is a separate step
    args = args if runs == "__call__" else args[:1]
    call = ModelCall(layer, args, {} if args else local.get("kwargs", {}))
    return None if call.value is None else call


def _operation(step: Step) -> ModelCall | None:
    """Return the call of an operation like `a + b` on symbolic tensors; layers come elsewhere."""
    operation = step.local.get("self")
    given = [one for each in step.local.get("args", ()) for one in _listed(each)]
    is_symbolic = all(getattr(one, "_keras_history", None) is not None for one in given)
    if not given or not is_symbolic or _is_keras(operation):
        return None
    return ModelCall(operation, (given,))


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _is_handler(step: Step) -> bool:
    return step.function == "error_handler" and step.module.endswith("utils.traceback_utils")


def _hides(step: Step) -> bool:
    """Return whether a frame raises another error than the one that came, or a shorter one."""
    return _is_handler(step) or (
        step.function == "_symbolic_build" and step.module.endswith("trainers.trainer")
    )


def _is_keras(value: object) -> bool:
    return any(
        cls.__name__ == "Layer" and cls.__module__.startswith(("keras.", "tf_keras."))
        for cls in type(value).__mro__
    )


def _parts(model: Any, path: str = "", is_code: bool = True) -> Iterator[Part]:
    yield Part(str(model.name), path, model, is_code)
    held = list(held_layers(model, _is_keras))
    if not held:  # its layers are in a list that cannot be assigned to
        held = [(str(place), layer) for place, layer in enumerate(getattr(model, "layers", ()))]
        is_code = False
    for step, layer in held:
        if path.count(".") < MOST_NESTED:
            yield from _parts(layer, f"{path}.{step}".lstrip("."), is_code)


def _is_layer(layer: object) -> bool:
    is_keras = type(layer).__module__.startswith(("keras.", "tf_keras."))
    return is_keras and not getattr(layer, "_layers", None)


FRAMES = Frames(("keras", "tf_keras", "tensorflow"), _call, _parts, _is_layer, _hides)
