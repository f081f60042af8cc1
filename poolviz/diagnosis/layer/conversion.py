"""Conversion of a call from one framework to another: explicit padding, then a plain window.

The windows of the first framework are known one by one. So the input is padded (or cropped) until
a window without padding and with rounding down starts at the same places, as many times.
"""

from __future__ import annotations

from dataclasses import dataclass

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.layers.network_layers import is_layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.validation import framework_name
from poolviz.arithmetic.trace import Trace, counts_padding, trace
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.keywords import answers_keywords

Pairs = tuple[tuple[int, int], ...]


@answers_keywords()
@dataclass(frozen=True)
class Conversion:
    """Code in one framework that gives the result of another one.

    Attributes
    ----------
    reference
        The `Trace` whose windows are wanted.
    layer
        The plain layer, without padding, that comes after the padding; it names the framework.
    padding
        Elements to add before and after each axis; negative: to cut off.
    divides
        Whether ones are padded and pooled, too, because the padding does not count in an average.

    Examples
    --------
    >>> from poolviz import Pool, trace
    >>> found = convert(trace(Pool(3, 2, "same", framework="keras"), (10, 10)), "pytorch")
    >>> found.padding, found.fill, found.trace.output_size
    (((0, 1), (0, 1)), -inf, (5, 5))
    """

    reference: Trace
    layer: Pool
    padding: Pairs
    divides: bool

    @property
    def trace(self) -> Trace:
        """The plain layer on the padded input."""
        sizes = [
            size + before + after
            for size, (before, after) in zip(self.reference.input_size, self.padding, strict=True)
        ]
        return trace(self.layer, tuple(sizes))

    @property
    def fill(self) -> float:
        """Value of the padding: it is never the maximum and adds nothing to a sum."""
        return float("-inf") if self.layer.op == "max" else 0.0

    @property
    def code(self) -> str:
        """Lines of code of the framework."""
        write = DIALECTS[self.layer.framework].write
        return "\n".join(write.converted(self.layer, self.padding, self.divides))


@answers_keywords()
def convert(reference: Trace, to: str) -> Conversion | None:
    """Return the lines with which `to` gives the result of `reference`; None if there are none.

    Parameters
    ----------
    reference
        A `Trace`: layer, input and framework whose windows are wanted.
    to
        One of `FRAMEWORKS`.

    Raises
    ------
    TypeError
        For anything but a `Trace`.
    ValueError
        For an unknown framework.

    Notes
    -----
    A conversion is given only where the windows that result were computed and are the same. The
    lines were run in PyTorch 2.13.0, TensorFlow 2.21.0, Keras 3.15.1, Flax 0.12.8, onnxruntime
    1.32.0 and MLX 0.32.4.

    Examples
    --------
    >>> from poolviz import Pool, trace
    >>> print(convert(trace(Pool(3, 2, "same", framework="keras"), (10, 10)), "pytorch").code)
    x = F.pad(x, (0, 1, 0, 1), value=-torch.inf)
    x = nn.MaxPool2d(3, stride=2)(x)
    """
    if not isinstance(reference, Trace):
        kind = type(reference).__name__
        how = ": convert(trace(layer, input_size), to)" if is_layer(reference) else ""
        raise TypeError(f"reference must be a poolviz.Trace, got {kind}{how}")
    to = framework_name(to)
    if reference.outcome != "ok" or reference.is_truncated or _counts_in_part(reference):
        return None
    layer = reference.layer
    # Adaptive windows differ in length; LP pooling and other divisors are not offered everywhere.
    if reference.is_fitted or layer.op == "lp" or layer.divisor_override is not None:
        return None
    stride = tuple(axis.stride for axis in reference.axes)
    plain = Pool(
        tuple(axis.kernel_size for axis in reference.axes),
        stride,
        dilation=tuple(axis.dilation for axis in reference.axes),
        op=reference.layer.op,
        framework=to,
    )
    padding = tuple(map(_padding_of, reference.axes))
    has_padding = any(after or before for before, after in padding)
    divides = has_padding and plain.op == "avg" and not counts_padding(reference)
    found = Conversion(reference, plain, padding, divides)
    return found if _is_the_same(found) and found.code else None


def _padding_of(axis: AxisTrace) -> tuple[int, int]:
    """Padding after which windows without any start at the same positions, rounding down."""
    before = axis.padding.before
    # From the first element of the first window to the last of the last, padding included.
    wanted = (axis.output_size - 1) * axis.stride + axis.effective_kernel_size
    after = wanted - before - axis.input_size
    unread = -after
    # Fewer unread elements than a stride make no window: rounding down leaves them out by itself.
    return before, 0 if 0 < unread < axis.stride else after


def _counts_in_part(reference: Trace) -> bool:
    """Return whether padding counts in the divisor and the overhang does not."""
    is_average = reference.layer.op == "avg"
    overhangs = any(axis.overhang for axis in reference.axes)
    # Explicit zeros are all counted or none: a divisor in between cannot be written with them.
    return is_average and counts_padding(reference) and overhangs


def _shifted(places: range, by: int) -> range:
    """Shift a range without listing it: it may not fit into memory.

    >>> _shifted(range(0, 10**30, 2), -1) == range(-1, 10**30 - 1, 2)
    True
    """
    return range(places.start + by, places.stop + by, places.step)


def _is_the_same(found: Conversion) -> bool:
    done = found.trace
    return done.outcome == "ok" and all(
        _shifted(its.window_starts, -before) == one.window_starts
        for one, its, (before, _) in zip(
            found.reference.axes, done.axes, found.padding, strict=True
        )
    )
