"""Strokes and fills of each role; every role has a pattern, so that none depends on colour.

Plain data, so that matplotlib and the script of a saved page paint the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from poolviz.drawing.scene.picture import Role

WINDOW_ALPHA, UNREAD_ALPHA = 0.85, 0.55
DASHED, DOTTED, FINE = (7, 5), (2, 4), (3, 2)

Shape = Literal[
    "rects",  # the rectangles themselves; several are one path, so crossings are not filled twice
    "hatch",  # rising lines at 45° in them
    "falling",  # falling ones
    "dots",
    "edges",  # from the upper left corner to the lower right one, of what has no area
]


@dataclass(frozen=True, slots=True)
class MarkStyle:
    """One stroke, or a fill if `width` is 0, in a colour of the theme."""

    colour: str
    shape: Shape = "rects"
    width: float = 0.0
    alpha: float = 1.0
    inset: float = 0.0
    dashes: tuple[int, ...] = ()


# Marks under the numbers of a cell are light; frames of cells are strong.
MARK_STYLES: dict[Role, tuple[MarkStyle, ...]] = {
    "padding": (MarkStyle("padding"), MarkStyle("padding_line", "hatch", 0.8)),
    "unread": (MarkStyle("unread", alpha=UNREAD_ALPHA), MarkStyle("unread_dot", "dots", 0.6)),
    "never": (
        MarkStyle("unread"),
        MarkStyle("unread_dot", "hatch", 1.2),
        MarkStyle("unread_dot", "falling", 1.2),
        MarkStyle("text", width=2.0, inset=1),
    ),
    "window": (MarkStyle("window", width=1.0, alpha=WINDOW_ALPHA, inset=0.5),),
    "kernel": (MarkStyle("page", width=6.5, alpha=0.9), MarkStyle("kernel", width=4.0)),
    "tap": (MarkStyle("kernel", alpha=0.18, inset=2),),
    "field": (MarkStyle("kernel", alpha=0.22), MarkStyle("kernel", "falling", 1.2)),
    "winner": (MarkStyle("accent", width=2.5, inset=3),),
    "tie": (MarkStyle("accent", width=1.5, inset=3, dashes=FINE),),
    "lost": (MarkStyle("page", inset=3), MarkStyle("error", width=2.0, inset=3)),
    "broken": (MarkStyle("error", alpha=0.07), MarkStyle("error", width=4.0)),
    "missing": (
        MarkStyle("page"),
        MarkStyle("error", "hatch", 1.0, alpha=0.8),
        MarkStyle("error", "falling", 1.0, alpha=0.8),
    ),
    "edge": (MarkStyle("text", "edges", 2.5),),
    "ghost": (MarkStyle("error", width=2.0, dashes=DASHED),),
    "nothing": (MarkStyle("muted", width=2.0, dashes=DOTTED),),
    "slice": (MarkStyle("kernel", inset=2),),
    "map": (MarkStyle("high"), MarkStyle("text", width=1.2)),
    "differs": (
        MarkStyle("accent", "hatch", 0.8, alpha=0.3),  # the numbers stay readable
        MarkStyle("accent", width=2.0, inset=1.2),
    ),
    "infeasible": (
        MarkStyle("error", "hatch", 0.8, alpha=0.45),
        MarkStyle("error", "falling", 0.8, alpha=0.45),
    ),
    "refused": (MarkStyle("muted", "hatch", 0.9, alpha=0.7),),
}
