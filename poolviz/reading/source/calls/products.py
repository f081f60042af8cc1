"""Products of tensors: matrices, einsum, attention; and tensors side by side along any axis."""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.arithmetic.layers.axes import Axis, Combination
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.dialects.common.axis_maps import axis_map, kept
from poolviz.dialects.common.vocabulary import place
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import Value


def _shapes(tensors: Sequence[SymbolicTensor]) -> list[Shape] | None:
    """Return the shapes of tensors with the batch in the same, first place; else None."""
    found = [tensor.shape for tensor in tensors if tensor.shape is not None]
    places = {(tensor.batch_axis, tensor.rows) for tensor in tensors}
    return found if len(found) == len(tensors) and len(places) == 1 else None


def product(
    reader: ReadingContext, name: str, one: SymbolicTensor, other: SymbolicTensor, line: int
) -> Value:
    """Return a product of matrices, with all axes before them as a batch."""
    graph, tensors = reader.graph, [one, other]
    weights = graph.constants.get(other.key)
    if weights is not None and one.key not in graph.constants and one.shape is not None:
        return _with_weights(reader, name, one, weights.shape, weights.is_parameter, line)
    shapes = _shapes(tensors)
    is_fixed = any(tensor.root in graph.constants for tensor in tensors)
    if shapes is None or one.batch_axis or is_fixed:
        return reader.lost(tensors, line, phrase("reading.unread.product_of_matrices"))
    left, right = shapes
    rank = len(left)
    if len(right) != rank or rank < 2 or (name == "bmm" and rank != 2):
        return reader.lost(tensors, line, phrase("reading.unread.product_of_matrices"))
    front: list[Axis] = []
    equal = [(Axis(rank), Axis(rank - 1, branch=1))]
    for axis, (a, b) in enumerate(zip(left[:-2], right[:-2], strict=True), 1):
        pair = (Axis(axis), Axis(axis, branch=1))
        # Broadcast: where one matrix has an axis of 1, the other one has the size.
        front.append(pair[a == 1])
        if a == b or 1 not in (a, b):
            equal.append(pair)
    shape = (*front, Axis(rank - 1), Axis(rank, branch=1))
    return graph.join(Combination(name, shape, tuple(equal)), tensors, line)


def _with_weights(
    reader: ReadingContext,
    name: str,
    tensor: SymbolicTensor,
    weights: Shape,
    is_learned: bool,
    line: int,
) -> Value:
    """Return `x @ w` for a matrix of the model: the last axis changes."""
    shape = tensor.shape
    assert shape is not None
    if len(weights) != 2 or tensor.batch_axis == len(shape) or name == "bmm":
        return reader.lost([tensor], line, phrase("reading.unread.product_of_matrices"))
    count = weights[0] * weights[1] if is_learned else 0
    entries = [*kept(len(shape))[:-1], weights[1]]
    layers = axis_map(name, shape, entries, expects=((len(shape), weights[0]),), parameters=count)
    return reader.graph.apply(tensor, layers, line)


def einsum(
    reader: ReadingContext, equation: object, tensors: list[SymbolicTensor], line: int
) -> Value:
    """Return an einsum of one or two tensors whose batch has the same letter."""
    shapes = _shapes(tensors)
    if isinstance(equation, str) and shapes is not None and len(tensors) <= 2:
        inputs, arrow, output = equation.replace(" ", "").partition("->")
        letters = inputs.split(",")
        known = not any(tensor.root in reader.graph.constants for tensor in tensors)
        if known and arrow and _is_plain(letters, output, shapes):
            return _einsum(reader, letters, output, tensors, line)
    return reader.lost(tensors, line, phrase("reading.unread.unknown_here", name="einsum"))


def _is_plain(letters: list[str], output: str, shapes: list[Shape]) -> bool:
    if len(letters) != len(shapes) or not all(text.isalpha() for text in (*letters, output)):
        return False
    fits = all(len(text) == len(shape) + 1 for text, shape in zip(letters, shapes, strict=True))
    return fits and all(len(set(text)) == len(text) for text in (*letters, output))


