"""The stack of the model in the traceback of an error, else what its message says.

Nothing runs again: the frames hold the model and the shape of its input, `read_model` follows it
without computing. What is returned holds neither tensors nor frames nor models.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, ModuleType, TracebackType
from typing import Any

from poolviz.diagnosis.network.stack import Stack
from poolviz.dialects.common.dialect import outermost_first
from poolviz.dialects.common.frames import Frames, ModelCall, first_sized
from poolviz.failures.names import Place, as_code, made_at, name_of, with_names
from poolviz.i18n.catalogue import say
from poolviz.reading.messages import Message, decode
from poolviz.reading.model.read_model import read_history, read_model

_ALL = tuple(each.frames for each in outermost_first())
_HOMES = frozenset(home for frames in _ALL for home in frames.homes)
MOST_CAUSES = 5
MOST_AXES = (3, 5)  # of an input without and with its batch; four axes are taken as a batch
MOST_SIGNS = 20_000  # of a message: no error about shapes is that long


@dataclass(frozen=True)
class FoundFailure:
    """What an error means: the stack of its model, or the reading of its message.

    Attributes
    ----------
    answer
        `Stack` or `Message`.
    layer
        The failing layer in the user's code (`model.features[6]`); "" where it is not known.
    made_at
        The line where that layer was made; None where it is not known.
    text
        The message of the error, where no model was read.
    """

    answer: Stack | Message
    layer: str = ""
    made_at: Place | None = None
    text: str = ""

    def sentence(self, place: str = "") -> str:
        """Say where the failing layer was made; "" where it is not known."""
        if self.made_at is None:
            return ""
        place = place or f"{self.made_at.file}:{self.made_at.line}"
        return say("traced.made_at", layer=self.layer, place=place)


@dataclass(frozen=True, eq=False)
class _Seen:
    frames: Frames
    call: ModelCall
    caller: FrameType | None


def find_failure(error: BaseException) -> FoundFailure | None:
    """Return what an error about shapes means; None for any other.

    >>> find_failure(ValueError("no framework was at work")) is None
    True
    """
    causes, wrong = 0, error
    while causes < MOST_CAUSES and isinstance(wrong, Exception):
        found = _of_one(wrong)
        if found is not None or wrong.__cause__ is None:
            return found
        causes, wrong = causes + 1, wrong.__cause__
    return None


def _of_one(error: Exception) -> FoundFailure | None:
    if isinstance(error, ExceptionGroup) or not _HOMES & sys.modules.keys():
        return None
    frames = list(_frames(error.__traceback__))
    is_ours = any(_home(frame) in _HOMES for frame in frames)
    is_builtin = type(error) in (RuntimeError, ValueError, TypeError)  # what C++ raises
    if not is_ours and not (is_builtin and type(error).__module__ == "builtins"):
        return None
    if not is_ours and not any(_uses_framework(frame) for frame in frames[-1:]):
        return None
    said = f"{type(error).__name__}: {error}"
    message = decode(said) if len(said) <= MOST_SIGNS else None
    seen = list(_calls(frames))
    for outer in seen:
        found = _stack(outer, seen, message)
        if found is not None:
            return found
    return None if message is None else FoundFailure(message, text=said)


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _home(frame: FrameType) -> str:
    return _module(frame).partition(".")[0]


def _uses_framework(frame: FrameType) -> bool:
    """Return whether code uses something of a framework, whose functions in C++ have no frames."""
    code = frame.f_code
    for name in (*code.co_names, *code.co_varnames, *code.co_freevars):
        value = frame.f_locals.get(name, frame.f_globals.get(name))
        home = value.__name__ if isinstance(value, ModuleType) else type(value).__module__
        if str(home).partition(".")[0] in _HOMES:
            return True
    return False


def _calls(frames: list[FrameType]) -> Iterator[_Seen]:
    """Yield the calls of models, the outermost first; the same call once."""
    caller: FrameType | None = None
    last: Any = None
    for frame in frames:
        module, function = _module(frame), frame.f_code.co_name
        for kind in _ALL:
            call = kind.call(module, function, frame.f_locals)
            if call is not None and call.model is not last:
                last = call.model
                yield _Seen(kind, call, caller)
            if call is not None:
                break
        if _home(frame) not in _HOMES:
            caller = frame


def _stack(outer: _Seen, seen: list[_Seen], message: Message | None) -> FoundFailure | None:
    """Return the stack of a call, if it fails where the error was raised."""
    inner, model = seen[-1], _unwrapped(outer.call.model)
    is_layer = inner.frames.is_layer(inner.call.model)
    path = inner.frames.path(inner.call.model, model) if is_layer else None
    for stack, batch in _read(outer.call):
        failure = stack.first_failure
        if failure is None or failure.is_silent:
            continue
        if is_layer:
            arrived = _sizes(first_sized([inner.call.value]))[batch:]
            names = (path or None, type(inner.call.model).__name__)  # small layers have no name
            if failure.name not in names or failure.input_shape != arrived:
                continue
        elif message is None:
            continue
        return _named(stack, path or failure.name or "", outer)
    return None


def _read(call: ModelCall) -> Iterator[tuple[Stack, int]]:
    """Yield the stack on the input without its batch, then on the whole of a small input.

    With each, the number of axes that the batch takes.
    """
    value = call.value
    if getattr(first_sized([value]), "_keras_history", None) is not None:
        with suppress(Exception):
            yield read_history(call.model, value), 1
        return
    sizes = _sizes(value)
    for batch in (1, 0):
        if batch < len(sizes) <= MOST_AXES[batch]:
            with suppress(Exception):  # a model that cannot be read, or the user's own code
                yield read_model(call.model, sizes[batch:]), batch


def _sizes(value: Any) -> tuple[int, ...]:
    return tuple(-1 if size is None else int(size) for size in getattr(value, "shape", ()))


def _unwrapped(model: Any) -> Any:
    inner = getattr(model, "module", None) or getattr(model, "_orig_mod", None)
    return inner if hasattr(inner, "named_modules") else model


def _named(stack: Stack, path: str, outer: _Seen) -> FoundFailure:
    wrapped = outer.call.model
    model = _unwrapped(wrapped)
    if not hasattr(model, "named_modules") or hasattr(model, "get_config"):
        return FoundFailure(stack, path)  # every layer of Keras has a name
    name = name_of(wrapped, outer.caller) or name_of(model, outer.caller)
    paths = frozenset(path for path, _ in model.named_modules() if path)
    spoken = name or "model"
    place = made_at(model, path, name, outer.caller)
    return FoundFailure(with_names(stack, spoken, paths), as_code(spoken, path), place)
