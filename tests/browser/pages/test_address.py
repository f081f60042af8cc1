"""The address of a saved page: it opens what was shown, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import poolviz as pv
from tests.browser.conftest import PATIENCE
from tests.browser.support.pages import served
from tests.browser.support.trouble import Trouble

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.release]

MESSAGE = "Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'"
STACK = pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework="keras")
FEW: dict[str, Any] = {"kernel_size": [14, 15], "stride": [2], "padding": [0], "dilation": [1]}
# What makes a page, and the keys that change it: the role and name of a control, and the keys.
PAGES: dict[str, tuple[Callable[[Path], Path], list[tuple[str, str, str]]]] = {
    "explorer": (
        lambda path: pv.PoolExplorer(10, 15, stride=2).save(path, **FEW),
        [("slider", "kernel", "ArrowLeft")],
    ),
    "map": (lambda path: pv.SizeMap(4, 3).save(path), [("slider", "kernel", "ArrowLeft")]),
    "comparison": (
        lambda path: pv.FrameworkComparison(4, 2, padding="same", framework="keras").save(path),
        [("button", "JAX", "Enter")],
    ),
    "stack": (
        lambda path: pv.StackExplorer(STACK).save(path),
        [("button", "MaxPool 2×2", "Enter")],
    ),
    "decoder": (
        lambda path: pv.ErrorDecoder(MESSAGE).save(path),
        [("button", "open in explorer", "Enter")],
    ),
    "cards": (
        lambda path: pv.ExerciseCard("size-plain", "who-raises").save(path),
        [("button", "hint", "Enter"), ("textbox", "", "4 Enter"), ("button", "next", "Enter")],
    ),
}
OTHER = "The address belongs to another page"
# Everything that is read or set on a page.
SHOWN = """() => {
  const seen = (selector) => [...document.querySelectorAll(`main .poolviz ${selector}`)]
    .filter((one) => one.checkVisibility() && !one.closest('.pv-hidden'));
  return [
    ...seen(':is(p, li, td, h2, code, label, summary, button, .pv-title, .pv-subtitle)')
      .map((one) => one.textContent),
    ...seen(':is(input, select, textarea)').map((one) => `${one.value} ${one.checked}`),
    ...seen('img').map((one) => one.alt),
    ...seen('.pv-copy').map((one) => one.title),
  ];
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("address")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder) as at:
        yield at


@pytest.fixture(scope="module")
def open_page(page: Page, folder: Path, address: str) -> Callable[..., str]:
    """Open a page by its name in `PAGES`, with a fragment; return its address."""
    trouble = Trouble(page)

    def get(name: str, fragment: str = "", *, on: Page = page) -> str:
        if not (folder / f"{name}.html").exists():
            PAGES[name][0](folder / f"{name}.html")
        at = f"{address}/{name}.html"
        on.goto("about:blank")
        on.goto(at + fragment)
        wait(on)
        assert trouble.errors == []
        return at

    return get


def wait(page: Page) -> None:
    page.locator("main[data-ready]").wait_for(timeout=PATIENCE)


def move(page: Page, role: Any, name: str, keys: str) -> None:
    """Press keys on a control, and wait until the address has changed."""
    before = page.url
    found = page.get_by_role(role, name=name) if name else page.get_by_role(role)
    found.first.focus()
    for key in keys.split():
        page.keyboard.press(key)
    page.wait_for_function("before => location.href !== before", arg=before, timeout=PATIENCE)


def shown(page: Page) -> list[str]:
    """Return what is shown once nothing changes any more: pictures follow the width of a page."""
    found: list[str] = page.evaluate(
        f"""async () => {{
          const rest = () => new Promise((done) => setTimeout(done, 60));
          let before, now = JSON.stringify(({SHOWN})());
          do {{ before = now; await rest(); now = JSON.stringify(({SHOWN})()); }}
          while (now !== before);
          return JSON.parse(now);
        }}"""
    )
    return found


def shows(page: Page, expected: list[str]) -> bool:
    """Wait until a page shows something; False if it never does."""
    from playwright.sync_api import TimeoutError

    is_shown = f"expected => JSON.stringify(({SHOWN})()) === JSON.stringify(JSON.parse(expected))"
    try:
        page.wait_for_function(is_shown, arg=json.dumps(expected), timeout=PATIENCE)
    except TimeoutError:
        return False
    return True


def problem(page: Page) -> str:
    return str(page.locator("main > .pv-problem").inner_text())


@pytest.mark.parametrize("name", PAGES)
def test_the_address_opens_what_was_shown(
    page: Page, open_page: Callable[..., str], name: str
) -> None:
    """In another tab, after a reload, and with the browser's way back to another address."""
    at = open_page(name)
    start = shown(page)
    assert page.url == at  # it is given when something changes
    for control in PAGES[name][1]:
        move(page, *control)
    changed, link = shown(page), page.url
    assert changed != start
    assert link.startswith(f"{at}#poolviz=")
    page.reload()
    wait(page)
    assert shows(page, changed)
    assert (page.url, problem(page)) == (link, "")

    tab = page.context.new_page()
    open_page(name, on=tab)
    assert shows(tab, start)
    tab.evaluate("link => { location.href = link; }", link)  # pasted where the page is open
    tab.wait_for_function("link => location.href === link", arg=link)
    assert shows(tab, changed)
    tab.go_back()
    tab.wait_for_function("at => location.href === at", arg=at)
    assert shows(tab, start)
    tab.go_forward()
    tab.wait_for_function("link => location.href === link", arg=link)
    assert shows(tab, changed)
    tab.close()


