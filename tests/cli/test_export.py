"""`python -m poolviz export`: a site of all widgets of notebooks."""

from __future__ import annotations

import builtins
import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import pytest
from IPython.core.interactiveshell import InteractiveShell

from poolviz.__main__ import main
from poolviz.cli.export import savable, sources
from poolviz.cli.notebooks import notebooks_folder
from poolviz.cli.run_notebook import Cell, ExportError, read_notebook, run
from tests.support.hostile import FILE_NAMES, of_terminals
from tests.support.sampling import sampled
from tests.support.stored_pages import hashes_of, policy_of, stored_in

pytestmark = pytest.mark.long

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
    assert '<html lang="en"' in page
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


def test_two_notebooks_of_one_name_keep_their_pages(tmp_path: Path) -> None:
    lessons = []
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        source = f"import poolviz as pv\npv.draw(pv.Pool(2), {len(folder)})"
        lessons.append(str(notebook(tmp_path / folder / "lesson.ipynb", source, title=folder)))
    site = tmp_path / "site"

    assert main(["export", *lessons, "--to", str(site)]) == 0
    names = ["lesson-01-PoolFigure.html", "lesson-02-PoolFigure.html"]
    assert links(site / "index.html") == names
    for name, folder in zip(names, ("monday", "tuesday"), strict=True):
        size = len(folder)
        assert f"on {size} × {size}" in (site / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("#", "a"),
        ("# ", "a"),
        ("", "a"),
        ("\n## C# \nmore", "C#"),
        ("#\nfirst words", "first words"),
    ],
)
def test_a_title_is_the_first_words_else_the_name(tmp_path: Path, heading: str, title: str) -> None:
    path = tmp_path / "a.ipynb"
    cell = {"cell_type": "markdown", "metadata": {}, "source": heading}
    path.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")

    assert read_notebook(path) == (title, [])


# --- names that would like to be more ------------------------------------------------------------


@pytest.mark.parametrize("name", sampled(FILE_NAMES, 10), ids=ascii)
def test_a_link_leads_to_its_page_whatever_its_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    lesson = notebook(folder / f"{name}.ipynb", SMALL, "pv.draw(pv.Pool(2), 2)", title=f"# {name}")
    site = folder / "site"

    assert main(["export", str(lesson), "--to", str(site)]) == 0
    (link,) = links(site / "index.html")
    base = site.as_uri() + "/"
    address = urljoin(base, unescape(link))
    assert address.startswith(base)
    assert urlsplit(address).query == urlsplit(address).fragment == ""
    path = os.fsdecode(unquote_to_bytes(urlsplit(address).path))
    assert Path(path) == site / f"{name}-01-PoolFigure.html"
    assert Path(path).is_file()


@pytest.mark.parametrize("name", sampled(FILE_NAMES, 10), ids=ascii)
def test_nothing_that_a_terminal_obeys_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Progress on a screen and in a log, files written, and errors, with names in them."""
    lesson = notebook(tmp_path / f"{name}.ipynb", SMALL, "pv.draw(pv.Pool(2), 2)")
    broken = notebook(tmp_path / f"{name}2.ipynb", "1 / 0")
    empty = tmp_path / f"{name}3.ipynb"
    empty.write_text("")
    site = str(tmp_path / name / "site")

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["export", str(lesson), "--to", f"{site} on a screen"]) == 0
    bars = capsys.readouterr().err
    assert bars.count("\r") == bars.count("/2 ")  # each draws over the one before, and no more
    assert of_terminals(bars) == {"\r"}

    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    assert main(["export", str(lesson), "--to", site]) == 0
    assert main(["export", str(lesson), "--to", site]) == 1  # it is not empty
    for wrong in (str(broken), str(empty), name, f"{name}.ipynb"):
        assert main(["export", "--to", f"{site}{len(wrong)}", "--", wrong]) == 1
    with pytest.raises(SystemExit):
        main(["export", str(lesson), "--to", site, f"--{name}"])
    assert main(["copy", "--", str(tmp_path / name / "copy")]) == 0
    assert main(["copy", "--", str(tmp_path / name / "copy")]) == 1
    out, err = capsys.readouterr()
    assert "00_start_here.ipynb" in out
    assert "ZeroDivisionError" in err
    assert of_terminals(out) | of_terminals(err) == set()
    told = ("1 pages and an index: ", "new: ", "unchanged: ")  # and no line that a name has made
    assert [line for line in out.splitlines() if not line.startswith(told)] == []


# --- what can go wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "problem"),
    [("x / 0", "ZeroDivisionError: division by zero"), ("raise SystemExit(0)", "SystemExit: 0")],
)
def test_a_cell_that_raises_ends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, problem: str
) -> None:
    lesson = notebook(tmp_path / "lesson.ipynb", "x = 1", source)

    assert main(["export", str(lesson), "--to", str(tmp_path / "site")]) == 1
    assert f"lesson.ipynb, cell 3: {problem}" in capsys.readouterr().err
    assert not (tmp_path / "site" / "index.html").exists()


@pytest.mark.parametrize("source", ["def", "1 +"])
def test_what_is_no_python_is_named(tmp_path: Path, source: str) -> None:
    with pytest.raises(ExportError, match=r"a\.ipynb, cell 7: SyntaxError"):
        list(run(tmp_path / "a.ipynb", [Cell(7, source, may_raise=False)], lambda value: None))


def test_what_only_ipython_knows_runs_as_in_a_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Magics, shell commands, top-level await, the previous value, the folder of the notebook."""
    monkeypatch.setattr(builtins, "_", None, raising=False)  # as after a doctest
    (tmp_path / "beside.py").write_text("answer = 42")
    sources = [
        "%matplotlib inline",
        "%load_ext autoreload\n%autoreload 2",
        "names = !ls",
        "import asyncio\nawait asyncio.sleep(0, 6)",
        "_ * 7",
        "get_ipython().run_line_magic('run', 'beside.py')",
        "display(answer, names)",
        "%%capture\nprint('nothing')",
    ]
    shown: list[Any] = []
    cells = [Cell(number, source, may_raise=False) for number, source in enumerate(sources)]

    assert list(run(tmp_path / "a.ipynb", cells, shown.append)) == cells
    assert shown == [6, 42, 42, ["beside.py"]]


def test_a_run_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell, no changed module and no IPython folder in the user's home are left behind."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "profile"))

    def surroundings() -> list[Any]:
        return [InteractiveShell.initialized(), sys.modules["__main__"], os.getcwd(), sys.stdout]

    before = surroundings()
    assert list(run(tmp_path / "a.ipynb", [Cell(1, "1", may_raise=False)], print))
    assert before == surroundings()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["nothing.ipynb"], "there is no notebook and no exercise 'nothing.ipynb'"),
        (["99"], "there is no notebook and no exercise '99'"),
        (["size"], "there is no notebook and no exercise 'size'"),
        ([""], "there is no notebook and no exercise ''"),
        (["9" * 5000], "there is no notebook and no exercise '99"),
    ],
)
def test_a_name_that_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: list[str], message: str
) -> None:
    assert main(["export", *names, "--to", str(tmp_path / "site")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"cells": 3}', '{"cells": [{}]}', "\xff", "[" * 100_000]
)
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
    monkeypatch.setattr("poolviz.widgets.base.live_page.MOST_BYTES", 1000)

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
