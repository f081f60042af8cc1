"""The documentation as a site, and its gallery in Chromium: `python -m tools.write_site`.

It needs the extra `course`: `pytest -m slow tests/browser/pages/test_site.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.support.explorers import load_axe
from tests.browser.support.pages import opened, served
from tests.support.paths import ROOT
from tools.write_site import GALLERY, build, files

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 60_000  # ms
PHONE: ViewportSize = {"width": 390, "height": 800}
# A reference has a hundred sections, written by one function: axe takes its time for each.
SERIOUS = """async () => {
    for (const part of [...document.querySelectorAll('article section')].slice(20)) part.remove();
    return (await axe.run(document, { iframes: false, resultTypes: ['violations'] })).violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
}"""
BADGE = "https://mybinder.org/badge_logo.svg"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site; warnings of Sphinx fail its build."""
    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as at:
        yield at


def test_links_lead_to_pages_or_to_the_repository(site: Path) -> None:
    names = [Path(name).with_suffix(".html") for name in ("index.md", "gallery.md", *files())]
    for name in names:
        html = (site / name).read_text(encoding="utf-8")
        body = html.partition('<article class="bd-article">')[2].partition("</article>")[0]
        for target in re.findall(r'href="(?![a-z]+:|#)([^"#]+)', body):
            assert ((site / name).parent / target).is_file(), f"{name}: {target}"
        for target in re.findall(r"github\.com/poolviz/poolviz/blob/main/([^\"#]+)", body):
            assert (ROOT / target).exists(), f"{name}: {target}"


def test_the_gallery_is_alive(page: Page, address: str) -> None:
    from playwright.sync_api import expect

    trouble = opened(page, f"{address}/gallery.html")
    for shown in GALLERY:
        frame = page.locator(f"iframe[title='{shown.title}']")
        frame.scroll_into_view_if_needed(timeout=PATIENCE)
        inside = frame.content_frame.locator(".poolviz").first
        expect(inside).to_have_text(re.compile(r"\S"), timeout=PATIENCE)
    layer = page.frame_locator(f"iframe[title='{GALLERY[0].title}']")
    layer.get_by_role("slider", name="kernel", exact=True).press("ArrowLeft")
    expect(layer.locator(".pv-title")).to_contain_text("MaxPool 14×14", timeout=PATIENCE)
    assert trouble.outside == []


def test_pages_load_nothing_from_elsewhere(page: Page, address: str) -> None:
    for name in ("index", "docs/pages", "notebooks/01_kernel_larger_than_input"):
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(f"{address}/{name}.html")
        assert {url for url in asked if not url.startswith((address, "data:"))} <= {BADGE}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    page: Page, address: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for name in ("index", "gallery", "docs/api", "docs/keyboard"):
        page.goto(f"{address}/{name}.html")
        load_axe(page)
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        # The colours of the theme fade in: axe would judge those on the way.
        page.evaluate("document.getAnimations().forEach((one) => one.finish())")
        assert page.evaluate(SERIOUS) == [], name


def test_no_page_is_wider_than_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    for name in ("index", "CONTRIBUTING", "docs/api", "docs/keyboard", "docs/pages"):
        page.goto(f"{address}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], name
