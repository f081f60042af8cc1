"""Tensors on their way through a model: what made each, its shape, and what was not understood.

The readers of the frameworks follow a model and tell a `Flow` each step; it knows nothing of
frameworks. What is not understood is kept as an unknown tensor: when the output needs it, the
stack ends before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.network.forward import Path, forward
from poolviz.arithmetic.network.shape_rules import FeatureMap, NetworkConfig
from poolviz.diagnosis.network.source import NotRead, words_of
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.nesting import Join, Node, NotNested, nested

LARGEST_FACTOR = 1024  # how much larger an input may be to find the axes after a layer that fails

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the model. `shape`: without the batch; None where it is not known.

    `is_spread`: expanded to the shape of another one, which only a join may take.
    """

    key: int
    shape: Shape | None
    is_spread: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """The layers of a model, the lines they are called in, and what could not be read."""

    layers: tuple[Layer, ...]
    lines: dict[Path, int]
    not_read: tuple[NotRead, ...]


class Flow:
    """Collects the steps of a model from one input on."""

    def __init__(self, setting: NetworkConfig, input_shape: Shape) -> None:
        self.setting = setting._replace(sizes_only=True)
        self.source = Tensor(0, input_shape)
        self.last = self.source
        self._nodes: list[Node] = []
        self._unknown: dict[int, NotRead | None] = {}  # None: made of something unknown
        self._notes: list[NotRead] = []

    def through(
        self,
        tensor: Tensor,
        layers: tuple[Layer, ...],
        name: str | None = None,
        line: int | None = None,
    ) -> Tensor:
        """The tensor after these layers; the same one after none."""
        if not layers:
            return tensor
        if tensor.is_spread:
            what = NotRead(line, name or "expand", phrase("reading.unread.copied"))
            return self.unknown([tensor], what)
        shape = None if tensor.shape is None else shape_after(layers, tensor.shape, self.setting)
        return self._add((tensor,), shape, layers, None, name, line)

    def joined(
        self,
        join: Join,
        tensors: Sequence[Tensor],
        name: str | None = None,
        line: int | None = None,
    ) -> Tensor:
        """Several tensors together: along the channels, or element by element."""
        shapes = [tensor.shape for tensor in tensors if tensor.shape is not None]
        if len(shapes) < len(tensors):
            shape = None
        elif join == "add":
            shape = broadcast(shapes)
        else:
            shape = _concatenated(shapes, self.setting)
        return self._add(tensors, shape, (), join, name, line)

    def spread(self, tensor: Tensor) -> Tensor:
        """The same tensor copied along axes of one element."""
        return replace(tensor, is_spread=True)

    def unknown(self, tensors: Sequence[Tensor], what: NotRead | None) -> Tensor:
        """What comes out of something that is not understood."""
        made = self._add(tensors or (self.source,), None, (), "add", None, None)
        self._unknown[made.key] = what
        return made

    def is_unknown(self, tensor: Tensor) -> bool:
        """True for what was not understood, and what is made of it."""
        return tensor.key in self._unknown

    def note(self, what: NotRead) -> None:
        """Something to tell the reader that stops nothing."""
        if what not in self._notes:
            self._notes.append(what)

    def read(self, output: Tensor) -> Read:
        """The layers up to the output, or up to the first step that is not understood."""
        needed = self._needed(output)
        stops = [node for node in needed if self._unknown.get(_number(node.key)) is not None]
        end = stops[0].inputs[0] if stops else output.key
        not_read = [what for node in stops if (what := self._unknown[_number(node.key)])]
        while True:
            try:
                found = nested(self._nodes, self.source.key, end)
                break
            except NotNested as wrong:
                join = next(node for node in self._nodes if node.key == wrong.key)
                text = join.name or str(join.join)
                not_read.insert(0, NotRead(join.line, text, words_of(wrong)))
                end = join.inputs[0]
        if end != output.key and not_read:
            left = sum(bool(node.layers) for node in needed if _number(node.key) > _number(end))
            not_read[0] = not_read[0].ending(left)
        return Read(found.layers, found.lines, (*not_read, *self._notes))

    def _add(
        self,
        tensors: Sequence[Tensor],
        shape: Shape | None,
        layers: tuple[Layer, ...],
        join: Join | None,
        name: str | None,
        line: int | None,
    ) -> Tensor:
        made = Tensor(len(self._nodes) + 1, shape)
        keys = tuple(tensor.key for tensor in tensors)
        self._nodes.append(Node(made.key, keys, layers, join, name, line))
        if any(map(self.is_unknown, tensors)):
            self._unknown[made.key] = None
        self.last = made
        return made

    def _needed(self, output: Tensor) -> list[Node]:
        wanted = {output.key}
        for node in reversed(self._nodes):
            if node.key in wanted:
                wanted.update(map(_number, node.inputs))
        return [node for node in self._nodes if node.key in wanted]


def _number(key: object) -> int:
    assert isinstance(key, int)
    return key


def shape_after(layers: tuple[Layer, ...], shape: Shape, setting: NetworkConfig) -> Shape | None:
    """The shape after layers, where needed that of a larger input.

    After a layer that fails only the number of axes counts: a view or a mean that follows has to
    be read too, because a fix may make it run.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> shape_after((Pool(8),), (3, 6, 6), NetworkConfig("pytorch", channels_last=False))
    (3, 1, 1)
    """
    channels, sizes = setting.flow(shape)
    factor = 1
    while factor <= LARGEST_FACTOR:
        larger = tuple(max(1, size) * factor if factor > 1 else size for size in sizes)
        done = forward(layers, setting.shape(FeatureMap(channels, larger)), setting)
        if done.is_complete:
            return done.rows[-1].output_shape
        factor *= 2
    return None


def broadcast(shapes: Sequence[Shape]) -> Shape | None:
    """The shape of a sum; None where the shapes do not go together.

    >>> broadcast([(64, 7, 7), (64, 1, 1)]), broadcast([(64, 7, 7), (32, 7, 7)])
    ((64, 7, 7), None)
    """
    if len(set(map(len, shapes))) > 1:
        return None
    columns = [set(sizes) - {1} for sizes in zip(*shapes, strict=True)]
    if any(len(column) > 1 for column in columns):
        return None
    return tuple(max(column, default=1) for column in columns)


def _concatenated(shapes: Sequence[Shape], setting: NetworkConfig) -> Shape | None:
    flows = [setting.flow(shape) for shape in shapes]
    if len({flow.sizes for flow in flows}) > 1:
        return None
    return setting.shape(FeatureMap(sum(flow.channels for flow in flows), flows[0].sizes))
