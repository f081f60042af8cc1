"""Shapes that do not go together: of an input, of added tensors, of a reshape, of labels."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import Phrase, counted, phrase
from poolviz.messages.channels import PICTURES, explained
from poolviz.messages.downstream import SHAPES
from poolviz.messages.factors import batch_of_maps, ratio_of_sides
from poolviz.messages.message import (
    WIDE,
    AxisReading,
    DataFormat,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    apart,
    axes_of,
)
from poolviz.messages.pattern import Found, sizes_in

_BATCH = Remedy(phrase("reading.fix.add_batch"), snippet="add_batch")
_CHANNEL = Remedy(phrase("reading.fix.add_channel"), snippet="add_channel")
_SURPLUS = Remedy(phrase("reading.fix.remove_axis"), snippet="remove_axis")
_TOO_MANY = Remedy(phrase("reading.fix.remove_axis"))
_FLATTEN = Remedy(phrase("reading.fix.flatten"), snippet="flatten")
_FLATTEN_EACH = Remedy(phrase("reading.fix.flatten_per_sample"), snippet="flatten")
_GLOBAL = Remedy(phrase("reading.fix.global_pooling"), snippet="global_pool")
_CROP = Remedy(phrase("reading.fix.crop"), snippet="crop")
_RESIZE = Remedy(phrase("reading.fix.resize"), snippet="resize")
_PRINT = Remedy(phrase("reading.fix.print_shapes"), snippet="print_shape")
_DATA = Remedy(phrase("reading.fix.shape_of_model"))
_RESHAPE = Remedy(phrase("reading.fix.before_flatten"))

_DIVISIBLE = Remedy(phrase("reading.fix.divisible_input"))

PIXELS = 1_000  # rows of labels: more than the samples of a usual batch
MAP_AXES = 4  # of a map with its batch: below, a tensor may be anything


def _because(key: str, **fields: object) -> Reason:
    return Reason(phrase(f"reading.because.{key}", **fields))


# --- the input of a layer or a model -------------------------------------------------------------


def rank_of(
    framework: str,
    op: str | None,
    expected: int,
    shape: Sizes,
    got: int | None = None,
    layer_name: str | None = None,
    data_format: DataFormat | None = "channels_last",
    code_in: str | None = None,
) -> Reading:
    """Report an input of another number of axes than `expected`, which counts the batch.

    `shape` is the input with the axes that it has, () if the text does not state it.
    """
    given = len(shape) if shape else got
    missing, reasons, remedies = _missing(expected, given, shape, data_format)
    return Reading(
        kind=MessageKind.RANK,
        framework=framework,
        op=op,
        layer_name=layer_name,
        data_format=data_format,
        expected=(expected,),
        got=() if given is None else (given,),
        shapes=(shape,) if shape else (),
        missing=missing,
        reasons=reasons,
        remedies=remedies,
        only_remedies=bool(remedies),
        code_in=code_in,
    )


def already_flat(framework: str, expected: int, layer_name: str) -> Reading:
    """Report a Flatten whose input has one row of numbers per sample."""
    return Reading(
        kind=MessageKind.RANK,
        framework=framework,
        layer_name=layer_name,
        expected=(expected,),
        got=(2,),
        missing="flat",
        reasons=(_because("already_flat"),),
        remedies=(Remedy(phrase("reading.fix.no_layer")),),
        only_remedies=True,
    )


_Missing = tuple[str | None, tuple[Reason, ...], tuple[Remedy, ...]]


def _missing(
    expected: int, given: int | None, shape: Sizes, data_format: DataFormat | None
) -> _Missing:
    if given is None:
        return None, (), ()
    if given > expected:
        return _surplus(shape)
    if given == 2 and expected >= MAP_AXES:
        return "flat", (_because("flat"),), (_RESHAPE,)
    if given != expected - 1:
        return None, (), (_DATA,)
    if not shape:
        return "batch_or_channels", (), (_BATCH, _CHANNEL)
    is_last = data_format == "channels_last"
    channels = shape[-1] if is_last else shape[0]
    if channels in PICTURES:
        first_or_last = "because" if is_last else "reason"
        words = phrase(f"reading.{first_or_last}.no_batch", size=channels)
        return "batch", (Reason(words),), (_BATCH,)
    if given == 2:
        return "channels", (), (_CHANNEL,)
    first = shape[0]
    if first is None:  # the batch is there
        return "channels", (_because("no_channels"),), (_CHANNEL,)
    if first >= 8 or first == 1:
        return "channels", (_because("no_channels"),), (_CHANNEL, _BATCH)
    return "batch_or_channels", (), (_BATCH, _CHANNEL)


def _surplus(shape: Sizes) -> _Missing:
    if len(shape) > 2 and shape[0] is None and shape[1] is None:
        return "surplus", (_because("batched_twice"),), (_TOO_MANY,)
    if 1 in shape[1:]:
        place = shape.index(1, 1)
        fix = _SURPLUS if place == 1 else _TOO_MANY
        return "surplus", (_because("single_axis", axis=place),), (fix,)
    return "surplus", (), (_TOO_MANY,)


def input_of(
    framework: str,
    expected: Sizes,
    got: Sizes,
    layer_name: str | None = None,
    data_format: DataFormat = "channels_last",
    code_in: str | None = None,
) -> Reading | None:
    """Report a model that gets another shape; both have their batch axis. None if they agree."""
    if len(expected) != len(got):
        if prod(size or 1 for size in expected[1:]) == prod(size or 1 for size in got[1:]):
            return _same_numbers(framework, expected, got, layer_name, code_in)
        return rank_of(framework, None, len(expected), got, None, layer_name, data_format, code_in)
    pairs = list(zip(expected[1:], got[1:], strict=True))
    differing = [i for i, pair in enumerate(pairs) if None not in pair and pair[0] != pair[1]]
    (spatial, channels), (wanted, wanted_channels) = (
        apart(shape, data_format) for shape in (got, expected)
    )
    place = len(pairs) - 1 if data_format == "channels_last" else 0
    if not differing:
        return None
    reasons, remedies = explained(wanted_channels, channels, got, data_format)
    if differing == [place]:
        return Reading(
            kind=MessageKind.CHANNELS,
            framework=framework,
            layer_name=layer_name,
            channels=channels,
            data_format=data_format,
            expected=(wanted_channels,),
            got=(channels,),
            shapes=(got,),
            reasons=reasons,
            remedies=remedies,
            code_in=code_in,
        )
    axes = axes_of(len(spatial), input_size=spatial) if len(spatial) in AXIS_NAMES else ()
    named = zip(axes, wanted, strict=False)
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework=framework,
        layer_name=layer_name,
        axes=axes,
        failing_axes=tuple(
            axis.name for axis, size in named if axis.name and size not in (None, axis.input_size)
        ),
        data_format=data_format,
        channels=channels,
        expected=expected[1:],
        got=got[1:],
        shapes=(expected, got),
        reasons=reasons if sorted(map(str, expected[1:])) == sorted(map(str, got[1:])) else (),
        remedies=remedies if sorted(map(str, expected[1:])) == sorted(map(str, got[1:])) else (),
        code_in=code_in,
    )


def _same_numbers(
    framework: str, expected: Sizes, got: Sizes, layer_name: str | None, code_in: str | None
) -> Reading:
    """Report a shape of as many numbers, in another number of axes."""
    is_flat = len(expected) == 2
    remedies = (_FLATTEN,) if is_flat else (_CHANNEL,) if expected[-1] == 1 else (_DATA,)
    return Reading(
        kind=MessageKind.RANK,
        framework=framework,
        layer_name=layer_name,
        expected=(len(expected),),
        got=(len(got),),
        shapes=(got,),
        missing="flatten" if is_flat else "channels" if expected[-1] == 1 else None,
        remedies=remedies,
        only_remedies=True,
        code_in=code_in,
    )


def channels_of(
    framework: str,
    expected: int,
    got: int,
    shape: Sizes = (),
    op: str | None = "conv",
    layer_name: str | None = None,
    data_format: DataFormat = "channels_last",
    code_in: str | None = None,
) -> Reading:
    """Report weights for `expected` channels on an input of `got`; `shape` has its batch axis."""
    reasons, remedies = explained(expected, got, shape, data_format)
    spatial = apart(shape, data_format)[0] if len(shape) - 2 in AXIS_NAMES else ()
    return Reading(
        kind=MessageKind.CHANNELS,
        framework=framework,
        op=op,
        layer_name=layer_name,
        axes=axes_of(len(spatial), input_size=spatial) if spatial else (),
        channels=got,
        data_format=data_format,
        expected=(expected,),
        got=(got,),
        shapes=(shape,) if shape else (),
        reasons=reasons,
        remedies=remedies,
        code_in=code_in,
    )


# --- sums ----------------------------------------------------------------------------------------


def sum_of(
    framework: str,
    first: Sizes,
    second: Sizes,
    layer_name: str | None = None,
    data_format: DataFormat = "channels_last",
    code_in: str | None = None,
    op: str | None = "add",
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
    if len(first) == MAP_AXES and places == [2, 3] and _is_square(first) and _is_square(second):
        data_format = "channels_first"  # the channels agree
    spatial = apart(first, data_format)[0]
    names = AXIS_NAMES.get(len(spatial), ())
    before = 1 if data_format == "channels_last" else 2
    failing = tuple(names[i - before] for i in places if 0 <= i - before < len(names))
    channel = len(first) - 1 if data_format == "channels_last" else 1
    if places == [channel] and abs((first[channel] or 0) - (second[channel] or 0)) == 1:
        return None  # no layers have such channels: lengths of sequences
    reasons, remedies = _differences(first, second, places, channel)
    return Reading(
        kind=MessageKind.SUM,
        framework=framework,
        op=op,
        layer_name=layer_name,
        axes=tuple(
            AxisReading(name=name, input_size=size)
            for name, size in zip(names, spatial, strict=False)
        ),
        failing_axes=failing,
        data_format=data_format,
        shapes=(first, second),
        expected=tuple(first[i] for i in places),
        got=tuple(second[i] for i in places),
        is_of_maps=len(first) >= MAP_AXES and channel not in places,
        certainty="likely",
        reasons=reasons,
        remedies=remedies,
        code_in=code_in,
    )


def _is_square(shape: Sizes) -> bool:
    return shape[2] == shape[3]


def _cannot(one: int | None, other: int | None) -> bool:
    return one != other and None not in (one, other) and 1 not in (one, other)


def _differences(
    first: Sizes, second: Sizes, places: list[int], channel: int
) -> tuple[tuple[Reason, ...], tuple[Remedy, ...]]:
    pairs = [(first[i] or 0, second[i] or 0) for i in places]
    if places == [channel]:
        one, other = pairs[0]
        words = phrase("reading.fix.shortcut", channels=counted(one, "channel"))
        return (_because("sum_of_channels", one=one, other=other),), (Remedy(words),)
    small, large = sorted(pairs[0])
    if all(abs(one - other) == 1 for one, other in pairs):
        return (_because("by_one"),), ()
    if (
        small
        and large % small == 0
        and all(max(pair) == min(pair) * (large // small) for pair in pairs)
    ):
        words = phrase("reading.fix.same_stride")
        said = {"large": large, "small": small, "times": large // small}
        return (_because("times", **said),), (Remedy(words),)
    return (), ()


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
    along = along if along is None or along >= 0 else along + len(first)
    if along is None:
        along = _joining_axis(first, other, differs)
    places = [differs] if differs is not None else _places(first, other, along)
    is_along_another = not places
    places = places or _places(first, other, None)
    data_format: DataFormat = "channels_first" if along == 1 and len(first) > 3 else "channels_last"
    before = 1 if data_format == "channels_last" else 2
    names = AXIS_NAMES.get(len(first) - 2, ())
    failing = tuple(names[i - before] for i in places if 0 <= i - before < len(names))
    note = phrase("reading.note.joined_along_another_axis")
    is_of_maps = (
        not is_along_another
        and len(first) >= MAP_AXES
        and len(failing) == len(places)
        and along in (1, len(first) - 1)
    )
    spatial = apart(first, data_format)[0]
    channel = len(first) - 1 if data_format == "channels_last" else 1
    reasons, remedies = ((), ()) if not is_of_maps else _differences(first, other, places, channel)
    return Reading(
        kind=MessageKind.CONCATENATE,
        framework=framework,
        op="concatenate",
        layer_name=layer_name,
        axes=axes_of(len(names), input_size=spatial) if is_of_maps else (),
        failing_axes=failing if is_of_maps else (),
        data_format=data_format if is_of_maps else None,
        shapes=shapes,
        expected=tuple(first[i] for i in places),
        got=tuple(other[i] for i in places),
        is_of_maps=is_of_maps,
        certainty="likely",
        reasons=reasons,
        remedies=remedies,
        remarks=(note,) if is_along_another else (),
        code_in=code_in,
    )


def joined_shapes_of(framework: str) -> Callable[[Found], Reading | None]:
    """Read a text with all shapes, field "shapes", and perhaps the axis, field "along"."""

    def read(found: Found) -> Reading | None:
        shapes = tuple(sizes_in(shape) for shape in SHAPES.findall(found["shapes"]))
        return joined_of(framework, shapes, found.optional("along")) if shapes else None

    return read


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


# --- reshapes and labels -------------------------------------------------------------------------


def reshape_of(
    framework: str,
    total: int,
    wanted: int,
    layer_name: str | None = None,
    code_in: str | None = None,
) -> Reading | None:
    """Report `total` numbers that do not go into rows of `wanted`, or into so many numbers."""
    if total == wanted:
        return None
    reasons: tuple[Reason, ...] = ()
    maps = batch_of_maps(wanted, total)
    ratio = ratio_of_sides(wanted, total)
    if ratio is not None and max(ratio) <= 32 and ratio != (1, 1):
        reasons = (Reason(_ratio_words(total, wanted, ratio)),)
    elif maps and total > wanted:
        one = maps[0]
        sides = {"got": (one.side, one.side), "usual": (one.usual, one.usual)}
        reasons = (_because("maps", channels=one.channels, batch=one.batch, **sides),)
    return Reading(
        kind=MessageKind.RESHAPE,
        framework=framework,
        op=None,
        layer_name=layer_name,
        expected=(wanted,),
        got=(total,),
        certainty="likely" if reasons else "certain",
        reasons=reasons,
        remedies=(_FLATTEN_EACH,),
        code_in=code_in,
    )


def _ratio_words(total: int, wanted: int, ratio: tuple[int, int]) -> Phrase:
    high, low = ratio
    times = 7 if min(ratio) == 1 else next(n for n in range(1, 33) if min(ratio) * n >= 4)
    said = {"got": (high * times,) * 2, "usual": (low * times,) * 2}
    return phrase("reading.because.ratio", total=total, wanted=wanted, high=high, low=low, **said)


def rows_of(
    framework: str,
    outputs: int,
    targets: int,
    shapes: tuple[Sizes, ...] = (),
    code_in: str | None = None,
) -> Reading | None:
    """Report a loss of `outputs` rows against `targets`; None if they agree."""
    if outputs == targets or not outputs or not targets:
        return None
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    if outputs % targets == 0:
        parts = outputs // targets
        reasons = (_because("cut", outputs=outputs, parts=parts, targets=targets),)
    elif min(outputs, targets) >= PIXELS:
        reasons, remedies = (_because("pixels"),), (_CROP, _RESIZE, _DIVISIBLE)
    return Reading(
        kind=MessageKind.TARGET,
        framework=framework,
        expected=(outputs,),
        got=(targets,),
        shapes=shapes,
        certainty="likely" if reasons else "certain",
        reasons=reasons,
        remedies=remedies,
        only_remedies=bool(remedies),
        code_in=code_in,
    )


def map_at_the_end() -> tuple[tuple[Reason, ...], tuple[Remedy, ...]]:
    """Return why a feature map stands against one row per sample, and what helps."""
    return (_because("map_at_the_end"),), (_FLATTEN, _GLOBAL)


def target_of(
    framework: str, output: Sizes, target: Sizes, code_in: str | None = None
) -> Reading | None:
    """Report an output and a target with their batch axes; None where no map is in sight."""
    if len(output) >= 3 and len(target) < len(output) and len(target) <= 2:
        reasons, remedies = map_at_the_end()
    elif len(output) == len(target) >= MAP_AXES and output[1:] != target[1:]:
        if output[1:-1] == target[1:-1]:
            return None  # the number of classes
        reasons, remedies = (_because("other_output"),), (_CROP, _RESIZE, _PRINT)
    else:
        return None
    return Reading(
        kind=MessageKind.TARGET,
        framework=framework,
        expected=output[1:],
        got=target[1:],
        shapes=(output, target),
        certainty="likely",
        reasons=reasons,
        remedies=remedies,
        only_remedies=True,
        code_in=code_in,
    )


def reflection_of(
    framework: str, pads: tuple[int, int], size: int, layer_name: str | None = None
) -> Reading:
    """Report reflected padding that is not smaller than its input."""
    padding: int | tuple[int, int] = pads[0] if pads[0] == pads[1] else pads
    return Reading(
        kind=MessageKind.REFLECTION,
        framework=framework,
        layer_name=layer_name,
        axes=(AxisReading(input_size=size, padding=padding),),
        remarks=(phrase("reading.note.unnamed"),),
    )


def layout_of(
    framework: str, op: str | None, layer_name: str | None, code_in: str | None
) -> Reading:
    """Report a layer that takes channels last only, on channels-first data."""
    return Reading(
        kind=MessageKind.LAYOUT,
        framework=framework,
        op=op,
        layer_name=layer_name,
        data_format="channels_first",
        code_in=code_in,
    )
