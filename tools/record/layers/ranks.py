"""Run layers of PyTorch and Keras on tensors with any number of axes, and record the results.

    FOLDER/bin/pip install torch==2.13.0 numpy keras==3.15.1 jax
    FOLDER/bin/python -m tools.record.layers.ranks

writes `tests/data/ranks.json.gz`: the `versions`, and for each call its `text` (a model), the
`shape` without the batch, and the `outputs` (shapes without the batch) or the `error`, on two
samples; `says` is its text on one sample. Keras runs symbolically, on JAX, without `says`.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import keras
import torch

OUTPUT = Path(__file__).parents[3] / "tests" / "data" / "ranks.json.gz"
SHAPES = ((4,), (4, 4), (4, 4, 4), (4, 4, 4, 4), (4, 1), (4, 1, 1), (1,), (3, 4, 4))
PER_AXIS = {
    "MaxPool": "2",
    "AvgPool": "2",
    "LPPool": "2, 2",
    "AdaptiveAvgPool": "2",
    "AdaptiveMaxPool": "2",
    "Conv": "4, 2, 1",
    "ConvTranspose": "4, 2, 1",
    "BatchNorm": "4",
    "InstanceNorm": "4",
    "ZeroPad": "1",
    "ReflectionPad": "1",
    "ReplicationPad": "1",
    "CircularPad": "1",
    "Dropout": "0.5",
}
LAYERS = (
    "nn.InstanceNorm2d(4, track_running_stats=True)",
    "nn.InstanceNorm2d(4, affine=True)",
    "nn.InstanceNorm2d(3, affine=True)",
    "nn.BatchNorm2d(3)",
    "nn.GroupNorm(2, 4)",
    "nn.GroupNorm(3, 3)",
    "nn.LayerNorm(4)",
    "nn.LayerNorm([4, 4])",
    "nn.RMSNorm(4)",
    "nn.PReLU(3)",
    "nn.Linear(5, 2)",
    "nn.Upsample(scale_factor=2)",
    'nn.Upsample(scale_factor=2, mode="bilinear")',
    "nn.UpsamplingNearest2d(scale_factor=2)",
    "nn.AdaptiveAvgPool2d(1)",
    "nn.Softmax2d()",
    "nn.Softmax(dim=3)",
    "nn.LocalResponseNorm(2)",
    "nn.CrossMapLRN2d(2)",
    "nn.ReflectionPad2d(4)",
    "nn.CircularPad2d(5)",
    "nn.Unflatten(1, (2, 2))",
    "nn.Unflatten(1, (2, -1))",
    "nn.Flatten(2)",
    "nn.PixelShuffle(2)",
)
CALLS = (
    "F.max_pool1d(x, 2)",
    "F.max_pool2d(x, 2)",
    "F.avg_pool2d(x, 2)",
    "F.adaptive_avg_pool2d(x, 1)",
    "F.adaptive_avg_pool3d(x, 1)",
    "F.interpolate(x, scale_factor=2)",
    "F.pad(x, (1, 1, 1, 1))",
    'F.pad(x, (1, 1), mode="reflect")',
    'F.pad(x, (2, 2, 2, 2), mode="circular")',
    "F.log_softmax(x, dim=2)",
    "x.softmax(3)",
    "x.flip(2)",
    "x.roll(1, 2)",
    "x.cumsum(2)",
    "x.view(x.size(0), 4, -1)",
    "x.reshape(x.shape[0], -1, 2)",
    "x.view(-1, 7)",
    "x.mean((2, 3))",
    "x.squeeze(-1).squeeze(-1)",
)
LAYER = "import torch.nn as nn\n\nmodel = nn.Sequential(nn.ReLU(), {})\n"
CALL = """import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def forward(self, x):
        x = F.relu(x)
        return {}


model = Net()
"""


KERAS_SHAPES = ((8,), (8, 8), (8, 8, 3), (4, 8, 8, 3), (1, 1, 3))
KERAS_PER_AXIS = {
    "MaxPooling{}D": "2",
    "AveragePooling{}D": "2",
    "GlobalAveragePooling{}D": "",
    "GlobalMaxPooling{}D": "keepdims=True",
    "Conv{}D": "4, 2",
    "Conv{}DTranspose": "4, 2",
    "ZeroPadding{}D": "1",
    "UpSampling{}D": "2",
    "Cropping{}D": "1",
    "SpatialDropout{}D": "0.5",
}
KERAS_LAYERS = (
    "DepthwiseConv2D(2)",
    "GroupNormalization(2)",
    "Flatten()",
    "Dense(2)",
    "Reshape((2, 4))",
    "Permute((2, 1))",
    "RepeatVector(3)",
    "LSTM(4)",
    "TimeDistributed(layers.Dense(2))",
    "Resizing(4, 4)",
    "AdaptiveAveragePooling2D(2)",
)
KERAS = """import keras
from keras import layers

inputs = keras.Input({})
model = keras.Model(inputs, layers.{}(layers.ReLU()(inputs)))
"""


def keras_texts() -> Iterator[tuple[tuple[int, ...], str]]:
    calls = [
        f"{name.format(ndim)}({given})"
        for ndim in (1, 2, 3)
        for name, given in KERAS_PER_AXIS.items()
    ]
    for call in (*calls, *KERAS_LAYERS):
        yield from ((shape, KERAS.format(shape, call)) for shape in KERAS_SHAPES)


def run_keras(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    try:
        exec(text, names)
        return {"outputs": [list(each.shape[1:]) for each in names["model"].outputs]}
    except Exception as error:  # whatever Keras raises is the answer
        return {"error": type(error).__name__}


def texts() -> Iterator[str]:
    for ndim in (1, 2, 3):
        for name, given in PER_AXIS.items():
            yield LAYER.format(f"nn.{name}{ndim}d({given})")
    yield from map(LAYER.format, LAYERS)
    yield from map(CALL.format, CALLS)


def run(text: str, shape: tuple[int, ...]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(text, names)
    model = names["model"].eval()
    try:
        return {"outputs": [list(model(torch.zeros(2, *shape)).shape)[1:]]}
    except Exception as error:  # whatever PyTorch raises is the answer
        found = {"error": type(error).__name__}
    try:
        model(torch.zeros(1, *shape))
    except Exception as error:
        found["says"] = str(error)
    return found


def main() -> None:
    models = [
        {"text": text, "shape": shape, **run(text, shape)} for text in texts() for shape in SHAPES
    ]
    models += [{"text": text, "shape": shape, **run_keras(text)} for shape, text in keras_texts()]
    versions = {"torch": torch.__version__, "keras": keras.__version__}
    data = json.dumps({"versions": versions, "models": models})
    OUTPUT.write_bytes(gzip.compress(data.encode(), mtime=0))
    print(f"{len(models)} calls, {sum('error' in model for model in models)} raise")


if __name__ == "__main__":
    main()
