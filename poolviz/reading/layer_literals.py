"""Layers and shapes as users write them: parsed as text, never executed."""

from __future__ import annotations

import ast
from typing import Any, get_args

from poolviz.arithmetic.layers.axes import Axis, Combination
from poolviz.arithmetic.layers.network_layers import Identity, Layer
from poolviz.i18n.phrase import phrase

_LAYERS: dict[str, type] = {kind.__name__: kind for kind in get_args(Layer)}
# An earlier name of `Identity`, in texts that were saved with it.
_OLD_NAMES = {"Same": Identity}
_PARTS: dict[str, type] = {"Axis": Axis, "Combination": Combination}
_MOST_CHARACTERS = 20_000


def read_layers(text: str) -> tuple[Layer, ...]:
    """Return the layers in a text in the notation of poolviz; () for "".

    Raises
    ------
    TypeError, ValueError
        For a text that is not a list of layers, with the part that is not understood, and for
        arguments that a layer rejects.

    Examples
    --------
    >>> read_layers('Conv(64, kernel_size=3), Identity("ReLU")')
    (Conv(out_channels=64, kernel_size=3), Identity(name='ReLU'))
    >>> read_layers("__import__('os')")
    Traceback (most recent call last):
    ValueError: there is no layer "__import__('os')"; the layers are Pool, Conv, DepthwiseConv, \
ConvTranspose, AdaptivePool, GlobalPool, Flatten, Linear, ZeroPad, Crop, Upsample, Concatenate, \
Add, Input, Output, Identity, Reshape, Permute, AxisMap, Combine, Named
    >>> read_layers('AxisMap("LSTM", 2, (Axis(1), 16))')[0].kind
    'LSTM'
    """
    if not text.strip():
        return ()
    tree = _parsed(f"[{text}\n]", text)
    assert isinstance(tree, ast.List)
    return tuple(_layer(node) for node in tree.elts)


def read_shape(text: str) -> tuple[int, ...]:
    """Parse a shape: numbers with commas, spaces or × between them.

    >>> read_shape("28, 28, 1"), read_shape("(3×32×32)"), read_shape("100")
    ((28, 28, 1), (3, 32, 32), (100,))
    """
    plain = text.strip().strip("()[]")
    words = [word for word in plain.replace("×", ",").replace("x", ",").split(",") if word.strip()]
    words = [part for word in words for part in word.split()]
    if not words or not all(
        word.isascii() and word.isdigit() and len(word) < 100 for word in words
    ):
        raise ValueError(phrase("reading.written.shape", given=repr(text[:60])))
    return tuple(map(int, words))


def _parsed(source: str, text: str) -> ast.expr:
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(phrase("reading.written.too_long", count=len(text)))
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(phrase("reading.written.no_python", given=repr(text[:60]))) from None


def _layer(node: ast.expr) -> Any:
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
    kind = (_LAYERS | _OLD_NAMES).get(name or "")
    if kind is None:
        given, known = ast.unparse(node)[:60], ", ".join(_LAYERS)
        raise ValueError(phrase("reading.written.no_such_layer", given=given, known=known))
    assert isinstance(node, ast.Call)
    named = {word.arg: _value(word.value) for word in node.keywords if word.arg is not None}
    return kind(*map(_value, node.args), **named)


def _part(kind: type, node: ast.Call) -> object:
    """Return an `Axis` or a `Combination`; TypeError for other types of its fields."""
    named = {word.arg: _value(word.value) for word in node.keywords if word.arg is not None}
    made = kind(*map(_value, node.args), **named)
    numbers = [made[0], *made[1:4], made.branch] if isinstance(made, Axis) else [made.parameters]
    tuples = [made.cut or ()] if isinstance(made, Axis) else [made.shape, made.equal]
    if any(type(each) is not int for each in numbers) or any(
        not isinstance(each, tuple) for each in tuples
    ):
        raise ValueError(phrase("reading.written.no_value", given=ast.unparse(node)[:60]))
    return made


def _value(node: ast.expr) -> Any:
    """Return a number, a text, a tuple of them, or a layer."""
    if isinstance(node, ast.Call):
        part = _PARTS.get(node.func.id) if isinstance(node.func, ast.Name) else None
        return _layer(node) if part is None else _part(part, node)
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(map(_value, node.elts))
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise ValueError(phrase("reading.written.no_value", given=ast.unparse(node)[:60])) from None
