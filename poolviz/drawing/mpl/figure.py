"""From a scene to a matplotlib Figure, and from there to bytes. No pyplot, no rcParams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

from poolviz.diagnosis.network.stack import Stack
from poolviz.diagnosis.network.table import MARK, lines, titles
from poolviz.diagnosis.phrases import number
from poolviz.drawing.charts.network_diagram import NetworkDiagram
from poolviz.drawing.charts.size_chart import SizeChart, kind_of
from poolviz.drawing.mpl import png
from poolviz.drawing.mpl.artist import ScenePainter
from poolviz.drawing.mpl.canvas import UNITS_PER_INCH
from poolviz.drawing.mpl.plain_artist import PlainPainter
from poolviz.drawing.output.animation import encode_animation, positions
from poolviz.drawing.output.atomic_write import Target, target_of, write_whole
from poolviz.drawing.output.html_page import for_xml, html_page
from poolviz.drawing.output.mime_bundle import mime_bundle
from poolviz.drawing.scene.captioned_scene import CaptionedScene
from poolviz.drawing.scene.theme import LIGHT, Theme
from poolviz.i18n.catalogue import language, say
from poolviz.i18n.html import paragraph, picture, table

TINY = 1e-6  # of a pixel
Painter = ScenePainter | PlainPainter
Words = Callable[[], str]  # HTML that stands below a picture
Poses = Callable[[tuple[int, int]], CaptionedScene]  # the picture with another window marked

SAVED = (".png", ".svg", ".html", ".gif", ".apng")
SHARPNESS = 2.0  # pixels per unit of a picture in a file


class AccessibleFigure(Figure):
    """A matplotlib Figure that shows itself in a notebook, and reads itself aloud.

    `alt` is the picture in words, `language` is theirs. It is not known to pyplot and follows no
    rcParams of a reader's.
    """

    def __init__(
        self, painter: Painter, alt: str, headline: str, words: Words | None = None
    ) -> None:
        super().__init__(**_canvas_size(painter))
        FigureCanvasAgg(self)
        self.add_artist(painter)
        self.alt = alt
        self.headline = headline
        self.language = language()
        self._words = words or (lambda: paragraph(alt))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.headline})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        return mime_bundle(self.png(), self.alt, repr(self), self.language)

    def png(self) -> bytes:
        """The picture as a PNG file, one pixel per unit."""
        return png.encode_small(self.pixels())

    def pixels(self, ratio: float = 1.0) -> NDArray[np.uint8]:
        """The picture, rows × columns × 3."""
        self.set_dpi(UNITS_PER_INCH * ratio)
        found = _pixels(FigureCanvasAgg(self))
        self.set_dpi(UNITS_PER_INCH)
        return found

    def save(self, path: Target) -> Path:
        """Write the picture to a file; what is written follows from the name's suffix.

        Parameters
        ----------
        path
            ".png", ".svg", ".html" (picture and words on a page that needs no script and no
            network), or ".gif" and ".apng" (for one layer: a walk through its windows).

        Raises
        ------
        ValueError
            For another suffix, and for a walk where there is none or one that is too long.
        OSError
            Where nothing can be written. The file is written whole or not at all.
        """
        target = target_of(path, SAVED)
        write_whole(target, self.content(target.suffix.lower()))
        return target

    def content(self, suffix: str) -> bytes:
        """What a file with this suffix holds, one of `SAVED`."""
        if suffix == ".png":
            return png.encode_small(self.pixels(SHARPNESS), self.alt)
        if suffix == ".svg":
            return self.svg()
        if suffix == ".html":
            return html_page(self.headline, self.body(), language=self.language)
        return encode_animation(self._frames(), suffix)

    def body(self) -> str:
        """Picture and words as HTML that needs no script."""
        return f"{picture(self.png(), self.alt)}\n{self._words()}"

    def svg(self) -> bytes:
        """The picture as an SVG file with its words inside, the same each time."""
        file = BytesIO()
        with rc_context({"svg.hashsalt": "poolviz", "svg.fonttype": "path"}):
            FigureCanvasSVG(self).print_svg(file, metadata={"Date": None})  # type: ignore[no-untyped-call]
        FigureCanvasAgg(self)
        self.set_dpi(UNITS_PER_INCH)
        head, _, rest = file.getvalue().decode().partition("<svg ")
        attributes, _, content = rest.partition(">")
        words = f"<title>{for_xml(self.headline)}</title><desc>{for_xml(self.alt)}</desc>"
        return f'{head}<svg role="img" {attributes}>{words}{content}'.encode()

    def _frames(self) -> list[NDArray[np.uint8]]:
        raise ValueError(
            "only the picture of one layer has windows to walk through: save this one as .png, "
            ".svg or .html"
        )


class PoolFigure(AccessibleFigure):
    """The picture of one layer; `poses` gives it with another window marked."""

    def __init__(
        self,
        poster: CaptionedScene,
        theme: Theme = LIGHT,
        poses: Poses | None = None,
        words: Words | None = None,
    ) -> None:
        painter = ScenePainter(poster.scene, theme)
        painter.words, painter.top, painter.height = poster.labels, poster.top, poster.height
        said = poster.scene.diagnosis
        super().__init__(painter, poster.scene.alt, said.headline, words or said._repr_html_)
        self._poster, self._theme, self._poses = poster, theme, poses

    def _frames(self) -> list[NDArray[np.uint8]]:
        """The picture once for every window; where there is none it stands still."""
        output = self._poster.scene.output
        if output is None or self._poses is None:
            return [self.pixels()]
        posters = [
            self._poses(place) for place in positions(output.plane.rows, output.plane.columns)
        ]
        height = max(poster.height for poster in posters)  # sentences of one window may be longer
        same = (replace(poster, height=height) for poster in posters)
        return [PoolFigure(poster, self._theme).pixels() for poster in same]


class StackFigure(AccessibleFigure):
    """The picture of a network."""

    def __init__(self, diagram: NetworkDiagram, theme: Theme = LIGHT) -> None:
        stack = diagram.stack
        super().__init__(
            PlainPainter(diagram, theme),
            diagram.alt,
            stack.diagnosis.headline,
            lambda: stack.diagnosis._repr_html_() + _stack_table(stack),
        )


class MapFigure(AccessibleFigure):
    """The picture of output sizes over two parameters."""

    def __init__(self, chart: SizeChart, theme: Theme = LIGHT) -> None:
        super().__init__(
            PlainPainter(chart, theme), chart.alt, chart.title, lambda: _map_table(chart)
        )


def _stack_table(stack: Stack) -> str:
    """One row for every layer, down to the one that fails."""
    rows = []
    for line in lines(stack.rows, stack.walk.failure, stack.layers_after):
        note = f"{MARK} {line.note}" if line.is_failure else line.note
        rows.append([*line.cells, *([note] if note else [])])
    return table(say("page.layer_by_layer"), [title or "#" for title in titles()], rows)


_SIGNS = {"fits": "", "none": f"{MARK} ", "refused": "– "}


def _map_table(chart: SizeChart) -> str:
    """The sizes as numbers; what does not work has a sign."""
    swept = chart.sweep
    head = [f"{swept.y} ↓  {swept.x} →", *map(number, swept.xs)]
    rows = [
        [number(y), *(_SIGNS[kind_of(one)] + number(one.axes[0].output_size) for one in row)]
        for y, row in zip(swept.ys, swept.rows, strict=True)
    ]
    caption = say("page.does_not_fit", title=chart.title, sign=MARK)
    return paragraph(chart.alt) + table(caption, head, rows)


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
