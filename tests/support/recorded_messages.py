"""Recorded error messages of frameworks (`tools.record.messages` made them)."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.support.paths import DATA

FILES = (
    *("torch", "keras2", "keras3", "tensorflow215", "tensorflow221", "jax", "onnx", "mxnet"),
    *("tfjs", "tflite"),
)


@dataclass(frozen=True)
class Recorded:
    """One call that raised: its parameters, and the message."""

    framework: str
    version: str
    scenario: str
    parameters: dict[str, Any]
    type: str
    message: str

    @property
    def text(self) -> str:
        """The last line of a traceback."""
        return f"{self.type}: {self.message}"


@cache
def recorded_messages(name: str) -> tuple[Recorded, ...]:
    """Rows of `tests/data/NAME_messages.jsonl.gz`."""
    with gzip.open(DATA / f"{name}_messages.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(Recorded(*json.loads(line)) for line in lines)


@cache
def recorded_texts(name: str) -> tuple[tuple[str, dict[str, Any], str], ...]:
    """Scenario, parameters and message of each recorded call, PyTorch's ("torch") too."""
    if name == "torch":
        table = json.loads(gzip.decompress((DATA / "torch_messages.json.gz").read_bytes()))
        return tuple((row["kind"], row["parameters"], row["text"]) for row in table["rows"])
    return tuple((row.scenario, row.parameters, row.message) for row in recorded_messages(name))
