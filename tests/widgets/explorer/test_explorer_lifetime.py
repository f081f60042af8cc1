"""PoolExplorer over a long lesson: what a hundred changes leave behind."""

from __future__ import annotations

import functools
import gc
import logging
import random
import tracemalloc
from typing import Any

import comm
import pytest
from ipywidgets.widgets import widget as widget_module
from matplotlib.figure import Figure

import poolviz as pv
from poolviz.widgets.base.history import MOST_UNDONE
from tests.widgets.explorer.explorer_controls import act, ask, bundle_of

Cache = functools._lru_cache_wrapper


# --- over a long lesson --------------------------------------------------------------------------


def random_settings(rng: random.Random, w: pv.PoolExplorer) -> dict[str, Any]:
    """All controls moved at once, mostly to something that can be requested."""
    axes = range(len(w.input_size))
    return {
        "input_size": [rng.randint(0, 14) for _ in axes],
        "kernel_size": [rng.choice((1, 2, 3, 5, 15, "x")) for _ in axes],
        "stride": rng.choice((None, [rng.randint(1, 5) for _ in axes])),
        "padding": rng.choice(("same", "valid", [[rng.randint(0, 2)] * 2 for _ in axes])),
        "dilation": [rng.randint(1, 3) for _ in axes],
        "ceil_mode": rng.random() < 0.5,
        "op": rng.choice(("max", "avg")),
        "framework": rng.choice(sorted(pv.FRAMEWORKS)),
        "seed": rng.randint(0, 3),
    }


def play(w: pv.PoolExplorer, rng: random.Random, times: int) -> None:
    for _ in range(times):
        if rng.random() < 0.1:
            act(w, "axes", rng.choice((1, 2, 3)))
        if w.state["fixes"] and rng.random() < 0.2:
            act(w, "fix", 0)
        ask(w, **random_settings(rng, w))


def memory() -> int:
    """Traced bytes, but what poolviz keeps on purpose: caches of a bounded size."""
    gc.unfreeze()  # conftest.py hides what was made while tests were collected
    gc.collect()
    for thing in gc.get_objects():
        if isinstance(thing, Cache) and thing.__module__.startswith("poolviz"):
            assert thing.cache_parameters()["maxsize"] is not None, thing
            thing.cache_clear()
    return tracemalloc.get_traced_memory()[0]


def alive() -> dict[str, int]:
    """Return the number of figures, widgets and comms."""
    gc.unfreeze()
    gc.collect()
    return {
        "figures": sum(isinstance(thing, Figure) for thing in gc.get_objects()),
        "widgets": len(widget_module._instances),
        "comms": len(comm.get_comm_manager().comms),
    }


@pytest.mark.release
def test_random_changes_leave_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    """100 changes: as many figures and comms as before, no fault, no growing memory."""
    w = pv.PoolExplorer(10, 3)
    rng = random.Random(11)
    play(w, rng, 20)
    before = alive()
    tracemalloc.start()
    try:
        play(w, rng, MOST_UNDONE)  # which are kept
        start = memory()
        play(w, rng, 100)
        end = memory()
    finally:
        tracemalloc.stop()

    assert before == alive()
    assert end - start < 500_000  # one picture is 1.4 MB unpacked
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.long
def test_static_pictures_leave_nothing_behind() -> None:
    w = pv.PoolExplorer(10, 3)
    bundle_of(w)
    before = alive()
    for _ in range(5):
        bundle_of(w)

    assert before == alive()
