"""Measure the cost of a parameter change, and of the naive way in the same run.

    python -m tools.benchmarks.run [--rounds 30] [--to FILE]

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
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt

import poolviz as pv
from tests.support import recordings
from tests.support.long_log import long_log
from tools.benchmarks import ways

KERNELS = (2, 3, 4)
MESSAGE = (
    "RuntimeError: Given input size: (512x1x1). Calculated output size: (512x0x0). "
    "Output size is too small"
)
CODE = "\n".join(
    [
        "model = keras.Sequential()",
        "model.add(keras.Input((64, 64, 3)))",
        *["model.add(keras.layers.Conv2D(32, 3, padding='same'))"] * 300,
    ]
)


def naive_change(size: int, kernel: int, numbers: bool) -> int:
    """Draw as course notebooks do on every change, until the picture's bytes are ready."""
    figure = ways.subplots(size, kernel, numbers)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")  # as the inline backend does
    plt.close(figure)
    return buffer.tell()


class Change(NamedTuple):
    """CPU milliseconds in the kernel, and bytes of the picture."""

    size: int
    numbers: bool
    naive_ms: float
    ms: float
    p95_ms: float
    naive_bytes: int
    bytes: int


class Facts(NamedTuple):
    """All measurements without a browser."""

    changes: tuple[Change, ...]
    import_ms: float
    first_ms: float
    stack_ms: float
    decode_ms: float
    log_ms: tuple[float, float]  # of 1 MB and of 4 MB
    code_ms: float
    recorded: int
    recorded_ms: float
    layers_ms: dict[str, float]  # a change of each kind of layer, in turn
    adaptive_ms: float
    memory_mb: float  # of a process with twenty explorers


# As many cells each: the smaller map of a transposed convolution is its input.
LAYERS = {
    "a pooling": (pv.Pool(2, stride=1), 14),
    "a convolution": (pv.Conv(1, 2), 14),
    "a transposed convolution": (pv.ConvTranspose(1, 2), 12),
}


class Explorer:
    """The way of poolviz: the kernel's work for one message of the browser."""

    def __init__(self, size: int, layer: pv.Pool | pv.Conv | pv.ConvTranspose) -> None:
        self.widget = pv.LayerExplorer(layer, size)

    def change(self, kernel: int) -> int:
        settings = copy.deepcopy(self.widget.state["settings"])
        settings["kernel_size"] = [kernel, kernel]
        self.widget.set_state({"asked": {"settings": settings, "n": time.perf_counter()}})
        assert self.widget.state["settings"]["kernel_size"] == [kernel, kernel]
        return len(self.widget.picture)


