"""The recorded runs of whole networks (`tests.record_architectures` made them)."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "architectures.json.gz"


@cache
def recorded_architectures() -> list[dict[str, Any]]:
    """Every architecture with its runs."""
    found: list[dict[str, Any]] = json.loads(gzip.decompress(FILE.read_bytes()))["architectures"]
    return found
