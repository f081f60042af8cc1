"""Max pooling and its way back: the input, the pooled map, and the map after unpooling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray

from poolviz.arithmetic import unpooling, values
from poolviz.arithmetic.layers.unpool import Unpool
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.phrases import by, layer_title
from poolviz.drawing.scene.layout import Plane
from poolviz.drawing.scene.numerals import value_text
from poolviz.drawing.scene.picture import Label, Mark, Picture
from poolviz.drawing.scene.plane_views import as_plane, cells, value_range
from poolviz.i18n.catalogue import say

WIDTH, LEFT, GAP = 900.0, 44.0, 56.0
TOP, HEIGHT, BOTTOM = 106.0, 300.0, 34.0
LARGEST_CELL = 46.0
_LINE, _CHARACTERS = 21.0, 116


@dataclass(frozen=True, kw_only=True, eq=False)
class Unpooling(Picture):
    """Three maps side by side; the marked value is in one window, one cell, and its place."""

    title: str
    alt: str
    pooled: Plane


@dataclass(frozen=True)
class _Maps:
    """The three maps as planes of numbers, and the flat index of each maximum."""

    x: Array
    pooled: Array
    winners: NDArray[np.int64]
    unpooled: Array

    @property
    def all(self) -> tuple[Array, Array, Array]:
        return self.x, self.pooled, self.unpooled


def build_unpooling(
    layer: Unpool, traced: Trace, x: Array, position: tuple[int, int] | None
) -> Unpooling:
    """Return the round trip of a map with one or two axes.

    Raises
    ------
    ValueError
        Where the framework has no unpooling, or rejects the size.
    """
    pooled, winners = values.pooled_plane(x, traced), values.winners(x, traced)
    back = unpooling.unpool(pooled, winners, traced.layer, layer.output_size)
    maps = _Maps(as_plane(x), as_plane(pooled), as_plane(winners), as_plane(back))
    planes = _planes(maps)
    at = None if position is None else _clipped(position, planes[1])
    texts = [*_texts(maps, traced, back.shape, at)]
    lines = [line for text in texts for line in wrap(text, _CHARACTERS)]
    bottom = max(plane.bottom for plane in planes) + BOTTOM
    levels = value_range(maps.x)
    title = say("unpooling.title", layer=layer_title(traced))
    return Unpooling(
        width=WIDTH,
        height=bottom + _LINE * len(lines) + 8,
        cells=tuple(
            cells(plane, data, levels) for plane, data in zip(planes, maps.all, strict=True)
        ),
        marks=tuple(_marks(maps, traced, planes, at)),
        labels=(
            Label(LEFT, 30, title, "text", 17, bold=True),
            *_headings(planes, traced, pooled.shape, back.shape),
            *(Label(LEFT, bottom + _LINE * i, line, "text", 13) for i, line in enumerate(lines)),
        ),
        title=title,
        alt=" ".join([say("unpooling.alt", title=title), *texts]),
        pooled=planes[1],
    )


def _planes(maps: _Maps) -> tuple[Plane, ...]:
    """Place the maps side by side, with cells of one size."""
    columns = sum(data.shape[1] for data in maps.all)
    rows = max(data.shape[0] for data in maps.all)
    room = WIDTH - 2 * LEFT - 2 * GAP
    side = min(LARGEST_CELL, room / max(1, columns), HEIGHT / max(1, rows))
    planes, left = [], LEFT
    for data in maps.all:
        planes.append(Plane(left, TOP, side, side, *data.shape))
        left += data.shape[1] * side + GAP
    return tuple(planes)


def _headings(
    planes: tuple[Plane, ...], traced: Trace, pooled: tuple[int, ...], back: tuple[int, ...]
) -> Iterator[Label]:
    sizes = (traced.input_size, pooled, back)
    for plane, key, size in zip(planes, ("input", "pooled", "unpooled"), sizes, strict=True):
        yield Label(plane.left, TOP - 30, say(f"unpooling.{key}"), "muted", 12)
        yield Label(plane.left, TOP - 12, by(size), "muted", 12)
    for plane in planes[1:]:
        middle = TOP + min(planes[1].bottom, planes[0].bottom) / 2 - TOP / 2
        yield Label(plane.left - GAP / 2, middle, "→", "muted", 18, "center")


def _marks(
    maps: _Maps, traced: Trace, planes: tuple[Plane, ...], at: tuple[int, int] | None
) -> Iterator[Mark]:
    """Frame every maximum in the input and in the result, and the window of one of them."""
    here, _, there = planes
    places = np.unique(maps.winners[maps.winners >= 0])
    for plane in (here, there):
        # A flat index counts in the plane where it is used: in one of another width the place
        # moves.
        rows, columns = np.divmod(places, plane.columns)
        inside = rows < plane.rows
        found = zip(rows[inside].tolist(), columns[inside].tolist(), strict=True)
        yield Mark("winner", tuple(plane.rect(i, j, 1, 1) for i, j in found))
    if at is None:
        return
    window = zip(traced.axes[-2:], at[-len(traced.axes) :], strict=True)
    starts = [(axis.window_starts[i], axis.effective_kernel_size) for axis, i in window]
    (top, high), (left, wide) = starts if len(starts) == 2 else [(0, 1), *starts]
    place = divmod(int(maps.winners[at]), there.columns)
    yield Mark(
        "kernel",
        (
            here.rect(top, left, high, wide),
            planes[1].rect(*at, 1, 1),
            there.rect(*place, 1, 1),
        ),
    )


def _texts(
    maps: _Maps, traced: Trace, size: tuple[int, ...], at: tuple[int, int] | None
) -> Iterator[str]:
    if at is not None:
        index, columns = int(maps.winners[at]), traced.input_size[-1]
        row, column = divmod(index, columns)
        value = value_text(maps.pooled[at])
        yield say("unpooling.value", value=value, index=index, row=row, column=column)
    if size == traced.input_size:
        kept, cells_ = len(np.unique(maps.winners)), maps.x.size
        yield say("unpooling.kept", kept=kept, cells=cells_, zeros=cells_ - kept)
    elif size[-1] != traced.input_size[-1]:
        yield say("unpooling.moved", size=by(size), input=by(traced.input_size))
    else:
        yield say("unpooling.other_size", size=by(size), input=by(traced.input_size))


def _clipped(position: tuple[int, int], plane: Plane) -> tuple[int, int]:
    row, column = position
    return min(max(row, 0), plane.rows - 1), min(max(column, 0), plane.columns - 1)
