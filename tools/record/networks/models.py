"""Run live models of PyTorch and Keras, and those that fail with the changes of poolviz.

    FOLDER/bin/pip install torch==2.13.0 numpy keras==3.15.1 && FOLDER/bin/pip install -e .
    FOLDER/bin/python -m tools.record.networks.models

writes `tests/data/models.json.gz`. One JSON object: `versions`, and `models`, a list of

* `name`, `framework`, `data_format`, `input_shape`; `layers`, as `read_model` reads the model,
  written as poolviz writes layers;
* what the framework gave: `output` (null where it raises), `error`, `parameters`;
* `fixes`: each change that poolviz proposes and that could be made to the real model (another
  input, or one layer in the place of another), with the changed `layers` and `input_shape`, and
  the `output` of the real model after it.

Everything that is compared comes from the framework: poolviz only says what to run.
"""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Iterator
from typing import Any

from tests.support.paths import DATA

os.environ.setdefault("KERAS_BACKEND", "torch")

import poolviz as pv
from poolviz.arithmetic.layers.network_layers import Layer, bare
from tools.record.networks.architectures import _keras_layer, versions, zipped

OUTPUT = DATA / "models.json.gz"
Shape = tuple[int, ...]
JOINS = (pv.Concatenate, pv.Add)


def written(layers: tuple[Layer, ...]) -> str:
    return ", ".join(map(repr, layers))


def changed_layer(before: pv.Stack, after: pv.Stack) -> tuple[str | None, Layer] | None:
    """Return the name of the only layer that was replaced, and its replacement."""
    pairs = list(_pairs(before.layers, after.layers))
    if any(pair is None for pair in pairs):
        return None
    others = [pair for pair in pairs if pair is not None and pair[0] != pair[1]]
    if len(others) != 1:
        return None
    old, new = others[0]
    return getattr(old, "name", None), bare(new)


def _pairs(before: tuple[Layer, ...], after: tuple[Layer, ...]) -> Iterator[Any]:
    """Layers at the same place; None where one of them has no counterpart."""
    if len(before) != len(after):
        yield None
        return
    for old, new in zip(before, after, strict=True):
        one, other = bare(old), bare(new)
        if isinstance(one, JOINS) and type(one) is type(other):
            for branches in zip(one.branches, other.branches, strict=True):
                yield from _pairs(*branches)
        else:
            yield old, new


# --- PyTorch -------------------------------------------------------------------------------------


def run_torch(model: Any, shape: Shape) -> dict[str, Any]:
    import torch

    model = copy.deepcopy(model).eval()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            output = list(model(torch.zeros(1, *shape)).shape[1:])
        except Exception as raised:
            return {"output": None, "error": type(raised).__name__, "parameters": None}
    count = sum(parameter.numel() for parameter in model.parameters())
    return {"output": output, "error": None, "parameters": count}


def torch_repaired(model: Any, name: str | None, layer: Layer) -> Any:
    """Return the model with one module replaced; None where there is no such module."""
    old = dict(model.named_modules()).get(name or "no name")
    new = None if old is None else torch_module(layer, old)
    if new is None:
        return None
    model = copy.deepcopy(model)
    model.set_submodule(name, new)
    return model


def torch_module(layer: Layer, old: Any) -> Any:
    from torch import nn

    if isinstance(layer, pv.Pool):
        kind = f"{layer.op.title()}Pool{type(old).__name__[-2:]}"
        more = {"dilation": layer.dilation} if layer.op == "max" else {}
        return getattr(nn, kind)(
            layer.kernel_size, layer.stride, layer.padding, ceil_mode=layer.ceil_mode, **more
        )
    if isinstance(layer, pv.AdaptivePool | pv.GlobalPool):
        size = layer.output_size if isinstance(layer, pv.AdaptivePool) else 1
        return getattr(nn, f"Adaptive{layer.op.title()}Pool{type(old).__name__[-2:]}")(size)
    if isinstance(layer, pv.Linear) and layer.in_features is not None:
        return nn.Linear(layer.in_features, layer.out_features, layer.bias)
    if isinstance(layer, pv.Conv) and layer.in_channels is not None:
        return getattr(nn, f"Conv{type(old).__name__[-2:]}")(
            layer.in_channels,
            layer.out_channels,
            layer.kernel_size,
            layer.stride,
            layer.padding,
            layer.dilation,
            layer.groups,
            layer.bias,
        )
    return None


# --- Keras ---------------------------------------------------------------------------------------


