"""`python -m poolviz export`: a site of all widgets of notebooks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from poolviz.__main__ import main
from poolviz.export import Cell, ExportError, read_notebook, run, savable, sources
from poolviz.notebooks_path import notebooks_folder
from tests.stored_pages import hashes_of, policy_of, stored_in

SMALL = "import poolviz as pv\nw = pv.PoolExplorer(3, 2, stride=1, framework='jax')"


def notebook(path: Path, *sources: str | dict[str, Any], title: str = "# A lesson") -> Path:
    """A notebook with a title and these code cells, each a source or a whole cell."""
    words = {"cell_type": "markdown", "metadata": {}, "source": [f"{title}\n", "More words."]}
    code = [
        cell if isinstance(cell, dict) else {"cell_type": "code", "metadata": {}, "source": cell}
        for cell in sources
    ]
    path.write_text(json.dumps({"cells": [words, *code], "nbformat": 4}), encoding="utf-8")
    return path


def raising(source: str) -> dict[str, Any]:
    tags = {"tags": ["raises-exception"]}
    return {"cell_type": "code", "metadata": tags, "source": [source]}


def links(index: Path) -> list[str]:
    return re.findall(r'<a href="([^"]*)">', index.read_text(encoding="utf-8"))


# --- the site ------------------------------------------------------------------------------------


def test_a_site_has_every_widget_that_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson = notebook(
        tmp_path / "lesson.ipynb",
        SMALL,
        "print('not on the screen')\npv.draw(pv.Pool(2), 4)",
        "import ipywidgets\nipywidgets.VBox([pv.ExerciseCard('size-plain')])",
        "from IPython.display import display\ndisplay(pv.draw(pv.Pool(3), 4))",
        "display(w)\nw",
        "w",
        "w;",
        "pv.diagnose(pv.Pool(2), 4)",
        raising("pv.output_size(1, 2)"),
        "[pv.draw(pv.Pool(2), 2)]",
    )
    site = tmp_path / "site"

    assert main(["export", str(lesson), "who-raises", "--to", str(site)]) == 0
    out, err = capsys.readouterr()
    assert "6 pages and an index" in out
    assert "not on the screen" not in out
    assert "poolviz: 10/11 who-raises" in err
    names = [
        "lesson-01-PoolFigure.html",
        "lesson-02-ExerciseCard.html",
        "lesson-03-PoolFigure.html",
        "lesson-04-PoolExplorer.html",
        "lesson-05-PoolFigure.html",
        "who-raises-01-ExerciseCard.html",
    ]
    assert links(site / "index.html") == names
    assert sorted(path.name for path in site.iterdir()) == sorted([*names, "index.html"])
    assert stored_in(site / names[3])["kind"] == "widgets"
    assert stored_in(site / names[5])["kind"] == "cards"


def test_the_index_needs_nothing_else(tmp_path: Path) -> None:
    lesson = notebook(tmp_path / "a.ipynb", SMALL, "pv.draw(pv.Pool(2), 4)", title="## <b>&amp;")
    assert main(["export", str(lesson), "--to", str(tmp_path / "site")]) == 0
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")

    assert "<h2>&lt;b&gt;&amp;amp;</h2>" in page
    assert '<html lang="en">' in page
    assert "<script" not in page
    assert set(re.findall(r"'sha256-[^']*'", policy_of(page))) == hashes_of(page)


def test_our_own_notebooks_are_found_by_name_and_number() -> None:
    folder = notebooks_folder()
    first = folder / "01_kernel_larger_than_input.ipynb"

    for name in ("1", "01", first.stem, first.name, str(first)):
        assert sources([name]) == ([first.resolve()], [])
    assert sources(["size-plain", "1", "size-plain", "01"]) == ([first], ["size-plain"])
    every = [path.stem for path in sorted(folder.glob("*.ipynb"))]
    assert len(sources(every)[0]) == len(every)


@pytest.mark.parametrize("path", sorted(notebooks_folder().glob("*.ipynb")), ids=lambda p: p.stem)
def test_our_own_notebooks_run_in_process(path: Path) -> None:
    """Every cell, as in a kernel; what is shown can be saved."""
    title, cells = read_notebook(path)
    found: list[Any] = []
    for _ in run(path, cells, lambda value: found.extend(savable(value))):
        pass

    assert title
    assert found
    for thing in found:
        if hasattr(thing, "close"):
            thing.close()


# --- what can go wrong ---------------------------------------------------------------------------


def test_a_cell_that_raises_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = notebook(tmp_path / "lesson.ipynb", "x = 1", "x / 0")

    assert main(["export", str(lesson), "--to", str(tmp_path / "site")]) == 1
    assert "lesson.ipynb, cell 3: ZeroDivisionError: division by zero" in capsys.readouterr().err
    assert not (tmp_path / "site" / "index.html").exists()


@pytest.mark.parametrize("source", ["%matplotlib inline", "!ls", "def", "1 +"])
def test_what_is_no_python_is_named(tmp_path: Path, source: str) -> None:
    with pytest.raises(ExportError, match=r"a\.ipynb, cell 7: SyntaxError"):
        list(run(tmp_path / "a.ipynb", [Cell(7, source, may_raise=False)], lambda value: None))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["nothing.ipynb"], "there is no notebook and no exercise 'nothing.ipynb'"),
        (["99"], "there is no notebook and no exercise '99'"),
        (["size"], "there is no notebook and no exercise 'size'"),
        ([""], "there is no notebook and no exercise ''"),
    ],
)
def test_a_name_that_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: list[str], message: str
) -> None:
    assert main(["export", *names, "--to", str(tmp_path / "site")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 3}', '{"cells": [{}]}', "\xff"])
def test_a_file_that_is_no_notebook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(text, encoding="latin-1")

    assert main(["export", str(path), "--to", str(tmp_path / "site")]) == 1
    assert "a.ipynb is no notebook" in capsys.readouterr().err


def test_a_folder_with_files_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    lesson = notebook(tmp_path / "lesson.ipynb", SMALL, "pv.draw(pv.Pool(2), 4)")
    asked = ["export", str(lesson), "--to", str(tmp_path)]

    assert main(asked) == 1
    assert "is not empty; --force writes into it" in capsys.readouterr().err
    assert main([*asked, "--force"]) == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "index.html").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert main(["export", "size-plain", "--to", str(tmp_path / "file" / "site")]) == 1
    assert "file" in capsys.readouterr().err


def test_without_a_widget_there_is_no_site(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson = notebook(tmp_path / "lesson.ipynb", "1 + 1")

    assert main(["export", str(lesson), "--to", str(tmp_path / "site")]) == 1
    assert "they show no widget" in capsys.readouterr().err


def test_a_page_that_is_too_large_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("poolviz.widgets.pages.page.MOST_BYTES", 1000)

    assert main(["export", "size-plain", "--to", str(tmp_path / "site")]) == 1
    assert "size-plain-01-ExerciseCard.html: the page would have" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["export"], ["export", "1"], ["export", "--to", "x"], ["export", "1", "--no", "x"]],
)
def test_wrong_use_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_being_stopped_exits_with_130(tmp_path: Path) -> None:
    lesson = notebook(tmp_path / "lesson.ipynb", "raise KeyboardInterrupt")
    command = [sys.executable, "-m", "poolviz", "export", str(lesson), "--to", str(tmp_path / "s")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 130
    assert "stopped; the pages that were written stay, there is no index" in done.stderr
    assert "Traceback" not in done.stderr
