"""Numbers that do not go into a new shape: how many each sample has, and which maps explain it."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt, prod

from poolviz.i18n.phrase import Phrase, counted, phrase
from poolviz.messages.causes.channels import picture_fixes
from poolviz.messages.causes.factors import (
    Maps,
    are_sides_of_maps,
    batch_of_maps,
    other_maps,
    ratio_of_sides,
)
from poolviz.messages.causes.fixes import PRINT_SHAPE, because, fix
from poolviz.messages.message import PICTURES, MessageKind, Reading, Reason, Remedy, Sizes

_MAP = 4  # axes of a batch of pictures
_FEW = 32  # features of a flattened map are more
_FLAT_DIGITS = 784  # of MNIST: no map is behind them
_Explained = tuple[tuple[Reason, ...], tuple[Remedy, ...]]  # why, and what helps
FLATTEN_AND_COUNT = fix("flatten_and_count", "flatten")


def reshape_of(
    framework: str,
    total: int,
    wanted: int,
    target: Sizes = (),
    layer_name: str | None = None,
    code_in: str | None = None,
    batch: int | None = None,
    shape: Sizes = (),
) -> Reading | None:
    """Report `total` numbers that do not go into rows of `wanted`; None if they are as many.

    `target` is the new shape, `shape` the old one, () if the text does not state them; `batch`:
    the samples in the new shape, where `wanted` counts all of them.

    >>> reshape_of("pytorch", 313_600, 4608, (-1, 4608)).causes[0].split(" or ")[0]
    'For example 50 samples of 14 × 14 × 32 instead of 12 × 12 × 32'
    """
    if total == wanted:
        return None
    reasons, remedies = _of_pictures(total, target) if batch else ((), ())
    if batch and not reasons and not shape:
        reasons, remedies = _of_samples(total, target)
    if not reasons:
        reasons = _of_shape(shape, wanted) or _reasons(total, wanted, batch, target)
        # `view(-1, n)`, with as many features as a flattened map may have.
        is_of_rows = target[:1] == (-1,) and len(target) == 2 and 4 * total > wanted > _FEW
        remedies = _fixes(bool(reasons), is_of_rows) if len(target) < 3 else ()
    if not remedies and (sizes := _filled(total, target, batch)):
        remedies = (_fitting(sizes, batch),)
        example = phrase("reading.reason.example", got=sizes, usual=target)
        reasons = reasons or (because("reshape", examples=example),)
    is_likely = any(one.certainty != "certain" for one in reasons)
    return Reading(
        kind=MessageKind.RESHAPE,
        framework=framework,
        op="reshape",
        layer_name=layer_name,
        expected=(wanted,),
        got=(total,),
        shapes=(target,) if target else (),
        certainty="likely" if is_likely else "certain",
        reasons=reasons,
        remedies=remedies,
        code_in=code_in,
    )


def _fixes(is_explained: bool, is_of_rows: bool) -> tuple[Remedy, ...]:
    """Offer Flatten first only where the numbers are explained: anything has rows."""
    if is_explained:
        return (FLATTEN_AND_COUNT,)
    return (PRINT_SHAPE, FLATTEN_AND_COUNT) if is_of_rows else ()


def _reasons(total: int, wanted: int, batch: int | None, target: Sizes) -> tuple[Reason, ...]:
    """Explain the total by the samples of the batch, or by maps of which it is a multiple."""
    reasons: tuple[Reason, ...] = ()
    is_flat = len(target) < 3  # else the new shape says which maps were meant
    is_counted = batch is None and is_flat and wanted != _FLAT_DIGITS
    maps = batch_of_maps(wanted, total) if is_counted else ()
    if batch and total % batch == 0:
        features = total // batch
        words = phrase("reading.reason.per_sample", batch=batch, features=features)
        reasons = (Reason(words, "certain"),)
        if wanted % batch == 0:
            found = other_maps(wanted // batch, features) if is_flat else _in(target, features)
            maps = tuple(replace(one, batch=batch) for one in found)
    ratio = ratio_of_sides(wanted, total) if is_flat else None
    # A ratio of larger numbers is a coincidence.
    if batch or (ratio and (max(ratio) > 32 or not _are_sides(wanted, total, ratio))):
        ratio = None
    if maps and (batch or total > wanted) and not (ratio and maps[0].batch == 1):
        examples = tuple(
            _samples(
                one.batch,
                got=(one.side, one.side, one.channels),
                usual=(one.usual, one.usual, one.channels),
            )
            for one in maps
        )
        words = phrase("reading.reason.reshape", examples=either(examples))
        return (*reasons, Reason(words))
    return (*reasons, Reason(_ratio_words(total, wanted, ratio))) if ratio else reasons


def _of_pictures(total: int, target: Sizes) -> _Explained:
    """Explain numbers that are those of as many pictures with other channels."""
    # Channels first, then channels last.
    for channels, sides in ((target[-3:-2], target[-2:]), (target[-1:], target[-3:-1])):
        if len(target) != _MAP or channels[0] not in PICTURES or sides[0] != sides[1]:
            continue
        numbers = (target[0] or 0) * (sides[0] or 0) ** 2
        for other in {*PICTURES} - {*channels}:
            if numbers * other == total:
                said = {"got": (*sides, other), "usual": (*sides, *channels)}
                words = _samples(target[0] or 0, **said)
                fixes = picture_fixes(channels[0] or 0, other)
                return (because("reshape", examples=words),), fixes
    return (), ()


def _samples(count: int, got: Sizes, usual: Sizes) -> Phrase:
    return phrase("reading.reason.samples", samples=counted(count, "sample"), got=got, usual=usual)


def _of_samples(total: int, target: Sizes) -> _Explained:
    """Explain numbers that fill whole samples, but not as many as the new shape is for."""
    batch, features = target[0] or 0, prod(size or 0 for size in target[1:])
    if not features or total % features or not batch:
        return (), ()
    opened = fix("open_samples", "reshape_to", sizes=", ".join(map(str, target[1:])))
    rows = counted(total // features, "sample")
    said = {"rows": rows, "features": features, "batch": batch}
    if total % batch or len(target) > 2:
        return (because("other_batch", total=total, **said),), (opened,)
    return (because("batch_or_features", numbers=total // batch, **said),), (opened,)


def _in(target: Sizes, features: int) -> tuple[Maps, ...]:
    """Return the map with the channels of the new shape, and so many numbers for each sample.

    >>> _in((32, 128, 9, 9), 25_088)
    (Maps(channels=128, usual=9, side=14, batch=1),)
    """
    if len(target) != 4:
        return ()
    # Channels first, then channels last.
    for channels, sides in ((target[1], target[2:]), (target[3], target[1:3])):
        usual = sides[0]
        side = isqrt(features // channels) if channels and features % channels == 0 else 0
        if usual == sides[1] and usual and channels and side * side * channels == features > 0:
            return (Maps(channels, usual, side),)
    return ()


def _filled(total: int, target: Sizes, batch: int | None) -> Sizes:
    """Return sizes with the channels of the new shape that the numbers fill; () without any.

    >>> _filled(131_072, (16, 128, 7, 7), 16), _filled(6272, (8, 8, 128), None)
    ((128, 8, 8), (7, 7, 128))
    """
    sizes = target[1:] if batch else target
    if len(sizes) != _MAP - 1 or (batch and total % batch) or None in sizes or -1 in sizes:
        return ()
    found = _in((1, *sizes), total // (batch or 1))
    sides = (found[0].side,) * 2 if found else ()
    is_first = sizes[1] == sizes[2] != sizes[0]
    return (*sizes[:1], *sides) if sides and is_first else (*sides, sizes[2]) if sides else ()


def _fitting(sizes: Sizes, batch: int | None) -> Remedy:
    words = phrase("reading.fix.shape_that_fits")
    shown = ", ".join(map(str, sizes))
    snippet, shown = ("reshape_to", shown) if batch else ("unflatten", f"({shown})")
    return Remedy(words, snippet=snippet, fields=(("sizes", shown),))


def _are_sides(wanted: int, total: int, ratio: tuple[int, int]) -> bool:
    if _FLAT_DIGITS in (wanted, total):
        return False
    return min(ratio) > 1 or are_sides_of_maps(wanted, total)


def _of_shape(shape: Sizes, wanted: int) -> tuple[Reason, ...]:
    """Return how many numbers a sample has, where the text states the shape of the batch."""
    if len(shape) < 3 or None in shape:
        return ()
    features = prod(size or 0 for size in shape[1:])
    words = {"features": features, "sizes": shape[1:], "wanted": wanted}
    return (Reason(phrase("reading.reason.numbers_of_a_sample", **words), "certain"),)


def either(words: tuple[Phrase, ...]) -> Phrase:
    """Return alternatives, joined by "or"."""
    if len(words) < 2:
        return words[0]
    return phrase("reading.reason.either", first=words[0], second=words[1])


def _ratio_words(total: int, wanted: int, ratio: tuple[int, int]) -> Phrase:
    high, low = ratio
    # Any sides with this ratio would do; these look like maps: 7 × 7, or 4 and more.
    times = 7 if min(ratio) == 1 else next(n for n in range(1, 33) if min(ratio) * n >= 4)
    said = {"got": (high * times,) * 2, "usual": (low * times,) * 2}
    return phrase("reading.reason.ratio", total=total, wanted=wanted, high=high, low=low, **said)