def run_keras(model: Any, shape: Shape) -> dict[str, Any]:
    import keras

    try:
        found = model(keras.Input(shape))
    except Exception as raised:
        return {"output": None, "error": type(raised).__name__, "parameters": None}
    output = list((found[0] if isinstance(found, list) else found).shape[1:])
    return {"output": output, "error": None, "parameters": model.count_params()}


def keras_repaired(model: Any, name: str | None, layer: Layer) -> Any:
    """Return a new `Sequential` with one layer replaced; None for other models or layers."""
    import keras

    names = [each.name for each in model.layers]
    if not isinstance(model, keras.Sequential) or name not in names:
        return None
    if not isinstance(layer, pv.Pool | pv.Conv | pv.GlobalPool):
        return None
    old = model.layers[names.index(name)]
    new = _keras_layer(keras_entry(layer), int(type(old).__name__[-2]), old.data_format)
    made = [type(each).from_config(each.get_config()) for each in model.layers]
    made[names.index(name)] = new
    return keras.Sequential(made)


def keras_entry(layer: Layer) -> dict[str, Any]:
    """Return the layer in the words of `tools.record.networks.architecture_cases`."""
    if isinstance(layer, pv.GlobalPool):
        return {"op": "GlobalPool", "op_name": layer.op, "keepdims": bool(layer.keepdims)}
    if isinstance(layer, pv.Pool):
        words = {"op": "Pool", "op_name": layer.op}
    else:
        words = {"op": "Conv", "out_channels": layer.out_channels, "bias": layer.bias}
        words |= {"dilation": layer.dilation, "groups": layer.groups}
    names = ("kernel_size", "stride", "padding")
    return words | {word: getattr(layer, word) for word in names}


# --- the file ------------------------------------------------------------------------------------


def record() -> list[dict[str, Any]]:
    from tools.record.networks.keras_examples import GRAPHS
    from tools.record.networks.keras_examples import MODELS as KERAS_MODELS
    from tools.record.networks.torch_examples import MODELS as TORCH_MODELS

    found = []
    for name, (make, shapes) in TORCH_MODELS.items():
        for shape in shapes:
            found.append(one_model(name, make, shape, run_torch, torch_repaired))
    for name, (make, shapes) in KERAS_MODELS.items():
        is_graph = name in GRAPHS or name == "subclassed"
        for shape in () if is_graph else shapes:
            found.append(one_model(name, make, shape, run_keras, keras_repaired))
    return found


def one_model(name: str, make: Any, shape: Shape, run: Any, repaired: Any) -> dict[str, Any]:
    stack = pv.read_model(make(), shape)
    if stack.not_read:  # numbers of this input, or layers that count twice
        fixes = []
    else:
        fixes = [each for fix in stack.fixes if (each := one_fix(stack, fix, make, run, repaired))]
    return {
        "name": name,
        "framework": stack.framework,
        "data_format": stack.data_format,
        "input_shape": list(shape),
        "layers": written(stack.layers),
        **run(make(), shape),
        "is_shared": name == "shared",
        "fixes": fixes,
    }


def one_fix(stack: pv.Stack, fix: Any, make: Any, run: Any, repaired: Any) -> dict[str, Any] | None:
    model = make()
    if fix.stack.layers != stack.layers:
        change = changed_layer(stack, fix.stack)
        if change is None or change[0] is None:
            return None
        # Keras numbers its default names across models, so the same layer has another name.
        twin = pv.read_model(model, stack.input_shape)
        model = repaired(model, _same_name(stack, twin, change[0]), change[1])
    if model is None or fix.stack.data_format != stack.data_format:
        return None
    ran = run(model, fix.input_shape)
    return {
        "change": fix.change,
        "layers": written(fix.stack.layers),
        "input_shape": list(fix.input_shape),
        "output": ran["output"],
        "error": ran["error"],
    }


def _same_name(stack: pv.Stack, twin: pv.Stack, name: str | None) -> str | None:
    pairs = _pairs(stack.layers, twin.layers)
    return next(new.name for old, new in pairs if getattr(old, "name", None) == name)


def main() -> None:
    models = record()
    OUTPUT.write_bytes(zipped({"versions": versions(), "models": models}))
    fixes = [fix for model in models for fix in model["fixes"]]
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size:,} bytes, {len(models)} runs")
    print(f"{sum(model['error'] is not None for model in models)} fail, {len(fixes)} fixes run")


if __name__ == "__main__":
    main()
