"""Saved pages anywhere: hostile text stays text; no script, no kernel; every eye and screen."""

from __future__ import annotations

import importlib.resources
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import poolviz as pv
from tests.browser.conftest import PATIENCE
from tests.browser.support.saved_pages import Course, Visit, course
from tests.support.sampling import SEED, sampled

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

HOSTILE = (
    "<script>window.stolen = 1</script>",
    "</script><script>window.stolen = 1</script>",
    "<!--<script>",
    "<img src=x onerror='window.stolen = 1'>",
    "<svg/onload=window.stolen=1>",
    "javascript:window.stolen=1",
    "</style><style>*{display:none}</style>",
    "]]></svg><script>window.stolen = 1</script>",
    "\"'><b onclick=window.stolen=1>",
    "{{constructor.constructor('window.stolen=1')()}}",
    "a\x00b\x08c\ud800d\u202ee",
)


def network(name: str) -> pv.Stack:
    layers = [pv.Named(name, pv.Pool(2)) for _ in range(4)]
    return pv.Stack(layers, input_shape=(10, 12, 3), framework="keras")


def decoded(name: str) -> str:
    return (
        f"{name}\nNegative dimension size caused by subtracting 2 from 1 for '{{{{node {name}/"
        'MaxPool}}}} = MaxPool[ksize=[1, 2, 2, 1], padding="VALID", strides=[1, 2, 2, 1]](conv)\' '
        "with input shapes: [?,1,28,28]."
    )


# Each picture must be readable: a name that is not escaped breaks its SVG.
PICTURES = """(() => {
  const isReadable = async (el) => {
    const { src } = el;
    const found = await el.decode().then(() => el.naturalWidth > 0, () => false);
    return found || (el.src !== src && isReadable(el)); // another picture has come meanwhile
  };
  const all = [...document.querySelectorAll('img')].filter((el) => el.clientHeight);
  return Promise.all(all.map(isReadable));
})()"""
MAKERS: dict[str, Callable[[str], Any]] = {
    "network": lambda name: pv.StackExplorer(network(name)),
    "decoder": lambda name: pv.ErrorDecoder(decoded(name)),
    "figure": lambda name: pv.draw(network(name)),
}


@pytest.fixture(scope="module")
def site() -> Iterator[Course]:
    with course() as opened:
        yield opened


@pytest.fixture(scope="module")
def visit(page: Page, site: Course) -> Visit:
    return Visit(page, site)


@pytest.mark.parametrize(
    ("kind", "text"), sampled([(kind, text) for kind in MAKERS for text in HOSTILE], 10)
)
def test_hostile_text_stays_text(visit: Visit, tmp_path: Path, kind: str, text: str) -> None:
    """It is there to be read, and does nothing."""
    path = MAKERS[kind](text).save(tmp_path / "page.html")
    page = path.read_text(encoding="utf-8")
    if kind == "figure":
        visit.put(page)
    else:
        visit.open(page)
    frame = visit.page.frames[1]

    shown = frame.evaluate("document.body.textContent")
    visible = text.split("\x00")[0]
    assert visible in shown or visible in frame.locator("textarea").first.input_value()
    assert frame.evaluate("'stolen' in window") is False
    assert frame.evaluate("document.querySelectorAll('script:not([id]):not([type])').length") == 0
    assert frame.locator("main").is_visible()
    assert frame.evaluate(PICTURES) == [True] * frame.locator("img:visible").count()
    assert visit.was_quiet()


@pytest.mark.parametrize("text", sampled(HOSTILE, 3))
def test_a_hostile_answer_stays_text(visit: Visit, tmp_path: Path, text: str) -> None:
    path = pv.ExerciseCard("size-plain").save(tmp_path / "card.html")
    widget = visit.open(path.read_text(encoding="utf-8"))
    field = widget.part(".pv-form input")
    field.fill(text.replace("\x00", "").replace("\ud800", ""))
    widget.press(field, "Enter")
    widget.part(".pv-wrong").wait_for(timeout=PATIENCE)

    assert visit.page.frames[1].evaluate("'stolen' in window") is False
    assert visit.was_quiet()


def test_the_watch_would_notice(visit: Visit, tmp_path: Path) -> None:
    """A page with one script more than its policy knows."""
    path = pv.ExerciseCard("size-plain").save(tmp_path / "card.html")
    page = path.read_text(encoding="utf-8")
    visit.open(page.replace("</main>", "</main><script>window.stolen = 1</script>"))

    assert visit.page.frames[1].evaluate("'stolen' in window") is False
    assert any("script-src" in complaint for complaint in visit.complaints)


# --- where it runs -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explorer")
    return pv.PoolExplorer(10, 15).save(
        folder / "pool.html", kernel_size=[3, 15], stride=[None], padding=[0], dilation=[1]
    )


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("still")
    return pv.PoolExplorer(10, 15).save(folder / "still.html", script=False)


