"""TensorFlow run eagerly, with the oneDNN library and without it."""

from __future__ import annotations

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import truncate
from poolviz.arithmetic.trace import Trace
from poolviz.dialects.common.variants import (
    KILLED,
    Fact,
    Result,
    Variant,
    fails,
    is_empty,
    is_volume,
    pads_a_kernel,
    raises,
    unseen,
)


def _room(axis: AxisTrace) -> int:
    """Dividend of the size in TensorFlow's kernels: n + padding − k + s."""
    return axis.padded_size - axis.effective_kernel_size + axis.stride


def _truncated(axis: AxisTrace) -> int:
    return truncate(_room(axis), axis.stride)


def below_zero(traced: Trace) -> bool:
    """Return whether the call fails, with a negative size where the division is truncated."""
    return fails(traced) and min(map(_truncated, traced.axes)) < 0


def _uses_onednn(traced: Trace) -> bool:
    """Return whether oneDNN runs a maximum with VALID padding whose kernel does not fit."""
    is_plain = traced.layer.op == "max" and traced.layer.pads_nothing
    return is_plain and fails(traced) and not is_empty(traced)


def leaves_a_part(traced: Trace) -> bool:
    """Return whether some axis has room for a part of a stride only; oneDNN aborts."""
    return _uses_onednn(traced) and any(0 < _room(axis) < axis.stride for axis in traced.axes)


def leaves_nothing_across(traced: Trace) -> bool:
    """Return whether the last axis is less than a stride too short; oneDNN divides by zero."""
    last = traced.axes[-1]
    return _uses_onednn(traced) and -last.stride < _room(last) <= 0


def _leaves_no_column_of_a_volume(traced: Trace) -> bool:
    return is_volume(traced) and leaves_nothing_across(traced) and not leaves_a_part(traced)


def _fits_nothing(traced: Trace) -> bool:
    """Return whether the kernel of some axis does not fit; a wide padding raises here, too."""
    return fails(traced) and bool(traced.failing_axes)


def _pads_a_kernel_that_does_not_fit(traced: Trace) -> bool:
    return pads_a_kernel(traced) and _fits_nothing(traced)


def _dies(traced: Trace) -> Result:
    return KILLED


def truncated_size(traced: Trace) -> Result:
    """Size with the division rounded towards zero."""
    return tuple(map(_truncated, traced.axes))


INVALID = raises("InvalidArgumentError")
ABORTED = raises("AbortedError")
VARIANTS = (
    Variant(
        "tensorflow",
        "eager",
        (
            unseen(_leaves_no_column_of_a_volume),
            Fact(_pads_a_kernel_that_does_not_fit, INVALID, "pads", 4),
            Fact(below_zero, INVALID, "below_zero", 114),
            Fact(leaves_a_part, ABORTED, "part", 138),
            Fact(leaves_nothing_across, _dies, "killed", 38),
            # The widest of them, so it is last.
            Fact(_fits_nothing, truncated_size, "zero", 264),
        ),
    ),
    Variant(
        "tensorflow",
        "eager_plain",
        (
            Fact(_pads_a_kernel_that_does_not_fit, INVALID, "pads", 10),
            Fact(below_zero, INVALID, "below_zero", 214),
            Fact(_fits_nothing, truncated_size, "zero", 858),
        ),
    ),
)
