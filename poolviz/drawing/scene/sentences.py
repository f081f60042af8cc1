"""Descriptions of windows; the browser builds the same sentences from the same texts."""

from __future__ import annotations

import numpy as np

from poolviz.arithmetic import values
from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.shapes import length
from poolviz.drawing.convolution.operands import Operands
from poolviz.drawing.scene.numerals import value_text
from poolviz.drawing.scene.plane_views import output_slice
from poolviz.drawing.scene.scene import Scene
from poolviz.drawing.scene.terms import (
    MOST_TERMS,
    rest_texts,
    sum_text,
    window_terms,
    written_terms,
)
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import plural

MOST_LISTED = 6  # places of a dilated window


def window_sentence(scene: Scene, i: int, j: int) -> str:
    """Return which input cells output cell (i, j) reads and its value; indices start at 0."""
    trace = scene.trace.as_windows
    if len(trace.axes) == 3 and output_slice(trace, scene.slice_index) is None:
        return say("browser.window.unread_slice")
    places = _places(scene, i, j)
    out = ", ".join(
        say(f"browser.at.{axis.name}", place=place)
        for axis, place in zip(trace.axes, places, strict=True)
    )
    read = ", ".join(_read(axis, place) for axis, place in zip(trace.axes, places, strict=True))
    op = trace.layer.op
    if isinstance(scene.trace, ConvTrace) and scene.operands and scene.results:
        return _products_sentence(scene, scene.trace, scene.operands, places, out=out, read=read)
    if scene.results is None:
        return say(f"browser.window.{op}", out=out, read=read)
    value = value_text(scene.results.pooled[places])
    if op != "avg":
        return say(f"browser.window.{op}_value", out=out, read=read, value=value)
    divisor = int(values.divisors(trace)[places])
    return say("browser.window.avg_value", out=out, read=read, value=value, divisor=divisor)


def _products_sentence(
    scene: Scene,
    trace: ConvTrace,
    operands: Operands,
    places: tuple[int, ...],
    **where: str,
) -> str:
    """Return the products of a window and their sum."""
    assert scene.results is not None
    value = value_text(scene.results.pooled[places])
    if trace.is_transposed:
        listed = [*written_terms(trace, operands, places)]
        ends = ", …" if len(listed) > MOST_TERMS else ""
        sums = ", ".join(listed[:MOST_TERMS]) + ends
        return say("browser.window.transposed_value", value=value, sum=sums, **where)
    assert scene.results.products is not None
    rest = rest_texts(trace, operands, scene.results.products)
    shape = scene.results.pooled.shape
    flat = np.ravel_multi_index(places, shape)
    added = "" if rest is None else rest[int(flat) // shape[-1]][int(flat) % shape[-1]]
    sums = sum_text(window_terms(trace, operands, places), added, value)
    return say("browser.window.conv_value", sum=sums, **where)


def bounded(scene: Scene, position: tuple[int, int]) -> tuple[int, int]:
    """Clip a position to the output that is drawn."""
    assert scene.output is not None
    plane = scene.output.plane
    return (
        min(max(position[0], 0), plane.rows - 1),
        min(max(position[1], 0), plane.columns - 1),
    )


def _places(scene: Scene, i: int, j: int) -> tuple[int, ...]:
    trace = scene.trace.as_windows
    ndim = len(trace.axes)
    if ndim == 1:
        return (j,)
    if ndim == 2:
        return (i, j)
    return (output_slice(trace, scene.slice_index) or 0, i, j)


def _read(axis: AxisTrace, place: int) -> str:
    """Return the existing input places that a window reads along one axis."""
    start, step = axis.window_starts[place], axis.dilation
    # Elements in the padding are no cells of the input.
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
