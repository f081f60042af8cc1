"""Traces of one axis over ranges of two parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace

PARAMETERS = ("input_size", "kernel_size", "stride", "padding", "dilation")
LEAST = {"input_size": 0, "kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}


@dataclass(frozen=True)
class Sweep:
    """Traces of one axis: `rows[i][j]` has the parameter `y` at `ys[i]` and `x` at `xs[j]`."""

    x: str
    y: str
    xs: range
    ys: range
    rows: tuple[tuple[Trace, ...], ...]


def sweep(traced: Trace, axis: int, x: str, y: str, xs: range, ys: range) -> Sweep:
    """Trace one axis of a call for all pairs of two parameters; the other parameters stay.

    >>> swept = sweep(trace(Pool(3, 1), (10, 10)), 0, "kernel_size", "stride", range(1, 3), \
range(1, 3))
    >>> [[t.output_size for t in row] for row in swept.rows]
    [[(10,), (9,)], [(5,), (5,)]]
    """
    one = one_axis(traced, axis)
    rows = tuple(
        tuple(with_value(with_value(one, y, down), x, across) for across in xs) for down in ys
    )
    return Sweep(x, y, xs, ys, rows)


def one_axis(traced: Trace, axis: int) -> Trace:
    """Return the call reduced to one of its axes."""
    here, layer = traced.axes[axis], traced.layer
    padding: Any = layer.padding
    if not layer.has_named_padding:
        before, after = here.padding
        # Uneven padding stays as it is: an int would move the windows.
        padding = before if before == after else ((before, after),)
    alone = replace(
        layer,
        kernel_size=(here.kernel_size,),
        stride=None if layer.stride is None else (here.stride,),
        dilation=(here.dilation,),
        padding=padding,
    )
    return trace(alone, here.input_size)


def with_value(one: Trace, parameter: str, value: int) -> Trace:
    """Return the call on one axis with another value of one parameter."""
    if parameter == "input_size":
        return trace(one.layer, value)
    entry: Any = value if parameter == "padding" else (value,)
    return trace(replace(one.layer, **{parameter: entry}), one.input_size)


def value_of(one: Trace, parameter: str) -> int | None:
    """Value of a parameter in a call on one axis; None for named or uneven padding."""
    axis = one.axes[0]
    if parameter != "padding":
        return int(getattr(axis, parameter))
    before, after = axis.padding
    return before if before == after and not one.layer.has_named_padding else None


def with_values(
    traced: Trace, axis: int, values: Mapping[str, int]
) -> tuple[Pool, tuple[int, ...]]:
    """Return the call with other parameter values: on all axes where they were equal, else on one.

    >>> with_values(trace(Pool(3), (10, 10)), 0, {"kernel_size": 2, "stride": 1})
    (Pool(kernel_size=(2, 2), stride=(1, 1)), (10, 10))
    >>> with_values(trace(Pool((3, 5), 1), (10, 10)), 1, {"kernel_size": 2})[0]
    Pool(kernel_size=(3, 2), stride=(1, 1))
    """
    layer = traced.layer
    entries: dict[str, Any] = {
        name: [getattr(one, name) for one in traced.axes] for name in PARAMETERS
    }
    for name, value in values.items():
        old, new = entries[name], (value, value) if name == "padding" else value
        # A square kernel stays square; of a 3 × 5 kernel only the shown axis changes.
        alike = all(entry == old[0] for entry in old)
        entries[name] = [new if alike or i == axis else entry for i, entry in enumerate(old)]
    sizes = tuple(entries.pop("input_size"))
    pairs = entries.pop("padding")
    if "padding" in values or not layer.has_named_padding:
        even = all(before == after for before, after in pairs)
        entries["padding"] = tuple(before if even else (before, after) for before, after in pairs)
    # A stride that followed the kernel goes on following it.
    if layer.stride is None and "stride" not in values:
        entries["stride"] = None
    tuples: dict[str, Any] = {
        name: tuple(entry) if entry else entry for name, entry in entries.items()
    }
    return replace(layer, **tuples), sizes
