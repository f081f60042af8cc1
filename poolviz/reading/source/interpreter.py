"""The abstract interpreter: names, calls, functions, classes and modules of a source text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from poolviz.diagnosis.network.source import NotRead
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, leaves, tensors_in
from poolviz.reading.source import keras_calls, layer_calls, tensor_calls, torch_calls
from poolviz.reading.source.attributes import KEEPING, Attributes
from poolviz.reading.source.backbones import home_of, statements
from poolviz.reading.source.builtin_calls import BUILTINS, plain_call, plain_method
from poolviz.reading.source.call_arguments import bound, tensor_parameters
from poolviz.reading.source.calls.assumptions import Assumption, assumed
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
from poolviz.reading.source.expressions import MOST_QUOTED, TooLong
from poolviz.reading.source.pasted.default_imports import home, usual_name
from poolviz.reading.source.statements import Returned
from poolviz.reading.source.values import (
    MOST_ENTRIES,
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
    is_module,
    key_of,
    modules_of,
)

_TRAINING = ("training", "train", "is_training")
MOST_STEPS = 20_000
STEPS_OF_BACKBONE = 100_000
MOST_LONG = 5  # statements that need too many steps, until the reading ends
MOST_CALLS = 25  # nested functions: each costs about twenty frames of Python's stack


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a model: on tensors, with a shape, or on an unknown value."""

    module: Module
    line: int
    given: tuple[SymbolicTensor, ...] = ()
    outputs: tuple[SymbolicTensor, ...] = ()
    shape: tuple[int, ...] | None = None


