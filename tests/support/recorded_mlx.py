"""The recorded runs of MLX (`tools.record.layers.mlx` made them)."""

from __future__ import annotations

import gzip
import json
from functools import cache

from tests.support.paths import DATA
from tests.support.recordings import Row

FRAMEWORK = "mlx"


@cache
def _rows() -> tuple[Row, ...]:
    with gzip.open(DATA / "mlx.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)


def recorded(kind: str) -> list[Row]:
    """Rows of one kind: "shape", "invalid", "value", "convolution" or "network"."""
    return [row for row in _rows() if row["record"] == kind]
