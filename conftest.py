"""For tests, notebooks and doctests: what they are marked as, and in which order they run."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import date

import pytest

pytest_plugins = ["tools.strict_nbval"]  # makes nbval strict

# The notebook of the app shows nothing without Voila: see tests/browser/hosts/test_app.py.
collect_ignore = ["poolviz/cli/app"]
# They need a framework: tools/framework_cells.py runs the labs where there is one.
collect_ignore_glob = ["notebooks/labs/*.ipynb"]

# For tests/support/sampling.py; the workers inherit it.
SEED = os.environ.setdefault("POOLVIZ_SEED", date.today().strftime("%Y%m%d"))

# What takes longest comes first, so that no worker is left alone with it at the end.
_FIRST = ("tests/browser/", "tests/widgets/", "tests/tools/", "tests/package/", "notebooks/")
_ON_DEMAND = ("release", "slow")  # left out unless -m names them
_TAKES_LONG = {"browser", "notebook", "long", *_ON_DEMAND}


def pytest_report_header() -> str:
    """Print the seed, so that a failure can be repeated."""
    return f"random samples: POOLVIZ_SEED={SEED}"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give hypothesis the seed of the day, unless another one is given."""
    if getattr(config.option, "hypothesis_seed", None) is None:
        config.option.hypothesis_seed = SEED


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keeps the garbage collector off the thousands of tests, which live to the end anyway.

    Looking through them takes longer than most tests, each time that matplotlib or IPython asks.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One process more than there are cores: browser tests wait for much of their time."""
    is_asked_for = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    waits = config.option.markexpr != "quick"
    return None if is_asked_for else (os.cpu_count() or 1) + waits


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks the cells of notebooks, and as quick what is none of the long kinds."""
    items.sort(key=_place)
    for item in items:
        if item.nodeid.startswith("notebooks/"):
            item.add_marker("notebook")
        if _TAKES_LONG.isdisjoint(mark.name for mark in item.iter_markers()):
            item.add_marker("quick")
    unnamed = [mark for mark in _ON_DEMAND if mark not in config.option.markexpr]
    left_out = [item for item in items if any(map(item.get_closest_marker, unnamed))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        out = set(left_out)
        items[:] = [item for item in items if item not in out]


def _place(item: pytest.Item) -> int:
    starts = (i for i, start in enumerate(_FIRST) if item.nodeid.startswith(start))
    return next(starts, len(_FIRST))
