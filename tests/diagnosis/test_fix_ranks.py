"""Fixes of random broken calls: each works, the best effect comes first, and its label is true."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.effects import Effect
from tests.support.sampling import SEED

TRIED = 100


def _broken_calls() -> Iterator[tuple[pv.Pool, tuple[int, ...]]]:
    """Random calls; of those that return windows, nothing is asked."""
    draw = Random(SEED)
    for _ in range(TRIED):
        ndim = draw.choice((1, 2, 2, 3))

        def sizes(least: int, most: int, ndim: int = ndim) -> tuple[int, ...]:
            return tuple(draw.randint(least, most) for _ in range(ndim))

        layer = pv.Pool(
            sizes(2, 9),
            stride=draw.choice((None, sizes(1, 5))),
            padding=draw.choice((0, 0, sizes(0, 4), "same", "valid")),
            dilation=draw.choice((1, 1, sizes(1, 3))),
            op=draw.choice(("max", "avg")),
            framework=draw.choice(tuple(pv.FRAMEWORKS)),
        )
        yield layer, sizes(1, 8)


def _reads_one_element(traced: Trace) -> bool:
    """In plain loops: each window of each axis reads at most one element of the input."""
    return all(
        sum(0 <= start + t * axis.dilation < axis.input_size for t in range(axis.kernel_size)) <= 1
        for axis in traced.axes
        for start in axis.window_starts
    )


def test_fixes_are_ranked_and_labelled_by_what_they_do() -> None:
    seen = 0
    for layer, size in _broken_calls():
        found = pv.diagnose(layer, size)
        effects = [fix.effect for fix in found.fixes]
        # Removing the layer is no change of it, and comes after the sound ones.
        ranks = [max(fix.effect.rank, fix.layer is None) for fix in found.fixes]
        assert ranks == sorted(ranks), (layer, size)
        if found.ok:
            continue
        seen += bool(effects)
        for fix in found.fixes:
            if not isinstance(fix.layer, pv.Pool):
                continue
            traced = pv.trace(fix.layer, fix.input_size or size)
            assert traced.outcome == "ok", (layer, size, fix.text)
            if fix.effect is Effect.NOTHING:
                assert _reads_one_element(traced), (layer, size, fix.text)
            elif layer.padding != "same" and min(traced.input_size) > 1 and fix.layer != layer:
                # The numbers of a "same" that is rejected leave the windows as they were.
                assert not _reads_one_element(traced), (layer, size, fix.text)

    assert seen > TRIED // 5


@pytest.mark.parametrize(
    "layer", [pv.Pool(2, padding=(7, 0)), pv.Conv(4, 2, padding=(7, 0))], ids=str
)
def test_an_axis_longer_than_an_index(layer: Any) -> None:
    """Python's `len` ends at 2⁶³ − 1; sizes do not."""
    assert pv.diagnose(layer, (10**40, 10)).headline
