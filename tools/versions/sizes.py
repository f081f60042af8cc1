"""Run recorded pooling calls in many versions of the frameworks: `tests/data/versions.json.gz`.

    python3 -m venv FOLDER
    FOLDER/bin/pip install keras==3.14.1 torch==2.13.0 numpy
    export KERAS_BACKEND=torch
    FOLDER/bin/python -m tools.versions sizes ask keras ANSWERS/keras-3.14.1.json
    FOLDER/bin/python -m tools.versions sizes ask layers ANSWERS/layers-3.14.1.json
    FOLDER/bin/python -m tools.versions sizes ask model ANSWERS/model-3.14.1.json
    python -m tools.versions sizes write ANSWERS/*.json

`ask` runs, in one installed version, every call of `tests/data/shapes.jsonl.gz` that was recorded
for this framework. `layers` makes other layers of
Keras. `model` builds the network of five pooling layers of notebook 05 in Keras, calls it, predicts
and trains. `write` puts all answers together. poolviz is not imported, so nothing in the file comes
from it.

In the file, a framework has `versions` (what was installed), and `rows`: a call, and what came of
it in the newest version, then, by number, in each that gave something else. An outcome is the
spatial size, or the class of the exception and its text; `layers` and `models` hold the others.
The texts of onnxruntime are kept without the path in its source file, and those of Keras without
the last paragraph, as elsewhere in `tests/data`.

Each call runs in a process that is started again when a call ends it. The CUDA builds of torch ran
with empty libraries in the place of CUDA's, on the CPU.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.versions.common import (
    CALL_FIELDS,
    DATA,
    Row,
    for_jax,
    newest_first,
    numbers,
    onnx_attributes,
    others,
    run_onnx,
    text_of,
    torch_words,
    versions,
)

FILE = "versions.json.gz"
CALLS = DATA / "shapes.jsonl.gz"
APIS = {  # how a call is made, and the recorded runs that it repeats
    "torch": ("torch.F",),
    "tensorflow": ("tf221.nn-graph", "tf215.nn-graph"),
    "keras": ("k3torch.keras-sym", "k3jax.keras-sym", "tf221.keras-sym"),
    "flax": ("jax.flax",),
    "lax": ("jax.lax",),
    "onnxruntime": ("onnx.ort-op22",),
}
CHANNELS = 2


# --- one call in each framework ------------------------------------------------------------------


def ask_torch(row: Row) -> list[int]:
    import torch
    import torch.nn.functional as functional

    words = torch_words(row)
    pool = getattr(functional, f"{row['op']}_pool{len(row['input'])}d")
    return list(pool(torch.zeros(1, CHANNELS, *row["input"]), **words).shape[2:])


def ask_tensorflow(row: Row) -> list[int]:
    import tensorflow as tf

    padding = row["padding"]
    if not isinstance(padding, str):
        padding = [[0, 0], *padding, [0, 0]]
    words: Row = {"padding": padding if isinstance(padding, list) else padding.upper()}
    if row["stride"] is None:
        row = {**row, "stride": row["kernel"]}
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float32, [1, *row["input"], CHANNELS])
        pool = getattr(tf.nn, f"{row['op']}_pool{len(row['input'])}d")
        return [int(n) for n in pool(x, row["kernel"], row["stride"], **words).shape[1:-1]]


def ask_keras(row: Row) -> list[int]:
    import keras

    words: Row = {"padding": row["padding"]}
    if not isinstance(row["padding"], str):
        words["padding"] = numbers(row["padding"])
        if not any(map(any, row["padding"])):
            del words["padding"]
    if row["stride"] is not None:
        words["strides"] = tuple(row["stride"])
    kind = {"max": "MaxPooling", "avg": "AveragePooling"}[row["op"]]
    keras.backend.clear_session()  # names without a number
    layer = getattr(keras.layers, f"{kind}{len(row['input'])}D")(tuple(row["kernel"]), **words)
    return [int(n) for n in layer(keras.Input((*row["input"], CHANNELS))).shape[1:-1]]


def ask_flax(row: Row) -> list[int]:
    import jax.numpy as jnp
    from flax import linen

    words: Row = {"padding": for_jax(row["padding"])}
    if row["stride"] is not None:
        words["strides"] = tuple(row["stride"])
    if row["count_include_pad"] is not None:
        words["count_include_pad"] = row["count_include_pad"]
    pool = {"max": linen.max_pool, "avg": linen.avg_pool}[row["op"]]
    x = jnp.zeros((1, *row["input"], CHANNELS))
    return [int(n) for n in pool(x, tuple(row["kernel"]), **words).shape[1:-1]]


def ask_lax(row: Row) -> list[int]:
    import jax.numpy as jnp
    import numpy as np
    from jax import lax

    def around(entries: list[int], outer: Any = 1) -> tuple[Any, ...]:
        return (outer, *entries, outer)

    padding = for_jax(row["padding"])
    out = lax.reduce_window(
        jnp.zeros((1, *row["input"], CHANNELS), jnp.float32),
        np.float32(-np.inf) if row["op"] == "max" else np.float32(0),
        lax.max if row["op"] == "max" else lax.add,
        around(row["kernel"]),
        around(row["stride"] or [1] * len(row["input"])),
        padding if isinstance(padding, str) else around(padding, (0, 0)),
        window_dilation=around(row["dilation"]),
    )
    return [int(n) for n in out.shape[1:-1]]


def ask_onnxruntime(row: Row) -> list[int]:
    import numpy as np
    from onnx import TensorProto, helper

    name = {"max": "MaxPool", "avg": "AveragePool"}[row["op"]]
    shape = [1, CHANNELS, *row["input"]]
    told = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    made = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph(
        [helper.make_node(name, ["x"], ["y"], **onnx_attributes(row))], "g", told, made
    )
    return list(run_onnx(graph, np.zeros(shape, np.float32))[0].shape[2:])


ASK: dict[str, Callable[[Row], list[int]]] = {
    "torch": ask_torch,
    "tensorflow": ask_tensorflow,
    "keras": ask_keras,
    "flax": ask_flax,
    "lax": ask_lax,
    "onnxruntime": ask_onnxruntime,
}


def outcome(api: str, row: Row) -> Any:
    """Return the spatial size, or the class and the text of the exception."""
    try:
        return ASK[api](row)
    except Exception as error:
        return [type(error).__name__, text_of(str(error))]


def five_poolings() -> Row:
    """Build the model whose last map is empty, and use it."""
    import keras
    import numpy as np

    layers = keras.layers
    poolings = [layers.MaxPooling2D(2) for _ in range(5)]
    try:
        model = keras.Sequential(
            [keras.Input((28, 28, 1)), *poolings, layers.Flatten(), layers.Dense(10)]
        )
    except Exception as error:
        return {"build": [type(error).__name__, text_of(str(error))]}
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    x, y = np.zeros((4, 28, 28, 1), np.float32), np.zeros(4, np.int32)

    def fit() -> list[float]:
        model.compile("sgd", loss)
        return [float(one) for one in model.fit(x, y, verbose=0).history["loss"]]

    uses: dict[str, Callable[[], Any]] = {
        "call": lambda: list(model(x).shape),
        "predict": lambda: model.predict(x, verbose=0).tolist(),
        "fit": fit,
    }
    shapes = [list(layer.output.shape) for layer in model.layers]
    done: Row = {"build": shapes, "parameters": model.count_params()}
    for name, use in uses.items():
        try:
            done[name] = use()
        except Exception as error:
            done[name] = [type(error).__name__, text_of(str(error))]
    return done


LAYERS = (  # as they are written in Keras, and their input, channels last
    ("Conv2D(4, 5)", [4, 4, 3]),
    ("Conv2D(4, 5)", [3, 9, 3]),
    ("Conv2D(4, 5, strides=5)", [1, 9, 3]),
    ("Conv2D(4, 3, strides=2)", [2, 2, 3]),
    ("Conv2D(4, 3, dilation_rate=3)", [6, 7, 3]),
    ("Conv2D(4, 5, padding='same')", [4, 4, 3]),
    ("Conv2D(4, 3, strides=2, dilation_rate=2)", [9, 9, 3]),
    ("Conv1D(4, 5)", [4, 3]),
    ("Conv1D(4, 5)", [3, 3]),
    ("Conv1D(4, 5, padding='causal')", [3, 3]),
    ("Conv3D(4, 3)", [2, 5, 5, 1]),
    ("DepthwiseConv2D(5)", [4, 4, 3]),
    ("DepthwiseConv2D(5)", [3, 4, 3]),
    ("Conv2DTranspose(4, 3, strides=2)", [4, 4, 3]),
    ("Conv2DTranspose(4, 3, strides=2, output_padding=0)", [4, 4, 3]),
    ("Conv2DTranspose(4, 3, strides=2, output_padding=1)", [4, 4, 3]),
    ("Conv2DTranspose(4, 3, strides=2, output_padding=2)", [4, 4, 3]),
    ("Conv2DTranspose(4, 3, strides=2, output_padding=2, padding='same')", [4, 4, 3]),
    ("MaxPooling2D(5)", [4, 4, 3]),
    ("AveragePooling1D(5, strides=1)", [3, 3]),
    ("AdaptiveAveragePooling2D(2)", [9, 9, 3]),
    ("AdaptiveMaxPooling1D(2)", [9, 3]),
    ("GlobalAveragePooling2D()", [4, 4, 3]),
    ("Cropping2D(1)", [4, 4, 3]),
    ("Cropping2D(2)", [4, 4, 3]),
    ("ZeroPadding2D(1)", [4, 4, 3]),
    ("UpSampling2D(2)", [4, 4, 3]),
    ("Flatten()", [4, 4, 3]),
    ("Dense(4)", [7]),
)


def ask_layer(code: str, shape: list[int]) -> Any:
    """Return the shape without the batch, or the class and the text of the exception."""
    import keras

    keras.backend.clear_session()
    try:
        layer = eval(f"layers.{code}", {"layers": keras.layers})
        return [int(n) for n in layer(keras.Input(tuple(shape))).shape[1:]]
    except Exception as error:
        return [type(error).__name__, text_of(str(error))]


def ask_layers() -> Row:
    """Return what the layers of networks give in the installed version of Keras."""
    rows = [[code, shape, ask_layer(code, shape)] for code, shape in LAYERS]
    return {"api": "layers", "versions": versions("keras"), "rows": rows}


def ask_model() -> Row:
    """Return what becomes of the model in the installed version."""
    import keras

    run = {"backend": keras.backend.backend(), **five_poolings()}
    return {"api": "model", "versions": versions("keras"), "run": run}


# --- all calls -----------------------------------------------------------------------------------


def calls(api: str, table: Path) -> dict[str, Row]:
    """Return the calls that were recorded for this framework, by the number of the call."""
    found = {}
    with gzip.open(table, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            group, tag = row["id"].split(".", 1)
            if tag in APIS[api] and row["category"] not in ("invalid", "adaptive"):
                found[group] = {field: row[field] for field in CALL_FIELDS}
    return dict(sorted(found.items()))


def serve(api: str) -> None:
    """Answer calls, one a line."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what frameworks print goes elsewhere
    for line in sys.stdin:
        print(json.dumps(outcome(api, json.loads(line))), file=out, flush=True)


