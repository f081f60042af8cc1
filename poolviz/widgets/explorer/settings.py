"""Between the browser's controls and one frozen `Spec`: read the settings, and write them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic.call import trace
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.conv import Conv, Convolution, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.fitted import AdaptivePool, GlobalPool, PoolingLayer
from poolviz.arithmetic.layers.network_layers import LayerLike, as_pooling, is_layer
from poolviz.arithmetic.layers.pool import AXIS_NAMES, Padding, Pool
from poolviz.arithmetic.trace import Trace, spatial_sizes
from poolviz.arithmetic.values import as_input, channels_first, checked_format
from poolviz.drawing.convolution.inputs import channels_and_sizes, example_input
from poolviz.drawing.convolution.operands import Operands
from poolviz.drawing.draw import MOST_CELLS, example_values
from poolviz.drawing.scene.overlays import checked_overlays
from poolviz.drawing.scene.plane_views import Data
from poolviz.i18n.phrase import phrase
from poolviz.widgets.base.wire import Settings
from poolviz.widgets.explorer.convolution.spec import (
    ConvolutionSpec,
    convolution_for,
    convolution_settings,
    read_convolution,
    shown_kernel,
    with_kernel,
)

GLOBAL = "global"  # the output size of global pooling in the settings
MOST_TYPED = 4096  # cells that can be edited as text


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """Everything that a PoolExplorer shows: a layer, its input, depth slice and overlays.

    `own_values` is an array that the user gave; without it the values come from `seed`.
    """

    layer: PoolingLayer | Convolution
    input_size: tuple[int, ...]
    seed: int = 0
    own_values: NDArray[Any] | None = None
    slice_index: int = 0
    show: tuple[str, ...] = ()
    convolution: ConvolutionSpec | None = None  # channels and weights

    @property
    def data(self) -> Data:
        """Values of the input, with the weights of a convolution."""
        if self.convolution is None:
            return self.values
        traced = self.convolution.traced(self.layer, self.input_size)  # type: ignore[arg-type]
        return self.convolution.operands(traced, self.own_values, self.seed)

    @property
    def values(self) -> NDArray[Any] | None:
        """Values of the input, of the shown channel; None where it is empty or too large."""
        if self.convolution is not None:
            data = self.data
            return data.x[data.in_channel] if isinstance(data, Operands) else None
        if self.own_values is not None:
            return self.own_values if 0 < self.own_values.size <= MOST_CELLS else None
        return example_values(self.input_size, self.seed)

    def traced(self) -> Trace:
        """Return every number of this spec."""
        if self.convolution is not None:
            return self.convolution.traced(self.layer, self.input_size)  # type: ignore[arg-type]
        return trace(self.layer, self.input_size)

    def in_framework(self, framework: str) -> Spec:
        """Return the same call in another framework, with the stride that applies here."""
        layer = replace(self.layer, framework=framework)
        if isinstance(layer, Pool):
            layer = replace(layer, stride=tuple(axis.stride for axis in self.traced().axes))
        return replace(self, layer=layer)

    def resized(self, layer: PoolingLayer | Convolution, input_size: tuple[int, ...]) -> Spec:
        """Return the spec with another layer and size; given values are kept while they fit."""
        convolution = convolution_for(layer, self.convolution)
        alike = (convolution is None) == (self.convolution is None)
        own = self.own_values if input_size == self.input_size and alike else None
        return replace(
            self, layer=layer, input_size=input_size, own_values=own, convolution=convolution
        )


def spec_of_trace(traced: Trace) -> Spec:
    """Return the spec of a traced call, with example values."""
    layer = traced.layer.with_axes(len(traced.axes))
    convolution = convolution_for(layer, None)
    if isinstance(traced, ConvTrace) and convolution is not None:
        convolution = replace(convolution, channels=traced.channels)
    return Spec(layer, traced.input_size, convolution=convolution)


def settings_dict(spec: Spec, traced: Trace) -> Settings:
    """Return the values of the controls, one entry per axis."""
    layer = spec.layer
    padding: str | list[list[int]]
    if isinstance(layer.padding, str):
        padding = layer.padding
    else:
        padding = [list(axis.padding) for axis in traced.axes]
    has_stride = isinstance(layer, Pool) and layer.stride is not None
    found: Settings = {
        "input_size": list(traced.input_size),
        "kernel_size": [axis.kernel_size for axis in traced.axes],
        "stride": [axis.stride for axis in traced.axes] if has_stride else None,
        "padding": padding,
        "dilation": [axis.dilation for axis in traced.axes],
        "ceil_mode": layer.ceil_mode,
        "op": layer.op,
        "count_include_pad": layer.count_include_pad,
        "norm": "inf" if math.isinf(layer.norm) else layer.norm,
        "divisor_override": layer.divisor_override,
        "framework": layer.framework,
        "seed": spec.seed,
        "values": None,
        "slice": spec.slice_index,
        "show": list(spec.show),
        "axes": list(AXIS_NAMES[len(traced.axes)]),
    }
    if traced.is_fitted:
        found["output_size"] = _output_size(layer, traced)
    if isinstance(traced, ConvTrace) and spec.convolution is not None:
        found["stride"] = [axis.stride for axis in traced.axes]
        found["padding"] = _padding_setting(traced)
        found["convolution"] = convolution_settings(spec.convolution, traced)
    return found


def _padding_setting(traced: ConvTrace) -> str | list[list[int]]:
    """The padding of a convolution as it was given; that of a transposed one is removed."""
    layer = traced.layer
    if isinstance(layer.padding, str):
        return layer.padding
    pairs = (axis.padding for axis in layer.axes(len(traced.axes)))
    return [[*pair] for pair in pairs if isinstance(pair, tuple)]


def _output_size(layer: object, traced: Trace) -> list[int | None] | str:
    if isinstance(layer, GlobalPool):
        return GLOBAL
    return [axis.output_size for axis in traced.axes]


def read_settings(settings: object, spec: Spec) -> Spec:
    """Return the spec that the controls request; `spec` is the present one.

    Raises
    ------
    TypeError, ValueError
        With the argument, its allowed values and the value, in the words of `Pool`.
    """
    if not isinstance(settings, dict):
        raise TypeError(f"settings must have a name for each value, got {type(settings).__name__}")
    if settings.get("convolution") is not None:
        return _read_convolution(settings, spec)
    sizes = _entries(_setting(settings, "input_size"))
    op = _setting(settings, "op")
    layer = _fitted_layer(settings) or Pool(
        kernel_size=_entries(_setting(settings, "kernel_size")),
        stride=_entries(settings.get("stride")),
        padding=_padding(settings.get("padding", 0)),
        dilation=_entries(_setting(settings, "dilation")),
        ceil_mode=_setting(settings, "ceil_mode"),
        op=op,
        # Max pooling has no divisor: drop the settings of an average.
        count_include_pad=settings.get("count_include_pad") if op == "avg" else None,
        divisor_override=_divisor(settings) if op == "avg" else None,
        norm=_norm(settings) if op == "lp" else 2,
        framework=_setting(settings, "framework"),
    )
    sizes = spatial_sizes(sizes, layer)
    layer = layer.with_axes(len(sizes))
    seed = _count("seed", settings.get("seed", 0))
    slice_index = _count("slice", settings.get("slice", 0))
    own = _own_values(settings.get("values"), sizes, spec, seed)
    show = checked_overlays(settings.get("show", ()))
    return Spec(layer, sizes if own is None else own.shape, seed, own, slice_index, show)


def _read_convolution(settings: dict[str, Any], spec: Spec) -> Spec:
    """Return the spec of a convolution that the controls request."""
    given = settings["convolution"]
    if not isinstance(given, dict):
        raise TypeError(f"convolution must have a name for each value, got {type(given).__name__}")
    padding = settings.get("padding", 0)
    parameters = {
        "kernel_size": _entries(_setting(settings, "kernel_size")),
        "stride": _entries(settings.get("stride") or 1),
        "padding": _padding(padding),
        "dilation": _entries(_setting(settings, "dilation")),
        "framework": _setting(settings, "framework"),
    }
    layer, convolution = read_convolution(given, parameters, spec.convolution)
    sizes = spatial_sizes(_entries(_setting(settings, "input_size")), layer)
    layer = layer.with_axes(len(sizes))
    convolution = convolution.for_layer(layer)
    traced = convolution.traced(layer, sizes)
    if given.get("weights") is not None:
        rows = read_values(_text("weights", given["weights"]), (1, 1))
        convolution = with_kernel(convolution, traced, rows)
    seed = _count("seed", settings.get("seed", 0))
    slice_index = _count("slice", settings.get("slice", 0))
    own = _own_channels(settings.get("values"), sizes, replace(spec, convolution=convolution), seed)
    show = checked_overlays(settings.get("show", ()))
    shape = sizes if own is None else own.shape[1:]
    return Spec(layer, shape, seed, own, slice_index, show, convolution)


def _own_channels(
    typed: object, sizes: tuple[int, ...], spec: Spec, seed: int
) -> NDArray[Any] | None:
    """Return an input (C, *spatial) whose shown channel was typed, or the one given before."""
    assert spec.convolution is not None
    channels, own = spec.convolution.channels, spec.own_values
    fits = own is not None and own.shape == (channels, *sizes) and seed == spec.seed
    if typed is None:
        return own if fits else None
    plane = read_values(_text("values", typed), sizes)
    found = example_input(channels, plane.shape, seed) if not fits else own
    if found is None or found.shape[1:] != plane.shape:
        found = np.zeros((channels, *plane.shape))
    found = np.array(found, dtype=float)
    found[min(spec.convolution.in_channel, channels - 1)] = plane
    return found


def _text(name: str, typed: object) -> str:
    if not isinstance(typed, str):
        raise TypeError(f"{name} must be text, got {type(typed).__name__}")
    return typed


def _divisor(settings: dict[str, Any]) -> Any:
    """Return the divisor as a number where it is one; `Pool` names what is wrong."""
    given = settings.get("divisor_override")
    if isinstance(given, str) and given[:1] in ("-", "−") and given[1:].isdigit():
        return -int(given[1:])
    return _digits(given)


def _norm(settings: dict[str, Any]) -> Any:
    """Return the norm as a number where it is one: "inf", "∞" and "1.5" are."""
    given = settings.get("norm", 2)
    if not isinstance(given, str):
        return given
    try:
        number = float(given.replace("∞", "inf").replace(",", "."))
    except ValueError:
        return given
    return int(number) if number.is_integer() else number


def _fitted_layer(settings: dict[str, Any]) -> PoolingLayer | None:
    """Return adaptive or global pooling; None where the kernel decides."""
    size = settings.get("output_size")
    if size is None:
        return None
    op, framework = _setting(settings, "op"), _setting(settings, "framework")
    if size == GLOBAL:
        return GlobalPool(op, framework=framework)
    return AdaptivePool(_entries(size), op, framework=framework)


def _setting(settings: dict[str, Any], name: str) -> Any:
    if name not in settings:
        raise ValueError(f"the setting {name} is missing")
    return settings[name]


def _entries(given: Any) -> Any:
    """Return a list as a tuple; JavaScript sends integers beyond 2**53 as text."""
    return tuple(_digits(entry) for entry in given) if isinstance(given, list) else given


def _digits(given: Any) -> Any:
    is_number = isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 100
    return int(given) if is_number else given


def _padding(given: Any) -> Any:
    """Return pairs as one number per axis where both sides are equal, as PyTorch takes them."""
    if not isinstance(given, list):
        return given
    pairs = [_entries(pair) for pair in given]
    if all(isinstance(pair, tuple) and len(pair) == 2 and pair[0] == pair[1] for pair in pairs):
        return tuple(pair[0] for pair in pairs)
    return tuple(pairs)


def _own_values(
    typed: object, sizes: tuple[int, ...], spec: Spec, seed: int
) -> NDArray[Any] | None:
    """Return what the user typed, else the values given before, while size and seed stay."""
    if typed is not None:
        return read_values(_text("values", typed), sizes)
    own = spec.own_values
    return own if own is not None and own.shape == sizes and seed == spec.seed else None


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be an int ≥ 0, got {value!r}")
    return value


def read_values(text: str, sizes: tuple[int, ...]) -> NDArray[Any]:
    """Return the numbers in a text: a line is a row, with spaces or commas between the numbers.

    The text decides the size of the input; a 3-D input keeps its number of slices.

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
    """Return the values as a user would type them; None if there are too many."""
    return _as_typed(spec.values)


