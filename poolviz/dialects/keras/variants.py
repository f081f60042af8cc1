"""Keras called on an array, on each of its backends."""

from __future__ import annotations

from poolviz.arithmetic.trace import Trace
from poolviz.dialects.common.variants import (
    Fact,
    Result,
    Variant,
    fails,
    is_empty,
    is_same,
    is_volume,
    raises,
    unseen,
)
from poolviz.dialects.tensorflow.variants import (
    ABORTED,
    INVALID,
    below_zero,
    leaves_a_part,
    leaves_nothing_across,
    truncated_size,
)


def _fails_or_is_empty(traced: Trace) -> bool:
    return fails(traced) or is_empty(traced)


def _is_unseen(traced: Trace) -> bool:
    """Return whether the call was not recorded: volumes, and sequences that are much too short."""
    is_short = len(traced.axes) == 1 and below_zero(traced)
    return is_volume(traced) or is_short


def _is_average_below_zero(traced: Trace) -> bool:
    return traced.layer.op == "avg" and below_zero(traced)


def _leaves_a_part_of_a_sequence(traced: Trace) -> bool:
    return len(traced.axes) == 1 and leaves_a_part(traced)


def _replicates(traced: Trace) -> bool:
    is_average = traced.layer.op == "avg" and is_same(traced)
    return is_average and any(axis.padding.total % 2 for axis in traced.axes)


def _is_bare_average(traced: Trace) -> bool:
    """Return whether PyTorch compares the kernel with the bare input: a 3-D average, "same"."""
    is_average = traced.layer.op == "avg" and is_same(traced) and len(traced.axes) == 3
    is_longer = any(axis.kernel_size > axis.input_size for axis in traced.axes)
    return is_average and is_longer and not _replicates(traced)


def _clamped_size(traced: Trace) -> Result:
    return tuple(max(0, axis.output_size) for axis in traced.axes)


VARIANTS = (
    Variant(
        "keras",
        "keras",
        (
            unseen(_is_unseen),
            unseen(_is_average_below_zero),
            unseen(_leaves_a_part_of_a_sequence),
            Fact(below_zero, INVALID, "below_zero", 4),
            Fact(leaves_a_part, ABORTED, "part", 6),
            unseen(leaves_nothing_across),
            Fact(fails, truncated_size, "zero", 26),
        ),
    ),
    Variant(
        "keras",
        "keras_plain",
        (
            unseen(_is_unseen),
            Fact(below_zero, INVALID, "below_zero", 20),
            Fact(fails, truncated_size, "zero", 110),
        ),
    ),
    Variant(
        "keras",
        "keras_torch",
        (
            Fact(_fails_or_is_empty, raises("RuntimeError"), "torch", 281),
            Fact(_is_bare_average, raises("RuntimeError"), "bare_input", 1),
            Fact(_replicates, _clamped_size, "edge", 18, differs_in_numbers=True),
        ),
    ),
    Variant(
        "keras",
        "keras_jax",
        (Fact(fails, _clamped_size, "clamped", 464),),
    ),
)
