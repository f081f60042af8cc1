"""Exercises: what can be requested, what is right, and which wrong rule an answer comes from."""

from __future__ import annotations

import copy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from pickle import dumps, loads
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.trace import trace
from poolviz.exercises.case import Case
from poolviz.exercises.library import TEMPLATES
from tests.support.sampling import sampled, some_exercises

ROOT = Path(pv.__file__).parent.parent
SEEDS = range(200)


# --- what there is -------------------------------------------------------------------------------


def test_there_are_enough_of_every_sort() -> None:
    assert len(pv.exercises()) >= 40
    assert {template.notebook for template in TEMPLATES.values()} == {f"{i:02}" for i in range(18)}
    assert all(len(pv.exercises(level=level)) >= 10 for level in (1, 2, 3))


@pytest.mark.parametrize("notebook", [f"{i:02}" for i in range(18)])
def test_every_notebook_has_two_or_more(notebook: str) -> None:
    assert len(pv.exercises(notebook=notebook)) >= 2


def test_every_kind_that_was_promised_is_there() -> None:
    promised = {
        "predict a size",
        "predict an outcome",
        "predict an outcome per framework",
        "choose the failing axis",
        "choose the failing layer",
        "mark the unread cells",
        "fill in the padding split",
        "find the smallest fix",
        "find the minimum input",
        "read a message",
        "compute a window",
        "trace the gradient",
    }

    assert promised <= {template.kind for template in TEMPLATES.values()}


@pytest.mark.parametrize("notebook", ["01", 1, "1", "01_kernel_larger_than_input"])
def test_a_notebook_may_be_named_in_many_ways(notebook: Any) -> None:
    found = pv.exercises(notebook=notebook, level=1)

    assert found == pv.exercises("01", 1)
    assert {(pv.exercise(name).notebook, pv.exercise(name).level) for name in found} == {("01", 1)}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: pv.exercises(notebook="77"), ValueError, "notebook must be one of 00, 01"),
        (lambda: pv.exercises(level=4), ValueError, "level must be 1, 2 or 3, got 4"),
        (lambda: pv.exercise("no-such"), ValueError, "no exercise 'no-such'"),
        (lambda: pv.exercise(7), ValueError, "no exercise 7"),
        (lambda: pv.exercise("size-plain", seed="a"), TypeError, "whole number, got 'a'"),
        (lambda: pv.exercise("size-plain", seed=True), TypeError, r"got True \(bool\)"),
        (lambda: pv.exercise("size-plain", language="xx"), ValueError, 'one of "de", "en"'),
    ],
)
def test_what_there_is_not_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


# --- one name for a package and a function -------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    "lines",
    [
        "import poolviz as pv; ids = pv.exercises(); import poolviz.exercises as package",
        "import poolviz.exercises as package; import poolviz as pv; ids = pv.exercises()",
        "import poolviz as pv; pv.exercise('size-plain'); ids = pv.exercises();"
        "import poolviz.exercises as package",
        "from poolviz.exercises.model import Feedback; import poolviz as pv; ids = pv.exercises();"
        "import poolviz.exercises as package",
        "from poolviz import exercises; ids = exercises(); import poolviz as pv;"
        "import poolviz.exercises as package",
    ],
)
def test_package_and_function_in_any_order(lines: str) -> None:
    check = (
        "assert 'size-plain' in ids; assert package.Exercise is pv.Exercise;"
        "assert pv.exercises(level=1) == package(level=1) == package.library.exercises(level=1);"
        "assert repr(pv.exercises) == 'poolviz.exercises(notebook=None, level=None)'"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{lines};{check}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""


def test_the_plain_function_lists_the_same() -> None:
    assert pv.list_exercises() == pv.exercises()
    assert pv.list_exercises("02", 1) == pv.exercises(notebook="02", level=1) != ()


# --- the same seed, the same question ------------------------------------------------------------


@some_exercises
def test_equal_seeds_are_equal(name: str) -> None:
    one, other = pv.exercise(name, 5), pv.exercise(name, 5)

    assert one == other
    assert hash(one) == hash(other)
    assert (repr(one), one._repr_html_(), one.answer) == (
        repr(other),
        other._repr_html_(),
        other.answer,
    )


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda e: loads(dumps(e))])
def test_copies_are_equal(copied: Any) -> None:
    exercise = pv.exercise("one-change", 3, "de")

    assert exercise == copied(exercise)
    assert exercise.question == copied(exercise).question


def test_numbers_do_not_hang_on_the_python_in_use() -> None:
    """Equal seeds give equal questions: notebooks store them."""
    expected = (
        "A feature map of size 7 × 7 is passed to `nn.MaxPool2d(4, stride=2)`. "
        "What is the output size?"
    )

    assert expected == pv.exercise("size-plain", 0).question


