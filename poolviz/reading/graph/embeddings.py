"""Embeddings: they take integers, so that no feature map comes before them."""

from __future__ import annotations

from math import prod

from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.graph.tensor_graph import Constant


def embedded(
    graph: GraphBuilder, tensor: SymbolicTensor, many: object, size: object, name: str
) -> tuple[SymbolicTensor, Words | None]:
    """Return the vectors that an embedding makes of integers, and what to note about them.

    Vectors of an input are the input of the stack, those of a constant, such as positions, are a
    constant. ValueError for those of anything else.
    """
    constant, shape = graph.constants.get(tensor.key), tensor.shape
    is_plain = isinstance(size, int) and size > 0
    if not is_plain or (constant is None and tensor.key != tensor.root):
        raise ValueError(phrase("reading.unread.only_at_beginning", name=name))
    assert isinstance(size, int)
    if constant is not None:
        whole = (*constant.shape, size)
        uses_all = all(type(n) is int for n in whole) and prod(constant.shape) == many
        learned = Constant(whole, is_parameter=uses_all)
        made = graph.source(tensor.framework, whole[1:], whole[0], learned)
        count = str(many * size if isinstance(many, int) else size)
        return made, None if uses_all else phrase("reading.unread.weights_left_out", weights=count)
    if shape is not None and len(shape) != 1:
        raise ValueError(phrase("reading.unread.no_sequence", name=name, shape=str(shape)))
    vectors = graph.source(
        tensor.framework, None if shape is None else (*shape, size), graph.batches.get(tensor.root)
    )
    if tensor.root in graph.orders:
        graph.orders[vectors.key] = graph.orders[tensor.root]
    if not isinstance(many, int):
        return vectors, phrase("reading.unread.begins_after", size=size)
    weights = many * size
    return vectors, phrase("reading.unread.begins_after_weights", size=size, weights=weights)
