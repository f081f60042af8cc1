"""Functions and methods of tensors that need more than the shape of one tensor."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from poolviz.arithmetic.layers.axes import Axis, Combination
from poolviz.arithmetic.open_size import has_open
from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.axis_maps import axis_map, expanded, filled_in, kept
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.vocabulary import place
from poolviz.dialects.pytorch.functions import WEIGHTED, class_with_weights
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor, of_dtype, tensors_in
from poolviz.reading.graph.tensor_graph import Constant
from poolviz.reading.source.calls import constants
from poolviz.reading.source.calls.assumptions import recorded
from poolviz.reading.source.calls.einops_calls import einops_call
from poolviz.reading.source.calls.layout import (
    part_of_tensor,
    reordered,
    viewed,
    with_axis,
    without_axis,
)
from poolviz.reading.source.calls.products import attention, einsum, product, side_by_side
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import (
    UNHANDLED,
    Args,
    LayerObject,
    Library,
    Named,
    Unhandled,
    Unknown,
    Value,
    known_sizes,
)

ARRAY_PACKAGES = {
    "numpy",
    *(package for each in DIALECTS.values() for package in each.names.array_packages),
}
PRODUCTS = ("matmul", "bmm", "mm", "batch_dot", "MatMult")
_BROADCASTING = (
    "where maximum minimum fmax fmin lerp addcmul addcdiv masked_fill eq ne lt gt le ge fmod "
    "remainder atan2 arctan2 logical_and logical_or logical_xor floor_divide clamp clip "
    "max min isclose xlogy hypot logaddexp true_divide float_power"
)
BROADCASTING = frozenset(_BROADCASTING.split())
_WITHOUT_WEIGHTS = ("layer_norm", "instance_norm")  # if they are given none
_LIKE = ("randn_like", "rand_like", "zeros_like", "ones_like", "empty_like", "full_like")
_FACTS = ("item", "tolist", "numel", "nelement", "data_ptr", "get_device", "element_size", "stride")


def function_of_tensors(
    reader: ReadingContext, library: Library, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return the result of a function of a library whose first argument is a tensor or several."""
    package = library.path.partition(".")[0]
    if library.path == "poolviz.recorded":
        return recorded(reader, args, line)
    if package == "einops":
        return einops_call(reader, library, args, named, line)
    if package not in ARRAY_PACKAGES:
        return UNHANDLED
    name, tensors = library.last, tensors_in([*args, *named.values()])
    if not tensors or library.path.startswith(("keras.layers.", "torch.nn.modules")):
        return UNHANDLED
    # A class, whose arguments are settings.
    if library.path.startswith("torch.nn.") and not library.path.startswith("torch.nn.functional"):
        return UNHANDLED
    if name == "einsum":
        return einsum(reader, args[0] if args else None, tensors_in(args), line)
    if name == "scaled_dot_product_attention":
        return attention(reader, tensors, line)
    if name == "stack" and args and isinstance(args[0], list | tuple):
        return _stacked(reader, args, named, line)
    if name in ("checkpoint", "checkpoint_sequential") and args:
        rest = args[1:] if name == "checkpoint" else args[2:]
        return reader.call(args[0], list(rest), {}, line)
    if name == "grid_sample" and len(tensors) == 2:
        return _sampled(reader, tensors, line)
    first = args[0] if args else named.get("input", named.get("x"))
    rest = args[1:] if args else []
    if not isinstance(first, SymbolicTensor):
        is_condition = name == "where" and len(tensors) > 0
        return _together(reader, name, args, named, line) if is_condition else UNHANDLED
    more = {word: value for word, value in named.items() if value is not first}
    if package == "torch" and name in WEIGHTED:
        given = dict(zip(WEIGHTED[name].split(), rest, strict=False)) | more
        given["weight"] = constants.weight_of(reader, given.get("weight"))
        if tensors_in(given.values()) or name in _WITHOUT_WEIGHTS:
            return _weighted(reader, name, first, given, line)
    if name == "unfold":  # not the method of this name
        return UNHANDLED
    return method_of_tensors(reader, first, name, rest, more, line)


