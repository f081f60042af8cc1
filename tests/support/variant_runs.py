"""Recorded runs of what is beside the five frameworks: executed eagerly, other backends, inference.

Every such run of the recording is part of the project, one line per call:
`tests/data/variants.json.gz`, written by `tools/record/layers/compact_table.py`. What Keras does on
NumPy was recorded on the same calls by `tools/record/layers/keras_numpy.py`.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from functools import cache
from typing import Any

from poolviz.arithmetic.layers.pool import Pool
from tests.support.recordings import (
    COMPACT_FOLDER,
    NOT_POOLINGS,
    Array,
    Row,
    Table,
    call_of,
    error_name,
    packed,
    tag_of,
    unpacked,
)
from tools.versions.common import CALL_FIELDS

FILE = COMPACT_FOLDER / "variants.json.gz"
NUMPY_FILE = COMPACT_FOLDER / "keras_numpy.json.gz"
NUMPY_TAG = "k3numpy.keras-eager"
AVERAGES_TAG = "k3torch.keras-eager"
# Which framework of the five each of them is beside.
VARIANT_TAGS = {
    "tf221.nn-eager": "tensorflow",
    "tf215.nn-eager": "tensorflow",
    "tf221.nn-eager-nodnn": "tensorflow",
    "tf215.nn-eager-nodnn": "tensorflow",
    "tf221.keras-eager": "keras",
    "tf215.keras-eager": "keras",
    "tf221.keras-eager-nodnn": "keras",
    "tf215.keras-eager-nodnn": "keras",
    "k3torch.keras-eager": "keras",
    "k3jax.keras-eager": "keras",
    NUMPY_TAG: "keras",
    "onnx.infer-op22": "onnxruntime",
}

Outcome = tuple[int, ...] | str  # the size, or the name of the exception


def variants_content(whole: Table) -> dict[str, Any]:
    """Every run of the tags above: the calls, and what each tag gave; the averages with numbers."""
    versions: dict[str, str] = {}
    calls: dict[str, Row] = {}
    outcomes: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in sorted(whole.shape_rows, key=lambda row: str(row["id"])):
        tag = tag_of(row)
        if tag not in VARIANT_TAGS or row["category"] in NOT_POOLINGS:
            continue
        group = row["id"].partition(".")[0]
        call = {field: row[field] for field in CALL_FIELDS}
        assert calls.setdefault(group, call) == call
        outcomes[group][tag] = error_name(row) or row["output"]
        versions[tag] = f"{row['framework']} {row['version']}"
    rows = [[group, *calls[group].values(), outcomes[group]] for group in calls]
    return {
        "versions": versions,
        "fields": ["id", *CALL_FIELDS, "outcomes"],
        "rows": rows,
        "averages": _averages(whole),
    }


def _averages(whole: Table) -> list[dict[str, Any]]:
    """Keras on PyTorch, average pooling, "same", executed: what went in and what came out."""
    rows = [
        row
        for row in sorted(whole.value_rows, key=lambda row: str(row["id"]))
        if tag_of(row) == AVERAGES_TAG and row["op"] == "avg" and row["padding"] == "same"
    ]
    return [
        {field: row[field] for field in ("id", *CALL_FIELDS)}
        | {name: packed(whole.array(row["arrays"][name])) for name in ("x", "y")}
        for row in rows
        if not row["error"]
    ]


@cache
def _content(name: str) -> Any:
    return json.loads(gzip.decompress((COMPACT_FOLDER / name).read_bytes()))


def calls(tag: str) -> dict[str, tuple[Pool, tuple[int, ...], Outcome]]:
    """The recorded calls of one tag: layer, input, and what came back."""
    content = _content(FILE.name)
    numpy_runs = _content(NUMPY_FILE.name)["outcomes"] if tag == NUMPY_TAG else {}
    found = {}
    for values in content["rows"]:
        row = dict(zip(content["fields"], values, strict=True))
        came = numpy_runs.get(row["id"]) if tag == NUMPY_TAG else row["outcomes"].get(tag)
        if came is not None:
            size, kernel, keywords = call_of(row, VARIANT_TAGS[tag])
            outcome = came if isinstance(came, str) else tuple(came)
            found[row["id"]] = Pool(kernel, **keywords), size, outcome
    return found


def averages() -> list[tuple[Pool, Array, Array]]:
    """Layer, input and output of each average of Keras on PyTorch."""
    found = []
    for row in _content(FILE.name)["averages"]:
        _, kernel, keywords = call_of(row, "keras")
        found.append((Pool(kernel, **keywords), unpacked(row["x"]), unpacked(row["y"])))
    return found


def versions() -> dict[str, str]:
    """Return the versions that were run, by tag."""
    numpy_version = _content(NUMPY_FILE.name)["version"]
    return {**_content(FILE.name)["versions"], NUMPY_TAG: numpy_version}