@some_exercises
def test_next_is_another_question(name: str) -> None:
    exercise = pv.exercise(name)
    for _ in range(5):
        following = exercise.next()
        assert following.id == name
        assert following.seed > exercise.seed
        assert following.question != exercise.question
        exercise = following


@some_exercises
def test_seeds_give_many_questions(name: str) -> None:
    questions: set[str] = set()
    for seed in range(60):
        questions.add(pv.exercise(name, seed).question)
        if len(questions) == 12:
            return
    pytest.fail(f"only {len(questions)} questions")


# --- right answers and wrong rules ---------------------------------------------------------------


@some_exercises
def test_right_answer_is_right(name: str) -> None:
    """As it is given, and as text."""
    for seed in sampled(range(20), 6):
        exercise = pv.exercise(name, seed)
        feedback = exercise.check(exercise.answer)

        assert (bool(feedback), feedback.score, feedback.misconception) == (True, 1.0, None)
        assert exercise.check(str(exercise.answer)).ok or exercise.form == "several"
        assert exercise.solution in feedback.text


def told_apart(name: str, seed: int) -> list[str]:
    """The listed misconceptions that are not recognised by their own answers."""
    exercise = pv.exercise(name, seed)
    case, texts = exercise.grading.case, exercise.grading.texts
    seen: dict[str, int] = {}
    wrong = []
    for slip in case.listed:
        seen[slip.name] = seen.get(slip.name, 0) + 1
        if seen[slip.name] > 3:  # one change: dozens of strides, all with the same mistake
            continue
        feedback = exercise.check(case.form.plain(slip.value, texts))
        if feedback or feedback.misconception != slip.name:
            wrong.append(f"{slip.name}: {slip.value}")
    return wrong


@some_exercises
def test_every_misconception_is_told_apart(name: str) -> None:
    """Over 10 of 200 seeds each: from the right answer, and from the other ones."""
    seeds = sampled(SEEDS, 10)
    assert TEMPLATES[name].case(0).listed
    assert [(seed, found) for seed in seeds if (found := told_apart(name, seed))] == []


