"""The table of a card's feedback says what `check` says."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

import poolviz as pv
from poolviz.exercises.answers.forms import Numbers
from poolviz.exercises.grading_table import answer_table
from tests.support.sampling import some_exercises


def said(one: pv.Exercise, answer: Any) -> list[Any]:
    feedback = one.check(answer)
    return [feedback.mark, feedback.reason, *(["hint"] if feedback.hint else [])]


@some_exercises
@pytest.mark.parametrize("seed", [0, 3])
def test_it_is_plain_and_knows_the_right_answer(name: str, seed: int) -> None:
    one = pv.exercise(name, seed=seed)
    table = answer_table(one)

    assert json.loads(json.dumps(table)) == table
    assert looked_up(table, one, one.answer) == said(one, one.answer)
    assert looked_up(table, one, one.answer)[0] == "✓"
    assert table["empty"] == said(one, "")


@some_exercises
def test_every_wrong_rule_is_in_it(name: str) -> None:
    one = pv.exercise(name, seed=1)
    table, form = answer_table(one), one.grading.case.form
    for slip in one.grading.case.listed:
        answer = form.plain(slip.value, one.grading.texts)
        assert looked_up(table, one, answer) == said(one, answer)


@some_exercises
def test_answers_in_between_are_judged_as_python_does(name: str) -> None:
    """Also what no rule gives: parts that are right, and nothing that is."""
    one = pv.exercise(name, seed=2)
    table = answer_table(one)
    for answer in tried(one):
        assert looked_up(table, one, answer) == said(one, answer), answer


def tried(one: pv.Exercise) -> list[Any]:
    if one.form == "choice":
        return list(one.choices)
    if one.form == "several":
        return [one.choices[:1], one.choices, one.choices[::2]]
    if one.form == "cells":
        cells = one.answer
        return [cells[:1], cells[1:], (*cells, *cells), ()]
    if one.form == "change":
        return [f"{name}={value}" for name, value in product(("stride", "padding"), (1, 2, 7, 60))]
    count = len(one.grading.case.form.names)
    right = one.answer if isinstance(one.answer, tuple) else (one.answer,)
    halves = [(*right[:i], 97, *right[i + 1 :]) for i in range(count)]
    return [n if count > 1 else n[0] for n in [*halves, (97,) * count, (0,) * count, (5,) * count]]


def looked_up(table: dict[str, Any], one: pv.Exercise, answer: Any) -> list[Any]:
    """As the page's script looks up what it has read; written anew, without looking there."""
    form = table["form"]
    if form == "choice":
        return table["exact"][answer]
    if form == "several":
        places = [i for i, text in enumerate(one.choices) if text in answer]
        return table["exact"][",".join(map(str, places))]
    if form == "change":
        return table["exact"][answer]
    if form == "cells":
        return looked_up_cells(table, answer)
    numbers = list(answer) if isinstance(answer, tuple) else [answer]
    for values, found in table["values"]:
        if all(abs(a - b) <= table["tolerance"] for a, b in zip(values, numbers, strict=True)):
            return found
    near = [abs(a - b) <= table["tolerance"] for a, b in zip(table["right"], numbers, strict=True)]
    parts = "".join("1" if is_near else "0" for is_near in near)
    if parts in table["partly"]:
        return table["partly"][parts]
    joined = table["joint"].join(map(str, numbers))
    return ["✗", table["unknown"][1].replace("{answer}", joined), "hint"]


def looked_up_cells(table: dict[str, Any], answer: Any) -> list[Any]:
    given = {tuple(cell) if isinstance(cell, tuple) else (cell,) for cell in answer}
    key = " ".join(",".join(map(str, cell)) for cell in sorted(given))
    if key in table["exact"]:
        return table["exact"][key]
    right = {tuple(cell) for cell in table["right"]}
    counts = {"hits": given & right, "missing": right - given, "extra": given - right}
    text = table["marked"][1]
    for name, cells in counts.items():
        text = text.replace(f"{{{name}}}", str(len(cells)))
    return ["✗", text]


@pytest.mark.parametrize(
    ("names", "is_one"), [(("n",), False), (("h", "w"), False), (("h", "w"), True), ("kso", False)]
)
def test_what_is_near_is_listed(names: tuple[str, ...], is_one: bool) -> None:
    """A saved page explains the wrong numbers that Python explains, and no others."""
    form = Numbers(tuple(names), one_for_all=is_one)
    for right in product(map(Fraction, (3, 20, 25)), repeat=len(names)):
        listed = {*form.near(right), right}
        for value in product(map(Fraction, (0, 3, 14, 15, 22, 28, 31)), repeat=len(names)):
            assert form.is_near(value, right) == (value in listed) or value == right
