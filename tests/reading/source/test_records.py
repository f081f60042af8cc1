"""Hyperparameters that a module saves, outputs that are not read, joins that the user states."""

from __future__ import annotations

import pytest

import poolviz as pv
from poolviz.reading.layer_literals import read_layers

LIGHTNING = """
class Net(pl.LightningModule):
    def __init__(self, {arguments}):
        super().__init__()
        self.save_hyperparameters({saved})
        self.conv = nn.Conv2d(3, self.hparams.width, 3)
        self.fc = nn.Linear(self.hparams["width"], self.hparams.get("n", 5))

    def forward(self, x):
        return self.fc(self.conv(x).mean((2, 3)))


model = Net({given})
"""


@pytest.mark.parametrize(
    ("arguments", "saved", "given", "output"),
    [
        ("width=8, n=7", "", "width=16", (7,)),
        ("width=8, n=7", '"width"', "", (5,)),
        ("width=8, n=7", 'ignore=["n"]', "", (5,)),
        ("hparams", "hparams", '{"width": 4, "n": 2}', (2,)),
        ("**kwargs", "", "width=4, n=3", (3,)),
    ],
)
def test_saved_hyperparameters(
    arguments: str, saved: str, given: str, output: tuple[int, ...]
) -> None:
    text = LIGHTNING.format(arguments=arguments, saved=saved, given=given)
    stack = pv.read_code(f"import lightning as pl\nimport torch.nn as nn\n{text}", (3, 8, 8))

    assert (stack.ok, stack.output_shape) == (True, output)


@pytest.mark.parametrize(
    ("imported", "made"),
    [
        ("from dataclasses import dataclass, field", "field(default_factory=lambda: [3, 4, 5])"),
        ("from dataclasses import dataclass, field", "field(default=(3, 4, 5))"),
        (
            "from pydantic.dataclasses import dataclass\nfrom pydantic import Field",
            "Field((3, 4, 5))",
        ),
        ("from attr import dataclass, ib", "ib(factory=lambda: [3, 4, 5])"),
    ],
)
def test_fields_of_a_configuration(imported: str, made: str) -> None:
    text = f"""{imported}
import torch.nn as nn
@dataclass
class Config:
    widths: list = {made}
class Net(nn.Module):
    def __init__(self, config=None):
        super().__init__()
        config = config or Config()
        pairs = zip(config.widths, config.widths[1:])
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3) for a, b in pairs)
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""
    assert pv.read_code(text, (3, 8, 8)).output_shape == (5, 4, 4)


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("F.max_pool2d(x, 2, return_indices=True)", "indices"),
        ("(F.relu(x), self.other(x))", "other"),
        ('{"a": F.relu(x), "loss": compute(x)}', "compute"),
    ],
)
def test_an_output_that_is_not_read_is_listed(returned: str, said: str) -> None:
    text = f"class Net(nn.Module):\n    def forward(self, x):\n        return {returned}\n"
    stack = pv.read_code(text, (3, 8, 8))

    assert stack.ok is None
    assert any(said in str(each) for each in stack.not_read)


CROSSING = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        a, b = self.c(x), x.relu()
        for _ in range(9):
            a, b = a + b, torch.maximum(b, a)
        return torch.cat([a, b, x], 1)
"""


def test_a_join_that_branches_cannot_show_can_be_stated() -> None:
    deep = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = nn.Conv2d(3, 3, 1)\n"
        "    def forward(self, x):\n"
        "        y = x\n"
        "        for _ in range(70):\n"
        "            y = self.a(y) + x\n"
        "        return y\n"
    )
    stated = pv.read_code(deep, (3, 8, 8), assume={"line 8": "keeps its shape"})

    assert pv.read_code(deep, (3, 8, 8)).ok is None
    assert stated.output_shape == (3, 8, 8)  # torch 2.13.0
    assert "line 8" in str(stated)


def test_what_two_joins_need_is_shown_in_both() -> None:
    text = CROSSING.replace("range(9)", "range(2)")
    stack = pv.read_code(text, (3, 8, 8))

    assert stack.output_shape == (9, 8, 8)  # torch 2.13.0
    assert "shown in each branch" in str(stack.not_read)


def test_axis_maps_and_combinations_are_read_as_they_are_shown() -> None:
    text = (
        "class Net(nn.Module):\n    def forward(self, x):\n"
        "        return torch.bmm(x.max(1)[0], x.max(1)[0])\n"
    )
    stack = pv.read_code(text, (3, 8, 8))

    assert stack.layers
    assert read_layers(", ".join(map(repr, stack.layers))) == stack.layers
