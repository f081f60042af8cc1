"""Run the texts of `tests/data/changed_models.json.gz` with PyTorch, and record the results again.

    FOLDER/bin/pip install torch==2.13.0 numpy
    FOLDER/bin/python -m tools.record.networks.changed_models

Each text makes a `model` and changes it, its settings or what they are computed from. The results
are the `outputs` on two samples, as shapes without the batch, or the `error` and what it `says`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

DATA = Path(__file__).parents[3] / "tests" / "data" / "changed_models.json.gz"


def shapes(value: Any) -> list[list[int]]:
    if torch.is_tensor(value):
        return [list(value.shape[1:])]
    entries = value.values() if isinstance(value, Mapping) else value
    return [shape for entry in entries for shape in shapes(entry)]


def run(text: str, shape: list[int]) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "model"}
    try:
        exec(text, names)
        return {"outputs": shapes(names["model"].eval()(torch.zeros(2, *shape)))}
    except Exception as error:  # whatever PyTorch raises is the answer
        return {"error": type(error).__name__, "says": str(error)[:200]}


def main() -> None:
    models = json.loads(gzip.decompress(DATA.read_bytes()))["models"]
    found = [
        {"text": each["text"], "shape": each["shape"], **run(each["text"], each["shape"])}
        for each in models
    ]
    data = json.dumps({"version": torch.__version__, "models": found})
    DATA.write_bytes(gzip.compress(data.encode(), mtime=0))
    print(f"{len(found)} models, {sum('error' in each for each in found)} raise")


if __name__ == "__main__":
    main()
