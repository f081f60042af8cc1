"""Arguments that PyTorch rejects are rejected by name, with the allowed and the given value."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

import poolviz as pv
from tests.arithmetic.rejections import rejection, shows
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
    text = rejection(arguments)

    assert argument in text
    assert allowed in text
    assert shows(text, arguments[argument])


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
        assert "stride must be an int ≥ 1" in rejection(_arguments(row))


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_every_recorded_fault_has_a_name(table: Table) -> None:
    expected = {row["note"] for row in _rows(table, True)}
    actual = set(FAULTS)

    assert expected <= actual
