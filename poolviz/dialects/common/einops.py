"""einops: `rearrange`, `reduce` and `repeat` by their patterns → layers.

Read off einops 0.8.2, and run with it on PyTorch 2.13.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count
from math import prod
from typing import NamedTuple

from poolviz.arithmetic.layers.axes import Axis
from poolviz.arithmetic.layers.network_layers import Permute
from poolviz.arithmetic.open_size import has_open
from poolviz.dialects.common.axis_maps import axis_map, kept
from poolviz.dialects.common.vocabulary import Layers
from poolviz.i18n.phrase import phrase

Group = list[str]
# A group, an ellipsis or a name; the group of the expression holds a sign that einops rejects.
_TOKEN = re.compile(r"\([^()]*\)|\.\.\.|…|\w+|(\S)")


class Rearranged(NamedTuple):
    """What a pattern does: layers, where the batch is afterwards, its entries for each sample."""

    layers: Layers
    batch_axis: int
    rows: int


class _Part(NamedTuple):
    """A named axis of a pattern: its size, and the axis of the sample that it comes from."""

    size: int
    axis: int = 0  # 0: its size is a number, whatever the input
    over: int = 1
    is_batch: bool = False


def rearranged(
    kind: str,
    pattern: str,
    lengths: Mapping[str, int],
    shape: Sequence[int],
    batch_axis: int = 0,
    rows: int = 1,
) -> Rearranged:
    """Return what einops does with a tensor; `lengths` has the sizes that the call names.

    Raises ValueError for a pattern that does not fit, and for one that changes the batch.

    >>> rearranged("rearrange", "b c h w -> b (h w) c", {}, (64, 7, 7))[0][0].shape
    (49, Axis(axis=1, times=1, over=1, plus=0, cut=None, branch=0))
    >>> rearranged("rearrange", "b t c h w -> (b t) c h w", {}, (5, 3, 8, 8)).rows
    5
    """
    left, right = _sides(pattern, len(shape) + 1)
    parts, expects = _taken(left, lengths, shape, batch_axis, rows)
    _check_names(kind, pattern, left, right, parts, lengths)
    batch = [place for place, group in enumerate(right) if any(_batch(parts, n) for n in group)]
    if not batch:
        raise ValueError(phrase("reading.unread.over_batch", name=kind))
    entries: list[int | Axis] = []
    only: dict[int, int] = {}
    for group in right:
        found = [parts[name] for name in group if not parts[name].is_batch]
        if len(found) == len(group):
            entries.append(_entry(found))
        for part in found:
            if part.axis and (part.over > 1 or len(found) < len(group) or _is_product(found)):
                only[part.axis] = shape[part.axis - 1]
    # `(b t)`: the new batch has `t` entries for each sample, times those that it had already.
    own = next(parts[n] for n in right[batch[0]] if parts[n].is_batch).size
    more = prod(parts[name].size for name in right[batch[0]] if not parts[name].is_batch)
    facts = {"expects": tuple(expects), "only": tuple(sorted(only.items()))}
    layers = _layers(kind, shape, entries, {**facts, "error": "EinopsError" if expects else None})
    return Rearranged(layers, batch[0], own * more)


def _layers(kind: str, shape: Sequence[int], entries: list[int | Axis], facts: dict) -> Layers:  # type: ignore[type-arg]
    whole = kept(len(shape))
    if entries == whole and not facts["expects"]:
        return ()
    if sorted(map(str, entries)) == sorted(map(str, whole)) and not facts["expects"]:
        return (Permute(tuple(entry.axis for entry in entries if isinstance(entry, Axis))),)
    return axis_map(kind, shape, entries, **facts)


def _entry(parts: Sequence[_Part]) -> int | Axis:
    """Return the size of an axis that is made of some parts."""
    moving = [part for part in parts if part.axis]
    times = prod(part.size for part in parts if not part.axis)
    if len(moving) == 1 and times:
        return Axis(moving[0].axis, times, moving[0].over)
    return prod(part.size for part in parts)


def _is_product(parts: Sequence[_Part]) -> bool:
    return sum(part.axis > 0 for part in parts) > 1


def _batch(parts: Mapping[str, _Part], name: str) -> bool:
    return name in parts and parts[name].is_batch


# --- the pattern ---------------------------------------------------------------------------------


def _sides(pattern: str, rank: int) -> tuple[list[Group], list[Group]]:
    """Return the axes of both sides, each a list of names; `...` stands for several."""
    before, arrow, after = pattern.partition("->")
    if not arrow:
        raise _no_fit(pattern)
    left, right = _groups(before, pattern, "<"), _groups(after, pattern, ">")
    free = rank - len(left) + 1
    dots = [f"...{i}" for i in range(free if ["..."] in left else 0)]
    left = [
        each for group in left for each in ([[n] for n in dots] if group == ["..."] else [group])
    ]
    right = [
        each for group in right for each in ([[n] for n in dots] if group == ["..."] else [group])
    ]
    if len(left) != rank:
        raise _no_fit(pattern)
    full = [[n for name in group for n in (dots if name == "..." else [name])] for group in right]
    return left, full


def _groups(side: str, pattern: str, mark: str) -> list[Group]:
    found: list[Group] = []
    numbers = count()
    for token in _TOKEN.finditer(side):
        if token[1]:
            raise _no_fit(pattern)
        names = token[0].strip("()").replace("…", "...").split()
        # A number is an axis without a name.
        names = [f"{n}#{mark}{next(numbers)}" if n.isdigit() else n for n in names]
        found.append([name for name in names if not name.startswith("1#")])
    return found


def _no_fit(pattern: str) -> ValueError:
    return ValueError(phrase("reading.unread.einops_pattern", pattern=pattern))


def _check_names(
    kind: str,
    pattern: str,
    left: list[Group],
    right: list[Group],
    parts: dict[str, _Part],
    lengths: Mapping[str, int],
) -> None:
    """Check that no axis is lost or invented, and add those that `repeat` makes."""
    before = {name for group in left for name in group}
    after = [name for group in right for name in group]
    new = set(after) - before
    is_allowed = {
        "rearrange": not new and before <= set(after),
        "repeat": before <= set(after),
    }.get(kind, not new)
    if not is_allowed or len(after) != len(set(after)):
        raise _no_fit(pattern)
    for name in new:
        parts[name] = _Part(_length(name, lengths, pattern))


def _length(name: str, lengths: Mapping[str, int], pattern: str) -> int:
    number, mark, _ = name.partition("#")
    if mark:
        return int(number)
    if name not in lengths:
        raise _no_fit(pattern)
    return int(lengths[name])


# --- the left side -------------------------------------------------------------------------------


def _taken(
    left: list[Group], lengths: Mapping[str, int], shape: Sequence[int], batch_axis: int, rows: int
) -> tuple[dict[str, _Part], list[tuple[int, int]]]:
    """Return the named axes of the input, and the sizes that the call expects of it."""
    found: dict[str, _Part] = {}
    expects: list[tuple[int, int]] = []
    for place, group in enumerate(left):
        given = {n: _length(n, lengths, n) for n in group if "#" in n or n in lengths}
        if place == batch_axis:
            found |= _batch_parts(group, lengths, rows)
            continue
        own = place + 1 if place < batch_axis else place
        size, fixed = shape[own - 1], prod(given.values())
        free = [name for name in group if name not in given]
        if has_open((size,)) and group != free:
            raise ValueError(phrase("reading.unread.no_size"))
        if len(free) > 1 or fixed < 1 or size % fixed or (not free and group and size != fixed):
            raise ValueError(phrase("reading.unread.einops_pattern", pattern=" ".join(group)))
        if not group and size != 1:
            raise ValueError(phrase("reading.unread.einops_pattern", pattern="1"))
        if not free:
            expects.append((own, fixed))
        found |= {name: _Part(length) for name, length in given.items()}
        found |= {name: _Part(size // fixed, own, fixed) for name in free}
    return found, expects


def _batch_parts(group: Group, lengths: Mapping[str, int], rows: int) -> dict[str, _Part]:
    """Split the entries of the batch: those of a sample, and the sample itself."""
    given = {name: int(lengths[name]) for name in group if type(lengths.get(name)) is int}
    rest = [name for name in group if name not in given]
    named = [name for name in rest if name in lengths]  # by the size of another tensor's batch
    wanted = prod(given.values())
    if len(rest) == 2 and len(named) == 1:
        own = int(lengths[named[0]])
        [free] = [name for name in rest if name not in named]
        if own < 1 or rows % (own * max(wanted, 1)):
            raise ValueError(phrase("reading.unread.other_samples"))
        given[free] = rows // own // wanted
        wanted, rest = wanted * given[free], named
    if len(rest) != 1 or wanted < 1 or rows % wanted:
        raise ValueError(phrase("reading.unread.other_samples"))
    parts = {name: _Part(size) for name, size in given.items()}
    return parts | {rest[0]: _Part(rows // wanted, is_batch=True)}
