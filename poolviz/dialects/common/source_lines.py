"""The code at a line that a traceback comes through: its expression and its statement."""

from __future__ import annotations

import ast
import linecache
from itertools import islice
from types import TracebackType


def tree_of(text: str) -> ast.Module | None:
    """Return the syntax tree of a text; None where it is none, as with `%magic` of IPython."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def text_of(file: str) -> str:
    """Return the text of a file or of a notebook cell; "" where it is not known."""
    return "".join(linecache.getlines(file))


def expression_of(traceback: TracebackType) -> ast.AST | None:
    """Return the expression that was evaluated when a frame was left; None without its text."""
    code = traceback.tb_frame.f_code
    tree = tree_of(text_of(code.co_filename))
    # `tb_lasti` counts bytes; co_positions has one entry for each code unit of two bytes.
    place = next(islice(code.co_positions(), traceback.tb_lasti // 2, None), None)
    for node in ast.walk(tree) if tree is not None and place is not None else ():
        if isinstance(node, ast.expr) and place == (
            node.lineno,
            node.end_lineno,
            node.col_offset,
            node.end_col_offset,
        ):
            return node
    return None


def statement_at(tree: ast.AST | None, line: int) -> ast.stmt | None:
    """Return the innermost statement that contains a line."""
    found = None
    waiting = [tree] if tree is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            if not node.lineno <= line <= (node.end_lineno or 0):
                continue  # most of a long file
            found = node
        waiting += (each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.expr))
    return found


def is_same(one: ast.AST, other: ast.AST) -> bool:
    """Return whether two statements are written alike, wherever they are."""
    return ast.dump(one) == ast.dump(other)
