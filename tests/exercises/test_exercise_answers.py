"""Answers are read tolerantly; an unreadable one leads to another prompt, and nothing raises."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import poolviz as pv
from poolviz.exercises.answers.values import Unreadable, numbers_of
from tests.support.sampling import some_exercises

SQUARE = pv.exercise("size-padded", seed=1)  # two axes with the same numbers
SIDE = SQUARE.answer[0]
LENGTH = pv.exercise("sequence-length")
AXIS = pv.exercise("pytorch-message-axis")
FRACTION = pv.exercise("average-of-a-window")

MEANT = [
    lambda n: n,
    lambda n: str(n),
    lambda n: float(n),
    lambda n: f"{n}.0",
    lambda n: f" {n} ",
    lambda n: f"{n}.",
    lambda n: Fraction(n),
    lambda n: Decimal(n),
    lambda n: np.int64(n),
    lambda n: np.float32(n),
    lambda n: np.array(n),
    lambda n: [n],
    lambda n: f"= {n}",
    lambda n: f"'{n}'",
    lambda n: f"{n}?",
]
MEANT_TWICE = [
    lambda n: (n, n),
    lambda n: [n, n],
    lambda n: np.array([n, n]),
    lambda n: f"{n}x{n}",
    lambda n: f"{n}×{n}",
    lambda n: f"{n} X {n}",
    lambda n: f"{n}*{n}",
    lambda n: f"({n}, {n})",
    lambda n: f"[{n} {n}]",
    lambda n: f" {n} , {n} ",
    lambda n: f"{n} by {n}",
    lambda n: f"{n} rows and {n} columns",
    lambda n: f"height {n}, width {n}",
    lambda n: (f"{n}", f"{n}.0"),
    lambda n: f"torch.Size([{n}, {n}])",
]


@pytest.mark.parametrize("write", MEANT + MEANT_TWICE)
def test_a_square_is_read(write: Any) -> None:
    assert SQUARE.check(write(SIDE)).ok
    assert not SQUARE.check(write(SIDE + 70)).ok


@pytest.mark.parametrize("write", MEANT)
def test_a_length_is_read(write: Any) -> None:
    assert LENGTH.check(write(LENGTH.answer)).ok
    assert LENGTH.check(write(LENGTH.answer - 1)).misconception == "no_plus_one"


@pytest.mark.parametrize("word", ["five", "Five", " FIVE ", "five."])
def test_numbers_may_be_words(word: str) -> None:
    exercise = next(e for e in map(_length, range(99)) if e.answer == 5)

    assert exercise.check(word).ok


def _length(seed: int) -> pv.Exercise:
    return pv.exercise("sequence-length", seed)


def test_names_decide_the_order() -> None:
    exercise = pv.exercise("size-two-axes")
    height, width = exercise.answer

    assert exercise.check(f"width {width}, height {height}").ok
    assert exercise.check(f"{width} columns, {height} rows").ok
    assert exercise.check(f"H={height} W={width}").ok
    assert exercise.check(f"{width}, {height}").misconception == "axes_swapped"


@pytest.mark.parametrize(
    "write",
    [float, str, lambda n: f"{n}".replace(".", ","), Fraction, lambda n: str(Fraction(n))],
)
def test_fractions_are_read(write: Any) -> None:
    assert FRACTION.answer == 27.25
    assert FRACTION.check(write(FRACTION.answer)).ok


def test_two_decimals_are_enough() -> None:
    exercise = pv.exercise("average-with-padding-counted")

    assert exercise.answer == pytest.approx(56 / 9)
    assert exercise.check(6.22).ok
    assert exercise.check("56/9").ok
    assert not exercise.check(6.2).ok


@pytest.mark.parametrize("text", ["1,000,000,000", 10**9, 1e9, "1000000000", "1e9"])
def test_large_numbers_are_numbers(text: Any) -> None:
    feedback = LENGTH.check(text)

    assert "You gave 1,000,000,000. This does not match any known mistake." in feedback.text


@pytest.mark.parametrize(
    "answer", ["height", "Height", " HEIGHT ", "H", "h", 0, "0", 0.0, "a", "A)", "rows", '"height"']
)
def test_an_axis_is_read(answer: Any) -> None:
    assert AXIS.answer == "height"
    assert AXIS.check(answer).ok


@pytest.mark.parametrize("answer", ["width", "W", 1, "b", "columns"])
def test_the_other_axis_is_read(answer: Any) -> None:
    assert AXIS.check(answer).misconception == "axes_swapped"


@pytest.mark.parametrize(
    "answer",
    [
        "pytorch, TENSORFLOW, Keras, OnnxRuntime",
        ["PyTorch", "tensorflow", "keras", "onnxruntime"],
        {"pytorch", "tensorflow", "keras", "onnxruntime"},
        "a, b, c and e",
        "onnxruntime; keras; tensorflow; pytorch",
    ],
)
def test_frameworks_are_read(answer: Any) -> None:
    exercise = pv.exercise("who-raises")

    assert exercise.answer == ("PyTorch", "TensorFlow", "Keras", "onnxruntime")
    assert exercise.check(answer).ok


@pytest.mark.parametrize("answer", ["5 × 5", "5x5", (5, 5), [5, 5], "(5, 5)", "5 , 5", "b"])
def test_an_outcome_is_read(answer: Any) -> None:
    exercise = next(
        found
        for found in (pv.exercise("division-with-a-rest", seed) for seed in range(99))
        if found.answer == "5 × 5"
    )

    assert exercise.check(answer).ok
    assert exercise.check("error").misconception == "division_must_be_exact"


@pytest.mark.parametrize(
    "answer",
    [
        (3, 4, 8, 9, 13, 14),
        {14, 13, 9, 8, 4, 3},
        np.array([3, 4, 8, 9, 13, 14]),
        "3, 4, 8, 9, 13, 14",
        "3-4, 8–9, 13-14",
        [(3,), (4,), (8,), (9,), (13,), (14,)],
        "cells 3 4 8 9 and 13 14",
        ["3", "4", 8, 9.0, 13, 14],
    ],
)
def test_cells_are_read(answer: Any) -> None:
    assert pv.exercise("unread-in-a-row").check(answer).ok


def test_pairs_of_cells_are_read() -> None:
    exercise = pv.exercise("winners-of-max")
    pairs = exercise.answer

    assert exercise.check([list(pair) for pair in pairs]).ok
    assert exercise.check(", ".join(map(str, pairs))).ok
    assert exercise.check(" ".join(f"{row} {column}" for row, column in pairs)).ok
    assert "Each cell needs two numbers" in exercise.check([1, 2, 3]).text
    assert "Each cell needs two numbers" in exercise.check("1, 2, 3").text


# --- what is asked again -------------------------------------------------------------------------


class Nasty:
    """An object that raises on every operation."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        raise RuntimeError("repr")


