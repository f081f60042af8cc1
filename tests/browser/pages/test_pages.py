"""Notebooks as pages, slides and PDF by nbconvert: all is shown, and nothing is fetched."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.conftest import KERNELSPEC, PATIENCE
from tests.browser.support.pages import (
    NAMES,
    NOTEBOOKS,
    carry_out,
    opened,
    pictures,
    recipe,
    served,
    stored,
    widths,
    words,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.release

PAGES, SLIDES, PDF = "Pages (HTML)", "Slides with reveal.js", "PDF"
CLEAN = "--HTMLExporter.sanitize_html=True --output-dir clean"
EVIL = "evil"
START, BROKEN, STACK, DECODER = NAMES[0], NAMES[1], NAMES[6], NAMES[11]
ADDRESS = re.compile(r"(?:\bsrc|<link[^>]*\bhref)=[\"']?((?:https?:)?//[^\"'>\s]+)")
KINDS = {"pages": ".html", "clean": ".html", "slides": ".slides.html"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All notebooks and one of a stranger as pages, as sanitized pages, and as slides."""
    made = tmp_path_factory.mktemp("pages")
    copy, convert = recipe(PAGES)
    clean = convert.replace("--output-dir pages", CLEAN)
    carry_out([copy], made)
    nbformat.write(of_a_stranger(), made / "notebooks" / f"{EVIL}.ipynb")
    carry_out([convert, clean, recipe(SLIDES)[-1]], made)
    return made


def of_a_stranger() -> nbformat.NotebookNode:
    """A notebook that would like to run something."""
    evil = "<img src=x onerror='window.evil = 1'><script>window.evil = 1</script>"
    data = {"text/html": evil, "text/plain": f"c {evil}"}
    output = nbformat.v4.new_output("display_data", data)
    cells = [
        nbformat.v4.new_markdown_cell(f"{evil}\n\n<details onclick='evil()'>a</details>\n\n> b"),
        nbformat.v4.new_code_cell("1", outputs=[output]),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata=KERNELSPEC)


def text_of(folder: Path, kind: str, name: str) -> str:
    return (folder / kind / f"{name}{KINDS[kind]}").read_text(encoding="utf-8")


each_kind = pytest.mark.parametrize("kind", KINDS)


@each_kind
@pytest.mark.parametrize("name", NAMES)
def test_every_output_is_shown(name: str, kind: str, folder: Path) -> None:
    """Its picture with alt text, or its words; a sanitized page reads the state aloud instead."""
    html = text_of(folder, kind, name)
    there, said = pictures(html), words(html)
    outputs = list(stored(name))

    assert outputs
    for output in outputs:
        if kind == "clean" and output.png:
            assert there[output.png] == output.text
        elif kind == "clean":
            assert " ".join(output.text.splitlines()[0].split()) in said
        else:
            assert output.pictures.items() <= there.items()
            assert output.heading in said
    assert all(there.values()), "a picture without alt text"


@each_kind
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched_and_no_tag_is_shown(name: str, kind: str, folder: Path) -> None:
    html = text_of(folder, kind, name)

    assert ADDRESS.findall(html) == []
    assert re.findall(r"</?(?:p|img|h\d|details)\b", words(html)) == []
    assert "widget-view+json" not in html


@pytest.mark.parametrize("page", ['<script src="https://a.b/c.js">', "<link href='//a.b/c.css'>"])
def test_an_address_would_be_found(page: str) -> None:
    assert ADDRESS.findall(page)


@each_kind
@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_pages_that_are_there(name: str, kind: str, folder: Path) -> None:
    targets = re.findall(r'href="([^"#:]+)"', text_of(folder, kind, name))
    pages = [target for target in targets if not target.startswith("reveal.js/")]

    assert pages
    assert [target for target in pages if not (folder / kind / target).is_file()] == []


