"""What one window does, in a sentence."""

from __future__ import annotations

from poolviz.arithmetic import values
from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import length
from poolviz.diagnosis.wording import ELEMENTS
from poolviz.drawing.numerals import format_value
from poolviz.drawing.planes import output_slice
from poolviz.drawing.scene import Scene


def window_sentence(scene: Scene, i: int, j: int) -> str:
    """Output cell (i, j): which input cells it reads and what comes out; counted from 0."""
    trace = scene.trace
    if len(trace.axes) == 3 and output_slice(trace, scene.slice_index) is None:
        return "no window reads this slice"
    places = _places(scene, i, j)
    out = ", ".join(
        f"{ELEMENTS[axis.name]} {place}" for axis, place in zip(trace.axes, places, strict=True)
    )
    read = ", ".join(_read(axis, place) for axis, place in zip(trace.axes, places, strict=True))
    is_max = trace.layer.op == "max"
    what = "the largest of" if is_max else "the average of"
    sentence = f"output {out}: {what} {read}"
    if scene.results is None:
        return sentence
    value = format_value(scene.results.pooled[places])
    if is_max:
        return f"{sentence} is {value}"
    divisor = int(values.divisors(trace)[places])
    return f"{sentence} is {value} (divided by {divisor})"


def bounded(scene: Scene, position: tuple[int, int]) -> tuple[int, int]:
    """A position brought into the output that is drawn."""
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
    """The input places that one window reads along one axis, those that exist."""
    start, step = axis.window_starts[place], axis.dilation
    first = start + max(0, -(start // step)) * step
    taps = range(first, min(start + axis.effective_kernel_size, axis.input_size), step)
    noun = ELEMENTS[axis.name]
    if not taps:
        return f"no {noun}"
    if length(taps) == 1:
        return f"{noun} {taps[0]}"
    if step == 1:
        return f"{noun}s {taps[0]}–{taps[-1]}"
    shown = ", ".join(map(str, taps[:6])) + (", …" if length(taps) > 6 else "")
    return f"{noun}s {shown}"
