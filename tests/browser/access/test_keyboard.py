"""docs/keyboard.md, carried out: every row by keys alone, on a page that shows live widgets."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import poolviz as pv
from poolviz.widgets.dashboard import Dashboard
from tests.browser.conftest import PATIENCE
from tests.support.paths import ROOT
from tools.screens.host import HostPage
from tools.screens.pictures import settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.release]

TEXT = (ROOT / "docs" / "keyboard.md").read_text(encoding="utf-8")
STAYS = "–"
MOST_STOPS = 150  # of Tab, until the focus has gone round

NAME_OF = """(at) =>
  (at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent)
  .trim().replaceAll(/\\s+/g, ' ')"""
FOCUSED = f"() => ({NAME_OF})(document.activeElement)"
# What a user of a mouse could press or set; arrow keys lead to those with tabIndex −1.
CONTROLS = "button, input, select, textarea, summary, .pv-stage"
REACHABLE = f"""() => [...document.querySelectorAll('{CONTROLS}')]
  .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)
  .filter((one) => one.closest('.poolviz, .pv-page-note'))
  .map({NAME_OF})"""


class Row(NamedTuple):
    """A line of a table."""

    to_do: str
    control: str
    keys: str
    read_out: str
    focus: str


def sections() -> dict[str, tuple[str, list[Row]]]:
    """Return the line of code and the rows of each section."""
    found = {}
    for part in TEXT.split("\n## ")[1:]:
        name, _, text = part.partition("\n")
        code = re.search(r"^Opened with `(.*)`\.$", text, re.MULTILINE)
        rows = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("| ")]
        assert code is not None
        found[name] = code[1], [Row(*(cell.strip() for cell in row)) for row in rows[1:]]
    return found


SECTIONS = sections()


@pytest.fixture(scope="module")
def host(page: Page) -> HostPage:
    return HostPage(page)


@pytest.fixture
def opened(host: HostPage, tmp_path: Path) -> Callable[[str], Page]:
    """Open what a section is about."""

    def get(name: str) -> Page:
        page = host.page
        code = SECTIONS[name][0]
        if ".save(" in code:
            path = tmp_path / "page.html"
            eval(code.replace('"page.html"', "path"), {"pv": pv, "path": path})
            page.goto(path.as_uri())
            page.locator("main[data-ready]").wait_for()
        elif code.endswith(" app"):
            host.show(*Dashboard().children)
        else:
            host.show(eval(code, {"pv": pv}))
        page.locator(".poolviz .pv-stage[data-seq], .poolviz .pv-paste").first.wait_for()
        settle(page)
        return page

    return get


def go_to(page: Page, name: str) -> list[str]:
    """Press Tab from the top until the focus is on a control; return what it was on before."""
    page.mouse.click(1, 1)  # beside everything: Tab starts at the top
    passed = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        now = str(page.evaluate(FOCUSED))
        if now.startswith(name):
            return passed
        if page.evaluate("document.activeElement === document.body"):
            break
        passed.append(now)
    raise AssertionError(f"Tab does not reach {name!r}, but {passed}")


def press(page: Page, keys: str) -> None:
    for key, text in re.findall(r'`([^`]+)`|"(.+)"(?=\s*(?:`|$))', keys):
        if key:
            page.keyboard.press(key)
        else:
            page.keyboard.type(text)


def wait_for(page: Page, condition: str, wanted: str, row: Row) -> None:
    from playwright.sync_api import TimeoutError

    try:
        page.wait_for_function(condition, arg=wanted, timeout=PATIENCE)
    except TimeoutError:
        said = page.locator("[role=status], [role=alert]").all_inner_texts()
        raise AssertionError(f"{row}: {page.evaluate(FOCUSED)!r}, {said}") from None


@pytest.mark.parametrize("name", SECTIONS)
def test_each_row_by_keys_alone(opened: Callable[[str], Page], name: str) -> None:
    page = opened(name)
    for row in SECTIONS[name][1]:
        if row.control != STAYS:
            go_to(page, row.control)
        press(page, row.keys)
        if row.read_out:
            said = """wanted => [...document.querySelectorAll('[role=status]')]
              .some((one) => one.textContent.includes(wanted))"""
            wait_for(page, said, row.read_out, row)
        wait_for(page, f"wanted => ({FOCUSED})().includes(wanted)", row.focus, row)


@pytest.mark.parametrize("name", SECTIONS)
def test_tab_reaches_every_control_and_leaves(opened: Callable[[str], Page], name: str) -> None:
    """With everything open that is folded; forwards, and the same way back."""
    page = opened(name)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    wanted = page.evaluate(REACHABLE)
    end = "start again" if "page" in name else "after"
    passed = go_to(page, end)
    assert [one for one in wanted if one not in [*passed, end]] == []
    for expected in reversed(passed):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(FOCUSED) == expected


def test_the_tables_name_what_everybody_needs() -> None:
    """Each widget: change something, a fix or an answer, undo and redo, and what is read out."""
    for name, (_, rows) in SECTIONS.items():
        assert all(row.focus for row in rows), name
        assert sum(bool(row.read_out) for row in rows) >= 2, name
        if name not in ("The app",):
            assert any("undo" in row.to_do for row in rows), name
    assert {"PoolExplorer", "LayerExplorer", "StackExplorer", "ErrorDecoder"} <= set(SECTIONS)
