"""Calls of what is imported or built in."""

from __future__ import annotations

import ast

from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, tensors_in
from poolviz.reading.source import keras_calls, layer_calls, torch_calls
from poolviz.reading.source.backbones import home_of, statements
from poolviz.reading.source.builtin_calls import plain_call
from poolviz.reading.source.calls.higher_order import higher_order
from poolviz.reading.source.calls.keras_parts import unknown_backbone
from poolviz.reading.source.calls.records import (
    is_off,
    record,
)
from poolviz.reading.source.calls.tensor_functions import function_of_tensors
from poolviz.reading.source.contents import copied, key_of
from poolviz.reading.source.interpreter.names import Names
from poolviz.reading.source.values import (
    UNHANDLED,
    Args,
    Function,
    Instance,
    LayerObject,
    Library,
    Module,
    Named,
    Parent,
    Scope,
    Unhandled,
    Unknown,
    UserClass,
    Value,
    is_module,
)

# Five times as many as EfficientNetB7, the longest, takes.
STEPS_OF_BACKBONE = 100_000
_OF_PYTHON = ("builtins", "collections", "copy", "itertools", "inspect")


class LibraryCalls(Names):
    """Calls functions and classes of libraries."""

    def call_library(self, library: Library, args: Args, named: Named, line: int) -> Value:
        """Return the result of a call of something imported."""
        if library.path.startswith("builtins."):
            builtin = self._builtin(library.last, args, line)
            if not isinstance(builtin, Unhandled):
                return builtin
        # The order decides: the first ones know a few full names, those behind them any name that
        # looks like a layer or a function of a framework.
        if library.path in ("copy.deepcopy", "copy.copy") and args and is_module(args[0]):
            return self._copied(args[0])
        if is_off(library):
            self.evaluated(f"{library.last}()")
            return False
        results = higher_order(self, library, args, line)
        if not isinstance(results, Unhandled):
            return results
        backbone = self._backbone(library, args, named, line)
        if not isinstance(backbone, Unhandled):
            return backbone
        made = record(self, library, args, named, line)
        if not isinstance(made, Unhandled):
            return made
        special = function_of_tensors(self, library, args, named, line)
        if not isinstance(special, Unhandled):
            return special
        for calls in (torch_calls, keras_calls, layer_calls):
            result: Value | Unhandled = calls.library_call(self, library, args, named, line)
            if not isinstance(result, Unhandled):
                return result
        # After the layers, which may have a name like a model's.
        base = unknown_backbone(self, library, args, named, line)
        if base is not None:
            return base
        # A function that is not known may return any shape; those of Python return none.
        tensors = tensors_in([*args, *named.values()])
        if tensors and library.path.partition(".")[0] not in _OF_PYTHON:
            return self.lost(tensors, line, phrase("reading.unread.unknown", name=library.last))
        return plain_call(library, args, named)

    def _builtin(self, name: str, args: Args, line: int) -> Value | Unhandled:
        """Return the result of a builtin that reads or changes models and tensors."""
        match name, args:
            case "super", _:
                return self._super(args)
            case "setattr", [owner, key, value]:
                names = owner.names if isinstance(owner, Instance) else ()
                self.assign_attribute(owner, key_of(key, len(names)), value)
                return None
            case "delattr", [owner, key]:
                self.remove_attribute(owner, str(key))
                return None
            case "len", [SymbolicTensor() as tensor]:
                return self.part(self.attribute(tensor, "shape"), 0, line)
            case "vars", [Instance() as owner, *_]:
                return owner.names
            case "exec", _:  # may assign anything, to anything
                for model in self.made:
                    self.touch(model, line, phrase("reading.unread.may_change", code="exec"))
                return None
            case "sum", [list() | tuple() as values]:
                summed = self._sum(list(values), line)
                return UNHANDLED if summed is None else summed
            case "getattr", [owner, str() as key, *default]:
                found = self.attribute(owner, key)
                return default[0] if isinstance(found, Unknown) and default else found
            case "hasattr", [owner, key]:
                return not isinstance(self.attribute(owner, str(key)), Unknown)
        return UNHANDLED

    def _copied(self, module: Module) -> Value:
        """Return a copy of a model, which is another model."""
        made = copied(module)
        if is_module(made) and not isinstance(made, LayerObject) and not self.is_inside:
            self.made.append(made)
        return made

    def _sum(self, values: list[Value], line: int) -> Value:
        """Return the sum of tensors; None where there is anything else."""
        if not values or not all(isinstance(value, SymbolicTensor) for value in values):
            return None
        total = values[0]
        for value in values[1:]:
            total = self.tensor_operation(ast.Add, total, value, line)
        return total

    def _super(self, args: Args) -> Value:
        owner, target = self._frames[-1] if self._frames else (None, None)
        if len(args) == 2 and isinstance(args[0], UserClass):
            owner, target = args[0], args[1]
        return Parent(target, owner) if isinstance(target, Instance) else self.unknown("super")

    def _backbone(self, library: Library, args: Args, named: Named, line: int) -> Value | Unhandled:
        """Return a model of torchvision or Keras, from the text that writes it out."""
        home = home_of(library.path)
        if home is None:
            return UNHANDLED
        scope = Scope()
        # Long texts of our own are no reason to give up on the text that uses them.
        self.more_steps += STEPS_OF_BACKBONE
        self.steps += STEPS_OF_BACKBONE
        self.run(statements(home, line), scope)
        maker = scope.names[library.last]
        assert isinstance(maker, Function)
        spec = maker.node.args
        known = {arg.arg for arg in (*spec.args, *spec.kwonlyargs)}
        # An argument that this version of the model has not: what it would do is not guessed.
        if spec.kwarg is None and set(named) - known:
            return UNHANDLED
        made = self.call(maker, args, named, line)
        return UNHANDLED if made is None else made

    def evaluated(self, what: str) -> None:
        """Note that the model is read as in evaluation."""
        if self._start is not None:
            why = phrase("reading.unread.in_evaluation", name=what)
            self.graph.note(self._start, self.graph.not_read(self.line, why))
