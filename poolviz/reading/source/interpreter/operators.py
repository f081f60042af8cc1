"""Operators between plain values. Results larger than any size of a model are not computed."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor
from poolviz.reading.source.error_words import words_from
from poolviz.reading.source.values import (
    LARGEST_SIZE,
    MOST_ENTRIES,
    NOT_KNOWN,
    STARS,
    TOO_LONG,
    Bound,
    Library,
    OpenShape,
    Unknown,
    Value,
    is_known,
)

_OPERATIONS: dict[type, Callable[[Any, Any], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_COMPARISONS: dict[type, Callable[[Any, Any], Value]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda one, other: _is_same(one, other),
    ast.IsNot: lambda one, other: not _is_same(one, other),
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}
SIGNS: dict[type, Callable[[Any], Value]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.inv,
}
_PLAIN = (int, float, str, bool, type(None), list, tuple, dict, set, range)
_OPEN = (Unknown, Batch, OpenShape)
_GROWING = (ast.Pow, ast.LShift)
# Without a width: `%s` and `%d` give texts as long as what they are given.
_PLAIN_FIELDS = re.compile(r"(?:[^%]|%[sd%])*")
MOST_BITS = 64  # of a power or a shift; `LARGEST_SIZE` has 60


def operated(kind: type, one: Value, other: Value, line: int) -> Value:
    """Return the value of an operator between two values that are no tensors."""
    if isinstance(one, Batch) or isinstance(other, Batch):
        batch = _of_batch(kind, one, other)
        if batch is not None:
            return batch
    for value in (one, other):
        if isinstance(value, Unknown):
            return value  # keeps why and on which line it is unknown
        if isinstance(value, Batch) or not isinstance(value, _PLAIN):
            return Unknown(NOT_KNOWN, line)
    try:
        if kind not in _OPERATIONS or _is_too_large(kind, one, other):
            return Unknown(phrase("reading.unread.too_large_or_no_number"), line)
        return bounded(_OPERATIONS[kind](one, other), line)
    except Exception as wrong:
        return Unknown(words_from(wrong), line)


def bounded(value: Value, line: int) -> Value:
    """Return a result; unknown where no size is as large, no list of a model as long."""
    if isinstance(value, str | list | tuple) and len(value) > MOST_ENTRIES:
        return Unknown(TOO_LONG, line)
    if isinstance(value, int) and abs(value) > LARGEST_SIZE:
        return Unknown(phrase("reading.unread.too_large"), line)
    return value


def compared(kind: type, left: Value, right: Value, line: int) -> Value:
    """Return the value of one comparison."""
    if isinstance(left, _OPEN) or isinstance(right, _OPEN):
        return Unknown(NOT_KNOWN, line)
    if any(isinstance(side, Bound) and side.is_open for side in (left, right)):
        return Unknown(NOT_KNOWN, line)
    # `x is None` is decided for a tensor, too: models test optional arguments in this way.
    is_identity = kind in (ast.Is, ast.IsNot) and None in (left, right)
    if not is_identity and (isinstance(left, SymbolicTensor) or isinstance(right, SymbolicTensor)):
        return Unknown(NOT_KNOWN, line)
    # `3 in [unknown]` may be either, although Python's `in` would say False of our `Unknown`.
    if kind in (ast.In, ast.NotIn) and not is_known(right):
        return Unknown(NOT_KNOWN, line)
    if isinstance(right, dict) and STARS in right and left not in right:
        return Unknown(NOT_KNOWN, line)
    try:
        return bool(_COMPARISONS[kind](left, right))
    except Exception as wrong:
        return Unknown(words_from(wrong), line)


def _is_same(one: Value, other: Value) -> bool:
    """Return `one is other`; a name of a library is one object, however often it is written."""
    return one is other or (isinstance(one, Library) and one == other)


def _of_batch(kind: type, one: Value, other: Value) -> Batch | None:
    """Return `b * 5`, or `b // 5` where every sample has a multiple of 5 entries."""
    batch, count = (one, other) if isinstance(one, Batch) else (other, one)
    if isinstance(count, float) and count.is_integer():  # of h * w / 4
        count = int(count)
    if not isinstance(batch, Batch) or type(count) is not int or count < 1:
        return None
    if kind is ast.Mult:
        return Batch(int(batch) * count)
    divides = kind in (ast.FloorDiv, ast.Div) and batch is one and int(batch) % count == 0
    return Batch(int(batch) // count) if divides else None


def _is_too_large(kind: type, one: Value, other: Value) -> bool:
    """Return whether the result would be larger than any size; checked before it is computed."""
    if kind is ast.Mult and not (isinstance(one, int | float) and isinstance(other, int | float)):
        counts = [value for value in (one, other) if isinstance(value, int)]
        lengths = [len(v) for v in (one, other) if isinstance(v, str | list | tuple)]
        return bool(counts and lengths) and counts[0] * max(lengths) > MOST_ENTRIES
    if kind is ast.Mod and isinstance(one, str):
        return not _PLAIN_FIELDS.fullmatch(one)  # "%1000000000d" % 1 is a gigabyte
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return False
    if kind not in _GROWING or abs(other) > MOST_BITS:
        return kind in _GROWING
    return kind is ast.Pow and int(abs(one)).bit_length() * abs(other) > MOST_BITS
