"""Pictures that are only cells, marks, arrows and labels: painted with the brush of a layer's."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist

from poolviz.drawing.charts.plain_picture import PlainPicture
from poolviz.drawing.mpl.artist import paint_arrow, paint_cells, paint_labels, paint_numbers
from poolviz.drawing.mpl.canvas import UNITS_PER_INCH, Canvas
from poolviz.drawing.mpl.paint_marks import paint_mark
from poolviz.drawing.scene.theme import LIGHT, Theme


class PlainPainter(Artist):
    """Paints one such picture; give it another one and draw again."""

    def __init__(self, scene: PlainPicture, theme: Theme = LIGHT) -> None:
        super().__init__()
        self.scene = scene
        self.theme = theme
        self.height = scene.height

    def draw(self, renderer: Any) -> None:
        """Called by the figure's canvas."""
        scene = self.scene
        canvas = Canvas(renderer, self.height, self.figure.dpi / UNITS_PER_INCH, self.theme)
        for cells in scene.cells:
            paint_cells(canvas, cells)
        for mark in scene.marks:
            paint_mark(canvas, mark)
        for cells in scene.cells:
            paint_numbers(canvas, cells)
        for arrow in scene.arrows:
            paint_arrow(canvas, arrow)
        paint_labels(canvas, scene.labels)
