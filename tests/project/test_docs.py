"""The documentation for teachers: links, snippets, tables, plans and terms are what they say."""

from __future__ import annotations

import doctest
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from poolviz.widgets.explorer import page as explorer_page
from poolviz.widgets.explorer.ranges import Ranges, ranges_of
from poolviz.widgets.explorer.spec.spec import Spec
from tools import write_docs
from tools.write_docs import DOCS, MISCONCEPTIONS
from tools.writing import api_reference

ROOT = DOCS.parent
COURSE = DOCS / "course"  # pages of an example, which tests/browser/pages/test_course.py builds
PAGES = sorted(page for page in DOCS.rglob("*.md") if not page.is_relative_to(COURSE))
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
NOTEBOOKS = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def rows_of(text: str) -> list[list[str]]:
    """The rows of the Markdown tables in a text, without heads."""
    tables = re.findall(r"^\|.*\|\n\|[-|]+\|\n((?:\|.*\|\n)+)", text, re.MULTILINE)
    return [
        [cell.strip() for cell in row.strip("|").split("|")]
        for table in tables
        for row in table.splitlines()
    ]


# --- links and snippets --------------------------------------------------------------------------


@EACH_PAGE
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(CODE, "", text_of(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        if "://" in name:
            continue
        file = page if not name else (page.parent / name)
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(text_of(file)), target


def anchors(text: str) -> set[str]:
    """The names that GitHub gives to the headings; equal ones are counted."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+)$", re.sub(CODE, "", text), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        equal = sum(bool(re.fullmatch(rf"{name}(-\d+)?", other)) for other in found)
        found.add(f"{name}-{equal}" if equal else name)
    return found


def test_every_page_is_linked_from_the_readme_or_from_another() -> None:
    linked = {
        (page.parent / target).resolve()
        for page in [ROOT / "README.md", *PAGES]
        for target in re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", text_of(page))
    }

    assert [page for page in PAGES if page.resolve() not in linked] == []


def _narrow_ranges(spec: Spec, requested: Mapping[str, object]) -> Ranges:
    return {name: values[:2] for name, values in ranges_of(spec, requested).items()}


@pytest.mark.long
@EACH_PAGE
def test_snippets_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    # Two values of each control: a page of all settings takes seconds, and is written elsewhere.
    monkeypatch.setattr(explorer_page, "ranges_of", _narrow_ranges)
    if page.name == "api.md":
        return  # signatures
    for block in re.findall(r"^```python\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE):
        exec(compile(block, str(page), "exec"), {})


@EACH_PAGE
def test_sessions_give_what_they_say(page: Path) -> None:
    names = {name: getattr(pv, name) for name in pv.__all__} if page.name == "api.md" else {}
    text = text_of(page).replace("```", "\n```")  # a blank line ends what is expected
    sessions = doctest.DocTestParser().get_doctest(text, names, page.name, None, 0)
    said: list[str] = []
    flags = doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
    doctest.DocTestRunner(verbose=False, optionflags=flags).run(sessions, out=said.append)

    assert "".join(said) == ""


@pytest.mark.long
def test_what_is_taken_from_the_code_is_up_to_date() -> None:
    stale = [path.name for path, text in write_docs.contents().items() if text != text_of(path)]

    assert stale == [], "run .venv/bin/python -m tools.write_docs"


# --- the reference of public names ---------------------------------------------------------------

FACTS = {"FRAMEWORKS"}  # documented by a table
FUNCTIONS = [name for name in pv.__all__ if name[0].islower()]
EACH_NAME = pytest.mark.parametrize("name", [name for name in pv.__all__ if name not in FACTS])


@EACH_NAME
def test_a_name_has_a_fact_in_one_line(name: str) -> None:
    fact = api_reference.docstring(api_reference.documented(name))[""].split("\n\n")[0]

    assert "\n" not in fact
    assert fact.endswith(".")


@EACH_NAME
def test_every_parameter_is_told(name: str) -> None:
    thing = api_reference.documented(name)
    said = api_reference.docstring(thing)
    told = {
        term.strip(" *")
        for heading in ("Parameters", "Attributes")
        for terms, _ in api_reference.entries(said.get(heading, ""))
        for term in terms.split(",")
    }
    try:
        asked = set(inspect.signature(thing).parameters)
    except ValueError:
        return  # an exception as Python has them: any arguments

    assert asked - told == set()


@EACH_NAME
def test_errors_are_told(name: str) -> None:
    """Those of functions, and of classes that a user creates, not of results of poolviz."""
    thing = api_reference.documented(name)
    said = api_reference.docstring(thing)
    is_exception = inspect.isclass(thing) and issubclass(thing, Exception)
    if "Parameters" in said and not is_exception:
        assert "Raises" in said
    if name in FUNCTIONS:
        assert "Parameters" in said


@EACH_NAME
def test_a_name_has_an_example(name: str) -> None:
    assert ">>>" in api_reference.docstring(api_reference.documented(name)).get("Examples", "")


def test_versions_in_the_reference_are_those_that_were_run() -> None:
    """Besides those of the rules: TensorFlow 2.15.1, on which a part was run as well."""
    known = {
        version
        for rules in pv.FRAMEWORKS.values()
        for version in re.findall(r"\d+\.\d+\.\d+", rules.version)
    }
    named = set(re.findall(r"\b\d+\.\d+\.\d+\b", text_of(DOCS / "api.md")))

    assert len(named) >= 4
    assert named - known <= {"2.15.1"}


def test_no_public_name_is_left_out() -> None:
    listed = re.findall(r"^### (\w+)$", text_of(DOCS / "api.md"), re.MULTILINE)

    assert sorted(listed) == sorted(pv.__all__)


# --- the instructor guide ------------------------------------------------------------------------

GUIDE = text_of(DOCS / "instructor-guide.md")


@pytest.mark.parametrize("minutes", [15, 45, 90])
def test_a_plan_takes_its_time(minutes: int) -> None:
    plan = GUIDE.partition(f"### {minutes} minutes")[2].partition("\n#")[0]

    assert sum(int(row[0]) for row in rows_of(plan)) == minutes


def test_the_plan_of_two_weeks_adds_up() -> None:
    plan = GUIDE.partition("### Two weeks")[2].partition("\n#")[0]
    (stated,) = re.findall(r"Together (\d+) minutes", plan)

    assert sum(int(row[0]) for row in rows_of(plan)) == int(stated)


def test_named_exercises_exist() -> None:
    plans = GUIDE.partition("## Session plans")[2].partition("## Common")[0]
    named = {name for name in re.findall(r"`([\w-]+)`", plans) if "-" in name}

    assert len(named) >= 5
    assert named <= set(pv.exercises())


@pytest.mark.parametrize(("id", "answer"), MISCONCEPTIONS, ids=lambda value: str(value))
def test_a_misconception_is_recognised(id: str, answer: str) -> None:
    feedback = pv.exercise(id).check(answer)

    assert not feedback.ok
    assert feedback.misconception is not None


# --- the glossary --------------------------------------------------------------------------------

GLOSSARY = text_of(DOCS / "glossary.md")
TERMS = list(rows_of(GLOSSARY.partition("## Argument names")[0]))
# In bold in a notebook, and no term: labels and verdicts.
NO_TERMS = re.compile(r"You need:|.*(half true|wrong)\.?|.*[.:!?]", re.IGNORECASE)


def prose(path: Path) -> str:
    """Return the prose of a notebook."""
    cells: list[Any] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


@pytest.mark.parametrize(("term", "meaning", "place"), TERMS, ids=[row[0] for row in TERMS])
def test_a_term_is_explained_where_it_says(term: str, meaning: str, place: str) -> None:
    number = re.match(r"\[(\d\d)\]", place)

    assert number
    assert re.search(rf"\b{re.escape(term)}\b", prose(NOTEBOOKS[number[1]]), re.IGNORECASE)
    assert meaning.endswith(".")
    assert 1 <= len(re.findall(r"[.:](?:\s|$)", meaning)) <= 4


def test_no_term_of_the_notebooks_is_missing() -> None:
    terms = {row[0] for row in TERMS}
    marked = {
        term.lower()
        for path in NOTEBOOKS.values()
        for term in re.findall(r"\*\*([^*]+)\*\*", prose(path))
        if not NO_TERMS.fullmatch(term)
    }

    assert marked - terms == set()


def test_a_term_in_bold_is_explained_in_its_first_notebook() -> None:
    for term, _, place in TERMS:
        bold = rf"\*\*{re.escape(term)}\*\*"
        firsts = [
            number
            for number, path in NOTEBOOKS.items()
            if re.search(bold, prose(path), re.IGNORECASE)
        ]
        assert not firsts or place.startswith(f"[{firsts[0]}]"), term


def test_terms_are_in_alphabetical_order() -> None:
    terms = [row[0].lower() for row in TERMS]

    assert terms == sorted(terms)
    assert {"batch", "feature map", "tensor", "filter", "layer"} <= set(terms)


def test_no_dialect_is_a_term_of_its_own() -> None:
    """Words of other frameworks occur in the table of translations only."""
    foreign = {word for rules in pv.FRAMEWORKS.values() for word in rules.vocabulary.values()}
    ours = set(pv.FRAMEWORKS["pytorch"].vocabulary)

    assert {row[0] for row in TERMS} & (foreign - ours) == set()
