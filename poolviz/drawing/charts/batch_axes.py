"""The axes of a batch in one picture: images, channels, height and width, and their two orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from poolviz.arithmetic.framework_names import COMPARED
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.diagnosis.phrases import by, joined, number
from poolviz.diagnosis.phrases import count as count_of
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.picture import Arrow, Cells, Label, Picture, Tone
from poolviz.i18n.catalogue import say

WIDTH, LEFT, TOP = 900.0, 92.0, 84.0
SLOT, SIDE, STEP = 190.0, 96.0, 10.0  # of an image, of its longer side, between channels
MOST_IMAGES = MOST_CHANNELS = 4  # that are drawn
MOST_CELLS = 12  # along a side; a larger map is drawn without cells
BOX, HIGH = 96.0, 40.0
LETTERS = {"channels_first": "NCHW", "channels_last": "NHWC"}
LEVELS = {"N": 0.08, "C": 0.3, "H": 0.55, "W": 0.8}
NAMES = {"N": "batch", "C": "channels", "H": "height", "W": "width"}


@dataclass(frozen=True, kw_only=True, eq=False)
class AxesChart(Picture):
    """The picture of the axes of an array."""

    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a framework reads a shape: the size of each letter; without a batch there is no N."""

    shape: tuple[int, ...]
    framework: str

    @property
    def order(self) -> str:
        return FRAMEWORKS[self.framework].data_formats[0]

    def letters(self, order: str) -> str:
        """Return the letters of an order, without N if there is no batch."""
        return LETTERS[order][4 - len(self.shape) :] if self.has_batch else _no_batch(order)

    @property
    def has_batch(self) -> bool:
        return len(self.shape) == 4

    @property
    def sizes(self) -> dict[str, int]:
        return dict(zip(self.letters(self.order), self.shape, strict=True))

    def written(self, order: str) -> tuple[int, ...]:
        """Return the same data's shape in an order."""
        return tuple(self.sizes[letter] for letter in self.letters(order))


def _no_batch(order: str) -> str:
    return LETTERS[order].replace("N", "")


def build_axes_chart(shape: tuple[int, ...], framework: str) -> AxesChart:
    """Return the picture of a shape with or without a batch, as a framework reads it."""
    read = _Reading(shape, framework)
    cells, arrows, labels, bottom = _images(read)
    tables = [*_table(read, read.order, bottom, is_own=True)]
    other = next(order for order in LETTERS if order != read.order)
    tables += _table(read, other, bottom + HIGH + 50, is_own=False)
    title = say(
        "axes.title",
        framework=FRAMEWORKS[framework].title,
        order=_tuple(read.letters(read.order)),
        shape=_tuple(shape),
    )
    return AxesChart(
        width=WIDTH,
        height=bottom + 2 * HIGH + 84,
        cells=(*cells, *(one for one, _ in tables)),
        marks=(),
        arrows=tuple(arrows),
        labels=(
            Label(LEFT - 60, 32, title, "text", 17, bold=True),
            *labels,
            *(label for _, several in tables for label in several),
        ),
        title=title,
        alt=_alt(read, title),
    )


def _tuple(entries: Iterable[object]) -> str:
    return f"({', '.join(map(str, entries))})"


# --- the images ----------------------------------------------------------------------------------


