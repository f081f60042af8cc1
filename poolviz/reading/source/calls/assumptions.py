"""Shapes that the user states for what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from poolviz.arithmetic.layers.axes import Axis, AxisMap, Combination
from poolviz.arithmetic.layers.network_layers import Identity
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import Args, is_size, known_sizes

KEEPS = "keeps its shape"
Assumption = tuple[int, ...] | str
_LINE = re.compile(r"line (\d+)")  # as in a traceback


def by_line(
    assume: Mapping[str, object] | None, takes_names: bool = False
) -> dict[int | str, Assumption]:
    """Check what is assumed, and return it by the number of the line, or the name of a module.

    >>> by_line({"line 11": (512, 7, 7), "line 12": "keeps its shape"})
    {11: (512, 7, 7), 12: 'keeps its shape'}
    >>> by_line({"body": 3})
    Traceback (most recent call last):
    ValueError: assume takes lines such as "line 11" and shapes such as (512, 7, 7) or \
"keeps its shape", got 'body': 3
    """
    if assume is not None and not isinstance(assume, Mapping):
        raise TypeError(f"assume must be a dictionary, got {type(assume).__name__}")
    return dict(_entry(place, given, takes_names) for place, given in (assume or {}).items())


def _entry(place: object, given: Any, takes_names: bool) -> tuple[int | str, Assumption]:
    found = _LINE.fullmatch(place) if isinstance(place, str) else None
    is_shape = isinstance(given, list | tuple) and bool(given) and all(map(is_size, given))
    is_name = takes_names and isinstance(place, str)
    if not (found or is_name) or not (is_shape or given == KEEPS):
        names = ', names such as "encoder"' if takes_names else ""
        raise ValueError(
            f'assume takes lines such as "line 11"{names} and shapes such as (512, 7, 7) or '
            f'"{KEEPS}", got {place!r}: {given!r}'
        )
    return int(found[1]) if found else str(place), given if given == KEEPS else tuple(given)


class WithGraph(Protocol):
    """What records the steps of a model in a graph."""

    graph: GraphBuilder


def assumed(
    reader: WithGraph, tensors: list[SymbolicTensor], given: Assumption, line: int | None
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


def recorded(reader: ReadingContext, args: Args, line: int) -> SymbolicTensor:
    """Return a map after a model of a library whose shapes were recorded, not its layers.

    `args`: the input, a title, the shape of the output, the channels of the input, the weights
    (None: unknown), and the only size of the input that it takes, 0 for any.
    """
    tensor, title, shape, channels, *more = args
    weights, size = more[0] if more else None, more[1] if more[1:] else 0
    assert isinstance(tensor, SymbolicTensor)
    own, sizes = tensor.shape, known_sizes(shape) if isinstance(shape, list) else None
    is_known = own is not None and len(own) == 3 and sizes is not None and 0 not in sizes
    if not is_known or own is None or sizes is None or (size and own[1:] != (size, size)):
        return reader.lost([tensor], line, phrase("reading.unread.unknown_here", name=str(title)))
    facts: dict[str, Any] = {"expects": ((1, channels),), "only": tuple(enumerate(own, 1))[1:]}
    if isinstance(weights, int):
        facts["parameters"] = weights
    made = reader.graph.apply(tensor, (AxisMap(str(title), 3, sizes, **facts),), line)
    if weights is None:
        why = phrase("reading.unread.weights_not_counted", name=str(title))
        reader.graph.note(made, reader.graph.not_read(line, why))
    return made
