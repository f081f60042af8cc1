"""Descriptions of windows; the browser builds the same sentences from the same texts."""

from __future__ import annotations

from poolviz.arithmetic import values
from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import length
from poolviz.drawing.scene.numerals import value_text
from poolviz.drawing.scene.plane_views import output_slice
from poolviz.drawing.scene.scene import Scene
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import plural

MOST_LISTED = 6  # places of a dilated window


def window_sentence(scene: Scene, i: int, j: int) -> str:
    """Return which input cells output cell (i, j) reads and its value; indices start at 0."""
    trace = scene.trace
    if len(trace.axes) == 3 and output_slice(trace, scene.slice_index) is None:
        return say("browser.window.unread_slice")
    places = _places(scene, i, j)
    out = ", ".join(
        say(f"browser.at.{axis.name}", place=place)
        for axis, place in zip(trace.axes, places, strict=True)
    )
    read = ", ".join(_read(axis, place) for axis, place in zip(trace.axes, places, strict=True))
    op = trace.layer.op
    if scene.results is None:
        return say(f"browser.window.{op}", out=out, read=read)
    value = value_text(scene.results.pooled[places])
    if op != "avg":
        return say(f"browser.window.{op}_value", out=out, read=read, value=value)
    divisor = int(values.divisors(trace)[places])
    return say("browser.window.avg_value", out=out, read=read, value=value, divisor=divisor)


def bounded(scene: Scene, position: tuple[int, int]) -> tuple[int, int]:
    """Clip a position to the output that is drawn."""
    assert scene.output is not None
    plane = scene.output.plane
    return (
        min(max(position[0], 0), plane.rows - 1),
        min(max(position[1], 0), plane.columns - 1),
    )


def _places(scene: Scene, i: int, j: int) -> tuple[int, ...]:
    ndim = len(scene.trace.axes)
    if ndim == 1:
        return (j,)
    if ndim == 2:
        return (i, j)
    return (output_slice(scene.trace, scene.slice_index) or 0, i, j)


def _read(axis: AxisTrace, place: int) -> str:
    """Return the existing input places that a window reads along one axis."""
    start, step = axis.window_starts[place], axis.dilation
    first = start + max(0, -(start // step)) * step
    taps = range(first, min(start + axis.window_length(place), axis.input_size), step)
    key = f"browser.read.{axis.name}"
    if not taps:
        return say(f"{key}.none")
    amount = length(taps)
    if step == 1 and amount > 1:
        return plural(key, amount, places=f"{taps[0]}–{taps[-1]}")
    more = ", …" if amount > MOST_LISTED else ""
    return plural(key, amount, places=", ".join(map(str, taps[:MOST_LISTED])) + more)
