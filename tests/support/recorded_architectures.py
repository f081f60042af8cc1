"""The recorded runs of whole networks (`tools.record.networks.architectures` made them)."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

from tests.support.paths import DATA

FILE = DATA / "architectures.json.gz"


@cache
def recorded_architectures() -> list[dict[str, Any]]:
    """Every architecture with its runs."""
    found: list[dict[str, Any]] = json.loads(gzip.decompress(FILE.read_bytes()))["architectures"]
    return found
