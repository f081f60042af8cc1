"""Conditions on attributes of layers: decided as by PyTorch 2.13, or left open."""

from __future__ import annotations

import pytest

import poolviz as pv

MODEL = """
import torch.nn as nn

class Net(nn.Module):
    flag = None

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 7, 3, bias=False)
        self.norm = nn.BatchNorm2d(7, track_running_stats=False)
        self.plain = nn.BatchNorm2d(7)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.Upsample(scale_factor=2)

    def forward(self, x):
        x = self.conv(x)
        if {condition}:
            x = self.pool(x)
        return x

net = Net()
"""
# As PyTorch 2.13.0 has them.
TRUE = (
    *("self.conv.bias is None", "self.norm.running_mean is None", "hasattr(self, 'flag')"),
    *("self.flag is None", "self.conv.weight is not None", "self.plain.running_var is not None"),
    *("self.conv.kernel_size == (3, 3)", "not hasattr(self, 'nope')"),
)
FALSE = ("self.norm.weight is None", "self.conv.bias is not None", "self.pool.kernel_size == 3")
OPEN = (
    *("self.pool.return_indices", "self.pool.return_indices is None", "self.up.size is None"),
    *("self.conv.transposed", "self.conv.transposed == False", "not self.pool.return_indices"),
    "isinstance(self.norm, nn.modules.batchnorm._BatchNorm)",
)


def names(condition: str) -> tuple[bool | None, list[str | None]]:
    stack = pv.read_code(MODEL.replace("{condition}", condition), (3, 16, 16))
    return stack.ok, [layer.name for layer in stack.layers]


@pytest.mark.parametrize(
    ("condition", "value"), [*((c, True) for c in TRUE), *((c, False) for c in FALSE)]
)
def test_a_condition_on_a_known_attribute_is_decided(condition: str, value: bool) -> None:
    assert names(condition) == (True, ["conv", "pool"] if value else ["conv"])


@pytest.mark.parametrize("condition", OPEN)
def test_a_condition_on_another_attribute_is_left_open(condition: str) -> None:
    assert names(condition) == (None, ["conv"])
