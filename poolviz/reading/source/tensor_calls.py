"""Functions, methods and operators of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import NamedTuple

from poolviz.arithmetic.layers.network_layers import Flatten, Reshape
from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.vocabulary import CallArgs, LayerSpec, reshaped
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.joins import EXPANDING, join_of
from poolviz.reading.graph.symbolic_tensor import BATCH, Batch, SymbolicTensor, tensors_in
from poolviz.reading.source.call_arguments import Settings, by_name
from poolviz.reading.source.values import (
    NOT_KNOWN,
    Args,
    Named,
    ReadingContext,
    Unknown,
    Value,
    known_sizes,
)


class Site(NamedTuple):
    """Where a tensor is made: the line that is called, that of the settings, a layer's name."""

    line: int
    settings_line: int
    name: str | None = None


def function_on(
    reader: ReadingContext,
    functions: Mapping[str, LayerSpec],
    name: str,
    tensor: SymbolicTensor,
    args: Args,
    named: Named,
    line: int,
) -> Value:
    """Return the result of a function or a method of a tensor."""
    spec = functions[name]
    tensor = with_batch(reader, tensor, name)
    try:
        given = by_name(spec.arguments, args, named, name)
    except TypeError as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    if name in ("view", "reshape"):
        return _viewed(reader, tensor, given.get("shape"), line)
    output = layers_on(reader, spec, Settings(given), tensor, Site(line, line))
    is_pair = given.get("return_indices") is True
    return (output, Unknown(phrase("reading.unread.indices"), line)) if is_pair else output


def layers_on(
    reader: ReadingContext, spec: LayerSpec, settings: Settings, tensor: SymbolicTensor, site: Site
) -> SymbolicTensor:
    """Return the tensor after the layers of a class or function; unknown if its settings are."""
    try:
        is_last = reader.graph.channels_last(tensor)
        layers = spec.make(CallArgs(settings, tensor.shape, is_last))
    except (TypeError, ValueError, OverflowError) as wrong:
        return reader.lost([tensor], site.line, words_of(wrong))
    return reader.graph.apply(tensor, layers, site.settings_line, site.name)


def method_of_tensor(
    reader: ReadingContext, tensor: SymbolicTensor, name: str, args: Args, named: Named, line: int
) -> Value:
    """Return the result of a method of a tensor: its size, another tensor."""
    if name == "dim":
        return reader.attribute(tensor, "ndim")
    if name in ("size", "get_shape"):
        sizes = reader.attribute(tensor, "shape")
        return reader.part(sizes, args[0], reader.line) if args else sizes
    if name in ("numel", "nelement"):
        whole = reader.attribute(tensor, "shape")
        sizes = known_sizes(whole) if isinstance(whole, tuple) else None
        return Unknown(NOT_KNOWN, line) if sizes is None else prod(sizes)
    if name in EXPANDING and args:
        return reader.graph.expand(tensor)
    if join_of(name) == "add" and args:
        return elementwise(reader, name, tensor, args[0], line)
    functions = DIALECTS[tensor.framework or "pytorch"].names.methods
    if name not in functions:
        return reader.lost([tensor], line, phrase("reading.unread.unknown", name=name))
    return function_on(reader, functions, name, tensor, args, named, line)


# --- joins ---------------------------------------------------------------------------------------


def elementwise(reader: ReadingContext, name: str, one: Value, other: Value, line: int) -> Value:
    """Return the result of an operator on tensors; a number changes no shape."""
    tensors = tensors_in([one, other])
    rest = [value for value in (one, other) if not isinstance(value, SymbolicTensor)]
    if rest and isinstance(rest[0], int | float):
        return tensors[0]
    if rest or join_of(name) != "add":
        key = "reading.unread.combined_with" if rest else "reading.unread.product_of_matrices"
        return reader.lost(tensors, line, phrase(key))
    return reader.graph.join("add", tensors, line)


def concatenated(
    reader: ReadingContext,
    tensors: list[SymbolicTensor],
    axis: Value,
    line: int,
    name: str | None = None,
) -> SymbolicTensor:
    """Concatenate tensors along the channels; another axis is not read."""
    if not isinstance(axis, int):
        return reader.lost(tensors, line, phrase("reading.unread.axis"))
    if not reader.graph.is_channel_axis(axis, tensors):
        why = phrase("reading.unread.other_axis", axis=str(axis))
        return reader.lost(tensors, line, why)
    return reader.graph.join("concatenate", tensors, line, reader.path(name))


# --- shapes with their batch ---------------------------------------------------------------------


def with_batch(reader: ReadingContext, tensor: SymbolicTensor, name: str) -> SymbolicTensor:
    """Add a batch to a map without one, which PyTorch's layers accept as the first input."""
    counts = {"1d": 1, "2d": 2, "3d": 3}
    axes, batch = counts.get(name[-2:]), reader.graph.batches.get(tensor.key)
    shape = tensor.shape
    if shape is None or len(shape) != axes or batch is None or "Norm" in name:
        return tensor
    if tensor.framework is None or not DIALECTS[tensor.framework].names.adds_batch:
        return tensor
    return reader.graph.source(tensor.framework, (batch, *shape))


def _viewed(
    reader: ReadingContext, tensor: SymbolicTensor, sizes: Value, line: int
) -> SymbolicTensor:
    """Reshape by `x.view(batch, …)`; −1 in place of the batch may mix the samples."""
    first, *rest = list(sizes) if isinstance(sizes, list | tuple) and sizes else [sizes]
    whole = [entry for entry in rest if isinstance(entry, int) and not isinstance(entry, Batch)]
    if len(whole) < len(rest) or not rest:
        return reader.lost([tensor], line, phrase("reading.unread.new_shape"))
    if isinstance(first, Unknown):
        return reader.lost([tensor], line, first.why)
    batch = reader.graph.batches.get(tensor.root)
    if first is not BATCH and first not in (-1, batch):
        known = str(first) if isinstance(first, int) else NOT_KNOWN
        why = phrase("reading.unread.no_batch", first=known)
        return reader.lost([tensor], line, why)
    if first != -1 or tensor.shape is None or prod(whole) == prod(tensor.shape):
        try:
            return reader.graph.apply(tensor, reshaped(whole, tensor.shape), line)
        except ValueError as wrong:
            return reader.lost([tensor], line, words_of(wrong))
    return _mixed(reader, tensor, whole, batch or 1, line)


def _mixed(
    reader: ReadingContext, tensor: SymbolicTensor, rest: list[int], batch: int, line: int
) -> SymbolicTensor:
    """Mix samples: the batch takes the rest, and PyTorch raises only if it is not an integer."""
    wanted, there = prod(rest), prod(tensor.shape or ())
    if wanted < 1 or (batch * there) % wanted:
        return reader.graph.apply(tensor, (Reshape(tuple(rest)),), line)
    if len(rest) > 1:
        return reader.lost([tensor], line, phrase("reading.unread.other_samples"))
    output = reader.graph.apply(tensor, (Flatten(),), line)
    why = phrase("reading.unread.rows", there=there, wanted=wanted)
    reader.graph.note(output, reader.graph.not_read(line, why))
    return output
