"""The viewer's keys, pins and touch, in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

import poolviz as pv
from tests.browser.conftest import Lab
from tests.browser.support.explorers import (
    Explorer,
    active_cell,
    geometry,
    run_explorers,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

FRESH = "pv.PoolExplorer(10, 3)"
DENSE = "pv.PoolExplorer(10, 3, stride=1)"
# Name of the explorer → the cell that makes it.
EXPLORERS = {
    "speed": FRESH,
    "rows": DENSE,
    "strip": "pv.PoolExplorer((40,), 3, stride=1)",
    "sides": DENSE,
    "pin": DENSE,
    "pin by keys": DENSE,
    "pin and change": DENSE,
    "zoom": FRESH,
    "help": FRESH,
    "touch": DENSE,
}


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab) -> Callable[[str], Explorer]:
    """Call it with a name of `EXPLORERS`."""
    return run_explorers(page, lab, "viewer.ipynb", EXPLORERS)


def speed(e: Explorer) -> str:
    shown: str = e.root.get_by_role("combobox", name="playback speed").evaluate(
        "select => select.selectedOptions[0].textContent"
    )
    return shown


def wait_for_speech(e: Explorer, text: str) -> None:
    """Wait until the live region says it."""
    e.wait("el.querySelector('.pv-status').textContent === args[0]", text)


def badge(e: Explorer) -> Locator:
    return e.root.get_by_role("button", name="pinned: unpin")


def place_on(e: Explorer, plane: dict[str, float], row: int, column: int) -> dict[str, float]:
    """A cell's middle, in pixels of the stage."""
    box = e.stage.bounding_box()
    assert box is not None
    scale = box["width"] / e.ask("el.querySelector('.pv-overlay').viewBox.baseVal.width")
    return {
        "x": (plane["left"] + (column + 0.5) * plane["cellWidth"]) * scale,
        "y": (plane["top"] + (row + 0.5) * plane["cellHeight"]) * scale,
    }


# --- keys ----------------------------------------------------------------------------------------


def test_plus_and_minus_change_the_speed(explorer: Callable[[str], Explorer]) -> None:
    """Each step is shown and said; at both ends it stays."""
    e = explorer("speed")
    assert speed(e) == "×1"
    for key, expected in (
        ("+", "×2"),
        ("=", "×4"),
        ("NumpadAdd", "×8"),
        ("+", "×8"),
        ("-", "×4"),
        ("_", "×2"),
        ("NumpadSubtract", "×1"),
        ("-", "×½"),
        ("-", "×¼"),
        ("-", "×¼"),
    ):
        e.press(key)
        assert speed(e) == expected, key
    wait_for_speech(e, "speed ×¼")
    e.root.get_by_role("button", name="next window").focus()
    e.page.keyboard.press("+")

    assert speed(e) == "×½"


def test_a_faster_walk_is_faster(explorer: Callable[[str], Explorer]) -> None:
    """The delay that is set before the next step; how late a timer is, is not measured."""
    e = explorer("speed")
    rest = """{
      const [inner, walk] = [window.setTimeout, el.querySelectorAll('.pv-player button')[1]];
      const rests = [];
      window.setTimeout = (act, ms, ...more) => {
        if (ms > 20) rests.push(ms);
        return inner(act, ms, ...more);
      };
      el.querySelector('.pv-player select').value = args[0];
      walk.click();
      walk.click();
      window.setTimeout = inner;
      return rests;
    }"""
    e.press("Home")
    slow, fast = (e.ask(rest, speed)[0] for speed in ("0.25", "8"))

    assert slow == 32 * fast == 1800  # ms


def test_keys_with_a_modifier_belong_to_the_browser(explorer: Callable[[str], Explorer]) -> None:
    """Ctrl + enlarges the page."""
    e = explorer("zoom")
    heard = """{
      const told = ['+', 'ArrowRight', 'Enter', 'i'].map((key) => {
        const event = new KeyboardEvent('keydown', { key, ctrlKey: true, cancelable: true });
        el.querySelector('.pv-stage').dispatchEvent(event);
        return event.defaultPrevented;
      });
      return told.some(Boolean);
    }"""

    assert not e.ask(heard)
    e.wait_for_window("output row 0, column 0")
    assert speed(e) == "×1"


