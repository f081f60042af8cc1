"""The concept test covers what it says, and a report counts every row of a class once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import nbformat
import pytest

import poolviz as pv
from poolviz.teaching.concept.items import ITEMS, MISCONCEPTIONS, revealed_by
from poolviz.teaching.concept.statistics import correlation, gain, statistics_of
from poolviz.teaching.objectives import OBJECTIVES, objective
from tests.support.moodle_reader import read_moodle
from tools.write_docs import MISCONCEPTIONS as OF_THE_GUIDE

BOTH = pytest.mark.parametrize("when", ["before", "after"])
HEAD = ["Last name", "First name", "ID number", "Status", "Grade/12.00"]
RESPONSES = [f"Response {i}" for i in range(1, 13)]
WRONG = {name: one.misconceptions[0] for name in ITEMS for one in [pv.exercise(name)]}


# --- the test ------------------------------------------------------------------------------------


@BOTH
def test_a_form_covers_every_objective_and_the_misconceptions_of_the_guide(when: str) -> None:
    items = pv.concept_test(when).exercises
    of_the_guide = {pv.exercise(id).check(text).misconception for id, text in OF_THE_GUIDE}

    assert len(items) == 12
    assert {objective(one) for one in items} == set(OBJECTIVES)
    assert set(MISCONCEPTIONS) == of_the_guide
    assert len(MISCONCEPTIONS) == 20
    for seed in (0, 1):
        for one in pv.concept_test(when, seed=seed).exercises:
            assert set(ITEMS[one.id]) <= set(revealed_by(one))


def test_the_forms_are_parallel_and_differ() -> None:
    before, after = pv.concept_test("before").exercises, pv.concept_test("after").exercises

    assert [one.id for one in before] == [one.id for one in after]
    for one, other in zip(before, after, strict=True):
        assert (one.question, one.choices) != (other.question, other.choices)


def test_another_form_raises() -> None:
    with pytest.raises(ValueError, match='"before" or "after"'):
        pv.concept_test("during")


@BOTH
def test_a_form_becomes_a_card_a_bank_and_an_assignment(when: str, tmp_path: Path) -> None:
    test = pv.concept_test(when, language="de")
    card = test.card()
    assert [item.exercise.id for item in card.session.items] == list(ITEMS)
    bank = read_moodle(test.save(tmp_path / "bank.xml").read_bytes())
    assert [one.id for one in bank if one.type != "category"] == [
        f"poolviz-{one.id}-{one.seed}-de" for one in test.exercises
    ]
    test.save(tmp_path / "bank.zip")
    with pytest.raises(ValueError, match="says what is written"):
        test.save(tmp_path / "test.csv")

    notebook = nbformat.read(test.save(tmp_path / "test.ipynb"), 4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    names: dict[str, Any] = {}
    for cell in cells:
        exec(cell.source, names)
    graded = [cell for cell in cells if cell.metadata.nbgrader.grade]
    assert [eval(cell.source, names) for cell in graded] == [1.0] * 12
    assert {cell.metadata.nbgrader.points for cell in graded} == {1}


# --- the report ----------------------------------------------------------------------------------


def response(one: pv.Exercise, value: Any) -> str:
    """A value as Moodle's report of responses has it."""
    form, plain = one.form, one.grading.case.form.plain(value, one.grading.texts)
    if form == "several":
        return "; ".join(plain).replace("`", "")
    if form == "cells":
        return "part 1: " + "; ".join(map(str, plain))
    if isinstance(plain, tuple):
        return "; ".join(f"part {i}: {n}" for i, n in enumerate(plain, start=1))
    return str(plain).replace("`", "")


def responses(when: str, is_right: Callable[[str], bool], language: str = "en") -> list[str]:
    found = []
    for one in pv.concept_test(when, language=language).exercises:
        wrong = revealed_by(one)[ITEMS[one.id][0]]
        found.append(response(one, one.grading.case.right if is_right(one.id) else wrong))
    return found


