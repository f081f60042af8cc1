"""PoolExplorer in a real JupyterLab and a real Chromium, from the notebook as it is opened.

Tests wait for conditions, never for a time to pass. Each test has a separate explorer, all of
them in one notebook, so no test sees what another one left behind.
"""

from __future__ import annotations

import re
import urllib.error
from collections.abc import Callable
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import nbformat
import numpy as np
import pytest

import poolviz as pv
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import build_scene
from tests.browser.conftest import PATIENCE, START, Lab
from tests.browser.support.explorers import (
    CELL_OF,
    PICTURE_WIDTH,
    Explorer,
    active_cell,
    api,
    geometry,
    open_fresh,
    run_explorers,
    shut_down,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARES_LAB = True
STORED_WIDTH = 900  # of a picture without a browser

FRESH = "pv.PoolExplorer(10, 3)"
# Name of the explorer → the cell that makes it.
EXPLORERS = {
    "keyboard": FRESH,
    "keys": FRESH,
    "broken": FRESH,
    "repair": "pv.PoolExplorer(10, 15)",
    "nonsense": FRESH,
    "hostile": FRESH,
    "last": FRESH,
}


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab) -> Callable[[str], Explorer]:
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
    from tests.browser.support.lab import run_all

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
