"""Pictures of all widgets in three themes and at three widths, compared with docs/screens.

`python -m tools.screens` takes them anew; `--check DIR` writes those that differ.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw

from tests.browser.support.explorers import load_axe
from tests.support.sampling import SEED
from tools.screens.host import HostPage
from tools.screens.pictures import (
    SHOTS,
    THEMES,
    WIDGETS,
    WIDTHS,
    Shot,
    difference,
    scaled,
    taken,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.release]

MOST_BYTES = 1_700_000  # of all pictures together


@pytest.fixture(scope="module")
def host(browser: Browser) -> Iterator[HostPage]:
    from tests.browser.support.lab import fresh_page

    with fresh_page(browser, bypass_csp=True) as page:
        yield HostPage(page)


def of_today(widget: str) -> list[Shot]:
    """Return three pictures with all themes and all widths; which ones, the seed decides."""
    if os.environ.get("POOLVIZ_SAMPLE") == "all":
        return [shot for shot in SHOTS if shot.widget == widget]
    first = SEED + list(WIDGETS).index(widget)
    return [
        Shot(widget, theme, WIDTHS[(first + i) % len(WIDTHS)]) for i, theme in enumerate(THEMES)
    ]


@pytest.mark.parametrize("widget", WIDGETS)
def test_it_looks_as_it_did(host: HostPage, tmp_path: Path, widget: str) -> None:
    for shot, picture in taken(host, of_today(widget), tmp_path):
        found = difference(Image.open(shot.path), scaled(shot, picture))
        new = tmp_path / shot.path.name
        picture.save(new)
        assert not found.is_large, f"{shot.path.name}: {found}; the new one is {new}"


def test_there_is_a_picture_of_each_and_they_are_small() -> None:
    assert sorted(path.name for path in SHOTS[0].path.parent.glob("*.png")) == sorted(
        shot.path.name for shot in SHOTS
    )
    assert sum(shot.path.stat().st_size for shot in SHOTS) < MOST_BYTES


def test_what_matters_is_noticed() -> None:
    """A panel that is gone or has moved, another theme, another width, a lower widget."""
    shot = Shot("explorer", "light", 900)
    picture = Image.open(shot.path).convert("RGB")
    width, height = picture.size
    without = picture.copy()
    ImageDraw.Draw(without).rectangle((width // 4, height // 4, width, height * 3 // 4), "white")
    moved = Image.new("RGB", picture.size, "white")
    moved.paste(picture, (width // 6, 0))
    lower = picture.crop((0, 0, width, height * 9 // 10))
    others = [Shot("explorer", "dark", 900), Shot("explorer", "light", 390)]
    for one in (without, moved, lower, *(Image.open(other.path) for other in others)):
        assert difference(picture, one).is_large
    assert str(difference(picture, without)).startswith("1")
    assert "x " in str(difference(picture, without))


def test_other_letters_are_not_noticed() -> None:
    """As if each were drawn half a pixel beside its place."""
    for shot in (Shot("explorer", "light", 900), Shot("stack", "dark", 390)):
        picture = Image.open(shot.path).convert("RGB")
        large = picture.resize((picture.width * 2, picture.height * 2))
        moved = Image.new("RGB", large.size, picture.getpixel((1, 1)))
        moved.paste(large, (1, 1))
        assert not difference(picture, moved.resize(picture.size)).is_large


# --- axe-core ------------------------------------------------------------------------------------

# Headings and landmarks are those of the page around a widget.
OF_THE_PAGE = ("region", "page-has-heading-one", "landmark-one-main", "heading-order")


def faults(page: Page) -> list[str]:
    """Return all findings of axe-core, the moderate and minor ones too."""
    load_axe(page)
    found = page.evaluate("axe.run(document.querySelector('main'))")
    return [
        f"{violation['impact']} {violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if violation["id"] not in OF_THE_PAGE
    ]


@pytest.mark.parametrize("widget", WIDGETS)
def test_axe_finds_nothing(host: HostPage, tmp_path: Path, widget: str) -> None:
    """With everything open that is folded: chips, sections, composites; today in one theme."""
    themes = [*THEMES]
    if os.environ.get("POOLVIZ_SAMPLE") != "all":
        themes = [themes[(SEED + list(WIDGETS).index(widget)) % len(themes)]]
    for theme in themes:
        (_,) = taken(host, [Shot(widget, theme, 900)], tmp_path)
        host.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
        assert faults(host.page) == [], theme


def test_axe_would_find_something(host: HostPage, tmp_path: Path) -> None:
    list(taken(host, [Shot("card", "light", 900)], tmp_path))
    host.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert faults(host.page) == ["critical button-name: <button></button>"]
