"""What every notebook has: its header, its size, hidden answers, three lines at the end, links.

That the outputs are right is nbval's business; the links are what breaks when a notebook is added.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import poolviz as pv

from .record_conversions import converted, recorded

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NAMES = sorted(path.name for path in FOLDER.glob("*.ipynb"))
START = NAMES[0]
BINDER = "https://mybinder.org/v2/gh/poolviz/poolviz/main?urlpath=lab/tree/notebooks/"
MOST_LINES = 6  # of a code cell
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
    """12 to 20 cells; code cells of 1 to 6 lines that fit on the screen."""
    codes = [source for kind, source in cells if kind == "code"]
    return 12 <= len(cells) <= 20 and all(
        len(source.split("\n")) <= MOST_LINES
        and all(len(line) <= _most_signs(line) for line in source.split("\n"))
        for source in codes
    )


def _most_signs(line: str) -> int:
    return MOST_PASTED_SIGNS if "dimension size caused by" in line else MOST_LINE_SIGNS


def hides_answers(name: str, cells: Cells) -> bool:
    """Predict and exercises each with a hidden answer; what is opened is closed."""
    text = prose(cells)
    headed = [source for kind, source in cells if re.match(r"## (Predict|Exercise)", source)]
    is_closed = text.count("<details>") == text.count("</details>")
    return is_closed and len(headed) >= 2 and all("<details>" in source for source in headed)


def ends_with_three_lines(name: str, cells: Cells) -> bool:
    """The last cell is the summary."""
    text = cells[-1][1]
    return re.match(r"## Summary\n\n(\* .+\n){3}\n", text) is not None


def links_exist(name: str, cells: Cells) -> bool:
    return all((FOLDER / target).is_file() for target in links(prose(cells)))


RULES: tuple[Callable[[str, Cells], bool], ...] = (
    has_header,
    is_short,
    hides_answers,
    ends_with_three_lines,
    links_exist,
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rule", RULES)
def test_every_notebook_keeps_the_rule(rule: Callable[[str, Cells], bool], name: str) -> None:
    assert rule(name, cells_of(name)), f"{name} breaks the rule: {rule.__name__}"


def _changed(cells: Cells, place: int, old: str, new: str) -> Cells:
    kind, source = cells[place]
    assert old in source
    return [*cells[:place], (kind, source.replace(old, new)), *cells[place:][1:]]


MUTATIONS: dict[str, tuple[Callable[[str, Cells], bool], Callable[[Cells], Cells]]] = {
    "another file on Binder": (has_header, lambda cells: _changed(cells, 0, START, NAMES[1])),
    "no minutes": (has_header, lambda cells: _changed(cells, 0, "minutes", "min")),
    "a cell too many": (is_short, lambda cells: [*cells, *cells[:2]]),
    "a line too many": (is_short, lambda cells: [*cells[:-1], ("code", "\n" * MOST_LINES)]),
    "a line too long": (is_short, lambda cells: [*cells[:-1], ("code", "x" * 101)]),
    "an open answer": (hides_answers, lambda cells: [*cells, ("markdown", "<details>")]),
    "no answers": (
        hides_answers,
        lambda cells: [(kind, re.sub("</?details>", "", source)) for kind, source in cells],
    ),
    "two lines": (ends_with_three_lines, lambda cells: [*cells, ("markdown", "## Summary\n\n* a")]),
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


# --- what single notebooks tell ------------------------------------------------------------------

DISAGREE, MYTHS = "10_frameworks_disagree.ipynb", "12_myths.ipynb"
WRONG, HALF_TRUE = "wrong", "half true"


def test_as_many_conversions_ran_as_are_told() -> None:
    written = {lines.key for lines in converted()}
    rows = [row for row in recorded() if row["call"] in written]

    assert all(row["equal"] for row in rows)
    assert f"We ran {len(rows):,} such conversions" in prose(cells_of(DISAGREE))


def test_keras_on_two_backends_gives_what_is_told() -> None:
    """The numbers were seen in Keras 3.15.1; on PyTorch 2.13.0 its odd padding repeats the edge."""
    x = np.arange(1.0, 37).reshape(6, 6)
    layer = pv.Pool(3, stride=2, op="avg")
    default = pv.pool(x, replace(layer, padding="same", framework="keras"))
    on_pytorch = pv.pool(np.pad(x, ((0, 1), (0, 1)), mode="edge"), layer)

    assert default[-1].tolist() == [29, 31, 32.5]
    assert on_pytorch[-1].round(2).tolist() == [30, 32, 33.67]
    told = "the last row is 29, 31, 32.5. On PyTorch 2.13.0 it is 30, 32, 33.67"
    assert told in prose(cells_of(DISAGREE))


def test_every_myth_is_told_tested_and_judged_alike() -> None:
    """As many claims in the list, in the headings and in the table; the same verdicts in order."""
    text = prose(cells_of(MYTHS))
    told = re.findall(r"^(\d)\. \S", text.split("<details>")[0], re.MULTILINE)
    tested = re.findall(r"\d", " ".join(re.findall(r"^## Claims? (.+):", text, re.MULTILINE)))
    judged = [verdict for line in table_of(MYTHS)[1:] for verdict in line.split(" | ")[1:2]]
    said = re.findall(r"^\*\*(Both )?(wrong|half true)\b", text, re.MULTILINE | re.IGNORECASE)

    assert told == tested == [str(place + 1) for place in range(len(judged))]
    assert judged == [verdict.lower() for both, verdict in said for _ in range(1 + bool(both))]
    assert judged == [WRONG] * 3 + [HALF_TRUE] * 6  # "the first three are wrong, the other six …"
