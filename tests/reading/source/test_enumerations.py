"""Conditions on members of an enumeration, decided as by Python or left open."""

from __future__ import annotations

import pytest

import poolviz as pv

ENUMS = """
from enum import Enum, IntEnum, auto

class Format(str, Enum):
    NCHW = "NCHW"
    NHWC = "NHWC"

class Plain(Enum):
    A = 1
    B = 2
    FIRST = 1

class Auto(Enum):
    X = auto()
    Y = auto()

class Number(IntEnum):
    ONE = 1
    TWO = auto()

class Ratio(float, Enum):
    HALF = 0.5
"""
MODEL = """
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, fmt="NHWC"):
        super().__init__()
        self.conv = nn.Conv2d(3, 7, 3)
        self.pool = nn.MaxPool2d(2)
        self.fmt = Format(fmt)

    def forward(self, x):
        x = self.conv(x)
        if {condition}:
            x = self.pool(x)
        return x

net = Net()
"""
DECIDED = (
    *("Format('NHWC') == Format.NHWC", "Format('NHWC') is Format.NHWC", "self.fmt is Format.NHWC"),
    *("self.fmt != Format.NCHW", "self.fmt == 'NHWC'", "self.fmt.value == 'NHWC'"),
    *("self.fmt == Format.NCHW", "self.fmt.name == 'NHWC'", "self.fmt.lower() == 'nhwc'"),
    *("Plain(1) is Plain.A", "Plain.A == Plain.B", "Plain.A == 1", "Plain.A.value == 1"),
    *("Plain.FIRST is Plain.A", "Plain.FIRST.name == 'A'", "Plain.A in (Plain.B, Plain.A)"),
    *("Plain(Plain.B) == Plain.B", "Auto.X == Auto.Y", "Auto.X is not Auto.Y"),
    *("Number.ONE + 1 == 2", "Number(1) == Number.ONE", "Ratio.HALF == 0.5"),
    "{Plain.A: 1, Plain.B: 2}[Plain.B] == 2",
)
OPEN = ("Auto.X.value == 1", "Auto(1) is Auto.X", "Number.TWO == 2", "Plain.A.other == 1")


def stack_of(condition: str) -> pv.Stack:
    source = ENUMS + MODEL.replace("{condition}", condition)
    return pv.read_code(source, (3, 16, 16))


@pytest.mark.parametrize("condition", DECIDED)
def test_a_condition_is_decided_as_by_python(condition: str) -> None:
    names: dict[str, object] = {}
    exec(ENUMS, names)
    names["self"] = type("Net", (), {"fmt": names["Format"]("NHWC")})  # type: ignore[operator]
    has_pool = "pool" in [layer.name for layer in stack_of(condition).layers if layer.name]

    assert has_pool == bool(eval(condition, names))


@pytest.mark.parametrize("condition", OPEN)
def test_a_condition_on_what_is_not_known_is_left_open(condition: str) -> None:
    stack = stack_of(condition)

    assert stack.ok is None
    assert [layer.name for layer in stack.layers] == ["conv"]
