"""The content of a message as numbers: one frozen object that all patterns fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal

from poolviz.arithmetic.layers.pool import AXIS_NAMES, Padding, Pool
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.i18n.phrase import Phrase, axis_word, phrase

Sizes = tuple[int | None, ...]
Certainty = Literal["certain", "likely", "guess"]
DataFormat = Literal["channels_last", "channels_first"]

LAYOUTS: tuple[DataFormat, ...] = ("channels_last", "channels_first")
LAYOUT_NOTE = phrase("reading.note.layout")
UNNAMED_NOTE = phrase("reading.note.unnamed")
UNSTATED_NOTE = phrase("reading.note.no_kernel_no_failing_axis")
NARROW = (1, 3)  # a height this small may be the channels
PICTURES = (1, 3, 4)  # channels of grey, RGB and RGBA pictures
WIDE = 8  # if another axis is at least this long


class MessageKind(StrEnum):
    """Kind of failure, named as in `diagnosis.layer.findings.Cause` where it exists there."""

    NO_FIT = "kernel does not fit"
    PADDING_LIMIT = "padding limit"
    EMPTY_INPUT = "empty input"
    ARGUMENT = "argument"
    NOT_WHOLE = "output size is not whole"
    CHANNELS = "channels"
    RANK = "number of axes"
    LINEAR = "linear"
    CONCATENATE = "concatenate"
    MINIMUM = "minimum input"
    INPUT_SHAPE = "input shape"
    OPEN_SIZE = "open size"
    RESHAPE = "reshape"
    TARGET = "output and target"
    CLASSES = "number of classes"
    SUM = "sum"
    LAYOUT = "layout"
    ONE_VALUE = "one value per channel"
    REFLECTION = "reflection padding"
    DIVISIBLE = "divisibility"
    UNPOOL = "unpooling"


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisReading:
    """Numbers of one spatial axis; None for what the text does not state, even the name.

    `padding` is a number where both sides are alike, else a pair (before, after).
    """

    name: str | None = None
    input_size: int | None = None
    padded_size: int | None = None
    kernel_size: int | None = None
    effective_kernel_size: int | None = None
    stride: int | None = None
    padding: int | tuple[int, int] | None = None
    dilation: int | None = None
    output_size: int | None = None

    @property
    def span(self) -> int | None:
        """Elements that a window spans, if known."""
        if self.effective_kernel_size is None and self.dilation in (None, 1):
            return self.kernel_size
        return self.effective_kernel_size

    @property
    def room(self) -> int | None:
        """Elements that a window may cover, if known."""
        return self.input_size if self.padded_size is None else self.padded_size

    @property
    def fails(self) -> bool:
        """True when no window fits by these numbers."""
        if self.output_size is not None:
            return self.output_size < 1
        return self.span is not None and self.room is not None and self.span > self.room


@dataclass(frozen=True, slots=True)
class Reason:
    """Cause of a failure: "certain" if it follows from the numbers, "likely" if they allow it."""

    words: Phrase
    certainty: Certainty = "likely"


@dataclass(frozen=True, slots=True)
class Remedy:
    """A fix in words, and a line of code to copy, or "".

    `snippet` is the name of such a line in `Snippets`, for fixes that every framework has, and
    `fields` are the numbers to fill in there.
    """

    words: Phrase
    code: str = ""
    snippet: str = ""
    fields: tuple[tuple[str, int | str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Result of a message pattern. `decode` turns it into a `Message`.

    `reasons` come before all fixes, the best first; `remedies` come before those that the kind
    of failure always has, or in their place if `only_remedies`.
    """

    kind: MessageKind
    framework: str
    op: str | None = None
    layer_name: str | None = None
    axes: tuple[AxisReading, ...] = ()
    failing_axes: tuple[str, ...] = ()
    data_format: DataFormat | None = None
    channels: int | None = None
    certainty: Certainty = "certain"
    remarks: tuple[Phrase, ...] = ()
    shapes: tuple[Sizes, ...] = ()  # whole shapes, as they were written
    expected: Sizes = ()  # numbers that the layer expects, where the text states them
    got: Sizes = ()
    argument: str | None = None
    layer: Pool | None = None
    code_in: str | None = None  # framework of the user's code, where it is another
    outputs: int | None = None  # of a linear layer
    is_of_maps: bool = False  # the inputs that are joined are feature maps
    missing: str | None = None  # of RANK, as in `Message`
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    only_remedies: bool = False

    @property
    def causes(self) -> tuple[str, ...]:
        """Reasons in words; one that is only likely is marked as such."""
        return tuple(str(reason.words) for reason in (*self.reasons, *used_up(self)))

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks in words: assumptions, contradictions, and what the text leaves open."""
        return tuple(map(str, self.remarks))

    @property
    def axis(self) -> str | None:
        """First axis that fails; None where the text does not name one."""
        return self.failing_axes[0] if self.failing_axes else None


def used_up(reading: Reading) -> tuple[Reason, ...]:
    """Return why a window does not fit where nothing but one cell is left of the map."""
    rooms = {axis.room for axis in reading.axes if axis.name}
    is_whole = all(axis.name for axis in reading.axes) and rooms == {1}
    fits = any(axis.span is not None and axis.span <= 1 for axis in reading.axes)
    # A transposed convolution fails because of its padding, not because little is left.
    is_other = reading.kind is not MessageKind.NO_FIT or reading.op == "transposed"
    if is_other or not is_whole or fits:
        return ()
    return (Reason(phrase("reading.reason.used_up", sizes=(1,) * len(reading.axes))),)


def axes_of(ndim: int, **columns: Sequence[Any] | None) -> tuple[AxisReading, ...]:
    """Build one reading per axis from one sequence per quantity; None or a short one is unknown.

    >>> axes_of(2, input_size=(4, 6), kernel_size=None)[1].input_size
    6
    """
    said = {name: column for name, column in columns.items() if column and len(column) >= ndim}
    return tuple(
        AxisReading(name=AXIS_NAMES[ndim][i], **{name: column[i] for name, column in said.items()})
        for i in range(ndim)
    )


def failing(axes: Sequence[AxisReading]) -> tuple[str, ...]:
    """Names of the axes on which no window fits."""
    return tuple(axis.name for axis in axes if axis.fails and axis.name)


def spans(kernel: Sequence[int | None], dilation: Sequence[int | None]) -> Sizes:
    """Effective kernel sizes; None where kernel or dilation is unknown."""
    return tuple(
        None if k is None or d is None else effective_kernel_size(k, d)
        for k, d in zip(kernel, dilation, strict=True)
    )


def apart(
    shape: Sizes, data_format: DataFormat, has_batch: bool = True
) -> tuple[Sizes, int | None]:
    """Split a shape into spatial sizes and channels.

    >>> apart((None, 1, 28, 32), "channels_last"), apart((3, 8, 9), "channels_first", False)
    (((1, 28), 32), ((8, 9), 3))
    """
    sizes = shape[1:] if has_batch else shape
    return (sizes[:-1], sizes[-1]) if data_format == "channels_last" else (sizes[1:], sizes[0])


def order_of(*shapes: Sizes) -> DataFormat | None:
    """Return the order of axes that the shapes of maps show, with their batch axis; else None.

    Maps are mostly square, and a picture has 1, 3 or 4 channels.

    >>> order_of((8, 64, 15, 15), (8, 64, 16, 16)), order_of((None, 28, 30, 3))
    ('channels_first', 'channels_last')
    >>> order_of((8, 16, 16, 16), (8, 16, 17, 16)) is None
    True
    """
    if min(map(len, shapes)) < 4:
        return "channels_last"
    for has in (_is_square, _has_picture_channels):
        possible = [
            order for order in LAYOUTS if any(has(*apart(shape, order)) for shape in shapes)
        ]
        if len(possible) == 1:
            return possible[0]
    return None


def _is_square(spatial: Sizes, channels: int | None) -> bool:
    return len(set(spatial)) == 1 and spatial[0] is not None


def _has_picture_channels(spatial: Sizes, channels: int | None) -> bool:
    return channels in PICTURES and all(size is None or size >= WIDE for size in spatial)


def pair(before: int, after: int) -> int | tuple[int, int]:
    """Return one number where both sides are equal, else the pair."""
    return before if before == after else (before, after)


def contradiction(axis: AxisReading) -> tuple[Phrase, ...]:
    """Return a remark where the numbers of a failing axis would fit."""
    if axis.span is None or axis.room is None or axis.span > axis.room:
        return ()
    return (phrase("reading.note.fits_all_the_same", span=axis.span, room=axis.room),)


def order_tell(reading: Reading) -> tuple[Phrase, ...]:
    """Return a remark where an axis of a map may be the channels."""
    key, axis = narrow_axis(reading)
    if axis is None or (reading.reasons and key == "batch_may_be_missing"):
        return ()
    name = Phrase(axis_word, (axis.name,))
    return (phrase(f"reading.note.{key}", axis=name, size=axis.input_size),)


def narrow_axis(reading: Reading) -> tuple[str, AxisReading | None]:
    """Return the axis that may be the channels, and in which way; None without one."""
    axes = [axis for axis in reading.axes if axis.name is not None]
    if reading.kind is not MessageKind.NO_FIT or len(axes) < 2:
        return "", None
    read = _narrow_last if reading.data_format == "channels_last" else _narrow_first
    for axis in (axes[0], axes[-1]):
        if axis.name != reading.axis:
            continue
        longest = max(other.input_size or 0 for other in axes if other != axis)
        if longest >= WIDE:
            key = read(reading, axis, longest, axis == axes[0])
            return key, axis if key else None
    return "", None


def _narrow_last(reading: Reading, axis: AxisReading, longest: int, is_first: bool) -> str:
    """Return what a narrow axis of a channels-last map may be; "" for nothing."""
    size, channels = axis.input_size, reading.channels
    if is_first:
        if channels in PICTURES:
            return ""  # the channels of a picture are last already
        # A stride of 2 leaves 2 of 3 channels.
        if size == 2 and longest >= 2 * WIDE:
            return "channels_halved"
        is_square = size is not None and size < WIDE and longest == channels
        return "channels_may_be_first" if size in NARROW or is_square else ""
    has_open_batch = bool(reading.shapes) and reading.shapes[0][0] is None
    return "batch_may_be_missing" if size in NARROW and not has_open_batch else ""


def _narrow_first(reading: Reading, axis: AxisReading, longest: int, is_first: bool) -> str:
    """Return whether a narrow last axis may be the channels, where the channels are as a side."""
    is_square = not is_first and reading.channels == longest
    return "channels_may_be_last" if is_square and axis.input_size in NARROW else ""


def rebuilt(
    op: str | None,
    framework: str,
    kernel: Sequence[int | None],
    stride: Sequence[int | None],
    padding: Padding,
) -> Pool | None:
    """Return the layer if every number is known and valid for a `Pool`, else None."""
    if op not in ("max", "avg", "pool") or None in kernel or None in stride:
        return None
    try:
        return Pool(
            tuple(size for size in kernel if size is not None),
            tuple(step for step in stride if step is not None),
            padding,
            # "pool" may be either: the sizes are the same.
            op="avg" if op == "avg" else "max",
            framework=framework,
        )
    except (TypeError, ValueError):
        return None


def named_axes(axes: Sequence[AxisReading]) -> tuple[AxisReading, ...]:
    """Name the axes, by how many there are."""
    names = AXIS_NAMES[len(axes)]
    return tuple(replace(axis, name=name) for axis, name in zip(axes, names, strict=True))


def no_fit(
    framework: str,
    axes: tuple[AxisReading, ...],
    op: str | None,
    layer_name: str | None = None,
    failing_axes: tuple[str, ...] | None = None,
    remarks: tuple[Phrase, ...] = (),
    channels: int | None = None,
    certainty: Certainty = "certain",
) -> Reading:
    """Report a window that does not fit, in a channels-first framework."""
    names = failing(axes) if failing_axes is None else failing_axes
    failed = [axis for axis in axes if axis.name in names or axis.name is None] or axes[:1]
    wrong = contradiction(failed[0]) if failed else ()
    return Reading(
        kind=MessageKind.NO_FIT,
        framework=framework,
        op=op,
        layer_name=layer_name,
        axes=axes,
        failing_axes=names,
        data_format="channels_first",
        channels=channels,
        certainty="guess" if wrong else certainty,
        remarks=(*remarks, *wrong),
    )
