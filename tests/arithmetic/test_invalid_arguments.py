"""Wrong arguments are refused by name, with what is allowed and what was received."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from tests.support.recordings import COMPACT, TABLES, Row, Table, differences

# The recorder's note on a row → the argument at fault, and words that say what is allowed.
FAULTS = {
    "bool kernel": ("kernel_size", "int ≥ 1"),
    "ceil_mode with stride 0": ("stride", "int ≥ 1"),
    "dilation 0": ("dilation", "int ≥ 1"),
    "dilation negative": ("dilation", "int ≥ 1"),
    "float kernel": ("kernel_size", "int ≥ 1"),
    "float stride": ("stride", "int ≥ 1"),
    "fractional kernel": ("kernel_size", "int ≥ 1"),
    "fractional stride": ("stride", "int ≥ 1"),
    "kernel 0": ("kernel_size", "int ≥ 1"),
    "kernel 0, default stride": ("kernel_size", "int ≥ 1"),
    "kernel None": ("kernel_size", "int ≥ 1"),
    "kernel empty": ("kernel_size", "int ≥ 1"),
    "kernel negative": ("kernel_size", "int ≥ 1"),
    "kernel too many entries": ("kernel_size", "per axis"),
    "one axis bad only: kernel 0 on last axis": ("kernel_size", "int ≥ 1"),
    "one axis bad only: stride 0 on last axis": ("stride", "int ≥ 1"),
    "padding == kernel": ("padding", "at most half of the kernel"),
    "padding > kernel/2": ("padding", "at most half of the kernel"),
    "padding negative": ("padding", "int ≥ 0"),
    "stride 0": ("stride", "int ≥ 1"),
    "stride negative": ("stride", "int ≥ 1"),
    "stride too many entries": ("stride", "per axis"),
    "string kernel": ("kernel_size", "int ≥ 1"),
    "unknown padding name": ("padding", '"same"'),
}

# PyTorch takes these and poolviz does not; each with the reason.
STRICTER = {
    "stride empty": "PyTorch reads stride=[] as 'left out'; here that is None, and an empty "
    "sequence is more likely a slip",
}


def _arguments(row: Row) -> dict[str, Any]:
    """The call as it was recorded; a string kernel was stored as its number."""
    kernel = str(row["kernel"]) if row["note"] == "string kernel" else row["kernel"]
    return {
        "input_size": tuple(row["input"]),
        "kernel_size": kernel,
        "stride": row["stride"],
        "padding": row["padding"],
        "dilation": row["dilation"],
        "ceil_mode": row["ceil_mode"],
        "op": row["op"],
        "count_include_pad": row["count_include_pad"],
    }


def _complaint(arguments: dict[str, Any]) -> str:
    with pytest.raises((TypeError, ValueError)) as caught:
        pv.output_size(**arguments)
    return str(caught.value)


def _shows(text: str, value: Any) -> bool:
    """Return whether a message shows `value`, or one of its entries, as what it got."""
    if repr(value) in text or (isinstance(value, list) and repr(tuple(value)) in text):
        return True
    return any(f"got {entry!r}" in text for entry in _entries(value))


def _entries(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        return [value]
    return [inner for entry in value for inner in _entries(entry)]


@cache
def _rows(table: Table, is_refused: bool) -> list[Row]:
    return [row for row in table.invalid_rows() if (row["output"] is None) == is_refused]


def _named(rows: Iterable[Row]) -> Any:
    return [pytest.param(row, id=f"{row['note']}-{row['id']}") for row in rows]


@pytest.mark.parametrize("row", _named(_rows(COMPACT, True)))
def test_what_pytorch_refuses_is_refused_by_name(row: Row) -> None:
    """The message names the argument, the allowed set, and the value received."""
    argument, allowed = FAULTS[row["note"]]
    arguments = _arguments(row)
    text = _complaint(arguments)

    assert argument in text
    assert allowed in text
    assert _shows(text, arguments[argument])


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_what_pytorch_takes_gives_its_size(table: Table) -> None:
    rows = [row for row in _rows(table, False) if row["note"] not in STRICTER]
    expected = {row["id"]: tuple(row["output"]) for row in rows}
    actual = {row["id"]: pv.output_size(**_arguments(row)) for row in rows}

    assert len(rows) > 5
    assert expected == actual, differences(expected, actual)


@pytest.mark.parametrize("note", STRICTER)
def test_stricter_than_pytorch(note: str) -> None:
    """Each entry of `STRICTER` is one that PyTorch takes and poolviz rejects by name."""
    rows = [row for row in _rows(COMPACT, False) if row["note"] == note]

    assert len(rows) > 0
    for row in rows:
        assert "stride must be an int ≥ 1" in _complaint(_arguments(row))


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_every_recorded_fault_has_a_name(table: Table) -> None:
    expected = {row["note"] for row in _rows(table, True)}
    actual = set(FAULTS)

    assert expected <= actual


# --- our own bad input ---------------------------------------------------------------------------

SIZES = ("kernel_size", "stride", "dilation", "padding", "input_size")

NOT_WHOLE_NUMBERS = [
    2.0,
    2.5,
    float("nan"),
    float("inf"),
    float("-inf"),
    True,
    False,
    np.True_,
    np.float32(2),
    np.float64("nan"),
    np.datetime64("2020-01-01"),
    Decimal(2),
    Fraction(2, 1),
    2 + 0j,
    b"3",
    {},
    {2: 3},
    {2, 3},
    print,
    (2, 2.0),
    (2.5, 2),
    (2, True),
    (2, "3"),
    (2, None),
    [np.float64(2.0), 2],
    np.array([2.0, 3.0]),
    np.array([True, False]),
    np.array(["2", "3"]),
]


@pytest.mark.parametrize("value", NOT_WHOLE_NUMBERS, ids=repr)
@pytest.mark.parametrize("argument", SIZES)
def test_other_types_are_type_errors(argument: str, value: Any) -> None:
    arguments: dict[str, Any] = {"input_size": (10, 10), "kernel_size": 3, argument: value}
    with pytest.raises(TypeError) as caught:
        pv.output_size(**arguments)
    text = str(caught.value)
    least = 0 if argument in ("padding", "input_size") else 1

    assert text.startswith(f"{argument} must be an int ≥ {least}")
    assert repr(value) in text


@pytest.mark.parametrize("value", ["3", "", "33"], ids=repr)
@pytest.mark.parametrize("argument", ["kernel_size", "stride", "dilation", "input_size"])
def test_strings_are_no_sizes(argument: str, value: str) -> None:
    arguments: dict[str, Any] = {"input_size": (10, 10), "kernel_size": 3, argument: value}
    with pytest.raises(TypeError, match=f"{argument} must be an int ≥ .*got '{value}' .str."):
        pv.output_size(**arguments)


@pytest.mark.parametrize("argument", ["kernel_size", "dilation", "padding", "input_size"])
def test_none_is_no_size(argument: str) -> None:
    """Only `stride` may be None: the framework's default."""
    arguments: dict[str, Any] = {"input_size": (10, 10), "kernel_size": 3, argument: None}
    with pytest.raises(TypeError, match=rf"{argument} must be .*got None \(NoneType\)"):
        pv.output_size(**arguments)


