"""Fixes that were written into broken models, as PyTorch and Keras ran these.

`tests/data/applied_fixes.json.gz` has them (`tools.record.networks.applied_fixes`).
"""

from __future__ import annotations

import gzip
import json

import pytest

import poolviz as pv
from tests.support.paths import DATA

MODELS = json.loads(gzip.decompress((DATA / "applied_fixes.json.gz").read_bytes()))["models"]


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
def test_a_model_with_the_fix_gives_what_the_fix_says(framework: str) -> None:
    wrong, count = {}, 0
    for model in MODELS[::2]:
        if model["framework"] != framework:
            continue
        stack = pv.read_code(model["text"], tuple(model["shape"]))
        assert stack.ok is False
        for fix in stack.fixes:
            ran = model["fixes"].get(fix.code)
            if ran is None or fix.stack.source is None or not fix.stack.source.is_whole:
                continue
            count += 1
            outputs = [tuple(shape) for shape in ran.get("outputs", ())]
            if list(fix.stack.output_shapes) != outputs:
                wrong[model["text"], fix.code] = ran

    assert wrong == {}
    assert count > 10
