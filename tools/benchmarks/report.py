"""The measurements as tables, compared with the budgets."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import NamedTuple

from tools.benchmarks import run
from tools.benchmarks.measuring import IPYMPL, NAIVE, POOLVIZ, Change, Felt, Move, Way, p50, p95

_PACKAGES = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "ipympl", "matplotlib", "numpy")

HEAD = """# What a change costs

Written by `python -m tools.benchmarks.live`. Three ways to make a picture of a pooling layer follow
a slider, each in a notebook and a kernel of its own in one headless JupyterLab, taken in turn:

* **naive**: `ipywidgets.interact` and `plt.subplots` each time, as course notebooks do it;
* **ipympl**: one interactive figure whose axes are drawn anew;
* **poolviz**: a `PoolExplorer`.

Ratios hold on any machine; milliseconds hold on this one.
"""
NOTES = """
*Key → pixels*: from the key in the page to the animation frame in which the picture is another one
and stays so. *Kernel CPU*: of the kernel's whole process, all threads, from the key until it rests.
*Bytes*: of all messages between page and kernel. *160 ms link*: every byte takes 80 ms each way;
the bandwidth is not limited. *Forty steps*: as fast as a hand drags; the lag is from the last key
to the last picture. *Hover, step*: from the event in the page until the other window is drawn, and
until the frame that has it.
"""


class Budget(NamedTuple):
    """A limit and the measured value."""

    what: str
    most: str
    found: str
    is_met: bool
    why: str = ""  # where it is not

    @property
    def line(self) -> str:
        met = "yes" if self.is_met else " ".join(filter(None, ("**no**", self.why)))
        return f"| {self.what} | {self.most} | {self.found} | {met} |"


def whole(felt: Mapping[str, Felt], facts: run.Facts, load: float) -> str:
    """Return the report."""
    parts = [
        HEAD,
        f"{_machine(load)}\n",
        "## A change of the kernel size, 10 × 10 with numbers\n",
        *_changes(felt, [NAIVE[0], IPYMPL, POOLVIZ[0]]),
        "\n## The same, 224 × 224\n",
        *_changes(felt, [NAIVE[1], POOLVIZ[1]]),
        "\n## Steps at a person's pace, eight a second, 10 × 10\n",
        *_paces(felt),
        "\n## Forty fast steps of the slider, 10 × 10\n",
        *_drags(felt),
        "\n## What moves in the browser alone: hover and step\n",
        *_overlays(felt),
        NOTES,
        "## Without a browser\n",
        *run.lines(facts),
        "\n## Budgets\n",
        "| what | budget | measured | met |",
        "|---|---|---|---|",
        *(budget.line for budget in _budgets(felt, facts)),
    ]
    return "\n".join(parts) + "\n"


def _machine(load: float) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores, load {load:.1f} at the start, Python "
        f"{platform.python_version()}, headless Chromium; {packages}."
    )


def _changes(felt: Mapping[str, Felt], ways: Sequence[Way]) -> Iterator[str]:
    yield (
        "| link | way | key → pixels, ms: p50 (p95) | to naive | kernel CPU, ms: p50 | to naive "
        "| bytes in / out |"
    )
    yield "|---|---|---|---|---|---|---|"
    for link, found in felt.items():
        naive = found.changes[ways[0]]
        for way in ways:
            changes = found.changes[way]
            ms = [change.ms for change in changes]
            yield (
                f"| {link} | {way.name} | {p50(ms):.0f} ({p95(ms):.0f}) | {_ratio(naive, changes)} "
                f"| {_cpu(changes):.0f} | 1/{_cpu(naive) / _cpu(changes):.1f} "
                f"| {_received(changes):,.0f} / {p50([one.sent for one in changes]):,.0f} |"
            )


def _ratio(naive: Sequence[Change], changes: Sequence[Change]) -> str:
    return f"1/{_ms(naive) / _ms(changes):.1f}"


def _ms(changes: Sequence[Change]) -> float:
    return p50([change.ms for change in changes])


def _cpu(changes: Sequence[Change]) -> float:
    return p50([change.cpu for change in changes])


def _received(changes: Sequence[Change]) -> float:
    return p50([change.received for change in changes])


def _drags(felt: Mapping[str, Felt]) -> Iterator[str]:
    yield "| link | way | lag, ms: p50 (worst) | pictures: p50 |"
    yield "|---|---|---|---|"
    for link, found in felt.items():
        for way, drags in found.drags.items():
            lags = [drag.lag for drag in drags]
            pictures = p50([drag.pictures for drag in drags])
            yield f"| {link} | {way.name} | {p50(lags):.0f} ({max(lags):.0f}) | {pictures:.0f} |"


def _paces(felt: Mapping[str, Felt]) -> Iterator[str]:
    yield "| link | way | key → pixels, ms: p50 (p95) | bytes in, each | kernel, of a core |"
    yield "|---|---|---|---|---|"
    for link, found in felt.items():
        for way, pace in found.paces.items():
            yield (
                f"| {link} | {way.name} | {p50(pace.ms):.0f} ({p95(pace.ms):.0f}) "
                f"| {pace.received:,.0f} | {pace.cpu:.0%} |"
            )


def _overlays(felt: Mapping[str, Felt]) -> Iterator[str]:
    yield "| link | input | event | drawn, ms: p50 | in the frame, ms: p50 (p95) | bytes |"
    yield "|---|---|---|---|---|---|"
    for link, found in felt.items():
        for way in POOLVIZ:
            for name, moves in (("hover", found.hovers[way]), ("step", found.steps[way])):
                ms = [move.ms for move in moves]
                yield (
                    f"| {link} | {way.size} × {way.size} | {name} "
                    f"| {p50([move.work for move in moves]):.1f} | {p50(ms):.1f} ({p95(ms):.1f}) "
                    "| 0 |"
                )


def _budgets(felt: Mapping[str, Felt], facts: run.Facts) -> Iterator[Budget]:
    yield from _change_budgets(felt, facts)
    for link, found in felt.items():
        yield _move_budget(f"hover: event → pixels, {link}", found.hovers)
        yield _move_budget(f"step: event → pixels, {link}", found.steps)
    for link, found in felt.items():
        pace, drags = found.paces[POOLVIZ[0]], found.drags[POOLVIZ[0]]
        middle, most = p50(pace.ms), p95(pace.ms)
        text = f"{middle:.0f} ms, p95 {most:.0f}"
        is_met = middle <= 16 and most <= 34
        yield Budget(f"steps at a person's pace, {link}", "16 ms, p95 34", text, is_met)
        kilobytes = pace.received / 1e3
        what = f"the same: bytes for each step, {link}"
        yield Budget(what, "8 kB", f"{kilobytes:.1f} kB", kilobytes <= 8)
        yield Budget(f"the same: kernel, {link}", "30 %", f"{pace.cpu:.0%}", pace.cpu <= 0.3)
        pictures, lag = (
            p50([getattr(drag, name) for drag in drags]) for name in ("pictures", "lag")
        )
        text = f"{pictures:.0f}, {lag:.0f} ms"
        is_met = pictures >= 30 and lag <= 34
        yield Budget(
            f"forty fast steps: pictures, and the last one, {link}", "30, 34 ms", text, is_met
        )
    for what, most, ms in (
        ("`import poolviz` over bare Python", 50, facts.import_ms),
        ("import → first widget", 1500, facts.first_ms),
        ("a stack of 1,000 layers", 10, facts.stack_ms),
        ("one message decoded", 5, facts.decode_ms),
        ("30,000 recorded calls", 5000, facts.recorded_ms * 30_000 / facts.recorded),
    ):
        yield Budget(what, f"{most:,} ms", f"{run.readable(ms)} ms", ms <= most)
    memory = facts.memory_mb
    yield Budget("memory of twenty explorers", "250 MB", f"{memory:.0f} MB", memory <= 250)


def _change_budgets(felt: Mapping[str, Felt], facts: run.Facts) -> Iterator[Budget]:
    near = felt["loopback"].changes
    limits = ((12, 18, 55), (5, 25, 125))
    for change, naive, ours, limit in zip(facts.changes, NAIVE, POOLVIZ, limits, strict=True):
        share, most, kilobytes = limit
        what = f"parameter change {change.size} × {change.size}"
        ratio = change.naive_ms / change.ms
        yield Budget(
            f"{what}: kernel CPU, in the handler",
            f"1/{share} of naive, {most} ms",
            f"1/{ratio:.0f}, {change.ms:.1f} ms",
            ratio >= share and change.ms <= most,
        )
        received = _received(near[ours]) / 1e3
        why = f"the picture has {change.bytes / 1e3:.0f} kB, the words and numbers the rest"
        is_met = received <= kilobytes
        yield Budget(f"{what}: bytes", f"{kilobytes} kB", f"{received:.0f} kB", is_met, why)
        ratio = _ms(near[naive]) / _ms(near[ours])
        why = (
            f"the kernel works for {_cpu(near[ours]):.0f} of {_ms(near[ours]):.0f} ms; the rest is "
            "the way of two messages through page, server and kernel, however little they carry"
        )
        yield Budget(f"{what}: key → pixels", "1/5 of naive", f"1/{ratio:.1f}", ratio >= 5, why)


def _move_budget(what: str, found: Mapping[Way, Sequence[Move]]) -> Budget:
    moves = [move for way in POOLVIZ for move in found[way]]
    ms = [move.ms for move in moves]
    work = p50([move.work for move in moves])
    text = f"{p50(ms):.1f} ms, p95 {p95(ms):.1f}"
    why = f"drawn after {work:.1f} ms; the rest is waiting for the next frame of 60 a second"
    return Budget(what, "4 ms, p95 16", text, p50(ms) <= 4 and p95(ms) <= 16, why)