def csv_of(head: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([head, *rows])
    return text.getvalue()


def moodle(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    return csv_of([*HEAD, *RESPONSES], rows, delimiter)


def student(number: int, given: Sequence[str]) -> list[str]:
    return [f"Doe{number}", "Jo", f"id{number}", "Finished", "-", *given]


def test_responses_of_moodle_become_scores_and_misconceptions(tmp_path: Path) -> None:
    """Three students: all right, all wrong, and one who is right about sizes only."""
    right, wrong = (responses("before", lambda _, is_=is_: is_) for is_ in (True, False))
    sizes = responses("before", lambda id: id in ("size-with-everything", "formula-below-zero"))
    path = tmp_path / "class.csv"
    path.write_text(moodle([student(1, right), student(2, wrong), student(3, sizes)]), "utf-8-sig")
    report = pv.class_report(path)

    assert report.students == {"before": 3}
    assert report.unread == {"before": ()}
    assert report.doubtful == {"before": ()}
    assert report.objectives["sizes"][0] == pytest.approx(2 / 3)
    assert report.objectives["messages"][0] == pytest.approx(1 / 3)
    assert report.misconceptions["kernel_and_input_swapped"] == (2, 0)
    assert report.misconceptions["no_plus_one"] == (1, 0)
    assert report.misconceptions["same_can_fail"] == (0, 0)
    assert report.gain is None
    assert "the first number in the message is the input | 2 | 0" in str(report)


def test_a_gain_is_that_of_students_with_both() -> None:
    right, wrong = (responses("before", lambda _, is_=is_: is_) for is_ in (True, False))
    after = responses("after", lambda _: True)
    report = pv.class_report(
        moodle([student(1, wrong), student(2, right)]), moodle([student(1, after)], ";")
    )

    assert report.pairs == 1
    assert report.gain == 1
    assert report.gain_of("fixes") == 1
    assert report.students == {"before": 2, "after": 1}
    assert report.misconceptions["product_of_strides"] == (1, 0)


def test_german_answers_and_headings_are_read() -> None:
    given = responses("before", lambda _: True, "de")
    head = ["Nachname", "Vorname", "E-Mail-Adresse", *(f"Antwort {i}" for i in range(1, 13))]
    report = pv.class_report(csv_of(head, [["Doe", "Jo", "a@b", *given]], ";"))

    assert report.total[0] == 1


def test_no_row_is_lost() -> None:
    right = responses("before", lambda _: True)
    unreadable = ["?!", *right[1:]]
    rows = [
        student(1, right),
        ["only", "three", "columns"],
        ["", "", "", "Finished", "-", *right],
        student(2, ["-"] * 12),
        student(3, unreadable),
        student(1, unreadable),
    ]
    report = pv.class_report(moodle(rows))

    assert [one.row for one in report.unread["before"]] == [3, 4, 5, 7]
    assert [one.row for one in report.doubtful["before"]] == [6, 7]
    assert report.students["before"] + len(report.unread["before"]) == len(rows)
    for why in ("3 columns", "no student", "no answers", "the later one counts"):
        assert why in str(report)


@pytest.mark.parametrize(
    ("head", "row", "total"),
    [
        (["student_id", "score", "max_score"], ["ada", "9", "12"], 0.75),
        (["E-Mail-Adresse", *(f"F {i} /8,33" for i in range(1, 13))], ["a@b"] + ["8,33"] * 12, 1),
        (["Email address", *(f"Q. {i} /1.00" for i in range(1, 13))], ["a"] + ["0.5"] * 12, 0.5),
    ],
)
def test_grades_of_nbgrader_and_moodle(head: list[str], row: list[str], total: float) -> None:
    report = pv.class_report(csv_of(head, [row, [row[0] + "2", *(["x"] * (len(row) - 1))]], ";"))

    assert report.total[0] == pytest.approx(total)
    assert "is not a mark" in report.unread["before"][0].why
    assert not report.misconceptions


def test_a_file_of_nbgrader_may_have_both_forms() -> None:
    """`nbgrader export` writes all assignments of a course into one file."""
    head = ["assignment", "student_id", "score", "max_score"]
    names = ("concept-before", "concept-After", "pooling")
    text = csv_of(
        head, [[name, "ada", score, "12"] for name, score in zip(names, "691", strict=True)]
    )
    report = pv.class_report(text, text)

    assert report.total == (0.5, 0.75)
    assert [len(rows) for rows in report.unread.values()] == [2, 2]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "\n", "Response 1\n2\n"])
def test_other_columns_raise(text: str) -> None:
    with pytest.raises(ValueError, match="no columns of a quiz"):
        pv.class_report(text)


def test_a_report_has_no_names() -> None:
    right = responses("before", lambda _: True)
    report = pv.class_report(moodle([student(1, right)]))
    said = f"{report}{report._repr_html_()}{report.plot().alt}{vars(report)}"

    assert "Doe1" not in said
    assert "id1" not in said


def test_three_thousand_students_take_less_than_five_seconds() -> None:
    random = Random(1)
    texts = []
    for when in ("before", "after"):
        pairs = [responses(when, lambda _, is_=is_: is_) for is_ in (True, False)]
        rows = [
            student(n, [pairs[random.random() < 0.4][i] for i in range(12)]) for n in range(3000)
        ]
        texts.append(moodle(rows))
    started = process_time()
    report = pv.class_report(*texts)

    assert process_time() - started < 5
    assert report.pairs == 3000
    assert json.dumps(report.objectives)


# --- statistics ----------------------------------------------------------------------------------


def test_items_that_say_little_are_marked() -> None:
    strong, weak = [1, 1, 1, 0, 1], [1, 0, 0, 0, 0]
    items = statistics_of("abcde", [strong] * 6 + [weak] * 5 + [[1, 1, 1, 0, 0]])

    assert [one.note for one in items] == ["easy", "", "", "hard", ""]
    assert items[1].discrimination is not None
    assert items[1].discrimination > 0.8
    assert items[0].discrimination is None
    against = statistics_of("ab", [(i % 2, 1 - i % 2) for i in range(12)])
    assert [one.note for one in against] == ["flat", "flat"]
    few = statistics_of("ab", [(0, 1), (1, 0)])
    assert [one.discrimination for one in few] == [None, None]


def test_correlation_and_gain_are_those_of_the_textbooks() -> None:
    numpy = pytest.importorskip("numpy")
    x, y = [0.0, 0.5, 1, 1, 0.25], [3.0, 4, 9, 8, 1]

    assert correlation(x, y) == pytest.approx(numpy.corrcoef(x, y)[0, 1])
    assert gain(0.4, 0.7) == pytest.approx(0.5)
    assert gain(0.5, 0.25) == -0.5


def test_the_figure_says_in_words_what_it_shows() -> None:
    before = moodle([student(1, responses("before", lambda _: False))])
    after = moodle([student(1, responses("after", lambda _: True))])
    figure = pv.class_report(before, after, language="de").plot()
    drawn = {text.get_text() for axes in figure.axes for text in axes.get_yticklabels()}

    assert "eine Größe berechnen" in drawn
    assert "mit weniger Padding passt ein Kernel" in drawn
    assert "Padding zählt einmal" not in drawn
    assert "eine Größe berechnen | 0 % | 100 % | 100 %" in figure.alt
    assert figure.png().startswith(b"\x89PNG")
