"""Names of PyTorch in source code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from poolviz.dialects.common.frames import Frames, ModelCall, Part, Step
from poolviz.dialects.common.names import Module, SourceNames
from poolviz.dialects.pytorch.functions import FUNCTIONS
from poolviz.dialects.pytorch.layers import CLASSES

NAMES = SourceNames(
    packages=("torch",),
    modules=(Module(prefix="torch.", classes=CLASSES, functions=FUNCTIONS),),
    methods=FUNCTIONS,
    bases=frozenset({"Module", "Sequential"}),
    other_bases=frozenset({"LightningModule"}),
    signs=r"\btorch\b|\b[A-Z]\w+\dd\b|\bnn\.Linear\b|\bForward\b|\bF\.\w+\(",
    usual={"torch": "torch", "F": "torch.nn.functional", "summary": "torchsummary.summary"},
    own={"nn": "torch.nn", "Sequential": "torch.nn.Sequential"},
    layer_module="torch.nn",
    layer_modules=("torch.nn.",),
    function_path=r"torch\.(?:nn\.functional\.|special\.)?\w+$",
    argument_aliases={"axis": "dim", "keepdims": "keepdim"},
    array_packages=("torch",),
    embedding=("num_embeddings", "embedding_dim"),
    adds_batch=True,
    numbers_layers=True,
    read_at_calls={
        r"^(Max|Avg|LP|Adaptive\w+)Pool\dd$": frozenset(
            ["kernel_size", "stride", "padding", "dilation", "ceil_mode", "output_size"]
        ),
        r"^Conv": frozenset(["stride", "padding", "dilation", "groups", "output_padding"]),
        r"^Upsampl": frozenset(["size", "scale_factor", "mode"]),
        r"Pad\dd$": frozenset(["padding"]),
        r"^(Unf|F)latten$": frozenset(["start_dim", "end_dim", "dim", "unflattened_size"]),
    },
    weights=("weight", "bias"),
)

# Calls in a traceback: `Module._call_impl(self, *args, **kwargs)`, read off torch 2.13.0.


def _module_call(step: Step) -> ModelCall | None:
    if step.module != "torch.nn.modules.module" or step.function != "_call_impl":
        return None
    local = step.local
    if hasattr(local.get("self"), "_export_root"):
        return None  # what torch.export puts around the user's model, which it calls next
    call = ModelCall(local.get("self"), tuple(local.get("args", ())), local.get("kwargs", {}))
    return None if call.value is None else call


def _parts(model: Any) -> Iterator[Part]:
    model = getattr(model, "_orig_mod", model)  # torch.compile
    model = model.module if _is_parallel(model) else model
    for path, module in model.named_modules():
        yield Part(path, path, module)


def _is_parallel(model: object) -> bool:
    """Return whether a model is DataParallel or the like; a user's own may hold a `module` too."""
    return type(model).__module__.startswith("torch.") and hasattr(model, "module")


def _wrapped(model: object) -> tuple[str, ...]:
    compiled = getattr(model, "_orig_mod", None)
    if hasattr(type(compiled), "__getitem__"):
        return ("_orig_mod",)  # it forwards attributes, no indices
    return ("module",) if _is_parallel(model if compiled is None else compiled) else ()


def _is_layer(module: Any) -> bool:
    is_torch = type(module).__module__.startswith("torch.nn.modules.")
    return is_torch and next(iter(module.children()), None) is None


FRAMES = Frames(("torch",), _module_call, _parts, _is_layer, wrapped=_wrapped)