@pytest.mark.parametrize(
    ("argument", "value", "least"),
    [
        (argument, value, least)
        for argument, least in (("kernel_size", 1), ("stride", 1), ("dilation", 1))
        for value in (0, -1, -(10**9), (3, 0), (-2, 3), [0], np.int64(0), np.array([2, -1]))
    ]
    + [
        (argument, value, 0)
        for argument in ("padding", "input_size")
        for value in (-1, -(10**18), (0, -1), (-3, 3), [-1], np.int8(-1))
    ]
    + [("padding", [(0, -1), (0, 0)], 0), ("padding", ((-2, 1),), 0)],
    ids=repr,
)
def test_numbers_below_the_least_are_value_errors(argument: str, value: Any, least: int) -> None:
    arguments: dict[str, Any] = {"input_size": (10, 10), "kernel_size": 3, argument: value}
    with pytest.raises(ValueError, match=f"{argument} must be an int ≥ {least}") as caught:
        pv.output_size(**arguments)

    assert type(caught.value) is ValueError
    assert repr(value) in str(caught.value) or _shows(str(caught.value), int(value))


@pytest.mark.parametrize("value", [(), [], np.array([], dtype=int), (2, 2, 2, 2), [1] * 5])
@pytest.mark.parametrize("argument", SIZES)
def test_one_to_three_axes(argument: str, value: Any) -> None:
    """No axis at all and four axes are refused, whichever argument has them."""
    arguments: dict[str, Any] = {"input_size": (10, 10), "kernel_size": 3, argument: value}
    text = _complaint(arguments)

    assert text.startswith(f"{argument} must be an int")
    assert repr(value) in text


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("kernel_size", (2, 2, 2)),
        ("stride", (1, 1, 1)),
        ("dilation", (2, 1, 1)),
        ("padding", (1, 1, 1)),
        ("padding", ((1, 1), (1, 1), (1, 1))),
    ],
)
def test_other_number_of_axes_than_the_input(argument: str, value: Any) -> None:
    """The message names the argument that was given, and shows it."""
    text = _complaint({"input_size": (7, 9), "kernel_size": 3, argument: value})

    assert argument in text
    assert "one entry per axis" in text
    assert repr(value) in text
    assert "(7, 9)" in text


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("stride", (1, 2, 3)),
        ("dilation", (1, 2, 3)),
        ("padding", (0, 1, 0)),
        ("padding", ((1, 1), (0, 1), (1, 1))),
    ],
)
def test_lengths_that_contradict_each_other(argument: str, value: Any) -> None:
    """Both arguments are named and shown."""
    text = _complaint({"input_size": (7, 9), "kernel_size": (2, 3), argument: value})

    assert "kernel_size" in text
    assert argument in text
    assert "one entry per axis" in text
    assert "(2, 3)" in text
    assert repr(value) in text


