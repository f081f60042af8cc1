"""What is on the first screen of a laptop in JupyterLab: verdict, picture, controls, fixes.

One page for all: 1366 × 768, the file browser open, about 900 × 550 pixels for an output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import Lab
from .explorers import Explorer, run_explorers, serious_faults, sticking_out

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

WIDTH, HEIGHT = 1366, 768
ROOM = 608  # pixels between the toolbar of the notebook and its end, less one line of code
# Name of the case → the cell that makes it.
CASES = {
    "ok": "pv.PoolExplorer((7, 9), 3, stride=2, padding=1)",
    "broken": "pv.PoolExplorer(10, 15)",
    "one axis": "pv.PoolExplorer((2, 10), 3, stride=1)",
    "average": "pv.PoolExplorer(10, 3, stride=2, padding=1, op='avg')",
    "1-D": "pv.PoolExplorer((12,), 3, stride=2)",
    "3-D": "pv.PoolExplorer((4, 9, 9), 2)",
    "224 × 224": "pv.PoolExplorer(224, 3, stride=2, padding=1)",
    "same": "pv.PoolExplorer(11, 3, stride=2, padding='same', framework='keras')",
    "refused": "pv.PoolExplorer(10, 3, padding=2)",
    "empty": "pv.PoolExplorer(10, 15, framework='jax')",
}
ALWAYS = (".pv-verdict", ".pv-call", ".pv-chips", ".pv-picks", ".pv-numbers", ".pv-ticks")
ALWAYS += (".pv-stage", ".pv-formulas")
HAVE_FIXES = ("broken", "one axis", "refused", "empty")
FOLDED = ("edit the input values", "also show", "Keys", "The framework's error message")


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab) -> Iterator[Callable[[str], Explorer]]:
    """Call it with a name of `CASES`: the explorer at the top of the laptop's screen."""
    size = page.viewport_size
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    get = run_explorers(page, lab, "one_screen.ipynb", CASES)
    page.evaluate("jupyterapp.shell.activateById('filebrowser')")
    yield get
    if size is not None:
        page.set_viewport_size(size)


def bottoms(e: Explorer) -> dict[str, float]:
    """Return how far below the upper edge of the explorer its shown parts end."""
    found: dict[str, float] = e.ask(
        """{
        const top = el.getBoundingClientRect().top;
        const parts = [...args[0], '.pv-fixes li:nth-child(2)', '.pv-picture'];
        const ends = parts.map((part) => [part, el.querySelector(part)]);
        return Object.fromEntries(ends.filter(([, one]) => one?.getClientRects().length)
          .map(([part, one]) => [part, one.getBoundingClientRect().bottom - top]));
        }""",
        list(ALWAYS),
    )
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_first_screen_holds_what_matters(
    explorer: Callable[[str], Explorer], name: str
) -> None:
    e = explorer(name)
    room = e.ask("el.closest('.jp-WindowedPanel-outer, .jp-Notebook').clientHeight")
    found = bottoms(e)

    assert room >= ROOM
    assert set(ALWAYS) <= set(found)
    assert (".pv-fixes li:nth-child(2)" in found) is (name in HAVE_FIXES)
    assert {part: end for part, end in found.items() if end > ROOM} == {}
    assert sticking_out(e.root) == []


def test_controls_are_left_of_the_picture_and_fixes_in_its_empty_half(
    explorer: Callable[[str], Explorer],
) -> None:
    e = explorer("broken")
    box = """Object.fromEntries(args.map((part) => [part, el.querySelector(part)
      .getBoundingClientRect().toJSON()]))"""
    found = e.ask(box, ".pv-controls", ".pv-stage", ".pv-fixes button", ".pv-verdict")
    controls, stage, fix = (
        found[part] for part in (".pv-controls", ".pv-stage", ".pv-fixes button")
    )

    assert controls["right"] <= stage["left"]
    assert stage["left"] + stage["width"] / 2 < fix["left"] < stage["right"]
    assert stage["top"] < fix["top"] < fix["bottom"] < stage["bottom"]
    assert found[".pv-verdict"]["bottom"] < min(controls["top"], stage["top"])


def test_what_is_not_needed_at_once_is_behind_its_name(
    explorer: Callable[[str], Explorer],
) -> None:
    e = explorer("refused")
    assert e.root.locator("details[open]").count() == 0
    for name in FOLDED:
        assert e.root.locator("summary", has_text=name).is_visible(), name
    chips = [" ".join(text.split()) for text in e.root.locator(".pv-chip").all_inner_texts()]
    assert chips == [
        *("PyTorch ✗ padding", "TensorFlow ✓ 4 × 4", "Keras ✗ padding"),
        *("JAX ✓ 4 × 4", "onnxruntime ✓ 4 × 4"),
    ]
    assert not e.root.locator("table.pv-frameworks").is_visible()
    e.root.locator(".pv-chips summary").focus()
    e.page.keyboard.press("Enter")
    assert e.root.locator("table.pv-frameworks tr").count() == 5
    e.page.keyboard.press("Enter")
    # One axis has nothing to be linked with.
    one = explorer("1-D").root
    assert one.get_by_role("checkbox", name="per axis").count() == 0


def test_axe_finds_nothing_serious(explorer: Callable[[str], Explorer]) -> None:
    for name in ("refused", "average"):
        cell = explorer(name).root.locator("xpath=ancestor::*[contains(@class, 'jp-Cell')]").last
        assert serious_faults(cell) == [], name
        cell.evaluate(
            "el => el.querySelectorAll('details').forEach((one) => { one.open = false; })"
        )


def test_undo_and_redo_by_keys_and_buttons(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("ok")
    undo = e.root.get_by_role("button", name="undo", exact=True)
    assert undo.is_disabled()
    e.slider("kernel").focus()
    e.page.keyboard.press("ArrowRight")
    e.wait_for_title("MaxPool 4×4")
    e.wait("!el.querySelector('.pv-tools button').disabled")
    e.page.keyboard.press("Control+z")
    e.wait_for_title("MaxPool 3×3")
    e.wait("!el.querySelectorAll('.pv-tools button')[1].disabled")
    e.root.get_by_role("button", name="redo", exact=True).click()
    e.wait_for_title("MaxPool 4×4")
    e.wait("el.querySelector('.pv-copy').title.startsWith('pv.PoolExplorer((7, 9), 4')")
