"""Which coats of paint each mark gets: a pattern for every role, so colour is never alone.

Plain data, so that matplotlib and the browser of a saved page paint the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from poolviz.drawing.scene.parts import Role

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
class Coat:
    """One coat: the theme's colour, what is painted, and how; a width of 0 fills."""

    colour: str
    shape: Shape = "rects"
    width: float = 0.0
    alpha: float = 1.0
    inset: float = 0.0
    dashes: tuple[int, ...] = ()


# What lies under the numbers of a cell is light; what frames a cell is strong.
COATS: dict[Role, tuple[Coat, ...]] = {
    "padding": (Coat("padding"), Coat("padding_line", "hatch", 0.8)),
    "unread": (Coat("unread", alpha=UNREAD_ALPHA), Coat("unread_dot", "dots", 0.6)),
    "never": (
        Coat("unread"),
        Coat("unread_dot", "hatch", 1.2),
        Coat("unread_dot", "falling", 1.2),
        Coat("text", width=2.0, inset=1),
    ),
    "window": (Coat("window", width=1.0, alpha=WINDOW_ALPHA, inset=0.5),),
    "kernel": (Coat("page", width=6.5, alpha=0.9), Coat("kernel", width=4.0)),
    "tap": (Coat("kernel", alpha=0.18, inset=2),),
    "field": (Coat("kernel", alpha=0.22), Coat("kernel", "falling", 1.2)),
    "winner": (Coat("accent", width=2.5, inset=3),),
    "tie": (Coat("accent", width=1.5, inset=3, dashes=FINE),),
    "lost": (Coat("page", inset=3), Coat("error", width=2.0, inset=3)),
    "broken": (Coat("error", alpha=0.07), Coat("error", width=4.0)),
    "missing": (
        Coat("page"),
        Coat("error", "hatch", 1.0, alpha=0.8),
        Coat("error", "falling", 1.0, alpha=0.8),
    ),
    "edge": (Coat("text", "edges", 2.5),),
    "ghost": (Coat("error", width=2.0, dashes=DASHED),),
    "nothing": (Coat("muted", width=2.0, dashes=DOTTED),),
    "slice": (Coat("kernel", inset=2),),
    "map": (Coat("high"), Coat("text", width=1.2)),
    "differs": (
        Coat("accent", "hatch", 0.9, alpha=0.6),
        Coat("accent", width=2.0, inset=1.2),
    ),
    "infeasible": (
        Coat("error", "hatch", 0.8, alpha=0.45),
        Coat("error", "falling", 0.8, alpha=0.45),
    ),
    "refused": (Coat("muted", "hatch", 0.9, alpha=0.7),),
}
