"""One matplotlib artist that paints a whole picture with a few compound paths.

Drawing is fast because texts are cached outlines, all cells of a shade are one path, and there are
no axes and no artist per cell. It works on every backend (Agg, SVG, PDF).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from numpy.typing import NDArray

from poolviz.drawing.mpl.canvas import UNITS_PER_INCH, Canvas
from poolviz.drawing.mpl.glyphs import Placing, compound, outline
from poolviz.drawing.mpl.paint_marks import paint_mark
from poolviz.drawing.mpl.paths import RECT_POINTS, rect_path, rects_path, segments_path
from poolviz.drawing.scene.cell_paint import (
    BASE_LINE,
    MOST_VECTOR_CELLS,
    gap_of,
    ramp_of,
    shades,
)
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.picture import Arrow, Cells, Label, Picture, Symbols
from poolviz.drawing.scene.theme import LIGHT, Theme


class PictureArtist(Artist):
    """Paints one picture; assign another one to `picture` and draw again."""

    def __init__(self, picture: Picture, theme: Theme = LIGHT) -> None:
        super().__init__()
        self.picture = picture
        self.theme = theme

    def draw(self, renderer: RendererBase) -> None:
        """Paint the picture; called by the figure's canvas."""
        picture, scale = self.picture, self.figure.dpi / UNITS_PER_INCH
        _paint_labels(Canvas(renderer, picture.height, scale, self.theme), picture.captions)
        canvas = Canvas(renderer, picture.height - picture.top, scale, self.theme)
        for cells in picture.cells:
            _paint_cells(canvas, cells)
        for mark in picture.marks:  # above the cells, below the numbers
            paint_mark(canvas, mark)
        if picture.symbols is not None:
            _paint_symbols(canvas, picture.cells[0].plane, picture.symbols)
        for cells in picture.cells:
            _paint_numbers(canvas, cells)
        for arrow in picture.arrows:
            _paint_arrow(canvas, arrow)
        _paint_labels(canvas, picture.labels)


# --- cells and numbers ---------------------------------------------------------------------------


def _paint_cells(canvas: Canvas, cells: Cells) -> None:
    """Paint the coloured cells of one plane."""
    plane = cells.plane
    if plane.rows == 0 or plane.columns == 0:
        return
    if cells.levels is None:
        canvas.fill(rect_path([plane.bounds]), canvas.theme.no_value)
        canvas.stroke(rect_path([plane.bounds]), canvas.theme.muted, 1)
    elif plane.rows * plane.columns <= MOST_VECTOR_CELLS and _cell_side(plane) >= 3:
        _paint_cells_as_paths(canvas, plane, cells.levels)
    else:
        _paint_cells_as_image(canvas, plane, cells.levels)


def _cell_side(plane: Plane) -> float:
    return min(plane.cell_width, plane.cell_height)


def _paint_cells_as_paths(canvas: Canvas, plane: Plane, levels: NDArray[np.float64]) -> None:
    ramp, shaded = ramp_of(canvas.theme), shades(levels).ravel()
    # Sorted by shade: the cells of one shade are one stretch of the path.
    rows, columns = np.divmod(np.argsort(shaded, kind="stable"), levels.shape[1])
    gap = gap_of(plane)
    whole = rects_path(
        plane.left + columns * plane.cell_width + gap,
        plane.top + rows * plane.cell_height + gap,
        plane.cell_width - 2 * gap,
        plane.cell_height - 2 * gap,
    )
    found, counts = np.unique(shaded, return_counts=True)
    canvas.fill_parts(whole, RECT_POINTS * counts, [ramp[shade] for shade in found])


def _paint_cells_as_image(canvas: Canvas, plane: Plane, levels: NDArray[np.float64]) -> None:
    palette = np.array([[*colour, 1.0] for colour in ramp_of(canvas.theme)])
    colours: NDArray[np.uint8] = np.rint(palette * 255).astype(np.uint8)
    bounds = plane.bounds
    high = max(1, round(bounds.height * canvas.scale))
    wide = max(1, round(bounds.width * canvas.scale))
    # One cell per pixel, chosen here: backends would interpolate, and blend neighbouring cells.
    rows = np.arange(high) * plane.rows // high
    columns = np.arange(wide) * plane.columns // wide
    canvas.image(bounds, colours[shades(levels[np.ix_(rows, columns)])])


def _paint_numbers(canvas: Canvas, cells: Cells) -> None:
    """Paint the numbers of the cells as one path."""
    if cells.numbers is None:
        return
    plane, size = cells.plane, cells.numbers.size
    placings = [
        _centred(text, plane, row, column, size)
        for row, texts in enumerate(cells.numbers.texts)
        for column, text in enumerate(texts)
    ]
    canvas.fill(compound(placings), canvas.theme.text)


def _centred(text: str, plane: Plane, row: int, column: int, size: float) -> Placing:
    x = plane.left + (column + 0.5) * plane.cell_width - outline(text).width * size / 2
    y = plane.top + (row + 0.5) * plane.cell_height + size * BASE_LINE
    return Placing(text, x, y, size)


def _paint_symbols(canvas: Canvas, plane: Plane, symbols: Symbols) -> None:
    text, size = symbols.text, symbols.size
    placings = [_centred(text, plane, row, column, size) for row, column in symbols.places]
    canvas.fill(compound(placings), canvas.theme.muted)


def _paint_arrow(canvas: Canvas, arrow: Arrow) -> None:
    """Paint a double arrow; the heads of a short one are smaller."""
    (x0, y0), (x1, y1) = arrow.start, arrow.end
    length = max(abs(x1 - x0), abs(y1 - y0))
    head = min(6.0, length / 3)
    tips = [(x0, y0, head), (x1, y1, -head)]
    barbs = (-0.6 * head, 0.6 * head)
    starts, ends = [(x0, y0)], [(x1, y1)]
    for x, y, back in tips:
        starts += [(x, y), (x, y)]
        ends += [(x + side, y + back) if x0 == x1 else (x + back, y + side) for side in barbs]
    canvas.stroke(segments_path(np.array(starts), np.array(ends)), canvas.theme.error, 1.6)


def _paint_labels(canvas: Canvas, labels: Sequence[Label]) -> None:
    """Paint all labels, those of one tone in one call."""
    by_tone: dict[str, list[Placing]] = {}
    for label in labels:
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[label.align]
        offset = outline(label.text, label.bold).width * label.size * shift
        # Upright text begins at its lower end, and y grows downwards.
        x, y = (label.x, label.y + offset) if label.upright else (label.x - offset, label.y)
        placing = Placing(label.text, x, y, label.size, label.bold, label.upright)
        by_tone.setdefault(label.tone, []).append(placing)
    for tone, placings in by_tone.items():
        canvas.fill(compound(placings), canvas.theme.tone(tone))
