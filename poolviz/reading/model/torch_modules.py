"""PyTorch's modules, by their classes and attributes, without importing torch.

Read off torch 2.13.0. A class counts as PyTorch's by its module, and only while its `forward` is
the inherited one.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from poolviz.dialects.pytorch.functions import sizes_of_weights
from poolviz.dialects.pytorch.layers import CLASSES
from poolviz.reading.source.calls.hooks import ATTRIBUTES
from poolviz.reading.source.values import LayerObject, Library

_HOMES = ("torch.nn.modules.", "torch.ao.nn.")
_SEQUENCES = ("Sequential", "ModuleList")
_STUBS = ("QuantStub", "DeQuantStub", "Quantize", "DeQuantize", "NoopObserver")
_SUSPENDED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_WRAPPED = {
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "FullyShardedDataParallel": "module",
    "AveragedModel": "module",
    "OptimizedModule": "_orig_mod",
}


def is_module(value: object) -> bool:
    """Return whether it is an object of torch.nn.Module or a subclass."""
    return any(
        cls.__name__ == "Module" and cls.__module__ == "torch.nn.modules.module"
        for cls in type(value).__mro__
    )


def unwrapped(module: object) -> Any:
    """Return the model inside DataParallel, torch.compile and the like."""
    while (inner := _WRAPPED.get(type(module).__name__)) is not None:
        module = getattr(module, inner)
    return module


def class_name(module: object) -> str:
    """Return the name of the class; for a scripted module that of the original module."""
    return str(getattr(module, "original_name", type(module).__name__))


def is_scripted(module: object) -> bool:
    """Return whether torch.jit made it: it has no Python code to trace."""
    return any(cls.__module__ == "torch.jit._script" for cls in type(module).__mro__)


def known_class(module: object) -> str | None:
    """Return the class of the module in `torch.nn`, if the vocabulary has it."""
    return next((name for name in _own_classes(module) if name in CLASSES), None)


def is_stub(module: object) -> bool:
    """Return whether it only changes the type of the numbers."""
    return any(name in _STUBS for name in _own_classes(module))


def is_own(module: object) -> bool:
    """Return whether it is a class of torch.nn itself, which is not followed inside."""
    return type(module).__module__.startswith(_HOMES)


def has_hooks(module: Any) -> bool:
    """Return whether functions of the user run with a module, and may change what it gives."""
    hooks = [
        hook
        for word in ("_forward_hooks", "_forward_pre_hooks")
        for hook in (getattr(module, word, None) or {}).values()
    ]
    # PyTorch's own ones (weight_norm, spectral_norm, prune) compute weights.
    homes = (getattr(hook, "__module__", None) or type(hook).__module__ for hook in hooks)
    own = (hook for hook, home in zip(hooks, homes, strict=True) if not home.startswith("torch."))
    return not all(map(_returns_nothing, own))


def _returns_nothing(hook: Any) -> bool:
    """Return whether a function of Python returns None, and assigns nothing that layers read."""
    code = getattr(getattr(hook, "__func__", hook), "__code__", None)
    if code is None or code.co_flags & _SUSPENDED:
        return False
    steps = list(dis.get_instructions(code))
    if any(each.opname == "STORE_ATTR" and each.argval in ATTRIBUTES for each in steps):
        return False
    ends = ("RETURN_VALUE", "RETURN_CONST")
    places = [i for i, each in enumerate(steps) if each.opname in ends]
    values = [steps[i if steps[i].opname == "RETURN_CONST" else i - 1] for i in places]
    return all(each.opname.endswith("_CONST") and each.argval is None for each in values)


def children(module: Any) -> list[Any] | None:
    """Return the modules of a sequence, in order; None for anything else."""
    if any(name in _SEQUENCES for name in _own_classes(module)):
        return list(module._modules.values())
    return None


def is_of_einops(module: object) -> bool:
    """Return whether it is a layer of einops: `Rearrange` or `Reduce`."""
    home = type(module).__module__
    return home.startswith("einops.layers.") and hasattr(module, "axes_lengths")


def repeated(module: Any, tensors: Sequence[object]) -> list[Any] | None:
    """Return the layers of a `TransformerEncoder` that gets one tensor, in order; else None."""
    if class_name(module) != "TransformerEncoder" or not is_own(module) or len(tensors) != 1:
        return None
    return [*module.layers, *filter(None, [module.norm])]


def _own_classes(module: object) -> Iterator[str]:
    if is_scripted(module):
        yield class_name(module)
        return
    forward = getattr(type(module), "forward", None)
    for cls in type(module).__mro__:
        is_torch = cls.__module__.startswith(_HOMES)
        if is_torch and getattr(cls, "forward", None) is forward:
            yield cls.__name__


def settings_of(module: Any, name: str) -> dict[str, Any]:
    """Return the arguments of the constructor, as the module keeps them."""
    found: dict[str, Any] = {}
    for word in CLASSES[name].arguments if name in CLASSES else ():
        value = getattr(module, word, _MISSING)
        if value is not _MISSING:
            found[word] = _plain(word, value)
    found |= _of_weights(module, name, found)
    if name in ("TransformerEncoderLayer", "TransformerDecoderLayer"):  # kept in their layers
        attention, first = module.self_attn, module.linear1
        found |= {"d_model": attention.embed_dim, "nhead": attention.num_heads}
        found |= {"batch_first": attention.batch_first, "dim_feedforward": first.out_features}
        found |= {"bias": first.bias is not None}
    return found


def decoder_settings(module: Any) -> dict[str, Any] | None:
    """Return the arguments of a decoder, with its layers as LayerObjects; None for another one."""
    name = class_name(module)
    if name == "TransformerDecoderLayer":
        return settings_of(module, name)
    if name == "TransformerDecoder" and len(module.layers):
        return {"decoder_layer": _object(module.layers[0]), "num_layers": len(module.layers)} | (
            {} if module.norm is None else {"norm": _object(module.norm)}
        )
    if name == "Transformer" and len(module.decoder.layers):
        layers = {
            f"num_{word}_layers": len(getattr(module, word).layers)
            for word in ("encoder", "decoder")
        }
        return settings_of(module.decoder.layers[0], "TransformerDecoderLayer") | layers
    return None


def _object(module: object) -> LayerObject:
    name = class_name(module)
    return LayerObject(Library(f"torch.nn.{name}"), settings_of(module, name), 0)


def _of_weights(module: object, name: str, found: Mapping[str, Any]) -> dict[str, object]:
    """Return the sizes of the weights, which the attributes may no longer state."""
    mean = getattr(module, "running_mean", None)
    weight = getattr(module, "weight", None) if mean is None else mean
    is_lazy = type(weight).__name__.startswith("Uninitialized")
    shape = () if is_lazy else tuple(map(int, getattr(weight, "shape", ())))
    return sizes_of_weights(name, shape, int(found.get("groups", 1)))


_MISSING = object()


def _plain(word: str, value: object) -> Any:
    if word == "bias":  # a parameter; in quantised layers a method
        value = value() if callable(value) else value
        return value is not None and value is not False
    if word == "elementwise_affine" or not isinstance(value, tuple | list):
        return value
    return tuple(value)


def parameter_count(module: Any) -> int:
    """Number of weights and biases; lazy ones are not counted yet."""
    return sum(map(_count, module.parameters()))


def _count(parameter: Any) -> int:
    is_lazy = type(parameter).__name__.startswith("Uninitialized")
    return 0 if is_lazy else int(parameter.numel())


def names_of(module: Any, name: str) -> dict[int, str]:
    """Return the path of every module inside, by its id; the module itself has this name.

    Raises ValueError for a module that contains itself.
    """
    found: dict[int, str] = {}
    around: list[int] = []

    def visit(inner: Any, path: str) -> None:
        if id(inner) in around:
            inside = found[id(inner)] or "the model"
            raise ValueError(
                f"the model contains itself: {path} is {inside}, so it has no end. "
                f"Give {path} a module of its own"
            )
        if id(inner) in found:
            return
        found[id(inner)] = path
        around.append(id(inner))
        for place, child in inner._modules.items():
            if child is not None:
                visit(child, f"{path}.{place}" if path else place)
        around.pop()

    visit(module, name)
    return found