def weights_text(spec: Spec) -> str | None:
    """Return the weights between the shown channels; None for a pooling layer, or too many."""
    data, traced = spec.data, spec.traced()
    if not isinstance(data, Operands) or not isinstance(traced, ConvTrace):
        return None
    return _as_typed(shown_kernel(data, traced))


def _as_typed(values: NDArray[Any] | None) -> str | None:
    if values is None or values.size > MOST_TYPED:
        return None
    table = values.reshape(-1, values.shape[-1])
    return "\n".join(" ".join(_typed(value) for value in row) for row in table.tolist())


def _typed(value: float) -> str:
    """Return a number as a user would type it, with every digit."""
    is_whole = math.isfinite(value) and value == int(value) and abs(value) < 1e15
    return str(int(value)) if is_whole else repr(value)


def with_axes(spec: Spec, ndim: int) -> Spec:
    """Return the layer on another number of axes, each with the parameters of the last one."""
    traced = spec.traced()
    last = traced.axes[-1]
    if isinstance(traced, ConvTrace):
        return _convolution_with_axes(spec, traced, ndim)
    if not isinstance(spec.layer, Pool):
        fitted = spec.layer
        if isinstance(fitted, AdaptivePool):
            fitted = replace(fitted, output_size=(last.output_size,) * ndim)
        sizes = (last.input_size,) * ndim
        return replace(spec, layer=fitted, input_size=sizes, own_values=None)
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


