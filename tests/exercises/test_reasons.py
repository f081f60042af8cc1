"""Near misses get a reason that is computed from the number that was given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import poolviz as pv
from tests.support.sampling import SEED

# By hand: the windows that were counted need that many cells, and so on.
REASONS = [
    # 33 windows of 5, stride 1: 33 − 1 + 5 = 37 cells; 32 + 2·2 = 36 are there.
    ("size-padded", 0, 33, "33 of them need 37 cells. The padded input has 36; cells missing: 1."),
    ("size-padded", 0, 29, "After 29, another one fits: it ends after cell 34 of 36."),
    # ⌈29 / 2⌉ = 15: windows start at 0, 2, …, 28; a 16th would start at 30.
    ("same-size", 0, 16, "the last of 16 would start at cell 30. The input has only 29 cells."),
    ("smallest-padding", 0, 2, "the padded input has 16; cells missing: 2."),
    ("smallest-padding", 0, 4, "You can go one step further: 3 works, too."),
    ("largest-padding", 0, 5, "PyTorch rejects it: it allows at most half of the kernel size, 4."),
    ("one-change", 0, "padding=1", "The kernel then spans 9 cells, and the padded input has 8"),
    ("one-change", 0, "dilation=3", "The kernel then spans 7 cells, and the padded input has 6"),
    ("one-change", 0, "dilation=1", "You can go one step further: `dilation=2` works, too."),
    ("sizes-on-the-way", 0, "10, 5, 2, 2", "Your first wrong number is 2, after pool4."),
    ("features-of-flatten", 0, 2593, "not a multiple of the 32 channels."),
    ("average-of-a-window", 0, 26.25, "Your sum is then 105."),
    ("average-of-a-window", 0, 27.3, "which is rounded too far."),
    ("average-of-a-window", 0, 27.2, "which is rounded too far."),
    ("average-with-padding-counted", 0, 6.2, "Give two decimals, or a fraction."),
    ("map-before-the-head", 0, 4, "Inputs of 97 to 128 give this size; this one has 77."),
    ("size-two-axes", 0, (5, 11), "You got this right: height."),
]


@pytest.mark.parametrize(("name", "seed", "answer", "reason"), REASONS)
def test_a_reason_names_the_numbers(name: str, seed: int, answer: Any, reason: str) -> None:
    feedback = pv.exercise(name, seed).check(answer)

    assert reason in feedback.text
    assert feedback.hint == ""


def near_misses(one: pv.Exercise) -> Iterator[Any]:
    right = one.answer if isinstance(one.answer, tuple) else (one.answer,)
    for step in (-3, -2, -1, 1, 2, 3):
        if one.grading.case.form.one_for_all:
            yield tuple(n + step for n in right)
        for i in range(len(right)):
            missed = (*right[:i], right[i] + step, *right[i + 1 :])
            yield missed if len(right) > 1 else missed[0]


@pytest.mark.parametrize("name", [n for n in pv.exercises() if pv.exercise(n).form == "numbers"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_near_miss_gets_a_reason(name: str, language: str) -> None:
    """Instead of "does not match any known mistake" and the hint."""
    one = pv.exercise(name, SEED % 97, language)
    unexplained = [miss for miss in near_misses(one) if one.check(miss).hint]

    assert [miss for miss in unexplained if not one.grading.case.form.one_for_all] == []


@pytest.mark.parametrize("name", ["layer-that-fails", "layer-that-took-most"])
def test_every_layer_gets_a_reason(name: str) -> None:
    one = pv.exercise(name, SEED % 97)

    assert all(not one.check(choice).hint for choice in one.choices)


@pytest.mark.parametrize(
    ("name", "answer", "misconception"),
    [
        ("channels-message", (1, 43, 117), "batch_for_height"),
        ("features-of-flatten", 3200, "pooling_rounded_up"),
        ("first-linear-size", 2704, "pooling_rounded_up"),
    ],
)
def test_usual_mistakes_are_known(name: str, answer: Any, misconception: str) -> None:
    assert pv.exercise(name).check(answer).misconception == misconception


@pytest.mark.parametrize(("name", "answer"), [("same-size", 14), ("same-default-stride", 4)])
def test_no_plus_one_is_blamed_where_the_formula_has_none(name: str, answer: int) -> None:
    assert "+ 1" not in pv.exercise(name).check(answer).text


def test_the_hint_comes_once() -> None:
    """A card opens its hint; it is not repeated in each feedback."""
    card = pv.ExerciseCard("average-of-a-window", seed=5)
    for answer in ("1000", "2000"):
        feedback = card.check(answer)

        assert feedback.text.endswith(card.exercise.hint)
        assert card.exercise.hint not in card.state["feedback"]
        assert card.state["hint"] == card.exercise.hint
