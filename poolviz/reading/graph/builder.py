"""Records how tensors are computed.

The readers of source text and of live models share it. It is independent of the framework.
A step that is not understood gives a tensor of unknown shape; if the output needs it, it ends
before it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from poolviz.arithmetic.layers.axes import AxisMap
from poolviz.arithmetic.layers.network_layers import (
    Crop,
    Flatten,
    Identity,
    Layer,
    Permute,
    Reshape,
    bare,
)
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.arithmetic.network.memory_layout import UNKNOWN, in_order, strides_after
from poolviz.diagnosis.network.source import NotRead
from poolviz.dialects.common.vocabulary import Layers, Part, Parts
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.constants import joined_shape
from poolviz.reading.graph.joins import Join
from poolviz.reading.graph.nesting import Node
from poolviz.reading.graph.symbolic_tensor import BATCH, SymbolicTensor
from poolviz.reading.graph.tensor_graph import LARGEST_FACTOR, Constant, TensorGraph, shape_after


class GraphBuilder(TensorGraph):
    """Adds the steps that compute tensors to their graph."""

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
        # How often it is repeated is known only where it is joined.
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
        # The shape was known up to here, so it is these layers that fail.
        if made.shape is None and tensor.shape is not None:
            self.failed.append(made.key)
        # Kept beside the shape: in PyTorch a later `view` fails on a layout that a `permute` left.
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
        # Without the batch, which is elsewhere in one of them, the shapes would seem to fit.
        if len({(each.batch_axis, each.rows) for each in self.computed(tensors)}) > 1:
            return self.lose(tensors, self.not_read(line, phrase("reading.unread.other_batches")))
        if kind == "add" and self._widens(tensors):
            return self.lose(
                tensors, self.not_read(line, phrase("reading.unread.batch_meets_axis"))
            )
        made = self._made(tensors, joined_shape(self, kind, tensors), line, join=kind, name=name)
        # Of tensors with different numbers of axes it is not certain that the framework raises.
        ranks = {tensor.shape and len(tensor.shape) for tensor in tensors}
        if made.shape is None and None not in ranks and len(ranks) == 1:
            self.failed.append(made.key)
        # PyTorch gives a sum the order of axes of what is added, which may be that of a `permute`.
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
    ) -> object:
        if part is None or isinstance(part, Parts):
            return None if part is None else self.results(tensor, part, line, name)
        return self.placed(self.apply(tensor, part.layers, line), part.batch_axis)

    def lose(self, tensors: Sequence[SymbolicTensor], what: NotRead | None) -> SymbolicTensor:
        """Return a tensor from a step that is not understood."""
        # A node of several inputs needs some join.
        made = self._made(tensors, None, None if what is None else what.line, join="add")
        self._unread[made.key] = what
        return made

    def doubt(self, key: int, what: NotRead) -> None:
        """Take back a tensor, and what is computed from it: its step may not count."""
        self._unread[key] = what
        for later, node in self.nodes.items():
            if later > key and any(each in self._unread for each in node.inputs):
                self._unread.setdefault(later, None)

    def note(self, tensor: SymbolicTensor, what: NotRead) -> None:
        """Something about a tensor that was not read, though its shape was."""
        self._notes.setdefault(tensor.key, []).append(what)

    def replayed(
        self,
        starts: Sequence[SymbolicTensor],
        ends: Sequence[SymbolicTensor],
        tensors: Sequence[SymbolicTensor],
    ) -> list[SymbolicTensor]:
        """Return the steps from `starts` to `ends`, on other tensors."""
        made = self._replayed(starts, ends, tensors)
        return [made[end.key] for end in ends]

    def failing(self, starts: Sequence[SymbolicTensor]) -> list[int]:
        """Return the tensors that no framework makes, in order, of a graph that looks past them."""
        self.looks_past_failures, self.failed = False, []
        ends = [self.tensors[key] for key in self.nodes]
        again = [self.source(each.framework, each.shape) for each in starts]
        made = self._replayed(starts, ends, again)
        self.looks_past_failures, failed = True, set(self.failed)
        return [key for key, each in made.items() if isinstance(key, int) and each.key in failed]

    def _replayed(
        self,
        starts: Sequence[SymbolicTensor],
        ends: Sequence[SymbolicTensor],
        tensors: Sequence[SymbolicTensor],
    ) -> dict[Hashable, SymbolicTensor]:
        """Return the new tensor of each one that leads to `ends`, in order."""
        made: dict[Hashable, SymbolicTensor] = {}
        for start, tensor in zip(starts, tensors, strict=False):
            made[start.key] = tensor
            # The order of axes that a layer stated holds for the new input too.
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
        return made

    def stated(self, node: Node) -> Node | None:
        """Return a join that branches cannot show as a layer of the shape that the user states."""
        key, last = node.key, next(each for each in reversed(node.inputs) if each in self.tensors)
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
            # The step itself is understood, what it takes is not: None names no new reason.
            self._unread[key] = None
        # Root, framework and batch are those of a computed tensor, not of a constant.
        main = self.computed(tensors)[0]
        is_discrete = all(each.is_discrete for each in tensors)
        return self._kept(
            SymbolicTensor(
                key,
                main.root,
                shape,
                main.framework,
                False,
                main.batch_axis,
                main.rows,
                is_discrete=is_discrete,
            )
        )

    def _shape(self, tensor: SymbolicTensor, layers: tuple[Layer, ...]) -> Shape | None:
        largest = LARGEST_FACTOR if self.looks_past_failures else 1
        if tensor.shape is None:
            return None
        return shape_after(layers, tensor.shape, self.config(tensor), largest)

    def _kept(self, tensor: SymbolicTensor) -> SymbolicTensor:
        self.tensors[tensor.key] = tensor
        return tensor


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
