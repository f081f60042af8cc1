"""A Keras model → layers: by its graph if it has one, else by tracing its `call`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from poolviz.arithmetic.layers.axes import AxisMap
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.diagnosis.network.source import raised, words_of
from poolviz.dialects.common.vocabulary import Parts
from poolviz.dialects.keras.layers import keras_layers
from poolviz.dialects.keras.operations import operation_layers
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.backend_notes import backend_notes
from poolviz.reading.graph.joins import join_of
from poolviz.reading.graph.network_between import FoundNetwork
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, squeezes
from poolviz.reading.model import keras_classes as models
from poolviz.reading.model.keras_tracer import KerasTracer
from poolviz.reading.model.model_reader import (
    Assumed,
    ByIdentity,
    ModelReader,
    Shapes,
    named_inputs,
)
from poolviz.reading.model.restore_state import restored
from poolviz.reading.model.source_location import Location, SourceFile

Known = ByIdentity[SymbolicTensor]  # symbolic tensor of Keras → ours


def read_keras(
    layers: Sequence[object],
    inputs: Mapping[str, tuple[int, ...]],
    data_format: str,
    assume: Assumed,
) -> tuple[FoundNetwork, str, Shape]:
    """Return the layers of models that run one after the other, and the text of their file."""
    file = SourceFile(getattr(type(layers[0]), "call", None) if len(layers) == 1 else None)
    config = NetworkConfig("keras", channels_last=data_format == "channels_last")
    reader = KerasReader(file, config, inputs, data_format, assume)
    with restored(list(models.every_layer(list(layers)))):
        tensors = reader.sources
        for layer in layers[:-1]:
            tensors = [reader.layer(layer, tensors)]
        outputs = reader.outputs(layers[-1], tensors)
    start = reader.start(outputs)
    return reader.found(start, outputs), file.text, start.shape or ()


def read_history(
    layer: object, symbolic: object, data_format: str
) -> tuple[FoundNetwork, str, tuple[int, ...]]:
    """Return the layers that led to symbolic tensors, and the one that is called with them."""
    tensors = _listed(symbolic)
    first = source_of(tensors[0])
    config = NetworkConfig("keras", channels_last=data_format == "channels_last")
    shapes = {_name(first): tuple(first.shape)[1:]}
    reader = KerasReader(SourceFile(None), config, shapes, data_format, {})
    known = Known()
    known[first] = reader.sources[0]
    with restored(list(models.every_layer([layer]))):
        output = reader.layer(layer, [reader.resolved(each, known) for each in tensors])
    start = reader.start([output])
    return reader.found(start, [output]), "", start.shape or ()


def source_of(symbolic: Any) -> Any:
    """Return the input that a symbolic tensor was computed from, by its first way."""
    while True:
        layer, place, _ = symbolic._keras_history
        before = [] if layer is None else _listed(layer._inbound_nodes[place].input_tensors)
        if not before:
            return symbolic
        symbolic = before[0]


def inputs_of(layer: Any, given: Shapes | Mapping[str, object]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the inputs by name; ValueError for another number of them."""
    title = type(layer).__name__
    if models.layers_in_order(layer) is None:
        if models.is_functional(layer):
            return named_inputs(title, [str(each.name) for each in _listed(layer.inputs)], given)
        if models.known_class(layer) is None and not models.is_own(layer):
            return named_inputs(f"{title}.call", layer.call, given)
    return named_inputs(title, ["input"], given)