def interleaved(
    ways: dict[str, Callable[[int], int]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Return the CPU milliseconds of each way, taken in turn, and the bytes of its last picture."""
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
    """Median wall milliseconds of a fresh interpreter that runs `code`."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        found.append((time.perf_counter() - start) * 1e3)
    return statistics.median(found)


TWENTY = """
import resource
import poolviz as pv
explorers = [pv.PoolExplorer(10, 3) for _ in range(20)]
for explorer in explorers:
    for kernel_size in range(1, 20):
        explorer.layer = pv.Pool(kernel_size)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def memory_mb() -> float:
    """Most memory of a process that makes and moves twenty explorers."""
    done = subprocess.run([sys.executable, "-c", TWENTY], check=True, capture_output=True)
    return int(done.stdout) / 1e3


def conformance_seconds() -> tuple[int, float]:
    """Number of recorded calls, and seconds that tracing all of them takes."""
    whole = recordings.WHOLE_FOLDER / "shapes.jsonl.gz"
    folder = recordings.WHOLE_FOLDER if whole.exists() else recordings.COMPACT_FOLDER
    table = recordings.Table(folder.name, folder)
    runs = [run for tag in recordings.SHAPE_TAGS for run in table.shape_runs(tag)]
    calls = [(run.layer, run.input_size) for run in runs]
    start = time.process_time()
    for layer, size in calls:
        pv.trace(layer, size)
    return len(calls), time.process_time() - start


def median_ms(action: Callable[[], object], rounds: int) -> float:
    """Median CPU milliseconds of an action, without the first run."""
    action()
    found = []
    for _ in range(rounds):
        start = time.process_time()
        action()
        found.append((time.process_time() - start) * 1e3)
    return statistics.median(found)


def change(size: int, numbers: bool, rounds: int) -> Change:
    """Measure a change of the kernel, the naive way and in poolviz."""
    explorer = Explorer(size, pv.Pool(2, stride=1))
    times, sizes = interleaved(
        {"naive": lambda kernel: naive_change(size, kernel, numbers), "poolviz": explorer.change},
        rounds,
    )
    return Change(
        size,
        numbers,
        statistics.median(times["naive"]),
        statistics.median(times["poolviz"]),
        statistics.quantiles(times["poolviz"], n=20)[-1],
        sizes["naive"],
        sizes["poolviz"],
    )


def layers_ms(rounds: int) -> dict[str, float]:
    """Median CPU milliseconds of a change of the kernel, by the kind of layer."""
    ways = {name: Explorer(size, layer).change for name, (layer, size) in LAYERS.items()}
    times, _ = interleaved(ways, rounds)
    return {name: statistics.median(found) for name, found in times.items()}


def adaptive_ms(rounds: int) -> float:
    """Median CPU milliseconds of adaptive pooling of 224 × 224 values."""
    x = np.random.default_rng(0).random((224, 224))
    return median_ms(lambda: pv.pool(x, pv.AdaptivePool(100)), rounds)


def log_ms(signs: int) -> float:
    text = long_log(signs)
    return median_ms(lambda: pv.decode(text), 5)


def measure(rounds: int) -> Facts:
    count, seconds = conformance_seconds()
    layers = [pv.Conv(8, 3, padding=1)] * 1000
    return Facts(
        tuple(change(size, numbers, rounds) for size, numbers in ((10, True), (224, False))),
        import_ms=process_ms("import poolviz") - process_ms("pass"),
        first_ms=process_ms("import poolviz as pv; pv.PoolExplorer(10, 15)", rounds=3),
        stack_ms=median_ms(lambda: pv.Stack(layers, (8, 64, 64)).rows, rounds),
        decode_ms=median_ms(lambda: pv.decode(MESSAGE), rounds),
        log_ms=(log_ms(1_000_000), log_ms(4_000_000)),
        code_ms=median_ms(lambda: pv.read_code(CODE).rows, 5),
        recorded=count,
        recorded_ms=seconds * 1e3,
        layers_ms=layers_ms(rounds),
        adaptive_ms=adaptive_ms(rounds),
        memory_mb=memory_mb(),
    )


def readable(ms: float) -> str:
    """Format a number with at least two digits.

    >>> readable(0.0413), readable(6.36), readable(2214)
    ('0.041', '6.4', '2,214')
    """
    return f"{ms:,.0f}" if ms >= 10 else f"{ms:.2g}"


def lines(facts: Facts) -> list[str]:
    """Return the lines of the table."""
    head = [
        "| what | naive, ms | poolviz, ms (p95) | ratio | bytes naive / poolviz |",
        "|---|---|---|---|---|",
    ]
    changes = [
        f"| parameter change {one.size}×{one.size}{', numbers' if one.numbers else ''} (CPU) "
        f"| {one.naive_ms:.0f} | {one.ms:.1f} ({one.p95_ms:.1f}) | 1/{one.naive_ms / one.ms:.0f} "
        f"| {one.naive_bytes:,} / {one.bytes:,} |"
        for one in facts.changes
    ]
    short, long = facts.log_ms
    ours = {
        "`import poolviz` over bare Python (wall)": facts.import_ms,
        "fresh interpreter to first widget (wall)": facts.first_ms,
        "adaptive pooling of 224×224 values to 100×100 (CPU)": facts.adaptive_ms,
        "a stack of 1,000 layers traced (CPU)": facts.stack_ms,
        "one message decoded (CPU)": facts.decode_ms,
        "a log of 1 MB without equal lines searched (CPU)": short,
        f"a log of 4 MB: {long / short:.1f} times that (CPU)": long,
        "300 lines of a model's source read (CPU)": facts.code_ms,
        f"{facts.recorded:,} recorded calls traced (CPU)": facts.recorded_ms,
    }
    pooling, *_ = facts.layers_ms.values()
    kinds = [
        f"| change of {name}'s kernel, as many cells each (CPU) | | {ms:.1f} "
        f"| {ms / pooling:.2f} of a pooling's | |"
        for name, ms in facts.layers_ms.items()
    ]
    return [
        *head,
        *changes,
        *kinds,
        *(f"| {what} | | {readable(ms)} | | |" for what, ms in ours.items()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--to", type=Path)
    options = parser.parse_args()
    text = "\n".join(lines(measure(options.rounds))) + "\n"
    print(text, end="")
    if options.to:
        options.to.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
