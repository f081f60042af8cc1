"""The network between tensors of a graph: its layers, and the steps at which it ends."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import Layer, Linear, bare, layer_count
from poolviz.arithmetic.network.forward import Path, forward
from poolviz.diagnosis.network.source import NotRead, words_of
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.constants import (
    absorbed,
    beginning,
    unknown_beginning,
    unread_constant,
)
from poolviz.reading.graph.joins import join_title
from poolviz.reading.graph.nesting import Nested, Node, NotNested, nested
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor

MOST_ORDERS = 8  # outputs that are tried at the end of the stack


@dataclass(frozen=True, slots=True)
class FoundNetwork:
    """The layers between tensors, the line of each, and the steps not understood.

    `is_whole`: the layers are all those that the outputs need. `is_for_one_size`: for another input
    they may be others.
    """

    layers: tuple[Layer, ...]
    lines: dict[Path, int]
    not_read: tuple[NotRead, ...]
    is_whole: bool
    is_for_one_size: bool


def network_between(
    graph: GraphBuilder,
    source: SymbolicTensor,
    outputs: Sequence[SymbolicTensor],
    failed: Sequence[int] = (),
) -> FoundNetwork:
    """Return the layers from one tensor to others.

    What is not computed from the source (another input, a constant, a parameter) begins with an
    `Input`. An output ends before the first step on its way that was not understood.

    `failed` are the tensors at which the model raises an error, in the order of execution, also
    those that no output needs. Where the layers would show another one first, they end at the
    first of them.
    """
    search = _Search(graph, source, [_settled(graph, output) for output in outputs])
    made = search.nested()
    if failed and not _shows_first(made, failed):
        first = _Search(graph, source, [graph.tensors[failed[0]]])
        # The graph may have been made to look past failures; here they are what counts.
        cut, config = first.nested(), graph.config(source)._replace(sizes_only=False)
        if source.shape and forward(cut.layers, source.shape, config).failure is not None:
            search, made = first, cut
            line = graph.nodes[failed[0]].line
            search.not_read.append(graph.not_read(line, phrase("reading.unread.fails_first")))
    notes = [*graph.notes((*search.keys, source.key)), *_counted_again(graph, made.again)]
    notes += _rows_of(graph, outputs)
    notes += _stood_for(graph, made.stood_for)
    not_read = tuple(dict.fromkeys([*search.not_read, *notes]))
    is_whole, is_for_one_size = not search.not_read, graph.is_for_one_size
    return FoundNetwork(made.layers, made.lines, not_read, is_whole, is_for_one_size)


def _shows_first(made: Nested, failed: Sequence[int]) -> bool:
    """Return whether the first tensor at which a model raises is also the first one shown."""
    shown = {key: _execution(made.places[key]) for key in failed if key in made.places}
    return failed[0] in shown and shown[failed[0]] == min(shown.values())


def _execution(path: Path) -> tuple[float, ...]:
    """Return a key that sorts layers as the forward pass runs them: a join after its branches."""
    return (*path, inf)


def _settled(graph: GraphBuilder, output: SymbolicTensor) -> SymbolicTensor:
    """End before a copy along axes of one element: only a join knows its sizes."""
    if not output.is_expanded:
        return output
    node = graph.nodes.get(output.key)
    why = phrase("reading.unread.copied")
    return graph.lose([output], graph.not_read(None if node is None else node.line, why))


def _rows_of(graph: GraphBuilder, outputs: Sequence[SymbolicTensor]) -> Iterator[NotRead]:
    """Say of outputs, which are shown for one sample, that a view gives several rows for each."""
    for output in outputs:
        if output.rows != 1 and not graph.is_unread(output):
            node = graph.nodes.get(output.key)
            why = phrase("reading.unread.rows_of_sample", rows=int(output.rows))
            yield graph.not_read(None if node is None else node.line, why)


def has_weights(layer: Layer) -> bool:
    """Return whether a layer has parameters."""
    plain = bare(layer)
    if isinstance(plain, Conv | DepthwiseConv | ConvTranspose | Linear):
        return True
    words = ("parameters", "parameters_per_channel")
    return any(getattr(plain, word, 0) > 0 for word in words)


def _counted_again(graph: GraphBuilder, keys: Iterable[Hashable]) -> Iterator[NotRead]:
    """Say of layers with weights that each place where they are shown counts them."""
    for key in sorted(each for each in keys if isinstance(each, int)):
        node = graph.nodes.get(key)  # None for a constant
        if node is not None and any(map(has_weights, node.layers)):
            yield graph.not_read(node.line, phrase("reading.unread.shown_again"))


def _stood_for(graph: GraphBuilder, keys: Iterable[Hashable]) -> Iterator[NotRead]:
    """Say of results that several branches take where only their shape is shown again."""
    for key in sorted(each for each in keys if isinstance(each, int)):
        graph.is_for_one_size = True
        yield graph.not_read(graph.nodes[key].line, phrase("reading.unread.stood_for"))


class _Search:
    """The steps that the outputs need; `ends` are the last tensors that are known of each."""

    def __init__(
        self, graph: GraphBuilder, source: SymbolicTensor, outputs: Sequence[SymbolicTensor]
    ) -> None:
        self.graph, self.source, self.outputs = graph, source, outputs
        self.keys = graph.between({source.key}, [output.key for output in outputs])
        self.nodes: dict[Hashable, Node] = {}
        self.stops: dict[int, NotRead] = {}
        for key in self.keys:
            self._take(key)
        self.not_read = list(self.stops.values())
        self.ends = [self._end(output) for output in outputs]

    # --- the steps -------------------------------------------------------------------------------

    def _take(self, key: int) -> None:
        """Add a step that needs the source; what else it needs is added before it."""
        node = self.graph.nodes.get(key)
        inputs: Sequence[int] = () if node is None else self.graph.inputs_of(key)
        # Keys come in the order of execution: what needs the source is among the nodes already.
        own = tuple(each for each in inputs if each == self.source.key or each in self.nodes)
        if node is None or not own:
            return
        what = self.graph.unread(key)
        if what is None and len(own) < len(inputs):
            layers = absorbed(self.graph, node, own)
            if layers is not None:
                join = node.join if len(own) > 1 else None
                self.nodes[key] = replace(node, inputs=own, join=join, layers=layers)
                return
            what = self._begin_at(key, [each for each in inputs if each not in own], own)
            own = own if what is not None else tuple(inputs)
        # What begins for this join alone has another key: the join and the tensor.
        places = ((key, each) if (key, each) in self.nodes else each for each in own)
        self.nodes[key] = replace(node, inputs=tuple(places))
        if what is not None:
            self.stops[key] = what

    def _begin_at(
        self, joined: int, keys: Iterable[int], own: Sequence[int] = ()
    ) -> NotRead | None:
        """Add the steps to tensors that do not need the source; return what is not understood.

        Numbers of the model that are joined with one tensor begin after it, anew in each join: if
        they began at the source, their branch would hold again what is computed before the join.
        """
        constants, ends = self.graph.constants, list(keys)
        steps = self.graph.between(constants, ends)
        ends += [each for key in steps for each in self.graph.inputs_of(key)]
        wanted = sorted({*steps, *filter(constants.__contains__, ends)} - set(self.nodes))
        # A constant has the axes of what it is joined with first.
        order = (joined, *reversed(steps))
        users = {each: key for key in order for each in self.graph.inputs_of(key)}
        is_local = len(own) == 1 and all(key in constants for key in wanted)
        begun: dict[Hashable, Node] = {}
        for key in wanted:
            if (what := unread_constant(self.graph, key)) is not None:
                return what
            node = self.graph.nodes.get(key)
            if node is None or key in constants:
                user = users.get(key, joined)
                by = self.graph.nodes.get(user)
                # Of unknown rank, the constant keeps its own number of axes.
                rank = len(self.graph.tensors[user].shape or ()) or None
                layer = beginning(self.graph, key, rank, None if by is None else by.join)
                if layer is None:
                    return unknown_beginning(self.graph, joined, key)
                begins: Hashable = (joined, key) if is_local else key
                start = own[0] if is_local else self.source.key
                node = Node(begins, (start,), (layer,), line=None)
            begun[node.key] = node
        self.nodes |= begun
        return None

    # --- the ends --------------------------------------------------------------------------------

    def _before(self, ends: Iterable[Hashable]) -> set[Hashable]:
        """Return the steps that tensors are computed from, and these."""
        found: set[Hashable] = set()
        open_keys = list(ends)
        while open_keys:
            key = open_keys.pop()
            if key in self.nodes and key not in found:
                found.add(key)
                open_keys += self.nodes[key].inputs
        return found

    def _end(self, output: SymbolicTensor) -> int:
        key = output.key
        if key not in self.nodes and key != self.source.key:
            what = self._begin_at(key, [key])
            if what is not None:
                self.not_read.append(what)
                return self.source.key
        before = self._before([key])
        # The first one: what follows a step that was not understood is not known either.
        stop = next((each for each in self.stops if each in before), None)
        return key if stop is None else self._input_of(stop)

    def _input_of(self, key: Hashable) -> int:
        """Return the last tensor before a step."""
        # Keys count up, so the largest was computed last: the longest way that is known.
        return max(each for each in self.nodes[key].inputs if isinstance(each, int))

    def nested(self) -> Nested:
        """Return the layers; a join of ways that cross ends its outputs like an unknown step."""
        # It ends: each cut moves outputs back before a join, or puts a stated layer in its place.
        while True:
            try:
                return self._said(*min(self._orders(), key=self._cost))
            except NotNested as wrong:
                self._cut(wrong)

    def _orders(self) -> Iterator[tuple[Nested, int]]:
        """Yield the layers with each output at the end of the stack, the last one first.

        An output that is known as a whole comes before one that is not.
        """
        whole = [i for i, end in enumerate(self.ends) if end == self.outputs[i].key]
        places = sorted(whole or range(len(self.ends)), key=lambda i: -self.ends[i])
        nodes, tensors = list(self.nodes.values()), self.graph.tensors
        shapes = {key: each.shape for key, each in tensors.items() if key in self.nodes}
        shapes[self.source.key] = self.source.shape
        for main in places[:MOST_ORDERS]:
            others = {
                place: end
                for place, end in enumerate(self.ends)
                # An output that was cut back to the source has no layer left to show.
                if place != main and (end != self.source.key or end == self.outputs[place].key)
            }
            made = nested(nodes, self.source.key, self.ends[main], others, shapes)
            yield made, main
            # Nothing is hidden: no other order can be better.
            if not made.left_out:
                return

    def _cost(self, order: tuple[Nested, int]) -> tuple[int, int]:
        """Number of outputs that are not shown, those of unknown shape first: they may fail."""
        hidden = order[0].left_out
        return sum(self.outputs[place].shape is None for place in hidden), len(hidden)

    def _cut(self, wrong: NotNested) -> None:
        key = next(key for key in self.nodes if key == wrong.key)
        node = self.nodes[key]
        given = self.graph.stated(node)
        if given is not None:
            self.nodes[key] = given
            return
        title = node.name or ("" if node.join is None else join_title(node.join))
        # In front: `_said` counts the missing layers at the first one.
        self.not_read.insert(0, self.graph.not_read(node.line, words_of(wrong), title))
        for place, end in enumerate(self.ends):
            if key in self._before([end]):
                self.ends[place] = self._input_of(key)

    def _said(self, made: Nested, main: int) -> Nested:
        """Note the outputs that are not among the layers, and how many layers are missing."""
        is_cut = self.ends[main] != self.outputs[main].key
        if is_cut and self.not_read:
            known = self._before(self.ends)
            count = sum(self._rows(node) for key, node in self.nodes.items() if key not in known)
            self.not_read[0] = self.not_read[0].ending(count)
        for place in made.left_out:
            node = self.nodes.get(self.outputs[place].key)
            line = None if node is None else node.line
            shape = str(self.outputs[place].shape)
            why = phrase("reading.unread.output_shares", place=place + 1, shape=shape)
            self.not_read.append(self.graph.not_read(line, why))
        return made

    def _rows(self, node: Node) -> int:
        return layer_count(node.layers) + (node.join is not None and node.key not in self.stops)
