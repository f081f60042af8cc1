"""Each way in which a stored notebook can be wrong makes its cell fail; the notebook itself passes.

One notebook has one faulty cell per mutation, since every kernel start takes 0.7 s. It is run
twice: with the plugin, and with nbval alone, which shows what the plugin is needed for.
"""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from tests.tools.cells import RAISES, SETUP
from tools import write_notebooks
from tools.strict_nbval import MEND, NOT_COMPARED, TOLERANCE, picture_difference

pytestmark = pytest.mark.release

OPTIONS = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "-p", "no:cacheprovider")

SQUARE = "Square()"
FAILS = 'raise ValueError("kernel 5 is larger than input 3")'
TWO = 'print("before"); display(Square())'
VIEW = "application/vnd.jupyter.widget-view+json"


def grey_png(shade: int = 90, size: tuple[int, int] = (40, 30), compress_level: int = 6) -> str:
    """A one-coloured PNG as base64 text."""
    return png(np.full((size[1], size[0], 3), shade, dtype=np.uint8), compress_level)


def png(array: np.ndarray, compress_level: int = 6) -> str:
    """The array of 8-bit channels as a PNG in base64 text."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG", compress_level=compress_level)
    return base64.b64encode(file.getvalue()).decode()


def stored_png(picture: str) -> Callable[[NotebookNode], None]:
    """Stores another picture as image/png."""
    return lambda cell: cell.outputs[0].data.update({"image/png": picture})


def stored_html(pattern: str, replacement: str) -> Callable[[NotebookNode], None]:
    """Stores another text/html."""

    def change(cell: NotebookNode) -> None:
        html, changes = re.subn(pattern, replacement, cell.outputs[0].data["text/html"])
        assert changes == 1
        cell.outputs[0].data["text/html"] = html

    return change


def embedded_png(picture: str) -> Callable[[NotebookNode], None]:
    """Stores another picture in text/html, and the right one in image/png."""
    return stored_html(r"base64,[^\"]*", f"base64,{picture}")


def source(change: Callable[[str], str]) -> Callable[[NotebookNode], None]:
    """Changes the code and leaves its stored outputs as they are."""
    return lambda cell: cell.update(source=change(cell.source))


def comment(marker: str, stored: str) -> Callable[[NotebookNode], None]:
    """Hides a wrong stored text behind a comment that nbval honours."""
    return lambda cell: cell.update(
        source=f"# {marker}\n{cell.source}", outputs=[new_output("stream", text=stored)]
    )


def tag(name: str, stored: str) -> Callable[[NotebookNode], None]:
    """Hides a wrong stored text behind a tag that nbval honours."""
    return lambda cell: cell.update(
        metadata={"tags": [name]}, outputs=[new_output("stream", text=stored)]
    )


@dataclass(frozen=True)
class Mutation:
    """A change of one stored cell, the words of its failure, and what nbval alone makes of it."""

    name: str
    code: str
    change: Callable[[NotebookNode], object]
    says: str
    nbval_alone: str
    metadata: dict[str, list[str]] | None = None


MUTATIONS = (
    Mutation("number", "6 * 7", lambda cell: cell.outputs[0].data.update({"text/plain": "41"}),
             r"mismatch 'text/plain'.*41", "fails"),
    Mutation("source", "6 * 8", source(lambda code: "6 * 9"), r"mismatch 'text/plain'", "fails"),
    Mutation("print", "print('4 windows')", lambda cell: cell.outputs[0].update(text="5 windows\n"),
             r"mismatch 'stdout'.*5 windows", "fails"),
    Mutation("message", FAILS, lambda cell: cell.outputs[0].update(evalue="kernel 4 is larger"),
             r"mismatch 'evalue'.*kernel 4", "fails", RAISES),
    Mutation("class", FAILS, lambda cell: cell.outputs[0].update(ename="TypeError"),
             r"mismatch 'ename'.*TypeError", "fails", RAISES),
    Mutation("exception-gone", FAILS, source(lambda code: "None"),
             r"Missing output fields.*ename", "fails", RAISES),
    Mutation("exception-new", "3", source(lambda code: "1 / 0"),
             r"Cell execution caused an exception\n.*division by zero", "fails"),
    Mutation("png", SQUARE, stored_png(grey_png(150)),
             r"picture differs \(image/png of output 0\): RMS difference 52\.0 > 2\.0", "passes"),
    Mutation("png-size", SQUARE, stored_png(grey_png(90, (41, 30))),
             r"\(image/png of output 0\): size 41 x 30 -> 40 x 30 pixels", "passes"),
    Mutation("png-broken", SQUARE, stored_png(grey_png()[:40]),
             r"\(image/png of output 0\): one of the two cannot be read", "passes"),
    Mutation("html-png", SQUARE, embedded_png(grey_png(150)),
             r"\(embedded in text/html of output 0\): RMS difference 52\.0 > 2\.0", "fails"),
    Mutation("html-png-gone", SQUARE, stored_html("<img.*?>", ""), "mismatch 'text/html'", "fails"),
    Mutation("alt", SQUARE, stored_html("a grey square", "a gray square"),
             r"mismatch 'text/html'.*a gray square", "fails"),
    Mutation("alt-metadata", SQUARE,
             lambda cell: cell.outputs[0].metadata.update({"image/png": {"alt": "a circle"}}),
             r"differ in kind, number, order or metadata:.*a circle", "passes"),
    Mutation("printed-picture", "print('data:image/png;base64,' + 'QUJD')",
             lambda cell: cell.outputs[0].update(text="data:image/png;base64,QUJE\n"),
             r"\(embedded in text of output 0\): one of the two cannot be read", "fails"),
    Mutation("never-run", "x = 3", lambda cell: cell.update(execution_count=None),
             "never run: it has no execution count", "passes"),
    Mutation("never-run-outputs", "4", lambda cell: cell.update(execution_count=None),
             "never run: it has no execution count", "fails"),
    Mutation("ignore", "print(1)", comment("NBVAL_IGNORE_OUTPUT", "2\n"),
             r"comment NBVAL_IGNORE_OUTPUT weakens.*mismatch 'stdout'", "passes"),
    Mutation("ignore-old", "print(1)", comment("PYTEST_VALIDATE_IGNORE_OUTPUT", "2\n"),
             r"comment PYTEST_VALIDATE_IGNORE_OUTPUT weakens.*mismatch 'stdout'", "passes"),
    Mutation("skip", "print(1)", comment("NBVAL_SKIP", "2\n"),
             r"comment NBVAL_SKIP weakens.*mismatch 'stdout'", "skipped"),
    Mutation("ignore-tag", "print(1)", tag("nbval-ignore-output", "2\n"),
             r"tag nbval-ignore-output weakens.*mismatch 'stdout'", "passes"),
    Mutation("skip-tag", "print(1)", tag("nbval-skip", "2\n"),
             r"tag nbval-skip weakens.*mismatch 'stdout'", "skipped"),
    Mutation("raises-tag", FAILS,
             lambda cell: cell.metadata.update(tags=["nbval-raises-exception"]),
             "tag nbval-raises-exception weakens", "passes", RAISES),
    Mutation("raises-comment", FAILS,
             lambda cell: cell.update(source=f"# NBVAL_RAISES_EXCEPTION\n{cell.source}"),
             "comment NBVAL_RAISES_EXCEPTION weakens", "passes", RAISES),
    Mutation("output-gone", TWO, lambda cell: cell.outputs.pop(), "Unexpected output", "fails"),
    Mutation("output-extra", TWO, lambda cell: cell.outputs.append(cell.outputs[1].copy()),
             "dissimilar number of outputs", "fails"),
    Mutation("outputs-gone", TWO, lambda cell: cell.outputs.clear(), "Unexpected output", "fails"),
    Mutation("png-gone", SQUARE, lambda cell: cell.outputs[0].data.pop("image/png"),
             r"differ in kind.*stored: execute_result text/html text/plain\n", "passes"),
    Mutation("order", TWO, lambda cell: cell.outputs.reverse(),
             r"stored: display_data image/png text/html text/plain; stdout\n", "passes"),
    Mutation("order-same-kind", "display(1, 2)", lambda cell: cell.outputs.reverse(),
             "mismatch 'text/plain'", "fails"),
    Mutation("output-type", "display(1)",
             lambda cell: cell.outputs[0].update(output_type="execute_result", execution_count=1),
             r"stored: execute_result text/plain\n  now:    display_data text/plain", "passes"),
    Mutation("view-gone", "Widget()", lambda cell: cell.outputs[0].data.pop(VIEW),
             r"now:    execute_result application/vnd.jupyter.widget-view", "passes"),
)  # fmt: skip

HARMLESS = (
    Mutation("none", SQUARE, lambda cell: None, "", ""),
    Mutation("raises", FAILS, lambda cell: None, "", "", RAISES),
    Mutation("two", TWO, lambda cell: None, "", ""),
    Mutation("widget", "Widget()", lambda cell: None, "", ""),
    Mutation("empty", "", lambda cell: None, "", ""),
    Mutation("recompressed", SQUARE, stored_png(grey_png(compress_level=0)), "", ""),
    Mutation("recompressed-html", SQUARE, embedded_png(grey_png(compress_level=0)), "", ""),
    Mutation("rounded", SQUARE, stored_png(grey_png(91)), "", ""),
    Mutation(
        "streams",
        "import sys; print(1); print(2, file=sys.stderr)",
        lambda cell: cell.outputs.reverse(),
        "",
        "",
    ),
)


@dataclass(frozen=True)
class Run:
    """The outcome and failure text per (notebook, cell), and everything that was printed."""

    cells: dict[tuple[str, str], tuple[str, str]]
    printed: str


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The mutated notebooks under the strict plugin and under nbval alone, at the same time."""
    folder = tmp_path_factory.mktemp("notebooks")
    write_mutated(folder)
    (folder / "pytest.ini").write_text("[pytest]\n")
    started = {name: start(folder, name) for name in ("strict", "alone")}
    return {name: finish(folder, name, process) for name, process in started.items()}


