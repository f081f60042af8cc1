"""One call of MLX: its outcome, and its row; what `mlx` and `mlx_networks` share."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

import mlx.core as mx
import mlx.nn as nn

SEED = 10
MOST_CELLS = 1_000_000

Row = dict[str, Any]


def outcome(call: Callable[..., Any], *arguments: Any) -> tuple[Any, Row | None]:
    """Return the result of `call`, and its error."""
    try:
        result = call(*arguments)
        if result.size <= MOST_CELLS:
            mx.eval(result)
    except Exception as error:
        kind = type(error)
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        return None, {"type": f"{module}{kind.__qualname__}", "message": str(error)}
    return result, None


def named(record: str, row: Row) -> Row:
    """Return `row` with an id that its arguments determine."""
    text = json.dumps(row, sort_keys=True, default=str)
    digest = hashlib.sha1(text.encode()).hexdigest()[:8]
    return {
        "record": record,
        "id": f"{digest}.mlx.nn",
        "version": mx.__version__,
        **row,
    }


def different(count: int, draw: Callable[..., Row], *arguments: Any) -> list[Row]:
    found: dict[str, Row] = {}
    while len(found) < count:
        row = draw(*arguments)
        found[json.dumps(row)] = row
    return list(found.values())


def pooling(op: str, ndim: int) -> Any:
    """Return the class of the layer."""
    return getattr(nn, f"{op.title()}Pool{ndim}d")


def whole_numbers(chance: random.Random, count: int, least: int, most: int) -> list[int]:
    return [chance.randint(least, most) for _ in range(count)]
