"""Calls of a framework that does not run: the one that failed raises the recorded error.

The recorded steps are made again as frames of Python: the functions of the framework with the
layers of this model and tensors of the recorded shapes, and the lines of the program between them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

from tools.record.messages.failures import Program


class Tensor:
    """A tensor of which the shape is there; what is computed with it has the same one."""

    def __init__(self, *shape: Any) -> None:
        self.shape = tuple(shape)

    def __getitem__(self, place: Any) -> Tensor:
        return Tensor(*self.shape[1:])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **settings: self


class KerasTensor(Tensor):
    """A symbolic tensor: what made it is in its history."""

    def __init__(self, shape: Any, name: str = "", history: Any = (None, 0, 0)) -> None:
        super().__init__(*shape)
        self.name, self._keras_history = name, history


class Event:
    """What happens in the framework: at the line that failed the record is played."""

    def __init__(self, program: Program, run: dict[str, Any]) -> None:
        self.program, self.run = program, run

    def __call__(self, root: Any, find: Callable[[str], Any]) -> None:
        """Raise the recorded error, if the program is at its line; `find` returns its layers."""
        frame: Any = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.program.file:
            frame = frame.f_back
        if frame is not None and frame.f_lineno == self.run["line"]:
            self.play(self.run["steps"], find)

    def play(self, steps: list[dict[str, Any]], find: Callable[[str], Any]) -> None:
        """Make the frames of the steps, one inside the other, and raise the error."""
        if not steps:
            home, name, text = self.run["error"]
            known = {"ValueError": ValueError, "TypeError": TypeError, "RuntimeError": RuntimeError}
            raise known[name](text) if home == "builtins" else _error(home, name, text)
        step, inner = steps[0], partial(self.play, steps[1:], find)
        layer = None if step.get("layer") is None else find(step["layer"])
        if "line" in step:
            made = _stub(step["function"], "self", self.program.file, step["line"])
            made(self=layer, inner=inner)
            return
        home, name = step["in"]
        given = [self.given(layer, shape, step) for shape in step.get("given", ())]
        made = _stub(name, "self, args, kwargs, fn", f"{home}.py", 2, home)
        given = [given] if step.get("is_list") else given
        is_outside = step.get("runs")  # a function around a method of the layer
        args = (layer, *given) if is_outside else tuple(given)
        made(self=layer, args=args, kwargs={}, fn=SimpleNamespace(__name__=is_outside), inner=inner)

    @staticmethod
    def given(layer: Any, shape: list[int], step: dict[str, Any]) -> Any:
        """Return a tensor of the recorded shape; a symbolic one with the history of this model."""
        sizes = [None if size == -1 else size for size in shape]
        waiting = getattr(layer, "_given", [])
        if step.get("is_symbolic") and waiting:
            found = waiting.pop(0)
            found.shape = tuple(sizes)
            return found
        return Tensor(*sizes)


def _error(home: str, name: str, text: str) -> Exception:
    made: Exception = type(name, (Exception,), {"__module__": home})(text)
    return made


def _stub(name: str, words: str, file: str, line: int, home: str = "program") -> Any:
    """A function of this name whose frame is at a line of a file."""
    start = "\n" * max(0, line - 2)
    text = f"{start}def {name}({words}, inner):\n    inner()\n"
    scope: dict[str, Any] = {"__name__": home}
    exec(compile(text, file, "exec"), scope)
    return scope[name]


def signature(words: tuple[str, ...] | None) -> dict[str, Any]:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    found = [inspect.Parameter(word, kind) for word in words or ()]
    return {"__signature__": inspect.Signature(found)} if found else {}


def module_of(name: str, find: Callable[[str], Any]) -> ModuleType:
    def found(word: str) -> Any:
        if word.startswith("__"):
            raise AttributeError(word)
        return find(word)

    made = ModuleType(name)
    made.__getattr__ = found  # type: ignore[method-assign]
    return made
