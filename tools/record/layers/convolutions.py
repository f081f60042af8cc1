"""Run convolutions and transposed convolutions in a framework, and record checksums and errors.

    FOLDER/bin/python -m tools.record.layers.convolutions ask torch ANSWERS/torch.json
    python -m tools.record.layers.convolutions write ANSWERS/*.json

with the framework installed in FOLDER: torch, keras (on TensorFlow), tensorflow (with Keras), jax
(with Flax), onnxruntime (with onnx), or mlx. `tools.record.layers.convolution_cases` makes the
cases; poolviz is not imported. `write` puts all answers into `tests/data/convolutions.json.gz`: the
shape (s) and checksums of the values (y), of the gradient of the input (x) and of the weights (w),
or the class (e) and the text (t) of an exception. An answer that equals the one of PyTorch is 0;
null is a call that cannot be written.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np

from tools.record.layers.convolution_cases import (
    COUNT,
    KINDS,
    Array,
    Case,
    case,
    channels_last,
    checksum,
    gradient_for,
    kernel_first,
    kernel_last,
)

FILE = Path(__file__).parents[3] / "tests" / "data" / "convolutions.json.gz"
MOST_TEXT = 600
Answer = dict[str, Any] | None


def _found(y: Array, x: Array | None, w: Array | None) -> Answer:
    found = {"s": list(y.shape), "y": checksum(y)}
    found |= {} if x is None else {"x": checksum(x)}
    return found | ({} if w is None else {"w": checksum(w)})


def torch_answer(given: Case) -> Answer:
    """PyTorch: the layers of torch.nn."""
    import torch

    ndim = len(given.sizes)
    kind = "Conv" if given.kind == "conv" else "ConvTranspose"
    words = dict(given.parameters)
    if words.get("output_padding", 0) is None:
        del words["output_padding"]
    layer = getattr(torch.nn, f"{kind}{ndim}d")(
        given.in_channels, given.out_channels, bias=False, **words
    )
    layer.weight.data = torch.tensor(given.weight)
    x = torch.tensor(given.x, requires_grad=True)
    y = layer(x)
    y.backward(torch.tensor(gradient_for(tuple(y.shape))))
    assert x.grad is not None
    return _found(y.detach().numpy(), x.grad.numpy(), layer.weight.grad.numpy())


def keras_answer(given: Case) -> Answer:
    """Keras on TensorFlow: a layer built on keras.Input, then called on an array."""
    import tensorflow as tf

    layer = _keras_layer(given)
    layer.set_weights([kernel_first(given.weight)])
    x = tf.constant(channels_last(given.x))
    try:
        return _tensorflow_gradients(x, layer.weights[0].value, lambda: layer(x))
    except Exception as error:
        return {"s": list(_first(layer.compute_output_shape(x.shape))), "a": _error(error)}


def _keras_layer(given: Case) -> Any:
    """Return a layer that is built on keras.Input."""
    import keras

    words = dict(given.parameters)
    kernel, ndim = words.pop("kernel_size"), len(given.sizes)
    if set(words["padding"]) == {0}:  # which has a name in Keras
        words["padding"] = "valid"
    words = {
        "strides": words.pop("stride"),
        "dilation_rate": words.pop("dilation"),
        "padding": words["padding"],
        "groups": words["groups"],
        "output_padding": words.get("output_padding"),
    }
    kind = f"Conv{ndim}D"
    if given.kind == "transposed":
        kind += "Transpose"
        if words["groups"] == 1:
            del words["groups"]
    else:
        del words["output_padding"]
    layer = getattr(keras.layers, kind)(
        given.out_channels, kernel, use_bias=False, data_format="channels_last", **words
    )
    if given.in_channels != given.x.shape[1]:
        layer.build((None, *given.sizes, given.in_channels))
    keras.Model(entry := keras.Input((*given.sizes, given.x.shape[1])), layer(entry))
    return layer


def _first(shape: Any) -> tuple[int, ...]:
    return (shape[0], shape[-1], *shape[1:-1])


def _tensorflow_gradients(x: Any, weight: Any, call: Callable[[], Any]) -> Answer:
    import tensorflow as tf

    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        tape.watch(weight)
        y = call()
        found = np.moveaxis(y.numpy(), -1, 1)
        target = tf.reduce_sum(y * channels_last(gradient_for(found.shape)))
    try:
        dx, dw = tape.gradient(target, [x, weight])
    except Exception:  # no gradient of grouped or of dilated convolutions on some CPUs
        return _found(found, None, None)
    return _found(found, np.moveaxis(dx.numpy(), -1, 1), kernel_last(dw.numpy()))


def tensorflow_answer(given: Case) -> Answer:
    """TensorFlow: tf.nn.conv1d, conv2d and conv3d, in a graph and then on arrays."""
    import tensorflow as tf

    words, ndim = given.parameters, len(given.sizes)
    padding = words["padding"]
    if given.kind == "transposed":
        return _tensorflow_transposed(given)
    if padding in ("causal", "same_lower") or given.groups > 1:
        return None
    if isinstance(padding, tuple):
        pairs = [list(p) if isinstance(p, tuple) else [p, p] for p in padding]
        padding = [[0, 0], *pairs, [0, 0]] if any(map(any, pairs)) else "VALID"
    else:
        padding = padding.upper()
    strides, dilations = words["stride"], words["dilation"]
    if ndim == 3:
        strides, dilations = (1, *strides, 1), (1, *dilations, 1)
    if ndim == 1:
        strides, dilations = strides[0], dilations[0]
    call = getattr(tf.nn, f"conv{ndim}d")
    with tf.Graph().as_default():
        x, weight = (
            tf.compat.v1.placeholder(tf.float32, shape.shape)
            for shape in (channels_last(given.x), kernel_first(given.weight))
        )
        y = call(x, weight, strides, padding, dilations=dilations)
        size = list(_first(y.shape.as_list()))
    x, weight = (tf.constant(a) for a in (channels_last(given.x), kernel_first(given.weight)))
    try:
        return _tensorflow_gradients(
            x, weight, lambda: call(x, weight, strides, padding, dilations=dilations)
        )
    except Exception as error:
        return {"s": size, "a": _error(error)}


def _tensorflow_transposed(given: Case) -> Answer:
    """tf.nn.conv1d_transpose and its family, with the size of the layer of tf.keras.

    They take the size of the result; the layer computes it, and rejects arguments.
    """
    import tensorflow as tf

    layer = _keras_layer(given)
    x, weight = (tf.constant(a) for a in (channels_last(given.x), kernel_first(given.weight)))
    shape = [*layer.compute_output_shape(x.shape)]
    call = getattr(tf.nn, f"conv{len(given.sizes)}d_transpose")
    words = given.parameters
    padding = words["padding"].upper() if isinstance(words["padding"], str) else "VALID"
    try:
        return _tensorflow_gradients(
            x,
            weight,
            lambda: call(x, weight, shape, words["stride"], padding, dilations=words["dilation"]),
        )
    except Exception as error:
        return {"s": list(_first(shape)), "a": _error(error)}


def jax_answer(given: Case) -> Answer:
    """JAX: flax.linen.Conv and ConvTranspose."""
    import jax
    import jax.numpy as jnp
    from flax import linen

    words = given.parameters
    padding = words["padding"]
    if isinstance(padding, tuple):
        padding = [p if isinstance(p, tuple) else (p, p) for p in padding]
    settings = {"strides": words["stride"], "padding": padding, "use_bias": False}
    settings["kernel_dilation"] = words["dilation"]
    if isinstance(padding, str):
        settings["padding"] = padding.upper()
    if given.kind == "transposed":
        if words["groups"] > 1:
            return None
        kind = linen.ConvTranspose
        if words["output_padding"] is not None:
            settings["output_padding"] = words["output_padding"]
    else:
        kind = linen.Conv
        settings["feature_group_count"] = words["groups"]
    layer = kind(given.out_channels, words["kernel_size"], **settings)
    built_for = jnp.zeros((1, *given.sizes, given.in_channels))
    layer.init(jax.random.key(0), built_for)
    # Transposed, the kernel is (*kernel, in, out) too: the first two axes swap.
    kernel = kernel_first(given.weight)
    if given.kind == "transposed":
        kernel = np.swapaxes(kernel, -1, -2)
    x = jnp.asarray(channels_last(given.x))

    def call(x: Any, kernel: Any) -> Any:
        return layer.apply({"params": {"kernel": kernel}}, x)

    y, back = jax.vjp(call, x, jnp.asarray(kernel))
    found = np.moveaxis(np.asarray(y), -1, 1)
    dx, dw = map(np.asarray, back(jnp.asarray(channels_last(gradient_for(found.shape)))))
    if given.kind == "transposed":
        dw = np.swapaxes(dw, -1, -2)
    return _found(found, np.moveaxis(dx, -1, 1), kernel_last(dw))


_AUTO_PAD = {"same": "SAME_UPPER", "same_lower": "SAME_LOWER", "valid": "VALID"}


def onnxruntime_answer(given: Case) -> Answer:
    """onnxruntime: a graph with one node, Conv or ConvTranspose."""
    import onnxruntime
    from onnx import TensorProto, helper

    words = given.parameters
    padding = words["padding"]
    if padding == "causal":
        return None
    settings: dict[str, Any] = {
        "kernel_shape": words["kernel_size"],
        "strides": words["stride"],
        "dilations": words["dilation"],
        "group": words["groups"],
    }
    if isinstance(padding, str):
        settings["auto_pad"] = _AUTO_PAD[padding]
    else:
        pairs = [p if isinstance(p, tuple) else (p, p) for p in padding]
        settings["pads"] = [p[0] for p in pairs] + [p[1] for p in pairs]
    if words.get("output_padding") is not None:
        settings["output_padding"] = words["output_padding"]
    kind = "Conv" if given.kind == "conv" else "ConvTranspose"
    node = helper.make_node(kind, ["x", "w"], ["y"], **settings)
    graph = helper.make_graph(
        [node],
        "graph",
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * given.x.ndim)
            for name in "xw"
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    (y,) = session.run(None, {"x": given.x, "w": given.weight})
    return _found(y, None, None)


def mlx_answer(given: Case) -> Answer:
    """MLX: the layers of mlx.nn."""
    import mlx.core as mx
    from mlx import nn

    words, ndim = dict(given.parameters), len(given.sizes)
    if words.get("output_padding", 0) is None:
        del words["output_padding"]
    if given.kind == "transposed" and words.pop("groups") > 1:
        return None  # its transposed layers have no groups
    if isinstance(words["padding"], str) or isinstance(words["padding"][0], tuple):
        return None  # one number per axis
    if ndim == 1:
        words = {k: v[0] if isinstance(v, tuple) else v for k, v in words.items()}
    if ndim == 3 and given.groups == 1:
        words.pop("groups", None)
    kind = "Conv" if given.kind == "conv" else "ConvTranspose"
    layer = getattr(nn, f"{kind}{ndim}d")(
        given.in_channels, given.out_channels, bias=False, **words
    )
    first_last = (0, 1) if given.kind == "conv" else (1, 0)
    weight = np.moveaxis(given.weight, first_last, (0, -1))  # (out, *kernel, in / groups)

    def call(x: Any, weight: Any) -> Any:
        layer.weight = weight
        return layer(x)

    x, weight = mx.array(np.ascontiguousarray(channels_last(given.x))), mx.array(weight)
    found = np.moveaxis(np.array(call(x, weight)), -1, 1)
    gradient = mx.array(channels_last(gradient_for(found.shape)))
    try:
        (dx, dw) = map(np.array, mx.vjp(call, [x, weight], [gradient])[1])
    except Exception:
        return _found(found, None, None)
    return _found(found, np.moveaxis(dx, -1, 1), np.moveaxis(dw, (0, -1), first_last))


ASKED: dict[str, tuple[Callable[[Case], Answer], tuple[str, ...]]] = {
    "torch": (torch_answer, ("torch",)),
    "keras": (keras_answer, ("keras", "tensorflow")),
    "tensorflow": (tensorflow_answer, ("tensorflow", "keras")),
    "jax": (jax_answer, ("jax", "flax")),
    "onnxruntime": (onnxruntime_answer, ("onnxruntime",)),
    "mlx": (mlx_answer, ("mlx.core",)),
}


def _error(error: Exception) -> dict[str, str]:
    text = str(error)
    if "onnxruntime" in type(error).__module__:
        text = re.sub(r".*/(onnxruntime/core/)", r"\1", text, flags=re.DOTALL)
    return {"e": type(error).__name__, "t": text[:MOST_TEXT]}


def ask(name: str, target: Path) -> None:
    """Record all answers of one framework; a call that ends its process is a SystemError."""
    answers: dict[str, list[Answer]] = {}
    for kind in KINDS:
        lines = target.with_suffix(f".{kind}.jsonl")
        lines.write_text("")
        while (done := lines.read_text().count("\n")) < COUNT:
            part = [sys.executable, "-m", "tools.record.layers.convolutions", "part", name, kind]
            ended = subprocess.run([*part, str(done), str(lines)], check=False).returncode
            if ended:
                crash = {"e": "SystemError", "t": f"ended by signal {-ended}"}
                with lines.open("a") as file:
                    file.write(json.dumps(crash) + "\n")
        answers[kind] = [json.loads(line) for line in lines.read_text().splitlines()]
        lines.unlink()
    versions = {package: import_module(package).__version__ for package in ASKED[name][1]}
    target.write_text(json.dumps({"name": name, "versions": versions, "answers": answers}))


def part(name: str, kind: str, first: int, target: Path) -> None:
    """Record the answers of one kind from a case on, one a line."""
    call = ASKED[name][0]
    with target.open("a", buffering=1) as file:
        for number in range(first, COUNT):
            try:
                answer = call(case(kind, number))
            except Exception as error:
                answer = _error(error)
            file.write(json.dumps(answer) + "\n")


def write(sources: list[Path]) -> None:
    """Put the answers of all frameworks into one file."""
    found = {one["name"]: one for one in (json.loads(path.read_text()) for path in sources)}
    reference = found["torch"]["answers"]
    for name in found.keys() - {"torch"}:
        for kind, answers in found[name]["answers"].items():
            for number, answer in enumerate(answers):
                if answer == reference[kind][number]:
                    answers[number] = 0
    text = json.dumps({name: found[name] for name in ASKED}, separators=(",", ":"))
    FILE.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        ask(sys.argv[2], Path(sys.argv[3]))
    elif sys.argv[1] == "part":
        part(sys.argv[2], sys.argv[3], int(sys.argv[4]), Path(sys.argv[5]))
    else:
        write([Path(path) for path in sys.argv[2:]])