class KerasReader(ModelReader):
    """Records the layers of models and graphs."""

    def __init__(
        self,
        file: SourceFile,
        config: NetworkConfig,
        inputs: Mapping[str, tuple[int, ...]],
        data_format: str,
        assume: Assumed,
    ) -> None:
        super().__init__(file, config, inputs, assume)
        self.data_format = data_format
        self.tracer = KerasTracer(self, len(self.source.shape or ()))

    def outputs(self, model: object, tensors: Sequence[SymbolicTensor]) -> list[SymbolicTensor]:
        """Return all outputs of a model."""
        if models.is_functional(model) and models.layers_in_order(model) is None:
            return self._graph(model, tensors)
        own = models.known_class(model) is None and not models.is_own(model)
        if own and models.layers_in_order(model) is None:
            return self._followed(model, tensors)
        return [self.layer(model, tensors)]

    def layer(self, layer: Any, tensors: Sequence[SymbolicTensor]) -> SymbolicTensor:
        """Return the output of a layer or model that is called."""
        location = self.file.here()
        stated = layer.name in self.assume and self.stated(layer.name, tensors, location)
        # The user knows the model best: what is stated goes before what is read.
        if stated:
            return stated
        join = next(filter(None, map(join_of, models.own_classes(layer))), None)
        if join == "add":
            return self.graph.join("add", tensors, location.line, layer.name)
        if join == "concatenate":
            return self._concatenated(layer.axis, tensors, layer.name, location)
        name = models.known_class(layer)
        is_single = len(tensors) == 1
        if name is not None and is_single:
            return self._known(layer, name, tensors[0], location)
        wanted = models.stated_shape(layer) if is_single else None
        shape = tensors[0].shape
        if wanted is not None and shape is not None and squeezes(shape, wanted):
            facts = {"given": len(shape), "wanted": len(wanted)}
            other = phrase("reading.unread.other_rank", **facts)
            return self.unknown(tensors, other, _title(layer), location)
        inner = models.layers_in_order(layer)
        if inner is not None and is_single:
            tensor = tensors[0]
            for each in inner:
                tensor = self.layer(each, [tensor])
            return tensor
        if models.is_functional(layer) and len(_listed(layer.inputs)) == len(tensors):
            return self._first(self._graph(layer, tensors), layer)
        # Before `is_own`: it takes integers, so the stack has to begin after it.
        if "Embedding" in models.own_classes(layer) and is_single:
            many, size = layer.input_dim, layer.output_dim
            return self.embedded(tensors[0], many, size, _title(layer), location)
        # The `call` of a Lambda is the user's function, which can be followed.
        if models.is_own(layer) and type(layer).__name__ != "Lambda":
            built = self._built(layer, tensors, location)
            if built is not None:
                return built
            why = _unknown_layer(type(layer).__name__, len(tensors))
            return self.unknown(tensors, why, _title(layer), location)
        return self._first(self._followed(layer, tensors), layer)

    def _built(
        self, layer: Any, tensors: Sequence[SymbolicTensor], location: Location
    ) -> SymbolicTensor | None:
        """Return the output of a layer of Keras as it was built; None for other input shapes."""
        given = [tensor.shape for tensor in tensors]
        nodes: Any = getattr(layer, "_inbound_nodes", ())  # () in versions that have none
        calls = (  # `Sequential.add` calls the layers before it again
            (own, _listed(getattr(node, "output_tensors", ())))
            for node in nodes
            if (own := [tuple(each.shape[1:]) for each in _listed(node.input_tensors)]) == given
        )
        own, outputs = next(calls, ([], []))
        is_one = len({tensor.key for tensor in tensors}) == 1  # a size of several is not checked
        if len(outputs) != 1 or not is_one:
            return None
        shape = tuple(outputs[0].shape[1:])
        # An open size stands for every input at once, not for this one.
        if None in shape:
            return None
        name, first = type(layer).__name__, own[0]
        only, weights = tuple(enumerate(first, 1)), layer.count_params()
        made = AxisMap(name, len(first), shape, only=only, parameters=weights)
        return self.graph.apply(tensors[0], (made,), location.line, layer.name)

    def _several(
        self, layer: Any, node: Any, given: Sequence[SymbolicTensor], known: Known
    ) -> bool:
        """Take over the results of a layer of Keras with several, as it was built; else False."""
        shapes = [tuple(each.shape[1:]) for each in _listed(node.output_tensors)]
        first = tuple(node.input_tensors[0].shape[1:])
        is_plain = len(given) == 1 and given[0].shape == first and models.is_own(layer)
        if not is_plain or any(None in shape or not shape for shape in shapes):
            return False
        only, name = tuple(enumerate(first, 1)), type(layer).__name__
        weights, line = layer.count_params(), self.file.here().line
        for symbolic, shape in zip(_listed(node.output_tensors), shapes, strict=True):
            made = AxisMap(name, len(first), shape, only=only, parameters=weights)
            known[symbolic] = self.graph.apply(given[0], (made,), line, layer.name)
            weights = 0  # counted with the first result
        return True

    def _first(self, found: list[SymbolicTensor], layer: object) -> SymbolicTensor:
        """Return the first output of an inner model; the others are noted."""
        if len({tensor.key for tensor in found}) > 1:
            why = phrase("reading.unread.several_come_out", count=len(found))
            self.note(found[0], why, _title(layer), Location())
        return found[0]

    def resolved(self, symbolic: object, known: Known) -> SymbolicTensor:
        """Return our tensor for a symbolic tensor of Keras.

        An unknown tensor is traced back through the calls that made it.
        """
        open_tensors = [symbolic]
        while open_tensors:
            wanted = open_tensors[-1]
            if wanted in known:
                open_tensors.pop()
                continue
            history = getattr(wanted, "_keras_history", None)
            if history is None or history[0] is None:
                why = phrase("reading.unread.made_of_something_else")
                known[wanted] = self.unknown([], why, _name(wanted), Location())
                continue
            node = history[0]._inbound_nodes[history[1]]
            inputs = _listed(node.input_tensors)
            # With an explicit stack: a chain of thousands of layers would exhaust Python's
            # recursion.
            missing = [each for each in inputs if each not in known]
            if missing or not inputs:
                open_tensors += missing
                if not inputs:
                    why = phrase("reading.unread.another_input")
                    known[wanted] = self.unknown([], why, _name(wanted), Location())
                continue
            given = [known[each] for each in inputs]
            several = _listed(getattr(node, "output_tensors", ()))
            if len(several) > 1 and self._several(history[0], node, given, known):
                continue
            known[wanted] = self._called(history[0], given, inputs, wanted)
        return known[symbolic]

    def _called(
        self,
        operation: Any,
        tensors: Sequence[SymbolicTensor],
        inputs: Sequence[object],
        output: object,
    ) -> SymbolicTensor:
        if models.is_keras_layer(operation):
            return self.layer(operation, tensors)
        location = self.file.here()
        name = type(operation).__name__
        join = join_of(name)
        if join == "add":
            return self.graph.join("add", tensors, location.line)
        if join == "concatenate":
            return self._concatenated(operation.axis, tensors, None, location)
        shape = tensors[0].shape
        try:
            layers = operation_layers(operation, shape, self.data_format == "channels_last")
        except (TypeError, ValueError) as wrong:
            layers = _of_shapes(name, inputs, output, shape)
            if not layers:
                return self.unknown(tensors, words_of(wrong), name, location)
        return self.graph.apply(tensors[0], layers, location.line)

    def _known(
        self, layer: Any, name: str, tensor: SymbolicTensor, location: Location
    ) -> SymbolicTensor:
        order = getattr(layer, "data_format", None)
        if order in ("channels_first", "channels_last") and order != self.data_format:
            why = phrase("reading.unread.other_data_format", own=order, read=self.data_format)
            self.note(tensor, why, _title(layer), location)
        try:
            made = keras_layers(name, layer.get_config(), tensor.shape) or ()
        except (TypeError, ValueError) as wrong:
            return self.unknown([tensor], words_of(wrong), _title(layer), location)
        if isinstance(made, Parts):
            why = phrase("reading.unread.unknown_here", name=name)
            return self.unknown([tensor], why, _title(layer), location)
        layers = models.built_for(layer, made)
        output = self.graph.apply(tensor, layers, location.line, layer.name)
        # Keras has checked a graph; in the `call` of a subclass, the backend decides.
        if self.tracer.is_running:
            for decided in backend_notes(layers, tensor.shape, self.data_format == "channels_last"):
                self.note(output, decided, _title(layer), location)
        if self.is_used_again(layer) and made and _has_weights(layer):
            self.note(output, phrase("reading.unread.used_again"), _title(layer), location)
        return output

    def _concatenated(
        self, axis: int, tensors: Sequence[SymbolicTensor], name: str | None, location: Location
    ) -> SymbolicTensor:
        if not self.graph.is_channel_axis(axis, tensors):
            why = phrase("reading.unread.joins_along", axis=str(axis))
            return self.unknown(tensors, why, name or "concatenate", location)
        return self.graph.join("concatenate", tensors, location.line, name)

    def _graph(self, model: Any, tensors: Sequence[SymbolicTensor]) -> list[SymbolicTensor]:
        starts, ends = _listed(model.inputs), _listed(model.outputs)
        known = Known()
        for start, tensor in zip(starts, tensors, strict=True):
            known[start] = tensor
        return [self.resolved(end, known) for end in ends]

    def _followed(self, layer: object, tensors: Sequence[SymbolicTensor]) -> list[SymbolicTensor]:
        try:
            return self.tracer.run(layer, tensors)
        except Exception as wrong:  # whatever the user's call raises
            location = self.file.of(wrong.__traceback__)
            return [self.unknown([], raised(wrong), _title(layer), location)]


