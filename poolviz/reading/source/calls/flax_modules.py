"""Layers of Flax that hold another one, or take several tensors. Read off Flax 0.12.8."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from poolviz.dialects.common.axis_maps import axis_map, kept
from poolviz.reading.source.calls.layer_call import LayerCall
from poolviz.reading.source.calls.products import crossed
from poolviz.reading.source.values import UNHANDLED, LayerObject, Unhandled, Value

_CELLS: dict[str, Callable[[int, int, bool], int]] = {  # weights for n features and a state of h
    **dict.fromkeys(("LSTMCell", "OptimizedLSTMCell"), lambda n, h, _: 4 * h * (n + h + 1)),
    "GRUCell": lambda n, h, is_linen: 3 * h * (n + h + 1) + (h if is_linen else 0),
    "SimpleCell": lambda n, h, _: h * (n + h + 1),
}
_ATTENTION = ("MultiHeadDotProductAttention", "MultiHeadAttention", "SelfAttention")


def flax_module(call: LayerCall) -> Value | Unhandled:
    """Return the output of a recurrent layer or of attention."""
    if call.name == "RNN":
        return _recurrent(call)
    return _attention(call) if call.name in _ATTENTION else UNHANDLED


def _recurrent(call: LayerCall) -> Value:
    """Apply `RNN(cell)`: the state at every step."""
    given, shape = call.given("cell", "time_major", "return_carry"), call.tensors[0].shape
    cell: Any = given.get("cell")
    is_plain = not given.get("time_major", False) and not given.get("return_carry", False)
    if not isinstance(cell, LayerObject) or cell.library.last not in _CELLS or not is_plain:
        return call.lost()
    is_linen = cell.library.path.startswith("flax.linen.")
    words = ("features",) if is_linen else ("in_features", "hidden_features")
    sizes = dict(zip(words, cell.settings.get("*", ()), strict=False)) | cell.settings  # type: ignore[arg-type]
    units: Any = sizes.get(words[-1])
    takes = sizes.get("in_features")
    if shape is None or len(shape) != 2 or type(units) is not int or len(call.tensors) > 1:
        return call.lost()
    expects = () if type(takes) is not int else ((2, takes),)
    weights = _CELLS[cell.library.last](shape[1], units, is_linen)
    entries = [kept(2)[0], units]
    facts: dict[str, Any] = {"expects": expects, "parameters": weights, "error": "TypeError"}
    layers = axis_map(f"RNN ({cell.library.last})", shape, entries, **facts)
    return call.reader.graph.apply(call.tensors[0], layers, call.layer.line, call.path)


def _attention(call: LayerCall) -> Value:
    """Apply attention: the shape of the query, or `out_features` in place of its last axis."""
    reader, tensors, shape = call.reader, call.tensors, call.tensors[0].shape
    # Those of linen have other first arguments, which are written with their names.
    is_linen = call.layer.library.path.startswith("flax.linen.")
    words = ("num_heads",) if is_linen else ("num_heads", "in_features", "qkv_features")
    given = call.given(*words)
    is_named = len(given.get("*", ())) <= len(words)
    last: Any = given.get("out_features")
    inner: Any = given.get("qkv_features")
    takes = given.get("in_features")
    if shape is None or len(shape) < 2 or len({each.rows for each in tensors}) > 1:
        return call.lost()
    last, inner = shape[-1] if last is None else last, shape[-1] if inner is None else inner
    if type(last) is not int or type(inner) is not int or not is_named or len(tensors) > 3:
        return call.lost()
    sources = [*tensors, *tensors[-1:] * 2][:3]
    features = [(each.shape or (0,))[-1] for each in sources]
    bias = given.get("use_bias", True) is not False
    weights = sum((count + bias) * inner for count in features) + (inner + bias) * last
    if len({each.key for each in tensors}) == 1:
        expects = () if type(takes) is not int else ((len(shape), takes),)
        facts: dict[str, Any] = {"expects": expects, "parameters": weights, "error": "ValueError"}
        layers = axis_map(call.name, shape, [*kept(len(shape))[:-1], last], **facts)
        return reader.graph.apply(tensors[0], layers, call.layer.line, call.path)
    others = list({each.key: each for each in sources[1:]}.values())
    return crossed(
        reader, call.name, tensors[0], others, last, weights, call.line, call.path, checks=False
    )
