"""Attributes, items and iteration of every value."""

from __future__ import annotations

import ast
import operator
from abc import abstractmethod
from dataclasses import replace
from typing import cast

from poolviz.arithmetic.open_size import OpenSize
from poolviz.dialects.pytorch.functions import attributes_of
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import BATCH, Batch, SymbolicTensor
from poolviz.reading.source.builtin_calls import NUMBERS
from poolviz.reading.source.calls.constants import OF_WEIGHTS, weight_of
from poolviz.reading.source.calls.keras_parts import is_unread, layers_of, output_of, unread_layer
from poolviz.reading.source.calls.layout import part_of_tensor, reordered
from poolviz.reading.source.calls.records import PARSER, PARSER_METHODS, RECORD
from poolviz.reading.source.contents import children_of
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.enumerations import (
    Member,
    NumberMember,
    TextMember,
    attribute_of,
    is_own,
)
from poolviz.reading.source.interpreter.statements import Statements
from poolviz.reading.source.pasted.default_imports import home
from poolviz.reading.source.values import (
    NOT_KNOWN,
    OF_LAYERS,
    OPEN,
    Args,
    Bound,
    Chain,
    Function,
    FunctionalModel,
    Instance,
    LayerObject,
    Library,
    MapSize,
    Module,
    Named,
    OpenShape,
    Parent,
    Unhandled,
    Unknown,
    UserClass,
    Value,
    words_from,
)

_RETURNING_ITSELF = "to cuda cpu eval train float half double requires_grad_ share_memory xpu"
KEEPING = frozenset(_RETURNING_ITSELF.split())
_OF_MODULES = (
    "parameters named_parameters modules children named_children state_dict load_state_dict "
    "compile fit predict evaluate summary build save load_weights add_module register_module "
    "register_buffer append extend insert add init init_with_output apply tabulate items keys "
    "values save_hyperparameters zero_grad get_config get_layer add_weight param __init__ __call__ "
    "forward call"
)
_OF_RECORDS = ("get", "items", "keys", "values", "update", "pop", "setdefault", "copy")
_OF_ATTRIBUTES = ("__setattr__", "__delattr__", "__getattr__")
_ENDS = ("input", "inputs", "output", "outputs")
_METHODS = frozenset(_OF_MODULES.split())


# Facts about a plain tensor of floats on the CPU, without a gradient.
_OFF = frozenset(
    ["is_cuda", "requires_grad", "is_sparse", "is_quantized", "is_mps", "is_mkldnn", "is_complex"]
)
_VIEWS = ("T", "mT")
_OF_PAIRS = ("values", "indices")  # what max, sort, topk and the like return


def _is_keras(model: Chain | FunctionalModel) -> bool:
    return isinstance(model, FunctionalModel) or model.kind == "Sequential"


