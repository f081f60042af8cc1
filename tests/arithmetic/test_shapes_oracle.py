"""poolviz against plain loops, and properties that hold whatever the numbers are.

The oracle lays windows on a line of cells one after another and counts those that the framework
keeps. It shares no formula with poolviz; what each framework refuses is written down once more,
in its own words. Hypothesis draws the calls; the draws are the same in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import poolviz as pv
from poolviz.arithmetic import values
from poolviz.arithmetic.shapes import Reads
from poolviz.arithmetic.trace import trace
from poolviz.arithmetic.values import divisors

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")
STRIDE_DEFAULTS_TO_KERNEL = ("pytorch", "tensorflow", "keras")
COUNTS_PADDING = {
    "pytorch": True,
    "jax": True,
    "tensorflow": False,
    "keras": False,
    "onnxruntime": False,
}

few = settings(derandomize=True, deadline=None, max_examples=12)
some = settings(derandomize=True, deadline=None, max_examples=30)
many = settings(derandomize=True, deadline=None, max_examples=150)

each_framework = pytest.mark.parametrize("framework", FRAMEWORKS)


# --- the oracle ----------------------------------------------------------------------------------


class Axis(NamedTuple):
    """One axis of a call; `padding` is a name or a pair (before, after)."""

    size: int
    kernel: int
    stride: int
    dilation: int
    padding: str | tuple[int, int]

    @property
    def reach(self) -> int:
        """Cells from the first tap to the last, counted by laying the taps."""
        return len(range((self.kernel - 1) * self.dilation + 1))


class Placed(NamedTuple):
    """Where the windows of one axis start, in input coordinates, and the padding around."""

    starts: list[int]
    before: int
    after: int


def fitting(line: int, reach: int, stride: int) -> list[int]:
    """Every stride-th place of a line at which a window lies inside it: slide and look."""
    return [place for place in range(line) if place % stride == 0 and place + reach <= line]


def stepped(line: int, reach: int, stride: int) -> list[int]:
    """ceil_mode: go on as long as the window before has not reached the end of the line."""
    places: list[int] = []
    place = 0
    while place - stride + reach < line:
        places.append(place)
        place += stride
    return places


def same_padding(axis: Axis, reach: int, lower: bool) -> tuple[int, int]:
    """One cell after the other, at alternating ends, until a window starts at every stride."""
    wanted = len([place for place in range(axis.size) if place % axis.stride == 0])
    pads = [0, 0]
    while len(fitting(axis.size + sum(pads), reach, axis.stride)) < wanted:
        pads[0 if (sum(pads) % 2 == 0) == lower else 1] += 1
    return pads[0], pads[1]


def place_floor(axis: Axis, ceil_mode: bool) -> Placed | None:
    """PyTorch, TensorFlow, Keras: None where no window is left."""
    if axis.padding in ("same", "same_lower"):
        before, after = same_padding(axis, axis.reach, lower=False)
        starts = [place - before for place in range(axis.size) if place % axis.stride == 0]
        return Placed(starts, before, after)
    before, after = (0, 0) if isinstance(axis.padding, str) else axis.padding
    line = axis.size + before + after
    lay = stepped if ceil_mode else fitting
    places = lay(line, axis.reach, axis.stride)
    if ceil_mode and places and places[-1] >= before + axis.size:
        places.pop()  # it would start in the padding at the end
    return Placed([place - before for place in places], before, after) if places else None


def place_jax(axis: Axis, ceil_mode: bool) -> Placed | None:
    """JAX: whatever fits, also nothing."""
    if axis.padding in ("same", "same_lower"):
        before, after = same_padding(axis, axis.reach, lower=axis.padding == "same_lower")
    else:
        before, after = (0, 0) if isinstance(axis.padding, str) else axis.padding
    places = fitting(axis.size + before + after, axis.reach, axis.stride)
    return Placed([place - before for place in places], before, after)


def place_onnxruntime(axis: Axis, ceil_mode: bool) -> Placed | None:
    """onnxruntime: a window that does not fit costs one of −1, 0, 1 … per stride that it lacks."""
    if axis.padding in ("same", "same_lower"):
        before, after = auto_pad(axis)
    else:
        before, after = (0, 0) if isinstance(axis.padding, str) else axis.padding
    line = axis.size + before + after
    if axis.reach > line:
        count, lacking = 1, axis.reach - line
        while lacking >= axis.stride:
            count, lacking = count - 1, lacking - axis.stride
        if count < 0:
            return None
        places = [0] * count
    else:
        places = (stepped if ceil_mode else fitting)(line, axis.reach, axis.stride)
    if ceil_mode and places and places[-1] >= before + axis.size:
        places.pop()
    return Placed([place - before for place in places], before, after)


def auto_pad(axis: Axis) -> tuple[int, int]:
    """As "same", for the undilated kernel; cells are taken off the end first where too many."""
    undilated = axis._replace(dilation=1)
    pads = list(same_padding(undilated, axis.kernel, lower=axis.padding == "same_lower"))
    cut = cells_past_the_last_window(axis)
    assert cut == 0 or axis.padding == "same", "the other order was not written down"
    for i in range(cut):
        pads[1 if i % 2 == 0 else 0] -= 1
    return pads[0], pads[1]


def cells_past_the_last_window(axis: Axis) -> int:
    """What an undilated window at each stride leaves unread at the end."""
    starts = [place for place in range(axis.size) if place % axis.stride == 0]
    return max(0, axis.size - starts[-1] - axis.kernel) if starts else 0


PLACE: dict[str, Callable[[Axis, bool], Placed | None]] = {
    "pytorch": place_floor,
    "tensorflow": place_floor,
    "keras": place_floor,
    "jax": place_jax,
    "onnxruntime": place_onnxruntime,
}


class Call(NamedTuple):
    """What a hypothesis draws: the arguments of a layer, one entry per axis."""

    framework: str
    sizes: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...] | None
    dilation: tuple[int, ...]
    padding: str | tuple[tuple[int, int], ...]
    ceil_mode: bool
    op: str
    count_include_pad: bool | None

    @property
    def layer(self) -> pv.Pool:
        """The same in poolviz's words."""
        return pv.Pool(
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
            op=self.op,  # type: ignore[arg-type]  # drawn from "max" and "avg"
            count_include_pad=self.count_include_pad,
            framework=self.framework,
        )

    @property
    def axes(self) -> list[Axis]:
        """One `Axis` per axis, with the default stride filled in."""
        is_kernel = self.framework in STRIDE_DEFAULTS_TO_KERNEL
        strides = self.stride or (self.kernel if is_kernel else (1,) * len(self.kernel))
        named = isinstance(self.padding, str)
        pads: Any = [self.padding] * len(self.sizes) if named else self.padding
        return [
            Axis(*row)
            for row in zip(self.sizes, self.kernel, strides, self.dilation, pads, strict=True)
        ]

    @property
    def counts_padding(self) -> bool:
        """Does an average count the padding?"""
        if self.count_include_pad is None:
            return COUNTS_PADDING[self.framework]
        return self.count_include_pad


