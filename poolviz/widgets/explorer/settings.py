"""Between the browser's controls and one frozen `Spec`: read what was asked, tell what is so."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic.layers.pool import AXIS_NAMES, Padding, Pool, Sizes
from poolviz.arithmetic.trace import Trace, trace
from poolviz.arithmetic.values import as_input
from poolviz.drawing.draw import MOST_CELLS, example_values
from poolviz.drawing.scene.overlays import checked_layers
from poolviz.i18n.phrase import phrase

MOST_TYPED = 4096  # cells that are offered for editing as text


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """All that a PoolExplorer shows: a layer, its input, depth slice and layers of insight.

    `own_values` is an array that the reader gave; without it the values come from `seed`.
    """

    layer: Pool
    input_size: tuple[int, ...]
    seed: int = 0
    own_values: NDArray[Any] | None = None
    slice_index: int = 0
    show: tuple[str, ...] = ()

    @property
    def values(self) -> NDArray[Any] | None:
        """The input's values; None where it is empty or too large to hold."""
        if self.own_values is not None:
            return self.own_values if 0 < self.own_values.size <= MOST_CELLS else None
        return example_values(self.input_size, self.seed)

    def traced(self) -> Trace:
        """Every number of this spec."""
        return trace(self.layer, self.input_size)

    def in_framework(self, framework: str) -> Spec:
        """The same call in another framework: with the stride that is in force here."""
        stride = tuple(axis.stride for axis in self.traced().axes)
        return replace(self, layer=replace(self.layer, stride=stride, framework=framework))

    def resized(self, layer: Pool, input_size: tuple[int, ...]) -> Spec:
        """Another layer and size; values that were given are kept as long as they fit."""
        own = self.own_values if input_size == self.input_size else None
        return replace(self, layer=layer, input_size=input_size, own_values=own)


def told(spec: Spec, traced: Trace) -> dict[str, Any]:
    """The settings of the controls, one entry per axis."""
    layer = spec.layer
    padding: Any = layer.padding
    if not layer.has_named_padding:
        padding = [list(axis.padding) for axis in traced.axes]
    return {
        "input_size": list(traced.input_size),
        "kernel_size": [axis.kernel_size for axis in traced.axes],
        "stride": None if layer.stride is None else [axis.stride for axis in traced.axes],
        "padding": padding,
        "dilation": [axis.dilation for axis in traced.axes],
        "ceil_mode": layer.ceil_mode,
        "op": layer.op,
        "count_include_pad": layer.count_include_pad,
        "framework": layer.framework,
        "seed": spec.seed,
        "values": None,
        "slice": spec.slice_index,
        "show": list(spec.show),
        "axes": list(AXIS_NAMES[len(traced.axes)]),
    }


def read(asked: Any, spec: Spec) -> Spec:
    """The spec that the controls ask for.

    Raises
    ------
    TypeError, ValueError
        With the argument, what it may be and what it was, as `Pool` says it.
    """
    if not isinstance(asked, dict):
        raise TypeError(f"settings must have a name for each value, got {type(asked).__name__}")
    layer = Pool(
        kernel_size=_entries(_setting(asked, "kernel_size")),
        stride=_entries(asked.get("stride")),
        padding=_padding(asked.get("padding", 0)),
        dilation=_entries(_setting(asked, "dilation")),
        ceil_mode=_setting(asked, "ceil_mode"),
        op=_setting(asked, "op"),
        # Max pooling has no divisor: what was set for an average is left out.
        count_include_pad=asked.get("count_include_pad") if asked["op"] == "avg" else None,
        framework=_setting(asked, "framework"),
    )
    sizes = trace(layer, _entries(_setting(asked, "input_size"))).input_size
    seed = _count("seed", asked.get("seed", 0))
    slice_index = _count("slice", asked.get("slice", 0))
    own = _own_values(asked.get("values"), sizes, spec, seed)
    show = checked_layers(asked.get("show", ()))
    return Spec(layer, sizes if own is None else own.shape, seed, own, slice_index, show)


def _setting(asked: dict[str, Any], name: str) -> Any:
    if name not in asked:
        raise ValueError(f"the setting {name} is missing")
    return asked[name]


def _entries(given: Any) -> Any:
    """A list from the browser as a tuple; long digits come as text, for JavaScript's sake."""
    return tuple(_digits(entry) for entry in given) if isinstance(given, list) else given


def _digits(given: Any) -> Any:
    is_number = isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 100
    return int(given) if is_number else given


def _padding(given: Any) -> Any:
    """Pairs as one number per axis where both sides are alike: what PyTorch takes."""
    if not isinstance(given, list):
        return given
    pairs = [_entries(pair) for pair in given]
    if all(isinstance(pair, tuple) and len(pair) == 2 and pair[0] == pair[1] for pair in pairs):
        return tuple(pair[0] for pair in pairs)
    return tuple(pairs)


