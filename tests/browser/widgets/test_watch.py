"""An error that is explained in a real JupyterLab: below its traceback, and once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.conftest import Lab
from tests.browser.support.explorers import open_fresh

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

CELLS = [
    "%load_ext poolviz",
    "import sys, types\nsys.modules['torch'] = types.ModuleType('torch')  # the frames are torch's",
    "from tests.failures.stand_ins import call, image, network\nmodel = network()",
    "call(model, image())",
    "1 // 0",
]
FAILING, UNRELATED = 3, 4
Get = Callable[[int], "Locator"]


@pytest.fixture(scope="module")
def get(page: Page, lab: Lab) -> Get:
    """The outputs of a cell; every cell was run, those that raise included."""
    from tests.browser.support.lab import run_all

    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    for place in (FAILING, UNRELATED):
        cells[place].metadata["tags"] = ["raises-exception"]
    lab.write("watch.ipynb", cells)
    open_fresh(page, lab, "watch.ipynb")
    run_all(page)
    return lambda place: page.locator(".jp-CodeCell").nth(place).locator(".jp-OutputArea-child")


def title(outputs: Locator) -> Locator:
    return outputs.locator(".poolviz .pv-title").first


def test_the_widget_is_below_the_traceback(get: Get) -> None:
    outputs = get(FAILING)
    title(outputs).wait_for()

    traceback, made_at, widget = outputs.all()
    assert "RuntimeError" in traceback.inner_text()
    assert "Output size is too small" in traceback.inner_text()
    assert made_at.inner_text().startswith("model[2][0] is made here: ")
    assert title(widget).inner_text().startswith("3 layers on 3 × 30 × 30: stops at model[2][0]")


def test_another_error_has_its_traceback_only(get: Get) -> None:
    assert get(UNRELATED).count() == 1


def test_a_fix_is_clicked(get: Get) -> None:
    outputs = get(FAILING)
    outputs.locator(".pv-fixes button:not(.pv-copy)").first.click()

    outputs.locator(".pv-title").filter(has_text=": the output is").first.wait_for()


def test_a_second_run_does_not_pile_up(get: Get) -> None:
    outputs = get(FAILING)
    page = outputs.page
    cell = page.locator(".jp-CodeCell").nth(FAILING)
    before = outputs.count(), outputs.locator(".poolviz").count()
    prompt = cell.locator(".jp-InputPrompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "([prompt, before]) => ![before, '[*]:'].includes(prompt.textContent)",
        arg=[cell.locator(".jp-InputPrompt").element_handle(), prompt],
    )
    title(outputs).filter(has_text="stops at model[2][0]").wait_for()

    assert (outputs.count(), outputs.locator(".poolviz").count()) == before


def test_nothing_went_wrong(get: Get) -> None:
    assert get(FAILING).page.problems == []  # type: ignore[attr-defined]
