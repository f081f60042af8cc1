"""ONNX shape inference, which computes a size without running anything."""

from __future__ import annotations

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import truncate, window_count
from poolviz.arithmetic.trace import Trace
from poolviz.dialects.common.variants import (
    Fact,
    Variant,
    fails,
    is_empty,
    is_same,
    pads_a_kernel,
)


def _infers_otherwise(traced: Trace) -> bool:
    """Return whether inference differs; empty inputs, which follow no single rule, are excluded."""
    if is_empty(traced):
        return False
    return fails(traced) or _inferred(traced) != traced.returned_size


def _infers_same_otherwise(traced: Trace) -> bool:
    return is_same(traced) and _infers_otherwise(traced)


def _infers_wide_pads(traced: Trace) -> bool:
    return pads_a_kernel(traced) and _infers_otherwise(traced)


def _infers_a_failure(traced: Trace) -> bool:
    return fails(traced) and _infers_otherwise(traced)


def _inferred(traced: Trace) -> tuple[int, ...]:
    return tuple(_inferred_size(traced, axis) for axis in traced.axes)


def _inferred_size(traced: Trace, axis: AxisTrace) -> int:
    if axis.is_same:
        return -(-axis.input_size // axis.stride)
    room = axis.padded_size - axis.effective_kernel_size
    if not traced.layer.ceil_mode:
        return window_count(room, axis.stride, "trunc")
    size = truncate(room + axis.stride - 1, axis.stride) + 1
    starts_too_late = (size - 1) * axis.stride >= axis.input_size + axis.padding.before
    return size - starts_too_late


VARIANTS = (
    Variant(
        "onnxruntime",
        "inference",
        (
            Fact(_infers_same_otherwise, _inferred, "same", 145),
            Fact(_infers_wide_pads, _inferred, "wide_pads", 59),
            Fact(_infers_a_failure, _inferred, "rounding", 72),
            Fact(_infers_otherwise, _inferred, "ceil", 14),
        ),
        only_infers=True,
    ),
)
