"""Notebooks for a course in one framework: they run, and they are of that framework."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.layers import in_use
from poolviz.cli.course import for_course
from tests.support.paths import ROOT

COURSES = ("pytorch", "keras")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Cells for a framework in the course of one, without a tag.
TRIES_FOR_ITSELF = ("try:  # needs PyTorch", "if pv.can_run(")
# What a notebook shows before it compares frameworks, in each course.
SHOWS = {
    ("00", "pytorch"): r"nn\.MaxPool2d\(3, stride=2\)",
    ("00", "keras"): r"layers\.MaxPooling2D\(3, strides=2\)",
    ("01", "pytorch"): "Given input size: (3x10x10)",
    ("01", "keras"): "inputs.shape=[None 10 10 3]",
    ("02", "pytorch"): "Given input size: (3x2x2)",
    ("02", "keras"): "inputs.shape=[None 2 2 3]",
    ("06", "pytorch"): "Given input size: (512x1x1)",
    ("06", "keras"): "inputs.shape=[None 1 1 512]",
    ("08", "pytorch"): "Given input size: (256x3x3)",
    ("08", "keras"): "inputs.shape=[None 3 3 256]",
    ("09", "pytorch"): "smallest length: (35,)",
    ("09", "keras"): "smallest length: (35,)",
    ("14", "pytorch"): "Calculated padded input size per channel: (5 x 9)",
    ("14", "keras"): "inputs shape=(None, 5, 9, 1)",
}


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(in_use, "_chosen", None)
    yield
    pv.unwatch()


def cells_of(path: Path, course: str) -> list[dict[str, Any]]:
    made = for_course(path.read_text(encoding="utf-8"), course)
    return list(json.loads(made)["cells"])


def own(cell: dict[str, Any]) -> bool:
    return any(tag in COURSES for tag in cell["metadata"].get("tags", ()))


@pytest.mark.parametrize("course", COURSES)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_in_a_course(
    path: Path, course: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    names: dict[str, Any] = {}
    printed = io.StringIO()
    cells = cells_of(path, course)
    with contextlib.redirect_stdout(printed):
        for cell in cells:
            source = "".join(cell["source"])
            if cell["cell_type"] != "code" or own(cell) or source.startswith(TRIES_FOR_ITSELF):
                continue
            may_raise = "raises-exception" in cell["metadata"].get("tags", ())
            try:
                exec(compile(source, path.name, "exec"), names)
            except Exception:
                assert may_raise, source
            else:
                assert not may_raise, source

    assert pv.use() == course
    assert {tag for cell in cells for tag in cell["metadata"].get("tags", ())} & set(COURSES) == {
        course
    }
    shown = SHOWS.get((path.stem[:2], course))
    text = "\n".join("".join(cell["source"]) for cell in cells) + printed.getvalue()
    assert shown is None or shown in text or re.search(shown, text)


def test_only_cells_of_the_framework_keep_outputs() -> None:
    for cell in cells_of(NOTEBOOKS[1], "keras"):
        if cell["cell_type"] == "code":
            assert bool(cell["outputs"]) == own(cell)
            assert cell["execution_count"] is None


def test_a_cell_can_be_left_out_and_another_text_taken() -> None:
    def markdown(text: str, **variants: str) -> dict[str, Any]:
        metadata = {"poolviz": variants} if variants else {}
        return {"cell_type": "markdown", "metadata": metadata, "source": text}

    cells = [markdown("a"), markdown("b", keras=""), markdown("c", keras="d", pytorch="e")]
    made = json.loads(for_course(json.dumps({"cells": cells}), "keras"))

    assert ["".join(cell["source"]) for cell in made["cells"]] == ["a", "d"]
