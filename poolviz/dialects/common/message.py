"""What a message says, as numbers: one frozen object that all readers fill."""

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
UNTOLD_NOTE = phrase("reading.note.no_kernel_no_failing_axis")
NARROW = (1, 3)  # a height of so few rows may be channels
WIDE = 8  # beside an axis at least so long


class MessageKind(StrEnum):
    """What went wrong, named as in `diagnosis.layer.findings.Cause` where it exists there."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisReading:
    """One spatial axis. None is what the text does not say; also the name can be open.

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
        """Elements that a window spans, as far as it is known."""
        if self.effective_kernel_size is None and self.dilation in (None, 1):
            return self.kernel_size
        return self.effective_kernel_size

    @property
    def room(self) -> int | None:
        """Elements that a window may lie on, as far as they are known."""
        return self.input_size if self.padded_size is None else self.padded_size

    @property
    def fails(self) -> bool:
        """True when the numbers themselves leave no window."""
        if self.output_size is not None:
            return self.output_size < 1
        return self.span is not None and self.room is not None and self.span > self.room


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a reader found. `decode` turns it into a `Message`."""

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
    expected: Sizes = ()  # what the layer wants, where the text names it
    got: Sizes = ()
    argument: str | None = None
    layer: Pool | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Assumptions, contradictions, what the text leaves open: the remarks in words."""
        return tuple(map(str, self.remarks))

    @property
    def axis(self) -> str | None:
        """The axis that fails (the first, where there are several); None: the text leaves it."""
        return self.failing_axes[0] if self.failing_axes else None


def axes_of(ndim: int, **columns: Sequence[Any] | None) -> tuple[AxisReading, ...]:
    """One reading per axis from one sequence per quantity; None or too short is one not said.

    >>> axes_of(2, input_size=(4, 6), kernel_size=None)[1].input_size
    6
    """
    said = {name: column for name, column in columns.items() if column and len(column) >= ndim}
    return tuple(
        AxisReading(name=AXIS_NAMES[ndim][i], **{name: column[i] for name, column in said.items()})
        for i in range(ndim)
    )


def failing(axes: Sequence[AxisReading]) -> tuple[str, ...]:
    """The names of the axes that leave no window."""
    return tuple(axis.name for axis in axes if axis.fails and axis.name)


def spans(kernel: Sequence[int | None], dilation: Sequence[int | None]) -> Sizes:
    """Effective kernels, None where kernel or dilation is open."""
    return tuple(
        None if k is None or d is None else effective_kernel_size(k, d)
        for k, d in zip(kernel, dilation, strict=True)
    )


def apart(
    shape: Sizes, data_format: DataFormat, has_batch: bool = True
) -> tuple[Sizes, int | None]:
    """The spatial sizes of a shape, and its channels.

    >>> apart((None, 1, 28, 32), "channels_last"), apart((3, 8, 9), "channels_first", False)
    (((1, 28), 32), ((8, 9), 3))
    """
    sizes = shape[1:] if has_batch else shape
    return (sizes[:-1], sizes[-1]) if data_format == "channels_last" else (sizes[1:], sizes[0])


def pair(before: int, after: int) -> int | tuple[int, int]:
    """One number where both sides are alike."""
    return before if before == after else (before, after)


def contradiction(axis: AxisReading) -> tuple[Phrase, ...]:
    """A remark, where the numbers of a failing axis do not fail."""
    if axis.span is None or axis.room is None or axis.span > axis.room:
        return ()
    return (phrase("reading.note.fits_all_the_same", span=axis.span, room=axis.room),)


def order_tell(reading: Reading) -> tuple[Phrase, ...]:
    """A remark, where an axis of a channels-last map may be the channels of the data."""
    axes = reading.axes
    if reading.data_format != "channels_last" or len(axes) < 2:
        return ()
    for axis, key in ((axes[0], "channels_may_be_first"), (axes[-1], "channels_may_be_last")):
        longest = max(other.input_size or 0 for other in axes if other != axis)
        is_narrow = axis.input_size in NARROW and longest >= WIDE
        if axis.name is not None and axis.name == reading.axis and is_narrow:
            name = Phrase(axis_word, (axis.name,))
            return (phrase(f"reading.note.{key}", axis=name, size=axis.input_size),)
    return ()


def rebuilt(
    op: str | None,
    framework: str,
    kernel: Sequence[int | None],
    stride: Sequence[int | None],
    padding: Padding,
) -> Pool | None:
    """The layer, where every number of it is said and a `Pool` can have it."""
    if op not in ("max", "avg", "pool") or None in kernel or None in stride:
        return None
    try:
        return Pool(
            tuple(size for size in kernel if size is not None),
            tuple(step for step in stride if step is not None),
            padding,
            op="avg" if op == "avg" else "max",
            framework=framework,
        )
    except (TypeError, ValueError):
        return None


def named_axes(axes: Sequence[AxisReading]) -> tuple[AxisReading, ...]:
    """Axes with their names, which their number decides."""
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
    """A window that does not fit, in a framework that keeps the channels first."""
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
