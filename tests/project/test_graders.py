"""The assignments of docs/teaching are handed out and graded by nbgrader and otter-grader.

Both belong to the extra `graders`; without them these tests are left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.release

TEACHING = ROOT / "docs" / "teaching"

# What three students hand in, and the points: worked out by hand from the task texts.
ANSWERS = {
    "right": {
        "size": "size = 4, 4",
        "unread": "unread = [3, 7, 11]",
        "padding": "padding = 1",
        "formula": "def output_size(n, k, s, p):\n    return (n + 2 * p - k) // s + 1",
        "message": "shape = 88, 64, 1",
        "cause": "layer = 'pool1'",
    },
    "partly": {
        "size": "size = 3, 3",  # without the + 1: no points
        "unread": "unread = [3, 7]",  # two of three cells
        "padding": "padding = 3",  # it fits, but less would do
        "formula": "def output_size(n, k, s, p):\n    return int((n + 2 * p - k) / s + 1)",
        "message": "shape = 88, 64, 3",  # two of three numbers
        "cause": "layer = 'pool4'",  # it fails, but is not to blame
    },
    "nothing": {},
}
POINTS = {
    "right": {"size": 2, "unread": 3, "padding": 2, "formula": 3, "message": 3, "cause": 2},
    "partly": {"size": 0, "unread": 2, "padding": 1, "formula": 0, "message": 2, "cause": 0},
    "nothing": {"size": 0, "unread": 0, "padding": 0, "formula": 0, "message": 0, "cause": 0},
}
EACH = pytest.mark.parametrize("student", ANSWERS)


def run(folder: Path, *command: str) -> str:
    """A program of this environment; what it printed."""
    programs = str(Path(sys.executable).parent)
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def answered(notebook: Any, answers: dict[str, str], unanswered: dict[str, int]) -> Any:
    """The notebook with a student's answers in the cells that are left open for them."""
    for name, answer in answers.items():
        notebook.cells[unanswered[name]].source = answer
    return notebook


# --- nbgrader ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose assignment was released, handed in by each student, and graded."""
    pytest.importorskip("nbgrader")
    folder = tmp_path_factory.mktemp("course")
    (folder / "source" / "pooling").mkdir(parents=True)
    shutil.copy(TEACHING / "nbgrader" / "pooling.ipynb", folder / "source" / "pooling")
    (folder / "nbgrader_config.py").write_text('get_config().CourseDirectory.course_id = "demo"\n')
    run(folder, "nbgrader", "generate_assignment", "pooling")
    for student, answers in ANSWERS.items():
        released = nbformat.read(folder / "release" / "pooling" / "pooling.ipynb", 4)
        places = {
            cell.metadata.nbgrader.grade_id.removesuffix("-answer"): i
            for i, cell in enumerate(released.cells)
            if cell.metadata.nbgrader.solution
        }
        handed_in = folder / "submitted" / student / "pooling"
        handed_in.mkdir(parents=True)
        nbformat.write(answered(released, answers, places), handed_in / "pooling.ipynb")
    run(folder, "nbgrader", "autograde", "pooling", "--create")
    return folder


@EACH
def test_nbgrader_gives_the_points(course: Path, student: str) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        (notebook,) = book.find_submission("pooling", student).notebooks
        given = {grade.name.removesuffix("-test"): grade.score for grade in notebook.grades}
        assert notebook.max_score == 15

    assert given == POINTS[student]


def test_nbgrader_hands_out_neither_solutions_nor_hidden_tests(course: Path) -> None:
    released = (course / "release" / "pooling" / "pooling.ipynb").read_text(encoding="utf-8")

    assert released.count("raise NotImplementedError()") == 6
    assert "SOLUTION" not in released
    assert "HIDDEN" not in released
    assert "// s" not in released


def test_nbgrader_keeps_the_feedback_for_the_student(course: Path) -> None:
    graded = course / "autograded" / "partly" / "pooling" / "pooling.ipynb"

    assert "+ 1" in graded.read_text(encoding="utf-8")


# --- otter-grader --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def assigned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output of `otter assign`: a notebook for students, a zip file for the autograder."""
    pytest.importorskip("otter")
    folder = tmp_path_factory.mktemp("assigned")
    shutil.copy(TEACHING / "otter" / "pooling.ipynb", folder)
    run(folder, "otter", "assign", "pooling.ipynb", "dist", "--no-pdfs")
    return folder


@EACH
def test_otter_gives_the_points(assigned: Path, student: str) -> None:
    folder = assigned / student
    folder.mkdir()
    notebook = nbformat.read(assigned / "dist" / "student" / "pooling.ipynb", 4)
    starts = ("size =", "unread =", "padding =", "def output_size", "shape =", "layer =")
    places = {
        name: next(i for i, cell in enumerate(notebook.cells) if cell.source.startswith(start))
        for name, start in zip(POINTS[student], starts, strict=True)
    }
    nbformat.write(answered(notebook, ANSWERS[student], places), folder / "pooling.ipynb")
    (grader,) = (assigned / "dist" / "autograder").glob("*.zip")
    run(folder, "otter", "run", "pooling.ipynb", "-a", str(grader), "-o", ".", "--no-logo")
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    given = dict.fromkeys(POINTS[student], 0.0)
    for test in results["tests"]:
        name = test["name"].split(" - ")[0]
        if name in given:
            given[name] += test.get("score", 0)

    # Here the formula gets a separate point for maps on which the kernel fits.
    expected = POINTS[student] | ({"formula": 1} if student == "partly" else {})
    assert given == expected


def test_otter_hands_out_neither_solutions_nor_tests(assigned: Path) -> None:
    handed_out = (assigned / "dist" / "student" / "pooling.ipynb").read_text(encoding="utf-8")

    assert handed_out.count("= ...") == 5
    assert "SOLUTION" not in handed_out
    assert "// s" not in handed_out