def is_refused(call: Call) -> bool:
    """Does the framework raise for another reason than that no window is left?"""
    if call.op == "max" and call.count_include_pad is not None:
        return True
    return REFUSALS[call.framework](call)


def _pytorch_refuses(call: Call) -> bool:
    pairs = () if isinstance(call.padding, str) else call.padding
    return (
        call.padding in ("same", "same_lower")
        or any(before != after for before, after in pairs)
        or (call.op == "avg" and max(call.dilation) > 1)
        or any(2 * before > kernel for (before, _), kernel in zip(pairs, call.kernel, strict=False))
        or 0 in call.sizes
        or (
            call.op == "avg"
            and len(call.sizes) == 3
            and any(k > n for k, n in zip(call.kernel, call.sizes, strict=True))
        )
    )


def _tensorflow_refuses(call: Call) -> bool:
    takes_numbers = call.op == "max" and len(call.sizes) < 3
    return _has_more_than_keras(call) or not (takes_numbers or isinstance(call.padding, str))


def _keras_refuses(call: Call) -> bool:
    return _has_more_than_keras(call) or not isinstance(call.padding, str)


def _has_more_than_keras(call: Call) -> bool:
    counts = call.op == "avg" and call.count_include_pad is True
    is_lower = call.padding == "same_lower"
    return is_lower or max(call.dilation) > 1 or call.ceil_mode or counts


