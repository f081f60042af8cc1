"""Order, slices and views of the axes of a tensor, the batch among them."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, prod
from typing import Any

from poolviz.arithmetic.layers.axes import Axis, AxisMap
from poolviz.arithmetic.layers.network_layers import Permute
from poolviz.arithmetic.layers.reshape import MOST_ENTRIES
from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.axis_maps import (
    axis_map,
    filled_in,
    into_batch,
    kept,
    out_of_batch,
    sliced,
    written_out,
)
from poolviz.dialects.common.vocabulary import Layers, place, reshaped
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor
from poolviz.reading.source.calls import constants
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import (
    UNHANDLED,
    Args,
    Named,
    Unhandled,
    Unknown,
    Value,
    known_sizes,
)

LIKELY = 8  # a batch is often a multiple of this or less
_ORDERING = ("permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis", "t", "T", "mT")


def reordered(
    reader: ReadingContext, tensor: SymbolicTensor, name: str, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return `x.permute(…)`, `x.transpose(…)` and the like, wherever the batch goes."""
    if name not in _ORDERING or tensor.shape is None:
        return UNHANDLED
    constant = reader.graph.constants.get(tensor.key)
    is_whole = constant is not None and known_sizes(constant.shape) is not None
    sizes = constant.shape if constant is not None and is_whole else (0, *tensor.shape)
    try:
        order = _order(name, args, named, len(sizes))
    except (TypeError, ValueError, IndexError) as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    if order is None:
        return UNHANDLED
    if constant is not None and is_whole:
        turned = [sizes[axis] for axis in order]
        return constants.made(reader, tensor.framework, turned, constant.is_parameter)
    layers, batch_axis = relaid(order, tensor.batch_axis)
    return reader.graph.placed(reader.graph.apply(tensor, layers, line), batch_axis)


def _order(name: str, args: Args, named: Named, count: int) -> list[int] | None:
    """Return the new order of all axes; None for arguments that are not understood."""
    every = list(range(count))
    given: Any = args if args else list(named.values())
    if name in ("t", "T", "mT"):
        if name == "t" and count > 2:
            raise ValueError(phrase("reading.unread.no_such_axis", axis="2", axes=count))
        return [*every[:-2], *every[:-3:-1]] if name == "mT" else every[::-1]
    if name == "permute":
        dims = given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else given
        order = [place(axis, count) for axis in dims]
        if sorted(order) != every:
            raise ValueError(phrase("reading.unread.other_order_of_axes", order=str(tuple(dims))))
        return order
    if len(given) != 2:
        return None
    if name in ("movedim", "moveaxis"):
        if not all(isinstance(axis, int) for axis in given):
            return None
        start, end = (place(axis, count) for axis in given)
        every.remove(start)
        every.insert(end, start)
        return every
    one, other = (place(axis, count) for axis in given)
    every[one], every[other] = other, one
    return every


def relaid(order: Sequence[int], batch_axis: int) -> tuple[Layers, int]:
    """Return the layers of a new order of all axes, and where the batch goes.

    >>> relaid([1, 0, 2], 0), relaid([0, 2, 1], 0)[0]
    (((), 1), (Permute(dims=(2, 1)),))
    """
    without = [axis for axis in order if axis != batch_axis]
    dims = tuple(axis + 1 if axis < batch_axis else axis for axis in without)
    is_same = dims == tuple(range(1, len(dims) + 1))
    if is_same or len(dims) <= MOST_ENTRIES:
        return () if is_same else (Permute(dims),), order.index(batch_axis)
    return (AxisMap("permute", len(dims), tuple(map(Axis, dims))),), order.index(batch_axis)


# --- x[...] --------------------------------------------------------------------------------------


def part_of_tensor(reader: ReadingContext, tensor: SymbolicTensor, key: Any, line: int) -> Value:
    """Return `x[key]`; the batch has to stay as it is."""
    of_constant = constants.part(reader, tensor, key)
    if not isinstance(of_constant, Unhandled):
        return of_constant
    if tensor.shape is None:
        return reader.lost([tensor], line, phrase("reading.unread.slice_unknown_shape"))
    try:
        given = written_out(key, len(tensor.shape) + 1)
        axes = [i for i, entry in enumerate(given) if entry is not None]
        at = axes[tensor.batch_axis]
        if isinstance(given[at], Unknown) or given[at] not in (slice(None), slice(0, None)):
            raise ValueError(phrase("reading.unread.slice_of_batch"))
        rest = [entry for i, entry in enumerate(given) if i != at]
        is_last = reader.graph.channels_last(tensor)
        layers = sliced((slice(None), *rest), tensor.shape, is_last)
    except (TypeError, ValueError, IndexError) as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    before = sum(not isinstance(entry, int) for entry in given[:at])
    made = reader.graph.apply(tensor, layers, line)
    return reader.graph.placed(made, before)


