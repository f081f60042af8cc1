"""Unusual arguments that are valid: numbers of numpy, any sequence, huge sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import poolviz as pv


@pytest.mark.parametrize(
    "number",
    [np.int8(3), np.int32(3), np.int64(3), np.uint8(3), np.uint64(3), np.array(3)],
    ids=["int8", "int32", "int64", "uint8", "uint64", "0-d array"],
)
@pytest.mark.parametrize("argument", ["kernel_size", "stride", "dilation", "input_size"])
def test_numpy_integers_are_ints(argument: str, number: Any) -> None:
    plain: dict[str, Any] = {"input_size": (11, 11), "kernel_size": 2}
    expected = pv.output_size(**{**plain, argument: 3})
    actual = pv.output_size(**{**plain, argument: number})

    assert expected == actual
    assert type(expected) is type(actual)


def test_numpy_numbers_become_plain_ints() -> None:
    """A numpy int8 overflows at 127; what poolviz keeps does not."""
    numbers: dict[str, Any] = {
        "kernel_size": np.int8(100),
        "stride": np.array([100, 50]),
        "padding": np.int8(50),
    }
    axes = pv.trace(pv.Pool(**numbers), (1000, 1000)).axes
    expected = [(100, 100, (50, 50), 11), (100, 50, (50, 50), 21)]  # ⌊(1000 + 100 − 100) / s⌋ + 1
    actual = [
        (axis.kernel_size, axis.stride, tuple(axis.padding), axis.output_size) for axis in axes
    ]

    assert expected == actual
    assert {type(number) for axis in axes for number in axis.padding} == {int}


@pytest.mark.parametrize(
    "sizes",
    [(10, 7), [10, 7], np.array([10, 7]), range(10, 6, -3), (np.int64(10), 7)],
    ids=["tuple", "list", "array", "range", "mixed"],
)
def test_any_sequence_of_sizes_gives_one_entry_per_axis(sizes: Any) -> None:
    """⌊(10 − 3) / 3⌋ + 1 = 3 and ⌊(7 − 3) / 3⌋ + 1 = 2."""
    expected = (3, 2)
    actual = pv.output_size(sizes, 3)

    assert expected == actual


@pytest.mark.parametrize("value", [[1, 1], (1, 1), np.array([1, 1]), [(1, 1), (1, 1)], 1, [1]])
def test_equal_ways_to_write_a_padding(value: Any) -> None:
    """⌊(10 + 2 − 3) / 3⌋ + 1 = 4."""
    expected = (4, 4)
    actual = pv.output_size((10, 10), 3, padding=value)

    assert expected == actual


def test_truth_values_of_numpy_are_truth_values() -> None:
    """⌈(10 − 3) / 3⌉ + 1 = 4."""
    expected = (4, 4)
    actual = pv.output_size((10, 10), 3, ceil_mode=np.True_)

    assert expected == actual


HUGE = 10**18


@pytest.mark.parametrize(
    ("input_size", "kernel_size", "keywords", "expected"),
    [
        (10**9, 3, {}, 333_333_333),  # 10⁹ = 3·333 333 333 + 1
        (10**9, 3, {"stride": 1}, 999_999_998),
        (10**9, 10**9, {}, 1),
        (10**9, 2, {"dilation": 10**9 - 1, "stride": 1}, 1),  # spans 10⁹ − 1 + 1
        (HUGE, 3, {}, 333_333_333_333_333_333),
        (HUGE, 3, {"ceil_mode": True}, 333_333_333_333_333_334),
        (HUGE, HUGE, {"stride": 1}, 1),
        (HUGE, HUGE - 1, {"stride": 1}, 2),
        (HUGE, 1, {"stride": HUGE}, 1),
        (HUGE, 7, {"stride": 2, "padding": 3}, 5 * 10**17),  # ⌊(10¹⁸ − 1) / 2⌋ + 1
        (HUGE, 3, {"stride": 7, "padding": "same", "framework": "keras"}, 142_857_142_857_142_858),
        (10, HUGE, {"framework": "jax"}, 0),
        (10, HUGE, {"framework": "onnxruntime", "stride": HUGE}, 1),  # trunc(−0.9…) + 1
        (10**19, 3, {}, 3_333_333_333_333_333_333),  # no 64-bit number
        ((HUGE, 5), 2, {}, (5 * 10**17, 2)),
    ],
)
def test_huge_sizes_are_exact(
    input_size: Any, kernel_size: Any, keywords: dict[str, Any], expected: Any
) -> None:
    actual = pv.output_size(input_size, kernel_size, **keywords)

    assert expected == actual


@pytest.mark.parametrize("kernel_size", [10**9 + 1, HUGE, 10**19])
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "keras"])
def test_huge_kernels_do_not_fit(framework: str, kernel_size: int) -> None:
    with pytest.raises(pv.PoolShapeError, match="no window fits"):
        pv.output_size(10**9, kernel_size, framework=framework)


@pytest.mark.parametrize(
    ("input_size", "kernel_size", "stride", "expected"),
    [
        (10**9, 3, 5, 4 * 10**8),  # of every five elements three are read
        (HUGE, 3, 5, 4 * 10**17),
        (HUGE, 1, HUGE, HUGE - 1),
        (HUGE, 2, 3, 333_333_333_333_333_334),  # 333…333 windows; the last element is left over
        (10**19, 3, 5, 4 * 10**18),
        (10**19, 3, 1, 0),  # more windows than a 64-bit number counts
    ],
)
def test_unread_elements_of_huge_inputs_are_counted(
    input_size: int, kernel_size: int, stride: int, expected: int
) -> None:
    actual = pv.trace(pv.Pool(kernel_size, stride), (input_size,)).unread_count

    assert expected == actual


def test_zero_is_a_size_of_an_input_only() -> None:
    """An empty axis is geometry: JAX returns an empty array."""
    expected = (0, 3)
    actual = pv.output_size((0, 9), 3, stride=3, framework="jax")

    assert expected == actual
