"""Functions of all frameworks that take, drop, cut or repeat axes of a tensor → layers.

Axes are counted as in the frameworks: axis 0 is the batch. What changes the batch raises
ValueError, for it is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from types import EllipsisType
from typing import Any

from poolviz.arithmetic.layers.axes import Axis, AxisMap
from poolviz.arithmetic.layers.network_layers import Crop, GlobalPool
from poolviz.arithmetic.open_size import has_open
from poolviz.dialects.common.vocabulary import UNKNOWN_SHAPE, Layers, Op, Part, Parts, Shape, place
from poolviz.i18n.phrase import phrase

Entry = int | Axis
OPS: dict[str, Op] = {"max": "max", "amax": "max", "mean": "avg"}


def known(shape: Shape) -> tuple[int, ...]:
    """Return a shape; ValueError where it is not known."""
    if shape is None:
        raise ValueError(UNKNOWN_SHAPE)
    return shape


def kept(rank: int) -> list[Entry]:
    """Return every axis as it is.

    >>> [entry.axis for entry in kept(2)]
    [1, 2]
    """
    return [Axis(place) for place in range(1, rank + 1)]


def axis_map(kind: str, shape: Sequence[int], entries: Iterable[Entry], **facts: Any) -> Layers:
    """Return one `AxisMap`; an output without any axis is not read."""
    given = tuple(entries)
    if not given:
        raise ValueError(phrase("reading.unread.no_axis_left", name=kind))
    return (AxisMap(kind, len(shape), given, **facts),)


def sample_axis(axis: object, shape: Sequence[int]) -> int:
    """Return an axis counted from 1 without the batch; ValueError for the batch axis.

    >>> sample_axis(-1, (3, 8, 8)), sample_axis(1, (3, 8, 8))
    (3, 1)
    """
    if not isinstance(axis, int):
        raise ValueError(phrase("reading.unread.axis"))
    found = place(axis, len(shape) + 1)
    if found == 0:
        raise ValueError(phrase("reading.unread.along_batch"))
    return found


def without_axes(
    kind: str, axes: int | Sequence[int] | None, keeps: bool, shape: Shape, channels_last: bool
) -> Layers:
    """Reduce some axes: a mean, a maximum, a sum.

    >>> without_axes("mean", (2, 3), False, (64, 7, 7), channels_last=False)
    (GlobalPool(keepdims=False),)
    >>> without_axes("mean", 1, True, (64, 7, 7), False)[0].shape[0]
    1
    """
    sizes = known(shape)
    if axes is None:
        raise ValueError(phrase("reading.unread.over_batch", name=kind))
    given = tuple(axes) if isinstance(axes, Sequence) else (axes,)
    chosen = {sample_axis(axis, sizes) for axis in given}
    if any(sizes[axis - 1] == 0 for axis in chosen):
        raise ValueError(phrase("reading.unread.over_nothing", name=kind))
    count = len(sizes)
    spatial = set(range(1, count)) if channels_last else set(range(2, count + 1))
    if kind in OPS and chosen == spatial:
        return (GlobalPool(OPS[kind], keepdims=keeps),)
    entries = [
        1 if entry.axis in chosen else entry  # type: ignore[union-attr]
        for entry in kept(count)
        if keeps or entry.axis not in chosen  # type: ignore[union-attr]
    ]
    return axis_map(kind, sizes, entries)


def cut(kind: str, axis: int, size: int, part: slice, shape: Sequence[int]) -> Layers:
    """Cut one axis, counted from 1 without the batch; `size` is that of the part."""
    entries = kept(len(shape))
    entries[axis - 1] = size
    # With another size the call would give other parts, so the layer takes this size only.
    return axis_map(kind, shape, entries, only=((axis, shape[axis - 1]),))


def in_parts(kind: str, axis: object, counts: Sequence[int], shape: Shape) -> Parts:
    """Cut an axis into parts of these sizes."""
    sizes = known(shape)
    place_ = sample_axis(axis, sizes)
    _closed((sizes[place_ - 1], *counts))
    if sum(counts) != sizes[place_ - 1] or any(n < 0 for n in counts):
        fields = {"name": kind, "parts": str(tuple(counts)), "size": str(sizes[place_ - 1])}
        raise ValueError(phrase("reading.unread.other_parts", **fields))
    return Parts((), tuple(Part(cut(kind, place_, n, slice(0, n), sizes)) for n in counts))


def _closed(sizes: Sequence[int]) -> None:
    """Raise ValueError for a size that nobody states."""
    if has_open(sizes):
        raise ValueError(phrase("reading.unread.no_size"))


def equal_counts(size: int, each: int) -> list[int]:
    """Return the sizes of parts of `each` elements; the last one takes what is left.

    >>> equal_counts(7, 4), equal_counts(8, 4)
    ([4, 3], [4, 4])
    """
    _closed((size, each))
    if each < 1:
        raise ValueError(phrase("reading.unread.no_size"))
    found = [each] * (size // each)
    return [*found, size % each] if size % each or not found else found


def taken_apart(kind: str, axis: object, shape: Shape) -> Parts:
    """Take every element of an axis as a tensor without that axis."""
    sizes = known(shape)
    dropped = sample_axis(axis, sizes)
    rest = [entry for entry in kept(len(sizes)) if entry.axis != dropped]  # type: ignore[union-attr]
    count = sizes[dropped - 1]
    _closed((count,))
    layers = axis_map(kind, sizes, rest, only=((dropped, count),))
    return Parts((), (Part(layers),) * count)


def repeated(kind: str, times: Sequence[int], shape: Shape) -> Layers:
    """Repeat along every axis, `times` counted with the batch.

    >>> [entry.of(4) for entry in repeated("repeat", (1, 1, 3), (4, 4))[0].shape]
    [4, 12]
    """
    sizes = known(shape)
    if len(times) != len(sizes) + 1 or times[0] != 1:
        raise ValueError(phrase("reading.unread.repeats_batch", name=kind))
    if any(not isinstance(n, int) or n < 0 for n in times):
        raise ValueError(phrase("reading.unread.no_size"))
    if set(times) == {1}:
        return ()
    entries = [
        Axis(axis, times=n) if n else 0  # a size of 0 is no multiple
        for axis, n in enumerate(times[1:], 1)
    ]
    return axis_map(kind, sizes, entries)


def expanded(kind: str, wanted: Sequence[int], shape: Shape) -> Layers:
    """Repeat axes of one element; `wanted` is without the batch, −1 keeps an axis."""
    sizes = known(shape)
    if len(wanted) != len(sizes):
        raise ValueError(phrase("reading.unread.repeats_batch", name=kind))
    entries = kept(len(sizes))
    for place_, (now, then) in enumerate(zip(sizes, wanted, strict=True)):
        if then in (-1, now):
            continue
        if now != 1:
            fields = {"name": kind, "before": str(sizes), "after": str(tuple(wanted))}
            raise ValueError(phrase("reading.unread.not_expandable", **fields))
        entries[place_] = then
    only = tuple((i, 1) for i, entry in enumerate(entries, 1) if not isinstance(entry, Axis))
    return axis_map(kind, sizes, entries, only=only) if only else ()


# --- x[...] --------------------------------------------------------------------------------------


def sliced(key: object, shape: Shape, channels_last: bool) -> Layers:
    """Return the layers of `x[key]`; the batch has to stay as it is.

    >>> sliced((slice(None), slice(None), slice(None, -1)), (8, 33), False)
    (Crop(cropping=((0, 1),)),)
    >>> sliced((slice(None), -1), (5, 16), False)[0].shape[0].axis
    2
    """
    sizes = known(shape)
    given = written_out(key, len(sizes) + 1)
    # Also `x[0]`: the first axis of what is left would be taken for the batch.
    if given[0] != slice(None):
        raise ValueError(phrase("reading.unread.slice_of_batch"))
    entries: list[Entry] = []
    cuts: dict[int, slice] = {}
    lists, axis = 0, 0
    for entry in given[1:]:
        if entry is None:
            entries.append(1)
            continue
        axis += 1
        size = sizes[axis - 1]
        if isinstance(entry, slice):
            if entry != slice(None):
                cuts[axis] = entry
            entries.append(_cut_axis(axis, entry))
        elif isinstance(entry, int) and not isinstance(entry, bool):
            place(entry, size)
        elif isinstance(entry, list | range) and all(isinstance(n, int) for n in entry):
            lists += 1
            entries.append(len([place(n, size) for n in entry]))
        else:
            raise ValueError(phrase("reading.unread.slice", axis=axis))
    # Two lists index pairs of elements, as in NumPy, and a list with an integer can move its axis
    # to the front.
    if lists > 1 or (lists and len(entries) != len(sizes)):
        raise ValueError(phrase("reading.unread.slice", axis=axis))
    if entries == kept(len(sizes)):
        return ()
    crop = _as_crop(entries, cuts, sizes, channels_last)
    return crop or axis_map(_written(given), sizes, entries)


def written_out(key: object, count: int) -> list[object]:
    """Return the entries of `x[key]`, with `...` and the axes that are left out written out."""
    given = list(key) if isinstance(key, tuple) else [key]
    taking = sum(entry is not None and not isinstance(entry, EllipsisType) for entry in given)
    if taking > count:
        raise ValueError(phrase("reading.unread.no_such_axis", axis=str(taking - 1), axes=count))
    free = [slice(None)] * (count - taking)
    places = [i for i, entry in enumerate(given) if isinstance(entry, EllipsisType)]
    place_ = places[0] if places else len(given)
    return [*given[:place_], *free, *given[place_ + len(places[:1]) :]]


def _cut_axis(axis: int, part: slice) -> Axis:
    ends = (part.start, part.stop, part.step)
    if any(not (end is None or isinstance(end, int)) for end in ends):
        raise ValueError(phrase("reading.unread.slice", axis=axis))
    if part.step is not None and part.step < 1:
        raise ValueError(phrase("reading.unread.slice", axis=axis))
    return Axis(axis) if part == slice(None) else Axis(axis, cut=ends)


def _as_crop(
    entries: list[Entry], cuts: dict[int, slice], sizes: Sequence[int], channels_last: bool
) -> Layers:
    """Return a crop for slices of the feature map that count from its edges."""
    channels = len(sizes) if channels_last else 1
    is_same_rank = [entry.axis for entry in entries if isinstance(entry, Axis)] == list(
        range(1, len(sizes) + 1)
    )
    if not is_same_rank or len(entries) != len(sizes) or channels in cuts or len(sizes) > 4:
        return ()
    sides = []
    for axis in range(1, len(sizes) + 1):
        if axis == channels:
            continue
        part = cuts.get(axis, slice(None))
        start, stop = part.start or 0, part.stop
        is_from_edges = start >= 0 and (stop is None or stop < 0) and part.step in (None, 1)
        left = sizes[axis - 1] - start + (stop or 0)
        if not is_from_edges or left < 1:
            return ()
        sides.append((start, -(stop or 0)))
    return (Crop(tuple(sides)),)


def _written(given: Sequence[object]) -> str:
    return f"x[{', '.join(map(_index, given))}]"


def _index(entry: object) -> str:
    if not isinstance(entry, slice):
        return str(entry)
    ends = ["" if end is None else str(end) for end in (entry.start, entry.stop)]
    return ":".join([*ends, *([] if entry.step is None else [str(entry.step)])])


# --- the batch and one axis more -----------------------------------------------------------------


def into_batch(shape: Shape, rest: Sequence[int], rows: int) -> Layers:
    """Reshape so that axes of one sample become `rows` entries of the batch.

    >>> into_batch((5, 3, 8, 8), (3, 8, 8), 5)[0].only, into_batch((5, 6), (3, 2), 5)[0].shape
    (((1, 5),), (3, 2))
    """
    sizes = known(shape)
    _closed((*sizes, *rest))
    wanted = filled_in(rest, prod(sizes), rows)
    if sizes[0] == rows and sizes[1:] == wanted:
        return axis_map("view", sizes, kept(len(sizes))[1:], only=((1, rows),))
    return axis_map("view", sizes, wanted, only=tuple(enumerate(sizes, 1)))


def out_of_batch(shape: Shape, wanted: Sequence[int], rows: int) -> Layers:
    """Reshape so that `rows` entries of the batch become axes of one sample."""
    sizes = known(shape)
    _closed((*sizes, *wanted))
    full = filled_in(wanted, prod(sizes) * rows, 1)
    if full[1:] == sizes and full[0] == rows:
        return axis_map("view", sizes, [rows, *kept(len(sizes))])
    return axis_map("view", sizes, full, only=tuple(enumerate(sizes, 1)))


def filled_in(sizes: Sequence[int], elements: int, rows: int) -> tuple[int, ...]:
    """Compute the −1 of a shape; ValueError where the elements do not fit."""
    fixed = prod(size for size in sizes if size != -1) * rows
    fits = fixed > 0 and (elements % fixed == 0 if -1 in sizes else elements == fixed)
    if not fits or list(sizes).count(-1) > 1:
        raise ValueError(phrase("reading.unread.view_elements", shape=str(tuple(sizes))))
    return tuple(elements // fixed if size == -1 else size for size in sizes)
