"""ExerciseCard without a browser: every exercise is shown, answered, hinted, revealed, renewed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

import poolviz as pv
from poolviz.drawing.question import MOST_SIDE, build_question
from poolviz.exercises.library import exercises
from poolviz.widgets import sheet as sheet_module
from poolviz.widgets.exercise_card import ExerciseCard

_serial = itertools.count(1)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No sheet of another test."""
    sheet_module._KEPT.clear()
    yield
    sheet_module._KEPT.clear()


def act(card: ExerciseCard, name: str, value: Any = None) -> dict[str, Any]:
    """One press, and the state that it leads to, through JSON as the browser gets it."""
    card.set_state({"asked": {"action": {"name": name, "value": value}, "n": next(_serial)}})
    state: dict[str, Any] = json.loads(json.dumps(card.state))
    return state


@pytest.mark.parametrize("name", exercises())
def test_every_exercise_can_be_played(name: str) -> None:
    card = ExerciseCard(name)
    state = act(card, "hint")
    assert state["hint"]
    assert state["solution"] == ""
    assert state["question"]

    state = act(card, "answer", "no idea")
    assert state["feedback"]
    assert not state["ok"]

    state = act(card, "answer", json.loads(json.dumps(card.exercise.answer)))
    assert (state["ok"], state["solved"], state["problem"]) == (True, 1, "")

    before = state["key"]
    state = act(card, "renew")
    assert state["key"] != before
    assert (state["feedback"], state["hint"], state["answer"]) == ("", "", None)
    assert act(card, "reveal")["solution"]


@pytest.mark.parametrize("name", exercises())
def test_the_picture_does_not_tell_the_answer(name: str) -> None:
    """Before it is solved there is the input alone, or nothing."""
    card = ExerciseCard(name)
    scene = card._scene()

    assert scene is None or type(scene).__name__ == "Question"
    if scene is not None:
        assert {mark.role for mark in scene.marks} == {"kernel"}


def test_an_answer_after_the_solution_does_not_count() -> None:
    card = ExerciseCard("size-plain")
    act(card, "reveal")
    state = act(card, "answer", list(card.exercise.answer))

    assert state["ok"]
    assert (state["solved"], card.score) == (0, 0.0)


def test_what_was_answered_stays_when_the_cell_is_run_again() -> None:
    first = ExerciseCard("size-plain", "size-padded")
    act(first, "go", 1)
    first.check("3")
    again = ExerciseCard("size-plain", "size-padded")

    assert again.sheet is first.sheet
    assert again.state["place"] == 1
    assert again.state["answer"] == "3"
    again.start_again()
    assert again.state["answer"] is None
    assert ExerciseCard("size-plain", "size-padded", seed=1).sheet is not again.sheet


def test_sheets_are_not_kept_for_ever() -> None:
    for seed in range(sheet_module.MOST_KEPT + 5):
        ExerciseCard("size-plain", seed=seed)

    assert len(sheet_module._KEPT) == sheet_module.MOST_KEPT


def test_a_sheet_goes_back_and_forth() -> None:
    card = ExerciseCard("size-plain", "size-padded")

    assert act(card, "go", 1)["id"] == "size-padded"
    assert act(card, "go", 0)["id"] == "size-plain"
    for place in (-1, 2, "1", None, True):
        assert f"no exercise number {place}" in act(card, "go", place)["problem"]


@pytest.mark.parametrize(
    "answer",
    [None, "", 5, 5.5, "5x5", [5, 5], {"a": 1}, [[1]], "five", 10**9, "<script>", True, [None]],
    ids=str,
)
def test_answers_of_any_kind_are_taken_kindly(answer: Any) -> None:
    for name in ("size-plain", "unread-in-a-row", "unread-in-a-grid"):
        state = act(ExerciseCard(name), "answer", answer)
        assert state["problem"] == ""
        assert state["feedback"]


def test_wrong_names() -> None:
    with pytest.raises(ValueError, match="no-such-thing"):
        ExerciseCard("no-such-thing")
    with pytest.raises(ValueError, match="language"):
        ExerciseCard("size-plain", language="xx")
    assert "no such action" in act(ExerciseCard("size-plain"), "cheat")["problem"]


def test_cells_are_told_to_the_browser_only_where_they_are_asked_for() -> None:
    assert ExerciseCard("size-plain").state["plane"] is None
    plane = ExerciseCard("unread-in-a-grid").state["plane"]
    assert (plane["axes"], plane["rows"] > 1) == (2, True)


def test_bundle_and_words() -> None:
    card = ExerciseCard("size-plain")
    data, _ = card._repr_mimebundle_()

    assert data["text/plain"] == repr(card)
    assert card.exercise.question in data["text/plain"]
    assert str(card.exercise.answer) not in data["text/plain"].replace(card.exercise.question, "")


@pytest.mark.parametrize("size", [(0, 3), (MOST_SIDE + 1, 3), (3, 3, 3), (10**9,)], ids=str)
def test_no_picture_without_room(size: tuple[int, ...]) -> None:
    assert build_question(pv.Pool(2), size) is None