def _jax_refuses(call: Call) -> bool:
    return call.ceil_mode or (call.op == "avg" and max(call.dilation) > 1)


def _onnxruntime_refuses(call: Call) -> bool:
    pairs = () if isinstance(call.padding, str) else call.padding
    is_cropping = any(cells_past_the_last_window(axis) > 0 for axis in call.axes)
    is_named = call.padding in ("same", "same_lower")
    return (
        any(max(pair) >= kernel for pair, kernel in zip(pairs, call.kernel, strict=False))
        or 0 in call.sizes
        or (call.op == "max" and is_named and max(call.dilation) == 1 and is_cropping)
    )


REFUSALS: dict[str, Callable[[Call], bool]] = {
    "pytorch": _pytorch_refuses,
    "tensorflow": _tensorflow_refuses,
    "keras": _keras_refuses,
    "jax": _jax_refuses,
    "onnxruntime": _onnxruntime_refuses,
}


def placed(call: Call) -> list[Placed] | None:
    """The windows of every axis; None where the framework raises."""
    if is_refused(call):
        return None
    axes = [PLACE[call.framework](axis, call.ceil_mode) for axis in call.axes]
    return None if None in axes else [axis for axis in axes if axis is not None]


def taps_of(start: int, axis: Axis) -> list[int]:
    """The places that one window reads, in the input or beside it."""
    return [start + axis.dilation * tap for tap in range(axis.kernel)]


def windows_of(call: Call, axes: Sequence[Placed]) -> list[tuple[tuple[int, ...], list[Any]]]:
    """Every output position with the cells that its window reads, inside and outside."""
    numbered = [list(enumerate(axis.starts)) for axis in axes]
    return [
        (
            tuple(i for i, _ in corner),
            list(product(*(taps_of(s, a) for (_, s), a in zip(corner, call.axes, strict=True)))),
        )
        for corner in product(*numbered)
    ]


def is_inside(cell: Sequence[int], call: Call) -> bool:
    """Is it a cell of the input?"""
    return all(0 <= place < size for place, size in zip(cell, call.sizes, strict=True))


def is_padded(cell: Sequence[int], call: Call, axes: Sequence[Placed]) -> bool:
    """Is it a cell of the input or of the padding (and not past it)?"""
    return all(
        -axis.before <= place < size + axis.after
        for place, size, axis in zip(cell, call.sizes, axes, strict=True)
    )


# --- what is drawn -------------------------------------------------------------------------------


@cache
def _each(ndim: int, low: int, high: int) -> Any:
    return st.tuples(*[st.integers(low, high)] * ndim)


@cache
def _each_or_none(ndim: int, low: int, high: int) -> Any:
    return st.none() | _each(ndim, low, high)


@st.composite
def calls(
    draw: st.DrawFn,
    framework: str,
    most_axes: int = 3,
    largest: int = 12,
    ops: Sequence[str] = ("max", "avg"),
    is_accepted: bool = False,
) -> Call:
    """A call of one framework; mostly with arguments that it knows, where `is_accepted` only so."""
    ndim = draw(st.integers(1, most_axes))
    op = draw(st.sampled_from(list(ops)))
    is_odd = not is_accepted and draw(st.integers(0, 3)) == 0

    kernel = draw(_each(ndim, 1, 5))
    has_dilation = is_odd or framework == "onnxruntime" or op == "max"
    has_dilation = has_dilation and (is_odd or framework not in ("tensorflow", "keras"))
    has_ceil_mode = is_odd or framework in ("pytorch", "onnxruntime")
    has_counting = is_odd or (op == "avg" and framework not in ("tensorflow", "keras"))
    return Call(
        framework=framework,
        sizes=draw(_each(ndim, 1 if is_accepted else 0, largest)),
        kernel=kernel,
        stride=draw(_each_or_none(ndim, 1, 6)),
        dilation=draw(_each(ndim, 1, 3)) if has_dilation else (1,) * ndim,
        padding=draw(_paddings(framework, kernel, op, is_odd)),
        ceil_mode=has_ceil_mode and draw(st.booleans()),
        op=op,
        count_include_pad=draw(st.none() | st.booleans()) if has_counting else None,
    )


