"""Failing programs: the right model, input, layer and line, from what was recorded of each.

With a framework installed, its programs run in it as well (`tools.record.messages.failures` does
the same).
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import pytest

from tests.failures.replay import pairs, replayed
from tools.record.messages.failures import Program, judged, programs

RUNS = [pytest.param(program, run, id=f"{of}, {program.title}") for of, program, run in pairs()]


@pytest.mark.parametrize(("program", "run"), RUNS)
def test_what_was_recorded_of_a_failing_program_is_understood(
    program: Program, run: dict[str, Any]
) -> None:
    assert replayed(program, run, partial(judged, program)) == "right"


def test_there_are_enough() -> None:
    assert len({(each.values[0].framework, each.values[0].title) for each in RUNS}) >= 60  # type: ignore[union-attr]


def test_a_wrong_expectation_is_seen() -> None:
    """The programs would not be judged right whatever is found."""
    program, run = RUNS[0].values
    assert isinstance(program, Program)
    seen = replayed(program, run, lambda error: judged(_other(program), error))  # type: ignore[arg-type]

    assert seen.startswith("input (3, 30, 30) instead of")


def _other(program: Program) -> Program:
    return Program(program.framework, "", "", "stack", (1, 2, 3), program.layer, program.line)


@pytest.mark.parametrize("framework", ["torch", "keras", "flax"])
def test_failing_programs_in_the_framework_itself(framework: str) -> None:
    pytest.importorskip(framework)
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    wrong = {
        program.title: said
        for program in programs(framework)
        if not program.needs and (not program.only or backend in program.only)
        if (said := judged(program, program.run())) != "right"
    }

    assert wrong == {}
