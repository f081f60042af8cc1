"""The checks of the soak test report every fault, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

import poolviz as pv
from tools.soak import truth
from tools.soak.driver import Diary
from tools.soak.in_kernel import _facts
from tools.soak.report import is_flat, report

WORDS = {"problem": "", "outside": 0}


def right_words(facts: dict[str, Any]) -> dict[str, Any]:
    return {**WORDS, **truth._EXPECTED[facts["kind"]](facts)}


def views() -> list[Any]:
    stack = pv.Stack([pv.Conv(8, 3), pv.Pool(2), pv.Pool(9)], (12, 12, 1), framework="keras")
    card = pv.ExerciseCard("size-plain")
    card.check("7 x 7")
    return [
        pv.PoolExplorer(10, 15),
        pv.StackExplorer(stack).view,
        pv.ErrorDecoder("subtracting 2 from 1 for 'p/MaxPool'").view,
        pv.SizeMap(10, 3).view,
        card,
    ]


@pytest.mark.parametrize("place", range(5))
def test_a_word_that_is_wrong_is_seen(place: int) -> None:
    view = views()[place]
    facts = _facts(view)
    words = right_words(facts)
    assert truth.differences(facts, words) == []

    for name, word in truth._EXPECTED[facts["kind"]](facts).items():
        if word:
            other = [*word[:-1], "other"] if isinstance(word, list) else f"{word} other"
            (found,) = truth.differences(facts, {**words, name: other})
            assert found.startswith(f"{name}: ")


def test_what_is_computed_is_what_a_widget_says() -> None:
    """Without a browser: the titles are those of the state that goes to it."""
    for view in views():
        wanted = truth._EXPECTED[type(view).__name__](_facts(view))
        assert wanted.get("title", "") == view.state.get("title", "")


def test_faults_and_marks_beside_the_picture_are_seen() -> None:
    facts = _facts(pv.PoolExplorer(10, 3))
    words = right_words(facts)

    assert len(truth.differences(facts, {**words, "outside": 2})) == 1
    assert len(truth.differences(facts, {**words, "problem": "This is a bug in poolviz: x"})) == 1


def test_memory_that_grows_is_not_flat() -> None:
    grows, rests = Diary(1), Diary(1)
    grows.resident = [(float(i), 100.0 + i) for i in range(90)]
    rests.resident = [(float(i), min(160.0, 100.0 + 3 * i)) for i in range(90)]

    assert not is_flat(grows.resident)
    assert is_flat(rests.resident)
    assert "| NO |" in report(grows)
    assert "| NO |" not in report(rests)


def test_the_memory_of_kernel_and_page_stand_side_by_side() -> None:
    diary = Diary(1)
    diary.resident = [(float(10 * i), 100.0 + i) for i in range(13)]
    diary.heap = [(0.0, 40.0), (61.0, 50.0)]

    assert "| 0.0 | 100 | 40 |\n| 1.0 | 106 | 50 |" in report(diary)


def test_what_could_not_be_reached_is_told() -> None:
    diary = Diary(1)
    diary.missed["button 'walk'"] += 2

    assert "| button 'walk' 2 |" in report(diary)


def test_a_problem_is_written_down_once_with_what_led_to_it() -> None:
    diary = Diary(1)
    diary.note("cell 1: button 'walk': clicked")
    diary.complain("frozen")
    diary.complain("frozen")

    assert diary.problems == ["frozen\n    cell 1: button 'walk': clicked"]
    assert "* frozen\n    cell 1: button 'walk': clicked" in report(diary)
