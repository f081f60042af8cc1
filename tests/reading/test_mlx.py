"""Messages and source of MLX: decoded and read as they were recorded."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import poolviz as pv
from poolviz.messages.message import MessageKind
from tests.support.recorded_mlx import FRAMEWORK, recorded
from tests.support.recordings import Row

# What is said of other arrays or by Python itself, and what PyTorch says as well.
NOT_DECODED = (
    *("not supported between", "as_strided():", "pad():", "uniform():", "division by zero"),
    *("missing 1 required", "Input dilation", "subscriptable", "out of range", "unsupported"),
    *("no attribute", "[reshape]", "[max]", "got an unexpected keyword argument"),
    "incompatible function arguments",
)


def _errors() -> list[dict[str, str]]:
    rows = [row for kind in ("shape", "invalid", "convolution") for row in recorded(kind)]
    runs = [*rows, *(run for row in recorded("network") for run in row["runs"])]
    return [run["error"] for run in runs if run["error"] is not None]


def _decoded(error: dict[str, str]) -> pv.Message | None:
    return pv.decode(f"Traceback\n{error['type']}: {error['message']}\n")


# --- messages ------------------------------------------------------------------------------------


def test_every_message_about_sizes_is_decoded() -> None:
    errors = [
        error for error in _errors() if not any(part in error["message"] for part in NOT_DECODED)
    ]
    frameworks = Counter(getattr(_decoded(error), "framework", None) for error in errors)

    assert len(errors) > 500
    assert frameworks == {FRAMEWORK: len(errors)}


def test_a_convolution_that_finds_no_window() -> None:
    """The numbers are those of the recorded call."""
    rows = [
        row
        for row in recorded("convolution")
        if row["layer"] == "Conv" and "[conv] Spatial" in (row["error"] or {}).get("message", "")
    ]
    for row in rows:
        said = _decoded(row["error"])
        assert said is not None
        assert said.kind is MessageKind.NO_FIT
        assert [axis.input_size for axis in said.axes] == row["input"], row["id"]
        assert [axis.kernel_size for axis in said.axes] == _each(row, "kernel")
        assert [axis.padding for axis in said.axes] == _each(row, "padding")
        assert said.channels == row["channels"]
        assert len(said.failing_axes) == 1
        assert said.axis in str(said)
    assert len(rows) > 20


def _each(row: Row, name: str) -> list[int]:
    value: Any = row[name]
    return value if isinstance(value, list) else [value] * row["ndim"]


def test_channels_of_a_convolution() -> None:
    rows = [
        row
        for row in recorded("convolution")
        if "[conv] Expect" in (row["error"] or {}).get("message", "")
    ]
    for row in rows:
        said = _decoded(row["error"])
        assert said is not None
        assert (said.kind, said.op) == (MessageKind.CHANNELS, "conv")
        assert said.got == (row["channels"],)
    assert len(rows) > 20


@pytest.mark.parametrize(
    ("name", "shape", "kind", "expected", "got"),
    [
        ("lenet", [28, 28, 1], MessageKind.LINEAR, (400,), (256,)),
        ("skip-without-padding", [9, 9, 3], MessageKind.SUM, (9, 9), (7, 7)),
        ("norm-for-other-channels", [9, 9, 3], MessageKind.CHANNELS, (16,), (8,)),
        ("inception-unpadded", [28, 28, 3], MessageKind.CONCATENATE, (28, 28), (26, 26)),
        ("no-batch-axis", [8, 3], MessageKind.RANK, (4,), (3,)),
        ("pool-after-flatten", [32, 32, 3], MessageKind.RANK, (3,), (2,)),
    ],
)
def test_message_of_a_network(
    name: str, shape: list[int], kind: MessageKind, expected: tuple[int], got: tuple[int]
) -> None:
    [error] = [
        run["error"]
        for row in recorded("network")
        for run in row["runs"]
        if row["name"] == name and run["input_shape"] == shape
    ]
    said = _decoded(error)

    assert said is not None
    assert (said.framework, said.kind) == (FRAMEWORK, kind)
    assert (said.expected[: len(expected)], said.got[: len(got)]) == (expected, got)


def test_an_argument_that_pytorch_takes_is_one_that_mlx_does_not() -> None:
    """PyTorch words the error alike, so other arguments need more than this line."""
    said = pv.decode(
        "TypeError: MaxPool2d.__init__() got an unexpected keyword argument 'dilation'"
    )
    line = "TypeError: MaxPool2d.__init__() got an unexpected keyword argument 'pool_size'"
    traceback = f'File "site-packages/mlx/nn/layers/pooling.py", line 1\n{line}'

    assert said is not None
    assert (said.framework, said.op, said.argument) == (FRAMEWORK, "max", "dilation")
    assert pv.decode(line) is None
    assert pv.decode(traceback).argument == "kernel_size"  # type: ignore[union-attr]


# --- source --------------------------------------------------------------------------------------

# The architectures "head-for-32" and "lenet" of the recording, as one writes them.
HEAD = """
import mlx.core as mx
import mlx.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3)
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Linear(784, 10)

    def __call__(self, x):
        x = self.pool(self.conv1(x))
        x = self.pool(self.conv2(x))
        return self.head(x.reshape(x.shape[0], -1))

