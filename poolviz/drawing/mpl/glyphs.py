"""Text as paths with one cached path per glyph: text takes most of matplotlib's drawing time.

The font is loaded from matplotlib's own DejaVu Sans files, so that pictures do not depend on the
fonts of a machine.
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
    if not (character.isprintable() or character.isspace()):  # control and direction marks
        return Outline(np.empty((0, 2)), np.empty(0, dtype=np.uint8), 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # for a missing glyph, drawn as a box
        width, _, _ = text_to_path.get_text_width_height_descent(character, font, ismath=False)
        vertices, codes = text_to_path.get_text_path(font, character)
    if len(vertices) == 0:  # a space
        return Outline(np.empty((0, 2)), np.empty(0, dtype=np.uint8), width / _EM)
    return Outline(np.asarray(vertices) / _EM, np.asarray(codes, dtype=np.uint8), width / _EM)


@lru_cache(maxsize=1024)
def outline(text: str, bold: bool = False) -> Outline:
    """Return the outline of a line of text."""
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
    """A text and the left end of its base line, in picture units."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    upright: bool = False


def compound(placings: Iterable[Placing]) -> Path | None:
    """Return many texts as one path, which a single call fills; None for no texts."""
    vertices, codes = [], []
    for text, x, y, size, bold, upright in placings:
        shape = outline(text, bold)
        if upright:
            # A quarter turn to the left: (x, y) becomes (−y, −x), as y grows downwards in pictures.
            turned = shape.vertices[:, ::-1] * (-size, -size)
            vertices.append(turned + np.array((x, y)))
        else:
            vertices.append(shape.vertices * (size, -size) + np.array((x, y)))
        codes.append(shape.codes)
    if not vertices:
        return None
    return Path(np.concatenate(vertices), np.concatenate(codes))
