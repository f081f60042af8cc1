"""Shapes that the user states for what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from poolviz.arithmetic.layers.axes import Axis, AxisMap, Combination
from poolviz.arithmetic.layers.network_layers import Identity
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.source.values import ReadingContext, is_size

KEEPS = "keeps its shape"
Assumption = tuple[int, ...] | str
_LINE = re.compile(r"line (\d+)")


def by_line(assume: Mapping[str, Any] | None) -> dict[int, Assumption]:
    """Check what is assumed, and return it by the number of the line.

    >>> by_line({"line 11": (512, 7, 7), "line 12": "keeps its shape"})
    {11: (512, 7, 7), 12: 'keeps its shape'}
    >>> by_line({"body": 3})
    Traceback (most recent call last):
    ValueError: assume takes lines such as "line 11" and shapes such as (512, 7, 7) or \
"keeps its shape", got 'body': 3
    """
    if assume is not None and not isinstance(assume, Mapping):
        raise TypeError(f"assume must be a dictionary, got {type(assume).__name__}")
    return dict(_entry(place, given) for place, given in (assume or {}).items())


def _entry(place: object, given: Any) -> tuple[int, Assumption]:
    found = _LINE.fullmatch(place) if isinstance(place, str) else None
    is_shape = isinstance(given, list | tuple) and bool(given) and all(map(is_size, given))
    if found is None or not (is_shape or given == KEEPS):
        raise ValueError(
            'assume takes lines such as "line 11" and shapes such as (512, 7, 7) or '
            f'"{KEEPS}", got {place!r}: {given!r}'
        )
    return int(found[1]), given if given == KEEPS else tuple(given)


def assumed(
    reader: ReadingContext, tensors: list[SymbolicTensor], given: Assumption, line: int
) -> SymbolicTensor:
    """Return the tensor after a step whose result the user states."""
    graph, tensor = reader.graph, tensors[0]
    own = tensor.shape
    if len(tensors) > 1 and own is not None:
        kept = tuple(Axis(axis) for axis in range(1, len(own) + 1))
        how = Combination("assumed", kept if isinstance(given, str) else given)
        made = graph.join(how, tensors, line)
    elif isinstance(given, str) or own is None:
        made = graph.apply(tensor, (Identity("assumed"),), line)
    else:
        only = tuple(enumerate(own, 1))
        made = graph.apply(tensor, (AxisMap("assumed", len(own), given, only=only),), line)
    graph.note(made, graph.not_read(line, phrase("reading.unread.assumed")))
    return made
