"""Errors that a text raises and catches, and conditions that it checks."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence

from poolviz.i18n.phrase import phrase
from poolviz.reading.source.interpreter.expressions import (
    MOST_QUOTED,
)
from poolviz.reading.source.interpreter.open_paths import OpenPaths, Returned, Way, changed
from poolviz.reading.source.values import (
    Library,
    Scope,
    Unknown,
    framework_of,
)


class Errors(OpenPaths):
    """Runs what raises an error, and what catches one."""

    module_scope: Scope

    @abstractmethod
    def run(self, block: Sequence[ast.stmt], scope: Scope) -> Way:
        """Run a block, statement by statement."""

    def _assert(self, node: ast.Assert | ast.Call, scope: Scope) -> Way:
        """Run `assert test` or `torch._assert(test)`."""
        test = node.args[0] if isinstance(node, ast.Call) else node.test
        truth = self.truth(self.evaluate(test, scope))
        if truth is None:  # it is taken to hold, and listed as a condition that was not checked
            self.may_raise(test)
        is_inside = scope is not self.module_scope
        return self._raise(node, scope) if truth is False and is_inside else None

    @abstractmethod
    def may_raise(self, test: ast.expr) -> None:
        """Note a condition on which a model raises an error."""

    def _raise(self, node: ast.AST, scope: Scope) -> Returned:
        return Returned(Unknown(phrase("reading.unread.raises"), self.line, raises=True))

    def _try(self, node: ast.Try, scope: Scope) -> Way:
        way = self._tried(node, scope)
        if way is None:
            way = self.run(node.finalbody, scope)
        return way

    def _tried(self, node: ast.Try, scope: Scope) -> Way:
        """Run a body up to the statement that certainly raises, and then what catches that."""
        for statement in node.body:
            # What a statement assigned before it raised is undone: no path of Python has both.
            failed, before = len(self.graph.failed), dict(scope.names)
            way = self.run([statement], scope)
            raised = self.graph.failed[failed:]
            handler = self._catching(node.handlers, raised[0]) if raised else None
            if handler is not None:
                del self.graph.failed[failed:]
                scope.names.clear()
                scope.names.update(before)
                return self.run(handler.body, scope)
            if way is not None:
                return way
        self._forget_handlers(node, scope)
        return self.run(node.orelse, scope)

    def _catching(
        self, handlers: Sequence[ast.ExceptHandler], key: int
    ) -> ast.ExceptHandler | None:
        """Return what catches the error at which a tensor is not made."""
        # By name: a text may import its error classes from anywhere.
        names = {"Exception", "BaseException", self.graph.error_at(key)}
        for handler in handlers:
            nodes = () if handler.type is None else ast.walk(handler.type)
            caught = {each.id for each in nodes if isinstance(each, ast.Name)}
            if handler.type is None or caught & names:
                return handler
        return None

    def _forget_handlers(self, node: ast.Try, scope: Scope) -> None:
        """Forget what a handler may assign where it is not known whether the body raises.

        That is after an import of anything but a framework, and where the body leaves a value
        unknown.
        """
        imports = [each for each in node.body if isinstance(each, ast.Import | ast.ImportFrom)]
        names = [each.name for one in imports for each in one.names]
        names = [getattr(one, "module", None) or name for one in imports for name in names]
        # Frameworks are taken as installed; of other packages nobody knows.
        is_open = any(framework_of(Library(name)) is None for name in names)
        values = self._values(changed(node.body), scope).values()
        if not is_open and not any(isinstance(each, Unknown) for each in values):
            return
        for handler in node.handlers:
            if not any(isinstance(each, ast.Raise) for each in handler.body):
                code = ast.unparse(node.body[0])[:MOST_QUOTED]
                self.forget(handler.body, scope, phrase("reading.unread.may_raise", code=code))
