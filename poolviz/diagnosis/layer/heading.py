"""The heading of one call: the cause first where something is wrong, otherwise the sizes."""

from __future__ import annotations

from typing import NamedTuple

from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.layer.diagnosis import Diagnosis
from poolviz.diagnosis.layer.findings import Cause, Finding, Severity, find
from poolviz.diagnosis.phrases import (
    axis_words,
    by,
    capital,
    outcome_text,
    room_text,
    window_text,
)
from poolviz.i18n.catalogue import say


class Heading(NamedTuple):
    """A sentence, and what the same finding says besides."""

    text: str
    more: str


def heading_of(diagnosis: Diagnosis) -> Heading:
    """Return the heading of a call.

    >>> from poolviz import Pool, diagnose
    >>> heading_of(diagnose(Pool(15), 10)).text
    'No window fits: the kernel (15) is larger than the input (10).'
    >>> heading_of(diagnose(Pool(3), 10)).text
    '10 × 10 → 3 × 3'
    """
    trace = diagnosis.trace
    first = next(iter(diagnosis.findings), None)
    if first is not None and first.severity is not Severity.NOTE:
        return _cause(first, trace)
    if trace.outcome == "raises":
        return Heading(f"{capital(outcome_text(trace))}.", "")
    output = by(trace.returned_size or trace.output_size)
    return Heading(say("heading.sizes", input=by(trace.input_size), output=output), "")


def cause_in(trace: Trace, layer: str) -> str:
    """Return the cause of what goes wrong in a layer of a network; "" if nothing does."""
    first = next((one for one in find(trace) if one.severity is not Severity.NOTE), None)
    return "" if first is None else _cause(first, trace, layer).text


def _cause(finding: Finding, trace: Trace, layer: str = "") -> Heading:
    is_everywhere = len(finding.axes) in (0, len(trace.axes))
    place = "" if is_everywhere else axis_words(finding.axes)
    if finding.cause == Cause.KERNEL_DOES_NOT_FIT:
        (axis, *_) = (axis for axis in trace.axes if axis.name in finding.axes)
        key = "heading.no_window_on" if place else "heading.no_window"
        window, room = (text(axis, "({})") for text in (window_text, room_text))
        room = say("heading.of_layer", room=room, layer=layer) if layer else room
        return Heading(say(key, axes=place, window=window, room=room), "")
    text = capital(f"{place}: {finding.what}" if place else finding.what)
    return Heading(text, finding.why)
