"""Measure the latency for a user: the naive way, ipympl and poolviz in a real JupyterLab.

    python -m tools.benchmarks.live [--rounds 20] [--to FILE]

Needs the extras `test` and `bench`, Chromium and Linux. Everything is measured twice: on the
loopback, and over a link on which every byte takes 80 ms. Ratios hold on any machine; milliseconds
hold on this one. Nothing here is a test: a busy machine must not turn a build red.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import Lab
from tests.browser.support.delay import slow_link
from tests.browser.support.lab import browser_page, jupyterlab
from tests.support.paths import ROOT
from tools.benchmarks import report, run
from tools.benchmarks.measuring import (
    IPYMPL,
    NAIVE,
    POOLVIZ,
    WAYS,
    Felt,
    Notebook,
    drags,
    paces,
    presses,
)

LINKS = {"loopback": 0.0, "160 ms link": 0.08}  # one-way delay in seconds


@contextmanager
def running_lab() -> Iterator[Lab]:
    """JupyterLab over an empty folder; its kernels import this checkout."""
    with tempfile.TemporaryDirectory() as name:
        folder, scratch = Path(name) / "notebooks", Path(name) / "scratch"
        folder.mkdir()
        scratch.mkdir()
        os.environ["PYTHONPATH"] = os.pathsep.join(
            filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))
        )
        with jupyterlab(folder, scratch) as address:
            yield Lab(address, folder)


def felt(lab: Lab, page: Page, one_way: float, rounds: int) -> Felt:
    """Measure all ways over one link, taken in turn."""
    host, port = lab.address.rsplit(":", 1)
    link = slow_link(int(port), one_way) if one_way else nullcontext(int(port))
    with link as through:
        near = Lab(f"{host}:{through}", lab.folder)
        notebooks = {way: Notebook(page.context.new_page(), near, way, 2 * one_way) for way in WAYS}
        hovers = {way: notebooks[way].hovers(2 * rounds) for way in POOLVIZ}
        steps = {way: notebooks[way].steps(2 * rounds) for way in POOLVIZ}
        changes = presses(list(notebooks.values()), rounds)
        small = [notebooks[way] for way in (NAIVE[0], IPYMPL, POOLVIZ[0])]
        found = Felt(changes, paces(small), drags(small, max(4, rounds // 4)), hovers, steps)
        for notebook in notebooks.values():
            notebook.page.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--to", type=Path)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with running_lab() as lab, browser_page(1280, 1000) as page:
        found = {name: felt(lab, page, one_way, options.rounds) for name, one_way in LINKS.items()}
    text = report.whole(found, run.measure(options.rounds), load)
    print(text, end="")
    if options.to:
        options.to.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
