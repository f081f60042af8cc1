"""Texts of models as code, and what the frameworks made of them."""

from __future__ import annotations

import json
from typing import Any

from tests.support.paths import ROOT
from tests.support.recordings import COMPACT_FOLDER

SAMPLES = ROOT / "tests" / "code_samples"
RECORDED = json.loads((COMPACT_FOLDER / "code_samples.json").read_text())
RUNS: dict[str, dict[str, Any]] = RECORDED["samples"]
OK = sorted(name for name, run in RUNS.items() if run["error"] is None)
FAILING = sorted(set(RUNS) - set(OK))


MODEL = "model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2))"


def text_of(name: str) -> str:
    return (SAMPLES / f"{name}.py").read_text()


def conv_net(*lines: str) -> str:
    """A small PyTorch class with these lines in `forward`."""
    body = "\n".join(f"        {line}" for line in lines)
    return (
        "class Net(nn.Module):\n"
        "    def __init__(self, width=8):\n"
        "        super().__init__()\n"
        "        self.conv = nn.Conv2d(3, width, 3, padding=1)\n"
        "        self.pool = nn.MaxPool2d(2)\n"
        "    def forward(self, x):\n"
        f"{body}\n"
        "        return x\n"
        "net = Net()\n"
        "net(torch.zeros(1, 3, 16, 16))\n"
    )
