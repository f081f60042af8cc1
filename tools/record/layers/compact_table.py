"""Chooses the compact table of recorded runs out of the whole recording.

    python -m tools.record.layers.compact_table

writes `shapes.jsonl.gz`, `values.json.gz` and `variants.json.gz` in `tests/data`. It needs the
whole recording (see `tests/support/recordings.py`). The choice is deterministic: run twice, it
writes the same bytes, and a test compares the files with what this script would write.

Shapes: the runs of each framework are put into strata, one for each combination of call,
operation, number of axes, kind of padding, dilated or not, ceil_mode, count_include_pad, stride
given or left out, and outcome (a size, an empty array, or each kind of error text). Then one run
of each stratum is taken in turn until the framework has its quota.

Values: whole arrays are long, so there are fewer of them. Of the runs on short inputs, the one
that brings the most new *pairs* of features (call and operation, operation and padding, padding
and kind of input, …) is taken, again and again. The odd runs of `ODD_GROUPS` are always in.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from math import prod
from typing import Any

from tests.support.recordings import (
    COMPACT_FOLDER,
    NOT_POOLINGS,
    SHAPE_TAGS,
    VALUE_TAGS,
    WHOLE,
    Row,
    Table,
    error_name,
    error_text,
    packed,
    tag_of,
)
from tests.support.variant_runs import variants_content

SHAPES_PER_FRAMEWORK = 300
VALUES_PER_FRAMEWORK = 60
LONGEST_INPUT = 150  # numbers

SHAPE_FIELDS = (
    "id",
    "version",
    "category",
    "note",
    "op",
    "ndim",
    "input",
    "kernel",
    "stride",
    "dilation",
    "padding",
    "ceil_mode",
    "count_include_pad",
    "output",
    "error",
)
VALUE_FIELDS = (*SHAPE_FIELDS, "kind", "dtype", "arrays")
ARRAYS = ("x", "y", "y_with_indices", "argmax_spatial", "G", "grad")

# Runs that a framework's own rule does not cover (`test_values_conformance.py` names the reasons).
ODD_GROUPS = (
    "7687d00b",  # TensorFlow without oneDNN crops, 3-D average
    "a0868005",  # the same, 3-D maximum
    "52e242d6",  # TensorFlow without oneDNN, 3-D with NaN
    "d3732c0a",  # the same, windows of −inf
    "7a1d1f6a",  # ties in 3-D: TensorFlow's gradient goes to all of them, the others' to the first
    "132bef41",  # Keras on torch replicates the edge
    "48cfdbac",  # the same, gradient
    "6c4b800c",  # averages of integers
    "97f9a45c",  # NaN in the first cell of a window
    "6a9bf9a1",  # −inf beside padding, gradient
    "effba4f7",  # NaN, gradient
    "1a844493",  # windows of −inf only
    "52181fd4",  # windows of NaN and −inf only
    "f60b8ff8",  # a dilated window whose elements are all in the padding
    "c38374cb",  # the same, gradient
    "043f1492",  # onnxruntime shifts a window with negative auto_pad
)


def shapes_file(whole: Table) -> bytes:
    """Return the bytes of `tests/data/shapes.jsonl.gz`."""
    chosen: list[Row] = []
    for framework in dict.fromkeys(SHAPE_TAGS.values()):
        rows = [row for row in whole.shape_rows if _is_pooling_of(row, SHAPE_TAGS, framework)]
        chosen += _in_turn(_strata(rows), SHAPES_PER_FRAMEWORK)
    chosen += whole.invalid_rows()
    lines = (json.dumps(_kept(row, SHAPE_FIELDS), ensure_ascii=False) for row in _sorted(chosen))
    return _zipped("".join(f"{line}\n" for line in lines))


def values_file(whole: Table) -> bytes:
    """Return the bytes of `tests/data/values.json.gz`."""
    chosen: list[Row] = []
    for framework in dict.fromkeys(VALUE_TAGS.values()):
        rows = [
            row
            for row in whole.value_rows
            if _is_pooling_of(row, VALUE_TAGS, framework) and (_is_short(row) or _is_odd(row))
        ]
        chosen += _pairwise(rows, VALUES_PER_FRAMEWORK)
    rows = [_with_kept_arrays(_kept(row, VALUE_FIELDS)) for row in _sorted(chosen)]
    names = sorted({name for row in rows for name in row["arrays"].values()})
    content = {"rows": rows, "arrays": {name: packed(whole.array(name)) for name in names}}
    return _zipped(json.dumps(content, ensure_ascii=False))


def variants_file(whole: Table) -> bytes:
    """Return the bytes of `tests/data/variants.json.gz`: every run, of each only the outcome."""
    return _zipped(json.dumps(variants_content(whole)))


def _is_pooling_of(row: Row, tags: Mapping[str, str], framework: str) -> bool:
    return tags.get(tag_of(row)) == framework and row["category"] not in NOT_POOLINGS


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row["id"]))


def _kept(row: Row, fields: tuple[str, ...]) -> dict[str, Any]:
    return {field: row[field] for field in fields}


def _strata(rows: Iterable[Row]) -> list[list[Row]]:
    """Return the rows by what a rule may depend on, strata and rows in a fixed order."""
    strata: dict[str, list[Row]] = defaultdict(list)
    for row in _sorted(rows):
        features = (
            tag_of(row),
            row["op"],
            row["ndim"],
            padding_kind(row["padding"]),
            max(row["dilation"]) > 1,
            row["ceil_mode"],
            row["count_include_pad"],
            row["stride"] is None,
            outcome_kind(row),
        )
        strata[repr(features)].append(row)
    return [strata[name] for name in sorted(strata)]


def _in_turn(strata: list[list[Row]], quota: int) -> list[Row]:
    """The first of each stratum, then the second of each, until there are `quota` rows."""
    longest = max(len(stratum) for stratum in strata)
    turns = (stratum[i] for i in range(longest) for stratum in strata if i < len(stratum))
    return [row for row, _ in zip(turns, range(quota), strict=False)]


def padding_kind(padding: Any) -> str:
    """none, valid, same, same_lower, symmetric or asymmetric."""
    if isinstance(padding, str):
        return padding
    if all(before == after for before, after in padding):
        return "symmetric" if any(before for before, _ in padding) else "none"
    return "asymmetric"


def outcome_kind(row: Row) -> str:
    """ok, empty, or the error's class with its text, numbers and names taken out."""
    if row["error"] is None:
        return "empty" if 0 in row["output"] else "ok"
    words = re.sub(r"['`\[({].*?['`\])}]|\d+", "", str(error_text(row)))
    return f"{error_name(row)}: {' '.join(words.split())[:80]}"


