"""All widgets in one notebook of a real JupyterLab, touched at random and checked against truth."""

from __future__ import annotations

import ast
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient

from tests.browser.conftest import PATIENCE, Lab
from tests.browser.support.explorers import api, open_fresh
from tests.browser.support.lab import fresh_page, jupyterlab, run_all
from tests.support.paths import ROOT

from . import truth
from .actions import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOTEBOOK = "soak.ipynb"
CELLS = {
    "explorer": "pv.PoolExplorer(10, 3)",
    "volume": "pv.PoolExplorer((3, 9, 9), 2, op='avg')",
    "stack": "pv.StackExplorer(pv.Stack([pv.Conv(8, 3), pv.Pool(2), pv.Pool(2), pv.Pool(2), "
    "pv.Flatten(), pv.Linear(10)], (12, 12, 1), framework='keras'))",
    "decoder": "pv.ErrorDecoder()",
    "map": "pv.SizeMap(10, 3)",
    "comparison": "pv.FrameworkComparison(7, 3, stride=2, padding=1, op='avg')",
    "card": "pv.ExerciseCard()",
}
SETUP = "import poolviz as pv\nfrom tools.soak.in_kernel import kept, told"
# JupyterLab 4.6.6 leaks the buttons that it makes for a clicked cell, 100 kB each time, also
# without widgets. They would mask a leak of poolviz.
CELL_TOOLBAR = "@jupyterlab/cell-toolbar-extension"
BETWEEN_CHECKS = 5  # actions
BETWEEN_WEIGHINGS = 20.0  # seconds; the page's garbage is collected for it
MOST_PROBLEMS = 20  # further problems add nothing
REACH = 3_000  # ms in which a control can be touched, or it is gone
# A reply of Python may be under way: compare again until nothing changes.
SETTLING = 600  # times 50 ms


@dataclass
class Diary:
    """Log of a soak: actions, problems and memory."""

    seed: int
    seconds: float = 0.0
    actions: int = 0
    checks: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    missed: Counter[str] = field(default_factory=Counter)  # was removed, or covered by something
    resident: list[tuple[float, float]] = field(default_factory=list)  # seconds, MB of the kernel
    heap: list[tuple[float, float]] = field(default_factory=list)  # seconds, MB of JavaScript
    problems: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)  # the latest actions, for reproducing a problem

    def note(self, did: str) -> None:
        self.actions += 1
        kind = did.split(": ")[1].split(" ")[0] if ": " in did else "page"
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.last = [*self.last, did][-2 * BETWEEN_CHECKS :]

    def complain(self, problem: str) -> None:
        """Add a problem with the actions before it, each problem once."""
        if not any(known.startswith(problem) for known in self.problems):
            self.problems.append(problem + "".join(f"\n    {did}" for did in self.last))
            print(f"{self.seconds / 60:.1f} minutes: {self.problems[-1]}", file=sys.stderr)


class Kernel:
    """The notebook's kernel, queried independently of the page."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def told(self) -> dict[str, Any]:
        said = self._client.execute_interactive(
            "", silent=True, user_expressions={"told": "told()"}, timeout=60
        )
        answer = said["content"]["user_expressions"]["told"]
        if answer["status"] != "ok":
            raise RuntimeError("\n".join(answer["traceback"]))
        found: dict[str, Any] = json.loads(ast.literal_eval(answer["data"]["text/plain"]))
        return found


@contextmanager
def kernel_of(lab: Lab, name: str, runtime: Path) -> Iterator[Kernel]:
    (session,) = [at for at in api(lab, "sessions") if at["path"] == name]
    client = BlockingKernelClient()
    client.load_connection_file(str(runtime / f"kernel-{session['kernel']['id']}.json"))
    client.start_channels()
    try:
        yield Kernel(client)
    finally:
        client.stop_channels()


@contextmanager
def opened(browser: Browser, folder: Path) -> Iterator[tuple[Page, Kernel]]:
    """Open and run the notebook; errors of the page are in `page.problems`."""
    notebooks, scratch = folder / "notebooks", folder / "scratch"
    notebooks.mkdir()
    scratch.mkdir()
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    with (
        mock.patch.dict(os.environ, {"PYTHONPATH": path}),
        jupyterlab(notebooks, scratch, without=[CELL_TOOLBAR]) as address,
        fresh_page(browser) as page,
    ):
        lab = Lab(address, notebooks)
        page.set_default_timeout(PATIENCE)
        errors: list[str] = page.problems  # type: ignore[attr-defined]
        page.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
        sources = [SETUP, *(f"kept({name!r}, {code})" for name, code in CELLS.items())]
        lab.write(NOTEBOOK, [nbformat.v4.new_code_cell(source) for source in sources])
        open_fresh(page, lab, NOTEBOOK)
        run_all(page)
        page.set_default_timeout(REACH)
        page.add_script_tag(path=str(Path(__file__).with_name("page.js")))
        with kernel_of(lab, NOTEBOOK, scratch / "runtime") as kernel:
            yield page, kernel


def soak(
    browser: Browser, folder: Path, seconds: float, seed: int, pictures: Path | None = None
) -> Diary:
    """Run random actions for a time; problems are in the diary and in screenshots."""
    diary = Diary(seed)
    with opened(browser, folder) as (page, kernel):
        reader, scales = Reader(page, Random(seed), len(CELLS)), Scales(page)
        start = time.monotonic()
        try:
            check(page, kernel, diary)
            while diary.seconds < seconds and len(diary.problems) < MOST_PROBLEMS:
                known = len(diary.problems)
                for _ in range(BETWEEN_CHECKS):
                    diary.note(_done(reader, diary))
                check(page, kernel, diary)
                diary.seconds = time.monotonic() - start
                if pictures is not None and len(diary.problems) > known:
                    page.screenshot(path=pictures / f"problem-{len(diary.problems)}.png")
                scales.weigh(diary)
        except Exception as error:  # the kernel or the page has died
            diary.complain(f"ended early: {type(error).__name__}: {error}")
    return diary


class Scales:
    """Measure the JavaScript heap of the page now and then, after a garbage collection."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._next = 0.0

    def weigh(self, diary: Diary) -> None:
        if diary.seconds < self._next:
            return
        self._next = diary.seconds + BETWEEN_WEIGHINGS
        self._session.send("HeapProfiler.collectGarbage")
        found = self._session.send("Performance.getMetrics")["metrics"]
        (used,) = [one["value"] for one in found if one["name"] == "JSHeapUsedSize"]
        diary.heap.append((diary.seconds, used / 2**20))


