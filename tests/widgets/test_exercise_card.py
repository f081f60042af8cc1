"""ExerciseCard without a browser: every exercise is shown, answered, hinted, revealed, renewed."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.drawing.charts.question import MOST_SIDE, Question, build_question
from poolviz.exercises.library import exercises
from poolviz.widgets.exercise import session as sheet_module
from poolviz.widgets.exercise.widget import ExerciseCard
from tests.support.sampling import sampled, some_exercises

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


@some_exercises
def test_every_exercise_can_be_played(name: str) -> None:
    card = ExerciseCard(name)
    state = act(card, "hint")
    assert state["hint"]
    assert state["solution"] == ""
    assert state["question"]

    state = act(card, "answer", "no idea")
    assert state["feedback"]
    assert state["mark"] == "✗"

    state = act(card, "answer", json.loads(json.dumps(card.exercise.answer)))
    assert (state["mark"], state["solved"], state["problem"]) == ("✓", 1, "")

    before = state["key"]
    state = act(card, "renew")
    assert state["key"] != before
    assert (state["feedback"], state["hint"], state["answer"]) == ("", "", None)
    assert act(card, "reveal")["solution"]


@some_exercises
def test_the_picture_does_not_tell_the_answer(name: str) -> None:
    """Before it is solved there is the input alone, or nothing."""
    card = ExerciseCard(name)
    scene = card._scene()

    assert scene is None or type(scene).__name__ == "Question"
    if scene is not None:
        assert {mark.role for mark in scene.marks} == {"kernel"}


TOLD_NOWHERE = ("largest-padding", "who-takes-the-padding")  # sizes that play no part


@some_exercises
def test_the_picture_shows_only_numbers_that_the_question_tells(name: str) -> None:
    """Else a message would be read off the picture, or the length of a kernel be counted on it."""
    for seed in sampled(range(5), 2):
        card = ExerciseCard(name, seed=seed)
        scene, one = card._scene(), card.exercise
        told = set(re.findall(r"\d+", one.question.removesuffix(one.block)))

        if isinstance(scene, Question) and name not in TOLD_NOWHERE and one.values is None:
            assert set(re.findall(r"\d+", scene.labels[0].text)) <= told


def test_the_length_of_a_kernel_cannot_be_counted() -> None:
    assert ExerciseCard("effective-kernel")._scene() is None


def test_a_picture_that_gives_the_answer_away_comes_with_it() -> None:
    card = ExerciseCard("keras-message-axis")

    assert card.state["width"] == 0
    card.check(card.exercise.answer)
    assert card.state["width"] > 0


def test_an_answer_after_the_solution_does_not_count() -> None:
    card = ExerciseCard("size-plain")
    act(card, "reveal")
    state = act(card, "answer", list(card.exercise.answer))

    assert state["mark"] == "✓"
    assert (state["solved"], card.score) == (0, 0.0)


def test_what_was_answered_stays_when_the_cell_is_run_again() -> None:
    first = ExerciseCard("size-plain", "size-padded")
    act(first, "go", 1)
    first.check("3")
    again = ExerciseCard("size-plain", "size-padded")

    assert again.session is first.session
    assert again.state["place"] == 1
    assert again.state["answer"] == "3"
    again.start_again()
    assert again.state["answer"] is None
    assert ExerciseCard("size-plain", "size-padded", seed=1).session is not again.session


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


# --- without a kernel ----------------------------------------------------------------------------


class Page(HTMLParser):
    """The words of a page, its pictures, and what is folded away."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.folded = "", ""
        self.pictures: list[dict[str, str | None]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append(dict(attrs))
        elif tag in ("br", "hr"):
            self.words += "\n"
        else:
            self.open.append(tag)
        if tag == "details":
            assert attrs == []  # not open

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "details" in self.open:
            self.folded += data
        else:
            self.words += data


def bundle_of(card: ExerciseCard) -> dict[str, Any]:
    data, _ = card._repr_mimebundle_()
    return dict(data)


def plain(text: str) -> str:
    return text.replace("`", "")


@some_exercises
def test_a_viewer_without_a_kernel_shows_the_question_in_words(name: str) -> None:
    """Question, block, choices and what is wanted; hint and answer folded away."""
    data = bundle_of(card := ExerciseCard(name))
    page, one = Page(data["text/html"]), card.exercise

    assert page.open == []
    for line in one.question.split("\n\n"):
        assert plain(line) in page.words.replace("`", "")
    lettered = [f"{letter}) {text}" for letter, text in zip("abcdefgh", one.choices, strict=False)]
    assert plain("\n".join(lettered)) in page.words
    assert plain(one.wanted) in page.words
    assert page.folded == f"Hint{plain(one.hint)}Answer{plain(one.solution)}"
    assert plain(one.solution) not in page.words
    assert all(picture["alt"] for picture in page.pictures)
    assert (card._scene() is not None) == bool(page.pictures)
    assert "image/png" not in data  # a viewer would show it instead of the question
    assert data["text/plain"] == repr(card)
    assert one.solution not in data["text/plain"]


def test_a_viewer_without_a_kernel_shows_all_of_a_sheet() -> None:
    """A short sheet with its pictures, a long one in words; both in the language of the card."""
    short = ExerciseCard("size-plain", "size-padded", language="de")
    shown = Page(bundle_of(short)["text/html"])

    assert "Aufgabe 2 von 2, Stufe 1" in shown.words
    assert shown.folded.count("Tipp") == shown.folded.count("Antwort") == len(shown.pictures) == 2
    assert repr(short).count("nn.MaxPool2d") == 2

    long = Page(bundle_of(ExerciseCard(*exercises(level=3)))["text/html"])
    assert f"Exercise {len(exercises(level=3))} of" in long.words
    assert long.pictures == []


def test_what_was_answered_does_not_change_what_a_notebook_stores() -> None:
    """Else a notebook would differ after a student's turn."""
    before = bundle_of(card := ExerciseCard("size-plain"))
    card.check(card.exercise.answer)
    after = bundle_of(ExerciseCard("size-plain"))

    assert [before[kind] for kind in TEXTS] == [after[kind] for kind in TEXTS]


TEXTS = ("text/plain", "text/html")


@pytest.mark.parametrize(
    "answer",
    [float("nan"), {1, 2}, np.array([2, 3]), b"3", object(), 10**400, {"a": {1}}, [object()]],
    ids=lambda answer: type(answer).__name__,
)
@pytest.mark.parametrize("name", ["size-plain", "who-raises", "unread-in-a-grid", "one-change"])
def test_answers_that_only_python_knows_reach_the_browser_as_none(name: str, answer: Any) -> None:
    """What cannot be sent would break the view: everything in the state is JSON."""
    card = ExerciseCard(name)
    feedback = card.check(answer)

    state = json.loads(json.dumps(card.state, allow_nan=False))
    assert state["feedback"] == feedback.text != ""


@pytest.mark.parametrize("size", [(0, 3), (MOST_SIDE + 1, 3), (3, 3, 3), (10**9,)], ids=str)
def test_no_picture_without_room(size: tuple[int, ...]) -> None:
    assert build_question(pv.Pool(2), size) is None
