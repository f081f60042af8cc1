"""Pooling by plain loops, and random calls to compare with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st

import poolviz as pv

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
        """Number of cells from the first kernel element to the last, counted one by one."""
        return len(range((self.kernel - 1) * self.dilation + 1))


class Placed(NamedTuple):
    """Window starts of one axis in input coordinates, and its padding."""

    starts: list[int]
    before: int
    after: int


def fitting(line: int, reach: int, stride: int) -> list[int]:
    """Every stride-th position at which a window lies inside the line, found by sliding."""
    return [place for place in range(line) if place % stride == 0 and place + reach <= line]


def stepped(line: int, reach: int, stride: int) -> list[int]:
    """ceil_mode: continue while the previous window has not reached the end of the line."""
    places: list[int] = []
    place = 0
    while place - stride + reach < line:
        places.append(place)
        place += stride
    return places


def same_padding(axis: Axis, reach: int, lower: bool) -> tuple[int, int]:
    """Add cells at alternating ends until a window starts at every stride."""
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
    """JAX: all windows that fit, maybe none."""
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
    """As "same" for the undilated kernel; surplus cells are removed from the end first."""
    undilated = axis._replace(dilation=1)
    pads = list(same_padding(undilated, axis.kernel, lower=axis.padding == "same_lower"))
    cut = cells_past_the_last_window(axis)
    assert cut == 0 or axis.padding == "same", "the other order was not written down"
    for i in range(cut):
        pads[1 if i % 2 == 0 else 0] -= 1
    return pads[0], pads[1]


def cells_past_the_last_window(axis: Axis) -> int:
    """Cells at the end that an undilated window at each stride leaves unread."""
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
    """A drawn call: the arguments of a layer, one entry per axis."""

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
        """The same call as a layer of poolviz."""
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
        """Return whether an average counts the padding."""
        if self.count_include_pad is None:
            return COUNTS_PADDING[self.framework]
        return self.count_include_pad


def is_refused(call: Call) -> bool:
    """Return whether the framework raises although a window is left."""
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
    is_named = isinstance(call.padding, str)
    return _has_more_than_keras(call) or not (takes_numbers or is_named) or _pads_a_kernel(call)


def _pads_a_kernel(call: Call) -> bool:
    pairs = () if isinstance(call.padding, str) else call.padding
    return any(max(pair) >= kernel for pair, kernel in zip(pairs, call.kernel, strict=False))


def _keras_refuses(call: Call) -> bool:
    return _has_more_than_keras(call) or not isinstance(call.padding, str)


def _has_more_than_keras(call: Call) -> bool:
    counts = call.op == "avg" and call.count_include_pad is True
    is_lower = call.padding == "same_lower"
    return is_lower or max(call.dilation) > 1 or call.ceil_mode or counts


def _jax_refuses(call: Call) -> bool:
    return call.ceil_mode or (call.op == "avg" and max(call.dilation) > 1)


def _onnxruntime_refuses(call: Call) -> bool:
    is_cropping = any(cells_past_the_last_window(axis) > 0 for axis in call.axes)
    is_named = call.padding in ("same", "same_lower")
    return (
        _pads_a_kernel(call)
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
    """Positions that one window reads, inside or outside the input."""
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
    """Draw a call of one framework; mostly, or by `is_accepted` only, with accepted arguments."""
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
        return st.sampled_from(names[:2]) | pads(lambda k: k - 1)
    if framework == "onnxruntime":
        return st.sampled_from(names) | pads(lambda k: k - 1)
    return st.sampled_from(names) | pads(lambda k: k + 2)


def is_written_down(call: Call) -> bool:
    """Return False for the one case that the oracle omits: SAME_LOWER with a cropping stride."""
    is_corner = call.framework == "onnxruntime" and call.padding == "same_lower"
    return not (is_corner and any(cells_past_the_last_window(axis) for axis in call.axes))


# --- properties of sizes -------------------------------------------------------------------------


def swapped(call: Call) -> Call:
    """The same call on the transposed input."""
    return call._replace(
        sizes=call.sizes[::-1],
        kernel=call.kernel[::-1],
        stride=call.stride and call.stride[::-1],
        dilation=call.dilation[::-1],
        padding=call.padding if isinstance(call.padding, str) else call.padding[::-1],
    )
