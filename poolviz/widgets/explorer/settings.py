"""Between the browser's controls and one frozen `Spec`: read the settings, and write them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.fitted import AdaptivePool, GlobalPool, PoolingLayer
from poolviz.arithmetic.layers.pool import AXIS_NAMES, Padding, Pool
from poolviz.arithmetic.trace import Trace, spatial_sizes
from poolviz.arithmetic.values import Array
from poolviz.drawing.scene.overlays import checked_overlays
from poolviz.widgets.base.wire import Settings
from poolviz.widgets.explorer.convolution import settings as convolution
from poolviz.widgets.explorer.spec.convolution_spec import convolution_settings
from poolviz.widgets.explorer.spec.spec import Spec
from poolviz.widgets.explorer.spec.typed import (
    as_typed,
    as_whole,
    count_of,
    entries,
    padding_of,
    read_values,
    setting,
    text_of,
)

GLOBAL = "global"  # the output size of global pooling in the settings


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
        found["padding"] = convolution.padding_setting(traced)
        found["convolution"] = convolution_settings(spec.convolution, traced)
    return found


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
        return convolution.read_spec(settings, spec)
    sizes = entries(setting(settings, "input_size"))
    op = setting(settings, "op")
    layer = _fitted_layer(settings) or Pool(
        kernel_size=entries(setting(settings, "kernel_size")),
        stride=entries(settings.get("stride")),
        padding=padding_of(settings.get("padding", 0)),
        dilation=entries(setting(settings, "dilation")),
        ceil_mode=setting(settings, "ceil_mode"),
        op=op,
        # Max pooling has no divisor: drop the settings of an average.
        count_include_pad=settings.get("count_include_pad") if op == "avg" else None,
        divisor_override=_divisor(settings) if op == "avg" else None,
        norm=_norm(settings) if op == "lp" else 2,
        framework=setting(settings, "framework"),
    )
    sizes = spatial_sizes(sizes, layer)
    layer = layer.with_axes(len(sizes))
    seed = count_of("seed", settings.get("seed", 0))
    slice_index = count_of("slice", settings.get("slice", 0))
    own = _own_values(settings.get("values"), sizes, spec, seed)
    show = checked_overlays(settings.get("show", ()))
    return Spec(layer, sizes if own is None else own.shape, seed, own, slice_index, show)


def _divisor(settings: dict[str, object]) -> Any:
    """Return the divisor as a number where it is one; `Pool` names what is wrong."""
    given = settings.get("divisor_override")
    if isinstance(given, str) and given[:1] in ("-", "−") and given[1:].isdigit():
        return -int(given[1:])
    return as_whole(given)


def _norm(settings: dict[str, object]) -> Any:
    """Return the norm as a number where it is one: "inf", "∞" and "1.5" are."""
    given = settings.get("norm", 2)
    if not isinstance(given, str):
        return given
    try:
        number = float(given.replace("∞", "inf").replace(",", "."))
    except ValueError:
        return given
    return int(number) if number.is_integer() else number


def _fitted_layer(settings: dict[str, object]) -> PoolingLayer | None:
    """Return adaptive or global pooling; None where the kernel decides."""
    size = settings.get("output_size")
    if size is None:
        return None
    op, framework = setting(settings, "op"), setting(settings, "framework")
    if size == GLOBAL:
        return GlobalPool(op, framework=framework)
    return AdaptivePool(entries(size), op, framework=framework)


def _own_values(typed: object, sizes: tuple[int, ...], spec: Spec, seed: int) -> Array | None:
    """Return what the user typed, else the values given before, while size and seed stay."""
    if typed is not None:
        return read_values(text_of("values", typed), sizes)
    own = spec.own_values
    return own if own is not None and own.shape == sizes and seed == spec.seed else None


def values_text(spec: Spec) -> str | None:
    """Return the values as a user would type them; None if there are too many."""
    return as_typed(spec.values)


def with_axes(spec: Spec, ndim: int) -> Spec:
    """Return the layer on another number of axes, each with the parameters of the last one."""
    traced = spec.traced()
    last = traced.axes[-1]
    if isinstance(traced, ConvTrace):
        return convolution.with_axes(spec, traced, ndim)
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
