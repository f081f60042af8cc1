"""The statements of findings are true: each is checked by laying the windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given

import poolviz as pv
from poolviz.diagnosis.layer.findings import Cause
from tests.diagnosis.diagnosed_calls import (
    Call,
    any_calls,
    arguments,
    each_framework,
    many,
    offered_calls,
    own_fixes,
)


@many
@given(any_calls())
def test_the_axes_where_no_window_fits_are_blamed_and_no_other(call: Call) -> None:
    diagnosis = pv.diagnose(*call)
    axes = diagnosis.trace.axes
    short = [
        axis.name
        for axis in axes
        if axis.dilation * (axis.kernel_size - 1) + 1 > axis.input_size + sum(axis.padding)
        and axis.output_size < 1
    ]
    causes = (Cause.KERNEL_DOES_NOT_FIT, Cause.EMPTY_INPUT)
    blamed = {
        axis for finding in diagnosis.findings if finding.cause in causes for axis in finding.axes
    }

    assert set(short) <= blamed
    assert blamed - set(short) <= {axis.name for axis in axes if axis.input_size == 0}


@pytest.mark.parametrize(
    ("layer", "input_size", "axis"),
    [
        (pv.Pool((3, 5), stride=1), (6, 4), "width"),
        (pv.Pool((5, 3), stride=1), (4, 6), "height"),
        (pv.Pool((2, 2, 5), stride=1), (4, 6, 4), "width"),
        (pv.Pool((2, 5, 2), stride=1), (4, 4, 6), "height"),
        (pv.Pool((5, 2, 2), stride=1), (4, 4, 6), "depth"),
    ],
)
@each_framework
def test_one_axis_is_said_as_one_axis(
    layer: pv.Pool, input_size: tuple[int, ...], axis: str, framework: str
) -> None:
    """The other axes are not reported, and no fix changes them."""
    call = {**arguments(layer), "framework": framework}
    diagnosis = pv.diagnose(pv.Pool(**call), input_size)
    changed = [fix.change for fix in own_fixes(diagnosis) if '"same"' not in fix.change]

    blamed = [one.axes for one in diagnosis.findings if one.cause != Cause.OTHER_VERSION]

    assert blamed == [(axis,)]
    assert len(changed) >= 2
    for other in {"depth", "height", "width"} - {axis}:
        assert not any(other in change for change in changed)


@many
@given(offered_calls())
@example(Call(pv.Pool((3,), stride=2, padding="same", framework="keras"), (10,)))
@example(Call(pv.Pool((3,), stride=2, padding="same_lower", framework="jax"), (10,)))
def test_uneven_padding_says_whether_an_even_one_does_the_same(call: Call) -> None:
    """The finding is checked for every even padding, by laying the windows."""
    diagnosis = pv.diagnose(*call)
    for axis in diagnosis.trace.axes:
        notes = [
            finding.why
            for finding in diagnosis.findings
            if finding.cause is Cause.UNEVEN_PADDING and axis.name in finding.axes
        ]
        if not notes:
            continue
        reach = axis.dilation * (axis.kernel_size - 1) + 1
        even = [
            padding
            for padding in range(axis.input_size + reach + 1)
            if list(range(-padding, axis.input_size + padding - reach + 1, axis.stride))
            == list(axis.window_starts)
        ]
        expected = (
            f"Padding {even[0]} on both sides gives the same windows."
            if even
            else "No symmetric padding gives these windows."
        )

        assert [expected] == notes


def listed(text: str) -> list[int]:
    """The places in "3–4, 8–9": ranges written out."""
    found: list[int] = []
    for part in text.split(", "):
        first, _, last = part.partition("–")
        found += range(int(first), int(last or first) + 1)
    return found


@many
@given(offered_calls())
def test_unread_cells_are_those_that_no_window_touches(call: Call) -> None:
    """Their number and places, by laying every window on a line of cells."""
    diagnosis = pv.diagnose(*call)
    if not diagnosis.ok:
        return
    for axis in diagnosis.trace.axes:
        read = {
            start + tap * axis.dilation
            for start in axis.window_starts
            for tap in range(axis.kernel_size)
        }
        unread = [place for place in range(axis.input_size) if place not in read]
        said = [
            finding.what
            for finding in diagnosis.findings
            if finding.cause is Cause.UNREAD and axis.name in finding.axes
        ]

        assert bool(unread) == bool(said)
        if said:
            places = said[0].partition("(")[2].partition(", counted from 0")[0]

            assert said[0].startswith(f"no window reads {len(unread)} ")
            assert f" of {axis.input_size} (" in said[0]
            if "…" not in places:
                assert unread == listed(places)


@many
@given(offered_calls())
@example(Call(pv.Pool((3,)), (10,)))
@example(Call(pv.Pool((3,), stride=1000), (10,)))
def test_what_is_left_really_does_not_fill_a_window(call: Call) -> None:
    """The reason for unread cells is a remainder only where it is one."""
    diagnosis = pv.diagnose(*call)
    for finding in diagnosis.findings:
        if finding.cause is not Cause.UNREAD or "does not fill" not in finding.why:
            continue
        for axis in diagnosis.trace.axes:
            if axis.name in finding.axes:
                reach = axis.dilation * (axis.kernel_size - 1) + 1
                end = axis.window_starts[-1] + reach

                assert axis.input_size + max(0, axis.padding.after) - end < reach
                assert axis.unread[0] >= end


def test_a_huge_stride_is_named_as_the_reason() -> None:
    """Seven cells would fill another window of 3; the stride 1000 is what skips them."""
    diagnosis = pv.diagnose(pv.Pool((3,), stride=1000), 10)

    assert "stride 1000" in diagnosis.findings[0].why


def test_a_call_that_raises_is_not_said_to_say_nothing() -> None:
    """onnxruntime: the height alone would be cut short, but the width makes the call fail."""
    diagnosis = pv.diagnose(pv.Pool((12, 20), stride=(15, 1), framework="onnxruntime"), 10)

    assert "onnxruntime raises Fail" in diagnosis.headline
    assert not any("says nothing" in str(finding) for finding in diagnosis.findings)


@pytest.mark.parametrize("count_include_pad", [None, True, False])
@each_framework
def test_whether_padding_counts_is_said_as_it_is(
    framework: str, count_include_pad: bool | None
) -> None:
    """An average of ones falls below 1 where zeros are counted."""
    layer = pv.Pool(5, stride=1, op="avg", count_include_pad=count_include_pad, framework=framework)
    diagnosis = pv.diagnose(layer, 4)
    for fix in own_fixes(diagnosis):
        if fix.parameter == "padding" and "counted" in fix.also:
            assert fix.layer is not None
            averages = pv.pool(np.ones(fix.input_size, np.float32), fix.layer)

            assert bool((averages < 1).any()) == ("is counted" in fix.also)
