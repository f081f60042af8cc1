"""einops in source code: its functions, and its layers for every framework."""

from __future__ import annotations

import re
from typing import Any

from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.einops import rearranged
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor, tensors_in
from poolviz.reading.graph.tensor_graph import Constant
from poolviz.reading.source.calls.products import einsum
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import UNHANDLED, Args, Library, Named, Partial, Unhandled, Value

_FUNCTIONS = ("rearrange", "reduce", "repeat")
_NAMES = ("tensor", "pattern", "reduction")


def einops_call(
    reader: ReadingContext, library: Library, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return a layer of einops, or the result of one of its functions."""
    name = library.last
    if name in ("Rearrange", "Reduce"):
        given = dict(zip(_NAMES[1:], args, strict=False)) | named
        return Partial(Library(f"einops.{name.lower()}"), (), given)
    tensors = tensors_in([*args, *named.values()])
    if name == "einsum" and args and isinstance(args[-1], str):
        return einsum(reader, _letters(args[-1]), tensors, line)
    if name not in _FUNCTIONS or not tensors:
        return UNHANDLED
    given = dict(zip(_NAMES, args, strict=False)) | named
    tensor, pattern = (given.pop(word, None) for word in _NAMES[:2])
    how = given.pop("reduction", None) if name == "reduce" else None
    kind = f"reduce {how}" if isinstance(how, str) else name
    sizes = {word: size for word, size in given.items() if isinstance(size, int)}
    is_known = isinstance(tensor, SymbolicTensor)
    if not is_known or not isinstance(pattern, str) or len(sizes) < len(given):
        return reader.lost(tensors, line, phrase("reading.unread.unknown_here", name=name))
    return _applied(reader, kind, tensor, pattern, sizes, line)


def _applied(
    reader: ReadingContext, kind: str, tensor: Any, pattern: str, sizes: dict[str, int], line: int
) -> Value:
    graph = reader.graph
    constant = graph.constants.get(tensor.key)
    try:
        if constant is not None:
            return _of_constant(reader, kind, tensor, constant, pattern, sizes)
        if tensor.shape is None or tensor.root in graph.constants:
            raise ValueError(phrase("reading.unread.unknown_here", name=kind))
        found = rearranged(kind, pattern, sizes, tensor.shape, tensor.batch_axis, tensor.rows)
    except (ValueError, TypeError) as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    return graph.placed(graph.apply(tensor, found.layers, line), found.batch_axis, found.rows)


def _of_constant(
    reader: ReadingContext,
    kind: str,
    tensor: SymbolicTensor,
    constant: Constant,
    pattern: str,
    sizes: dict[str, int],
) -> SymbolicTensor:
    """Return weights in another order; `repeat(token, "1 d -> b 1 d", b=b)` for each sample."""
    batches = [name for name, size in sizes.items() if isinstance(size, Batch)]
    after = pattern.partition("->")[2].split()
    if batches and (kind != "repeat" or after[:1] != batches):
        raise ValueError(phrase("reading.unread.einops_pattern", pattern=pattern))
    # All axes of the weights are known: an axis before them takes the place of the batch.
    plain = {name: int(size) for name, size in sizes.items()}
    before, _, behind = pattern.partition("->")
    layers = rearranged(kind, f"_batch {before} -> _batch {behind}", plain, constant.shape).layers
    shape = reader.graph.apply(reader.graph.source(tensor.framework, constant.shape), layers).shape
    if shape is None:
        raise ValueError(phrase("reading.unread.einops_pattern", pattern=pattern))
    learned = Constant(shape, is_parameter=constant.is_parameter)
    made = reader.graph.source(tensor.framework, shape[1:] or None, None, learned)
    return reader.graph.expand(made) if batches else made


def _letters(pattern: str) -> str:
    """Return an equation of `einsum` with a letter for each name of a pattern of einops."""
    names = list(dict.fromkeys(re.findall(r"\w+", pattern)))
    letters = {name: chr(ord("a") + place) for place, name in enumerate(names[:26])}
    return re.sub(r"\w+\s*", lambda found: letters.get(found[0].strip(), "?"), pattern)
