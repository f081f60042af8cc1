"""Layers of the libraries: made from their classes, applied to tensors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.names import Module as LibraryModule
from poolviz.dialects.common.vocabulary import LayerSpec
from poolviz.dialects.pytorch.functions import shape_of_weights, sizes_of_weights
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.backend_notes import backend_notes
from poolviz.reading.graph.embeddings import embedded
from poolviz.reading.graph.joins import join_of
from poolviz.reading.graph.network_between import has_weights
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, tensors_in
from poolviz.reading.source.call_arguments import Settings, by_name
from poolviz.reading.source.calls.layer_call import LayerCall
from poolviz.reading.source.calls.special_modules import special_module
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.tensor_calls import (
    Site,
    concatenated,
    function_on,
    layers_on,
    with_batch,
)
from poolviz.reading.source.values import (
    ORDERS,
    RUNS,
    STARS,
    UNHANDLED,
    Args,
    Bound,
    LayerObject,
    Library,
    Named,
    Unhandled,
    Unknown,
    Value,
    is_known,
    known_sizes,
)


class Vocabulary(NamedTuple):
    """A module of a library, and the framework that it belongs to."""

    framework: str
    module: LibraryModule

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
_MODULES = tuple(name for each in DIALECTS.values() for name in each.names.layer_modules)
_OF_WEIGHTS = frozenset({"in_channels", "in_features", "num_features"})
_FIRST = ("input", "inputs", "x", "tensor", "a", "features")


@lru_cache(maxsize=256)
def vocabulary(library: Library) -> Vocabulary | None:
    """Return the vocabulary that a name of a library belongs to."""
    found = (each for each in VOCABULARIES if library.path.startswith(each.module.prefix))
    return next(found, None)


def is_word(library: Library) -> bool:
    """Return whether a name of a library is a layer, a function, a model or an input."""
    found = vocabulary(library)
    if found is None:
        return False
    known = library.last in found.classes or library.last in found.functions
    # Only Keras has layers that join: Add, Concatenate.
    joins = library.path.startswith("keras.") and join_of(library.last) is not None
    return known or joins or library.last in ("Sequential", "Input")


def library_call(
    reader: ReadingContext, library: Library, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return a layer from its class, or the result of a function of a tensor."""
    found = vocabulary(library)
    if found is None:
        return UNHANDLED
    if library.last in found.classes:
        return _layer(library, found, args, named, line)
    tensor = _tensor_argument(args, named)
    is_function = re.match(DIALECTS[found.framework].names.function_path, library.path)
    if library.last in found.functions and tensor is not None and is_function:
        rest = args[1:] if args and args[0] is tensor else args
        more = {name: value for name, value in named.items() if value is not tensor}
        return function_on(reader, found.functions, library.last, tensor, rest, more, line)
    if library.last in _EMBEDDINGS:
        sizes = DIALECTS[found.framework].names.embedding
        return LayerObject(library, dict(zip(sizes, args, strict=False)) | named, line)
    # A class that poolviz does not know is kept: where it is called, the user learns its name.
    is_class = library.last[:1].isupper() and library.path.startswith(_MODULES)
    if is_class and not tensors_in(args):
        return LayerObject(library, {"*": tuple(args), **named}, line)
    if library.last in found.functions and not args and not named:
        return LayerObject(library, {}, line)
    return UNHANDLED


def _tensor_argument(args: Args, named: Named) -> SymbolicTensor | None:
    if args:
        return args[0] if isinstance(args[0], SymbolicTensor) else None
    given = tensors_in(
        named[word] for word in _FIRST if isinstance(named.get(word), SymbolicTensor)
    )
    return given[0] if given else None


def _layer(library: Library, found: Vocabulary, args: Args, named: Named, line: int) -> LayerObject:
    name, words = library.last, found.classes[library.last].arguments
    try:
        settings = by_name(words, args, named, name)
    except TypeError as wrong:
        return LayerObject(library, {}, line, wrong=words_of(wrong))
    # `**settings` that are not known may hold any argument.
    strange = [word for word in named if word not in words and word != STARS]
    ignored = DIALECTS[found.framework].names.ignored_arguments
    if ignored:
        strange = [word for word in strange if not re.fullmatch(ignored, word)]
    elif name == "Identity":  # takes any arguments
        strange = []
    problem: Words | None = None
    # The framework raises for an argument that the class does not have.
    if strange:
        problem = phrase("reading.unread.no_argument", name=name, word=strange[0])
    return LayerObject(library, settings, line, wrong=problem)


# --- on tensors ----------------------------------------------------------------------------------


