"""Layers and shapes as text: what poolviz writes it can read, and nothing is executed."""

from __future__ import annotations

import contextlib
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolviz.reading.layer_literals import read_layers, read_shape
from tests.diagnosis.stack_cases import layer_of
from tests.support.paths import DATA

_RECORDED = DATA / "architectures.json.gz"


def recorded_layers() -> list[Any]:
    """Every layer of the recorded networks, once."""
    content = json.loads(gzip.decompress(_RECORDED.read_bytes()))
    layers = (layer_of(entry) for one in content["architectures"] for entry in one["layers"])
    return list({repr(layer): layer for layer in layers}.values())


def test_every_layer_is_read_back_from_its_repr() -> None:
    layers = recorded_layers()

    assert len(layers) > 150
    for layer in layers:
        assert read_layers(repr(layer)) == (layer,)
    some = layers[:50]
    assert read_layers(",\n ".join(map(repr, some))) == tuple(some)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_layers, read_shape):
        with contextlib.suppress(TypeError, ValueError):
            read(text)


@pytest.mark.parametrize(
    "text", ["3 32 32", "(3, 32, 32)", "[3,32,32]", "3×32×32", "3x32x32", "3, 32, 32,"]
)
def test_shapes_as_people_write_them(text: str) -> None:
    assert read_shape(text) == (3, 32, 32)
