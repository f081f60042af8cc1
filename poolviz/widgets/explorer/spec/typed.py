"""What the browser sends, as numbers: entries per axis, padding, and tables of values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from poolviz.arithmetic.values import Array
from poolviz.i18n.phrase import phrase

MOST_TYPED = 4096  # cells that can be edited as text


def setting(settings: dict[str, object], name: str) -> Any:
    """Return a setting that must be there."""
    if name not in settings:
        raise ValueError(f"the setting {name} is missing")
    return settings[name]


def entries(given: object) -> Any:
    """Return a list as a tuple; JavaScript sends integers beyond 2**53 as text."""
    return tuple(as_whole(entry) for entry in given) if isinstance(given, list) else given


def as_whole(given: Any) -> object:
    """Return digits as an int, and anything else as it is."""
    # Reading digits takes quadratic time; no size has a hundred of them.
    is_number = isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 100
    return int(given) if is_number else given


def padding_of(given: object) -> Any:
    """Return pairs as one number per axis where both sides are equal, as PyTorch takes them."""
    if not isinstance(given, list):
        return given
    pairs = [entries(pair) for pair in given]
    if all(isinstance(pair, tuple) and len(pair) == 2 and pair[0] == pair[1] for pair in pairs):
        return tuple(pair[0] for pair in pairs)
    return tuple(pairs)


def count_of(name: str, value: object) -> int:
    """Return a whole number from 0 on, or reject it by name."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be an int ≥ 0, got {value!r}")
    return value


def text_of(name: str, typed: object) -> str:
    """Return a text, or reject it by name."""
    if not isinstance(typed, str):
        raise TypeError(f"{name} must be text, got {type(typed).__name__}")
    return typed


def read_values(text: str, sizes: tuple[int, ...]) -> Array:
    """Return the numbers in a text: a line is a row, with spaces or commas between the numbers.

    The text decides the size of the input; a 3-D input keeps its number of slices, an empty one
    gets one slice.

    >>> read_values("1 2\\n3 -4.5", (9, 9))
    array([[ 1. ,  2. ],
           [ 3. , -4.5]])
    >>> read_values("1 2\\n3 4", (2, 9, 9)).shape, read_values("1 2\\n3 4", (0, 9, 9)).shape
    ((2, 1, 2), (1, 2, 2))
    """
    rows = [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
    if not rows:
        raise ValueError(phrase("control.no_numbers"))
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        first = next(i for i, row in enumerate(rows) if len(row) != len(rows[0]))
        wanted, found = len(rows[0]), len(rows[first])
        raise ValueError(phrase("control.uneven_rows", first=wanted, row=first, numbers=found))
    table = np.array([[_number(word) for word in row] for row in rows])
    if len(sizes) == 1:
        return table.ravel()
    if len(sizes) == 2:
        return table
    depth = max(1, sizes[0])
    if len(rows) % depth:
        raise ValueError(phrase("control.uneven_slices", rows=len(rows), slices=depth))
    return table.reshape(depth, len(rows) // depth, -1)


def _number(word: str) -> float:
    try:
        return float(word.replace("−", "-").replace("∞", "inf"))
    except ValueError:
        raise ValueError(phrase("control.no_number", word=repr(word[:40]))) from None


def as_typed(values: Array | None) -> str | None:
    """Return numbers as a user would type them; None if there are too many."""
    if values is None or values.size > MOST_TYPED:
        return None
    table = values.reshape(-1, values.shape[-1])
    return "\n".join(" ".join(_typed(value) for value in row) for row in table.tolist())


def _typed(value: float) -> str:
    """Return a number as a user would type it, with every digit."""
    is_whole = math.isfinite(value) and value == int(value) and abs(value) < 1e15
    return str(int(value)) if is_whole else repr(value)
