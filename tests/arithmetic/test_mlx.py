"""Sizes, errors, values and gradients of pooling layers equal what MLX 0.32.4 returned."""

from __future__ import annotations

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic import gradients, values
from poolviz.arithmetic.trace import Trace, trace
from tests.support.recorded_mlx import FRAMEWORK, recorded
from tests.support.recordings import Array, Row, Run, differences, error_name, run_of, unpacked

CHANNELS = 2  # of every recorded shape


def _traced(kind: str) -> list[tuple[Run, Trace]]:
    runs = [run_of(row, FRAMEWORK) for row in recorded(kind)]
    return [(run, trace(run.layer, run.input_size)) for run in runs]


def _arrays(row: Row) -> dict[str, Array]:
    return {name: unpacked(array) for name, array in row["arrays"].items()}


# --- sizes and errors ----------------------------------------------------------------------------


def test_returned_size_is_the_recorded_one() -> None:
    runs = _traced("shape")
    expected = {run.id: run.expected for run, _ in runs}
    actual = {run.id: traced.returned_size for run, traced in runs}

    assert len(expected) == 2198
    assert expected == actual, differences(expected, actual)


def test_exception_is_the_recorded_one() -> None:
    runs = _traced("shape")
    expected = {run.id: error_name(run.row) for run, _ in runs}
    actual = {run.id: traced.error_name for run, traced in runs}

    assert set(expected.values()) == {None, "ValueError", "TypeError"}
    assert expected == actual, differences(expected, actual)


def test_says_what_mlx_said() -> None:
    runs = _traced("shape")
    expected = {run.id: (run.row["error"] or {}).get("message") for run, _ in runs}
    actual = {run.id: traced.says(CHANNELS) for run, traced in runs}

    assert len(set(expected.values())) > 20
    assert expected == actual, differences(expected, actual)


def test_a_size_of_zero_is_an_empty_array() -> None:
    """Whatever the rest of the formula: one stride short of a window raises no error."""
    outcomes = {
        (traced.outcome, min(traced.output_size) < 0)
        for run, traced in _traced("shape")
        if min(traced.output_size) < 1 and not traced.refusals
    }

    assert outcomes == {("empty", False), ("raises", True)}


@pytest.mark.parametrize("count_include_pad", [True, False])
def test_an_average_takes_no_count_include_pad(count_include_pad: bool) -> None:
    [row] = [
        row
        for row in recorded("invalid")
        if (row["op"], row["ndim"]) == ("avg", 2)
        and row["keywords"].get("count_include_pad") is count_include_pad
    ]
    layer = pv.Pool(2, op="avg", count_include_pad=count_include_pad, framework=FRAMEWORK)
    traced = trace(layer, row["input"][1:-1])

    assert (traced.error_name, traced.says()) == (error_name(row), row["error"]["message"])


# --- values and gradients ------------------------------------------------------------------------


def test_values_are_the_recorded_ones() -> None:
    """Maxima are equal, averages up to the order of summation; dtypes are equal."""
    rows = recorded("value")
    for row in rows:
        arrays, run = _arrays(row), run_of(row, FRAMEWORK)
        pooled = values.pool(arrays["x"], run.layer)
        relative = 0 if run.layer.op == "max" else 1e-3 if row["dtype"] == "float16" else 1e-5

        assert pooled.dtype == arrays["y"].dtype, row["id"]
        np.testing.assert_allclose(pooled, arrays["y"], relative, relative / 10, err_msg=row["id"])
    assert len(rows) == 260


@pytest.mark.parametrize("op", ["max", "avg"])
def test_gradients_are_the_recorded_ones(op: str) -> None:
    rows = [row for row in recorded("value") if "grad" in row["arrays"] and row["op"] == op]
    for row in rows:
        arrays, run = _arrays(row), run_of(row, FRAMEWORK)
        gradient = gradients.pool_gradient(arrays["x"], run.layer, arrays["G"])

        np.testing.assert_allclose(gradient, arrays["grad"], 1e-5, 1e-5, err_msg=row["id"])
    assert len(rows) == 85
