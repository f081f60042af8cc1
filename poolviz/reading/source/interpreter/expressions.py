"""Expressions → values. Unknown values are `Unknown`; nothing is ever executed."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.builder import GraphBuilder
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor, of_dtype
from poolviz.reading.source.call_arguments import default_nodes
from poolviz.reading.source.contents import spoil
from poolviz.reading.source.interpreter.operators import SIGNS, bounded, compared, operated
from poolviz.reading.source.values import (
    LARGEST_SIZE,
    LIST_LENGTH,
    MOST_ENTRIES,
    NOT_KNOWN,
    STARS,
    Args,
    Bound,
    Chain,
    Function,
    Library,
    MapSize,
    Named,
    Scope,
    Unknown,
    Value,
    is_known,
    is_unknown_function,
)

MOST_QUOTED = 60  # characters of an expression


@lru_cache(maxsize=128)
def method_name(kind: type[ast.AST]) -> str:
    """Return the name of the method that reads a kind of node.

    >>> method_name(ast.BinOp)
    '_binop'
    """
    return f"_{kind.__name__.lower()}"


class TooLong(Exception):  # noqa: N818  # ends the reading, as StopIteration ends a loop
    """Raised when a text takes more steps than a model needs."""


class Expressions(ABC):
    """Evaluates expressions; each node costs a step of the budget."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.line = 1  # of the text that is being read

    @abstractmethod
    def call(self, function: Value, args: Args, named: Named, line: int) -> Value:
        """Return the value of a call."""

    graph: GraphBuilder
    turned: dict[SymbolicTensor, SymbolicTensor]  # tensors whose shape a method changed

    @abstractmethod
    def attribute(self, value: Value, name: str) -> Value:
        """Return the value of `value.name`."""

    @abstractmethod
    def tensor_operation(self, operation: type, one: Value, other: Value, line: int) -> Value:
        """Return the value of an operator with a tensor on one side at least."""

    @abstractmethod
    def name(self, name: str, scope: Scope) -> Value:
        """Return the value of a name."""

    @abstractmethod
    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign a value to a target."""

    @abstractmethod
    def lost(self, tensors: Iterable[SymbolicTensor], line: int, why: Words) -> SymbolicTensor:
        """Return a tensor of unknown shape, listed as not read."""

    @abstractmethod
    def part(self, value: Value, key: Value, line: int) -> Value:
        """Return the value of `value[key]`."""

    def unknown(self, why: Words) -> Unknown:
        """Return an unknown value on the line that is being read."""
        return Unknown(why, self.line)

    def open_test(self, test: ast.expr) -> Words:
        """Return why neither branch of a condition can be taken."""
        return phrase("reading.unread.test", code=ast.unparse(test)[:MOST_QUOTED])

    def step(self) -> None:
        """Spend one step of the budget."""
        self.steps -= 1
        if self.steps < 0:
            raise TooLong

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """Return the value of an expression."""
        self.step()
        name = method_name(type(node))  # type: ignore[arg-type]  # a class is hashable
        method = getattr(self, name, None)
        if method is None:
            code = ast.unparse(node)[:MOST_QUOTED]
            return self.unknown(phrase("reading.unread.not_followed", code=code))
        value: Value = method(node, scope)
        # `x.t_()` changed the tensor that this name still stands for.
        while self.turned and isinstance(value, SymbolicTensor) and value in self.turned:
            value = self.turned[value]
        if type(value) is MapSize:
            self.measured()
            return int(value)
        return value

    @abstractmethod
    def measured(self) -> None:
        """Note that the text computes with a size of a feature map."""

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        value = node.value
        is_too_large = isinstance(value, int) and abs(value) > LARGEST_SIZE
        if isinstance(value, bytes | complex) or is_too_large:
            return self.unknown(phrase("reading.unread.no_size"))
        return value

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        return self.name(node.id, scope)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.attribute(self.evaluate(node.value, scope), node.attr)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        value, key = self.evaluate(node.value, scope), self.evaluate(node.slice, scope)
        part = self.part(value, key, node.lineno)
        if isinstance(key, slice) and _has_sizes(part):
            self.measured()
        return part

    def _slice(self, node: ast.Slice, scope: Scope) -> Value:
        parts = (node.lower, node.upper, node.step)
        ends = [None if part is None else self.evaluate(part, scope) for part in parts]
        return slice(*ends) if is_known(ends) else self.unknown(phrase("reading.unread.part_size"))

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        """Evaluate the arguments, and forget what an unknown function may change of them."""
        function = self.evaluate(node.func, scope)
        args = self._entries(node.args, scope)
        named: Named = {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg is not None:
                named[keyword.arg] = value
            elif isinstance(value, dict):
                named.update((str(key), entry) for key, entry in value.items())
            else:
                named[STARS] = value if isinstance(value, Unknown) else self.unknown(NOT_KNOWN)
        if any(map(_is_open_list, args)):
            place = next(i for i, entry in enumerate(args) if _is_open_list(entry))
            args[place:] = [args[place] for _ in args[place:]]  # it is unknown which is which
            named[STARS] = args[place]
        # A method of an object that is not known most often changes that object, no argument.
        is_function = isinstance(node.func, ast.Name) or isinstance(function, Library)
        if is_function and is_unknown_function(function):
            self.spoiled([*args, *named.values()], node)
        return self.call(function, args, named, node.lineno)

    def spoiled(self, values: Sequence[Value], node: ast.Call) -> None:
        """Forget what a function that is not known may change."""
        code = ast.unparse(node)[:MOST_QUOTED]
        for value in values:
            if isinstance(value, list | dict):
                spoil(value, self.unknown(phrase("reading.unread.may_change", code=code)))

    # --- lists and the like ----------------------------------------------------------------------

    def _entries(self, nodes: Sequence[ast.expr], scope: Scope) -> list[Value]:
        found: list[Value] = []
        for node in nodes:
            if not isinstance(node, ast.Starred):
                found.append(self.evaluate(node, scope))
                continue
            values = self.entries(self.evaluate(node.value, scope))
            found += [self.unknown(LIST_LENGTH)] if values is None else values
        return found

    def entries(self, value: Value) -> list[Value] | None:
        """Return the entries of a value that can be looped over; None where they are not known."""
        if isinstance(value, dict) and STARS in value:
            return None
        if isinstance(value, range | str | tuple | list | dict | set):
            if len(value) > MOST_ENTRIES:
                raise TooLong
            return list(value)
        return None

    def _list(self, node: ast.List, scope: Scope) -> Value:
        return self._entries(node.elts, scope)

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Value:
        return tuple(self._entries(node.elts, scope))

    def _set(self, node: ast.Set, scope: Scope) -> Value:
        return tuple(self._entries(node.elts, scope))

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        found: dict[Value, Value] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            entry = self.evaluate(value, scope)
            if key is None:
                if not isinstance(entry, dict) or STARS in entry:
                    found = {STARS: self.unknown(NOT_KNOWN)}
                found.update(entry if isinstance(entry, dict) else {})
                continue
            place = self.evaluate(key, scope)
            try:
                found[place] = entry
            except TypeError:
                return self.unknown(phrase("reading.unread.dictionary_keys"))
        return found

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Value:
        inner = Scope(outer=scope)
        found: list[Value] = []
        for known in self._rounds(node.generators, inner):
            if not known:
                return self.unknown(LIST_LENGTH)
            found.append(self.evaluate(node.elt, inner))
        return found

    _generatorexp = _listcomp
    _setcomp = _listcomp

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Value:
        inner = Scope(outer=scope)
        found: dict[Value, Value] = {}
        for known in self._rounds(node.generators, inner):
            key = self.evaluate(node.key, inner)
            if not known or not isinstance(key, str | int | tuple):
                return self.unknown(phrase("reading.unread.dictionary_length"))
            found[key] = self.evaluate(node.value, inner)
        return found

    def _rounds(self, generators: list[ast.comprehension], scope: Scope) -> Iterator[bool]:
        """Yield True per entry, with the names bound; False if the entries are not known."""
        if not generators:
            yield True
            return
        first, rest = generators[0], generators[1:]
        values = self.entries(self.evaluate(first.iter, scope))
        if values is None:
            yield False
            return
        for value in values:
            self.step()
            self.bind(first.target, value, scope)
            tests = [self.truth(self.evaluate(test, scope)) for test in first.ifs]
            if None in tests:
                yield False
                return
            if all(tests):
                yield from self._rounds(rest, scope)

    # --- operators -------------------------------------------------------------------------------

    def truth(self, value: Value) -> bool | None:
        """Return the truth of a value; None where it is not known."""
        if isinstance(value, Unknown | SymbolicTensor | Batch):
            return None
        if isinstance(value, Bound) and value.is_open:
            return None
        try:
            return bool(value.modules if isinstance(value, Chain) else value)
        except Exception:
            return None

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Value:
        stops_at = isinstance(node.op, ast.Or)
        value: Value = None
        open_value: Value = None
        failed = 0
        for entry in node.values:
            value = self.evaluate(entry, scope)
            if open_value is not None:  # it may not be evaluated
                del self.graph.failed[failed:]
            truth = self.truth(value)
            if truth is stops_at and (open_value is None or isinstance(value, bool)):
                return value  # `unknown or 3` may be either
            if truth is None:
                open_value, failed = value, len(self.graph.failed)
        return value if open_value is None else self.unknown(NOT_KNOWN)

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Value:
        value = self.evaluate(node.operand, scope)
        if isinstance(node.op, ast.Not):
            truth = self.truth(value)
            return self.unknown(NOT_KNOWN) if truth is None else not truth
        if isinstance(value, SymbolicTensor):
            return value
        if isinstance(value, int | float) and not isinstance(value, Batch):
            return SIGNS[type(node.op)](value)
        return self.unknown(NOT_KNOWN)

    def _binop(self, node: ast.BinOp, scope: Scope) -> Value:
        one, other = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        return self.operation(type(node.op), one, other, node.lineno)

    def operation(self, kind: type, one: Value, other: Value, line: int) -> Value:
        """Return the value of an operator between two values."""
        if isinstance(one, SymbolicTensor) or isinstance(other, SymbolicTensor):
            return self.tensor_operation(kind, one, other, line)
        return operated(kind, one, other, self.line)

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        left = self.evaluate(node.left, scope)
        for kind, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(right_node, scope)
            if _has_sizes(left) or _has_sizes(right):
                self.measured()
            if _is_elementwise(kind, left, right):
                together = self.tensor_operation(ast.Add, left, right, node.lineno)
                truths: Value = of_dtype("eq", together)
                return truths
            result = compared(type(kind), left, right, self.line)
            if result is not True:
                return result
            left = right
        return True

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Value:
        truth = self.truth(self.evaluate(node.test, scope))
        if truth is not None:
            return self.evaluate(node.body if truth else node.orelse, scope)
        why = self.open_test(node.test)
        # Whatever either branch could be computed from.
        names = [entry for entry in ast.walk(node) if isinstance(entry, ast.Name)]
        values = [self.name(entry.id, scope) for entry in names]
        tensors = [value for value in values if isinstance(value, SymbolicTensor)]
        return self.lost(tensors, node.lineno, why) if tensors else self.unknown(why)

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return self.function(node, scope)

    def function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope
    ) -> Function:
        """Return a function, with the defaults that it has from now on."""
        made = Function(node, scope)
        nodes = default_nodes(made)
        made.defaults = {name: self.evaluate(each, scope) for name, each in nodes.items()}
        return made

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def _joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Value:
        parts = [self.evaluate(part, scope) for part in node.values]
        texts = [part for part in parts if isinstance(part, str)]
        if len(texts) < len(parts):
            return self.unknown(phrase("reading.unread.unknown_text"))
        return bounded("".join(texts), self.line)

    def _formattedvalue(self, node: ast.FormattedValue, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        # A width such as {x:>9999999} would make a long text.
        is_plain = isinstance(value, int | float | str) and not isinstance(value, Batch)
        if node.format_spec is not None or not is_plain:
            return self.unknown(phrase("reading.unread.unknown_text"))
        return str(value)


def _is_elementwise(kind: ast.cmpop, left: Value, right: Value) -> bool:
    """Return whether a comparison gives a tensor of truth values."""
    if isinstance(kind, ast.Is | ast.IsNot | ast.In | ast.NotIn):
        return False
    given = (left, right)
    takes = all(isinstance(each, SymbolicTensor | int | float) for each in given)
    return takes and any(isinstance(each, SymbolicTensor) for each in given)


def _is_open_list(value: Value) -> bool:
    return isinstance(value, Unknown) and value.why is LIST_LENGTH


def _has_sizes(value: Value) -> bool:
    """Return whether a shape, or a part of one, has sizes of spatial axes."""
    return isinstance(value, tuple) and MapSize in map(type, value)
