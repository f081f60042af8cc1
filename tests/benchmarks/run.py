"""Measures what a parameter change costs, beside the naive way and in the same run.

    python -m tests.benchmarks.run [--rounds 30] [--to FILE]

Ratios hold on any machine; milliseconds hold on this one. Nothing here is a test: a busy machine
must not turn a build red.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from itertools import cycle
from pathlib import Path

import numpy as np

import poolviz as pv
from tests import recordings

KERNELS = (2, 3, 4)


def naive_change(size: int, kernel: int, numbers: bool) -> int:
    """What course notebooks do on every change: new subplots, a text per cell, savefig."""
    import matplotlib.patches as patches
    import matplotlib.pyplot as plt

    x = np.random.default_rng(0).integers(-9, 10, size=(size, size))
    out = np.asarray(pv.pool(x, pv.Pool(kernel, stride=1)))
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.2))
    for axis, values in zip(axes, (x, out), strict=True):
        axis.imshow(values, cmap="Blues")
        if numbers:
            for (row, column), value in np.ndenumerate(values):
                axis.text(column, row, str(value), ha="center", va="center")
    axes[0].add_patch(patches.Rectangle((-0.5, -0.5), kernel, kernel, fill=False, lw=3))
    axes[0].set_title(f"kernel {kernel}")
    figure.tight_layout()
    buffer = BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")  # as the inline backend does
    plt.close(figure)
    return buffer.tell()


class Explorer:
    """Our way: what the browser's message makes the kernel do."""

    def __init__(self, size: int) -> None:
        self.widget = pv.PoolExplorer(size, 2, stride=1)

    def change(self, kernel: int) -> int:
        settings = copy.deepcopy(self.widget.state["settings"])
        settings["kernel_size"] = [kernel, kernel]
        self.widget.set_state({"asked": {"settings": settings, "n": time.perf_counter()}})
        assert self.widget.state["settings"]["kernel_size"] == [kernel, kernel]
        return len(self.widget.picture)


def interleaved(
    ways: dict[str, Callable[[int], int]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """CPU milliseconds of each way, taken in turn, and the bytes of its last picture."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    sizes: dict[str, int] = {}
    kernels = cycle(KERNELS)
    for way in ways.values():
        for kernel in KERNELS:
            way(kernel)  # warm-up
    for _ in range(rounds):
        kernel = next(kernels)
        for name, way in ways.items():
            start = time.thread_time()
            sizes[name] = way(kernel)
            times[name].append((time.thread_time() - start) * 1e3)
    return times, sizes


def process_ms(code: str, rounds: int = 7) -> float:
    """Wall milliseconds of a fresh interpreter that runs `code`, the median."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        found.append((time.perf_counter() - start) * 1e3)
    return statistics.median(found)


def conformance_seconds() -> tuple[int, float]:
    """How many recorded calls there are, and how long tracing all of them takes."""
    whole = recordings.WHOLE_FOLDER / "shapes.jsonl.gz"
    folder = recordings.WHOLE_FOLDER if whole.exists() else recordings.COMPACT_FOLDER
    table = recordings.Table(folder.name, folder)
    runs = [run for tag in recordings.SHAPE_TAGS for run in table.shape_runs(tag)]
    calls = [(run.layer, run.input_size) for run in runs]
    start = time.process_time()
    for layer, size in calls:
        pv.trace(layer, size)
    return len(calls), time.process_time() - start


def measure(rounds: int) -> list[str]:
    """The table, line by line."""
    lines = [
        "| what | naive, ms | poolviz, ms (p95) | ratio | bytes naive / poolviz |",
        "|---|---|---|---|---|",
    ]
    for size, numbers in ((10, True), (224, False)):
        explorer = Explorer(size)
        times, sizes = interleaved(
            {
                "naive": lambda k, size=size, numbers=numbers: naive_change(size, k, numbers),
                "poolviz": explorer.change,
            },
            rounds,
        )
        naive, ours = statistics.median(times["naive"]), statistics.median(times["poolviz"])
        p95 = statistics.quantiles(times["poolviz"], n=20)[-1]
        lines.append(
            f"| parameter change {size}×{size}{', numbers' if numbers else ''} (CPU) | {naive:.0f} "
            f"| {ours:.1f} ({p95:.1f}) | 1/{naive / ours:.0f} "
            f"| {sizes['naive']:,} / {sizes['poolviz']:,} |"
        )
    bare, imported = process_ms("pass"), process_ms("import poolviz")
    lines.append(f"| `import poolviz` over bare Python | | {imported - bare:.0f} | | |")
    first = process_ms("import poolviz as pv; pv.PoolExplorer(10, 15)", rounds=3)
    lines.append(f"| fresh interpreter to first widget (wall) | | {first:.0f} | | |")
    count, seconds = conformance_seconds()
    lines.append(f"| {count:,} recorded calls traced | | {seconds * 1e3:.0f} | | |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--to", type=Path)
    options = parser.parse_args()
    text = "\n".join(measure(options.rounds)) + "\n"
    print(text, end="")
    if options.to:
        options.to.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
