"""The abstract interpreter: names, calls, functions and classes of a source text."""

from __future__ import annotations

import ast
from collections.abc import Callable

from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, leaves, tensors_in
from poolviz.reading.source import tensor_calls, torch_calls
from poolviz.reading.source.builtin_calls import plain_method
from poolviz.reading.source.call_arguments import bound
from poolviz.reading.source.calls.keras_parts import get_layer
from poolviz.reading.source.calls.records import (
    PARSER,
    RECORD,
    parser_method,
    saved_arguments,
)
from poolviz.reading.source.contents import modules_of
from poolviz.reading.source.enumerations import is_enumeration, member_of
from poolviz.reading.source.interpreter.attributes import KEEPING
from poolviz.reading.source.interpreter.expressions import TooLong
from poolviz.reading.source.interpreter.library_calls import LibraryCalls
from poolviz.reading.source.interpreter.open_paths import Returned
from poolviz.reading.source.interpreter.running_models import MOST_STEPS
from poolviz.reading.source.values import (
    NOT_KNOWN,
    RUNS,
    STARS,
    Args,
    Bound,
    Chain,
    Function,
    FunctionalModel,
    Instance,
    LayerObject,
    Library,
    Module,
    Named,
    Partial,
    Scope,
    Unknown,
    UserClass,
    Value,
    is_module,
)

_OF_ATTRIBUTES = {f"__{name}__": name for name in ("setattr", "delattr", "getattr")}
_TRAINING = ("training", "train", "is_training")
MOST_CALLS = 25  # nested functions: each costs about twenty frames of Python's stack


