"""`read_code`: the model that a text makes, as a `Stack`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.diagnosis.network.source import InputShapeNeeded, NoModel, Source
from poolviz.diagnosis.network.stack import Stack
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, tensors_in
from poolviz.reading.source.clean_paste import parsed
from poolviz.reading.source.default_imports import likely_framework
from poolviz.reading.source.interpreter import Interpreter
from poolviz.reading.source.keras_calls import first_shape
from poolviz.reading.source.values import (
    ORDERS,
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


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The chosen model, and its input as stated in the text."""

    model: Module | None
    shape: tuple[int, ...] | None = None
    output: SymbolicTensor | None = None


def read_code(
    text: str,
    input_shape: tuple[int, ...] | None = None,
    name: str | None = None,
    framework: str | None = None,
) -> Stack:
    """Return the network in the source of a PyTorch, Keras, Flax or MLX model. Nothing is run.

    Code that is not understood is listed with its line in `Stack.not_read`; where it is in the path
    of the data, the stack ends before it.

    Parameters
    ----------
    text
        Python source, also as it is pasted: with prompts, Markdown fences, magics, indentation.
    input_shape
        Without the batch, in the order of the data. None: as the text has it.
    name
        Which model, by its variable or class. None: the one that is used last, else made last.
    framework
        Whose rules hold, also with a version: ``"keras==3.14"``. None: the newest version of the
        framework of the text.

    Raises
    ------
    NoModel
        There is no model in the text, or it is not valid Python.
    InputShapeNeeded
        The text does not state the input shape.

    Examples
    --------
    >>> stack = read_code("model = nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2))", (1, 28, 28))
    >>> stack.output_shape, stack.framework
    ((8, 12, 12), 'pytorch')
    >>> code = "keras.Sequential([keras.Input((28, 28, 1)), *[layers.MaxPooling2D(2)] * 5])"
    >>> read_code(code).output_shape, read_code(code, framework="keras==3.14").output_shape
    (None, (0, 0, 1))
    >>> read_code("print(1)")
    Traceback (most recent call last):
    poolviz.diagnosis.network.source.NoModel: the text makes no model that poolviz knows ...
    """
    tree, code = parsed(text)
    interpreter = Interpreter(code.split("\n"), likely_framework(code))
    interpreter.read(tree.body)
    chosen = _named(interpreter, name) if name is not None else _choose(interpreter)
    if chosen is None:
        raise NoModel(_stopped(interpreter, phrase("reading.model.none")))
    given = None if input_shape is None else Stack((), input_shape).input_shape
    stack = _stack(interpreter, chosen, given, text)
    return stack if framework is None else replace(stack, framework=framework)


# --- which model ---------------------------------------------------------------------------------


def _choose(interpreter: Interpreter) -> _Chosen | None:
    """Return the model used last; else made last; else what the last function or class makes."""
    for look in (_used, _made, _script):
        found = look(interpreter)
        if found is not None:
            return found
    for value in reversed(list(interpreter.module_scope.names.values())):
        if isinstance(value, Function) or (isinstance(value, UserClass) and value.framework):
            before = len(interpreter.uses)
            made = interpreter.bounded(partial(interpreter.call, value, [], {}, 1))
            if len(interpreter.uses) > before and _used(interpreter) is not None:
                return _used(interpreter)
            if isinstance(made, Instance | Chain | FunctionalModel) and is_module(made):
                return _about(interpreter, made)
    return None


def _used(interpreter: Interpreter) -> _Chosen | None:
    """Return a whole model; a layer by itself only counts in a script."""
    models = [use.module for use in interpreter.uses if not isinstance(use.module, LayerObject)]
    if not models or _is_script(interpreter):
        return None
    return _about(interpreter, models[-1])


def _is_script(interpreter: Interpreter) -> bool:
    """Return whether the last model is applied to the output of another one."""
    uses = [use for use in interpreter.uses if use.output is not None]
    whole = [use for use in uses if not isinstance(use.module, LayerObject | FunctionalModel)]
    if not whole or whole[-1].given is None:
        return False
    return whole[-1].given.key != whole[-1].given.root


def _made(interpreter: Interpreter) -> _Chosen | None:
    models = [made for made in interpreter.made if not isinstance(made, Chain) or made.modules]
    if not models or _is_script(interpreter):
        return None
    inner = {id(part) for model in models for part in _parts(model)}
    whole = [model for model in models if id(model) not in inner]
    return _about(interpreter, (whole or models)[-1])


def _parts(model: Module) -> list[Value]:
    if isinstance(model, Chain):
        return model.modules
    return [*model.names.values(), model.chain] if isinstance(model, Instance) else []


