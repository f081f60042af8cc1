"""The report of a soak: actions, problems, and the memory of the kernel."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterator
from importlib.metadata import version

from tests.support.paths import ROOT

from .driver import CELLS, Diary

PACKAGES = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "matplotlib", "numpy")
FLAT = 15.0  # MB by which the last third may lie above the middle one, as medians
ENOUGH_MINUTES = 10.0  # until then the caches of the kernel fill up
_ROWS = 13


def thirds(weighed: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Memory in MB, the median of each third of the time."""
    count = max(1, len(weighed) // 3)
    sizes = [size for _, size in weighed] or [0.0]
    parts = sizes[:count], sizes[count : 2 * count] or sizes, sizes[2 * count :] or sizes
    first, middle, last = (statistics.median(part) for part in parts)
    return first, middle, last


def is_flat(weighed: list[tuple[float, float]]) -> bool:
    """Return whether memory is flat: all caches are full by then, so further growth is a leak."""
    _, middle, last = thirds(weighed)
    return last - middle <= FLAT


def _anywhere(text: str) -> str:
    """Return a text without the folders of this machine."""
    return text.replace(f"{ROOT}/", "").replace(f"{sys.prefix}/", "")


def report(diary: Diary) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(diary.kinds.items()))
    missed = ", ".join(f"{name} {n}" for name, n in diary.missed.most_common(_ROWS)) or "none"
    problems = [f"* {_anywhere(problem)}" for problem in diary.problems] or ["none"]
    return "\n".join(
        (
            "# A reader without a plan",
            "",
            "Written by `python -m tools.soak`. One notebook with "
            f"{len(CELLS)} widgets in JupyterLab and headless Chromium; random bounded actions on "
            "every control: sliders by keys and drag, fields with sizes and junk, fixes, examples, "
            "frameworks, hover, walk, keys, pastes, layers as text, answers, the window's size, "
            "the theme. Between them everything that the page shows is compared with what another "
            "process computes from the settings; console and log must be empty.",
            "",
            f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {versions}.",
            "",
            "| | |",
            "|---|---|",
            f"| seed | {diary.seed} |",
            f"| minutes | {diary.seconds / 60:.1f} |",
            f"| actions | {diary.actions:,} |",
            f"| pages compared | {diary.checks:,} |",
            f"| kinds of action | {kinds} |",
            f"| controls that went away, or lay under something | {missed} |",
            *_memory("the kernel's process", diary.resident),
            *_memory("what JavaScript holds on the page", diary.heap),
            "",
            "## What went wrong",
            "",
            *problems,
            "",
            "## Memory",
            "",
            "| minute | kernel, MB | page, MB |",
            "|---|---|---|",
            *_rows(diary),
            "",
        )
    )


def _memory(whose: str, weighed: list[tuple[float, float]]) -> tuple[str, str]:
    first, middle, last = thirds(weighed)
    return (
        f"| {whose}, MB: medians of the thirds | {first:.0f}, {middle:.0f}, {last:.0f} |",
        f"| flat: the last at most {FLAT:.0f} MB above the middle one "
        f"| {'yes' if is_flat(weighed) else 'NO'} |",
    )


def _rows(diary: Diary) -> Iterator[str]:
    """Yield the memory of the page, measured less often, and of the kernel at about that time."""
    for seconds, page in diary.heap[:: max(1, len(diary.heap) // _ROWS)]:
        _, kernel = min(diary.resident, key=lambda one: abs(one[0] - seconds))
        yield f"| {seconds / 60:.1f} | {kernel:.0f} | {page:.0f} |"
