"""One sentence on why the same call gives another result in another framework."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.trace import Trace, counts_padding
from poolviz.arithmetic.versions import title_of
from poolviz.diagnosis.layer.comparison import text_of
from poolviz.diagnosis.phrases import axis_words, capital, count
from poolviz.i18n.catalogue import say

DifferenceKind = Literal["same", "outcome", "size", "windows", "divisor"]


def kind_of_difference(reference: Trace, other: Trace) -> DifferenceKind:
    """Classify how two frameworks differ: outcome, size, windows, or only the divisor.

    >>> from poolviz import Pool, trace
    >>> layer = Pool(3, 2, "same", framework="keras")
    >>> kind_of_difference(trace(layer, 10), trace(Pool(3, 2, 1), 10))
    'windows'
    """
    if reference.outcome != other.outcome or reference.is_truncated != other.is_truncated:
        return "outcome"
    if reference.outcome == "raises":
        return "same"
    # From the coarse to the fine: the first difference explains those below it.
    if reference.returned_size != other.returned_size:
        return "size"
    if reference.outcome == "empty":
        return "same"
    if any(map(_starts_differ, reference.axes, other.axes)):
        return "windows"
    return "divisor" if _divides_otherwise(reference, other) else "same"


def difference(reference: Trace, other: Trace) -> str:
    """Describe each difference of `other` in a sentence; "" without any.

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
        return say("difference.outcome", framework=title_of(other), does=text_of(other))
    if kind == "divisor":
        return _divisor_text(other)
    return " ".join(_axis_texts(reference, other))


def _starts_differ(one: AxisTrace, other: AxisTrace) -> bool:
    return bool(one.window_starts != other.window_starts)


def _divides_otherwise(one: Trace, other: Trace) -> bool:
    if one.layer.op != "avg" or counts_padding(one) == counts_padding(other):
        return False
    return any(axis.padding.total or axis.overhang for axis in other.axes)


def _divisor_text(other: Trace) -> str:
    counts = counts_padding(other)
    key = "difference.divides_by_the_kernel" if counts else "difference.divides_by_the_input"
    return say(key, framework=other.framework.title)


def _axis_texts(reference: Trace, other: Trace) -> Iterator[str]:
    """Yield the differences; axes that differ alike are named together."""
    said: dict[str, list[str]] = {}
    for one, its in zip(reference.axes, other.axes, strict=True):
        for text in _one_axis(one, its, other.framework.title):
            said.setdefault(text, []).append(one.name)
    for text, axes in said.items():
        yield f"{capital(axis_words(axes))}: {text}"


def _one_axis(one: AxisTrace, other: AxisTrace, title: str) -> Iterator[str]:
    if one.output_size != other.output_size:
        windows = count(other.output_size, "window")
        yield say("difference.windows", framework=title, windows=windows, formula=other.formula)
    if one.padding != other.padding:
        yield _padding_text(one, other)


def _padding_text(one: AxisTrace, other: AxisTrace) -> str:
    pads = {"added": _pads(other), "usual": _pads(one)}
    shift = other.window_starts.start - one.window_starts.start
    if shift == 0:
        return say("difference.padding", **pads)
    key = "difference.padding_and_later" if shift > 0 else "difference.padding_and_earlier"
    return say(key, elements=count(abs(shift), "element"), **pads)


def _pads(axis: AxisTrace) -> str:
    before, after = axis.padding
    return say("difference.pads", before=before, after=after)
