"""Exercises whose answers can be found in another way: in numpy, or in the text of the message."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import poolviz as pv

STEPS: dict[str, Callable[[Any], Any]] = {
    "dense layer": lambda empty: empty.reshape(-1) @ np.zeros((empty.size, 4)),
    "sum of each channel": lambda empty: empty.sum(axis=(1, 2)),
    "mean of each channel": lambda empty: empty.mean(axis=(1, 2)),
    "maximum of each channel": lambda empty: empty.max(axis=(1, 2)),
}


def in_numpy(step: str, shape: tuple[int, ...]) -> str:
    try:
        result = STEPS[step](np.zeros(shape))
    except ValueError:
        return "an error is raised"
    return "nan" if np.isnan(result).all() else "zeros" if not result.any() else "numbers"


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
def test_numpy_makes_of_nothing_what_is_said() -> None:
    seen = set()
    for seed in range(40):
        exercise = pv.exercise("after-an-empty-map", seed)
        (step,) = (name for name in STEPS if name in exercise.question)
        rows, columns, channels = map(int, re.findall(r"\d+", exercise.question)[:3])
        seen.add(step)

        assert exercise.answer == in_numpy(step, (channels, rows, columns))
    assert seen == set(STEPS)


def test_numbers_of_a_sequence_stand_in_the_message() -> None:
    for seed in range(40):
        exercise = pv.exercise("sequence-message-numbers", seed)
        kernel, size = re.findall(r"subtracting (\d+) from (\d+)", exercise.block)[0]
        stride = re.findall(r"strides=\[1, 1, (\d+), 1\]", exercise.block)[0]

        assert exercise.answer == (int(kernel), int(stride), int(size))


NAMES = {"kernel size": r"ksize|pool_size", "stride": "strides="}
SIZES = r"input shapes|inputs\.shape|Given input size"


def test_what_a_message_leaves_open_is_not_in_its_text() -> None:
    seen = set()
    for seed in range(60):
        exercise = pv.exercise("message-leaves-open", seed)
        named = [name for name, pattern in NAMES.items() if re.search(pattern, exercise.block)]
        arrives = ["the input size of the layer"] if re.search(SIZES, exercise.block) else []
        seen.add(exercise.answer)

        assert exercise.answer == (*named, *arrives)
    assert len(seen) == 3


def test_the_largest_padding_does_not_stand_in_the_question() -> None:
    for seed in range(20):
        question = pv.exercise("largest-padding", seed).question

        assert "padding=" not in question
        assert "padding" in question
