"""Shapes and parameters after each kind of layer: one function per kind, for all frameworks.

Sources: PyTorch 2.13.0 (aten Convolution.cpp, nn.Linear, torch.cat), Keras 3.15.1 symbolic
(`compute_conv_output_shape`, `compute_conv_transpose_output_shape`, `Concatenate`, `Add`),
TensorFlow 2.21.0 with static shapes (tf.nn.conv2d; the other layers as in tf.keras), Flax 0.12.8
on JAX 0.10.2, onnxruntime 1.32.0 (opset 22); each was run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any, NamedTuple

from poolviz.arithmetic.framework_names import FORMULA
from poolviz.arithmetic.frameworks.base import Framework
from poolviz.arithmetic.frameworks.refusals import not_offered
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.axes import Axis
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    AxisMap,
    Crop,
    Flatten,
    GlobalPool,
    Identity,
    Input,
    Linear,
    Permute,
    Reshape,
    Upsample,
    ZeroPad,
)
from poolviz.arithmetic.layers.pool import AXIS_NAMES, Pool
from poolviz.arithmetic.network.conv_rules import check_channels, convolution_plan
from poolviz.arithmetic.network.failures import FailureKind, ForwardStopped, Problem
from poolviz.arithmetic.network.receptive_field import (
    FieldStep,
    adaptive_step,
    resizing_step,
    transposed_step,
)
from poolviz.arithmetic.network.window_cache import WindowCalculator, window_calculator
from poolviz.arithmetic.open_size import OpenSize, differ, has_open
from poolviz.arithmetic.trace import Trace
from poolviz.i18n.phrase import phrase

NEIGHBOURS = {"nearest": 1, "linear": 2, "cubic": 4}  # input elements per output, on one axis


class FeatureMap(NamedTuple):
    """Channels (or features, when no spatial axis is left) and spatial sizes."""

    channels: int
    sizes: tuple[int, ...]


class NetworkConfig(NamedTuple):
    """Settings of a whole network.

    The last three are for searches: `sizes_only` skips the checks of channels and features;
    `meets_any_size` lets branches of different sizes join, except along `strict_axis`.
    """

    framework: str
    channels_last: bool
    sizes_only: bool = False
    meets_any_size: bool = False
    strict_axis: int | None = None

    @property
    def rules(self) -> Framework:
        """The rules of the framework."""
        return FRAMEWORKS[self.framework]

    def shape(self, flow: FeatureMap) -> tuple[int, ...]:
        """Return the shape without the batch, in the order of the data."""
        return (*flow.sizes, flow.channels) if self.channels_last else (flow.channels, *flow.sizes)

    def flow(self, shape: tuple[int, ...]) -> FeatureMap:
        """Return the feature map of a shape without the batch."""
        return (
            FeatureMap(shape[-1], shape[:-1])
            if self.channels_last
            else FeatureMap(shape[0], shape[1:])
        )


class LayerResult(NamedTuple):
    """Result of one layer. `field_steps` None keeps the receptive field, () starts a new one."""

    flow: FeatureMap
    field_steps: tuple[FieldStep, ...] | None = None
    parameters: int = 0
    window: Pool | None = None
    problem: Problem | None = None


def _stop(kind: FailureKind, **facts: Any) -> ForwardStopped:
    return ForwardStopped(Problem(kind=kind, **facts))


def _not_offered(
    key: str, instead: str, parameter: str, config: NetworkConfig, error: str = "TypeError"
) -> ForwardStopped:
    why = phrase(key, framework=config.rules.title)
    refusal = not_offered(why, instead, parameter, error)
    return _stop(FailureKind.REFUSED, refusals=(refusal,), error=error)


def _entries(value: Any, flow: FeatureMap) -> tuple[Any, ...]:
    """Return one entry per axis of the map; a single entry applies to all."""
    count = len(flow.sizes)
    entries = value if isinstance(value, tuple) else (value,) * count
    if count == 0 or len(entries) not in (1, count):
        expected = len(entries) if isinstance(value, tuple) else 0
        raise _stop(FailureKind.AXES, expected=(expected,), got=(count,))
    return entries if len(entries) == count else entries * count


def _axis_count(layer: Pool, flow: FeatureMap, error: str | None = None) -> int:
    count, wanted = len(flow.sizes), layer.ndim
    if count == 0 or (wanted is not None and wanted not in (1, count)):
        raise _stop(FailureKind.AXES, expected=(wanted or 0,), got=(count,), error=error)
    return count


# --- sliding windows -----------------------------------------------------------------------------


def _pool(layer: Pool, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    error = config.rules.axes_error(layer, len(flow.sizes))
    windows = window_calculator(layer, config.framework, _axis_count(layer, flow, error))
    sizes = windows.sizes(flow.sizes)
    if sizes is not None:
        return LayerResult(FeatureMap(flow.channels, sizes), windows.field_steps, 0, windows.layer)
    traced = windows.trace(flow.sizes)
    if traced.outcome == "ok" and not traced.is_truncated:
        return LayerResult(
            FeatureMap(flow.channels, traced.output_size), windows.field_steps, 0, windows.layer
        )
    problem = _pool_problem(traced)
    returned = traced.returned_size
    if returned is None:
        raise ForwardStopped(problem)
    return LayerResult(
        FeatureMap(flow.channels, returned), windows.field_steps, 0, windows.layer, problem
    )


def _pool_problem(traced: Trace) -> Problem:
    kinds = {
        "not offered": FailureKind.REFUSED,
        "limit": FailureKind.LIMIT,
        "empty input": FailureKind.EMPTY_INPUT,
    }
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


def _convolution(
    layer: Conv | DepthwiseConv, flow: FeatureMap, config: NetworkConfig
) -> LayerResult:
    window, channels = layer.window, flow.channels
    windows, refusals = convolution_plan(
        config.framework, window, layer.padding == "causal", _axis_count(window, flow)
    )
    if refusals:
        raise _stop(FailureKind.REFUSED, refusals=refusals, error=refusals[0].error)
    if isinstance(layer, DepthwiseConv):
        out_channels, groups = channels * layer.depth_multiplier, channels or 1
    else:
        out_channels, groups = layer.out_channels, layer.groups
    if groups != 1 and not config.rules.takes_groups(len(flow.sizes)):
        raise _not_offered("refusal.convolution_has_no_groups", "groups=1", "groups", config)
    if isinstance(layer, Conv) and not config.sizes_only:
        check_channels(layer, channels)
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
    short = [axis for axis in traced.axes if axis.missing and not axis.is_same]
    empty = [axis for axis in traced.axes if axis.input_size == 0]
    at_fault = short or empty
    if not at_fault:
        return traced.output_size, None
    stops = any(rules.convolution_fails(axis) for axis in short if not axis.is_truncated) or (
        bool(empty) and rules.stops_at_empty_maps
    )
    sizes = tuple(max(0, axis.output_size) for axis in traced.axes)
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
    )
    if stops:
        raise ForwardStopped(problem)
    return sizes, problem


def _transposed(layer: ConvTranspose, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    ndim = _axis_count(layer.window, flow)
    windows = window_calculator(layer.window, FORMULA, ndim)
    extras = _entries(layer.output_padding, flow)
    refusals = tuple(config.rules.transposed_refusals(layer, extras, ndim))
    if refusals:
        raise _stop(FailureKind.REFUSED, refusals=refusals, error=refusals[0].error)
    if not config.sizes_only:
        check_channels(layer, flow.channels)
    _check_not_empty(flow, config)
    sizes = tuple(
        config.rules.transposed_size(axis, size, extra)
        for axis, size, extra in zip(windows.layer.axes(ndim), flow.sizes, extras, strict=True)
    )
    rules = config.rules
    stops = rules.stops_at_empty_maps or rules.transposed_convolutions_need_output
    problem = _lost(sizes, flow, config, stops)
    steps = tuple(
        transposed_step(span, stride)
        for span, stride in zip(windows.spans, windows.strides, strict=True)
    )
    each = windows.kernel_elements * (flow.channels // layer.groups) + layer.bias
    parameters = each * layer.out_channels
    flow = FeatureMap(layer.out_channels, tuple(max(0, size) for size in sizes))
    return LayerResult(flow, steps, parameters, None, problem)


def _check_not_empty(flow: FeatureMap, config: NetworkConfig) -> None:
    if 0 in flow.sizes and config.rules.stops_at_empty_maps:
        names = AXIS_NAMES[len(flow.sizes)]
        axes = tuple(names[i] for i, size in enumerate(flow.sizes) if size == 0)
        raise _stop(FailureKind.EMPTY_INPUT, axes=axes, got=flow.sizes)


def _lost(
    sizes: tuple[int, ...], flow: FeatureMap, config: NetworkConfig, stops: bool
) -> Problem | None:
    """Return the problem of a layer whose output is empty; None when it is not."""
    if min(sizes) > 0:
        return None
    names = AXIS_NAMES[len(sizes)]
    problem = Problem(
        kind=FailureKind.EMPTY_INPUT if 0 in flow.sizes else FailureKind.NOTHING_LEFT,
        axes=tuple(names[i] for i, size in enumerate(sizes) if size < 1),
        expected=flow.sizes,
        got=sizes,
        is_silent=not stops,
    )
    if stops:
        raise ForwardStopped(problem)
    return problem


# --- other layers with axes ----------------------------------------------------------------------


def _adaptive(layer: AdaptivePool, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    wanted = _entries(layer.output_size, flow)
    if not config.rules.has_adaptive_pooling:
        key, instead = "refusal.no_adaptive_pooling", "GlobalPool"
        raise _not_offered(key, instead, "output_size", config, "AttributeError")
    _check_not_empty(flow, config)
    sizes = tuple(
        size if entry is None else entry for entry, size in zip(wanted, flow.sizes, strict=True)
    )
    steps = tuple(map(adaptive_step, flow.sizes, sizes))
    return LayerResult(FeatureMap(flow.channels, sizes), steps)


def _global(layer: GlobalPool, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    if not flow.sizes:
        raise _stop(FailureKind.AXES, expected=(0,), got=(0,))
    _check_not_empty(flow, config)
    if 0 in flow.sizes and layer.op == "max" and not config.rules.takes_max_of_nothing:
        raise _stop(FailureKind.EMPTY_INPUT, got=flow.sizes)
    keeps = layer.keepdims
    if keeps is None:
        keeps = config.rules.global_pooling_keeps_axes
    if not keeps:
        return LayerResult(FeatureMap(flow.channels, ()))
    steps = tuple(adaptive_step(size, 1) for size in flow.sizes)
    return LayerResult(FeatureMap(flow.channels, (1,) * len(flow.sizes)), steps)


def _sides(value: Any, flow: FeatureMap) -> list[tuple[int, int]]:
    entries = _entries(value, flow)
    return [entry if isinstance(entry, tuple) else (entry, entry) for entry in entries]


def _zero_pad(layer: ZeroPad, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    sides = _sides(layer.padding, flow)
    if layer.mode != "constant":
        _check_edge(layer.mode == "reflect", sides, flow)
    sizes = tuple(size + sum(pair) for size, pair in zip(flow.sizes, sides, strict=True))
    return LayerResult(FeatureMap(flow.channels, sizes))


def _check_edge(reflects: bool, sides: list[tuple[int, int]], flow: FeatureMap) -> None:
    """Check that an axis has what is put around it: a reflection leaves out the edge itself."""
    needed = [max(pair) + reflects for pair in sides]
    wrong = [i for i, size in enumerate(flow.sizes) if size < needed[i]]
    if wrong:
        axes = tuple(AXIS_NAMES[len(flow.sizes)][i] for i in wrong)
        counts = {"expected": (needed[wrong[0]],), "got": (flow.sizes[wrong[0]],)}
        raise _stop(FailureKind.TOO_FEW, axes=axes, error="RuntimeError", **counts)


def _crop(layer: Crop, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    sides = _sides(layer.cropping, flow)
    sizes = tuple(size - sum(pair) for size, pair in zip(flow.sizes, sides, strict=True))
    # PyTorch's ZeroPad with negative numbers may leave 0 elements, Keras' Cropping must leave one.
    # A slice, as in MLX, takes what there is.
    least = config.rules.least_after_cropping
    problem = _lost(sizes, flow, config, stops=least is not None and min(sizes) < least)
    sizes = tuple(max(0, size) for size in sizes)
    return LayerResult(FeatureMap(flow.channels, sizes), problem=problem)


def _upsample(layer: Upsample, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    _check_not_empty(flow, config)
    if layer.size is not None and not config.rules.resizes_to_size:
        raise _not_offered("refusal.no_resizing_to_size", "scale_factor", "size", config)
    if layer.size is not None:
        sizes = _entries(layer.size, flow)
    else:
        factors = _entries(layer.scale_factor, flow)
        sizes = tuple(size * factor for size, factor in zip(flow.sizes, factors, strict=True))
    count = NEIGHBOURS[layer.mode]
    steps = tuple(resizing_step(*pair, count) for pair in zip(flow.sizes, sizes, strict=True))
    return LayerResult(FeatureMap(flow.channels, sizes), steps)


# --- layers that change the number of axes, or no shape at all -----------------------------------


def _identity(layer: Identity, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    wrong = layer.channels is not None and differ(layer.channels, flow.channels)
    if not (wrong and layer.error):  # torch: an InstanceNorm compares its channels first
        _check_elements(layer, flow)
    if wrong and not config.sizes_only:
        facts = {"expected": (layer.channels,), "got": (flow.channels,), "error": layer.error}
        raise _stop(FailureKind.CHANNELS, **facts)
    return LayerResult(flow, None, layer.parameters + layer.parameters_per_channel * flow.channels)


def _check_elements(layer: Identity, flow: FeatureMap) -> None:
    elements = prod(flow.sizes)
    if 0 < elements < layer.least and not has_open(flow.sizes):
        axes = AXIS_NAMES.get(len(flow.sizes), ())
        raise _stop(FailureKind.TOO_FEW, axes=axes, expected=(layer.least,), got=(elements,))


def _flatten(layer: Flatten, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    return LayerResult(FeatureMap(flow.channels * prod(flow.sizes), ()), ())


def _linear(layer: Linear, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    mixes_channels = config.channels_last or not flow.sizes
    features = flow.channels if mixes_channels else flow.sizes[-1]
    wrong = layer.in_features is not None and differ(layer.in_features, features)
    if wrong and not config.sizes_only:
        raise _stop(FailureKind.FEATURES, expected=(layer.in_features,), got=(features,))
    if features == 0 and config.rules.no_features_error:
        raise _stop(FailureKind.EMPTY_INPUT, got=(0,), error=config.rules.no_features_error)
    parameters = (features + layer.bias) * layer.out_features
    if mixes_channels:
        return LayerResult(FeatureMap(layer.out_features, flow.sizes), None, parameters)
    sizes = (*flow.sizes[:-1], layer.out_features)
    steps = (*(FieldStep(1, 0, 1) for _ in sizes[1:]), FieldStep(0, max(0, features - 1), 1))
    return LayerResult(FeatureMap(flow.channels, sizes), steps, parameters)


def _reshape(layer: Reshape, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    elements = flow.channels * prod(flow.sizes)
    known = prod(entry for entry in layer.shape if entry != -1)
    has_free = -1 in layer.shape
    fits = known > 0 and elements % known == 0 if has_free else not differ(elements, known)
    if not fits and not config.sizes_only:
        raise _stop(FailureKind.ELEMENTS, expected=(known,), got=(elements,))
    if not layer.copies and not config.sizes_only:
        raise _stop(FailureKind.LAYOUT)
    free = elements // known if known else 0
    shape = tuple(free if entry == -1 else entry for entry in layer.shape)
    return LayerResult(config.flow(shape), ())


def _permute(layer: Permute, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    shape = config.shape(flow)
    if len(layer.dims) != len(shape):
        counts = {"expected": (len(layer.dims) - 1,), "got": (len(shape) - 1,)}
        raise _stop(FailureKind.AXES, **counts)
    return LayerResult(config.flow(tuple(shape[dim - 1] for dim in layer.dims)), ())


def _axis_map(layer: AxisMap, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    shape = config.shape(flow)
    if len(shape) != layer.rank:
        counts = {"expected": (layer.rank - 1,), "got": (len(shape) - 1,)}
        raise _stop(FailureKind.AXES, error=layer.error, **counts)
    checked = layer.only if config.sizes_only else (*layer.only, *layer.expects)
    for axis, size in checked:
        if differ(shape[axis - 1], size):
            got = (shape[axis - 1],)
            raise _stop(FailureKind.FEATURES, expected=(size,), got=got, error=layer.error)
    out = tuple(_axis_size(entry, shape, config) for entry in layer.shape)
    return LayerResult(config.flow(out), (), layer.parameters)


def _axis_size(entry: int | Axis, shape: tuple[int, ...], config: NetworkConfig) -> int:
    if not isinstance(entry, Axis):
        return entry
    size = shape[entry.axis - 1]
    if size * entry.times % entry.over and not config.sizes_only:
        raise _stop(FailureKind.PARTS, expected=(entry.over,), got=(size,))
    return entry.of(size)


def _input(layer: Input, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    return LayerResult(config.flow(layer.shape), (), layer.parameters)


Rule = Callable[[Any, FeatureMap, NetworkConfig], LayerResult]
STAND_INS = (1 << 20, 3 << 20)


def _with_open_sizes(rule: Rule) -> Rule:
    """Let a rule take open sizes along spatial axes: what depends on them stays open."""

    def run(layer: Any, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
        if not has_open(flow.sizes):
            return rule(layer, flow, config)
        results = [
            rule(layer, flow._replace(sizes=_filled(flow.sizes, size)), config)
            for size in STAND_INS
        ]
        one, other = (result.flow for result in results)
        pairs = zip(one.sizes, other.sizes, strict=True)
        sizes = tuple(a if a == b else OpenSize() for a, b in pairs)
        channels = OpenSize() if differ(one.channels, other.channels) else one.channels
        weights = results[0].parameters
        if differ(weights, results[1].parameters):
            weights = OpenSize()
        made = results[0]._replace(flow=FeatureMap(channels, sizes), parameters=weights)
        return made._replace(window=None, problem=None)

    return run


def _filled(sizes: tuple[int, ...], stand_in: int) -> tuple[int, ...]:
    return tuple(stand_in if type(size) is OpenSize else size for size in sizes)


_RULES: dict[type, Rule] = {
    Pool: _pool,
    Conv: _convolution,
    DepthwiseConv: _convolution,
    ConvTranspose: _transposed,
    AdaptivePool: _adaptive,
    GlobalPool: _global,
    ZeroPad: _zero_pad,
    Crop: _crop,
    Upsample: _upsample,
    Identity: _identity,
    Input: _input,
    Flatten: _flatten,
    Linear: _linear,
    Reshape: _reshape,
    Permute: _permute,
    AxisMap: _axis_map,
}
# These take open sizes as they are.
OPENING = (Flatten, Reshape, AxisMap, Permute, Identity, Input, Linear)
RULES: dict[type, Rule] = {
    kind: rule if issubclass(kind, OPENING) else _with_open_sizes(rule)
    for kind, rule in _RULES.items()
}
