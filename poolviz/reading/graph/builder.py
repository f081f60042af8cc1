"""Records how tensors are computed, and finds the network between two of them.

The readers of source text and of live models share it. It is independent of the framework.
A step that is not understood gives a tensor of unknown shape; if the output needs it, it ends
before it.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.axes import AxisMap
from poolviz.arithmetic.layers.ends import Input, Kind
from poolviz.arithmetic.layers.network_layers import (
    Crop,
    Flatten,
    Identity,
    Layer,
    Permute,
    Reshape,
    bare,
)
from poolviz.arithmetic.network.broadcasting import joined
from poolviz.arithmetic.network.failures import ForwardStopped
from poolviz.arithmetic.network.feature_map import FeatureMap, NetworkConfig
from poolviz.arithmetic.network.forward import Network
from poolviz.arithmetic.network.memory_layout import UNKNOWN, in_order, strides_after
from poolviz.arithmetic.network.shape_rules import RULES
from poolviz.diagnosis.network.source import NotRead
from poolviz.dialects.common.vocabulary import Layers, Part, Parts
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.joins import Join, how_joined, is_channel_axis, scaled
from poolviz.reading.graph.nesting import Node
from poolviz.reading.graph.symbolic_tensor import BATCH, Batch, Shape, SymbolicTensor

LARGEST_FACTOR = 1024  # enlargement of an input, to find the axes after a layer that fails


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
        self.names: dict[Hashable, str] = {}  # of inputs
        self.assume: Mapping[int | str, tuple[int, ...] | str] = {}  # what the user states, by line
        self.failed: list[int] = []  # tensors that no framework makes, in order
        self._unread: dict[Hashable, NotRead | None] = {}  # None: computed from one that is unread
        self._notes: dict[int, list[NotRead]] = {}

    # --- steps -----------------------------------------------------------------------------------

    def source(
        self,
        framework: str | None,
        shape: Shape | None,
        batch: int | None = None,
        constant: Constant | None = None,
        name: str | None = None,
    ) -> SymbolicTensor:
        """Return a tensor that is not computed: an input, or a constant of the model."""
        key = len(self.tensors) + 1
        self.batches[key] = batch
        if name is not None:
            self.names[key] = name
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
        if tensor.is_discrete and not all(map(_takes_any_dtype, layers)):
            return self.lose(
                [tensor], self.not_read(line, phrase("reading.unread.dtype"), name or "")
            )
        constant = self.constants.get(tensor.key)
        keeps = all(isinstance(layer, Identity) for layer in layers)
        made = self._made([tensor], self._shape(tensor, layers), line, layers, name=name)
        if made.shape is None and tensor.shape is not None:
            self.failed.append(made.key)
        strides = strides_after(layers, tensor.shape, tensor.strides)
        if strides is not None:
            made = self._kept(replace(made, strides=strides))
        if constant is not None and keeps:
            self.constants[made.key] = constant
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
        if kind == "add" and self._widens(tensors):
            return self.lose(
                tensors, self.not_read(line, phrase("reading.unread.batch_meets_axis"))
            )
        made = self._made(tensors, self._joined(kind, tensors), line, join=kind, name=name)
        ranks = {tensor.shape and len(tensor.shape) for tensor in tensors}
        if made.shape is None and None not in ranks and len(ranks) == 1:
            self.failed.append(made.key)
        is_plain = not isinstance(kind, str) or all(in_order(each.strides) for each in tensors)
        return made if is_plain else self._kept(replace(made, strides=UNKNOWN))

    def _widens(self, tensors: Sequence[SymbolicTensor]) -> bool:
        """Return whether a constant has more axes than the maps beside it, with their batch."""
        given = [each for each in tensors if each.root not in self.constants and each.shape]
        ranks = [
            len(self.constants[each.key].shape) for each in tensors if each.key in self.constants
        ]
        return bool(given) and any(rank > len(each.sizes or ()) for rank in ranks for each in given)

    def expand(self, tensor: SymbolicTensor) -> SymbolicTensor:
        """Return the tensor repeated along axes of one element, which only a join may take."""
        constant = self.constants.get(tensor.key)
        if constant is None or constant.shape[0] != 1:
            return replace(tensor, is_expanded=True)
        return replace(self.for_each_sample(tensor), is_expanded=True)

    def for_each_sample(self, constant: SymbolicTensor) -> SymbolicTensor:
        """Return a constant repeated for every sample of the batch."""
        made = self._made([constant], constant.shape, None)
        known = self.constants[constant.key]
        self.constants[made.key] = known._replace(shape=(BATCH, *known.shape[1:]))
        return made

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

    def error_at(self, key: int) -> str | None:
        """Return the class of the error at which a tensor is not made, None for an unknown one."""
        node = self.nodes[key]
        given = self.tensors[node.inputs[0]]
        if node.join is not None or given.shape is None:
            return FRAMEWORKS[given.framework or "pytorch"].error_class(FailureKind.BRANCH_SIZES)
        failure = Network(node.layers, given.shape, self.config(given)).done.failure
        return None if failure is None else failure.error

    @property
    def first_unread(self) -> NotRead | None:
        """The first step that was not understood."""
        return next((what for what in self._unread.values() if what is not None), None)

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
        self,
        starts: Sequence[SymbolicTensor],
        ends: Sequence[SymbolicTensor],
        tensors: Sequence[SymbolicTensor],
    ) -> list[SymbolicTensor]:
        """Return the steps from `starts` to `ends`, on other tensors."""
        made: dict[Hashable, SymbolicTensor] = {}
        for start, tensor in zip(starts, tensors, strict=False):
            made[start.key] = tensor
            if start.root in self.orders:
                self.orders.setdefault(tensor.root, self.orders[start.root])
        for key in self.between(made, [end.key for end in ends]):
            node = self.nodes.get(key)
            if node is None:  # another input, or a constant
                made[key] = self.tensors[key]
                continue
            inputs = [made[each] for each in node.inputs]
            if key in self._unread:
                made[key] = self.lose(inputs, self._unread[key])
            elif node.join is not None:
                made[key] = self.join(node.join, inputs, node.line, node.name)
            else:
                made[key] = self.apply(inputs[0], node.layers, node.line, node.name)
            self._notes.setdefault(made[key].key, []).extend(self._notes.get(key, ()))
        return [made[end.key] for end in ends]

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
        if self._unread and any(map(self.is_unread, tensors)):
            self._unread[key] = None
        main = self._inputs(tensors)[0]
        made = SymbolicTensor(
            key, main.root, shape, main.framework, False, main.batch_axis, main.rows
        )
        return self._kept(replace(made, is_discrete=all(each.is_discrete for each in tensors)))

    def _inputs(self, tensors: Sequence[SymbolicTensor]) -> Sequence[SymbolicTensor]:
        """Return the tensors that are computed from an input; all of them if none is.

        In a constructor, numbers that the model creates stand for an input, beside its parameters.
        """
        if not self.constants:
            return tensors
        found = [each for each in tensors if each.root not in self.constants]
        return found or [each for each in tensors if not self._is_learned(each)] or tensors

    def _is_learned(self, tensor: SymbolicTensor) -> bool:
        return self.constants[tensor.root].is_parameter

    def _kept(self, tensor: SymbolicTensor) -> SymbolicTensor:
        self.tensors[tensor.key] = tensor
        return tensor

    # --- shapes ----------------------------------------------------------------------------------

    def channels_last(self, tensor: SymbolicTensor) -> bool:
        """Return whether the channels are the last axis of the input that a tensor comes from."""
        if tensor.root in self.orders:
            return self.orders[tensor.root]
        if tensor.framework is None:
            return True
        return FRAMEWORKS[tensor.framework].data_formats[0] == "channels_last"

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
        shape = self._of_join(kind, main, [tensor.shape for tensor in main])
        if len(main) == len(tensors) or shape is None:
            return shape
        sides = [each.key for each in tensors if each not in main]
        if kind == "add" and self._over_constants("add", main[0], shape, sides) is not None:
            return shape
        rank = len(shape)
        shapes = [
            each.shape if each in main else self._aligned(each.key, rank, kind) for each in tensors
        ]
        return self._of_join(kind, main, shapes)

    def _has_batch(self, key: Hashable) -> bool:
        """Return whether the first axis of a tensor is the batch; that of a constant may not be."""
        constant = self.constants.get(self.tensors[key].root)
        return constant is None or constant.shape[0] == 1

    def _of_join(
        self, kind: Join, main: Sequence[SymbolicTensor], shapes: Sequence[Shape | None]
    ) -> Shape | None:
        known = [shape for shape in shapes if shape is not None]
        if len(known) < len(shapes):
            return None
        config = self.config(main[0])
        try:
            maps = [config.flow(each) for each in known]
            return config.shape(joined(how_joined(kind), maps, config))
        except ForwardStopped:
            return None

    def _aligned(self, key: Hashable, rank: int, kind: Join | None) -> Shape | None:
        """Return the shape, without the batch, of a constant that is joined with a feature map.

        A sum repeats it for every sample; a concatenation needs one for each.
        """
        constant = self.constants.get(key)
        if constant is None:
            return self.tensors[key].shape if self._has_batch(key) else None
        if kind == "concatenate" and not isinstance(constant.shape[0], Batch):
            return None
        if kind == "concatenate" and len(constant.shape) != rank + 1:
            return None
        whole = (1,) * (rank + 1 - len(constant.shape)) + constant.shape
        return whole[1:] if len(whole) > 1 and whole[0] == 1 else None

    def _over_constants(
        self, name: str, main: SymbolicTensor, shape: Shape, sides: Sequence[Hashable]
    ) -> tuple[Layer, ...] | None:
        """Return layers for a sum with constants; None if it may change the shape."""
        layers: tuple[Layer, ...] = ()
        is_last = self.channels_last(main)
        for key in sides:
            constant = self.constants.get(key)
            more = None if constant is None else scaled(name, shape, *constant, is_last)
            if more is None:
                return None
            layers += more
        return layers

    def stated(self, node: Node) -> Node | None:
        """Return a join that branches cannot show as a layer of the shape that the user states."""
        key, last = node.key, node.inputs[-1]
        shape, own = self.tensors[key].shape, self.tensors[last].shape
        given = None if node.line is None else self.assume.get(node.line)
        if given is None or own is None:
            return None
        shape = shape if isinstance(given, str) else given
        if shape is None:
            return None
        self.note(self.tensors[key], self.not_read(node.line, phrase("reading.unread.assumed")))
        only = tuple(enumerate(own, 1))
        layer = AxisMap(node.name or "assumed", len(own), shape, only=only)
        return replace(node, inputs=(last,), layers=(layer, *node.layers), join=None)

    # --- the network between tensors -------------------------------------------------------------

    def between(self, starts: Collection[Hashable], outputs: Iterable[int]) -> list[int]:
        """Return the tensors from which the outputs are computed, in order, without `starts`."""
        wanted: set[int] = set()
        open_keys: list[int] = list(outputs)
        while open_keys:
            key = open_keys.pop()
            if key not in wanted and key not in starts:
                wanted.add(key)
                open_keys += self.inputs_of(key)
        return sorted(wanted)

    def inputs_of(self, key: int) -> Sequence[int]:
        """Return the tensors from which one is made; () for one that is not computed."""
        node = self.nodes.get(key)
        return () if node is None else [each for each in node.inputs if isinstance(each, int)]

    def unread(self, key: int) -> NotRead | None:
        """Return why the step that makes a tensor was not understood; None if it was."""
        return self._unread.get(key)

    def unread_constant(self, key: int) -> NotRead | None:
        """Return why a tensor that does not come from the source cannot begin a branch."""
        what, node = self.unread(key), self.nodes.get(key)
        if what is not None or node is None or self._has_batch(key) or key in self.constants:
            return what
        shape = str(self.constants[self.tensors[key].root].shape)
        return self.not_read(node.line, phrase("reading.unread.constant_batch", shape=shape))

    def notes(self, keys: Iterable[int]) -> list[NotRead]:
        """Return what was noted about tensors."""
        return [note for key in keys for note in self._notes.get(key, ())]

    def absorbed(self, node: Node, own: Sequence[Hashable]) -> tuple[Layer, ...] | None:
        """Return layers for a sum with constants that keeps its shape; None for anything else."""
        main = [self.tensors[key] for key in own]
        others = [key for key in node.inputs if key not in own]
        shape = self._joined("add", main) if node.join == "add" else None
        if shape is None:
            return None
        return self._over_constants(node.name or "add", main[0], shape, others)

    def beginning(self, key: int, rank: int | None, kind: Join | None = None) -> Input | None:
        """Return the layer that begins with a tensor that is not computed; None if unknown."""
        tensor, constant = self.tensors[key], self.constants.get(key)
        name = self.names.get(key)
        if constant is None:
            return None if tensor.shape is None else Input(tensor.shape, name=name)
        shape = self._aligned(key, len(constant.shape) - 1 if rank is None else rank, kind)
        word: Kind = "parameter" if constant.is_parameter else "constant"
        return None if not shape else Input(shape, word, name)

    def unknown_beginning(self, joined: int, key: int) -> NotRead:
        """Return why the network does not go on where a tensor is joined with another one."""
        node, constant = self.nodes.get(joined), self.constants.get(key)
        line = None if node is None else node.line
        if constant is None:
            name = self.names.get(key, "")
            word = "unknown_input" if name else "unknown_second_input"
            return self.not_read(line, phrase(f"reading.unread.{word}", name=name))
        if constant.shape[0] == 1 and node is not None and node.join == "concatenate":
            why = phrase("reading.unread.one_sample", shape=str(constant.shape))
            return self.not_read(line, why)
        own = [self.tensors[each].shape for each in self.inputs_of(joined) if each != key]
        facts = {"weights": str(constant.shape), "shape": str(next(iter(own), None))}
        return self.not_read(line, phrase("reading.unread.weights_meet", **facts))


_OF_ANY = (
    "view reshape permute unsqueeze squeeze select narrow chunk split unbind sum any all amax amin "
    "max min argmax argmin topk expand repeat tile flip"
)
_OF_ANY_DTYPE = frozenset(_OF_ANY.split())


def _takes_any_dtype(layer: Layer) -> bool:
    """Return whether PyTorch runs a layer on truth values and integers."""
    plain = bare(layer)
    if isinstance(plain, AxisMap):
        return plain.kind in _OF_ANY_DTYPE or plain.kind.startswith("x[")
    return isinstance(plain, Flatten | Reshape | Permute | Crop)


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
