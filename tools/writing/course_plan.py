"""The tables of `docs/course-plan.md`, read from notebooks, exercises and assessments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from poolviz.arithmetic.framework_names import COURSES
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.exercises.courses import belongs
from poolviz.exercises.library import TEMPLATES, UNLISTED
from poolviz.teaching.concept.items import ITEMS

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
ASSIGNMENT = ROOT / "docs" / "teaching" / "nbgrader" / "pooling.ipynb"
LABS = ROOT / "docs" / "teaching" / "labs"


class Notebook(NamedTuple):
    """What the first cell of a notebook states."""

    name: str
    title: str
    reading: int
    exercising: int
    objectives: list[str]

    @property
    def number(self) -> str:
        """The two digits that exercises use."""
        return self.name[:2]

    @property
    def link(self) -> str:
        """A link from a page in `docs`."""
        return f"[{self.number} {self.title}](../notebooks/{self.name})"


def notebooks() -> list[Notebook]:
    """Return all notebooks, in order."""
    return [_read(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]


def _read(path: Path) -> Notebook:
    text = _sources(path)[0]
    minutes = re.search(r"Reading: (\d+) minutes\. Exercises: (\d+) minutes\.", text)
    listed = re.search(r"After this notebook you can\n\n((?:\* .+\n)+)", text)
    assert minutes is not None, path.name
    assert listed is not None, path.name
    objectives = [line[2:].rstrip(";.") for line in listed[1].splitlines()]
    title = text.partition("\n")[0].lstrip("# ")
    return Notebook(path.name, title, int(minutes[1]), int(minutes[2]), objectives)


def _sources(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells]


def hours() -> str:
    """Return the total time, as stated by the notebooks."""
    read = sum(one.reading for one in notebooks())
    done = sum(one.exercising for one in notebooks())
    return (
        f"All {len(notebooks())} notebooks take {_hours(read)} hours of reading and "
        f"{_hours(done)} hours of exercises, {_hours(read + done)} hours together, as their first "
        f"lines state; the labs take one hour each. Nobody has measured these times in a class."
    )


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}"


def matrix() -> str:
    """Return objectives, notebook, exercises and assessment, a row for each notebook."""
    lines = [
        "| you can … | notebook | minutes | exercises | assessment |",
        "|---|---|---|---|---|",
    ]
    for one in notebooks():
        own = [id for id, each in TEMPLATES.items() if each.notebook == one.number]
        lines.append(
            f"| {'; '.join(one.objectives)} | {one.link} | {one.reading} + {one.exercising} | "
            f"{', '.join(f'`{id}`' for id in own) or '–'} | "
            f"{'; '.join(assessments(one.number)) or 'its exercises'} |"
        )
    return "\n".join(lines)


def assessments(number: str) -> Iterator[str]:
    """Yield what assesses a notebook: items of the concept test, tasks, labs."""
    everything = {**TEMPLATES, **UNLISTED}
    items = [place for place, id in enumerate(ITEMS, 1) if everything[id].notebook == number]
    if items:
        yield f"[concept test](instructor-guide.md), item {', '.join(map(str, items))}"
    asked = re.findall(r"""exercise\(\s*["']([\w-]+)["']""", "\n".join(_sources(ASSIGNMENT)))
    if any(everything[id].notebook == number for id in asked if id in everything):
        yield "[graded assignment](teaching/README.md)"
    if any(f"../{number}_" in source for path in LABS.glob("*.ipynb") for source in _sources(path)):
        yield "[lab](teaching/README.md#labs)"


def courses() -> str:
    """Return how many exercises of each notebook belong to a course in one framework."""
    titles = [FRAMEWORKS[name].title for name in COURSES]
    lines = [f"| notebook | both | {' | '.join(titles)} |", "|---|---|---|---|"]
    total = [0, 0, 0]
    for one in notebooks():
        own = [id for id, each in TEMPLATES.items() if each.notebook == one.number]
        counts = [len(own), *(sum(belongs(id, name) for id in own) for name in COURSES)]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        lines.append(f"| {one.link} | {' | '.join(map(str, counts))} |")
    return "\n".join([*lines, f"| together | {' | '.join(map(str, total))} |"])
