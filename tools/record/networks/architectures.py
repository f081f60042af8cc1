"""Run the `architecture_cases` in PyTorch and Keras and record the output of each layer.

    python3 -m venv FOLDER
    FOLDER/bin/pip install torch==2.13.0 numpy keras==3.15.1
    FOLDER/bin/python -m tools.record.networks.architectures

writes `tests/data/architectures.json.gz`. The frameworks are needed only here: the tests read the
file. poolviz is not imported, so nothing in the file comes from it.

The file is one JSON object:

* `versions`: Python and the packages that ran;
* `architectures`: a list, each with `name`, `framework` ("pytorch" or "keras"), `data_format`,
  `layers` and `runs`. A layer is an object with `op`, the name of a class of poolviz, and its
  arguments; `branches` hold layers again.
* a run has `input_shape` (without the batch), and what came back: `shapes` and `parameters`, one
  for each layer in the order of execution (the layers of the branches, then the layer that joins
  them), and `error`, null or `type`, `message` and the index `layer`.

PyTorch runs on zeros, batch 1, on the CPU. Keras runs symbolically (keras.Input), so its sizes do
not depend on the backend. Where `in_channels` or `in_features` is left out, the layer is built for
its input. The file has no time in it: the same versions write the same bytes.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import platform
import warnings
from typing import Any

from tests.support.paths import DATA

os.environ.setdefault("KERAS_BACKEND", "torch")

from tools.record.networks.architecture_cases import FIRST, Layer, Layers, architectures
from tools.record.networks.steps import Steps, arguments_of, as_tuple, axes_of, summed

OUTPUT = DATA / "architectures.json.gz"

# --- PyTorch -------------------------------------------------------------------------------------


def run_torch(layers: Layers, input_shape: tuple[int, ...]) -> dict[str, Any]:
    import torch

    steps = Steps()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _torch_layers(layers, torch.zeros(1, *input_shape), steps)
        except Exception as error:
            steps.error = _error(error, len(steps.shapes))
    return steps.record()


def _error(error: Exception, place: int) -> dict[str, Any]:
    text = str(error).partition("\n\nArguments received by")[0]
    for colour in ("\x1b[1m", "\x1b[0m"):
        text = text.replace(colour, "")
    return {"type": type(error).__name__, "message": text.strip(), "layer": place}


def _torch_layers(layers: Layers, x: Any, steps: Steps) -> Any:
    import torch

    for entry in layers:
        if "branches" in entry:
            ends = [_torch_layers(branch, x, steps) for branch in entry["branches"]]
            x = torch.cat(ends, 1) if entry["op"] == "Concatenate" else summed(ends)
            steps.add(x.shape, 0)
            continue
        module = _torch_layer(entry, x)
        module.eval()  # in training a batch norm rejects a single value
        x = module(x)
        steps.add(x.shape, sum(p.numel() for p in module.parameters()))
    return x


def _torch_layer(entry: Layer, x: Any) -> Any:
    from torch import nn

    arguments, op, kind = arguments_of(entry), entry["op"], entry.get("op_name", "max")
    ndim = axes_of(entry, x.dim() - 2)
    if op == "Pool":
        return getattr(nn, f"{kind.title()}Pool{ndim}d")(**arguments)
    if op in ("Conv", "ConvTranspose"):
        arguments.setdefault("in_channels", x.shape[1])
        return getattr(nn, f"{op}{ndim}d")(**arguments)
    if op == "AdaptivePool":
        kind = entry.get("op_name", "avg")
        return getattr(nn, f"Adaptive{kind.title()}Pool{ndim}d")(**arguments)
    if op == "GlobalPool":
        return getattr(nn, f"AdaptiveAvgPool{ndim}d")(1)
    if op == "Flatten":
        return nn.Flatten()
    if op == "Linear":
        arguments["in_features"] = arguments["in_features"] or x.shape[-1]
        return nn.Linear(**arguments)
    if op == "ZeroPad":
        return getattr(nn, f"ZeroPad{ndim}d")(_torch_sides(entry["padding"], 1))
    if op == "Crop":
        return getattr(nn, f"ZeroPad{ndim}d")(_torch_sides(entry["cropping"], -1))
    if op == "Upsample":
        modes = {"nearest": "nearest", "linear": {1: "linear", 2: "bilinear", 3: "trilinear"}[ndim]}
        arguments["mode"] = modes[arguments.get("mode", "nearest")]
        return nn.Upsample(**arguments)
    if op == "Reshape":
        return nn.Unflatten(1, tuple(entry["shape"]))
    if op == "Same":
        if entry["name"] == "BatchNorm":
            return getattr(nn, f"BatchNorm{ndim}d")(entry["channels"])
        return {"ReLU": nn.ReLU, "Dropout": nn.Dropout}[entry["name"]]()
    raise KeyError(op)


def _torch_sides(sides: list[list[int]], sign: int) -> tuple[int, ...]:
    """Return the padding with the last axis first, as in PyTorch."""
    return tuple(sign * number for pair in reversed(sides) for number in pair)


# --- Keras ---------------------------------------------------------------------------------------


def run_keras(layers: Layers, input_shape: tuple[int, ...], data_format: str) -> dict[str, Any]:
    import keras

    keras.utils.clear_session()
    steps = Steps()
    try:
        _keras_layers(layers, keras.Input(input_shape), data_format, steps)
    except Exception as error:
        steps.error = _error(error, len(steps.shapes))
    return steps.record()


def _keras_layers(layers: Layers, x: Any, data_format: str, steps: Steps) -> Any:
    import keras

    for entry in layers:
        if "branches" in entry:
            ends = [_keras_layers(b, x, data_format, steps) for b in entry["branches"]]
            axis = {"axis": -1} if entry["op"] == "Concatenate" else {}
            x = getattr(keras.layers, entry["op"])(**axis)(ends)
            steps.add(x.shape, 0)
            continue
        made = _keras_layer(entry, len(x.shape) - 2, data_format)
        _build_for_others(made, entry, x, data_format)
        x = made(x)
        steps.add(x.shape, made.count_params())
    return x


def _build_for_others(made: Any, entry: Layer, x: Any, data_format: str) -> None:
    shape = list(x.shape)
    wanted = entry.get("in_channels") or entry.get("in_features")
    if wanted:
        shape[1 if data_format == FIRST and len(shape) > 2 else -1] = wanted
        made.build(tuple(shape))


_KERAS_WORDS = {
    "out_channels": "filters",
    "stride": "strides",
    "dilation": "dilation_rate",
    "bias": "use_bias",
    "out_features": "units",
}


def _keras_layer(entry: Layer, ndim: int, data_format: str) -> Any:
    from keras import layers

    skipped = ("op", "op_name", "in_channels", "in_features")
    arguments = {_KERAS_WORDS.get(n, n): as_tuple(v) for n, v in entry.items() if n not in skipped}
    ndim = axes_of(entry, ndim)
    op, kind = entry["op"], {"avg": "Average", "max": "Max"}[entry.get("op_name", "avg")]
    order = {"data_format": data_format}
    if op == "Pool":
        kind = {"avg": "Average", "max": "Max"}[entry.get("op_name", "max")]
        arguments["pool_size"] = arguments.pop("kernel_size")
        return getattr(layers, f"{kind}Pooling{ndim}D")(**arguments, **order)
    if op in ("Conv", "DepthwiseConv"):
        return getattr(layers, f"{op}{ndim}D")(**arguments, **order)
    if op == "ConvTranspose":
        return getattr(layers, f"Conv{ndim}DTranspose")(**arguments, **order)
    if op == "AdaptivePool":
        return getattr(layers, f"Adaptive{kind}Pooling{ndim}D")(**arguments, **order)
    if op == "GlobalPool":
        return getattr(layers, f"Global{kind}Pooling{ndim}D")(**arguments, **order)
    if op == "ZeroPad":
        return getattr(layers, f"ZeroPadding{ndim}D")(**arguments, **order)
    if op == "Crop":
        return getattr(layers, f"Cropping{ndim}D")(**arguments, **order)
    if op == "Upsample":
        factor = entry["scale_factor"]
        size = factor[0] if ndim == 1 and isinstance(factor, list) else factor
        return getattr(layers, f"UpSampling{ndim}D")(size=as_tuple(size))
    if op == "Same":
        if entry["name"] == "BatchNorm":
            return layers.BatchNormalization(axis=1 if data_format == FIRST else -1)
        return layers.ReLU() if entry["name"] == "ReLU" else layers.Dropout(0.5)
    plain = {
        "Flatten": lambda: layers.Flatten(),
        "Linear": lambda: layers.Dense(entry["out_features"]),
        "Reshape": lambda: layers.Reshape(tuple(entry["shape"])),
        "Permute": lambda: layers.Permute(tuple(entry["dims"])),
    }
    return plain[op]()


# --- the file ------------------------------------------------------------------------------------


def versions() -> dict[str, str]:
    import keras
    import torch

    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "keras": keras.__version__,
        "keras backend": keras.backend.backend(),
    }


def record() -> dict[str, Any]:
    found = []
    for name, framework, data_format, layers, shapes in architectures():
        runs = []
        for shape in shapes:
            if framework == "pytorch":
                run = run_torch(layers, shape)
            else:
                run = run_keras(layers, shape, data_format)
            runs.append({"input_shape": list(shape), **run})
        found.append(
            {
                "name": name,
                "framework": framework,
                "data_format": data_format,
                "layers": layers,
                "runs": runs,
            }
        )
    return {"versions": versions(), "architectures": found}


def zipped(content: dict[str, Any]) -> bytes:
    """Return gzip data without a timestamp, so that the same content gives the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
    return buffer.getvalue()


def main() -> None:
    content = record()
    OUTPUT.write_bytes(zipped(content))
    runs = [run for each in content["architectures"] for run in each["runs"]]
    failed = sum(run["error"] is not None for run in runs)
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size:,} bytes")
    print(f"{len(content['architectures'])} architectures, {len(runs)} runs, {failed} fail")


if __name__ == "__main__":
    main()
