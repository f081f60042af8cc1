"""Text as paths, one cached path per glyph: text is what makes a matplotlib picture slow.

The font is the DejaVu Sans that matplotlib brings along, taken from its own file: pictures are the
same everywhere, whatever fonts a machine has.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

_EM = 100.0  # glyphs are stored at this size


class Outline(NamedTuple):
    """A text at size 1: vertices with y upwards, path codes, advance width."""

    vertices: NDArray[np.float64]
    codes: NDArray[np.uint8]
    width: float


@lru_cache(maxsize=2)
def _font(bold: bool) -> FontProperties:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FontProperties(fname=f"{matplotlib.get_data_path()}/fonts/ttf/{name}", size=_EM)


@lru_cache(maxsize=1024)
def _glyph(character: str, bold: bool) -> Outline:
    font = _font(bold)
    if not (
        character.isprintable() or character.isspace()
    ):  # a control sign, or one that only turns the direction
        return Outline(np.empty((0, 2)), np.empty(0, dtype=np.uint8), 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sign that the font has not is drawn as an empty box
        width, _, _ = text_to_path.get_text_width_height_descent(character, font, ismath=False)
        vertices, codes = text_to_path.get_text_path(font, character)
    if len(vertices) == 0:  # a space
        return Outline(np.empty((0, 2)), np.empty(0, dtype=np.uint8), width / _EM)
    return Outline(np.asarray(vertices) / _EM, np.asarray(codes, dtype=np.uint8), width / _EM)


@lru_cache(maxsize=1024)
def outline(text: str, bold: bool = False) -> Outline:
    """A line of text, its glyphs side by side."""
    vertices, codes, x = [], [], 0.0
    for character in text:
        glyph = _glyph(character, bold)
        vertices.append(glyph.vertices + np.array((x, 0.0)))
        codes.append(glyph.codes)
        x += glyph.width
    if not vertices:
        return Outline(np.empty((0, 2)), np.empty(0, dtype=np.uint8), 0.0)
    return Outline(np.concatenate(vertices), np.concatenate(codes), x)


class Placing(NamedTuple):
    """A text at its place: the left end of its base line, in picture units."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    upright: bool = False


def compound(placings: Iterable[Placing]) -> Path | None:
    """Many texts as one path, so that one drawing call fills them all."""
    vertices, codes = [], []
    for text, x, y, size, bold, upright in placings:
        shape = outline(text, bold)
        if upright:
            turned = shape.vertices[:, ::-1] * (-size, -size)
            vertices.append(turned + np.array((x, y)))
        else:
            vertices.append(shape.vertices * (size, -size) + np.array((x, y)))
        codes.append(shape.codes)
    if not vertices:
        return None
    return Path(np.concatenate(vertices), np.concatenate(codes))
