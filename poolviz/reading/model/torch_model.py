"""A PyTorch model → layers: sequences by their children, any other `forward` by following it.

`forward` runs with stand-ins for tensors (`following`), never with data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from poolviz.arithmetic.network.shape_rules import NetworkConfig
from poolviz.diagnosis.network.source import NotRead, raised, words_of
from poolviz.dialects.pytorch.layers import torch_layers
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.model import torch_modules as modules
from poolviz.reading.model.flow import Flow, Read, Tensor
from poolviz.reading.model.restore_state import untouched
from poolviz.reading.model.signatures import check_single_input
from poolviz.reading.model.source_location import Home, Place
from poolviz.reading.model.torch_functions import (
    NotUnderstood,
    tensors_in,
    understood,
)
from poolviz.reading.model.torch_fx_tracer import Following

SETTING = NetworkConfig("pytorch", channels_last=False)


def read_torch(models: Sequence[Any], input_shape: tuple[int, ...]) -> tuple[Read, str]:
    """What modules do one after the other, and the text of the file that has their `forward`.

    Raises ValueError for a model that contains itself.
    """
    models = [modules.unwrapped(model) for model in models]
    names: dict[int, str] = {}
    for place, model in enumerate(models):
        names |= modules.names_of(model, "" if len(models) == 1 else str(place))
    home = Home(getattr(type(models[0]), "forward", None) if len(models) == 1 else None)
    reading = TorchReading(names, home, Flow(SETTING, input_shape))
    with untouched([inner for model in models for inner in model.modules()]):
        output = reading.run(models)
    return reading.flow.read(output), home.text


def check_inputs(model: Any) -> None:
    """Raises ValueError for a model with several inputs."""
    model = modules.unwrapped(model)
    is_followed = modules.children(model) is None and modules.known_class(model) is None
    if is_followed and not modules.is_scripted(model) and not modules.is_own(model):
        check_single_input(f"{type(model).__name__}.forward", model.forward)


class TorchReading:
    """Goes through modules and functions, and tells the `Flow` what they do."""

    def __init__(self, names: Mapping[int, str], home: Home, flow: Flow) -> None:
        self.names = names
        self.home = home
        self.flow = flow
        self.following = Following(self)
        self._counted: set[int] = set()

    def run(self, models: Sequence[Any]) -> Tensor:
        """What comes out of the last model; the first tensor where there are several."""
        outcome: Any = self.flow.source
        for model in models:
            outcome = self.module(model, [outcome], {})
        found = list(tensors_in(_values(outcome)))
        if not found:
            return self._unknown([], phrase("reading.unread.nothing_followed"), "", Place())
        if len({tensor.key for tensor in found}) > 1:
            why = phrase("reading.unread.several_come_out", count=len(found))
            self.flow.note(NotRead(None, "", why))
        return found[0]

    def module(self, module: Any, args: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """What a call of a module gives."""
        module = modules.unwrapped(module)
        name = modules.known_class(module)
        place = self.home.here()
        if name is not None:
            return self._layer(module, name, args, settings, place)
        if modules.is_stub(module):
            return args[0]
        inner = modules.children(module)
        if inner is not None and args:
            value = args[0]
            for child in inner:
                value = self.module(child, [value], {})
            return value
        if modules.is_scripted(module):
            why = phrase("reading.unread.scripted")
        elif modules.is_own(module):
            why = phrase("reading.unread.unknown", name=modules.class_name(module))
        else:
            return self._followed(module, args, settings)
        return self._unknown([*args, settings], why, self._title(module), place)

    def function(self, name: str, args: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """What a call of a function or a method of a tensor gives."""
        place = self.home.here()
        try:
            step = understood(name.strip("_") if name.startswith("__") else name, args, settings)
        except (NotUnderstood, TypeError, ValueError, KeyError, IndexError) as wrong:
            return self._unknown([*args, settings], words_of(wrong), name, place)
        if step.note:
            self.flow.note(NotRead(place.line, place.text or name, step.note))
        if step.join is not None:
            return self.flow.joined(step.join, step.tensors, None, place.line)
        [tensor] = step.tensors
        if step.is_spread:
            return self.flow.spread(tensor)
        return self.flow.through(tensor, step.layers, None, place.line)

    def _layer(
        self,
        module: Any,
        name: str,
        args: Sequence[Any],
        settings: Mapping[str, Any],
        place: Place,
    ) -> Any:
        tensor = args[0] if args else settings.get("input")
        title = self._title(module)
        if not isinstance(tensor, Tensor):
            why = phrase("reading.unread.input_not_followed")
            return self._unknown([*args, settings], why, title, place)
        given = modules.settings_of(module, name)
        try:
            layers = torch_layers(name, given, tensor.shape) or ()
        except (TypeError, ValueError) as wrong:
            return self._unknown([tensor], words_of(wrong), title, place)
        self._count(module, place)
        made = self.flow.through(tensor, layers, self.names.get(id(module)), place.line)
        if given.get("return_indices"):
            why = phrase("reading.unread.indices_of_pooling")
            return made, self._unknown([made], why, title, place)
        return made

    def _count(self, module: Any, place: Place) -> None:
        """A layer that is used again has its parameters once, though each row has them."""
        if id(module) in self._counted and modules.parameter_count(module):
            why = phrase("reading.unread.used_again")
            self.flow.note(NotRead(place.line, self._title(module), why))
        self._counted.add(id(module))

    def _followed(self, module: Any, args: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        try:
            return self.following.run(module, args, settings)
        except Exception as wrong:  # whatever the reader's own forward raises
            place = self.home.of(wrong.__traceback__)
            return self._unknown([self.flow.last], raised(wrong), self._title(module), place)

    def _unknown(self, values: Sequence[Any], why: Words, title: str, place: Place) -> Tensor:
        tensors = list(tensors_in(values)) or [self.flow.last]
        is_first = not any(map(self.flow.is_unknown, tensors))
        what = NotRead(place.line, place.text or title, why) if is_first else None
        return self.flow.unknown(tensors, what)

    def _title(self, module: Any) -> str:
        name, cls = self.names.get(id(module)), modules.class_name(module)
        return f"{name}: {cls}" if name else cls


def _values(outcome: Any) -> Any:
    """The fields of an output object (a dataclass of Hugging Face, say) as a plain mapping."""
    return (
        vars(outcome)
        if hasattr(outcome, "__dataclass_fields__") and not isinstance(outcome, Tensor | Mapping)
        else outcome
    )