HOSTILE = (
    "7",
    "{}",
    '{"node":0}',
    "%",
    "%7B%22node%22:",
    "<img src=x onerror='window.stolen = 1'>",
    "00000000.1",  # of another page
    "ID.99",
    "ID.-1",
    "ID.0.5",
    "ID.null",
    "ID.{}",
    'ID.{"node":"constructor"}',
    'ID.{"__proto__":{"node":1}}',
    "ID." + quote("[" * 5000),
)
NO_PROGRESS = (
    '{"place":"length","items":[[0,false,false,0],[0,false,false,0]]}',
    '{"place":0,"items":[["length",false,false,0],[0,false,false,0]]}',
    '{"place":0,"items":[[0,false,false,0,{"length":-1}],[0,false,false,0,[["x"]]]]}',
    '{"place":0,"items":[null,7]}',
    '{"place":0,"items":[[0,false,false,0]]}',
    '{"place":7,"items":[[0,false,false,0],[0,false,false,0]]}',
)


@pytest.mark.parametrize("name", ["explorer", "cards"])
def test_any_other_address_opens_the_start_and_says_so(
    page: Page, open_page: Callable[..., str], name: str
) -> None:
    open_page(name)
    start = shown(page)
    move(page, *PAGES[name][1][0])
    identity = page.url.partition("#poolviz=")[2].partition(".")[0]
    for told in (*HOSTILE, *(f"ID.{quote(one)}" for one in NO_PROGRESS if name == "cards")):
        open_page(name, f"#poolviz={told.replace('ID', identity)}")
        assert problem(page).startswith(OTHER), told
        assert page.evaluate("'stolen' in window") is False
        assert shows(page, start)
    move(page, *PAGES[name][1][0])
    assert problem(page) == ""


def test_a_place_on_the_page_is_left_alone(page: Page, open_page: Callable[..., str]) -> None:
    open_page("explorer", "#exercise-3")
    assert problem(page) == ""
    assert page.url.endswith("#exercise-3")


def test_an_earlier_version_of_a_page_is_another_page(
    page: Page, open_page: Callable[..., str], folder: Path
) -> None:
    """The same number would be another setting."""
    open_page("explorer")
    move(page, "slider", "kernel", "ArrowLeft")
    link = page.url
    pv.PoolExplorer(10, 3, stride=2).save(
        folder / "explorer.html", **{**FEW, "kernel_size": [3, 14]}
    )
    page.goto("about:blank")
    page.goto(link)
    wait(page)
    assert problem(page).startswith(OTHER)
    assert page.locator(".pv-title").inner_text().startswith("MaxPool 3×3")
    (folder / "explorer.html").unlink()


def test_two_widgets_on_a_page_do_not_share_an_address(
    page: Page, open_page: Callable[..., str], folder: Path, address: str
) -> None:
    """Pages in frames have each their own; modules have none, as the page is not theirs."""
    open_page("explorer")
    module = pv.PoolExplorer(10, 15, stride=2).save(folder / "pool.mjs", **FEW)
    frames = "".join(f'<iframe title="{i}" src="explorer.html"></iframe>' for i in range(2))
    hosts = "".join(f'<div class="host" id="host{i}"></div>' for i in range(2))
    script = f"""import widget from "./{module.name}";
    for (const el of document.querySelectorAll(".host")) await widget.render({{ el }});"""
    html = f'<!doctype html>{frames}{hosts}<script type="module">{script}</script>'
    (folder / "two.html").write_text(html, encoding="utf-8")
    page.goto(f"{address}/two.html")
    first, second = page.frames[1:]
    for frame in (first, second):
        frame.locator("main[data-ready]").wait_for(timeout=PATIENCE)
    first.get_by_role("slider", name="kernel", exact=True).press("ArrowLeft")
    first.wait_for_function("location.hash !== ''", timeout=PATIENCE)
    host = page.locator("#host0")
    host.get_by_role("slider", name="kernel", exact=True).press("ArrowLeft")
    host.locator(".pv-title", has_text="MaxPool 14×14").wait_for(timeout=PATIENCE)

    assert (second.url, page.url) == (f"{address}/explorer.html", f"{address}/two.html")
    other = page.locator("#host1 .pv-title").inner_text()
    assert other.startswith("MaxPool 15×15")


def test_a_file_has_an_address_too(page: Page, open_page: Callable[..., str], folder: Path) -> None:
    open_page("explorer")
    page.goto((folder / "explorer.html").as_uri())
    wait(page)
    move(page, "slider", "kernel", "ArrowLeft")
    changed = shown(page)
    page.reload()
    wait(page)
    assert shows(page, changed)
