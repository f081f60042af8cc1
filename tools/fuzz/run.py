"""Fuzz poolviz with atheris, target after target, and write a report.

    python -m tools.fuzz.run TARGET|all --runs N --seed S [--jobs J] [--to FILE]

N is divided among all targets by their weight. Needs the extra "fuzz". Ends with 1 if anything
but TypeError and ValueError was raised.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .targets import MOST_BYTES, TARGETS, Target
from .watch import milliseconds

CORPUS = Path(__file__).parent / "corpus"
MOST_MS = 50.0  # that an input of 10 KB may take
_COVERAGE = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")


@dataclass(frozen=True)
class Outcome:
    """The result of one target."""

    target: Target
    runs: int
    seconds: float
    peak_mb: float
    edges: int
    kept: int  # inputs that reached something new
    slowest_ms: float
    slowest_bytes: int
    faults: tuple[dict[str, Any], ...]


def fuzzed(target: Target, runs: int, seed: int, minutes: float) -> Outcome:
    """Run one target in a separate process with a time limit; RuntimeError if it crashed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tools.fuzz.guided", target.name, str(runs), str(seed)]
        start = time.monotonic()
        log = Path(folder) / "log"
        with log.open("wb") as said:
            process = subprocess.Popen([*command, folder], stdout=said, stderr=said)
            try:
                process.wait(60 * minutes)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        text = log.read_text(errors="replace")
        seconds = time.monotonic() - start
        told = Path(folder) / "watch.json"
        if not told.exists():
            raise RuntimeError(f"{target.name} broke down:\n{text[-4000:]}")
        facts = json.loads(told.read_text())
    edges, _, kept = map(int, (_COVERAGE.findall(text) or [(0, 0, 0)])[-1])
    slow = [base64.b64decode(data) for data in facts["slow"]]
    slowest = max((milliseconds(target, data), len(data)) for data in slow)
    return Outcome(
        target, facts["runs"], seconds, facts["peak_mb"], edges, kept, *slowest, (*facts["faults"],)
    )


def report(outcomes: list[Outcome], seed: int) -> str:
    total = sum(outcome.runs for outcome in outcomes)
    lines = [
        "# What came out of random inputs",
        "",
        "Written by `python -m tools.fuzz.run`. libFuzzer, by atheris, changes inputs so that they "
        f"reach new code; each has at most {MOST_BYTES:,} bytes. Nothing may come out but "
        "TypeError and ValueError, and nothing once a layer, a stack or a message was built.",
        "",
        f"{total:,} inputs, seed {seed}; Python {sys.version.split()[0]}, "
        f"atheris {version('atheris')}, numpy {version('numpy')}.",
        "",
        "| target | inputs | seconds | edges reached | inputs kept | slowest input, ms (bytes) "
        "| peak memory, MB | faults |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(outcome) for outcome in outcomes),
        "",
        f"The slowest inputs were tried again without instruments; the budget is {MOST_MS:.0f} ms. "
        "Memory is that of the whole process: interpreter, numpy, matplotlib, fuzzer.",
        "",
        "## Faults of this run",
        "",
        *(list(_faults(outcomes)) or ["none"]),
        "",
        "## Faults that were found and what became of them",
        "",
        "Each has an input in `corpus` that every run of the tests tries again.",
        "",
        "| target | input | what came out | what became of it |",
        "|---|---|---|---|",
        *(
            f"| {entry['target']} | {name} | {entry['was']} | {entry['now']} |"
            for name, entry in known()
        ),
        "",
    ]
    return "\n".join(lines)


def known() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the faults that were fixed, by the names of their inputs."""
    yield from tomllib.loads((CORPUS / "faults.toml").read_text(encoding="utf-8")).items()


def _row(outcome: Outcome) -> str:
    return (
        f"| {outcome.target.name} | {outcome.runs:,} | {outcome.seconds:.0f} | {outcome.edges:,} "
        f"| {outcome.kept:,} | {outcome.slowest_ms:.1f} ({outcome.slowest_bytes:,}) "
        f"| {outcome.peak_mb:.0f} | {len(outcome.faults)} |"
    )


def _faults(outcomes: list[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        for fault in outcome.faults:
            data = base64.b64decode(fault["data"])[:120]
            yield (
                f"* {outcome.target.name}, {fault['where']}, {fault['count']} times: "
                f"{fault['what']}; the shortest input is {data!r}"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=(*TARGETS, "all"))
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="at most, for each target")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--to", type=Path)
    options = parser.parse_args()
    targets = [*TARGETS.values()] if options.target == "all" else [TARGETS[options.target]]
    whole = sum(target.weight for target in targets)

    def outcome(target: Target) -> Outcome:
        runs = -(-options.runs * target.weight // whole)
        found = fuzzed(target, runs, options.seed, options.minutes)
        print(_row(found), flush=True)
        return found

    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(outcome, targets))
    text = report(outcomes, options.seed)
    if options.to:
        options.to.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 1 if any(outcome.faults for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
