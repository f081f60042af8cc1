"""A picture and its parts as frozen values in picture units; no matplotlib, no pixels.

1 unit is 1 pixel at scale 1, y grows downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from poolviz.drawing.scene.layout import Plane, Rect
from poolviz.drawing.scene.numerals import NumberText

Role = Literal[
    "padding",  # cells that were added
    "unread",  # input cells that no window reads
    "never",  # the same, strong
    "window",  # every window's outline, light
    "kernel",  # the current window and its output cell
    "tap",  # the cells that a dilated window reads
    "field",  # what the current output cell sees
    "winner",  # the maximum of the current window
    "tie",  # other cells of it that hold the same value
    "lost",  # elements of a kernel that does not fit for which there are no cells
    "broken",  # a kernel that does not fit
    "missing",  # the part of it for which there are no cells
    "edge",  # where the padded input ends
    "ghost",  # an output that is not there, because the call raises
    "nothing",  # an output that is not there although the call returns
    "slice",  # the depth slice that is shown
    "map",  # a map of a network, as a block
    "differs",  # output cells that another framework fills otherwise
    "infeasible",  # settings for which no window fits
    "refused",  # settings that the framework rejects
]
Tone = Literal["text", "muted", "error", "good", "accent"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Rectangles that play one role in the picture."""

    role: Role
    rects: tuple[Rect, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text: where, how large, how it is meant."""

    x: float
    y: float
    text: str
    tone: Tone = "text"
    size: float = 12.0
    align: Literal["left", "center", "right"] = "left"
    bold: bool = False
    upright: bool = False  # turned by 90°, read from below


@dataclass(frozen=True, slots=True)
class Arrow:
    """A double arrow from one point to another, to measure something."""

    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The coloured cells of one plane: a level in 0…1 per cell, None where there are no values."""

    plane: Plane
    levels: NDArray[np.float64] | None
    numbers: NumberText | None


class Symbols(NamedTuple):
    """The symbol in the padding cells of a picture's first plane, its font size, and the cells."""

    text: str
    size: float
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """What is painted, in this order; every picture and chart is one.

    `captions` are placed from the upper edge, everything else from `top` units below it.
    """

    width: float
    height: float
    captions: tuple[Label, ...] = ()
    top: float = 0.0
    cells: tuple[Cells, ...] = ()
    marks: tuple[Mark, ...]
    symbols: Symbols | None = None
    arrows: tuple[Arrow, ...] = ()
    labels: tuple[Label, ...]
