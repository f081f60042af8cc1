"""What five frameworks really did when they were run: the expected values of the tests.

There are two tables of such runs. The compact one is part of the project (`tests/data`) and is
always read. The whole recording lies beside a checkout on the machine where it was made, at
`../shared/conformance`; where it is there, every test reads it as well.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from poolviz.arithmetic.layers.pool import Pool
from tests.support.paths import DATA, ROOT

COMPACT_FOLDER = DATA
WHOLE_FOLDER = ROOT.parent / "shared" / "conformance"

# Which runs each framework of poolviz reproduces. A tag is what follows the first dot of an id.
SHAPE_TAGS = {
    "torch.F": "pytorch",
    "torch.F-indices": "pytorch",
    "torch.F-grad": "pytorch",
    "tf221.nn-graph": "tensorflow",
    "tf215.nn-graph": "tensorflow",
    "tf221.keras-sym": "keras",
    "k3torch.keras-sym": "keras",
    "k3jax.keras-sym": "keras",
    "jax.lax": "jax",
    "jax.flax": "jax",
    "onnx.ort-op22": "onnxruntime",
}
ON_JAX = ("jax.lax", "jax.flax", "k3jax.keras-eager")
VALUE_TAGS = {
    "torch.F": "pytorch",
    "tf221.nn-eager": "tensorflow",
    "tf221.nn-eager-nodnn": "tensorflow",
    "tf215.nn-eager": "tensorflow",
    "tf215.nn-eager-nodnn": "tensorflow",
    "tf221.keras-eager-nodnn": "keras",
    "tf215.keras-eager-nodnn": "keras",
    "k3torch.keras-eager": "keras",
    "k3jax.keras-eager": "keras",
    "jax.lax": "jax",
    "jax.flax": "jax",
    "onnx.ort-op22": "onnxruntime",
}
NOT_POOLINGS = ("invalid", "adaptive")  # wrong arguments have a separate test file

Row = Mapping[str, Any]
Array = NDArray[Any]


def tag_of(row: Row) -> str:
    """The call that was run: what follows the first dot of the id."""
    return str(row["id"]).split(".", 1)[1]


class Call(NamedTuple):
    """One recorded call in poolviz's words: arguments of `output_size`."""

    input_size: tuple[int, ...]
    kernel_size: Any
    keywords: dict[str, Any]


class Run(NamedTuple):
    """One recorded run: the layer, the input, and what came back (None: it raised)."""

    id: str
    layer: Pool
    input_size: tuple[int, ...]
    expected: tuple[int, ...] | None
    row: Row


def call_of(row: Row, framework: str) -> Call:
    """Return the call of `row` as a user of poolviz would type it."""
    keywords = {
        "stride": _as_tuple(row["stride"]),
        "padding": row["padding"]
        if isinstance(row["padding"], str)
        else tuple(_as_tuple(pair) for pair in row["padding"]),
        "dilation": _as_tuple(row["dilation"]),
        "ceil_mode": row["ceil_mode"],
        "op": row["op"],
        "count_include_pad": row["count_include_pad"],
        "framework": framework,
    }
    return Call(_as_tuple(row["input"]), _as_tuple(row["kernel"]), keywords)


def run_of(row: Row, framework: str) -> Run:
    """`row` with its `Pool`."""
    input_size, kernel_size, keywords = call_of(row, framework)
    layer = Pool(kernel_size, **keywords)
    return Run(row["id"], layer, input_size, _as_tuple(row["output"]), row)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def error_name(row: Row) -> str | None:
    """The class of the recorded exception, without its module."""
    return None if row["error"] is None else str(row["error"]["type"]).rsplit(".", 1)[-1]


def error_text(row: Row) -> str | None:
    """Return the error message without colours and machine-dependent parts.

    Keras: without the last paragraph (the arguments' reprs). onnxruntime: without the path, the
    signature and the condition in its source file.
    """
    if row["error"] is None:
        return None
    text = re.sub(r"\x1b\[\d+m", "", row["error"]["message"]).strip()
    if "keras" in tag_of(row):
        return text.partition("\n\nArguments received by")[0]
    if "onnx" in tag_of(row):
        return re.split(r" was false\. |Status Message: ", text)[-1]
    return text


