"""One visual language: colours and sizes of text are stated once, for widgets and pictures."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import poolviz
from poolviz.drawing.scene.theme import DARK, LIGHT, Theme

PACKAGE = Path(poolviz.__file__).parent
VARIABLES = PACKAGE / "drawing/output/theme.css"
SHEETS = sorted(path for path in PACKAGE.rglob("*.css") if path != VARIABLES)
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")
# Sizes of text and heights of lines that belong to one place: numbers on cells, headings.
OWN_SIZES = {"bold 9px sans-serif", "16px", "22px", "23px"}


def without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def hex_of(theme: Theme, name: str) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in theme.tone(name))


def test_pictures_and_words_have_the_same_colours() -> None:
    usual, _, _ = without_comments(VARIABLES).partition("@media")
    found = dict(re.findall(r"--pv-(\w+): light-dark\((#\w{6}, #\w{6})\)", usual))
    known = {field.name for field in fields(Theme)} - {"name"}
    found["accent"] = found["silent"]

    assert {"page", "text", "muted", "error", "good", "kernel", "accent"} <= known & set(found)
    for name in known & set(found):
        assert found[name] == f"{hex_of(LIGHT, name)}, {hex_of(DARK, name)}", name


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_states_no_colour_and_no_size_of_text(path: Path) -> None:
    text = without_comments(path)
    sizes = re.findall(r"[{;]\s*(?:font|font-size|line-height): ([^;}]+?)\s*[;}]", text)

    assert COLOUR.findall(text) == []
    assert [
        one for one in sizes if "var(--pv-" not in one and one not in {*OWN_SIZES, "inherit"}
    ] == []
    assert {*re.findall(r"var\((--pv-[\w-]+)", text)} <= {
        *re.findall(r"(--pv-[\w-]+):", VARIABLES.read_text(encoding="utf-8") + text),
        *("--pv-left", "--pv-top"),  # of the picture, by the viewport
    }
