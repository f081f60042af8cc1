"""Another number of axes, or another shape, than a layer or a model takes: what is missing."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt, prod

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.channels import channels_of, explained
from poolviz.messages.causes.fixes import (
    ADD_BATCH,
    ADD_BOTH,
    ADD_CHANNEL,
    FLATTEN,
    OTHER_DATA,
    PRINT_SHAPE,
    REMOVE_AXIS,
    because,
    fix,
)
from poolviz.messages.message import (
    PICTURES,
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

MAP_AXES = 4  # of a map with its batch: below, a tensor may be anything
_MOST_ROWS = 1_000  # of a picture; more are samples
_MOST_NOISE = 512  # numbers of a generator's noise; more are those of a flat map
_PRINT_FILES = fix("print_files")
_SIDE = 8  # a first axis this long is no number of channels of a picture
_Explained = tuple[str | None, tuple[Reason, ...], tuple[Remedy, ...]]


def rank_of(
    framework: str,
    op: str | None,
    expected: int | tuple[int, ...],
    shape: Sizes = (),
    got: int | None = None,
    layer_name: str | None = None,
    data_format: DataFormat | None = None,
    code_in: str | None = None,
    channels: int | None = None,
) -> Reading:
    """Report an input of another number of axes than `expected`.

    `expected` counts the batch; several are those without and with it. `shape` is the input with
    the axes that it has, () if the text does not state it; `channels` are those of the weights.
    """
    ranks = (expected,) if isinstance(expected, int) else expected
    given = len(shape) if shape else got
    missing, reasons, remedies = _missing(ranks, given, shape, data_format, channels)
    if op == "transposed" and ranks[-1] == MAP_AXES and len(shape) == 2:
        missing, reasons, remedies = _flat_for_transposed(shape[1], data_format)
    return Reading(
        kind=MessageKind.RANK,
        framework=framework,
        op=op,
        layer_name=layer_name,
        data_format=data_format,
        expected=ranks,
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
        reasons=(because("already_flat"),),
        remedies=(fix("no_layer"),),
        only_remedies=True,
    )


def _missing(
    ranks: tuple[int, ...],
    given: int | None,
    shape: Sizes,
    data_format: DataFormat | None,
    channels: int | None,
) -> _Explained:
    """Say which axis is missing or too many, and why; the number of axes alone allows several."""
    if given is None:
        return None, (), ()
    # The shape is wrong in itself, so no axis is said to be missing.
    if any(size is not None and size < 0 for size in shape):
        return "several", (), (PRINT_SHAPE,)
    expected = ranks[-1]
    if shape[:1] == (0,):
        return "several", (Reason(phrase("reading.reason.no_samples"), "certain"),), (_PRINT_FILES,)
    if given > expected:
        return _surplus(shape, data_format)
    if shape[1:] == (1,):
        return "several", (because("labels_as_data"),), (PRINT_SHAPE,)
    if given == 2 and expected == MAP_AXES:
        return _flat(shape)
    if given == expected - 1:
        return _one_missing(shape, given, data_format, channels)
    return "several", (), (PRINT_SHAPE if shape or len(ranks) > 1 else OTHER_DATA,)


def _one_missing(
    shape: Sizes, given: int, data_format: DataFormat | None, channels: int | None
) -> _Explained:
    """A single sample, or samples without an axis for the channels."""
    if not shape:
        return "batch_or_channels", (), (ADD_BATCH, ADD_CHANNEL)
    place = 0 if data_format == "channels_first" else -1
    size = shape[place]
    if channels is not None and channels != 1 and channels not in shape:
        return (
            "batch_or_channels",
            (because("no_axis_of_channels", channels=channels),),
            (PRINT_SHAPE,),
        )
    if given == MAP_AXES and place and channels is None and size in PICTURES:
        return "batch", (because("no_time_or_batch"),), (fix("five_axes", "five_axes"), ADD_BATCH)
    if (size in PICTURES) if channels is None else (size == channels):
        end = "last" if place else "first"
        return "batch", (because(f"no_batch_{end}", size=size),), (ADD_BATCH,)
    if given == 2:
        if channels is None:
            return "channels", (), (ADD_CHANNEL,)
        return "batch_or_channels", (), (ADD_BATCH, ADD_CHANNEL)
    first = shape[0]
    if first is None:  # the batch is there
        return "channels", (because("no_channels"),), (ADD_CHANNEL,)
    if channels == 1 or (channels is None and (first >= _SIDE or first == 1)):
        fixes = (ADD_CHANNEL, ADD_BATCH)[: 1 if first > _MOST_ROWS else 2]
        return "channels", (because("no_channels"),), fixes
    return "batch_or_channels", (), (ADD_BATCH, ADD_CHANNEL)


def _flat(shape: Sizes) -> _Explained:
    """A flat sample per row, or one picture without batch and channels."""
    before = fix("before_flatten")
    if len(shape) != 2:
        return "flat", (because("flat"),), (before,)
    rows, features = shape
    # As many rows as columns: one square picture rather than a batch.
    if rows is not None and rows == features:
        return "batch_or_channels", (because("one_picture"),), (ADD_BOTH,)
    for count in PICTURES:
        side = isqrt(features // count) if features and features % count == 0 else 0
        if side >= 8 and side * side * count == features:
            words = because("flat_picture", size=features, sides=(side, side, count))
            turn = fix("to_picture", "to_picture", channels=count, height=side, width=side)
            return "flat", (words,), (turn, before)
    return "flat", (because("flat"),), (before,)


def _flat_for_transposed(features: int | None, data_format: DataFormat | None) -> _Explained:
    """A row per sample in front of a transposed convolution: the noise of a generator."""
    if features is None or features > _MOST_NOISE:
        return "flat", (because("flat_for_transposed"),), (fix("before_transposed"),)
    sizes = (features, 1, 1) if data_format == "channels_first" else (1, 1, features)
    turn = fix("to_one_cell", "unflatten", sizes=str(sizes))
    return "flat", (because("noise", size=features),), (turn, fix("before_transposed"))


def _surplus(shape: Sizes, data_format: DataFormat | None) -> _Explained:
    """Too many axes: one of size 1 is the one to remove."""
    if len(shape) > 2 and shape[0] is None and shape[1] is None:
        return "surplus", (because("batched_twice"),), (REMOVE_AXIS,)
    # Not the first axis: a batch of one sample is a batch.
    if 1 in shape[1:]:
        place = shape.index(1, 1)
        remove = fix("remove_axis", "remove_axis", axis=place)
        return "surplus", (because("single_axis", axis=place),), (remove,)
    if shape and data_format == "channels_first":
        return "surplus", (), (fix("merge_axes", "merge_axes"), REMOVE_AXIS)
    return "surplus", (), (REMOVE_AXIS,)


# --- the shape of a model ------------------------------------------------------------------------


def input_of(
    framework: str,
    expected: Sizes,
    got: Sizes,
    layer_name: str | None = None,
    data_format: DataFormat | None = None,
    code_in: str | None = None,
) -> Reading | None:
    """Report a model that gets another shape; both have their batch axis. None if they agree."""
    data_format = data_format or order_of(expected)
    if len(expected) != len(got):
        # Open sizes count as one on both sides, so they do not decide.
        if prod(size or 1 for size in expected[1:]) == prod(size or 1 for size in got[1:]):
            return _same_numbers(framework, expected, got, layer_name, code_in)
        return rank_of(framework, None, len(expected), got, None, layer_name, data_format, code_in)
    pairs = list(zip(expected[1:], got[1:], strict=True))
    differing = [i for i, pair in enumerate(pairs) if None not in pair and pair[0] != pair[1]]
    if not differing:
        return None
    order = data_format or "channels_last"
    (spatial, channels), (wanted, wanted_channels) = (
        apart(shape, order) for shape in (got, expected)
    )
    if differing == [len(pairs) - 1 if order == "channels_last" else 0]:
        return channels_of(
            framework,
            wanted_channels or 0,
            channels or 0,
            got,
            None,
            layer_name,
            order,
            code_in,
        )
    axes = axes_of(len(spatial), input_size=spatial) if len(spatial) in AXIS_NAMES else ()
    named = zip(axes, wanted, strict=False)
    is_channel = expected[-1] == 1 == got[1]  # an axis of 1 at the other end
    if expected[-1] == 1 and not is_channel and expected[1:-1] == got[2:]:
        return _batch_as_channels(framework, expected, got, layer_name, code_in)
    # The same sizes in another order: the axes are exchanged, and no side is wrong.
    is_turned = sorted(map(str, expected[1:])) == sorted(map(str, got[1:]))
    reasons, remedies = explained(wanted_channels, channels, got, order) if is_turned else ((), ())
    no_side = bool(reasons)
    if not reasons and is_turned and wanted == spatial[::-1] and len(spatial) == 2:
        reasons, remedies = (because("sides_exchanged"),), (fix("exchange_sides", "swap_sides"),)
    is_flat = [size for size in got[1:] if size != 1] == [prod(size or 0 for size in expected[1:])]
    if is_flat and not is_turned:
        shown = ", ".join(map(str, (-1, *expected[1:])))
        reasons = (because("as_many_numbers", size=max(size or 0 for size in got[1:])),)
        remedies = (Remedy(phrase("reading.fix.to_picture"), f"x = x.reshape([{shown}])"),)
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework=framework,
        layer_name=layer_name,
        axes=axes,
        failing_axes=()
        if no_side
        else tuple(
            axis.name for axis, size in named if axis.name and size not in (None, axis.input_size)
        ),
        data_format=order,
        channels=channels,
        expected=expected[1:],
        got=got[1:],
        shapes=(expected, got),
        reasons=reasons,
        remedies=remedies,
        only_remedies=is_flat,
        code_in=code_in,
    )


def _batch_as_channels(
    framework: str, expected: Sizes, got: Sizes, layer_name: str | None, code_in: str | None
) -> Reading:
    """Report samples without their channel axis, in a batch that is not counted as one."""
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework=framework,
        layer_name=layer_name,
        data_format="channels_last",
        expected=expected[1:],
        got=got[1:],
        shapes=(expected, got),
        certainty="likely",
        reasons=(because("no_channels"),),
        remedies=(ADD_CHANNEL,),
        code_in=code_in,
    )


def _same_numbers(
    framework: str, expected: Sizes, got: Sizes, layer_name: str | None, code_in: str | None
) -> Reading:
    """Report a shape of as many numbers, in another number of axes."""
    is_flat = len(expected) == 2
    lacks_channel = len(got) == len(expected) - 1 and expected[-1] == 1
    remedy = FLATTEN if is_flat else ADD_CHANNEL if lacks_channel else OTHER_DATA
    row = Remedy(phrase("reading.fix.one_row"), f"x = x.reshape(-1, {expected[1]})")
    if len(got) == 2 and None not in expected[1:] and not lacks_channel:
        shape = ", ".join(str(size) for size in (-1, *expected[1:]))
        remedy = Remedy(phrase("reading.fix.to_picture"), f"x = x.reshape({shape})")
    return Reading(
        kind=MessageKind.RANK,
        framework=framework,
        layer_name=layer_name,
        expected=(len(expected),),
        got=(len(got),),
        shapes=(got,),
        missing="flatten" if is_flat else "channels" if lacks_channel else None,
        remedies=(remedy, row) if is_flat else (remedy,),
        only_remedies=True,
        code_in=code_in,
    )


def other_batch(framework: str, expected: int, got: int, name: str | None = None) -> Reading:
    """Report another size of the first axis, which is the batch by convention."""
    named = name or "input"
    fixes = (fix("batch_of", batch=expected), fix("open_batch", "open_batch", name=named))
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework=framework,
        layer_name=name,
        argument="batch",
        expected=(expected,),
        got=(got,),
        remarks=(phrase("reading.note.first_axis"),),
        remedies=fixes,
        only_remedies=True,
    )


def reflection_of(
    framework: str, pads: tuple[int, int], size: int, layer_name: str | None = None
) -> Reading:
    """Report reflected padding that is not smaller than its input."""
    padding: int | tuple[int, int] = pads[0] if pads[0] == pads[1] else pads
    [axis] = axes_of(1, input_size=(size,), padding=(padding,))
    return Reading(
        kind=MessageKind.REFLECTION,
        framework=framework,
        layer_name=layer_name,
        axes=(replace(axis, name=None),),
        remarks=(phrase("reading.note.unnamed"),),
    )