class Interpreter(LibraryCalls):
    """Reads one text. Records how tensors are computed, and which models are used."""

    def read(self, body: list[ast.stmt]) -> None:
        """Read the statements of a text; one that needs too many steps is skipped."""
        for node in body:
            try:
                if self.run([node], self.module_scope) is not None:
                    return
            except (TooLong, RecursionError):
                self.stopped_at, self.steps = node.lineno, MOST_STEPS
                self._patience -= 1
                if not self._patience:
                    return
                self.forget([node], self.module_scope, phrase("reading.unread.too_many_steps"))
                self.begin_anew()

    def bounded(self, action: Callable[[], Value]) -> Value:
        """Return the result of an action, None if it needs too many steps."""
        self.steps = MOST_STEPS + self.more_steps
        try:
            return action()
        except (TooLong, RecursionError):
            self.stopped_at = self.line
            return None
        finally:
            self.begin_anew()

    # --- calls -----------------------------------------------------------------------------------

    def call(self, function: Value, args: Args, named: Named, line: int) -> Value:
        self.step()
        if isinstance(function, Library):
            return self.call_library(function, args, named, line)
        if isinstance(function, Function):
            return self.call_function(function, args, named)
        if isinstance(function, UserClass):
            if is_enumeration(function):
                return member_of(function, args, line)
            return self.instance(function, args, named, line)
        if isinstance(function, Bound):
            return self._call_method(function, args, named, line)
        if isinstance(function, Partial):
            given = function.named | named
            return self.call(function.function, [*function.args, *args], given, line)
        if is_module(function):
            return self.apply(function, args, named, line)
        if isinstance(function, Instance):
            own = function.made_of.find("__call__")
            if isinstance(own, Function):
                return self.call_function(own, [function, *args], named)
        tensors = tensors_in([*args, *named.values()])
        why = function.why if isinstance(function, Unknown) else NOT_KNOWN
        if isinstance(function, Unknown) and function.library and tensors:
            code = f'assume={{"line {line}": (…)}}'
            why = phrase("reading.unread.unknown_give", name=function.library, code=code)
        return self.lost(tensors, line, why) if tensors else Unknown(why, line)

    def call_function(self, function: Function, args: Args, named: Named) -> Value:
        """Return the result of a function of the text."""
        if len(self._frames) >= MOST_CALLS:
            raise TooLong
        names = bound(function, args, named)
        scope = Scope(self._in_evaluation(names), function.scope)
        line = self.line
        self._frames.append((function.owner, args[0] if args else None))
        try:
            body = function.node.body
            if not isinstance(body, list):
                return self.evaluate(body, scope)
            made = len(self.made)
            way = self.run(body, scope)
            value = way.value if isinstance(way, Returned) else None
            self._drop(self.made[made:], value)
            return value
        finally:
            self._frames.pop()
            self.line = line

    def _drop(self, models: list[Module], returned: Value) -> None:
        """Note the models of a function that it neither uses nor returns."""
        kept = {id(each) for each in leaves([returned])} | {id(use.module) for use in self.uses}
        self.dropped |= {id(model) for model in models} - kept

    def _in_evaluation(self, names: Named) -> Named:
        """Switch off `training` and the like where nothing is given."""
        for name in _TRAINING:
            if isinstance(names.get(name), Unknown):
                self.evaluated(name)
                names[name] = False
        return names

    def instance(self, made_of: UserClass, args: Args, named: Named, line: int) -> Instance:
        """Return an object of a class of the text."""
        made = Instance(made_of, line, args=list(args), named=dict(named))
        if made_of.framework is not None and not self.is_inside:
            self.made.append(made)
        start, failed = made_of.find("__init__"), len(self.graph.failed)
        if isinstance(start, Function):
            self._constructors += made_of.framework is not None
            self.call_function(start, [made, *args], named)
            self._constructors -= made_of.framework is not None
            made.fails_at = next(iter(self.graph.failed[failed:]), None)
        else:
            # In the order of a dataclass: the fields of its bases first.
            fields = {k: v for each in made_of.family[::-1] for k, v in each.fields.items()}
            if STARS in named:
                fields = dict.fromkeys(fields, named[STARS])
            made.names |= fields | dict(zip(fields, args, strict=False)) | named
            torch_calls.parent_call(self, made, "__init__", args, named, line)
            if made.as_layer is not None:  # which has the arguments as its attributes
                made.names = fields
        names = DIALECTS[made_of.framework].names if made_of.framework else None
        setup = made_of.find(names.setup) if names and names.setup else None
        if isinstance(setup, Function):
            self.call_function(setup, [made], {})
        return made

    def _call_method(self, method: Bound, args: Args, named: Named, line: int) -> Value:
        """Call a method, by what it is bound to."""
        target, function = method.target, method.function
        if isinstance(function, Function):
            # `model.forward(x)` from outside uses the model, as `model(x)` does.
            if is_module(target) and function.name in RUNS and not self._frames:
                return self.apply(target, args, named, line)
            return self.call_function(function, [target, *args], named)
        if isinstance(target, SymbolicTensor):
            return tensor_calls.method_of_tensor(self, target, function, args, named, line)
        alike = _OF_ATTRIBUTES.get(function.removeprefix("super."))
        if alike is not None and args:
            return self.call_library(Library(f"builtins.{alike}"), [target, *args], {}, line)
        if isinstance(target, Instance) and function.startswith("super."):
            return torch_calls.parent_call(self, target, function[6:], args, named, line)
        if isinstance(target, Instance) and function == "save_hyperparameters":
            target.names["hparams"] = self._saved(target, args, named)
            return None
        if isinstance(target, Instance) and target.made_of is RECORD:
            return plain_method(target.names, function, args, named)
        if isinstance(target, Instance) and target.made_of is PARSER:
            return parser_method(target, function, args, named, line)
        if isinstance(target, Chain | Instance | LayerObject | FunctionalModel):
            return self._module_method(target, function, args, named, line)
        tensors = tensors_in([*args, *named.values()])
        if tensors and not isinstance(target, list | dict):
            return self.lost(tensors, line, phrase("reading.unread.unknown", name=function))
        return plain_method(target, function, args, named)

    def _saved(self, target: Instance, args: Args, named: Named) -> Value:
        start = target.made_of.find("__init__")
        if not isinstance(start, Function):
            return self.unknown(NOT_KNOWN)
        given = bound(start, [target, *target.args], target.named)
        given.pop(start.node.args.args[0].arg if start.node.args.args else "", None)
        return saved_arguments(target, given, args, named.get("ignore"))

    def _module_method(
        self, target: Module, name: str, args: Args, named: Named, line: int
    ) -> Value:
        if name in ("forward", "call", "__call__"):
            return self.apply(target, args, named, line)
        if name == "get_layer" and isinstance(target, Chain | FunctionalModel):
            return get_layer(self, target, args, named, line)
        if name in KEEPING:
            if name in ("eval", "train"):
                self._switch(target, name == "eval" or args[:1] == [False])
            return target
        return torch_calls.module_method(self, target, name, args, named, line)

    def _switch(self, module: Module, evaluates: bool) -> None:
        """Run `module.eval()` or `module.train()`, which hold for all that is in it now."""
        inside = {id(each) for _, each in modules_of(module)}
        self._evaluating = self._evaluating | inside if evaluates else self._evaluating - inside
