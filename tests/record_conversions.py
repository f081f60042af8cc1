"""Runs the lines that `convert` writes in the real frameworks, and records that they do as told.

    FOLDER/bin/python -m tests.record_conversions

with PyTorch, Keras, JAX and Flax, TensorFlow or onnxruntime installed (those that are missing are
left out; what was recorded for them before stays). Writes `tests/data/conversions.json.gz`: for
each call and each framework the lines, the version that ran them, and whether what came out equals
the values of the reference (`poolviz.pool`, which is compared with recorded runs of every one).
"""

from __future__ import annotations

import gzip
import importlib
import itertools
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import poolviz as pv
from poolviz.diagnosis.conversion import Conversion, convert

OUTPUT = Path(__file__).parent / "data" / "conversions.json.gz"


def calls() -> Iterator[tuple[pv.Pool, tuple[int, ...]]]:
    """Calls that the frameworks do differently: named padding, ceil_mode, divisors, strides."""
    sizes = [(7, 7), (10, 11), (6, 9), (9,), (12,)]
    for op, size in itertools.product(("max", "avg"), sizes):
        for kernel, stride in ((3, 2), (2, 2), (4, 3), (2, 3)):
            for framework in ("tensorflow", "keras", "jax", "onnxruntime"):
                yield pv.Pool(kernel, stride, "same", op=op, framework=framework), size
            for padding, ceil_mode in itertools.product((0, 1), (False, True)):
                yield pv.Pool(kernel, stride, padding, ceil_mode=ceil_mode, op=op), size
        yield pv.Pool(3, 2, 1, op=op, count_include_pad=False, framework="onnxruntime"), size
        yield pv.Pool(3, 2, 1, op=op, framework="jax"), size
    for size in ((9, 9), (12,)):
        yield pv.Pool(3, 2, 1, dilation=2), size
        yield pv.Pool(3, 1, "same", dilation=2, framework="jax"), size


def conversions() -> Iterator[Conversion]:
    """Every call in every framework, where there are lines for it."""
    for (layer, size), name in itertools.product(calls(), pv.FRAMEWORKS):
        if layer.op == "max" and layer.count_include_pad is not None:
            continue
        found = convert(pv.trace(layer.with_axes(len(size)), size), name)
        if found is not None and found.code:
            yield found


def key(found: Conversion) -> str:
    """What is converted, as text."""
    return f"{found.reference.layer} on {found.reference.input_size} in {found.layer.framework}"


# --- the frameworks ------------------------------------------------------------------------------


def _executed(found: Conversion, names: dict[str, Any], x: Any) -> Any:
    scope = {**names, "x": x}
    exec(found.code, scope)
    return scope["x"]


def _torch(found: Conversion, x: Any) -> Any:
    import torch
    from torch import nn
    from torch.nn import functional

    names = {"torch": torch, "nn": nn, "F": functional}
    return _executed(found, names, torch.tensor(x)).numpy()


def _last(x: Any) -> Any:
    return np.moveaxis(x, 1, -1)


def _first(x: Any) -> Any:
    return np.moveaxis(np.asarray(x), -1, 1)


def _keras(found: Conversion, x: Any) -> Any:
    import keras

    done = _executed(
        found, {"keras": keras, "layers": keras.layers}, keras.ops.convert_to_tensor(_last(x))
    )
    return _first(keras.ops.convert_to_numpy(done))


def _jax(found: Conversion, x: Any) -> Any:
    import jax.numpy as jnp
    from flax import linen
    from jax import lax

    names = {"jnp": jnp, "nn": linen, "lax": lax}
    return _first(_executed(found, names, jnp.asarray(_last(x))))


def _tensorflow(found: Conversion, x: Any) -> Any:
    import tensorflow as tf

    return _first(_executed(found, {"tf": tf}, tf.constant(_last(x))).numpy())


def _onnx(found: Conversion, x: Any) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper

    *before, line = found.code.split("\n")
    scope = {"np": np, "x": x}
    exec("\n".join(before), scope)
    given = np.asarray(scope["x"], dtype=np.float32)
    node = eval(line, {"helper": helper})
    shapes = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", given.shape), ("y", None))
    ]
    graph = helper.make_graph([node], "g", shapes[:1], shapes[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": given})[0]


_RUN: dict[str, tuple[str, Callable[[Conversion, Any], Any]]] = {
    "pytorch": ("torch", _torch),
    "keras": ("keras", _keras),
    "jax": ("flax", _jax),
    "tensorflow": ("tensorflow", _tensorflow),
    "onnxruntime": ("onnxruntime", _onnx),
}


def run(found: Conversion) -> bool:
    """Do the lines give what the reference gives?"""
    size = found.reference.input_size
    x = np.random.default_rng(0).integers(-9, 10, size=(1, 1, *size)).astype(np.float32)
    expected = pv.pool(x, found.reference.layer)
    given = _RUN[found.layer.framework][1](found, x)
    return given.shape == expected.shape and bool(np.allclose(given, expected, atol=1e-5))


def recorded() -> list[dict[str, Any]]:
    """What was recorded: call, version, code, and whether the values are equal."""
    rows: list[dict[str, Any]] = json.loads(gzip.decompress(OUTPUT.read_bytes()))
    return rows


def main() -> None:
    rows = {row["call"]: row for row in recorded()} if OUTPUT.exists() else {}
    there = {}
    for name, (module, _) in _RUN.items():
        try:
            there[name] = importlib.import_module(module).__version__
        except ImportError:
            print("without", module)
    for found in conversions():
        name = found.layer.framework
        if name in there:
            rows[key(found)] = {
                "call": key(found),
                "version": f"{_RUN[name][0]} {there[name]}",
                "code": found.code,
                "equal": run(found),
            }
    wrong = [row for row in rows.values() if not row["equal"]]
    for row in wrong:
        print(row["call"], row["code"], sep="\n")
    text = json.dumps(sorted(rows.values(), key=lambda row: row["call"]), ensure_ascii=False)
    OUTPUT.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(len(rows), "recorded,", len(wrong), "wrong")


if __name__ == "__main__":
    main()
