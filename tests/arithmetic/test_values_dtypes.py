"""Runs that raised, and dtypes: values keep the dtypes that the frameworks return."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic import gradients, values
from poolviz.arithmetic.trace import trace
from tests.arithmetic.parameters import each_table, each_tag
from tests.support.recordings import (
    ON_JAX,
    VALUE_TAGS,
    Run,
    Table,
    error_name,
)


def _raised(table: Table) -> list[Run]:
    return [run for tag in VALUE_TAGS for run in table.value_runs(tag) if run.expected is None]


@each_table
def test_where_a_framework_raised_poolviz_raises(table: Table) -> None:
    """Of float32 runs. Which other dtypes a framework takes is not modelled."""
    runs = [run for run in _raised(table) if run.row["dtype"] == "float32"]
    expected = {run.id: error_name(run.row) for run in runs}
    actual = {}
    for run in runs:
        with pytest.raises(pv.PoolShapeError) as caught:
            pv.pool(table.array(run.row["arrays"]["x"]), run.layer)
        actual[run.id] = caught.value.trace.error_name

    assert len(runs) > 5
    assert expected == actual


@each_table
def test_other_dtypes_raised_for_the_dtype(table: Table) -> None:
    """The geometry of those runs is fine: no float32 run of a float-only call is hidden here."""
    runs = [run for run in _raised(table) if run.row["dtype"] != "float32"]
    expected = {run.id: "ok" for run in runs}
    actual = {run.id: trace(run.layer, run.input_size).outcome for run in runs}

    assert len(runs) > 5
    assert expected == actual


def _raises_for_float32_only(run: Run) -> bool:
    """onnxruntime's MaxPool with auto_pad and stride > kernel: other dtypes shift the window."""
    is_auto_padded = run.layer.padding in ("same", "same_lower")
    return is_auto_padded and run.layer.op == "max" and run.row["dtype"] != "float32"


def _averages_integers(run: Run) -> bool:
    return run.layer.op == "avg" and "int" in run.row["dtype"]


@each_table
@each_tag
def test_where_a_framework_returned_poolviz_returns(table: Table, tag: str) -> None:
    runs = [
        run
        for run in table.value_runs(tag)
        if run.expected is not None
        and not (tag == "onnx.ort-op22" and _raises_for_float32_only(run))
        and not (tag.startswith("k3") and _averages_integers(run))  # TensorFlow does not
    ]
    expected = {run.id: run.expected for run in runs}
    actual = {
        run.id: pv.pool(table.array(run.row["arrays"]["x"]), run.layer).shape[2:] for run in runs
    }

    assert expected == actual


def _narrowed(dtype: np.dtype[np.generic]) -> np.dtype[np.generic]:
    """JAX stores 64-bit numbers as 32-bit ones unless x64 is enabled."""
    narrow = {"float64": "float32", "int64": "int32"}
    return np.dtype(narrow.get(dtype.name, dtype.name))


@each_table
@each_tag
def test_maxima_keep_their_dtype(table: Table, tag: str) -> None:
    runs = [run for run in table.value_runs(tag) if run.layer.op == "max" and run.expected]
    arrays = {run.id: table.array(run.row["arrays"]["x"]) for run in runs}
    expected = {run.id: table.array(run.row["arrays"]["y"]).dtype for run in runs}
    actual = {run.id: values.pool(arrays[run.id], run.layer).dtype for run in runs}
    if tag in ON_JAX:
        actual = {name: _narrowed(dtype) for name, dtype in actual.items()}

    assert expected == actual


@each_table
def test_pytorch_averages_whole_numbers_in_whole_numbers(table: Table) -> None:
    runs = [run for run in table.value_runs("torch.F") if run.layer.op == "avg" and run.expected]
    runs = [run for run in runs if run.row["dtype"].startswith("int")]
    expected = [table.array(run.row["arrays"]["y"]).dtype for run in runs]
    actual = [values.pool(table.array(run.row["arrays"]["x"]), run.layer).dtype for run in runs]

    assert len(runs) > 0
    assert expected == actual


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("op", ["max", "avg"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_is_no_number_is_no_warning(op: str, dtype: type[np.floating]) -> None:
    """∞ − ∞ and overflowing sums: no framework warns."""
    ends = np.finfo(dtype)
    x = np.resize(np.array([np.inf, -np.inf, np.nan, ends.max, ends.min, 0], dtype), (7, 7))
    for framework, kernel_size in product(("pytorch", "keras", "onnxruntime"), (2, 3, 7)):
        layer = pv.Pool(kernel_size, stride=1, op=op, framework=framework)
        pooled = values.pool(x, layer)
        gradients.pool_gradient(x, layer, np.resize(x, pooled.shape))


@pytest.mark.parametrize("op", ["max", "avg", "lp"])
def test_a_window_far_behind_the_input_needs_too_much_memory(op: str) -> None:
    """Up to 1.16, onnxruntime keeps a window that begins behind the padding."""
    far = pv.Pool((1, 3), (1, 10**9), op=op, ceil_mode=True, framework="onnxruntime==1.16")
    assert pv.output_size(far, (10, 10)) == (10, 2)
    with pytest.raises(ValueError, match=r"needs .* cells with its padding and its windows"):
        pv.pool(np.ones((10, 10)), far)
