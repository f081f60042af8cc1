"""Run recorded pooling layers with values in many versions: `tests/data/value_versions.json.gz`.

    FOLDER/bin/python -m tools.versions values ask torch ANSWERS/torch-2.4.1.json
    python -m tools.versions values write ANSWERS/*.json

`ask` repeats, in the version that is installed, every call of `tests/data/values.json.gz` that was
recorded for this framework, and the first cases of `tools.record.layers.pooling_cases`: values (y),
indices of maxima in their plane (i) and the values beside them (b), gradients (g), and dtypes. Kept
are the number of calls, that of gradients which every version gave, and the calls that gave
something else in some version: checksums, or the class of the exception. poolviz is not imported.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Callable
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np

from tools.record.layers import pooling_kinds
from tools.record.layers.pooling_cases import KINDS, Array, case, checksum
from tools.versions.common import (
    DATA,
    Row,
    for_jax,
    newest_first,
    onnx_attributes,
    run_onnx,
    torch_words,
    versions,
)

FILE = "value_versions.json.gz"
CASES = 60  # of each kind of `tools.record.layers.pooling_cases`
TAGS = {
    "torch": ("torch.F",),
    "tensorflow": ("tf221.nn-eager", "tf215.nn-eager"),
    "keras": ("k3torch.keras-eager",),
    "flax": ("jax.flax",),
    "lax": ("jax.lax",),
    "onnxruntime": ("onnx.ort-op22",),
}
KINDS_OF = {"flax": "jax"}  # by their name in `tools.record.layers.pooling_kinds`


def calls(api: str) -> dict[str, tuple[Row, dict[str, Array]]]:
    """Return the recorded calls of a framework with their input `x` and weights `G`."""
    content = json.loads(gzip.decompress((DATA / "values.json.gz").read_bytes()))
    found = {}
    for row in content["rows"]:
        group, tag = row["id"].split(".", 1)
        if tag in TAGS[api]:
            arrays = {key: _array(*content["arrays"][row["arrays"][key]]) for key in row["arrays"]}
            found[group] = row, arrays
    return dict(sorted(found.items()))


def _array(dtype: str, shape: list[int], packed: str) -> Array:
    return np.frombuffer(base64.b64decode(packed), np.dtype(dtype)).reshape(shape).copy()


# --- one call in each framework ------------------------------------------------------------------


def torch_arrays(row: Row, x: Array, weights: Array | None) -> dict[str, Array]:
    """torch.nn.functional."""
    import torch
    from torch.nn import functional

    words = torch_words(row)
    call = getattr(functional, f"{row['op']}_pool{len(row['input'])}d")
    given = torch.tensor(x)
    if given.is_floating_point():
        given.requires_grad_()
    y = call(given, **words)
    found = {"y": y.detach().numpy()}
    if row["op"] == "max":
        found["i"] = call(given, **words, return_indices=True)[1].numpy()
    if weights is not None and given.requires_grad:
        (y * torch.tensor(weights)).sum().backward()
        found["g"] = given.grad.numpy()
    return found


def tensorflow_arrays(row: Row, x: Array, weights: Array | None) -> dict[str, Array]:
    """tf.nn, executed."""
    import tensorflow as tf

    padding = row["padding"]
    padding = padding.upper() if isinstance(padding, str) else [[0, 0], *padding, [0, 0]]
    call = getattr(tf.nn, f"{row['op']}_pool{len(row['input'])}d")
    given = tf.constant(np.moveaxis(x, 1, -1))
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = call(given, row["kernel"], row["stride"] or row["kernel"], padding=padding)
        if weights is not None:
            total = tf.reduce_sum(y * np.moveaxis(weights, 1, -1))
    found = {"y": np.moveaxis(y.numpy(), -1, 1)}
    if weights is not None:
        found["g"] = np.moveaxis(tape.gradient(total, given).numpy(), -1, 1)
    return found


def keras_arrays(row: Row, x: Array, weights: Array | None) -> dict[str, Array]:
    """keras.layers on arrays."""
    import keras

    words: Row = {"padding": row["padding"] if isinstance(row["padding"], str) else "valid"}
    if row["stride"] is not None:
        words["strides"] = tuple(row["stride"])
    kind = {"max": "MaxPooling", "avg": "AveragePooling"}[row["op"]]
    layer = getattr(keras.layers, f"{kind}{len(row['input'])}D")(tuple(row["kernel"]), **words)
    y = layer(keras.ops.convert_to_tensor(np.moveaxis(x, 1, -1)))
    return {"y": np.moveaxis(keras.ops.convert_to_numpy(y), -1, 1)}


def flax_arrays(row: Row, x: Array, weights: Array | None) -> dict[str, Array]:
    """flax.linen."""
    from flax import linen

    words: Row = {"padding": for_jax(row["padding"])}
    if row["stride"] is not None:
        words["strides"] = tuple(row["stride"])
    if row["op"] == "avg" and row["count_include_pad"] is not None:
        words["count_include_pad"] = row["count_include_pad"]
    call = getattr(linen, f"{row['op']}_pool")
    return _jax_arrays(lambda given: call(given, tuple(row["kernel"]), **words), x, weights)


def lax_arrays(row: Row, x: Array, weights: Array | None) -> dict[str, Array]:
    """jax.lax.reduce_window."""
    import jax.numpy as jnp
    from jax import lax

    def around(entries: list[Any], outer: Any = 1) -> tuple[Any, ...]:
        return (outer, *entries, outer)

    padding = for_jax(row["padding"])
    is_max = row["op"] == "max"

    def call(given: Any) -> Any:
        lowest = -np.inf if jnp.issubdtype(given.dtype, jnp.inexact) else jnp.iinfo(given.dtype).min
        return lax.reduce_window(
            given,
            np.asarray(lowest if is_max else 0, given.dtype),
            lax.max if is_max else lax.add,
            around(row["kernel"]),
            around(row["stride"] or [1] * len(row["input"])),
            padding if isinstance(padding, str) else around(padding, (0, 0)),
            window_dilation=around(row["dilation"]),
        )

    return _jax_arrays(call, x, weights)


def _jax_arrays(call: Callable[[Any], Any], x: Array, weights: Array | None) -> dict[str, Array]:
    import jax

    given = jax.numpy.asarray(np.moveaxis(x, 1, -1))
    found = {"y": np.moveaxis(np.asarray(call(given)), -1, 1)}
    if weights is not None:
        last = np.moveaxis(weights, 1, -1)
        gradient = jax.grad(lambda one: (call(one) * last).sum())(given)
        found["g"] = np.moveaxis(np.asarray(gradient), -1, 1)
    return found


def onnxruntime_arrays(row: Row, x: Array, weights: Array | None) -> dict[str, Array]:
    """A model of one node."""
    from onnx import helper

    words = onnx_attributes(row)
    is_max = row["op"] == "max"
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    found = {"y": _onnx_run("MaxPool" if is_max else "AveragePool", x, kind, ["y"], words)["y"]}
    if is_max:  # the maxima beside their indices come from another kernel: `b`
        both = _onnx_run("MaxPool", x, kind, ["b", "i"], words)
        planes = np.arange(int(np.prod(x.shape[:2]))) * int(np.prod(x.shape[2:]))
        indices = both["i"] - planes.reshape(*x.shape[:2], *[1] * (x.ndim - 2))
        found |= {"b": both["b"], "i": np.maximum(indices, -1)}
    return found


def _onnx_run(name: str, x: Array, kind: int, made: list[str], words: Row) -> dict[str, Array]:
    from onnx import TensorProto, helper

    kinds = [kind, TensorProto.INT64]
    node = helper.make_node(name, ["x"], made, **words)
    told = [helper.make_tensor_value_info("x", kind, x.shape)]
    given = [helper.make_tensor_value_info(a, b, None) for a, b in zip(made, kinds, strict=False)]
    graph = helper.make_graph([node], "g", told, given)
    return dict(zip(made, run_onnx(graph, x), strict=True))


ASKED: dict[str, Callable[[Row, Array, Array | None], dict[str, Array]]] = {
    "torch": torch_arrays,
    "tensorflow": tensorflow_arrays,
    "keras": keras_arrays,
    "flax": flax_arrays,
    "lax": lax_arrays,
    "onnxruntime": onnxruntime_arrays,
}


def _answer(call: Callable[[], dict[str, Array]]) -> Any:
    try:
        found = call()
    except Exception as problem:
        return type(problem).__name__
    return {key: [str(array.dtype), *checksum(array)] for key, array in found.items()}


def ask(api: str) -> Row:
    """Return the answers of the installed version to every call."""
    answers = {
        group: _answer(lambda row=row, arrays=arrays: ASKED[api](row, arrays["x"], arrays.get("G")))
        for group, (row, arrays) in calls(api).items()
    }
    name = KINDS_OF.get(api, api)
    if name in pooling_kinds.ASKED and api != "keras":
        run = pooling_kinds.ASKED[name][0]
        # Before 1.25, onnxruntime ends the process where an index is outside of the result.
        for kind in (each for each in KINDS if (name, each) != ("onnxruntime", "unpool")):
            for number in range(CASES):
                made = case(kind, number)
                came = _answer(lambda made=made, number=number: run(made, number))
                if came != {}:
                    answers[f"{kind}-{number}"] = came
    return {"api": api, "versions": versions(api), "answers": answers}


def content(answers: list[Row]) -> Row:
    """Return what the file holds, of each framework the newest version first."""
    found = {}
    for api in TAGS:
        mine = newest_first(answers, api)
        newest, *older = mine
        rows = {}
        for group, came in newest["answers"].items():
            cames = {str(i): one["answers"][group] for i, one in enumerate(older, 1)}
            others = {i: other for i, other in cames.items() if not _is_same(other, came)}
            if others:
                rows[group] = [came, others]
        versions = [one["versions"] for one in (newest, *older)]
        gradients = sum(
            all("g" in one["answers"][group] for one in mine)
            for group in newest["answers"]
            if not any(isinstance(one["answers"][group], str) for one in mine)
        )
        counts = {"calls": len(newest["answers"]), "gradients": gradients}
        found[api] = {"versions": versions, **counts, "rows": rows}
    return found


def _is_same(one: Any, other: Any) -> bool:
    """Whether two answers agree in what both have."""
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return all(one[key] == other[key] for key in one.keys() & other.keys())
