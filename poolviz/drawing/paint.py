"""One matplotlib artist that paints a whole scene with a few compound paths.

That is what makes it fast: text as cached outlines, cells by shade, no axes, no artist per cell.
It works on every backend (Agg, SVG, PDF).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from poolviz.drawing.captions import padding_symbol
from poolviz.drawing.glyphs import Placing, compound, outline
from poolviz.drawing.layout import Plane, Rect
from poolviz.drawing.numerals import FILL, text_width
from poolviz.drawing.parts import Arrow, Cells, Label, Mark
from poolviz.drawing.scene import Scene
from poolviz.drawing.theme import LIGHT, Colour, Theme

UNITS_PER_INCH = 100.0
POINTS = 72 / UNITS_PER_INCH  # backends take line widths in points, at any resolution
SHADES = 33  # colours of the ramp; cells of one shade are one path
MOST_VECTOR_CELLS = 4096  # more cells become an image
GAP = 0.75  # half the white line between two cells
HATCH_STEP = 7.0
DOT_STEP = 7.0
WINDOW_ALPHA, UNREAD_ALPHA = 0.85, 0.55
LEAST_SYMBOL = 5.5  # font size below which padding cells stay without their symbol


class ScenePainter(Artist):
    """Paints one scene; give it another one and draw again."""

    def __init__(self, scene: Scene, theme: Theme = LIGHT) -> None:
        super().__init__()
        self.scene = scene
        self.theme = theme
        self.words: Sequence[Label] = ()  # around the scene, in the figure's own units
        self.top = 0.0  # where the scene begins below the figure's upper edge
        self.height = scene.height  # of the whole figure

    def draw(self, renderer: Any) -> None:
        """Called by the figure's canvas."""
        scene = self.scene
        scale = self.figure.dpi / UNITS_PER_INCH
        paint_labels(Brush(renderer, self.height, scale, self.theme), self.words)
        brush = Brush(renderer, self.height - self.top, scale, self.theme)
        for cells in (scene.input, scene.output):
            if cells is not None:
                paint_cells(brush, cells)
        for mark in scene.marks:
            PAINT[mark.role](brush, mark)
        _paint_padding_symbols(brush, scene)
        for cells in (scene.input, scene.output):
            if cells is not None:
                paint_numbers(brush, cells)
        for arrow in scene.arrows:
            paint_arrow(brush, arrow)
        paint_labels(brush, scene.labels)


class Brush:
    """Filling and stroking in picture units."""

    def __init__(self, renderer: Any, height: float, scale: float, theme: Theme) -> None:
        self.renderer = renderer
        self.theme = theme
        self.height = height
        self.scale = scale
        self.transform = Affine2D().scale(1, -1).translate(0, height).scale(scale)

    def fill(self, path: Path | None, colour: Colour, alpha: float = 1.0) -> None:
        if path is None:
            return
        gc = self.renderer.new_gc()
        gc.set_linewidth(0)
        gc.set_alpha(alpha)
        self.renderer.draw_path(gc, path, self.transform, (*colour, alpha))
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
        """An RGBA image whose size in pixels is that of `rect` on the canvas."""
        gc = self.renderer.new_gc()
        x = rect.left * self.scale
        y = (self.height - rect.bottom) * self.scale
        pixels = np.ascontiguousarray(pixels[::-1])
        if self.renderer.option_scale_image():
            size = Affine2D().scale(rect.width * self.scale, rect.height * self.scale)
            self.renderer.draw_image(gc, x, y, pixels, size)
        else:
            self.renderer.draw_image(gc, x, y, pixels)
        gc.restore()


# --- cells and numbers ---------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _ramp(theme: Theme) -> tuple[Colour, ...]:
    """The colours from the smallest value to the largest, and last the one for no value."""
    steps = np.linspace(0, 1, SHADES)[:, None]
    colours = np.asarray(theme.low) * (1 - steps) + np.asarray(theme.high) * steps
    shades: list[list[float]] = colours.tolist()
    return (*((red, green, blue) for red, green, blue in shades), theme.no_value)


def _shades(levels: NDArray[np.float64]) -> NDArray[np.intp]:
    """The place in the ramp of every level; NaN is the last one."""
    steps = np.rint(np.nan_to_num(levels) * (SHADES - 1))
    return np.where(np.isnan(levels), SHADES, steps).astype(np.intp)