@pytest.mark.browser
@pytest.mark.parametrize("name", [START, STACK, DECODER])
@pytest.mark.parametrize("kind", ["pages", "clean"])
def test_a_page_in_chromium(kind: str, name: str, folder: Path, page: Page) -> None:
    with served(folder / kind) as address:
        trouble = opened(page, f"{address}/{name}.html")
        empty = page.evaluate(
            """() => [...document.querySelectorAll('.jp-OutputArea-output')].filter(output =>
            !output.clientHeight || !(output.innerText.trim() || output.querySelector('img')))
            .length"""
        )
        count = sum(
            bool(output.png) if kind == "clean" else len(output.pictures) for output in stored(name)
        )
        found = widths(page)

        assert len(found) == count > 0
        assert all(width > 100 and alt for width, alt in found)
        assert empty == 0
        assert (trouble.errors, trouble.outside) == ([], [])


@pytest.mark.browser
def test_a_sanitized_page_runs_nothing_of_a_stranger(folder: Path, page: Page) -> None:
    with served(folder / "clean") as address:
        page.goto(f"{address}/{EVIL}.html")

        assert page.evaluate("window.evil") is None
        assert page.locator("main script, main img, main details[onclick]").count() == 0
        assert page.locator("blockquote").inner_text() == "b"


@pytest.fixture(scope="module")
def reveal(folder: Path) -> Path:
    """The slides with reveal.js beside them."""
    if shutil.which("npm") is None:
        pytest.skip("npm, which brings reveal.js, is not installed")
    (folder / "package.json").write_text("{}")  # or npm installs into a folder above
    try:
        carry_out(recipe(SLIDES)[:2], folder)
    except AssertionError as error:
        if os.environ.get("POOLVIZ_REQUIRE_COURSE") == "1":
            raise
        pytest.skip(f"npm did not bring reveal.js: {error}")
    return folder / "slides"


@pytest.fixture
def deck(reveal: Path, page: Page) -> Iterator[str]:
    page.set_viewport_size({"width": 1280, "height": 720})
    with served(reveal) as address:
        yield address
    page.set_viewport_size({"width": 1280, "height": 1500})


@pytest.mark.browser
@pytest.mark.parametrize("name", [START, BROKEN])
def test_slides_in_chromium(name: str, deck: str, page: Page) -> None:
    """Every heading starts a slide; each picture is on a slide that shows all of it."""
    cells = nbformat.read(NOTEBOOKS[NAMES.index(name)], as_version=4).cells
    headings = [cell for cell in cells if cell.cell_type == "markdown" and cell.source[0] == "#"]
    trouble = opened(page, f"{deck}/{name}.slides.html")
    page.wait_for_function("window.Reveal?.isReady()", timeout=PATIENCE)
    page.evaluate("Reveal.configure({transition: 'none'})")
    total = page.evaluate("Reveal.getTotalSlides()")
    seen = 0
    for _ in range(total):
        seen += page.evaluate(
            """() => [...Reveal.getCurrentSlide().querySelectorAll('img')]
            .filter(image => image.naturalWidth > 800)
            .map(image => image.getBoundingClientRect())
            .filter(box => box.width > 300 && box.top >= 0 && box.bottom <= innerHeight).length"""
        )
        page.evaluate("Reveal.next()")
    shown = [output for output in stored(name) if output.png]

    assert page.evaluate("Reveal.getHorizontalSlides().length") == len(headings)
    assert total == len(headings) + len(shown)
    assert seen == len(shown)
    assert (trouble.errors, trouble.outside) == ([], [])


@pytest.mark.browser
def test_pdf(folder: Path) -> None:
    """Chromium prints a page, with its pictures."""
    from tests.browser.support.lab import CHROMIUM

    (command,) = recipe(PDF)
    carry_out([f"{CHROMIUM} --no-sandbox {command.partition(' ')[2]}"], folder)
    pdf = (folder / "01.pdf").read_bytes()

    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Subtype\s*/Image", pdf)) >= 2
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 3
