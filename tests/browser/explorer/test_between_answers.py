"""PoolExplorer between two answers of the kernel: what the browser does alone, and fast hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import poolviz as pv
from tests.browser.conftest import Lab
from tests.browser.support.explorers import (
    Explorer,
    active_cell,
    geometry,
    picture_hash,
    run_explorers,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

FRESH = "pv.PoolExplorer(10, 3)"
SLOW = """
import time
w = pv.PoolExplorer(10, 3)
def late(*what, draw=w._render):
    time.sleep(0.3)  # as over a slow link
    return draw(*what)
w._render = late
w"""
WATCHED = """
watched = pv.PoolExplorer(10, 3)
def follow(change):
    row, column = change["new"]
    watched.layer = pv.Pool((3, 3 + column))
watched.observe(follow, "position")
watched"""
# Name of the explorer → the cell that makes it.
EXPLORERS = {
    "hover": FRESH,
    "arrows": FRESH,
    "walk": FRESH,
    "readers": "pv.PoolExplorer(10, 3, stride=1)",
    "ties": "pv.PoolExplorer(input=[[0.33341, 0.33342], [0.0, 0.33342]], kernel_size=2)",
    "drag": FRESH,
    "typing": SLOW,
    "two controls": SLOW,
    "one view": SLOW,
    "another view": "w",
    "apart": "pv.PoolExplorer(40, (35, 3))",
    "watched": WATCHED,
}


@pytest.fixture(scope="module")
def frames(page: Page) -> list[str]:
    """Return the messages that the page sends to kernels, over all their WebSockets."""
    sent: list[str] = []

    def follow(socket: Any) -> None:
        if "/channels" in socket.url:
            socket.on("framesent", lambda payload: sent.append(str(payload)[:200]))

    page.on("websocket", follow)
    return sent


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab, frames: list[str]) -> Callable[[str], Explorer]:
    """Call it with a name of `EXPLORERS`."""
    return run_explorers(page, lab, "between_answers.ipynb", EXPLORERS)


# --- in the browser alone ------------------------------------------------------------------------


def test_hover_moves_the_window_without_the_kernel(
    explorer: Callable[[str], Explorer], frames: list[str]
) -> None:
    """From output cell to output cell: words and outline follow, no message is sent."""
    e = explorer("hover")
    told = geometry()
    plane, axis = told["output"], told["down"]
    values = told["values"]["output"]
    e.point_at(plane, 0, 1)
    e.wait_for_window("output row 0, column 1")
    before = len(frames)
    for row in range(plane["rows"]):
        for column in range(plane["columns"]):
            e.point_at(plane, row, column)
            e.wait_for_window(f"output row {row}, column {column}")
            over_input, over_output = e.marks("kernel")

            assert e.window.endswith(f" is {values[row][column]}")
            assert over_input["y"] == pytest.approx(
                told["input"]["top"]
                + (axis["first"] + row * axis["stride"]) * told["input"]["cellHeight"]
            )
            assert over_output["x"] == pytest.approx(plane["left"] + column * plane["cellWidth"])
    assert before == len(frames)


def test_hovered_input_cell_says_who_reads_it(
    explorer: Callable[[str], Explorer], frames: list[str]
) -> None:
    e = explorer("readers")
    told = geometry(stride=1)
    e.point_at(told["input"], 0, 0)
    e.wait_for_window("input row 0, column 0: ")
    before = len(frames)
    for place, expected in (
        ((0, 0), "1 window reads it"),
        ((0, 1), "2 windows read it"),
        ((4, 5), "9 windows read it"),
        ((8, 5), "6 windows read it"),
        ((9, 9), "1 window reads it"),
    ):
        e.point_at(told["input"], *place)
        e.wait_for_window(f"input row {place[0]}, column {place[1]}: {expected}")

        assert len(e.marks("reader")) == int(expected.split()[0])
    assert before == len(frames)


def test_an_unread_cell_says_so(explorer: Callable[[str], Explorer]) -> None:
    """10 = 3·3 + 1: the last row and column are left over."""
    e = explorer("hover")
    e.point_at(geometry()["input"], 9, 2)
    e.wait_for_window("input row 9, column 2: no window reads it")


def test_only_equal_values_are_marked_as_ties(explorer: Callable[[str], Explorer]) -> None:
    """0.33341 and 0.33342 look alike, but one of them is larger."""
    e = explorer("ties")
    plane = pv.PoolExplorer(input=np.zeros((2, 2)), kernel_size=2).state["geometry"]["input"]
    expected = [plane["left"] + plane["cellWidth"] + 3.5] * 2

    assert expected == pytest.approx([rect["x"] for rect in e.marks("winner") + e.marks("tie")])


def test_arrow_keys_move_the_window_and_not_the_notebook(
    explorer: Callable[[str], Explorer], frames: list[str]
) -> None:
    """JupyterLab has shortcuts on these keys: it hears none of them."""
    e = explorer("arrows")
    cells = e.page.locator(".jp-Cell").count()
    e.stage.click(position={"x": 5, "y": 5})
    e.wait("el.querySelector('.pv-stage') === document.activeElement")
    active, before = active_cell(e.page), len(frames)
    scroll = "el.closest('.jp-WindowedPanel-outer, .jp-Notebook').scrollTop"
    top = e.ask(scroll)
    for key, expected in (
        ("ArrowRight", "row 0, column 1"),
        ("ArrowDown", "row 1, column 1"),
        ("ArrowDown", "row 2, column 1"),
        ("ArrowDown", "row 2, column 1"),
        ("ArrowLeft", "row 2, column 0"),
        ("ArrowLeft", "row 2, column 0"),
        ("ArrowUp", "row 1, column 0"),
        ("End", "row 2, column 2"),
        ("Home", "row 0, column 0"),
    ):
        e.page.keyboard.press(key)
        e.wait_for_window(f"output {expected}")

        assert active == active_cell(e.page)
    for key in ("a", "b", "x", "d", "d", "m", "j", "k", "Shift+M", "1", "ArrowRight"):
        e.page.keyboard.press(key)
    e.wait_for_window("output row 0, column 1")

    assert cells == e.page.locator(".jp-Cell").count()
    assert active == active_cell(e.page)
    assert top == e.ask(scroll)
    assert before == len(frames)


def test_an_observer_in_python_is_told_the_position(
    explorer: Callable[[str], Explorer], frames: list[str]
) -> None:
    """The cell's observer makes the kernel as many columns wider as the window moved."""
    e = explorer("watched")
    before = len(frames)
    e.stage.focus()
    e.page.keyboard.press("ArrowRight")
    e.wait_for_title("MaxPool 3×4,")

    assert before < len(frames)
    e.page.keyboard.press("ArrowRight")  # there is no window further to the right
    e.wait_for_window("output row 0, column 1")
    assert e.title.startswith("MaxPool 3×4,")


