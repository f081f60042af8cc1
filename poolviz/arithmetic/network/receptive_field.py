"""Receptive fields, carried forward layer by layer."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import NamedTuple


class FieldStep(NamedTuple):
    """Growth of the receptive field in one layer.

    w + 1 neighbouring outputs see 1 + ⌈(step·w + reach) / parts⌉ inputs. A window of span k and
    stride s is (s, k − 1, 1); nearest upsampling by f is (1, 0, f).
    """

    step: int
    reach: int
    parts: int


# w + 1 neighbours of a feature map see wide + far·⌈(step·w + reach) / parts⌉ elements of one input
# axis; kept as (wide, far, step, reach, parts). A plain tuple, because a deep network makes many.
ReceptiveField = tuple[int, int, int, int, int]

START: ReceptiveField = (1, 1, 1, 0, 1)  # each element of the input sees itself


def after(seen: ReceptiveField, added: FieldStep) -> ReceptiveField:
    """Receptive field after one more layer.

    The form stays the same whatever the layer, so each layer costs one small sum. The result is
    exact while maps only shrink, and for upsampling followed by layers of stride 1 (U-Net); a
    stride that does not undo the upsampling before it makes it an upper bound. Padding counts as
    seen, as usual.

    After pooling 2 and upsampling 2, a window of 2 may see two pooled elements, so 4.

    >>> pooled = after(START, FieldStep(2, 1, 1))
    >>> receptive_field(after(after(pooled, FieldStep(1, 0, 2)), FieldStep(1, 1, 1)))
    4
    """
    wide, far, step, reach, parts = seen
    more_step, more_reach, more_parts = added
    if parts == 1:
        if more_parts == 1:
            return (wide, far, step * more_step, reach + step * more_reach, 1)
        # Linear so far: take that part out of the rounding, which begins here.
        wide, far, step, reach = wide + far * reach, far * step, 1, 0
    # ⌈(⌈x / a⌉ + c) / b⌉ = ⌈(x + a·c) / (a·b)⌉; a factor before the inner ⌈⌉ makes it a bound.
    slack = more_parts - 1 if step > 1 else 0
    reach = step * (more_reach + slack) + reach * more_parts
    step, parts = step * more_step, parts * more_parts
    if step % parts == 0:  # linear again
        return (wide + far * -(-reach // parts), far * (step // parts), 1, 0, 1)
    return (wide, far, step, reach, parts)


def receptive_field(seen: ReceptiveField) -> int:
    """Number of input elements that one element sees.

    >>> receptive_field(after(after(START, FieldStep(1, 2, 1)), FieldStep(2, 1, 1)))
    4
    """
    wide, far, _, reach, parts = seen
    return wide + far * -(-reach // parts)


def jump(seen: ReceptiveField) -> int | Fraction:
    """Distance of two neighbours in input elements; a fraction after upsampling.

    >>> jump(after(START, FieldStep(2, 1, 1))), jump(after(START, FieldStep(1, 0, 2)))
    (2, Fraction(1, 2))
    """
    _, far, step, _, parts = seen
    between = Fraction(far * step, parts)
    return between.numerator if between.denominator == 1 else between


def window_step(span: int, stride: int) -> FieldStep:
    """Step of a pooling or convolution window."""
    return FieldStep(stride, span - 1, 1)


def transposed_step(span: int, stride: int) -> FieldStep:
    """Step of a transposed convolution: input i reaches the outputs from i·s on."""
    return FieldStep(1, span - stride, stride)


def resizing_step(input_size: int, output_size: int, neighbours: int) -> FieldStep:
    """Step of upsampling that reads 1 (nearest), 2 (linear) or 4 (cubic) neighbours."""
    common = gcd(input_size, output_size) or 1
    parts = output_size // common or 1
    return FieldStep(input_size // common, (neighbours - 1) * parts, parts)


def adaptive_step(input_size: int, output_size: int) -> FieldStep:
    """Step of adaptive pooling, whose window i goes from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉ (PyTorch 2.13.0).

    >>> receptive_field(after(START, adaptive_step(9, 1)))
    9
    """
    if output_size < 1:
        return FieldStep(0, 0, 1)
    common = gcd(input_size, output_size)
    step, parts = input_size // common, output_size // common
    return FieldStep(step, step - (parts if parts == 1 else 0), parts)
