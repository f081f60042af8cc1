"""Calls of modules in a traceback of Flax: `__call__(self, x)`. Read off Flax 0.12.8.

JAX takes its own frames and those of Flax out of tracebacks. What remains is the code of the user,
which may have put something else into `x` when it fails: then the line that made the call is read.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import CO_VARARGS
from types import CodeType
from typing import Any

from poolviz.dialects.common.frames import (
    MOST_NESTED,
    Frames,
    ModelCall,
    Part,
    Step,
    held_layers,
)
from poolviz.dialects.common.source_lines import expression_of

_HOMES = ("flax.linen.module", "flax.nnx.module")
_MADE = ("ones", "zeros", "empty", "full", "normal", "uniform")  # arrays of a written shape
_SINGLE = ("flax.linen.", "flax.nnx.nn.")


def _call(step: Step) -> ModelCall | None:
    model = step.local.get("self")
    if step.function != "__call__" or not _is_module(model):
        return None
    code = step.traceback.tb_frame.f_code
    names = code.co_varnames[1 : code.co_argcount]
    several = _several(code)  # `*args` of a Sequential
    # Flax's own layers keep what they got; in the user's code, `x` may be another array by now.
    if _is_layer(model) or not _stored(step).intersection((*names, *several)):
        args = tuple(step.local.get(name) for name in (*names, *several))
    else:
        args = tuple(_given(step.before))
    call = ModelCall(model, args)
    return None if call.value is None else call


def _several(code: CodeType) -> tuple[str, ...]:
    place = code.co_argcount + code.co_kwonlyargcount
    return code.co_varnames[place : place + 1] if code.co_flags & CO_VARARGS else ()


def _is_module(value: object) -> bool:
    return any(cls.__name__ == "Module" and cls.__module__ in _HOMES for cls in type(value).__mro__)


def _stored(step: Step) -> set[str]:
    """Return the variables that a function has assigned to; all of them where it repeats itself."""
    frame = step.traceback.tb_frame
    found = list(dis.get_instructions(frame.f_code))
    repeats = any(each.opname.startswith("JUMP_BACKWARD") for each in found)
    return {
        str(each.argval)
        for each in found
        if each.opname == "STORE_FAST" and (repeats or each.offset < step.traceback.tb_lasti)
    }


@dataclass(frozen=True)
class _Written:
    """An array that only the line of the call had: `model(jnp.ones((1, 28, 28, 1)))`."""

    shape: tuple[int, ...]


def _given(step: Step | None) -> Iterator[object]:
    """Yield the feature maps that a line passes on: `model.init(key, images)`, `batch["image"]`.

    Nothing is evaluated: names and keys are looked up, shapes are read where they are written.
    """
    call = None if step is None else expression_of(step.traceback)
    if step is None or not isinstance(call, ast.Call):
        return
    frame = step.traceback.tb_frame
    for given in [*call.args, *(word.value for word in call.keywords)]:
        value = _passed(given, {**frame.f_globals, **frame.f_locals})
        if len(getattr(value, "shape", ())) > 1:
            yield value
        elif not isinstance(given, ast.Name | ast.Constant | ast.Dict) and not _is_key(given):
            return  # something that is computed there


def _passed(given: ast.expr, names: dict[str, Any]) -> object:
    """Return an argument as far as it is a variable, an entry of one, or an array made there."""
    match given:
        case ast.Name(name):
            return names.get(name)
        case ast.Subscript(ast.Name(name), ast.Constant(key)):
            held: Any = names.get(name)
            is_place = type(held) in (tuple, list) and isinstance(key, int) and key < len(held)
            return held.get(key) if type(held) is dict else held[key] if is_place else None
        case ast.Call(func) if ast.unparse(func).rpartition(".")[2] in _MADE:
            return _Written(next(_shapes_in(given), ()))
    return None


def _shapes_in(call: ast.Call) -> Iterator[tuple[int, ...]]:
    """Yield the shape in `jnp.ones((1, 28, 28, 1))` or `random.normal(key, (8, 32, 32, 3))`."""
    for given in [*call.args, *(word.value for word in call.keywords)]:
        if isinstance(given, ast.Tuple | ast.List):
            sizes: list[Any] = [getattr(size, "value", None) for size in given.elts]
            if all(type(size) is int for size in sizes):
                yield tuple(sizes)


def _is_key(given: ast.expr) -> bool:
    return isinstance(given, ast.Call) and ast.unparse(given.func).endswith(("key", "PRNGKey"))


def _parts(model: object, path: str = "") -> Iterator[Part]:
    yield Part(path, path, model)
    if path.count(".") < MOST_NESTED:
        for step, layer in held_layers(model, _is_module):
            if step == "parent":  # of linen: the module around it
                continue
            yield from _parts(layer, f"{path}.{step}".lstrip("."))


def _is_layer(module: object) -> bool:
    return type(module).__module__.startswith(_SINGLE) and type(module).__name__ != "Sequential"


FRAMES = Frames(("jax", "flax", "jaxlib"), _call, _parts, _is_layer)
