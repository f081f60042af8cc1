"""Effects of PyTorch's functions and tensor methods on symbolic tensors.

Arguments are plain values, symbolic tensors, or tensors of the model (its weights), which have a
`shape`. Read off torch 2.13.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from poolviz.arithmetic.layers.network_layers import GlobalPool, Reshape
from poolviz.arithmetic.network.memory_layout import fits, never_fits
from poolviz.dialects.common.axis_maps import sliced, written_out
from poolviz.dialects.common.vocabulary import Layers, Parts
from poolviz.dialects.pytorch.functions import (
    FUNCTIONS,
    WEIGHTED,
    class_with_weights,
    torch_function_layers,
)
from poolviz.dialects.pytorch.layers import torch_layers
from poolviz.dialects.pytorch.names import NAMES
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.joins import EXPANDING, Join, is_channel_axis, join_of, scaled
from poolviz.reading.graph.symbolic_tensor import BATCH, Batch, SymbolicTensor, tensors_in
from poolviz.reading.graph.tensor_graph import Constant
from poolviz.reading.model.symbolic_sizes import all_measured, has_numbers, is_measured, plain
from poolviz.reading.source.calls.layout import few_samples

Arguments = Sequence[Any]
Settings = Mapping[str, Any]

_OF_ONE = (
    "neg invert abs exp log sqrt rsqrt square clamp clip round erf sin cos reciprocal type_as "
    "stochastic_depth requires_grad_ nan_to_num alias positive"
)
_KEEPING = frozenset(_OF_ONE.split())
OWN_METHODS = {"unfold": "Tensor.unfold"}  # not what the functions of these names do
_BAKED = phrase("reading.unread.numbers_of_this_input")


class NotUnderstood(ValueError):  # noqa: N818
    """A step that poolviz does not know; the text has the reason."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A step: how several tensors join, or which layers one tensor goes through.

    `note`: a remark for the user. `is_expanding`: the tensor is repeated along axes of
    one element, as by broadcasting, so only a join may use it. A `Constant` is
    a tensor of the model.
    """

    tensors: tuple[SymbolicTensor | Constant, ...]
    layers: Layers | Parts = ()
    join: Join | None = None
    note: Words = ""
    is_expanding: bool = False


def understood(name: str, args: Arguments, settings: Settings) -> Understood:
    """Return what a function or method does, by its name.

    Raises `NotUnderstood`, and ValueError or TypeError for settings that the vocabulary does not
    take.
    """
    join = join_of(name)
    if join == "concatenate":
        return _cat(args, settings)
    if join == "add":
        return _elementwise(name, [*args, *settings.values()])
    # As in `F.relu(input=x)`.
    if not args:
        args, settings = _input_first(settings)
    is_method = name in OWN_METHODS.values()
    if is_method or not args or not isinstance(args[0], SymbolicTensor):
        raise NotUnderstood(phrase("reading.unread.unknown_here", name=name))
    tensor, rest = args[0], args[1:]
    if name in _OTHERS:
        return _OTHERS[name](tensor, rest, settings)
    if name.rstrip("_") in _KEEPING:
        return Understood((tensor,))
    if name in WEIGHTED:
        return Understood((tensor,), _weighted(name, tensor, rest, settings))
    if name in FUNCTIONS:
        return _known(name, tensor, rest, settings)
    raise NotUnderstood(phrase("reading.unread.unknown", name=name))


def _input_first(settings: Settings) -> tuple[Arguments, Settings]:
    rest = dict(settings)
    return ([rest.pop("input")], rest) if "input" in rest else ([], rest)


# --- joins ---------------------------------------------------------------------------------------


def _cat(args: Arguments, settings: Settings) -> Understood:
    parts = list(args[0] if args else settings["tensors"])
    axis = args[1] if len(args) > 1 else settings.get("dim", settings.get("axis", 0))
    if not tensors_in(parts):
        raise NotUnderstood(phrase("reading.unread.joins_others"))
    if not is_channel_axis(axis, [part.shape for part in tensors_in(parts)], channels_last=False):
        raise NotUnderstood(phrase("reading.unread.joins_along", axis=str(axis)))
    found = tuple(_constant_or_tensor(part, is_batch=True) for part in parts)
    return Understood(found, join="concatenate")


def _constant_or_tensor(value: Any, is_batch: bool) -> SymbolicTensor | Constant:
    """Return a tensor of the model by its shape; `is_batch`: it was repeated for each sample."""
    if isinstance(value, SymbolicTensor):
        return value
    if not has_numbers(value):
        raise NotUnderstood(phrase("reading.unread.joins_others"))
    shape = tuple(map(int, value.shape))
    is_parameter = type(value).__name__ == "Parameter"
    if is_batch and is_parameter:
        raise NotUnderstood(phrase("reading.unread.one_sample", shape=str(shape)))
    whole = (BATCH, *shape[1:]) if is_batch and shape[:1] == (1,) else shape
    return Constant(whole, is_parameter)


def _elementwise(name: str, values: Arguments) -> Understood:
    tensors = tensors_in(values)
    if len(tensors) > 1:
        return Understood(tuple(tensors), join="add")
    if not tensors:
        raise NotUnderstood(phrase("reading.unread.unknown_here", name=name))
    [tensor] = tensors
    # PyTorch rejects the subtraction of truth values.
    if tensor.is_discrete and name in ("sub", "rsub", "subtract"):
        raise NotUnderstood(phrase("reading.unread.dtype"))
    weights = next((value for value in values if has_numbers(value)), None)
    return Understood((tensor,)) if weights is None else _with_weights(name, tensor, weights)


def _with_weights(name: str, tensor: SymbolicTensor, weights: object) -> Understood:
    """Weights over a map: one number for each channel, or another tensor that is joined with it."""
    if tensor.shape is None:
        raise NotUnderstood(phrase("reading.unread.weights_unknown_shape"))
    constant = _constant_or_tensor(weights, is_batch=False)
    assert isinstance(constant, Constant)
    layers = scaled(name, tensor.shape, *constant)
    if layers is not None:
        return Understood((tensor,), layers)
    rank = len(tensor.shape) + 1
    whole = (1,) * (rank - len(constant.shape)) + constant.shape
    if len(whole) != rank or whole[0] != 1:
        facts = {"weights": str(constant.shape), "shape": str(tensor.shape)}
        raise NotUnderstood(phrase("reading.unread.weights_meet", **facts))
    return Understood((tensor, constant), join="add")


# --- slices, copies ------------------------------------------------------------------------------


def _item(tensor: SymbolicTensor, rest: Arguments, settings: Settings) -> Understood:
    """Return a crop for a slice of the map; a number removes its axis."""
    if tensor.shape is None:
        raise NotUnderstood(phrase("reading.unread.slice_unknown_shape"))
    given = written_out(rest[0], len(tensor.shape) + 1)
    try:
        layers = sliced(tuple(map(_plain_index, given)), tensor.shape, channels_last=False)
    except ValueError as wrong:
        raise NotUnderstood(*wrong.args) from None
    is_baked = any(is_measured([e.start, e.stop]) for e in given if isinstance(e, slice))
    return Understood((tensor,), layers, note=_BAKED if is_baked else "")


def _plain_index(entry: object) -> object:
    if isinstance(entry, slice):
        return slice(*map(plain, (entry.start, entry.stop, entry.step)))
    return plain(entry)


def _expanded(tensor: SymbolicTensor, rest: Arguments, settings: Settings) -> Understood:
    """Repeat the tensor along axes of one element, as broadcasting does."""
    given = rest[0] if len(rest) == 1 and isinstance(rest[0], list | tuple) else rest
    if tensors_in(given):  # expand_as
        return Understood((tensor, *tensors_in(given)), join="add")
    is_known = len(given) > 1 and all(isinstance(size, int) for size in given)
    # Its first size is the batch: then the other axes are repeated by known numbers.
    if is_known and (isinstance(given[0], Batch) or given[0] == -1) and tensor.shape:
        return _known("expand", tensor, list(map(plain, given)), settings)
    return Understood((tensor,), is_expanding=True)


_OTHERS: dict[str, Callable[[SymbolicTensor, Arguments, Settings], Understood]] = {
    "getitem": _item,
    **dict.fromkeys(EXPANDING, _expanded),
}

# --- functions with their weights ----------------------------------------------------------------


def _weighted(name: str, tensor: SymbolicTensor, rest: Arguments, settings: Settings) -> Layers:
    """Return the layers of a function whose weights are arguments; their shapes give its sizes."""
    given = dict(zip(WEIGHTED[name].split(), rest, strict=False)) | dict(settings)
    weight, bias = given.pop("weight", None), given.pop("bias", None)
    shape = () if weight is None else tuple(map(int, weight.shape))
    cls, more = class_with_weights(name, shape, given, tensor.shape)
    known = {word: plain(value) for word, value in given.items() if not has_numbers(value)}
    made = torch_layers(cls, known | more | {"bias": bias is not None}, tensor.shape)
    if not isinstance(made, tuple):
        raise NotUnderstood(phrase("reading.unread.unknown", name=name))
    return made


# --- functions of the vocabulary -----------------------------------------------------------------


def _known(name: str, tensor: SymbolicTensor, rest: Arguments, settings: Settings) -> Understood:
    """Return what a function of the vocabulary does; a view has to fit the layout in memory."""
    given = _by_name(FUNCTIONS[name].arguments, rest, settings)
    if name in ("view", "reshape"):
        _check_batch(given["shape"], tensor)
    if name == "view" and tensor.shape and not fits(tensor.shape, tensor.strides, _sizes(given)):
        if never_fits(tensor.shape, tensor.strides, _sizes(given)):
            return Understood((tensor,), (Reshape(tuple(_sizes(given)), axis=0, copies=False),))
        raise NotUnderstood(phrase("reading.unread.not_contiguous"))
    if name == "contiguous":
        return Understood((replace(tensor, strides=None),))
    is_global = name.partition("_")[0] in ("max", "avg") and "pool" in name
    sizes = () if tensor.shape is None else tensor.shape[1:]
    if is_global and all_measured(given.get("kernel_size"), sizes):
        return Understood((tensor,), (GlobalPool("max" if name[0] == "m" else "avg"),))
    if tensors_in(given.values()):
        raise NotUnderstood(phrase("reading.unread.several_tensors", name=name))
    layers: Any = torch_function_layers(name, plain_settings(given), tensor.shape) or ()
    if isinstance(layers, Parts):
        return Understood((tensor,), layers)
    changes = any(type(layer).__name__ != "Flatten" for layer in layers)
    is_baked = changes and any(map(is_measured, given.values()))
    return Understood((tensor,), layers, note=_BAKED if is_baked else "")


def _sizes(given: Settings) -> list[int]:
    """Return the sizes of a view without the batch."""
    return [int(plain(size)) for size in given["shape"][1:]]


def plain_settings(given: Settings) -> dict[str, Any]:
    """Return settings as plain Python values."""
    return {word: plain(value) for word, value in given.items()}


def _by_name(words: Sequence[str], rest: Arguments, settings: Settings) -> dict[str, Any]:
    given = {NAMES.argument_aliases.get(word, word): value for word, value in settings.items()}
    if words and words[0].startswith("*"):
        several = rest[0] if len(rest) == 1 and isinstance(rest[0], list | tuple) else rest
        return {words[0][1:]: tuple(several)} | given
    return dict(zip(words, rest, strict=False)) | given


def _check_batch(sizes: Sequence[int], tensor: SymbolicTensor) -> None:
    """Check that the first size of a view is the batch."""
    wanted, there = prod(sizes[1:]), prod(tensor.shape or ())
    is_free = not isinstance(sizes[0], Batch) and sizes[0] == -1
    if is_free and there > 0 < wanted != there:
        if there % wanted == 0:
            raise NotUnderstood(phrase("reading.unread.other_samples"))
        if multiple := few_samples(wanted, there):
            why = phrase("reading.unread.fits_some_batches", wanted=wanted, multiple=multiple)
            raise NotUnderstood(why)
    is_batch = isinstance(sizes[0], Batch) and int(sizes[0]) == tensor.rows
    if is_batch or sizes[0] in (-1, 1):
        return
    raise NotUnderstood(phrase("reading.unread.view", size=str(sizes[0])))
