"""A PyTorch model → layers: sequences by their children, any other `forward` by tracing.

`forward` runs with stand-ins for tensors (`torch_fx_tracer`), never with data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.arithmetic.network.memory_layout import UNKNOWN
from poolviz.diagnosis.network.source import NotRead, raised, words_of
from poolviz.dialects.pytorch.layers import torch_layers
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.joins import join_of
from poolviz.reading.graph.network_between import FoundNetwork
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, of_dtype, tensors_in
from poolviz.reading.graph.tensor_graph import Constant
from poolviz.reading.model import torch_modules as modules
from poolviz.reading.model.as_in_source import call_of_function, call_of_layer
from poolviz.reading.model.model_reader import Assumed, ModelReader, Shapes, named_inputs
from poolviz.reading.model.restore_state import restored
from poolviz.reading.model.source_location import Location, SourceFile
from poolviz.reading.model.torch_functions import OWN_METHODS, NotUnderstood, understood
from poolviz.reading.model.torch_fx_tracer import TorchTracer
from poolviz.reading.source.values import LayerObject, Library, Unknown

CONFIG = NetworkConfig("pytorch", channels_last=False)


def read_torch(
    models: Sequence[Any], inputs: Mapping[str, tuple[int, ...]], assume: Assumed
) -> tuple[FoundNetwork, str, Shape]:
    """Return the layers of modules that run one after the other, and the text of their file.

    Raises ValueError for a model that contains itself.
    """
    models = [modules.unwrapped(model) for model in models]
    names: dict[int, str] = {}
    for place, model in enumerate(models):
        names |= modules.names_of(model, "" if len(models) == 1 else str(place))
    file = SourceFile(getattr(type(models[0]), "forward", None) if len(models) == 1 else None)
    reader = TorchReader(names, file, CONFIG, inputs, assume)
    # A `forward` may count its calls or keep what it saw: the user's model stays as it was.
    with restored([inner for model in models for inner in model.modules()]):
        outputs = reader.run(models)
    reader.graph.is_for_one_size |= bool(reader.tracer.asked)
    start = reader.start(outputs)
    return reader.found(start, outputs), file.text, start.shape or ()


def inputs_of(model: Any, given: Shapes | Mapping[str, object]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the inputs by name; ValueError for another number of them."""
    model = modules.unwrapped(model)
    is_followed = modules.children(model) is None and modules.known_class(model) is None
    if is_followed and not modules.is_scripted(model) and not modules.is_own(model):
        return named_inputs(f"{type(model).__name__}.forward", model.forward, given)
    return named_inputs(type(model).__name__, ["input"], given)


