"""Samples of what takes too long to try in full every time: others on another day.

`POOLVIZ_SEED=20261129` repeats those of a day (the head of pytest's report names the seed), and
`POOLVIZ_SAMPLE=all` takes all.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from random import Random
from typing import TypeVar

import pytest

import poolviz as pv

Thing = TypeVar("Thing")
SEED = int(os.environ["POOLVIZ_SEED"])  # set by conftest.py


def sampled(things: Sequence[Thing], count: int) -> list[Thing]:
    """As many of them, in their order."""
    if os.environ.get("POOLVIZ_SAMPLE") == "all":
        return list(things)
    places = Random(SEED).sample(range(len(things)), count)
    return [things[place] for place in sorted(places)]


# A third of the exercises: about fifteen checks run through all of them.
some_exercises = pytest.mark.parametrize("name", sampled(pv.exercises(), 32))
