"""What goes wrong in a long lesson: wrong input, closed and reloaded pages, a kernel that is gone.

No error reaches the console, and no highlight stays where its window is no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import poolviz as pv
from tests.browser.conftest import Lab
from tests.browser.support.explorers import Explorer, geometry, run_explorers, shut_down

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

NOTEBOOK = "hard_days.ipynb"
FRESH = "pv.PoolExplorer(10, 3)"
# Name of the explorer → the cell that makes it.
EXPLORERS = {
    "wrong shape": FRESH,
    "named": 'named = pv.PoolExplorer(10, 3, padding="same", framework="jax")\nnamed',
    # So wide that a row takes a minute: the walk is on its way, however late the test is.
    "mid walk": "pv.PoolExplorer((10, 40), 3, stride=1)",
    "from Python": "walked = pv.PoolExplorer(10, 3, stride=1)\nwalked",
    "one view": "shared = pv.PoolExplorer(10, 3, stride=1)\nshared",
    "other view": "shared",
    "again": FRESH,
    "fast": FRESH,
    "reload": FRESH,
    "dead": "pv.PoolExplorer(10, 3, stride=1)",
}


@pytest.fixture(scope="module")
def console(page: Page) -> list[str]:
    """Errors that the page's scripts write."""
    written: list[str] = []
    page.on("console", lambda one: written.append(one.text) if one.type == "error" else None)
    return written


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab, console: list[str]) -> Callable[[str], Explorer]:
    """Call it with a name of `EXPLORERS`."""
    return run_explorers(page, lab, NOTEBOOK, EXPLORERS)


def run_in_kernel(e: Explorer, code: str) -> None:
    """As a cell does, without one: what is typed into a new cell may come before its editor."""
    e.page.evaluate(
        """code => {
          const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
          window.executed = null;
          window.execution = kernel.requestExecute({ code });
          window.execution.done.then(({ content }) => { window.executed = content; });
        }""",
        code,
    )
    e.page.wait_for_function("() => window.executed")
    assert e.page.evaluate("() => window.executed.status") == "ok"


def walk(e: Explorer, speed: str) -> None:
    e.root.get_by_role("combobox", name="playback speed").select_option(speed)
    e.root.get_by_role("button", name="play", exact=True).click()


def pause(e: Explorer) -> None:
    """Wherever the walk is; at its end it has stopped by itself."""
    e.ask("{ el.querySelector('.pv-player [aria-pressed=true]')?.click(); }")


# In one question: a walk goes on between two of them.
_WINDOW_AND_MARKS = """[
  el.querySelector('.pv-window').innerText,
  ...[...el.querySelectorAll('.pv-overlay .pv-kernel')].map((rect) =>
    Object.fromEntries(['x', 'y', 'width'].map((name) => [name, Number(rect.getAttribute(name))]))),
]"""


def matches(e: Explorer, w: pv.PoolExplorer) -> None:
    """The marked window is where Python has it: its sentence names the window."""
    told: Any = w.state["geometry"]
    words, window, output = e.ask(_WINDOW_AND_MARKS)
    place = words.removeprefix("output row ").split(":")[0].split(", column ")
    i, j = int(place[0]), int(place[1])
    plane, down, across = told["input"], told["down"], told["across"]

    assert window["x"] == pytest.approx(
        plane["left"] + (across["first"] + j * across["stride"]) * plane["cellWidth"]
    )
    assert window["y"] == pytest.approx(
        plane["top"] + (down["first"] + i * down["stride"]) * plane["cellHeight"]
    )
    assert window["width"] == pytest.approx(across["span"] * plane["cellWidth"])
    assert output["x"] == pytest.approx(told["output"]["left"] + j * told["output"]["cellWidth"])


# --- input and parameters under way --------------------------------------------------------------


def test_input_of_the_wrong_shape_while_walking(explorer: Callable[[str], Explorer]) -> None:
    """Ragged rows are explained; the walk and the picture go on as they were, then with the new."""
    e = explorer("wrong shape")
    picture = e.fingerprint()
    e.root.get_by_text("edit the input values").click()
    e.note_windows()
    walk(e, "0.5")
    e.root.locator(".pv-values textarea").first.fill("1 2 3\n4 5")
    e.root.get_by_role("button", name="use these numbers").click()
    e.wait_for_problem("row 1 has 2")
    e.wait_for_noted("output row 0, column 2")
    assert picture == e.fingerprint()
    matches(e, pv.PoolExplorer(10, 3))
    e.root.locator(".pv-values textarea").first.fill("\n".join(["1 2 3 4"] * 4))
    e.root.get_by_role("button", name="use these numbers").click()
    e.wait("el.querySelector('.pv-subtitle').textContent.startsWith('input 4 × 4')")
    e.wait("el.querySelector('.pv-problem').hidden")
    e.wait_for_window("output row 0, column 0: the largest of rows 0–2, columns 0–2 is 3")
    e.wait("el.querySelector('.pv-player').textContent.includes('play')")  # one window: no further


