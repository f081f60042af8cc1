"""How poolviz is cited: the citation file and the paper agree with the project and its content."""

from __future__ import annotations

import re

import pytest

import poolviz as pv
from poolviz import __version__
from tests.project.test_docs import NOTEBOOKS, text_of
from tests.project.test_stated_numbers import FITTING
from tests.support.paths import ROOT

yaml = pytest.importorskip("yaml")  # comes with JupyterLab

PAPER = text_of(ROOT / "docs" / "paper" / "paper.md")
BIBLIOGRAPHY = text_of(ROOT / "docs" / "paper" / "paper.bib")
CITATION = yaml.safe_load(text_of(ROOT / "CITATION.cff"))


def test_citation_has_what_the_format_wants() -> None:
    """Citation File Format 1.2.0; cffconvert 2.0.0 takes the file."""
    assert CITATION["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "type"} <= set(CITATION)
    assert CITATION["type"] == "software"
    assert all(set(author) == {"name"} for author in CITATION["authors"])


def test_citation_is_of_this_version_and_its_licences() -> None:
    assert CITATION["version"] == __version__
    assert CITATION["license"] == ["BSD-3-Clause", "CC-BY-4.0"]
    assert f"(c) 2026, {CITATION['authors'][0]['name']}" in text_of(ROOT / "LICENSE")


def test_paper_cites_what_the_bibliography_has() -> None:
    cited = set(re.findall(r"@([\w:]+)", PAPER.partition("\n---\n")[2]))

    assert cited == set(re.findall(r"@\w+\{([\w:]+),", BIBLIOGRAPHY))


def test_each_reference_can_be_found() -> None:
    for entry in BIBLIOGRAPHY.split("\n@")[1:]:
        assert re.search(r"(doi|url) +=", entry), entry


def test_numbers_of_the_paper_are_those_of_the_project() -> None:
    wrong_rules = {name for id in pv.exercises() for name in pv.exercise(id).misconceptions}

    assert about(r"some (\d+) exercises") == pytest.approx(len(pv.exercises()), rel=0.1)
    assert about(r"about (\d+) of them") == pytest.approx(len(wrong_rules), rel=0.1)


def about(pattern: str) -> int:
    """A round number that the paper contains."""
    found = re.search(pattern, " ".join(PAPER.split()))
    assert found, pattern
    return int(found[1])


def test_paper_lists_the_notebooks() -> None:
    content = PAPER.partition("# Content")[2].partition("\n# ")[0]

    assert set(re.findall(r"\((\d\d)\)", content)) <= set(NOTEBOOKS)
    assert len(set(re.findall(r"\((\d\d)\)", content))) >= 13


def test_paper_counts_the_recorded_runs() -> None:
    """The number that notebook 02 computes."""
    assert re.findall(r"in ([\d,]+) recorded runs", PAPER) == [str(len(FITTING))]


def test_paper_has_the_parts_that_reviewers_ask_for() -> None:
    parts = re.findall(r"^# (.+)$", PAPER, re.MULTILINE)

    for part in ("Statement of need", "Learning objectives", "Content", "Instructional design"):
        assert part in parts
    assert 700 <= len(PAPER.split()) <= 1300


def test_no_address_of_the_repository_is_made_up() -> None:
    assert CITATION["repository-code"].removeprefix("https://github.com/") in text_of(
        ROOT / "README.md"
    )
