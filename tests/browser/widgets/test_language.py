"""All widgets in German: what is seen and heard, a few controls, a narrow screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import poolviz as pv
from poolviz.drawing.scene.scene import build_scene
from poolviz.drawing.scene.sentences import bounded, window_sentence
from poolviz.i18n.catalogue import using_language
from tests.browser.conftest import Lab
from tests.browser.support.explorers import Get, run_widgets, serious_faults, sticking_out

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

CELLS = {
    "ok": "pv.PoolExplorer(10, 3, language='de')",
    "walked": "pv.PoolExplorer(10, 3, language='de')",
    "broken": "pv.PoolExplorer(10, 15, language='de')",
    "volume": "pv.PoolExplorer((3, 9, 9), 2, op='avg', stride=1, padding=((0, 1), (1, 0), (1, 1)),"
    " framework='jax', show=('read counts', 'unread cells'), language='de')",
    "dilated": "pv.PoolExplorer((5, 60), (2, 8), dilation=(5, 3), padding=(1, 4), stride=1,"
    " language='de')",
    "stack": "pv.StackExplorer(pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework='keras'),"
    " language='de')",
    "decoder": 'pv.ErrorDecoder("Negative dimension size caused by subtracting 2 from 1 for'
    " 'pool1/MaxPool'\", language='de')",
    "map": "pv.SizeMap(10, 3, stride=1, padding=1, language='de')",
    "card": "pv.ExerciseCard('unread-in-a-grid', 'size-plain', language='de')",
    "comparison": "pv.FrameworkComparison(7, 3, stride=2, padding=1, op='avg', language='de')",
}
ENGLISH = re.compile(
    r"\b(the|is|are|and|of|with|without|no|not|it|its|this|that|these|from|by|only|each|every"
    r"|returns?|raises?|reads?|gives?|fits?|works?|left|out|before|after|rows?|columns?|cells?"
    r"|windows?|height|width|depth|length|input|output|layers?|show|use|change|copy|next|answer)\b",
    re.IGNORECASE,
)
# Text, names and alt texts of a widget; code, what frameworks say and what was pasted left out.
TEXTS = """el => {
    const foreign = 'code, pre, textarea, [lang=en], .pv-hidden';
    const isForeign = (part) =>
      part !== el && (part.matches(foreign) || isForeign(part.parentElement));
    const found = [];
    const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!isForeign(walker.currentNode.parentElement)) found.push(walker.currentNode.data);
    }
    for (const part of [el, ...el.querySelectorAll('*')]) {
      if (isForeign(part) || part.matches('.pv-copy')) continue;
      for (const name of ['aria-label', 'alt', 'placeholder']) {
        const text = part.getAttribute(name) ?? part[name === 'aria-label' ? 'ariaLabel' : name];
        if (text) found.push(text);
      }
    }
    return found.map((text) => text.trim()).filter(Boolean);
}"""
CODE = re.compile(
    r"\"[^\"]*\""  # what somebody else says, word for word
    r"|\w+=(\([^=]*?\)|\"[^\"]*\"|'[^']*'|[\w.]+)"  # an argument
    r"|\w+_\w+|\w+\.\w+(\([^)]*\))?"  # a name
    r"|\b(Max|Avg)Pool\b|\bSpace\b"
)


@pytest.fixture(scope="module")
def get(page: Page, lab: Lab) -> Get:
    """The widget of a cell, by its name in `CELLS`."""
    return run_widgets(page, lab, "language.ipynb", CELLS)


def widgets(get: Get, name: str) -> list[Locator]:
    """Those of a cell: beside most pictures there is an explorer, too."""
    return get(name).locator(".poolviz").all()


def wait_for(locator: Locator, text: str) -> None:
    locator.filter(has_text=text).first.wait_for()


@pytest.mark.parametrize("name", CELLS)
def test_no_english_is_seen_or_heard(get: Get, name: str) -> None:
    for widget in widgets(get, name):
        assert widget.get_attribute("lang") == "de"
        said = [CODE.sub("", text) for text in widget.evaluate(TEXTS)]
        assert len(said) > 5
        left = [text for text in said if ENGLISH.search(text)]
        assert not left, "\n".join(left)


def test_what_a_framework_says_is_marked_as_english(get: Get) -> None:
    assert get("broken").locator(".pv-says pre").get_attribute("lang") == "en"


def test_an_explorer_obeys_its_german_controls(page: Page, get: Get) -> None:
    cell = get("ok")
    cell.get_by_role("textbox", name="Kernel, beliebige Zahl").fill("4")
    wait_for(cell.locator(".pv-subtitle"), "Eingabe 10 × 10 → 2 × 2.")
    cell.get_by_role("checkbox", name="je Achse").check()
    cell.get_by_role("textbox", name="Kernel, Höhe, beliebige Zahl").fill("12")
    wait_for(cell.locator(".pv-subtitle"), "Eingabe 10 × 10 → 0 × 2.")
    cell.get_by_role("textbox", name="Kernel, Höhe, beliebige Zahl").fill("0")
    wait_for(cell.locator(".pv-problem"), "Python meldet: kernel_size")
    cell.get_by_role("textbox", name="Kernel, Höhe, beliebige Zahl").fill("3")
    wait_for(cell.locator(".pv-subtitle"), "Eingabe 10 × 10 → 3 × 2.")
    cell.get_by_text("zeige auch").click()
    cell.get_by_role("checkbox", name="Lesehäufigkeit").check()
    wait_for(cell.locator(".pv-insights"), "Lesehäufigkeit: jede Zelle wird von ")


def test_windows_are_walked_pinned_and_asked_for_in_german(page: Page, get: Get) -> None:
    cell = get("map")
    window = cell.locator(".pv-window").last
    cell.get_by_role("button", name="nächstes Fenster").click()
    wait_for(window, "Ausgabe Zeile 0, Spalte 1: das Maximum aus Zeilen 0–1, Spalten 0–2 ist ")
    cell.locator("[aria-label^='Fenster: Pfeiltasten']").focus()
    page.keyboard.press("i")
    wait_for(window, "Eingabe Zeile 0, Spalte 0: von 4 Fenstern gelesen")
    page.keyboard.press("i")
    page.keyboard.press("Enter")
    cell.get_by_role("button", name="festgehalten: loslassen").click()
    player = cell.locator(".pv-player")
    player.get_by_role("button", name="abspielen").click()
    player.get_by_role("button", name="Pause").click()
    player.get_by_role("button", name="abspielen").wait_for()


@pytest.mark.parametrize("name", ["walked", "volume", "dilated"])
def test_the_browser_says_of_a_window_what_python_says(page: Page, get: Get, name: str) -> None:
    """Word for word: in a list of kernel elements, with padding, with a divisor."""
    w = eval(CELLS[name], {"pv": pv})
    cell = get(name)
    cell.locator(".pv-stage").focus()
    for key, place in (("Home", (0, 0)), ("ArrowRight", (0, 1)), ("End", (99, 99))):
        with using_language("de"):
            scene = build_scene(w.trace, w.input)
            expected = window_sentence(scene, *bounded(scene, place))
        page.keyboard.press(key)
        wait_for(cell.locator(".pv-window"), expected)


def test_an_average_has_a_decimal_comma_in_the_picture_and_the_sentence(get: Get) -> None:
    cell = get("comparison")
    cell.get_by_role("button", name="nächstes Fenster").click()

    wait_for(cell.locator(".pv-window"), "Ausgabe Zeile 0, Spalte 1: der Durchschnitt aus ")
    said = cell.locator(".pv-window").inner_text()
    assert re.search(r" ist -?\d+,\d+ \(geteilt durch 9\)$", said)


def test_a_stack_is_changed_and_undone_in_german(get: Get) -> None:
    cell = get("stack")
    cell.get_by_role("textbox", name="Eingabe", exact=True).fill("9, 12, 1")
    cell.get_by_role("button", name="anwenden").click()
    wait_for(cell.locator(".pv-subtitle"), "Eingabe 2 × 3 → 1 × 1.")
    cell.get_by_role("button", name="rückgängig").first.click()
    wait_for(cell.locator(".pv-subtitle"), "Eingabe 1 × 3 → 0 × 1.")


def test_a_message_is_explained_and_opened_in_german(get: Get) -> None:
    cell = get("decoder")
    cell.get_by_role("button", name="erklären").click()
    cell.get_by_role("button", name="im Explorer öffnen").click()
    wait_for(cell.locator(".pv-subtitle"), "Eingabe ")
    cell.get_by_role("button", name="Explorer schließen").click()
    cell.locator(".pv-subtitle").wait_for(state="detached")


def test_a_map_takes_other_parameters_in_german(get: Get) -> None:
    cell = get("map")
    cell.get_by_role("combobox", name="waagerecht").select_option("padding")

    wait_for(
        cell.locator(".pv-map h3.pv-title"), "Höhe der Ausgabe nach padding und stride, PyTorch"
    )


def test_a_card_is_answered_in_german(page: Page, get: Get) -> None:
    cell = get("card")
    wait_for(cell.locator(".pv-top"), "Aufgabe 1 von 2 · Stufe ")
    cell.get_by_role("button", name="Zeile 0, Spalte 1").wait_for()
    cell.get_by_role("button", name="nächste Aufgabe").click()
    wait_for(cell.locator(".pv-top"), "Aufgabe 2 von 2")
    cell.locator(".pv-form input").fill("viel")
    cell.get_by_role("button", name="prüfen").first.click()
    wait_for(cell.locator(".pv-wrong"), "✗")
    cell.get_by_role("button", name="Tipp").click()
    cell.get_by_role("button", name="Antwort zeigen").click()
    wait_for(cell.locator(".pv-solution"), "⌊")


@pytest.mark.parametrize("name", CELLS)
def test_axe_finds_nothing_serious(get: Get, name: str) -> None:
    assert serious_faults(get(name)) == []


@pytest.fixture
def narrow(page: Page, get: Get) -> Iterator[None]:
    """A phone: 320 pixels for each widget."""
    outer = ".poolviz:not(.poolviz .poolviz)"  # one that is in another has the room it leaves
    style = page.add_style_tag(content=f"{outer} {{ box-sizing: border-box; width: 320px; }}")
    yield
    style.evaluate("style => style.remove()")


@pytest.mark.parametrize("name", CELLS)
def test_no_word_sticks_out_on_a_narrow_screen(get: Get, narrow: None, name: str) -> None:
    for widget in widgets(get, name):
        assert sticking_out(widget) == []
        is_inside = widget.evaluate("el => el.parentElement.closest('.poolviz') !== null")
        assert is_inside or widget.evaluate("el => el.offsetWidth") == 320


def test_no_error_reached_the_console(page: Page, get: Get) -> None:
    assert page.problems == []  # type: ignore[attr-defined]
