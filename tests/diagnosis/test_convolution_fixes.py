"""Fixes of convolutions do in the frameworks what they promise.

`tools.record.layers.convolution_fixes` ran each of them: `tests/data/convolution_fixes.json.gz`.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import pytest

from tests.support.sampling import sampled
from tools.record.layers.convolution_fixes import FILE, FRAMEWORKS, calls, lines, lines_of

TRIED = 60  # failing calls and others of each framework; POOLVIZ_SAMPLE=all tries every one


@cache
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_fixes_give_what_they_promise(framework: str) -> None:
    answers = recorded()[framework]["answers"]
    count = 0
    for call in sampled([*calls(framework)], TRIED):
        for line in lines_of(*call):
            assert answers[line.key] == [*line.promised], line.key
            count += 1

    assert count > 20


def test_enough_fixes_were_run() -> None:
    counts = {name: len(recorded()[name]["answers"]) for name in FRAMEWORKS}

    assert min(counts.values()) >= 250
    assert sum(counts.values()) >= 1500
    assert {line.key for line in lines("jax")} <= recorded()["jax"]["answers"].keys()
