"""Sizes, exceptions and error texts equal what the frameworks really returned and said."""

from __future__ import annotations

import gzip
import json
from functools import cache

import pytest

import poolviz as pv
from poolviz.arithmetic.trace import Trace, trace
from tests.support.recordings import (
    COMPACT,
    COMPACT_FOLDER,
    SHAPE_TAGS,
    TABLES,
    WHOLE,
    Row,
    Run,
    Table,
    call_of,
    differences,
    error_name,
    error_text,
    tag_of,
)
from tools.record.layers import compact_table

CHANNELS = 2  # of every recorded input
FRAMEWORKS = tuple(dict.fromkeys(SHAPE_TAGS.values()))

# max_pool*d with return_indices=True is another function of PyTorch, with other texts.
TEXT_TAGS = tuple(tag for tag in SHAPE_TAGS if tag != "torch.F-indices")
NEVER_RAISING_TAGS = ("jax.lax", "jax.flax")

each_table = pytest.mark.parametrize("table", TABLES, ids=str)
each_tag = pytest.mark.parametrize("tag", SHAPE_TAGS)


@cache
def _runs(table: Table, tag: str) -> list[tuple[Run, Trace]]:
    """The recorded runs of one call, each with poolviz's trace."""
    return [(run, trace(run.layer, run.input_size)) for run in table.shape_runs(tag)]


def _outcome(output: tuple[int, ...] | None) -> str:
    if output is None:
        return "raises"
    return "empty" if 0 in output else "ok"


@each_table
@each_tag
def test_returned_size_is_the_recorded_one(table: Table, tag: str) -> None:
    runs = _runs(table, tag)
    expected = {run.id: run.expected for run, _ in runs}
    actual = {run.id: traced.returned_size for run, traced in runs}

    assert len(runs) > 30
    assert expected == actual, differences(expected, actual)


@each_table
@each_tag
def test_outcome_is_the_recorded_one(table: Table, tag: str) -> None:
    runs = _runs(table, tag)
    expected = {run.id: _outcome(run.expected) for run, _ in runs}
    actual = {run.id: traced.outcome for run, traced in runs}

    assert expected == actual, differences(expected, actual)


@each_table
@each_tag
def test_formula_gives_what_is_returned(table: Table, tag: str) -> None:
    """Where a call returns, each size is the formula's, or 0 where the formula is below 0."""
    runs = [(run, traced) for run, traced in _runs(table, tag) if run.expected is not None]
    expected = {run.id: run.expected for run, _ in runs}
    actual = {run.id: tuple(max(0, size) for size in traced.output_size) for run, traced in runs}

    assert expected == actual, differences(expected, actual)


@each_table
@each_tag
def test_exception_is_the_recorded_one(table: Table, tag: str) -> None:
    runs = _runs(table, tag)
    expected = {run.id: error_name(run.row) for run, _ in runs}
    actual = {run.id: traced.error_name for run, traced in runs}

    assert expected == actual, differences(expected, actual)


@each_table
@pytest.mark.parametrize("tag", TEXT_TAGS)
def test_says_what_the_framework_said(table: Table, tag: str) -> None:
    runs = _runs(table, tag)
    expected = {run.id: error_text(run.row) for run, _ in runs}
    actual = {run.id: traced.says(channels=CHANNELS) for run, traced in runs}

    assert expected == actual, differences(expected, actual)


@each_table
@pytest.mark.parametrize("tag", TEXT_TAGS)
def test_there_are_texts_to_compare(table: Table, tag: str) -> None:
    """JAX never raises because of a size; of every other framework texts were recorded."""
    texts = [error_text(run.row) for run, _ in _runs(table, tag) if run.expected is None]
    expected = tag not in NEVER_RAISING_TAGS
    actual = len(texts) > 0

    assert expected == actual
    assert all(texts)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_output_size_returns_or_raises_as_recorded(framework: str) -> None:
    rows = _compact_rows(framework)
    expected = {row["id"]: row["output"] for row in rows}
    actual = {row["id"]: _output_size(row, framework) for row in rows}

    assert len(rows) > 250
    assert expected == actual, differences(expected, actual)


def _compact_rows(framework: str) -> list[Row]:
    tags = [tag for tag, name in SHAPE_TAGS.items() if name == framework]
    return [run.row for tag in tags for run, _ in _runs(COMPACT, tag)]


def _output_size(row: Row, framework: str) -> list[int] | None:
    input_size, kernel_size, keywords = call_of(row, framework)
    try:
        size = pv.output_size(input_size, kernel_size, **keywords)
    except pv.PoolShapeError:
        return None
    assert isinstance(size, tuple)
    return list(size)


def test_pool_shape_error_is_a_value_error() -> None:
    assert issubclass(pv.PoolShapeError, ValueError)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_compact_table_holds_every_kind_of_outcome(framework: str) -> None:
    """Sizes, empty arrays and errors, for maxima and averages, in 1 to 3 dimensions."""
    outcomes = {"ok", "empty", "raises"}
    outcomes -= {"raises"} if framework == "jax" else set()
    outcomes -= {"empty"} if framework == "pytorch" else set()
    expected = {
        (op, ndim, outcome) for op in ("max", "avg") for ndim in (1, 2, 3) for outcome in outcomes
    }
    actual = {(row["op"], row["ndim"], _outcome(row["output"])) for row in _compact_rows(framework)}

    assert expected == actual


def test_every_call_is_in_the_compact_table() -> None:
    expected = set(SHAPE_TAGS)
    actual = {tag_of(row) for row in COMPACT.shape_rows}

    assert expected == actual


def test_compact_table_stays_small() -> None:
    assert sum(path.stat().st_size for path in COMPACT_FOLDER.glob("*.gz")) < 700_000


@pytest.mark.skipif(WHOLE is None, reason="the whole recording is not beside this checkout")
class TestCompactTable:
    """The committed tables are those that the script selects from the whole recording."""

    def test_shapes_are_the_chosen_ones(self) -> None:
        assert WHOLE is not None
        expected = gzip.decompress(compact_table.shapes_file(WHOLE))
        actual = gzip.decompress((COMPACT_FOLDER / "shapes.jsonl.gz").read_bytes())

        assert expected == actual, "run python -m tools.record.layers.compact_table"

    def test_values_are_the_chosen_ones(self) -> None:
        assert WHOLE is not None
        expected = json.loads(gzip.decompress(compact_table.values_file(WHOLE)))
        actual = json.loads(gzip.decompress((COMPACT_FOLDER / "values.json.gz").read_bytes()))

        assert expected == actual, "run python -m tools.record.layers.compact_table"

    def test_every_kind_of_error_is_in_it(self) -> None:
        assert WHOLE is not None
        expected = _outcome_kinds(WHOLE)
        actual = _outcome_kinds(COMPACT)

        assert expected == actual


def _outcome_kinds(table: Table) -> set[tuple[str, str]]:
    return {
        (tag, compact_table.outcome_kind(run.row))
        for tag in SHAPE_TAGS
        for run, _ in _runs(table, tag)
    }