def ask(api: str, table: Path = CALLS) -> Row:
    """Ask the installed version every call."""
    command = [sys.executable, "-m", "tools.versions", "sizes", "serve", api]
    answers, server = {}, None
    for group, row in calls(api, table).items():
        if server is None:
            server = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(row) + "\n")
        server.stdin.flush()
        line = server.stdout.readline()
        if line:
            answers[group] = json.loads(line)
        else:
            answers[group] = ["killed", f"signal {-server.wait()}"]
            server = None
    return {"api": api, "versions": versions(api), "answers": answers}


# --- the file ------------------------------------------------------------------------------------


def content(answers: list[Row], table: Path = CALLS) -> Row:
    """Put the answers of all versions together, the newest first."""
    found = {}
    for api in APIS:
        mine = newest_first(answers, api)
        if mine:
            rows = []
            for group, call in calls(api, table).items():
                newest = mine[0]["answers"][group]
                rows.append([group, *call.values(), newest, others(group, mine)])
            found[api] = {"versions": [one["versions"] for one in mine], "rows": rows}
    models = [
        {"versions": one["versions"], **one["run"]} for one in answers if one["api"] == "model"
    ]
    layers = [
        {"keras": one["versions"]["keras"], "rows": one["rows"]}
        for one in answers
        if one["api"] == "layers"
    ]
    fields = ["id", *CALL_FIELDS, "newest", "others"]
    return {"fields": fields, "frameworks": found, "models": models, "layers": layers}
