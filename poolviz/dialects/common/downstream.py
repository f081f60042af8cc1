"""Messages of layers after a pooling layer: the text has the sizes, the cause is before them.

A Linear layer gets another number of features than it was built for, or inputs of different sizes
are joined.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.common.message import (
    AxisReading,
    DataFormat,
    MessageKind,
    Reading,
    Sizes,
    apart,
)
from poolviz.dialects.common.pattern import Found, sizes_in
from poolviz.i18n.phrase import phrase

SEVERAL = r"(?P<shapes>(?:[(\[]{1,2}[^()\[\]]{1,160}[)\]]{1,2},?\s{0,4}){2,8})"  # shapes
SHAPES = re.compile(r"(?<!\w)[(\[]([^()\[\]]{1,160})[)\]]")


def linear(
    framework: str, shapes: tuple[Sizes, ...], expected: int | None, got: int | None
) -> Reading:
    """Report a dense layer built for `expected` features that gets `got`."""
    fits = expected == got
    return Reading(
        kind=MessageKind.LINEAR,
        framework=framework,
        op="linear",
        shapes=shapes,
        expected=(expected,),
        got=(got,),
        certainty="guess" if fits else "certain",
        remarks=(phrase("reading.note.same_numbers"),) if fits else (),
    )


def product(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with two matrices, fields "first" and "second"."""

    def read(found: Found) -> Reading | None:
        first, second = found.sizes("first"), found.sizes("second")
        if not first or not second:
            return None
        return linear(framework, (first, second), second[max(0, len(second) - 2)], first[-1])

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
