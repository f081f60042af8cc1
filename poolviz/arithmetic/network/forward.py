"""The forward pass of a network: shapes layer by layer, up to the first failure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.network_layers import (
    Add,
    Combine,
    Concatenate,
    Layer,
    Output,
    bare,
    branches_of,
    name_of,
    named_as,
    with_branches,
)
from poolviz.arithmetic.layers.pool import Pool as Pool
from poolviz.arithmetic.network.broadcasting import joined
from poolviz.arithmetic.network.failures import ForwardStopped, Problem
from poolviz.arithmetic.network.feature_map import FeatureMap, LayerResult, NetworkConfig
from poolviz.arithmetic.network.receptive_field import (
    START,
    FieldStep,
    ReceptiveField,
    after,
    jump,
    receptive_field,
)
from poolviz.arithmetic.network.shape_rules import RULES, result_of
from poolviz.arithmetic.network.unchecked import joins_open_sizes, may_fail
from poolviz.arithmetic.open_size import has_open
from poolviz.arithmetic.trace import Trace, trace

Path = tuple[int, ...]  # layer, or layer, branch, layer … for a layer inside a branch
SIDE = -1  # the branch of an `Output`, which is beside the way of the data


class Row(NamedTuple):
    """One layer that ran: shapes without the batch, in the order of the data.

    A tuple, not a dataclass, because a deep network makes thousands of them.
    """

    index: int  # type: ignore[assignment]  # a tuple has a method of that name, unused here
    path: Path
    layer: Layer
    name: str | None
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    input_size: tuple[int, ...]
    output_size: tuple[int, ...]
    fields: tuple[ReceptiveField, ...]
    parameters: int
    window: PoolingLayer | None

    @property
    def receptive_field(self) -> tuple[int, ...]:
        """Number of input elements of the network that one output element sees, per axis."""
        return tuple(map(receptive_field, self.fields))

    @property
    def jump(self) -> tuple[int | Fraction, ...]:
        """Distance of two neighbouring outputs in input elements of the network, per axis."""
        return tuple(map(jump, self.fields))

    @property
    def trace(self) -> Trace | None:
        """The trace of the window of a pooling or convolution; None for other layers."""
        return None if self.window is None else trace(self.window, self.input_size)

    @property
    def unread_count(self) -> int:
        """Number of input cells that no window reads."""
        traced = self.trace
        return 0 if traced is None else traced.unread_count


@dataclass(frozen=True, slots=True)
class Failure:
    """The first layer that raises, or that returns an empty map without an error."""

    index: int
    path: Path
    layer: Layer
    name: str | None
    input_shape: tuple[int, ...]
    input_size: tuple[int, ...]
    problem: Problem
    framework: str
    channels_last: bool

    @property
    def error(self) -> str | None:
        """The class of the exception; None where the framework does not raise."""
        if self.problem.is_silent:
            return None
        return self.problem.error or FRAMEWORKS[self.framework].error_class(self.problem.kind)


@dataclass(frozen=True, slots=True)
class ForwardPass:
    """The layers that ran, in order, and the first failure. `is_complete`: no layer raised.

    `outputs` are the shapes of all outputs, in the order of the model; () where a layer raised.
    `unchecked` are the indices of the rows that may fail, because a size before them is open.
    """

    rows: tuple[Row, ...]
    failure: Failure | None
    is_complete: bool
    outputs: tuple[tuple[int, ...], ...] = ()
    unchecked: tuple[int, ...] = ()


def forward(
    layers: tuple[Layer, ...], input_shape: tuple[int, ...], config: NetworkConfig
) -> ForwardPass:
    """Run every layer on the output of the one before, up to the first that raises.

    `input_shape`: elements, without the batch, in the order of the data.

    >>> done = forward((Pool(2), Pool(2)), (3, 5, 5), NetworkConfig("pytorch", channels_last=False))
    >>> [row.output_shape for row in done.rows], done.rows[-1].receptive_field
    ([(3, 2, 2), (3, 1, 1)], (4, 4))
    """
    flow = config.flow(input_shape)
    walker = _ForwardRunner(config)
    start = (START,) * len(flow.sizes)
    try:
        end, _ = walker.run(layers, flow, start, ())
    except ForwardStopped:
        return ForwardPass(tuple(walker.rows), walker.failure, is_complete=False)
    outputs = walker.in_order(config.shape(end))
    unchecked = tuple(walker.unchecked)
    return ForwardPass(tuple(walker.rows), walker.failure, True, outputs, unchecked)


# Without slots: `cached_property` keeps the forward pass in the instance's dictionary.
@dataclass(frozen=True)
class Network:
    """Layers with one input shape in one framework.

    `ends_early`: the model goes on after the last layer, which nobody knows. `is_for_one_size`: for
    another input it may have other layers.
    """

    layers: tuple[Layer, ...]
    input_shape: tuple[int, ...]
    config: NetworkConfig
    ends_early: bool = False
    is_for_one_size: bool = False

    @cached_property
    def done(self) -> ForwardPass:
        """The forward pass."""
        return forward(self.layers, self.input_shape, self.config)

    @property
    def input_size(self) -> tuple[int, ...]:
        """Number of input elements, one entry per spatial axis."""
        return self.config.flow(self.input_shape).sizes

    def with_input(self, shape: tuple[int, ...]) -> Network:
        """Return the same layers on another input."""
        return replace(self, input_shape=shape)

    def layer_at(self, path: Path) -> Layer:
        """Return the layer at `path`, without its name."""
        return bare(_at(self.layers, path))

    def replaced(self, path: Path, *new: Layer) -> Network:
        """Return a copy with the layer at `path` replaced by none, one or several.

        The name of the old layer goes to the last new one.
        """
        if new:
            new = (*new[:-1], named_as(_at(self.layers, path), new[-1]))
        return replace(self, layers=_put(self.layers, path, new))

    def with_branch_end(self, path: Path, branch: int, *new: Layer) -> Network:
        """Return a copy with layers added at the end of one branch of the layer at `path`."""
        merging = self.layer_at(path)
        branches = list(branches_of(merging))
        branches[branch] = (*branches[branch], *new)
        return self.replaced(path, with_branches(merging, tuple(branches)))


def _at(layers: tuple[Layer, ...], path: Path) -> Layer:
    for place, branch in zip(path[::2], path[1::2], strict=False):
        layers = branches_of(layers[place])[branch]
    return layers[path[-1]]


def _put(layers: tuple[Layer, ...], path: Path, new: tuple[Layer, ...]) -> tuple[Layer, ...]:
    place, rest = path[0], path[1:]
    if rest:
        branches, branch = list(branches_of(layers[place])), rest[0]
        branches[branch] = _put(branches[branch], rest[1:], new)
        new = (with_branches(layers[place], tuple(branches)),)
    return (*layers[:place], *new, *layers[place + 1 :])


class _ForwardRunner:
    """Collects rows while it runs the layers and their branches."""

    def __init__(self, config: NetworkConfig) -> None:
        self.config = config
        self.rows: list[Row] = []
        self.failure: Failure | None = None
        self.unchecked: list[int] = []
        self.outputs: dict[int, tuple[int, ...]] = {}  # further ones, by their place

    def in_order(self, end: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of the outputs; `end` has the place that no other one has."""
        places = iter(sorted(self.outputs))
        # Side outputs know their places; the end of the layers takes the one that is left.
        free = next(i for i in range(len(self.outputs) + 1) if next(places, None) != i)
        found = self.outputs | {free: end}
        return tuple(found[place] for place in sorted(found))

    def run(
        self,
        layers: tuple[Layer, ...],
        flow: FeatureMap,
        fields: tuple[ReceptiveField, ...],
        prefix: Path,
    ) -> tuple[FeatureMap, tuple[ReceptiveField, ...]]:
        config, rows = self.config, self.rows
        # Kept beside the flow: thousands of layers would compute it twice.
        shape = config.shape(flow)
        for place, entry in enumerate(layers):
            path = (*prefix, place)
            name = name_of(entry)
            layer = entry if name is None else bare(entry)
            # Not isinstance: this line runs for each layer of each input of a search.
            if type(layer) is Concatenate or type(layer) is Add or type(layer) is Combine:
                flow, fields, shape = self._merge(layer, name, flow, fields, path)
                continue
            if type(layer) is Output:
                side, _ = self.run(layer.branch, flow, fields, (*path, SIDE))
                self.outputs[layer.place] = config.shape(side)
                continue
            is_open = has_open(shape)
            try:
                # Past `result_of`, as nearly always: this line runs for each layer, too.
                rule = result_of if is_open else RULES[type(layer)]
                result: LayerResult = rule(layer, flow, config)
            except ForwardStopped as stopped:
                self._fail(path, layer, name, flow, stopped.problem, len(rows))
                raise
            if result.problem is not None:
                self._fail(path, layer, name, flow, result.problem, len(rows))
            if result.field_steps is not None:
                fields = _through(fields, result.field_steps, len(result.flow.sizes))
            elif len(result.flow.sizes) != len(fields):
                # Global pooling without axes: there is no axis left along which an element could
                # see.
                fields = ()
            if is_open and may_fail(layer, shape, config):
                self.unchecked.append(len(rows))
            out = config.shape(result.flow)
            rows.append(
                Row(
                    len(rows),
                    path,
                    layer,
                    name,
                    shape,
                    out,
                    flow.sizes,
                    result.flow.sizes,
                    fields,
                    result.parameters,
                    result.window,
                )
            )
            flow, shape = result.flow, out
        return flow, fields

    def _fail(
        self,
        path: Path,
        layer: Layer,
        name: str | None,
        flow: FeatureMap,
        problem: Problem,
        index: int,
    ) -> None:
        # After a silent failure later layers may raise: only the first one is the cause.
        if self.failure is None:
            shape = self.config.shape(flow)
            self.failure = Failure(
                index,
                path,
                layer,
                name,
                shape,
                flow.sizes,
                problem,
                self.config.framework,
                self.config.channels_last,
            )

    def _merge(
        self,
        layer: Concatenate | Add | Combine,
        name: str | None,
        flow: FeatureMap,
        fields: tuple[ReceptiveField, ...],
        path: Path,
    ) -> tuple[FeatureMap, tuple[ReceptiveField, ...], tuple[int, ...]]:
        """Run the branches, then what joins them; return the map, what it sees, and its shape."""
        ends = [
            self.run(branch, flow, fields, (*path, i)) for i, branch in enumerate(layer.branches)
        ]
        flows = [end for end, _ in ends]
        try:
            how = layer.how if isinstance(layer, Combine) else type(layer)
            merged = joined(how, flows, self.config)
        except ForwardStopped as stopped:
            self._fail(path, layer, name, flows[0], stopped.problem, len(self.rows))
            raise
        seen = [reach for end, reach in ends if len(end.sizes) == len(merged.sizes)]
        # A sum sees what its branches see: at least as much as the widest one.
        widest = max(seen, key=lambda each: sum(map(receptive_field, each)), default=())
        if isinstance(layer, Combine):  # other axes: the receptive field starts anew
            widest = (START,) * len(merged.sizes)
        before, after = self.config.shape(flows[0]), self.config.shape(merged)
        sizes = (flows[0].sizes, merged.sizes)
        place = len(self.rows)
        if joins_open_sizes(how, flows, self.config):
            self.unchecked.append(place)
        weights = layer.how.parameters if isinstance(layer, Combine) else 0
        self.rows.append(
            Row(place, path, layer, name, before, after, *sizes, widest, weights, None)
        )
        return merged, widest, after


def _through(
    fields: tuple[ReceptiveField, ...], steps: tuple[FieldStep, ...], ndim: int
) -> tuple[ReceptiveField, ...]:
    if not steps:  # other axes: the receptive field starts anew
        return (START,) * ndim
    return tuple(map(after, fields, steps))