@cache
def _paddings(framework: str, kernel: tuple[int, ...], op: str, is_odd: bool) -> Any:
    def pads(most: Callable[[int], int], is_even: bool = False) -> Any:
        numbers = [st.integers(0, most(k)) for k in kernel]
        if is_even:
            return st.tuples(*(number.map(lambda p: (p, p)) for number in numbers))
        return st.tuples(*(st.tuples(number, number) for number in numbers))

    names = ["valid", "same", "same_lower"]
    if is_odd:
        return st.sampled_from(names) | pads(lambda k: k + 1) | pads(lambda k: k + 1, is_even=True)
    if framework == "pytorch":
        return st.just("valid") | pads(lambda k: k // 2, is_even=True)
    if framework == "keras" or (framework == "tensorflow" and (op == "avg" or len(kernel) == 3)):
        return st.sampled_from(names[:2])
    if framework == "tensorflow":
        return st.sampled_from(names[:2]) | pads(lambda k: k)
    if framework == "onnxruntime":
        return st.sampled_from(names) | pads(lambda k: k - 1)
    return st.sampled_from(names) | pads(lambda k: k + 2)


def is_written_down(call: Call) -> bool:
    """False for the one corner that the oracle leaves out: SAME_LOWER with a cropping stride."""
    is_corner = call.framework == "onnxruntime" and call.padding == "same_lower"
    return not (is_corner and any(cells_past_the_last_window(axis) for axis in call.axes))


def input_of(call: Call, seed: int) -> NDArray[Any]:
    """Small whole numbers with ties, both signs."""
    return np.random.default_rng(seed).integers(-9, 10, size=call.sizes).astype(float)


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
    """Far beyond what a pooling asks for: any first start, strides and dilations with a gcd."""
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


def swapped(call: Call) -> Call:
    """The same call on the transposed input."""
    return call._replace(
        sizes=call.sizes[::-1],
        kernel=call.kernel[::-1],
        stride=call.stride and call.stride[::-1],
        dilation=call.dilation[::-1],
        padding=call.padding if isinstance(call.padding, str) else call.padding[::-1],
    )


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


# --- values --------------------------------------------------------------------------------------


def pooled(call: Call, axes: Sequence[Placed], x: NDArray[Any]) -> NDArray[Any]:
    """Every window looked at, cell by cell."""
    result = np.zeros([len(axis.starts) for axis in axes])
    for position, cells in windows_of(call, axes):
        inside = [x[cell] for cell in cells if is_inside(cell, call)]
        if call.op == "max":
            result[position] = max(inside, default=-np.inf)
        else:
            count = divisor(call, axes, cells)
            result[position] = sum(inside) / count if count else np.nan
    return result


def divisor(call: Call, axes: Sequence[Placed], cells: Sequence[Sequence[int]]) -> int:
    """The cells of one window that count: real ones, or those before the end of the padding."""
    if call.counts_padding:
        return sum(is_padded(cell, call, axes) for cell in cells)
    return sum(is_inside(cell, call) for cell in cells)


@st.composite
def poolings(
    draw: st.DrawFn, framework: str, ops: Sequence[str] = ("max", "avg"), most_axes: int = 3
) -> tuple[Call, list[Placed], NDArray[Any]]:
    """A call that gives values, its windows, and an input."""
    call = draw(calls(framework, most_axes, largest=6, ops=ops, is_accepted=True))
    assume(is_written_down(call))
    axes = placed(call)
    assume(axes is not None)
    return call, axes or [], input_of(call, draw(st.integers(0, 999)))


@each_framework
def test_values_equal_the_windows_looked_at(framework: str) -> None:
    @some
    @given(poolings(framework))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, axes, x = pooling
        expected = pooled(call, axes, x)
        actual = values.pool(x, call.layer)
        if framework in ("tensorflow", "keras"):
            expected = np.maximum(expected, np.finfo(float).min)

        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=0)

    check()


