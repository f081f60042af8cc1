"""Messages of layers after a pooling layer: the text has the sizes, the cause is before them.

A Linear layer gets another number of features than it was built for, or inputs of different sizes
are joined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import prod

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.common.factors import Maps, other_maps
from poolviz.dialects.common.message import (
    AxisReading,
    DataFormat,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    apart,
)
from poolviz.dialects.common.pattern import Found, sizes_in
from poolviz.i18n.phrase import Phrase, phrase

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
    return (Reason(sides_words(expected, got, maps)),), ()


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
        return linear(framework, (first, second), expected, first[-1], rows, outputs)

    return read


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
        remarks=(note,),
    )


def joined_sizes(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with two sizes, "first" and "second", and perhaps their "dimension"."""

    def read(found: Found) -> Reading:
        dimension = found.optional("dimension")
        note = phrase("reading.note.unnamed_join")
        if dimension is not None:
            note = phrase("reading.note.dimension", dimension=dimension)
        return Reading(
            kind=MessageKind.CONCATENATE,
            framework=framework,
            op="concatenate",
            expected=(found.number("first"),),
            got=(found.number("second"),),
            certainty="likely",
            remarks=(note,),
        )

    return read
