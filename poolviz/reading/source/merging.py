"""Tensors that meet: concatenated, added, multiplied."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.nesting import Join
from poolviz.reading.source.values import Tensor, Unknown

if TYPE_CHECKING:
    from poolviz.reading.source.interpreter import Interpreter

KERAS = {
    "Concatenate": "concatenate",
    "concatenate": "concatenate",
    "Add": "add",
    "add": "add",
    "Subtract": "add",
    "subtract": "add",
    "Multiply": "add",
    "multiply": "add",
    "Average": "add",
    "average": "add",
    "Maximum": "add",
    "maximum": "add",
    "Minimum": "add",
    "minimum": "add",
}
OPERATIONS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
METHODS: dict[str, type] = {
    "add": ast.Add,
    "add_": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "mul_": ast.Mult,
    "multiply": ast.Mult,
    "div": ast.Div,
}


def merged(
    reader: Interpreter,
    name: str,
    tensors: list[Tensor],
    settings: dict[str, Any],
    line: int,
    own: str | None = None,
) -> Tensor:
    """A merging layer of Keras."""
    given = settings.get("name")
    own = given if isinstance(given, str) else own
    if KERAS[name] == "add":
        return joined(reader, "add", tensors, line, own)
    return concatenated(reader, tensors, settings.get("axis", -1), line, own)


def concatenated(
    reader: Interpreter, tensors: list[Tensor], axis: Any, line: int, name: str | None = None
) -> Tensor:
    """Tensors side by side along the channels; along another axis they are not read."""
    if isinstance(axis, Unknown) or not isinstance(axis, int):
        return reader.recorder.lose(tensors, line, phrase("reading.unread.axis"))
    shape = next((tensor.shape for tensor in tensors if tensor.shape is not None), None)
    is_last = reader.recorder.channels_last(tensors[0])
    if shape is None:
        fits = axis in (-1, 3, 4) if is_last else axis == 1
    else:
        place = len(shape) if is_last else 1
        fits = axis in (place, place - len(shape) - 1)
    if not fits:
        why = phrase("reading.unread.other_axis", axis=str(axis))
        return reader.recorder.lose(tensors, line, why)
    return joined(reader, "concatenate", tensors, line, name)


def joined(
    reader: Interpreter, kind: Join, tensors: list[Tensor], line: int, name: str | None = None
) -> Tensor:
    """A join of tensors that come from one input."""
    if len(tensors) == 1:
        return tensors[0]
    return reader.recorder.join(kind, tensors, line, reader.path(name))
