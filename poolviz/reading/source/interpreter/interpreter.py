"""The abstract interpreter: names, calls, functions and classes of a source text."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, leaves, tensors_in
from poolviz.reading.source import keras_calls, layer_calls, tensor_calls, torch_calls
from poolviz.reading.source.backbones import home_of, statements
from poolviz.reading.source.builtin_calls import BUILTINS, plain_call, plain_method
from poolviz.reading.source.call_arguments import bound
from poolviz.reading.source.calls.higher_order import higher_order
from poolviz.reading.source.calls.keras_parts import get_layer, unknown_backbone
from poolviz.reading.source.calls.records import (
    PARSER,
    RECORD,
    is_off,
    parser_method,
    record,
    saved_arguments,
)
from poolviz.reading.source.calls.tensor_functions import function_of_tensors
from poolviz.reading.source.interpreter.attributes import KEEPING
from poolviz.reading.source.interpreter.expressions import TooLong
from poolviz.reading.source.interpreter.open_paths import Returned
from poolviz.reading.source.interpreter.running_models import MOST_STEPS, RunningModels
from poolviz.reading.source.pasted.default_imports import home, usual_name
from poolviz.reading.source.values import (
    NOT_KNOWN,
    RUNS,
    STARS,
    UNHANDLED,
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
    Parent,
    Partial,
    Scope,
    Unhandled,
    Unknown,
    UserClass,
    Value,
    copied,
    framework_of,
    is_module,
    key_of,
    modules_of,
)

_TRAINING = ("training", "train", "is_training")
STEPS_OF_BACKBONE = 100_000
MOST_CALLS = 25  # nested functions: each costs about twenty frames of Python's stack


class Interpreter(RunningModels):
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
                self._begin_anew()

    def _begin_anew(self) -> None:
        """Leave all functions and modules."""
        self._frames, self._prefix, self._depth, self._constructors = [], [], 0, 0

    def bounded(self, action: Callable[[], Value]) -> Value:
        """Return the result of an action, None if it needs too many steps."""
        self.steps = MOST_STEPS + self.more_steps
        try:
            return action()
        except (TooLong, RecursionError):
            self.stopped_at = self.line
            return None
        finally:
            self._begin_anew()

    # --- names -----------------------------------------------------------------------------------

    def name(self, name: str, scope: Scope) -> Value:
        for names in scope:
            if name in names:
                return self.neighbour(names[name])
        if name in BUILTINS:
            return Library(f"builtins.{name}")
        for star in scope.top.stars:
            found = Library(f"{home(star)}.{name}")
            value = self.neighbour(found)
            if value is not found or layer_calls.is_word(found):
                return value
        usual = usual_name(name, self.likely_framework)
        if usual is None:
            return self.unknown(phrase("reading.unread.not_defined", name=name))
        return Library(usual)

    def note_name(self, value: Value, name: str, scope: Scope) -> None:
        if scope is self.module_scope:
            self.named[name] = value

    def imported(self, path: str, line: int) -> Value:
        self.imports = {path: line, path.rpartition(".")[0]: line} | self.imports
        return Library(home(path))

    def origin(self, node: ast.ImportFrom, scope: Scope) -> str:
        if self.neighbours is None:
            return node.module or ""
        return self.neighbours.absolute(scope.top.package, node.module, node.level)

    def neighbour(self, value: Value) -> Value:
        if self.neighbours is None or not isinstance(value, Library):
            return value
        is_known = framework_of(value) is not None or home_of(value.path) is not None
        found = None if is_known else self.neighbours.split(value.path)
        if found is None or value.path in self._searched:  # modules may import each other
            return value
        names = self._module(found[0])
        if found[1] not in names.names and not names.stars:
            return value
        self._searched.append(value.path)
        try:
            return self.name(found[1], names)
        finally:
            self._searched.pop()

    def _module(self, module: str) -> Scope:
        """Return the names of a module beside the text, which is read once, on its own."""
        assert self.neighbours is not None
        if module in self._modules:
            return self._modules[module]
        package = self.neighbours.package_of(module)
        made = self._modules[module] = Scope({"__name__": module}, package=package)
        line = self.imports.get(module, self.line)
        kept = self._frames, self._prefix, self._depth, self._constructors, self.steps, self.line
        lists: tuple[list[Any], ...] = (self.made, self.uses, self.unread_models, self.graph.failed)
        counts = [len(each) for each in lists]
        self._begin_anew()
        self.steps = self._module_steps
        try:
            self.run(self.neighbours.statements(module, line), made)
        except (TooLong, RecursionError):
            self.steps = 0
        self._module_steps = self.steps
        self._frames, self._prefix, self._depth, self._constructors, self.steps, self.line = kept
        for each, count in zip(lists, counts, strict=True):
            del each[count:]
        return made

    def set_name(self, value: Value, name: str) -> None:
        if (
            isinstance(value, LayerObject | Instance | Chain | FunctionalModel)
            and value.name is None
        ):
            value.name = name
        if isinstance(value, list):
            for place, entry in enumerate(value):
                self.set_name(entry, f"{name}.{place}")
        elif isinstance(value, Chain) and value.kind != "Sequential":
            for key, entry in zip(value.keys, value.modules, strict=True):
                self.set_name(entry, f"{name}.{key}")

    def change_layer(self, layer: LayerObject, name: str, value: Value) -> None:
        layer_calls.change(self, layer, name, value)

    # --- calls -----------------------------------------------------------------------------------

    def call(self, function: Value, args: Args, named: Named, line: int) -> Value:
        self.step()
        if isinstance(function, Library):
            return self.call_library(function, args, named, line)
        if isinstance(function, Function):
            return self.call_function(function, args, named)
        if isinstance(function, UserClass):
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

    def call_library(self, library: Library, args: Args, named: Named, line: int) -> Value:
        """Return the result of a call of something imported."""
        if library.path == "builtins.super":
            return self._super(args)
        if library.path == "builtins.setattr" and len(args) == 3:
            names = args[0].names if isinstance(args[0], Instance) else ()
            self.assign_attribute(args[0], key_of(args[1], len(names)), args[2])
            return None
        if library.path == "builtins.delattr" and len(args) == 2:
            self.remove_attribute(args[0], str(args[1]))
            return None
        if library.path == "builtins.len" and tensors_in(args[:1]) == args:
            return self.part(self.attribute(args[0], "shape"), 0, line)
        if library.path in ("copy.deepcopy", "copy.copy") and args and is_module(args[0]):
            return self._copied(args[0])
        if library.path == "builtins.vars" and args and isinstance(args[0], Instance):
            return args[0].names
        if library.path == "builtins.exec":
            for model in self.made:
                self.touch(model, line, phrase("reading.unread.may_change", code="exec"))
            return None
        if library.path == "builtins.sum" and len(args) == 1 and isinstance(args[0], list | tuple):
            summed = self._sum(list(args[0]), line)
            if summed is not None:
                return summed
        if library.path == "builtins.getattr" and len(args) >= 2 and isinstance(args[1], str):
            found = self.attribute(args[0], args[1])
            return args[2] if isinstance(found, Unknown) and len(args) > 2 else found
        if library.path == "builtins.hasattr" and len(args) == 2:
            return not isinstance(self.attribute(args[0], str(args[1])), Unknown)
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
        base = unknown_backbone(self, library, args, named, line)
        if base is not None:
            return base
        tensors = tensors_in([*args, *named.values()])
        if tensors and not library.path.startswith("builtins."):
            return self.lost(tensors, line, phrase("reading.unread.unknown", name=library.last))
        return plain_call(library, args, named)

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

    def _backbone(self, library: Library, args: Args, named: Named, line: int) -> Value | Unhandled:
        """Return a model of torchvision or Keras, from the text that writes it out."""
        home = home_of(library.path)
        if home is None:
            return UNHANDLED
        scope = Scope()
        self.more_steps += STEPS_OF_BACKBONE
        self.steps += STEPS_OF_BACKBONE
        self.run(statements(home, line), scope)
        maker = scope.names[library.last]
        assert isinstance(maker, Function)
        spec = maker.node.args
        known = {arg.arg for arg in (*spec.args, *spec.kwonlyargs)}
        if spec.kwarg is None and set(named) - known:
            return UNHANDLED
        made = self.call(maker, args, named, line)
        return UNHANDLED if made is None else made

    def _in_evaluation(self, names: Named) -> Named:
        """Switch off `training` and the like where nothing is given."""
        for name in _TRAINING:
            if isinstance(names.get(name), Unknown):
                self.evaluated(name)
                names[name] = False
        return names

    def evaluated(self, what: str) -> None:
        """Note that the model is read as in evaluation."""
        if self._start is not None:
            why = phrase("reading.unread.in_evaluation", name=what)
            self.graph.note(self._start, self.graph.not_read(self.line, why))

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
            fields = {k: v for each in made_of.family[::-1] for k, v in each.fields.items()}
            if STARS in named:
                fields = dict.fromkeys(fields, named[STARS])
            made.names.update(fields | dict(zip(fields, args, strict=False)) | named)
            torch_calls.parent_call(self, made, "__init__", args, named, line)
        names = DIALECTS[made_of.framework].names if made_of.framework else None
        setup = made_of.find(names.setup) if names and names.setup else None
        if isinstance(setup, Function):
            self.call_function(setup, [made], {})
        return made

    def _call_method(self, method: Bound, args: Args, named: Named, line: int) -> Value:
        target, function = method.target, method.function
        if isinstance(function, Function):
            if is_module(target) and function.name in RUNS and not self._frames:
                return self.apply(target, args, named, line)
            return self.call_function(function, [target, *args], named)
        if isinstance(target, SymbolicTensor):
            return tensor_calls.method_of_tensor(self, target, function, args, named, line)
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