def _convolution_with_axes(spec: Spec, traced: ConvTrace, ndim: int) -> Spec:
    """Return the convolution on another number of axes; "causal" is for one."""
    layer, last = traced.layer, traced.axes[-1]
    padding = layer.padding
    if padding == "causal" and ndim > 1:
        padding = "same"
    if not isinstance(padding, str):
        before, after = layer.axes(len(traced.axes))[-1].padding
        padding = (before,) * ndim if before == after else ((before, after),) * ndim
    words: dict[str, Any] = {}
    extra = getattr(layer, "output_padding", None)
    if isinstance(extra, tuple):
        words["output_padding"] = (extra[-1],) * ndim
    changed = replace(
        layer,
        kernel_size=(last.kernel_size,) * ndim,
        stride=(last.stride,) * ndim,
        dilation=(last.dilation,) * ndim,
        padding=padding,
        **words,
    )
    return replace(spec.resized(changed, (last.input_size,) * ndim), slice_index=0)


def first_spec(
    input_size: Any,
    kernel_size: Any,
    layer: LayerLike | None,
    x: ArrayLike | None,
    seed: int,
    parameters: dict[str, Any],
    data_format: str | None = None,
) -> Spec:
    """Return the spec for the arguments of a PoolExplorer; a layer may be one of the first two.

    Raises
    ------
    TypeError, ValueError
        For wrong types, and for two arguments that set the same thing.
    """
    if layer is None and is_layer(input_size):
        layer, input_size, kernel_size = input_size, kernel_size, None
    elif layer is None and is_layer(kernel_size):
        layer, kernel_size = kernel_size, None
    if layer is None:
        layer = Pool(3 if kernel_size is None else kernel_size, **parameters)
    elif kernel_size is not None or parameters:
        given = ", ".join(["kernel_size"] * (kernel_size is not None) + list(parameters))
        raise TypeError(f"give a layer or its parameters, not both: got layer and {given}")
    order = None if x is None else checked_format(data_format, layer, x)
    layer = as_pooling(layer)
    if x is not None:
        if input_size is not None:
            raise TypeError("give input_size or input, not both")
        return spec_of_array(x, layer, seed, order)
    if _is_data(input_size):
        raise TypeError(
            "input_size takes whole numbers, one per axis; an array is given by name: "
            "input=x, kernel_size=3"
        )
    sizes = spatial_sizes(10 if input_size is None else input_size, layer)
    return Spec(layer.with_axes(len(sizes)), sizes, seed)


