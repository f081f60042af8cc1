"""Another number of channels than the weights expect: the order of the axes, grey, colour, RGBA."""

from __future__ import annotations

from math import gcd

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.message import (
    DataFormat,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    apart,
    axes_of,
)

_MAP = 4  # axes of a feature map with its batch
_PICTURE_FIXES = {(3, 4): "to_rgb", (1, 4): "to_grey", (3, 1): "repeat_grey", (1, 3): "to_grey"}


def explained(
    expected: int | None,
    got: int | None,
    shape: Sizes,
    taken: DataFormat,
    has_batch: bool = True,
) -> tuple[tuple[Reason, ...], tuple[Remedy, ...]]:
    """Return why the channels differ, and what helps, as far as the numbers show it.

    `shape` is the input, () where the text does not have it; `taken` is the order of axes that
    the layer expects. The order is blamed only where an axis has the number.
    """
    if expected is None or got is None or expected == got:
        return (), ()
    if _is_turned(expected, shape, taken, has_batch):
        turn = fix(f"to_{taken}", taken, place=_place(shape, taken, has_batch))
        return (because(f"turned_to_{taken}", size=expected),), (turn,)
    if len(shape) > _MAP and shape[2] == expected and taken == "channels_first":
        swap = fix("swap_frames", "swap_frames")
        return (because("frames_first", size=expected),), (swap,)
    fixes = picture_fixes(expected, got)
    return ((because(f"picture_of_{got}", expected=expected),), fixes) if fixes else ((), ())


def _place(shape: Sizes, taken: DataFormat, has_batch: bool) -> int:
    """Return where the channels belong; counted from the end where a batch of 1 may be none.

    PyTorch prints the shape of a single sample with a batch axis of 1.
    """
    if taken == "channels_last" or (has_batch and shape[0] != 1):
        return int(has_batch)
    return int(has_batch) - len(shape)


def picture_fixes(expected: int, got: int) -> tuple[Remedy, ...]:
    """Return what turns pictures of `got` channels into those of `expected`; () for others."""
    name = _PICTURE_FIXES.get((expected, got))
    return () if name is None else (fix(name, name),)


def _is_turned(expected: int, shape: Sizes, taken: DataFormat, has_batch: bool) -> bool:
    """Return whether the wanted number is where the other order has the channels."""
    if len(shape) < 3:
        return False
    first, last = int(has_batch), -1
    place, other = (last, first) if taken == "channels_last" else (first, last)
    return shape[other] == expected != shape[place]


def channels_of(
    framework: str,
    expected: int,
    got: int,
    shape: Sizes = (),
    op: str | None = "conv",
    layer_name: str | None = None,
    data_format: DataFormat | None = None,
    code_in: str | None = None,
) -> Reading:
    """Report weights for `expected` channels on an input of `got`; `shape` has its batch axis.

    An order of axes that the text does not state is concluded from the shape.
    """
    if data_format is None and shape and (shape[-1] == got) != (shape[1] == got):
        data_format = "channels_last" if shape[-1] == got else "channels_first"
    reasons, remedies = explained(expected, got, shape, data_format or "channels_last")
    known = data_format is not None and len(shape) - 2 in AXIS_NAMES
    spatial = apart(shape, data_format or "channels_last")[0] if known else ()
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


def undivided(
    framework: str, channels: int, groups: int, shape: Sizes = (), layer: str = "…"
) -> Reading | None:
    """Report channels that do not divide into groups, or into the cells of an enlarged map.

    `layer` is the code of a layer with other groups: "…" where the framework has no such line, ""
    where the layer has no groups.

    >>> undivided("pytorch", 20, 8, (), "nn.GroupNorm({groups}, {channels})").remedies[0].code
    'nn.GroupNorm(4, 20)'
    """
    if groups < 1 or channels % groups == 0:
        return None
    both = gcd(channels, groups)
    code = layer.format(groups=both, channels=channels) if layer != "…" else ""
    words = phrase("reading.fix.groups_that_divide", channels=channels, groups=both)
    other = Remedy(phrase("reading.fix.channels_multiple", multiple=groups))
    return Reading(
        kind=MessageKind.DIVISIBLE,
        framework=framework,
        argument="channels",
        channels=channels,
        expected=(groups,),
        got=(channels,),
        shapes=(shape,) if shape else (),
        remedies=(Remedy(words, code), other) if layer else (other,),
        only_remedies=True,
    )


def undivided_sizes(
    framework: str, multiple: int, sizes: Sizes, is_picture: bool = True
) -> Reading | None:
    """Report sizes that are no multiples; None where all are, or where the text has none."""
    if multiple < 2 or not any(size and size % multiple for size in sizes):
        return None
    larger = tuple(-(-(size or 0) // multiple) * multiple for size in sizes)
    other = Remedy(phrase("reading.fix.to_multiple", multiple=multiple, sizes=larger))
    pad = fix("pad_to", "pad_to", multiple=multiple)
    return Reading(
        kind=MessageKind.DIVISIBLE,
        framework=framework,
        expected=(multiple,),
        got=sizes,
        remedies=(pad, other) if is_picture and len(sizes) < 3 else (other,),
        only_remedies=True,
    )


def normalised_last(framework: str, wanted: Sizes, shape: Sizes, to_last: str) -> Reading | None:
    """Report a LayerNorm on a feature map; None for sequences, of which it says the same.

    `wanted` are the last axes that it is built for; `to_last` is the code that turns the input.
    """
    last = shape[-len(wanted) :]
    if len(shape) < _MAP or not wanted or wanted == last:
        return None
    if len(wanted) > 1:
        built = Remedy(phrase("reading.fix.norm_shape"), f"nn.LayerNorm({last})")
        return Reading(
            kind=MessageKind.INPUT_SHAPE,
            framework=framework,
            op="norm",
            expected=wanted,
            got=last,
            shapes=(shape,),
            remedies=(built,),
            only_remedies=True,
        )
    turn = Remedy(phrase("reading.fix.norm_channels_last"), to_last)
    built = Remedy(phrase("reading.fix.norm_built_for", size=last[0]), f"nn.LayerNorm({last[0]})")
    is_turned = shape[1] == wanted[0]
    return Reading(
        kind=MessageKind.CHANNELS,
        framework=framework,
        op="norm",
        argument="last",
        expected=wanted,
        got=last,
        shapes=(shape,),
        reasons=(because("channels_in_axis_1", size=wanted[0]),) if is_turned else (),
        remedies=(turn,) if is_turned else (built,),
        only_remedies=True,
    )


def unknown_channels(
    framework: str, layer_name: str | None = None, code_in: str | None = None
) -> Reading:
    """Report channels that differ, of which the text has no number."""
    return Reading(
        kind=MessageKind.CHANNELS,
        framework=framework,
        op="conv",
        layer_name=layer_name,
        certainty="likely",
        remarks=(phrase("reading.note.no_number"),),
        code_in=code_in,
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