def _images(read: _Reading) -> tuple[list[Cells], list[Arrow], list[Label], float]:
    """Return the images as packs of channels, what measures them, and where they end."""
    sizes = read.sizes
    count, channels, rows, columns = (sizes.get(letter, 1) for letter in "NCHW")
    high, wide = SIDE * rows / max(rows, columns), SIDE * columns / max(rows, columns)
    high, wide = max(high, 10.0), max(wide, 10.0)
    drawn, planes = min(count, MOST_IMAGES), min(channels, MOST_CHANNELS)
    drawn -= count > MOST_IMAGES  # room for the dots
    up = STEP * (planes - 1)
    top, bottom = TOP + up, TOP + up + high
    grid = (rows, columns) if max(rows, columns) <= MOST_CELLS else (1, 1)
    cells: list[Cells] = []
    for i in range(drawn):
        # From the back, because each map covers a part of the one behind it.
        for back in reversed(range(planes)):
            left = LEFT + i * SLOT + back * STEP
            cells += _plane(left, top - back * STEP, wide, high, grid)
    arrows = [
        Arrow((LEFT, bottom + 12), (LEFT + wide, bottom + 12)),
        Arrow((LEFT - 12, top), (LEFT - 12, bottom)),
    ]
    labels = [
        Label(LEFT + wide / 2, bottom + 30, f"W = {number(columns)}", "text", 13, "center"),
        Label(LEFT - 22, top + high / 2 + 4, f"H = {number(rows)}", "text", 13, "right"),
        Label(
            LEFT + up / 2 - 18, top - up / 2 - 12, f"C = {number(channels)}", "text", 13, "right"
        ),
    ]
    if planes > 1:
        start = (LEFT - 7, top - 7)
        arrows.append(Arrow(start, (start[0] + up, start[1] - up)))
    end = LEFT + (drawn - 1) * SLOT + wide + up
    if count > drawn:
        labels.append(Label(end + 44, top + high / 2, "…", "text", 22, "center"))
        end += 70
    line = bottom + 48
    if read.has_batch:
        arrows.append(Arrow((LEFT, line), (end, line)))
        text = say("axes.together", count=number(count))
    else:
        text = say("axes.one_image")
    labels.append(Label((LEFT + end) / 2, line + 18, text, "text", 13, "center"))
    return cells, arrows, labels, line + 62


def _plane(
    left: float, top: float, wide: float, high: float, grid: tuple[int, int]
) -> Iterator[Cells]:
    """Yield a framed map; the frame covers what lies behind it."""
    rows, columns = grid
    yield Cells(Plane(left, top, wide, high, 1, 1), None, None)
    plane = Plane(left, top, wide / columns, high / rows, rows, columns)
    yield Cells(plane, np.full(grid, 0.25), None)


# --- the shape as it is written ------------------------------------------------------------------


def _table(
    read: _Reading, order: str, top: float, *, is_own: bool
) -> Iterator[tuple[Cells, list[Label]]]:
    """Yield the entries of a shape, each with its name and its place."""
    letters, shape = read.letters(order), read.written(order)
    left = LEFT + 260
    plane = Plane(left, top, BOX, HIGH, 1, len(letters))
    levels = np.array([[LEVELS[letter] for letter in letters]])
    titles = [FRAMEWORKS[name].title for name in COMPARED if _reads(name, order)]
    tone: Tone = "text" if is_own else "muted"
    labels = [
        Label(LEFT - 60, top + 17, joined(titles), tone, 14, bold=is_own),
        Label(LEFT - 60, top + 36, _tuple(letters), tone, 13),
    ]
    for i, (letter, size) in enumerate(zip(letters, shape, strict=True)):
        middle = left + (i + 0.5) * BOX
        labels.append(Label(middle, top - 6, say("axes.place", place=i), "muted", 11, "center"))
        shown = f"{letter} = {number(size)}"
        labels.append(Label(middle, top + 18, shown, "text", 14, "center", bold=True))
        labels.append(Label(middle, top + 34, say(f"axes.{NAMES[letter]}"), "text", 12, "center"))
    yield Cells(plane, levels, None), labels


def _reads(framework: str, order: str) -> bool:
    return FRAMEWORKS[framework].data_formats[0] == order


def _alt(read: _Reading, title: str) -> str:
    sizes = read.sizes
    if read.has_batch:
        first = say("axes.alt_batch", count=number(sizes["N"]))
    else:
        first = say("axes.alt_image")
    maps = say(
        "axes.alt_maps",
        channels=count_of(sizes["C"], "channel"),
        size=by((sizes["H"], sizes["W"])),
    )
    orders = [
        say(
            "axes.alt_order",
            frameworks=joined([FRAMEWORKS[name].title for name in COMPARED if _reads(name, order)]),
            order=_tuple(read.letters(order)),
            shape=_tuple(read.written(order)),
        )
        for order in LETTERS
    ]
    return " ".join([f"{title}.", first, maps, *orders])
