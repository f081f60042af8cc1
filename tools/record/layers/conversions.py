"""Run the lines that poolviz writes in the real frameworks, and record that they are right.

    FOLDER/bin/python -m tools.record.layers.conversions

with PyTorch, Keras, JAX and Flax, TensorFlow, onnxruntime or MLX installed (those that are missing
are left out; what was recorded for them before stays). Writes `tests/data/conversions.json.gz`: for
each call and each framework the lines of `convert`, and the call itself in that framework's words;
the version that ran them, and whether what came out equals the values of the reference
(`poolviz.pool`, which is compared with recorded runs of every one).
"""

from __future__ import annotations

import gzip
import importlib
import itertools
import json
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.support.paths import DATA

os.environ.setdefault(
    "KERAS_BACKEND", "tensorflow"
)  # on torch, an uneven "same" averages differently
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import poolviz as pv
from poolviz.diagnosis.layer.comparison import Verdict
from poolviz.diagnosis.layer.conversion import Conversion, convert

OUTPUT = DATA / "conversions.json.gz"


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
    """Yield every call in every framework, where there are lines for it."""
    for (layer, size), name in itertools.product(calls(), pv.FRAMEWORKS):
        if layer.op == "max" and layer.count_include_pad is not None:
            continue
        found = convert(pv.trace(layer.with_axes(len(size)), size), name)
        if found is not None and found.code:
            yield found


class Lines(NamedTuple):
    """What is run: code in one framework, and the layer whose values it must give."""

    key: str
    framework: str
    code: str
    layer: pv.Pool
    size: tuple[int, ...]


def converted() -> Iterator[Lines]:
    """Yield the lines of every conversion."""
    for found in conversions():
        asked, name = found.reference, found.layer.framework
        key = f"{asked.layer} on {asked.input_size} in {name}"
        yield Lines(key, name, found.code, asked.layer, asked.input_size)


def called() -> Iterator[Lines]:
    """Yield each call as written in each framework that accepts it."""
    for layer, size in calls():
        if layer.op == "max" and layer.count_include_pad is not None:
            continue
        for verdict in pv.compare(pv.trace(layer.with_axes(len(size)), size)):
            own = verdict.trace
            if own.outcome == "ok" and not own.is_truncated:
                name = own.layer.framework
                yield Lines(f"{own.layer} on {size}", name, _applied(verdict), own.layer, size)


def _applied(verdict: Verdict) -> str:
    """Return the line of the widget, as a user writes it in a program."""
    framework = verdict.trace.layer.framework
    if framework == "onnxruntime":
        return verdict.code
    call = f"{verdict.code}(x)" if framework in ("pytorch", "keras", "mlx") else verdict.code
    return f"x = {call}"


def all_lines() -> Iterator[Lines]:
    """Return everything that is recorded, each key once."""
    yield from {lines.key: lines for lines in (*converted(), *called())}.values()


# --- the frameworks ------------------------------------------------------------------------------


def _executed(code: str, names: dict[str, Any], x: Any) -> Any:
    scope = {**names, "x": x}
    exec(code, scope)
    return scope["x"]


def _torch(code: str, x: Any) -> Any:
    import torch
    from torch import nn
    from torch.nn import functional

    names = {"torch": torch, "nn": nn, "F": functional}
    return _executed(code, names, torch.tensor(x)).numpy()


def _last(x: Any) -> Any:
    return np.moveaxis(x, 1, -1)


def _first(x: Any) -> Any:
    return np.moveaxis(np.asarray(x), -1, 1)


def _keras(code: str, x: Any) -> Any:
    import keras

    done = _executed(
        code, {"keras": keras, "layers": keras.layers}, keras.ops.convert_to_tensor(_last(x))
    )
    return _first(keras.ops.convert_to_numpy(done))


def _jax(code: str, x: Any) -> Any:
    import jax.numpy as jnp
    from flax import linen
    from jax import lax

    names = {"jnp": jnp, "nn": linen, "lax": lax}
    return _first(_executed(code, names, jnp.asarray(_last(x))))


def _tensorflow(code: str, x: Any) -> Any:
    import tensorflow as tf

    return _first(_executed(code, {"tf": tf}, tf.constant(_last(x))).numpy())


def _mlx(code: str, x: Any) -> Any:
    import mlx.core as mx
    from mlx import nn

    return _first(_executed(code, {"mx": mx, "nn": nn}, mx.array(_last(x))))


def _onnx(code: str, x: Any) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper

    *before, line = code.split("\n")
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


_RUN: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "pytorch": ("torch", _torch),
    "keras": ("keras", _keras),
    "jax": ("flax", _jax),
    "tensorflow": ("tensorflow", _tensorflow),
    "onnxruntime": ("onnxruntime", _onnx),
    "mlx": ("mlx.core", _mlx),
}


def run(lines: Lines) -> bool:
    """Return whether the lines give the values of the reference."""
    x = np.random.default_rng(0).integers(-9, 10, size=(1, 1, *lines.size)).astype(np.float32)
    expected = pv.pool(x, lines.layer)
    given = _RUN[lines.framework][1](lines.code, x)
    return given.shape == expected.shape and bool(np.allclose(given, expected, atol=1e-5))


def recorded() -> list[dict[str, Any]]:
    """Return the records: call, version, code, and whether the values are equal."""
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
    for lines in all_lines():
        name = lines.framework
        if name in there:
            rows[lines.key] = {
                "call": lines.key,
                "version": f"{_RUN[name][0]} {there[name]}",
                "code": lines.code,
                "equal": run(lines),
            }
    wrong = [row for row in rows.values() if not row["equal"]]
    for row in wrong:
        print(row["call"], row["code"], sep="\n")
    text = json.dumps(sorted(rows.values(), key=lambda row: row["call"]), ensure_ascii=False)
    OUTPUT.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(len(rows), "recorded,", len(wrong), "wrong")


if __name__ == "__main__":
    main()
