"""The stack of the model in the traceback of an error, else what its message says.

Nothing runs again: the frames hold the model and the shape of its input, `read_model` follows it
without computing. What is returned holds neither tensors nor frames nor models.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from traceback import format_tb
from types import FrameType, ModuleType, TracebackType
from typing import Any

from poolviz.diagnosis.network.stack import FirstFailure, Stack
from poolviz.dialects.common.dialect import outermost_first
from poolviz.dialects.common.frames import Frames, ModelCall, Part, Step, sizes_of
from poolviz.dialects.common.source_lines import is_same, statement_at, text_of, tree_of
from poolviz.failures.built_for import built_for
from poolviz.failures.found import FoundFailure, helps_of
from poolviz.failures.made_at import made_at
from poolviz.failures.names import as_code, name_of, with_names
from poolviz.failures.stand_in import StandInError
from poolviz.reading.messages import decode
from poolviz.reading.model.read_model import read_history, read_model

_ALL = tuple(each.frames for each in outermost_first())
_HOMES = frozenset(home for frames in _ALL for home in frames.homes)
MOST_CAUSES = 5  # errors of a chain (`raise … from …`) that are looked at
MOST_HIDDEN = 20  # errors behind one: each layer around the failing one adds a sentence
MOST_FRAMES = 2_000  # of a traceback; Python's usual limit is 1,000
MOST_AXES = (3, 5)  # of an input without and with its batch; four axes are taken as a batch
MOST_SIGNS = 20_000  # of a message: no error about shapes is that long
MOST_DIGITS = 12  # of a size
# Never about shapes, and frequent while somebody works: no model is read for them.
_NEVER = (
    *(ArithmeticError, AttributeError, ImportError, KeyError, MemoryError, NameError),
    *(NotImplementedError, OSError, StopIteration, ExceptionGroup),
)
_INITIALIZERS = ("nn/initializers.py", "nn\\initializers.py")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, eq=False)
class _Seen:
    frames: Frames
    call: ModelCall
    step: Step

    @property
    def parts(self) -> list[Part]:
        return list(self.frames.parts(self.call.model))

    @property
    def is_layer(self) -> bool:
        return self.frames.is_layer(self.call.model)


def find_failure(error: BaseException) -> FoundFailure | None:
    """Return what an error about shapes means; None for any other.

    >>> find_failure(ValueError("no framework was at work")) is None
    True
    """
    if isinstance(error, StandInError):
        return FoundFailure(error.stack)
    causes, wrong = 0, error
    while causes < MOST_CAUSES and isinstance(wrong, Exception) and _HOMES & sys.modules.keys():
        is_other = isinstance(wrong, _NEVER) and not _is_of_weights(wrong)
        found = None if is_other else _of_one(wrong)
        if found is not None or wrong.__cause__ is None:
            return found
        causes, wrong = causes + 1, wrong.__cause__
    return None


def _is_of_weights(error: BaseException) -> bool:
    """Return whether JAX divided by zero for the weights of a layer without input (0.10.2)."""
    if not isinstance(error, ZeroDivisionError):
        return False
    last = deque(_tracebacks(error), maxlen=1)
    return bool(last) and last[0].tb_frame.f_code.co_filename.endswith(_INITIALIZERS)


def _of_one(error: Exception) -> FoundFailure | None:
    """Return what one error of a chain means: its model if that fails, else its message."""
    steps = list(steps_of(error))
    if not any(step.home in _HOMES for step in steps):
        is_builtin = type(error) in (RuntimeError, ValueError, TypeError)  # what C++ raises
        # Only the frame that raised: almost any function further out uses a framework.
        if not is_builtin or not any(_uses_framework(step) for step in steps[-1:]):
            return None
    text = str(error)
    if isinstance(error, ZeroDivisionError):
        # The decoder knows the line of JAX that divides; the message is that of any division.
        text = "".join(format_tb(steps[-1].traceback, 1)) + f"ZeroDivisionError: {text}"
    if not _NUMBERS.search(text) or len(text) > MOST_SIGNS:  # it would state sizes
        return None
    said = text if isinstance(error, ZeroDivisionError) else f"{type(error).__name__}: {text}"
    # The innermost frames only: a loss that fails calls few functions itself.
    losses = [step.function for step in steps[-4:] if step.function.endswith("_loss")]
    message = decode("".join(f"in {name}\n" for name in losses[-1:]) + said)
    seen = list(_calls(steps))
    if message is None and not _may_be_of_a_layer(text, seen, steps):
        return None
    # Who writes `raise` or `assert` explains the error already. Last, as it parses the user's file.
    if _raises(steps[-1]):
        return None
    failing = _failing(seen, steps, text)
    for outer in seen if failing is not None else ():
        for stack, batch in _read(outer.call):
            if failing is not None and failing.is_in(stack, batch, outer):
                found = _named(stack, outer, seen, steps)
                # The layer alone was read, not the model around it: the stack has no cause to show.
                is_alone = len(seen) > 1 and outer is seen[-1]
                if is_alone and message is not None and message.reasons:
                    return replace(found, answer=message, text=said)  # it knows why
                return (
                    found
                    if stack.fixes or message is None
                    else replace(found, helps=helps_of(message))
                )
    if message is None:
        return None
    for outer in seen if seen and seen[-1].is_layer else ():
        for stack, batch in _read(outer.call):
            built = built_for(stack, message, sizes_of(seen[-1].call.value)[batch:])
            if built is not None:
                return _named(built, outer, seen, steps)
    arrived = next((told for step in steps for kind in _ALL if (told := kind.arrived(step))), "")
    return FoundFailure(message, text=said, arrived=arrived)


def _may_be_of_a_layer(text: str, seen: list[_Seen], steps: list[Step]) -> bool:
    """Return whether a text that the decoder does not know states a size of what arrived.

    If not, no model is read: an error about something else should cost nothing.
    """
    if not seen or steps[-1].home not in _HOMES:
        return False
    return not _numbers(text).isdisjoint(sizes_of(seen[-1].call.value))


def _numbers(text: str) -> set[int]:
    return {int(number) for number in _NUMBERS.findall(text) if len(number) < MOST_DIGITS}


def steps_of(error: BaseException) -> Iterator[Step]:
    """Yield the frames that an error came through, the outermost first.

    Keras takes its own frames out of a traceback. The errors that this one hides still have the
    innermost ones, and each frame knows the one that called it.
    """
    shown, hidden = list(_tracebacks(error)), error
    known = {one.tb_frame: one for one in shown}
    for _ in range(MOST_HIDDEN):
        if hidden.__context__ is None or not _is_hiding(hidden):
            break
        hidden = hidden.__context__
        known = {one.tb_frame: one for one in _tracebacks(hidden)} | known
    inner = [] if hidden is error else list(_tracebacks(hidden))
    yield from _linked(_between(shown, inner, known))


def _is_hiding(error: BaseException) -> bool:
    return any(kind.hides(Step(one)) for one in _tracebacks(error) for kind in _ALL)


def _linked(tracebacks: list[TracebackType]) -> Iterator[Step]:
    step = None
    for traceback in tracebacks:
        step = Step(traceback, step)
        yield step


def _tracebacks(error: BaseException) -> Iterator[TracebackType]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _between(
    shown: list[TracebackType],
    inner: list[TracebackType],
    known: dict[FrameType, TracebackType],
) -> list[TracebackType]:
    """Return the frames from the first that is shown to the innermost; what is shown if unknown."""
    frame = inner[-1].tb_frame if shown and inner else None
    found: list[TracebackType] = []
    while frame is not None and len(found) < MOST_FRAMES:
        # A frame that no traceback has is at the call that it made last.
        made = TracebackType(None, frame, max(frame.f_lasti, 0), frame.f_lineno or 0)
        found.append(known.get(frame, made))
        if frame is shown[0].tb_frame:
            return found[::-1]
        frame = frame.f_back
    return shown


def _raises(step: Step) -> bool:
    """Return whether a line of the user raised the error by itself, not the framework."""
    if step.home in _HOMES or step.is_installed:
        return False
    statement = statement_at(tree_of(text_of(step.file)), step.traceback.tb_lineno)
    return isinstance(statement, ast.Raise | ast.Assert)


def _uses_framework(step: Step) -> bool:
    """Return whether code uses something of a framework, whose functions in C++ have no frames."""
    frame = step.traceback.tb_frame
    code = frame.f_code
    for name in (*code.co_names, *code.co_varnames, *code.co_freevars):
        value = frame.f_locals.get(name, frame.f_globals.get(name))
        home = value.__name__ if isinstance(value, ModuleType) else type(value).__module__
        if str(home).partition(".")[0] in _HOMES:
            return True
    return False


def call_in(step: Step) -> ModelCall | None:
    """Return the call of a model that a frame is; None for any other frame."""
    return next((call for _, call in _kinds(step)), None)


def _kinds(step: Step) -> Iterator[tuple[Frames, ModelCall]]:
    for kind in _ALL:
        call = kind.call(step)
        if call is not None:
            yield kind, call


def _calls(steps: list[Step]) -> Iterator[_Seen]:
    """Yield the calls of models, the outermost first; the same call once."""
    last: Any = None
    for step in steps:
        # A layer of Keras on PyTorch is a module of both: `_ALL` has the outer framework first.
        for kind, call in islice(_kinds(step), 1):
            if call.model is not last:
                last = call.model
                yield _Seen(kind, call, step)


# --- the place ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _InLayer:
    """A layer of the framework raised the error: the stack fails there, on what arrived."""

    inner: _Seen

    def is_in(self, stack: Stack, batch: int, outer: _Seen) -> bool:
        failure, layer = _loud(stack), self.inner.call.model
        names = {part.name for part in outer.parts if part.layer is layer}
        arrived = sizes_of(self.inner.call.value)[batch:]
        return (
            failure is not None
            and failure.name in (*names, None, type(layer).__name__)  # small layers have no name
            and failure.input_shape == arrived
        )


@dataclass(frozen=True, eq=False)
class _InFunction:
    """A line of a user's `forward` did: its own stack fails at that line, others at that layer."""

    failure: FirstFailure

    def is_in(self, stack: Stack, batch: int, outer: _Seen) -> bool:
        failure, own = _loud(stack), self.failure
        return (
            failure is not None
            and failure.input_shape == own.input_shape
            and type(failure.layer) is type(own.layer)
        )


