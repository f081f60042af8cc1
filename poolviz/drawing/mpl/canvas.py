"""Fill and stroke paths on any matplotlib backend (Agg, SVG, PDF), in picture units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from poolviz.drawing.scene.layout import Rect
from poolviz.drawing.scene.theme import Colour, Theme

UNITS_PER_INCH = 100.0  # so that 900 units are 9 inches
POINTS = 72 / UNITS_PER_INCH  # backends take line widths in points, at any resolution


class Canvas:
    """Fills and strokes paths given in picture units."""

    def __init__(self, renderer: RendererBase, height: float, scale: float, theme: Theme) -> None:
        self.renderer = renderer
        self.theme = theme
        self.height = height
        self.scale = scale
        self.transform = Affine2D().scale(1, -1).translate(0, height).scale(scale)

    def fill(self, path: Path | None, colour: Colour, alpha: float = 1.0) -> None:
        if path is None:
            return
        gc = self.renderer.new_gc()
        # `draw_path` strokes what it fills, unless the line has no width.
        gc.set_linewidth(0)
        gc.set_alpha(alpha)
        self.renderer.draw_path(gc, path, self.transform, (*colour, alpha))
        gc.restore()

    def fill_parts(self, path: Path, lengths: NDArray[np.intp], colours: Sequence[Colour]) -> None:
        """Fill parts of a path, of so many vertices each, in a colour each."""
        gc = self.renderer.new_gc()
        gc.set_linewidth(0)
        gc.set_alpha(1.0)
        ends = np.cumsum(lengths).tolist()
        for start, end, colour in zip((0, *ends), ends, colours, strict=False):
            part = Path(path.vertices[start:end], path.codes[start:end])  # type: ignore[index]
            self.renderer.draw_path(gc, part, self.transform, (*colour, 1.0))
        gc.restore()

    def stroke(
        self,
        path: Path | None,
        colour: Colour,
        width: float,
        alpha: float = 1.0,
        dashes: Sequence[float] | None = None,
    ) -> None:
        if path is None:
            return
        gc = self.renderer.new_gc()
        gc.set_linewidth(width * POINTS)
        gc.set_foreground((*colour, alpha), isRGBA=True)
        gc.set_alpha(alpha)
        gc.set_joinstyle("miter")
        if dashes is not None:
            gc.set_dashes(0, [length * POINTS for length in dashes])
        self.renderer.draw_path(gc, path, self.transform, None)
        gc.restore()

    def image(self, rect: Rect, pixels: NDArray[np.uint8]) -> None:
        """Draw an RGBA image that has the size of `rect` in pixels."""
        gc = self.renderer.new_gc()
        x = rect.left * self.scale
        y = (self.height - rect.bottom) * self.scale
        # Backends take the lowest row first, from the lower left corner on.
        pixels = np.ascontiguousarray(pixels[::-1])
        # SVG and PDF scale an image themselves, Agg copies its pixels.
        if self.renderer.option_scale_image():
            size = Affine2D().scale(rect.width * self.scale, rect.height * self.scale)
            self.renderer.draw_image(gc, x, y, pixels, size)
        else:
            self.renderer.draw_image(gc, x, y, pixels)
        gc.restore()
