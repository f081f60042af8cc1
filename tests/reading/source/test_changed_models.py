"""Models that are changed after they are made, as PyTorch ran them.

`tools.record.networks.changed_models` recorded them.
"""

from __future__ import annotations

import gzip
import json

import poolviz as pv
from tests.support.agreement import contradiction
from tests.support.paths import DATA

MODELS = json.loads(gzip.decompress((DATA / "changed_models.json.gz").read_bytes()))["models"]


def test_changes_are_followed_or_said() -> None:
    wrong, stacks = {}, []
    for model in MODELS:
        stack = pv.read_code(model["text"], tuple(model["shape"]))
        stacks.append(stack)
        if found := contradiction(stack, model):
            wrong[model["text"]] = found

    assert wrong == {}
    assert sum(stack.ok is not None for stack in stacks) > 0.95 * len(MODELS) > 110


def test_what_is_not_followed_is_listed() -> None:
    stacks = [pv.read_code(model["text"], tuple(model["shape"])) for model in MODELS[40:60]]

    assert all(stack.not_read for stack in stacks if stack.ok is None)
