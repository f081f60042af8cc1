"""Rows that resemble each other stored as columns, which keeps a saved page small."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from typing import TypeGuard


def as_columns(rows: Sequence[object]) -> object:
    """Return dicts with equal keys as a dict of columns.

    A column is its distinct values, and for each row the index of its value; the indices are left
    out where all rows are alike.

    >>> as_columns([{"a": 1, "b": "x"}, {"a": 2, "b": "x"}])
    {'a': [[1, 2], [0, 1]], 'b': [['x']]}
    """
    if _are_alike(rows):
        return {name: as_columns([row[name] for row in rows]) for name in rows[0]}
    places: dict[str, int] = {}
    at = [places.setdefault(as_json(row), len(places)) for row in rows]
    values = [json.loads(text) for text in places]
    return [values] if len(values) == 1 else [values, at]


def _are_alike(rows: Sequence[object]) -> TypeGuard[Sequence[dict[str, object]]]:
    first = rows[0]
    return (
        isinstance(first, dict)
        and bool(first)
        and all(isinstance(row, dict) and row.keys() == first.keys() for row in rows)
    )


def as_json(value: object) -> str:
    """Return the JSON text of a value, exactly as JavaScript's `JSON.stringify` writes it.

    Both sides use the text as a key.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(value: object) -> str:
    """Return a short name for what a page has: links to another page are recognised by it.

    >>> digest([1])
    '080a9ed4'
    """
    return hashlib.sha256(as_json(value).encode(errors="replace")).hexdigest()[:8]


def packed(value: object) -> str:
    """Return a value as text without characters that are special in HTML: deflated JSON in base64.

    >>> packed({})
    'eNqrrgUAAXUA+Q=='
    """
    # A lone surrogate cannot be encoded and becomes a question mark.
    return base64.b64encode(zlib.compress(as_json(value).encode(errors="replace"), 9)).decode()
