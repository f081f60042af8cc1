"""Numbers that the notebooks state were computed in a cell nearby, or recorded."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic.framework_names import EDITIONS, editions
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.drawing.draw import example_values
from tests.support import version_runs
from tests.support.paths import DATA
from tests.support.recordings import COMPACT, NOT_POOLINGS, Row, tag_of
from tools.prose import (
    LISTED,
    NAMES,
    Cell,
    cells_of,
    numbers,
    readable,
    source,
    unfounded,
)
from tools.record.layers.conversions import converted, recorded

STRIDE = "02_stride_too_large.ipynb"
EACH = pytest.mark.parametrize("name", NAMES)


# --- what the expressions know -------------------------------------------------------------------


def _fits(run: Row) -> bool:
    """No padding, and on each axis the kernel fits."""
    if run["category"] in NOT_POOLINGS or run["padding"] != "valid" or run["ceil_mode"]:
        return False
    spans = map(effective_kernel_size, run["kernel"], run["dilation"])
    return all(size >= span for size, span in zip(run["input"], spans, strict=True))


def _told(id: str, error: str | None = None) -> dict[str, Any]:
    """Return a recorded run that a notebook describes; it must have this error."""
    path = DATA / "notebook_runs.json"
    (run,) = (run for run in json.loads(path.read_text(encoding="utf-8")) if run["id"] == id)
    assert run["error"] == error
    return dict(run)


def _silent(backend: str) -> dict[str, Any]:
    """Return what became of the model of notebook 05 in Keras 3.14.1 on a backend."""
    (run,) = (
        run
        for run in version_runs.content()["models"]
        if (run["versions"]["keras"], run["backend"]) == ("3.14.1", backend)
    )
    return dict(run)


def _on_pytorch(x: Any, layer: pv.Pool) -> Any:
    """Keras' "same" average on its PyTorch backend: uneven padding repeats the edge."""
    split = [tuple(axis.padding) for axis in pv.trace(layer, x.shape[-layer.ndim :]).axes]
    padded = np.pad(x, [(0, 0)] * (x.ndim - len(split)) + split, mode="edge")
    return pv.pool(padded, pv.Pool(layer.kernel_size, layer.stride, op="avg"))


CONVERTED = {lines.key for lines in converted()}
FITTING = [run for run in COMPACT.shape_rows if _fits(run)]
SAME_AVERAGE = pv.Pool((3, 3), (2, 2), "same", op="avg", framework="keras")
KNOWN = {
    "pv": pv,
    "np": np,
    "editions": lambda name: [str(edition) for edition in EDITIONS[name]],
    "newest": lambda name: [edition.newest for edition in EDITIONS[name]],
    "silent": _silent,
    "FRAMEWORKS": FRAMEWORKS,
    "version": lambda name: FRAMEWORKS[name].version,
    "fitting": FITTING,
    "told": _told,
    "conversions": [row for row in recorded() if row["call"] in CONVERTED],
    "example_values": example_values,
    "on_pytorch": _on_pytorch(np.arange(1.0, 37).reshape(6, 6), SAME_AVERAGE),
}


def test_recorded_calls_with_a_kernel_that_fits_do_not_fail() -> None:
    assert all(run["error"] is None and min(run["output"]) >= 1 for run in FITTING)
    assert {tag_of(run).split(".")[0] for run in FITTING} >= {"torch", "tf221", "k3jax", "onnx"}


def _strides_that_fail(framework: str, padding: Any, ceil_mode: bool) -> set[int]:
    """Cells above the kernel, of each stride that fails where a window fits and stride 1 runs."""
    found = set()
    for n, k in product(range(1, 9), range(1, 5)):
        size = n + (2 * padding if isinstance(padding, int) else 0)
        outcomes = {
            s: pv.trace(pv.Pool((k,), s, padding, 1, ceil_mode, framework=framework), (n,)).outcome
            for s in ((1, 2, 3, 4, 5, 7, 13) if k <= size else ())
        }
        if outcomes.get(1) == "ok":
            found |= {s - k for s, outcome in outcomes.items() if outcome == "raises"}
    return found


