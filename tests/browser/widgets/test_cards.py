"""Cards in a real JupyterLab as a student uses them: any answer, any order, the cell run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import nbformat
import pytest

import poolviz as pv
from tests.browser.conftest import Lab
from tests.browser.support.explorers import open_fresh, serious_faults

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

NAMES = ("size-two-axes", "keras-message-axis", "who-raises", "one-change", "unread-in-a-row")
CELLS = ["import poolviz as pv", f"pv.ExerciseCard{NAMES}", "pv.ExerciseCard('largest-kernel')"]
TYPED = ["5x5", "(5, 5)", "5", "five", "5,5,5", "", "  ", "10^9", "<b>5</b>", "²", "9" * 600]

Get = Callable[[], "Locator"]


@pytest.fixture(scope="module")
def get(page: Page, lab: Lab) -> Get:
    """The card of the second cell, wherever the page is scrolled to."""
    from tests.browser.support.lab import run_all

    lab.write("cards.ipynb", [nbformat.v4.new_code_cell(source) for source in CELLS])
    open_fresh(page, lab, "cards.ipynb")
    run_all(page)

    def find() -> Locator:
        card = page.locator(".jp-CodeCell").nth(1).locator(".pv-card")
        card.wait_for()
        return card

    return find


def answered(card: Locator, press: Callable[[], object]) -> str:
    """The feedback after a press: the state that answers it has a larger number."""
    stage = card.locator(".pv-stage").first
    before = stage.get_attribute("data-seq") or "0"
    press()
    card.page.wait_for_function(
        "([stage, before]) => Number(stage.dataset.seq) > Number(before)",
        arg=[stage.element_handle(), before],
    )
    return card.locator(".pv-feedback").inner_text()


def press(card: Locator, name: str) -> Callable[[], object]:
    return card.get_by_role("button", name=name, exact=True).click


def type_in(card: Locator, text: str) -> Callable[[], object]:
    field = card.get_by_role("textbox")
    field.fill(text)
    return lambda: field.press("Enter")


def go_to(card: Locator, name: str) -> pv.Exercise:
    """Step to an exercise by the arrows; they are pressed as a keyboard does."""
    number = NAMES.index(name) + 1
    while f"exercise {number} of" not in (told := card.locator(".pv-top").first.inner_text()):
        is_before = int(told.split("exercise ")[1].split()[0]) < number
        arrow = card.get_by_role(
            "button", name="next exercise" if is_before else "previous exercise"
        )
        answered(card, lambda arrow=arrow: arrow.press("Enter"))  # type: ignore[misc]
    return pv.exercise(name)


def test_what_is_typed_is_taken_or_asked_again(get: Get) -> None:
    """The same words as in Python; what was typed stays in the field."""
    card = get()
    exercise = go_to(card, "size-two-axes")
    for text in TYPED:
        feedback = answered(card, type_in(card, text))

        assert feedback == f"✗ {exercise.check(text).text.strip()}".replace("`", "")
        assert card.get_by_role("textbox").input_value() == text
    assert card.locator(".pv-problem").inner_text() == ""
    height, width = exercise.answer
    assert answered(card, type_in(card, f"{height} rows, {width} columns")).startswith("✓ Right.")


def test_nothing_chosen_is_asked_again(get: Get) -> None:
    card = get()
    exercise = go_to(card, "keras-message-axis")

    assert "There is no answer yet." in answered(card, press(card, "check"))
    card.get_by_role("radio", name=exercise.answer).check()
    assert answered(card, press(card, "check")).startswith("✓")


def test_several_are_ticked_with_the_keyboard(get: Get) -> None:
    card = get()
    exercise = go_to(card, "who-raises")
    for name in exercise.answer:
        card.get_by_role("checkbox", name=name).press(" ")

    assert answered(card, press(card, "check")).startswith("✓")


def test_a_change_is_typed(get: Get) -> None:
    card = get()
    exercise = go_to(card, "one-change")

    assert "could not be read" in answered(card, type_in(card, "make it smaller"))
    assert answered(card, type_in(card, str(exercise.answer))).startswith("✓")


def test_after_the_solution_an_answer_is_right_but_does_not_count(get: Get) -> None:
    card = get()
    exercise = go_to(card, "unread-in-a-row")
    before = card.locator(".pv-top").first.inner_text().rpartition("·")[2]
    answered(card, press(card, "show the answer"))

    assert answered(card, type_in(card, f"cells {exercise.answer}")).startswith("✓")
    assert card.locator(".pv-top").first.inner_text().rpartition("·")[2] == before
    answered(card, press(card, "new numbers"))
    assert card.locator(".pv-question").inner_text() != exercise.question


def test_the_cell_run_again_shows_what_was_answered(page: Page, get: Get) -> None:
    card = get()
    height, width = go_to(card, "size-two-axes").answer
    answered(card, type_in(card, f"{height} rows, {width} columns"))
    told = [card.locator(f".pv-{part}").first.inner_text() for part in ("top", "feedback")]
    cell = page.locator(".jp-CodeCell").nth(1)
    prompt = cell.locator(".jp-InputPrompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "([prompt, before]) => /\\d/.test(prompt.textContent) && prompt.textContent !== before",
        arg=[cell.locator(".jp-InputPrompt").element_handle(), prompt],
    )
    card = get()
    card.locator(".pv-feedback").filter(has_text="✓").wait_for()

    assert [card.locator(f".pv-{part}").first.inner_text() for part in ("top", "feedback")] == told
    assert card.get_by_role("textbox").input_value().endswith("columns")


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(page: Page, get: Get, name: str) -> None:
    """Every form of answer: field, radio buttons, ticks, cells."""
    go_to(get(), name)

    assert serious_faults(page.locator(".jp-CodeCell").nth(1)) == []
    assert page.problems == []  # type: ignore[attr-defined]
