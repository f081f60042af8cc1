"""Every notebook: header, size, cards with questions, three lines at the end, links.

nbval checks the outputs; links break when a notebook is added.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import poolviz as pv
from tests.support.paths import ROOT
from tools.record.layers.conversions import converted, recorded

FOLDER = ROOT / "notebooks"
NAMES = sorted(path.name for path in FOLDER.glob("*.ipynb"))
START, SHEET = NAMES[0], "13_exercises.ipynb"
OTHER_ORDER = (START, "11_from_message_to_fix.ipynb", "12_myths.ipynb", SHEET)
BINDER = "https://mybinder.org/v2/gh/poolviz/poolviz/main?urlpath=lab/tree/notebooks/"
MOST_LINES = 8  # of a code cell
MOST_FRAMEWORK_LINES = 14  # of one in real PyTorch or Keras
MOST_LINE_SIGNS = 100
MOST_PASTED_SIGNS = 300  # of a line inside a pasted message

Cells = list[tuple[str, str]]  # "markdown" or "code", and the source


def cells_of(name: str) -> Cells:
    stored: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return [(cell["cell_type"], "".join(cell["source"])) for cell in stored["cells"]]


def prose(cells: Cells) -> str:
    return "\n\n".join(source for kind, source in cells if kind == "markdown")


def links(text: str) -> list[str]:
    """The notebooks that a text links, by file name, in order."""
    return re.findall(r"\]\((?!http)([^)#]+\.ipynb)\)", text)


def test_every_cell_has_an_id_of_its_notebook() -> None:
    """A book of all notebooks needs unique ids."""
    for name in NAMES:
        cells = json.loads((FOLDER / name).read_text(encoding="utf-8"))["cells"]
        ids = [cell["id"] for cell in cells]

        assert len(set(ids)) == len(ids)
        assert [one for one in ids if not one.startswith(name.removesuffix(".ipynb"))] == []


# --- one notebook --------------------------------------------------------------------------------


def has_header(name: str, cells: Cells) -> bool:
    """Title, minutes, objectives, what is needed, and the Binder link to this very file."""
    kind, text = cells[0]
    wanted = (
        r"\A# \S",
        r"^\*Reading: \d+ minutes\. Exercises: \d+ minutes\.\*$",
        r"^After this notebook you can\n\n(\* .+[;.]\n){3,}",
        r"^\*\*You need:\*\* ",
        re.escape(f"({BINDER}{name})"),
    )
    return kind == "markdown" and all(re.search(each, text, re.MULTILINE) for each in wanted)


def is_short(name: str, cells: Cells) -> bool:
    """12 to 26 cells; code cells of 1 to 8 lines that fit on the screen."""
    codes = [source for kind, source in cells if kind == "code"]
    return 12 <= len(cells) <= 26 and all(
        len(source.split("\n")) <= most_lines(source)
        and all(len(line) <= _most_signs(line) for line in source.split("\n"))
        for source in codes
    )


def most_lines(source: str) -> int:
    return MOST_FRAMEWORK_LINES if source.startswith("if pv.can_run(") else MOST_LINES


def _most_signs(line: str) -> int:
    return MOST_PASTED_SIGNS if "dimension size caused by" in line else MOST_LINE_SIGNS


def calls_of(source: str, name: str) -> list[ast.Call]:
    """The calls of one name of poolviz in a cell."""
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call for call in found if ast.unparse(call.func) == f"pv.{name}"]


def cards(source: str) -> list[pv.Exercise]:
    """The exercises of all cards of a cell."""
    found: list[pv.Exercise] = []

    def collect(*names: str, **words: int) -> None:
        found.extend(pv.exercise(name, **words) for name in names)

    shelf = SimpleNamespace(ExerciseCard=collect, exercises=pv.exercises)
    for call in calls_of(source, "ExerciseCard"):
        eval(ast.unparse(call), {"pv": shelf})
    return found


def following_card(cells: Cells, heading: str) -> list[list[pv.Exercise]]:
    """For each cell with such a heading the exercises of the code cell right after it."""
    pairs = itertools.pairwise([*cells, ("markdown", "")])
    return [
        cards(after) if kind_after == "code" else []
        for (kind, source), (kind_after, after) in pairs
        if kind == "markdown" and re.search(rf"^## {heading}", source, re.MULTILINE)
    ]


WIDGETS = ("PoolExplorer", "StackExplorer", "ErrorDecoder", "FrameworkComparison", "SizeMap")


def predicts_before_it_shows(name: str, cells: Cells) -> bool:
    """One "Predict" with a card right after it, and no widget before."""
    asked = following_card(cells, "Predict")
    is_asked = False
    for kind, source in cells:
        if kind == "code" and any(calls_of(source, widget) for widget in WIDGETS):
            break
        is_asked = is_asked or (kind == "code" and bool(cards(source)))
    return len(asked) == 1 and len(asked[0]) in (1, 3) and is_asked


def ends_with_exercises(name: str, cells: Cells) -> bool:
    """Under "Exercises" a card with two or three questions of this notebook; the sheet has more."""
    asked = following_card(cells, "Exercises")
    if name == SHEET:
        return len(asked) >= 3 and all(len(each) >= 3 for each in asked)
    own = all(one.notebook == name[:2] for each in asked for one in each)
    return len(asked) == 1 and 2 <= len(asked[0]) <= 3 and own


def types_no_answer(name: str, cells: Cells) -> bool:
    """Answers are computed by the cards; what else is folded away is closed."""
    text = prose(cells)
    is_closed = text.count("<details>") == text.count("</details>")
    return is_closed and not re.search(r"<summary>[^<]*(answer|solution)", text, re.IGNORECASE)


ORDER = ("Predict", "Look at it", "The rule", "The tempting", "The checked", "Other frameworks")


def keeps_the_order(name: str, cells: Cells) -> bool:
    """Predict, look, rule, wrong fix, checked fix, other frameworks, exercises, summary."""
    headings = re.findall(r"^## (.+)$", prose(cells), re.MULTILINE)
    wanted = () if name in OTHER_ORDER else ORDER
    found = [
        next((i for i, heading in enumerate(headings) if heading.startswith(start)), None)
        for start in (*wanted, "Exercises", "Summary")
    ]
    return all(i is not None for i in found) and found == sorted(i or 0 for i in found)


def ends_with_three_lines(name: str, cells: Cells) -> bool:
    """The last cell is the summary."""
    text = cells[-1][1]
    return re.match(r"## Summary\n\n(\* .+\n){3}\n", text) is not None


def links_exist(name: str, cells: Cells) -> bool:
    return all((FOLDER / target).is_file() for target in links(prose(cells)))


def needs_no_other_site(name: str, cells: Cells) -> bool:
    """A page made of it fetches no picture from elsewhere, not even Binder's badge."""
    return not re.search(r"!\[[^\]]*\]\(\w*:?//|<(?:img|script|link|iframe)\b", prose(cells))


