"""A network as a graph of tensors → nested layers, as `Stack` takes them.

Every tensor has one place in the dominator tree: below the last tensor that all paths to it pass
through. The path from there is a branch, so a join becomes `Concatenate` or `Add` after its
dominator, and its branches are chains in that tree. A further output hangs, as an `Output`, at the
last tensor that it shares with the outputs before it. What two joins need that no branch shows,
as the memory of a decoder with several layers, is shown again in each of them; where that would be
too much, as in a U-Net with gates, one layer of its shape stands for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import zip_longest
from typing import Any

from poolviz.arithmetic.layers.axes import AxisMap
from poolviz.arithmetic.layers.network_layers import (
    Branch,
    Combination,
    Layer,
    Named,
    Output,
)
from poolviz.arithmetic.network.forward import SIDE, Path
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.joins import Join, join_layer, join_title

MOST_COPIES = 40  # tensors that are shown again; without a limit they double with each join
MOST_NESTED = 64  # nested branches: each costs the forward pass some frames of Python's stack


@dataclass(frozen=True, slots=True)
class Node:
    """A step that makes one tensor from others: layers, or a join and then layers.

    `key` names the tensor, `inputs` its inputs: one, or several for a join. `name` goes
    to the last layer. `line` is its line in the source.
    """

    key: Hashable
    inputs: tuple[Hashable, ...]
    layers: tuple[Layer, ...] = ()
    join: Join | None = None
    name: str | None = None
    line: int | None = None

    def __post_init__(self) -> None:
        if not self.inputs or (self.join is None and len(self.inputs) > 1):
            wanted = "one input" if self.join is None else "at least one input"
            raise ValueError(f"node {self.key!r} needs {wanted}, got {len(self.inputs)}")


@dataclass(frozen=True, slots=True)
class Nested:
    """The layers from the source to the outputs, and the line of each where it is known.

    `left_out` are the places of outputs that share tensors in a way that branches cannot show,
    `again` the tensors that are shown more than once, `stood_for` those of which only the shape is
    shown again. `places` has the path of each step.
    """

    layers: tuple[Layer, ...]
    lines: dict[Path, int]
    left_out: tuple[int, ...] = ()
    again: frozenset[Hashable] = frozenset()
    stood_for: frozenset[Hashable] = frozenset()
    places: Mapping[Hashable, Path] = field(default_factory=dict)


class NotNested(ValueError):  # noqa: N818  # says what the graph is, as StopIteration does
    """The branches of a join are not separate paths. `key` is the output of the join."""

    def __init__(self, key: Hashable, why: Words) -> None:
        super().__init__(why)
        self.key = key


def nested(
    nodes: Sequence[Node],
    source: Hashable,
    output: Hashable,
    others: Mapping[int, Hashable] | None = None,
    shapes: Mapping[Hashable, tuple[int, ...] | None] | None = None,
) -> Nested:
    """Return the nodes between two tensors as layers, without those that no output needs.

    `nodes` are in the order of execution, `others` further outputs by their place, `shapes` those
    of tensors, if they are known. Raises `NotNested` where a layer would have to be in two
    branches, and ValueError for a tensor without a source.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> pooled = Node("y", ("x",), (Pool(3, 1, 1),), line=2)
    >>> found = nested([pooled, Node("z", ("x", "y"), join="add", line=3)], "x", "z")
    >>> found.layers
    (Add(branches=((), (Pool(kernel_size=3, stride=1, padding=1),))),)
    >>> found.lines == {(0, 1, 0): 2, (0,): 3}
    True
    """
    others = {} if others is None else others
    needed = _shared_joins(_needed(nodes, source, [output, *others.values()]))
    known = {key: shape for key, shape in (shapes or {}).items() if shape}
    # Copies first: they show every layer of the tensor again, a stand-in only its shape.
    for copies, stand_ins in ((MOST_COPIES, {}), (0, known)):
        with suppress(NotNested):  # too many copies, or a shape is not known
            return _Nesting(needed, source, copies, stand_ins).all(output, others)
    # Without either, outputs that share tensors are left out, or a join is named.
    return _Nesting(needed, source, 0, {}).all(output, others)


def _needed(nodes: Sequence[Node], source: Hashable, outputs: Sequence[Hashable]) -> list[Node]:
    """Return the nodes from which the outputs are computed, in order."""
    made = {node.key: node for node in nodes}
    if len(made) < len(nodes) or source in made:
        raise ValueError("every node needs a key of its own, other than that of the source")
    wanted, open_keys = {source}, list(outputs)
    while open_keys:
        key = open_keys.pop()
        if key in wanted:
            continue
        wanted.add(key)
        if key not in made:
            raise ValueError(f"nothing makes {key!r}: it is neither the source nor a node")
        open_keys += made[key].inputs
    return [node for node in nodes if node.key in wanted]


def _shared_joins(nodes: Sequence[Node]) -> list[Node]:
    """Let a join that begins with the inputs of an earlier one use its output instead.

    DenseNet as PyTorch writes it: after cat([a, b]), cat([a, b, c]) is cat([cat([a, b]), c]).
    """
    # A tree of inputs for each kind of join: joins that begin alike share the way from its root.
    begun: dict[Any, Any] = {}
    made = object()  # the place of a finished join, apart from every key
    found = []
    for node in nodes:
        # A `Combination` names its inputs by their places: they cannot be grouped.
        if node.join is None or isinstance(node.join, Combination):
            found.append(node)
            continue
        place = begun.setdefault(node.join, {})
        inputs = node.inputs
        for count, key in enumerate(node.inputs, 1):
            place = place.setdefault(key, {})
            # The beginning of two inputs at least: one tensor is no join.
            if made in place and count > 1:
                inputs = (place[made], *node.inputs[count:])
        # With layers behind it, the node gives more than the join.
        if not node.layers:
            place.setdefault(made, node.key)
        found.append(replace(node, inputs=inputs))
    return found


class _Dominators:
    """The dominator tree; `above` jumps, so that every query takes log n steps.

    Jump pointers as in Myers, An applicative random-access stack (1983).
    """

    def __init__(self, source: Hashable) -> None:
        self.parent = {source: source}
        self._jump = {source: source}
        self._depth = {source: 0}

    def add(self, key: Hashable, inputs: Iterable[Hashable]) -> None:
        for each in inputs:
            if each not in self.parent:
                raise ValueError(f"{key!r} is made of {each!r}, which comes later")
        parent = self.common(inputs)
        jump, depth = self._jump, self._depth
        far = jump[parent]
        # Two jumps of the same length are joined into one.
        is_even = depth[parent] - depth[far] == depth[far] - depth[jump[far]]
        self.parent[key] = parent
        jump[key] = jump[far] if is_even else parent
        depth[key] = depth[parent] + 1

    def common(self, keys: Iterable[Hashable]) -> Hashable:
        """Return the last tensor that the paths to all of them pass through, maybe one of them."""
        return reduce(self._common_of_two, keys)

    def first_below(self, stop: Hashable, key: Hashable) -> Hashable:
        """Return the tensor right after `stop` on the way to `key`; `key` if they are the same."""
        return self._lifted(key, min(self._depth[stop] + 1, self._depth[key]))

    def way(self, stop: Hashable, key: Hashable) -> list[Hashable]:
        """Return the tensors after `stop`, down to `key`."""
        found = []
        while key != stop:
            found.append(key)
            key = self.parent[key]
        return found[::-1]

    def _lifted(self, key: Hashable, depth: int) -> Hashable:
        while self._depth[key] > depth:
            far = self._jump[key]
            key = far if self._depth[far] >= depth else self.parent[key]
        return key

    def _common_of_two(self, one: Hashable, other: Hashable) -> Hashable:
        # Jumps are equally long at equal depth, so the two stay level.
        one = self._lifted(one, self._depth[other])
        other = self._lifted(other, self._depth[one])
        while one != other:
            is_apart = self._jump[one] != self._jump[other]
            step = self._jump if is_apart else self.parent
            one, other = step[one], step[other]
        return one


class _Nesting:
    """Assigns every tensor one place, with its line."""

    def __init__(
        self,
        nodes: Sequence[Node],
        source: Hashable,
        copies: int,
        shapes: Mapping[Hashable, tuple[int, ...]],
    ) -> None:
        self.nodes = {node.key: node for node in nodes}
        self.copies, self.shapes = copies, shapes
        self.stood_for: set[Hashable] = set()
        self.tree = _Dominators(source)
        for node in nodes:
            self.tree.add(node.key, node.inputs)
        self.source = source
        self.placed: set[Hashable] = set()
        self.again: set[Hashable] = set()
        self.lines: dict[Path, int] = {}
        self.places: dict[Hashable, Path] = {}
        self.sides: dict[Hashable, list[tuple[int, Hashable]]] = {}  # outputs, by their beginning

    def all(self, output: Hashable, others: Mapping[int, Hashable]) -> Nested:
        """Return the layers of all outputs."""
        left_out = self.hang(output, others)
        layers = self.chain(output, self.source, ())
        again, stood_for = frozenset(self.again), frozenset(self.stood_for)
        return Nested(tuple(layers), self.lines, left_out, again, stood_for, self.places)

    def hang(self, output: Hashable, others: Mapping[int, Hashable]) -> tuple[int, ...]:
        """Find where each further output begins; return the places of those without such a tensor.

        It may use no other tensor of the outputs before it than the one at which it hangs.
        """
        left_out = []
        covered = {self.source} | self._before(output, {self.source})
        for place, end in others.items():
            start = end
            # Up the dominators: all ways to `end` pass through the first one that is shown already.
            while start not in covered:
                start = self.tree.parent[start]
            new = self._before(end, covered)
            used = {each for key in new for each in self.nodes[key].inputs} - new
            # A branch at `start` shows no way to it from anything else that is shown before.
            if used - {start} and not (self.copies or self.shapes):
                left_out.append(place)
                continue
            covered |= new
            self.sides.setdefault(start, []).append((place, end))
        return tuple(left_out)

    def _before(self, end: Hashable, covered: set[Hashable]) -> set[Hashable]:
        """Return the tensors that one is computed from, and it, without those that are covered."""
        found: set[Hashable] = set()
        open_keys = [end]
        while open_keys:
            key = open_keys.pop()
            if key not in found and key not in covered:
                found.add(key)
                open_keys += self.nodes[key].inputs
        return found

    def chain(
        self, end: Hashable, stop: Hashable, prefix: Path, join: Node | None = None
    ) -> list[Layer]:
        """Return the layers after `stop` up to `end`, an input of `join`."""
        layers: list[Layer] = []
        # Outputs that begin at the source; those of an inner `stop` are in its own chain.
        if not prefix:
            self._add_sides(stop, layers, prefix)
        way = self.tree.way(stop, end)
        before = stop
        for key, after in zip_longest(way, way[1:]):
            node = self.nodes[key]
            if key in self.placed and self.shapes:
                # Of a row of tensors that are shown elsewhere, only the last is needed here.
                if after not in self.placed:
                    layers.append(self._stand_in(before, node, join))
                    before = key
                continue
            before = key
            if key in self.placed:
                self._again(node, node if join is None else join)
            self.placed.add(key)
            self.places.setdefault(key, (*prefix, len(layers)))
            own = list(node.layers)
            if node.join is not None:
                path = (*prefix, len(layers))
                own.insert(0, self._joined(node, node.inputs, self.tree.parent[key], path))
            for layer in _named(own, node.name):
                self._note((*prefix, len(layers)), node)
                layers.append(layer)
            self._add_sides(key, layers, prefix)
        return layers

    def _stand_in(self, before: Hashable, node: Node, join: Node | None) -> Layer:
        """Return a layer of the shape of a tensor, which is shown elsewhere."""
        given, shape = self.shapes.get(before), self.shapes.get(node.key)
        if given is None or shape is None:
            wanted = node if join is None else join
            raise NotNested(wanted.key, phrase("reading.unread.not_known"))
        self.stood_for.add(node.key)
        title = node.name or ("" if node.join is None else join_title(node.join))
        only = tuple(enumerate(given, 1))
        return AxisMap(title or "=", len(given), shape, only=only)

    def _again(self, node: Node, join: Node) -> None:
        """Show a tensor once more, if there are not too many of them."""
        self.again.add(node.key)
        self.copies -= 1
        if self.copies < 0:
            why = phrase("reading.unread.taken_by_another_join", join=_title(join))
            raise NotNested(join.key, why)

    def _add_sides(self, start: Hashable, layers: list[Layer], prefix: Path) -> None:
        """Add the further outputs that begin at a tensor."""
        for place, end in self.sides.pop(start, ()):
            path = (*prefix, len(layers), SIDE)
            layers.append(Output(tuple(self.chain(end, start, path)), place))

    def _joined(
        self, node: Node, inputs: tuple[Hashable, ...], stop: Hashable, path: Path
    ) -> Layer:
        """Return the join of paths from `stop`; paths with a common beginning get a nested join."""
        # A path has two numbers for each level: the layer, and the branch in it.
        if len(path) // 2 >= MOST_NESTED:
            why = phrase("reading.unread.nested_too_deep", join=_title(node), most=MOST_NESTED)
            raise NotNested(node.key, why)
        branches: list[Branch] = []
        is_fixed = isinstance(node.join, Combination)  # which takes each input on its own
        groups = [(key,) for key in inputs] if is_fixed else self._groups(inputs, stop)
        for ends in groups:
            prefix = (*path, len(branches))
            meeting = self.tree.common(ends)
            layers = self.chain(meeting, stop, prefix, node)
            if len(ends) > 1:
                place = (*prefix, len(layers))
                layers.append(self._joined(node, ends, meeting, place))
                self._note(place, node)
            branches.append(tuple(layers))
        assert node.join is not None
        return join_layer(node.join, tuple(branches))

    def _groups(self, inputs: tuple[Hashable, ...], stop: Hashable) -> list[tuple[Hashable, ...]]:
        """Return the inputs, grouped by their first tensor after `stop`."""
        groups: dict[Hashable, list[Hashable]] = {}
        for place, key in enumerate(inputs):
            skip = ("skip", place)  # every skip is a separate branch, even of the same tensor
            group = skip if key == stop else (self.tree.first_below(stop, key),)
            groups.setdefault(group, []).append(key)
        return [tuple(ends) for ends in groups.values()]

    def _note(self, path: Path, node: Node) -> None:
        if node.line is not None:
            self.lines[path] = node.line


def _named(layers: list[Layer], name: str | None) -> list[Layer]:
    """Give the name to the last layer, unless it has one; a model that is one layer has none."""
    if not name or not layers or getattr(layers[-1], "name", None) is not None:
        return layers
    return [*layers[:-1], Named(name, layers[-1])]


def _title(join: Node) -> Words:
    kind = "" if join.join is None else join_title(join.join)
    title = f"{kind} {join.key!r}" if join.name is None else f"{kind} {join.name!r}"
    if join.line is None:
        return title
    return phrase("reading.join_on_line", title=title, line=str(join.line))
