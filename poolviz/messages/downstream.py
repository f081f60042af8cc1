"""Messages of layers after a pooling layer: the text has the sizes, the cause is before them.

A Linear layer gets another number of features than it was built for, or inputs of different sizes
are joined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import Phrase, phrase
from poolviz.messages.causes.context import topic
from poolviz.messages.factors import Maps, is_channel_count, other_maps
from poolviz.messages.message import (
    AxisReading,
    DataFormat,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    apart,
)
from poolviz.messages.pattern import Found, sizes_in

SEVERAL = r"(?P<shapes>(?:[(\[]{1,2}[^()\[\]]{1,160}[)\]]{1,2},?\s{0,4}){2,8})"  # shapes
SHAPES = re.compile(r"(?<!\w)[(\[]([^()\[\]]{1,160})[)\]]")


def linear(
    framework: str,
    shapes: tuple[Sizes, ...],
    expected: int | None,
    got: int | None,
    rows: int | None = None,
    outputs: int | None = None,
) -> Reading:
    """Report a dense layer built for `expected` features that gets `got`.

    `rows`: of the matrix that arrives, where the text has that matrix and not the weights only.
    """
    fits = expected == got
    reasons, remedies = ((), ()) if fits else _explained(expected, got, rows)
    return Reading(
        kind=MessageKind.LINEAR,
        framework=framework,
        op="linear",
        shapes=shapes,
        expected=(expected,),
        got=(got,),
        outputs=outputs,
        certainty="guess" if fits else "likely" if reasons else "certain",
        remarks=(phrase("reading.note.same_numbers"),) if fits else (),
        reasons=reasons,
        remedies=remedies,
    )


Explained = tuple[tuple[Reason, ...], tuple[Remedy, ...]]
FLATTEN = Remedy(phrase("reading.fix.flatten"), snippet="flatten")
FEW_CHANNELS = 8
ADD_BATCH = Remedy(phrase("reading.fix.add_batch"), snippet="add_batch")


def _explained(expected: int | None, got: int | None, rows: int | None) -> Explained:
    if not expected or not got:
        return (), ()
    if rows and (whole := _unflattened(expected, got, rows)):
        return whole
    maps = other_maps(expected, got)
    if not maps:
        return (), ()
    usual = maps[0].usual
    fix = Remedy(
        phrase("reading.fix.adaptive", size=(usual, usual)),
        snippet="adaptive_pool",
        fields=(("size", f"({usual}, {usual})"),),
    )
    return (Reason(sides_words(expected, got, maps)),), (fix,) if len(maps) == 1 else ()


def _unflattened(expected: int, got: int, rows: int) -> Explained | None:
    """Return why all the numbers are there, but in rows of another length.

    A map C × H × W that is not flattened arrives as rows of W numbers. Then the rows are a
    multiple of C × H, which is at least W for any but the longest maps. A matrix of another
    program can look the same, so this is never more than likely.
    """
    per_sample, rest = divmod(expected, got)
    cells = rows * got
    if rest or cells % expected or per_sample < 2:
        return None
    said = {"cells": cells, "rows": rows, "got": got, "features": expected}
    is_square = expected % (got * got) == 0
    if is_square or (per_sample >= got and cells != expected):
        words = phrase("reading.reason.flatten", batch=cells // expected, **said)
        return (Reason(words),), (FLATTEN,)
    if cells == expected:
        return (Reason(phrase("reading.reason.batch_axis", **said)),), (ADD_BATCH, FLATTEN)
    if per_sample >= FEW_CHANNELS:  # a sequence of so many channels
        words = phrase("reading.reason.flatten_if", batch=cells // expected, **said)
        return (Reason(words),), (FLATTEN,)
    return None


def sides_words(expected: int, got: int, maps: Sequence[Maps]) -> Phrase:
    """Return which maps explain another number of features, as one possibility."""
    examples = tuple(
        phrase(
            "reading.reason.example",
            got=(one.side, one.side, one.channels),
            usual=(one.usual, one.usual, one.channels),
        )
        for one in maps
    )
    return phrase("reading.reason.sides", got=got, expected=expected, examples=either(examples))


def either(words: tuple[Phrase, ...]) -> Phrase:
    """Return alternatives, joined by "or"."""
    if len(words) < 2:
        return words[0]
    return phrase("reading.reason.either", first=words[0], second=words[1])


def product(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with two matrices, fields "first" and "second"."""

    def read(found: Found) -> Reading | None:
        first, second = found.sizes("first"), found.sizes("second")
        if not first or not second:
            return None
        expected, outputs = second[max(0, len(second) - 2)], second[-1]
        rows = prod(size or 0 for size in first[:-1])
        read = linear(framework, (first, second), expected, first[-1], rows, outputs)
        if topic(found.before(), found.after(400)) == "other":
            read = replace(read, reasons=(), remedies=(), certainty="certain")
        beside = map_beside(found, first[-1], rows)
        return read if beside is None else replace(read, reasons=(beside, *read.reasons))

    return read


_LISTED = re.compile(r"(?:\(|\[)((?:-1|None|[0-9]{1,6})(?:, ?[0-9]{1,6}){2,4})(?:\)|\])")


def map_beside(found: Found, features: int | None, rows: int) -> Reason | None:
    """Return the last feature map in a table before the error that has so many features."""
    listed = _LISTED.findall(found.before(20_000))
    shapes = [sizes_in(sizes) for sizes in listed]
    for shape in reversed(shapes):
        sizes = tuple(size for size in shape[1:] if size is not None)
        if prod(sizes) == features and shape[0] in (-1, None, rows):
            words = phrase("reading.reason.listed_map", sizes=sizes, features=features)
            return Reason(words, "certain")
    return None


