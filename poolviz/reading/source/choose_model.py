"""Which model of a text is meant: the one that no other one contains, used last, or made last."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.diagnosis.network.source import NoModel, NotRead
from poolviz.i18n.phrase import Phrase, Words, phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.source.interpreter.interpreter import Interpreter
from poolviz.reading.source.keras_calls import chain_shape
from poolviz.reading.source.values import (
    Chain,
    Function,
    FunctionalModel,
    Instance,
    LayerObject,
    Module,
    UserClass,
    Value,
    framework_of,
    is_module,
)

MOST_TRIED = 12  # classes and functions that are called to see whether they make a model
_LOSSES = ("Loss", "Criterion")
LINE = "line "  # how a model without a name is called


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen model, its inputs as stated in the text, and the other models of the text.

    `model` is None for layers that are applied one after the other. `starts` and `outputs` are the
    tensors of the text that it leads from and to.
    """

    model: Module | None
    shapes: tuple[Shape | None, ...] = ()
    starts: tuple[SymbolicTensor, ...] = ()
    outputs: tuple[SymbolicTensor, ...] = ()
    name: str | None = None
    others: tuple[str, ...] = ()
    failed: tuple[int, ...] = ()  # tensors at which the model raises an error


def choose(interpreter: Interpreter, name: str | None) -> Chosen | None:
    """Return the model with this name, or the one that the text is about; None without any."""
    return _Choice(interpreter).chosen(name)


def chain_of(layers: Sequence[LayerObject]) -> Chosen:
    """Return layers that stand alone, one after the other."""
    chain = Chain("Sequential", layers[0].line, framework=framework_of(layers[0].library))
    for layer in layers:
        chain.add(layer, "")  # no place in a model to be named by
    return Chosen(chain, (chain_shape(chain),))


