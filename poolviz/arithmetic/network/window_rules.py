"""Shapes and parameters after pooling layers and convolutions; sources as in `shape_rules`."""

from __future__ import annotations

from dataclasses import replace

from poolviz.arithmetic.framework_names import FORMULA
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    GlobalPool,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.conv_rules import check_convolution, convolution_plan
from poolviz.arithmetic.network.failures import FailureKind, ForwardStopped, Problem
from poolviz.arithmetic.network.feature_map import (
    FeatureMap,
    LayerResult,
    NetworkConfig,
    check_not_empty,
    entries,
    lost,
    refused,
    stop,
)
from poolviz.arithmetic.network.receptive_field import (
    adaptive_step,
    transposed_step,
)
from poolviz.arithmetic.network.window_cache import WindowCalculator, window_calculator
from poolviz.arithmetic.trace import Trace


def _axis_count(layer: Pool, flow: FeatureMap, error: str | None = None) -> int:
    count, wanted = len(flow.sizes), layer.ndim
    if count == 0 or (wanted is not None and wanted not in (1, count)):
        raise stop(FailureKind.AXES, expected=(wanted or 0,), got=(count,), error=error)
    return count


def pool(layer: Pool, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    """Return the feature map behind a pooling layer; it may be empty."""
    error = config.rules.axes_error(layer, len(flow.sizes))
    windows = window_calculator(layer, config.framework, _axis_count(layer, flow, error))
    # The short way for nearly all layers. A search for fixes runs a network hundreds of times, and
    # a whole trace is only needed to say what went wrong.
    sizes = windows.sizes(flow.sizes)
    if sizes is not None:
        return LayerResult(FeatureMap(flow.channels, sizes), windows.field_steps, 0, windows.layer)
    traced = windows.trace(flow.sizes)
    if traced.outcome == "ok" and not traced.is_truncated:
        return LayerResult(
            FeatureMap(flow.channels, traced.output_size), windows.field_steps, 0, windows.layer
        )
    # Not every problem stops the network: JAX and old Keras hand an empty map on in silence.
    problem = _pool_problem(traced)
    returned = traced.returned_size
    if returned is None:
        raise ForwardStopped(problem)
    return LayerResult(
        FeatureMap(flow.channels, returned), windows.field_steps, 0, windows.layer, problem
    )


def _pool_problem(traced: Trace) -> Problem:
    """Return why a pooling layer fails, also where it returns an empty map in silence."""
    kinds = {
        "not offered": FailureKind.REFUSED,
        "limit": FailureKind.LIMIT,
        "empty input": FailureKind.EMPTY_INPUT,
    }
    # Rejected arguments come first: frameworks check them before they compute any size.
    if traced.refusals:
        kind = kinds[traced.refusals[0].reason]
        axes = tuple(dict.fromkeys(r.axis for r in traced.refusals if r.axis))
    elif traced.is_truncated:
        kind, axes = FailureKind.TRUNCATED, tuple(a.name for a in traced.axes if a.is_truncated)
    else:
        axes = tuple(axis.name for axis in traced.failing_axes)
        is_empty = all(axis.input_size == 0 for axis in traced.failing_axes)
        kind = FailureKind.EMPTY_INPUT if is_empty else FailureKind.NO_WINDOW
    return Problem(
        kind=kind,
        axes=axes,
        refusals=traced.refusals,
        trace=traced,
        is_silent=traced.outcome != "raises",
        error=traced.error_name,
    )


def convolution(
    layer: Conv | DepthwiseConv, flow: FeatureMap, config: NetworkConfig
) -> LayerResult:
    """Return the feature map behind a convolution, after its channels are checked."""
    window, channels = layer.window, flow.channels
    windows, refusals = convolution_plan(
        config.framework,
        window,
        layer.padding == "causal",
        _axis_count(window, flow),
        is_depthwise=isinstance(layer, DepthwiseConv),
    )
    if isinstance(layer, DepthwiseConv):
        # One group per channel; at least one, so that a map without channels divides nothing by 0.
        out_channels, groups = channels * layer.depth_multiplier, channels or 1
    else:
        out_channels, groups = layer.out_channels, layer.groups
    if not refusals and groups != 1 and not config.rules.takes_groups(len(flow.sizes)):
        raise refused("refusal.convolution_has_no_groups", "groups=1", "groups", config)
    check_convolution(layer, channels, refusals, config)
    parameters = (windows.kernel_elements * (channels // groups) + layer.bias) * out_channels
    sizes = windows.sizes(flow.sizes)
    problem = None
    if sizes is None:
        sizes, problem = _short_convolution(windows, flow, config)
    return LayerResult(
        FeatureMap(out_channels, sizes), windows.field_steps, parameters, windows.layer, problem
    )


def _short_convolution(
    windows: WindowCalculator, flow: FeatureMap, config: NetworkConfig
) -> tuple[tuple[int, ...], Problem | None]:
    """Sizes after a convolution whose kernel exceeds the map: padded, raised, or empty."""
    rules, traced = config.rules, windows.trace(flow.sizes)
    traced = replace(traced, axes=tuple(map(rules.convolution_axis, traced.axes)))
    # "same" pads as much as the kernel needs: such an axis is short of nothing.
    short = [axis for axis in traced.axes if axis.missing and not axis.is_same]
    empty = [axis for axis in traced.axes if axis.input_size == 0]
    # A map of size 0 is short of every kernel, but then the layer before it is to blame.
    at_fault = short or empty
    if not at_fault:
        return traced.output_size, None
    sizes = tuple(max(0, axis.output_size) for axis in traced.axes)
    stops = any(rules.convolution_fails(axis) for axis in short if not axis.is_truncated) or (
        bool(empty)
        and rules.stops_at_empty_maps
        and not (rules.convolves_empty_maps and min(sizes) > 0)
    )
    kind = FailureKind.NO_WINDOW
    if not stops and min(sizes) > 0:
        if not short:
            return sizes, None
        kind = FailureKind.TRUNCATED
    elif all(axis.input_size == 0 for axis in at_fault):
        kind = FailureKind.EMPTY_INPUT
    problem = Problem(
        kind=kind,
        axes=tuple(axis.name for axis in at_fault),
        trace=traced,
        is_silent=not stops,
        error=rules.error_class(FailureKind.NO_WINDOW) if stops else None,
    )
    if stops:
        raise ForwardStopped(problem)
    return sizes, problem


def transposed(layer: ConvTranspose, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    """Return the feature map behind a transposed convolution, which may have a size below 1."""
    ndim = _axis_count(layer.window, flow)
    # By the formula alone: what the framework rejects in a transposed convolution follows below.
    windows = window_calculator(layer.window, FORMULA, ndim)
    extras = entries(layer.output_padding, flow)
    refusals = tuple(config.rules.transposed_refusals(layer, extras, ndim))
    check_convolution(layer, flow.channels, refusals, config)
    # onnxruntime 1.32.0 takes no output_padding on an axis without elements.
    extended = any(extra and size == 0 for extra, size in zip(extras, flow.sizes, strict=True))
    if extended or not config.rules.convolves_empty_maps:
        check_not_empty(flow, config)
    sizes = tuple(
        config.rules.transposed_size(axis, size, extra)
        for axis, size, extra in zip(windows.layer.axes(ndim), flow.sizes, extras, strict=True)
    )
    stops = config.rules.transposed_fails(layer.with_axes(ndim), sizes)
    problem = lost(sizes, flow, config, stops)
    # Size 0 goes on as a map without elements; below 0 it is no shape that a layer could be given.
    steps = tuple(
        transposed_step(span, stride)
        for span, stride in zip(windows.spans, windows.strides, strict=True)
    )
    each = windows.kernel_elements * (flow.channels // layer.groups) + layer.bias
    parameters = each * layer.out_channels
    flow = FeatureMap(layer.out_channels, tuple(max(0, size) for size in sizes))
    return LayerResult(flow, steps, parameters, None, problem)


def adaptive(layer: AdaptivePool, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    """Return a feature map of the size that the layer states; None keeps an axis."""
    error = config.rules.axes_error(layer, len(flow.sizes))
    wanted = entries(layer.output_size, flow, error)
    if not config.rules.has_adaptive_pooling:
        key, instead = "refusal.no_adaptive_pooling", "GlobalPool"
        raise refused(key, instead, "output_size", config, "AttributeError")
    if not config.rules.pools_nothing(layer):
        check_not_empty(flow, config)
    sizes = tuple(
        size if entry is None else entry for entry, size in zip(wanted, flow.sizes, strict=True)
    )
    steps = tuple(map(adaptive_step, flow.sizes, sizes))
    window = replace(layer, framework=config.framework).with_axes(len(sizes))
    return LayerResult(FeatureMap(flow.channels, sizes), steps, 0, window)


def global_pool(layer: GlobalPool, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    """Return one value per channel, with axes of size 1 or without any."""
    if not flow.sizes:
        raise stop(FailureKind.AXES, expected=(0,), got=(0,))
    if not config.rules.pools_nothing(layer):
        check_not_empty(flow, config)
    if 0 in flow.sizes and layer.op == "max" and not config.rules.takes_max_of_nothing:
        raise stop(FailureKind.EMPTY_INPUT, got=flow.sizes)
    keeps = layer.keepdims
    if keeps is None:
        keeps = config.rules.global_pooling_keeps_axes
    window = replace(layer, framework=config.framework)
    if not keeps:
        return LayerResult(FeatureMap(flow.channels, ()), None, 0, window)
    steps = tuple(adaptive_step(size, 1) for size in flow.sizes)
    return LayerResult(FeatureMap(flow.channels, (1,) * len(flow.sizes)), steps, 0, window)
