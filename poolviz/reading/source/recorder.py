"""The tensors of a text, in the order in which they are made, and the network between two."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import prod

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Layer, bare
from poolviz.arithmetic.network.failures import ForwardStopped
from poolviz.arithmetic.network.shape_rules import RULES, FeatureMap, NetworkConfig
from poolviz.diagnosis.network.source import NotRead, words_of
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.nesting import Join, Nested, Node, NotNested, nested
from poolviz.reading.source.values import Tensor

Shape = tuple[int, ...]
SECOND_INPUT = phrase("reading.unread.second_input")


@dataclass(frozen=True, slots=True)
class Found:
    """What was read between two tensors: the layers, their lines, and what was not read."""

    nested: Nested
    not_read: tuple[NotRead, ...]


class Recorder:
    """Takes down what each tensor is made of; a shape is carried along where it is known."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.nodes: dict[int, Node] = {}
        self.gone: dict[int, NotRead] = {}
        self.notes: dict[int, list[NotRead]] = {}
        self.tensors: dict[int, Tensor] = {}
        self.batches: dict[int, int | None] = {}
        self.orders: dict[int, bool] = {}  # of a source: are the channels last?
        self._key = 0

    def not_read(self, line: int | None, why: Words) -> NotRead:
        """A line of the text that was not understood, and why."""
        text = self.lines[line - 1].strip() if line and line <= len(self.lines) else ""
        return NotRead(line, text, why)

    def source(
        self, framework: str | None, shape: Shape | None, batch: int | None = None
    ) -> Tensor:
        """A tensor that comes from outside."""
        self._key += 1
        self.batches[self._key] = batch
        return self._kept(Tensor(self._key, self._key, framework, shape))

    def channels_last(self, tensor: Tensor) -> bool:
        """The order of the data that a tensor comes from."""
        if tensor.framework is None:
            return self.orders.get(tensor.root, True)
        default = FRAMEWORKS[tensor.framework].data_formats[0] == "channels_last"
        return self.orders.get(tensor.root, default)

    def apply(
        self, tensor: Tensor, layers: tuple[Layer, ...], line: int | None, name: str | None = None
    ) -> Tensor:
        """What layers make of a tensor; the tensor itself where there are none."""
        if not layers:
            return tensor
        key = self._next(Node(self._key + 1, (tensor.key,), layers, name=name, line=line))
        shape = self._shape(tensor, layers)
        return self._kept(Tensor(key, tensor.root, tensor.framework, shape))

    def join(self, kind: Join, tensors: list[Tensor], line: int, name: str | None = None) -> Tensor:
        """What several tensors make together."""
        first = tensors[0]
        keys = tuple(tensor.key for tensor in tensors)
        key = self._next(Node(self._key + 1, keys, join=kind, name=name, line=line))
        shape = self._joined(kind, tensors)
        return self._kept(Tensor(key, first.root, first.framework, shape))

    def lose(self, tensors: Iterable[Tensor], line: int | None, why: Words) -> Tensor:
        """A tensor that is made in a way that is not understood."""
        given = list(tensors)
        keys = tuple(dict.fromkeys(tensor.key for tensor in given))
        key = self._next(Node(self._key + 1, keys, join="add", line=line))
        self.gone[key] = self.not_read(line, why)
        return self._kept(Tensor(key, given[0].root, given[0].framework))

    def note(self, tensor: Tensor, line: int | None, why: Words) -> None:
        """Something about a tensor that was not read, though its shape was."""
        self.notes.setdefault(tensor.key, []).append(self.not_read(line, why))

    def _kept(self, tensor: Tensor) -> Tensor:
        self.tensors[tensor.key] = tensor
        return tensor

    def latest(self, start: Tensor) -> Tensor:
        """The tensor that was made last from a tensor or after it."""
        made = [key for key in self.nodes if key > start.key and key not in self.gone]
        return self.tensors[made[-1]] if made else start

    def _next(self, node: Node) -> int:
        self._key += 1
        self.nodes[self._key] = node
        return self._key

    def replayed(self, start: Tensor, end: Tensor, tensor: Tensor) -> Tensor:
        """The same layers as from `start` to `end`, on another tensor."""
        if start.root in self.orders:
            self.orders.setdefault(tensor.root, self.orders[start.root])
        made: dict[Hashable, Tensor] = {start.key: tensor}
        for key in self._ways(start.key, end.key):
            node = self.nodes.get(key)
            if node is None:
                return self.lose([tensor], None, SECOND_INPUT)
            inputs = [made[each] for each in node.inputs]
            if key in self.gone:
                made[key] = self.lose(inputs, node.line, self.gone[key].reason)
            elif node.join is not None:
                made[key] = self.join(node.join, inputs, node.line or 0, node.name)
            else:
                made[key] = self.apply(inputs[0], node.layers, node.line, node.name)
            self.notes.setdefault(made[key].key, []).extend(self.notes.get(key, ()))
        return made[end.key]

    # --- shapes ----------------------------------------------------------------------------------

    def setting(self, tensor: Tensor) -> NetworkConfig:
        """The rules that hold for a tensor."""
        return NetworkConfig(tensor.framework or "pytorch", self.channels_last(tensor))

    def _shape(self, tensor: Tensor, layers: tuple[Layer, ...]) -> Shape | None:
        """The shape after some layers; None after a layer that fails."""
        if tensor.shape is None:
            return None
        setting = self.setting(tensor)
        flow: FeatureMap = setting.flow(tensor.shape)
        for layer in map(bare, layers):
            try:
                flow = RULES[type(layer)](layer, flow, setting).flow
            except ForwardStopped:
                return None
        return setting.shape(flow)

    def _joined(self, kind: Join, tensors: list[Tensor]) -> Shape | None:
        shapes = [tensor.shape for tensor in tensors if tensor.shape is not None]
        if len(shapes) < len(tensors):
            return None
        if kind == "add":
            return max(shapes, key=lambda shape: (len(shape), prod(shape)))
        place = -1 if self.channels_last(tensors[0]) else 0
        merged = list(shapes[0])
        merged[place] = sum(shape[place] for shape in shapes)
        return tuple(merged)

    # --- the network between two tensors ---------------------------------------------------------

    def found(self, source: Tensor, output: Tensor) -> Found:
        """The layers from one tensor to another, up to what was not understood."""
        ways = self._ways(source.key, output.key)
        lost = [key for key in ways if key in self.gone or self._is_other(key, source.key)]
        end = output.key
        not_read = [self._listed(key) for key in lost]
        if lost:
            end = self._before(lost[0], source.key, set(lost))
        while True:
            try:
                made = nested(self._nodes(end), source.key, end)
                break
            except NotNested as wrong:
                key = next(k for k in ways if self.nodes[k].key == wrong.key)
                not_read.append(self.not_read(self.nodes[key].line, words_of(wrong)))
                end = self._before(key, source.key, set(lost))
        kept = set(self._ways(source.key, end))
        notes = [note for key in ways for note in self.notes.get(key, ())]
        notes += self.notes.get(source.key, [])
        after = sum(len(self.nodes[key].layers) for key in ways if key not in kept)
        return Found(made, _marked(notes, not_read, after))

    def _ways(self, source: int, output: int) -> list[int]:
        """The tensors that the output is made of, in order; the source is not among them."""
        wanted, open_keys = set(), [output]
        while open_keys:
            key = open_keys.pop()
            if key in wanted or key == source:
                continue
            wanted.add(key)
            if key in self.nodes:
                open_keys += [each for each in self.nodes[key].inputs if isinstance(each, int)]
        return sorted(wanted)

    def _is_other(self, key: int, source: int) -> bool:
        """Another input than the one that was asked for."""
        return key not in self.nodes and key != source

    def _listed(self, key: int) -> NotRead:
        if key in self.gone:
            return self.gone[key]
        return NotRead(None, "", SECOND_INPUT)

    def _before(self, key: int, source: int, lost: set[int]) -> int:
        """The last tensor before one, on the way from the source."""
        inputs = self.nodes[key].inputs if key in self.nodes else ()
        before = [each for each in inputs if isinstance(each, int) and each not in lost]
        reached = [each for each in before if self._leads(source, each)]
        return max(reached, default=source)

    def _leads(self, source: int, key: int) -> bool:
        ways = self._ways(source, key)
        return key == source or all(each in self.nodes and each not in self.gone for each in ways)

    def _nodes(self, end: int) -> list[Node]:
        return [node for key, node in self.nodes.items() if key <= end]


def _marked(notes: list[NotRead], not_read: list[NotRead], after: int) -> tuple[NotRead, ...]:
    """The first thing that was not read ends the stack, and says so."""
    if not not_read:
        return tuple(notes)
    first, *rest = not_read
    return (*notes, first.ending(after), *rest)