RULES: tuple[Callable[[str, Cells], bool], ...] = (
    has_header,
    is_short,
    predicts_before_it_shows,
    ends_with_exercises,
    types_no_answer,
    keeps_the_order,
    ends_with_three_lines,
    links_exist,
    needs_no_other_site,
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rule", RULES)
def test_every_notebook_keeps_the_rule(rule: Callable[[str, Cells], bool], name: str) -> None:
    assert rule(name, cells_of(name)), f"{name} breaks the rule: {rule.__name__}"


def _replaced(cells: Cells, old: str, new: str) -> Cells:
    return [(kind, source.replace(old, new)) for kind, source in cells]


def _changed(cells: Cells, place: int, old: str, new: str) -> Cells:
    kind, source = cells[place]
    assert old in source
    return [*cells[:place], (kind, source.replace(old, new)), *cells[place:][1:]]


MUTATIONS: dict[str, tuple[Callable[[str, Cells], bool], Callable[[Cells], Cells]]] = {
    "another file on Binder": (has_header, lambda cells: _changed(cells, 0, START, NAMES[1])),
    "no minutes": (has_header, lambda cells: _changed(cells, 0, "minutes", "min")),
    "a cell too many": (is_short, lambda cells: [*cells, *cells[:4]]),
    "a line too many": (is_short, lambda cells: [*cells[:-1], ("code", "\n" * MOST_LINES)]),
    "a line too long": (is_short, lambda cells: [*cells[:-1], ("code", "x" * 101)]),
    "no card to predict": (
        predicts_before_it_shows,
        lambda cells: [cell for cell in cells if "seed=16" not in cell[1]],
    ),
    "a widget before": (
        predicts_before_it_shows,
        lambda cells: [cells[0], ("code", "pv.PoolExplorer(8, 3)"), *cells[1:]],
    ),
    "one exercise": (
        ends_with_exercises,
        lambda cells: [
            (kind, source.replace(', "size-padded"', "").replace(', "size-two-axes"', ""))
            for kind, source in cells
        ],
    ),
    "an exercise of another notebook": (
        ends_with_exercises,
        lambda cells: [
            (kind, source.replace('"size-padded"', '"same-size"')) for kind, source in cells
        ],
    ),
    "an open answer": (types_no_answer, lambda cells: [*cells, ("markdown", "<details>")]),
    "a typed answer": (
        types_no_answer,
        lambda cells: [*cells, ("markdown", "<details><summary>Answer</summary>3</details>")],
    ),
    "exercises after the summary": (
        keeps_the_order,
        lambda cells: [*cells[:-3], cells[-1], *cells[-3:-1]],
    ),
    "two lines": (ends_with_three_lines, lambda cells: [*cells, ("markdown", "## Summary\n\n* a")]),
    "a badge": (
        needs_no_other_site,
        lambda cells: [*cells, ("markdown", "[![Binder](https://mybinder.org/badge_logo.svg)](x)")],
    ),
    "a dead link": (links_exist, lambda cells: [*cells, ("markdown", "[x](99_x.ipynb)")]),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_rules_notice_a_change(mutation: str) -> None:
    rule, change = MUTATIONS[mutation]
    cells = cells_of(START)

    assert rule(START, cells)
    assert not rule(START, change(cells))


# --- all of them ---------------------------------------------------------------------------------


def test_previous_and_next_make_one_chain() -> None:
    """First and last cell say the same; the chain is the order of the file names."""
    for place, name in enumerate(NAMES):
        cells = cells_of(name)
        before = NAMES[place - 1 : place] if place else []
        after = NAMES[place + 1 : place + 2] or [START]
        for text in (cells[0][1], cells[-1][1]):
            assert links(text.rstrip().split("\n")[-1]) == before + after, name


def table_of(name: str) -> list[str]:
    """The lines of the table in the last cell."""
    return [line for line in cells_of(name)[-1][1].split("\n") if line.startswith("| ")]


def test_start_lists_all_others_in_order() -> None:
    assert links("\n".join(table_of(START))) == NAMES[1:]


# --- single notebooks ----------------------------------------------------------------------------

DISAGREE, MYTHS = "10_frameworks_disagree.ipynb", "12_myths.ipynb"
WRONG, HALF_TRUE = "wrong", "half true"


def test_conversions_ran_as_is_told() -> None:
    written = {lines.key for lines in converted()}

    assert all(row["equal"] for row in recorded() if row["call"] in written)


# A predict card, and the widget after it: the same layer on the same input.
PREDICTED = {
    "00": (
        r"8 × 8 is passed to `nn.MaxPool2d\(3, stride=2\)`",
        "3×3, stride 2, no padding on 8 × 8",
    ),
    "01": ("10 cells, the kernel size is 15", "15×15, stride 15, no padding on 10 × 10"),
    "02": (r"10 × 10 .*\(3, stride=5\)`", "3×3, stride 5, no padding on 10 × 10"),
    "03": (r"row of 10 .*\(3, strides=2, padding='same'\)", r"0 before, 1 after\) on 10 × 10"),
    "04": (r"nn.MaxPool2d\(3, stride=2\)", "3×3, stride 2, padding 2 on 7 × 7: PyTorch raises"),
    "05": ("1 × 28 .* size 2 and stride 2 in JAX", "2×2, stride 2, no padding on 1 × 28: JAX"),
    "06": ("size 2 and stride 2 .* 28 × 28", "on 3 × 28 × 28: stops"),
    "07": (r"\(1, 28, 28\), .* Keras", "on 1 × 28 × 28: stops .* Keras"),
    "08": ("80 × 80", "on 3 × 80 × 80: stops"),
    "09": ("sequence of 30 elements", "on 30 × 100: stops"),
    "10": (r"6 × 6 .*nn.AvgPool2d\(3, stride=2, padding=1\)", "AvgPool 3×3, stride 2"),
    "11": ("subtracting 4 from 2", "The window 4 is longer than the input 2"),
    "13": (r"12 × 39 .*\(3, stride=2, padding=1, dilation=2\)", "padding 1, dilation 2 on 12 × 39"),
}


@pytest.mark.parametrize("number", PREDICTED)
def test_what_is_predicted_is_what_is_shown(number: str) -> None:
    (name,) = (name for name in NAMES if name.startswith(number))
    question, shown = PREDICTED[number]
    widgets = [
        "".join(output["data"]["text/plain"])
        for cell in json.loads((FOLDER / name).read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
        and any(calls_of("".join(cell["source"]), widget) for widget in WIDGETS)
        for output in cell["outputs"]
        if "data" in output
    ]

    assert re.search(question, following_card(cells_of(name), "Predict")[0][0].question)
    assert re.search(shown, widgets[0])


def test_every_myth_is_told_tested_and_judged_alike() -> None:
    """As many claims in the list, in the headings and in the table; the same verdicts in order."""
    text = prose(cells_of(MYTHS))
    told = re.findall(r"^(\d)\. \S", text.split("The card")[0], re.MULTILINE)
    tested = re.findall(r"\d", " ".join(re.findall(r"^## Claims? (.+):", text, re.MULTILINE)))
    judged = [verdict for line in table_of(MYTHS)[1:] for verdict in line.split(" | ")[1:2]]
    said = re.findall(r"^\*\*(Both )?(wrong|half true)\b", text, re.MULTILINE | re.IGNORECASE)

    assert told == tested == [str(place + 1) for place in range(len(judged))]
    assert judged == [verdict.lower() for both, verdict in said for _ in range(1 + bool(both))]
    assert judged == [WRONG] * 3 + [HALF_TRUE] * 6  # "the first three are wrong, the other six …"