model = Net()
print(model(mx.zeros((1, 32, 32, 3))).shape)
"""
LENET = """
from mlx import nn

model = nn.Sequential(
    nn.Conv2d(1, 6, 5),
    nn.ReLU(),
    nn.AvgPool2d(kernel_size=2, stride=2),
    nn.Conv2d(6, 16, 5),
    nn.ReLU(),
    nn.AvgPool2d(kernel_size=2, stride=2),
    lambda x: x.flatten(1),
    nn.Linear(400, 120),
    nn.ReLU(),
    nn.Linear(120, 10),
)
"""


@pytest.mark.parametrize(("name", "source"), [("head-for-32", HEAD), ("lenet", LENET)])
def test_a_model_is_read_as_it_was_run(name: str, source: str) -> None:
    [row] = [row for row in recorded("network") if row["name"] == name]
    for run in row["runs"]:
        stack = pv.read_code(source, tuple(run["input_shape"]))
        failure = stack.first_failure

        assert (stack.framework, stack.data_format) == (FRAMEWORK, "channels_last")
        assert stack.not_read == ()
        ran = [list(each.output_shape) for each in stack.rows]
        assert ran == run["shapes"][: len(ran)]
        assert [each.parameters for each in stack.rows] == run["parameters"][: len(ran)]
        assert run["error"] is None or failure is not None
        if failure is not None and failure.says is not None:
            assert failure.says == run["error"]["message"]


def test_the_input_is_taken_from_the_text() -> None:
    stack = pv.read_code(HEAD)

    assert stack.input_shape == (32, 32, 3)
    assert stack.first_failure is None
    assert stack.output_shape == (10,)


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("mx.mean(x, axis=(1, 2))", (3,)),
        ("mx.max(x, axis=(1, 2), keepdims=True)", (1, 1, 3)),
        ("x.transpose(0, 3, 1, 2)", (3, 8, 9)),
        ("mx.pad(x, [(0, 0), (1, 2), (0, 1), (0, 0)])", (11, 10, 3)),
        ("mx.concatenate([x, nn.relu(x)], axis=-1)", (8, 9, 6)),
        ("x + nn.Conv2d(3, 3, 3, padding=1)(x)", (8, 9, 3)),
        ("nn.ConvTranspose2d(3, 4, 2, stride=2)(x)", (16, 18, 4)),
        ("nn.Upsample(scale_factor=2)(x)", (16, 18, 3)),
        ("nn.Dropout(p=0.5)(nn.LayerNorm(3)(x))", (8, 9, 3)),
    ],
)
def test_functions_of_arrays(line: str, shape: tuple[int, ...]) -> None:
    """The shapes are those of MLX 0.32.4."""
    source = f"import mlx.core as mx\nimport mlx.nn as nn\nx = mx.zeros((1, 8, 9, 3))\ny = {line}\n"
    stack = pv.read_code(source)

    assert stack.not_read == ()
    assert stack.output_shape == shape