def test_controls_that_were_never_answered_go_again(explorer: Callable[[str], Explorer]) -> None:
    """Padding in numbers was requested beside a kernel that is none; then Python says "same"."""
    e = explorer("named")
    before = e.seq
    e.number("kernel").fill("2.5")
    e.wait_for_problem("2.5")
    e.wait_for_answer_after(before)
    before = e.seq
    e.root.get_by_role("combobox", name="padding").select_option("numbers")
    e.slider("padding").wait_for()
    # Else the cell may come first: a request is kept back while another one is on its way.
    e.wait_for_answer_after(before)
    run_in_kernel(e, "named.layer = pv.Pool(4, padding='same', framework='jax')")
    e.wait_for_title("MaxPool 4×4")

    assert e.slider("padding").count() == 0
    e.root.get_by_role("combobox", name="padding").select_option("numbers")
    e.slider("padding").press("ArrowRight")
    e.wait("el.querySelector('.pv-title').textContent.includes('padding 1')")


def test_a_parameter_changes_in_the_middle_of_a_walk(
    explorer: Callable[[str], Explorer],
) -> None:
    """The window is brought into the new output and walks on there; with no output it ends."""
    e = explorer("mid walk")
    e.stage.focus()
    e.page.keyboard.press("End")
    e.page.keyboard.press("PageUp")
    walk(e, "0.25")
    e.number("kernel").fill("5")
    e.wait_for_title("MaxPool 5×5")
    e.wait("el.querySelectorAll('.pv-overlay .pv-kernel').length === 2")
    matches(e, pv.PoolExplorer((10, 40), 5, stride=1))
    assert e.window.startswith("output row 5, column ")  # the walk had come to row 7
    e.number("kernel").fill("4")
    e.wait_for_title("MaxPool 4×4")
    e.root.get_by_role("combobox", name="playback speed").select_option("8")
    e.wait_for_window("output row 6")
    pause(e)
    matches(e, pv.PoolExplorer((10, 40), 4, stride=1))
    e.stage.focus()
    e.page.keyboard.press("Home")
    walk(e, "0.25")
    e.number("kernel").fill("15")
    e.wait_for_title("MaxPool 15×15")
    e.wait("el.querySelector('.pv-player').hidden")

    assert e.ask("el.querySelector('.pv-overlay').childElementCount") == 0
    assert e.window == ""


def test_python_changes_the_layer_in_the_middle_of_a_walk(
    explorer: Callable[[str], Explorer],
) -> None:
    e = explorer("from Python")
    walk(e, "2")
    run_in_kernel(e, "walked.layer = pv.Pool(2); walked.position = [4, 1]")
    e.wait_for_title("MaxPool 2×2")
    e.wait_for_window("output row 4, column")
    pause(e)
    matches(e, pv.PoolExplorer(10, 2))


# --- views ---------------------------------------------------------------------------------------


def test_two_views_move_by_themselves_and_change_together(
    explorer: Callable[[str], Explorer],
) -> None:
    one, other = explorer("one view"), explorer("other view")
    one.stage.focus()
    one.page.keyboard.press("End")
    one.page.keyboard.press("Enter")
    assert one.window.startswith("output row 7, column 7")
    assert other.window.startswith("output row 0, column 0")
    assert other.root.get_by_role("button", name="pinned").count() == 0
    other.number("kernel").fill("6")
    for e in (one, other):
        e.wait_for_title("MaxPool 6×6")
    one.wait_for_window("output row 4, column 4")
    other.wait_for_window("output row 0, column 0")
    for e in (one, other):
        matches(e, pv.PoolExplorer(10, 6, stride=1))


def test_a_view_that_is_closed_and_shown_again(explorer: Callable[[str], Explorer]) -> None:
    """The cell runs again while its walk is under way; the old view leaves no timer behind."""
    e = explorer("again")
    walk(e, "8")
    cell = e.root.locator("xpath=ancestor::*[contains(@class, 'jp-CodeCell')]")
    cell.locator(".jp-InputArea-editor").click()
    old = e.root.element_handle()
    e.page.keyboard.press("Control+Enter")
    e.page.wait_for_function("old => !old.isConnected", arg=old)
    e.page.keyboard.press("Escape")
    e.wait("el.querySelector('.pv-stage')?.dataset.seq")
    e.wait_for_window("output row 0, column 0")
    e.number("kernel").fill("4")
    e.wait_for_title("MaxPool 4×4")
    matches(e, pv.PoolExplorer(10, 4))


