"""Constants and parameters of a model: what each is beside a feature map, and as a branch."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.layers.ends import EndKind, Input
from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.network.broadcasting import Shape, joined
from poolviz.arithmetic.network.failures import ForwardStopped
from poolviz.diagnosis.network.source import NotRead
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.joins import Join, how_joined, needs_each_sample, scaled
from poolviz.reading.graph.nesting import Node
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor
from poolviz.reading.graph.tensor_graph import TensorGraph


def joined_shape(graph: TensorGraph, kind: Join, tensors: Sequence[SymbolicTensor]) -> Shape | None:
    """Return the shape of tensors that are joined; None where it is unknown or they do not fit."""
    main = graph.computed(tensors)
    # What a combination takes from each tensor is known of all of them together only.
    shape = main[0].shape
    if isinstance(kind, str) or len(main) == len(tensors):
        shape = _of_join(graph, kind, main, [tensor.shape for tensor in main])
    if len(main) == len(tensors) or shape is None:
        return shape
    sides = [each.key for each in tensors if each not in main]
    # One number, or one for each channel, changes no shape: nothing has to be aligned.
    if kind == "add" and _over_constants(graph, "add", main[0], shape, sides) is not None:
        return shape
    rank = len(shape)
    shapes = [
        each.shape if each in main else _aligned(graph, each.key, rank, kind) for each in tensors
    ]
    return _of_join(graph, kind, main, shapes)


def _has_batch(graph: TensorGraph, key: Hashable) -> bool:
    """Return whether the first axis of a tensor is the batch; that of a constant may not be."""
    constant = graph.constants.get(graph.tensors[key].root)
    return constant is None or constant.shape[0] == 1


def _of_join(
    graph: TensorGraph, kind: Join, main: Sequence[SymbolicTensor], shapes: Sequence[Shape | None]
) -> Shape | None:
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes):
        return None
    config = graph.config(main[0])
    try:
        maps = [config.flow(each) for each in known]
        return config.shape(joined(how_joined(kind), maps, config))
    except ForwardStopped:
        return None


def _aligned(graph: TensorGraph, key: Hashable, rank: int, kind: Join | None) -> Shape | None:
    """Return the shape, without the batch, of a constant that is joined with a feature map.

    A sum repeats it for every sample; a concatenation needs one for each.
    """
    constant = graph.constants.get(key)
    if constant is None:
        return graph.tensors[key].shape if _has_batch(graph, key) else None
    is_whole = isinstance(constant.shape[0], Batch) and len(constant.shape) == rank + 1
    if kind is not None and needs_each_sample(kind) and not is_whole:
        return None
    # Shapes are aligned at their last axes; the first is then the batch, which a 1 repeats.
    whole = (1,) * (rank + 1 - len(constant.shape)) + constant.shape
    fits = isinstance(whole[0], Batch) or whole[0] == 1
    return whole[1:] if len(whole) > 1 and fits else None


def _over_constants(
    graph: TensorGraph, name: str, main: SymbolicTensor, shape: Shape, sides: Sequence[Hashable]
) -> tuple[Layer, ...] | None:
    """Return layers for a sum with constants; None if it may change the shape."""
    layers: tuple[Layer, ...] = ()
    is_last, rules = graph.channels_last(main), graph.config(main).rules
    error: str | None = rules.error_class(FailureKind.BRANCH_SIZES)
    if error == rules.error_class(FailureKind.CHANNELS):  # that of the layer anyway
        error = None
    for key in sides:
        constant = graph.constants.get(key)
        more = None if constant is None else scaled(name, shape, *constant, is_last)
        if more is None:
            return None
        layers += tuple(replace(each, error=error) for each in more)
    return layers


def unread_constant(graph: TensorGraph, key: int) -> NotRead | None:
    """Return why a tensor that does not come from the source cannot begin a branch."""
    what, node = graph.unread(key), graph.nodes.get(key)
    if what is not None or node is None or _has_batch(graph, key) or key in graph.constants:
        return what
    shape = str(graph.constants[graph.tensors[key].root].shape)
    return graph.not_read(node.line, phrase("reading.unread.constant_batch", shape=shape))


def absorbed(graph: TensorGraph, node: Node, own: Sequence[Hashable]) -> tuple[Layer, ...] | None:
    """Return layers for a sum with constants that keeps its shape; None for anything else."""
    main = [graph.tensors[key] for key in own]
    others = [key for key in node.inputs if key not in own]
    shape = joined_shape(graph, "add", main) if node.join == "add" else None
    if shape is None:
        return None
    return _over_constants(graph, node.name or "add", main[0], shape, others)


def beginning(
    graph: TensorGraph, key: int, rank: int | None, kind: Join | None = None
) -> Input | None:
    """Return the layer that begins with a tensor that is not computed; None if unknown."""
    tensor, constant = graph.tensors[key], graph.constants.get(key)
    name = graph.names.get(key)
    if constant is None:
        return None if tensor.shape is None else Input(tensor.shape, name=name)
    shape = _aligned(graph, key, len(constant.shape) - 1 if rank is None else rank, kind)
    word: EndKind = "parameter" if constant.is_parameter else "constant"
    return None if not shape else Input(shape, word, name)


def unknown_beginning(graph: TensorGraph, joined: int, key: int) -> NotRead:
    """Return why the network does not go on where a tensor is joined with another one."""
    node, constant = graph.nodes.get(joined), graph.constants.get(key)
    line = None if node is None else node.line
    if constant is None:
        name = graph.names.get(key, "")
        word = "unknown_input" if name else "unknown_second_input"
        return graph.not_read(line, phrase(f"reading.unread.{word}", name=name))
    is_each = node is not None and node.join is not None and needs_each_sample(node.join)
    if constant.shape[0] == 1 and is_each:
        why = phrase("reading.unread.one_sample", shape=str(constant.shape))
        return graph.not_read(line, why)
    own = [graph.tensors[each].shape for each in graph.inputs_of(joined) if each != key]
    facts = {"weights": str(constant.shape), "shape": str(next(iter(own), None))}
    return graph.not_read(line, phrase("reading.unread.weights_meet", **facts))
