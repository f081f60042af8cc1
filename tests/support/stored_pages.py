"""Saved pages read back without our own code: what is stored in them, and under which policy."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any


def stored_in(path: Path) -> dict[str, Any]:
    """Return the data that a page stores for its script."""
    page = path.read_text(encoding="utf-8")
    found = re.search(r'<script type="text/plain" id="pv-stored">([^<]*)</script>', page)
    assert found is not None
    value: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return value


def row_of(column: Any, row: int) -> Any:
    """One row of a table of columns, as the page's script reads it."""
    if isinstance(column, dict):
        return {name: row_of(inner, row) for name, inner in column.items()}
    values, *places = column
    return values[places[0][row] if places else 0]


def node_of(stored: dict[str, Any], view: int, node: int) -> dict[str, Any] | None:
    """Return the text that a view shows in a node; None while the node is missing."""
    rows = stored["views"][view]["rows"]
    row = node if rows is None else rows[node]
    found: dict[str, Any] | None = None
    if row is not None:
        found = row_of(stored["views"][view]["table"], row)
    return found


def policy_of(page: str) -> str:
    """The policy that a page carries."""
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    return found[1]


def hashes_of(page: str) -> set[str]:
    """Return the hashes that a policy would have to allow: those of the page's style and script."""
    parts = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    parts += re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    digests = (hashlib.sha256(part.encode()).digest() for part in parts)
    return {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}