def paint_cells(brush: Brush, cells: Cells) -> None:
    """The coloured cells of one plane."""
    plane = cells.plane
    if plane.rows == 0 or plane.columns == 0:
        return
    if cells.levels is None:
        brush.fill(rect_path([plane.bounds]), brush.theme.no_value)
        brush.stroke(rect_path([plane.bounds]), brush.theme.muted, 1)
    elif plane.rows * plane.columns <= MOST_VECTOR_CELLS and _cell_side(plane) >= 3:
        _paint_cells_as_paths(brush, plane, cells.levels)
    else:
        _paint_cells_as_image(brush, plane, cells.levels)


def _cell_side(plane: Plane) -> float:
    return min(plane.cell_width, plane.cell_height)


def _paint_cells_as_paths(brush: Brush, plane: Plane, levels: NDArray[np.float64]) -> None:
    ramp, shades = _ramp(brush.theme), _shades(levels)
    places = np.indices(levels.shape, dtype=np.float64)
    gap = GAP if _cell_side(plane) > 6 else 0.25
    lefts = plane.left + places[1] * plane.cell_width + gap
    tops = plane.top + places[0] * plane.cell_height + gap
    for shade in np.unique(shades):
        chosen = shades == shade
        path = _rects_path(
            lefts[chosen], tops[chosen], plane.cell_width - 2 * gap, plane.cell_height - 2 * gap
        )
        brush.fill(path, ramp[shade])


def _paint_cells_as_image(brush: Brush, plane: Plane, levels: NDArray[np.float64]) -> None:
    palette = np.array([[*colour, 1.0] for colour in _ramp(brush.theme)])
    colours: NDArray[np.uint8] = np.rint(palette * 255).astype(np.uint8)
    bounds = plane.bounds
    high = max(1, round(bounds.height * brush.scale))
    wide = max(1, round(bounds.width * brush.scale))
    rows = np.arange(high) * plane.rows // high
    columns = np.arange(wide) * plane.columns // wide
    brush.image(bounds, colours[_shades(levels[np.ix_(rows, columns)])])


def paint_numbers(brush: Brush, cells: Cells) -> None:
    """The numbers in them, as one path."""
    if cells.numbers is None:
        return
    plane, size = cells.plane, cells.numbers.size
    placings = [
        _centred(text, plane, row, column, size)
        for row, texts in enumerate(cells.numbers.texts)
        for column, text in enumerate(texts)
    ]
    brush.fill(compound(placings), brush.theme.text)


def _centred(text: str, plane: Plane, row: int, column: int, size: float) -> Placing:
    x = plane.left + (column + 0.5) * plane.cell_width - outline(text).width * size / 2
    y = plane.top + (row + 0.5) * plane.cell_height + size * 0.36
    return Placing(text, x, y, size)


def _paint_padding_symbols(brush: Brush, scene: Scene) -> None:
    """−∞ or 0 in every padding cell, where the input's numbers have room too."""
    numbers = scene.input.numbers
    if numbers is None:
        return
    plane, symbol = scene.input.plane, padding_symbol(scene.trace)
    # The symbol is wider than most numbers: side by side they would run into one line.
    size = min(numbers.size, 10.0, plane.cell_width * FILL / text_width(symbol))
    if size < LEAST_SYMBOL:
        return
    placings = []
    for mark in scene.marks:
        if mark.role != "padding":
            continue
        for rect in mark.rects:
            first_row = round((rect.top - plane.top) / plane.cell_height)
            first_column = round((rect.left - plane.left) / plane.cell_width)
            rows = round(rect.height / plane.cell_height)
            columns = round(rect.width / plane.cell_width)
            if rows * columns > MOST_VECTOR_CELLS or abs(rect.height / plane.cell_height) < 0.99:
                continue
            placings += [
                _centred(symbol, plane, first_row + i, first_column + j, size)
                for i in range(rows)
                for j in range(columns)
            ]
    brush.fill(compound(placings), brush.theme.muted)


# --- marks ---------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _rect_codes(count: int) -> NDArray[np.uint8]:
    one = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return np.tile(np.array(one, dtype=np.uint8), count)


