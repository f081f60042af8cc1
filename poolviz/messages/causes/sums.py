"""Tensors of different sizes that are added or joined: which axis differs, and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isqrt

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import Phrase, counted, phrase
from poolviz.messages.causes.axes import MAP_AXES
from poolviz.messages.causes.context import topic
from poolviz.messages.causes.factors import is_channel_count, is_power_of_two
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.message import (
    LAYOUT_NOTE,
    WIDE,
    DataFormat,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    apart,
    axes_of,
    order_of,
)
from poolviz.messages.pattern import Found, sizes_in

SEVERAL = r"(?P<shapes>(?:[(\[]{1,2}[^()\[\]]{1,160}[)\]]{1,2},?\s{0,4}){2,8})"  # shapes
SHAPES = re.compile(r"(?<!\w)[(\[]([^()\[\]]{1,160})[)\]]")
_FAR_APART = 3  # halving an odd size once or twice gives sizes that differ by no more


# --- whole shapes --------------------------------------------------------------------------------


def sum_of(
    framework: str,
    first: Sizes,
    second: Sizes,
    layer_name: str | None = None,
    data_format: DataFormat | None = None,
    code_in: str | None = None,
    op: str | None = "sum",
) -> Reading | None:
    """Report two maps with their batch axes that are added or multiplied; None if they agree.

    None as well where an axis of one is broadcast: that is a mask or a bias, as in attention.
    """
    pairs = zip(first[1:], second[1:], strict=False)
    if len(first) != len(second) or any(1 in pair and pair != (1, 1) for pair in pairs):
        return None
    places = [i for i in range(len(first)) if _cannot(first[i], second[i])]
    if not places:
        return None
    order = data_format or order_of(first, second)
    last = len(first) - 1
    is_last = data_format != "channels_first" and places == [last]
    if is_last and abs((first[last] or 0) - (second[last] or 0)) == 1:
        return None  # no layers have such channels: lengths of sequences
    return _apart(
        MessageKind.SUM, framework, op, (first, second), second, places, order, layer_name, code_in
    )


def joined_of(
    framework: str,
    shapes: tuple[Sizes, ...],
    along: int | None = None,
    differs: int | None = None,
    layer_name: str | None = None,
    code_in: str | None = None,
) -> Reading | None:
    """Report maps of different sizes that are joined; None for fewer than three axes.

    `along` is the axis along which they are joined, `differs` the one that the text names, both
    as places in the shapes; what is missing is concluded from the shapes.
    """
    first = shapes[0]
    other = next((shape for shape in shapes[1:] if _places(first, shape, along)), None)
    if other is None or len(first) < 3 or len({len(shape) for shape in shapes}) > 1:
        return None
    if not {along or 0, differs or 0} <= set(range(-len(first), len(first))):
        return None
    along = along if along is None or along >= 0 else along + len(first)
    if along is None:
        along = _joining_axis(first, other, differs)
    places = [differs] if differs is not None else _places(first, other, along)
    order: DataFormat = "channels_first" if along == 1 and len(first) > 3 else "channels_last"
    is_of_maps = (
        bool(places) and len(first) >= MAP_AXES and along in (1, len(first) - 1) and 0 not in places
    )
    return _apart(
        MessageKind.CONCATENATE,
        framework,
        "concatenate",
        shapes,
        other,
        places or _places(first, other, None),
        order,
        layer_name,
        code_in,
        is_of_maps,
        (phrase("reading.note.joined_along_another_axis"),) if not places else (),
    )


def joined_shapes_of(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with all shapes, field "shapes", and perhaps the axis, field "along"."""

    def read(found: Found) -> Reading | None:
        shapes = tuple(sizes_in(shape) for shape in SHAPES.findall(found["shapes"]))
        return joined_of(framework, shapes, found.optional("along")) if shapes else None

    return read


def _apart(
    kind: MessageKind,
    framework: str,
    op: str | None,
    shapes: tuple[Sizes, ...],
    other: Sizes,
    places: list[int],
    order: DataFormat | None,
    layer_name: str | None,
    code_in: str | None,
    is_of_maps: bool | None = None,
    remarks: tuple[Phrase, ...] = (),
) -> Reading:
    first = shapes[0]
    taken = order or "channels_last"
    spatial = apart(first, taken)[0]
    names = AXIS_NAMES.get(len(spatial), ())
    before = 1 if taken == "channels_last" else 2
    channel = len(first) - 1 if taken == "channels_last" else 1
    is_sum = is_of_maps is None
    if is_sum:
        is_of_maps = len(first) >= MAP_AXES and channel not in places
    tells_axes = is_sum or is_of_maps
    if order is None and is_of_maps:
        remarks = (*remarks, LAYOUT_NOTE)
    reasons, remedies = _differences(first, other, places, channel) if tells_axes else ((), ())
    return Reading(
        kind=kind,
        framework=framework,
        op=op,
        layer_name=layer_name,
        axes=axes_of(len(names), input_size=spatial) if tells_axes and names else (),
        failing_axes=tuple(names[i - before] for i in places if 0 <= i - before < len(names))
        if tells_axes
        else (),
        data_format=taken if tells_axes else None,
        shapes=shapes,
        expected=tuple(first[i] for i in places),
        got=tuple(other[i] for i in places),
        is_of_maps=bool(is_of_maps),
        certainty="likely",
        reasons=reasons,
        remedies=remedies,
        remarks=remarks,
        code_in=code_in,
    )


