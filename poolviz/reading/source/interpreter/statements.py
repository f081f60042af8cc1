"""Statements of a block, one after the other: paths, loops, definitions."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property

from poolviz.diagnosis.network.source import NoModel
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, tensors_in
from poolviz.reading.source.enumerations import is_enumeration, make_members
from poolviz.reading.source.interpreter.assignments import is_miscounted
from poolviz.reading.source.interpreter.expressions import (
    TooLong,
    method_name,
)
from poolviz.reading.source.interpreter.matching import Matching
from poolviz.reading.source.interpreter.open_paths import (
    Jump,
    Returned,
    Way,
    changed,
    own_nodes,
)
from poolviz.reading.source.values import (
    RUNS,
    Function,
    LayerObject,
    Library,
    Scope,
    Unknown,
    UserClass,
    Value,
    may_be_model,
)

_CHECKS = ("_assert", "_check")  # functions of torch that raise where a condition is not met
# A fault of the interpreter must not hide what it read before. Tests switch this off.
SURVIVES_ITSELF = True


class Statements(Matching):
    """Runs statements; a block gives None, a `Returned` or a `Jump`."""

    bare: list[LayerObject]

    @cached_property
    @abstractmethod
    def likely_framework(self) -> str | None:
        """The framework of names that the text does not import."""

    @abstractmethod
    def imported(self, path: str, line: int) -> Value:
        """Return the value of an import."""

    @abstractmethod
    def origin(self, node: ast.ImportFrom, scope: Scope) -> str:
        """Return the module from which a statement imports."""

    def run(self, block: Sequence[ast.stmt], scope: Scope) -> Way:
        """Run a block, statement by statement."""
        for node in block:
            self.step()
            self.line = node.lineno
            name = method_name(type(node))  # type: ignore[arg-type]  # a class is hashable
            method = getattr(self, name, None)
            if method is None:
                why = phrase("reading.unread.not_followed", code=type(node).__name__)
                self.forget([node], scope, why)
                continue
            way: Way = self._attempt(method, node, scope)
            if way is not None:
                return way
        return None

    def _attempt(self, method: Callable[..., Way], node: ast.stmt, scope: Scope) -> Way:
        """Run a statement; one at which the interpreter itself fails is listed as not read."""
        try:
            return method(node, scope)
        except (TooLong, RecursionError, NoModel):
            raise
        except Exception:
            if not SURVIVES_ITSELF:
                raise
            return self.forget([node], scope, phrase("reading.unread.not_understood"))

    def _assign(self, node: ast.Assign, scope: Scope) -> Way:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            if scope is not self.module_scope and is_miscounted(target, value):
                return self._raise(node, scope)
            self.bind(target, value, scope)
        return None

    def _expr(self, node: ast.Expr, scope: Scope) -> Way:
        call = node.value
        if isinstance(call, ast.Call) and call.args and ast.unparse(call.func).endswith(_CHECKS):
            function = self.evaluate(call.func, scope)
            if isinstance(function, Library) and function.path.startswith("torch."):
                return self._assert(call, scope)
        value = self.evaluate(call, scope)
        if scope is self.module_scope:
            several = value if isinstance(value, list | tuple) else [value]
            self.bare += [each for each in several if isinstance(each, LayerObject)]
            return None
        if isinstance(value, Unknown) and value.raises:
            return Returned(value)
        is_open = isinstance(value, SymbolicTensor) and self.graph.is_unread(value)
        if isinstance(call, ast.Call) and (is_open or isinstance(value, Unknown)):
            self._check_by(call, scope)
        return None

    def _check_by(self, call: ast.Call, scope: Scope) -> None:
        """Note a function of the text that is called for what it checks, and may raise."""
        function = self.evaluate(call.func, scope)
        if isinstance(function, Function) and not isinstance(function.node, ast.Lambda):
            raises = any(isinstance(node, ast.Raise) for node in ast.walk(function.node))
            tensors = tensors_in(self.evaluate(each, scope) for each in call.args)
            if raises and tensors:
                self.may_raise(call)

    def _return(self, node: ast.Return, scope: Scope) -> Returned:
        return Returned(None if node.value is None else self.evaluate(node.value, scope))

    def _pass(self, node: ast.stmt, scope: Scope) -> None:
        return None

    def _global(self, node: ast.Global, scope: Scope) -> None:
        scope.elsewhere |= dict.fromkeys(node.names, scope.top)

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            around = scope.outer
            while around is not None and name not in around.names:
                around = around.outer
            if around is not None:
                scope.elsewhere[name] = around

    def _break(self, node: ast.Break, scope: Scope) -> Jump:
        return Jump.BREAK

    def _continue(self, node: ast.Continue, scope: Scope) -> Jump:
        return Jump.CONTINUE

    # --- paths -----------------------------------------------------------------------------------

    def _if(self, node: ast.If, scope: Scope) -> Way:
        test = self.evaluate(node.test, scope)
        truth = self.truth(test)
        if truth is not None:
            return self.run(node.body if truth else node.orelse, scope)
        why = self.open_test(node.test)
        block = [*node.body, *node.orelse]
        if any(map(_may_raise, own_nodes(block))):
            self.may_raise(node.test)
        return self.forget(block, scope, why)

    def _for(self, node: ast.For, scope: Scope) -> Way:
        values = self.entries(self.evaluate(node.iter, scope))
        if values is None:
            self.bind(node.target, self.unknown(phrase("reading.unread.entry_of_list")), scope)
            return self._once(node.body, scope)
        for value in values:
            self.step()
            self.bind(node.target, value, scope)
            way = self.run(node.body, scope)
            if way is Jump.BREAK:
                return None
            if isinstance(way, Returned):
                return way
        return self.run(node.orelse, scope)

    def _while(self, node: ast.While, scope: Scope) -> Way:
        while True:
            self.step()
            truth = self.truth(self.evaluate(node.test, scope))
            if truth is None:
                return self._once(node.body, scope)
            if not truth:
                return self.run(node.orelse, scope)
            way = self.run(node.body, scope)
            if way is Jump.BREAK:
                return None
            if isinstance(way, Returned):
                return way

    def _once(self, body: Sequence[ast.stmt], scope: Scope) -> Way:
        """Read a loop of unknown length once: its uses count, its assignments are unknown."""
        # The values from before the loop: inside it, they are changed already.
        before, failed = self._values(changed(body), scope), len(self.graph.failed)
        self.run(body, scope)
        del self.graph.failed[failed:]  # the list may be empty
        return self.forget(body, scope, phrase("reading.unread.loop"), before)

    def _with(self, node: ast.With, scope: Scope) -> Way:
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        return self.run(node.body, scope)

    # --- definitions -----------------------------------------------------------------------------

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            if alias.asname:
                scope.names[alias.asname] = self.imported(alias.name, node.lineno)
            else:
                first = alias.name.partition(".")[0]
                scope.names[first] = self.imported(first, node.lineno)

    def _importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = self.origin(node, scope)
        for alias in node.names:
            value = self.imported(f"{module}.{alias.name}", node.lineno)
            if alias.name == "*":
                scope.stars.append(module)
            else:
                scope.names[alias.asname or alias.name] = value

    def _functiondef(self, node: ast.FunctionDef, scope: Scope) -> None:
        value: Value = self.function(node, scope)
        for decorator in reversed(node.decorator_list):
            wrapper = self.evaluate(decorator, scope)
            # Of the same text; those of libraries change no shape, nor do those of neighbours.
            if isinstance(wrapper, Function) and wrapper.scope.top is scope.top:
                value = self.call(wrapper, [value], {}, node.lineno)
        scope.bind(node.name, value)

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.evaluate(base, scope) for base in node.bases]
        made = UserClass(node.name, node.lineno, bases, node=node)
        scope.bind(node.name, made)
        body = Scope(outer=scope)
        self.run(node.body, body)
        for entry in node.body:
            if isinstance(entry, ast.AnnAssign) and isinstance(entry.target, ast.Name):
                no_value = self.unknown(phrase("reading.unread.not_given", name=entry.target.id))
                made.fields[entry.target.id] = body.names.get(entry.target.id, no_value)
        made.names.update(body.names)
        if is_enumeration(made):
            make_members(made)
        has_run = any(name in made.names for name in RUNS)
        if has_run and any(map(may_be_model, bases)):
            made.assumed = self.likely_framework
        for value in made.names.values():
            if isinstance(value, Function):
                value.owner = made
                # As in Python, a method does not see the names of its class.
                value.scope = scope if value.scope is body else value.scope


def _may_raise(node: ast.AST) -> bool:
    """Return whether a statement raises an error, or checks a condition."""
    is_check = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(_CHECKS)
    return is_check or isinstance(node, ast.Raise | ast.Assert)
