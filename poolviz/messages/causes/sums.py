"""Shapes of tensors that are added or joined: which axis differs, and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import Phrase, counted, phrase
from poolviz.messages.causes.axes import MAP_AXES
from poolviz.messages.causes.factors import is_channel_count
from poolviz.messages.causes.fixes import FLATTEN, GLOBAL_POOL, because, fix
from poolviz.messages.message import (
    LAYOUT_NOTE,
    PICTURES,
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
_TIMES = (2, 4, 8)  # of strides and pooling layers that one branch has alone
_CUT_EDGES = (2, 4, 6, 8)  # what layers without padding take from both sides
# (None, 28, 28, 32); not the call f(3, 3)
SHAPES = re.compile(r"(?<!\w)[(\[]([^()\[\]]{1,160})[)\]]")


def sum_of(
    framework: str,
    first: Sizes,
    second: Sizes,
    layer_name: str | None = None,
    data_format: DataFormat | None = None,
    code_in: str | None = None,
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
    last = len(first) - 1
    order = data_format or _order_by_channels(first, second) or order_of(first, second)
    is_last = data_format != "channels_first" and places == [last]
    if is_last and abs((first[last] or 0) - (second[last] or 0)) == 1:
        return None  # no layers have such channels: lengths of sequences
    return _apart(
        MessageKind.SUM,
        framework,
        "sum",
        (first, second),
        second,
        places,
        order,
        layer_name,
        code_in,
    )


def merged_of(framework: str, first: Sizes, second: Sizes) -> Reading | None:
    """Report shapes that a framework itself calls incompatible, whatever the tensors are.

    Of feature maps the axes are named, of other tensors the sizes that differ, from the last.

    >>> merged_of("keras", (None, 3), (None, 4)).certainty
    'certain'
    """
    if min(len(first), len(second)) > 2 and (read := sum_of(framework, first, second)):
        return read
    length = min(len(first), len(second))
    pairs = list(zip(first[-length:], second[-length:], strict=True))
    apart_by = [pair for pair in pairs if _cannot(*pair)]
    if not apart_by:
        return None
    most = max(max(one or 0, other or 0) for one, other in apart_by)
    widen = Remedy(
        phrase("reading.fix.as_many_features", features=counted(most, "feature")),
        snippet="last_layer",
        fields=(("classes", most),),
    )
    beside = fix("join_instead", "join_along", axis=-1)
    are_rows = len(first) == len(second) == 2
    return Reading(
        kind=MessageKind.SUM,
        framework=framework,
        op="sum",
        shapes=(first, second),
        expected=tuple(one for one, _ in apart_by),
        got=tuple(other for _, other in apart_by),
        remedies=(widen, beside) if are_rows else (fix("print_both", "print_both"),),
        only_remedies=True,
    )


def _order_by_channels(first: Sizes, second: Sizes) -> DataFormat | None:
    """Return the order in which only the channels differ; a stride changes all sides alike."""
    places, last = _places(first, second, None), len(first) - 1
    if last + 1 < MAP_AXES or places not in ([1], [last]):
        return None
    both = (first[places[0]] or 0, second[places[0]] or 0)
    if not all(size in PICTURES or is_channel_count(size) for size in both):
        return None
    return "channels_first" if places == [1] else "channels_last"


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
    if along is None and differs is None:
        along = _axis_of_the_others(shapes)
    other = next((shape for shape in shapes[1:] if _places(first, shape, along)), None)
    if other is None or len(first) < 3 or len({len(shape) for shape in shapes}) > 1:
        return None
    # A place that the shapes do not have: something else was taken for it.
    if not {along or 0, differs or 0} <= set(range(-len(first), len(first))):
        return None
    along = along if along is None or along >= 0 else along + len(first)
    if along is None and differs is None and (format_ := _order_by_channels(first, other)):
        axis = 1 if format_ == "channels_first" else len(first) - 1
        misfit = next((shape for shape in shapes[1:] if _places(first, shape, axis)), None)
        if misfit is None:
            return _along_channels(framework, shapes, other, format_, layer_name, code_in)
        other, along = misfit, axis
    if along is None:
        along = _joining_axis(first, other, differs)
    places = [differs] if differs is not None else _places(first, other, along)
    order: DataFormat = "channels_first" if along == 1 and len(first) > 3 else "channels_last"
    # (batch, height, width, anchors, 4) of a detector is no volume
    is_of_boxes = len(first) > MAP_AXES and min(size or WIDE for size in first[3:]) <= max(PICTURES)
    is_of_maps = (
        bool(places)
        and not is_of_boxes
        and len(first) >= MAP_AXES
        and along in (1, len(first) - 1)
        and 0 not in places
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


def ranks_joined(framework: str, first: int, second: int) -> Reading | None:
    """Report tensors that are joined and have different numbers of axes.

    >>> ranks_joined("pytorch", 4, 2).causes[0].split(",")[0]
    '4 axes are most likely those of a feature map'
    """
    if first == second:
        return None
    ranks = {first, second}
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[Remedy, ...] = (fix("print_both", "print_both"),)
    if 2 in ranks and max(ranks) in (MAP_AXES, MAP_AXES + 1):
        reasons, remedies = (
            (because("map_and_row", axes=max(ranks)),),
            (FLATTEN, GLOBAL_POOL, *remedies),
        )
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework=framework,
        op="concatenate",
        argument="axes",
        expected=(first,),
        got=(second,),
        certainty="likely" if reasons else "certain",
        reasons=reasons,
        remedies=remedies,
        only_remedies=True,
    )


def _along_channels(
    framework: str,
    shapes: tuple[Sizes, ...],
    other: Sizes,
    order: DataFormat,
    layer_name: str | None,
    code_in: str | None,
) -> Reading:
    """Report maps that differ in their channels only: they are joined along another axis."""
    axis = 1 if order == "channels_first" else len(other) - 1
    said = {"axis": axis, "one": shapes[0][axis], "other": other[axis]}
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework=framework,
        op="concatenate",
        layer_name=layer_name,
        data_format=order,
        shapes=shapes,
        expected=(shapes[0][axis],),
        got=(other[axis],),
        reasons=(Reason(phrase("reading.reason.joined_beside_channels", **said), "certain"),),
        remedies=(fix("join_along", "join_along", axis=axis),),
        only_remedies=True,
        code_in=code_in,
    )


def joined_shapes_of(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with all shapes, field "shapes", and perhaps the axis, field "along"."""

    def read(found: Found) -> Reading | None:
        shapes = tuple(sizes_in(shape) for shape in SHAPES.findall(found["shapes"]))
        ranks = sorted({len(shape) for shape in shapes})
        if len(ranks) == 2:
            return ranks_joined(framework, ranks[1], ranks[0])
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
    """Return the reading of shapes that differ at `places`; of a sum, `is_of_maps` is concluded."""
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
    # An axis of 1 is repeated, and an open size may be any.
    return one != other and None not in (one, other) and 1 not in (one, other)


