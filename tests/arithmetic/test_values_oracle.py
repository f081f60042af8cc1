"""Values and gradients against plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from poolviz.arithmetic import gradients, values
from poolviz.arithmetic.trace import trace
from poolviz.arithmetic.values import divisors
from tests.arithmetic.oracle import (
    Call,
    Placed,
    calls,
    each_framework,
    few,
    is_written_down,
    placed,
    some,
    swapped,
    windows_of,
)

# --- the oracle ----------------------------------------------------------------------------------


def is_inside(cell: Sequence[int], call: Call) -> bool:
    """Return whether it is a cell of the input."""
    return all(0 <= place < size for place, size in zip(cell, call.sizes, strict=True))


def is_padded(cell: Sequence[int], call: Call, axes: Sequence[Placed]) -> bool:
    """Return whether it is a cell of the input or of the padding, not beyond them."""
    return all(
        -axis.before <= place < size + axis.after
        for place, size, axis in zip(cell, call.sizes, axes, strict=True)
    )


# --- what is drawn -------------------------------------------------------------------------------


def input_of(call: Call, seed: int) -> NDArray[Any]:
    """Small integers with ties, both signs."""
    return np.random.default_rng(seed).integers(-9, 10, size=call.sizes).astype(float)


# --- values --------------------------------------------------------------------------------------


def pooled(call: Call, axes: Sequence[Placed], x: NDArray[Any]) -> NDArray[Any]:
    """Look at every window, cell by cell."""
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
    """Pass each output's weight to its maximum or to all maxima, or divide it among the cells."""
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
        actual = gradients.pool_gradient(x, call.layer, weights)

        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12)

    check()


@each_framework
def test_no_gradient_of_a_maximum_is_lost(framework: str) -> None:
    """Where each window holds a cell, the gradient has the same sum as the outer gradient."""

    @few
    @given(poolings(framework, ops=("max",), most_axes=2))
    def check(pooling: tuple[Call, list[Placed], NDArray[Any]]) -> None:
        call, axes, x = pooling
        windows = windows_of(call, axes)
        assume(all(any(is_inside(cell, call) for cell in cells) for _, cells in windows))
        weights = weights_of(tuple(len(axis.starts) for axis in axes))
        expected = weights.sum()
        actual = gradients.pool_gradient(x, call.layer, weights).sum()

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
        actual = gradients.pool_gradient(x, call.layer, weights)

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