def test_pages_are_rows_of_a_map(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("rows")
    for key, expected in (
        ("ArrowRight", "row 0, column 1:"),
        ("PageDown", "row 1, column 1:"),
        ("PageDown", "row 2, column 1:"),
        ("PageUp", "row 1, column 1:"),
        ("End", "row 7, column 7:"),
        ("PageDown", "row 7, column 7:"),
        ("Home", "row 0, column 0:"),
        ("PageUp", "row 0, column 0:"),
    ):
        e.press(key)
        assert e.window.startswith(f"output {expected}"), key


def test_pages_are_ten_elements_of_a_sequence(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("strip")
    for key, expected in (("PageDown", 10), ("PageDown", 20), ("ArrowRight", 21), ("PageUp", 11)):
        e.press(key)
        assert e.window.startswith(f"output element {expected}:"), key


def test_arrows_reach_the_input_too(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("sides")
    e.press("i")
    assert e.window == "input row 0, column 0: 1 window reads it"
    e.press("ArrowRight", "ArrowDown")
    assert e.window == "input row 1, column 1: 4 windows read it"
    assert len(e.marks("reader")) == 4
    e.press("End")
    assert e.window == "input row 9, column 9: 1 window reads it"
    wait_for_speech(e, "input row 9, column 9: 1 window reads it")
    e.press("i", "ArrowRight")
    assert e.window.startswith("output row 0, column 1:")
    assert e.marks("reader") == []


def test_every_key_of_the_help_is_obeyed(explorer: Callable[[str], Explorer]) -> None:
    """The list is closed at first; what it names is what keeps the notebook from hearing it."""
    e = explorer("help")
    summary = e.root.locator("summary", has_text="Keys")
    assert not e.root.locator(".pv-keys").is_visible()
    summary.focus()
    e.page.keyboard.press("Enter")
    named = e.root.locator(".pv-keys th").all_inner_texts()

    assert named == [
        *("← → ↑ ↓", "Home, End", "Page Up, Page Down", "i", "Enter, click, tap"),
        *("Escape, another click", "Space", "+ −"),
    ]
    active = active_cell(e.page)
    e.press("i", "i", "Enter", "Escape", "Space", "Space", "+", "-", "PageDown", "PageUp", "End")
    assert e.stage.evaluate("stage => stage === document.activeElement")
    assert active == active_cell(e.page)


# --- pinning -------------------------------------------------------------------------------------


def test_a_click_pins_and_another_lets_go(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("pin")
    told = geometry(stride=1)
    output, cells = told["output"], told["input"]
    e.point_at(output, 2, 3)
    e.wait_for_window("output row 2, column 3")
    assert badge(e).count() == 0
    e.stage.click(position=place_on(e, output, 2, 3))
    badge(e).wait_for()
    wait_for_speech(e, f"pinned: {e.window}")
    for plane, row, column in ((output, 5, 5), (cells, 1, 1)):
        e.point_at(plane, row, column)
        assert e.window.startswith("output row 2, column 3")
    e.page.mouse.move(1, 1)
    assert e.window.startswith("output row 2, column 3")
    # Another cell takes the pin over; the same one lets go, and what the mouse shows moves again.
    e.stage.click(position=place_on(e, cells, 4, 4))
    assert e.window == "input row 4, column 4: 9 windows read it"
    e.point_at(output, 5, 5)
    assert e.window.startswith("input row 4, column 4")
    e.stage.click(position=place_on(e, cells, 4, 4))
    badge(e).wait_for(state="detached")
    wait_for_speech(e, "input row 4, column 4: 9 windows read it")
    e.point_at(output, 5, 5)
    e.wait_for_window("output row 5, column 5")


def test_the_badge_is_a_button(explorer: Callable[[str], Explorer]) -> None:
    """Pressed, it lets go and gives the keyboard back to the picture; no layout moves."""
    e = explorer("pin")
    before = e.root.bounding_box()
    e.stage.click(position=place_on(e, geometry(stride=1)["output"], 1, 1))
    assert before == e.root.bounding_box()
    badge(e).focus()
    e.page.keyboard.press("Enter")
    badge(e).wait_for(state="detached")
    wait_for_speech(e, "unpinned")

    assert e.stage.evaluate("stage => stage === document.activeElement")


def test_enter_pins_and_escape_lets_go(explorer: Callable[[str], Explorer]) -> None:
    """Hover does not move what is pinned; arrows do."""
    e = explorer("pin by keys")
    output = geometry(stride=1)["output"]
    e.press("i", "ArrowDown", "Enter")
    badge(e).wait_for()
    e.point_at(output, 5, 5)
    assert e.window.startswith("input row 1, column 0: ")
    e.press("ArrowRight")
    assert e.window.startswith("input row 1, column 1: ")
    e.press("Escape")
    badge(e).wait_for(state="detached")
    e.point_at(output, 5, 6)
    e.wait_for_window("output row 5, column 6")
    e.press("Enter")
    e.page.mouse.move(1, 1)
    e.point_at(output, 0, 0)
    assert e.window.startswith("output row 5, column 6")
    e.press("Enter")
    badge(e).wait_for(state="detached")


def test_a_pin_outlasts_changes_and_ends_with_the_output(
    explorer: Callable[[str], Explorer],
) -> None:
    e = explorer("pin and change")
    e.stage.click(position=place_on(e, geometry(stride=1)["output"], 7, 7))
    e.number("kernel").fill("4")
    e.wait_for_title("MaxPool 4×4")
    assert e.window.startswith("output row 6, column 6: ")
    assert badge(e).is_visible()
    e.number("kernel").fill("15")
    e.wait_for_title("MaxPool 15×15")
    badge(e).wait_for(state="detached")

    assert e.window == ""
    assert e.ask("el.querySelector('.pv-overlay').childElementCount") == 0
    e.stage.click(position={"x": 100, "y": 100})
    e.press("Enter", "i", "ArrowRight", "Space")
    assert badge(e).count() == 0


# --- touch ---------------------------------------------------------------------------------------


@pytest.fixture
def touch(page: Page) -> Iterator[Callable[..., None]]:
    """A finger, as Chromium feels it: down at the first point, along the others, and up."""
    session = page.context.new_cdp_session(page)

    def stroke(*points: tuple[float, float]) -> None:
        kind = "touchStart"
        for x, y in points:
            told = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
            session.send("Input.dispatchTouchEvent", told)
            kind = "touchMove"
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    yield stroke
    session.detach()


def on_screen(e: Explorer, plane: dict[str, float], row: int, column: int) -> tuple[float, float]:
    box = e.stage.bounding_box()
    assert box is not None
    place = place_on(e, plane, row, column)
    return box["x"] + place["x"], box["y"] + place["y"]


def test_a_tap_pins_and_a_tap_beside_lets_go(
    explorer: Callable[[str], Explorer], touch: Callable[..., None]
) -> None:
    e = explorer("touch")
    told = pv.PoolExplorer(10, 3, stride=1).state["geometry"]
    for plane, expected in (
        (told["output"], "output row 3, column 2: "),
        (told["input"], "input row 3, column 2: 9 windows read it"),
    ):
        touch(on_screen(e, plane, 3, 2))
        e.wait_for_window(expected)  # of the first tap there is a badge already
        badge(e).wait_for()
    box = e.stage.bounding_box()
    assert box is not None
    touch((box["x"] + 4, box["y"] + 4))
    badge(e).wait_for(state="detached")

    assert e.window.startswith("output row 3, column 2: ")  # no hover stays behind
    assert e.marks("asked") == []


def test_a_finger_scrolls_the_page_and_leaves_no_hover(
    explorer: Callable[[str], Explorer], touch: Callable[..., None]
) -> None:
    """Up and down belong to the page; a scroll that began on the picture pins nothing."""
    e = explorer("touch")
    # What happened, not where the page is now: Lab may scroll back to the cell that it activates,
    # and an output area with a pixel to spare scrolls in place of the notebook.
    e.ask(
        """{
        const note = ({ type }) => { el.dataset.felt = `${el.dataset.felt ?? ''} ${type}`; };
        el.querySelector('.pv-stage').addEventListener('pointerdown', note);
        el.querySelector('.pv-stage').addEventListener('pointercancel', note);
        document.addEventListener('scroll', note, true);
        }"""
    )
    x, y = on_screen(e, geometry(stride=1)["input"], 5, 5)
    touch(*[(x, y + by) for by in range(0, 200, 10)])
    e.wait("/pointerdown.* pointercancel/.test(el.dataset.felt)")
    e.wait("el.dataset.felt.includes('scroll')")

    assert badge(e).count() == 0
    assert e.marks("asked") == []


# --- and after all of it -------------------------------------------------------------------------


def test_no_error_reached_the_console(page: Page, explorer: Callable[[str], Explorer]) -> None:
    """The last test of this module."""
    problems: list[str] = page.problems  # type: ignore[attr-defined]

    assert problems == []
