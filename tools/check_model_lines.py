"""Run the models of `tests.support.model_lines` in PyTorch, and read them as source and live.

    FOLDER/bin/pip install torch==2.13.0 numpy einops==0.8.2 && FOLDER/bin/pip install -e .
    FOLDER/bin/python -m tools.check_model_lines

prints the outputs that differ from the recorded ones, what `read_code` and `read_model` say
instead of them, and what is read in part. On 29 November 2026, Python 3.11.7, nothing differed,
and all were read whole in both ways except a `TransformerDecoderLayer` and a view that splits the
batch, which `read_model` ends before.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import torch

import poolviz as pv
from tests.support.model_lines import LINES, PARAMETERS, Line


def outputs(line: Line) -> tuple[Any, tuple[tuple[int, ...], ...]]:
    """Return the model, and the shapes of its outputs without the batch."""
    names: dict[str, Any] = {}
    exec(compile(line.text, "model", "exec"), names)
    model = names["Net"]().eval()
    data = torch.zeros(2, *line.shape)
    with torch.no_grad():
        found = model(data.long() if "Embedding" in line.parts else data)
    several = found if isinstance(found, tuple) else (found,)
    return model, tuple(tuple(each.shape[1:]) for each in several)


def differences(line: Line) -> Iterator[str]:
    """Yield what is not as it was recorded."""
    model, found = outputs(line)
    if found != line.outputs:
        yield f"PyTorch gives {found}"
    for name, stack in (
        ("read_code", pv.read_code(line.text, line.shape, "Net")),
        ("read_model", pv.read_model(model, line.shape)),
    ):
        if stack.ok is None:
            yield f"{name} ends early: {stack.not_read[0]}"
        elif stack.output_shapes != line.outputs:
            yield f"{name} gives {stack.output_shapes}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for line in LINES:
        for difference in differences(line):
            print(f"{line.parts} | {line.forward}: {difference}", flush=True)
    for layer, recorded in PARAMETERS.items():
        found = sum(each.numel() for each in eval(layer, {"nn": torch.nn}).parameters())
        if found != recorded:
            print(f"{layer}: {found} parameters, not {recorded}", flush=True)
