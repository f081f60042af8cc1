"""The runs in notebooks 15 to 17: texts and shapes of PyTorch, Keras and onnxruntime.

    KERAS_BACKEND=torch FOLDER/bin/python -m tools.record.exercises.course_runs torch keras
    FOLDER/bin/python -m tools.record.exercises.course_runs onnxruntime

FOLDER has torch==2.13.0 with keras==3.15.1, or onnxruntime==1.32.0 with onnx. The rows of the named
frameworks are written anew to `tests/data/course_runs.json`; the others stay. poolviz is not used.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[3] / "tests" / "data" / "course_runs.json"
BOLD = re.compile(r"\x1b\[\d*m")

# id → the line that is run; `zeros(…)` is an array of the framework.
TORCH = {
    "one-grey-image": "nn.Conv2d(1, 8, 3)(zeros(28, 28))",
    "many-grey-images": "nn.Conv2d(1, 8, 3)(zeros(60, 28, 28))",
    "many-images-pooled": "nn.MaxPool2d(2)(zeros(60, 28, 28))",
    "without-a-batch": (
        "nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(5408, 10))(zeros(1, 28, 28))"
    ),
    "view-that-fails": "zeros(4, 16, 6, 6).view(-1, 400)",
    "view-of-larger-maps": "zeros(4, 16, 10, 10).view(-1, 400)",
    "loss-of-four": ("nn.CrossEntropyLoss()(zeros(16, 10), torch.zeros(4, dtype=torch.long))"),
    "linear-of-larger-maps": "nn.Linear(400, 120)(zeros(4, 16, 6, 6).flatten(1))",
    "lazy-linear": "nn.LazyLinear(120)(zeros(4, 16, 6, 6).flatten(1))",
    "concat": "torch.cat([zeros(1, 16, 14, 14), zeros(1, 16, 15, 15)], dim=1)",
    "sum": "zeros(1, 16, 14, 14) + zeros(1, 16, 15, 15)",
    "too-much-output-padding": (
        "nn.ConvTranspose2d(8, 8, 2, stride=2, output_padding=2)(zeros(1, 8, 7, 7))"
    ),
    "output-size-out-of-range": (
        "nn.ConvTranspose2d(8, 8, 2, stride=2)(zeros(1, 8, 7, 7), output_size=(16, 16))"
    ),
    "output-size": (
        "nn.ConvTranspose2d(8, 8, 2, stride=2)(zeros(1, 8, 7, 7), output_size=(15, 15))"
    ),
    "norm-of-one-value": "nn.BatchNorm2d(64)(zeros(1, 64, 1, 1))",
    "norm-in-evaluation": "nn.BatchNorm2d(64).eval()(zeros(1, 64, 1, 1))",
    "norm-of-two": "nn.BatchNorm2d(1)(torch.tensor([3.0, 5.0]).view(2, 1, 1, 1))",
    "norm-of-two-apart": "nn.BatchNorm2d(1)(torch.tensor([3.0, 500.0]).view(2, 1, 1, 1))",
    "norm-of-groups": "nn.GroupNorm(8, 64)(zeros(1, 64, 1, 1))",
}
KERAS = {
    "one-grey-image": "layers.Conv2D(8, 3, name='conv2d')(zeros(28, 28))",
    "many-grey-images": "layers.Conv2D(8, 3, name='conv2d')(zeros(60, 28, 28))",
    "one-image-with-channels": "layers.Conv2D(8, 3, name='conv2d')(zeros(28, 28, 1))",
    "model-of-grey-images": (
        "Sequential([Input((28, 28, 1)), layers.Conv2D(8, 3)])(zeros(60, 28, 28))"
    ),
    "model-of-one-image": (
        "Sequential([Input((28, 28, 1)), layers.Conv2D(8, 3)])(zeros(28, 28, 1))"
    ),
    "concat": "layers.Concatenate()([Input((14, 14, 16)), Input((15, 15, 16))])",
    "upsampling": "layers.UpSampling2D(2)(zeros(1, 7, 7, 8))",
    "transposed-same": (
        "layers.Conv2DTranspose(8, 3, strides=2, padding='same')(zeros(1, 7, 7, 8))"
    ),
    "transposed-valid-extra": (
        "layers.Conv2DTranspose(8, 2, strides=2, output_padding=1)(zeros(1, 7, 7, 8))"
    ),
    "too-much-output-padding": (
        "layers.Conv2DTranspose(8, 2, strides=2, output_padding=2)(zeros(1, 7, 7, 8))"
    ),
    "norm-of-one-value": "layers.BatchNormalization()(zeros(1, 1, 1, 4) + 7, training=True)",
}
ONNX = {"one-grey-image": (28, 28), "many-grey-images": (60, 28, 28)}


def torch_runs() -> Iterator[dict[str, Any]]:
    torch = import_module("torch")
    names = {"torch": torch, "nn": torch.nn, "zeros": torch.zeros}
    for id, code in TORCH.items():
        torch.manual_seed(0)
        yield ran("torch", id, code, lambda code=code: eval(code, names))  # type: ignore[misc]


def keras_runs() -> Iterator[dict[str, Any]]:
    keras, numpy = import_module("keras"), import_module("numpy")
    names = {
        "layers": keras.layers,
        "Sequential": keras.Sequential,
        "Input": keras.Input,
        "zeros": lambda *shape: numpy.zeros(shape, "float32"),
    }
    for id, code in KERAS.items():
        yield ran("keras", id, code, lambda code=code: eval(code, names))  # type: ignore[misc]


def onnx_runs() -> Iterator[dict[str, Any]]:
    """Run a model with one convolution, whose input has four free axes."""
    onnx, runtime = import_module("onnx"), import_module("onnxruntime")
    numpy, helper = import_module("numpy"), import_module("onnx.helper")
    kind = onnx.TensorProto.FLOAT
    weight = helper.make_tensor("w", kind, (8, 1, 3, 3), numpy.zeros(72, "float32"))
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"])],
        "one",
        [helper.make_tensor_value_info("x", kind, ["N", 1, "H", "W"])],
        [helper.make_tensor_value_info("y", kind, None)],
        [weight],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    session = runtime.InferenceSession(model.SerializeToString())
    for id, shape in ONNX.items():
        x = numpy.zeros(shape, "float32")
        code = f"session.run(None, {{'x': zeros{shape}}})"
        yield ran("onnxruntime", id, code, lambda x=x: session.run(None, {"x": x})[0])  # type: ignore[misc]


def ran(framework: str, id: str, code: str, call: Callable[[], Any]) -> dict[str, Any]:
    """Run a call; return its shape and its values if they are few, or its error."""
    found: dict[str, Any] = {"id": f"{framework}/{id}", "version": version(framework), "code": code}
    try:
        y = call()
    except Exception as error:
        return {**found, "error": type(error).__name__, "text": BOLD.sub("", str(error))}
    found["shape"] = list(y.shape)
    if y.size in (2, 4) or (callable(y.size) and y.numel() in (2, 4)):
        found["values"] = [round(n, 3) for n in y.detach().reshape(-1).tolist()]
    return found


RUNS = {"torch": torch_runs, "keras": keras_runs, "onnxruntime": onnx_runs}


def main(names: list[str]) -> None:
    stored = json.loads(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else []
    kept = [row for row in stored if row["id"].partition("/")[0] not in names]
    rows = sorted([*kept, *(row for name in names for row in RUNS[name]())], key=lambda r: r["id"])
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    OUTPUT.write_text(f"{text}\n", encoding="utf-8")
    print(OUTPUT.name, len(rows))


if __name__ == "__main__":
    main(sys.argv[1:] or list(RUNS))
