"""An exported site of notebooks whose names, folders and metadata are hostile: text, and links."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from poolviz.cli.export import export
from tests.browser.support.pages import served
from tests.browser.support.trouble import Trouble
from tests.support.hostile import FILE_NAMES, PAYLOADS
from tests.support.sampling import sampled

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FOLDER = '<img src=x onerror=window.hit=1> # ? % " site'
# All that an index has; its policy lets no script run, so that alone would prove nothing.
INDEX = {"MAIN", "H1", "H2", "UL", "LI", "A", "href"}


def hostile_notebook(path: Path, size: int, text: str) -> Path:
    """One picture, of an input of this size; the text is in all that a notebook says of itself."""
    metadata = {
        "title": text,
        "authors": [{"name": text}],
        "kernelspec": {"name": text, "display_name": text, "language": text},
        "language_info": {"name": text, "codemirror_mode": text},
        text: {text: text},
    }
    about: dict[str, Any] = {"id": text, "metadata": {"tags": [text], "name": text, text: text}}
    source = f"import poolviz as pv\npv.draw(pv.Pool(2), {size})"
    cells = [
        {
            **about,
            "cell_type": "markdown",
            "source": f"# {text}\n{text}",
            "attachments": {text: {}},
        },
        {**about, "cell_type": "raw", "source": text},
        {**about, "cell_type": "code", "source": source, "outputs": [], "execution_count": None},
    ]
    found = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, in a hostile folder; each notebook has an input of another size."""
    home = tmp_path_factory.mktemp("hostile") / FOLDER
    home.mkdir()
    lessons = [
        str(hostile_notebook(home / f"{name}.ipynb", size, text))
        for size, (name, text) in enumerate(zip(FILE_NAMES, texts(), strict=True), start=2)
    ]
    export(lessons, home / "site")
    return home / "site"


def texts() -> list[str]:
    """A title for each name; a name is a title, too, where there are no more payloads."""
    payloads = [*PAYLOADS.values()]
    return [*payloads, *FILE_NAMES[len(payloads) :]]


def first_line(text: str) -> str:
    """Return the part of a title that an index shows."""
    return next(filter(None, text.splitlines())).strip().encode(errors="replace").decode()


def is_text(name: str) -> bool:
    """Return whether the name is UTF-8; a file system takes any bytes."""
    try:
        return bool(os.fsencode(name).decode())
    except UnicodeDecodeError:
        return False


@pytest.fixture(scope="module")
def trouble(page: Page) -> Trouble:
    return Trouble(page)


@pytest.fixture(scope="module", params=["file", "server"])
def address(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Of the index: as a file that is opened, and as a server of a course gives it."""
    if request.param == "file":
        yield (folder / "index.html").as_uri()
    else:
        with served(folder.parent.parent) as at:
            yield f"{at}/{folder.parent.as_uri().rpartition('/')[2]}/site/index.html"


def test_the_index_has_titles_and_links_and_nothing_else(
    page: Page, trouble: Trouble, address: str
) -> None:
    page.goto(address)
    found = page.evaluate(
        "() => [...document.body.querySelectorAll('*')].flatMap(one => [one.tagName, "
        "...one.getAttributeNames()])"
    )

    assert set(found) == INDEX
    titles = page.locator("h2").evaluate_all("all => all.map(one => one.textContent)")
    assert titles == [first_line(text) for text in texts()]
    assert page.evaluate("() => window.hit") is None
    assert trouble.errors == []


def test_each_link_opens_its_page(page: Page, trouble: Trouble, address: str) -> None:
    """Clicked as a user does; each page says the size that only its notebook has."""
    for name in sampled(FILE_NAMES, 8):
        size = 2 + FILE_NAMES.index(name)
        if address.startswith("http") and not is_text(name):
            continue  # Python's server looks for names in UTF-8 only
        page.goto(address)
        page.get_by_role("link").nth(size - 2).click()

        heading = page.get_by_role("heading", level=1)
        heading.filter(has_text=f"on {size} × {size}").wait_for()
        assert page.url != address
        assert page.evaluate("() => window.hit") is None
    assert trouble.errors == []
    assert trouble.outside == []


def test_there_is_a_link_for_every_name(page: Page, address: str) -> None:
    page.goto(address)

    assert page.get_by_role("link").count() == len(FILE_NAMES)
