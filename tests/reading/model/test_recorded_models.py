"""Live models as they were run in PyTorch and Keras, and their fixes.

`tools.record.networks.models` recorded them.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

import pytest

import poolviz as pv
from poolviz.reading.layer_literals import read_layers
from tests.support.paths import DATA

_CONTENT = json.loads(gzip.decompress((DATA / "models.json.gz").read_bytes()))
MODELS = _CONTENT["models"]
FIXES = [(model, fix) for model in MODELS for fix in model["fixes"]]


def stack_of(model: dict[str, Any], given: dict[str, Any]) -> pv.Stack:
    layers, shape = read_layers(given["layers"]), tuple(given["input_shape"])
    return pv.Stack(layers, shape, model["data_format"], model["framework"])


def _id(model: dict[str, Any]) -> str:
    return f"{model['framework']}-{model['name']}-{'x'.join(map(str, model['input_shape']))}"


def test_there_are_many() -> None:
    failing = [model for model in MODELS if model["error"]]

    assert len(MODELS) > 90
    assert len(failing) > 40
    assert len(FIXES) > 80
    assert {"torch", "keras"} <= set(_CONTENT["versions"])


@pytest.mark.parametrize("model", MODELS, ids=_id)
def test_like_the_framework(model: dict[str, Any]) -> None:
    stack = stack_of(model, model)

    assert stack.ok == (model["error"] is None)
    assert stack.output_shape == (model["output"] and tuple(model["output"]))
    if stack.ok:
        assert stack.parameters == model["parameters"] or model["is_shared"]
    else:
        assert stack.first_failure.error_name == model["error"]


@pytest.mark.parametrize(
    ("model", "fix"), FIXES, ids=[f"{_id(model)}-{fix['change']}" for model, fix in FIXES]
)
def test_fixes_work_in_the_framework(model: dict[str, Any], fix: dict[str, Any]) -> None:
    """The real model, changed as poolviz proposes, gives what poolviz says."""
    assert fix["error"] is None
    assert stack_of(model, fix).output_shape == tuple(fix["output"])


def test_the_fixes_are_those_that_are_proposed() -> None:
    """Most of them: what is proposed may change, what it does may not."""
    found: Counter[bool] = Counter()
    for model in MODELS:
        proposed = {fix.stack for fix in stack_of(model, model).fixes} if model["fixes"] else set()
        for fix in model["fixes"]:
            found[stack_of(model, fix) in proposed] += 1

    assert found[True] > 60
