"""The line where a layer was made, found in the text of the program.

First the way to the layer is followed through assignments to attributes and the arguments of
sequences, then a call is searched that has the layer's name or all of its settings. Where several
lines could be meant, none is named.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from poolviz.dialects.common.frames import Part, Step
from poolviz.dialects.common.source_lines import statement_at, text_of, tree_of

_MAKERS = ("__init__", "setup", "build")  # methods that make layers
_NAMING = ("add_module", "register_module", "setattr")
_SEQUENCES = ("Sequential", "ModuleList", "ModuleDict", "OrderedDict", "List")


class CodePlace(NamedTuple):
    """A line of a file or of a notebook cell."""

    file: str
    line: int


class _Found(NamedTuple):
    file: str
    node: ast.expr


def made_at(
    parts: Sequence[Part], part: Part, model: str | None, steps: Sequence[Step]
) -> CodePlace | None:
    """Return the line that made a part of a model; None where it is not plain.

    `steps` are the frames of the user, the innermost first; `model` is the variable of the model.
    """
    files = list(dict.fromkeys(file for step in steps for file in _with_cells(step.file)))
    found = _followed(parts, part, model, files)
    if found is None or not isinstance(found.node, ast.Call):
        found = _written(part, steps, files)
    return None if found is None else CodePlace(found.file, found.node.lineno)


# --- the way to it --------------------------------------------------------------------------------


def _followed(
    parts: Sequence[Part], part: Part, model: str | None, files: Sequence[str]
) -> _Found | None:
    layers = {each.path: each.layer for each in parts}
    found = None if model is None else _variable(model, files)
    done = ""
    for step in part.path.split(".") if part.path else ():
        owner = layers.get(done)
        maker = None if owner is None else _maker(type(owner), step)
        found = maker if maker is not None or found is None else _argument(found, step)
        done = f"{done}.{step}".lstrip(".")
    return found


def _maker(cls: type, name: str) -> _Found | None:
    """Return the value of the one assignment to an attribute in a method that makes layers."""
    for method in _MAKERS:
        function = inspect.unwrap(getattr(cls, method, None))  # type: ignore[arg-type]
        code = getattr(function, "__code__", None)
        if code is None:
            continue
        for node in ast.walk(tree_of(text_of(code.co_filename)) or ast.Module([], [])):
            if isinstance(node, ast.FunctionDef) and _starts_at(node, code.co_firstlineno):
                found = list(_assigned(node, f"self.{name}"))
                # Of several assignments, as in branches, nobody knows which one ran.
                if len(found) == 1:
                    return _Found(code.co_filename, found[0])
    return None


def _starts_at(node: ast.FunctionDef, line: int) -> bool:
    return line in (node.lineno, *(each.lineno for each in node.decorator_list))


def _variable(name: str, files: Sequence[str]) -> _Found | None:
    """Return the value of the one assignment to a variable, in the first file that has some."""
    for file in files:
        tree = tree_of(text_of(file))
        found = [] if tree is None else list(_assigned(tree, name))
        if found:
            return _Found(file, found[0]) if len(found) == 1 else None
    return None


def _assigned(tree: ast.AST, target: str) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(ast.unparse(to) == target for to in node.targets):
            yield node.value
        if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.target) == target:
            yield node.value


def _argument(found: _Found, step: str) -> _Found | None:
    """Return an argument of a sequence by its place or its key."""
    call = found.node
    # An argument with a keyword (`layers=[…]`, `name=…`) shifts or hides the places.
    if not isinstance(call, ast.Call) or call.keywords:
        return None
    if not ast.unparse(call.func).endswith(_SEQUENCES):
        return None
    given: list[ast.expr] = call.args
    only = given[0] if len(given) == 1 else None
    if isinstance(only, ast.Call) and ast.unparse(only.func).endswith("OrderedDict"):
        return _argument(_Found(found.file, only), step)
    if isinstance(only, ast.Dict):
        pairs = zip(only.keys, only.values, strict=True)
        return _entry(found.file, step, pairs)
    if isinstance(only, ast.List | ast.Tuple):
        given = only.elts
    if all(isinstance(each, ast.Tuple) and len(each.elts) == 2 for each in given):
        return _entry(found.file, step, ((each.elts[0], each.elts[1]) for each in given))  # type: ignore[attr-defined]
    # Keras does not count its `Input` among the layers of a `Sequential`.
    given = [each for each in given if not _is_input(each)]
    if not step.isdecimal() or any(isinstance(each, ast.Starred) for each in given):
        return None
    return _Found(found.file, given[int(step)]) if int(step) < len(given) else None


def _entry(file: str, step: str, pairs: Any) -> _Found | None:
    values = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == step]
    return _Found(file, values[0]) if len(values) == 1 else None


def _is_input(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _called(node) in ("Input", "InputLayer")


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


# --- how it is written ----------------------------------------------------------------------------


def _written(part: Part, steps: Sequence[Step], files: Sequence[str]) -> _Found | None:
    """Return the one call that has the name of the layer, or its class and settings."""
    for step in steps[:1]:
        statement = statement_at(tree_of(text_of(step.file)), step.traceback.tb_lineno)
        found = [] if statement is None else list(_making(statement, part, step.file))
        if len(found) == 1:
            return found[0]
    found = []
    for file in files:
        tree = tree_of(text_of(file))
        found += [] if tree is None else list(_making(tree, part, file))
    named = [each for each in found if _name_in(each.node) == part.name]
    if len(found) > 1 and not named:
        named = [each for each in found if part.path.rpartition(".")[2] in _given_by(each)]
    found = named or found
    return found[0] if len(found) == 1 else None


def _given_by(found: _Found) -> Iterator[object]:
    """Yield the names that a call gives to a layer, such as `add_module("p1", …)`."""
    place = (found.node.lineno, found.node.col_offset)
    for node in ast.walk(tree_of(text_of(found.file)) or ast.Module([], [])):
        if not isinstance(node, ast.Call) or _called(node) not in _NAMING:
            continue
        if place in [(each.lineno, each.col_offset) for each in node.args[1:]]:
            yield from (each.value for each in node.args if isinstance(each, ast.Constant))


def _making(tree: ast.AST, part: Part, file: str) -> Iterator[_Found]:
    """Yield the calls that could have made a layer: its class, and no other setting or name."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and _called(node) == type(part.layer).__name__
            and _name_in(node) in (None, part.name)
            and _agrees(node, part.layer)
        ):
            yield _Found(file, node)


