"""The example course, built by Jupyter Book 1: all widgets as picture and words, nothing fetched.

Jupyter Book is large and not in the extra `test`: `.ci/run` installs it, elsewhere this is skipped.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.support.pages import (
    NAMES,
    carry_out,
    opened,
    pictures,
    recipe,
    served,
    stored,
    widths,
    words,
)
from tests.browser.support.trouble import Trouble
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.release

COURSE = ROOT / "docs" / "course"
LESSON = [  # 28 → 14 → 7 → 3 → 1, and there a pool of 2 × 2 finds too little
    "5 layers on 1 × 28 × 28: stops at layer 4 (MaxPool 2×2), PyTorch raises RuntimeError",
    "MaxPool 2×2, stride 2, no padding on 1 × 1: PyTorch raises RuntimeError",
]
LOADS = re.compile(r"<(?:script|img|iframe)[^>]*\bsrc=\"((?:https?:)?//[^\"]+)|<link[^>]*//[^>]*>")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built course."""
    if importlib.util.find_spec("jupyter_book") is None:
        refuse = pytest.fail if os.environ.get("POOLVIZ_REQUIRE_COURSE") == "1" else pytest.skip
        refuse("jupyter-book is not installed: it is in the extra `course`")
    folder = tmp_path_factory.mktemp("book")
    shutil.copytree(COURSE, folder / "docs" / "course")
    printed = carry_out(recipe("Jupyter Book 1")[1:], folder)

    assert "Executed notebook" in printed, "the page with own code was not run"
    assert printed.count("Executed notebook") == 1, "a notebook of poolviz was run again"
    return folder / "docs" / "course" / "_build" / "html"


def page_of(book: Path, name: str) -> str:
    return (book / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_output_of_a_notebook_is_shown(name: str, book: Path) -> None:
    html = page_of(book, f"poolviz/{name}")
    there, said = pictures(html), words(html)
    for output in stored(name):
        assert output.pictures.items() <= there.items()
        assert output.heading in said


def test_an_own_page_shows_its_widgets(book: Path) -> None:
    alts = list(pictures(page_of(book, "lesson")).values())

    assert len(alts) == len(LESSON)
    for alt, start in zip(alts, LESSON, strict=True):
        assert alt.startswith(start)


@pytest.mark.parametrize("name", ["intro", "lesson", *(f"poolviz/{name}" for name in NAMES)])
def test_no_page_loads_from_elsewhere(name: str, book: Path) -> None:
    html = page_of(book, name)

    assert LOADS.search(html) is None
    assert "widget-view+json" not in html


@pytest.mark.browser
def test_pages_in_chromium(book: Path, page: Page) -> None:
    """Errors that a page without widgets has, too, are not those of the widgets."""
    with served(book) as address:
        bare = page.context.new_page()
        usual: Trouble = opened(bare, f"{address}/intro.html")
        bare.close()
        counts = {
            f"poolviz/{name}": sum(len(output.pictures) for output in stored(name))
            for name in (NAMES[1], NAMES[11])
        }
        for name, count in {"lesson": len(LESSON), **counts}.items():
            trouble = opened(page, f"{address}/{name}.html")

            found = widths(page)

            assert len(found) == count
            assert all(width > 100 and alt for width, alt in found)
            assert set(trouble.errors) - set(usual.errors) == set()
            assert trouble.outside == usual.outside == []


def test_both_tables_of_contents_name_pages_that_are_there() -> None:
    named = [
        *re.findall(r"file: (\S+)", (COURSE / "_toc.yml").read_text()),
        *re.findall(r"file: (\S+)", (COURSE / "myst.yml").read_text()),
        *re.findall(r"root: (\S+)", (COURSE / "_toc.yml").read_text()),
    ]

    assert len(named) >= 4
    assert [name for name in named if not (COURSE / name).with_suffix(".md").is_file()] == []
