"""Another number of axes than a layer takes: which axis is missing, or too many."""

from __future__ import annotations

from math import isqrt

from poolviz.i18n.phrase import phrase
from poolviz.messages.channels import PICTURES
from poolviz.messages.message import (
    DataFormat,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    apart,
)


def other_rank(
    framework: str,
    op: str | None,
    ndim: int | None,
    shape: Sizes,
    data_format: DataFormat,
    expected: Sizes = (),
    got: int | None = None,
    channels: int | None = None,
    has_no_batch: bool = False,
    **facts: object,
) -> Reading:
    """Report an input with another number of axes than a layer of `ndim` spatial axes takes.

    `shape` is the input, () if unknown; `channels` are those of the weights; `has_no_batch`: the
    shape was written without the batch axis. `facts` are other fields of the reading.
    """
    given = len(shape) if shape else got
    full = (ndim or 2) + 2 - has_no_batch
    missing: str | None = None
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    if shape and ndim is not None:
        missing, reasons, remedies = _explained(shape, full, data_format, channels)
    elif given is not None and expected and expected[-1] is not None:
        missing = "surplus" if given > expected[-1] else "batch_or_channels"
    return Reading(
        kind=MessageKind.RANK,
        framework=framework,
        op=op,
        expected=expected or (full,),
        got=() if given is None else (given,),
        shapes=(shape,) if shape else (),
        data_format=data_format,
        missing=missing,
        reasons=reasons,
        remedies=remedies,
        only_remedies=bool(remedies),
        **facts,  # type: ignore[arg-type]
    )


_Explained = tuple[str | None, tuple[Reason, ...], tuple[Remedy, ...]]
_BATCH = Remedy(phrase("reading.fix.add_batch"), snippet="add_batch")
_CHANNEL = Remedy(phrase("reading.fix.add_channel"), snippet="add_channel")


def _explained(
    shape: Sizes, full: int, data_format: DataFormat, channels: int | None
) -> _Explained:
    given = len(shape)
    if given == full - 1:
        return _one_missing(shape, data_format, channels)
    if given == 2 and full == 4:
        return _flat_or_single(shape)
    if given > full:
        return _surplus(shape, full)
    return "several", (), (Remedy(phrase("reading.fix.print_shapes"), snippet="print_shape"),)


def _one_missing(shape: Sizes, data_format: DataFormat, channels: int | None) -> _Explained:
    """A single sample, or samples without an axis for the channels."""
    first = apart(shape, data_format, has_batch=False)[1]
    looks_like_channels = first in PICTURES if channels is None else first == channels
    if looks_like_channels:
        words = phrase("reading.reason.no_batch", size=first)
        return "batch", (Reason(words),), (_BATCH,)
    if channels == 1 or (channels is None and len(shape) == 3 and (shape[0] or 8) >= 8):
        words = phrase("reading.reason.no_channels")
        return "channels", (Reason(words),), (_CHANNEL, _BATCH)
    return "batch_or_channels", (), (_BATCH, _CHANNEL)


def _flat_or_single(shape: Sizes) -> _Explained:
    """A flat sample per row, or one picture without batch and channels."""
    rows, features = shape
    if rows is not None and features is not None and rows == features:
        return "batch_or_channels", (Reason(phrase("reading.reason.one_picture")),), (_BOTH,)
    for count in PICTURES:
        side = isqrt(features // count) if features and features % count == 0 else 0
        if side >= 8 and side * side * count == features:
            words = phrase("reading.reason.flat", size=features, sides=(count, side, side))
            fields = (("channels", count), ("height", side), ("width", side))
            fix = Remedy(phrase("reading.fix.to_picture"), snippet="to_picture", fields=fields)
            return "flat", (Reason(words),), (fix,)
    return "several", (), (Remedy(phrase("reading.fix.print_shapes"), snippet="print_shape"),)


_BOTH = Remedy(phrase("reading.fix.add_both"), snippet="add_both")


def _surplus(shape: Sizes, full: int) -> _Explained:
    """Too many axes: one of size 1 is the one to remove."""
    singles = [place for place, size in enumerate(shape) if size == 1 and place > 0]
    fields = (("axis", singles[0]),) if singles else ()
    if not singles:
        merge = Remedy(phrase("reading.fix.merge_axes"), snippet="merge_axes")
        return "surplus", (), (merge, Remedy(phrase("reading.fix.remove_axis")))
    fix = Remedy(phrase("reading.fix.remove_axis"), snippet="remove_axis", fields=fields)
    words = phrase("reading.reason.single_axis", axis=singles[0])
    return "surplus", (Reason(words),), (fix,)
