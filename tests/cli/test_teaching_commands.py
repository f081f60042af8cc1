"""A slide deck and a worksheet: what they contain, and what they leave out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from poolviz.__main__ import main
from poolviz.cli.worksheet import answer_text
from poolviz.exercises.library import exercise, exercises
from tests.support.paths import ROOT

FIRST = ROOT / "notebooks" / "01_kernel_larger_than_input.ipynb"


def headings(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return re.findall(r"^## (.+)$", prose, re.MULTILINE)


def test_a_deck_has_a_slide_for_each_heading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("mistune")
    deck = tmp_path / "deck.html"

    assert main(["slides", "01", "--to", str(deck)]) == 0
    page = deck.read_text(encoding="utf-8")
    expected = headings(FIRST)
    assert capsys.readouterr().out.startswith(f"{1 + len(expected)} slides")
    assert page.count("<section") == 1 + len(expected)
    assert re.findall(r"<h2>(.*?)</h2>", page) == expected
    assert page.count("data:image/png;base64,") >= 2
    assert 'class="error"' in page
    assert "Output size is too small" in page  # the output of real PyTorch
    assert not re.search(r'(?:src|href)="https?:|url\(http|\.ipynb"', page)
    assert "mybinder" not in page


def test_a_worksheet_has_questions_and_then_their_key(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"

    assert main(["worksheet", "06", "size-plain", "--seed", "5", "--to", str(sheet)]) == 0
    questions, key = sheet.read_text(encoding="utf-8").split('<div class="key">')
    ids = [*exercises(notebook="06"), "size-plain"]
    assert questions.count("<section>") == key.count("<li>") == len(ids)
    for id in ids:
        one = exercise(id, seed=5)
        assert one.grading.question.split("`")[0].replace('"', "&quot;") in questions
        assert answer_text(one) in key
        assert one.check(answer_text(one)).ok
    assert "Worksheet, seed 5" in questions
    assert exercise("size-plain", seed=5).solution not in questions


def test_a_worksheet_follows_framework_and_language(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"
    given = ["worksheet", "size-plain", "--framework", "keras", "--language", "de"]

    assert main([*given, "--to", str(sheet)]) == 0
    page = sheet.read_text(encoding="utf-8")
    assert "layers.MaxPooling2D" in page
    assert "Arbeitsblatt" in page


@pytest.mark.parametrize("given", [["worksheet", "nothing"], ["slides", "77"]])
def test_an_unknown_name_is_an_error(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*given, "--to", str(tmp_path / "x.html")]) == 1
    assert given[1] in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_copy_for_a_course_has_its_lab_only(tmp_path: Path) -> None:
    assert main(["copy", str(tmp_path), "--framework", "keras"]) == 0

    assert sorted(path.name for path in (tmp_path / "labs").iterdir()) == [
        "graders.py",
        "repair_keras.ipynb",
    ]
    first = (tmp_path / "00_start_here.ipynb").read_text(encoding="utf-8")
    assert 'pv.use(\\"keras\\")' in first
    assert 'can_run(\\"pytorch\\")' not in first
