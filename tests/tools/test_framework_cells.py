"""Cells that use PyTorch or Keras: what is stored, compared and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from tools import framework_cells
from tools.framework_cells import PACKAGES, framework_of, outputs_of

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells_of(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if framework_of(cell)]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Frameworks that are taken for installed; a cell of them needs none."""
    versions = {"keras": "3.15 on jax"}
    monkeypatch.setattr(framework_cells, "installed", versions.get)
    monkeypatch.setattr(framework_cells, "fresh", lambda name: None)
    return versions


def notebook(folder: Path, source: str, *tags: str) -> Path:
    path = folder / "one.ipynb"
    cell = {
        "cell_type": "code",
        "metadata": {"tags": list(tags)},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
    path.write_text(json.dumps({"cells": [cell], "metadata": {}}), encoding="utf-8")
    return path


def test_a_changed_output_is_noticed_and_another_version_is_not_compared(
    installed: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(
        tmp_path, "print('\\x1b[1msize\\x1b[0m', 2)\n1 / 0", "keras", "raises-exception"
    )

    assert framework_cells.main([str(path)]) == 0
    assert framework_cells.main(["--check", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    printed, error = json.loads(text)["cells"][0]["outputs"]
    assert printed["text"] == ["size 2\n"]  # without the colours of a terminal
    assert error["traceback"][0] == "Traceback, line 2 of the cell: 1 / 0"

    path.write_text(text.replace("size 2", "size 3"), encoding="utf-8")
    assert framework_cells.main(["--check", str(path)]) == 1
    assert "size 2" in capsys.readouterr().out
    installed["keras"] = "3.15 on torch"
    assert framework_cells.main(["--check", str(path)]) == 0
    assert "keras 3.15 on torch, stored with 3.15 on jax" in capsys.readouterr().out


def test_an_exception_that_is_not_expected_stops_the_run(
    installed: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(ZeroDivisionError):
        framework_cells.main([str(notebook(tmp_path, "1 / 0", "keras"))])


def test_cells_without_their_framework_are_left_alone(
    installed: dict[str, str], tmp_path: Path
) -> None:
    path = notebook(tmp_path, "print('anything')", "pytorch")
    before = path.read_bytes()

    assert framework_cells.main([str(path)]) == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_has_both_frameworks_with_a_real_output(path: Path) -> None:
    cells = cells_of(path)

    assert {framework_of(cell) for cell in cells} == set(PACKAGES)
    for cell in cells:
        first = "".join(cell["source"]).partition("\n")[0]
        assert first == f'if pv.can_run("{framework_of(cell)}"):'
        assert cell["outputs"]
        assert "Skipped: " not in str(cell["outputs"])


@pytest.mark.long
def test_stored_outputs_are_those_of_the_frameworks() -> None:
    """Where they are installed; `.ci/run` installs Keras."""
    if not any(map(framework_cells.installed, PACKAGES)):
        pytest.skip("neither PyTorch nor Keras is installed")

    assert framework_cells.main(["--check", *map(str, NOTEBOOKS)]) == 0


def test_the_line_of_the_cell_is_told_where_something_else_raises() -> None:
    try:
        exec(compile("x = 1\nint('a')\n", framework_cells.FILE, "exec"), {})
    except ValueError as error:
        (output,) = outputs_of("", error, ["x = 1\n", "int('a')\n"])

    assert output["traceback"][0] == "Traceback, line 2 of the cell: int('a')"