# --- one axis more or less -----------------------------------------------------------------------


def with_axis(reader: ReadingContext, tensor: SymbolicTensor, axis: object, line: int) -> Value:
    """Return `x.unsqueeze(axis)`."""
    shape = tensor.shape
    if shape is None or not isinstance(axis, int) or isinstance(axis, Batch):
        return reader.lost([tensor], line, phrase("reading.unread.axis"))
    try:
        at = place(axis, len(shape) + 2)
    except ValueError as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    is_before = at <= tensor.batch_axis
    own = at if is_before else at - 1
    entries = kept(len(shape))
    layers = axis_map("unsqueeze", shape, [*entries[:own], 1, *entries[own:]])
    made = reader.graph.apply(tensor, layers, line)
    return reader.graph.placed(made, tensor.batch_axis + is_before)


def without_axis(reader: ReadingContext, tensor: SymbolicTensor, axis: object, line: int) -> Value:
    """Return `x.squeeze(axis)` of a tensor whose batch is not the first axis."""
    shape = tensor.shape
    if shape is None or not isinstance(axis, int) or isinstance(axis, Batch):
        return reader.lost([tensor], line, phrase("reading.unread.axis"))
    try:
        at = place(axis, len(shape) + 1)
    except ValueError as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    own = at if at < tensor.batch_axis else at - 1
    if at == tensor.batch_axis or shape[own] != 1:
        return tensor
    if len(shape) == 1:
        return reader.lost([tensor], line, phrase("reading.unread.no_axis_left", name="squeeze"))
    entries = kept(len(shape))
    layers = axis_map("squeeze", shape, [*entries[:own], *entries[own + 1 :]], only=((own + 1, 1),))
    made = reader.graph.apply(tensor, layers, line)
    return reader.graph.placed(made, tensor.batch_axis - (at < tensor.batch_axis))


# --- views ---------------------------------------------------------------------------------------


def viewed(
    reader: ReadingContext, tensor: SymbolicTensor, rows: int | None, rest: list[int], line: int
) -> Value:
    """Reshape to `rows` entries of the batch per sample (None: whatever fits) of shape `rest`."""
    shape = tensor.shape
    assert shape is not None
    there = prod(shape) * tensor.rows
    if rows is None:
        wanted = prod(rest)
        if -1 in rest or wanted < 1 or there % wanted:
            return reader.lost([tensor], line, phrase("reading.unread.other_samples"))
        rows = there // wanted
    try:
        layers = _regrouped(tensor, rows, rest)
    except ValueError as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    return reader.graph.placed(reader.graph.apply(tensor, layers, line), rows=rows)


def few_samples(wanted: int, there: int) -> int:
    """Return of what a batch has to be a multiple for rows of `wanted`; 0 where it is unlikely.

    >>> few_samples(50, 75), few_samples(320, 500)
    (2, 0)
    """
    multiple = wanted // gcd(wanted, there) if wanted > 0 < there else 0
    return multiple if multiple <= LIKELY or wanted % there == 0 else 0


def whole_view(sizes: Sequence[int], shape: Sequence[int] | None) -> Layers:
    """Return the layers of a view of one sample; a `Reshape` has no more than four axes."""
    if shape is None or len(sizes) < 5:
        return reshaped(sizes, None if shape is None else tuple(shape))
    full = filled_in(sizes, prod(shape), 1)
    return axis_map("view", shape, full, only=tuple(enumerate(shape, 1)))


def _regrouped(tensor: SymbolicTensor, rows: int, rest: list[int]) -> Layers:
    shape, now = tensor.shape, tensor.rows
    assert shape is not None
    if rows == now:
        return whole_view(rest, shape)
    if rows % now == 0:
        return into_batch(shape, rest, rows // now)
    if now % rows == 0:
        return out_of_batch(shape, rest, now // rows)
    full = filled_in(rest, prod(shape) * now, rows)
    return axis_map("view", shape, full, only=tuple(enumerate(shape, 1)))