def _cannot(one: int | None, other: int | None) -> bool:
    return one != other and None not in (one, other) and 1 not in (one, other)


def _differences(
    first: Sizes, second: Sizes, places: list[int], channel: int
) -> tuple[tuple[Reason, ...], tuple[Remedy, ...]]:
    pairs = [(first[i] or 0, second[i] or 0) for i in places]
    if places == [channel]:
        one, other = pairs[0]
        words = phrase("reading.fix.shortcut", channels=counted(one, "channel"))
        return (because("sum_of_channels", one=one, other=other),), (
            Remedy(words, snippet="shortcut_conv", fields=(("channels", one),)),
        )
    small, large = sorted(pairs[0])
    if all(abs(one - other) == 1 for one, other in pairs):
        return (because("by_one"),), ()
    if small and large % small == 0 and all(max(p) == min(p) * (large // small) for p in pairs):
        return (because("times", large=large, small=small, times=large // small),), (
            fix("same_stride"),
        )
    return (), ()


def _places(first: Sizes, second: Sizes, along: int | None) -> list[int]:
    """Axes whose sizes differ, without the one along which they are joined."""
    length = min(len(first), len(second))
    skipped = along if along is None or along >= 0 else along + length
    return [
        i
        for i in range(length)
        if i != skipped and first[i] != second[i] and None not in (first[i], second[i])
    ]


def _joining_axis(first: Sizes, second: Sizes, differs: int | None) -> int:
    """Conclude along which axis maps are joined: the last or, with channels first, axis 1.

    Of two axes that differ, the channels differ by more than the sides.
    """
    last = len(first) - 1
    if differs in (1, last):
        return last if differs == 1 else 1
    others = [i for i in _places(first, second, None) if i != differs]
    if 1 not in others or len(first) < MAP_AXES:
        return last
    if last not in others:
        sides = [abs((first[i] or 0) - (second[i] or 0)) for i in others if i != 1]
        far = abs((first[1] or 0) - (second[1] or 0))
        return 1 if differs is not None or (sides and max(sides) < WIDE <= far) else last
    if len(others) > 2:
        is_first = first[2] == first[3] and second[2] == second[3]
        return 1 if is_first and first[1] != first[2] else last
    near, far = (abs((first[i] or 0) - (second[i] or 0)) for i in (last, 1))
    return 1 if near < far else last


# --- two sizes alone -----------------------------------------------------------------------------


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
        return _of_patches(framework, first, second, dimension, patches)
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
        reasons = (because("odd_side", difference=abs(first - second)),)
    elif dimension == 1:
        reasons = (because("other_channels_added"),)
        remedies = (fix("shortcut_conv", "shortcut_conv", channels="out_channels"),)
    elif are_maps:
        reasons, remedies = _times(first, second), (fix("same_stride"),)
    return Reading(
        kind=MessageKind.SUM,
        framework=framework,
        op="sum",
        failing_axes=_axis_at(dimension, len(shapes[0]) if shapes else 4) if are_maps else (),
        data_format="channels_first",
        expected=(first,),
        got=(second,),
        shapes=shapes,
        certainty="likely",
        is_of_maps=are_maps,
        reasons=reasons,
        remedies=remedies,
        remarks=() if dimension is None else (dimension_note(dimension),),
    )


def _patches(first: int, second: int, dimension: int | None) -> Reason | None:
    """Return a cause where both sizes are those of square patches and as many class tokens."""
    for tokens in (0, 1, 2):
        sides = [isqrt(max(0, size - tokens)) for size in (first, second)]
        is_square = [side * side + tokens for side in sides] == [first, second]
        is_usual = is_power_of_two(first) or is_power_of_two(second)
        if first == second or not is_square or min(sides) < 7 or (tokens == 0 and is_usual):
            continue
        if tokens == 0 and (dimension or 0) < 2:
            continue
        more = f" + {tokens}" if tokens else ""
        said = {"first": first, "first_side": sides[0], "first_more": more}
        return because("patches", **said, second=second, second_side=sides[1], second_more=more)
    return None


def _of_patches(
    framework: str, first: int, second: int, dimension: int | None, reason: Reason
) -> Reading:
    return Reading(
        kind=MessageKind.SUM,
        framework=framework,
        op="sum",
        expected=(first,),
        got=(second,),
        certainty="likely",
        reasons=(reason,),
        remedies=(fix("larger_or_smaller_picture"),),
        remarks=()
        if dimension is None
        else (phrase("reading.note.last_dimension", dimension=dimension),),
    )


def _times(first: int, second: int) -> tuple[Reason, ...]:
    """Return a cause where one size is twice or four times the other."""
    small, large = sorted((first, second))
    if large not in (2 * small, 4 * small):
        return ()
    return (because("times", large=large, small=small, times=large // small),)


def dimension_note(dimension: int) -> Phrase:
    """Return a remark on the axis that a text names by its place."""
    key = "dimension" if dimension < 4 else "last_dimension"
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
        about = topic(found.before(), found.after(600))
        can_be_maps = along in (1, None) and about != "other" and dimension != 0
        is_near = 0 < abs(first - second) <= _FAR_APART
        reasons: tuple[Reason, ...] = ()
        if can_be_maps and is_near:
            reasons = (because("odd_side", difference=abs(first - second)),)
        elif can_be_maps and about == "maps":
            reasons = _times(first, second)
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
                else dimension_note(dimension),
            ),
        )

    return read