class TorchReader(ModelReader):
    """Records the layers of modules and functions."""

    def __init__(
        self,
        names: Mapping[int, str],
        file: SourceFile,
        config: NetworkConfig,
        inputs: Mapping[str, tuple[int, ...]],
        assume: Assumed,
    ) -> None:
        super().__init__(file, config, inputs, assume)
        self.names = names
        self.tracer = TorchTracer(self)

    def run(self, models: Sequence[object]) -> list[SymbolicTensor]:
        """Return the outputs of the last model."""
        names = list(self.graph.names.values())
        is_list = any(name.endswith("]") for name in names)
        settings = {} if is_list else dict(zip(names[1:], self.sources[1:], strict=True))
        outcome: Any = list(self.sources) if is_list else self.source
        for model in models:
            outcome, settings = self.module(model, [outcome], settings), {}
        found = tensors_in([_values(outcome)])
        if not found:
            return [self.unknown([], phrase("reading.unread.nothing_followed"), "", Location())]
        return found

    def module(self, module: Any, args: Sequence[object], settings: Mapping[str, object]) -> Any:
        """Return the output of a module that is called; what hooks do to it is not known."""
        first = len(self.graph.tensors)
        output = self._output(modules.unwrapped(module), args, settings)
        self.guard(first)
        if modules.has_hooks(module):
            for tensor in tensors_in([output]):
                what = NotRead(None, self._title(module), phrase("reading.unread.hook"), True)
                self.graph.note(tensor, what)
        return output

    def _output(self, module: Any, args: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        name = modules.known_class(module)
        location = self.file.here()
        title, given = self.names.get(id(module)), tensors_in([*args, settings])
        stated = title in self.assume and self.stated(title, given, location)
        if stated:
            return stated
        if name is not None:
            return self._layer(module, name, args, settings, location)
        if modules.is_stub(module):
            return args[0]
        if modules.is_own(module) and modules.class_name(module) == "Embedding" and args:
            many, size = module.num_embeddings, module.embedding_dim
            first = given[0] if given else self._constant(Constant(tuple(args[0].shape)))
            return self.embedded(first, many, size, self._title(module), location)
        decoder = modules.decoder_settings(module) if modules.is_own(module) else None
        if decoder is not None and given:
            own = f"torch.nn.{modules.class_name(module)}"
            decoding = LayerObject(Library(own), decoder, 0, title)
            try:
                line = location.line or 0
                return call_of_layer(self.graph, decoding, args, settings, line)
            except (TypeError, ValueError) as wrong:
                return self.unknown(given, words_of(wrong), self._title(module), location)
        if modules.is_of_einops(module) and args:
            how = [module.reduction] if hasattr(module, "reduction") else []
            pattern = f"einops.{modules.class_name(module).lower()}"
            return self.function(pattern, [args[0], module.pattern, *how], module.axes_lengths)
        held = modules.children(module)
        inner = modules.repeated(module, given) if held is None else held
        if inner is not None and args:  # an empty Sequential returns what it gets
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
        return self.unknown(tensors_in([*args, settings]), why, self._title(module), location)

    def method(self, name: str, args: Sequence[object], settings: Mapping[str, object]) -> object:
        """Return the result of a method of a tensor, named apart where a function does another."""
        return self.function(OWN_METHODS.get(name, name), args, settings)

    def function(self, name: str, args: Sequence[object], settings: Mapping[str, object]) -> Any:
        """Return the result of a function, or of a method of a tensor, that is called."""
        name = name.strip("_") if name.startswith("__") else name
        first = len(self.graph.tensors)
        made = self._function(name, args, settings)
        self.guard(first)
        return of_dtype(name, made, args[1:])

    def _function(self, name: str, args: Sequence[object], settings: Mapping[str, object]) -> Any:
        """Return the result of a function; one that is not known here is read as in source."""
        location, given = self.file.here(), tensors_in([*args, settings])
        line = location.line or 0
        if join_of(name) == "concatenate":
            parts: Any = args[0] if args else settings.get("tensors")
            for part in filter(
                self._is_one_sample, parts if isinstance(parts, list | tuple) else ()
            ):
                shape = str(tuple(map(int, part.shape)))
                why = phrase("reading.unread.one_sample", shape=shape)
                return self.unknown(given, why, name, location)
        try:
            if name.startswith("einops.") or any(map(_is_elsewhere, given)):
                return call_of_function(self.graph, name, args, settings, line)
            step = understood(name, args, settings)
        except (NotUnderstood, TypeError, ValueError, KeyError, IndexError) as wrong:
            try:
                if any(map(self.graph.is_unread, given)):
                    raise wrong
                return call_of_function(self.graph, name, args, settings, line)
            except (NotUnderstood, TypeError, ValueError, KeyError, IndexError):
                return self.unknown(given, words_of(wrong), name, location)
        tensors = [
            each if isinstance(each, SymbolicTensor) else self._constant(each)
            for each in step.tensors
        ]
        if step.join is not None:
            made = self.graph.join(step.join, tensors, location.line)
            target = args[0] if args else None  # tracing shows `x += y` as `x + y`
            return replace(made, strides=UNKNOWN) if _is_gapped(target) else made
        [tensor] = tensors
        if step.is_expanding:
            return self.graph.expand(tensor)
        made = self.graph.results(tensor, step.layers, location.line)
        self.graph.is_for_one_size |= bool(step.note)
        if step.note:
            self.note(made, step.note, location.text or name, location)
        return made

    def _is_one_sample(self, part: Any) -> bool:
        """Return whether a tensor of the model has one sample, which no batch repeats."""
        return self.tracer.owns(part) and tuple(part.shape[:1]) == (1,)

    def _constant(self, constant: Constant) -> SymbolicTensor:
        shape = constant.shape[1:] or None
        return self.graph.source(self.source.framework, shape, constant=constant)

    def _layer(
        self,
        module: object,
        name: str,
        args: Sequence[object],
        settings: Mapping[str, object],
        location: Location,
    ) -> Any:
        """Return the output of a layer of torch.nn; unusual calls are read as in source."""
        tensor = args[0] if args else settings.get("input")
        title = self._title(module)
        if not isinstance(tensor, SymbolicTensor):
            why = phrase("reading.unread.input_not_followed")
            return self.unknown(tensors_in([*args, settings]), why, title, location)
        given, tensors = modules.settings_of(module, name), tensors_in([*args, settings])
        several = any(each.key != tensor.key for each in tensors)
        path = self.names.get(id(module))
        try:
            # Such as attention, an unpooling with its indices, or an LSTM with its state.
            if several or _is_elsewhere(tensor) or len(args) + len(settings) > 1:
                own = LayerObject(Library(f"torch.nn.{name}"), given, 0, path)
                return call_of_layer(self.graph, own, args, settings, location.line or 0)
            layers = torch_layers(name, given, tensor.shape) or ()
        except (TypeError, ValueError) as wrong:
            return self.unknown(tensors, words_of(wrong), title, location)
        results = self.graph.results(tensor, layers, location.line, path)
        made = next(iter(tensors_in([results])), tensor)
        if self.is_used_again(module) and modules.parameter_count(module):
            self.note(made, phrase("reading.unread.used_again"), title, location)
        if given.get("return_indices"):
            return made, Unknown(phrase("reading.unread.indices_of_pooling"))
        return results

    def _followed(
        self, module: object, args: Sequence[object], settings: Mapping[str, object]
    ) -> Any:
        try:
            return self.tracer.run(module, args, settings)
        except Exception as wrong:  # whatever the user's forward raises
            location = self.file.of(wrong.__traceback__)
            return self.unknown([], raised(wrong), self._title(module), location)

    def _title(self, module: object) -> str:
        name, cls = self.names.get(id(module)), modules.class_name(module)
        return f"{name}: {cls}" if name else cls


def _is_elsewhere(tensor: SymbolicTensor) -> bool:
    """Return whether the batch is not the first axis, or has more entries than samples."""
    return tensor.batch_axis > 0 or tensor.rows != 1


def _is_gapped(value: object) -> bool:
    return isinstance(value, SymbolicTensor) and value.strides is not None


def _values(outcome: object) -> object:
    """Return output objects (named tuples, mappings, dataclasses) as plain lists and dicts."""
    if isinstance(outcome, SymbolicTensor):
        return outcome
    if isinstance(outcome, Mapping) or hasattr(outcome, "__dataclass_fields__"):
        fields = outcome if isinstance(outcome, Mapping) else vars(outcome)
        return {word: _values(value) for word, value in fields.items()}
    return list(map(_values, outcome)) if isinstance(outcome, list | tuple) else outcome
