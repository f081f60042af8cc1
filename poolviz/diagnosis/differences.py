"""Why the same call gives something else in another framework, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import counts_padding
from poolviz.diagnosis.comparison import text_of
from poolviz.diagnosis.wording import capital, count, joined

Kind = Literal["same", "outcome", "size", "windows", "divisor"]


def kind_of_difference(reference: Trace, other: Trace) -> Kind:
    """How much two frameworks differ: in the outcome, the size, the windows, or only the divisor.

    >>> from poolviz import Pool, trace
    >>> layer = Pool(3, 2, "same", framework="keras")
    >>> kind_of_difference(trace(layer, 10), trace(Pool(3, 2, 1), 10))
    'windows'
    """
    if reference.outcome != other.outcome or reference.is_truncated != other.is_truncated:
        return "outcome"
    if reference.outcome == "raises":
        return "same"
    if reference.returned_size != other.returned_size:
        return "size"
    if reference.outcome == "empty":
        return "same"
    if any(map(_starts_differ, reference.axes, other.axes)):
        return "windows"
    return "divisor" if _divides_otherwise(reference, other) else "same"


def difference(reference: Trace, other: Trace) -> str:
    """One sentence for each thing that `other` does in its own way; "" where nothing differs.

    >>> from poolviz import Pool, trace
    >>> keras = trace(Pool(3, 2, "same", framework="keras"), (10, 10))
    >>> print(difference(keras, trace(Pool(3, 2, 1), (10, 10))))
    Height and width: 1 before and 1 after are added, not 0 before and 1 after, so every window \
starts 1 element earlier.
    """
    kind = kind_of_difference(reference, other)
    if kind == "same":
        return ""
    if kind == "outcome":
        return f"{other.framework.title} {text_of(other)}."
    if kind == "divisor":
        return _divisor_text(other)
    return " ".join(_axis_texts(reference, other))


def _starts_differ(one: AxisTrace, other: AxisTrace) -> bool:
    return one.window_starts != other.window_starts


def _divides_otherwise(one: Trace, other: Trace) -> bool:
    if one.layer.op != "avg" or counts_padding(one) == counts_padding(other):
        return False
    return any(axis.padding.total or axis.overhang for axis in other.axes)


def _divisor_text(other: Trace) -> str:
    title = other.framework.title
    if counts_padding(other):
        return f"{title} divides by the whole kernel, padding counted."
    return f"{title} divides by the input cells that a window reads, without the padding."


def _axis_texts(reference: Trace, other: Trace) -> Iterator[str]:
    """What differs, axes with the same difference together."""
    said: dict[str, list[str]] = {}
    for one, its in zip(reference.axes, other.axes, strict=True):
        for text in _one_axis(one, its, other.framework.title):
            said.setdefault(text, []).append(one.name)
    for text, axes in said.items():
        yield f"{capital(joined(axes))}: {text}"


def _one_axis(one: AxisTrace, other: AxisTrace, title: str) -> Iterator[str]:
    if one.output_size != other.output_size:
        yield f"{title} gets {count(other.output_size, 'window')}, {other.formula}."
    if one.padding != other.padding:
        shift = other.window_starts.start - one.window_starts.start
        yield f"{_pads(other)} are added, not {_pads(one)}{_moved(shift)}."


def _pads(axis: AxisTrace) -> str:
    before, after = axis.padding
    return f"{before} before and {after} after"


def _moved(shift: int) -> str:
    if shift == 0:
        return ""
    way = "later" if shift > 0 else "earlier"
    return f", so every window starts {count(abs(shift), 'element')} {way}"