def _failing(seen: list[_Seen], steps: list[Step], text: str) -> _InLayer | _InFunction | None:
    """Return what the innermost call says about the place; None without such a statement.

    `text` is a known message about shapes; "" for any other.
    """
    if not seen:
        return None
    inner = seen[-1]
    if inner.is_layer:
        return _InLayer(inner)
    own = [step for step in steps[steps.index(inner.step) :] if step.home not in _HOMES]
    for stack, _ in _read(inner.call):
        failure = _loud(stack)
        if failure is not None and _fails_there(stack, failure, own, text):
            return _InFunction(failure)
    return None


def _fails_there(stack: Stack, failure: FirstFailure, own: list[Step], text: str) -> bool:
    """Return whether a stack fails in the statement in which the error was raised.

    Where no line of the user's code is known, the text has to state what arrived.
    """
    line = None if stack.source is None else stack.source.lines.get(failure.failure.path)
    if not own or line is None or stack.source is None:
        return _states(text, failure)
    ours = statement_at(tree_of(stack.source.text), line)
    theirs = statement_at(tree_of(text_of(own[-1].file)), own[-1].traceback.tb_lineno)
    return ours is not None and theirs is not None and is_same(ours, theirs)


def _states(text: str, failure: FirstFailure) -> bool:
    """Return whether a message names every size of what arrived at the layer."""
    return bool(failure.input_shape) and _numbers(text).issuperset(failure.input_shape)