def _differences(
    first: Sizes, second: Sizes, places: list[int], channel: int
) -> tuple[tuple[Reason, ...], tuple[Remedy, ...]]:
    pairs = [(first[i] or 0, second[i] or 0) for i in places]
    if places == [channel]:
        one, other = pairs[0]
        most = max(one, other)  # blocks widen: the shortcut has fewer
        words = phrase("reading.fix.shortcut", channels=counted(most, "channel"))
        return (because("sum_of_channels", one=one, other=other),), (
            Remedy(words, snippet="shortcut_conv", fields=(("channels", most),)),
        )
    small, large = sorted(pairs[0])
    apart_by = {abs(one - other) for one, other in pairs}
    if apart_by == {1}:
        return (because("by_one"),), ()
    # From twice the size on, a stride in one branch is likelier than cut edges.
    if len(apart_by) == 1 and large - small in _CUT_EDGES and large < 2 * small:
        return (because("by_edges", difference=large - small),), (fix("same_stride"),)
    times = round(large / small) if small else 0
    # A stride rounds: 31 becomes 15 or 16.
    if times in _TIMES and all(abs(max(p) - min(p) * times) < times for p in pairs):
        key = "times" if large == times * small else "about_times"
        return (because(key, large=large, small=small, times=times),), (fix("same_stride"),)
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


def _axis_of_the_others(shapes: tuple[Sizes, ...]) -> int | None:
    """Return the axis in which alone some inputs differ, where another differs elsewhere as well.

    >>> _axis_of_the_others(((4, 64, 9, 9), (4, 32, 9, 9), (4, 32, 8, 8)))
    1
    """
    pairs = combinations((shape for shape in shapes if len(shape) == len(shapes[0])), 2)
    apart_in = {tuple(_places(one, other, None)) for one, other in pairs} - {()}
    alone = {places[0] for places in apart_in if len(places) == 1}
    is_channels = alone in ({1}, {len(shapes[0]) - 1}) and len(shapes[0]) >= MAP_AXES
    return alone.pop() if is_channels and len(apart_in) > 1 else None


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
        # Maps are mostly square: where two sizes agree in both, they are height and width.
        is_first = first[2] == first[3] and second[2] == second[3]
        return 1 if is_first and first[1] != first[2] else last
    near, far = (abs((first[i] or 0) - (second[i] or 0)) for i in (last, 1))
    return 1 if near < far else last