def test_ambiguous_numbers_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above, with the choice of clear numbers switched off."""
    monkeypatch.setattr(Case, "is_clear", True)

    assert any(told_apart("size-padded", seed) for seed in SEEDS)


def test_unclear_cases_are_recognised() -> None:
    case = pv.exercise("size-plain").grading.case
    first = case.listed[0]

    assert case.is_clear
    assert not replace(case, listed=(replace(first, value=case.right),)).is_clear
    assert not replace(case, listed=(first, replace(first, name="other"))).is_clear
    assert not replace(case, listed=(replace(first, value=None),)).is_clear


# --- what is said --------------------------------------------------------------------------------


def test_wrong_rule_is_named() -> None:
    """The example of the whole thing: 4 instead of 5."""
    exercise = pv.exercise("size-two-axes")
    height, width = exercise.answer
    feedback = exercise.check((height - 1, width - 1))

    assert (feedback.ok, feedback.misconception) == (False, "no_plus_one")
    assert str(feedback) == ("Not yet. You left out the + 1. The first window counts, too.")


def test_two_rules_that_fit_are_both_named() -> None:
    """In Keras "same" without a stride: n is the size for stride 1, and the size kept."""
    exercise = pv.exercise("same-default-stride")
    feedback = exercise.check(exercise.input_size)

    assert feedback.misconception == "stride_one"
    assert "You may have made one of these mistakes" in feedback.text
    assert "You used stride 1." in feedback.text
    assert "You gave the input size." in feedback.text


@pytest.mark.parametrize("name", ["size-plain", "ceil-mode-dropped", "default-stride"])
def test_no_rule_is_named_that_says_nothing_about_the_call(name: str) -> None:
    """No word about dilation or padding where there is none."""
    for seed in range(60):
        case = pv.exercise(name, seed).grading.case
        axis = trace(case.layer, case.input_size).axes[0]  # type: ignore[arg-type]
        named = {slip.name for slip in (*case.listed, *case.others) if slip.value is not None}

        assert not [rule for rule in named if "dilation" in rule]
        assert ("no_padding" in named) == (axis.padding.total > 0)
        assert ("stride_is_kernel" in named) == (axis.stride != axis.kernel_size)
        assert ("window_in_the_padding" in named) == axis.drops_last


def test_half_is_worth_half() -> None:
    exercise = pv.exercise("size-two-axes")
    height, width = exercise.answer
    feedback = exercise.check((height, width + 50))

    assert (feedback.ok, feedback.misconception, feedback.score) == (False, None, 0.5)
    assert "You got this right: height." in feedback.text


def test_marked_cells_are_counted() -> None:
    exercise = pv.exercise("unread-in-a-row")
    first, *rest = exercise.answer
    feedback = exercise.check([first, 0])

    assert f"You marked 1 correctly. Missing: {len(rest)}. Wrongly marked: 1." in feedback.text
    assert 0 <= feedback.score < 0.5


@pytest.mark.parametrize("name", ["who-raises", "unread-in-a-row", "same-pads-evenly"])
def test_guessing_all_or_none_is_worth_nothing(name: str) -> None:
    exercise = pv.exercise(name)
    everything = exercise.choices or list(range((exercise.input_size or (0,))[0]))

    assert exercise.check(everything).score == 0
    assert exercise.check("none").score == 0


@pytest.mark.parametrize(
    ("name", "worse"),
    [("largest-kernel", -1), ("largest-padding", -1), ("dilation-outgrows-input", -1)]
    + [(name, 1) for name in ("smallest-input-of-layer", "smallest-picture", "shortest-sequence")],
)
def test_what_works_is_accepted_and_the_limit_is_better(name: str, worse: int) -> None:
    """One step inside the limit works, one step outside does not: run, not compared."""
    for seed in range(30):
        exercise = pv.exercise(name, seed)
        inside, outside = exercise.answer + worse, exercise.answer - worse
        if inside < (name != "largest-padding"):
            continue

        assert exercise.check(inside).works
        assert (bool(exercise.check(inside)), exercise.check(inside).score) == (False, 0.5)
        assert "You found a value that works, but it is not the" in exercise.check(inside).text
        assert not exercise.check(outside).works


def test_any_smallest_change_is_right() -> None:
    """As many ways out as there are; a change of two things, or to what fails, is none."""
    exercise = pv.exercise("one-change")
    layer = exercise.layer
    assert repr(layer) == "Pool(kernel_size=(3, 3), stride=(3, 3), dilation=(4, 4))"

    right = ["dilation=2", "kernel_size=2", "pool_size = 2", {"dilation": 2}, ("kernel", 2)]
    right += [pv.Pool(3, 3, dilation=2), pv.Pool((2, 2), 3, dilation=4)]
    works = ["dilation=1", "kernel_size 1"]
    fails = {"stride=1": "stride_does_not_help", "padding=3": "padding_over_the_limit"}
    two = [pv.Pool(2, 3, dilation=2), pv.Pool(3, 3, dilation=2, framework="jax"), "dilation"]
    two += [pv.Pool((3, 3), 3, dilation=2, op="avg"), pv.Pool((3, 3), 3, dilation=4)]

    assert [exercise.check(answer).score for answer in right] == [1.0] * len(right)
    assert [exercise.check(answer).score for answer in works] == [0.5] * len(works)
    assert {answer: exercise.check(answer).misconception for answer in fails} == fails
    assert {exercise.check(answer).text for answer in two} == {
        "This answer could not be read as one parameter with its new value. Answer with one "
        "parameter "
        "and its new value, for example kernel_size=2."
    }


def test_keys_of_choices_do_not_give_the_answer_away() -> None:
    exercise = pv.exercise("change-that-helps")

    assert not exercise.check("enough_padding")
    assert not exercise.check("right")


# --- how it is shown -----------------------------------------------------------------------------


def test_feedback_is_true_where_it_is_ok() -> None:
    """What a test cell of nbgrader or otter-grader writes."""
    exercise = pv.exercise("size-plain", seed=3)

    assert exercise.check(exercise.answer)
    assert not exercise.check("I don't know")


def test_html_is_escaped() -> None:
    feedback = pv.Feedback(text="<b> & `x < 1`")
    exercise = pv.exercise("keras-message-axis")

    assert feedback._repr_html_() == "<p>✗ &lt;b&gt; &amp; <code>x &lt; 1</code></p>"
    assert "<pre><code>ValueError: Exception" in exercise._repr_html_()
    assert "<p>a) height<br>b) width<br>" in exercise._repr_html_()


@some_exercises
def test_question_shows_all_that_is_needed(name: str) -> None:
    exercise = pv.exercise(name)
    shown = str(exercise)

    assert exercise.question in shown
    assert exercise.wanted in shown
    assert all(choice in shown for choice in exercise.choices)
    assert exercise.block in exercise.question
    assert exercise.form in ("numbers", "choice", "several", "cells", "change")
    assert (exercise.layer is None) == (exercise.input_size is None)


def test_values_are_the_numbers_that_are_shown() -> None:
    exercise = pv.exercise("max-of-a-window")
    shown = [[int(n) for n in line.split()] for line in exercise.block.splitlines()]

    assert shown == [list(row) for row in exercise.values or ()]
    assert exercise.input_size == (len(shown), len(shown[0]))


def test_no_numpy_before_a_window_is_computed() -> None:
    code = "import poolviz as pv, sys; pv.exercise('size-plain').check(3); print(list(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "'numpy'" not in done.stdout
