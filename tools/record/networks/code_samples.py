"""Runs every text in `tests/code_samples` and records what the frameworks gave.

    python3 -m venv FOLDER
    FOLDER/bin/pip install torch==2.13.0 numpy keras==3.15.1 jax==0.10.2 flax==0.12.8
    FOLDER/bin/python -m tools.record.networks.code_samples

writes `tests/data/code_samples.json`. The frameworks are needed only here: the tests read the
file. poolviz is not imported, so nothing in the file comes from it.

The file is one JSON object:

* `versions`: Python and the packages that ran;
* `samples`: by the name of the text, `output_shape` without the batch, `parameters`, `embedded`
  (those of embeddings, which are among them), `leaves` (for layers with parameters: output shape
  and parameters, sorted; null where the framework does not state them) and `error`, null or `type`,
  `message` and, in PyTorch, the name of the layer that raised (`victim`, null for a function);
* `arguments`: by framework and class, the names of the constructor's arguments in order.

Keras runs on PyTorch. A text leaves `y`, what came out, or `model`, a built Keras model.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import platform
import warnings
from pathlib import Path
from typing import Any

from tests.support.paths import DATA, ROOT

os.environ.setdefault("KERAS_BACKEND", "torch")

SAMPLES = ROOT / "tests" / "code_samples"
OUTPUT = DATA / "code_samples.json"
MOST_SIGNS = 400


def record() -> dict[str, Any]:
    paths = [path for path in sorted(SAMPLES.glob("*.py")) if path.stem != "conftest"]
    samples = {path.stem: run(path) for path in paths}
    return {"versions": versions(), "samples": samples, "arguments": arguments()}


def versions() -> dict[str, str]:
    import flax
    import jax
    import keras
    import torch

    found = {"python": platform.python_version()}
    return found | {each.__name__: each.__version__ for each in (torch, keras, jax, flax)}


def run(path: Path) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    code = compile(path.read_text(), path.name, "exec")
    hooks = _Hooks()
    error = None
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), hooks:
        warnings.simplefilter("ignore")
        try:
            exec(code, names)
        except Exception as wrong:
            error = {"type": type(wrong).__name__, "message": _message(wrong)}
            error["victim"] = hooks.victim()
    if error is not None:
        return {"output_shape": None, "parameters": None, "leaves": None, "error": error}
    framework = path.stem.partition("_")[0]
    shown = {"torch": _torch, "keras": _keras, "flax": _flax}[framework](names, hooks)
    return {**shown, "error": None}


def _message(wrong: Exception) -> str:
    text = str(wrong).partition("\n\nArguments received by")[0]
    for colour in ("\x1b[1m", "\x1b[0m"):
        text = text.replace(colour, "")
    return text.strip()[:MOST_SIGNS]


# --- PyTorch -------------------------------------------------------------------------------------


class _Hooks:
    """Which modules run, what the leaves give, and which one was running when it raised."""

    def __init__(self) -> None:
        self.running: list[Any] = []
        self.leaves: dict[int, list[Any]] = {}
        self.root: Any = None

    def __enter__(self) -> None:
        from torch.nn.modules.module import (
            register_module_forward_hook,
            register_module_forward_pre_hook,
        )

        self.handles = [
            register_module_forward_pre_hook(self._before),
            register_module_forward_hook(self._after),
        ]

    def __exit__(self, *_: Any) -> None:
        for handle in self.handles:
            handle.remove()

    def _before(self, module: Any, args: Any) -> None:
        if not self.running:
            self.root, self.leaves = module, {}
        self.running.append(module)

    def _after(self, module: Any, args: Any, output: Any) -> None:
        self.running.pop()
        count = sum(each.numel() for each in module.parameters(recurse=False))
        if count and type(module).__name__ != "Embedding":
            self.leaves[len(self.leaves)] = [list(output.shape[1:]), count]

    def victim(self) -> str | None:
        if not self.running or any(True for _ in self.running[-1].children()):
            return None
        names = {id(module): name for name, module in self.root.named_modules()}
        return names.get(id(self.running[-1])) or None


def _torch(names: dict[str, Any], hooks: _Hooks) -> dict[str, Any]:
    import torch

    model = names.get("model")
    modules = (
        [model]
        if model is not None
        else [each for each in names.values() if isinstance(each, torch.nn.Module)]
    )
    inner = [part for each in modules for part in each.modules()]
    embeddings = [part for part in inner if isinstance(part, torch.nn.Embedding)]
    return {
        "output_shape": list(names["y"].shape[1:]),
        "parameters": sum(p.numel() for each in modules for p in each.parameters()),
        "embedded": sum(each.weight.numel() for each in embeddings),
        "leaves": sorted(hooks.leaves.values()) if model is not None else None,
    }


# --- Keras and Flax ------------------------------------------------------------------------------


def _keras(names: dict[str, Any], hooks: _Hooks) -> dict[str, Any]:
    import keras

    model, found = names["model"], []
    try:
        output = model.output_shape
    except AttributeError:
        shape = model.get_build_config()["input_shape"]
        output = model(keras.ops.zeros((1, *shape[1:]))).shape
    layers = [each for each in model._flatten_layers() if not each._layers]
    embeddings = [each for each in layers if isinstance(each, keras.layers.Embedding)]
    separable = (keras.layers.SeparableConv1D, keras.layers.SeparableConv2D)
    is_plain = not embeddings and not any(isinstance(each, separable) for each in layers)
    with contextlib.suppress(AttributeError):
        found = [[list(each.output.shape[1:]), each.count_params()] for each in layers]
        is_plain = is_plain and bool(found)
    return {
        "output_shape": list(output[1:]),
        "parameters": model.count_params(),
        "embedded": sum(each.count_params() for each in embeddings),
        "leaves": sorted(each for each in found if each[1]) if is_plain and found else None,
    }


def _flax(names: dict[str, Any], hooks: _Hooks) -> dict[str, Any]:
    import jax
    from flax import nnx

    model = names.get("model")
    if isinstance(model, nnx.Module):
        weights = jax.tree.leaves(nnx.state(model, nnx.Param))
    else:
        given = names.get("variables", names.get("params"))
        weights = jax.tree.leaves(given["params"])
    return {
        "output_shape": list(names["y"].shape[1:]),
        "parameters": int(sum(each.size for each in weights)),
        "embedded": 0,
        "leaves": None,
    }


# --- the arguments -------------------------------------------------------------------------------


def arguments() -> dict[str, dict[str, list[str]]]:
    import keras
    import torch
    from flax import linen

    modules = {"torch": torch.nn, "keras": keras.layers, "flax": linen}
    return {title: _arguments_of(module) for title, module in modules.items()}


def _arguments_of(module: Any) -> dict[str, list[str]]:
    found = {}
    for name in sorted(vars(module)):
        made = getattr(module, name)
        if name[0].isupper() and isinstance(made, type):
            with contextlib.suppress(TypeError, ValueError):
                found[name] = list(inspect.signature(made).parameters)
    return found


def main() -> None:
    content = record()
    OUTPUT.write_text(json.dumps(content, ensure_ascii=False, indent=None, sort_keys=True) + "\n")
    samples = content["samples"]
    failed = sum(each["error"] is not None for each in samples.values())
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size:,} bytes, {len(samples)} texts, {failed} fail")


if __name__ == "__main__":
    main()
