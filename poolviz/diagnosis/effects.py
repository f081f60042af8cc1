"""What a fix does to the pooled values: its `Effect`, computed from the windows."""

from __future__ import annotations

from enum import StrEnum

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.trace import Trace, counts_padding
from poolviz.i18n.catalogue import say

MOST_WINDOWS = 1_000  # of one axis that are looked at one by one


class Effect(StrEnum):
    """What a change does apart from making the sizes fit; the best first."""

    SOUND = "sound"
    VALUES = "changes the values"
    NOTHING_ON_AXIS = "does nothing on an axis"
    NOTHING = "does nothing"

    @property
    def rank(self) -> int:
        """0 for a sound change, the most for one that does nothing."""
        return list(Effect).index(self)

    @property
    def is_idle(self) -> bool:
        """Whether each window of a changed axis reads one element at most."""
        return self in (Effect.NOTHING_ON_AXIS, Effect.NOTHING)

    @property
    def label(self) -> str:
        """Words for the user; "" for a sound change."""
        return "" if self is Effect.SOUND else say(f"effect.{self.name.lower()}")


def effect_of(before: Trace | None, after: Trace) -> Effect:
    """Compare the windows of a changed pooling layer with those of the old one.

    `before` is None for a layer of another kind.

    >>> from poolviz import Pool, trace
    >>> str(effect_of(trace(Pool(2), 1), trace(Pool(2, padding=1), 1)))
    'does nothing'
    """
    if after.is_transposed:  # a window is written from one element, whatever its size
        return Effect.SOUND
    pairs = [(None, axis) for axis in after.axes]
    if before is not None and len(before.axes) == len(after.axes):
        pairs = list(zip(before.axes, after.axes, strict=True))  # type: ignore[arg-type]
    # Axes that a fix leaves alone are not its effect, even where they read one element.
    changed = [new for old, new in pairs if old is None or _window(old) != _window(new)]
    if changed and all(map(reads_one_element, changed)):
        is_all = all(map(reads_one_element, after.axes))
        return Effect.NOTHING if is_all else Effect.NOTHING_ON_AXIS
    # More zeros than before in an average: its numbers near the edge move towards 0.
    if _counted_padding(after) > (0 if before is None else _counted_padding(before)):
        return Effect.VALUES
    if before is not None and _divides_by(before) != _divides_by(after):
        return Effect.VALUES
    return Effect.SOUND


def reads_one_element(axis: AxisTrace) -> bool:
    """Return whether each window reads at most one element of the input on this axis."""
    if axis.kernel_size == 1 or axis.input_size <= 1:
        return True
    # Of more windows than that it is assumed that one reads two elements.
    if axis.output_size > MOST_WINDOWS:
        return False
    return all(_elements_read(axis, start) <= 1 for start in axis.window_starts)


def _elements_read(axis: AxisTrace, start: int) -> int:
    first = max(0, -(start // axis.dilation))
    last = min(axis.kernel_size - 1, (axis.input_size - 1 - start) // axis.dilation)
    return max(0, last - first + 1)


def _window(axis: AxisTrace) -> tuple[object, ...]:
    return axis.input_size, axis.kernel_size, axis.dilation, axis.padding


def _divides_by(traced: Trace) -> tuple[object, ...]:
    """Return what else an average or a norm depends on."""
    return tuple(getattr(traced.layer, name, None) for name in ("divisor_override", "norm"))


def _counted_padding(traced: Trace) -> int:
    """Zeros beside the input that an average counts."""
    if traced.layer.op == "max" or traced.is_convolution or not counts_padding(traced):
        return 0
    return sum(axis.padding.total for axis in traced.axes)
