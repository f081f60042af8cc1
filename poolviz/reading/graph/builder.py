"""Records how tensors are computed, and finds the network between two of them.

The readers of source text and of live models share it. It is independent of the framework.
A step that is not understood gives a tensor of unknown shape; if the output needs it, it ends
before it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Identity, Layer, bare
from poolviz.arithmetic.network.broadcasting import joined
from poolviz.arithmetic.network.failures import ForwardStopped
from poolviz.arithmetic.network.forward import Path
from poolviz.arithmetic.network.shape_rules import RULES, FeatureMap, NetworkConfig
from poolviz.diagnosis.network.source import NotRead, words_of
from poolviz.dialects.common.vocabulary import Layers, Part, Parts
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.joins import JOINS, Join, is_channel_axis, scaled
from poolviz.reading.graph.nesting import Node, NotNested, nested
from poolviz.reading.graph.symbolic_tensor import Shape, SymbolicTensor

LARGEST_FACTOR = 1024  # enlargement of an input, to find the axes after a layer that fails
SECOND_INPUT = phrase("reading.unread.second_input")


@dataclass(frozen=True, slots=True)
class Found:
    """The layers between two tensors, the line of each, and the steps not understood."""

    layers: tuple[Layer, ...]
    lines: dict[Path, int]
    not_read: tuple[NotRead, ...]


class Constant(NamedTuple):
    """Whole shape of a tensor that the model creates, and whether it is a parameter."""

    shape: Shape
    is_parameter: bool = False


class GraphBuilder:
    """Collects the steps that compute tensors.

    Parameters
    ----------
    lines
        The source text, to quote lines that are not understood.
    looks_past_failures
        A layer that fails gives the shape that it has on a larger input, and channels are not
        compared. Only the number of axes counts then: a view or a mean that follows has to be
        read too, because a fix may make it run. Code that computes with the sizes does not use
        it.
    """

    def __init__(self, lines: Sequence[str] = (), looks_past_failures: bool = False) -> None:
        self.lines = lines
        self.looks_past_failures = looks_past_failures
        self.nodes: dict[int, Node] = {}
        self.tensors: dict[Hashable, SymbolicTensor] = {}
        self.batches: dict[int, int | None] = {}  # size of the batch of an input, by its key
        self.orders: dict[int, bool] = {}  # are the channels of an input last?
        self.constants: dict[Hashable, Constant] = {}
        self._unread: dict[Hashable, NotRead | None] = {}  # None: computed from one that is unread
        self._notes: dict[int, list[NotRead]] = {}

    # --- steps -----------------------------------------------------------------------------------

    def source(
        self,
        framework: str | None,
        shape: Shape | None,
        batch: int | None = None,
        constant: Constant | None = None,
    ) -> SymbolicTensor:
        """Return a tensor that is not computed: an input, or a constant of the model."""
        key = len(self.tensors) + 1
        self.batches[key] = batch
        if constant is not None:
            self.constants[key] = constant
        return self._kept(SymbolicTensor(key, key, shape, framework))

    def apply(
        self,
        tensor: SymbolicTensor,
        layers: tuple[Layer, ...],
        line: int | None = None,
        name: str | None = None,
    ) -> SymbolicTensor:
        """Return the tensor after some layers; the same one after none."""
        if not layers:
            return tensor
        if tensor.is_expanded:
            why = phrase("reading.unread.copied")
            return self.lose([tensor], self.not_read(line, why, name or "expand"))
        made = self._made([tensor], self._shape(tensor, layers), line, layers, name=name)
        if tensor.key in self.constants and all(isinstance(layer, Identity) for layer in layers):
            self.constants[made.key] = self.constants[tensor.key]
        return made

    def join(
        self,
        kind: Join,
        tensors: Sequence[SymbolicTensor],
        line: int | None = None,
        name: str | None = None,
    ) -> SymbolicTensor:
        """Return the sum, product or concatenation of tensors; a single one stays as it is."""
        if len(tensors) == 1:
            return tensors[0]
        if len({(each.batch_axis, each.rows) for each in self._inputs(tensors)}) > 1:
            return self.lose(tensors, self.not_read(line, phrase("reading.unread.other_batches")))
        return self._made(tensors, self._joined(kind, tensors), line, join=kind, name=name)

    def expand(self, tensor: SymbolicTensor) -> SymbolicTensor:
        """Return the tensor repeated along axes of one element, which only a join may take."""
        return replace(tensor, is_expanded=True)

    def placed(
        self, tensor: SymbolicTensor, batch_axis: int | None = None, rows: int | None = None
    ) -> SymbolicTensor:
        """Return the tensor with the batch at another axis, or with more entries per sample."""
        axis = tensor.batch_axis if batch_axis is None else batch_axis
        count = tensor.rows if rows is None else rows
        return replace(tensor, batch_axis=axis, rows=count)

    def results(
        self,
        tensor: SymbolicTensor,
        made: Layers | Parts,
        line: int | None = None,
        name: str | None = None,
    ) -> Any:
        """Return the result of layers on a tensor; of `Parts` a tuple, None for what is none."""
        if not isinstance(made, Parts):
            return self.apply(tensor, made, line, name)
        first = self.apply(tensor, made.first, line, name)
        return tuple(self._part(first, part, line, name) for part in made.parts)

    def _part(
        self, tensor: SymbolicTensor, part: Part | Parts | None, line: int | None, name: str | None
    ) -> Any:
        if part is None or isinstance(part, Parts):
            return None if part is None else self.results(tensor, part, line, name)
        return self.placed(self.apply(tensor, part.layers, line), part.batch_axis)

    def lose(self, tensors: Sequence[SymbolicTensor], what: NotRead | None) -> SymbolicTensor:
        """Return a tensor from a step that is not understood."""
        made = self._made(tensors, None, None if what is None else what.line, join="add")
        self._unread[made.key] = what
        return made

    def note(self, tensor: SymbolicTensor, what: NotRead) -> None:
        """Something about a tensor that was not read, though its shape was."""
        self._notes.setdefault(tensor.key, []).append(what)

    def not_read(self, line: int | None, why: Words, text: str = "") -> NotRead:
        """Return a record of a step that was not understood, with its source line."""
        if line is not None and 0 < line <= len(self.lines):
            text = self.lines[line - 1].strip()
        return NotRead(line, text, why)

    def is_unread(self, tensor: SymbolicTensor) -> bool:
        """Return whether a tensor, or one that it is computed from, was not understood."""
        return tensor.key in self._unread

    def is_channel_axis(self, axis: int, tensors: Sequence[SymbolicTensor]) -> bool:
        """Return whether an axis of concatenation is the channel axis."""
        shapes = [tensor.shape for tensor in tensors]
        return is_channel_axis(axis, shapes, self.channels_last(tensors[0]))

    @property
    def last(self) -> SymbolicTensor:
        """The last tensor."""
        return self.tensors[len(self.tensors)]

    def latest(self, start: SymbolicTensor) -> SymbolicTensor:
        """Return the last understood tensor that was computed from the same input as `start`."""
        made = (self.tensors[key] for key in reversed(self.nodes) if key > start.key)
        read = (each for each in made if each.root == start.root and not self.is_unread(each))
        return next(read, start)

    def replayed(
        self, start: SymbolicTensor, end: SymbolicTensor, tensor: SymbolicTensor
    ) -> SymbolicTensor:
        """Return the steps from `start` to `end`, on another tensor."""
        if start.root in self.orders:
            self.orders.setdefault(tensor.root, self.orders[start.root])
        made: dict[Hashable, SymbolicTensor] = {start.key: tensor}
        for key in self._between(start.key, end.key):
            node = self.nodes.get(key)
            if node is None:  # another input, or a constant
                made[key] = self.tensors[key]
                continue
            inputs = [made[each] for each in node.inputs]
            if (what := self._unread.get(key)) is not None:
                made[key] = self.lose(inputs, what)
            elif node.join is not None:
                made[key] = self.join(node.join, inputs, node.line, node.name)
            else:
                made[key] = self.apply(inputs[0], node.layers, node.line, node.name)
            self._notes.setdefault(made[key].key, []).extend(self._notes.get(key, ()))
        return made[end.key]

    def _made(
        self,
        tensors: Sequence[SymbolicTensor],
        shape: Shape | None,
        line: int | None,
        layers: tuple[Layer, ...] = (),
        join: Join | None = None,
        name: str | None = None,
    ) -> SymbolicTensor:
        key = len(self.tensors) + 1
        inputs = tuple(each.key for each in tensors)
        self.nodes[key] = Node(key, inputs, layers, join, name, line)
        if any(map(self.is_unread, tensors)):
            self._unread[key] = None
        main = self._inputs(tensors)[0]
        place = {"batch_axis": main.batch_axis, "rows": main.rows}
        return self._kept(SymbolicTensor(key, main.root, shape, main.framework, **place))

    def _inputs(self, tensors: Sequence[SymbolicTensor]) -> Sequence[SymbolicTensor]:
        """Return the tensors that are computed from an input; all of them if none is."""
        return [each for each in tensors if each.root not in self.constants] or tensors

    def _kept(self, tensor: SymbolicTensor) -> SymbolicTensor:
        self.tensors[tensor.key] = tensor
        return tensor

    # --- shapes ----------------------------------------------------------------------------------

    def channels_last(self, tensor: SymbolicTensor) -> bool:
        """Return whether the channels are the last axis of the input that a tensor comes from."""
        is_last = True
        if tensor.framework is not None:
            is_last = FRAMEWORKS[tensor.framework].data_formats[0] == "channels_last"
        return self.orders.get(tensor.root, is_last)

    def config(self, tensor: SymbolicTensor) -> NetworkConfig:
        """Return the network settings for a tensor."""
        framework = tensor.framework or "pytorch"
        return NetworkConfig(framework, self.channels_last(tensor), self.looks_past_failures)

    def _shape(self, tensor: SymbolicTensor, layers: tuple[Layer, ...]) -> Shape | None:
        largest = LARGEST_FACTOR if self.looks_past_failures else 1
        if tensor.shape is None:
            return None
        return shape_after(layers, tensor.shape, self.config(tensor), largest)

    def _joined(self, kind: Join, tensors: Sequence[SymbolicTensor]) -> Shape | None:
        main = self._inputs(tensors)
        shapes = [tensor.shape for tensor in main if tensor.shape is not None]
        if len(shapes) < len(main) or (len(main) < len(tensors) and kind != "add"):
            return None
        config = self.config(main[0])
        try:
            shape = config.shape(
                joined(JOINS[kind], [config.flow(each) for each in shapes], config)
            )
        except ForwardStopped:
            return None
        sides = [each.key for each in tensors if each not in main]
        return None if self._over_constants("add", shape, sides) is None else shape

    def _over_constants(
        self, name: str, shape: Shape, sides: Sequence[Hashable]
    ) -> tuple[Layer, ...] | None:
        """Return layers for a sum with constants; None if it may change the shape."""
        layers: tuple[Layer, ...] = ()
        for key in sides:
            constant = self.constants.get(key)
            more = None if constant is None else scaled(name, shape, *constant)
            if more is None:
                return None
            layers += more
        return layers

    # --- the network between two tensors ---------------------------------------------------------

    def found(self, source: SymbolicTensor, output: SymbolicTensor) -> Found:
        """Return the layers from one tensor to another, up to a step that was not understood."""
        keys = self._between(source.key, output.key)
        nodes, stops = self._steps(source.key, keys)
        not_read = list(stops.values())
        end = self._before(nodes, next(iter(stops)), source.key) if stops else output.key
        while True:
            try:
                made = nested([node for key, node in nodes.items() if key <= end], source.key, end)
                break
            except NotNested as wrong:
                key = next(key for key in nodes if key == wrong.key)
                title = nodes[key].name or str(nodes[key].join)
                not_read.insert(0, self.not_read(nodes[key].line, words_of(wrong), title))
                end = self._before(nodes, key, source.key)
        if not_read:
            left = sum(len(node.layers) for key, node in nodes.items() if key > end)
            not_read[0] = not_read[0].ending(left)
        notes = [note for key in (*keys, source.key) for note in self._notes.get(key, ())]
        return Found(made.layers, made.lines, tuple(dict.fromkeys([*not_read, *notes])))

    def _between(self, source: int, output: int) -> list[int]:
        """Return the tensors from which the output is computed, in order, without the source."""
        wanted: set[int] = set()
        open_keys: list[Hashable] = [output]
        while open_keys:
            key = open_keys.pop()
            assert isinstance(key, int)
            if key not in wanted and key != source:
                wanted.add(key)
                open_keys += self.nodes[key].inputs if key in self.nodes else ()
        return sorted(wanted)

    def _steps(
        self, source: int, keys: Sequence[int]
    ) -> tuple[dict[int, Node], dict[int, NotRead]]:
        """Return the steps after the source, and those among them that are not understood.

        Constants that leave the shape of a sum as it is become layers, or nothing.
        """
        nodes: dict[int, Node] = {}
        stops: dict[int, NotRead] = {}
        for key in keys:
            node = self.nodes.get(key)
            if node is None:
                continue
            inputs = tuple(each for each in node.inputs if each == source or each in nodes)
            if not inputs:
                continue
            what = self._unread.get(key)
            is_known = what is None and not any(each in self._unread for each in inputs)
            if is_known and len(inputs) < len(node.inputs):
                layers, what = self._without_others(node, inputs)
                join = node.join if len(inputs) > 1 else None
                node = replace(node, inputs=inputs, join=join, layers=layers)
            nodes[key] = replace(node, inputs=inputs)
            if what is not None:
                stops[key] = what
        if keys and keys[-1] not in nodes:  # the output is not computed from the source
            why = phrase("reading.unread.made_of_something_else")
            stops[keys[-1]] = self.not_read(getattr(self.nodes.get(keys[-1]), "line", None), why)
        return nodes, stops

    def _without_others(
        self, node: Node, inputs: Sequence[Hashable]
    ) -> tuple[tuple[Layer, ...], NotRead | None]:
        """Replace the inputs of a join that do not come from the source by layers for constants."""
        main = [self.tensors[key] for key in inputs]
        others = [key for key in node.inputs if key not in inputs]
        shape = self._joined("add", main) if node.join == "add" else None
        layers = None if shape is None else self._over_constants(node.name or "add", shape, others)
        if layers is not None:
            return layers, None
        unread = filter(None, map(self._unread.get, others))
        constants = [self.constants[key] for key in others if key in self.constants]
        if (first := next(unread, None)) is not None:
            return (), first
        if not constants or shape is None:
            why = phrase("reading.unread.joins_others") if constants else SECOND_INPUT
            return (), self.not_read(node.line, why, node.name or "")
        facts = {"weights": str(constants[0].shape), "shape": str(shape)}
        return (), self.not_read(node.line, phrase("reading.unread.weights_meet", **facts))

    @staticmethod
    def _before(nodes: Mapping[int, Node], key: int, source: int) -> int:
        """Return the last tensor before a step, on the way from the source."""
        node = nodes.get(key)
        before = () if node is None else node.inputs
        return max((each for each in before if isinstance(each, int)), default=source)


def shape_after(
    layers: tuple[Layer, ...], shape: Shape, config: NetworkConfig, largest_factor: int = 1
) -> Shape | None:
    """Return the shape after layers, on an input enlarged by a power of two if necessary.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> config = NetworkConfig("pytorch", channels_last=False)
    >>> shape_after((Pool(8),), (3, 6, 6), config, 2), shape_after((Pool(8),), (3, 6, 6), config)
    ((3, 1, 1), None)
    """
    channels, sizes = config.flow(shape)
    factor = 1
    while factor <= largest_factor:
        larger = tuple(max(1, size) * factor if factor > 1 else size for size in sizes)
        flow = FeatureMap(channels, larger)
        try:
            for layer in map(bare, layers):
                flow = RULES[type(layer)](layer, flow, config).flow
            return config.shape(flow)
        except ForwardStopped:
            factor *= 2
    return None
