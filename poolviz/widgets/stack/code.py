"""The line of Python that opens a StackExplorer."""

from __future__ import annotations

import ast

from poolviz.diagnosis.network.stack import Stack
from poolviz.i18n.catalogue import ENGLISH, language_argument
from poolviz.widgets.stack.state import first_to_look_at


def line_of(stack: Stack, chosen: int | None = None, language: str = ENGLISH) -> str:
    """Return the line that opens a stack with a chosen layer.

    "" for one that was not read to its end: the line would open a part as if it were all.

    >>> from poolviz import Pool
    >>> print(line_of(Stack([Pool(2)], (5, 12, 1), framework="keras")))  # doctest: +ELLIPSIS
    pv.StackExplorer(pv.Stack([pv.Pool(kernel_size=2)], (5, 12, 1), data_format='channels_last', ...
    """
    source = stack.source
    if source is not None and not source.is_whole:
        return ""
    layers = ", ".join(map(_written, stack.layers))
    names = f"data_format={stack.data_format!r}, framework={stack.framework!r}"
    row = "" if chosen in (None, first_to_look_at(stack)) else f", chosen={chosen}"
    said = "".join(f", {one}" for one in language_argument(language))
    return f"pv.StackExplorer(pv.Stack([{layers}], {stack.input_shape}, {names}){row}{said})"


def _written(layer: object) -> str:
    """Return a layer with the names of poolviz in its namespace."""
    return ast.unparse(_Qualified().visit(ast.parse(repr(layer), mode="eval")))


class _Qualified(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        # Layers only: `float('inf')` is a call as well.
        if isinstance(node.func, ast.Name) and node.func.id[:1].isupper():
            node.func = ast.Attribute(ast.Name("pv"), node.func.id)
        return node
