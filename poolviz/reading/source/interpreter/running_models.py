"""Models on tensors: what they give, which were used, and how they are changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from poolviz.arithmetic.layers.axes import Axis, AxisMap
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.arithmetic.open_size import differ, has_open
from poolviz.diagnosis.network.source import NotRead
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, leaves, squeezes, tensors_in
from poolviz.reading.source import keras_calls, layer_calls, tensor_calls
from poolviz.reading.source.call_arguments import tensor_parameters
from poolviz.reading.source.calls.assumptions import Assumption, assumed
from poolviz.reading.source.interpreter.attributes import Attributes
from poolviz.reading.source.interpreter.expressions import MOST_QUOTED
from poolviz.reading.source.neighbours import Neighbours
from poolviz.reading.source.pasted.default_imports import likely_framework
from poolviz.reading.source.values import (
    MOST_ENTRIES,
    RUNS,
    Args,
    Chain,
    Function,
    FunctionalModel,
    Instance,
    LayerObject,
    Module,
    Named,
    Scope,
    Unknown,
    UserClass,
    Value,
    is_module,
)

# Expressions and statements: of a text, or of one model in it; of all files beside it together.
MOST_STEPS = 20_000
STEPS_OF_NEIGHBOURS = 60_000
_OF_SIZES = re.compile(
    r"(\b|_)(shape|size|ndim|dim|len|numel|height|width|channels)\b|\b[HWCDhwcd]\b"
)  # what a model checks
MOST_LONG = 5  # statements that need too many steps, until the reading ends


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a model: on tensors, with a shape, or on an unknown value."""

    module: Module
    line: int
    given: tuple[SymbolicTensor, ...] = ()
    outputs: tuple[SymbolicTensor, ...] = ()
    shape: tuple[int, ...] | None = None
    failed: tuple[int, ...] = ()  # tensors at which it raises an error, in order