def write_mutated(folder: Path) -> None:
    """Writes and executes one notebook, then stores its mutated copies."""
    cases = (*MUTATIONS, *HARMLESS)
    cells = [new_code_cell(case.code, metadata=case.metadata or {}) for case in cases]
    notebook = new_notebook(cells=[new_markdown_cell("# Title"), new_code_cell(SETUP), *cells])
    nbformat.write(notebook, folder / "cells.ipynb")
    assert write_notebooks.main([str(folder)]) == 0

    notebook = nbformat.read(folder / "cells.ipynb", as_version=4)
    write_small(folder, notebook)
    for case, cell in zip(cases, notebook.cells[2:], strict=True):
        case.change(cell)
    nbformat.write(notebook, folder / "cells.ipynb")


def write_small(folder: Path, executed: NotebookNode) -> None:
    """Writes what concerns a whole notebook: set-up and two pictures, unchanged and changed."""
    square = executed.cells[2 + len(MUTATIONS)]
    small = nbformat.from_dict({**executed, "cells": [*executed.cells[:2], square, square]})
    small.cells[3].id = "another"
    nbformat.write(small, folder / "unchanged.ipynb")

    small.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    nbformat.write(small, folder / "state.ipynb")

    del small.metadata["widgets"]
    small.metadata["poolviz"]["matplotlib"] = "3.1"
    stored_png(grey_png(150))(small.cells[2])
    small.cells[3].outputs[0].data.pop("image/png")
    nbformat.write(small, folder / "other_minor.ipynb")


