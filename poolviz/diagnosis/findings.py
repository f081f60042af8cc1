"""What there is to say about one layer on one input: one function per kind of finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.frameworks import Refusal
from poolviz.arithmetic.shapes import LISTABLE, window_count
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.wording import (
    ELEMENTS,
    capital,
    count,
    joined,
    number,
    outcome_text,
    room_text,
    runs,
    window_text,
)


class Cause(StrEnum):
    """Why a layer does what it does, in the field's words."""

    KERNEL_DOES_NOT_FIT = "kernel does not fit"
    TRUNCATED = "rounded towards zero"
    REFUSED = "argument not offered"
    LIMIT = "limit of the framework"
    EMPTY_INPUT = "empty input"
    PARTIAL_WINDOW = "partial window"
    UNEVEN_PADDING = "uneven padding"
    UNREAD = "unread cells"


class Severity(StrEnum):
    """`ERROR`: the call raises. `SILENT`: it returns something that is not what it seems."""

    ERROR = "error"
    SILENT = "silent"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is so: where (axes), what and why, with the reader's numbers."""

    cause: Cause
    severity: Severity
    axes: tuple[str, ...]
    what: str
    why: str

    def __str__(self) -> str:
        text = f"{self.what} {self.why}".strip()
        return f"{joined(self.axes)}: {text}" if self.axes else capital(text)


def find(trace: Trace) -> tuple[Finding, ...]:
    """All findings, the gravest first; alike on several axes, they are said once."""
    found = [finding for look in _LOOKS for finding in look(trace)]
    order = list(Severity)
    merged = _merge(found)
    return tuple(sorted(merged, key=lambda finding: order.index(finding.severity)))


def _merge(found: list[Finding]) -> list[Finding]:
    merged: dict[tuple[str, ...], Finding] = {}
    for finding in found:
        key = (finding.cause, finding.what, finding.why)
        if key in merged:
            axes = merged[key].axes + finding.axes
            finding = Finding(finding.cause, finding.severity, axes, finding.what, finding.why)
        merged[key] = finding
    return list(merged.values())


def _refused(trace: Trace) -> Iterator[Finding]:
    causes = {
        "not offered": Cause.REFUSED,
        "limit": Cause.LIMIT,
        "empty input": Cause.EMPTY_INPUT,
    }
    for refusal in trace.refusals:
        axes = (refusal.axis,) if refusal.axis else ()
        what = f"{refusal.why}."
        yield Finding(causes[refusal.reason], Severity.ERROR, axes, what, _instead(refusal))


def _instead(refusal: Refusal) -> str:
    return f"Instead: {refusal.instead}."


def _no_window(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        # With "same" every kernel fits: then an empty input is what is wrong.
        is_empty = axis.is_same and axis.input_size == 0
        if axis.missing and axis.output_size < 1 and not is_empty:
            severity = Severity.ERROR if trace.outcome == "raises" else Severity.SILENT
            what = "no window fits."
            why = f"{capital(_overhang_text(axis))}."
            yield Finding(Cause.KERNEL_DOES_NOT_FIT, severity, (axis.name,), what, why)


def _overhang_text(axis: AxisTrace) -> str:
    return f"{window_text(axis)} is longer than {room_text(axis)}, by {number(axis.missing)}"


def _empty_input(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        if axis.input_size == axis.output_size == 0 and (axis.is_same or not axis.missing):
            yield Finding(
                Cause.EMPTY_INPUT,
                Severity.SILENT,
                (axis.name,),
                "the input is empty, so is the output.",
                f"{outcome_text(trace)}." if trace.outcome == "empty" else "",
            )


def _truncated(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        if axis.is_truncated and trace.outcome != "raises":
            yield Finding(
                Cause.TRUNCATED,
                Severity.SILENT,
                (axis.name,),
                f"{_overhang_text(axis)}, but the division is rounded towards zero.",
                f"So {trace.framework.title} makes one window, reads only the "
                f"{count(axis.input_size, ELEMENTS[axis.name])} that there are, and says nothing.",
            )


def _partial_window(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        if trace.layer.ceil_mode and axis.overhang and trace.outcome == "ok":
            noun = ELEMENTS[axis.name]
            yield Finding(
                Cause.PARTIAL_WINDOW,
                Severity.NOTE,
                (axis.name,),
                f"ceil_mode adds a last window that hangs over by {count(axis.overhang, noun)}.",
                "What hangs over holds nothing and is not counted.",
            )
        if axis.drops_last and trace.outcome == "ok":
            yield Finding(
                Cause.PARTIAL_WINDOW,
                Severity.NOTE,
                (axis.name,),
                "ceil_mode would add a window that starts in the padding at the end.",
                f"{trace.framework.title} drops it.",
            )


def _uneven_padding(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        before, after = axis.padding
        if axis.is_same and before != after and trace.outcome == "ok":
            yield Finding(
                Cause.UNEVEN_PADDING,
                Severity.NOTE,
                (axis.name,),
                f'"{trace.layer.padding}" pads {number(before)} before and {number(after)} after.',
                _even_text(axis),
            )


def _even_text(axis: AxisTrace) -> str:
    """Does some padding that is alike on both sides give the same windows?"""
    before = axis.padding.before
    room = axis.input_size + 2 * before - axis.effective_kernel_size
    if window_count(room, axis.stride, "floor") == axis.output_size:
        return f"Padding {number(before)} on both sides gives the same windows."
    return "No padding that is alike on both sides gives these windows."


def _unread(trace: Trace) -> Iterator[Finding]:
    if trace.outcome != "ok":
        return
    for axis in trace.axes:
        unread = axis.unread_count
        if not unread or axis.is_truncated:
            continue
        noun = ELEMENTS[axis.name]
        where = ""
        if axis.input_size <= LISTABLE // 100:
            where = f" ({runs(axis.unread)}, counted from 0)"
        what = f"no window reads {count(unread, noun)} of {number(axis.input_size)}{where}."
        yield Finding(Cause.UNREAD, Severity.NOTE, (axis.name,), what, _unread_reason(axis))


def _unread_reason(axis: AxisTrace) -> str:
    if axis.dilation > 1:
        return "The taps of the dilated kernel pass over them."
    jump = axis.stride - axis.kernel_size
    if jump > 0 and axis.output_size > 1:
        jumped = count(jump, ELEMENTS[axis.name])
        return (
            f"The stride {number(axis.stride)} is longer than the kernel "
            f"{number(axis.kernel_size)}, so each step jumps over {jumped}."
        )
    left = axis.input_size - axis.window_starts[-1] - axis.kernel_size
    if left >= axis.kernel_size:
        return f"The stride {number(axis.stride)} steps past the end."
    return "What is left does not fill another window."


_LOOKS: tuple[Callable[[Trace], Iterator[Finding]], ...] = (
    _refused,
    _no_window,
    _empty_input,
    _truncated,
    _partial_window,
    _uneven_padding,
    _unread,
)
