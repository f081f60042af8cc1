"""The wire format is the same in wire.py, in types.d.ts, and in what is sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import poolviz as pv
import poolviz.browser
from poolviz.widgets.base import wire

TYPES = (Path(poolviz.browser.__file__).parent / "types.d.ts").read_text(encoding="utf-8")
OF_EVERY_STATE = {"seq", "answers", "problem", "canUndo", "canRedo", "opens"}
ONLY_ON_PAGES = {"isStored", "offers"}
SAME_NAMES = (
    "ComparisonRow",
    "ComparisonState",
    "ConvolutionSettings",
    "CardState",
    "DecoderState",
    "ExplorerState",
    "Finding",
    "Fix",
    "Geometry",
    "NetworkPlace",
    "PictureState",
    "Plane",
    "Settings",
    "SizeMapState",
    "StackRow",
    "StackState",
    "TaskState",
)
STATES: dict[str, Any] = {
    "ExplorerState": lambda: pv.PoolExplorer(10, 15),
    "SizeMapState": lambda: pv.SizeMap(10, 3).view,
    "ComparisonState": lambda: pv.FrameworkComparison(10, 3).view,
    "StackState": lambda: pv.StackExplorer(pv.Stack([pv.Pool(2)] * 3, (1, 5, 5))).view,
    "DecoderState": lambda: pv.ErrorDecoder("x").view,
    "CardState": lambda: pv.ExerciseCard("size-plain"),
}


def in_typescript(name: str, source: str = TYPES) -> set[str]:
    """The keys of an interface and of those that it extends."""
    found = re.search(
        rf"interface {name}(?: extends ([\w, ]+))? \{{\n(.*?)\n\}}", source, re.DOTALL
    )
    assert found is not None, name
    keys = set(re.findall(r"^  (\w+)\??:", found[2], re.MULTILINE))
    bases = found[1].split(", ") if found[1] else []
    return keys.union(*(in_typescript(base, source) for base in bases))


def in_python(name: str) -> set[str]:
    return set(get_type_hints(getattr(wire, name)))


@pytest.mark.parametrize("name", SAME_NAMES)
def test_both_languages_have_the_same_keys(name: str) -> None:
    assert in_typescript(name) - OF_EVERY_STATE - ONLY_ON_PAGES == in_python(name)


@pytest.mark.parametrize("name", STATES)
def test_a_state_has_the_keys_of_its_type(name: str) -> None:
    assert set(STATES[name]().state) == in_python(name) | OF_EVERY_STATE


def test_settings_and_fixes_have_the_keys_of_their_types() -> None:
    state = pv.PoolExplorer(10, 15).state
    fitted = pv.PoolExplorer(10, layer=pv.AdaptivePool(3)).state

    assert set(state["settings"]) == in_python("Settings") - {"output_size", "convolution"}
    convolved = pv.LayerExplorer(pv.Conv(1, 3), 8).state["settings"]

    assert set(fitted["settings"]) == in_python("Settings") - {"convolution"}
    assert set(convolved) == in_python("Settings") - {"output_size"}
    assert set(convolved["convolution"]) == in_python("ConvolutionSettings")
    assert set(state["fixes"][0]) == in_python("Fix")
    assert set(state["findings"][0]) == in_python("Finding")


def test_keys_are_read_across_interfaces() -> None:
    source = (
        "interface A {\n  a: string;\n}\nexport interface B extends A {\n  b?: { c: 1 }[];\n}\n"
    )

    assert in_typescript("B", source) == {"a", "b"}
