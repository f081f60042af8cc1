"""Calls of layers and functions that the vocabulary knows, and tensors under operators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import Identity, Layer, Linear
from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.names import Module
from poolviz.dialects.common.vocabulary import CallArgs, LayerSpec
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.source import batch_reshape as views
from poolviz.reading.source import embedding, merging
from poolviz.reading.source.signatures import Settings, by_name
from poolviz.reading.source.values import (
    NOT_OURS,
    ORDERS,
    Batch,
    LayerObject,
    Library,
    Tensor,
    Unknown,
    tensors_in,
)

if TYPE_CHECKING:
    from poolviz.reading.source.interpreter import Interpreter


class Vocabulary(NamedTuple):
    """A module of a library, and the framework that it belongs to."""

    framework: str
    module: Module

    @property
    def classes(self) -> Mapping[str, LayerSpec]:
        """Its classes of layers."""
        return self.module.classes

    @property
    def functions(self) -> Mapping[str, LayerSpec]:
        """Its functions of tensors."""
        return self.module.functions


VOCABULARIES = tuple(
    Vocabulary(dialect.name, module)
    for dialect in DIALECTS.values()
    for module in dialect.names.modules
)
_MODULES = ("torch.nn.", "keras.layers.", "flax.linen.", "flax.nnx.")
_FUNCTIONS = re.compile(
    r"torch\.(?:nn\.functional\.|special\.)?\w+$|(?:keras|tensorflow|flax|jax)\."
)
_FIRST = ("input", "inputs", "x", "tensor", "a", "features")


def vocabulary(library: Library) -> Vocabulary | None:
    """The vocabulary that a name of a library belongs to."""
    found = (each for each in VOCABULARIES if library.path.startswith(each.module.prefix))
    return next(found, None)


def is_word(library: Library) -> bool:
    """A class or function that some vocabulary knows, or a class that is a module all the same."""
    found = vocabulary(library)
    if found is None:
        return False
    known = library.last in found.classes or library.last in found.functions
    return known or library.last in merging.KERAS or library.last in ("Sequential", "Input")


def library_call(
    reader: Interpreter, library: Library, args: list[Any], named: dict[str, Any], line: int
) -> Any:
    """A layer from its class, or what a function makes of a tensor."""
    found = vocabulary(library)
    if found is None:
        return NOT_OURS
    if library.last in found.classes:
        return _layer(library, found, args, named, line)
    tensor = _tensor_argument(args, named)
    if library.last in found.functions and tensor is not None and _FUNCTIONS.match(library.path):
        rest = args[1:] if args and args[0] is tensor else args
        more = {name: value for name, value in named.items() if value is not tensor}
        return function_on(reader, found.functions, library.last, tensor, rest, more, line)
    if library.last in embedding.NAMES:
        return LayerObject(library, embedding.settings(library, args, named), line)
    is_class = library.last[:1].isupper() and library.path.startswith(_MODULES)
    if is_class and not tensors_in(args):
        return LayerObject(library, {"*": tuple(args), **named}, line)
    if library.last in found.functions and not args and not named:
        return LayerObject(library, {}, line)
    return NOT_OURS


def _tensor_argument(args: list[Any], named: dict[str, Any]) -> Tensor | None:
    if args:
        return args[0] if isinstance(args[0], Tensor) else None
    given = [named[word] for word in _FIRST if isinstance(named.get(word), Tensor)]
    return given[0] if given else None


def _layer(
    library: Library, found: Vocabulary, args: list[Any], named: dict[str, Any], line: int
) -> LayerObject:
    name, words = library.last, found.classes[library.last].arguments
    try:
        settings = by_name(words, args, named, name)
    except TypeError as wrong:
        return LayerObject(library, {}, line, wrong=words_of(wrong))
    strange = [word for word in named if word not in words]
    ignored = DIALECTS[found.framework].names.ignored_arguments
    if ignored:
        strange = [word for word in strange if not re.fullmatch(ignored, word)]
    elif name == "Identity":  # takes any arguments
        strange = []
    problem: Words | None = None
    if strange:
        problem = phrase("reading.unread.no_argument", name=name, word=strange[0])
    return LayerObject(library, settings, line, wrong=problem)


# --- on tensors ----------------------------------------------------------------------------------


def apply_layer(
    reader: Interpreter, layer: LayerObject, args: list[Any], tensors: list[Tensor], line: int
) -> Any:
    """What a layer makes of a tensor."""
    name, recorder = layer.library.last, reader.recorder
    found = vocabulary(layer.library)
    if layer.wrong is not None:
        return reader.lost(tensors, line, layer.wrong)
    if name in merging.KERAS:
        return merging.merged(reader, name, tensors, layer.settings, layer.line, layer.name)
    if name == "Lambda" and layer.settings.get("*"):
        return reader.call(layer.settings["*"][0], [tensors[0]], {}, line)
    word = None if found is None else found.classes.get(name) or found.functions.get(name)
    if found is None or word is None or len(tensors) > 1:
        if name in embedding.NAMES:
            return embedding.embedded(reader, layer, tensors[0], line)
        key = "reading.unread.unknown" if word is None else "reading.unread.several_tensors"
        return reader.lost(tensors, line, phrase(key, name=name))
    tensor = views.batched(recorder, _of_framework(tensors[0], found.framework), name)
    if DIALECTS[found.framework].names.has_data_format:
        problem = _order(reader, layer, tensor, word)
        if problem is not None:
            return reader.lost(tensors, line, problem)
    settings = Settings(layer.settings)
    output = _made(reader, word, settings, tensor, layer.line, _name(reader, layer), line)
    for why in (*_unchecked(settings), *_counted(reader, layer, tensor, output)):
        recorder.note(output, layer.line, why)
    is_pair = layer.settings.get("return_indices") is True
    return (output, Unknown(phrase("reading.unread.indices"), line)) if is_pair else output


def _unchecked(settings: Settings) -> list[Words]:
    return [phrase("reading.unread.unchecked", name=name) for name in settings.unchecked]


def _counted(
    reader: Interpreter, layer: LayerObject, tensor: Tensor, output: Tensor
) -> Iterator[Words]:
    """Why the number of parameters is not that of the framework."""
    made = reader.recorder.nodes.get(output.key)
    if made is None or output.key == tensor.key or not any(map(_has_weights, made.layers)):
        return
    if layer in reader.applied:
        yield phrase("reading.unread.applied_again")
    reader.applied.add(layer)
    axis = layer.settings.get("axis", -1)
    if layer.library.last.endswith("Normalization") and tensor.shape is not None:
        count = len(tensor.shape)
        place = count if reader.recorder.channels_last(tensor) else 1
        if axis not in (place, place - count - 1, [place], (place,)):
            yield phrase("reading.unread.normalized_axis", axis=str(axis))


def _has_weights(layer: Layer) -> bool:
    if isinstance(layer, Identity):
        return layer.parameters_per_channel > 0
    return isinstance(layer, Conv | DepthwiseConv | ConvTranspose | Linear)


def _name(reader: Interpreter, layer: LayerObject) -> str | None:
    given = layer.settings.get("name")
    return reader.path(given if isinstance(given, str) else layer.name)


def _of_framework(tensor: Tensor, framework: str) -> Tensor:
    """Data of NumPy belongs to the framework that takes it."""
    return tensor if tensor.framework is not None else replace(tensor, framework=framework)


def _order(
    reader: Interpreter, layer: LayerObject, tensor: Tensor, word: LayerSpec
) -> Words | None:
    """Keeps the order of the data that the first layer has; says where a later one differs."""
    if "data_format" not in word.arguments and layer.library.last[-2:] not in ("1D", "2D", "3D"):
        return None
    given = layer.settings.get("data_format")
    is_last = reader.channels_last_by_default if given is None else given != "channels_first"
    known = reader.recorder.orders.setdefault(tensor.root, is_last)
    if known == is_last or layer.library.last == "Flatten":
        return None
    own, before = ORDERS[is_last], ORDERS[known]
    return phrase("reading.unread.other_order", name=layer.library.last, own=own, before=before)


def _made(
    reader: Interpreter,
    word: LayerSpec,
    settings: Mapping[str, Any],
    tensor: Tensor,
    at: int,
    name: str | None,
    line: int,
) -> Tensor:
    """The tensor after the layers of a word; lost where its settings are not understood."""
    try:
        is_last = reader.recorder.channels_last(tensor)
        layers = word.make(CallArgs(settings, tensor.shape, is_last))
    except (TypeError, ValueError, OverflowError) as wrong:
        lost: Tensor = reader.lost([tensor], line, words_of(wrong))
        return lost
    return reader.recorder.apply(tensor, layers, at, name)


def function_on(
    reader: Interpreter,
    functions: Mapping[str, LayerSpec],
    name: str,
    tensor: Tensor,
    args: list[Any],
    named: dict[str, Any],
    line: int,
) -> Any:
    """What a function or a method makes of a tensor."""
    word = functions[name]
    tensor = views.batched(reader.recorder, tensor, name)
    try:
        given = by_name(word.arguments, args, named, name)
    except TypeError as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    if name in ("view", "reshape"):
        return views.viewed(reader, tensor, given.get("shape"), line)
    output = _made(reader, word, Settings(given), tensor, line, None, line)
    is_pair = given.get("return_indices") is True
    return (output, Unknown(phrase("reading.unread.indices"), line)) if is_pair else output


def tensor_method(
    reader: Interpreter,
    tensor: Tensor,
    name: str,
    args: list[Any],
    named: dict[str, Any],
    line: int,
) -> Any:
    """What a method of a tensor gives: its size, another tensor."""
    if name in ("size", "get_shape", "dim"):
        return _size(reader, tensor, name, args)
    if name == "expand_as" and args:
        return tensor  # adding and multiplying stretch it all the same
    if name in merging.METHODS and args:
        return tensor_operation(reader, merging.METHODS[name], tensor, args[0], line)
    functions = DIALECTS[tensor.framework or "pytorch"].names.methods
    if name not in functions:
        return reader.lost([tensor], line, phrase("reading.unread.unknown", name=name))
    return function_on(reader, functions, name, tensor, args, named, line)


def _size(reader: Interpreter, tensor: Tensor, name: str, args: list[Any]) -> Any:
    if name == "dim":
        return reader.attribute(tensor, "ndim")
    sizes = reader.attribute(tensor, "shape")
    return reader.part(sizes, args[0], reader.line) if args else sizes


def tensor_operation(reader: Interpreter, operation: type, one: Any, other: Any, line: int) -> Any:
    """Tensors added or multiplied; a number changes no shape."""
    tensors = tensors_in([one, other])
    rest = [value for value in (one, other) if not isinstance(value, Tensor)]
    if rest and isinstance(rest[0], int | float | Batch):
        return tensors[0]
    if rest or operation not in merging.OPERATIONS:
        key = "reading.unread.combined_with" if rest else "reading.unread.product_of_matrices"
        return reader.lost(tensors, line, phrase(key))
    return merging.joined(reader, "add", tensors, line)