def _of_shapes(
    name: str, inputs: Sequence[Any], output: Any, shape: Shape | None
) -> tuple[AxisMap, ...]:
    """Return an operation on one tensor by the shapes that Keras computed; () for any other."""
    given, made = tuple(inputs[0].shape), tuple(output.shape)
    # An operation that moves the batch, or has an open size, is no layer of one sample.
    is_batch_first = given[:1] == made[:1] == (None,) and None not in (*given[1:], *made[1:])
    if len(inputs) != 1 or not is_batch_first or given[1:] != shape or len(made) < 2:
        return ()
    return (AxisMap(name, len(shape), made[1:], only=tuple(enumerate(shape, 1))),)


def _unknown_layer(name: str, inputs: int) -> Words:
    if inputs == 1:
        return phrase("reading.unread.unknown", name=name)
    return phrase("reading.unread.unknown_of_tensors", name=name, count=inputs)


def _title(layer: Any) -> str:
    return f"{layer.name}: {type(layer).__name__}"


def _name(symbolic: object) -> str:
    return str(getattr(symbolic, "name", ""))


def _has_weights(layer: Any) -> bool:
    return bool(getattr(layer, "built", False) and layer.weights)


def _listed(tensors: object) -> list[Any]:
    if isinstance(tensors, Mapping):
        return list(tensors.values())
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]
