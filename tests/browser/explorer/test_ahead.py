"""Answers computed ahead: shown by the end of the event, whatever the kernel does meanwhile.

The kernel's process is stopped and continued: what a page shows meanwhile, it has stored. No time
is asserted.
"""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import poolviz as pv
from tests.browser.conftest import PATIENCE, Lab
from tests.browser.support.explorers import Explorer, run_explorers

from .test_hard_days import run_in_kernel

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, WebSocket

pytestmark = pytest.mark.browser

WITH_PID = """
import os, pathlib
pathlib.Path("ahead.pid").write_text(str(os.getpid()))
pv.PoolExplorer(10, 3)"""
EXPLORERS = {
    "steps": WITH_PID,
    "typed": "pv.PoolExplorer(10, 3)",
    "own input": "own = pv.PoolExplorer(10, 3)\nown",
    "two views": "two = pv.PoolExplorer(10, 3)\ntwo",
    "second view": "two",
    "fixes": "pv.PoolExplorer(10, 15)",
    "dark and narrow": "pv.PoolExplorer(10, 3)",
    "switched off": "off = pv.PoolExplorer(10, 3)\noff.computes_ahead = False\noff",
}
STEP = """{
    const slider = el.querySelector('input[type=range][aria-label=kernel]');
    slider.value = args[0];
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const text = (part) => el.querySelector(part).textContent;
    const { hidden } = el.querySelector('.pv-painted');
    const { alt } = el.querySelector('.pv-picture');
    return [text('.pv-title'), text('.pv-subtitle'), alt, !hidden];
}"""

# Each answer is unpacked in separate tasks, and so is this, which begins later.
UNPACKED = """async () => {
    for (let i = 0; i < 3; i += 1) {
      const text = new Blob(['x'.repeat(20000)]).stream();
      const packed = text.pipeThrough(new CompressionStream('deflate'));
      await new Response(packed.pipeThrough(new DecompressionStream('deflate'))).text();
    }
}"""


@pytest.fixture(scope="module")
def messages(page: Page) -> list[str]:
    """Return what page and kernel send each other of answers ahead, in order."""
    passed: list[str] = []

    def note(payload: str | bytes) -> None:
        text = payload if isinstance(payload, str) else payload.decode("latin-1")
        if '"ahead"' in text:
            passed.append(text)

    def follow(socket: WebSocket) -> None:
        if "/channels" in socket.url:
            socket.on("framesent", note)
            socket.on("framereceived", note)

    page.on("websocket", follow)
    return passed


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab, messages: list[str]) -> Callable[[str], Explorer]:
    """Call it with a name of `EXPLORERS`."""
    return run_explorers(page, lab, "ahead.ipynb", EXPLORERS)


