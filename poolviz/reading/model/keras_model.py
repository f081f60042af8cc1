"""A Keras model → layers: by its graph where it has one, else by following its `call`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from poolviz.arithmetic.network.shape_rules import NetworkConfig
from poolviz.diagnosis.network.source import NotRead, raised, words_of
from poolviz.dialects.keras.layers import keras_layers
from poolviz.dialects.keras.operations import operation_layers
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.model import keras_classes as models
from poolviz.reading.model.flow import Flow, Read, Tensor
from poolviz.reading.model.identity_map import ByIdentity
from poolviz.reading.model.keras_tracer import Following
from poolviz.reading.model.restore_state import untouched
from poolviz.reading.model.signatures import check_single_input
from poolviz.reading.model.source_location import Home, Place

Known = ByIdentity[Tensor]  # a symbolic tensor of Keras → the tensor of the flow


def read_keras(
    layers: Sequence[Any], input_shape: tuple[int, ...], data_format: str
) -> tuple[Read, str]:
    """What layers or models do one after the other, and the text of the file with its `call`."""
    home = Home(getattr(type(layers[0]), "call", None) if len(layers) == 1 else None)
    setting = NetworkConfig("keras", channels_last=data_format == "channels_last")
    reading = KerasReading(home, Flow(setting, input_shape), data_format)
    with untouched(list(models.every_layer(list(layers)))):
        tensor = reading.flow.source
        for layer in layers:
            tensor = reading.layer(layer, [tensor])
    return reading.flow.read(tensor), home.text


def check_inputs(layer: Any) -> None:
    """Raises ValueError for a model with several inputs."""
    if models.layers_in_order(layer) is not None:
        return
    if models.is_functional(layer):
        names = [str(tensor.name) for tensor in layer.inputs]
        check_single_input(type(layer).__name__, names)
    elif models.known_class(layer) is None and not models.is_own(layer):
        check_single_input(f"{type(layer).__name__}.call", layer.call)


class KerasReading:
    """Goes through layers and graphs, and tells the `Flow` what they do."""

    def __init__(self, home: Home, flow: Flow, data_format: str) -> None:
        self.home = home
        self.flow = flow
        self.data_format = data_format
        self.following = Following(self, len(flow.source.shape or ()))
        self._counted: set[int] = set()

    def layer(self, layer: Any, tensors: Sequence[Tensor]) -> Tensor:
        """What a call of a layer or model gives."""
        place = self.home.here()
        if any(name in models.ADDING for name in models.own_classes(layer)):
            return self.flow.joined("add", tensors, layer.name, place.line)
        if "Concatenate" in models.own_classes(layer):
            return self._concatenated(layer.axis, tensors, layer.name, place)
        name = models.known_class(layer)
        is_single = len(tensors) == 1
        if name is not None and is_single:
            return self._known(layer, name, tensors[0], place)
        inner = models.layers_in_order(layer)
        if inner is not None and is_single:
            tensor = tensors[0]
            for each in inner:
                tensor = self.layer(each, [tensor])
            return tensor
        if models.is_functional(layer) and is_single:
            return self._graph(layer, tensors[0])
        if models.is_own(layer) and type(layer).__name__ != "Lambda":
            why = _unknown_layer(type(layer).__name__, len(tensors))
            return self._unknown(tensors, why, _title(layer), place)
        return self._followed(layer, tensors)

    def resolved(self, symbolic: Any, known: Known) -> Tensor:
        """The tensor of the flow that a symbolic tensor of Keras stands for.

        What is not known yet is followed back through the calls that made it.
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
                known[wanted] = self._unknown([], why, _name(wanted), Place())
                continue
            node = history[0]._inbound_nodes[history[1]]
            inputs = _listed(node.input_tensors)
            missing = [each for each in inputs if each not in known]
            if missing or not inputs:
                open_tensors += missing
                if not inputs:
                    why = phrase("reading.unread.another_input")
                    known[wanted] = self._unknown([], why, _name(wanted), Place())
                continue
            given = [known[each] for each in inputs]
            known[wanted] = self._called(history[0], given)
        return known[symbolic]

    def _called(self, operation: Any, tensors: Sequence[Tensor]) -> Tensor:
        if models.is_keras_layer(operation):
            return self.layer(operation, tensors)
        place = self.home.here()
        name = type(operation).__name__
        if name in models.ADDING or name in ("Divide", "TrueDivide", "Power"):
            if len(tensors) == 1:
                return tensors[0]
            return self.flow.joined("add", tensors, None, place.line)
        if name == "Concatenate":
            return self._concatenated(operation.axis, tensors, None, place)
        shape = tensors[0].shape
        try:
            layers = operation_layers(operation, shape, self.data_format == "channels_last")
        except (TypeError, ValueError) as wrong:
            return self._unknown(tensors, words_of(wrong), name, place)
        return self.flow.through(tensors[0], layers, None, place.line)

    def _known(self, layer: Any, name: str, tensor: Tensor, place: Place) -> Tensor:
        order = getattr(layer, "data_format", None)
        if order in ("channels_first", "channels_last") and order != self.data_format:
            why = phrase("reading.unread.other_data_format", own=order, read=self.data_format)
            self.flow.note(NotRead(place.line, _title(layer), why))
        try:
            made = keras_layers(name, layer.get_config(), tensor.shape) or ()
        except (TypeError, ValueError) as wrong:
            return self._unknown([tensor], words_of(wrong), _title(layer), place)
        if id(layer) in self._counted and made and _has_weights(layer):
            why = phrase("reading.unread.used_again")
            self.flow.note(NotRead(place.line, _title(layer), why))
        self._counted.add(id(layer))
        return self.flow.through(tensor, models.built_for(layer, made), layer.name, place.line)

    def _concatenated(
        self, axis: int, tensors: Sequence[Tensor], name: str | None, place: Place
    ) -> Tensor:
        shape = tensors[0].shape
        if shape is not None:
            axes = len(shape) + 1
            channels = len(shape) if self.data_format == "channels_last" else 1
            if axis % axes != channels:
                why = phrase("reading.unread.joins_along", axis=str(axis))
                return self._unknown(tensors, why, name or "concatenate", place)
        return self.flow.joined("concatenate", tensors, name, place.line)

    def _graph(self, model: Any, tensor: Tensor) -> Tensor:
        [start], ends = _listed(model.inputs), _listed(model.outputs)
        if len(ends) > 1:
            why = phrase("reading.unread.several_come_out", count=len(ends))
            self.flow.note(NotRead(None, _title(model), why))
        known = Known()
        known[start] = tensor
        return self.resolved(ends[0], known)

    def _followed(self, layer: Any, tensors: Sequence[Tensor]) -> Tensor:
        try:
            return self.following.run(layer, tensors)
        except Exception as wrong:  # whatever the reader's own call raises
            place = self.home.of(wrong.__traceback__)
            return self._unknown([self.flow.last], raised(wrong), _title(layer), place)

    def _unknown(self, tensors: Sequence[Tensor], why: Words, title: str, place: Place) -> Tensor:
        given = list(tensors) or [self.flow.last]
        is_first = not any(map(self.flow.is_unknown, given))
        what = NotRead(place.line, place.text or title, why) if is_first else None
        return self.flow.unknown(given, what)


def _unknown_layer(name: str, inputs: int) -> Words:
    if inputs == 1:
        return phrase("reading.unread.unknown", name=name)
    return phrase("reading.unread.unknown_of_tensors", name=name, count=inputs)


def _title(layer: Any) -> str:
    return f"{layer.name}: {type(layer).__name__}"


def _name(symbolic: Any) -> str:
    return str(getattr(symbolic, "name", ""))


def _has_weights(layer: Any) -> bool:
    return bool(getattr(layer, "built", False) and layer.weights)


def _listed(tensors: Any) -> list[Any]:
    if isinstance(tensors, Mapping):
        return list(tensors.values())
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]
