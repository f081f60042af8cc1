"""Paints marks: each coat of a role in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from poolviz.drawing.mpl.canvas import Brush
from poolviz.drawing.mpl.paths import dots, hatch, inset, rect_path, segments_path
from poolviz.drawing.scene.layout import Rect
from poolviz.drawing.scene.mark_styles import COATS, Coat, Shape
from poolviz.drawing.scene.parts import Mark


def paint_mark(brush: Brush, mark: Mark) -> None:
    """All coats of one mark."""
    for coat in COATS[mark.role]:
        _paint(brush, coat, inset(mark.rects, coat.inset) if coat.inset else mark.rects)


def _paint(brush: Brush, coat: Coat, rects: Sequence[Rect]) -> None:
    path, colour = _PATHS[coat.shape](rects), brush.theme.tone(coat.colour)
    if coat.width:
        brush.stroke(path, colour, coat.width, coat.alpha, coat.dashes or None)
    else:
        brush.fill(path, colour, coat.alpha)


def _edges(rects: Sequence[Rect]) -> Any:
    starts = np.array([(rect.left, rect.top) for rect in rects])
    ends = np.array([(rect.right, rect.bottom) for rect in rects])
    return segments_path(starts, ends)


_PATHS: dict[Shape, Callable[[Sequence[Rect]], Any]] = {
    "rects": rect_path,
    "hatch": hatch,
    "falling": lambda rects: hatch(rects, falling=True),
    "dots": dots,
    "edges": _edges,
}
