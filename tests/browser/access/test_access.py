"""For every hand, eye and ear: an accessibility engine, the accessibility tree, keys, colours.

axe-core 4.12 judges the explorer in its states; what a screen reader finds is read from Chromium.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.drawing.scene.theme import THEMES
from tests.browser.conftest import PATIENCE, Lab
from tests.browser.support.explorers import (
    Explorer,
    accessible,
    choose_theme,
    judged,
    load_axe,
    picture_hash,
    run_explorers,
    sticking_out,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

# Name of the explorer → the cell that makes it.
EXPLORERS = {
    "ok": "pv.PoolExplorer(10, 3)",
    "broken": "pv.PoolExplorer(10, 15)",
    "empty": "pv.PoolExplorer(10, 15, framework='jax')",
    "volume": "pv.PoolExplorer((3, 9, 9), 2, op='avg', show=('read counts', 'unread cells'))",
    "strip": "pv.PoolExplorer((60,), 3, stride=4, show='receptive field')",
    "speech": "pv.PoolExplorer(10, 3)",
    "focus": "pv.PoolExplorer(10, 15)",
    "motion": "pv.PoolExplorer(10, 3)",
    "colours": "pv.PoolExplorer(10, 3)",
    "readers": "pv.PoolExplorer(10, 3, stride=1)",
    "names": (
        "pv.PoolExplorer((4, 7, 7), 3, padding=((0, 1), (0, 0), (1, 1)), stride=2, op='avg', "
        "framework='jax')"
    ),
    "narrow": "pv.PoolExplorer(10, 15)",
    "narrow strip": "pv.PoolExplorer((60,), 70, framework='tensorflow', padding='same_lower')",
    "dark": "pv.PoolExplorer(10, 3)",
}
STATES = ("ok", "broken", "empty", "volume", "strip")


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab) -> Callable[[str], Explorer]:
    """Call it with a name of `EXPLORERS`."""
    return run_explorers(page, lab, "access.ipynb", EXPLORERS)


# --- axe-core ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def axe(page: Page, explorer: Callable[[str], Explorer]) -> Callable[[Explorer], list[str]]:
    """Return the serious findings of axe-core in one explorer: impact, rule and element."""
    load_axe(page)
    return lambda e: judged(e.root)


def opened(e: Explorer) -> Explorer:
    """With everything that can be opened open."""
    e.ask("{ for (const part of el.querySelectorAll('details')) part.open = true; }")
    return e


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing_serious(
    explorer: Callable[[str], Explorer], axe: Callable[[Explorer], list[str]], name: str
) -> None:
    e = opened(explorer(name))
    e.stage.focus()
    if name in ("ok", "volume", "strip"):
        e.page.keyboard.press("Enter")  # the pin's badge is judged too

    assert axe(e) == []


def test_axe_finds_nothing_serious_in_the_dark_and_on_a_phone(
    explorer: Callable[[str], Explorer], axe: Callable[[Explorer], list[str]], dark: None
) -> None:
    """All in one test: each change of the theme draws all pictures again."""
    for name in STATES:
        e = opened(explorer(name))
        e.wait("el.dataset.theme === 'dark'")
        assert axe(e) == [], name
        e.ask("{ el.style.width = '320px'; }")
        e.wait("el.querySelector('.pv-overlay').viewBox.baseVal.width === 300")
        assert axe(e) == [], name
        e.ask("{ el.style.width = ''; }")


@pytest.fixture
def dark(page: Page, explorer: Callable[[str], Explorer]) -> Iterator[None]:
    choose_theme(page, "JupyterLab Dark")
    yield
    choose_theme(page, "JupyterLab Light")


def test_axe_would_find_something(
    explorer: Callable[[str], Explorer], axe: Callable[[Explorer], list[str]]
) -> None:
    """A button without a name and a grey word, planted and taken out again."""
    e = explorer("ok")
    e.ask(
        """{
        const planted = document.createElement('div');
        planted.className = 'planted';
        planted.innerHTML = '<button></button><p style="color: #bbb; background: #fff">grey</p>';
        el.append(planted);
        }"""
    )
    found = axe(e)
    e.ask("{ el.querySelector('.planted').remove(); }")

    assert {line.split(":")[0].split(" ")[1] for line in found} == {"button-name", "color-contrast"}


# --- what a screen reader finds ------------------------------------------------------------------

CONTROLS = {"slider", "combobox", "button", "checkbox", "textbox", "DisclosureTriangle"}


@pytest.mark.parametrize("name", STATES)
def test_every_control_has_a_name_of_its_own(
    explorer: Callable[[str], Explorer], name: str
) -> None:
    nodes = accessible(opened(explorer(name)))
    names = [(role, label.strip()) for role, label in nodes if role in CONTROLS]

    assert len(names) > 15
    assert all(label for _, label in names), names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["ok", "broken", "empty", "volume"])
def test_the_picture_is_its_words(explorer: Callable[[str], Explorer], name: str) -> None:
    """Those that Python has, and they follow every change."""
    e = explorer(name)
    expected = eval(EXPLORERS[name], {"pv": pv})
    assert [label for role, label in accessible(e) if role in ("image", "img")] == [
        expected.state["alt"]
    ]


_ROLES = {"slider", "combobox", "button", "checkbox", "textbox", "image", "img", "spinbutton"}


def test_everything_has_an_accessible_name(explorer: Callable[[str], Explorer]) -> None:
    """Sliders, fields, buttons and the picture, of three axes with sides that differ."""
    e = explorer("names")
    for folded in ("edit the input values", "more settings", "also show"):
        e.root.get_by_text(folded).click()
    nodes = accessible(e)
    unnamed = [role for role, name in nodes if role in _ROLES and not name.strip()]

    assert unnamed == []
    seen = [role for role, _ in nodes]
    for role, least in (("slider", 12), ("combobox", 6), ("button", 5), ("checkbox", 4)):
        assert seen.count(role) >= least, (role, seen.count(role))
    named = {role: [name for kind, name in nodes if kind == role] for role in _ROLES}
    for role in ("slider", "checkbox", "textbox"):
        assert len(set(named[role])) == len(named[role])
    assert {"padding before depth", "input width", "kernel", "depth slice"} <= set(named["slider"])
    # A label that belonged to several explorers would be read more than once.
    chosen = [
        "framework",
        "pooling",
        "axes",
        "padding",
        "count_include_pad",
        "windows by",
        "example",
    ]
    assert named["combobox"] == [*chosen, "playback speed"]


def test_the_picture_is_told_in_words(explorer: Callable[[str], Explorer]) -> None:
    """The picture is one image with the scene's words; what is drawn over it is not read out."""
    e = explorer("readers")
    expected = pv.PoolExplorer(10, 3, stride=1).state["alt"]
    images = [name for role, name in accessible(e) if role in ("image", "img")]

    assert images == [expected]
    assert e.stage.get_attribute("role") == "application"