def apply_layer(
    reader: ReadingContext,
    layer: LayerObject,
    args: Args,
    named: Named,
    tensors: list[SymbolicTensor],
    line: int,
) -> Value:
    """Return the output of a layer."""
    name = layer.library.last
    found = vocabulary(layer.library)
    if layer.wrong is not None:
        return reader.lost(tensors, line, layer.wrong)
    if layer.library.path.startswith("keras.") and join_of(name) is not None:
        return merged(reader, name, tensors, layer.settings, layer.line, layer.name)
    function = layer.settings.get("*")
    if name == "Lambda" and isinstance(function, tuple) and function:
        return reader.call(function[0], args[:1] or [tensors[0]], {}, line)
    spec = None if found is None else found.classes.get(name) or found.functions.get(name)
    special = special_module(LayerCall(reader, layer, args, named, tensors, line), spec)
    if not isinstance(special, Unhandled):
        return special
    if found is None or spec is None or len(tensors) > 1:
        if name in _EMBEDDINGS:
            return _embedded(reader, layer, tensors[0], line)
        key = "reading.unread.unknown" if spec is None else "reading.unread.several_tensors"
        return reader.lost(tensors, line, phrase(key, name=name))
    tensor = with_batch(reader, _of_framework(tensors[0], found.framework), name)
    if DIALECTS[found.framework].names.has_data_format:
        problem = _order(reader, layer, tensor, spec)
        if problem is not None:
            return reader.lost(tensors, line, problem)
    settings = Settings(layer.settings)
    if reader.trains(layer) and (samples := reader.graph.batches.get(tensor.root)):
        settings["samples"] = samples * tensor.rows
    site = Site(line, layer.line, reader.path(_name(layer.settings, layer.name)))
    output = layers_on(reader, spec, settings, tensor, site)
    opened = [
        phrase("reading.unread.open_size", name=each, why=why)
        for each, why in settings.open.items()
    ]
    first = next(iter(tensors_in([output])), tensor)
    for at, why in layer.notes:
        what = reader.graph.not_read(at, why)
        reader.graph.note(first, replace(what, keeps_unchecked=True))
    for why in (
        *opened,
        *_counted(reader, layer, tensor, first),
        *_by_backend(reader, tensor, first),
    ):
        reader.graph.note(first, reader.graph.not_read(layer.line, why))
    for word in settings.unchecked:
        what = reader.graph.not_read(layer.line, phrase("reading.unread.unchecked", name=word))
        reader.graph.note(first, replace(what, keeps_unchecked=True))
    # The indices have the shape of the maxima, but no layer here takes them for a feature map.
    is_pair = layer.settings.get("return_indices") is True and output is first
    return (output, Unknown(phrase("reading.unread.indices"), line)) if is_pair else output


def _by_backend(
    reader: ReadingContext, tensor: SymbolicTensor, output: SymbolicTensor
) -> Iterator[Words]:
    node = reader.graph.nodes.get(output.key)
    if node is not None and reader.runs_on_backend:
        is_last = reader.graph.channels_last(tensor)
        yield from backend_notes(node.layers, tensor.shape, is_last)


def change(reader: ReadingContext, layer: LayerObject, name: str, value: Value) -> None:
    """Assign an attribute of a layer: one that is read at every call counts from now on.

    PyTorch 2.13.0: a pooling layer reads all its attributes when it is called, a convolution its
    stride, padding, dilation and groups; its weights keep their shape.
    """
    layer.assigned[name] = value
    found = vocabulary(layer.library)
    if found is None or found.classes.get(layer.library.last) is None:
        return
    names = DIALECTS[found.framework].names
    kind = layer.library.last
    if name in RUNS:
        layer.wrong = phrase("reading.unread.method_replaced", name=name)
    is_read = any(
        re.search(pattern, kind) and name in words for pattern, words in names.read_at_calls.items()
    )
    if is_read:
        if name == "kernel_size" and layer.settings.get("stride") is None:
            layer.settings["stride"] = layer.settings.get(name)  # its default at that time
        if name == "groups":
            _regroup(layer, value)
        layer.settings[name] = value
    elif name in names.weights and layer.library.path.startswith(names.layer_modules):
        if name != "weight" and not isinstance(value, SymbolicTensor):
            layer.settings[name] = value is not None
            return
        if _has_sizes_of(reader, layer, value):
            return
        why = phrase("reading.unread.weights_replaced", name=name)
        layer.notes.append((reader.line, why))
        layer.settings |= {
            word: Unknown(why, reader.line) for word in _OF_WEIGHTS & {*layer.settings}
        }
    elif (
        not names.read_at_calls
        and name in found.classes[kind].arguments
        and not re.fullmatch(names.ignored_arguments or "name", name)
    ):
        layer.wrong = phrase("reading.unread.changed_later", name=f"{kind}.{name}")