@pytest.mark.parametrize("framework", [name for each in pv.FRAMEWORKS for name in editions(each)])
def test_no_stride_makes_a_call_fail_unless_padding_is_a_name(framework: str) -> None:
    """Without padding and with numbers never (notebook 02), with "same" above the kernel."""
    for padding, ceil_mode in ((0, False), (0, True), (1, False)):
        assert _strides_that_fail(framework, padding, ceil_mode) == set()
    with_same = _strides_that_fail(framework, "same", ceil_mode=False)
    rejects = framework == "onnxruntime"  # 1.30 to 1.32

    assert bool(with_same) == rejects
    assert min(with_same, default=1) >= 1


def test_onnxruntime_rejected_strides_where_the_kernel_fits() -> None:
    """The counterexample was recorded, and its neighbour with stride 1 runs."""
    rows = [
        run
        for run in COMPACT.shape_rows
        if tag_of(run) == "onnx.ort-op22" and "non-negative" in str(run["error"])
    ]

    assert rows
    for run in rows:
        assert run["padding"] in ("same", "same_lower")
        layer = pv.Pool(tuple(run["kernel"]), 1, run["padding"], framework="onnxruntime")
        assert pv.trace(layer, tuple(run["input"])).outcome == "ok"


def test_keras_on_pytorch_repeats_the_edge() -> None:
    """The recorded averages with uneven padding; on JAX they are others."""
    rows = [
        run
        for run in COMPACT.value_runs("k3torch.keras-eager")
        if run.row["op"] == "avg"
        and run.row["padding"] == "same"
        and any(len(set(axis.padding)) > 1 for axis in pv.trace(run.layer, run.input_size).axes)
    ]

    assert len(rows) >= 3
    for run in rows:
        x, y = (COMPACT.array(run.row["arrays"][name]) for name in "xy")
        np.testing.assert_allclose(_on_pytorch(x, run.layer), y, rtol=1e-5)
    assert all(run.row["error"] is None for run in rows)


# --- numbers -------------------------------------------------------------------------------------


def flat(value: Any) -> Iterator[str]:
    """The numbers of a value as the prose writes them, without signs."""
    if isinstance(value, str):
        yield from numbers(value)
    elif isinstance(value, Iterable):
        for each in value:
            yield from flat(each)
    else:
        yield f"{abs(float(value)):g}"


@EACH
def test_every_number_comes_from_somewhere(name: str) -> None:
    assert list(unfounded(name, cells_of(name))) == []


@pytest.mark.parametrize(
    ("name", "phrase", "expression"),
    [
        (name, phrase, expression)
        for name, tables in LISTED.items()
        for phrase, expression in tables.get("computed", {}).items()
    ],
)
def test_a_listed_number_is_the_computed_one(name: str, phrase: str, expression: str) -> None:
    value = eval(expression, dict(KNOWN))

    assert numbers(phrase) == list(flat(value))


def test_every_listed_phrase_is_said_and_needed() -> None:
    """A phrase that is gone, or whose numbers are now in a cell beside it, leaves the list."""
    for name, tables in LISTED.items():
        cells = cells_of(f"{name}.ipynb")
        text = "\n\n".join(
            readable(source(cell)) for cell in cells if cell["cell_type"] == "markdown"
        )
        for table, phrases in tables.items():
            assert table in ("computed", "named")
            assert [phrase for phrase in phrases if phrase not in text] == []
            assert all(numbers(phrase) for phrase in phrases)


def _said_otherwise(old: str, new: str) -> list[Cell]:
    cells = copy.deepcopy(cells_of(STRIDE))
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = [source(cell).replace(old, new)]
    assert cells != cells_of(STRIDE)
    return cells


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("91 are", "92 are"),  # beside it
        ("64 of 100", "64 of 101"),  # in the list
        ("195 calls", "12,548 calls"),
        ("rounds 3.5 down", "rounds 3.6 down"),
        ("four windows fit", "44 windows fit"),
    ],
)
def test_another_number_is_noticed(old: str, new: str) -> None:
    assert list(unfounded(STRIDE, _said_otherwise(old, new)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("−4 of 1,514, or 2.5", ["4", "1514", "2.5"]),
        ("[?,1,512,64] and (1,28,28)", ["1", "512", "64", "1", "28", "28"]),
        ("TensorFlow 2.21.0, Conv2D, 2D, x1", ["2.21.0"]),
        ("10 × 10 gives 4 / 9.", ["10", "10", "4", "9"]),
    ],
)
def test_numbers_are_found(text: str, found: list[str]) -> None:
    assert numbers(text) == found
