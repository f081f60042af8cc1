"""Layers of Keras that contain other layers or take several tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from poolviz.arithmetic.layers.axes import Axis, AxisMap, Combination
from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.axis_maps import axis_map, kept
from poolviz.dialects.common.vocabulary import CallArgs, Parts
from poolviz.dialects.keras.sequences import SEQUENCE_CLASSES
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor, tensors_in
from poolviz.reading.graph.tensor_graph import Constant
from poolviz.reading.source.call_arguments import Settings
from poolviz.reading.source.calls.layer_call import LayerCall
from poolviz.reading.source.calls.products import crossed
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import (
    UNHANDLED,
    Args,
    LayerObject,
    Library,
    Named,
    Unhandled,
    Unknown,
    Value,
    is_module,
)


def keras_module(call: LayerCall) -> Value | Unhandled:
    """Return the output of a layer that holds another one, or takes several tensors."""
    how = {
        "TimeDistributed": _time_distributed,
        "Bidirectional": _bidirectional,
        "MultiHeadAttention": _attention,
        "RNN": _with_cells,
        **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), _from_states),
        **dict.fromkeys(("SpectralNormalization",), _wrapped),
    }.get(call.name)
    return UNHANDLED if how is None else how(call)


def _wrapped(call: LayerCall) -> Value:
    """Apply the layer in a wrapper that changes its weights only."""
    inner = call.given("layer").get("layer")
    if not isinstance(inner, LayerObject):
        return call.lost()
    named = replace(inner, name=call.layer.name)
    return call.reader.apply(named, call.args, call.named, call.line)


def _time_distributed(call: LayerCall) -> Value:
    """Apply a layer to every entry of the first axis."""
    reader, layer, tensor = call.reader, call.layer, call.tensors[0]
    inner, shape = call.given("layer").get("layer"), tensor.shape
    if not is_module(inner) or shape is None or len(shape) < 2:
        return call.lost(phrase("reading.unread.no_sequence", name=call.name, shape=str(shape)))
    graph, steps = reader.graph, shape[0]
    each = axis_map("TimeDistributed", shape, kept(len(shape))[1:], only=((1, steps),))
    folded = graph.placed(graph.apply(tensor, each, layer.line), rows=tensor.rows * steps)
    results = tensors_in([reader.apply(inner, [folded], {}, call.line)])
    if len(results) != 1 or results[0].shape is None:
        return results[0] if results else Unknown(phrase("reading.unread.no_tensor"), call.line)
    [result] = results
    own = result.shape or ()
    together = axis_map("TimeDistributed", own, [steps, *kept(len(own))])
    return graph.placed(graph.apply(result, together, layer.line), rows=tensor.rows)


def _bidirectional(call: LayerCall) -> Value:
    """Apply a recurrent layer in both directions, and merge the two outputs; then the states."""
    given, tensor = call.given("layer", "merge_mode"), call.tensors[0]
    inner, mode = given.get("layer"), given.get("merge_mode", "concat")
    spec = SEQUENCE_CLASSES.get(inner.library.last) if isinstance(inner, LayerObject) else None
    is_known = mode in ("concat", "sum", "mul", "ave", None) and "backward_layer" not in given
    is_plain = is_known and len(call.tensors) == 1 and not tensor.batch_axis
    if spec is None or not isinstance(inner, LayerObject) or not is_plain:
        return call.lost()
    try:
        made = spec.make(CallArgs(Settings(inner.settings), tensor.shape))
    except (TypeError, ValueError) as wrong:
        return call.lost(words_of(wrong))
    [one] = made.first if isinstance(made, Parts) else made
    if not isinstance(one, AxisMap):
        return call.lost()
    graph, line = call.reader.graph, call.layer.line
    *front, last = one.shape
    assert isinstance(last, int)
    units = last * (2 if mode == "concat" else 1)
    kind, weights = f"Bidirectional {one.kind}", 2 * one.parameters
    both = replace(one, kind=kind, shape=(*front, units), parameters=weights)
    output = graph.apply(tensor, (both,), line, call.path)
    results: list[Value] = [output] if mode is not None else [output, output]
    if isinstance(made, Parts):
        state = (AxisMap("state", len(both.shape), (last,)),)
        results += [graph.apply(output, state, line) for _ in 2 * made.parts[1:]]
    return results[0] if len(results) == 1 else tuple(results)


def _with_cells(call: LayerCall) -> Value:
    """Apply `RNN(cell)`: the layer of the cell, or of several, one after the other."""
    given = call.given("cell", "return_sequences", "return_state", "go_backwards")
    cells = given.pop("cell", None)
    several = list(cells) if isinstance(cells, list | tuple) else [cells]
    names = [each.library.last if isinstance(each, LayerObject) else "" for each in several]
    has_states = given.get("return_state", False) is not False
    is_known = all(name in ("LSTMCell", "GRUCell", "SimpleRNNCell") for name in names)
    if not is_known or len(call.tensors) > 1 or (has_states and len(several) > 1):
        return call.lost()
    value: Value = call.tensors[0]
    for place, cell in enumerate(several):
        assert isinstance(cell, LayerObject)
        units: Any = cell.settings.get("units", (cell.settings.get("*") or (None,))[0])  # type: ignore[index]
        kept_ = {word: cell.settings[word] for word in _OF_CELLS if word in cell.settings}
        settings = {**kept_, "units": units, **{k: v for k, v in given.items() if k != "*"}}
        if place < len(several) - 1:
            settings["return_sequences"] = True
        library = Library(f"keras.layers.{cell.library.last.removesuffix('Cell')}")
        layer = LayerObject(library, settings, call.layer.line, call.layer.name)
        value = call.reader.apply(layer, [value], {}, call.line)
    return value


_OF_CELLS = ("use_bias", "reset_after")


def _from_states(call: LayerCall) -> Value | Unhandled:
    """Apply a recurrent layer that begins with states: they have the shape of its states."""
    if len(call.tensors) == 1:
        return UNHANDLED
    given = call.named.get("initial_state", call.args[1] if len(call.args) > 1 else None)
    tensor, states = call.tensors[0], tensors_in([given])
    units: Any = call.layer.settings.get("units")
    if len(call.tensors) != 1 + len(states) or not isinstance(units, int):
        return call.lost()
    if any(state.shape != (units,) for state in states):
        return call.lost(phrase("reading.unread.other_sizes", name=call.name))
    results = call.reader.apply(call.layer, [tensor], {}, call.line)
    output, *rest = results if isinstance(results, tuple) else (results,)
    if not isinstance(output, SymbolicTensor) or output.shape is None:
        return results
    graph = call.reader.graph
    how = Combination("state", tuple(map(Axis, range(1, len(output.shape) + 1))))
    computed = [state for state in states if state.root not in graph.constants][:1]
    made = graph.join(how, [output, *computed], call.line)
    return (made, *rest) if rest else made


def _attention(call: LayerCall) -> Value:
    """Apply `MultiHeadAttention(query, value, key)`: the shape of the query, or `output_shape`."""
    reader, tensors, line = call.reader, call.tensors, call.line
    words = ("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "output_shape")
    given = call.given(*words)
    heads: Any = given.get("num_heads")
    size: Any = given.get("key_dim")
    wanted = given.get("output_shape")
    values = given.get("value_dim") or size
    query, shape = tensors[0], tensors[0].shape
    numbers = (heads, size, values, 1 if wanted is None else wanted)
    is_known = all(isinstance(number, int) for number in numbers) and shape is not None
    if not is_known or len(tensors) < 2 or not shape or given.get("use_gate") or len(shape) < 2:
        return call.lost()
    last = shape[-1] if wanted is None else wanted
    value, key = tensors[1], tensors[2 if len(tensors) > 2 else 1]
    features = [(each.shape or (0,))[-1] for each in (query, key, value)]
    bias = int(given.get("use_bias", True) is not False)
    wide = [size, size, values]
    weights = sum(heads * n * (f + bias) for f, n in zip(features, wide, strict=True))
    weights += heads * values * last + bias * last
    if {each.key for each in tensors} == {query.key}:
        entries = [*kept(len(shape))[:-1], last]
        layers = axis_map(call.name, shape, entries, parameters=weights)
        made: Value = reader.graph.apply(query, layers, call.layer.line, call.path)
    else:
        others = [value] if key.key == value.key else [value, key]
        own = call.path
        made = crossed(reader, call.name, query, others, last, weights, line, own, checks=False)
    if call.named.get("return_attention_scores", False) is not False:
        return (made, Unknown(phrase("reading.unread.no_tensor"), line))
    return made


def weight(reader: ReadingContext, framework: str | None, args: Args, named: Named) -> Value:
    """Return a tensor that a layer learns: `self.add_weight(shape=…)`."""
    lists = [value for value in args if isinstance(value, list | tuple)]
    shape: Any = named.get("shape", lists[0] if lists else None)
    if not isinstance(shape, list | tuple) or not all(isinstance(n, int) for n in shape):
        return Unknown(phrase("reading.unread.shape_of_result", name="add_weight"))
    sizes = tuple(int(n) for n in shape)
    learned = Constant(sizes, is_parameter=True)
    return reader.graph.source(framework, sizes[1:] or None, None, learned)
