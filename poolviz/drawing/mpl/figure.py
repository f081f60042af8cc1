"""Pictures as matplotlib figures and as files; without pyplot and rcParams."""

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
from poolviz.drawing.charts.batch_axes import AxesChart
from poolviz.drawing.charts.network_diagram import NetworkDiagram
from poolviz.drawing.charts.size_chart import SizeChart, kind_of
from poolviz.drawing.charts.unpooling import Unpooling
from poolviz.drawing.mpl import png
from poolviz.drawing.mpl.artist import PictureArtist
from poolviz.drawing.mpl.canvas import UNITS_PER_INCH
from poolviz.drawing.output.animation import encode_animation, positions
from poolviz.drawing.output.atomic_write import Target, target_of, write_whole
from poolviz.drawing.output.html_page import for_xml, html_page
from poolviz.drawing.output.mime_bundle import mime_bundle
from poolviz.drawing.scene.picture import Picture
from poolviz.drawing.scene.scene import Scene
from poolviz.drawing.scene.theme import LIGHT, Theme
from poolviz.i18n.catalogue import language, say
from poolviz.i18n.html import paragraph, picture, table

TINY = 1e-6  # of a pixel
Words = Callable[[], str]  # returns the HTML below a picture
SceneAt = Callable[[tuple[int, int]], Scene]  # returns the scene with another window marked

SAVED = (".png", ".svg", ".html", ".gif", ".apng")
SHARPNESS = 2.0  # pixels per unit of a picture in a file


class AccessibleFigure(Figure):
    """A matplotlib Figure with alt text, displayed in notebooks as PNG and HTML.

    `language` is that of `alt`. The figure is not registered with pyplot and ignores the user's
    rcParams.
    """

    def __init__(
        self,
        picture: Picture,
        alt: str,
        headline: str,
        words: Words | None = None,
        theme: Theme = LIGHT,
    ) -> None:
        super().__init__(**_canvas_size(picture), facecolor=theme.page)
        FigureCanvasAgg(self)
        self.add_artist(PictureArtist(picture, theme))
        self.alt = alt
        self.headline = headline
        self.language = language()
        self._words = words or (lambda: paragraph(alt))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.headline})"

    def _repr_mimebundle_(self, **options: object) -> dict[str, str]:
        return mime_bundle(self.png(), self.alt, repr(self), self.language)

    def png(self) -> bytes:
        """Return the picture as a PNG file, one pixel per unit."""
        return png.encode_small(self.pixels())

    def pixels(self, ratio: float = 1.0) -> NDArray[np.uint8]:
        """Return the picture as an array, rows × columns × 3."""
        self.set_dpi(UNITS_PER_INCH * ratio)
        found = _pixels(FigureCanvasAgg(self))[:, :, :3]
        self.set_dpi(UNITS_PER_INCH)
        return found

    def save(self, path: Target) -> Path:
        """Write the picture to a file; the suffix of its name selects the format.

        Parameters
        ----------
        path
            A name that ends with ".png", ".svg", ".html" (a page without script and network
            access) or, for a single layer, ".gif" or ".apng" (an animation over its windows).

        Raises
        ------
        ValueError
            For another suffix, for an animation of anything but a layer, and for one too long.
        OSError
            If the file cannot be written. A partial file is never visible.
        """
        target = target_of(path, SAVED)
        write_whole(target, self.content(target.suffix.lower()))
        return target

    def content(self, suffix: str) -> bytes:
        """Return the content of a file with this suffix, one of `SAVED`."""
        if suffix == ".png":
            return png.encode_small(self.pixels(SHARPNESS), self.alt)
        if suffix == ".svg":
            return self.svg()
        if suffix == ".html":
            return html_page(self.headline, self.body(), language=self.language)
        return encode_animation(self._frames(), suffix)

    def body(self) -> str:
        """Return picture and words as HTML without a script."""
        return f"{picture(self.png(), self.alt)}\n{self._words()}"

    def svg(self) -> bytes:
        """Return the picture as a reproducible SVG file with title and description."""
        file = BytesIO()
        # Without a salt and with a date, every file of the same picture would be another one.
        with rc_context({"svg.hashsalt": "poolviz", "svg.fonttype": "path"}):
            FigureCanvasSVG(self).print_svg(file, metadata={"Date": None})  # type: ignore[no-untyped-call]
        # `print_svg` leaves its canvas and 72 dpi behind.
        FigureCanvasAgg(self)
        self.set_dpi(UNITS_PER_INCH)
        head, _, rest = file.getvalue().decode().partition("<svg ")
        attributes, _, content = rest.partition(">")
        words = f"<title>{for_xml(self.headline)}</title><desc>{for_xml(self.alt)}</desc>"
        return f'{head}<svg role="img" {attributes}>{words}{content}'.encode()

    def _frames(self) -> list[NDArray[np.uint8]]:
        raise ValueError(
            "only the picture of a single layer can be animated: save this one as .png, "
            ".svg or .html"
        )


