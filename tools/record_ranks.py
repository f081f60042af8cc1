"""Run layers and functions of PyTorch on tensors with one to five axes, and record the results.

    FOLDER/bin/pip install torch==2.13.0 numpy
    FOLDER/bin/python -m tools.record_ranks

writes `tests/data/ranks.json.gz`: the `version`, and for each call its `text` (a model), the
`shape` without the batch, and the `outputs` (shapes without the batch) or the `error`, on two
samples; `says` is its text on one sample.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

OUTPUT = Path(__file__).parents[1] / "tests" / "data" / "ranks.json.gz"
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
    data = json.dumps({"version": torch.__version__, "models": models})
    OUTPUT.write_bytes(gzip.compress(data.encode(), mtime=0))
    print(f"{len(models)} calls, {sum('error' in model for model in models)} raise")


if __name__ == "__main__":
    main()
