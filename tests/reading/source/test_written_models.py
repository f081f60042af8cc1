"""Short models that are easily misread, compared with what the framework gave.

The sources are in `tests/data/written_models.toml`, the results in `written_models.json.gz`
(`tools.record.networks.written_models`).
"""

from __future__ import annotations

import gzip
import json
import tomllib
from typing import Any

import pytest

import poolviz as pv
from tests.support.paths import DATA

SOURCES = tomllib.loads((DATA / "written_models.toml").read_text(encoding="utf-8"))["model"]
RUNS = json.loads(gzip.decompress((DATA / "written_models.json.gz").read_bytes()))["models"]

each = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["name"])


def read(source: dict[str, Any], name: str | None = None) -> pv.Stack:
    shapes = [tuple(shape) for shape in source["shapes"]] if "shapes" in source else None
    return pv.read_code(source["text"], shapes, name)


def test_there_are_many_and_all_were_run() -> None:
    assert {source["name"] for source in SOURCES} == set(RUNS)
    assert len(SOURCES) > 50
    assert sum("error" in run for run in RUNS.values()) > 5


@each
def test_like_the_framework(source: dict[str, Any]) -> None:
    stack, run = read(source), RUNS[source["name"]]

    if "error" in run:
        assert stack.ok is False
        assert stack.output_shapes == ()
        assert stack.first_failure is not None
        assert stack.first_failure.error_name == run["error"]
    else:
        assert stack.ok is True
        assert sorted(stack.output_shapes) == sorted(map(tuple, run["outputs"]))
        assert stack.output_shape == stack.output_shapes[0]


@each
def test_the_order_of_the_outputs(source: dict[str, Any]) -> None:
    outputs = [tuple(shape) for shape in RUNS[source["name"]].get("outputs", ())]

    assert list(read(source).output_shapes) == outputs


@pytest.mark.parametrize(
    "source",
    [source for source in SOURCES if "model" in source],
    ids=lambda source: source["name"],
)
def test_which_model_it_is(source: dict[str, Any]) -> None:
    found = read(source).source

    assert found is not None
    assert found.model == source["model"]
    assert list(found.candidates) == source["candidates"]


@each
def test_no_internal_names_are_said(source: dict[str, Any]) -> None:
    said = str(read(source))

    for word in ("Unknown(", "Tensor(", "key=", "unknown: unknown"):
        assert word not in said