def test_it_opens_as_a_file(visit: Visit, explorer: Path) -> None:
    visit.complaints.clear()
    visit.page.goto(explorer.as_uri())
    visit.page.locator("main[data-ready]").wait_for(timeout=PATIENCE)

    assert visit.page.locator(".pv-title").inner_text() == "MaxPool 15×15, stride 15, no padding"
    assert visit.page.evaluate(PICTURES) == [True]
    assert visit.complaints == []


@pytest.mark.parametrize("script", [True, False])
def test_without_scripts_there_are_picture_words_and_table(
    visit: Visit, explorer: Path, still: Path, script: bool
) -> None:
    """A page with a script that may not run, and one that has none."""
    path = explorer if script else still
    assert ("<script" in path.read_text(encoding="utf-8")) is script
    browser = visit.page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())

    said = pv.PoolExplorer(10, 15).state
    assert (
        page.locator("h1").inner_text()
        == said["title"] + " on 10 × 10: PyTorch raises RuntimeError"
    )
    assert page.locator("img").get_attribute("alt") == said["alt"]
    text = page.locator("main").inner_text()
    for part in (said["findings"][0]["text"], said["axes"][0]["formula"], said["code"]):
        assert part in text
    assert page.locator("table tr").count() == 1 + len(said["frameworks"])
    context.close()


def test_a_browser_that_cannot_unpack_keeps_the_picture(visit: Visit, explorer: Path) -> None:
    """One of 2022, which has no DecompressionStream."""
    browser = visit.page.context.browser
    assert browser is not None
    context = browser.new_context()
    context.add_init_script("delete globalThis.DecompressionStream")
    page = context.new_page()
    page.goto(explorer.as_uri())

    assert page.get_by_text(
        "The controls need JavaScript and a browser from 2023 or later."
    ).is_visible()
    assert page.locator("img").is_visible()
    context.close()


# --- every eye and every screen ------------------------------------------------------------------

JUDGED: dict[str, Callable[[], Any]] = {
    "explorer": lambda: pv.PoolExplorer(10, 3),
    "broken": lambda: pv.PoolExplorer((4, 6), (5, 3), stride=2),
    "map": lambda: pv.SizeMap(6, 3),
    "comparison": lambda: pv.FrameworkComparison(6, 3, stride=2, padding="same", framework="keras"),
    "network": lambda: pv.StackExplorer(network("pool")),
    "decoder": lambda: pv.ErrorDecoder(decoded("pool")),
    "card": lambda: pv.ExerciseCard("unread-in-a-grid", "who-raises"),
}
ONLY_THIS = {"kernel_size": [3], "stride": [2], "padding": [0], "dilation": [1], "framework": []}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Path]:
    folder = tmp_path_factory.mktemp("judged")

    def get(name: str, script: bool) -> Path:
        path = folder / f"{name}-{script}.html"
        if not path.exists():
            made = JUDGED[name]()
            few = {"stride": [2], "dilation": [1]} if isinstance(made, pv.PoolExplorer) else {}
            made.save(path, script=script, **few)
        return path

    return get


# Two screens show both schemes and both widths; the other two follow on another day.
SCREENS: tuple[tuple[tuple[Any, int], ...], ...] = (
    (("light", 320), ("dark", 900)),
    (("dark", 320), ("light", 900)),
)
PAGES = [(name, script) for name in JUDGED for script in (True, False)]


def screens_of_today(page: tuple[str, bool]) -> list[tuple[Any, int]]:
    """Half of the pages on two of the screens, half on the others, chosen by the seed."""
    if os.environ.get("POOLVIZ_SAMPLE") == "all":
        return sorted((one for pair in SCREENS for one in pair), key=lambda one: one[1])
    return [*SCREENS[(PAGES.index(page) // 2 + page[1] + SEED) % 2]]


@pytest.mark.parametrize(("name", "script"), PAGES)
def test_axe_finds_nothing_serious(
    visit: Visit, saved: Callable[[str, bool], Path], name: str, script: bool
) -> None:
    page = visit.page
    page.set_viewport_size({"width": 320, "height": 900})  # of the first screen
    page.goto(saved(name, script).as_uri())
    code = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    page.evaluate(code.read_text(encoding="utf-8"))
    for scheme, width in screens_of_today((name, script)):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        wait_for_page(page, scheme, script)
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        assert serious(page) == [], (scheme, width)
        page.wait_for_function(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )


def wait_for_page(page: Page, scheme: str, script: bool) -> None:
    """Wait until the page is complete and has these colours."""
    if script:
        page.locator("main[data-ready]").wait_for(timeout=PATIENCE)
        page.locator(".pv-stage[data-seq]").first.wait_for(timeout=PATIENCE)
        page.wait_for_function(
            "scheme => [...document.querySelectorAll('.poolviz')].every("
            "el => el.dataset.theme === scheme || el.parentElement.hidden)",
            arg=scheme,
            timeout=PATIENCE,
        )


def serious(page: Page) -> list[str]:
    """Return the serious faults that axe-core finds on a page."""
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if violation["impact"] in ("serious", "critical")
    ]
