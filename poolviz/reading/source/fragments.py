"""Pieces of a model: a line of `forward` or of `__init__`, without what surrounds it."""

from __future__ import annotations

import ast

from poolviz.diagnosis.network.source import NoModel
from poolviz.i18n.phrase import Phrase, phrase
from poolviz.reading.source.choose_model import Chosen, chain_of, choose
from poolviz.reading.source.interpreter.interpreter import Interpreter
from poolviz.reading.source.values import (
    RUNS,
    Chain,
    Function,
    Instance,
    LayerObject,
    UserClass,
)

_DATA = ("x", "inputs", "input", "images", "image", "img", "input_tensor", "data", "out")


def choose_in_fragment(
    interpreter: Interpreter, body: list[ast.stmt], name: str | None
) -> Chosen | None:
    """Return the model of a text in which `self`, `model` or the data are not defined.

    They stand for a model with the methods and attributes of the text, a `Sequential`, an input.
    Raises NoModel where the text has layers, but not the order in which they run.
    """
    framework = interpreter.likely_framework
    if framework is None:
        return None
    own = Instance(UserClass("self", 1, [], assumed=framework), 1)
    scope = interpreter.module_scope.names
    scope["self"] = own
    scope["model"] = chain = Chain("Sequential", 1, framework=framework)
    for word in _DATA:
        scope[word] = interpreter.graph.source(framework, None)
    given = dict(scope)
    interpreter.read(body)
    for word, value in given.items():
        if scope.get(word) is value:
            del scope[word]
    functions = {key: value for key, value in scope.items() if isinstance(value, Function)}
    if any(word in RUNS for word in functions):
        return _with_methods(interpreter, own, functions)
    if chain.modules:
        interpreter.made.append(chain)
    chosen = choose(interpreter, name)
    if chosen is not None:
        return chosen
    held = [*own.names.values(), *scope.values()]
    layers = [each for each in held if isinstance(each, LayerObject)]
    if len(layers) == 1:
        return chain_of(layers)
    if layers:
        raise NoModel(phrase("reading.model.no_order"))
    unread = interpreter.graph.first_unread
    if unread is not None:
        raise NoModel(Phrase(str, (unread,)))
    return None


def _with_methods(
    interpreter: Interpreter, own: Instance, functions: dict[str, Function]
) -> Chosen | None:
    """Return the model whose methods are in the text without their class."""
    for word, function in functions.items():
        function.owner = own.made_of
        own.made_of.names[word] = function
    start = functions.get("__init__")
    if start is not None:
        interpreter.bounded(lambda: interpreter.call_function(start, [own], {}))
    interpreter.made.append(own)
    return Chosen(own, (None,))
