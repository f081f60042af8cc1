"""What is on the first screen of a laptop in JupyterLab: verdict, picture, controls, fixes.

One page for all: 1366 × 768, the file browser open, about 900 × 550 pixels for an output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Lab
from tests.browser.support.explorers import (
    Explorer,
    run_widgets,
    serious_faults,
    sticking_out,
    wait_for_rest,
)

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
    "3-D, too long": "pv.PoolExplorer((4, 9, 9), 6)",
    "224 × 224": "pv.PoolExplorer(224, 3, stride=2, padding=1)",
    "same": "pv.PoolExplorer(11, 3, stride=2, padding='same', framework='keras')",
    "refused": "pv.PoolExplorer(10, 3, padding=2)",
    "empty": "pv.PoolExplorer(10, 15, framework='jax')",
}
ALWAYS = (".pv-verdict", ".pv-call", ".pv-chips", ".pv-picks", ".pv-numbers", ".pv-ticks")
ALWAYS += (".pv-stage", ".pv-formulas")
HAVE_FIXES = ("broken", "one axis", "3-D, too long", "refused", "empty")
FOLDED = ("edit the input values", "also show", "Keys", "The framework's error message")

BRANCHES = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3)
        self.b = nn.Conv2d(8, 8, 3, padding=1)
        self.c = nn.MaxPool2d(3, stride=1, padding=1)
        self.d = nn.MaxPool2d(20)
    def forward(self, x):
        x = self.a(x)
        y = torch.cat([self.b(x), self.c(x)], 1)
        return self.d(y)
"""
UNKNOWN = "from torch import nn\nm = nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), strange(8))"
POOLS = (
    "pv.StackExplorer(pv.Stack([pv.Conv(8, 3, padding=1), pv.Pool(2)] * {blocks},"
    " (1, {side}, {side})))"
)
NETWORKS = {
    "5 layers": "pv.StackExplorer(pv.Stack([pv.Conv(8, 3), pv.Pool(2), pv.Conv(16, 3), pv.Pool(2),"
    " pv.Pool(4)], (3, 16, 16)))",
    "12 layers": POOLS.format(blocks=6, side=28),
    "30 layers, the middle": POOLS.format(blocks=15, side=130),
    "150 layers": "pv.StackExplorer(pv.Stack([pv.Conv(8, 3)] * 149 + [pv.Pool(9)], (1, 300, 300)))",
    "branches": f"pv.StackExplorer({BRANCHES!r}, (3, 16, 16))",
    "the first layer": "pv.StackExplorer(pv.Stack([pv.Pool(40), pv.Conv(8, 3)], (3, 32, 32)))",
    "one axis": "pv.StackExplorer(pv.Stack([('pool_a', pv.Pool(2)), ('pool_b', pv.Pool(2)),"
    " ('pool_c', pv.Pool(2))], (5, 12, 1), framework='keras'))",
    "works": "pv.StackExplorer(pv.Stack([pv.Conv(8, 3), pv.Pool(2), pv.Flatten(), pv.Linear(10)],"
    " (3, 32, 32)))",
    "refused": "pv.StackExplorer(pv.Stack([pv.Conv(8, 3), pv.Pool(3, padding=2)], (3, 16, 16)))",
    "other features": "pv.StackExplorer(pv.Stack([pv.Conv(8, 3), pv.Flatten(),"
    " pv.Linear(10, in_features=99)], (3, 16, 16)))",
    "ends early": f"pv.StackExplorer({UNKNOWN!r}, (3, 16, 16))",
}
MESSAGE = "Given input size: (512x1x1). Calculated output size: (512x0x0). Output size is too small"
NEGATIVE = "Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'"
OTHERS = {
    "message": f"pv.ErrorDecoder({MESSAGE!r})",
    "layer": f"pv.ErrorDecoder({NEGATIVE!r})",
    "code": f"pv.ErrorDecoder({BRANCHES!r}, input_shape=(3, 16, 16))",
    "map": "pv.SizeMap(10, 3)",
    "comparison": "pv.FrameworkComparison(10, 3, padding='same', framework='keras')",
    "raises": "pv.FrameworkComparison(10, 15)",
    "number": "pv.ExerciseCard('size-plain')",
    "cells": "pv.ExerciseCard('unread-in-a-grid')",
}
DECODED = (".pv-verdict", ".pv-title", ".pv-paste", ".pv-fixes li:nth-child(2)", ".pv-findings")
ASKED = (".pv-question", ".pv-picture", ".pv-answer", ".pv-tools")
BESIDE = (".pv-title", ".pv-tools", ".pv-controls", ".pv-main .pv-picture")
OF_THE_OTHERS = {
    "message": DECODED,
    "layer": (*DECODED, ".pv-picture"),
    "code": (*DECODED, ".pv-picture"),
    "map": (*BESIDE, ".pv-selects", ".pv-main .pv-window"),
    "comparison": (*BESIDE, ".pv-table"),
    "raises": (*BESIDE, ".pv-table"),
    "number": (*ASKED, ".pv-form input"),
    "cells": ASKED,
}


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab) -> Iterator[Callable[[str], Explorer]]:
    """Call it with a name of a case: the widget at the top of the laptop's screen."""
    size = page.viewport_size
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    networks = {f"network, {name}": cell for name, cell in NETWORKS.items()}
    get = run_widgets(page, lab, "one_screen.ipynb", {**CASES, **networks, **OTHERS})
    page.evaluate("jupyterapp.shell.activateById('filebrowser')")
    wait_for_rest(page)  # all pictures have the width that is left

    def found(name: str) -> Explorer:
        e = Explorer(page, get(name).locator(".poolviz").first)
        e.wait("el.querySelectorAll('.pv-stage').length > 0")
        e.wait("[...el.querySelectorAll('.pv-stage')].every((one) => one.dataset.seq)")
        return e

    yield found
    if size is not None:
        page.set_viewport_size(size)


