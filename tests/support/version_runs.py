"""Recorded runs of older versions: `tests/data/versions.json.gz`, by `tools/versions`."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from poolviz.arithmetic.layers.pool import Pool
from tests.support.paths import DATA
from tests.support.recordings import call_of, is_only_inferred

FILE = DATA / "versions.json.gz"
# What was called, and the framework of poolviz and the package whose version it names.
APIS = {
    "torch": ("pytorch", "torch"),
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "keras": ("keras", "keras"),
    "flax": ("jax", "jax"),
    "lax": ("jax", "jax"),
    "onnxruntime": ("onnxruntime", "onnxruntime"),
}


class VersionRun(NamedTuple):
    """One call in one version: the spatial size, or the class and the text of the exception."""

    id: str
    layer: Pool
    input_size: tuple[int, ...]
    came: list[Any]

    @property
    def raises(self) -> bool:
        return bool(self.came) and isinstance(self.came[0], str)


@cache
def content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


def versions() -> list[tuple[str, int, str]]:
    """Each call with each version: its name, its place in the file, and poolviz's name for it."""
    return [
        (api, place, f"{framework}=={installed[package].partition('+')[0]}")
        for api, (framework, package) in APIS.items()
        for place, installed in enumerate(content()["frameworks"][api]["versions"])
    ]


def runs(api: str, place: int, framework: str) -> Iterator[VersionRun]:
    for values in content()["frameworks"][api]["rows"]:
        row = dict(zip(content()["fields"], values, strict=True))
        size, kernel, keywords = call_of(row, framework)
        came = row["others"].get(str(place), row["newest"])
        layer = Pool(kernel, **keywords)
        if api != "tensorflow" or not is_only_inferred(
            layer, len(size), not isinstance(came[0], str)
        ):
            yield VersionRun(row["id"], layer, size, came)
