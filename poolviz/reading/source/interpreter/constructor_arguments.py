"""Arguments of the model's constructor that `read_code` is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from poolviz.diagnosis.network.source import NoModel
from poolviz.i18n.keywords import meant
from poolviz.i18n.phrase import phrase
from poolviz.reading.source.choose_model import Chosen
from poolviz.reading.source.interpreter.interpreter import Interpreter
from poolviz.reading.source.values import Function, Instance, Named, UserClass, Value, is_module


def as_defaults(interpreter: Interpreter, name: str | None, arguments: Named) -> bool:
    """Make arguments the defaults of the class or function of this name, before it is called.

    Returns False where it is none, or takes them by `**`. Raises TypeError as `with_arguments`.
    """
    maker: Value = interpreter.module_scope.names.get(name or "")
    start = maker.find("__init__") if isinstance(maker, UserClass) else maker
    if not arguments or not isinstance(start, Function):
        return False
    _check(start, name or start.name, arguments)
    if set(arguments) - set(_names(start)):
        return False
    start.defaults |= arguments
    return True


def with_arguments(interpreter: Interpreter, chosen: Chosen, arguments: Named) -> Chosen:
    """Make the chosen model again, with other arguments; the rest stay those of the text.

    Raises TypeError for an argument that its constructor does not take.
    """
    if not arguments:
        return chosen
    names = interpreter.module_scope.names
    maker: Value = names.get(chosen.name or "")
    model = chosen.model
    args, named = [], dict(arguments)
    if isinstance(model, Instance) and not isinstance(maker, Function):
        maker, args, named = model.made_of, list(model.args), model.named | arguments
    start = maker.find("__init__") if isinstance(maker, UserClass) else maker
    if not isinstance(start, Function):
        named_as, got = chosen.name or "the model", ", ".join(arguments)
        raise TypeError(f"{named_as} takes no arguments, got {got}{_own(arguments)}")
    _check(start, chosen.name or start.name, arguments)
    own = 1 if isinstance(maker, UserClass) else 0
    for place, arg in enumerate([*start.node.args.posonlyargs, *start.node.args.args][own:]):
        if arg.arg in arguments and place < len(args):
            args[place] = named.pop(arg.arg)
    made = interpreter.bounded(partial(interpreter.call, maker, args, named, start.node.lineno))
    if not is_module(made):
        raise NoModel(phrase("reading.model.makes_none", name=repr(chosen.name)))
    return replace(chosen, model=made, starts=(), outputs=())


def _own(words: Iterable[str]) -> str:
    """Return the parameter of `read_code` that the first word may stand for."""
    return meant(next(iter(words)), ("input_shape", "name", "framework", "assume"))


def _names(start: Function) -> list[str]:
    spec = start.node.args
    return [arg.arg for arg in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]


def _check(start: Function, name: str, arguments: Named) -> None:
    known = _names(start)
    wrong = [word for word in arguments if word not in known]
    if wrong and start.node.args.kwarg is None:
        listed = ", ".join(word for word in known if word != "self") or "none"
        raise TypeError(
            f"{name} has no argument {wrong[0]!r}; its arguments are: {listed}{_own(wrong)}"
        )
