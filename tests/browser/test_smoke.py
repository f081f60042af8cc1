"""PoolExplorer in a real JupyterLab and a real Chromium, moved by keyboard and mouse.

Tests wait for conditions, never for a time to pass. Each test has a separate explorer, all of
them in one notebook, so no test sees what another one left behind.
"""

from __future__ import annotations

import hashlib
import re
import urllib.error
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import nbformat
import numpy as np
import pytest

import poolviz as pv
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import build_scene
from poolviz.drawing.scene.theme import THEMES

from .conftest import PATIENCE, START, Lab
from .explorers import (
    CELL_OF,
    PICTURE_WIDTH,
    Explorer,
    active_cell,
    api,
    geometry,
    open_fresh,
    run_explorers,
    shut_down,
    sticking_out,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARES_LAB = True
STORED_WIDTH = 900  # of a picture without a browser

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
    "keyboard": FRESH,
    "keys": FRESH,
    "broken": FRESH,
    "repair": "pv.PoolExplorer(10, 15)",
    "nonsense": FRESH,
    "hostile": FRESH,
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
    "names": (
        "pv.PoolExplorer((4, 7, 7), 3, padding=((0, 1), (0, 0), (1, 1)), stride=2, op='avg', "
        "framework='jax')"
    ),
    "narrow": "pv.PoolExplorer(10, 15)",
    "narrow strip": "pv.PoolExplorer((60,), 70, framework='tensorflow', padding='same_lower')",
    "watched": WATCHED,
    "dark": FRESH,
    "last": FRESH,
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
    return run_explorers(page, lab, "explorers.ipynb", EXPLORERS)


# --- notebooks as they are opened ----------------------------------------------------------------


class Alt(HTMLParser):
    """The words of the first picture in an HTML text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.words.append(dict(attrs).get("alt") or "")


@pytest.fixture(scope="module")
def start(page: Page, lab: Lab) -> nbformat.NotebookNode:
    """Open the first notebook as it is in git, with one more stored picture at its end.

    It has no execution counts, so that cells that ran differ from stored ones.
    """
    notebook = nbformat.read(lab.folder / START, as_version=4)
    data, _ = pv.PoolExplorer(10, 15)._repr_mimebundle_()
    data["text/html"] += "<script>window.isTrusted = true</script>"
    cell = nbformat.v4.new_code_cell("pv.PoolExplorer(10, 15)", id="stored")
    cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    notebook.cells.append(cell)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    nbformat.write(notebook, lab.folder / START)
    open_fresh(page, lab, START)
    return notebook


def test_saved_notebook_shows_picture_and_words_before_anything_runs(
    page: Page, start: nbformat.NotebookNode
) -> None:
    """Nobody trusts a notebook that was just cloned: no script of it runs, no kernel has."""
    (expected,) = Alt(start.cells[-1].outputs[0].data["text/html"]).words
    output = page.locator(".jp-CodeCell").last.locator(".jp-OutputArea")
    image = output.locator("img")
    image.wait_for(state="attached")
    image.scroll_into_view_if_needed()

    assert expected == image.get_attribute("alt")
    assert (
        image.evaluate("async img => { await img.decode(); return img.naturalWidth; }")
        == STORED_WIDTH
    )
    assert page.locator(".poolviz").count() == 0
    assert page.locator(".jp-RenderedText", has_text="Error displaying widget").count() == 0
    assert page.evaluate("window.isTrusted") is None


def test_start_notebook_runs_without_error(page: Page, start: nbformat.NotebookNode) -> None:
    """The first notebook, as a user runs it: its explorers and cards are alive."""
    from tests.browser.lab import run_all

    code = [cell for cell in start.cells if cell.cell_type == "code"]
    wanted = sum("raises-exception" in cell.metadata.get("tags", ()) for cell in code)
    run_all(page)
    live = page.locator(".poolviz:not(.pv-card):has(.pv-stage[data-seq])")
    page.wait_for_function(
        "count => document.querySelectorAll('.poolviz .pv-stage[data-seq]').length === count",
        arg=sum(bool(re.search(r"pv\.(PoolExplorer|ExerciseCard)\(", c.source)) for c in code),
        timeout=PATIENCE,
    )

    assert wanted == page.locator(".jp-OutputArea-output[data-mime-type*='stderr']").count()
    e = Explorer(page, live.first)
    before = e.title
    e.slider("kernel").focus()
    page.keyboard.press("ArrowRight")
    e.wait("el.querySelector('.pv-title').textContent !== args[0]", before)

    assert "Pool" in e.title


# --- by keyboard ---------------------------------------------------------------------------------


def test_kernel_is_changed_by_keyboard(explorer: Callable[[str], Explorer]) -> None:
    """The slider is found by its name; title, picture and number follow."""
    e = explorer("keyboard")
    picture, seq = e.fingerprint(), e.seq
    source = e.root.locator(".pv-picture").get_attribute("src")
    e.slider("kernel").focus()
    e.page.keyboard.press("ArrowRight")
    e.wait_for_title("MaxPool 4×4, stride 4")

    assert seq < e.seq
    assert picture != e.fingerprint()
    assert source != e.root.locator(".pv-picture").get_attribute("src")
    assert e.number("kernel").input_value() == "4"
    assert e.slider("kernel").input_value() == "4"
    assert e.slider("kernel").evaluate("slider => slider === document.activeElement")


def test_keys_in_the_controls_are_not_shortcuts_of_the_notebook(
    explorer: Callable[[str], Explorer],
) -> None:
    """D, D would delete the cell, Enter would edit it, an arrow would select another one."""
    e = explorer("keys")
    cells, active = e.page.locator(".jp-Cell").count(), active_cell(e.page)
    for control in (
        e.slider("kernel"),
        e.root.get_by_role("combobox", name="playback speed"),
        e.root.get_by_role("checkbox", name="ceil_mode"),
        e.root.get_by_role("button", name="next window"),
        e.root.get_by_text("edit the input values"),
    ):
        control.focus()
        for key in ("d", "d", "x", "b", "Enter", "ArrowDown"):
            e.page.keyboard.press(key)

        assert control.evaluate("control => control === document.activeElement")
    assert cells == e.page.locator(".jp-Cell").count()
    e.slider("kernel").focus()
    e.page.keyboard.press("End")
    e.wait_for_title("MaxPool 20×20")

    assert active_cell(e.page) in (active, e.ask(CELL_OF))


COLOUR = "getComputedStyle(el.querySelector(args[0])).color.match(/\\d+/g).map(Number)"


def red(pixels: Any) -> Any:
    """Return the positions of the red of an error."""
    r, g, b = (pixels[..., i].astype(int) for i in range(3))
    return (r > 150) & (r - g > 60) & (abs(g - b) < 40)  # orange is not red


def test_typed_kernel_breaks_and_a_fix_repairs(explorer: Callable[[str], Explorer]) -> None:
    """15 on 10 × 10: red hatching where cells are missing; Enter on a fix makes it fit."""
    e = explorer("broken")
    e.number("kernel").click()
    e.page.keyboard.press("Control+A")
    e.page.keyboard.type("15")
    e.wait_for_title("MaxPool 15×15")
    expected = pv.diagnose(pv.Pool(15), 10)

    assert "raises" in e.subtitle
    assert red(np.array(e.ask(COLOUR, ".pv-verdict")))
    scene = build_scene(pv.trace(pv.Pool(15), 10), pv.PoolExplorer(10).input, View(PICTURE_WIDTH))
    missing = next(mark for mark in scene.marks if mark.role == "missing")
    e.page.mouse.move(1, 1)
    is_red = red(e.pixels())
    scale = is_red.shape[1] / scene.width
    for rect in missing.rects:
        left, top = rect.left * scale, rect.top * scale
        part = is_red[
            int(top) + 2 : int(top + rect.height * scale) - 2,
            int(left) + 2 : int(left + rect.width * scale) - 2,
        ]
        assert part.mean() > 0.05, rect
        # Hatching, not a red patch with words on it.
        assert part.mean() < 0.8, rect
    bounds = scene.input_plane.bounds
    inside = is_red[
        int(bounds.top * scale) + 7 : int(bounds.bottom * scale) - 7,
        int(bounds.left * scale) + 7 : int(bounds.right * scale) - 7,
    ]
    assert inside.mean() < 0.02
    offered = e.root.locator(".pv-fixes li")
    assert [fix.change for fix in expected.fixes] == [
        text.split(" gives ")[0] for text in offered.all_text_contents()
    ]
    e.root.locator(".pv-fixes button").first.focus()
    e.page.keyboard.press("Enter")
    e.wait_for_title("MaxPool 10×10")

    assert "returns 1 × 1" in e.subtitle
    assert offered.count() == 0
    assert red(e.pixels()).mean() < 0.001


def test_space_presses_a_fix_and_the_keyboard_keeps_its_place(
    explorer: Callable[[str], Explorer],
) -> None:
    """The button goes away with the fault: the focus is not lost with it."""
    e = explorer("repair")
    button = e.root.locator(".pv-fixes button").nth(1)
    expected = pv.diagnose(pv.Pool(15), 10).fixes[1]

    assert expected.change in button.inner_text()
    button.focus()
    e.page.keyboard.press("Space")
    e.wait("el.querySelector('.pv-subtitle').textContent.includes('returns')")

    assert f"returns {expected.gives}" in e.subtitle
    e.wait("el.contains(document.activeElement)")


def test_nonsense_is_explained_and_kept(explorer: Callable[[str], Explorer]) -> None:
    """An alert names the argument; the picture and the typed text stay; a number ends it."""
    e = explorer("nonsense")
    picture, title = e.fingerprint(), e.title
    alert = e.root.get_by_role("alert")
    assert alert.count() == 0
    field = e.number("kernel")
    field.fill("abc")
    e.wait_for_problem("kernel_size")

    assert alert.count() == 1
    assert alert.is_visible()
    assert "'abc'" in alert.inner_text()
    assert field.input_value() == "abc"
    assert field.get_attribute("aria-invalid") == "true"
    assert (picture, title) == (e.fingerprint(), e.title)
    field.fill("4")
    e.wait_for_title("MaxPool 4×4")

    assert alert.count() == 0
    assert field.get_attribute("aria-invalid") == "false"
    field.fill("")
    field.press_sequentially("2")
    e.wait_for_title("MaxPool 2×2")


def test_hostile_text_is_shown_as_text(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("hostile")
    hostile = "<img src=x onerror='window.hacked=1'><b>bold</b>"
    e.number("kernel").fill(hostile)
    e.wait_for_problem("<img")

    assert e.root.locator(".pv-problem *").count() == 0
    e.number("kernel").fill("3")
    e.wait("el.querySelector('.pv-problem').hidden")
    e.root.get_by_text("edit the input values").click()
    e.root.locator(".pv-values textarea").first.fill(hostile)
    e.root.get_by_role("button", name="use these numbers").click()
    e.wait_for_problem("<img")

    assert e.root.locator(".pv-problem *").count() == 0
    assert e.root.locator(".pv-values textarea").first.input_value() == hostile
    assert e.page.evaluate("window.hacked") is None


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
    e.page.keyboard.press("ArrowRight")
    e.wait_for_title("MaxPool 3×4,")


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


def picture_hash(picture: bytes) -> str:
    """As `Explorer.fingerprint`."""
    return ",".join(map(str, hashlib.sha256(picture).digest()))


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


# --- for everybody -------------------------------------------------------------------------------

_ROLES = {"slider", "combobox", "button", "checkbox", "textbox", "image", "img", "spinbutton"}


def accessible(e: Explorer) -> list[tuple[str, str]]:
    """Role and name of what a screen reader finds in an explorer."""
    session = e.page.context.new_cdp_session(e.page)
    try:
        e.ask("{ window.asked = el; }")
        found = session.send("Runtime.evaluate", {"expression": "window.asked"})
        object_id = found["result"]["objectId"]
        nodes = session.send("Accessibility.queryAXTree", {"objectId": object_id})["nodes"]
    finally:
        session.detach()
    return [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node.get("ignored") and node.get("role")
    ]


def test_everything_has_an_accessible_name(explorer: Callable[[str], Explorer]) -> None:
    """Sliders, fields, buttons and the picture, of three axes with sides that differ."""
    e = explorer("names")
    for folded in ("edit the input values", "more settings", "also show"):
        e.root.get_by_text(folded).click()
    nodes = accessible(e)
    unnamed = [role for role, name in nodes if role in _ROLES and not name.strip()]

    assert unnamed == []
    seen = [role for role, _ in nodes]
    for role, least in (("slider", 12), ("combobox", 6), ("button", 5), ("checkbox", 4)):
        assert seen.count(role) >= least, (role, seen.count(role))
    named = {role: [name for kind, name in nodes if kind == role] for role in _ROLES}
    for role in ("slider", "checkbox", "textbox"):
        assert len(set(named[role])) == len(named[role])
    assert {"padding before depth", "input width", "kernel", "depth slice"} <= set(named["slider"])
    # A label that belonged to several explorers would be read more than once.
    chosen = [
        "framework",
        "pooling",
        "axes",
        "padding",
        "count_include_pad",
        "windows by",
        "example",
    ]
    assert named["combobox"] == [*chosen, "playback speed"]


def test_the_picture_is_told_in_words(explorer: Callable[[str], Explorer]) -> None:
    """The picture is one image with the scene's words; what is drawn over it is not read out."""
    e = explorer("readers")
    expected = pv.PoolExplorer(10, 3, stride=1).state["alt"]
    images = [name for role, name in accessible(e) if role in ("image", "img")]

    assert images == [expected]
    assert e.stage.get_attribute("role") == "application"


@pytest.fixture
def narrow(page: Page, explorer: Callable[[str], Explorer]) -> Iterator[None]:
    """A phone: 320 pixels for the explorer. (Lab itself leaves no room for one at that width.)"""
    style = page.add_style_tag(content=".poolviz { box-sizing: border-box; width: 320px; }")
    yield
    style.evaluate("style => style.remove()")


@pytest.mark.parametrize("name", ["narrow", "narrow strip", "names"])
def test_nothing_sticks_out_on_a_narrow_screen(
    explorer: Callable[[str], Explorer], narrow: None, name: str
) -> None:
    e = explorer(name)
    e.root.locator(".pv-says summary, .pv-values summary").first.click()

    assert sticking_out(e.root) == []
    assert e.ask("[el.offsetWidth, el.scrollWidth <= el.clientWidth + 1]") == [320, True]


def choose_theme(page: Page, name: str) -> None:
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).hover()
    page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True).click()


