"""Functions, methods and operators of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any, NamedTuple

from poolviz.arithmetic.layers.network_layers import Flatten, Identity, Linear, Reshape
from poolviz.arithmetic.network.memory_layout import fits, never_fits
from poolviz.arithmetic.open_size import OpenSize, has_open
from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.vocabulary import CallArgs, Layers, LayerSpec, Parts, place
from poolviz.dialects.pytorch.functions import TURNED_IN_PLACE
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.joins import EXPANDING, join_of
from poolviz.reading.graph.symbolic_tensor import (
    Batch,
    SymbolicTensor,
    in_place,
    of_dtype,
    tensors_in,
)
from poolviz.reading.source.call_arguments import Settings, by_name
from poolviz.reading.source.calls.constants import weight_of
from poolviz.reading.source.calls.layout import few_samples, whole_view
from poolviz.reading.source.calls.products import product, side_by_side
from poolviz.reading.source.calls.tensor_functions import PRODUCTS, method_of_tensors, view
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import (
    NOT_KNOWN,
    Args,
    Named,
    Unhandled,
    Unknown,
    Value,
    known_sizes,
)

_WITH_WEIGHTS = frozenset(  # their other tensors change no shape
    {"max_unpool1d", "max_unpool2d", "max_unpool3d", "layer_norm", "batch_norm", "group_norm"}
)


# PyTorch rejects the subtraction of booleans.
_NOT_OF_TRUTHS = ("Sub", "sub", "rsub", "subtract")


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
    aliases = DIALECTS[tensor.framework or "pytorch"].names.argument_aliases
    named = {aliases.get(word, word): value for word, value in named.items()}
    tensor = with_batch(reader, tensor, name)
    others = tensors_in([*args, *named.values()])
    if others and name not in _WITH_WEIGHTS:
        why = phrase("reading.unread.several_tensors", name=name)
        return reader.lost([tensor, *others], line, why)
    try:
        given = by_name(spec.arguments, args, named, name)
    except TypeError as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    sizes = given.get("shape")
    if name == "resize" and isinstance(sizes, list | tuple) and isinstance(sizes[0], Batch):
        given["shape"] = (-1, *sizes[1:])
    if name in ("view", "reshape"):
        return _viewed(reader, tensor, given.get("shape"), line, copies=name == "reshape")
    if name == "contiguous":
        return replace(tensor, strides=None)
    output = layers_on(reader, spec, Settings(given), tensor, Site(line, line))
    output = of_dtype(name, output)
    is_pair = given.get("return_indices") is True and isinstance(output, SymbolicTensor)
    return (output, Unknown(phrase("reading.unread.indices"), line)) if is_pair else output


def layers_on(
    reader: ReadingContext, spec: LayerSpec, settings: Settings, tensor: SymbolicTensor, site: Site
) -> Value:
    """Return the tensor after the layers of a class or function; unknown if its settings are.

    Several results are a tuple.
    """
    try:
        is_last = reader.graph.channels_last(tensor)
        if (moved := _other_axes(spec, settings, tensor)) is not None:
            made = spec.make(CallArgs(settings | moved, tensor.shape, is_last))
            output = reader.graph.results(tensor, made, site.settings_line, site.name)
            return _known_results(_behind_others(reader, output, tensor, settings))
        made = spec.make(CallArgs(settings, tensor.shape, is_last, tensor.batch_axis))
        if tensor.batch_axis and not spec.knows_batch:
            _check_batch_axis(made, tensor)
    except (TypeError, ValueError, OverflowError) as wrong:
        return reader.lost([tensor], site.line, words_of(wrong))
    return _known_results(reader.graph.results(tensor, made, site.settings_line, site.name))


def _axes(settings: Mapping[str, object], tensor: SymbolicTensor) -> list[int] | None:
    """Return the axes that a function is given, counted with the batch; None without any."""
    given = settings.get("dim")
    axes: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
    if not axes or not all(type(axis) is int for axis in axes):
        return None
    return [place(axis, len(tensor.shape or ()) + 1) for axis in axes]


def _other_axes(
    spec: LayerSpec, settings: Mapping[str, object], tensor: SymbolicTensor
) -> dict[str, object] | None:
    """Return the argument `dim` as if the batch were the first axis, where it is another one."""
    at = tensor.batch_axis
    if not at or spec.knows_batch or "dim" not in spec.arguments:
        return None
    axes = _axes(settings, tensor)
    if axes is None or at in axes:
        return None
    moved = tuple(axis + 1 if axis < at else axis for axis in axes)
    return {"dim": moved if isinstance(settings["dim"], list | tuple) else moved[0]}


def _behind_others(
    reader: ReadingContext, results: object, tensor: SymbolicTensor, settings: Mapping[str, object]
) -> object:
    """Return results with the batch where it was, behind the axes that are left."""
    if isinstance(results, tuple):
        return tuple(_behind_others(reader, each, tensor, settings) for each in results)
    if not isinstance(results, SymbolicTensor):
        return results
    is_less = len(results.shape or ()) < len(tensor.shape or ())
    gone = [axis for axis in _axes(settings, tensor) or () if is_less and axis < tensor.batch_axis]
    return reader.graph.placed(results, tensor.batch_axis - len(gone))


def _known_results(results: Any) -> Value:
    """Replace results that are no tensors by unknown values."""
    if isinstance(results, tuple):
        return tuple(map(_known_results, results))
    found: Value = Unknown(phrase("reading.unread.no_tensor")) if results is None else results
    return found


def _check_batch_axis(made: Layers | Parts, tensor: SymbolicTensor) -> None:
    """Check that layers do not depend on where the batch is."""
    is_last = tensor.batch_axis == len(tensor.shape or ())
    layers = () if isinstance(made, Parts) else made
    keeps = all(
        isinstance(layer, Identity) or (isinstance(layer, Linear) and not is_last)
        for layer in layers
    )
    if isinstance(made, Parts) or not keeps:
        axis = str(tensor.batch_axis)
        raise ValueError(phrase("reading.unread.batch_is_elsewhere", axis=axis))


def method_of_tensor(
    reader: ReadingContext, tensor: SymbolicTensor, name: str, args: Args, named: Named, line: int
) -> Value:
    """Return the result of a method of a tensor: its size, another tensor."""
    result: Value = of_dtype(name, _method(reader, tensor, name, args, named, line), args)
    return result


def _method(
    reader: ReadingContext, tensor: SymbolicTensor, name: str, args: Args, named: Named, line: int
) -> Value:
    """Return the result of a method: facts about the tensor first, then functions, then layers."""
    if name == "dim":
        return reader.attribute(tensor, "ndim")
    if name in TURNED_IN_PLACE:
        made = _method(reader, tensor, name.removesuffix("_"), args, named, line)
        if isinstance(made, SymbolicTensor):
            reader.turned[tensor] = made
        return made
    if name in ("size", "get_shape"):
        sizes = reader.attribute(tensor, "shape")
        return reader.part(sizes, args[0], reader.line) if args else sizes
    if name in ("numel", "nelement"):
        whole = reader.attribute(tensor, "shape")
        sizes = known_sizes(whole) if isinstance(whole, tuple) else None
        return Unknown(NOT_KNOWN, line) if sizes is None else prod(sizes)
    if join_of(name) == "add" and args:
        made = elementwise(reader, name, tensor, args[0], line)
        return in_place(made, tensor) if name.endswith("_") else made
    found = method_of_tensors(reader, tensor, name, args, named, line)
    if not isinstance(found, Unhandled):
        return found
    if name == "expand_as" and tensors_in(args):
        # It has the shape of the other tensor, as a sum with it has.
        return reader.graph.join("add", [tensor, *tensors_in(args)], line)
    if name in EXPANDING and name != "expand" and args:
        return reader.graph.expand(tensor)
    functions = DIALECTS[tensor.framework or "pytorch"].names.methods
    if name not in functions:
        return reader.lost([tensor], line, phrase("reading.unread.unknown", name=name))
    return function_on(reader, functions, name, tensor, args, named, line)


# --- joins ---------------------------------------------------------------------------------------


def elementwise(reader: ReadingContext, name: str, one: Value, other: Value, line: int) -> Value:
    """Return the result of an operator on tensors; a number changes no shape."""
    if name in PRODUCTS:
        one, other = weight_of(reader, one), weight_of(reader, other)
    tensors = tensors_in([one, other])
    rest = [value for value in (one, other) if not isinstance(value, SymbolicTensor)]
    if rest and isinstance(rest[0], int | float):
        if name in _NOT_OF_TRUTHS and tensors[0].is_discrete:
            return reader.lost(tensors, line, phrase("reading.unread.dtype"))
        return tensors[0]
    if not rest and name in PRODUCTS:
        return product(reader, "matmul", tensors[0], tensors[1], line)
    if rest or join_of(name) != "add":
        key = "reading.unread.combined_with" if rest else "reading.unread.product_of_matrices"
        return reader.lost(tensors, line, phrase(key))
    made = reader.graph.join("add", tensors, line)
    # Where the sizes can never meet, the framework raises: a failure, no open question.
    may_run = made.shape is not None or not _never_meet(tensors)
    if may_run and _meets_batch(reader, tensors):
        return reader.lost(tensors, line, phrase("reading.unread.batch_meets_axis"))
    return made


def _meets_batch(reader: ReadingContext, tensors: list[SymbolicTensor]) -> bool:
    """Return whether the batch of one tensor is beside another axis of the other one.

    An operator aligns the last axes, and only a merging layer inserts axes after the batch.
    """
    ranks = {len(tensor.shape) for tensor in tensors if tensor.shape is not None}
    return len(ranks) > 1 and not any(each.root in reader.graph.constants for each in tensors)


def _never_meet(tensors: list[SymbolicTensor]) -> bool:
    """Return whether two sizes differ where neither tensor has its batch."""
    shapes = [tensor.shape[::-1] for tensor in tensors if tensor.shape is not None]
    aligned = zip(*shapes, strict=False)  # up to the first axis of the shorter one
    return any(len({size for size in sizes if size != 1}) > 1 for sizes in aligned)


def concatenated(
    reader: ReadingContext,
    tensors: list[SymbolicTensor],
    axis: Value,
    line: int,
    name: str | None = None,
) -> Value:
    """Concatenate tensors."""
    if not isinstance(axis, int):
        return reader.lost(tensors, line, phrase("reading.unread.axis"))
    is_plain = not any(tensor.batch_axis for tensor in tensors)
    if not is_plain or not reader.graph.is_channel_axis(axis, tensors):
        return side_by_side(reader, tensors, axis, line)
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
    # What was taken for the batch is the channels: a new input has them among its axes.
    return reader.graph.source(tensor.framework, (batch, *shape))


def _viewed(
    reader: ReadingContext, tensor: SymbolicTensor, sizes: Value, line: int, copies: bool
) -> Value:
    """Reshape by `x.view(batch, …)`; −1 in place of the batch may mix the samples."""
    if isinstance(sizes, list | tuple):
        found = view(reader, tensor, list(sizes), line)
        if not isinstance(found, Unhandled):
            return found
    first, *rest = list(sizes) if isinstance(sizes, list | tuple) and sizes else [sizes]
    raised = next((e for e in (first, *rest) if isinstance(e, Unknown) and e.raises), None)
    if raised is not None:
        return reader.lost([tensor], line, raised.why)
    rest = [OpenSize() if isinstance(entry, Unknown) else entry for entry in rest]
    whole = [entry for entry in rest if isinstance(entry, int) and not isinstance(entry, Batch)]
    if len(whole) < len(rest) or not rest:
        return reader.lost([tensor], line, phrase("reading.unread.new_shape"))
    if isinstance(first, Unknown):
        return reader.lost([tensor], line, first.why)
    batch = reader.graph.batches.get(tensor.root)
    if not isinstance(first, Batch) and first not in (-1, batch):
        known = str(first) if isinstance(first, int) else NOT_KNOWN
        why = phrase("reading.unread.no_batch", first=known)
        return reader.lost([tensor], line, why)
    is_open = has_open(whole) or (tensor.shape is not None and has_open(tensor.shape))
    if first != -1 or is_open or tensor.shape is None or prod(whole) == prod(tensor.shape):
        if not copies and tensor.shape and never_fits(tensor.shape, tensor.strides, whole):
            rejected = Reshape(tuple(whole), axis=-1 if first == -1 else 0, copies=False)
            return reader.graph.apply(tensor, (rejected,), line)
        if not copies and tensor.shape and not fits(tensor.shape, tensor.strides, whole):
            return reader.lost([tensor], line, phrase("reading.unread.not_contiguous"))
        try:
            return reader.graph.apply(tensor, whole_view(whole, tensor.shape), line)
        except ValueError as wrong:
            return reader.lost([tensor], line, words_of(wrong))
    return _mixed(reader, tensor, whole, batch or 1, line)


def _mixed(
    reader: ReadingContext, tensor: SymbolicTensor, rest: list[int], batch: int, line: int
) -> SymbolicTensor:
    """Mix samples: the batch takes the rest, and PyTorch raises only if it is not an integer."""
    wanted, there = prod(rest), prod(tensor.shape or ())
    if wanted < 1 or (batch * there) % wanted:
        if multiple := few_samples(wanted, there):
            why = phrase("reading.unread.fits_some_batches", wanted=wanted, multiple=multiple)
            return reader.lost([tensor], line, why)
        return reader.graph.apply(tensor, (Reshape(tuple(rest), axis=-1),), line)
    if len(rest) > 1:
        return reader.lost([tensor], line, phrase("reading.unread.other_samples"))
    output = reader.graph.apply(tensor, (Flatten(),), line)
    why = phrase("reading.unread.rows", there=there, wanted=wanted)
    reader.graph.note(output, reader.graph.not_read(line, why))
    return output
