"""One JupyterLab and one Chromium for all browser tests of a process, one page for a module."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
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
    from tests.browser.support.lab import jupyterlab

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
    from tests.browser.support.lab import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Of all pages: the scripts of JupyterLab are fetched and compiled once."""
    shared = browser.new_context(viewport={"width": 1280, "height": 1500})
    yield shared
    shared.close()


@pytest.fixture(scope="package")
def tab(context: BrowserContext) -> Iterator[Tab]:
    """The page of the modules that share JupyterLab."""
    with ExitStack() as stack:
        yield Tab(context, stack)


@pytest.fixture(scope="module")
def page(request: pytest.FixtureRequest, context: BrowserContext) -> Iterator[Page]:
    """A page whose uncaught errors are in `page.problems`.

    To load JupyterLab takes seconds: modules that say `SHARES_LAB = True` take it over from each
    other. All others have a separate page.
    """
    from tests.browser.support.lab import page_of

    if getattr(request.module, "SHARES_LAB", False):
        lab, tab = request.getfixturevalue("lab"), request.getfixturevalue("tab")
        failed = request.session.testsfailed
        yield tab.taken()
        tab.leave(lab, is_spoiled=request.session.testsfailed > failed)
        return
    with page_of(context) as opened:
        opened.set_default_timeout(PATIENCE)
        yield opened


class Tab:
    """A page that stays open as long as nobody spoils it."""

    def __init__(self, context: BrowserContext, stack: ExitStack) -> None:
        self._context, self._stack = context, stack
        self._page: Page | None = None

    def taken(self) -> Page:
        """Return the page, as good as new."""
        from tests.browser.support.lab import page_of

        if self._page is None:
            self._page = self._stack.enter_context(page_of(self._context))
        self._page.set_default_timeout(PATIENCE)
        self._page.mouse.move(0, 0)
        self._page.bring_to_front()  # or Chromium gives it few frames
        self._page.problems.clear()  # type: ignore[attr-defined]
        return self._page

    def leave(self, lab: Lab, is_spoiled: bool) -> None:
        """Close notebooks and end kernels; the page, too, after a failure or without a kernel."""
        from tests.browser.support.explorers import put_away

        assert self._page is not None
        is_as_before = False
        try:
            is_as_before = put_away(self._page, lab) and not is_spoiled
        finally:
            if not is_as_before:
                self._stack.close()
                self._page = None