@contextmanager
def a_kernel_that_does_nothing(lab: Lab) -> Iterator[None]:
    pid = int((lab.folder / "ahead.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def told(text: str) -> Any:
    """Return the request or the answer in a message."""
    return json.JSONDecoder().raw_decode(text, text.index("{", text.index('"ahead"')))[0]


def have_stored(e: Explorer, messages: list[str], place: Locator | None = None) -> None:
    """Focus a control and wait until the page has all answers that it requested."""
    e.page.evaluate("() => document.activeElement?.blur()")
    before = len(messages)
    (place or e.slider("kernel")).focus()
    for _ in range(PATIENCE // 50):
        news = [told(text) for text in messages[before:]]
        asked = next((one for one in news if one.get("changes")), None)
        # Of this view: answers to another one may still be on their way.
        came = sum("index" in one and one["view"] == asked["view"] for one in news if asked)
        if asked and came >= len(asked["changes"]):
            break
        e.page.wait_for_timeout(50)
    else:
        raise AssertionError(f"{came} answers came to {asked}")
    run_in_kernel(e, "pass")  # JupyterLab reads in order: it has given them to the page
    e.page.evaluate(UNPACKED)


def words_of(kernel_size: int, input_size: int = 10) -> list[Any]:
    state = pv.PoolExplorer(input_size, kernel_size).state
    return [state["title"], state["subtitle"], state["alt"], True]


def coarse(png: bytes) -> Any:
    """Without what differs from one painter to the other: the edges of letters and lines."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").resize((136, 60), Image.Resampling.BOX)
    return np.asarray(picture, dtype=float)


def test_what_is_stored_needs_no_kernel_and_is_drawn_when_the_controls_rest(
    explorer: Callable[[str], Explorer], messages: list[str], lab: Lab
) -> None:
    e = explorer("steps")
    have_stored(e, messages)
    before = e.seq
    with a_kernel_that_does_nothing(lab):
        for kernel_size in (4, 5, 15, 2, 7):
            assert e.ask(STEP, kernel_size) == words_of(kernel_size)
        assert e.seq == before
        e.ask("{ el.querySelector('.pv-overlay').style.visibility = 'hidden'; }")
        painted, marks = e.stage.screenshot(), e.marks("kernel")
        e.wait_for_problem("computed before")
        listed = e.root.locator(".pv-findings").inner_text()
    e.wait_for_answer_after(before)
    e.wait("el.querySelector('.pv-painted').hidden")
    drawn = e.stage.screenshot()

    assert e.root.locator(".pv-problem").is_hidden()
    assert [e.title, e.subtitle] == words_of(7)[:2]
    assert e.root.locator(".pv-findings").inner_text() == listed
    assert e.marks("kernel") == marks
    assert np.abs(coarse(painted) - coarse(drawn)).mean() < 1.5
    e.ask("{ el.querySelector('.pv-overlay').style.visibility = ''; }")


def test_a_fix_that_is_stored_needs_no_kernel(
    explorer: Callable[[str], Explorer], messages: list[str], lab: Lab
) -> None:
    e = explorer("fixes")
    fixed = pv.PoolExplorer(10, 15)
    fix = e.root.locator(".pv-fixes button").first
    have_stored(e, messages, fix)
    fixed.set_state({"asked": {"action": {"name": "fix", "value": 0}, "n": "1"}})
    with a_kernel_that_does_nothing(lab):
        fix.click()
        e.wait("!el.querySelector('.pv-painted').hidden")
        shown = [e.title, e.subtitle, e.number("kernel").input_value()]
    e.wait("el.querySelector('.pv-painted').hidden")

    kernel_size = str(fixed.state["settings"]["kernel_size"][0])
    assert shown == [fixed.state["title"], fixed.state["subtitle"], kernel_size]
    assert [e.title, e.subtitle, e.number("kernel").input_value()] == shown
    assert e.ask("document.activeElement.className").startswith("pv-verdict")


def test_another_theme_and_width_are_painted_as_drawn(
    explorer: Callable[[str], Explorer], messages: list[str], lab: Lab
) -> None:
    e = explorer("dark and narrow")
    for change in ("el.parentElement.style.background = '#111'", "el.style.width = '400px'"):
        before = e.seq
        # An attribute of the body, as where JupyterLab writes its theme.
        e.ask(f"{{ {change}; document.body.dataset.changed = args[0]; }}", before)
        e.wait_for_answer_after(before)
    have_stored(e, messages)
    e.ask("{ el.querySelector('.pv-overlay').style.visibility = 'hidden'; }")
    with a_kernel_that_does_nothing(lab):
        assert e.ask(STEP, 7) == words_of(7)
        painted, marks = e.stage.screenshot(), e.marks("kernel")
    e.wait("el.querySelector('.pv-painted').hidden")
    drawn = e.stage.screenshot()

    assert e.marks("kernel") == marks
    assert np.median(coarse(drawn)) < 60
    assert np.abs(coarse(painted) - coarse(drawn)).mean() < 1.5


def test_an_answer_that_comes_late_does_not_take_back_what_is_shown(
    explorer: Callable[[str], Explorer], messages: list[str], lab: Lab
) -> None:
    """25 is not stored: its answer comes while 6, which is, is on the page."""
    e = explorer("typed")
    have_stored(e, messages)
    e.ask(
        """{
        const title = el.querySelector('.pv-title');
        el.titles = [];
        new MutationObserver(() => el.titles.push(title.textContent))
          .observe(title, { childList: true });
        }"""
    )
    with a_kernel_that_does_nothing(lab):
        e.number("kernel").fill("25")
        assert e.ask(STEP, 6) == words_of(6)
    run_in_kernel(e, "pass")
    before = e.seq
    assert e.ask(STEP, 8) == words_of(8)
    e.wait_for_answer_after(before)

    assert [title.split(",")[0] for title in e.ask("el.titles")] == ["MaxPool 6×6", "MaxPool 8×8"]


def test_another_input_makes_stored_answers_stale(
    explorer: Callable[[str], Explorer], messages: list[str], lab: Lab
) -> None:
    e = explorer("own input")
    have_stored(e, messages)
    e.page.evaluate("() => document.activeElement.blur()")  # or answers to the new input come, too
    before = e.seq
    run_in_kernel(e, "import numpy as np\nown.input = np.full((10, 10), 7.0)")
    e.wait_for_answer_after(before)
    with a_kernel_that_does_nothing(lab):
        title, *_, is_painted = e.ask(STEP, 4)
        assert (title, is_painted) == (words_of(3)[0], False)
    e.wait_for_title("MaxPool 4×4")
    e.wait_for_window("output row 0, column 0: the largest of rows 0–3, columns 0–3 is 7")


def test_another_view_of_the_widget_follows(
    explorer: Callable[[str], Explorer], messages: list[str]
) -> None:
    first, second = explorer("two views"), explorer("second view")
    have_stored(first, messages)
    assert first.ask(STEP, 5) == words_of(5)
    second.wait_for_title("MaxPool 5×5")
    second.wait("el.querySelector('.pv-painted').hidden")

    assert second.number("kernel").input_value() == "5"


def test_switched_off_every_answer_is_requested(
    explorer: Callable[[str], Explorer], messages: list[str]
) -> None:
    e = explorer("switched off")
    before = len(messages)
    e.slider("kernel").focus()
    assert e.ask(STEP, 4)[3] is False
    e.wait_for_title("MaxPool 4×4")

    assert [text for text in messages[before:] if told(text).get("changes")] == []


def test_no_error_reached_the_console(page: Page, explorer: Callable[[str], Explorer]) -> None:
    """Run last in this module."""
    problems: list[str] = page.problems  # type: ignore[attr-defined]

    assert problems == []
