"""A dense layer that gets another number of features than it was built for.

Dense layers are in every network. Feature maps are named as a cause only where something shows
them: convolutions or a table of layers in the text, or numbers that hardly another network has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isqrt, prod

from poolviz.i18n.phrase import Phrase, phrase
from poolviz.messages.causes.context import Topic, topic
from poolviz.messages.causes.factors import (
    Maps,
    are_sides_of_maps,
    is_channel_count,
    is_classic,
    is_power_of_two,
    one_side,
    other_maps,
)
from poolviz.messages.causes.fixes import ADD_BATCH, FLATTEN, PRINT_SHAPE, because
from poolviz.messages.causes.reshapes import either
from poolviz.messages.message import MessageKind, Reading, Reason, Remedy, Sizes
from poolviz.messages.pattern import Found

Explained = tuple[tuple[Reason, ...], tuple[Remedy, ...]]
_NOTHING: Explained = (), ()
_BATCH, _LONG_BATCH = 512, 2_048  # samples of a usual batch; only powers of two are larger
_NARROW = 32  # features: fewer than tokens or hidden layers have
_GREY, _COLOUR = 1, 3
_DIGIT = 28  # side of a picture of MNIST
_SMALLEST_PICTURE = 8  # side in pixels


def linear(
    framework: str,
    shapes: tuple[Sizes, ...],
    expected: int | None,
    got: int | None,
    rows: int | None = None,
    outputs: int | None = None,
    about: Topic = None,
) -> Reading:
    """Report a dense layer built for `expected` features that gets `got`.

    `rows`: of the matrix that arrives, where the text has that matrix and not the weights only.
    `about`: what the text around is about.
    """
    fits, is_other = expected == got, about == "other"
    reasons, remedies = _NOTHING if not is_other else ((), (PRINT_SHAPE,))
    if expected and got and not fits and not is_other:
        reasons, remedies = _explained(expected, got, rows, outputs, about == "maps")
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
        only_remedies=is_other,
    )


def _explained(
    expected: int, got: int, rows: int | None, outputs: int | None, are_maps: bool
) -> Explained:
    if rows and (whole := _unflattened(expected, got, rows, outputs, are_maps)):
        return whole
    if expected == _DIGIT**2 and got == _DIGIT:
        row = Remedy(phrase("reading.fix.one_row"), f"x = x.reshape(-1, {expected})")
        return (because("flat_digits", features=expected, side=got),), (FLATTEN, row)
    if side := one_side(expected, got):
        said = {"got": got, "expected": expected, "side": side[0], "usual": side[1]}
        return (because("one_side", **said),), ()
    maps = other_maps(expected, got)
    is_known = are_maps or is_classic(expected, outputs)
    if not maps and is_known and got <= _NARROW and (rows or 0) > got and expected % got == 0:
        return (because("rows_of_map", got=got),), (FLATTEN,)
    if not maps or not (is_known or are_sides_of_maps(expected, got)):
        return _NOTHING
    usual = maps[0].usual
    words = phrase("reading.fix.adaptive", size=(usual, usual))
    pool = Remedy(words, snippet="adaptive_pool", fields=(("size", f"({usual}, {usual})"),))
    return (Reason(_sides_words(expected, got, maps)),), (pool,) if len(maps) == 1 else ()


def _unflattened(
    expected: int, got: int, rows: int, outputs: int | None, are_maps: bool
) -> Explained | None:
    """Return why all the numbers are there, but in rows of another length.

    A map C × H × W that is not flattened arrives as rows of W numbers, and there are C × H of them
    for each sample. A matrix of another network can have such a number of rows by chance.
    """
    per_sample, rest = divmod(expected, got)
    cells = rows * got
    if rest or cells % expected or per_sample < 2:
        return None
    said = {"cells": cells, "rows": rows, "got": got, "features": expected}
    if _is_map(per_sample, got, rows):
        # Odd rows of which a sample has many are hardly anything but maps; even ones may be tokens.
        is_sure = are_maps or is_classic(expected, outputs) or (got % 2 and per_sample >= 16 * got)
        key = "flatten" if is_sure else "flatten_if"
        return (because(key, batch=cells // expected, **said),), (FLATTEN,)
    if got == 1 and rows > _BATCH and is_channel_count(expected):  # C × 1 × 1, pooled globally
        return (because("flatten_if", batch=cells // expected, **said),), (FLATTEN,)
    if _is_one_square(expected, got, rows):
        return (because("flatten_if", batch=1, **said),), (FLATTEN,)
    if cells == expected:
        if are_maps or _is_one_map(rows, got):
            return (because("batch_axis", **said),), (ADD_BATCH, FLATTEN)
        return None
    if are_maps:
        return (because("flatten_if", batch=cells // expected, **said),), (FLATTEN,)
    return None


def _is_one_square(expected: int, width: int, rows: int) -> bool:
    """Return whether all numbers are those of one square map: C × W rows of W numbers."""
    if rows * width != expected or width % 2 == 0 or not 3 <= width <= _NARROW:
        return False
    return rows % width == 0 and rows >= 8 * width and not _is_one_map(rows, width)


def _is_one_map(rows: int, got: int) -> bool:
    """Return whether `rows` are the channels of one map, and `got` its height × width."""
    side = isqrt(got)
    if side * side != got or side < 3:
        return False
    if rows == _COLOUR:
        return side >= _SMALLEST_PICTURE
    return is_channel_count(rows) and not is_power_of_two(got)


def _is_map(per_sample: int, width: int, rows: int) -> bool:
    """Return whether rows of `width` numbers are most likely those of square maps.

    Batches and widths of other networks are mostly powers of two. They are no evidence, except
    where there are more rows than a batch has samples.
    """
    channels, rest = divmod(per_sample, width)
    if rest or width < 3 or width % 10 == 0:
        return False
    if channels not in (_GREY, _COLOUR) and not is_channel_count(channels):
        return False
    if channels == _GREY and width < _SMALLEST_PICTURE:
        return False
    if not is_power_of_two(width * channels):
        return channels != _GREY or not is_power_of_two(width)
    is_usual = rows <= _BATCH or (is_power_of_two(rows) and rows < _LONG_BATCH)
    return channels >= 8 and width <= _NARROW and not is_usual


def _sides_words(expected: int, got: int, maps: Sequence[Maps]) -> Phrase:
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


def product(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with two matrices, fields "first" and "second"."""

    def read(found: Found) -> Reading | None:
        first, second = found.sizes("first"), found.sizes("second")
        if min(len(first), len(second)) < 2:
            return None  # a part of the numbers was cut off
        expected, outputs = second[max(0, len(second) - 2)], second[-1]
        rows = prod(size or 0 for size in first[:-1])
        about = topic(found.before(), found.after(400))
        return linear(framework, (first, second), expected, first[-1], rows, outputs, about)

    return read


def features(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with two numbers of features, fields "expected" and "got"."""

    def read(found: Found) -> Reading | None:
        about = topic(found.before(), found.after(400))
        expected, got = found.number("expected"), found.number("got")
        return linear(framework, (), expected, got, about=about)

    return read


def linear_at(framework: str) -> Callable[[Found], Reading | None]:
    """Read the features of two matrices; 0 is a size that is not known yet."""

    def read(found: Found) -> Reading | None:
        got, expected = found.number("got"), found.number("expected")
        return linear(framework, (), expected, got) if got and expected else None

    return read
