"""poolviz against plain loops, and properties that hold whatever the numbers are.

The oracle lays windows on a line of cells one after another and counts those that the framework
keeps. It shares no formula with poolviz; what each framework rejects is written down once more,
in its own words. Hypothesis draws the calls; the draws are the same in every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import poolviz as pv
from poolviz.arithmetic.shapes import Reads
from poolviz.arithmetic.trace import trace
from tests.arithmetic.oracle import (
    Call,
    calls,
    each_framework,
    few,
    is_written_down,
    placed,
    some,
    swapped,
    taps_of,
    windows_of,
)

many = settings(derandomize=True, deadline=None, max_examples=150)


# --- sizes ---------------------------------------------------------------------------------------


@each_framework
def test_returned_size_equals_the_number_of_windows(framework: str) -> None:
    outcomes: set[str] = set()

    @many
    @given(calls(framework))
    def check(call: Call) -> None:
        assume(is_written_down(call))
        axes = placed(call)
        expected = None if axes is None else tuple(len(axis.starts) for axis in axes)
        traced = trace(call.layer, call.sizes)

        assert expected == traced.returned_size
        outcomes.add(traced.outcome)

    check()
    expected = {"ok", "raises"} if framework == "pytorch" else {"ok", "empty", "raises"}

    assert expected == outcomes, "the draws do not reach every outcome"


@each_framework
def test_windows_start_where_the_oracle_lays_them(framework: str) -> None:
    @some
    @given(calls(framework, is_accepted=True))
    def check(call: Call) -> None:
        assume(is_written_down(call))
        axes = placed(call)
        assume(axes is not None and all(axis.starts for axis in axes))
        traced = trace(call.layer, call.sizes)
        expected = [(axis.starts, (axis.before, axis.after)) for axis in axes or ()]
        actual = [(list(axis.window_starts), tuple(axis.padding)) for axis in traced.axes]

        assert expected == actual

    check()


@each_framework
def test_read_counts_equal_the_windows_that_read(framework: str) -> None:
    @some
    @given(calls(framework, is_accepted=True, most_axes=2))
    def check(call: Call) -> None:
        assume(is_written_down(call))
        axes = placed(call)
        assume(axes is not None)
        traced = trace(call.layer, call.sizes)
        for axis, windows, reads in zip(call.axes, axes or (), traced.axes, strict=True):
            taps = [place for start in windows.starts for place in taps_of(start, axis)]
            expected = [taps.count(place) for place in range(axis.size)]
            unread = tuple(place for place, count in enumerate(expected) if count == 0)

            assert expected == reads.reads.counts()
            assert unread == reads.unread
            assert len(unread) == reads.unread_count

    check()


@each_framework
def test_unread_cells_of_all_axes(framework: str) -> None:
    """A cell is unread where no window holds it: not the product of the axes' unread cells."""

    @few
    @given(calls(framework, is_accepted=True, most_axes=2, largest=8))
    def check(call: Call) -> None:
        assume(is_written_down(call))
        axes = placed(call)
        assume(axes is not None)
        read = {cell for _, cells in windows_of(call, axes or ()) for cell in cells}
        expected = sum(cell not in read for cell in np.ndindex(*call.sizes))
        actual = trace(call.layer, call.sizes).unread_count

        assert expected == actual

    check()


@many
@given(
    st.integers(0, 300),
    st.integers(-40, 40),
    st.integers(1, 40),
    st.integers(0, 60),
    st.integers(1, 40),
    st.integers(1, 30),
)
def test_unread_count_is_the_number_of_unread_cells(
    size: int, first: int, stride: int, windows: int, kernel: int, dilation: int
) -> None:
    """Far beyond the needs of pooling: any first start, strides and dilations with a gcd."""
    reads = Reads(size, range(first, first + windows * stride, stride), kernel, dilation)
    read = {start + dilation * tap for start in reads.starts for tap in range(kernel)}
    expected = tuple(place for place in range(size) if place not in read)
    actual = reads.unread()

    assert expected == actual
    assert len(expected) == reads.unread_count


