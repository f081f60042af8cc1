"""Small random networks, compared with what PyTorch and Keras gave.

`tests/data/random_models.json.gz` has them (`tools.record.networks.random_models`).
"""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest

import poolviz as pv
from tests.support.agreement import contradiction
from tests.support.paths import DATA

MODELS = json.loads(gzip.decompress((DATA / "random_models.json.gz").read_bytes()))["models"]


def test_there_are_many_of_both_outcomes() -> None:
    counts = Counter((model["framework"], "error" in model) for model in MODELS)

    assert set(counts) == {
        (name, error) for name in ("pytorch", "keras") for error in (True, False)
    }
    assert min(counts.values()) >= 20


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
def test_nothing_is_said_that_is_not_so(framework: str) -> None:
    wrong = {}
    for model in MODELS:
        if model["framework"] == framework:
            stack = pv.read_code(model["text"], tuple(model["shape"]))
            wrong[model["seed"]] = contradiction(stack, model)

    assert {seed: what for seed, what in wrong.items() if what} == {}
    assert len(wrong) >= 150
