"""A network as a row of shrinking feature maps, up to the layer that fails; no matplotlib."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log2
from textwrap import wrap

from poolviz.arithmetic.network.forward import Failure
from poolviz.arithmetic.shapes import length
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.network.phrases import failure_outcome, is_telling, operation_title
from poolviz.diagnosis.network.stack import Stack
from poolviz.diagnosis.phrases import count, number
from poolviz.drawing.charts.network_stages import Stage, stages
from poolviz.drawing.scene.axis_layout import Axes, AxisLayout, axes_of
from poolviz.drawing.scene.layout import MARGIN, Placed, Plane, Rect
from poolviz.drawing.scene.marks import Marks
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.picture import Arrow, Label, Mark, Picture, Role, Tone
from poolviz.i18n.catalogue import say

WIDTH = 900.0  # picture units
LARGEST, LARGEST_ALONE, SMALLEST = 76.0, 150.0, 12.0  # sides of a block; alone: with words
LOW = 60.0  # height for blocks below upright captions
STRIP = 24.0  # the height of a 1-D map
VECTOR = 12.0  # the width of what has no spatial axis
FAILURE_ROOM = 200.0  # for the words beside the layer that fails
FAILURE_WIDTH = FAILURE_ROOM + MARGIN - 16  # it may reach into the margin
CAPTION, _LEAST_TITLE = 11.0, 9.0  # font sizes
UPRIGHT, UPRIGHT_ALONE = 80.0, 106.0  # length of upright captions
_BOLD = 1.18  # how much wider bold text is
LARGEST_CELL = 30.0  # of the map that the kernel leaves
_TOP, _TOP_ALONE, _BELOW = 4.0, 26.0, 46.0
_LINE, _CHARACTERS, _TITLE_CHARACTERS = 21.0, 116, 96
_NOTE_CHARACTERS = 42  # on a line below the layer that fails


@dataclass(frozen=True, slots=True)
class LayerPlace:
    """The rectangle of rows `first` to `last` of a network; both None for the input."""

    rect: Rect
    first: int | None
    last: int | None


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkDiagram(Picture):
    """The picture of a stack; `places` are the rectangles to click on."""

    stack: Stack
    places: tuple[LayerPlace, ...]

    @property
    def alt(self) -> str:
        """Alt text."""
        return " ".join([f"{self.stack.diagnosis.headline}.", *_alt_maps(self.stack)])


def build_network_diagram(
    stack: Stack, with_words: bool = False, width: float = WIDTH
) -> NetworkDiagram:
    """Return the diagram of a stack: its feature maps and, if a layer fails, that layer.

    `with_words` adds the headline, the findings and the fixes, for a picture that is shown alone.
    """
    builder = _Builder(stack, with_words, width)
    builder.build()
    return NetworkDiagram(
        width=width,
        height=builder.height,
        marks=tuple(builder.marks),
        arrows=tuple(builder.arrows),
        labels=tuple(builder.labels),
        stack=stack,
        places=tuple(builder.places),
    )


class _Builder:
    def __init__(self, stack: Stack, with_words: bool, width: float) -> None:
        self.stack = stack
        self.with_words = with_words
        self.stages = stages(stack)
        self.failure = stack.walk.failure
        self.marks: list[Mark] = []
        self.labels: list[Label] = []
        self.arrows: list[Arrow] = []
        self.places: list[LayerPlace] = []
        room = width - 2 * MARGIN - (FAILURE_ROOM if self.failure else 0)
        largest = LARGEST_ALONE if with_words else LARGEST
        self.slot = min(room / len(self.stages), LARGEST_ALONE + 30)
        self.largest = min(largest, self.slot * 0.82)
        self.is_narrow = any(
            text_width(stage.made_by) * CAPTION > self.slot - 6 for stage in self.stages
        )
        said = stack.diagnosis
        self.heading = wrap(said.verdict, _TITLE_CHARACTERS)[:2] if with_words else []
        self.place = wrap(f"{said.headline}.", _CHARACTERS)[:2] if with_words else []
        above = 22.0 * len(self.heading) + 18.0 * len(self.place)
        self.most = UPRIGHT_ALONE if with_words else UPRIGHT
        names = (_short(stage.made_by, self.most) for stage in self.stages)
        longest = max(map(text_width, names)) * CAPTION
        self.above = longest + 12 if self.is_narrow else 22.0  # of the captions
        self.top = (_TOP_ALONE if with_words else _TOP) + above + self.above
        self.high = max(self.largest, LOW if self.is_narrow else LARGEST)
        self.middle = self.top + self.high / 2
        self.height = self.top + self.high + _BELOW

    def build(self) -> None:
        blocks = []
        for i, stage in enumerate(self.stages):
            blocks.append(self._block(stage, MARGIN + (i + 0.5) * self.slot))
        self.marks += _by_role(self.stages, blocks)
        for left, right in pairwise(blocks):
            if right.left - left.right > 20:
                middle = (left.right + right.left) / 2
                self.labels.append(Label(middle, self.middle + 5, "→", "muted", 14, "center"))
        if self.failure is not None:
            self._fail(self.failure, MARGIN + len(self.stages) * self.slot)
        if self.with_words:
            self._words()

    def _block(self, stage: Stage, middle: float) -> Rect:
        width, height = self._sides(stage)
        rect = Rect(middle - width / 2, self.middle - height / 2, width, height)
        self.places.append(LayerPlace(self._slot_rect(middle), stage.first, stage.last))
        self._captions(stage, middle, rect)
        if stage.skipped:
            x, y = middle + self.slot / 2, self.height - _BELOW - 6
            self.labels.append(Label(x, y, "…", "muted", 18, "center", bold=True))
        return rect

    def _slot_rect(self, middle: float) -> Rect:
        top = self.top - self.above
        return Rect(middle - self.slot / 2 + 2, top, self.slot - 4, self.height - top - 6)

    def _sides(self, stage: Stage) -> tuple[float, float]:
        if not stage.sizes:
            return min(VECTOR, self.largest), self._side(stage.channels, self._most_features)
        across = self._side(stage.sizes[-1], self._most)
        if len(stage.sizes) == 1:
            return across, STRIP
        return across, self._side(stage.sizes[-2], self._most)

    @property
    def _most(self) -> int:
        return max([2, *(size for stage in self.stages for size in stage.sizes[-2:])])

    @property
    def _most_features(self) -> int:
        return max([2, *(stage.channels for stage in self.stages if not stage.sizes)])

    def _side(self, size: int, most: int) -> float:
        """Side of a block; the scale is logarithmic, so that small maps stay visible."""
        if size < 1:
            return SMALLEST
        return SMALLEST + (self.largest - SMALLEST) * log2(size) / log2(most)

    def _captions(self, stage: Stage, middle: float, rect: Rect) -> None:
        tone: Tone = "accent" if stage.shrinks and self.failure is not None else "text"
        if self.is_narrow:
            x, y = middle + CAPTION / 3, self.top - 8
            name = _short(stage.made_by, self.most)
            self.labels.append(Label(x, y, name, tone, CAPTION, upright=True))
        else:
            self.labels.append(Label(middle, self.top - 8, stage.made_by, tone, CAPTION, "center"))
        base = self.height - _BELOW + 16
        size = min(12.5, (self.slot - 4) / (_BOLD * text_width(stage.caption)))
        self.labels.append(Label(middle, base, stage.caption, "text", size, "center", bold=True))
        if stage.sizes:
            before = stage.channels_before
            start = f"{number(before)} → " if before not in (0, stage.channels) else ""
            words = start + count(stage.channels, "channel")
            if text_width(words) * CAPTION > self.slot - 4:
                words = start + _few_channels(stage)
            if text_width(words) * CAPTION > self.slot - 4:
                words = _few_channels(stage)
            self.labels.append(Label(middle, base + 16, words, "muted", CAPTION, "center"))

    # --- the layer that fails ----------------------------------------------------------------

    def _fail(self, failure: Failure, left: float) -> None:
        middle = left + FAILURE_WIDTH / 2
        title = operation_title(failure.layer, len(failure.input_size))
        name = title
        if is_telling(failure.name):
            most = (FAILURE_WIDTH - 12) / _BOLD - text_width(f"✗ : {title}") * _LEAST_TITLE
            name = f"{_short(failure.name, most, _LEAST_TITLE)}: {title}"
        y = self.top - 8 - (14 if self.is_narrow else 0)
        self._line(middle, y, f"✗ {name}", "error", 12.5, bold=True)
        self.places.append(LayerPlace(self._failure_rect(left), failure.index, failure.index))
        traced = failure.problem.trace
        if traced is not None and self.is_overhanging:
            self._overhang(traced, left)
        else:
            self._ghost(failure, left)
        if self.with_words or not self.is_overhanging:  # else its room is needed
            base = self.height - _BELOW + 32
            self._line(middle, base, failure_outcome(failure), "error", 11.5)

    @property
    def is_overhanging(self) -> bool:
        """Whether the kernel is drawn over the map that it does not fit."""
        traced = None if self.failure is None else self.failure.problem.trace
        return traced is not None and any(a.missing and a.output_size < 1 for a in traced.axes)

    def _failure_rect(self, left: float) -> Rect:
        top = self.top - (38.0 if self.is_narrow else 24.0)
        return Rect(left + 2, top, FAILURE_WIDTH, self.height - top - 4)

    def _line(self, x: float, y: float, text: str, tone: Tone, size: float, **more: bool) -> None:
        """Add a line of text, small enough for the column of the failing layer."""
        size = min(
            size, (FAILURE_WIDTH - 12) / max(0.1, (_BOLD if more else 1.05) * text_width(text))
        )
        self.labels.append(Label(x, y, text, tone, max(size, 8.0), "center", **more))

    def _overhang(self, traced: Trace, left: float) -> None:
        """Draw the kernel over the map, as the picture of the layer alone does."""
        top = self.top + (18 if self.is_narrow else 32)  # below the title
        end = self.top + self.high - (22 if self.with_words else -8)
        room = Rect(left + 40, top, FAILURE_WIDTH - 60, end - top)
        traced, note = _from_the_side(traced)
        axes = axes_of(traced)
        marks = Marks(traced, axes, _placed(axes, room), None, None)
        marks.build_overhang()
        cells = marks.cells
        if min(cells.cell_width, cells.cell_height) >= 4:
            grid = tuple(
                cells.rect(i, j, 1, 1) for i in range(cells.rows) for j in range(cells.columns)
            )
            self.marks.append(Mark("map", grid))
        else:
            self.marks.append(Mark("map", (cells.bounds,)))
        if cells.columns < axes.input_shape[1]:
            x, y = cells.bounds.right + 10, cells.bounds.bottom - cells.bounds.height / 2
            self.labels.append(Label(x, y, "…", "muted", 16, "center", bold=True))
        self.marks += (_clipped(mark, marks.whole.bounds) for mark in marks.marks)
        self.arrows += marks.arrows
        for label in marks.labels:
            is_long = label.align == "left"
            if is_long:
                parts = wrap(note or label.text, _NOTE_CHARACTERS)
                end = _BELOW - 14 if self.with_words else 14 * len(parts)
                y = min(label.y, self.height - end)
                for i, part in enumerate(parts):
                    self._line(left + FAILURE_WIDTH / 2, y + 14 * i, part, label.tone, 11.5)
            else:
                self.labels.append(label)

    def _ghost(self, failure: Failure, left: float) -> None:
        role: Role = "nothing" if failure.problem.is_silent else "ghost"
        rect = Rect(left + 50, self.middle - 38, FAILURE_WIDTH - 100, 60)
        self.marks.append(Mark(role, (rect,)))
        middle = left + FAILURE_WIDTH / 2
        lines = list(_mismatch(failure))
        for i, line in enumerate(lines):
            y = self.middle - 8 + 17 * (i - (len(lines) - 1) / 2) + 4
            self.labels.append(Label(middle, y, line, "error", 11.5, "center"))
        kind = say(f"diagram.problem.{failure.problem.kind.name.lower()}")
        self._line(middle, rect.bottom + 18, kind, "muted", 11.5)

    # --- words -------------------------------------------------------------------------------

    def _words(self) -> None:
        said = self.stack.diagnosis
        tone: Tone = "error" if said.ok is False else "text"
        y = 30.0
        for part in self.heading:
            self.labels.append(Label(MARGIN, y, part, tone, 15, bold=True))
            y += 22
        for part in self.place:
            self.labels.append(Label(MARGIN, y - 2, part, "muted", 13))
            y += 18
        y = self.height + 14
        for text, line_tone in self._sentences():
            for part in wrap(text, _CHARACTERS):
                self.labels.append(Label(MARGIN, y, part, line_tone, 13))
                y += _LINE
        self.height = y + 4

    def _sentences(self) -> Iterator[tuple[str, Tone]]:
        said = self.stack.diagnosis
        for finding in said.findings:
            yield str(finding), "text"
        for fix in said.fixes[:4]:
            yield say("picture.works", fixes=fix.text), "good"
        yield scale_note(), "muted"


def scale_note() -> str:
    """Return the note that explains the scale of the blocks."""
    return say("diagram.scale")


def _few_channels(stage: Stage) -> str:
    return say("diagram.few_channels", channels=number(stage.channels))


def _short(text: str, most: float, size: float = CAPTION) -> str:
    """Cut a text to a length, that of an upright caption or of the title of the failing layer."""
    while len(text) > 1 and text_width(text) * size > most:
        text = f"{text.rstrip('…')[:-1]}…"
    return text


def _by_role(found: list[Stage], blocks: list[Rect]) -> Iterator[Mark]:
    full = tuple(b for s, b in zip(found, blocks, strict=True) if 0 not in s.sizes)
    empty = tuple(b for s, b in zip(found, blocks, strict=True) if 0 in s.sizes)
    yield Mark("map", full)
    if empty:
        yield Mark("nothing", empty)


def _from_the_side(traced: Trace) -> tuple[Trace, str]:
    """Show depth in place of height where the kernel is too long in depth, with a note."""
    depth = traced.axes[0]
    if len(traced.axes) < 3 or not depth.missing:
        return traced, ""
    return replace(traced, axes=(depth, traced.axes[2])), say("diagram.from_the_side")


def _clipped(mark: Mark, bounds: Rect) -> Mark:
    """Shorten the line where the input ends to the part of the map that is drawn."""
    if mark.role != "edge":
        return mark
    ends = (bounds.right + 4, bounds.bottom + 4)
    rects = (
        rect._replace(
            width=min(rect.width, ends[0] - rect.left), height=min(rect.height, ends[1] - rect.top)
        )
        for rect in mark.rects
    )
    return Mark("edge", tuple(rects))


def _placed(axes: Axes, room: Rect) -> Placed:
    """Place the part of the map that is drawn, and the kernel on it."""
    rows, columns = _shown(axes.down), _shown(axes.across)
    high, wide = max(1, length(rows)), max(1, length(columns))
    side = min(room.width / wide, room.height / high, LARGEST_CELL)
    # A long thin map is stretched until its short side can be seen.
    cell_width = max(side, min(room.width, 16.0) / wide)
    cell_height = max(side, min(room.height, 16.0) / high)
    left = room.left + (room.width - wide * cell_width) / 2
    top = room.top + (room.height - high * cell_height) / 2
    whole = Plane(left, top, cell_width, cell_height, high, wide)
    size = axes.input_shape
    cells = whole.inner(rows, columns, (min(size[0], high), min(size[1], wide)))
    return Placed(whole, cells, None, room, None, room.right)


def _shown(axis: AxisLayout) -> range:
    """Places that are drawn; only the first ones of an axis on which the kernel fits."""
    if axis.trace.missing or axis.trace.padding.total:
        return axis.drawn
    return axis.drawn[: max(6, 3 * axis.trace.effective_kernel_size)]


def _mismatch(failure: Failure) -> Iterator[str]:
    problem = failure.problem
    if problem.shapes:
        yield from (" × ".join(map(number, shape)) for shape in problem.shapes[:3])
    elif problem.expected and problem.got:
        yield say("diagram.wants", amount=number(problem.expected[0]))
        yield say("diagram.gets", amount=number(problem.got[0]))
    else:
        yield say("diagram.not_computed")


def _alt_maps(stack: Stack) -> Iterator[str]:
    yield say("diagram.alt_maps", steps="; ".join(map(_alt_step, stages(stack))))
    said = stack.diagnosis
    yield from (str(finding) for finding in said.findings)
    if said.fixes:
        yield say("picture.alt_works", fixes="; ".join(fix.text for fix in said.fixes[:3]))


def _alt_step(stage: Stage) -> str:
    if stage.first is None:
        return stage.caption
    return say("diagram.alt_step", layer=stage.made_by, size=stage.caption)