@each_framework
def test_divisors_equal_the_cells_that_count(framework: str) -> None:
    @some
    @given(poolings(framework, ops=("avg",)))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, axes, _ = pooling
        expected = [divisor(call, axes, cells) for _, cells in windows_of(call, axes)]
        actual = divisors(trace(call.layer, call.sizes)).ravel().tolist()

        assert expected == actual

    check()


@each_framework
def test_winners_are_the_first_maxima(framework: str) -> None:
    @some
    @given(poolings(framework, ops=("max",)))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, axes, x = pooling
        expected = [first_maximum(call, cells, x) for _, cells in windows_of(call, axes)]
        actual = values.pool_indices(x, call.layer).ravel().tolist()

        assert expected == actual

    check()


def first_maximum(call: Call, cells: Sequence[Any], x: NDArray[Any]) -> int:
    """Its place when the input is read row by row; −1 where the window holds no cell."""
    inside = [cell for cell in cells if is_inside(cell, call)]
    if not inside:
        return -1
    winner = next(cell for cell in inside if x[cell] == max(x[other] for other in inside))
    return list(np.ndindex(*call.sizes)).index(winner)


@each_framework
def test_padding_never_wins_a_maximum(framework: str) -> None:
    """Every maximum of a negative input is one of its numbers, however much padding there is."""

    @some
    @given(poolings(framework, ops=("max",)))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, axes, x = pooling
        negative = x - 10
        has_cell = [
            any(is_inside(cell, call) for cell in cells) for _, cells in windows_of(call, axes)
        ]
        maxima = values.pool(negative, call.layer).ravel()
        allowed = set(negative.ravel().tolist())

        assert all(m in allowed for m, holds in zip(maxima, has_cell, strict=True) if holds)
        assert all(m < -1e300 for m, holds in zip(maxima, has_cell, strict=True) if not holds)

    check()


@each_framework
def test_pooling_the_transpose_transposes_the_values(framework: str) -> None:
    @few
    @given(poolings(framework, most_axes=2))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, _, x = pooling
        expected = values.pool(x, call.layer).T
        actual = values.pool(x.T, swapped(call).layer)

        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=0)

    check()


@each_framework
def test_images_and_channels_do_not_mix(framework: str) -> None:
    """(N, C, *spatial) gives what each plane gives alone, in any order of the planes."""

    @few
    @given(poolings(framework), st.permutations(range(6)))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]], order: list[int]) -> None:
        call, _, x = pooling
        planes = [x + step for step in order]
        stacked = np.stack(planes).reshape(2, 3, *x.shape)
        expected = np.stack([values.pool(plane, call.layer) for plane in planes])
        actual = values.pool(stacked, call.layer)

        np.testing.assert_allclose(actual.reshape(expected.shape), expected, rtol=1e-12, atol=0)

    check()


# --- gradients -----------------------------------------------------------------------------------


def weights_of(shape: tuple[int, ...]) -> NDArray[Any]:
    """An outer gradient with a different number at each output."""
    return np.arange(1.0, 1.0 + int(np.prod(shape))).reshape(shape)