@each_framework
def test_padding_left_out_zero_and_valid_are_one(framework: str) -> None:
    @few
    @given(calls(framework, is_accepted=True))
    def check(call: Call) -> None:
        ndim = len(call.sizes)
        layers = [
            pv.Pool(call.kernel, call.stride, op=call.op, framework=framework, **padding)  # type: ignore[arg-type]
            for padding in ({}, {"padding": 0}, {"padding": (0,) * ndim}, {"padding": "valid"})
        ]
        traces = [trace(layer, call.sizes) for layer in layers]

        assert len({traced.returned_size for traced in traces}) == 1
        assert len({traced.says() for traced in traces}) == 1

    check()


# --- properties of sizes -------------------------------------------------------------------------


@each_framework
def test_windows_lie_in_the_padded_input(framework: str) -> None:
    """Only ceil_mode's last window, and onnxruntime's truncated one, may reach past the end."""

    @some
    @given(calls(framework))
    def check(call: Call) -> None:
        traced = trace(call.layer, call.sizes)
        assume(traced.outcome == "ok")
        for axis in traced.axes:
            end = axis.input_size + axis.padding.after
            ends = [start + axis.effective_kernel_size for start in axis.window_starts]
            may_overhang = traced.layer.ceil_mode or axis.is_truncated

            assert all(-axis.padding.before <= start < end for start in axis.window_starts)
            assert all(place <= end for place in ends[:-1])
            assert ends[-1] - end <= 0 or may_overhang
            assert max(0, ends[-1] - end) == axis.overhang

    check()


@each_framework
def test_swapping_height_and_width_swaps_the_output(framework: str) -> None:
    @some
    @given(calls(framework))
    def check(call: Call) -> None:
        assume(len(call.sizes) == 2)
        expected, actual = (trace(one.layer, one.sizes) for one in (call, swapped(call)))

        assert expected.outcome == actual.outcome
        assert expected.output_size == actual.output_size[::-1]
        assert expected.unread_count == actual.unread_count

    check()


@each_framework
@few
@given(
    st.integers(1, 40), st.integers(0, 39), st.integers(1, 10**6), st.sampled_from(["max", "avg"])
)
def test_stride_alone_never_makes_a_kernel_fail(
    framework: str, kernel: int, room: int, stride: int, op: Any
) -> None:
    layer = pv.Pool((kernel,), stride=stride, op=op, framework=framework)
    traced = trace(layer, (kernel + room,))

    assert traced.outcome == "ok"
    assert traced.output_size[0] >= 1


@pytest.mark.parametrize("framework", ["tensorflow", "keras", "jax"])
def test_same_is_never_empty(framework: str) -> None:
    """At least one window, and one more for each further stride that starts in the input."""

    @some
    @given(calls(framework, is_accepted=True))
    def check(call: Call) -> None:
        same = call._replace(padding="same")
        expected = tuple(len(range(0, axis.size, axis.stride)) for axis in same.axes)
        actual = trace(same.layer, same.sizes).returned_size

        assert expected == actual
        assert min(expected) >= 1

    check()


@each_framework
@pytest.mark.parametrize("grown", ["kernel", "stride"])
def test_output_never_grows_with_kernel_or_stride(framework: str, grown: str) -> None:
    """Of a kernel that fits, without padding."""

    @some
    @given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60), st.integers(1, 60))
    def check(size: int, kernel: int, stride: int, more: int) -> None:
        larger = (kernel + more, stride) if grown == "kernel" else (kernel, stride + more)
        assume(max(kernel, larger[0]) <= size)
        less, most = (
            trace(pv.Pool((k,), stride=s, framework=framework), (size,)).output_size[0]
            for k, s in (larger, (kernel, stride))
        )

        assert less <= most

    check()


@each_framework
def test_longer_input_never_gives_less(framework: str) -> None:
    @some
    @given(calls(framework, most_axes=1, is_accepted=True))
    def check(call: Call) -> None:
        assume(isinstance(call.padding, tuple) or framework != "onnxruntime")
        less, most = (
            trace(call.layer, (size,)).output_size[0] for size in (call.sizes[0], call.sizes[0] + 1)
        )

        assert less <= most

    check()
