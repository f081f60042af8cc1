"""One JupyterLab and one Chromium for all browser tests of a process, one page for a module."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import nbformat
import pytest

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

START = "00_start_here.ipynb"
PATIENCE = 120_000  # ms that anything may take on a busy machine
KERNELSPEC = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def what_is_missing() -> str:
    """Return the reason why the browser tests cannot run here; empty when they can."""
    for module in ("playwright", "jupyterlab"):
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed"
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        return "there is no chromium"
    return ""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    reason = what_is_missing() if item.get_closest_marker("browser") else ""
    if reason and os.environ.get("POOLVIZ_REQUIRE_BROWSER") == "1":
        pytest.fail(f"POOLVIZ_REQUIRE_BROWSER=1, but {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)


class Lab(NamedTuple):
    """A running JupyterLab: its address, and the folder that it shows."""

    address: str
    folder: Path

    def write(self, name: str, cells: list[nbformat.NotebookNode]) -> None:
        """Write a notebook into the folder; with a kernel's name, Lab opens no dialog."""
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=KERNELSPEC)
        nbformat.write(notebook, self.folder / name)


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab over a copy of the notebooks; its kernels import this checkout of poolviz."""
    from tests.browser.lab import jupyterlab

    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    if (ROOT / "notebooks" / START).is_file():
        left_out = shutil.ignore_patterns(".ipynb_checkpoints")
        shutil.copytree(ROOT / "notebooks", folder, ignore=left_out)
    else:
        folder.mkdir()
        cells = [nbformat.v4.new_code_cell("import poolviz as pv\npv.PoolExplorer(7, 3)")]
        Lab("", folder).write(START, cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        with jupyterlab(folder, tmp_path_factory.mktemp("scratch")) as address:
            yield Lab(address, folder)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ended behind the browser tests: while it runs, the others would find an event loop."""
    from tests.browser.lab import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Of all pages: the scripts of JupyterLab are fetched and compiled once."""
    shared = browser.new_context(viewport={"width": 1280, "height": 1500})
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose uncaught errors are in `page.problems`."""
    from tests.browser.lab import page_of

    with page_of(context) as opened:
        opened.set_default_timeout(PATIENCE)
        yield opened