@dataclass(frozen=True)
class Table:
    """A folder of recorded runs."""

    name: str
    folder: Path

    def __str__(self) -> str:
        return self.name

    @cached_property
    def shape_rows(self) -> list[Row]:
        """Every run of which only the shape or the error was kept."""
        return _read_lines(self.folder / "shapes.jsonl.gz")

    @cached_property
    def value_rows(self) -> list[Row]:
        """Every run whose numbers were kept; `arrays` names them."""
        return self._values[0]

    def array(self, name: str) -> Array:
        """One recorded array, shape (N, C, *spatial)."""
        if name not in self._arrays:
            self._arrays[name] = np.asarray(self._values[1][name])
        return self._arrays[name]

    def shape_runs(self, tag: str) -> list[Run]:
        """The pooling layers among the shape rows, of the call named by `tag`.

        Without those that only shape inference takes: TensorFlow rejects their padding when it
        runs them, which `tests/data/refusals.json.gz` has.
        """
        runs = _runs(self.shape_rows, tag, SHAPE_TAGS[tag])
        return [
            run
            for run in runs
            if "nn-graph" not in tag
            or not is_only_inferred(run.layer, len(run.input_size), run.expected is not None)
        ]

    def value_runs(self, tag: str) -> list[Run]:
        """The pooling layers among the value rows, of the call named by `tag`."""
        return _runs(self.value_rows, tag, VALUE_TAGS[tag])

    def invalid_rows(self) -> list[Row]:
        """PyTorch called with wrong arguments, exactly as they were passed."""
        return [
            row
            for row in self.shape_rows
            if row["category"] == "invalid" and tag_of(row) == "torch.F"
        ]

    @cached_property
    def _arrays(self) -> dict[str, Array]:
        return {}

    @cached_property
    def _values(self) -> tuple[list[Row], Mapping[str, Any]]:
        packed = self.folder / "values.json.gz"
        if packed.exists():
            with gzip.open(packed, "rt", encoding="utf-8") as lines:
                content = json.load(lines)
            arrays = {name: unpacked(array) for name, array in content["arrays"].items()}
            return content["rows"], arrays
        return _read_lines(self.folder / "values.jsonl.gz"), np.load(self.folder / "values.npz")


def is_only_inferred(layer: Pool, ndim: int, returned: bool) -> bool:
    """Return whether a graph of TensorFlow has a size although running it raises."""
    pads = [(axis.padding, axis.kernel_size) for axis in layer.axes(ndim)]
    wide = any(isinstance(both, tuple) and max(both) >= kernel for both, kernel in pads)
    return returned and wide


def _runs(rows: list[Row], tag: str, framework: str) -> list[Run]:
    return [
        run_of(row, framework)
        for row in rows
        if tag_of(row) == tag and row["category"] not in NOT_POOLINGS
    ]


def _read_lines(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def packed(array: Array) -> list[Any]:
    """An array as JSON takes it: dtype, shape, and its bytes in base 64."""
    return [array.dtype.str, list(array.shape), base64.b64encode(array.tobytes()).decode("ascii")]


def unpacked(content: list[Any]) -> Array:
    """Return the array that `packed` packed."""
    dtype, shape, text = content
    return np.frombuffer(base64.b64decode(text), dtype=dtype).reshape(shape)


COMPACT = Table("compact", COMPACT_FOLDER)
WHOLE = Table("whole", WHOLE_FOLDER) if (WHOLE_FOLDER / "shapes.jsonl.gz").exists() else None
TABLES = [COMPACT] if WHOLE is None else [COMPACT, WHOLE]


def differences(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> str:
    """A message for a failing comparison of many runs: how many, of how many, and the first."""
    differing = [name for name in expected if expected[name] != actual.get(name)]
    shown = "; ".join(
        f"{name}: recorded {expected[name]!r}, got {actual.get(name)!r}" for name in differing[:5]
    )
    return f"{len(differing)} of {len(expected)} recorded runs differ. {shown}"