def test_walk_plays_and_pauses(explorer: Callable[[str], Explorer], frames: list[str]) -> None:
    e = explorer("walk")
    e.root.get_by_role("combobox", name="playback speed").select_option("2")
    before = len(frames)
    walk = e.root.locator(".pv-player button").nth(1)
    e.note_windows()
    # Paused by the page when it comes to the window: the walk waits for no test that is late.
    is_pressed, words = e.ask(
        """new Promise((tell) => {
        const walk = el.querySelectorAll('.pv-player button')[1];
        const shown = el.querySelector('.pv-window');
        const watch = new MutationObserver(() => {
          if (!shown.textContent.startsWith('output row 1, column 0')) return;
          watch.disconnect();
          tell([walk.getAttribute('aria-pressed'), walk.innerText]);
          walk.click();
        });
        watch.observe(shown, { childList: true });
        walk.click();
        })"""
    )
    e.wait_for_noted("output row 0, column 2")

    assert is_pressed == "true"
    assert "pause" in words
    rested = e.window
    assert rested.startswith("output row 1, column 0")
    e.page.wait_for_timeout(500)  # a step would fit in: that none comes takes some time

    assert rested == e.window
    assert walk.get_attribute("aria-pressed") == "false"
    e.root.get_by_role("button", name="next window").click()
    e.wait("el.querySelector('.pv-window').textContent !== args[0]", rested)
    e.root.get_by_role("button", name="previous window").click()
    e.wait_for_window(rested)
    e.stage.focus()
    e.page.keyboard.press("Space")
    e.wait_for_window("output row 2, column 2")
    e.wait("el.querySelectorAll('.pv-player button')[1].textContent.includes('play')")

    assert before == len(frames)


