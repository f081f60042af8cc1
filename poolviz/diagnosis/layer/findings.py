"""Findings on one layer and one input: one function per kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.convolution.transposed_axis import TransposedAxis
from poolviz.arithmetic.fitted_axis import FittedAxis
from poolviz.arithmetic.framework_names import family, version_of
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.fitted import AdaptivePool
from poolviz.arithmetic.shapes import LISTABLE, window_count
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.versions import other_versions
from poolviz.diagnosis.phrases import (
    ELEMENTS,
    axis_words,
    capital,
    number,
    outcome_text,
    room_text,
    runs,
    version_outcome_text,
    window_text,
)
from poolviz.diagnosis.shape_notes import image_in
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import Phrase, Words, counted, phrase


class Cause(StrEnum):
    """Causes of what a layer does."""

    KERNEL_DOES_NOT_FIT = "kernel does not fit"
    TRUNCATED = "rounded towards zero"
    REFUSED = "argument not offered"
    LIMIT = "limit of the framework"
    EMPTY_INPUT = "empty input"
    ARRAY = "array not accepted"
    PARTIAL_WINDOW = "partial window"
    UNEVEN_PADDING = "uneven padding"
    UNREAD = "unread cells"
    OTHER_VERSION = "another version"
    CHANNELS = "channels as an axis"
    OVERLAP = "overlapping windows"
    ENDS = "end of the process"
    NOTHING_LEFT = "nothing is left"
    NO_WINDOWS_ASKED = "output size of 0"
    INPUT_AXES = "axes of the input"
    SMALL_BATCH = "batch of one"


class Severity(StrEnum):
    """`ERROR`: the call raises. `SILENT`: it returns something that is not what it seems."""

    ERROR = "error"
    SILENT = "silent"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation: where (axes), what and why, with the numbers of the call.

    `cause` is one of `Cause`.
    """

    cause: str
    severity: Severity
    axes: tuple[str, ...]
    what_words: Words
    why_words: Words = ""

    @property
    def what(self) -> str:
        """Observation, in one sentence."""
        return str(self.what_words)

    @property
    def why(self) -> str:
        """Reason or consequence; "" where there is none."""
        return str(self.why_words)

    def __str__(self) -> str:
        text = f"{self.what} {self.why}".strip()
        return f"{axis_words(self.axes)}: {text}" if self.axes else capital(text)

    __repr__ = __str__


def find(trace: Trace) -> tuple[Finding, ...]:
    """Return all findings, the most severe first; one finding for axes that are alike."""
    found = [finding for look in _LOOKS for finding in look(trace)]
    order = list(Severity)
    merged = _merge(found)
    # `sorted` is stable, so within a severity the order of `_LOOKS` stays.
    return tuple(sorted(merged, key=lambda finding: order.index(finding.severity)))


def _merge(found: list[Finding]) -> list[Finding]:
    merged: dict[tuple[str, ...], Finding] = {}
    for finding in found:
        key = (finding.cause, finding.what, finding.why)
        if key in merged:
            finding = replace(finding, axes=merged[key].axes + finding.axes)
        merged[key] = finding
    return list(merged.values())


def _refused(trace: Trace) -> Iterator[Finding]:
    causes = {
        "not offered": Cause.REFUSED,
        "limit": Cause.LIMIT,
        "empty input": Cause.EMPTY_INPUT,
        "array": Cause.ARRAY,
    }
    for refusal in trace.refusals:
        axes = (refusal.axis,) if refusal.axis else ()
        what = phrase("finding.refused", why=refusal.why_words)
        why = phrase("finding.instead", instead=refusal.instead_words)
        yield Finding(causes[refusal.reason], Severity.ERROR, axes, what, why)


