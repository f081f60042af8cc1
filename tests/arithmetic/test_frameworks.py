"""The facts that each rule object states about its framework agree with what was recorded."""

from __future__ import annotations

from typing import Any

import pytest

import poolviz as pv

# Recorded: kernel 15, stride 15, no padding on 10 × 10 (shapes 3023c3cd of every framework).
WHEN_NOTHING_FITS = {
    "pytorch": ("raises", None),
    "tensorflow": ("raises", None),
    "keras": ("raises", None),
    "jax": ("empty", (0, 0)),
    "onnxruntime": ("truncates", (1, 1)),
}
# One call per parameter that only a framework with that word takes.
ASKED: dict[str, dict[str, Any]] = {
    "dilation": {"dilation": 2},
    "ceil_mode": {"ceil_mode": True},
    "count_include_pad": {"op": "avg", "count_include_pad": True},
}


@pytest.mark.parametrize("name", sorted(WHEN_NOTHING_FITS))
def test_when_nothing_fits(name: str) -> None:
    said, returned = WHEN_NOTHING_FITS[name]
    traced = pv.trace(pv.Pool(15, stride=15, framework=name), (10, 10))

    assert said == pv.FRAMEWORKS[name].when_nothing_fits
    assert returned == traced.returned_size


@pytest.mark.parametrize("parameter", sorted(ASKED))
@pytest.mark.parametrize("name", sorted(WHEN_NOTHING_FITS))
def test_what_has_no_word_is_refused(name: str, parameter: str) -> None:
    """A parameter is refused exactly where the framework has no word for it."""
    traced = pv.trace(pv.Pool(3, stride=1, framework=name, **ASKED[parameter]), (9, 9))
    refused = parameter in {refusal.parameter for refusal in traced.refusals}

    assert refused == (parameter not in pv.FRAMEWORKS[name].vocabulary)
