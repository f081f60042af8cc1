"""From a scene to a matplotlib Figure, and from there to bytes. No pyplot, no rcParams."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from poolviz.drawing import png
from poolviz.drawing.paint import UNITS_PER_INCH, ScenePainter
from poolviz.drawing.poster import Poster
from poolviz.drawing.scene import Scene
from poolviz.drawing.theme import LIGHT, Theme


def to_figure(scene: Scene, theme: Theme = LIGHT) -> Figure:
    """A matplotlib Figure of the bare scene, not known to pyplot."""
    return _figure(ScenePainter(scene, theme), scene.width)


def poster_figure(poster: Poster, theme: Theme = LIGHT) -> Figure:
    """A matplotlib Figure of the scene with its words around it."""
    painter = ScenePainter(poster.scene, theme)
    painter.words, painter.top, painter.height = poster.labels, poster.top, poster.height
    return _figure(painter, poster.scene.width)


def _figure(painter: ScenePainter, width: float) -> Figure:
    size = (width / UNITS_PER_INCH, painter.height / UNITS_PER_INCH)
    figure = Figure(figsize=size, dpi=UNITS_PER_INCH, facecolor=painter.theme.page)
    FigureCanvasAgg(figure)
    figure.add_artist(painter)
    return figure


def figure_png(figure: Figure, ratio: float = 1.0) -> bytes:
    """A figure as a PNG file, at `ratio` pixels per unit."""
    figure.set_dpi(UNITS_PER_INCH * ratio)
    return _encoded(FigureCanvasAgg(figure))


def _encoded(canvas: FigureCanvasAgg) -> bytes:
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return png.encode(pixels[:, :, :3])


class PngRenderer:
    """Turns scene after scene into PNG bytes; keeps the figure as long as its size stays."""

    def __init__(self) -> None:
        self._shape: tuple[float, float, float] | None = None

    def __call__(self, scene: Scene, theme: Theme = LIGHT, ratio: float = 1.0) -> bytes:
        """The picture at `ratio` pixels per unit."""
        shape = (scene.width, scene.height, ratio)
        if self._shape != shape:
            self._painter = ScenePainter(scene, theme)
            figure = _figure(self._painter, scene.width)
            figure.set_dpi(UNITS_PER_INCH * ratio)
            self._canvas = FigureCanvasAgg(figure)
            self._shape = shape
        self._painter.scene, self._painter.theme = scene, theme
        self._canvas.figure.set_facecolor(theme.page)
        return _encoded(self._canvas)