# --- fast hands, slow kernels --------------------------------------------------------------------

_FAST = """{
    const [name, values] = args;
    const slider = el.querySelector(`input[type=range][aria-label="${name}"]`);
    for (const value of values) {
      slider.value = value;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise(requestAnimationFrame);
    }
    return Number(slider.value);
}"""
_AT_REST = """(() => {
    const seq = el.querySelector('.pv-stage').dataset.seq;
    const now = performance.now();
    if (el.lastSeq !== seq) { el.lastSeq = seq; el.since = now; }
    return now - el.since > 500;
})()"""


def test_last_of_many_slider_steps_wins(explorer: Callable[[str], Explorer]) -> None:
    """40 steps in 0.7 s: title, slider, number and picture end at the last one, and rest."""
    e = explorer("drag")
    values = [1 + i * 7 % 20 for i in range(39)] + [13]
    e.ask(_FAST, "kernel", values)
    e.wait_for_title("MaxPool 13×13")
    e.wait(_AT_REST)
    seq = e.seq

    assert e.title.startswith("MaxPool 13×13")
    assert e.slider("kernel").input_value() == e.number("kernel").input_value() == "13"
    assert e.fingerprint() == picture_hash(pv.PoolExplorer(10, 13).picture)
    assert seq == e.seq


def test_an_answer_that_comes_late_does_not_undo_what_was_typed(
    explorer: Callable[[str], Explorer],
) -> None:
    """Typing 1 and then 2 is 12, also when the answer to 1 comes in between."""
    e = explorer("typing")
    e.number("kernel").click()
    e.page.keyboard.press("Control+A")
    e.page.keyboard.press("1")
    e.page.keyboard.press("2")
    e.ask(
        """{
        const field = el.querySelector('input[aria-label="kernel, any number"]');
        const slider = el.querySelector('input[aria-label="kernel"]');
        el.seen = [];
        const look = () => {
          el.seen.push(`${field.value} ${slider.value}`);
          requestAnimationFrame(look);
        };
        look();
        }"""
    )
    e.wait_for_title("MaxPool 12×12")

    assert set(e.ask("el.seen")) == {"12 12"}


def test_an_answer_that_comes_late_does_not_undo_another_control(
    explorer: Callable[[str], Explorer],
) -> None:
    """Kernel, then dilation, then ceil_mode, faster than the kernel answers: all three hold."""
    e = explorer("two controls")
    e.ask(_FAST, "kernel", [2])
    e.ask(_FAST, "dilation", [3])
    e.wait_for_title("MaxPool 2×2")  # the answer to the first: it knows no dilation
    e.root.get_by_role("checkbox", name="ceil_mode").check()
    e.wait("el.querySelector('.pv-title').textContent.includes('ceil_mode')")
    e.wait(_AT_REST)

    assert e.title == "MaxPool 2×2, stride 2, no padding, dilation 3, ceil_mode"


def test_two_views_of_one_explorer_agree(explorer: Callable[[str], Explorer]) -> None:
    """Moved both while an answer is on its way: the last one wins in both."""
    one, another = explorer("one view"), explorer("another view")
    one.ask(_FAST, "kernel", [2, 5])
    another.ask(_FAST, "kernel", [7])
    for e in (one, another):
        e.wait_for_title("MaxPool 7×7")
        e.wait(_AT_REST)

        assert e.slider("kernel").input_value() == e.number("kernel").input_value() == "7"
    one.ask(_FAST, "dilation", [2])
    another.wait_for_title("MaxPool 7×7, stride 7, no padding, dilation 2")


def test_controls_do_not_merge_under_the_fingers(explorer: Callable[[str], Explorer]) -> None:
    """Height 35, width 3: on the way to 32 the height is 3 as well, and the field stays."""
    e = explorer("apart")
    e.number("kernel height").click()
    e.page.keyboard.press("Control+A")
    e.page.keyboard.press("3")
    e.wait_for_title("MaxPool 3×3")
    e.page.keyboard.press("2")
    e.wait_for_title("MaxPool 32×3,")

    assert e.number("kernel height").input_value() == "32"


def test_no_error_reached_the_console(page: Page, explorer: Callable[[str], Explorer]) -> None:
    """The last test of this module."""
    problems: list[str] = page.problems  # type: ignore[attr-defined]

    assert problems == []
