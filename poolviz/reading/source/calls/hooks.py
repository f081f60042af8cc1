"""Functions that run with a module of PyTorch: whether they may change what it gives."""

from __future__ import annotations

import ast

from poolviz.reading.source.values import Bound, Function, Partial, Value

_READ_AT_CALLS = "stride padding dilation kernel_size output_size ceil_mode groups weight bias"
ATTRIBUTES = frozenset([*_READ_AT_CALLS.split(), "forward", "training"])
_RETURNING_NONE = ("append", "update", "extend", "add", "insert", "clear", "setattr", "print")


def keeps_output(hook: Value) -> bool:
    """Return whether a hook is known to return nothing and to change no layer (torch 2.13.0)."""
    if isinstance(hook, Partial):
        return keeps_output(hook.function)
    if isinstance(hook, Bound):
        return isinstance(hook.function, Function) and keeps_output(hook.function)
    if not isinstance(hook, Function):
        return False
    node = hook.node
    if isinstance(node, ast.Lambda):
        return isinstance(node.body, ast.Call) and _last(node.body.func) in _RETURNING_NONE
    return not any(map(_may_change, ast.walk(node)))


def _may_change(node: ast.AST) -> bool:
    """Return whether a statement returns a value, or assigns what a layer reads."""
    if isinstance(node, ast.Return | ast.Yield):
        return node.value is not None
    is_target = isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    return is_target and node.attr in ATTRIBUTES  # type: ignore[attr-defined]  # checked


def _last(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]
