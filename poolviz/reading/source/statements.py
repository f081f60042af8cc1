"""Statements: the assignments of a block. Where a path is not known, nothing is assumed."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from poolviz.diagnosis.network.source import NoModel
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import BATCH, SymbolicTensor, in_place
from poolviz.reading.source.builtin_calls import extend
from poolviz.reading.source.expressions import MOST_QUOTED, Expressions, TooLong, method_name
from poolviz.reading.source.values import (
    LIST_LENGTH,
    NOT_KNOWN,
    OPEN,
    RUNS,
    STARS,
    Bound,
    Chain,
    Function,
    Instance,
    LayerObject,
    Library,
    OpenShape,
    Scope,
    Unknown,
    UserClass,
    Value,
    framework_of,
    is_known,
    is_module,
    may_be_model,
    spoil,
    words_from,
)

# A fault of the interpreter must not hide what it read before. Tests switch this off.
SURVIVES_ITSELF = True
_MUTATORS = (
    "append extend insert add add_module update pop setdefault remove clear popitem reverse sort "
    "register_module"
)
_CHECKS = ("_assert", "_check")  # functions of torch that raise where a condition is not met
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


class Statements(Expressions):
    """Runs statements; a block gives None, a `Returned` or a `Jump`."""

    graph: GraphBuilder
    likely_framework: str | None
    module_scope: Scope
    bare: list[LayerObject]

    @abstractmethod
    def set_name(self, value: Value, name: str) -> None:
        """Name a module after the attribute that it is assigned to."""

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

    # --- assignments -----------------------------------------------------------------------------

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            self.note_name(value, target.id, scope)
            scope.bind(target.id, value)
        elif isinstance(target, ast.Attribute):
            self.assign_attribute(self.evaluate(target.value, scope), target.attr, value)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, scope)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, scope)
        elif isinstance(target, ast.Subscript):
            self._assign_part(target, value, scope)

    def note_name(self, value: Value, name: str, scope: Scope) -> None:
        """Note a name of the text itself; a hook for the interpreter."""

    def assign_attribute(self, owner: Value, name: str, value: Value) -> None:
        """Assign `owner.name = value`."""
        if isinstance(owner, Instance):
            self.set_name(value, name)
            owner.names[name] = value
            if owner.chain is not None and owner.chain.numbers and is_module(value):
                owner.chain.put(name, value)  # a Sequential runs every module that it holds
        elif isinstance(owner, UserClass):
            owner.names[name] = value
        elif isinstance(owner, Chain):
            self.set_name(value, name)
            if is_module(value):
                owner.put(name, value)
            elif name in RUNS:
                spoil(owner, self.unknown(phrase("reading.unread.method_replaced", name=name)))
        elif isinstance(owner, LayerObject):
            self.change_layer(owner, name, value)
        elif isinstance(owner, Bound) and isinstance(owner.target, LayerObject) and name == "data":
            self.change_layer(owner.target, str(owner.function), value)  # layer.weight.data = …

    @abstractmethod
    def change_layer(self, layer: LayerObject, name: str, value: Value) -> None:
        """Assign an attribute of a layer of a library."""

    def _assign_part(self, target: ast.Subscript, value: Value, scope: Scope) -> None:
        owner, key = self._owner(target, scope), self.evaluate(target.slice, scope)
        if isinstance(owner, Instance) and isinstance(key, str):
            self.assign_attribute(owner, key, value)
        if not isinstance(owner, list | dict | Chain):
            return
        place: Any = key
        try:
            if isinstance(owner, Chain) and isinstance(key, int | str):
                owner.put(key, value)
            elif isinstance(owner, list | dict) and is_known(key):
                owner[place] = value
            else:
                spoil(owner, self.unknown(NOT_KNOWN))
        except Exception as wrong:
            spoil(owner, self.unknown(words_from(wrong)))

    def _owner(self, target: ast.Subscript, scope: Scope) -> Value:
        """Return what has an item; `model._modules` are the attributes of the model."""
        node = target.value
        if isinstance(node, ast.Attribute) and node.attr == "_modules":
            node = node.value
        return self.evaluate(node, scope)

    def _unpack(self, targets: Sequence[ast.expr], value: Value, scope: Scope) -> None:
        if isinstance(value, OpenShape):
            sizes = [self.unknown(OPEN) for _ in targets]
            value = [BATCH, *sizes[1:]]
        values = self.entries(value)
        stars = [i for i, target in enumerate(targets) if isinstance(target, ast.Starred)]
        if values is not None and stars:
            start, after = stars[0], len(targets) - stars[0] - 1
            end = len(values) - after
            values = [*values[:start], values[start:end], *values[end:]] if end >= start else None
        if values is None or len(values) != len(targets):
            tensors = [value] if isinstance(value, SymbolicTensor) else []
            entry: Value = self.unknown(NOT_KNOWN)
            if tensors:
                entry = self.lost(tensors, self.line, phrase("reading.unread.parts_of_tensor"))
            values = [entry] * len(targets)
        for target, each in zip(targets, values, strict=True):
            self.bind(target, each, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> Way:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            if scope is not self.module_scope and _is_miscounted(target, value):
                return self._raise(node, scope)
            self.bind(target, value, scope)
        return None

    def _annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)

    def _augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        old, more = self.evaluate(node.target, scope), self.evaluate(node.value, scope)
        if isinstance(old, list) and isinstance(node.op, ast.Add):
            extend(old, more.modules if isinstance(more, Chain) else more)
            return
        if isinstance(old, Chain) and isinstance(node.op, ast.Add):
            entries = self.entries(more)
            for module in [self.unknown(LIST_LENGTH)] if entries is None else entries:
                old.add(module)
            return
        if isinstance(old, dict) and isinstance(node.op, ast.BitOr):
            if not isinstance(more, dict) or STARS in more:
                spoil(old, self.unknown(NOT_KNOWN))
            old.update(more if isinstance(more, dict) else {})
            return
        made = self.operation(type(node.op), old, more, node.lineno)
        self.bind(node.target, in_place(made, old), scope)

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
        return Returned(value) if isinstance(value, Unknown) and value.raises else None

    def _return(self, node: ast.Return, scope: Scope) -> Returned:
        return Returned(None if node.value is None else self.evaluate(node.value, scope))

    def _pass(self, node: ast.stmt, scope: Scope) -> None:
        return None

    def _assert(self, node: ast.Assert | ast.Call, scope: Scope) -> Way:
        """Run `assert test` or `torch._assert(test)`."""
        test = node.args[0] if isinstance(node, ast.Call) else node.test
        truth = self.truth(self.evaluate(test, scope))
        if truth is None:
            self.may_raise(test)
        is_inside = scope is not self.module_scope
        return self._raise(node, scope) if truth is False and is_inside else None

    @abstractmethod
    def may_raise(self, test: ast.expr) -> None:
        """Note a condition on which a model raises an error."""

    def _global(self, node: ast.Global, scope: Scope) -> None:
        scope.elsewhere |= dict.fromkeys(node.names, scope.top)

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            around = scope.outer
            while around is not None and name not in around.names:
                around = around.outer
            if around is not None:
                scope.elsewhere[name] = around

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            self._delete_one(target, scope)

    def _delete_one(self, target: ast.expr, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope.delete(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self._delete_one(each, scope)
        elif isinstance(target, ast.Attribute):
            self.remove_attribute(self.evaluate(target.value, scope), target.attr)
        elif isinstance(target, ast.Subscript):
            self._delete_part(target, scope)

    def remove_attribute(self, owner: Value, name: str) -> None:
        """Run `del owner.name`."""
        if isinstance(owner, Instance):
            owner.names.pop(name, None)
        elif isinstance(owner, Chain) and name in owner.keys:
            owner.remove(name)

    def _delete_part(self, target: ast.Subscript, scope: Scope) -> None:
        owner, key = self._owner(target, scope), self.evaluate(target.slice, scope)
        place: Any = key
        if isinstance(owner, Instance) and isinstance(key, str):
            owner.names.pop(key, None)
        try:
            if isinstance(owner, Chain) and isinstance(key, int | slice | str):
                owner.remove(key)
            elif isinstance(owner, list | dict) and is_known(key):
                del owner[place]
            elif isinstance(owner, list | dict | Chain):
                spoil(owner, self.unknown(NOT_KNOWN))
        except Exception as wrong:
            spoil(owner, self.unknown(words_from(wrong)))

    def _raise(self, node: ast.AST, scope: Scope) -> Returned:
        return Returned(Unknown(phrase("reading.unread.raises"), self.line, raises=True))

    def _break(self, node: ast.Break, scope: Scope) -> Jump:
        return Jump.BREAK

    def _continue(self, node: ast.Continue, scope: Scope) -> Jump:
        return Jump.CONTINUE

    # --- ways ------------------------------------------------------------------------------------

    def _if(self, node: ast.If, scope: Scope) -> Way:
        test = self.evaluate(node.test, scope)
        truth = self.truth(test)
        if truth is not None:
            return self.run(node.body if truth else node.orelse, scope)
        why = self.open_test(node.test)
        if any(isinstance(each, ast.Raise) for each in (*node.body, *node.orelse)):
            self.may_raise(node.test)
        return self.forget([*node.body, *node.orelse], scope, why)

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
        before = self._values(_changed(body), scope)
        self.run(body, scope)
        return self.forget(body, scope, phrase("reading.unread.loop"), before)

    def _with(self, node: ast.With, scope: Scope) -> Way:
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        return self.run(node.body, scope)

    def _try(self, node: ast.Try, scope: Scope) -> Way:
        way = self._tried(node, scope)
        if way is None:
            way = self.run(node.finalbody, scope)
        return way

    def _tried(self, node: ast.Try, scope: Scope) -> Way:
        """Run a body up to the statement that certainly raises, and then what catches that."""
        for statement in node.body:
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
        is_open = any(framework_of(Library(name)) is None for name in names)
        values = self._values(_changed(node.body), scope).values()
        if not is_open and not any(isinstance(each, Unknown) for each in values):
            return
        for handler in node.handlers:
            if not any(isinstance(each, ast.Raise) for each in handler.body):
                code = ast.unparse(node.body[0])[:MOST_QUOTED]
                self.forget(handler.body, scope, phrase("reading.unread.may_raise", code=code))

    def forget(
        self,
        block: Sequence[ast.AST],
        scope: Scope,
        why: Words,
        before: dict[ast.expr, Value] | None = None,
    ) -> Returned | None:
        """Forget all that a block may change or return."""
        line = self.line
        values = self._values(_changed(block), scope) if before is None else before
        for target, old in values.items():
            new: Value = Unknown(why, line)
            if isinstance(target.ctx, ast.Load) and isinstance(old, Chain | Instance):  # type: ignore[attr-defined]
                self.touch(old, line, why)
            if isinstance(old, SymbolicTensor):
                new = self.lost([old], line, why)
            self.bind(target, new, scope)
        self._touch_called(block, scope, why)
        if any(isinstance(node, ast.Return) for node in _own_nodes(block)):
            tensors = [v for v in scope.names.values() if isinstance(v, SymbolicTensor)]
            return Returned(self.lost(tensors[-1:], line, why) if tensors else Unknown(why, line))
        return None

    def _touch_called(self, block: Sequence[ast.AST], scope: Scope, why: Words) -> None:
        """Note the models that a call in a block may change, if the call happens."""
        calls = [node for node in _own_nodes(block) if isinstance(node, ast.Call)]
        for node in calls:
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            names = [each for each in (owner, *node.args) if isinstance(each, ast.Name)]
            modules = [self.evaluate(each, scope) for each in names]
            function: Value = None
            if isinstance(node.func, ast.Name):
                function = self.evaluate(node.func, scope)
            elif modules and isinstance(modules[0], Instance) and owner is names[0]:
                function = modules[0].made_of.find(node.func.attr)  # type: ignore[attr-defined]
            if isinstance(function, Function) and _changed([*_body(function)]):
                for module in filter(is_module, modules):
                    self.touch(module, node.lineno, why)

    @abstractmethod
    def touch(self, module: Value, line: int, why: Words) -> None:
        """Record that something unknown may change a module."""

    def _values(self, targets: Sequence[ast.expr], scope: Scope) -> dict[ast.expr, Value]:
        return {target: self.evaluate(target, scope) for target in targets}

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
        has_run = any(name in made.names for name in RUNS)
        if has_run and any(map(may_be_model, bases)):
            made.assumed = self.likely_framework
        for value in made.names.values():
            if isinstance(value, Function):
                value.owner = made
                value.scope = scope if value.scope is body else value.scope


def _is_miscounted(target: ast.expr, value: Value) -> bool:
    """Return whether a tuple has more or fewer entries than there are names for them."""
    if not isinstance(target, ast.Tuple | ast.List) or not isinstance(value, tuple):
        return False
    return len(value) != len(target.elts) and not any(
        isinstance(each, ast.Starred) for each in target.elts
    )


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


def _own_nodes(block: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of a block without those of functions and classes in it."""
    open_nodes = list(block)
    while open_nodes:
        node = open_nodes.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            open_nodes += ast.iter_child_nodes(node)


def _changed(block: Sequence[ast.AST]) -> list[ast.expr]:
    """Return the names and attributes that a block may assign or change, each once."""
    found: dict[str, ast.expr] = {}
    for node in _own_nodes(block):
        target: ast.expr | None = None
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            target = node if isinstance(node.ctx, ast.Store | ast.Del) else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = node.func.value if node.func.attr in _CHANGING else None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            target = _stored(node.name)
        elif isinstance(node, ast.alias) and node.name != "*":
            target = _stored(node.asname or node.name.partition(".")[0])
        while isinstance(target, ast.Attribute | ast.Subscript) and not _is_simple(target):
            target = target.value
        if target is not None and _is_simple(target):
            found.setdefault(ast.unparse(target), target)
    return list(found.values())
