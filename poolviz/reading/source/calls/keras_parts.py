"""Parts of a model of Keras: `base.layers[-2].output`, `base.get_layer("block4_pool").output`."""

from __future__ import annotations

from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import (
    Args,
    Chain,
    FunctionalModel,
    LayerObject,
    Library,
    Module,
    Named,
    Unknown,
    Value,
    is_module,
    is_size,
    known_sizes,
)

_INPUT = Library("keras.layers.InputLayer")


def layers_of(reader: ReadingContext, model: FunctionalModel | Chain) -> list[Value]:
    """Return the layers of a model in order, the inputs of a functional one first."""
    if isinstance(model, Chain):
        reader.ends_of(model)  # runs the layers, so that they have outputs
        return list(model.modules)
    graph = reader.graph
    starts = {source.key for source in model.sources}
    steps = {*graph.between(starts, [each.key for each in model.outputs])}
    found: list[tuple[int, Module]] = []
    for source in model.sources:
        layer = LayerObject(_INPUT, {}, model.line, graph.names.get(source.key))
        reader.results[id(layer)] = (layer, [source])
        found.append((-1, layer))
    for module, outputs in list(reader.results.values()):
        keys = [each.key for each in outputs if each.key in steps]
        if keys and module is not model:
            found.append((keys[0], module))
    return [module for _, module in sorted(found, key=lambda each: each[0])]


def is_unread(reader: ReadingContext, model: Value) -> bool:
    """Return whether only the input of a model is known."""
    return isinstance(model, FunctionalModel) and reader.graph.is_unread(model.outputs[0])


def unread_layer(reader: ReadingContext, model: FunctionalModel, line: int) -> LayerObject:
    """Return a layer of a model of which only the input is known."""
    code = f'assume={{"line {line}": (…)}}'
    why = phrase("reading.unread.unknown_give", name="layer.output", code=code)
    return _standing_for(reader, reader.lost(model.sources, line, why), line)


def _standing_for(reader: ReadingContext, output: SymbolicTensor, line: int) -> LayerObject:
    """Return a layer of which only the output matters."""
    layer = LayerObject(_INPUT, {}, line)
    reader.results[id(layer)] = (layer, [output])
    return layer


def output_of(reader: ReadingContext, module: Module) -> Value:
    """Return the tensor that a layer gave when it was called; unknown before that."""
    _, outputs = reader.results.get(id(module), (module, []))
    if not outputs:
        return Unknown(phrase("reading.unread.never_called"), reader.line)
    return outputs[-1] if len(outputs) == 1 else list(outputs)


def get_layer(
    reader: ReadingContext, model: FunctionalModel | Chain, args: Args, named: Named, line: int
) -> Value:
    """Return a layer by its name in the text, or its index."""
    if isinstance(model, FunctionalModel) and is_unread(reader, model):
        return unread_layer(reader, model, line)
    name = args[0] if args else named.get("name")
    index = args[1] if len(args) > 1 else named.get("index")
    layers = layers_of(reader, model)
    if is_size(index) and index < len(layers):
        return layers[index]
    for layer in layers:
        if is_module(layer) and _name_of(layer) == name and isinstance(name, str):
            return layer
    ends = reader.ends_of(model) if isinstance(model, Chain) else model
    steps = () if ends is None else reader.graph.between(set(), [e.key for e in ends.outputs])
    for key in steps:  # of a model of a library, by the names that it gives
        own = reader.graph.nodes[key].name if key in reader.graph.nodes else None
        if own is not None and own.rpartition(".")[2] == name:
            return _standing_for(reader, reader.graph.tensors[key], line)
    return Unknown(phrase("reading.unread.no_layer_named", name=str(name)), line)


def _name_of(layer: Module) -> Value:
    return layer.settings.get("name") if isinstance(layer, LayerObject) else layer.name


def unknown_backbone(
    reader: ReadingContext, library: Library, args: Args, named: Named, line: int
) -> FunctionalModel | None:
    """Return a model of `keras.applications` of which only the input shape is known.

    The stack ends at it, and says what to give; None without an input shape.
    """
    shape, source = named.get("input_shape"), named.get("input_tensor")
    sizes = known_sizes(shape) if isinstance(shape, list | tuple) else None
    if not (library.path.startswith("keras.applications.") and library.last[:1].isupper()):
        return None
    if sizes and len(sizes) == 3 and source is None:
        source = reader.graph.source("keras", sizes)
    if not isinstance(source, SymbolicTensor):
        return None
    code = f'assume={{"line {line}": (…)}}'
    why = phrase("reading.unread.unknown_give", name=library.last, code=code)
    return FunctionalModel((source,), (reader.lost([source], line, why),), line)