class Interpreter(Attributes):
    """Reads one text. Records how tensors are computed, and which models are used."""

    def __init__(self, lines: list[str], framework: str | None) -> None:
        super().__init__(MOST_STEPS)
        self.graph = GraphBuilder(lines)
        self.module_scope = Scope({"__name__": "__main__"})
        self.likely_framework = framework
        self.channels_last_by_default = True
        self.uses: list[Use] = []
        self.made: list[Module] = []  # models, in the order in which they were made
        self.dropped: set[int] = set()  # models that only a function has, for itself
        self.bare: list[LayerObject] = []  # statements that are a layer and nothing else
        self.named: Named = {}
        self.unread_models: list[NotRead] = []
        self.touched: list[tuple[Value, NotRead]] = []
        self.results: dict[int, tuple[Module, list[SymbolicTensor]]] = {}
        self.applied: set[LayerObject] = set()  # by the model that is being read
        self.stopped_at: int | None = None
        self._frames: list[tuple[UserClass | None, Value]] = []
        self.more_steps = 0  # for models of libraries
        self.assume: dict[int | str, Assumption] = {}  # shapes that the user states, by line
        self._prefix: list[str] = []
        self._start: SymbolicTensor | None = None  # the input of the model that is being read
        self._patience = MOST_LONG
        self._constructors = 0  # of models, that are running
        self._evaluating: set[int] = set()  # modules after `eval()`
        self._depth = 0  # modules within modules

    @property
    def is_inside(self) -> bool:
        """Return whether a method of a model is being read."""
        return any(
            isinstance(target, Instance) and target.made_of.framework is not None
            for _, target in self._frames
        )

    def trains(self, layer: LayerObject) -> bool:
        """Return whether a layer is in training mode: in the constructor of a model of PyTorch."""
        return self._constructors > 0 and id(layer) not in self._evaluating

    @property
    def runs_on_backend(self) -> bool:
        """Return whether layers are called in the `call` of a class that a backend runs."""
        # The layers of an __init__, as of a functional model that it builds, are outermost calls.
        return self._depth > 1 and any(
            isinstance(target, Instance)
            and target.made_of.framework is not None
            and bool(DIALECTS[target.made_of.framework].backends)
            for _, target in self._frames
        )

    def use(self, module: Module, line: int, shape: tuple[int, ...] | None = None) -> None:
        """Record the use of a model, on an input of this shape."""
        if not self._depth and not self.is_inside:
            self.uses.append(Use(module, line, shape=shape))

    def touch(self, module: Value, line: int, why: Words) -> None:
        """Record that something unknown may change a module."""
        self.touched.append((module, self.graph.not_read(line, why)))

    def spoiled(self, values: Sequence[Value], node: ast.Call) -> None:
        super().spoiled(values, node)
        if self.is_inside:
            return
        why = phrase("reading.unread.may_change", code=ast.unparse(node)[:MOST_QUOTED])
        for value in values:
            if is_module(value):
                self.touch(value, node.lineno, why)

    def unread_model(self, line: int, why: Words) -> None:
        """Record a model of the text that cannot be read."""
        if not self.is_inside:
            self.unread_models.append(self.graph.not_read(line, why))

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
                return names[name]
        if name in BUILTINS:
            return Library(f"builtins.{name}")
        for star in self.module_scope.stars:
            found = Library(f"{home(star)}.{name}")
            if layer_calls.is_word(found):
                return found
        usual = usual_name(name, self.likely_framework)
        if usual is None:
            return self.unknown(phrase("reading.unread.not_defined", name=name))
        return Library(usual)

    def note_name(self, value: Value, name: str, scope: Scope) -> None:
        if scope is self.module_scope:
            self.named[name] = value

    def imported(self, path: str) -> Value:
        return Library(home(path))

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
        made = record(library, args, named, line)
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

    # --- modules on tensors ----------------------------------------------------------------------

    def apply(self, module: Module, args: Args, named: Named, line: int) -> Value:
        """Return the output of a module."""
        tensors = tensors_in([*args, *named.values()])
        is_outermost = not self._depth
        if not tensors:
            self.use(module, line)
            return self.unknown(phrase("reading.unread.what_goes_in"))
        if is_outermost and not isinstance(module, LayerObject):
            self.applied.clear()
        if is_outermost:
            self._start = tensors[0]
        self._depth += 1
        own = None if is_outermost else getattr(module, "name", None)
        self._prefix.append(own or "")
        try:
            output = self._applied(module, args, named, tensors, line)
            self.results[id(module)] = (module, tensors_in([output]))
        finally:
            self._depth -= 1
            self._prefix.pop()
        if is_outermost and not self.is_inside:
            output = self._followed(output, tensors[0])
            outputs = tuple(tensors_in([output]))
            self.uses.append(Use(module, line, tuple(tensors), outputs))
        return output

    def ends_of(self, chain: Chain) -> FunctionalModel | None:
        if chain.ends is None:
            shape = keras_calls.chain_shape(chain)
            if shape is None or chain.framework is None:
                return None
            source = self.graph.source(chain.framework, shape)
            self._depth += 1  # this is no use of the model
            output = self._through(chain, source, chain.line)
            self._depth -= 1
            if not isinstance(output, SymbolicTensor):
                return None
            chain.ends = FunctionalModel((source,), (output,), chain.line)
        return chain.ends

    def add_model(self, model: Chain) -> None:
        if model.kind == "Sequential" and not self.is_inside:
            self.made.append(model)

    def run_model(self, model: Module, sources: list[SymbolicTensor]) -> Value:
        """Return the output of a model for its inputs; the shape of a missing one is unknown."""
        names = self._input_names(model)
        for source, name in zip(sources, names, strict=False):
            self.graph.names[source.key] = name
        framework = sources[0].framework
        missing = [self.graph.source(framework, None, name=name) for name in names[len(sources) :]]
        args: Args = [*sources, *missing]
        if len(names) == 1 and len(sources) > 1:
            args = [args]
        return self.apply(model, args, {}, model.line)

    def most_inputs(self, model: Module | None) -> int:
        """Number of tensors that a model takes at most."""
        if isinstance(model, FunctionalModel):
            return len(model.sources)
        run = self._run_of(model)
        if run is None:
            return 1
        names = run.node.args
        count = len(names.posonlyargs) + len(names.args) - 1
        is_list = count == 1 or names.vararg is not None
        return MOST_ENTRIES if is_list else count

    def _run_of(self, model: Module | None) -> Function | None:
        if not isinstance(model, Instance):
            return None
        run = next(filter(None, map(model.made_of.find, RUNS)), None)
        return run if isinstance(run, Function) else None

    def _input_names(self, model: Module) -> list[str]:
        """Return the parameters of a model that stand for tensors, as far as can be seen."""
        run = self._run_of(model)
        return [] if run is None else tensor_parameters(run)[1:]

    def _followed(self, output: Value, start: SymbolicTensor) -> Value:
        """Return the output of a model; if it is not known, the last tensor computed inside."""
        if isinstance(output, Instance) and not is_module(output):
            output = tuple(output.names.values())
        tensors = tensors_in([output])
        if tensors:
            for each in (each for each in leaves([output]) if isinstance(each, Unknown)):
                what = self.graph.not_read(each.line or self.line, each.why)
                self.graph.note(tensors[0], replace(what, keeps_unchecked=True))
            return output
        why = output.why if isinstance(output, Unknown) else phrase("reading.unread.no_tensor")
        line = output.line if isinstance(output, Unknown) else self.line
        return self.lost([self.graph.latest(start)], line or self.line, why)

    def _applied(
        self, module: Module, args: Args, named: Named, tensors: list[SymbolicTensor], line: int
    ) -> Value:
        if isinstance(module, LayerObject):
            return layer_calls.apply_layer(self, module, args, named, tensors, line)
        if isinstance(module, FunctionalModel):
            made = self.graph.replayed(module.sources, module.outputs, tensors)
            return made[0] if len(made) == 1 else list(made)
        if isinstance(module, Chain):
            return self._through(module, args[0] if args else tensors[0], line)
        own = next((module.names[name] for name in RUNS if name in module.names), None)
        if own is not None:  # assigned to this object
            return self.call(own, args, named, line)
        run = next(filter(None, map(module.made_of.find, RUNS)), None)
        if isinstance(run, Function):
            self._build(module, tensors[0])
            return self.call_function(run, [module, *args], named)
        if module.chain is not None:
            return self._through(module.chain, tensors[0], line)
        why = phrase("reading.unread.no_forward", name=module.made_of.name)
        return self.lost(tensors, line, why)

    def _build(self, module: Instance, tensor: SymbolicTensor) -> None:
        """Run the `build` of a layer of the text, once, with the shape of its input."""
        build = module.made_of.find("build")
        if isinstance(build, Function) and "built" not in module.names:
            module.names["built"] = True
            self.call_function(build, [module, self.attribute(tensor, "shape")], {})

    def _through(self, chain: Chain, value: Value, line: int) -> Value:
        for key, module in zip(chain.keys, chain.modules, strict=True):
            self.step()
            if chain.numbers and is_module(module) and module.name is None:
                module.name = key
            at = getattr(module, "line", None) or chain.line
            value = self.call(module, [value], {}, at)
        return value

    def path(self, name: str | None) -> str | None:
        """Return the name of a layer with those of the modules that it is in."""
        if name is None:
            return None
        return ".".join([*filter(None, self._prefix[:-1]), name])

    def tensor_operation(self, operation: type, one: Value, other: Value, line: int) -> Value:
        return tensor_calls.elementwise(self, operation.__name__, one, other, line)

    def lost(self, tensors: Iterable[SymbolicTensor], line: int, why: Words) -> SymbolicTensor:
        tensors = list(tensors)
        given = self.assume.get(line)
        if given is not None and tensors and not any(map(self.graph.is_unread, tensors)):
            return assumed(self, tensors, given, line)
        return self.graph.lose(list(tensors), self.graph.not_read(line, why))