def test_dark_theme_draws_a_dark_picture(explorer: Callable[[str], Explorer]) -> None:
    """Lab turns dark while explorers are open: each requests another picture, and back."""
    e = explorer("dark")
    light = picture_hash(pv.PoolExplorer(10, 3).picture)
    for name, theme in (("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")):
        choose_theme(e.page, name)
        e.wait("el.dataset.theme === args[0]", theme)
        expected = np.array(THEMES[theme].page) * 255
        until(e, lambda e, page=expected: np.allclose(e.pixels()[3, 3], page, atol=3))
    until(e, lambda e: e.fingerprint() == light)


def until(e: Explorer, is_there: Callable[[Explorer], bool]) -> None:
    """Wait for what the page cannot say by itself."""
    for _ in range(PATIENCE // 100):  # another picture may be under way
        if is_there(e):
            return
        e.page.wait_for_timeout(100)
    assert is_there(e)


def test_no_error_reached_the_console(page: Page, explorer: Callable[[str], Explorer]) -> None:
    """Of all that was done above, in any part of Lab."""
    problems: list[str] = page.problems  # type: ignore[attr-defined]

    assert problems == []


# --- when the kernel is gone ---------------------------------------------------------------------


def test_window_moves_without_a_kernel(explorer: Callable[[str], Explorer], lab: Lab) -> None:
    """The last test of all: the kernel is shut down, hover and keys still work."""
    e = explorer("last")
    kernel = shut_down(lab, "explorers.ipynb")
    with pytest.raises(urllib.error.HTTPError):
        api(lab, f"kernels/{kernel}")
    plane = geometry()["output"]
    e.point_at(plane, 1, 2)
    e.wait_for_window("output row 1, column 2")
    e.stage.focus()
    e.page.keyboard.press("ArrowLeft")
    e.wait_for_window("output row 1, column 1")