def features(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with two numbers of features, fields "expected" and "got"."""

    def read(found: Found) -> Reading | None:
        return linear(framework, (), found.number("expected"), found.number("got"))

    return read


def joined_shapes(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with all shapes, field "shapes": it shows which axis differs."""

    def read(found: Found) -> Reading | None:
        shapes = tuple(sizes_in(shape) for shape in SHAPES.findall(found["shapes"]))
        if len(shapes) < 2 or len({len(shape) for shape in shapes}) > 1:
            return None
        along = found.optional("along")
        data_format: DataFormat = "channels_first" if along == 1 else "channels_last"
        return differing(framework, data_format, shapes)

    return read


def differing(framework: str, data_format: DataFormat, shapes: tuple[Sizes, ...]) -> Reading:
    """Report inputs of different sizes outside of the axis along which they are joined."""
    spatial = [apart(shape, data_format)[0] for shape in shapes]
    names = AXIS_NAMES.get(len(spatial[0]), ())
    said = {name: [sizes[i] for sizes in spatial] for i, name in enumerate(names)}
    others = {
        name: [size for size in sizes if size != sizes[0] and None not in (size, sizes[0])]
        for name, sizes in said.items()
    }
    failing = tuple(name for name, sizes in others.items() if sizes)
    note = phrase("reading.note.axes_of_the_first_input")
    if not failing:
        note = phrase("reading.note.joined_along_another_axis")
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework=framework,
        op="concatenate",
        axes=tuple(AxisReading(name=name, input_size=sizes[0]) for name, sizes in said.items()),
        failing_axes=failing,
        data_format=data_format,
        shapes=shapes,
        expected=tuple(said[name][0] for name in failing),
        got=tuple(others[name][0] for name in failing),
        certainty="likely",
        is_of_maps=bool(failing),
        remarks=(note,),
    )


_FAR_APART = 3  # halving an odd size once or twice gives sizes that differ by no more


def summed(
    framework: str,
    found: Found,
    first: int,
    second: int,
    dimension: int | None,
    shapes: tuple[Sizes, ...] = (),
) -> Reading | None:
    """Report tensors whose sizes differ where they are added; None where it is about no maps.

    Sequences and other models fail in the same words. Behind the channels, dimension 2 and later,
    the sizes are most likely those of maps; before them, only if the text around says so.
    """
    about = topic(found.before(), found.after(600))
    if first == second or about == "other" or (about is None and (dimension or 0) < 2):
        return None
    if dimension == 1 and not (is_channel_count(first) and is_channel_count(second)):
        return None
    is_spatial = dimension is None or dimension >= 2
    are_maps = is_spatial and (about == "maps" or 0 < abs(first - second) <= _FAR_APART)
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    if is_spatial and 0 < abs(first - second) <= _FAR_APART:
        words = phrase("reading.reason.odd_side", difference=abs(first - second))
        reasons = (Reason(words),)
    elif dimension == 1:
        reasons = (Reason(phrase("reading.reason.other_channels_added")),)
        remedies = (Remedy(phrase("reading.fix.shortcut_conv"), snippet="shortcut_conv"),)
    elif are_maps:
        remedies = (Remedy(phrase("reading.fix.same_stride")),)
    rank = len(shapes[0]) if shapes else 4
    note = phrase(
        "reading.note.dimension" if (dimension or 0) < 4 else "reading.note.last_dimension",
        dimension=dimension,
    )
    return Reading(
        kind=MessageKind.SUM,
        framework=framework,
        op="sum",
        failing_axes=_axis_at(dimension, rank),
        expected=(first,),
        got=(second,),
        shapes=shapes,
        certainty="likely",
        is_of_maps=are_maps,
        reasons=reasons,
        remedies=remedies,
        remarks=() if dimension is None else (note,),
    )


def _axis_at(dimension: int | None, rank: int) -> tuple[str, ...]:
    names = AXIS_NAMES.get(rank - 2, ())
    if dimension is None or not 2 <= dimension < rank or len(names) < 2:
        return ()
    return (names[dimension - 2],)


def joined_sizes(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with two sizes, "first" and "second", and perhaps their "dimension".

    Only along the channels ("along" is 1, or unknown) the tensors can be feature maps.
    """

    def read(found: Found) -> Reading:
        dimension, along = found.optional("dimension"), found.optional("along")
        first, second = found.number("first"), found.number("second")
        about = topic(found.before(), found.after(600))
        can_be_maps = along in (1, None) and about != "other" and dimension != 0
        is_near = 0 < abs(first - second) <= _FAR_APART
        note = phrase("reading.note.unnamed_join")
        if dimension is not None:
            note = phrase("reading.note.dimension", dimension=dimension)
        reasons: tuple[Reason, ...] = ()
        if can_be_maps and is_near:
            words = phrase("reading.reason.odd_side", difference=abs(first - second))
            reasons = (Reason(words),)
        elif not can_be_maps and along is not None:
            reasons = (Reason(phrase("reading.reason.tokens_joined", along=along), "certain"),)
        return Reading(
            kind=MessageKind.CONCATENATE,
            framework=framework,
            op="concatenate",
            expected=(first,),
            got=(second,),
            certainty="likely",
            is_of_maps=can_be_maps and (is_near or about == "maps"),
            reasons=reasons,
            remarks=(note,),
        )

    return read
