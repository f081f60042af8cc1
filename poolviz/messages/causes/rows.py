"""Tensors that were cut into other rows: a view to a wrong number, and the loss that notices it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from poolviz.i18n.phrase import phrase
from poolviz.messages.downstream import either
from poolviz.messages.factors import batch_of_maps, other_maps
from poolviz.messages.message import MessageKind, Reading, Reason, Remedy, Sizes

FLATTEN_EACH = Remedy(phrase("reading.fix.flatten_per_sample"), snippet="flatten")


def reshape(
    framework: str,
    target: Sizes,
    total: int,
    wanted: int,
    batch: int | None = None,
    **facts: object,
) -> Reading:
    """Report `total` numbers that do not divide into rows of `wanted`; `target` is the new shape.

    `batch`: the samples, where the new shape states them; `wanted` counts all of them.

    >>> reshape("pytorch", (-1, 4608), 313_600, 4608).causes[0].split(" or ")[0]
    'For example 50 samples of 14 × 14 × 32 instead of 12 × 12 × 32'
    """
    maps = batch_of_maps(wanted, total) if batch is None else ()
    if batch and wanted % batch == 0 and total % batch == 0:
        found = other_maps(wanted // batch, total // batch)
        maps = tuple(replace(one, batch=batch) for one in found)
    examples = tuple(
        phrase(
            "reading.reason.samples",
            batch=one.batch,
            got=(one.side, one.side, one.channels),
            usual=(one.usual, one.usual, one.channels),
        )
        for one in maps
    )
    reasons: tuple[Reason, ...] = ()
    if batch and total % batch == 0:
        words = phrase("reading.reason.per_sample", batch=batch, features=total // batch)
        reasons = (Reason(words, "certain"),)
    if examples:
        example = Reason(phrase("reading.reason.reshape", examples=either(examples)))
        reasons = (*reasons, example)
    return Reading(
        kind=MessageKind.RESHAPE,
        framework=framework,
        op="reshape",
        expected=(wanted,),
        got=(total,),
        shapes=(target,),
        reasons=reasons,
        remedies=(FLATTEN_EACH,) if len(target) < 3 else (),
        **facts,  # type: ignore[arg-type]
    )


def rows_of_target(
    framework: str, outputs: int, targets: int, shapes: tuple[Sizes, ...] = (), **facts: object
) -> Reading:
    """Report a loss of `outputs` rows against `targets` of them: samples in several rows, or none.

    >>> rows_of_target("pytorch", 36, 4).causes[0].split(",")[0]
    '36 = 9 × 4: most likely each sample was cut into 9 rows'
    """
    share = Fraction(outputs, targets) if targets else Fraction(1)
    reasons: tuple[Reason, ...] = ()
    if share.denominator == 1 and share > 1:
        numbers = {"outputs": outputs, "parts": int(share), "targets": targets}
        reasons = (Reason(phrase("reading.reason.cut_samples", **numbers)),)
    elif share.numerator == 1 and share < 1:
        numbers = {"targets": targets, "parts": share.denominator, "outputs": outputs}
        reasons = (Reason(phrase("reading.reason.merged_samples", **numbers)),)
    return Reading(
        kind=MessageKind.TARGET,
        framework=framework,
        op="loss",
        expected=(outputs,),
        got=(targets,),
        shapes=shapes,
        certainty="likely" if reasons else "certain",
        reasons=reasons,
        remedies=(FLATTEN_EACH,) if reasons else (),
        **facts,  # type: ignore[arg-type]
    )


def other_target(framework: str, output: Sizes, target: Sizes) -> Reading:
    """Report a loss of an output and a target of different shapes.

    >>> other_target("pytorch", (4, 1), (4,)).causes
    ('The shapes differ only by an axis of size 1.',)
    """
    differ: list[bool] = []
    if len(output) == len(target):
        differ = [one != other for one, other in zip(output, target, strict=True)]
    are_maps = bool(differ) and len(output) >= 3 and any(differ[-2:]) and not any(differ[:-2])
    is_extra = tuple(n for n in output if n != 1) == tuple(n for n in target if n != 1)
    extra = (Reason(phrase("reading.reason.extra_axis"), "certain"),) if is_extra else ()
    fixes = (Remedy(phrase("reading.fix.squeeze_target"), snippet="squeeze_target"),)
    maps = (Remedy(phrase("reading.fix.resize"), snippet="resize_output"),)
    return Reading(
        kind=MessageKind.TARGET,
        framework=framework,
        op="loss",
        expected=output,
        got=target,
        shapes=(output, target),
        is_of_maps=are_maps,
        reasons=extra,
        remedies=fixes if is_extra else maps if are_maps else (),
    )
