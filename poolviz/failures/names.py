"""Names of the user for a model in a traceback, and the line where a layer was made."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType
from typing import Any, NamedTuple

from poolviz.arithmetic.layers.network_layers import Layer, Named, branches_of, with_branches
from poolviz.diagnosis.network.stack import Stack


class Place(NamedTuple):
    """A line of a file or of a notebook cell."""

    file: str
    line: int


def name_of(model: Any, frame: FrameType | None) -> str | None:
    """Return the variable, or the attribute of `self`, that holds a model; None without one."""
    if frame is None:
        return None
    for variables in (frame.f_locals, frame.f_globals):
        for name, value in variables.items():
            if value is model and name != "self" and not name.startswith("_"):
                return name
    owner = frame.f_locals.get("self")
    held = {**getattr(owner, "__dict__", {}), **(getattr(owner, "_modules", None) or {})}
    return next((f"self.{name}" for name, value in held.items() if value is model), None)


def as_code(model: str, path: str) -> str:
    """Write the path of a layer as Python.

    >>> as_code("model", "features.6"), as_code("net", "0.conv"), as_code("net", "")
    ('model.features[6]', 'net[0].conv', 'net')
    """
    return model + re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", f".{path}" if path else "")


def with_names(stack: Stack, model: str, paths: frozenset[str]) -> Stack:
    """Return a stack whose layers have the user's names; `paths` are the names to write so."""

    def named(layer: Layer) -> Layer:
        if branches_of(layer):
            inner = tuple(tuple(map(named, branch)) for branch in branches_of(layer))
            layer = with_branches(layer, inner)
        if isinstance(layer, Named) and layer.name in paths:
            return Named(as_code(model, layer.name), layer.layer)
        return layer

    return replace(stack, layers=tuple(map(named, stack.layers)))


# --- the line -------------------------------------------------------------------------------------


def made_at(model: Any, path: str, name: str | None, frame: FrameType | None) -> Place | None:
    """Return the line that made the layer at a path of a PyTorch model; None where it is not plain.

    The path is followed through `__init__` of the classes and the arguments of `nn.Sequential`.
    """
    parts = [part for part in path.split(".") if part]
    found = None if name is None or frame is None else _variable(name, frame)
    while True:
        init = getattr(type(model), "__init__", None)
        code = getattr(init, "__code__", None)
        if parts and code is not None and not _is_library(type(model)):
            found = _attribute(code.co_filename, code.co_firstlineno, parts[0])
        elif parts and found is not None:
            found = _argument(found, parts[0])
        if not parts or found is None:
            break
        model = getattr(model, "_modules", {}).get(parts.pop(0))
    if found is None:
        return None
    file, node = found
    is_call = isinstance(node, ast.Call)
    return Place(file, node.lineno) if is_call else None


def _is_library(cls: type) -> bool:
    return cls.__module__.startswith("torch.")


_Found = tuple[str, ast.expr]


def _tree(file: str) -> ast.Module | None:
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return None


def _variable(name: str, frame: FrameType) -> _Found | None:
    """Return the value of the one assignment to a variable in the file of a frame."""
    tree = _tree(frame.f_code.co_filename)
    found = [] if tree is None else list(_assigned(tree, name))
    return (frame.f_code.co_filename, found[0]) if len(found) == 1 else None


def _attribute(file: str, line: int, name: str) -> _Found | None:
    """Return the value of the one assignment to an attribute of self in a function."""
    tree = _tree(file)
    for node in [] if tree is None else ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.lineno == line:
            found = list(_assigned(node, f"self.{name}"))
            return (file, found[0]) if len(found) == 1 else None
    return None


def _assigned(tree: ast.AST, target: str) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(ast.unparse(to) == target for to in node.targets):
            yield node.value


def _argument(found: _Found, part: str) -> _Found | None:
    """Return an argument of a sequence by its place."""
    file, node = found
    if not isinstance(node, ast.Call) or not part.isdecimal() or node.keywords:
        return None
    if not ast.unparse(node.func).endswith(("Sequential", "ModuleList")):
        return None
    given = node.args
    if len(given) == 1 and isinstance(given[0], ast.List):
        given = given[0].elts
    if any(isinstance(each, ast.Starred) for each in given) or int(part) >= len(given):
        return None
    return file, given[int(part)]
