"""Between the controls of a convolution and a `Spec`: read the settings, and write them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.trace import spatial_sizes
from poolviz.arithmetic.values import Array
from poolviz.drawing.convolution.inputs import example_input
from poolviz.drawing.convolution.operands import Operands
from poolviz.drawing.scene.overlays import checked_overlays
from poolviz.widgets.explorer.spec.convolution_spec import (
    read_convolution,
    shown_kernel,
    with_kernel,
)
from poolviz.widgets.explorer.spec.spec import Spec
from poolviz.widgets.explorer.spec.typed import (
    as_typed,
    count_of,
    entries,
    padding_of,
    read_values,
    setting,
    text_of,
)


def read_spec(settings: dict[str, object], spec: Spec) -> Spec:
    """Return the spec of a convolution that the controls request."""
    given = settings["convolution"]
    if not isinstance(given, dict):
        raise TypeError(f"convolution must have a name for each value, got {type(given).__name__}")
    padding = settings.get("padding", 0)
    parameters = {
        "kernel_size": entries(setting(settings, "kernel_size")),
        "stride": entries(settings.get("stride") or 1),
        "padding": padding_of(padding),
        "dilation": entries(setting(settings, "dilation")),
        "framework": setting(settings, "framework"),
    }
    layer, convolution = read_convolution(given, parameters, spec.convolution)
    sizes = spatial_sizes(entries(setting(settings, "input_size")), layer)
    layer = layer.with_axes(len(sizes))
    convolution = convolution.for_layer(layer)
    if given.get("weights") is not None:
        traced = convolution.traced(layer, sizes)
        rows = read_values(text_of("weights", given["weights"]), (1, 1))
        convolution = with_kernel(convolution, traced, rows)
    seed = count_of("seed", settings.get("seed", 0))
    slice_index = count_of("slice", settings.get("slice", 0))
    own = _own_channels(settings.get("values"), sizes, replace(spec, convolution=convolution), seed)
    show = checked_overlays(settings.get("show", ()))
    shape = sizes if own is None else own.shape[1:]
    return Spec(layer, shape, seed, own, slice_index, show, convolution)


def _own_channels(typed: object, sizes: tuple[int, ...], spec: Spec, seed: int) -> Array | None:
    """Return an input (C, *spatial) whose shown channel was typed, or the one given before."""
    assert spec.convolution is not None
    channels, own = spec.convolution.channels, spec.own_values
    fits = own is not None and own.shape == (channels, *sizes) and seed == spec.seed
    if typed is None:
        return own if fits else None
    plane = read_values(text_of("values", typed), sizes)
    found = example_input(channels, plane.shape, seed) if not fits else own
    if found is None or found.shape[1:] != plane.shape:
        found = np.zeros((channels, *plane.shape))
    found = np.array(found, dtype=float)
    found[min(spec.convolution.in_channel, channels - 1)] = plane
    return found


def padding_setting(traced: ConvTrace) -> str | list[list[int]]:
    """The padding of a convolution as it was given; that of a transposed one is removed."""
    layer = traced.layer
    if isinstance(layer.padding, str):
        return layer.padding
    pairs = (axis.padding for axis in layer.axes(len(traced.axes)))
    return [[*pair] for pair in pairs if isinstance(pair, tuple)]


def weights_text(spec: Spec) -> str | None:
    """Return the weights between the shown channels; None for a pooling layer, or too many."""
    data, traced = spec.data, spec.traced()
    if not isinstance(data, Operands) or not isinstance(traced, ConvTrace):
        return None
    return as_typed(shown_kernel(data, traced))


def with_axes(spec: Spec, traced: ConvTrace, ndim: int) -> Spec:
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
