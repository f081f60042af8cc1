"""One way in one notebook of a real JupyterLab: timed key presses, drags and hovers."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from playwright.sync_api import Page, WebSocket

import poolviz as pv
from tests.browser.conftest import Lab
from tests.browser.support.explorers import Explorer, open_fresh
from tests.browser.support.lab import run_all
from tools.benchmarks.ways import FIRST

_RECORDER = (Path(__file__).parent / "recorder.js").read_text(encoding="utf-8")
_PATIENCE = 60_000  # ms that anything may take on a busy machine
_POLL = 50  # ms between two checks for quiet
_IDLE = 1  # ms of CPU that an idle kernel may take between two checks
_STEP = 15  # ms between two keys of a drag, besides what pressing one takes
_PACE = 125  # the same for a person who looks at each step
_LOOK = 800  # ms between the focus of the slider and the first key
_CELL = ".jp-OutputArea"  # only one cell has an output


class Way(NamedTuple):
    """One way for one size: which function of `ways`, and where its slider and its picture are."""

    name: str
    size: int
    numbers: bool
    magic: str
    slider: str
    picture: str

    @property
    def title(self) -> str:
        return f"{self.name}-{self.size}"

    def write(self, lab: Lab) -> None:
        call = f"ways.{self.name}({self.size}, {self.numbers})"
        cells = [self.magic, f"from tools.benchmarks import ways\nways.write_pid({self.title!r})"]
        sources = [source for source in (*cells, call) if source]
        lab.write(f"{self.title}.ipynb", [nbformat.v4.new_code_cell(one) for one in sources])


_SLIDER = f"{_CELL} [role=slider]"
NAIVE = [Way("naive", n, n < 20, "%matplotlib inline", _SLIDER, f"{_CELL} img") for n in (10, 224)]
IPYMPL = Way("ipympl", 10, True, "%matplotlib widget", _SLIDER, f"{_CELL} canvas")
POOLVIZ = [
    Way("poolviz", n, n < 20, "", f"{_CELL} [aria-label=kernel]", f"{_CELL} .pv-picture")
    for n in (10, 224)
]
WAYS = [NAIVE[0], IPYMPL, POOLVIZ[0], NAIVE[1], POOLVIZ[1]]


class Change(NamedTuple):
    """The cost of one change of a parameter."""

    ms: float  # from the key press to the last frame with other pixels
    received: int  # bytes from the kernel
    sent: int
    cpu: float  # ms of the kernel's process, all threads


class Drag(NamedTuple):
    """Forty fast steps."""

    lag: float  # ms from the last key press to its picture
    pictures: int


class Pace(NamedTuple):
    """Steps at the pace of a person, from the focus of the slider until all is quiet."""

    ms: list[float]  # of each step, from its key to its picture
    received: float  # bytes from the kernel, for each step
    cpu: float  # share of one core that the kernel takes


class Move(NamedTuple):
    """The cost of drawing in the browser alone."""

    work: float  # ms from the event until the window is drawn
    ms: float  # until the frame that has it


class Felt(NamedTuple):
    """All measurements over one link."""

    changes: dict[Way, list[Change]]
    paces: dict[Way, Pace]
    drags: dict[Way, list[Drag]]
    hovers: dict[Way, list[Move]]
    steps: dict[Way, list[Move]]


class Notebook:
    """A way in a separate page, with a separate kernel."""

    def __init__(self, page: Page, lab: Lab, way: Way, round_trip: float) -> None:
        self.page = page
        self.way = way
        # Ms without a message; longer than the rest after which poolviz draws what it painted.
        self._quiet_after = 600 + 2000 * round_trip
        self._received = self._sent = self._messages = 0
        page.on("websocket", self._count)
        page.set_default_timeout(_PATIENCE)
        way.write(lab)
        open_fresh(page, lab, f"{way.title}.ipynb")
        run_all(page)
        page.locator(way.picture).first.wait_for()
        self._pid = int((lab.folder / f"{way.title}.pid").read_text())
        page.evaluate(_RECORDER, ["picture", way.picture])
        page.evaluate(_RECORDER, ["overlay", f"{_CELL} .pv-overlay"])
        self._wait_until_quiet()

    def _count(self, socket: WebSocket) -> None:
        if "/channels" not in socket.url:
            return

        def received(payload: str | bytes) -> None:
            self._messages += 1
            self._received += len(payload)

        def sent(payload: str | bytes) -> None:
            self._messages += 1
            self._sent += len(payload)

        socket.on("framereceived", received)
        socket.on("framesent", sent)

    def _wait_until_quiet(self) -> None:
        """Wait until no message passes and the kernel is idle, for longer than a round trip."""
        quiet = 0.0
        while quiet < self._quiet_after:
            messages, cpu = self._messages, self._cpu()
            self.page.wait_for_timeout(_POLL)
            is_quiet = messages == self._messages and self._cpu() - cpu < _IDLE
            quiet = quiet + _POLL if is_quiet else 0.0

    def _cpu(self) -> float:
        # The clock id of another process, computed as clock_getcpuclockid(3) does on Linux.
        return time.clock_gettime_ns((~self._pid << 3) | 2) / 1e6

    def _recorder(self, what: str, name: str = "picture") -> Any:
        return self.page.evaluate(f"window.recorders.{name}.{what}")

    def focus(self) -> None:
        self.page.bring_to_front()
        self.page.locator(self.way.slider).first.focus()
        self._wait_until_quiet()

    def press(self, key: str) -> Change:
        """Measure one step of the slider."""
        received, sent, cpu = self._received, self._sent, self._cpu()
        self._recorder("start()")
        self.page.keyboard.press(key)
        self.page.wait_for_function("window.recorders.picture.changes.length")
        self._wait_until_quiet()
        self._recorder("stop()")
        ms = shown_after(self._recorder("events")[-1], self._recorder("changes"))
        return Change(ms, self._received - received, self._sent - sent, self._cpu() - cpu)

    def drag(self, keys: Sequence[str]) -> Drag:
        """Measure many steps at the speed of a hand; the last value was not shown before."""
        self._recorder("start()")
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(_STEP)
        self._wait_until_quiet()
        self._recorder("stop()")
        changes, last = self._recorder("changes"), self._recorder("events")[-1]
        lag = shown_after(last, changes)
        return Drag(lag, sum(at <= last + lag for at, _ in changes))

    def pace(self, keys: Sequence[str]) -> Pace:
        """Measure steps at a person's pace."""
        self.page.bring_to_front()
        self.page.locator(f"{_CELL}").first.evaluate("() => document.activeElement?.blur()")
        self._wait_until_quiet()
        received, cpu, start = self._received, self._cpu(), time.perf_counter()
        self.page.locator(self.way.slider).first.focus()
        self.page.wait_for_timeout(_LOOK)
        self._recorder("start()")
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(_PACE)
        took = time.perf_counter() - start
        busy = (self._cpu() - cpu) / 1e3 / took
        self._wait_until_quiet()
        self._recorder("stop()")
        changes = self._recorder("changes")
        events = self._recorder("events")
        ms = [
            next(at for at, _ in changes if at >= event) - event
            for event in events
            if event <= changes[-1][0]
        ]
        return Pace(ms, (self._received - received) / len(keys), busy)

    # --- in the browser alone --------------------------------------------------------------------

    def steps(self, count: int) -> list[Move]:
        """Measure arrow keys on the picture."""
        self.page.bring_to_front()
        self.page.locator(f"{_CELL} .pv-stage").focus()
        self.page.keyboard.press("Home")
        keys = ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"] * (count // 4)
        return [self._overlay(lambda key=key: self.page.keyboard.press(key)) for key in keys]

    def hovers(self, count: int) -> list[Move]:
        """Measure the mouse moving over one output cell after the other."""
        self.page.bring_to_front()
        explorer = Explorer(self.page, self.page.locator(f"{_CELL} .poolviz"))
        plane = pv.PoolExplorer(self.way.size, FIRST, stride=1).state["geometry"]["output"]
        cells = [(i % plane["rows"], 2 * i % plane["columns"]) for i in range(1, count + 1)]
        return [self._overlay(lambda cell=cell: explorer.point_at(plane, *cell)) for cell in cells]

    def _overlay(self, act: Callable[[], None]) -> Move:
        self._recorder("start()", "overlay")
        before = self._messages
        act()
        self.page.wait_for_function("window.recorders.overlay.changes.length")
        self._recorder("stop()", "overlay")
        assert before == self._messages, "the kernel was asked"
        (event, *_), (drawn, *_), ((frame, _), *_) = (
            self._recorder(what, "overlay") for what in ("events", "drawn", "changes")
        )
        return Move(drawn - event, frame - event)


