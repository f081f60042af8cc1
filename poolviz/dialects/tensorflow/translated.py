"""TensorFlow's daily message as pages translate it: numbers, names and "op" stay as they are."""

from __future__ import annotations

import re
from dataclasses import replace

from poolviz.dialects.tensorflow.graph_nodes import keras_code, node_of
from poolviz.dialects.tensorflow.shape_messages import subtracted
from poolviz.messages.message import Reading
from poolviz.messages.pattern import Found, MessagePattern, sizes_in

_OP = re.compile(r"\bop ?[:：] ?['‘’\"]{0,2}(\w{3,40})")
_NAME = re.compile(r"['‘’“\"`]([\w./-]{1,120})['‘’”\"`]")
_NODE = re.compile(r"\{\{node ((?:[\w.-]{1,60}/){0,6}(\w{3,40}))\}\}")
_SHAPES = re.compile(r"\[((?:\?|None|[0-9]{1,6})(?: ?[,，] ?(?:\?|None|[0-9]{1,6})){2,5})\]")
_NEAR = 500  # characters around the numbers, in which a translation has the rest


def _subtracted(found: Found) -> Reading | None:
    """Read the sizes; the node and the shapes are before or behind them, as the language has it."""
    before, after = found.before(_NEAR), found.after(_NEAR)
    near = before + found.match[0] + after
    named = _OP.search(near)
    inside = _NODE.search(near)  # '{{node conv2d/Conv2D}}': the last part is the operation
    if named is None and inside is None:
        return None
    operation = named[1] if named else inside[2] if inside else ""
    names = [inside[1]] if inside else [name for name in _NAME.findall(near) if name != operation]
    node = node_of(names[0] if names else "", "", operation)
    if node.op is None:
        return None
    shapes = tuple(map(sizes_in, _SHAPES.findall(near)))
    read = subtracted(node, found.number("kernel"), found.number("size"), shapes)
    sure = "likely" if read.certainty == "certain" else read.certainty
    return replace(read, certainty=sure, code_in=keras_code(found, node))


_WORDS = {
    "减去": r"从 ?<size:int> ?中? ?减去 ?<kernel:int>",
    "減去": r"從 ?<size:int> ?中? ?減去 ?<kernel:int>",
    "から": r"<size:int> ?から ?<kernel:int> ?を ?(?:引|減)",
    "에서": r"<size:int> ?에서 ?<kernel:int> ?[을를] ?(?:빼|뺀|뺌)",
    "restar": r"restar <kernel:int> de <size:int>",
    "subtrair": r"subtrair <kernel:int> de <size:int>",
    "sous": r"sous(?:trayant|traire|traction de) <kernel:int> (?:de|à) <size:int>",
    "Subtra": r"Subtra(?:hieren|ktion) von <kernel:int> von <size:int>",
    "вычита": r"вычитани\w{1,3} <kernel:int> из <size:int>",
}
FAILURES = tuple(MessagePattern((word,), wording, _subtracted) for word, wording in _WORDS.items())