def _regroup(layer: LayerObject, groups: Value) -> None:
    """Change the groups of a convolution: its weights stay, so they fit other channels."""
    into, old = layer.settings.get("in_channels"), layer.settings.get("groups", 1)
    if all(isinstance(number, int) and number > 0 for number in (into, old, groups)):
        layer.settings["in_channels"] = into // old * groups  # type: ignore[operator]


def _has_sizes_of(reader: ReadingContext, layer: LayerObject, weight: Value) -> bool:
    """Give a layer the sizes of its new weights; False where these are not known."""
    name, groups = layer.library.last, layer.settings.get("groups", 1)
    if not isinstance(groups, int):
        return False
    whole: list[Value] = []
    if isinstance(weight, SymbolicTensor):
        constant = reader.graph.constants.get(weight.key)
        front = reader.graph.batches.get(weight.key)
        whole = [front, *(weight.shape or ())] if constant is None else list(constant.shape)
    elif isinstance(weight, Bound) and isinstance(weight.target, LayerObject):  # shared weights
        tied = weight.target
        own = shape_of_weights(tied.library.last, tied.settings)
        whole = list(own) if own is not None and weight.function == "weight" else []
    shape = known_sizes(whole)
    sizes = {} if shape is None else sizes_of_weights(name, shape, groups)
    layer.settings |= sizes
    return bool(sizes)


def merged(
    reader: ReadingContext,
    name: str,
    tensors: list[SymbolicTensor],
    settings: Named,
    line: int,
    own: str | None = None,
) -> Value:
    """Return the output of a merging layer of Keras."""
    own = _name(settings, own)
    if join_of(name) == "concatenate":
        return concatenated(reader, tensors, settings.get("axis", -1), line, own)
    return reader.graph.join("add", tensors, line, reader.path(own))


def _name(settings: Named, name: str | None) -> str | None:
    given = settings.get("name")
    return given if isinstance(given, str) else name


def _counted(
    reader: ReadingContext, layer: LayerObject, tensor: SymbolicTensor, output: SymbolicTensor
) -> Iterator[Words]:
    """Return why the number of parameters differs from that of the framework."""
    made = reader.graph.nodes.get(output.key)
    if made is None or output.key == tensor.key or not any(map(has_weights, made.layers)):
        return
    if layer in reader.applied:
        yield phrase("reading.unread.applied_again")
    reader.applied.add(layer)
    axis = layer.settings.get("axis", -1)
    if layer.library.last.endswith("Normalization") and tensor.shape is not None:
        count = len(tensor.shape)
        place = count if reader.graph.channels_last(tensor) else 1
        if is_known(axis) and axis not in (place, place - count - 1, [place], (place,)):
            yield phrase("reading.unread.normalized_axis", axis=str(axis))


def _of_framework(tensor: SymbolicTensor, framework: str) -> SymbolicTensor:
    """Assign data of NumPy to the framework that uses it."""
    return tensor if tensor.framework is not None else replace(tensor, framework=framework)


def _order(
    reader: ReadingContext, layer: LayerObject, tensor: SymbolicTensor, spec: LayerSpec
) -> Words | None:
    """Keep the data format of the first layer; note a later one that differs."""
    if "data_format" not in spec.arguments and layer.library.last[-2:] not in ("1D", "2D", "3D"):
        return None
    given = layer.settings.get("data_format")
    is_last = reader.channels_last_by_default if given is None else given != "channels_first"
    known = reader.graph.orders.setdefault(tensor.root, is_last)
    if known == is_last or layer.library.last == "Flatten":
        return None
    own, before = ORDERS[is_last], ORDERS[known]
    return phrase("reading.unread.other_order", name=layer.library.last, own=own, before=before)


# --- embeddings ----------------------------------------------------------------------------------

_EMBEDDINGS = ("Embedding", "Embed")


def _embedded(
    reader: ReadingContext, layer: LayerObject, tensor: SymbolicTensor, line: int
) -> SymbolicTensor:
    """Return the vectors that an embedding makes of integers."""
    graph, found = reader.graph, vocabulary(layer.library)
    words = ("", "") if found is None else DIALECTS[found.framework].names.embedding
    many, size = (layer.settings.get(word) for word in words)
    own = tensor if found is None else _of_framework(tensor, found.framework)
    try:
        vectors, why = embedded(graph, own, many, size, layer.library.last)
    except ValueError as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    if why is not None:
        graph.note(vectors, graph.not_read(layer.line, why))
    return vectors