@pytest.mark.parametrize("value", [[[2, 2]], [2, [2]], [[[2]]], ((2,), (2,))], ids=repr)
@pytest.mark.parametrize("argument", ["kernel_size", "stride", "dilation", "input_size"])
def test_nested_sequences_are_no_sizes(argument: str, value: Any) -> None:
    arguments: dict[str, Any] = {"input_size": (10, 10), "kernel_size": 3, argument: value}
    with pytest.raises(TypeError, match=f"{argument} must be an int ≥") as caught:
        pv.output_size(**arguments)

    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [[(1,), (1, 1)], [(1, 1, 1)], [(1, 1), 1], [(), ()], [[(1, 1), (1, 1)]], [(1, 1)] * 4],
    ids=repr,
)
def test_padding_pairs_are_before_and_after(value: Any) -> None:
    text = _complaint({"input_size": (10, 10), "kernel_size": 3, "padding": value})

    assert text.startswith("padding must be an int ≥ 0")
    assert "(before, after) pairs" in text
    assert repr(value) in text


@pytest.mark.parametrize("value", ["full", "SAMEE", "same ", "", "3", "reflect"], ids=repr)
def test_unknown_padding_names(value: str) -> None:
    text = _complaint({"input_size": (10, 10), "kernel_size": 3, "padding": value})

    assert text.startswith('padding must be an int ≥ 0, one per axis, "valid", "same"')
    assert text.endswith(f"got {value!r}")


@pytest.mark.parametrize(
    ("argument", "value", "error", "allowed"),
    [
        ("ceil_mode", 1, TypeError, "True or False"),
        ("ceil_mode", "yes", TypeError, "True or False"),
        ("ceil_mode", None, TypeError, "True or False"),
        ("count_include_pad", 0, TypeError, "True or False"),
        ("count_include_pad", "no", TypeError, "True or False"),
        ("op", "mean", ValueError, '"max", "avg"'),
        ("op", 1, TypeError, '"max", "avg"'),
        ("op", None, TypeError, '"max", "avg"'),
        ("framework", "torch", ValueError, '"pytorch", "tensorflow", "keras", "jax"'),
        ("framework", None, TypeError, '"pytorch", "tensorflow", "keras", "jax"'),
        ("framework", ["keras"], TypeError, '"pytorch", "tensorflow", "keras", "jax"'),
    ],
)
def test_names_and_truth_values(
    argument: str, value: Any, error: type[Exception], allowed: str
) -> None:
    with pytest.raises(error) as caught:
        pv.output_size((10, 10), 3, **{argument: value})
    text = str(caught.value)

    assert text.startswith(f"{argument} must be ")
    assert allowed in text
    assert repr(value) in text


def test_unknown_keyword_is_named() -> None:
    with pytest.raises(TypeError, match="strides"):
        pv.output_size((10, 10), 3, strides=2)


@pytest.mark.parametrize(
    "value",
    [frozenset({2, 3}), MappingProxyType({2: 3}), {2: 3}.keys(), bytearray(b"\x02\x03")],
    ids=["frozenset", "mapping", "keys", "bytearray"],
)
def test_unordered_and_byte_collections_are_no_sizes(value: Any) -> None:
    """Which of a set's numbers is the height? Bytes are text, not numbers."""
    with pytest.raises(TypeError, match="kernel_size must be an int ≥ 1"):
        pv.output_size((10, 10), value)


# --- odd input that is right ---------------------------------------------------------------------


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
