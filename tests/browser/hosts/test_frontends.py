"""The widgets in Jupyter Notebook 7 and in Voila: drawn, moved, broken and repaired.

JupyterLab has separate tests. Here no page reaches the internet, and errors that the front end
reports for a notebook without widgets, too, are not counted against the widgets.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import nbformat
import pytest

import poolviz as pv
from tests.browser.conftest import PATIENCE, Lab
from tests.browser.support.explorers import PICTURE_WIDTH, Explorer, geometry
from tests.browser.support.trouble import Trouble
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

KERAS = (
    "ValueError: Exception encountered when calling MaxPooling2D.call(). Computed output size "
    "would be zero or negative. Received: inputs.shape=[None 10 10 3], pool_size=[15 15], "
    "strides=(15, 15), padding=valid."
)
BARE, FULL = "bare.ipynb", "widgets.ipynb"
NOTEBOOKS = {
    BARE: ["import poolviz as pv", "1 + 1"],
    FULL: [
        "import poolviz as pv",
        "pv.PoolExplorer(10, 3)",
        'pv.StackExplorer(pv.Stack([("pool_a", pv.Pool(2)), ("pool_b", pv.Pool(2)),'
        ' ("pool_c", pv.Pool(2))], (5, 12, 1), framework="keras"))',
        "pv.ErrorDecoder()",
    ],
}
# The explorer, the stack, the stack's explorer, the decoder: in the order of the page.
EXPLORER, STACK, LAYER, DECODER = range(4)


class FrontEnd(NamedTuple):
    """One notebook opened and run in one front end."""

    page: Page
    trouble: Trouble
    usual: Trouble  # that there is without widgets too

    def widget(self, place: int) -> Locator:
        found = self.page.locator(".poolviz").nth(place)
        found.scroll_into_view_if_needed()
        return found

    @property
    def explorer(self) -> Explorer:
        return Explorer(self.page, self.widget(EXPLORER))


def run_in_notebook7(page: Page, lab: Lab, name: str) -> None:
    from tests.browser.support.lab import TOKEN, run_all, wait_for_kernel

    page.goto(f"{lab.address}/notebooks/{name}?token={TOKEN}")
    wait_for_kernel(page, PATIENCE)
    run_all(page)


def run_in_voila(page: Page, lab: Lab, name: str) -> None:
    """Voila runs a notebook when it is opened, and hides the page until all cells are done."""
    page.goto(f"{lab.address}/voila/render/{name}")
    page.locator(".jp-OutputArea-output").last.wait_for()


RUN = {"notebook": run_in_notebook7, "voila": run_in_voila}


def serving(front_end: str, folder: Path, scratch: Path) -> AbstractContextManager[str]:
    """The front end over a folder of notebooks; gives its address."""
    from tests.browser.support import lab

    if front_end == "voila":
        return lab.voila(folder, scratch)
    return lab.jupyterlab(folder, scratch, front_end)


@pytest.fixture(scope="module", params=RUN)
def front(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FrontEnd]:
    """The notebook with the widgets, run; skipped where the front end is not installed."""
    if importlib.util.find_spec(request.param) is None:
        refuse = pytest.fail if os.environ.get("POOLVIZ_REQUIRE_BROWSER") == "1" else pytest.skip
        refuse(f"{request.param} is not installed")
    from tests.browser.support.lab import fresh_page

    run = RUN[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    for name, sources in NOTEBOOKS.items():
        Lab("", folder).write(name, [nbformat.v4.new_code_cell(source) for source in sources])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        scratch = tmp_path_factory.mktemp("scratch")
        with serving(request.param, folder, scratch) as address, fresh_page(browser) as page:
            lab = Lab(address, folder)
            page.set_default_timeout(PATIENCE)
            bare = page.context.new_page()  # stays open: leaving it causes other errors in Voila
            usual, trouble = Trouble(bare), Trouble(page)
            run(bare, lab, BARE)
            page.bring_to_front()  # or Chromium gives it few frames
            run(page, lab, FULL)
            page.locator(".poolviz").nth(DECODER).wait_for()
            yield FrontEnd(page, trouble, usual)


def wait_for(locator: Locator, text: str) -> None:
    locator.filter(has_text=text).first.wait_for()


def test_every_widget_is_drawn(front: FrontEnd) -> None:
    wait_for(front.widget(EXPLORER).locator(".pv-title"), "MaxPool 3×3, stride 3, no padding")
    wait_for(front.widget(STACK).locator(".pv-title"), "3 layers on 5 × 12 × 1: stops at pool_c")
    wait_for(front.widget(LAYER).locator(".pv-subtitle"), "input 1 × 3 → 0 × 1")
    front.widget(DECODER).locator(".pv-paste").wait_for()
    for place in (EXPLORER, STACK, LAYER):
        picture = front.widget(place).locator(".pv-picture").first  # the layer is in the stack
        wanted = PICTURE_WIDTH if place == EXPLORER else 0  # the others fit their room
        # Not `decode()`, which rejects when another picture comes meanwhile.
        front.page.wait_for_function(
            """([{ complete, naturalWidth }, wanted]) =>
            complete && (wanted ? naturalWidth === wanted : naturalWidth > 0)""",
            arg=[picture.element_handle(), wanted],
        )
        assert picture.get_attribute("alt")
        assert picture.bounding_box() is not None


def test_hover_moves_the_window(front: FrontEnd) -> None:
    e = front.explorer
    plane = geometry()["output"]
    for row, column in ((0, 1), (2, 2), (1, 0)):
        e.point_at(plane, row, column)
        e.wait_for_window(f"output row {row}, column {column}: ")

        assert e.marks("kernel")[1]["x"] == pytest.approx(
            plane["left"] + column * plane["cellWidth"]
        )


def test_keys_walk(front: FrontEnd) -> None:
    e = front.explorer
    e.stage.focus()
    for key, expected in (("Home", "row 0, column 0:"), ("ArrowDown", "row 1, column 0:")):
        e.page.keyboard.press(key)
        e.wait_for_window(f"output {expected}")


def test_a_typed_kernel_breaks_and_a_fix_repairs(front: FrontEnd) -> None:
    e = front.explorer
    e.number("kernel").fill("15")
    e.wait_for_title("MaxPool 15×15")
    assert "PyTorch raises RuntimeError" in e.subtitle

    e.root.locator(".pv-fixes button").first.click()
    e.wait_for_title("MaxPool 10×10")
    assert "returns 1 × 1" in e.subtitle
    assert e.number("kernel").input_value() == "10"


def test_a_stack_is_repaired(front: FrontEnd) -> None:
    stack = front.widget(STACK)
    stack.locator(".pv-fixes button:not(.pv-copy)").first.click()
    wait_for(stack.locator(".pv-title"), ": the output is")
    stack.get_by_role("button", name="undo").first.click()

    wait_for(stack.locator(".pv-title"), "stops at pool_c")


def test_a_pasted_message_is_explained(front: FrontEnd) -> None:
    decoder = front.widget(DECODER)
    decoder.locator(".pv-paste").fill(KERAS)
    decoded = pv.decode(KERAS)
    assert decoded is not None
    expected = decoded.diagnosis.fixes[0]

    wait_for(decoder.locator(".pv-title"), "Keras, max pooling")
    wait_for(decoder.locator(".pv-fixes"), expected.change)


def test_nothing_went_wrong_and_nothing_left_the_machine(front: FrontEnd) -> None:
    """The last test of a front end."""
    assert set(front.trouble.errors) - set(front.usual.errors) == set()
    assert set(front.trouble.outside) - set(front.usual.outside) == set()
