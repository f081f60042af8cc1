"""True means full marks: nothing that merely works, or is almost right, passes `assert`.

A sample by `POOLVIZ_SEED`; `POOLVIZ_SAMPLE=all` tries a thousand answers to each of five seeds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.trace import trace
from poolviz.exercises.answers.change import CHANGEABLE
from tests.support.sampling import SEED, sampled, some_exercises

IS_ALL = os.environ.get("POOLVIZ_SAMPLE") == "all"
TRIED_SEEDS = range(5) if IS_ALL else [SEED % 1000]


def near_and_far(one: pv.Exercise) -> Iterator[Any]:
    """About a thousand answers in the form of the question."""
    if one.form == "choice":
        yield from one.choices
    elif one.form == "several":
        sizes = range(len(one.choices) + 1)
        yield from chain.from_iterable(combinations(one.choices, n) for n in sizes)
    elif one.form == "change":
        yield from (f"{name}={value}" for name, value in product(CHANGEABLE, range(250)))
    elif one.form == "cells":
        cells = list(one.answer)
        yield from (cells[:n] for n in range(len(cells) + 1))
        yield from ([*cells, cell] for cell in cells)
        yield from (cells[:n] + cells[n + 1 :] for n in range(len(cells)))
    elif isinstance(one.answer, tuple):
        reach = 12 if len(one.answer) == 2 else 3
        steps = product(range(-reach, reach + 1), repeat=len(one.answer))
        yield from (
            tuple(n + by for n, by in zip(one.answer, step, strict=True))
            for step, _ in zip(steps, range(1000), strict=False)
        )
        yield one.answer
    else:
        yield from range(-100, 900)
        yield from (one.answer + by / 100 for by in range(-50, 50))


def is_the_key(one: pv.Exercise, given: Any) -> bool:
    """Compared with the answer by hand, without the grading."""
    if one.form == "change":
        name, value = given.split("=")
        return is_smallest_change(one, name, int(value))
    if one.form == "choice":
        return bool(given == one.answer)
    if one.form in ("several", "cells"):
        return set(given) == set(one.answer)
    pairs = zip(*((n if isinstance(n, tuple) else (n,)) for n in (given, one.answer)), strict=True)
    return all(abs(a - b) <= 0.005 for a, b in pairs)


def is_smallest_change(one: pv.Exercise, name: str, value: int) -> bool:
    """It runs, and a step back towards the old value does not; both are run."""
    old = getattr(one.layer, name)[0]

    def outcome(number: int) -> str:
        if number < (name != "padding"):
            return "not a layer"
        given = {key: getattr(one.layer, key)[0] for key in CHANGEABLE} | {name: number}
        return trace(pv.Pool(**given), one.input_size or ()).outcome

    step = 1 if value < old else -1
    return outcome(value) == "ok" and outcome(value + step) != "ok"


@some_exercises
def test_truth_means_full_marks(name: str) -> None:
    for seed in TRIED_SEEDS:
        one = pv.exercise(name, seed)
        answers = list(near_and_far(one))
        if one.form == "numbers":
            answers = [one.answer, *sampled(answers, 25)]
        for given in answers:
            feedback = one.check(given)

            assert bool(feedback) == is_the_key(one, given), (seed, given, feedback)
            assert bool(feedback) == (feedback.score == 1)
            assert feedback.works or not feedback


@pytest.mark.parametrize(
    ("name", "answer"),
    [("smallest-picture", 1000), ("largest-padding", 0), ("smallest-padding", 6)],
)
def test_what_merely_works_does_not_pass(name: str, answer: int) -> None:
    feedback = pv.exercise(name).check(answer)

    assert (bool(feedback), feedback.ok, feedback.works, feedback.mark) == (False, False, True, "½")
    assert feedback._repr_html_().startswith(
        "<p>½ You found a value that works, but it is not the "
    )
