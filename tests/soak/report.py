"""A soak in words: what was done, what went wrong, and how much memory the kernel took."""

from __future__ import annotations

import os
import statistics
import sys
from importlib.metadata import version

from tests.browser.conftest import ROOT

from .driver import CELLS, Diary

PACKAGES = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "matplotlib", "numpy")
FLAT = 15.0  # MB by which the last third may lie above the middle one, as medians
ENOUGH_MINUTES = 10.0  # before that, what a kernel keeps on purpose still fills up
_ROWS = 13


def thirds(diary: Diary) -> tuple[float, float, float]:
    """The kernel's memory in MB, the median of each third of the time."""
    count = max(1, len(diary.resident) // 3)
    sizes = [size for _, size in diary.resident] or [0.0]
    parts = sizes[:count], sizes[count : 2 * count] or sizes, sizes[2 * count :] or sizes
    first, middle, last = (statistics.median(part) for part in parts)
    return first, middle, last


def is_flat(diary: Diary) -> bool:
    """Whatever is remembered is remembered by then: what grows after that grows for ever."""
    _, middle, last = thirds(diary)
    return last - middle <= FLAT


def _anywhere(text: str) -> str:
    """Without the folders of this machine."""
    return text.replace(f"{ROOT}/", "").replace(f"{sys.prefix}/", "")


def report(diary: Diary) -> str:
    first, middle, last = thirds(diary)
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(diary.kinds.items()))
    problems = [f"* {_anywhere(problem)}" for problem in diary.problems] or ["none"]
    step = max(1, (len(diary.resident) - 1) // (_ROWS - 1))
    rows = [f"| {seconds / 60:.1f} | {size:.0f} |" for seconds, size in diary.resident[::step]]
    return "\n".join(
        (
            "# A reader without a plan",
            "",
            "Written by `python -m tests.soak`. One notebook with "
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
            f"| kernel memory, MB: medians of the thirds | {first:.0f}, {middle:.0f}, {last:.0f} |",
            f"| flat: the last at most {FLAT:.0f} MB above the middle one "
            f"| {'yes' if is_flat(diary) else 'NO'} |",
            "",
            "## What went wrong",
            "",
            *problems,
            "",
            "## The kernel's memory",
            "",
            "| minute | MB |",
            "|---|---|",
            *rows,
            "",
        )
    )