def method_of_tensors(
    reader: ReadingContext, tensor: SymbolicTensor, name: str, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return the result of a method, or of a function without its first argument."""
    args = [constants.weight_of(reader, value) for value in args] if name in PRODUCTS else args
    others = tensors_in([*args, *named.values()])
    if not others and not named:
        own = constants.method(reader, tensor, name, args, line)
        if not isinstance(own, Unhandled):
            return own
    if name in PRODUCTS and len(others) == 1 and len(args) + len(named) == 1:
        return product(reader, name, tensor, others[0], line)
    if name in BROADCASTING and others:
        return _together(reader, name, [tensor, *args], named, line)
    if name in ("view_as", "reshape_as") and others:
        return _as_other(reader, tensor, others[0], line)
    # Of NumPy and JAX, with all axes or none; the one of PyTorch takes two.
    if name == "transpose" and len(args) + len(named) <= 1:
        dims = next(iter([*args, *named.values()]), None)
        if isinstance(dims, list | tuple):
            return reordered(reader, tensor, "permute", [dims], {}, line)
        return reordered(reader, tensor, "T", [], {}, line) if dims is None else UNHANDLED
    found = reordered(reader, tensor, name, args, named, line)
    if not isinstance(found, Unhandled):
        return found
    handler = _BY_NAME.get(name)
    if handler is not None:
        return handler(reader, tensor, args, named, line)
    if name in _FACTS:
        return Unknown(phrase("reading.unread.depends_on_numbers"), line)
    return UNHANDLED


def _weighted(
    reader: ReadingContext, name: str, tensor: SymbolicTensor, given: Named, line: int
) -> Value:
    """Return `F.conv2d(x, self.weight)`: the layer of the class that does the same."""
    weight, bias = given.pop("weight", None), given.pop("bias", None)
    constant = (
        reader.graph.constants.get(weight.key) if isinstance(weight, SymbolicTensor) else None
    )
    if weight is None and name in _WITHOUT_WEIGHTS and not tensors_in(given.values()):
        constant = Constant(())
    if constant is None or known_sizes(constant.shape) is None:
        why = phrase("reading.unread.unknown_here", name=name)
        return reader.lost([tensor], line, why)
    settings = {word: value for word, value in given.items() if not tensors_in([value])}
    try:
        kind, more = class_with_weights(name, constant.shape, settings, tensor.shape)
    except (ValueError, TypeError) as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    made = settings | more | {"bias": bias is not None}
    layer = LayerObject(Library(f"torch.nn.{kind}"), made, line)
    output = reader.apply(layer, [tensor], {}, line)
    if constant.shape and not constant.is_parameter and isinstance(output, SymbolicTensor):
        why = phrase("reading.unread.fixed_weights")
        reader.graph.note(output, reader.graph.not_read(line, why))
    return output


# --- several tensors -----------------------------------------------------------------------------


def _together(
    reader: ReadingContext, name: str, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return a function that stretches its tensors to a common shape."""
    tensors = tensors_in([*args, *named.values()])
    if any(isinstance(value, Unknown) for value in args):
        return reader.lost(tensors, line, phrase("reading.unread.combined_with"))
    result: Value = of_dtype(name, reader.graph.join("add", tensors, line))
    return result


def _stacked(reader: ReadingContext, args: Args, named: Named, line: int) -> Value:
    parts: Any = args[0]
    tensors = tensors_in(parts)
    axis: Any = args[1] if len(args) > 1 else named.get("dim", named.get("axis", 0))
    if len(tensors) < len(parts) or not isinstance(axis, int):
        return reader.lost(tensors, line, phrase("reading.unread.not_all_parts"))
    wider = tensors_in(with_axis(reader, tensor, axis, line) for tensor in tensors)
    if len(wider) == 1:
        return wider[0]
    return side_by_side(reader, wider, axis, line)


def _as_other(
    reader: ReadingContext, tensor: SymbolicTensor, other: SymbolicTensor, line: int
) -> Value:
    if tensor.shape is None or other.shape is None or tensor.batch_axis or other.batch_axis:
        return reader.lost([tensor, other], line, phrase("reading.unread.new_shape"))
    return viewed(reader, tensor, other.rows, list(other.shape), line)


def _sampled(reader: ReadingContext, tensors: list[SymbolicTensor], line: int) -> Value:
    """Return a map sampled at the points of a grid: channels of one, sizes of the other."""
    shapes = [tensor.shape or () for tensor in tensors]
    ranks = (len(shapes[0]), len(shapes[1]))
    is_map = ranks in ((3, 3), (4, 4)) and shapes[1][-1] == ranks[0] - 1
    if not is_map or any(tensor.root in reader.graph.constants for tensor in tensors):
        return reader.lost(tensors, line, phrase("reading.unread.unknown_here", name="grid_sample"))
    shape = (Axis(1), *(Axis(axis, branch=1) for axis in range(1, ranks[0])))
    return reader.graph.join(Combination("grid_sample", shape), tensors, line)


# --- views ---------------------------------------------------------------------------------------


def _unsqueezed(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    axis = next(iter([*args, *named.values()]), None)
    if tensor.batch_axis == 0 and (axis != 0 or tensor.shape is None):
        is_first = tensor.shape is not None and axis == -len(tensor.shape) - 2
        if not is_first:
            return UNHANDLED
    return with_axis(reader, tensor, axis, line)


def _squeezed(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    if tensor.batch_axis == 0:
        return UNHANDLED
    return without_axis(reader, tensor, next(iter([*args, *named.values()]), None), line)


def _flattened(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Flatten from the batch on: the first axes of every sample become entries of the batch."""
    start = args[0] if args else named.get("start_dim", 0)
    end = args[1] if len(args) > 1 else named.get("end_dim", -1)
    shape = tensor.shape
    if start != 0 or shape is None or tensor.batch_axis or not isinstance(end, int):
        return UNHANDLED
    last = place(end, len(shape) + 1)
    if not 0 < last < len(shape):
        return UNHANDLED
    rows = tensor.rows * prod(shape[:last])
    return viewed(reader, tensor, rows, list(shape[last:]), line)


def _unflattened(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Split the batch: `x.unflatten(0, (b, t))`."""
    axis = args[0] if args else named.get("dim")
    sizes = args[1] if len(args) > 1 else named.get("sizes", named.get("unflattened_size"))
    if axis != 0 or not isinstance(sizes, list | tuple) or tensor.shape is None:
        return UNHANDLED
    return view(reader, tensor, [*sizes, *tensor.shape], line)


def view(
    reader: ReadingContext, tensor: SymbolicTensor, sizes: list[Value], line: int
) -> Value | Unhandled:
    """Return `x.view(sizes)` where the batch gets other entries; `UNHANDLED` for plain views."""
    shape = tensor.shape
    batches = [i for i, size in enumerate(sizes) if isinstance(size, Batch)]
    if shape is None or len(sizes) < 2 or len(batches) > 1:
        return UNHANDLED
    if has_open(shape) and tensor.rows == 1 and not tensor.batch_axis:
        return UNHANDLED
    rest = [size for size in sizes if not isinstance(size, Batch)]
    numbers = [n for n in rest if isinstance(n, int) and not isinstance(n, bool) and n >= -1]
    if len(numbers) < len(rest):
        return UNHANDLED
    if tensor.batch_axis:
        return _behind(reader, tensor, sizes, batches, numbers, line)
    if batches == [0]:
        rows = int(sizes[0])  # type: ignore[arg-type]  # a Batch
        is_plain = rows == tensor.rows == 1
        return UNHANDLED if is_plain else viewed(reader, tensor, rows, numbers, line)
    if batches or sizes[0] != -1 or -1 in numbers[1:]:
        return UNHANDLED
    if prod(numbers[1:]) == prod(shape) or prod(numbers[1:]) < 1:
        return UNHANDLED
    if prod(shape) * tensor.rows % prod(numbers[1:]):
        return UNHANDLED
    return viewed(reader, tensor, None, numbers[1:], line)


def _behind(
    reader: ReadingContext,
    tensor: SymbolicTensor,
    sizes: list[Value],
    batches: list[int],
    numbers: list[int],
    line: int,
) -> Value:
    """Reshape the axes after a batch that is not the first axis."""
    shape, at = tensor.shape, tensor.batch_axis
    assert shape is not None
    front = tuple(numbers[:at])
    is_kept = batches == [at] and front == shape[:at] and sizes[at] == tensor.rows
    if not is_kept:
        return reader.lost(
            [tensor], line, phrase("reading.unread.batch_is_elsewhere", axis=str(at))
        )
    try:
        back = filled_in(numbers[at:], prod(shape[at:]), 1)
    except ValueError as wrong:
        return reader.lost([tensor], line, wrong.args[0])
    only = tuple((axis, shape[axis - 1]) for axis in range(at + 1, len(shape) + 1))
    layers = axis_map("view", shape, [*kept(at), *back], only=only)
    return reader.graph.apply(tensor, layers, line)


# --- others --------------------------------------------------------------------------------------


def _expanded(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Read `x.expand(b, …)` where every size is known; else only a sum may take it."""
    sizes: Any = args[0] if len(args) == 1 and isinstance(args[0], list | tuple) else args
    is_known = len(sizes) > 1 and known_sizes([0 if n == -1 else n for n in sizes[1:]]) is not None
    is_fixed = tensor.root in reader.graph.constants
    is_plain = tensor.batch_axis == 0 and not is_fixed
    if not is_known or not is_plain or not (isinstance(sizes[0], Batch) or sizes[0] == -1):
        return reader.graph.expand(tensor)
    try:
        layers = expanded("expand", list(sizes[1:]), tensor.shape)
    except ValueError as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    return reader.graph.apply(tensor, layers, line)


def _unbound(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Take the elements of an axis before the batch apart: `qkv.unbind(0)`."""
    axis = next(iter([*args, *named.values()]), 0)
    if not tensor.batch_axis or not tensor.shape or axis != 0:
        return UNHANDLED
    return tuple(part_of_tensor(reader, tensor, i, line) for i in range(tensor.shape[0]))


def _windows(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return `x.unfold(dim, size, step)`: an axis of windows, and their elements at the end."""
    shape = tensor.shape
    if shape is None or len(args) != 3 or not all(isinstance(n, int) for n in args):
        return UNHANDLED
    axis, size, step = (int(n) for n in args)  # type: ignore[arg-type]  # checked above
    at = place(axis, len(shape) + 1)
    if at == 0 or tensor.batch_axis or step < 1 or not 0 < size <= shape[at - 1]:
        return reader.lost([tensor], line, phrase("reading.unread.no_window"))
    entries = kept(len(shape))
    entries[at - 1] = (shape[at - 1] - size) // step + 1
    layers = axis_map("unfold", shape, [*entries, size], only=((at, shape[at - 1]),))
    return reader.graph.apply(tensor, layers, line)


def _grid(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return the points of `affine_grid`: one for each element of a map of the given size."""
    size: Any = args[0] if args else named.get("size")
    shape = tensor.shape
    sizes = known_sizes(list(size[2:])) if isinstance(size, list | tuple) else None
    if shape is None or not sizes or shape != (len(sizes), len(sizes) + 1):
        why = phrase("reading.unread.unknown_here", name="affine_grid")
        return reader.lost([tensor], line, why)
    layers = axis_map("affine_grid", shape, [*sizes, len(sizes)])
    return reader.graph.apply(tensor, layers, line)


def like(
    reader: ReadingContext, tensor: SymbolicTensor, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return `randn_like(x)`: numbers of the same shape that are not computed from x."""
    if tensor.shape is None or tensor.batch_axis or tensor.rows != 1:
        return UNHANDLED
    constant = Constant((1, *tensor.shape))
    return reader.graph.source(tensor.framework, tensor.shape, None, constant)


Handler = Callable[[ReadingContext, SymbolicTensor, Args, Named, int], "Value | Unhandled"]
_BY_NAME: dict[str, Handler] = {
    "unsqueeze": _unsqueezed,
    "expand_dims": _unsqueezed,
    "squeeze": _squeezed,
    "flatten": _flattened,
    "unflatten": _unflattened,
    "expand": _expanded,
    "unbind": _unbound,
    "unfold": _windows,
    "affine_grid": _grid,
    **dict.fromkeys(_LIKE, like),
}