def _script(interpreter: Interpreter) -> _Chosen | None:
    """Layers applied one after the other, without a model around them."""
    graph = interpreter.graph
    read = [graph.tensors[key] for key in graph.nodes]
    read = [tensor for tensor in read if not graph.is_unread(tensor)]
    if not read:
        return None
    output = read[-1]
    return _Chosen(None, graph.tensors[output.root].shape, output)


def _named(interpreter: Interpreter, name: str) -> _Chosen | None:
    value = interpreter.module_scope.names.get(name)
    if isinstance(value, Function | UserClass):
        value = interpreter.bounded(partial(interpreter.call, value, [], {}, 1))
    if isinstance(value, LayerObject) or not is_module(value):
        models = sorted(
            key
            for key, each in interpreter.module_scope.names.items()
            if isinstance(each, UserClass | Function) or is_module(each)
        )
        if not models:
            raise NoModel(phrase("reading.model.not_this_nor_another", name=repr(name)))
        known = ", ".join(models)
        raise NoModel(phrase("reading.model.not_this", name=repr(name), models=known))
    return _about(interpreter, value)


def _about(interpreter: Interpreter, model: Module) -> _Chosen:
    """Return a model with its input as stated in the text; the last statement counts."""
    if isinstance(model, FunctionalModel):
        return _Chosen(model, model.source.shape, model.output)
    for use in reversed(interpreter.uses):
        if use.module is not model:
            continue
        if use.shape is not None:
            return _Chosen(model, use.shape)
        if use.given is not None and use.given.shape is not None:
            is_source = use.given.key == use.given.root
            return _Chosen(model, use.given.shape, use.output if is_source else None)
    return _Chosen(model, _own_shape(model))


def _own_shape(model: Module) -> tuple[int, ...] | None:
    """Input shape of a `Sequential` of Keras: of its `Input`, or its first layer."""
    if not isinstance(model, Chain):
        return None
    if model.source is not None:
        return model.source.shape
    first = model.modules[0] if model.modules else None
    if isinstance(first, Chain):
        return _own_shape(first)
    if isinstance(first, FunctionalModel):
        return first.source.shape
    return first_shape(first.settings) if isinstance(first, LayerObject) else None


# --- the stack -----------------------------------------------------------------------------------


def _stack(
    interpreter: Interpreter, chosen: _Chosen, given: tuple[int, ...] | None, text: str
) -> Stack:
    graph = interpreter.graph
    framework = _framework(chosen)
    shape = chosen.shape if given is None else given
    if shape is None:
        raise InputShapeNeeded("read_code", framework, _order(interpreter, framework))
    output = chosen.output
    if output is None or output.root not in graph.tensors or given is not None:
        output = _traced(interpreter, chosen, shape, framework)
    if output is None:
        raise NoModel(_stopped(interpreter, phrase("reading.model.no_layer_takes_the_input")))
    source = graph.tensors[output.root]
    found = graph.found(source, output)
    config = graph.config(source if source.framework else replace(source, framework=framework))
    if source.shape is None:
        raise InputShapeNeeded("read_code", framework, _order(interpreter, framework))
    if not found.layers and not found.not_read:
        raise NoModel(phrase("reading.model.no_layer"))
    return Stack(
        found.layers,
        source.shape,
        ORDERS[config.channels_last],
        config.framework,
        Source(text, found.lines, found.not_read),
    )


def _traced(
    interpreter: Interpreter, chosen: _Chosen, shape: tuple[int, ...], framework: str | None
) -> SymbolicTensor | None:
    """Return the output of the model for an input of this shape."""
    graph = interpreter.graph
    source = graph.source(framework, shape)
    model = chosen.model
    if model is None or isinstance(model, FunctionalModel):
        end = chosen.output
        if end is None:
            return None
        start = graph.tensors[end.root]
        graph.tensors[source.key] = replace(source, framework=start.framework)
        return graph.replayed(start, end, graph.tensors[source.key])
    made = interpreter.bounded(partial(interpreter.apply, model, [source], {}, model.line))
    found = tensors_in([made])
    return found[0] if found else None


def _framework(chosen: _Chosen) -> str | None:
    model = chosen.model
    if isinstance(model, Instance):
        return model.made_of.framework
    if isinstance(model, Chain):
        return model.framework
    if isinstance(model, LayerObject):
        return framework_of(model.library)
    return None if chosen.output is None else chosen.output.framework


def _order(interpreter: Interpreter, framework: str | None) -> str | None:
    if framework is None:
        return None
    orders = FRAMEWORKS[framework].data_formats
    return orders[0] if len(orders) == 1 else ORDERS[interpreter.channels_last_by_default]


def _stopped(interpreter: Interpreter, why: Words) -> Words:
    """Return the reason with the line where reading stopped."""
    line = interpreter.stopped_at
    return why if line is None else phrase("reading.model.stopped", why=why, line=str(line))
