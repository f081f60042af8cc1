"""Known causes of failures: each function recognises one by its signs and suggests fixes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import prod
from typing import TypeAlias

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Flatten,
    Layer,
    Linear,
    bare,
)
from poolviz.arithmetic.layers.pool import AXIS_NAMES, Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.arithmetic.network.forward import Failure, Network, Row
from poolviz.arithmetic.network.min_input import maps_of, smallest_input
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.network.candidate_fixes import (
    DATA,
    Advice,
    CandidateFix,
    global_in_place,
    row_label,
)
from poolviz.diagnosis.network.phrases import StackFinding, failure_label
from poolviz.diagnosis.network.skip_connections import odd_sizes
from poolviz.diagnosis.phrases import axis_word
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import Phrase, Words, counted, listed, phrase

# causes of findings, for comparison
CHANNEL_ORDER, FIXED_HEAD, NO_FLATTEN = "channel order", "fixed head", "no Flatten"
PICTURE_CHANNELS = (1, 3)  # grey and colour: the size of a misplaced channel axis
LEAST_SIDE = 8  # an axis this long is not the channel axis of a picture
# A last pooling with a kernel this large was built for one map size.
# ResNets end with an average of 4 (CIFAR-10) or 7 (ImageNet); a maximum of 3 or 5 is common before
# the end.
LEAST_HEAD = {"avg": 4, "lp": 4, "max": 7}


def advice(network: Network) -> Iterator[Advice]:
    """Yield the advice of each known cause that applies to the network."""
    for recognise in _KNOWN_CAUSES:
        said = recognise(network)
        if said is not None:
            yield said


# --- channel order -------------------------------------------------------------------------------


def channel_order(network: Network) -> Advice | None:
    """Recognise data in the other channel order, and compare both readings.

    The signs: an axis of 1 or 3 where height or width is read, or a first convolution built for
    exactly that many channels.
    """
    config, shape = network.config, network.input_shape
    other_shape = (*shape[1:], shape[0]) if config.channels_last else (shape[-1], *shape[:-1])
    if len(shape) < 2 or not _looks_swapped(network, other_shape):
        return None
    other = network.with_input(other_shape)
    here, there = network.done, other.done
    if here.failure is not None and there.failure is not None:
        # Both fail: only an order that gets further explains the failure.
        if there.failure.index <= here.failure.index:
            return None  # the other order is not better
        result = phrase("known_cause.comes_as_far_as", layer=failure_label(there.failure))
    elif there.failure is not None:
        return None
    else:
        result = phrase("known_cause.every_layer_runs")
        if there.rows:
            result = phrase("known_cause.comes_out", size=there.rows[-1].output_shape)
    what = phrase("known_cause.read_as", input=shape, reading=_reading(shape, config))
    key = "known_cause.channels_first" if config.channels_last else "known_cause.channels_last"
    why = phrase(key, reading=_reading(other_shape, config), result=result)
    severity = Severity.NOTE if here.failure is None else Severity.ERROR
    finding = StackFinding(CHANNEL_ORDER, severity, (), what, why)
    return Advice(finding, tuple(_reorderings(network, other)))


def _looks_swapped(network: Network, other_shape: tuple[int, ...]) -> bool:
    config = network.config
    here, there = config.flow(network.input_shape), config.flow(other_shape)
    if here.channels == there.channels:
        return False
    looks_like_picture = (
        there.channels in PICTURE_CHANNELS
        and here.channels not in PICTURE_CHANNELS
        # A map of 3 × 3 also looks like three channels; pictures are longer.
        and min(there.sizes) >= LEAST_SIDE
    )
    first = next((bare(layer) for layer in network.layers if isinstance(bare(layer), Conv)), None)
    is_built_for = isinstance(first, Conv) and first.in_channels == there.channels
    return looks_like_picture or is_built_for


def _reading(shape: tuple[int, ...], config: NetworkConfig) -> Words:
    flow = config.flow(shape)
    names = AXIS_NAMES[len(flow.sizes)]
    sides = [
        phrase("known_cause.side", axis=Phrase(axis_word, (name,)), size=size)
        for name, size in zip(names, flow.sizes, strict=True)
    ]
    return listed([*sides, counted(flow.channels, "channel")])


def _reorderings(network: Network, other: Network) -> Iterator[CandidateFix]:
    """Yield both ways to make data and layers agree: turn the data, or the layers."""
    config, shape = network.config, other.input_shape
    ndim = len(shape) - 1
    axes = (
        (0, *range(2, ndim + 2), 1) if config.channels_last else (0, ndim + 1, *range(1, ndim + 1))
    )
    write = DIALECTS[config.framework].write
    key = "change.channels_put_last" if config.channels_last else "change.channels_put_first"
    yield CandidateFix(
        parameter=CHANNEL_ORDER,
        network=other,
        change=phrase(key, shape=shape),
        first=DATA,
        touched=0,
        is_cause=True,
        code=write.transposed(axes),
    )
    word = "channels_first" if config.channels_last else "channels_last"
    code = write.data_format(word)
    if code:
        turned = config._replace(channels_last=not config.channels_last)
        yield CandidateFix(
            parameter="data_format",
            network=Network(network.layers, network.input_shape, turned),
            change=phrase("change.in_every_layer", code=f'data_format="{word}"'),
            first=DATA,
            touched=len(network.layers),
            is_cause=True,
            code=code,
            also=phrase("also.channels_first_on_a_cpu")
            if word == "channels_first" and config.rules.channels_first_needs_a_backend
            else "",
        )


# --- a head that was made for one size -----------------------------------------------------------


def fixed_head(network: Network) -> Advice | None:
    """Recognise a last pooling, or a dense layer after Flatten, that was built for another size."""
    failure = network.done.failure
    if failure is None:
        return None
    if failure.problem.kind is FailureKind.FEATURES:
        return _missing_flatten(network, failure) or _other_features(network, failure)
    layer = failure.layer
    if (
        failure.problem.kind is FailureKind.NO_WINDOW
        and isinstance(layer, Pool)
        and len(failure.path) == 1
    ):
        return _head_pool(network, failure, layer)
    return None


def _missing_flatten(network: Network, failure: Failure) -> Advice | None:
    # Without spatial axes there is nothing to flatten.
    if not isinstance(bare(failure.layer), Linear) or not failure.input_size:
        return None
    if any(isinstance(row.layer, Flatten) for row in network.done.rows):
        return None
    shape, label = failure.input_shape, failure_label(failure)
    what = phrase("known_cause.last_axis_only", layer=label, size=shape[-1])
    why = phrase("known_cause.not_flattened", shape=shape)
    candidate = _flattened(network, failure, shape)
    finding = StackFinding(NO_FLATTEN, Severity.ERROR, (), what, why, failure.index)
    return Advice(finding, (candidate,))


def _flattened(network: Network, failure: Failure, shape: tuple[int, ...]) -> CandidateFix:
    """Suggest Flatten before a dense layer, which gets the features that then arrive."""
    layer, features, label = network.layer_at(failure.path), prod(shape), failure_label(failure)
    change = phrase("change.before", new="Flatten", layer=label)
    also: Words = ""
    assert isinstance(layer, Linear)
    write, ndim = DIALECTS[network.config.framework].write, len(failure.input_size)
    code = [write.layer(Flatten(), ndim, 0)]
    if layer.in_features != features:
        old, also = layer.in_features, phrase("also.new_weights")
        change = phrase("change.before_with", change=change, before=old, after=features)
        layer = replace(layer, in_features=features)
        code.append(write.layer(layer, 0, features))
    return CandidateFix(
        parameter="layer",
        network=network.replaced(failure.path, Flatten(), layer),
        change=change,
        also=also,
        first=failure.index,
        is_cause=True,
        code=", ".join(code) if all(code) else "",
    )


def _other_features(network: Network, failure: Failure) -> Advice | None:
    """Say which map the dense layer was built for, and which one arrives; None without Flatten."""
    flat = [row for row in network.done.rows if isinstance(row.layer, Flatten)]
    if not flat:
        return None
    row, wanted_features = flat[-1], failure.problem.expected[0]
    flow = network.config.flow(row.input_shape)
    # The dense layer was built for channels × a map, and the channels are known: the rest is the
    # map.
    wanted = next(maps_of(wanted_features, flow.channels, len(flow.sizes)), None)
    arrives = {
        "channels": counted(flow.channels, "channel"),
        "map": phrase("known_cause.a_map", size=flow.sizes),
    }
    if wanted is None:
        what = phrase("known_cause.no_multiple", wanted=wanted_features, **arrives)
        return Advice(StackFinding(FIXED_HEAD, Severity.ERROR, (), what, layer=failure.index))
    wanted_map = phrase("known_cause.a_map", size=wanted)
    what = phrase("known_cause.other_map", wanted=wanted_features, wanted_map=wanted_map, **arrives)
    finding = StackFinding(FIXED_HEAD, Severity.ERROR, (), what, layer=failure.index)
    return Advice(finding, tuple(_head_sizes(network, failure, row, wanted)))


def _head_sizes(
    network: Network, failure: Failure, flat: Row, wanted: tuple[int, ...]
) -> Iterator[CandidateFix]:
    if network.config.rules.has_adaptive_pooling:
        pool = AdaptivePool(wanted)
        yield CandidateFix(
            parameter="adaptive",
            network=network.replaced(flat.path, pool, network.layer_at(flat.path)),
            change=phrase("change.adaptive_before", size=wanted, layer=row_label(flat)),
            also=phrase("also.head_stays"),
            first=flat.index,
            layer=pool,
        )


def _has_window(layers: Iterable[Layer]) -> bool:
    windows = Pool | Conv | DepthwiseConv | ConvTranspose
    return any(isinstance(bare(layer), windows) for layer in layers)


def _head_pool(network: Network, failure: Failure, layer: Pool) -> Advice | None:
    place = failure.path[0]
    # A head is the last layer with windows, behind at least one other.
    if not _has_window(network.layers[:place]) or _has_window(network.layers[place + 1 :]):
        return None
    kernel = tuple(axis.kernel_size for axis in layer.axes(len(failure.input_size)))
    if min(kernel) < LEAST_HEAD[layer.op]:
        return None
    least = smallest_input(network)
    why = phrase("known_cause.large_enough_from", size=least) if least else ""
    what = phrase("known_cause.head_pools", kernel=kernel, size=failure.input_size)
    finding = StackFinding(FIXED_HEAD, Severity.ERROR, (), what, why, failure.index)
    also = phrase("also.one_number_per_channel")
    return Advice(finding, (global_in_place(network, failure, layer, also, is_cause=True),))


KnownCause: TypeAlias = Callable[[Network], Advice | None]
_KNOWN_CAUSES: tuple[KnownCause, ...] = (channel_order, fixed_head, odd_sizes)