def subtitle(e: Explorer) -> str:
    """With every space in it."""
    return e.root.locator(".pv-subtitle").text_content() or ""


def note_speech(e: Explorer) -> None:
    """From now on, note what is read out."""
    e.ask(
        """{
        const status = el.querySelector('.pv-status');
        window.spoken = [];
        window.listener?.disconnect();
        window.listener = new MutationObserver(() => window.spoken.push(status.textContent));
        const all = { childList: true, characterData: true, subtree: true };
        window.listener.observe(status, all);
        }"""
    )


def test_forty_fast_steps_are_not_read_out_one_by_one(
    explorer: Callable[[str], Explorer],
) -> None:
    """At most three announcements, and the last one describes the final state.

    On a busy machine the steps are not that fast: then there is time for more.
    """
    e = explorer("speech")
    note_speech(e)
    took: float = e.ask(
        """{
        const slider = el.querySelector('input[aria-label="kernel"]');
        const start = performance.now();
        for (let step = 1; step <= 40; step += 1) {
          slider.value = step === 40 ? 15 : 1 + step % 9;
          slider.dispatchEvent(new Event('input', { bubbles: true }));
          await new Promise(requestAnimationFrame);
        }
        return performance.now() - start;
        }"""
    )
    e.wait_for_title("MaxPool 15×15")
    e.wait("el.querySelector('.pv-status').textContent === args[0]", subtitle(e))
    spoken: list[str] = e.ask("window.spoken")

    assert len(spoken) <= max(3, 2 + took / 400)  # ms of rest before anything is said
    assert "raises RuntimeError" in spoken[-1]
    role = e.root.locator(".pv-status").get_attribute("role")
    assert role == "status"


