"""Assignments: names, attributes and items, bound and deleted."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import BATCH, SymbolicTensor, in_place
from poolviz.reading.source.builtin_calls import extend
from poolviz.reading.source.contents import spoil
from poolviz.reading.source.error_words import words_from
from poolviz.reading.source.interpreter.expressions import (
    Expressions,
)
from poolviz.reading.source.values import (
    LIST_LENGTH,
    NOT_KNOWN,
    OPEN,
    RUNS,
    STARS,
    Bound,
    Chain,
    Instance,
    LayerObject,
    OpenShape,
    Scope,
    UserClass,
    Value,
    is_known,
    is_module,
)


class Assignments(Expressions):
    """Binds and deletes what statements assign."""

    @abstractmethod
    def set_name(self, value: Value, name: str) -> None:
        """Name a module after the attribute that it is assigned to."""

    @abstractmethod
    def change_layer(self, layer: LayerObject, name: str, value: Value) -> None:
        """Assign an attribute of a layer of a library."""

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
            holder = owner.chain if owner.as_layer is None else None
            if holder is not None and holder.numbers and is_module(value):
                holder.put(name, value)  # a Sequential runs every module that it holds
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
        """Bind the entries of a value; where they are not known, each name gets an unknown one."""
        if isinstance(value, OpenShape):
            sizes = [self.unknown(OPEN) for _ in targets]
            value = [BATCH, *sizes[1:]]
        values = self.entries(value)
        stars = [i for i, target in enumerate(targets) if isinstance(target, ast.Starred)]
        if values is not None and stars:
            start, after = stars[0], len(targets) - stars[0] - 1
            end = len(values) - after
            values = [*values[:start], values[start:end], *values[end:]] if end >= start else None
        # A tensor can be unpacked along its batch, whose size nobody knows.
        if values is None or len(values) != len(targets):
            tensors = [value] if isinstance(value, SymbolicTensor) else []
            entry: Value = self.unknown(NOT_KNOWN)
            if tensors:
                entry = self.lost(tensors, self.line, phrase("reading.unread.parts_of_tensor"))
            values = [entry] * len(targets)
        for target, each in zip(targets, values, strict=True):
            self.bind(target, each, scope)

    def _annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)

    def _augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        """Run `target += value`."""
        old, more = self.evaluate(node.target, scope), self.evaluate(node.value, scope)
        # In place, as in Python: other names of the list see the change.
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


def is_miscounted(target: ast.expr, value: Value) -> bool:
    """Return whether a tuple has more or fewer entries than there are names for them."""
    if not isinstance(target, ast.Tuple | ast.List) or not isinstance(value, tuple):
        return False
    return len(value) != len(target.elts) and not any(
        isinstance(each, ast.Starred) for each in target.elts
    )