def _is_short(row: Row) -> bool:
    return prod(row["nc"]) * prod(row["input"]) <= LONGEST_INPUT


def _is_odd(row: Row) -> bool:
    return str(row["id"]).partition(".")[0] in ODD_GROUPS


def _pairwise(rows: Iterable[Row], quota: int) -> list[Row]:
    """The odd runs, then `quota` times the run that brings the most pairs of features unseen."""
    left = {str(row["id"]): (row, _pairs(row)) for row in _sorted(rows)}
    chosen = [row for row, _ in left.values() if _is_odd(row)]
    seen = {pair for row in chosen for pair in _pairs(row)}
    for row in chosen:
        del left[row["id"]]
    for _ in range(min(quota, len(left))):
        best = max(left, key=lambda name: len(left[name][1] - seen))
        row, pairs = left.pop(best)
        chosen.append(row)
        seen |= pairs
    return chosen


def _pairs(row: Row) -> set[str]:
    features = {
        "tag": tag_of(row),
        "op": row["op"],
        "ndim": row["ndim"],
        "padding": padding_kind(row["padding"]),
        "dilated": max(row["dilation"]) > 1,
        "ceil_mode": row["ceil_mode"],
        "counted": row["count_include_pad"],
        "kind": row["kind"],
        "arrays": tuple(sorted(row["arrays"])),
        "error": error_name(row),
    }
    named = [f"{name}={value}" for name, value in features.items()]
    return {f"{one}, {other}" for one, other in combinations(named, 2)}


def _with_kept_arrays(row: dict[str, Any]) -> dict[str, Any]:
    arrays = {name: row["arrays"][name] for name in ARRAYS if name in row["arrays"]}
    return {**row, "arrays": arrays}


def _zipped(text: str) -> bytes:
    """gzip without the time of writing, so that the same text gives the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(text.encode("utf-8"))
    return buffer.getvalue()


def main() -> None:
    """Write the files and say how large they are."""
    if WHOLE is None:
        raise SystemExit("the whole recording is not here: ../shared/conformance")
    contents = {
        "shapes.jsonl.gz": shapes_file(WHOLE),
        "values.json.gz": values_file(WHOLE),
        "variants.json.gz": variants_file(WHOLE),
    }
    for name, content in contents.items():
        (COMPACT_FOLDER / name).write_bytes(content)
        print(f"{COMPACT_FOLDER / name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