def presses(notebooks: Sequence[Notebook], rounds: int) -> dict[Way, list[Change]]:
    """Measure one press of each way in turn, in random order; the first two are warm-up."""
    found: dict[Way, list[Change]] = {notebook.way: [] for notebook in notebooks}
    for i in range(rounds + 2):
        key = ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft")[i % 4]
        for notebook in random.sample(notebooks, len(notebooks)):
            notebook.focus()
            found[notebook.way].append(notebook.press(key))
    return {way: changes[2:] for way, changes in found.items()}


def drags(notebooks: Sequence[Notebook], rounds: int) -> dict[Way, list[Drag]]:
    """Measure forty steps, of which the last four lead to a value that was not shown before."""
    up, down = "ArrowRight", "ArrowLeft"
    found: dict[Way, list[Drag]] = {notebook.way: [] for notebook in notebooks}
    for i in range(rounds):
        to, back = (up, down) if i % 2 == 0 else (down, up)
        for notebook in random.sample(notebooks, len(notebooks)):
            notebook.focus()
            found[notebook.way].append(notebook.drag([*([to] * 3 + [back] * 3) * 6, *[to] * 4]))
    return found


def shown_after(event: float, changes: Sequence[tuple[float, bool]]) -> float:
    """Return the ms until the picture is there: the painted one, else the last of several."""
    later = [(at, is_painted) for at, is_painted in changes if at >= event]
    painted = [at for at, is_painted in later if is_painted]
    return (painted[0] if painted else later[-1][0]) - event


def paces(notebooks: Sequence[Notebook]) -> dict[Way, Pace]:
    """Measure two dozen steps of each way at a person's pace."""
    keys = ["ArrowRight"] * 12 + ["ArrowLeft"] * 12
    return {notebook.way: notebook.pace(keys) for notebook in notebooks}


def p50(values: Sequence[float]) -> float:
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]
