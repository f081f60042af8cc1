"""Run adaptive, global and LP pooling and unpooling in a framework, and record checksums.

    FOLDER/bin/python -m tools.record.layers.pooling_kinds ask torch ANSWERS/torch.json
    python -m tools.record.layers.pooling_kinds write ANSWERS/*.json

with the framework installed in FOLDER: torch, keras (on TensorFlow), tensorflow, jax, onnxruntime
with onnx, or mlx. `tools.record.layers.pooling_cases` makes the inputs; poolviz is not imported.
`write` puts all answers into `tests/data/pooling_kinds.json.gz`. In it, an answer that equals the
one of PyTorch is null.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np

from tools.record.layers.pooling_cases import (
    COUNT,
    KINDS,
    Array,
    Case,
    case,
    checksum,
    ends_keras,
    gradient_for,
)
from tools.versions.common import newest_opset

FILE = Path(__file__).parents[3] / "tests" / "data" / "pooling_kinds.json.gz"
Answer = dict[str, Any]


def torch_answers(given: Case, number: int) -> Answer:
    """PyTorch: torch.nn.functional."""
    import torch
    from torch.nn import functional

    ndim, x = len(given.sizes), torch.tensor(given.x, requires_grad=True)
    found: Answer = {}
    if given.kind in ("adaptive", "global"):
        size = given.arguments.get("output_size", 1)
        call = getattr(functional, f"adaptive_{given.op}_pool{ndim}d")
        y = call(x, size)
        if given.op == "max":
            found["i"] = call(x, size, return_indices=True)[1].numpy()
    elif given.kind == "lp":
        words = given.arguments
        call = getattr(functional, f"lp_pool{ndim}d")
        window = words["kernel_size"], words["stride"]
        if ndim == 1:  # takes ints only
            window = tuple(entry and entry[0] for entry in window)
        y = call(x, words["norm"], *window, words["ceil_mode"])
    else:
        return {"y": _torch_unpooled(given)}
    found["y"] = y.detach().numpy()
    (y * torch.tensor(gradient_for(tuple(y.shape), number))).sum().backward()
    found["g"] = x.grad.numpy()
    return found


def _torch_unpooled(given: Case) -> Array:
    import torch
    from torch.nn import functional

    words, ndim = given.arguments, len(given.sizes)
    window = words["kernel_size"], words["stride"], words["padding"]
    pooled = getattr(functional, f"max_pool{ndim}d")
    y, places = pooled(torch.tensor(given.x), *window, return_indices=True)
    size = given.sizes if words["to_input"] else None
    call = getattr(functional, f"max_unpool{ndim}d")
    return call(y, places, *window, output_size=size).numpy()


def keras_answers(given: Case, number: int) -> Answer:
    """Keras on TensorFlow: keras.layers."""
    import tensorflow as tf
    from keras import layers

    if given.kind not in ("adaptive", "global"):
        return {}
    if given.kind == "adaptive" and ends_keras(given):
        raise SystemError
    long = {"max": "Max", "avg": "Average"}[given.op]
    name = f"{given.kind.title()}{long}Pooling{len(given.sizes)}D"
    size = given.arguments.get("output_size")
    layer = getattr(layers, name)(*([size if len(size) > 1 else size[0]] if size else []))
    return _tensorflow_taped(tf, layer, given.x, number)


def tensorflow_answers(given: Case, number: int) -> Answer:
    """TensorFlow: a mean or a maximum over the spatial axes."""
    import tensorflow as tf

    if given.kind != "global":
        return {}
    reduce = tf.reduce_max if given.op == "max" else tf.reduce_mean
    axes = list(range(1, len(given.sizes) + 1))
    return _tensorflow_taped(tf, lambda x: reduce(x, axes), given.x, number)


def _tensorflow_taped(tf: Any, call: Callable[[Any], Any], x: Array, number: int) -> Answer:
    last = tf.constant(np.moveaxis(x, 1, -1))
    with tf.GradientTape() as tape:
        tape.watch(last)
        y = call(last)
        first = tf.experimental.numpy.moveaxis(y, -1, 1)
        total = tf.reduce_sum(first * gradient_for(tuple(first.shape), number))
    gradient = tape.gradient(total, last).numpy()
    return {"y": first.numpy(), "g": np.moveaxis(gradient, -1, 1)}


def jax_answers(given: Case, number: int) -> Answer:
    """JAX: a mean or a maximum over the spatial axes."""
    import jax
    import jax.numpy as jnp

    if given.kind != "global":
        return {}
    reduce = jnp.max if given.op == "max" else jnp.mean
    axes = tuple(range(2, 2 + len(given.sizes)))
    y = reduce(jnp.array(given.x), axis=axes)
    weights = gradient_for(y.shape, number)
    gradient = jax.grad(lambda x: (reduce(x, axis=axes) * weights).sum())(jnp.array(given.x))
    return {"y": np.asarray(y), "g": np.asarray(gradient)}


def mlx_answers(given: Case, number: int) -> Answer:
    """MLX: a mean or a maximum over the spatial axes."""
    import mlx.core as mx

    if given.kind != "global":
        return {}
    reduce = mx.max if given.op == "max" else mx.mean
    axes = tuple(range(2, 2 + len(given.sizes)))
    y = reduce(mx.array(given.x), axis=axes)
    weights = mx.array(gradient_for(tuple(y.shape), number))
    gradient = mx.grad(lambda x: (reduce(x, axis=axes) * weights).sum())(mx.array(given.x))
    return {"y": np.array(y), "g": np.array(gradient)}


def onnxruntime_answers(given: Case, number: int) -> Answer:
    """Execute GlobalMaxPool, GlobalAveragePool, LpPool or MaxUnpool in onnxruntime, opset 22."""
    words = given.arguments
    if given.kind == "global":
        name = {"max": "GlobalMaxPool", "avg": "GlobalAveragePool"}[given.op]
        return {"y": _onnx(name, [given.x])}
    if given.kind == "lp":
        stride = words["stride"] or (1,) * len(given.sizes)
        ceil_mode = int(words["ceil_mode"])
        window = {"kernel_shape": words["kernel_size"], "strides": stride, "p": words["norm"]}
        return {"y": _onnx("LpPool", [given.x], **window, ceil_mode=ceil_mode)}
    if given.kind == "unpool":
        stride = words["stride"] or words["kernel_size"]
        window = {"kernel_shape": words["kernel_size"], "strides": stride}
        window["pads"] = (*words["padding"], *words["padding"])
        y, places = _onnx("MaxPool", [given.x], outputs=2, **window)
        shape = [np.array(given.x.shape)] if words["to_input"] else []
        return {"y": _onnx("MaxUnpool", [y, places, *shape], **window)}
    return {}


def _onnx(name: str, arrays: list[Array], outputs: int = 1, **attributes: Any) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper

    kinds = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}
    inputs = [f"x{i}" for i in range(len(arrays))]
    made = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(name, inputs, made, **attributes)
    kept = dict(zip(made, ("float32", "int64"), strict=False))
    graph = helper.make_graph(
        [node],
        "one",
        [
            helper.make_tensor_value_info(key, kinds[array.dtype.name], array.shape)
            for key, array in zip(inputs, arrays, strict=True)
        ],
        [helper.make_tensor_value_info(key, kinds[kind], None) for key, kind in kept.items()],
    )
    opset = [helper.make_opsetid("", newest_opset())]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    found = session.run(None, dict(zip(inputs, arrays, strict=True)))
    return found if outputs > 1 else found[0]


ASKED: dict[str, tuple[Callable[[Case, int], Answer], tuple[str, ...]]] = {
    "torch": (torch_answers, ("torch",)),
    "keras": (keras_answers, ("keras", "tensorflow-cpu")),
    "tensorflow": (tensorflow_answers, ("tensorflow-cpu",)),
    "jax": (jax_answers, ("jax",)),
    "onnxruntime": (onnxruntime_answers, ("onnxruntime",)),
    "mlx": (mlx_answers, ("mlx",)),
}


def _answer(ask: Callable[[Case, int], Answer], kind: str, number: int) -> Any:
    try:
        found = ask(case(kind, number), number)
    except Exception as problem:
        return type(problem).__name__
    return {key: checksum(array) for key, array in found.items()}


def ask(name: str) -> dict[str, Any]:
    """Return the answers of one framework to every case that it has."""
    run, packages = ASKED[name]
    answers = {kind: [_answer(run, kind, i) for i in range(COUNT)] for kind in KINDS}
    had = {kind: found for kind, found in answers.items() if any(found)}
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return {"name": name, "version": versions, "answers": had}


def write(asked: list[dict[str, Any]]) -> None:
    """Write the answers of all frameworks to one file, what is like PyTorch's left out."""
    by_name = {one["name"]: one for one in asked}
    reference = by_name["torch"]["answers"]
    for name, one in by_name.items():
        for kind, found in one["answers"].items():
            one["answers"][kind] = [
                _unlike(answer, reference.get(kind, [{}] * COUNT)[i]) if name != "torch" else answer
                for i, answer in enumerate(found)
            ]
    FILE.write_bytes(gzip.compress(json.dumps(by_name, separators=(",", ":")).encode(), 9, mtime=0))
    print(FILE.name, FILE.stat().st_size, "bytes")


def _unlike(answer: Any, reference: Any) -> Any:
    if isinstance(answer, str) or isinstance(reference, str):
        return answer
    return {
        key: None if key in reference and _is_near(found, reference[key]) else found
        for key, found in answer.items()
    }


def _is_near(one: Any, other: Any) -> bool:
    return one[0] == other[0] and abs(one[1] - other[1]) <= 0.02 + 1e-6 * abs(other[1])


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        Path(sys.argv[3]).write_text(json.dumps(ask(sys.argv[2])))
    else:
        write([json.loads(Path(path).read_text()) for path in sys.argv[2:]])
