"""Two sizes that differ where tensors are added or joined; the text does not state the shapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import isqrt

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import Phrase, counted, phrase
from poolviz.messages.causes.context import topic, volumes_in
from poolviz.messages.causes.factors import is_channel_count, is_power_of_two
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.causes.received import DIFFERENCE, of_keras
from poolviz.messages.message import MessageKind, Reading, Reason, Remedy, Sizes
from poolviz.messages.pattern import Found

_LOSS = re.compile(r"in (?:mse|l1|smooth_l1|huber)_loss\b|broadcast_tensors\([^\n]{0,40}target")
_FAR_APART = 3  # halving an odd size once or twice gives sizes that differ by no more
_SMALLEST = 7  # size of a map whose half or quarter may be rounded, and not be chance


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
    if patches := _patches(first, second, dimension):
        resized = (fix("larger_or_smaller_picture"),)
        return _of_no_maps(framework, first, second, dimension, (patches,), resized)
    if DIFFERENCE in found.before(900) or _LOSS.search(found.before(900)):
        return _of_loss(framework, first, second, dimension, shapes)
    about = topic(found.before(), found.after(600))
    if about != "other" and dimension is not None and of_keras(found.before(), found.after()):
        return _of_no_maps(framework, first, second, dimension)
    if first == second or about == "other" or (about is None and (dimension or 0) < 2):
        return None
    if dimension == 1 and not (is_channel_count(first) and is_channel_count(second)):
        return None
    is_spatial = dimension is None or dimension >= 2
    is_batch = not shapes or len(shapes[0]) != 3  # three axes: a picture that is put into another
    is_near = is_batch and 0 < abs(first - second) <= _FAR_APART
    are_maps = is_spatial and (about == "maps" or is_near)
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    if is_spatial and is_near:
        reasons = near_or_times(first, second)
        remedies = (fix("same_stride"),) if abs(first - second) > 1 else ()
    elif dimension == 1:
        reasons = (because("other_channels_added"),)
        remedies = (fix("shortcut_conv", "shortcut_conv", channels="out_channels"),)
    elif are_maps:
        reasons, remedies = _times(first, second), (fix("same_stride"),)
    rank = len(shapes[0]) if shapes else 5 if volumes_in(found.before(), found.after(600)) else 4
    return Reading(
        kind=MessageKind.SUM,
        framework=framework,
        op="sum",
        failing_axes=_axis_at(dimension, rank) if are_maps else (),
        data_format="channels_first",
        expected=(first,),
        got=(second,),
        shapes=shapes,
        certainty="likely",
        is_of_maps=are_maps,
        reasons=reasons,
        remedies=remedies,
        remarks=() if dimension is None else (dimension_note(dimension, rank),),
    )


def _of_loss(
    framework: str, first: int, second: int, dimension: int | None, shapes: tuple[Sizes, ...]
) -> Reading:
    """Report an output and a target: the traceback ends in a loss, which subtracts them."""
    resize = (fix("resize", "resize_output"),) if (dimension or 0) >= 2 else ()
    why = (Reason(phrase("reading.reason.output_and_target"), "certain"),)
    fixes = (fix("print_both_ends", "print_output"), *resize)
    read = _of_no_maps(framework, first, second, dimension, why, fixes)
    return replace(read, op="loss", shapes=shapes, certainty="certain", only_remedies=True)


def _of_no_maps(
    framework: str,
    first: int,
    second: int,
    dimension: int | None,
    reasons: tuple[Reason, ...] = (),
    remedies: tuple[Remedy, ...] = (),
) -> Reading:
    """Report a sum whose axes have no names: of patches, or in a layer of Keras."""
    is_given = dimension is not None
    return Reading(
        kind=MessageKind.SUM,
        framework=framework,
        op="sum",
        expected=(first,),
        got=(second,),
        certainty="likely",
        reasons=reasons,
        remedies=remedies,
        remarks=(phrase("reading.note.last_dimension", dimension=dimension),) if is_given else (),
    )


def normalised(framework: str, channels: int, means: int, shapes: tuple[Sizes, ...]) -> Reading:
    """Report a picture of `channels` from which as many means as of a colour picture are taken."""
    grey = Remedy(phrase("reading.fix.repeat_grey"), "transforms.Grayscale(3)")
    one = Remedy(phrase("reading.fix.one_mean"), "transforms.Normalize((0.5,), (0.5,))")
    return Reading(
        kind=MessageKind.SUM,
        framework=framework,
        op="sum",
        data_format="channels_first",
        channels=channels,
        expected=(channels,),
        got=(means,),
        shapes=shapes,
        certainty="likely",
        reasons=(because("means", means=means, channels=counted(channels, "channel")),),
        remedies=(one, grey) if channels == 1 else (fix("to_rgb", "to_rgb"),),
        only_remedies=True,
    )


def _patches(first: int, second: int, dimension: int | None) -> Reason | None:
    """Return a cause where both sizes are those of square patches and as many class tokens."""
    for tokens in (0, 1, 2):
        sides = [isqrt(max(0, size - tokens)) for size in (first, second)]
        is_square = [side * side + tokens for side in sides] == [first, second]
        # Powers of two may be channels, and small squares are frequent by chance.
        is_usual = is_power_of_two(first) or is_power_of_two(second)
        if first == second or not is_square or min(sides) < 7 or (tokens == 0 and is_usual):
            continue
        if tokens == 0 and (dimension or 0) < 2:
            continue
        more = f" + {tokens}" if tokens else ""
        said = {"first": first, "first_side": sides[0], "first_more": more}
        return because("patches", **said, second=second, second_side=sides[1], second_more=more)
    return None


def near_or_times(first: int, second: int) -> tuple[Reason, ...]:
    """Return why two sizes of maps differ: an odd size was halved, or one branch has a stride."""
    difference = abs(first - second)
    if difference == 1:
        return (because("odd_side", difference=difference),)
    if 0 < difference <= _FAR_APART:  # a kernel of 3 without padding makes a map 2 smaller
        return (because("edges_or_odd", difference=difference),)
    return _times(first, second)


def _times(first: int, second: int) -> tuple[Reason, ...]:
    """Return a cause where one size is twice or four times the other."""
    small, large = sorted((first, second))
    times = round(large / small) if small else 0
    # A stride rounds: 57 becomes 28 or 29. Of small sizes, that is chance.
    if times not in (2, 4) or abs(large - times * small) >= (times if small >= _SMALLEST else 1):
        return ()
    key = "times" if large == times * small else "about_times"
    return (because(key, large=large, small=small, times=times),)


def dimension_note(dimension: int, rank: int = 4) -> Phrase:
    """Return a remark on the axis that a text names by its place."""
    key = "dimension" if dimension < rank == 4 else "last_dimension"
    if key == "dimension" and dimension in (0, 1):
        key = f"dimension_{dimension}"
    return phrase(f"reading.note.{key}", dimension=dimension)


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
        around = found.before(), found.after(600)
        about = topic(*around)
        is_keras = of_keras(*around)
        joins = (1, 3, None) if is_keras else (1, None)  # the channels may be the last of four
        can_be_maps = along in joins and about != "other" and dimension != 0
        is_near = 0 < abs(first - second) <= _FAR_APART
        reasons: tuple[Reason, ...] = ()
        if can_be_maps and (is_near or about == "maps"):
            reasons = near_or_times(first, second)
        elif not can_be_maps and along is not None:
            words = phrase("reading.reason.tokens_joined", along=along)
            reasons = (Reason(words, "certain"),)
        return Reading(
            kind=MessageKind.CONCATENATE,
            framework=framework,
            op="concatenate",
            expected=(first,),
            got=(second,),
            certainty="likely",
            is_of_maps=can_be_maps and (is_near or about == "maps"),
            reasons=reasons,
            remarks=(
                phrase("reading.note.unnamed_join")
                if dimension is None
                else dimension_note(dimension, 5 if is_keras or volumes_in(*around) else 4),
            ),
        )

    return read