def _einsum(
    reader: ReadingContext,
    letters: list[str],
    output: str,
    tensors: list[SymbolicTensor],
    line: int,
) -> Value:
    """Return the product; the letter at the batch axis has to be the same in all tensors."""
    at = tensors[0].batch_axis
    batch = {text[at] for text in letters}
    own = [text[:at] + text[at + 1 :] for text in letters]
    places = [
        {letter: Axis(axis, branch=branch) for axis, letter in enumerate(text, 1)}
        for branch, text in enumerate(own)
    ]
    first: dict[str, Axis] = {}
    for found in places:
        first = found | first
    rest = [letter for letter in output if letter not in batch]
    is_known = len(batch) == 1 and batch <= set(output) and all(each in first for each in rest)
    if not is_known or not rest:
        return reader.lost(tensors, line, phrase("reading.unread.unknown_here", name="einsum"))
    shape = tuple(first[letter] for letter in rest)
    graph = reader.graph
    if len(tensors) == 1:
        made = graph.apply(tensors[0], axis_map("einsum", tensors[0].shape or (), shape), line)
    else:
        shared = sorted(set(places[0]) & set(places[1]))
        sizes = [tensor.shape or () for tensor in tensors]
        for letter in shared:
            a, b = (sizes[i][places[i][letter].axis - 1] for i in (0, 1))
            if a != b and 1 in (a, b):  # PyTorch stretches it, JAX does not
                why = phrase("reading.unread.unknown_here", name="einsum")
                return reader.lost(tensors, line, why)
        equal = tuple((places[0][letter], places[1][letter]) for letter in shared)
        made = graph.join(Combination("einsum", shape, equal), tensors, line)
    return graph.placed(made, output.index(next(iter(batch))))


def attention(reader: ReadingContext, tensors: list[SymbolicTensor], line: int) -> Value:
    """Return `scaled_dot_product_attention` of query, key and value."""
    shapes = _shapes(tensors[:3])
    ranks = set() if shapes is None else set(map(len, shapes))
    is_fixed = any(tensor.root in reader.graph.constants for tensor in tensors)
    if shapes is None or len(shapes) < 3 or len(ranks) > 1 or min(ranks) < 2 or is_fixed:
        name = "scaled_dot_product_attention"
        return reader.lost(tensors, line, phrase("reading.unread.unknown_here", name=name))
    rank = ranks.pop()
    front = [[Axis(axis, branch=branch) for axis in range(1, rank - 1)] for branch in range(3)]
    equal = [pair for other in front[1:] for pair in zip(front[0], other, strict=True)]
    equal.append((Axis(rank), Axis(rank, branch=1)))
    equal.append((Axis(rank - 1, branch=1), Axis(rank - 1, branch=2)))
    shape = (*front[0], Axis(rank - 1), Axis(rank, branch=2))
    return reader.graph.join(Combination("attention", shape, tuple(equal)), tensors[:3], line)


def crossed(
    reader: ReadingContext,
    name: str,
    query: SymbolicTensor,
    others: list[SymbolicTensor],
    size: int,
    weights: int,
    line: int,
    own: str | None,
    checks: bool = True,
) -> Value:
    """Return attention of a query to another sequence: the shape of the query."""
    tensors = [query, *others]
    shapes = _shapes(tensors)
    is_fixed = any(tensor.root in reader.graph.constants for tensor in tensors)
    if shapes is None or {len(shape) for shape in shapes} != {2} or is_fixed:
        return reader.lost(tensors, line, phrase("reading.unread.several_tensors", name=name))
    if checks and any(shape[-1] != size for shape in shapes):
        return reader.lost(tensors, line, phrase("reading.unread.other_sizes", name=name))
    equal = ((Axis(1, branch=1), Axis(1, branch=2)),) if len(others) > 1 else ()
    how = Combination(name, (Axis(1), size), equal, weights)
    return reader.graph.join(how, tensors, line, own)


# --- side by side --------------------------------------------------------------------------------


def own_axis(tensor: SymbolicTensor, axis: int) -> int:
    """Return an axis of a tensor counted from 1 without the batch; ValueError for the batch."""
    shape = tensor.shape or ()
    at = place(axis, len(shape) + 1)
    if at == tensor.batch_axis:
        raise ValueError(phrase("reading.unread.along_batch"))
    return at + 1 if at < tensor.batch_axis else at


def side_by_side(
    reader: ReadingContext, tensors: list[SymbolicTensor], axis: int, line: int
) -> Value:
    """Concatenate tensors along any axis, the first two, then the next."""
    shapes = _shapes(tensors)
    if shapes is None or len({len(shape) for shape in shapes}) > 1:
        return reader.lost(tensors, line, phrase("reading.unread.not_all_parts"))
    try:
        at = own_axis(tensors[0], axis)
    except ValueError as wrong:
        return reader.lost(tensors, line, wrong.args[0])
    rank = len(shapes[0])
    others = [each for each in range(1, rank + 1) if each != at]
    shape = tuple(
        (Axis(each), Axis(each, branch=1)) if each == at else Axis(each)
        for each in range(1, rank + 1)
    )
    equal = tuple((Axis(each), Axis(each, branch=1)) for each in others)
    kind = f"Concatenate (axis {at})"
    made = tensors[0]
    for tensor in tensors[1:]:
        made = reader.graph.join(Combination(kind, shape, equal), [made, tensor], line)
    return made
