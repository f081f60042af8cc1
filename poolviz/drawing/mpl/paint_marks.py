"""Paint marks: each stroke or fill of a role in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.path import Path

from poolviz.drawing.mpl.canvas import Canvas
from poolviz.drawing.mpl.paths import dots, hatch, inset, rect_path, segments_path
from poolviz.drawing.scene.layout import Rect
from poolviz.drawing.scene.mark_styles import MARK_STYLES, MarkStyle, Shape
from poolviz.drawing.scene.picture import Mark


def paint_mark(canvas: Canvas, mark: Mark) -> None:
    """Paint all strokes and fills of one mark."""
    for style in MARK_STYLES[mark.role]:
        _paint(canvas, style, inset(mark.rects, style.inset) if style.inset else mark.rects)


def _paint(canvas: Canvas, style: MarkStyle, rects: Sequence[Rect]) -> None:
    path, colour = _PATHS[style.shape](rects), canvas.theme.tone(style.colour)
    if style.width:
        canvas.stroke(path, colour, style.width, style.alpha, style.dashes or None)
    else:
        canvas.fill(path, colour, style.alpha)


def _edges(rects: Sequence[Rect]) -> Path | None:
    starts = np.array([(rect.left, rect.top) for rect in rects])
    ends = np.array([(rect.right, rect.bottom) for rect in rects])
    return segments_path(starts, ends)


_PATHS: dict[Shape, Callable[[Sequence[Rect]], Path | None]] = {
    "rects": rect_path,
    "hatch": hatch,
    "falling": lambda rects: hatch(rects, falling=True),
    "dots": dots,
    "edges": _edges,
}
