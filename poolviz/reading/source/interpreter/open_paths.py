"""How a block ends, and what is forgotten where nobody knows whether it runs."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from poolviz.i18n.phrase import Words
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.source.interpreter.assignments import Assignments
from poolviz.reading.source.values import (
    Chain,
    Function,
    Instance,
    Scope,
    Unknown,
    Value,
    is_module,
)

_MUTATORS = (
    "append extend insert add add_module update pop setdefault remove clear popitem reverse sort "
    "register_module"
)
_CHANGING = frozenset(_MUTATORS.split())


@dataclass(frozen=True, slots=True)
class Returned:
    """A `return` was reached, with its value."""

    value: Value


class Jump(Enum):
    """A `break` or `continue` was reached."""

    BREAK = "break"
    CONTINUE = "continue"


Way: TypeAlias = Returned | Jump | None  # how a block ends; None at its last statement


class OpenPaths(Assignments):
    """Forgets what a block may change that may run or not: nothing is assumed."""

    def forget(
        self,
        block: Sequence[ast.AST],
        scope: Scope,
        why: Words,
        before: dict[ast.expr, Value] | None = None,
    ) -> Returned | None:
        """Forget all that a block may change or return."""
        line, nodes = self.line, list(own_nodes(block))
        values = self._values(_targets(nodes), scope) if before is None else before
        for target, old in values.items():
            new: Value = Unknown(why, line)
            # Other names may hold the same model: it is marked, not only forgotten under this one.
            if isinstance(target.ctx, ast.Load) and isinstance(old, Chain | Instance):  # type: ignore[attr-defined]
                self.touch(old, line, why)
            if isinstance(old, SymbolicTensor):
                new = self.lost([old], line, why)
            self.bind(target, new, scope)
        self._touch_called(nodes, scope, why)
        # A block that may return ends the function, as far as anybody knows: going on would give
        # the output of a path that is perhaps never taken.
        if any(isinstance(node, ast.Return) for node in nodes):
            tensors = [v for v in scope.names.values() if isinstance(v, SymbolicTensor)]
            return Returned(self.lost(tensors[-1:], line, why) if tensors else Unknown(why, line))
        return None

    def _touch_called(self, nodes: Sequence[ast.AST], scope: Scope, why: Words) -> None:
        """Note the models that a call among some nodes may change, if the call happens."""
        for node in nodes:
            if not isinstance(node, ast.Call):
                continue
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            names = [each for each in (owner, *node.args) if isinstance(each, ast.Name)]
            modules = [self.evaluate(each, scope) for each in names]
            function: Value = None
            if isinstance(node.func, ast.Name):
                function = self.evaluate(node.func, scope)
            # A method of a model of the text, as `self.reset()`.
            elif modules and isinstance(modules[0], Instance) and owner is names[0]:
                function = modules[0].made_of.find(node.func.attr)  # type: ignore[attr-defined]
            if isinstance(function, Function) and changed([*_body(function)]):
                for module in filter(is_module, modules):
                    self.touch(module, node.lineno, why)

    @abstractmethod
    def touch(self, module: Value, line: int, why: Words) -> None:
        """Record that something unknown may change a module."""

    def _values(self, targets: Sequence[ast.expr], scope: Scope) -> dict[ast.expr, Value]:
        return {target: self.evaluate(target, scope) for target in targets}


def _body(function: Function) -> Sequence[ast.AST]:
    body = function.node.body
    return body if isinstance(body, list) else [body]


def _is_simple(target: ast.expr) -> bool:
    """Return whether a node is a name, or an attribute of a name."""
    return isinstance(target, ast.Name) or (
        isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
    )


def _stored(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def own_nodes(block: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of a block without those of functions and classes in it."""
    open_nodes = list(block)
    while open_nodes:
        node = open_nodes.pop()
        yield node
        # What is inside a function runs when it is called, not here.
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            open_nodes += ast.iter_child_nodes(node)


def changed(block: Sequence[ast.AST]) -> list[ast.expr]:
    """Return the names and attributes that a block may assign or change, each once."""
    return _targets(own_nodes(block))


def _targets(nodes: Iterable[ast.AST]) -> list[ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in nodes:
        target: ast.expr | None = None
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            target = node if isinstance(node.ctx, ast.Store | ast.Del) else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = node.func.value if node.func.attr in _CHANGING else None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            target = _stored(node.name)
        elif isinstance(node, ast.alias) and node.name != "*":
            target = _stored(node.asname or node.name.partition(".")[0])
        # Of `self.blocks[0].conv`, `self.blocks` is what can be looked up and forgotten.
        while isinstance(target, ast.Attribute | ast.Subscript) and not _is_simple(target):
            target = target.value
        if target is not None and _is_simple(target):
            found.setdefault(ast.unparse(target), target)
    return list(found.values())
