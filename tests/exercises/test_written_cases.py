"""Typed answers of `tests/data/written_answers.json`: a saved page reads them as Python does.

The cases are read here and, from the same file, in `tests/js/written_answers.test.js`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from poolviz.exercises.answers.cells import Cells
from poolviz.exercises.answers.change import Change
from poolviz.exercises.answers.notation import Unreadable
from poolviz.exercises.grading_table import answer_table

STORED = json.loads(
    (Path(__file__).parents[1] / "data" / "written_answers.json").read_text("utf-8")
)


def read_in_python(one: pv.Exercise, text: str) -> Any:
    """Return what is read: numbers, cells, a change, or why nothing was."""
    form, texts = one.grading.case.form, one.grading.reading
    try:
        value = form.read(text, texts)
    except Unreadable as unread:
        return unread.reason
    if isinstance(form, Change):
        return form.shown(value, texts)
    if isinstance(form, Cells):
        return sorted(map(list, value))
    return [int(number) if number.denominator == 1 else float(number) for number in value]


@pytest.mark.parametrize("key", STORED["readings"])
def test_a_page_has_what_it_needs_to_read(key: str) -> None:
    name, language = key.split(" ")

    assert answer_table(pv.exercise(name, 0, language))["reading"] == STORED["readings"][key]


@pytest.mark.parametrize("key", STORED["readings"])
def test_python_reads_the_stored_cases(key: str) -> None:
    name, language = key.split(" ")
    one = pv.exercise(name, 0, language)
    for text, read in [case[1:] for case in STORED["cases"] if case[0] == key]:
        assert read_in_python(one, text) == read, text
