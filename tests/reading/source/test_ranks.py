"""Layers on tensors with any number of axes, as PyTorch and Keras ran them.

`tools.record.layers.ranks` recorded them.
"""

from __future__ import annotations

import gzip
import json

import poolviz as pv
from tests.support.agreement import contradiction
from tests.support.paths import DATA

MODELS = json.loads(gzip.decompress((DATA / "ranks.json.gz").read_bytes()))["models"]
# With one channel, torch counts the elements before it divides the channels into groups.
KNOWN = {("nn.GroupNorm(2, 4)", (1,))}


def _call(text: str) -> str:
    if "keras" in text:
        return text.rpartition("layers.ReLU")[0].rpartition("inputs, ")[2]
    start = "nn.ReLU(), " if "nn.ReLU()" in text else "return "
    return text.rpartition(start)[2].partition("\n")[0].removesuffix(")")


def test_the_number_of_axes_is_checked_as_the_framework_does() -> None:
    wrong = {}
    for model in MODELS:
        shape = tuple(model["shape"])
        stack = pv.read_code(model["text"], shape)
        found = contradiction(stack, model)
        failure = stack.first_failure
        if found is None and failure is not None and failure.says and "says" in model:
            found = None if failure.says in model["says"] else failure.says
        if found is not None:
            wrong[_call(model["text"]), shape] = found

    assert set(wrong) == KNOWN, wrong


def test_most_are_read() -> None:
    stacks = [pv.read_code(model["text"], tuple(model["shape"])) for model in MODELS[::7]]

    assert sum(stack.ok is not None for stack in stacks) > 0.8 * len(stacks)
    assert any(stack.ok is False for stack in stacks)