ASKED_AGAIN = [
    True,
    False,
    np.True_,
    None,
    "",
    "   ",
    {},
    object(),
    Nasty(),
    [Nasty()],
    float("nan"),
    float("inf"),
    10**400,
    "9" * 400,
    "9" * 5000,
    "a lot",
    "5 apples",
    "8*(",
    "1/0",
    b"5",
    {"size": 5},
    range(10**9),
    iter([5]),
    1j,
    Exception("5"),
    "💥",
]


@some_exercises
def test_what_is_not_understood_is_asked_again(name: str) -> None:
    exercise = pv.exercise(name)
    for answer in ASKED_AGAIN:
        feedback = exercise.check(answer)
        told = (feedback.ok, feedback.misconception, feedback.score)

        assert told == (False, None, 0), answer
        assert feedback.text.endswith(exercise.wanted), answer


@pytest.mark.parametrize("answer", ["5-5-", [[5, 5], [5, 5]], []])
@pytest.mark.parametrize("exercise", [SQUARE, LENGTH, AXIS], ids=lambda exercise: exercise.id)
def test_ranges_and_pairs_are_for_cells_alone(exercise: pv.Exercise, answer: Any) -> None:
    assert exercise.check(answer).text.endswith(exercise.wanted)


def test_no_cell_is_an_answer() -> None:
    feedback = pv.exercise("unread-in-a-row").check([])

    assert "You marked 0 correctly. Missing: 6. Wrongly marked: 0." in feedback.text


@pytest.mark.parametrize(
    ("answer", "start"),
    [
        (None, "There is no answer yet."),
        ("", "There is no answer yet."),
        ("lots", "This answer could not be read."),
        (True, "This answer could not be read."),
        ((1, 2, 3), "Numbers found: 3. Numbers expected: 2."),
    ],
)
def test_it_is_said_why(answer: Any, start: str) -> None:
    expected = (
        f"{start} Answer with two numbers: height and width, for example 4, 7. "
        "For a square, one number is enough."
    )

    assert expected == SQUARE.check(answer).text


anything: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.binary(),
        st.fractions(),
        st.decimals(),
        st.complex_numbers(),
        st.dates(),
        st.text(alphabet="0123456789 ,.x×()[]-/=abchw", max_size=12),
        st.sampled_from(["kernel_size=", "padding -1", "stride=0", "dilation=1e9", "none", "all"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=8), inner, max_size=2),
        st.frozensets(st.integers(), max_size=4),
    ),
    max_leaves=5,
)


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(pv.exercises()), answer=anything)
def test_nothing_raises(name: str, answer: Any) -> None:
    exercise = EXERCISES[name]
    feedback = exercise.check(answer)

    assert feedback.ok is bool(feedback) is (feedback.score == 1)
    assert 0 <= feedback.score <= 1
    assert feedback.text
    assert str(feedback) == repr(feedback) == feedback.text
    assert feedback.works or not feedback


EXERCISES = {name: pv.exercise(name) for name in pv.exercises()}


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=5))
def test_numbers_come_back_from_text(numbers: list[int]) -> None:
    expected = tuple(map(Fraction, numbers))

    assert expected == numbers_of(numbers)
    assert expected == numbers_of(str(numbers))
    assert expected == numbers_of("; ".join(map(str, numbers)))
    assert expected == numbers_of(" x ".join(map(str, numbers)).replace("-", "−"))


@example("²")  # a digit to Python, and no number
@given(st.text())
@example("²")  # a digit, but no decimal one
def test_text_is_read_or_refused(text: str) -> None:
    try:
        found = numbers_of(text)
    except Unreadable:
        return

    assert all(isinstance(number, Fraction) for number in found)


@pytest.mark.parametrize("power", [999_999, -999_999])
def test_a_decimal_is_not_written_out(power: int) -> None:
    """As a fraction it would have a million digits, and with a larger power no end."""
    number = Decimal(f"1e{power}")
    tracemalloc.start()
    feedback = pv.exercise("size-plain").check(number)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert not feedback
    assert peak < 300_000
