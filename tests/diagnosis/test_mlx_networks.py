"""Convolutions and networks: shapes, parameters and errors equal those of MLX 0.32.4."""

from __future__ import annotations

from typing import Any

from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.diagnosis.network.stack import Stack
from tests.diagnosis.stack_cases import layer_of
from tests.support.recorded_mlx import FRAMEWORK, recorded
from tests.support.recordings import Row, differences

SIGNATURES = "incompatible function arguments"  # these texts list all signatures


def _said(error: dict[str, str] | None) -> tuple[str, str | None] | None:
    """Class and text of a recorded error."""
    if error is None:
        return None
    return error["type"], None if SIGNATURES in error["message"] else error["message"]


def _failure(stack: Stack) -> tuple[str | None, str | None] | None:
    """Class and text of the error that ends the run, which a silent failure does not."""
    failure, first = stack.walk.failure, stack.first_failure
    if failure is None or first is None or failure.error is None:
        return None
    return failure.error, first.says


def _stack(layers: Any, shape: Any) -> Stack:
    return Stack(layers, tuple(shape), framework=FRAMEWORK)


# --- convolutions --------------------------------------------------------------------------------


def _takes(row: Row) -> bool:
    """Whether poolviz has these arguments: numbers, none below its least."""
    entries = [
        entry
        for name, least in (("kernel", 1), ("stride", 1), ("dilation", 1), ("padding", 0))
        for entry in _flat(row[name], least)
    ]
    extra = row["output_padding"]
    entries += [(entry, 0) for entry in ([] if extra is None else _numbers(extra))]
    counts = {len(row[n]) for n in ("kernel", "stride", "padding") if isinstance(row[n], list)}
    is_long_enough = counts <= {row["ndim"]} and not (counts and row["ndim"] == 1)
    return is_long_enough and all(type(one) is int and one >= least for one, least in entries)


def _flat(value: Any, least: int) -> list[tuple[Any, int]]:
    return [(entry, least) for entry in _numbers(value)]


def _numbers(value: Any) -> list[Any]:
    return [one for each in value for one in _numbers(each)] if isinstance(value, list) else [value]


def _convolution(row: Row) -> Stack:
    keywords = {
        "kernel_size": _entries(row["kernel"], row["ndim"]),
        "stride": _tuple(row["stride"]),
        "padding": _tuple(row["padding"]),
        "dilation": _tuple(row["dilation"]),
        "groups": row["groups"],
        "bias": row["bias"],
        "in_channels": row["in_channels"],
    }
    kind: Any = Conv
    if row["layer"] == "ConvTranspose":
        kind, keywords["output_padding"] = ConvTranspose, _tuple(row["output_padding"])
    return _stack([kind(row["out_channels"], **keywords)], [*row["input"], row["channels"]])


def _entries(value: Any, ndim: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list) else (value,) * ndim


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def test_convolutions_are_the_recorded_ones() -> None:
    rows = [row for row in recorded("convolution") if _takes(row)]
    expected, actual = {}, {}
    for row in rows:
        stack = _convolution(row)
        ran = [([*each.output_size], each.parameters) for each in stack.rows]
        actual[row["id"]] = ran, _failure(stack)
        done = [] if row["output"] is None else [(row["output"], row["parameters"])]
        expected[row["id"]] = done, _said(row["error"])

    assert len(rows) > 450
    assert expected == actual, differences(expected, actual)


def test_a_kernel_too_long_by_less_than_the_stride_is_a_silent_failure() -> None:
    """MLX returns one element; it is computed from memory outside the input."""
    stack = _stack([Conv(4, 5, stride=3)], (4, 4, 2))
    failure = stack.walk.failure

    assert failure is not None
    assert failure.error is None
    assert failure.problem.kind is FailureKind.TRUNCATED
    assert stack.rows[0].output_size == (1, 1)
    assert "reads memory outside the input, without an error" in str(stack)


# --- networks ------------------------------------------------------------------------------------


def test_networks_are_the_recorded_ones() -> None:
    expected, actual = {}, {}
    for row in recorded("network"):
        layers = tuple(map(layer_of, row["layers"]))
        for run in row["runs"]:
            name = f"{row['name']} {run['input_shape']}"
            stack = _stack(layers, run["input_shape"])
            rows = [([*each.output_shape], each.parameters) for each in stack.rows]
            # What raises after a map was silently lost is not named: the first failure counts.
            failure = stack.walk.failure
            is_silent = failure is not None and failure.error is None
            error = None if is_silent else _said(run["error"])
            expected[name] = [*zip(run["shapes"], run["parameters"], strict=True)], error
            actual[name] = rows, _failure(stack)

    assert len(expected) == 167
    assert expected == actual, differences(expected, actual)