def test_a_walk_is_read_out_when_it_rests(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("speech")
    for kernel in (4, 3):  # one of them is news, and is read out
        e.number("kernel").fill(str(kernel))
        e.wait_for_title(f"MaxPool {kernel}×{kernel}")
        e.wait("el.querySelector('.pv-status').textContent === args[0]", subtitle(e))
    note_speech(e)
    e.stage.focus()
    e.page.keyboard.press("Home")
    e.wait("el.querySelector('.pv-status').textContent.startsWith('output row 0')")
    e.root.get_by_role("combobox", name="playback speed").select_option("8")
    e.stage.focus()
    e.page.keyboard.press("Space")
    e.wait("el.querySelector('.pv-status').textContent === args[0]", walked_to_the_end(e))

    assert len(e.ask("window.spoken")) <= 2


def walked_to_the_end(e: Explorer) -> str:
    e.wait_for_window("output row 2, column 2")
    return e.window


# --- keys and focus ------------------------------------------------------------------------------

_FOCUSED = """(() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const name = at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent;
    return [el.contains(at), name.trim(), style.outlineStyle, parseFloat(style.outlineWidth)];
})()"""


def test_tab_goes_from_top_to_bottom_and_is_seen(explorer: Callable[[str], Explorer]) -> None:
    """Frameworks, settings, what is folded, picture, fixes, and out again: no trap."""
    e = explorer("focus")
    e.root.locator(".pv-chips summary").focus()
    visited = []
    for _ in range(60):
        is_inside, name, style, width = e.ask(_FOCUSED)
        if not is_inside:
            break
        visited.append(name)
        assert style != "none", name
        assert width >= 2, name
        e.page.keyboard.press("Tab")
    else:
        pytest.fail("the focus does not get out")
    wanted = ["framework", "kernel", "padding", "ceil_mode", "more settings", "example"]
    wanted += ["edit the input values", "also show", "Keys"]
    wanted += ["windows: arrow keys move, Enter pins, i switches to the input"]
    wanted += ["kernel 15 → 10 gives 1 × 1", "3 more", "The framework's error message"]
    places = [visited.index(name) for name in wanted]

    assert places == sorted(places)
    assert len(visited) > 20


# --- motion and colours --------------------------------------------------------------------------


def test_who_wants_no_motion_sees_none(explorer: Callable[[str], Explorer]) -> None:
    """No transition and no animation; the walk is what the user requested, step by step."""
    e = explorer("motion")
    moving = """[...el.querySelectorAll('*')].filter((part) => {
      const style = getComputedStyle(part);
      return style.transitionDuration.split(',').some((time) => parseFloat(time) > 0)
        || style.animationName !== 'none';
    }).length"""
    assert e.ask(moving) > 0
    e.page.emulate_media(reduced_motion="reduce")
    assert e.ask(moving) == 0
    e.note_windows()
    e.stage.focus()
    e.page.keyboard.press("Space")
    e.wait_for_noted("output row 0, column 2")
    e.page.keyboard.press("Escape")
    e.ask("{ el.querySelector('.pv-player [aria-pressed=true]')?.click(); }")
    e.page.emulate_media(reduced_motion="null")


@pytest.mark.parametrize(("scheme", "theme"), [("dark", "dark"), ("light", "light")])
def test_forced_colours_leave_the_window_visible(
    explorer: Callable[[str], Explorer], scheme: Any, theme: str
) -> None:
    """The picture is drawn for the forced page; what lies on it keeps the colours made for it."""
    e = explorer("colours")
    expected = {"dark": "rgb(240, 180, 41)", "light": "rgb(201, 130, 0)"}[theme]
    e.page.emulate_media(forced_colors="active", color_scheme=scheme)
    e.wait("el.dataset.theme === args[0]", theme)
    stroke = "getComputedStyle(el.querySelector('.pv-overlay .pv-kernel')).stroke"
    e.wait(f"{stroke} === args[0]", expected)
    e.stage.focus()

    assert e.ask(_FOCUSED)[2] != "none"
    e.page.emulate_media(forced_colors="null", color_scheme="null")
    e.wait("el.dataset.theme === 'light'")


# --- narrow and dark ----------------------------------------------------------------------------


@pytest.fixture
def narrow(page: Page, explorer: Callable[[str], Explorer]) -> Iterator[None]:
    """A phone: 320 pixels for the explorer. (Lab itself leaves no room for one at that width.)"""
    style = page.add_style_tag(content=".poolviz { box-sizing: border-box; width: 320px; }")
    yield
    style.evaluate("style => style.remove()")


@pytest.mark.parametrize("name", ["narrow", "narrow strip", "names"])
def test_nothing_sticks_out_on_a_narrow_screen(
    explorer: Callable[[str], Explorer], narrow: None, name: str
) -> None:
    e = opened(explorer(name))

    assert sticking_out(e.root) == []
    assert e.ask("[el.offsetWidth, el.scrollWidth <= el.clientWidth + 1]") == [320, True]


def test_dark_theme_draws_a_dark_picture(explorer: Callable[[str], Explorer]) -> None:
    """Lab turns dark while explorers are open: each requests another picture, and back."""
    e = explorer("dark")
    light = picture_hash(pv.PoolExplorer(10, 3).picture)
    for name, theme in (("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")):
        choose_theme(e.page, name)
        e.wait("el.dataset.theme === args[0]", theme)
        expected = np.array(THEMES[theme].page) * 255
        until(e, lambda e, page=expected: np.allclose(e.pixels()[3, 3], page, atol=3))
    until(e, lambda e: e.fingerprint() == light)


def until(e: Explorer, is_there: Callable[[Explorer], bool]) -> None:
    """Wait for what the page cannot say by itself."""
    for _ in range(PATIENCE // 100):  # another picture may be under way
        if is_there(e):
            return
        e.page.wait_for_timeout(100)
    assert is_there(e)


def test_no_error_reached_the_console(page: Page, explorer: Callable[[str], Explorer]) -> None:
    """The last test of this module."""
    problems: list[str] = page.problems  # type: ignore[attr-defined]

    assert problems == []
