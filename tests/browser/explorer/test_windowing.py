"""A widget where JupyterLab lays cells out only near the window, as it does by default."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import nbformat
import pytest

import poolviz as pv
from tests.browser.conftest import PATIENCE, Lab
from tests.browser.support.explorers import Explorer, open_fresh, unawaited

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NOTEBOOK = "windowing.ipynb"
FAR = 20  # cells of text above and below, each a quarter of the window high
# Lab keeps the cells, and Chromium neither lays out nor paints those that are far away.
SEEN = """() => {
  const widget = document.querySelector('.jp-CodeCell .poolviz');
  const { top, bottom } = widget.getBoundingClientRect();
  return top < innerHeight && bottom > 0 && widget.checkVisibility({ contentVisibilityAuto: true });
}"""

# Not `decode()`, which rejects when another picture comes meanwhile.
PAINTED = "el.querySelector('.pv-picture').complete && el.querySelector('.pv-picture').naturalWidth"


def set_windowing(lab: Lab, settings: dict[str, str]) -> None:
    """For pages that are opened from now on."""
    from tests.browser.support.lab import TOKEN

    address = f"{lab.address}/lab/api/settings/@jupyterlab/notebook-extension:tracker"
    request = urllib.request.Request(
        f"{address}?token={TOKEN}",
        data=json.dumps({"raw": json.dumps(settings)}).encode(),
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=PATIENCE / 1000).close()


@pytest.fixture(scope="module")
def windowed(lab: Lab) -> Iterator[Lab]:
    """The lab with the settings that a fresh JupyterLab has."""
    set_windowing(lab, {})
    yield lab
    set_windowing(lab, {"windowingMode": "none"})


def test_a_widget_far_away_lives_when_it_is_reached(page: Page, windowed: Lab) -> None:
    """Drawn once it is in the window, moved, left and reached again as it was."""
    words = "\n\n".join(["text"] * 10)
    texts = [nbformat.v4.new_markdown_cell(words) for _ in range(2 * FAR)]
    code = nbformat.v4.new_code_cell("import poolviz as pv\npv.PoolExplorer(10, 3)")
    windowed.write(NOTEBOOK, [*texts[:FAR], code, *texts[FAR:]])
    open_fresh(page, windowed, NOTEBOOK)
    mode = page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.notebookConfig.windowingMode"
    )
    assert mode != "none"
    page.evaluate(unawaited("() => jupyterapp.commands.execute('notebook:run-all-cells')"))
    cell = page.locator(".jp-CodeCell .poolviz")
    e = Explorer(page, cell)
    cell.locator(".pv-stage[data-seq]").wait_for(state="attached")
    assert not page.evaluate(SEEN)
    go_to(page, FAR)
    page.wait_for_function(SEEN)
    e.wait(PAINTED)
    e.number("kernel").fill("5")
    e.wait_for_title("MaxPool 5×5")
    e.stage.focus()
    page.keyboard.press("End")
    e.wait_for_window("output row 1, column 1")
    page.keyboard.press("Escape")
    seq = e.seq

    go_to(page, 0)
    page.wait_for_function(f"() => !({SEEN})()")
    go_to(page, FAR)
    page.wait_for_function(SEEN)
    e.wait_for_title("MaxPool 5×5")
    e.wait(PAINTED)
    assert e.seq == seq  # nothing is drawn for a widget that nobody sees
    assert cell.locator(".pv-picture").get_attribute("alt") == pv.PoolExplorer(10, 5).state["alt"]
    e.number("kernel").fill("4")
    e.wait_for_title("MaxPool 4×4")
    assert page.problems == []  # type: ignore[attr-defined]


def go_to(page: Page, cell: int) -> None:
    """Scrolls a cell into the window."""
    page.evaluate(
        unawaited("cell => jupyterapp.shell.currentWidget.content.scrollToItem(cell)"), cell
    )
