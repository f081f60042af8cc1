"""Run the models of `tests/data/written_models.toml` in their frameworks.

    FOLDER/bin/pip install torch==2.13.0 numpy keras==3.15.1 && FOLDER/bin/pip install -e .
    FOLDER/bin/python -m tools.record.networks.written_models

writes `tests/data/written_models.json.gz`: `versions`, and by the name of a model its `outputs`
(shapes without the batch, in the order of the model) or its `error`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch

from tests.support.paths import DATA
from tools.record.networks.architectures import versions, zipped

SOURCES = DATA / "written_models.toml"
OUTPUT = DATA / "written_models.json.gz"
BATCH = 2
NAMES = ("auto", "model", "net", "digits")  # of the model, where it is not the class Net


def shapes(value: Any) -> list[tuple[int, ...]]:
    if hasattr(value, "shape"):
        return [tuple(value.shape[1:])]
    if isinstance(value, Mapping):
        value = list(value.values())
    if hasattr(value, "__dataclass_fields__"):
        value = list(vars(value).values())
    return [shape for entry in value for shape in shapes(entry)]


def run(entry: dict[str, Any]) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__", "BaseModel": torch.nn.Module}
    try:
        exec(compile(entry["text"], entry["name"], "exec"), names)
        found = next((names[name] for name in NAMES if name in names), None)
        if found is None:
            made = names.get(entry.get("model", ""), names.get("Net", names.get("M")))
            found = names["t"].m if "t" in names else made()
        if isinstance(found, keras.Model) and found.built and getattr(found, "inputs", None):
            return {"outputs": shapes(found.outputs)}
        given = [torch.zeros(BATCH, *shape) for shape in entry["shapes"]]
        if not isinstance(found, keras.Model):
            found.eval()
        with torch.no_grad():
            return {"outputs": shapes(found(*given))}
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        return {"error": type(error).__name__, "says": str(error)[:200]}


def main() -> None:
    entries = tomllib.loads(SOURCES.read_text(encoding="utf-8"))["model"]
    found = {entry["name"]: run(entry) for entry in entries}
    OUTPUT.write_bytes(zipped({"versions": versions(), "models": found}))


if __name__ == "__main__":
    main()