def start(folder: Path, name: str) -> subprocess.Popen[str]:
    """Starts pytest on the folder with the project's options, with or without the plugin."""
    what = {"strict": ["-p", "tools.strict_nbval"], "alone": ["cells.ipynb", "state.ipynb"]}
    options = ["-p", "nbval", *OPTIONS, f"--junitxml={name}.xml"]
    command = [sys.executable, "-m", "pytest", *options, *what[name]]
    paths = [str(write_notebooks.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTEST_ADDOPTS": "",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # other plugins only cost time here
    }
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(folder: Path, name: str, process: subprocess.Popen[str]) -> Run:
    """Waits for pytest and reads its report."""
    printed, _ = process.communicate(timeout=300)
    report = folder / f"{name}.xml"
    assert report.exists(), printed
    return Run(dict(map(outcome, ElementTree.parse(report).iter("testcase"))), printed)


def outcome(case: ElementTree.Element) -> tuple[tuple[str, str], tuple[str, str]]:
    """(notebook, cell) and (outcome, failure text) of one entry of pytest's XML report."""
    result = next((child for child in case if child.tag in {"failure", "skipped", "error"}), None)
    words = {"failure": "fails", "skipped": "skipped", "error": "error"}
    key = case.get("classname", "").removesuffix(".ipynb"), case.get("name", "")
    return key, ("passes", "") if result is None else (words[result.tag], result.text or "")


def by_name(cases: tuple[Mutation, ...], first: int) -> list[object]:
    """Test parameters: the cell of each mutation under its name; cell 0 is the set-up."""
    return [pytest.param(f"Cell {first + n}", case, id=case.name) for n, case in enumerate(cases)]


@pytest.mark.parametrize(("cell", "mutation"), by_name(MUTATIONS, 1))
def test_mutation_fails(runs: dict[str, Run], cell: str, mutation: Mutation) -> None:
    """The mutated cell fails, and its message says where, what, and how to mend it."""
    result, text = runs["strict"].cells["cells", cell]

    assert result == "fails"
    assert re.search(mutation.says, text, re.DOTALL), text
    assert f"cells.ipynb, {cell} (In [" in text
    assert MEND in text


@pytest.mark.parametrize(("cell", "mutation"), by_name(MUTATIONS, 1))
def test_nbval_alone(runs: dict[str, Run], cell: str, mutation: Mutation) -> None:
    """What nbval catches without the plugin is known; a change here is a change of nbval."""
    assert runs["alone"].cells["cells", cell][0] == mutation.nbval_alone


@pytest.mark.parametrize(("cell", "mutation"), by_name(HARMLESS, 1 + len(MUTATIONS)))
def test_harmless_passes(runs: dict[str, Run], cell: str, mutation: Mutation) -> None:
    """Unchanged cells pass, and so do changes that nobody could see."""
    assert runs["strict"].cells["cells", cell] == ("passes", "")


def test_every_cell_is_accounted_for(runs: dict[str, Run]) -> None:
    """The set-up cell and one cell per case were run, and no others."""
    cells = [cell for notebook, cell in runs["strict"].cells if notebook == "cells"]

    assert [f"Cell {n}" for n in range(1 + len(MUTATIONS) + len(HARMLESS))] == cells


def test_unchanged_notebook_passes(runs: dict[str, Run]) -> None:
    """A notebook as the script writes it passes in every cell."""
    cells = [result for (name, _), result in runs["strict"].cells.items() if name == "unchanged"]

    assert cells == [("passes", "")] * 3


def test_stored_widget_state_fails_once(runs: dict[str, Run]) -> None:
    """Widget state in the notebook's metadata fails its first code cell; nbval passes it."""
    result, text = runs["strict"].cells["state", "Cell 0"]

    assert result == "fails"
    assert "The notebook stores widget state" in text
    assert MEND in text
    assert runs["strict"].cells["state", "Cell 1"] == ("passes", "")
    assert runs["alone"].cells["state", "Cell 0"] == ("passes", "")


def test_pictures_of_another_matplotlib_are_not_compared_but_named(runs: dict[str, Run]) -> None:
    """Another minor version: the changed picture passes, and the summary says so."""
    running = write_notebooks.matplotlib_minor()

    assert runs["strict"].cells["other_minor", "Cell 1"] == ("passes", "")
    said = f"{NOT_COMPARED}: other_minor.ipynb: stored with matplotlib 3.1, running {running}"
    assert said in runs["strict"].printed
    assert f"{NOT_COMPARED}: unchanged.ipynb" not in runs["strict"].printed


def test_missing_picture_of_another_matplotlib_fails(runs: dict[str, Run]) -> None:
    """Another minor version excuses other pixels, not a missing picture."""
    result, text = runs["strict"].cells["other_minor", "Cell 2"]

    assert result == "fails"
    assert "The outputs differ in kind" in text


def test_plugin_is_loaded_here(pytestconfig: pytest.Config) -> None:
    """The project's own conftest.py loads the plugin."""
    assert pytestconfig.pluginmanager.has_plugin("tools.strict_nbval")


def test_small_change_in_a_large_picture_is_seen() -> None:
    """A few pixels in a large figure count, which an RMS over the whole figure would lose."""
    before = np.full((600, 800, 3), 255, dtype=np.uint8)
    after = before.copy()
    after[590:596, 790:794] = 0
    whole = np.sqrt(((before.astype(float) - after) ** 2).mean())

    assert whole < TOLERANCE
    assert picture_difference(png(before), png(before, compress_level=0)) is None
    assert "RMS difference" in str(picture_difference(png(before), png(after)))