def _name_in(node: ast.expr) -> str | None:
    words = node.keywords if isinstance(node, ast.Call) else ()
    given = [word.value for word in words if word.arg == "name"]
    return given[0].value if given and isinstance(given[0], ast.Constant) else None  # type: ignore[return-value]


def _agrees(node: ast.Call, layer: object) -> bool:
    """Return whether the settings that are written as numbers are those of the layer."""
    try:
        words = list(inspect.signature(type(layer)).parameters)
    except (TypeError, ValueError):
        return False
    given = [*zip(words, node.args, strict=False), *((w.arg, w.value) for w in node.keywords)]
    for word, value in given:
        try:
            written = ast.literal_eval(value)
            own = getattr(layer, word or "", None)
        except (ValueError, AttributeError):
            continue
        # Only numbers: what is written as a text or a name may be stored in another form.
        if own is not None and isinstance(written, int | tuple) and not _is_like(written, own):
            return False
    return True


def _is_like(written: object, own: object) -> bool:
    own = tuple(own) if isinstance(own, list | tuple) else own
    if isinstance(own, tuple) and not isinstance(written, tuple):
        return all(each == written for each in own)
    return bool(written == own)


def _with_cells(file: str) -> Iterator[str]:
    """Yield a file; for a cell of a notebook the other cells, too, the last that ran first."""
    yield file
    module = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    ran = getattr(getattr(shell, "compile", None), "_filename_map", {})  # cell → its number
    if file in ran:
        known = [name for name in ran if name in linecache.cache]
        yield from sorted(known, key=lambda name: int(ran[name]), reverse=True)