def test_a_closed_explorer_goes_and_the_others_stay(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("other view")
    run_in_kernel(e, "temporary = pv.PoolExplorer(5, 2); temporary.close(); repr(temporary)")
    e.number("kernel").fill("3")
    e.wait_for_title("MaxPool 3×3")


def test_last_of_forty_steps_leaves_no_stale_highlight(
    explorer: Callable[[str], Explorer],
) -> None:
    """While the window walks as fast as it can."""
    e = explorer("fast")
    walk(e, "8")
    e.ask(
        """{
        const slider = el.querySelector('input[aria-label="kernel"]');
        for (let step = 1; step <= 40; step += 1) {
          slider.value = step === 40 ? 2 : 3 + step % 17; // the title says which is the last
          slider.dispatchEvent(new Event('input', { bubbles: true }));
          await new Promise(requestAnimationFrame);
        }
        }"""
    )
    e.wait_for_title("MaxPool 2×2")
    pause(e)
    e.press("Home", "ArrowRight")

    assert e.slider("kernel").input_value() == "2"
    e.wait_for_window("output row 0, column 1: the largest of rows 0–1, columns 2–3")
    matches(e, pv.PoolExplorer(10, 2))


# --- the page and the kernel ---------------------------------------------------------------------


def test_the_console_stayed_empty(
    page: Page, console: list[str], explorer: Callable[[str], Explorer]
) -> None:
    """Checked before the page is reloaded and the kernel killed: then Lab itself reports errors."""
    problems: list[str] = page.problems  # type: ignore[attr-defined]

    assert problems == []
    assert console == []


def test_a_reloaded_page_has_its_explorers_again(
    page: Page, explorer: Callable[[str], Explorer]
) -> None:
    """They come from the kernel, as they were, and live on."""
    e = explorer("reload")
    e.number("kernel").fill("4")
    e.wait_for_title("MaxPool 4×4")
    page.keyboard.press("Escape")
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_text("Save Notebook", exact=True).click()
    page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.locator(".jp-CodeCell .poolviz .pv-stage[data-seq]").first.wait_for()
    e = explorer("reload")
    e.wait_for_title("MaxPool 4×4")
    e.wait("el.querySelectorAll('.pv-overlay .pv-kernel').length === 2")
    matches(e, pv.PoolExplorer(10, 4))
    e.number("kernel").fill("5")
    e.wait_for_title("MaxPool 5×5")
    e.slider("kernel").focus()
    for step in range(200):  # until the kernel has sent the answers ahead once more
        e.slider("kernel").press("ArrowLeft" if step % 2 else "ArrowRight")
        if e.ask("!el.querySelector('.pv-painted').hidden"):
            break
        e.wait_for_title(f"MaxPool {6 - step % 2}×")
    else:
        raise AssertionError("nothing is computed ahead in a page that was reloaded")
    assert page.problems == []  # type: ignore[attr-defined]


def test_without_a_kernel_all_but_the_settings_works(
    explorer: Callable[[str], Explorer], lab: Lab
) -> None:
    """The last test: hover, keys, pin, step and walk; a setting says that nobody answers."""
    e = explorer("dead")
    shut_down(lab, NOTEBOOK)
    told = geometry(stride=1)
    e.point_at(told["output"], 3, 3)
    e.wait_for_window("output row 3, column 3")
    e.point_at(told["input"], 5, 5)
    e.wait_for_window("input row 5, column 5: 9 windows read it")
    e.stage.focus()
    e.page.keyboard.press("Enter")
    e.root.get_by_role("button", name="pinned").wait_for()
    e.page.keyboard.press("Escape")
    e.page.mouse.move(1, 1)
    e.root.get_by_role("button", name="next window").click()
    e.wait_for_window("output row 3, column 4")
    e.note_windows()
    walk(e, "4")
    e.wait_for_noted("output row 3, column 6")
    e.page.keyboard.press("Space")
    e.ask("{ el.style.width = '400px'; }")  # the picture scales
    e.wait("el.querySelector('.pv-picture').clientWidth < 400")
    e.slider("kernel").focus()
    e.page.keyboard.press("ArrowRight")
    e.wait_for_problem("Python does not respond")
