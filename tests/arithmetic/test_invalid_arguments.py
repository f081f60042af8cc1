"""Wrong arguments are refused by name, with what is allowed and what was received."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from tests.arithmetic.rejections import rejection, shows

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
    assert repr(value) in str(caught.value) or shows(str(caught.value), int(value))


@pytest.mark.parametrize("value", [(), [], np.array([], dtype=int), (2, 2, 2, 2), [1] * 5])
@pytest.mark.parametrize("argument", SIZES)
def test_one_to_three_axes(argument: str, value: Any) -> None:
    """No axis at all and four axes are refused, whichever argument has them."""
    arguments: dict[str, Any] = {"input_size": (10, 10), "kernel_size": 3, argument: value}
    text = rejection(arguments)

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
    text = rejection({"input_size": (7, 9), "kernel_size": 3, argument: value})

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
    text = rejection({"input_size": (7, 9), "kernel_size": (2, 3), argument: value})

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
    text = rejection({"input_size": (10, 10), "kernel_size": 3, "padding": value})

    assert text.startswith("padding must be an int ≥ 0")
    assert "(before, after) pairs" in text
    assert repr(value) in text


@pytest.mark.parametrize("value", ["full", "SAMEE", "same ", "", "3", "reflect"], ids=repr)
def test_unknown_padding_names(value: str) -> None:
    text = rejection({"input_size": (10, 10), "kernel_size": 3, "padding": value})

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
        ("op", "median", ValueError, '"max", "avg"'),
        ("op", 1, TypeError, '"max", "avg"'),
        ("op", None, TypeError, '"max", "avg"'),
        ("framework", "caffe", ValueError, '"pytorch", "tensorflow", "keras", "jax"'),
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
    """The numbers of a set have no order, and bytes are text."""
    with pytest.raises(TypeError, match="kernel_size must be an int ≥ 1"):
        pv.output_size((10, 10), value)
