"""`tools.write_notebooks` stores what belongs to a notebook, the same bytes each time."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.tools.cells import RAISES, SETUP
from tools import write_notebooks

pytestmark = pytest.mark.release


def write(path: Path, *cells: NotebookNode) -> None:
    """Stores an unexecuted notebook of format 4.4, which knows no cell ids."""
    without_ids = [{k: v for k, v in cell.items() if k != "id"} for cell in cells]
    notebook = {"cells": without_ids, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_writer_changes_nothing_the_second_time(tmp_path: Path) -> None:
    """Random widget ids, timing, streams in pieces and missing cell ids leave no trace."""
    path = tmp_path / "noise.ipynb"
    streams = "import sys, time\nfor n in range(3): print(n, flush=True); time.sleep(0.05)"
    shown = new_code_cell("display(Widget(), Square())")
    failing = new_code_cell("import json; json.loads('{')", metadata=RAISES)
    write(path, new_code_cell(SETUP), shown, new_code_cell(streams), failing)

    assert write_notebooks.main([str(path)]) == 0
    first, written = path.read_bytes(), path.stat().st_mtime_ns
    assert write_notebooks.main([str(path)]) == 0
    assert write_notebooks.main(["--check", str(tmp_path)]) == 0

    assert first == path.read_bytes()
    assert written == path.stat().st_mtime_ns
    assert first.endswith(b"\n}\n")
    assert b'\n "cells": [' in first


def test_writer_stores_what_belongs_to_the_notebook_only(tmp_path: Path) -> None:
    """Metadata is uniform; no machine path stays in a traceback; ids are kept or counted."""
    path = tmp_path / "metadata.ipynb"
    failing = new_code_cell("import json; json.loads('{')", metadata=RAISES)
    write(path, new_code_cell("x = 1"), failing)
    stored = json.loads(path.read_text())
    stored["cells"][0]["id"] = "metadata-00"
    stored["cells"][0]["metadata"]["execution"] = {"shell.execute_reply": "2024-01-01"}
    stored["metadata"] = {"widgets": {}, "kernelspec": {"name": "other", "display_name": "x"}}
    path.write_text(json.dumps(stored))

    write_notebooks.main([str(path)])

    notebook = nbformat.read(path, as_version=4)
    first, second = notebook.cells
    assert [first.id, second.id] == ["metadata-00", "metadata-01"]
    assert first.metadata == {}
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.language_info
    assert notebook.metadata.poolviz.matplotlib == write_notebooks.matplotlib_minor()
    traceback = "".join(second.outputs[0].traceback)
    assert "json/decoder.py" in traceback
    assert "/json/decoder.py" not in traceback


def test_writer_runs_every_cell_in_this_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither another kernel called python3 nor a tag nor a blank cell leaves stale outputs."""
    kernel = tmp_path / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    spec = {"argv": ["no-such-python"], "display_name": "other", "language": "python"}
    kernel.write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    path = tmp_path / "stale.ipynb"
    stale = {"execution_count": 7, "outputs": [new_output("stream", text="stale")]}
    tagged = {"metadata": {"tags": ["skip-execution"]}, **stale}
    write(
        path,
        new_code_cell("import sys; print(sys.executable); print(1, flush=True); print(2)", **stale),
        new_code_cell("print('fresh')", **tagged),
        new_code_cell("", **stale),
    )

    write_notebooks.main([str(path)])

    cells = nbformat.read(path, as_version=4).cells
    texts = [[output.text for output in cell.outputs] for cell in cells]
    assert [[f"{sys.executable}\n1\n2\n"], ["fresh\n"], []] == texts
    assert [cell.execution_count for cell in cells] == [1, 2, None]


def test_writer_stops_at_an_unexpected_exception(tmp_path: Path) -> None:
    """The message names notebook, cell and error; the file stays as it was."""
    path = tmp_path / "broken.ipynb"
    write(path, new_markdown_cell("# Title"), new_code_cell("x = 0"), new_code_cell("1 / x"))
    before = path.read_bytes()

    with pytest.raises(SystemExit, match=r"broken\.ipynb, Cell 1: ZeroDivisionError: division"):
        write_notebooks.main([str(path)])

    assert before == path.read_bytes()


def test_writer_check_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check exits with 1, names the notebook and leaves it alone."""
    path = tmp_path / "new.ipynb"
    write(path, new_code_cell("1 + 1"))
    before = path.read_bytes()

    assert write_notebooks.main(["--check", str(path)]) == 1
    assert "new.ipynb: would change" in capsys.readouterr().out
    assert before == path.read_bytes()


def test_writer_needs_a_notebook(tmp_path: Path) -> None:
    """A folder without notebooks, or a wrong path, is an error and not a success."""
    with pytest.raises(SystemExit, match="no notebook there"):
        write_notebooks.main([str(tmp_path)])
    with pytest.raises(SystemExit, match=r"no notebook there: .*nowhere\.ipynb"):
        write_notebooks.main([str(tmp_path / "nowhere.ipynb")])