def _rects_path(
    lefts: NDArray[np.float64], tops: NDArray[np.float64], width: Any, height: Any
) -> Path:
    """Many rectangles as one path."""
    count = len(lefts)
    corners = np.empty((count, 5, 2))
    corners[:, (0, 3, 4), 0] = lefts[:, None]
    corners[:, (1, 2), 0] = (lefts + width)[:, None]
    corners[:, (0, 1, 4), 1] = tops[:, None]
    corners[:, (2, 3), 1] = (tops + height)[:, None]
    return Path(corners.reshape(-1, 2), _rect_codes(count))


def rect_path(rects: Sequence[Rect]) -> Path | None:
    """Rectangles as one path, None for none."""
    if not rects:
        return None
    table = np.array(rects, dtype=np.float64)
    return _rects_path(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _segments_path(starts: NDArray[np.float64], ends: NDArray[np.float64]) -> Path | None:
    if len(starts) == 0:
        return None
    vertices = np.stack([starts, ends], axis=1).reshape(-1, 2)
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], np.uint8), len(starts))
    return Path(vertices, codes)


def _hatch(rects: Sequence[Rect], falling: bool = False) -> Path | None:
    """Lines at 45° inside rectangles, in one phase across all of them."""
    starts, ends = [], []
    for left, top, width, height in rects:
        right, bottom = left + width, top + height
        # On a rising line x + y is constant, on a falling one x − y.
        low, high = (left - bottom, right - top) if falling else (left + top, right + bottom)
        sums = np.arange(np.ceil(low / HATCH_STEP), np.floor(high / HATCH_STEP) + 1) * HATCH_STEP
        if falling:
            x0, x1 = np.maximum(left, sums + top), np.minimum(right, sums + bottom)
            starts.append(np.stack([x0, x0 - sums], axis=1))
            ends.append(np.stack([x1, x1 - sums], axis=1))
        else:
            x0, x1 = np.maximum(left, sums - bottom), np.minimum(right, sums - top)
            starts.append(np.stack([x0, sums - x0], axis=1))
            ends.append(np.stack([x1, sums - x1], axis=1))
    if not starts:
        return None
    return _segments_path(np.concatenate(starts), np.concatenate(ends))