class _Choice:
    """The models that a text makes, and the classes and functions that would make one."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        names = interpreter.module_scope.names
        self.names = {id(value): name for name, value in names.items() if is_module(value)}
        self.makers = {
            name: value
            for name, value in names.items()
            if isinstance(value, Function) or (isinstance(value, UserClass) and value.framework)
        }
        made = {id(model): model for model in interpreter.made}
        filled = [each for each in made.values() if not isinstance(each, Chain) or each.modules]
        self.made = [model for model in filled if not self._is_loss(model)] or filled

    @cached_property
    def inside(self) -> dict[str, set[str]]:
        """Names that each class or function mentions; not needed where there is only one."""
        return {name: self._mentioned(value) for name, value in self.makers.items()}

    def chosen(self, name: str | None) -> Chosen | None:
        if name is not None:
            ends = self._script_ends()
            return (
                self._script(ends[name]) if name in ends else self._about(self._named(name), name)
            )
        whole = self._whole()
        last = max([0, *(model.line for model in whole)])
        # A model that comes last and was not read is the one meant: an earlier one would be wrong.
        if any(what.line is None or what.line > last for what in self.interpreter.unread_models):
            raise NoModel(self._unread(self.interpreter.unread_models[-1]))
        if self._is_script() and not any(isinstance(m, FunctionalModel) for m in whole):
            return self._script()
        used = [use.module for use in self.interpreter.uses if _is_in(use.module, whole)]
        # A model that is run was meant; of several, the last.
        if used or whole:
            return self._about((used or whole)[-1])
        return self._script() or self._from_makers() or self._bare()

    def _unread(self, what: NotRead) -> Words:
        names = self._all_names()
        if not names:
            return Phrase(str, (what,))
        return phrase(
            "reading.model.unread_one", what=Phrase(str, (what,)), models=", ".join(names)
        )

    # --- what the text makes ---------------------------------------------------------------------

    def _whole(self) -> list[Module]:
        """Return the models that are no part of another model or class."""
        parts, kinds = self._parts_of(self.made)
        found = []
        for model in self.made:
            kind = model.made_of if isinstance(model, Instance) else None
            is_part = _is_part(model, parts, kinds) or self._is_emptied(model)
            # A part is often tried alone before the model: `print(Encoder()(x).shape)`.
            if not is_part and (id(model) in self.names or self._makes(kind)):
                found.append(model)
        dropped = self.interpreter.dropped - set(self.names)
        return [model for model in found if id(model) not in dropped] or found

    def _is_emptied(self, model: Module) -> bool:
        """Return whether a container without a name has passed all its modules to another one."""
        if not isinstance(model, Chain) or id(model) in self.names or not model.modules:
            return False
        parts = self._parts_of(each for each in self.made if each is not model)[0]
        return all(id(module) in parts for module in model.modules)

    def _is_loss(self, model: Module) -> bool:
        """Return whether a model is a loss: it has no layers but losses of the library."""
        if isinstance(model, Instance) and model.made_of.name.endswith(_LOSSES):
            return True
        layers = [part for part in self._parts(model) if isinstance(part, LayerObject)]
        return bool(layers) and all(layer.library.last.endswith(_LOSSES) for layer in layers)

    def _is_script(self) -> bool:
        """Return whether the last model is applied to the output of another one."""
        uses = [use for use in self.interpreter.uses if use.outputs]
        whole = [use for use in uses if not isinstance(use.module, LayerObject | FunctionalModel)]
        whole = [use for use in whole if not self._is_loss(use.module)]
        if not whole or not whole[-1].given:
            return False
        given = whole[-1].given[0]
        return given.key != given.root

    def _makes(self, kind: UserClass | None) -> bool:
        """Return whether no other class of the text, which is never made, contains this one."""
        made = {model.made_of.name for model in self.made if isinstance(model, Instance)}
        holders = (
            name
            for name, value in self.makers.items()
            if isinstance(value, UserClass) and kind is not None and value is not kind
            if kind.name in self._contained(name)
        )
        return all(name in made for name in holders)

    def _parts_of(self, models: Iterable[Module]) -> tuple[set[int], set[UserClass]]:
        """Return the ids of the parts of models, and the classes of these parts."""
        parts = [part for model in models for part in self._parts(model)]
        own = {model.made_of for model in models if isinstance(model, Instance)}
        kinds = {part.made_of for part in parts if isinstance(part, Instance)}
        # A block that contains blocks of its class may still be the whole model.
        recursive = {kind for kind in kinds & own if kind.name in self.inside.get(kind.name, ())}
        return {id(part) for part in parts}, kinds - recursive

    def _parts(self, model: Value) -> Iterator[Value]:
        """Yield the modules in a model, at any depth, without itself."""
        seen: set[int] = set()
        open_values = list(self._held(model))
        while open_values:
            value = open_values.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, list | tuple | dict):
                open_values += value.values() if isinstance(value, dict) else value
            elif is_module(value) or isinstance(value, Chain | Instance):
                if value is not model:
                    yield value
                open_values += self._held(value)

    def _held(self, model: Value) -> Iterable[Value]:
        if isinstance(model, Chain):
            return list(model.modules)
        if isinstance(model, Instance):
            return [*model.names.values(), model.chain]
        if not isinstance(model, FunctionalModel):
            return []
        starts = {source.key for source in model.sources}
        ends = [output.key for output in model.outputs]
        steps = {*self.interpreter.graph.between(starts, ends), *ends}
        uses = self.interpreter.uses
        used = [use.module for use in uses if any(each.key in steps for each in use.outputs)]
        # `keras.Model(m.input, …)` holds the layers of m, which are not applied again.
        chains = [each for each in self.interpreter.made if isinstance(each, Chain)]
        return [*used, *(m for m in chains if m.ends and m.ends.sources[0].key in starts)]

    # --- what the text could make ----------------------------------------------------------------

    def _mentioned(self, value: Value) -> set[str]:
        node = value.node if isinstance(value, Function | UserClass) else None
        names = (
            {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} if node else set()
        )
        return names & set(self.interpreter.module_scope.names)

    def _contained(self, name: str) -> set[str]:
        """Return the names that a class or function mentions, also by way of others."""
        found: set[str] = set()
        open_names = list(self.inside.get(name, ()))
        while open_names:
            each = open_names.pop()
            if each not in found and each != name:
                found.add(each)
                open_names += self.inside.get(each, ())
        return found

    def _from_makers(self) -> Chosen | None:
        """Return what the last class or function makes; a class that another one uses is a part."""
        classes = [name for name, value in self.makers.items() if isinstance(value, UserClass)]
        others = classes if len(self.makers) > 1 else []
        parts = set().union(*(self._contained(name) for name in others))
        whole = [name for name in self.makers if name not in parts]
        without_layers: Chosen | None = None
        # The last one first: helpers are defined before what uses them.
        for name in [*reversed(whole), *reversed(classes)][:MOST_TRIED]:
            chosen = self._made_by(name)
            if chosen is None:
                continue
            if chosen.model is None or self._has_layers(chosen.model):
                return chosen
            # A dataset or a configuration, which counts only where there is nothing else.
            without_layers = without_layers or chosen
        return without_layers

    def _made_by(self, name: str) -> Chosen | None:
        interpreter, before = self.interpreter, len(self.interpreter.uses)
        made_before = len(interpreter.made)
        maker = self.makers[name]
        made = interpreter.bounded(partial(interpreter.call, maker, [], {}, _line(maker)))
        used = [use for use in interpreter.uses[before:] if not isinstance(use.module, LayerObject)]
        if used and not is_module(made):
            parts = self._parts_of(interpreter.made[made_before:])
            whole = [use.module for use in used if not _is_part(use.module, *parts)]
            return self._about((whole or [use.module for use in used])[-1])
        if is_module(made) and not isinstance(made, LayerObject):
            return self._about(made, name)
        return None

    def _bare(self) -> Chosen | None:
        """Return layers that stand alone, one after the other; or the only layer with a name."""
        named = list(self.interpreter.module_scope.names.values())
        alone = [value for value in named if isinstance(value, LayerObject)]
        layers = self.interpreter.bare or (alone if len(alone) == 1 else [])
        return chain_of(layers) if layers else None

    def _has_layers(self, model: Module) -> bool:
        held = [model, *self._parts(model)]
        return any(isinstance(part, LayerObject | FunctionalModel) for part in held)

    # --- the answer ------------------------------------------------------------------------------

    def _named(self, name: str) -> Module:
        value = self.interpreter.module_scope.names.get(name)
        if name.startswith(LINE):
            made = (model for model in self.made if f"{LINE}{model.line}" == name)
            value = next(made, None)
        if isinstance(value, Function | UserClass):
            interpreter = self.interpreter
            value = interpreter.bounded(partial(interpreter.call, value, [], {}, _line(value)))
            if value is None and interpreter.stopped_at is not None:
                why = phrase("reading.model.makes_none", name=repr(name))
                line = str(interpreter.stopped_at)
                raise NoModel(phrase("reading.model.stopped", why=why, line=line))
        if isinstance(value, LayerObject) or not is_module(value):
            models = self._all_names()
            if name in models:
                raise NoModel(phrase("reading.model.makes_none", name=repr(name)))
            if not models:
                raise NoModel(phrase("reading.model.not_this_nor_another", name=repr(name)))
            known = ", ".join(sorted(models))
            raise NoModel(phrase("reading.model.not_this", name=repr(name), models=known))
        return value

    def _all_names(self) -> list[str]:
        """Return how each model, class and function of the text is chosen, in order."""
        held = {id(part) for model in self.made for part in self._parts(model)}
        lines = [
            (model.line, f"{LINE}{model.line}")
            for model in self.made
            if id(model) not in self.names and id(model) not in held
            if not isinstance(model, Instance) or model.made_of.name not in self.makers
        ]
        named = [
            (getattr(value, "line", 0), name)
            for name, value in self.interpreter.module_scope.names.items()
            if _may_make(self.makers.get(name))
            or (is_module(value) and not isinstance(value, LayerObject))
        ]
        return list(dict.fromkeys(name for _, name in sorted([*lines, *named])))

    def _name_of(self, model: Module) -> str | None:
        name = self.names.get(id(model))
        if name is None and isinstance(model, Instance):
            return model.made_of.name
        if name is None and any(model is each for each in self.made):
            return f"{LINE}{model.line}"
        return name

    def _about(self, model: Module, name: str | None = None) -> Chosen:
        """Return a model with its inputs as stated in the text; the last statement counts."""
        name = name or self._name_of(model)
        kind = model.made_of.name if isinstance(model, Instance) else None
        others = tuple(each for each in self._all_names() if each not in (name, kind))
        if isinstance(model, FunctionalModel):
            shapes = tuple(source.shape for source in model.sources)
            made = {tensor.key for tensor in self.interpreter.made_before(model)}
            failed = tuple(key for key in self.interpreter.graph.failed if key in made)
            return Chosen(model, shapes, model.sources, model.outputs, name, others, failed)
        for use in reversed(self.interpreter.uses):
            if use.module is not model:
                continue
            if use.shape is not None:
                return Chosen(model, (use.shape,), name=name, others=others)
            shapes = tuple(each.shape for each in use.given)
            if shapes and None not in shapes:
                if any(each.key != each.root for each in use.given):
                    return Chosen(model, shapes, name=name, others=others)
                ends = (use.outputs, name, others, use.failed)
                return Chosen(model, shapes, use.given, *ends)
        shape = chain_shape(model) or self._shape_of_first(model)
        return Chosen(model, (shape,), name=name, others=others)

    def _shape_of_first(self, model: Module) -> Shape | None:
        """Return the shape of data on which the text runs the first layer of a chain."""
        first: Value = model
        while isinstance(first, Chain) and first.modules:
            first = first.modules[0]
            for use in self.interpreter.uses:
                if use.module is first and use.given and use.given[0].key == use.given[0].root:
                    return use.given[0].shape
        return None

    def _script_ends(self) -> dict[str, SymbolicTensor]:
        """Return the last tensors of layers that are applied without a model, by their lines."""
        graph = self.interpreter.graph
        read = [graph.tensors[key] for key in graph.nodes]
        read = [tensor for tensor in read if not graph.is_unread(tensor)]
        used = {key for node in graph.nodes.values() for key in node.inputs}
        ends = [tensor for tensor in read if tensor.key not in used] or read[-1:]
        lines = {f"{LINE}{graph.nodes[end.key].line}": end for end in ends}
        models = {each.key for use in self.interpreter.uses for each in use.outputs}
        lines = {line: end for line, end in lines.items() if end.key in models or len(lines) > 1}
        return lines or dict(zip([""], ends[-1:], strict=False))

    def _script(self, end: SymbolicTensor | None = None) -> Chosen | None:
        """Layers applied one after the other, without a model around them."""
        ends = self._script_ends()
        if not ends:
            return None
        output = list(ends.values())[-1] if end is None else end
        start = self.interpreter.graph.tensors[output.root]
        others = tuple(line for line, each in ends.items() if each is not output)
        others = tuple(dict.fromkeys([*others, *self._all_names()]))
        return Chosen(None, (start.shape,), (start,), (output,), None, others)


def _is_in(module: Module, models: Iterable[Module]) -> bool:
    return any(module is model for model in models)


def _may_make(maker: Value) -> bool:
    """Return whether a class or function may return a model."""
    if not isinstance(maker, Function) or isinstance(maker.node, ast.Lambda):
        return maker is not None
    returns = [each for each in ast.walk(maker.node) if isinstance(each, ast.Return)]
    return any(not isinstance(each.value, ast.Constant | None) for each in returns)


def _is_part(model: Module, parts: set[int], kinds: set[UserClass]) -> bool:
    return id(model) in parts or (isinstance(model, Instance) and model.made_of in kinds)


def _line(maker: Value) -> int:
    """Return the line of a class or function."""
    node = maker.node if isinstance(maker, Function | UserClass) else None
    return 1 if node is None else node.lineno
