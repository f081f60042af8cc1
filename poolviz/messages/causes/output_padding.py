"""Elements that a transposed convolution may add at the end: fewer than its stride."""

from __future__ import annotations

from poolviz.i18n.phrase import by
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.message import AxisReading, DataFormat, MessageKind, Reading, Sizes


def too_much_added(
    framework: str, axis: AxisReading, given: int, limit: int, data_format: DataFormat | None
) -> Reading:
    """Report an output_padding that is not smaller than the stride, or than the dilation."""
    return Reading(
        kind=MessageKind.ARGUMENT,
        framework=framework,
        op="transposed",
        argument="output_padding",
        axes=(axis,),
        failing_axes=(axis.name,) if axis.name else (),
        data_format=data_format,
        expected=(limit - 1,),
        got=(given,),
        reasons=(because("output_padding", given=given, limit=limit),),
        remedies=(fix("less_output_padding", most=limit - 1),),
        only_remedies=True,
    )


def out_of_range(framework: str, wanted: Sizes, low: Sizes, high: Sizes) -> Reading:
    """Report an output_size that no output_padding gives."""
    return Reading(
        kind=MessageKind.ARGUMENT,
        framework=framework,
        op="transposed",
        argument="output_size",
        expected=(*low, *high),
        got=wanted,
        reasons=(because("output_size_range", low=_by(low), high=_by(high)),),
        remedies=(fix("size_in_range", low=_by(low), high=_by(high)), fix("crop_or_pad_after")),
        only_remedies=True,
    )


def _by(sizes: Sizes) -> str:
    return by(tuple(size or 0 for size in sizes))