def _own_values(typed: Any, sizes: tuple[int, ...], spec: Spec, seed: int) -> NDArray[Any] | None:
    """What the reader typed, or gave before as long as it fits and no other seed is asked for."""
    if typed is not None:
        if not isinstance(typed, str):
            raise TypeError(f"values must be text, got {type(typed).__name__}")
        return read_values(typed, sizes)
    own = spec.own_values
    return own if own is not None and own.shape == sizes and seed == spec.seed else None


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be an int ≥ 0, got {value!r}")
    return value


def read_values(text: str, sizes: tuple[int, ...]) -> NDArray[Any]:
    """Numbers typed by a reader: a line is a row, spaces or commas between the numbers.

    The size follows what was typed; a 3-D input keeps its slices and needs as many rows as
    before.

    >>> read_values("1 2\\n3 -4.5", (9, 9))
    array([[ 1. ,  2. ],
           [ 3. , -4.5]])
    """
    rows = [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
    if not rows:
        raise ValueError(phrase("control.no_numbers"))
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        first = next(i for i, row in enumerate(rows) if len(row) != len(rows[0]))
        wanted, found = len(rows[0]), len(rows[first])
        raise ValueError(phrase("control.uneven_rows", first=wanted, row=first, numbers=found))
    table = np.array([[_number(word) for word in row] for row in rows])
    if len(sizes) == 1:
        return table.ravel()
    if len(sizes) == 2:
        return table
    depth = sizes[0]
    if len(rows) % depth:
        raise ValueError(phrase("control.uneven_slices", rows=len(rows), slices=depth))
    return table.reshape(depth, len(rows) // depth, -1)


def _number(word: str) -> float:
    try:
        return float(word.replace("−", "-").replace("∞", "inf"))
    except ValueError:
        raise ValueError(phrase("control.no_number", word=repr(word[:40]))) from None


def values_text(spec: Spec) -> str | None:
    """The values as a reader would type them; None where they are too many."""
    values = spec.values
    if values is None or values.size > MOST_TYPED:
        return None
    table = values.reshape(-1, values.shape[-1])
    return "\n".join(" ".join(_typed(value) for value in row) for row in table.tolist())


def _typed(value: float) -> str:
    """As a reader would type it, with every digit."""
    is_whole = math.isfinite(value) and value == int(value) and abs(value) < 1e15
    return str(int(value)) if is_whole else repr(value)


def with_axes(spec: Spec, ndim: int) -> Spec:
    """The same layer on another number of axes; what belonged to the others goes."""
    traced = spec.traced()
    last = traced.axes[-1]
    padding: Padding = spec.layer.padding
    if not spec.layer.has_named_padding:
        before, after = last.padding
        padding = (before,) * ndim if before == after else ((before, after),) * ndim
    layer = replace(
        spec.layer,
        kernel_size=(last.kernel_size,) * ndim,
        stride=None if spec.layer.stride is None else (last.stride,) * ndim,
        dilation=(last.dilation,) * ndim,
        padding=padding,
    )
    return replace(spec, layer=layer, input_size=(last.input_size,) * ndim, own_values=None)


def first_spec(
    input_size: Sizes | None,
    kernel_size: Sizes | None,
    layer: Pool | None,
    x: ArrayLike | None,
    seed: int,
    parameters: dict[str, Any],
) -> Spec:
    """What the arguments of a PoolExplorer ask for.

    Raises
    ------
    TypeError, ValueError
        For wrong types, and for two arguments that say the same thing.
    """
    if layer is None:
        layer = Pool(3 if kernel_size is None else kernel_size, **parameters)
    elif kernel_size is not None or parameters:
        given = ", ".join(["kernel_size"] * (kernel_size is not None) + list(parameters))
        raise TypeError(f"give a layer or its parameters, not both: got layer and {given}")
    if x is not None:
        if input_size is not None:
            raise TypeError("give input_size or input, not both")
        return spec_of_array(x, layer, seed)
    if _is_data(input_size):
        raise TypeError(
            "input_size takes whole numbers, one per axis; an array is given by name: "
            "input=x, kernel_size=3"
        )
    sizes = trace(layer, 10 if input_size is None else input_size).input_size
    return Spec(layer.with_axes(len(sizes)), sizes, seed)


def _is_data(sizes: Any) -> bool:
    """Is it an array of values, where sizes were asked for?"""
    shape = getattr(sizes, "shape", None)
    if shape is None:
        return isinstance(sizes, list | tuple) and any(isinstance(s, list | tuple) for s in sizes)
    return len(shape) > 1 or (len(shape) == 1 and "float" in str(getattr(sizes, "dtype", "")))


def spec_of_array(x: ArrayLike, layer: Pool, seed: int) -> Spec:
    """A given input, (*spatial) or (N, C, *spatial): its first channel, copied."""
    array, ndim = as_input(x, layer)
    if array.ndim > ndim:
        lead = array.shape[: array.ndim - ndim]
        if 0 in lead:
            raise ValueError(f"input has no example or channel to show, its shape is {array.shape}")
        array = array[(0,) * len(lead)]
    array = np.array(array)  # a copy: what the reader does to theirs later is not shown by halves
    array.setflags(write=False)
    return Spec(layer.with_axes(ndim), array.shape, seed, array)
