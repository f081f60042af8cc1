"""A funnel as a matplotlib picture, painted with the same brush as a single layer."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist

from poolviz.drawing.funnel import Funnel
from poolviz.drawing.paint import PAINT, UNITS_PER_INCH, Brush, paint_arrow, paint_labels
from poolviz.drawing.theme import LIGHT, Theme


class FunnelPainter(Artist):
    """Paints one funnel; give it another one and draw again."""

    def __init__(self, scene: Funnel, theme: Theme = LIGHT) -> None:
        super().__init__()
        self.scene = scene
        self.theme = theme
        self.height = scene.height

    def draw(self, renderer: Any) -> None:
        """Called by the figure's canvas."""
        scale = self.figure.dpi / UNITS_PER_INCH
        brush = Brush(renderer, self.height, scale, self.theme)
        for mark in self.scene.marks:
            PAINT[mark.role](brush, mark)
        for arrow in self.scene.arrows:
            paint_arrow(brush, arrow)
        paint_labels(brush, self.scene.labels)