class RunningModels(Attributes):
    """Runs the modules of a text on tensors; keeps what was made and used."""

    def __init__(self, code: str) -> None:
        super().__init__(MOST_STEPS)
        self._code = code
        self.graph = GraphBuilder(code.split("\n"))
        self.module_scope = Scope({"__name__": "__main__"})
        self.channels_last_by_default = True
        self.uses: list[Use] = []
        self.turned: dict[SymbolicTensor, SymbolicTensor] = {}
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
        self.neighbours: Neighbours | None = None  # where the file of the text is known
        self.imports: dict[str, int] = {}  # the line that imports a module
        self._modules: dict[str, Scope] = {}  # names of neighbours
        self._searched: list[str] = []  # names of neighbours that are being looked up
        self._module_steps = STEPS_OF_NEIGHBOURS
        self.assume: dict[int | str, Assumption] = {}  # shapes that the user states, by line
        self._prefix: list[str] = []
        self._start: SymbolicTensor | None = None  # the input of the model that is being read
        self._patience = MOST_LONG
        self._constructors = 0  # of models, that are running
        self._evaluating: set[int] = set()  # modules after `eval()`
        self._depth = 0  # modules within modules
        self._is_whole = False  # whether the chosen model is run, on a shape of the user

    @cached_property
    def likely_framework(self) -> str | None:
        """The framework of names that the text does not import; most texts import them."""
        return likely_framework(self._code)

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

    def measured(self) -> None:
        if self._frames:
            self.graph.is_for_one_size = True

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

    def may_raise(self, test: ast.expr) -> None:
        code = ast.unparse(test)[:MOST_QUOTED]
        is_checked = isinstance(test, ast.Call) or _OF_SIZES.search(code)
        if self._start is not None and self.is_inside and is_checked:
            key = "may_raise" if isinstance(test, ast.Call) else "test"
            what = self.graph.not_read(self.line, phrase(f"reading.unread.{key}", code=code))
            self.graph.note(self._start, replace(what, keeps_unchecked=True))

    def unread_model(self, line: int, why: Words) -> None:
        """Record a model of the text that cannot be read."""
        if not self.is_inside:
            self.unread_models.append(self.graph.not_read(line, why))

    # --- modules on tensors ----------------------------------------------------------------------

    def apply(self, module: Module, args: Args, named: Named, line: int) -> Value:
        """Return the output of a module."""
        tensors = tensors_in([*args, *named.values()])
        is_outermost, failed = not self._depth, len(self.graph.failed)
        if not tensors:
            self.use(module, line)
            return self.unknown(phrase("reading.unread.what_goes_in"))
        if is_outermost and not isinstance(module, LayerObject):
            self.applied.clear()
        if is_outermost:
            self._start = tensors[0]
        self._depth += 1
        # The name of the whole model is no part of the names of its layers.
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
            raised = tuple(self.graph.failed[failed:])
            self.uses.append(Use(module, line, tuple(tensors), outputs, failed=raised))
        return output

    def ends_of(self, chain: Chain) -> FunctionalModel | None:
        if chain.ends is None:
            shape = keras_calls.chain_shape(chain)
            if shape is None or chain.framework is None:
                return None
            source = self.graph.source(chain.framework, shape)
            self._depth += 1  # this is no use of the model
            applied, self.applied = self.applied, set()
            output = self._through(chain, source, chain.line)
            self._depth, self.applied = self._depth - 1, applied
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
        # `def call(self, inputs)` gets them as one list.
        if len(names) == 1 and len(sources) > 1:
            args = [args]
        self._is_whole = True
        try:
            return self.apply(model, args, {}, model.line)
        finally:
            self._is_whole = False

    def made_before(self, model: FunctionalModel) -> list[SymbolicTensor]:
        """Return what the text computes from the inputs of a model before it makes the model."""
        roots = {source.key for source in model.sources}
        lines = {key: node.line or model.line for key, node in self.graph.nodes.items()}
        made = [self.graph.tensors[key] for key, line in lines.items() if line < model.line]
        return [tensor for tensor in made if tensor.root in roots]

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
        # An object that holds the outputs, such as a dataclass.
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
        """Run a module by its kind; attributes of the object go before methods of its class."""
        if isinstance(module, LayerObject):
            return layer_calls.apply_layer(self, module, args, named, tensors, line)
        if isinstance(module, FunctionalModel):
            wanted = [self.graph.wanted.get(each.key, each.shape) for each in module.sources]
            tensors = [
                self._as_input(*each, module.name, line)
                for each in zip(tensors, wanted, strict=False)
            ]
            made = self.graph.replayed(module.sources, module.outputs, tensors)
            return made[0] if len(made) == 1 else list(made)
        if isinstance(module, Chain):
            value = args[0] if args else tensors[0]
            if isinstance(value, SymbolicTensor) and not module.numbers:
                self._note_call(module, value)
            own = module.source
            if own is not None and isinstance(value, SymbolicTensor):
                states = self.graph.wanted.get(own.key, own.shape)
                value = self._as_input(value, states, module.name, line)
            return self._through(module, value, line)
        assigned = next((module.names[name] for name in RUNS if name in module.names), None)
        if assigned is not None:  # to this object
            return self.call(assigned, args, named, line)
        run = next(filter(None, map(module.made_of.find, RUNS)), None)
        if isinstance(run, Function):
            self._build(module, tensors[0])
            return self.call_function(run, [module, *args], named)
        if module.chain is not None:
            return self._through(module.chain, tensors[0], line)
        why = phrase("reading.unread.no_forward", name=module.made_of.name)
        return self.lost(tensors, line, why)

    def _note_call(self, chain: Chain, tensor: SymbolicTensor) -> None:
        """Note the first call of a `Sequential` of Keras, which decides its input."""
        is_data = self.graph.batches.get(tensor.root) is not None
        if self._is_whole or is_data or tensor.root in self.graph.constants:
            return
        chain.is_called = True
        if chain.source is None and tensor.shape and keras_calls.chain_shape(chain) is None:
            chain.source = self.graph.source(chain.framework, tensor.shape)

    def _as_input(
        self, tensor: SymbolicTensor, wanted: Shape | None, name: str | None, line: int
    ) -> SymbolicTensor:
        """Check the input of a model of Keras against the one that it states.

        Keras 3.15.1 raises ValueError; it compares neither a last axis of 1 nor what is None. Where
        only that axis is missing or too many, the built model has other shapes than its data.
        """
        shape = tensor.shape
        is_given = self._is_whole and self._depth == 1  # a shape of the user: of another model
        if is_given or not shape or not wanted:
            return tensor
        given, own = (each[:-1] if each[-1] == 1 else each for each in (shape, wanted))
        if squeezes(shape, wanted):
            why = phrase("reading.unread.other_rank", given=len(shape), wanted=len(wanted))
            return self.lost([tensor], line, why)
        if len(shape) == len(wanted) and not any(map(differ, given, own)):
            return tensor
        entries = tuple(map(Axis, range(1, len(wanted) + 1)))
        expects = tuple((axis, size) for axis, size in enumerate(wanted, 1) if not has_open([size]))
        layer = AxisMap("Input", len(wanted), entries, expects, error="ValueError")
        return self.graph.apply(tensor, (layer,), line, self.path(name))

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
        return self.graph.lose(tensors, self.graph.not_read(line, why))
