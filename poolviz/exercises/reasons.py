"""Reasons computed from a wrong number: one cell missing, one window too many.

A reason is a `Slip` whose sentence is in the catalogue under `reason`; None if there is nothing to
say about a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.network.stack import Stack
from poolviz.exercises.answers.forms import TOLERANCE, Fractions
from poolviz.exercises.case import Slip

Why = Callable[[Any], Slip | None]


def reason(name: str, value: Any, **fields: Any) -> Slip:
    """Return a reason with the numbers of its sentence."""
    return Slip(name, value, {"given": value, **fields})


def of_windows(axis: AxisTrace, given: int) -> Slip | None:
    """Return why an axis has another number of windows than `given`."""
    stride, span, padded = axis.stride, axis.effective_kernel_size, axis.padded_size
    right = axis.output_size
    if right < 1:
        return of_quotient(axis, given)
    if given < 1:
        return reason("one_window_fits", given, span=span, padded=padded)
    if given > right:
        return _too_many(axis, given, (given - 1) * stride + span)
    if axis.is_same:
        return reason("another_starts", given, start=given * stride, n=axis.input_size)
    end = (given - 1) * stride + span
    if axis.rounding != "ceil":
        return reason("another_fits", given, end=end + stride, padded=padded)
    return reason("cells_are_left", given, left=padded - end) if end < padded else None


def of_quotient(axis: AxisTrace, given: int) -> Slip:
    """Return what the rounded division would have to give."""
    quotient = Fraction(axis.padded_size - axis.effective_kernel_size, axis.stride)
    return reason("before_the_plus_one", given, before=given - 1, quotient=quotient)


def _too_many(axis: AxisTrace, given: int, end: int) -> Slip | None:
    if axis.is_same:
        start = (given - 1) * axis.stride
        return reason("starts_after_the_end", given, start=start, n=axis.input_size)
    if axis.rounding != "ceil":
        missing = end - axis.padded_size
        return reason("cells_missing", given, end=end, padded=axis.padded_size, missing=missing)
    # With the window that PyTorch drops, `given` is what the ceiling gives: without that window,
    # the others do not reach the end.
    has_end = given > axis.output_size + axis.drops_last
    return reason("end_reached", given, before=given - 1) if has_end else None


def of_sizes(axes: Sequence[AxisTrace]) -> Why:
    """Return the reason for the first axis whose size is wrong."""

    def why(value: Fractions) -> Slip | None:
        pairs = zip(axes, value, strict=True)
        return next(
            (of_windows(axis, int(given)) for axis, given in pairs if given != axis.output_size),
            None,
        )

    return why


def of_failure(traced: Trace, setting: str) -> Slip | None:
    """Return how many cells are missing in a call that fails with a setting."""
    axis = traced.axes[0]
    numbers = {"span": axis.effective_kernel_size, "padded": axis.padded_size}
    if traced.refusals:
        return reason("padding_rejected", setting, most=axis.kernel_size // 2)
    if axis.missing < 1:
        return None
    return reason("does_not_fit", setting, **numbers, missing=axis.missing)


def of_factors(channels: int) -> Why:
    """Return whether a number of features is a multiple of the channels, and of what map."""

    def why(value: Fractions) -> Slip:
        given = int(value[0])
        rest = "no_multiple" if given % channels else "multiple"
        return reason(rest, given, channels=channels, other=given // channels)

    return why


def of_partial(stack: Stack) -> Why:
    """Return the receptive fields between which a number lies."""

    def why(value: Fractions) -> Slip | None:
        given = int(value[0])
        if given < 1:
            return reason("below_the_least", given, least=1)
        fields = [row.receptive_field[0] for row in stack.rows]
        over = next((i for i, one in enumerate(fields) if one >= given), None)
        if over is None:
            return reason("field_too_large", given)
        return reason("field_reached", given, layer=stack.rows[over].name)

    return why


def of_parts(right: Fractions, text: str) -> Why:
    """Return the first number that is wrong, and whether it appears in a text."""
    numbers = set(_numbers_in(text))

    def why(value: Fractions) -> Slip | None:
        for given, expected in zip(value, right, strict=True):
            if abs(given - expected) > TOLERANCE:
                known = "in_the_text" if int(given) in numbers else "not_in_the_text"
                return reason(known, int(given))
        return None

    return why


def _numbers_in(text: str) -> list[int]:
    digits = "".join(sign if sign.isdecimal() else " " for sign in text)
    return list(map(int, digits.split()))


def is_rough(value: Fraction, right: Fraction) -> bool:
    """Return whether a number is the right one with too few decimals.

    >>> is_rough(Fraction("27.2"), Fraction("27.25")), is_rough(Fraction("27.1"), Fraction("27.25"))
    (True, False)
    """
    if value.denominator == 1:
        return value != 0 and round(right) == value  # 0 says that there is nothing
    digits = next((10**n for n in (1, 2) if 10**n % value.denominator == 0), None)
    return digits is not None and abs(value - right) < Fraction(1, digits)
