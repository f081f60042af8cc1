"""Constructors that run layers of the model: in training mode, and nothing else runs if they raise.

The texts of the errors are those of torch 2.13.0.
"""

from __future__ import annotations

import pytest

import poolviz as pv

TEXT = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3), {layers})
        {before}
        with torch.no_grad():
            n = self.features(torch.zeros({samples}, 3, 8, 8)).flatten(1).shape[1]
        self.fc = nn.Linear(n, 10)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))


model = Net()
"""
NORM = "nn.AdaptiveAvgPool2d(1), nn.{}Norm2d(8)"
ONE_VALUE = (
    "Expected more than 1 value per channel when training, got input size torch.Size([1, 8, 1, 1])"
)
ONE_ELEMENT = (
    "Expected more than 1 spatial element when training, got input size torch.Size([1, 8, 1, 1])"
)


def read(layers: str, samples: int = 1, before: str = "pass", size: int = 8) -> pv.Stack:
    text = TEXT.format(layers=layers, samples=samples, before=before)
    return pv.read_code(text, (3, size, size))


@pytest.mark.parametrize(
    ("layers", "error", "says"),
    [
        (NORM.format("Batch"), "ValueError", ONE_VALUE),
        (NORM.format("Instance"), "ValueError", ONE_ELEMENT),
        ("nn.BatchNorm2d(7)", "RuntimeError", "running_mean should contain 8 elements not 7"),
        (
            "nn.MaxPool2d(7)",
            "RuntimeError",
            "Given input size: (8x6x6). Calculated output size: (8x0x0). Output size is too small",
        ),
    ],
)
@pytest.mark.parametrize("size", [8, 32])
def test_a_constructor_that_raises_is_what_is_shown(
    layers: str, error: str, says: str, size: int
) -> None:
    stack = read(layers, size=size)

    assert (stack.ok, stack.input_shape) == (False, (3, 8, 8))
    assert stack.first_failure is not None
    assert (stack.first_failure.error_name, stack.first_failure.says) == (error, says)
    assert "the constructor runs these layers on (3, 8, 8)" in str(stack)


@pytest.mark.parametrize(
    ("layers", "samples", "before"),
    [
        (NORM.format("Batch"), 2, "pass"),
        (NORM.format("Batch"), 1, "self.eval()"),
        (NORM.format("Batch"), 1, "self.features.train(False)"),
        ("nn.BatchNorm2d(8)", 1, "pass"),
    ],
)
def test_one_that_runs_is_not(layers: str, samples: int, before: str) -> None:
    stack = read(layers, samples, before)

    assert (stack.ok, stack.output_shape, stack.not_read) == (True, (10,), ())


def test_an_error_that_is_caught_is_none() -> None:
    text = TEXT.format(layers="nn.MaxPool2d(7)", samples=1, before="pass").replace(
        "        with torch.no_grad():\n            n = ", "        try:\n            n = "
    )
    text = text.replace(
        "shape[1]\n", "shape[1]\n        except RuntimeError:\n            n = 128\n"
    )

    assert pv.read_code(text, (3, 32, 32)).input_shape == (3, 32, 32)
