"""`read_code`: the model that a text makes, as a `Stack`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.validation import is_shape
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.diagnosis.network.source import InputShapeNeeded, NoModel, NotRead, Source
from poolviz.diagnosis.network.stack import Stack
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.network_between import network_between
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, tensors_in
from poolviz.reading.source.calls.assumptions import by_line
from poolviz.reading.source.choose_model import Chosen, choose
from poolviz.reading.source.contents import modules_of
from poolviz.reading.source.fragments import choose_in_fragment
from poolviz.reading.source.interpreter import statements
from poolviz.reading.source.interpreter.constructor_arguments import as_defaults, with_arguments
from poolviz.reading.source.interpreter.interpreter import Interpreter
from poolviz.reading.source.interpreter.running_models import MOST_STEPS
from poolviz.reading.source.neighbours import Neighbours
from poolviz.reading.source.pasted.clean_paste import parsed
from poolviz.reading.source.values import (
    ORDERS,
    Chain,
    FunctionalModel,
    Instance,
    LayerObject,
    Unknown,
    framework_of,
)

# The inputs of a model, its outputs, and the tensors at which it raises an error.
Run = tuple[Sequence[SymbolicTensor], Sequence[SymbolicTensor], Sequence[int]]


def read_code(
    text: str | Path,
    input_shape: Shape | Sequence[Shape] | None = None,
    name: str | None = None,
    framework: str | None = None,
    *,
    assume: Mapping[str, object] | None = None,
    **arguments: Any,
) -> Stack:
    """Return the network in the source of a PyTorch, Keras, Flax or MLX model. Nothing is run.

    Code that is not understood is listed with its line in `Stack.not_read`; where it is in the path
    of the data, the stack ends before it.

    Parameters
    ----------
    text
        Python source, also as it is pasted: with prompts, Markdown fences, magics, indentation. Or
        the `Path` of a file: what it imports from its own package or folder is read too, and has
        the line of the import.
    input_shape
        Without the batch, in the order of the data; a list of shapes for several inputs. None: as
        the text has it. Text and shape may be swapped, as in `read_model`.
    name
        Which model, by its variable, class or function, or ``"line 12"`` where it has none. None:
        the one that is part of no other one, used last, else made last. `source.model` names it,
        `source.candidates` the others.
    framework
        Whose rules apply, also with a version: ``"keras==3.14"``. None: the newest version of the
        framework of the text.
    assume
        What cannot be read: the shape of its output, without the batch, or ``"keeps its shape"``,
        by the line of the call: ``{"line 11": (512, 7, 7)}``.
    **arguments
        Arguments of the model's constructor, such as ``num_classes=10``, instead of those in the
        text. One that is named like a parameter of `read_code` cannot be given here.

    Raises
    ------
    NoModel
        There is no model in the text, or it is not valid Python.
    InputShapeNeeded
        The text does not state the input shape.
    TypeError, ValueError
        For something that is not a shape, for more shapes than the model has inputs, for a text of
        more than a million characters, for an argument that the constructor does not take, and for
        another `assume`.
    OSError
        For a file that cannot be read.

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
    poolviz.diagnosis.network.source.NoModel: the text contains no model that ...
    """
    if is_shape(text) and isinstance(input_shape, str | Path):
        text, input_shape = input_shape, text
    shapes = _shapes(input_shape)
    neighbours = Neighbours(text) if isinstance(text, Path) else None
    text = text.read_text("utf-8", errors="replace") if isinstance(text, Path) else text
    tree, code = parsed(text)
    interpreter = _interpreter(code, assume, neighbours)
    with _survived(interpreter):
        interpreter.read(tree.body)
    are_given = as_defaults(interpreter, name, arguments)
    with _survived(interpreter):
        chosen = choose(interpreter, name)
        if chosen is None:
            stopped, why = interpreter.stopped_at, _no_model(interpreter)
            # Anew: what the first attempt recorded would count as part of the fragment.
            interpreter = _interpreter(code, assume, neighbours)
            chosen = choose_in_fragment(interpreter, tree.body, name)
        if chosen is None:
            raise NoModel(_stopped(stopped, why))
    if not are_given:
        chosen = with_arguments(interpreter, chosen, arguments)
    _check_count(interpreter, chosen, shapes)
    with _survived(interpreter):
        stack = _stack(interpreter, chosen, shapes, text)
    return stack if framework is None else replace(stack, framework=framework)


def _interpreter(
    code: str, assume: Mapping[str, object] | None, neighbours: Neighbours | None
) -> Interpreter:
    interpreter = Interpreter(code)
    if neighbours is not None:
        interpreter.neighbours, interpreter.module_scope.package = neighbours, neighbours.package
        interpreter.more_steps = MOST_STEPS
    interpreter.assume = interpreter.graph.assume = by_line(assume)
    return interpreter


@contextmanager
def _survived(interpreter: Interpreter) -> Iterator[None]:
    """Turn a fault of the interpreter itself into the documented exception, with its line."""
    try:
        yield
    except (NoModel, InputShapeNeeded):
        raise
    except Exception as wrong:
        if not statements.SURVIVES_ITSELF:
            raise
        line = str(interpreter.line)
        raise NoModel(phrase("reading.model.not_understood", line=line)) from wrong


def _check_count(
    interpreter: Interpreter, chosen: Chosen, shapes: tuple[Shape, ...] | None
) -> None:
    """Raise ValueError for more shapes than the model has inputs."""
    is_script = chosen.model is None
    most = len(chosen.starts) if is_script else interpreter.most_inputs(chosen.model)
    if shapes is not None and len(shapes) > max(1, most):
        raise ValueError(f"input_shape has {len(shapes)} shapes, but the model takes {most}")


# --- the stack -----------------------------------------------------------------------------------


def _shapes(input_shape: object) -> tuple[Shape, ...] | None:
    """Check the shapes of the inputs: one shape, or a list of several."""
    if input_shape is None:
        return None
    several = isinstance(input_shape, list | tuple) and any(
        isinstance(entry, list | tuple) for entry in input_shape
    )
    given: Any = input_shape if several else [input_shape]
    return tuple(Stack((), each).input_shape for each in given)


def _stack(
    interpreter: Interpreter, chosen: Chosen, given: tuple[Shape, ...] | None, text: str
) -> Stack:
    """Return the chosen model as a stack, run again where the caller gives other input shapes."""
    graph, framework = interpreter.graph, _framework(chosen)
    failed = _failed_constructor(interpreter, chosen, text)
    if failed is not None:
        return failed
    shapes = chosen.shapes if given is None else (*given, *chosen.shapes[len(given) :])
    needed = InputShapeNeeded("read_code", framework, _order(interpreter, framework))
    if not shapes or shapes[0] is None:
        raise needed
    ran: Run = (chosen.starts, chosen.outputs, chosen.failed)
    if not ran[1] or given is not None:
        ran = _traced(interpreter, chosen, shapes, framework)
    starts, outputs, raised = ran
    if not outputs:
        why = phrase("reading.model.no_layer_takes_the_input")
        raise NoModel(_stopped(interpreter.stopped_at, why))
    source = _source(graph, starts, outputs)
    found = network_between(graph, source, outputs, raised)
    not_read = (*found.not_read, *_touched(interpreter, chosen))
    config = graph.config(source if source.framework else replace(source, framework=framework))
    if source.shape is None:
        raise needed
    if not found.layers and not found.not_read:
        raise NoModel(phrase("reading.model.no_layer"))
    return Stack(
        found.layers,
        source.shape,
        ORDERS[config.channels_last],
        config.framework,
        Source(
            text,
            found.lines,
            not_read,
            found.is_whole,
            chosen.name,
            chosen.others,
            is_for_one_size=found.is_for_one_size,
        ),
    )


def _failed_constructor(interpreter: Interpreter, chosen: Chosen, text: str) -> Stack | None:
    """Return the layers that a constructor runs, where one of them raises: there is no model."""
    graph = interpreter.graph
    parts = (each for _, each in modules_of(chosen.model) if isinstance(each, Instance))
    key = next((each.fails_at for each in parts if each.fails_at is not None), None)
    if key is None:
        return None
    data = graph.tensors[graph.tensors[key].root]
    source = graph.source(data.framework, data.shape)  # not a constant, as it is for the model
    found = network_between(graph, source, graph.replayed([data], [graph.tensors[key]], [source]))
    config, line = graph.config(source), graph.nodes[key].line
    if source.shape is None or not found.is_whole:
        return None
    why = graph.not_read(line, phrase("reading.unread.constructor_runs", shape=str(source.shape)))
    read = Source(text, found.lines, (*found.not_read, why), False, chosen.name, chosen.others)
    order = ORDERS[config.channels_last]
    stack = Stack(found.layers, source.shape, order, config.framework, read)
    is_certain = stack.first_failure is not None and not stack.first_failure.is_silent
    return stack if is_certain else None


def _touched(interpreter: Interpreter, chosen: Chosen) -> Iterator[NotRead]:
    """Yield what may change the model, or a part of it, and is not known."""
    parts = {id(module) for _, module in modules_of(chosen.model)}
    for module, what in interpreter.touched:
        if id(module) in parts:
            yield replace(what, keeps_unchecked=True)


def _source(
    graph: GraphBuilder, starts: Sequence[SymbolicTensor], outputs: Sequence[SymbolicTensor]
) -> SymbolicTensor:
    """Return the first input, if an output needs it; an embedding begins anew after its input."""
    needed = graph.between(set(), [output.key for output in outputs])
    is_used = bool(starts) and starts[0].key in needed
    return starts[0] if is_used else graph.tensors[outputs[0].root]


def _traced(
    interpreter: Interpreter,
    chosen: Chosen,
    shapes: Sequence[Shape | None],
    framework: str | None,
) -> Run:
    """Return inputs of these shapes, the outputs of the model for them, and where it raises."""
    graph, model, starts = interpreter.graph, chosen.model, chosen.starts
    sources, failed = [], len(graph.failed)
    graph.is_for_one_size = False
    for place, shape in enumerate(shapes):
        own = starts[place].framework if place < len(starts) else framework
        name = graph.names.get(starts[place].key) if place < len(starts) else None
        sources.append(graph.source(own, shape, name=name))
    if model is None or isinstance(model, FunctionalModel):
        more = [] if model is None else interpreter.made_before(model)
        outputs = graph.replayed(starts, [*chosen.outputs, *more], sources)
        return sources, outputs[: len(chosen.outputs)], graph.failed[failed:]
    made = interpreter.bounded(partial(interpreter.run_model, model, sources))
    return sources, tensors_in([made]), graph.failed[failed:]


def _framework(chosen: Chosen) -> str | None:
    model = chosen.model
    if isinstance(model, Instance):
        return model.made_of.framework
    if isinstance(model, Chain):
        return model.framework
    if isinstance(model, LayerObject):
        return framework_of(model.library)
    return chosen.outputs[0].framework if chosen.outputs else None


def _order(interpreter: Interpreter, framework: str | None) -> str | None:
    if framework is None:
        return None
    orders = FRAMEWORKS[framework].data_formats
    return orders[0] if len(orders) == 1 else ORDERS[interpreter.channels_last_by_default]


def _no_model(interpreter: Interpreter) -> Words:
    """Return why there is no model; a function of a library that may make one is named."""
    values = interpreter.module_scope.names.values()
    names = [value.library for value in values if isinstance(value, Unknown) and value.library]
    if not names:
        return phrase("reading.model.none")
    return phrase("reading.model.unknown_library", name=names[-1])


def _stopped(line: int | None, why: Words) -> Words:
    """Return the reason with the line where reading stopped."""
    return why if line is None else phrase("reading.model.stopped", why=why, line=str(line))