def gradient(
    call: Call, axes: Sequence[Placed], x: NDArray[Any], weights: NDArray[Any]
) -> NDArray[Any]:
    """Each output's weight handed to its winner, to all of them, or shared out."""
    result = np.zeros(x.shape)
    to_all = len(call.sizes) == 3 and call.framework in ("tensorflow", "keras")
    for position, cells in windows_of(call, axes):
        inside = [cell for cell in cells if is_inside(cell, call)]
        if call.op == "avg":
            for cell in inside:
                result[cell] += weights[position] / divisor(call, axes, cells)
            continue
        best = max((x[cell] for cell in inside), default=None)
        winners = [cell for cell in inside if x[cell] == best]
        for cell in winners if to_all else winners[:1]:
            result[cell] += weights[position]
    return result


@each_framework
def test_gradient_equals_the_weights_handed_out(framework: str) -> None:
    @some
    @given(poolings(framework))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, axes, x = pooling
        weights = weights_of(tuple(len(axis.starts) for axis in axes))
        expected = gradient(call, axes, x, weights)
        actual = values.pool_gradient(x, call.layer, weights)

        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12)

    check()


@each_framework
def test_no_gradient_of_a_maximum_is_lost(framework: str) -> None:
    """Where each window holds a cell, the gradient's sum is the sum of what came in."""

    @few
    @given(poolings(framework, ops=("max",), most_axes=2))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, axes, x = pooling
        windows = windows_of(call, axes)
        assume(all(any(is_inside(cell, call) for cell in cells) for _, cells in windows))
        weights = weights_of(tuple(len(axis.starts) for axis in axes))
        expected = weights.sum()
        actual = values.pool_gradient(x, call.layer, weights).sum()

        assert expected == actual

    check()


@each_framework
def test_gradient_of_an_average_equals_finite_differences(framework: str) -> None:
    """An average is linear, so a step of 1 gives the derivative exactly."""

    @few
    @given(poolings(framework, ops=("avg",), most_axes=2))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, axes, x = pooling
        weights = weights_of(tuple(len(axis.starts) for axis in axes))

        def total(cells: NDArray[Any]) -> float:
            return float((np.nan_to_num(values.pool(cells, call.layer)) * weights).sum())

        expected = np.zeros(x.shape)
        for cell in np.ndindex(*x.shape):
            step = np.zeros(x.shape)
            step[cell] = 1
            expected[cell] = total(x + step) - total(x)
        actual = values.pool_gradient(x, call.layer, weights)

        np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9)

    check()


def starts_of(call: Call) -> list[list[int]] | None:
    """The oracle's window starts, axis by axis."""
    axes = placed(call)
    return None if axes is None else [axis.starts for axis in axes]


PLAIN = Call("pytorch", (10,), (3,), (5,), (1,), "valid", False, "max", None)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (PLAIN, [[0, 5]]),
        (PLAIN._replace(kernel=(15,)), None),
        (PLAIN._replace(kernel=(15,), framework="jax"), [[]]),
        (PLAIN._replace(kernel=(15,), stride=(15,), framework="onnxruntime"), [[0]]),
        (PLAIN._replace(kernel=(15,), stride=(1,), framework="onnxruntime"), None),
        (PLAIN._replace(ceil_mode=True, stride=(4,)), [[0, 4, 8]]),
        (PLAIN._replace(sizes=(5,), ceil_mode=True, padding=((1, 1),), stride=(3,)), [[-1, 2]]),
        (PLAIN._replace(dilation=(4,), stride=(1,)), [[0, 1]]),
        (
            PLAIN._replace(sizes=(11,), stride=(2,), padding="same", framework="keras"),
            [[-1, 1, 3, 5, 7, 9]],
        ),
        (PLAIN._replace(stride=(3,), padding="same", framework="jax"), [[-1, 2, 5, 8]]),
        (PLAIN._replace(stride=(2,), padding="same", framework="jax"), [[0, 2, 4, 6, 8]]),
        (PLAIN._replace(stride=(2,), padding="same_lower", framework="jax"), [[-1, 1, 3, 5, 7]]),
    ],
)
def test_oracle_on_cases_worked_out_by_hand(call: Call, expected: list[list[int]] | None) -> None:
    actual = starts_of(call)

    assert expected == actual
