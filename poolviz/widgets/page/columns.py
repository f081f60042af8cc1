"""Many rows that resemble each other, as columns: that is what makes a saved page small."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any


def as_columns(rows: Sequence[Any]) -> Any:
    """Rows of like dicts as a dict of columns; a column is its values, each once, and who has it.

    >>> as_columns([{"a": 1, "b": "x"}, {"a": 2, "b": "x"}])
    {'a': [[1, 2], [0, 1]], 'b': [['x']]}
    """
    first = rows[0]
    if isinstance(first, dict) and first and all(_is_like(row, first) for row in rows):
        return {name: as_columns([row[name] for row in rows]) for name in first}
    places: dict[str, int] = {}
    at = [places.setdefault(as_json(row), len(places)) for row in rows]
    values = [json.loads(text) for text in places]
    return [values] if len(values) == 1 else [values, at]


def _is_like(row: Any, first: dict[str, Any]) -> bool:
    return isinstance(row, dict) and row.keys() == first.keys()


def as_json(value: Any) -> str:
    """As JavaScript writes it, so that both write the same text for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def packed(value: Any) -> str:
    """A value as text without any sign that HTML knows: JSON, deflated, in base64.

    >>> packed({})
    'eNqrrgUAAXUA+Q=='
    """
    # Half a pair of surrogates (a text may hold one) is not text: it becomes a question mark.
    return base64.b64encode(zlib.compress(as_json(value).encode(errors="replace"), 9)).decode()
