"""From a scene to a matplotlib Figure, and from there to bytes. No pyplot, no rcParams."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from poolviz.drawing import png
from poolviz.drawing.brush import UNITS_PER_INCH
from poolviz.drawing.embed import mime_bundle
from poolviz.drawing.funnel import Funnel
from poolviz.drawing.paint import ScenePainter
from poolviz.drawing.plain_paint import PlainPainter
from poolviz.drawing.poster import Poster
from poolviz.drawing.size_chart import SizeChart
from poolviz.drawing.theme import LIGHT, Theme
from poolviz.texts.language import language

TINY = 1e-6  # of a pixel
Painter = ScenePainter | PlainPainter


class SpokenFigure(Figure):
    """A matplotlib Figure that shows itself in a notebook, and reads itself aloud.

    `alt` is the picture in words, `language` is theirs. It is not known to pyplot and follows no
    rcParams of a reader's.
    """

    def __init__(self, painter: Painter, alt: str, headline: str) -> None:
        super().__init__(**_canvas_size(painter))
        FigureCanvasAgg(self)
        self.add_artist(painter)
        self.alt = alt
        self.headline = headline
        self.language = language()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.headline})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        return mime_bundle(self.png(), self.alt, repr(self), self.language)

    def png(self) -> bytes:
        """The picture as a PNG file, one pixel per unit."""
        self.set_dpi(UNITS_PER_INCH)
        return png.encode_small(_pixels(FigureCanvasAgg(self)))


class PoolFigure(SpokenFigure):
    """The picture of one layer."""

    def __init__(self, poster: Poster, theme: Theme = LIGHT) -> None:
        painter = ScenePainter(poster.scene, theme)
        painter.words, painter.top, painter.height = poster.labels, poster.top, poster.height
        super().__init__(painter, poster.scene.alt, poster.scene.diagnosis.headline)


class StackFigure(SpokenFigure):
    """The picture of a network."""

    def __init__(self, funnel: Funnel, theme: Theme = LIGHT) -> None:
        headline = funnel.stack.diagnosis.headline
        super().__init__(PlainPainter(funnel, theme), funnel.alt, headline)


class MapFigure(SpokenFigure):
    """The picture of output sizes over two parameters."""

    def __init__(self, chart: SizeChart, theme: Theme = LIGHT) -> None:
        super().__init__(PlainPainter(chart, theme), chart.alt, chart.title)


def _canvas_size(painter: Painter) -> dict[str, Any]:
    # matplotlib 3.10 cuts the pixels off that a division leaves at 455.999…
    size = ((painter.scene.width + TINY) / UNITS_PER_INCH, (painter.height + TINY) / UNITS_PER_INCH)
    return {"figsize": size, "dpi": UNITS_PER_INCH, "facecolor": painter.theme.page}


def _pixels(canvas: FigureCanvasAgg) -> NDArray[np.uint8]:
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return pixels[:, :, :3]


class PngRenderer:
    """Turns scene after scene into PNG bytes; keeps the figure as long as its size stays."""

    def __init__(self, painter: type[Painter] = ScenePainter) -> None:
        self._paint = painter
        self._shape: tuple[float, float, float] | None = None

    def __call__(self, scene: Any, theme: Theme = LIGHT, ratio: float = 1.0) -> bytes:
        """The picture at `ratio` pixels per unit."""
        shape = (scene.width, scene.height, ratio)
        if self._shape != shape:
            self._painter: Any = self._paint(scene, theme)
            figure = Figure(**_canvas_size(self._painter))
            figure.add_artist(self._painter)
            figure.set_dpi(UNITS_PER_INCH * ratio)
            self._canvas = FigureCanvasAgg(figure)
            self._shape = shape
        self._painter.scene, self._painter.theme = scene, theme
        self._canvas.figure.set_facecolor(theme.page)
        return png.encode(_pixels(self._canvas))