def _no_window(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        # With "same" every kernel fits, so the empty input is the cause.
        is_empty = axis.is_same and axis.input_size == 0
        if axis.missing and axis.output_size < 1 and not is_empty:
            severity = Severity.ERROR if trace.outcome == "raises" else Severity.SILENT
            what, why = phrase("finding.no_window"), Phrase(_overhang_text, (axis,))
            yield Finding(Cause.KERNEL_DOES_NOT_FIT, severity, (axis.name,), what, why)


def _overhang_text(axis: AxisTrace) -> str:
    return capital(say("finding.overhang", **_overhang(axis)))


def truncated_text(axis: AxisTrace) -> str:
    """Say that a kernel is too long, yet the size is rounded to 1."""
    return say("finding.truncated", **_overhang(axis))


def _overhang(axis: AxisTrace) -> dict[str, str]:
    window, room = window_text(axis), room_text(axis)
    return {"window": window, "room": room, "missing": number(axis.missing)}


def _empty_input(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        # A kernel that exceeds the empty input has a finding already: `_no_window`.
        if axis.input_size == axis.output_size == 0 and (axis.is_same or not axis.missing):
            is_empty = trace.outcome == "empty"
            yield Finding(
                Cause.EMPTY_INPUT,
                Severity.SILENT,
                (axis.name,),
                phrase("finding.empty_input"),
                phrase("finding.outcome", outcome=Phrase(outcome_text, (trace,)))
                if is_empty
                else "",
            )


def _nothing_left(trace: Trace) -> Iterator[Finding]:
    """A transposed convolution whose padding removes all that was written."""
    for axis in trace.axes:
        if isinstance(axis, TransposedAxis) and axis.input_size and axis.output_size < 1:
            severity = Severity.ERROR if trace.outcome == "raises" else Severity.SILENT
            what = phrase(
                "finding.nothing_left",
                written=counted(axis.written_size, ELEMENTS[axis.name]),
                removed=axis.padding.total,
            )
            yield Finding(Cause.NOTHING_LEFT, severity, (axis.name,), what, empty_batches(trace))


def empty_batches(trace: Trace) -> Words:
    """Return what becomes of a batch of several where a single sample raises; "" if the same."""
    if not (isinstance(trace, ConvTrace) and trace.returns_empty_batches):
        return ""
    return phrase("finding.empty_batches", framework=trace.framework.title)


def _unwritten(trace: Trace) -> Iterator[Finding]:
    """Elements of the result that no input element reaches, and an uneven number of products."""
    if trace.outcome != "ok":
        return
    for axis in trace.axes:
        if not isinstance(axis, TransposedAxis):
            continue
        unwritten = axis.as_written.unread_count
        if unwritten:
            cells = counted(unwritten, ELEMENTS[axis.name])
            what = phrase("finding.unwritten", cells=cells, size=axis.output_size)
            yield Finding(Cause.UNREAD, Severity.NOTE, (axis.name,), what)
        # Only windows that overlap are added up, and one window alone overlaps with none.
        if axis.dilation == 1 and 1 < axis.stride < axis.kernel_size and axis.input_size > 1:
            least, rest = divmod(axis.kernel_size, axis.stride)
            if rest:
                what = phrase("finding.checkerboard", least=least, most=least + 1)
                why = phrase("finding.no_multiple", kernel=axis.kernel_size, stride=axis.stride)
                yield Finding(Cause.OVERLAP, Severity.NOTE, (axis.name,), what, why)


def _no_windows_asked(trace: Trace) -> Iterator[Finding]:
    if trace.is_fitted and trace.outcome == "empty":
        axes = tuple(axis.name for axis in trace.axes if axis.output_size == 0)
        what = phrase("finding.no_windows_asked")
        yield Finding(Cause.NO_WINDOWS_ASKED, Severity.SILENT, axes, what)


def _overlapping_windows(trace: Trace) -> Iterator[Finding]:
    if trace.outcome != "ok":
        return
    for axis in trace.axes:
        if isinstance(axis, FittedAxis) and axis.shared:
            what = phrase(
                "finding.overlapping_windows",
                cells=counted(axis.input_size, ELEMENTS[axis.name]),
                windows=axis.output_size,
                lengths=axis.lengths_text,
                shared=counted(axis.shared, ELEMENTS[axis.name]),
            )
            yield Finding(Cause.OVERLAP, Severity.NOTE, (axis.name,), what)


def _ends_the_process(trace: Trace) -> Iterator[Finding]:
    """Of two windows, the longer one exceeds the input (Keras 3.15.1, TensorFlow 2.21.0)."""
    rules, layer = trace.framework, trace.layer
    is_maximum = isinstance(layer, AdaptivePool) and layer.op == "max"
    if not (is_maximum and rules.adaptive_maxima_may_end and trace.outcome == "ok"):
        return
    for axis in trace.axes:
        longest, size = -(-axis.input_size // axis.output_size) + 1, axis.input_size
        if longest > size:
            what = phrase("finding.ends_process", window=number(longest), size=number(size))
            why = phrase("finding.ends_process_why")
            yield Finding(Cause.ENDS, Severity.SILENT, (axis.name,), what, why)


def _only_since(trace: Trace) -> Iterator[Finding]:
    """Say which version of an edition is the first with adaptive layers."""
    layer, since = trace.layer, trace.framework.adaptive_since
    has_version = version_of(layer.framework) is not None
    if isinstance(layer, AdaptivePool) and since and has_version and trace.outcome == "ok":
        name = FRAMEWORKS[family(layer.framework)].title
        what = phrase("finding.adaptive_since", framework=name, version=since)
        yield Finding(Cause.OTHER_VERSION, Severity.NOTE, (), what)


def _truncated(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        if axis.is_truncated and trace.outcome != "raises":
            yield Finding(
                Cause.TRUNCATED,
                Severity.SILENT,
                (axis.name,),
                Phrase(truncated_text, (axis,)),
                phrase(
                    "finding.one_short_window",
                    framework=trace.framework.title,
                    cells=counted(axis.input_size, ELEMENTS[axis.name]),
                ),
            )


def _partial_window(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        if trace.layer.ceil_mode and axis.overhang and trace.outcome == "ok":
            overhang = counted(axis.overhang, ELEMENTS[axis.name])
            yield Finding(
                Cause.PARTIAL_WINDOW,
                Severity.NOTE,
                (axis.name,),
                phrase("finding.partial_window", cells=overhang),
                phrase("finding.overhang_holds_nothing"),
            )
        if axis.drops_last and trace.outcome == "ok":
            yield Finding(
                Cause.PARTIAL_WINDOW,
                Severity.NOTE,
                (axis.name,),
                phrase("finding.window_in_the_padding"),
                phrase("finding.drops_window", framework=trace.framework.title),
            )


def _uneven_padding(trace: Trace) -> Iterator[Finding]:
    for axis in trace.axes:
        before, after = axis.padding
        is_read = trace.outcome == "ok" and not trace.is_transposed
        if axis.is_same and before != after and is_read:
            yield Finding(
                Cause.UNEVEN_PADDING,
                Severity.NOTE,
                (axis.name,),
                phrase("finding.uneven", name=trace.layer.padding, before=before, after=after),
                _even_words(axis),
            )


def _even_words(axis: AxisTrace) -> Words:
    """Describe whether a symmetric padding gives the same windows."""
    before = axis.padding.before
    room = axis.input_size + 2 * before - axis.effective_kernel_size
    if window_count(room, axis.stride, "floor") == axis.output_size:
        return phrase("finding.even_is_the_same", padding=before)
    return phrase("finding.no_even_padding")


def _unread(trace: Trace) -> Iterator[Finding]:
    if trace.outcome != "ok":
        return
    for axis in trace.axes:
        unread, size = axis.unread_count, axis.input_size
        # A truncated window explains its unread cells itself.
        if not unread or axis.is_truncated:
            continue
        cells = counted(unread, ELEMENTS[axis.name])
        what = phrase("finding.unread", cells=cells, size=size)
        # Listing costs time in proportion to the axis; a sentence shows four places anyway.
        if size <= LISTABLE // 100:
            places = runs(axis.unread)
            what = phrase("finding.unread_places", cells=cells, size=size, places=places)
        yield Finding(Cause.UNREAD, Severity.NOTE, (axis.name,), what, _unread_reason(axis))


def _unread_reason(axis: AxisTrace) -> Words:
    stride, kernel = axis.stride, axis.kernel_size
    if axis.dilation > 1:
        return phrase("finding.taps_pass_over")
    if stride > kernel and axis.output_size > 1:
        jumped = counted(stride - kernel, ELEMENTS[axis.name])
        return phrase("finding.stride_jumps", stride=stride, kernel=kernel, cells=jumped)
    left = axis.input_size - axis.window_starts[-1] - kernel
    # One more window would have had room: it is the stride that leads past the end.
    if left >= kernel:
        return phrase("finding.stride_past_the_end", stride=stride)
    return phrase("finding.rest_is_too_short")


def _other_version(trace: Trace) -> Iterator[Finding]:
    for other in other_versions(trace):
        outcome = Phrase(version_outcome_text, (other,))
        what = phrase("finding.outcome", outcome=outcome)
        yield Finding(Cause.OTHER_VERSION, Severity.NOTE, (), what)


def channels_as_axis(trace: Trace) -> Iterator[Finding]:
    """Yield a note where three sizes look like an image with its channels."""
    image = image_in(trace.input_size)
    if image is not None:
        depth = number(trace.input_size[0])
        what = phrase("finding.three_axes", sizes=trace.input_size, depth=depth)
        why = phrase("finding.leave_the_channels_out", image=image)
        yield Finding(Cause.CHANNELS, Severity.NOTE, (), what, why)


# The order of findings of one severity; the heading of a picture is made of the first of all.
_LOOKS: tuple[Callable[[Trace], Iterator[Finding]], ...] = (
    _refused,
    _no_window,
    _empty_input,
    _nothing_left,
    _no_windows_asked,
    _overlapping_windows,
    _ends_the_process,
    _truncated,
    _partial_window,
    _uneven_padding,
    _unread,
    _unwritten,
    _other_version,
    _only_since,
    channels_as_axis,
)
