"""Where a convolution of a network is shown, no text is about pooling."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import poolviz as pv
from poolviz.failures.explain import explain

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")
_POOLING = re.compile(r"(?:Max|Avg|Average)_?Pool|max_pool|avg_pool|MaxPooling")


def failing(framework: str = "pytorch") -> pv.Stack:
    layers = [pv.Conv(8, 5), pv.DepthwiseConv(5), pv.ConvTranspose(4, 2), *[pv.Conv(8, 7)] * 3]
    return pv.Stack(layers, (3, 20, 20), framework=framework, data_format="channels_first")


def _page(stack: pv.Stack, folder: Path) -> str:
    """The words of a saved page; its program knows the names of all layers."""
    pv.StackExplorer(stack).save(folder / "page.html")
    text = (folder / "page.html").read_text(encoding="utf-8")
    return re.sub(r"<script(?! type=.application/json).*?</script>", "", text, flags=re.DOTALL)


PLACES: dict[str, Callable[[pv.Stack, Path], str]] = {
    "explorer of a stack": lambda stack, folder: json.dumps(pv.StackExplorer(stack).view.state),
    "layer below it": lambda stack, folder: json.dumps(pv.StackExplorer(stack).explorer.state),
    "diagnosis": lambda stack, folder: str(stack.diagnosis),
    "table": lambda stack, folder: stack.table(),
    "row of feature maps": lambda stack, folder: pv.draw(stack).alt,
    "saved page": _page,
    "explained failure": lambda stack, folder: str(explain(stack)),
    "check": lambda stack, folder: str(pv.check(stack)),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_place_shows_a_convolution_as_one(place: str, tmp_path: Path) -> None:
    text = PLACES[place](failing(), tmp_path)

    assert "Conv" in text
    assert _POOLING.findall(text) == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_fixes_of_a_network_are_about_convolutions(framework: str) -> None:
    stack = failing(framework)
    fixes = [f"{fix} {fix.code}" for fix in stack.diagnosis.fixes]

    assert fixes
    assert _POOLING.findall(" ".join(fixes)) == []


def test_exercises_and_question_banks_show_convolutions(tmp_path: Path) -> None:
    names = pv.exercises("14")
    pv.export_questions(tmp_path / "bank.xml", names)
    cards = [
        json.dumps(pv.ExerciseCard(name, seed=seed).state) for name in names for seed in (0, 1)
    ]
    bank = (tmp_path / "bank.xml").read_text(encoding="utf-8")

    assert len(names) >= 10
    assert min(map(len, cards)) > 100
    assert _POOLING.findall("".join(cards) + bank) == []