class Attributes(Statements):
    """Attributes and items of every kind of value."""

    graph: GraphBuilder
    made: list[Module]

    @abstractmethod
    def neighbour(self, value: Value) -> Value:
        """Return what a file beside the text defines; any other value as it is."""

    @abstractmethod
    def evaluated(self, what: str) -> None:
        """Note that the model is read as in evaluation."""

    @abstractmethod
    def call_function(self, function: Function, args: Args, named: Named) -> Value:
        """Return the result of a function of the text."""

    @property
    def _context(self) -> ReadingContext:
        """The whole interpreter, of which this class is a part."""
        return cast("ReadingContext", self)

    def attribute(self, value: Value, name: str) -> Value:
        if isinstance(value, Library):
            path = home(f"{value.path}.{name}")
            return NUMBERS[path] if path in NUMBERS else self.neighbour(Library(path))
        if isinstance(value, SymbolicTensor):
            return self._of_tensor(value, name)
        if isinstance(value, Instance):
            return self._of_instance(value, name)
        if isinstance(value, UserClass):
            found = value.find(name)
            if isinstance(found, Function) and "classmethod" in found.decorators:
                return Bound(value, found)
            return found if value.defines(name) else self._without(value, name)
        if isinstance(value, Parent):
            found = value.target.made_of.find(name, value.after)
            return Bound(value.target, found if isinstance(found, Function) else f"super.{name}")
        if isinstance(value, LayerObject) and name in (kept := self._of_layer(value)):
            return kept[name]
        # `torch.max(x, 1).values`: the pair has names as well as places.
        if isinstance(value, tuple) and name in _OF_PAIRS and len(value) == 2:
            return value[_OF_PAIRS.index(name)]
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Member | TextMember | NumberMember) and is_own(value, name):
            return attribute_of(value, name, self.line)
        if isinstance(value, Bound) and name in OF_WEIGHTS:
            found = weight_of(self._context, value)
            return Bound(value, name) if found is value else self.attribute(found, name)
        if isinstance(value, Chain) and name in value.keys:
            return value.modules[value.keys.index(name)]
        if name == "_modules" and isinstance(value, Chain):
            return replace(value, kind="ModuleDict")  # of the same lists
        if name == "layers" and isinstance(value, Chain | FunctionalModel) and _is_keras(value):
            is_open = is_unread(self._context, value)
            return Bound(value, name) if is_open else layers_of(self._context, value)
        if name == "output" and isinstance(value, LayerObject):
            return output_of(self._context, value)
        if isinstance(value, Chain) and name in _ENDS and (made := self.ends_of(value)):
            if name in ("input", "output") and not self._is_called(value):
                # Keras 3.3.3 to 3.15.1 raise ValueError or AttributeError; Keras 2 does not.
                why = phrase("reading.unread.no_ends", name=name)
                what = self.graph.not_read(self.line, why)
                steps = self.graph.between({made.sources[0].key}, [made.outputs[0].key])
                first = self.graph.tensors[steps[0]] if steps else made.outputs[0]
                self.graph.note(first, replace(what, keeps_unchecked=True))
            value = made
        if isinstance(value, FunctionalModel) and name in _ENDS:
            ends = value.sources if name.startswith("input") else value.outputs
            return ends[0] if len(ends) == 1 and not name.endswith("s") else list(ends)
        return Bound(value, name)

    def _is_called(self, chain: Chain) -> bool:
        """Return whether a `Sequential` was called, by itself or in one that has an input."""
        around = (each for each in self.made if isinstance(each, Chain) and each.source)
        return chain.is_called or any(chain in each.modules for each in around)

    @abstractmethod
    def ends_of(self, chain: Chain) -> FunctionalModel | None:
        """Return the tensors at the ends of a `Sequential` of Keras, None where it has none."""

    def _of_tensor(self, tensor: SymbolicTensor, name: str) -> Value:
        """Return an attribute of a tensor; sizes that nobody knows stay unknown."""
        shape = tensor.shape
        if name in ("shape", "ndim") and (own := self.graph.constants.get(tensor.key)) is not None:
            return own.shape if name == "shape" else len(own.shape)
        if name == "shape":
            constant = self.graph.constants.get(tensor.root)
            if tensor.sizes is None:
                return OpenShape(self.line)
            if constant is not None:
                return tuple(map(self._size, (constant.shape[0], *tensor.sizes[1:])))
            places = [i for i in range(len(tensor.sizes)) if i != tensor.batch_axis]
            # Batch and channels are the same for every input; other sizes hold for this one.
            plain = {tensor.batch_axis, *places[-1:]}
            if not self.graph.channels_last(tensor):
                plain = {tensor.batch_axis, *places[:1]}
            sizes = enumerate(map(self._size, tensor.sizes))
            return tuple(n if i in plain or type(n) is not int else MapSize(n) for i, n in sizes)
        if name == "ndim":
            return self.unknown(OPEN) if shape is None else len(shape) + 1
        if name in _OFF:
            return False
        if name in _VIEWS:
            made = reordered(self._context, tensor, name, [], {}, self.line)
            return made if not isinstance(made, Unhandled) else Bound(tensor, name)
        if name in ("data", "real", "value"):
            return tensor
        if name == "dtype" and not tensor.is_discrete and tensor.framework is not None:
            return Library("torch.float32")
        if name in ("device", "dtype"):
            return self.unknown(NOT_KNOWN)
        return Bound(tensor, name)

    def operation(self, kind: type, one: Value, other: Value, line: int) -> Value:
        """Return the value of an operator; the sum of two containers holds the modules of both."""
        if isinstance(one, Chain) and isinstance(other, Chain) and kind is ast.Add:
            made = Chain(one.kind, line, framework=one.framework)
            for module in (*one.modules, *other.modules):
                made.add(module)
            self.add_model(made)
            return made
        return super().operation(kind, one, other, line)

    @abstractmethod
    def add_model(self, model: Chain) -> None:
        """Record a model that was made."""

    def _size(self, size: int) -> Value:
        return self.unknown(NOT_KNOWN) if type(size) is OpenSize else size

    def _of_instance(self, value: Instance, name: str) -> Value:
        """Look a name up in the object, its class, and what the framework's base class adds."""
        if name in value.names:
            return value.names[name]
        if name == "__dict__":
            return value.names
        if name == "_modules":
            return dict(children_of(value))
        found = value.made_of.find(name)
        if isinstance(found, Function):
            if "property" in found.decorators:
                return self.call_function(found, [value], {})
            if "classmethod" in found.decorators:
                return Bound(value.made_of, found)
            return found if "staticmethod" in found.decorators else Bound(value, found)
        if found is not None or value.made_of.defines(name):
            return found
        if value.made_of is PARSER and name in PARSER_METHODS:
            return Bound(value, name)
        if name == "training" and value.made_of.framework is not None:
            self.evaluated("training")
            return False
        if value.made_of is RECORD and name in _OF_RECORDS:
            return Bound(value, name)
        if name in KEEPING or name in _METHODS or name in _OF_ATTRIBUTES:
            return Bound(value, name)
        layer = value.as_layer
        if layer is not None and (name in self._of_layer(layer) or name in OF_LAYERS):
            return self.attribute(layer, name)
        return self._without(value.made_of, name)

    def _of_layer(self, layer: LayerObject) -> Named:
        given = layer.settings | layer.assigned
        if not layer.library.path.startswith("torch.nn."):
            return given
        return attributes_of(layer.library.last, layer.settings) | layer.assigned

    def _without(self, owner: UserClass, name: str) -> Unknown:
        return self.unknown(phrase("reading.unread.no_attribute", owner=owner.name, name=name))

    def part(self, value: Value, key: Value, line: int) -> Value:
        if isinstance(value, SymbolicTensor):
            return part_of_tensor(self._context, value, key, line)
        if isinstance(value, Bound) and isinstance(value.target, FunctionalModel):
            return unread_layer(self._context, value.target, line)
        if isinstance(value, Unknown | Library) or isinstance(key, Unknown | Batch):
            return value if isinstance(value, Unknown) else self.unknown(NOT_KNOWN)
        chain = value.chain if isinstance(value, Instance) else value
        # A slice of an object is made by its class, whose constructor may take something else.
        if isinstance(chain, Chain) and (chain is value or not isinstance(key, slice)):
            return self._part_of_chain(chain, key)
        if isinstance(value, Instance) and isinstance(key, str) and key in value.names:
            return value.names[key]
        if isinstance(value, OpenShape):
            return BATCH if key == 0 else self.unknown(OPEN)
        try:
            found: Value = operator.getitem(cast("list[Value]", value), cast("int", key))
            return found
        except Exception as wrong:
            return replace(self.unknown(words_from(wrong)), raises=isinstance(value, tuple))

    def _part_of_chain(self, value: Chain, key: Value) -> Value:
        try:
            if isinstance(key, str):
                return value.modules[value.keys.index(key)]
            if isinstance(key, slice):
                made = Chain(value.kind, self.line, value.modules[key], [], value.framework)
                made.keys = value.keys[key]
                self.add_model(made)
                return made
            return value.modules[key] if isinstance(key, int) else self.unknown(NOT_KNOWN)
        except Exception as wrong:
            return self.unknown(words_from(wrong))

    def entries(self, value: Value) -> list[Value] | None:
        chain = value.chain if isinstance(value, Instance) else value
        if isinstance(chain, Chain):
            is_dict = chain.kind == "ModuleDict"
            return list(chain.keys if is_dict else chain.modules)
        if isinstance(value, SymbolicTensor) and value.batch_axis and value.shape:
            return [self.part(value, place, self.line) for place in range(value.shape[0])]
        return super().entries(value)