def _loud(stack: Stack) -> FirstFailure | None:
    failure = stack.first_failure
    return None if failure is None or failure.is_silent else failure


def _read(call: ModelCall) -> Iterator[tuple[Stack, int]]:
    """Yield the stack on the input without its batch, then on the whole of a small input.

    With each, the number of axes that the batch takes.
    """
    value = call.value
    if getattr(value, "_keras_history", None) is not None:
        with suppress(Exception):
            given = call.args[0] if call.args else value
            yield read_history(call.model, given), 1
        return
    axes = len(value.shape)
    for batch in (1, 0):
        if batch < axes <= MOST_AXES[batch]:
            with suppress(Exception):  # a model that cannot be read, or the user's own code
                yield read_model(call.model, call.shapes(batch)), batch


# --- the names ------------------------------------------------------------------------------------


def _spoken(outer: _Seen, seen: list[_Seen], callers: list[Step]) -> str | None:
    """Write a model as the user's code has it: a variable, or a layer of a model in one."""
    called = outer.call.model
    inside = [part.layer for part in outer.parts[:1] if part.layer is not called]
    name = name_of(inside, callers)
    if name is None and (held := name_of([called], callers)):
        name = ".".join((held, *outer.frames.wrapped(called)))
    for around in seen[: seen.index(outer)] if name is None else ():
        paths = [part.path for part in around.parts if part.layer is called and part.is_code]
        if paths and (model := _spoken(around, seen, callers)):
            return as_code(model, paths[0])
    return name


def _named(stack: Stack, outer: _Seen, seen: list[_Seen], steps: list[Step]) -> FoundFailure:
    """Name the failing layer as the user's code does, and find the line where it is made."""
    parts, inner, failure = outer.parts, seen[-1], stack.first_failure
    name = None if failure is None else failure.name
    at = inner.call.model if inner.is_layer else None
    found = [part for part in parts if part.layer is at and at is not None]
    found = found or [part for part in parts if part.name == name and part.path]
    own = [step for step in reversed(steps) if step.home not in _HOMES]
    own = [step for step in own if not step.is_installed] or own
    callers = [step for step in own if steps.index(step) < steps.index(outer.step)]
    model = _spoken(outer, seen, callers)
    has_names = model is None and bool(parts and parts[0].name)  # every layer of Keras has one
    spoken = {
        part.name: as_code(model or "model", part.path)
        for part in parts
        if part.is_code and part.name and not has_names
    }
    stack = with_names(stack, spoken)
    if not found:
        return FoundFailure(stack, name or "")
    is_named = has_names or not found[0].is_code
    said = found[0].name if is_named else as_code(model or "model", found[0].path)
    return FoundFailure(stack, said, made_at(parts, found[0], model, own))
