"""How each mark is painted: a pattern for every role, so colour is never alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from poolviz.drawing.brush import Brush
from poolviz.drawing.parts import Mark
from poolviz.drawing.paths import dots, hatch, inset, rect_path, segments_path

WINDOW_ALPHA, UNREAD_ALPHA = 0.85, 0.55


def _paint_padding(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.padding)
    brush.stroke(hatch(mark.rects), brush.theme.padding_line, 0.8)


def _paint_unread(brush: Brush, mark: Mark) -> None:
    # Crossing bands are one path, so their crossings are not filled twice.
    brush.fill(rect_path(mark.rects), brush.theme.unread, alpha=UNREAD_ALPHA)
    brush.stroke(dots(mark.rects), brush.theme.unread_dot, 0.6)


def _paint_never(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.unread)
    brush.stroke(hatch(mark.rects), brush.theme.unread_dot, 1.2)
    brush.stroke(hatch(mark.rects, falling=True), brush.theme.unread_dot, 1.2)
    brush.stroke(rect_path(inset(mark.rects, 1)), brush.theme.text, 2.0)


def _paint_field(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.kernel, alpha=0.22)
    brush.stroke(hatch(mark.rects, falling=True), brush.theme.kernel, 1.2)


def _paint_windows(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(inset(mark.rects, 0.5)), brush.theme.window, 1.0, alpha=WINDOW_ALPHA)


def _paint_kernel(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(mark.rects), brush.theme.page, 6.5, alpha=0.9)
    brush.stroke(rect_path(mark.rects), brush.theme.kernel, 4.0)


def _paint_broken(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.error, alpha=0.07)
    brush.stroke(rect_path(mark.rects), brush.theme.error, 4.0)


def _paint_missing(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.page)
    brush.stroke(hatch(mark.rects), brush.theme.error, 1.0, alpha=0.8)
    brush.stroke(hatch(mark.rects, falling=True), brush.theme.error, 1.0, alpha=0.8)


def _paint_taps(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(inset(mark.rects, 2)), brush.theme.kernel, alpha=0.18)


def _paint_winner(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(inset(mark.rects, 3)), brush.theme.accent, 2.5)


def _paint_ties(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(inset(mark.rects, 3)), brush.theme.accent, 1.5, dashes=(3, 2))


def _paint_lost(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(inset(mark.rects, 3)), brush.theme.page)
    brush.stroke(rect_path(inset(mark.rects, 3)), brush.theme.error, 2.0)


def _paint_edge(brush: Brush, mark: Mark) -> None:
    starts = np.array([(rect.left, rect.top) for rect in mark.rects])
    ends = np.array([(rect.right, rect.bottom) for rect in mark.rects])
    brush.stroke(segments_path(starts, ends), brush.theme.text, 2.5)


def _paint_ghost(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(mark.rects), brush.theme.error, 2.0, dashes=(7, 5))


def _paint_nothing(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(mark.rects), brush.theme.muted, 2.0, dashes=(2, 4))


def _paint_infeasible(brush: Brush, mark: Mark) -> None:
    brush.stroke(hatch(mark.rects), brush.theme.error, 0.8, alpha=0.45)
    brush.stroke(hatch(mark.rects, falling=True), brush.theme.error, 0.8, alpha=0.45)


def _paint_refused(brush: Brush, mark: Mark) -> None:
    brush.stroke(hatch(mark.rects), brush.theme.muted, 0.9, alpha=0.7)


def _paint_differs(brush: Brush, mark: Mark) -> None:
    brush.stroke(hatch(mark.rects), brush.theme.accent, 0.9, alpha=0.6)
    brush.stroke(rect_path(inset(mark.rects, 1.2)), brush.theme.accent, 2.0)


def _paint_map(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.high)
    brush.stroke(rect_path(mark.rects), brush.theme.text, 1.2)


def _paint_slice(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(inset(mark.rects, 2)), brush.theme.kernel)


PAINT: dict[str, Callable[[Brush, Mark], None]] = {
    "padding": _paint_padding,
    "unread": _paint_unread,
    "never": _paint_never,
    "window": _paint_windows,
    "kernel": _paint_kernel,
    "tap": _paint_taps,
    "field": _paint_field,
    "winner": _paint_winner,
    "tie": _paint_ties,
    "lost": _paint_lost,
    "broken": _paint_broken,
    "missing": _paint_missing,
    "edge": _paint_edge,
    "ghost": _paint_ghost,
    "nothing": _paint_nothing,
    "slice": _paint_slice,
    "map": _paint_map,
    "differs": _paint_differs,
    "infeasible": _paint_infeasible,
    "refused": _paint_refused,
}