def _done(reader: Reader, diary: Diary) -> str:
    from playwright.sync_api import Error

    try:
        return reader.act()
    except Error as error:
        # A control may disappear before the click reaches it, as it can for a user.
        gone = ("not attached", "not visible", "detached", "not an <input>", f"Timeout {REACH}ms")
        if not any(sign in str(error) for sign in gone):
            diary.complain(f"an action failed: {error}")
        diary.missed[reader.reaches_for] += 1
        return f"missed: missed {reader.reaches_for}"


def check(page: Page, kernel: Kernel, diary: Diary) -> None:
    """Check console, log, memory, and every text on the page."""
    facts = settled(page, kernel, diary)
    if facts is None:
        return
    diary.checks += 1
    diary.resident.append((diary.seconds, facts["resident"]))
    for line in (*page.problems, *facts["logged"]):  # type: ignore[attr-defined]
        diary.complain(f"console or log: {line}")
    if page.evaluate("() => window.hit") is not None:
        diary.complain("a pasted script ran")
    for difference in lasting_differences(page, kernel, diary, facts):
        diary.complain(difference)


def lasting_differences(
    page: Page, kernel: Kernel, diary: Diary, facts: dict[str, Any]
) -> list[str]:
    """Return differences that remain when compared again: Lab handles widget messages on
    separate threads, so the state in Python may be read in the middle of a change.
    """
    found = differences(page, facts)
    for _ in range(2):
        again = settled(page, kernel, diary) if found else None
        if again is None:
            break
        found = differences(page, again)
    return found


def differences(page: Page, facts: dict[str, Any]) -> list[str]:
    """Return the differences between what the page shows and what it must show."""
    if not page.evaluate("() => document.querySelector('.poolviz').getClientRects().length"):
        return ["the page shows no widget"]
    found = []
    for cell, (name, views) in enumerate(facts["widgets"].items(), start=1):
        shown = page.evaluate("cell => soak.views(cell).map(soak.words)", cell)
        if len(shown) != len(views):
            found.append(f"{name}: {len(shown)} views are shown, not {len(views)}")
            continue
        for one, words in zip(views, shown, strict=True):
            for difference in truth.differences(one, words):
                found.append(f"{name}, {one['kind']}, {one}: {difference}")
    return found


def settled(page: Page, kernel: Kernel, diary: Diary) -> dict[str, Any] | None:
    """Return the kernel's state, once the page shows it and no message is under way."""
    before: Any = None
    shown: Any = None
    wanted: Any = None
    for _ in range(SETTLING):
        facts = kernel.told()
        wanted = [
            [[one["seq"], one.get("text")] for one in views] for views in facts["widgets"].values()
        ]
        shown = page.evaluate("cells => soak.shown(cells)", [i + 1 for i in range(len(wanted))])
        if wanted == shown == before:
            return facts
        before = shown if wanted == shown else None
        page.wait_for_timeout(50)
    diary.complain(f"the page does not follow: {shown} is shown, {wanted} was answered")
    return None