class PoolFigure(AccessibleFigure):
    """The captioned scene of one layer; `scene_at` returns it with another window marked."""

    def __init__(
        self,
        scene: Scene,
        theme: Theme = LIGHT,
        scene_at: SceneAt | None = None,
        words: Words | None = None,
    ) -> None:
        said = scene.diagnosis
        super().__init__(scene, scene.alt, said.headline, words or said._repr_html_, theme)
        self._scene, self._theme, self._scene_at = scene, theme, scene_at

    def _frames(self) -> list[NDArray[np.uint8]]:
        """Return one frame per window; a single one if there is no output."""
        output = self._scene.output
        if output is None or self._scene_at is None:
            return [self.pixels()]
        windows = positions(output.plane.rows, output.plane.columns)
        scenes = [self._scene_at(place) for place in windows]
        height = max(scene.height for scene in scenes)  # the sentence of a window may be longer
        same = (replace(scene, height=height) for scene in scenes)
        return [PoolFigure(scene, self._theme).pixels() for scene in same]


class UnpoolFigure(AccessibleFigure):
    """Pooling and unpooling of one map; `at` returns the picture with another window marked."""

    def __init__(
        self,
        picture: Unpooling,
        theme: Theme = LIGHT,
        at: Callable[[tuple[int, int]], Unpooling] | None = None,
    ) -> None:
        super().__init__(picture, picture.alt, picture.title, None, theme)
        self._plane, self._theme, self._at = picture.pooled, theme, at

    def _frames(self) -> list[NDArray[np.uint8]]:
        """Return one frame per window."""
        if self._at is None:
            return [self.pixels()]
        found = [self._at(place) for place in positions(self._plane.rows, self._plane.columns)]
        height = max(one.height for one in found)
        same = (replace(one, height=height) for one in found)
        return [UnpoolFigure(one, self._theme).pixels() for one in same]


class StackFigure(AccessibleFigure):
    """The picture of a network."""

    def __init__(self, diagram: NetworkDiagram, theme: Theme = LIGHT) -> None:
        stack = diagram.stack
        super().__init__(
            diagram,
            diagram.alt,
            stack.diagnosis.headline,
            lambda: stack.diagnosis._repr_html_() + _stack_table(stack),
            theme,
        )


class MapFigure(AccessibleFigure):
    """The picture of output sizes over two parameters."""

    def __init__(self, chart: SizeChart, theme: Theme = LIGHT) -> None:
        super().__init__(chart, chart.alt, chart.title, lambda: _map_table(chart), theme)


class AxesFigure(AccessibleFigure):
    """The picture of the axes of a batch."""

    def __init__(self, chart: AxesChart, theme: Theme = LIGHT) -> None:
        super().__init__(chart, chart.alt, chart.title, None, theme)


def _stack_table(stack: Stack) -> str:
    """Return a table with one row per layer, up to the one that fails."""
    rows = []
    for line in lines(stack.rows, stack.walk.failure, stack.layers_after):
        note = f"{MARK} {line.note}" if line.is_failure else line.note
        rows.append([*line.cells, *([note] if note else [])])
    return table(say("page.layer_by_layer"), [title or "#" for title in titles()], rows)


_SIGNS = {"fits": "", "none": f"{MARK} ", "refused": "– "}


def _map_table(chart: SizeChart) -> str:
    """Return the sizes as a table; settings that fail have a sign."""
    swept = chart.sweep
    head = [f"{swept.y} ↓  {swept.x} →", *map(number, swept.xs)]
    rows = [
        [number(y), *(_SIGNS[kind_of(one)] + number(one.axes[0].output_size) for one in row)]
        for y, row in zip(swept.ys, swept.rows, strict=True)
    ]
    caption = say("page.does_not_fit", title=chart.title, sign=MARK)
    return paragraph(chart.alt) + table(caption, head, rows)


def _canvas_size(picture: Picture) -> dict[str, Any]:
    # matplotlib 3.10 cuts the pixels off that a division leaves at 455.999…
    size = ((picture.width + TINY) / UNITS_PER_INCH, (picture.height + TINY) / UNITS_PER_INCH)
    return {"figsize": size, "dpi": UNITS_PER_INCH}


def _pixels(canvas: FigureCanvasAgg) -> NDArray[np.uint8]:
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]


class PngRenderer:
    """Turns pictures into PNG files; keeps its figure as long as the size stays the same.

    The files are made for speed: `png.encode` merges colours that look alike.
    """

    def __init__(self) -> None:
        self._shape: tuple[float, float, float] | None = None

    def __call__(self, picture: Picture, theme: Theme = LIGHT, ratio: float = 1.0) -> bytes:
        """Return the picture at `ratio` pixels per unit."""
        shape = (picture.width, picture.height, ratio)
        if self._shape != shape:
            self._artist = PictureArtist(picture, theme)
            figure = Figure(**_canvas_size(picture))
            figure.add_artist(self._artist)
            figure.set_dpi(UNITS_PER_INCH * ratio)
            self._canvas = FigureCanvasAgg(figure)
            self._shape = shape
        self._artist.picture, self._artist.theme = picture, theme
        self._canvas.figure.set_facecolor(theme.page)
        return png.encode(_pixels(self._canvas))
