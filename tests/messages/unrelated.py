"""Texts that `decode` does not read: some look like messages about feature maps, others do not."""

from __future__ import annotations

import tomllib
from pathlib import Path

_TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
LOOKALIKES: list[str] = _TEXTS["lookalikes"]
UNRELATED: list[str] = _TEXTS["others"]
