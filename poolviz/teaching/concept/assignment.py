"""The concept test as a notebook for nbgrader: question, answer cell, and a cell that grades."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import say, using_language

Cell = dict[str, Any]


def assignment(exercises: Sequence[Exercise], when: str) -> bytes:
    """Return the source notebook of an assignment, one point for each exercise."""
    language = exercises[0].language
    with using_language(language):
        title = say(f"concept.title_{when}")
        about = f"# {title}\n\n{say('concept.about', count=len(exercises))}"
        cells = [_cell("markdown", about, "about"), _cell("code", "import poolviz as pv", "import")]
        for number, one in enumerate(exercises, start=1):
            cells += _item(number, one)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def _item(number: int, one: Exercise) -> list[Cell]:
    call = f'pv.exercise("{one.id}", seed={one.seed}, language="{one.language}")'
    answer = f"answer_{number}"
    solved = f"### BEGIN SOLUTION\n{answer} = {one.answer!r}\n### END SOLUTION"
    test = f"{call}.check({answer}).score"
    hand_in = say("concept.hand_in", name=answer)
    return [
        _cell("markdown", f"## {number}\n\n{hand_in}", f"task-{number}"),
        _cell("code", call, f"question-{number}"),
        _cell("code", solved, f"answer-{number}", solution=True),
        _cell("code", test, f"item-{number}", points=1),
    ]


def _cell(kind: str, source: str, name: str, *, solution: bool = False, points: int = 0) -> Cell:
    grader: dict[str, object] = {
        "grade": points > 0,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points:
        grader["points"] = points
    cell: Cell = {
        "cell_type": kind,
        "id": name,
        "metadata": {"nbgrader": grader},
        "source": source.splitlines(keepends=True),
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
