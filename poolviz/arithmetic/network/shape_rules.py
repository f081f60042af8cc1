"""Shapes and parameters after each kind of layer: one function per kind, for all frameworks.

Sources: PyTorch 2.13.0 (aten Convolution.cpp, nn.Linear, torch.cat), Keras 3.15.1 symbolic
(`compute_conv_output_shape`, `compute_conv_transpose_output_shape`, `Concatenate`, `Add`),
TensorFlow 2.21.0 with static shapes (tf.nn.conv2d; the other layers as in tf.keras), Flax 0.12.8
on JAX 0.10.2, onnxruntime 1.32.0 (opset 22); each was run.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

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
from poolviz.arithmetic.network.failures import FailureKind
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
from poolviz.arithmetic.network.receptive_field import FieldStep, resizing_step
from poolviz.arithmetic.network.window_rules import (
    adaptive,
    convolution,
    global_pool,
    pool,
    transposed,
)
from poolviz.arithmetic.open_size import OpenSize, differ, has_open

NEIGHBOURS = {"nearest": 1, "linear": 2, "cubic": 4}  # input elements per output, on one axis


# --- layers with axes ----------------------------------------------------------------------------


def _sides(value: object, flow: FeatureMap) -> list[tuple[int, int]]:
    given = entries(value, flow)
    return [entry if isinstance(entry, tuple) else (entry, entry) for entry in given]


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
        raise stop(FailureKind.TOO_FEW, axes=axes, error="RuntimeError", **counts)


def _crop(layer: Crop, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    sides = _sides(layer.cropping, flow)
    sizes = tuple(size - sum(pair) for size, pair in zip(flow.sizes, sides, strict=True))
    # PyTorch's ZeroPad with negative numbers may leave 0 elements, Keras' Cropping must leave one.
    # A slice, as in MLX, takes what there is.
    least = config.rules.least_after_cropping
    problem = lost(sizes, flow, config, stops=least is not None and min(sizes) < least)
    # The problem has the negative size; a map that goes on is empty at least.
    sizes = tuple(max(0, size) for size in sizes)
    return LayerResult(FeatureMap(flow.channels, sizes), problem=problem)


def _upsample(layer: Upsample, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    check_not_empty(flow, config)
    if layer.size is not None and not config.rules.resizes_to_size:
        raise refused("refusal.no_resizing_to_size", "scale_factor", "size", config)
    if layer.size is not None:
        sizes = entries(layer.size, flow)
    else:
        factors = entries(layer.scale_factor, flow)
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
        raise stop(FailureKind.CHANNELS, **facts)
    return LayerResult(flow, None, layer.parameters + layer.parameters_per_channel * flow.channels)


def _check_elements(layer: Identity, flow: FeatureMap) -> None:
    elements = prod(flow.sizes)
    if 0 < elements < layer.least and not has_open(flow.sizes):
        axes = AXIS_NAMES.get(len(flow.sizes), ())
        raise stop(FailureKind.TOO_FEW, axes=axes, expected=(layer.least,), got=(elements,))


def _flatten(layer: Flatten, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    return LayerResult(FeatureMap(flow.channels * prod(flow.sizes), ()), ())


def _linear(layer: Linear, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    # A dense layer works on the last axis of the data: the channels, or the width of (C, H, W).
    mixes_channels = config.channels_last or not flow.sizes
    features = flow.channels if mixes_channels else flow.sizes[-1]
    wrong = layer.in_features is not None and differ(layer.in_features, features)
    if wrong and not config.sizes_only:
        facts = {"expected": (layer.in_features,), "got": (features,), "error": layer.error}
        raise stop(FailureKind.FEATURES, **facts)
    if features == 0 and config.rules.no_features_error:
        raise stop(FailureKind.EMPTY_INPUT, got=(0,), error=config.rules.no_features_error)
    parameters = (features + layer.bias) * layer.out_features
    if mixes_channels:
        return LayerResult(FeatureMap(layer.out_features, flow.sizes), None, parameters)
    sizes = (*flow.sizes[:-1], layer.out_features)
    # Each output sees the whole width, and along the other axes its own place only.
    steps = (*(FieldStep(1, 0, 1) for _ in sizes[1:]), FieldStep(0, max(0, features - 1), 1))
    return LayerResult(FeatureMap(flow.channels, sizes), steps, parameters)


def _reshape(layer: Reshape, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    elements = flow.channels * prod(flow.sizes)
    known = prod(entry for entry in layer.shape if entry != -1)
    has_free = -1 in layer.shape
    # torch and numpy cannot infer −1 from an empty rest: 0 elements fit any size.
    fits = known > 0 and elements % known == 0 if has_free else not differ(elements, known)
    if not fits and not config.sizes_only:
        raise stop(FailureKind.ELEMENTS, expected=(known,), got=(elements,))
    if not layer.copies and not config.sizes_only:
        raise stop(FailureKind.LAYOUT)
    free = elements // known if known else 0
    shape = tuple(free if entry == -1 else entry for entry in layer.shape)
    return LayerResult(config.flow(shape), ())


def _permute(layer: Permute, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    shape = config.shape(flow)
    if len(layer.dims) != len(shape):
        counts = {"expected": (len(layer.dims) - 1,), "got": (len(shape) - 1,)}
        raise stop(FailureKind.AXES, **counts)
    return LayerResult(config.flow(tuple(shape[dim - 1] for dim in layer.dims)), ())


def _axis_map(layer: AxisMap, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    shape = config.shape(flow)
    if len(shape) != layer.rank:
        counts = {"expected": (layer.rank - 1,), "got": (len(shape) - 1,)}
        raise stop(FailureKind.AXES, error=layer.error, **counts)
    # `only`: no other size has a known result. `expects` is a check, which a search leaves out.
    checked = layer.only if config.sizes_only else (*layer.only, *layer.expects)
    for axis, size in checked:
        if differ(shape[axis - 1], size):
            got = (shape[axis - 1],)
            raise stop(FailureKind.FEATURES, expected=(size,), got=got, error=layer.error)
    out = tuple(_axis_size(entry, shape, config) for entry in layer.shape)
    return LayerResult(config.flow(out), (), layer.parameters)


def _axis_size(entry: int | Axis, shape: tuple[int, ...], config: NetworkConfig) -> int:
    if not isinstance(entry, Axis):
        return entry
    size = shape[entry.axis - 1]
    if size * entry.times % entry.over and not config.sizes_only:
        raise stop(FailureKind.PARTS, expected=(entry.over,), got=(size,))
    return entry.of(size)


def _input(layer: Input, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    return LayerResult(config.flow(layer.shape), (), layer.parameters)


Rule = Callable[[Any, FeatureMap, NetworkConfig], LayerResult]
STAND_INS = (1 << 20, 3 << 20)


def result_of(layer: object, flow: FeatureMap, config: NetworkConfig) -> LayerResult:
    """Return the result of a layer, open where it depends on the open size of a spatial axis."""
    rule = RULES[type(layer)]
    if not has_open(flow.sizes) or isinstance(layer, _OPENING):
        return rule(layer, flow, config)
    # Two inputs that are too large for any window to fail and differ: what is equal in both
    # results cannot depend on the open size.
    results = [
        rule(layer, flow._replace(sizes=_filled(flow.sizes, size)), config) for size in STAND_INS
    ]
    one, other = (result.flow for result in results)
    pairs = zip(one.sizes, other.sizes, strict=True)
    sizes = tuple(a if a == b else OpenSize() for a, b in pairs)
    channels = OpenSize() if differ(one.channels, other.channels) else one.channels
    weights = results[0].parameters
    if differ(weights, results[1].parameters):
        weights = OpenSize()
    made = results[0]._replace(flow=FeatureMap(channels, sizes), parameters=weights)
    # A window has a trace on known sizes only.
    return made._replace(window=None, problem=None)


def _filled(sizes: tuple[int, ...], stand_in: int) -> tuple[int, ...]:
    return tuple(stand_in if type(size) is OpenSize else size for size in sizes)


RULES: dict[type, Rule] = {
    Pool: pool,
    Conv: convolution,
    DepthwiseConv: convolution,
    ConvTranspose: transposed,
    AdaptivePool: adaptive,
    GlobalPool: global_pool,
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
_OPENING = (Flatten, Reshape, AxisMap, Permute, Identity, Input, Linear)