def bottoms(e: Explorer, parts: Iterable[str]) -> dict[str, float]:
    """Return how far below the upper edge of the widget its shown parts end."""
    found: dict[str, float] = e.ask(
        """{
        const top = el.getBoundingClientRect().top;
        const ends = args[0].map((part) => [part, el.querySelector(part)]);
        return Object.fromEntries(ends.filter(([, one]) => one?.getClientRects().length)
          .map(([part, one]) => [part, one.getBoundingClientRect().bottom - top]));
        }""",
        list(parts),
    )
    return found


def boxes(e: Explorer, *parts: str) -> list[dict[str, float]]:
    found: list[dict[str, float]] = e.ask(
        "args.map((part) => el.querySelector(part).getBoundingClientRect().toJSON())", *parts
    )
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_first_screen_holds_what_matters(
    explorer: Callable[[str], Explorer], name: str
) -> None:
    e = explorer(name)
    room = e.ask("el.closest('.jp-WindowedPanel-outer, .jp-Notebook').clientHeight")
    found = bottoms(e, (*ALWAYS, ".pv-fixes li:nth-child(2)", ".pv-picture"))

    assert room >= ROOM
    assert set(ALWAYS) <= set(found)
    assert (".pv-fixes li:nth-child(2)" in found) is (name in HAVE_FIXES)
    assert {part: end for part, end in found.items() if end > ROOM} == {}
    assert sticking_out(e.root) == []


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_its_table_and_the_chosen_layer_are_on_one_screen(
    explorer: Callable[[str], Explorer], name: str
) -> None:
    e = explorer(f"network, {name}")
    has_layer = name != "other features"
    fixes = e.root.locator(".pv-side .pv-fixes").first.locator("li").count()
    parts = [".pv-verdict", ".pv-title", ".pv-scroll .pv-picture", ".pv-table [aria-current]"]
    parts += [f".pv-fixes li:nth-child({min(fixes, 2)})"] * (fixes > 0)
    parts += [".pv-slot .pv-picture"] * has_layer
    parts += [".pv-slot .pv-picks + .pv-numbers"] * (name in ("5 layers", "12 layers"))
    found = bottoms(e, parts)

    assert (fixes > 0) is (name not in ("works", "ends early"))
    assert set(found) == set(parts)
    assert {part: end for part, end in found.items() if end > ROOM} == {}
    table, chosen, *layer = boxes(
        e, ".pv-table", ".pv-table [aria-current]", *[".pv-slot .pv-picture"] * has_layer
    )
    assert table["top"] <= chosen["top"] < chosen["bottom"] <= table["bottom"] + 1
    assert all(table["right"] <= one["left"] and one["width"] > 500 for one in layer)
    assert sticking_out(e.root) == []


@pytest.mark.parametrize("name", OF_THE_OTHERS)
def test_words_picture_and_controls_of_the_others_are_on_one_screen(
    explorer: Callable[[str], Explorer], name: str
) -> None:
    e = explorer(name)
    found = bottoms(e, OF_THE_OTHERS[name])

    assert set(found) == set(OF_THE_OTHERS[name])
    assert {part: end for part, end in found.items() if end > ROOM} == {}
    assert sticking_out(e.root) == []
    if name in ("message", "layer", "code"):
        paste, answer = boxes(e, ".pv-paste", ".pv-verdict")
        assert paste["right"] < answer["left"]
    elif name not in ("number", "cells"):
        controls, picture = boxes(e, ".pv-controls", ".pv-main .pv-picture")
        assert controls["right"] < picture["left"]


def test_controls_are_left_of_the_picture_and_fixes_in_its_empty_half(
    explorer: Callable[[str], Explorer],
) -> None:
    e = explorer("broken")
    controls, stage, fix, verdict = boxes(
        e, ".pv-controls", ".pv-stage", ".pv-fixes button", ".pv-verdict"
    )

    assert controls["right"] <= stage["left"]
    assert stage["left"] + stage["width"] / 2 < fix["left"] < stage["right"]
    assert stage["top"] < fix["top"] < fix["bottom"] < stage["bottom"]
    assert verdict["bottom"] < min(controls["top"], stage["top"])


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
