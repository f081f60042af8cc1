"""The answers to the exercises are those that PyTorch and Keras give.

Recorded by `tools/record/exercises/exercises.py`; the messages are compared word for word.
"""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest

import poolviz as pv
from tests.support.paths import DATA

RECORDED = json.loads(gzip.decompress((DATA / "exercises.json.gz").read_bytes()))


def by_id(rows: list[Any]) -> dict[str, list[tuple[int, Any]]]:
    found: dict[str, list[tuple[int, Any]]] = {}
    for name, seed, answer in rows:
        found.setdefault(name, []).append((seed, answer))
    return found


ANSWERS = by_id(RECORDED["answers"])
MESSAGES = by_id(RECORDED["messages"])
RAISING = by_id(RECORDED["raising"])


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_is_that_of_the_framework(name: str) -> None:
    checked = [(seed, answer, pv.exercise(name, seed)) for seed, answer in ANSWERS[name]]
    wrong = [
        (seed, answer, exercise.answer)
        for seed, answer, exercise in checked
        if exercise.check(answer).score != 1
    ]

    assert checked
    assert wrong == []


@pytest.mark.parametrize("name", MESSAGES)
def test_message_is_that_of_the_framework(name: str) -> None:
    """Word for word; Keras adds a paragraph about its arguments."""
    for seed, text in MESSAGES[name]:
        shown = pv.exercise(name, seed).block

        assert shown == text[: len(shown)]
        assert len(shown) == len(text) or text[len(shown) :].startswith("\n\nArguments received")


def test_axis_is_the_one_that_the_message_shows() -> None:
    """PyTorch: the size below 1 after "Calculated". Keras: the input smaller than the pool."""
    axes = ("height", "width")
    for seed, text in MESSAGES["pytorch-message-axis"]:
        after = [int(n) for n in re.findall(r"-?\d+", text.partition("Calculated")[2])[1:3]]
        (failing,) = (axis for axis, size in zip(axes, after, strict=True) if size < 1)
        assert pv.exercise("pytorch-message-axis", seed).check(failing).score == 1
    for seed, text in MESSAGES["keras-message-axis"]:
        sizes, pool = re.findall(r"=\[([^]]*)\]", text)[:2]
        pairs = zip(sizes.split()[1:3], pool.split(), strict=True)
        (failing,) = (axis for axis, (n, k) in zip(axes, pairs, strict=True) if int(n) < int(k))
        assert pv.exercise("keras-message-axis", seed).check(failing).score == 1


@pytest.mark.parametrize("name", RAISING)
def test_pytorch_and_keras_raise_where_it_is_said(name: str) -> None:
    """The answers to `who-raises` raise, those to the other questions take the arguments."""
    for seed, raising in RAISING[name]:
        named = set(pv.exercise(name, seed).answer) & {"PyTorch", "Keras"}
        expected = set(raising) if name == "who-raises" else {"PyTorch", "Keras"} - set(raising)

        assert expected == named


def test_most_exercises_were_put_to_a_framework() -> None:
    asked = {*ANSWERS, *MESSAGES, *RAISING}

    assert len(asked) >= 55
    assert asked <= set(pv.exercises())