def _is_data(sizes: object) -> bool:
    """Return whether an array of values was passed as a size."""
    shape = getattr(sizes, "shape", None)
    if shape is None:
        return isinstance(sizes, list | tuple) and any(isinstance(s, list | tuple) for s in sizes)
    return len(shape) > 1 or (len(shape) == 1 and "float" in str(getattr(sizes, "dtype", "")))


def spec_of_array(
    x: ArrayLike,
    layer: PoolingLayer | Convolution,
    seed: int,
    data_format: str | None = None,
    present: ConvolutionSpec | None = None,
) -> Spec:
    """Return the spec of an input (*spatial) or (N, C, *spatial): its first channel, copied.

    A convolution has all channels of the first example.
    """
    if isinstance(layer, Conv | DepthwiseConv | ConvTranspose):
        traced, own = channels_and_sizes(np.asarray(x), layer)
        assert own is not None
        own.setflags(write=False)
        kept = replace(present or ConvolutionSpec(), channels=traced.channels)
        fitted = kept.for_layer(traced.layer)
        return Spec(traced.layer, traced.input_size, seed, own, convolution=fitted)
    array, ndim = as_input(channels_first(x, data_format), layer, data_format)
    if array.ndim > ndim:
        lead = array.shape[: array.ndim - ndim]
        if 0 in lead:
            raise ValueError(f"input has no example or channel to show, its shape is {array.shape}")
        array = array[(0,) * len(lead)]
    array = np.array(array)  # a copy, because the user may change the original later
    array.setflags(write=False)
    return Spec(layer.with_axes(ndim), array.shape, seed, array)