def _dots(rects: Sequence[Rect]) -> Path | None:
    """A lattice of dots inside rectangles, in one phase; overlaps are dotted once."""
    places: set[tuple[int, int]] = set()
    for left, top, width, height in rects:
        columns = range(int(np.ceil(left / DOT_STEP)), int((left + width) // DOT_STEP) + 1)
        rows = range(int(np.ceil(top / DOT_STEP)), int((top + height) // DOT_STEP) + 1)
        places.update((row, column) for row in rows for column in columns)
    if not places:
        return None
    table = np.array(sorted(places), dtype=np.float64) * DOT_STEP
    return _rects_path(table[:, 1] - 0.8, table[:, 0] - 0.8, 1.6, 1.6)


def _inset(rects: Sequence[Rect], by: float) -> list[Rect]:
    return [Rect(r.left + by, r.top + by, r.width - 2 * by, r.height - 2 * by) for r in rects]


def _paint_padding(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.padding)
    brush.stroke(_hatch(mark.rects), brush.theme.padding_line, 0.8)


def _paint_unread(brush: Brush, mark: Mark) -> None:
    # Crossing bands are one path, so their crossings are not filled twice.
    brush.fill(rect_path(mark.rects), brush.theme.unread, alpha=UNREAD_ALPHA)
    brush.stroke(_dots(mark.rects), brush.theme.unread_dot, 0.6)


def _paint_never(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.unread)
    brush.stroke(_hatch(mark.rects), brush.theme.unread_dot, 1.2)
    brush.stroke(_hatch(mark.rects, falling=True), brush.theme.unread_dot, 1.2)
    brush.stroke(rect_path(_inset(mark.rects, 1)), brush.theme.text, 2.0)


def _paint_field(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.kernel, alpha=0.22)
    brush.stroke(_hatch(mark.rects, falling=True), brush.theme.kernel, 1.2)


def _paint_windows(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(_inset(mark.rects, 0.5)), brush.theme.window, 1.0, alpha=WINDOW_ALPHA)


def _paint_kernel(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(mark.rects), brush.theme.page, 6.5, alpha=0.9)
    brush.stroke(rect_path(mark.rects), brush.theme.kernel, 4.0)


def _paint_broken(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.error, alpha=0.07)
    brush.stroke(rect_path(mark.rects), brush.theme.error, 4.0)


def _paint_missing(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.page)
    brush.stroke(_hatch(mark.rects), brush.theme.error, 1.0, alpha=0.8)
    brush.stroke(_hatch(mark.rects, falling=True), brush.theme.error, 1.0, alpha=0.8)


def _paint_taps(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(_inset(mark.rects, 2)), brush.theme.kernel, alpha=0.18)


def _paint_winner(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(_inset(mark.rects, 3)), brush.theme.accent, 2.5)


def _paint_ties(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(_inset(mark.rects, 3)), brush.theme.accent, 1.5, dashes=(3, 2))


def _paint_lost(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(_inset(mark.rects, 3)), brush.theme.page)
    brush.stroke(rect_path(_inset(mark.rects, 3)), brush.theme.error, 2.0)


def _paint_edge(brush: Brush, mark: Mark) -> None:
    starts = np.array([(rect.left, rect.top) for rect in mark.rects])
    ends = np.array([(rect.right, rect.bottom) for rect in mark.rects])
    brush.stroke(_segments_path(starts, ends), brush.theme.text, 2.5)


def _paint_ghost(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(mark.rects), brush.theme.error, 2.0, dashes=(7, 5))


def _paint_nothing(brush: Brush, mark: Mark) -> None:
    brush.stroke(rect_path(mark.rects), brush.theme.muted, 2.0, dashes=(2, 4))


def _paint_infeasible(brush: Brush, mark: Mark) -> None:
    brush.stroke(_hatch(mark.rects), brush.theme.error, 0.8, alpha=0.45)
    brush.stroke(_hatch(mark.rects, falling=True), brush.theme.error, 0.8, alpha=0.45)


def _paint_refused(brush: Brush, mark: Mark) -> None:
    brush.stroke(_hatch(mark.rects), brush.theme.muted, 0.9, alpha=0.7)


def _paint_differs(brush: Brush, mark: Mark) -> None:
    brush.stroke(_hatch(mark.rects), brush.theme.accent, 0.9, alpha=0.6)
    brush.stroke(rect_path(_inset(mark.rects, 1.2)), brush.theme.accent, 2.0)


def _paint_map(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(mark.rects), brush.theme.high)
    brush.stroke(rect_path(mark.rects), brush.theme.text, 1.2)


def _paint_slice(brush: Brush, mark: Mark) -> None:
    brush.fill(rect_path(_inset(mark.rects, 2)), brush.theme.kernel)


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


def paint_arrow(brush: Brush, arrow: Arrow) -> None:
    """A double arrow; both heads shrink with it."""
    (x0, y0), (x1, y1) = arrow.start, arrow.end
    length = max(abs(x1 - x0), abs(y1 - y0))
    head = min(6.0, length / 3)
    tips = [(x0, y0, head), (x1, y1, -head)]
    barbs = (-0.6 * head, 0.6 * head)
    starts, ends = [(x0, y0)], [(x1, y1)]
    for x, y, back in tips:
        starts += [(x, y), (x, y)]
        ends += [(x + side, y + back) if x0 == x1 else (x + back, y + side) for side in barbs]
    brush.stroke(_segments_path(np.array(starts), np.array(ends)), brush.theme.error, 1.6)


def paint_labels(brush: Brush, labels: Sequence[Label]) -> None:
    """All labels, those of one tone in one call."""
    by_tone: dict[str, list[Placing]] = {}
    for label in labels:
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[label.align]
        offset = outline(label.text, label.bold).width * label.size * shift
        x, y = (label.x, label.y + offset) if label.upright else (label.x - offset, label.y)
        placing = Placing(label.text, x, y, label.size, label.bold, label.upright)
        by_tone.setdefault(label.tone, []).append(placing)
    for tone, placings in by_tone.items():
        brush.fill(compound(placings), brush.theme.tone(tone))
