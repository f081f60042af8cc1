"""Layers that take several tensors, or other layers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from poolviz.arithmetic.layers.axes import Axis, Combination
from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.vocabulary import CallArgs, LayerSpec, each
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor, tensors_in
from poolviz.reading.source.call_arguments import Settings
from poolviz.reading.source.calls.flax_modules import flax_module
from poolviz.reading.source.calls.keras_modules import keras_module
from poolviz.reading.source.calls.layer_call import LayerCall
from poolviz.reading.source.calls.products import crossed
from poolviz.reading.source.values import (
    UNHANDLED,
    LayerObject,
    Library,
    Unhandled,
    Unknown,
    Value,
    is_module,
)

_WITH_STATE = ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")


def special_module(call: LayerCall, spec: LayerSpec | None) -> Value | Unhandled:
    """Return the output of a layer that needs more than one tensor and its settings."""
    name, several = call.name, len(call.tensors) > 1
    if call.layer.library.path.startswith("flax."):
        return flax_module(call)
    if not call.layer.library.path.startswith("torch."):
        return keras_module(call)
    if name in _WITH_STATE and several:
        return _with_state(call)
    if name == "MultiheadAttention" and call.tensors:
        return _attention(call, spec)
    # The other tensors are masks, which change no shape.
    if name == "TransformerEncoderLayer" and several:
        return call.on_first()
    if name in ("TransformerDecoderLayer", "TransformerDecoder"):
        return _decoder(call)
    if name == "Transformer":
        return _transformer(call)
    if name == "TransformerEncoder":
        return _repeated(call)
    has_size = "output_size" in call.named
    if name.startswith("MaxUnpool") and (several or has_size or call.args[2:]):
        return _unpooled(call)
    if name.startswith("ConvTranspose") and (has_size or len(call.args) > 1):
        return _to_size(call)
    return UNHANDLED


# --- recurrent layers ----------------------------------------------------------------------------


def _with_state(call: LayerCall) -> Value:
    """Apply a recurrent layer whose first states are given; PyTorch checks their shapes."""
    graph, layer = call.reader.graph, call.layer
    named = [value for word, value in call.named.items() if word in ("hx", "h_0")]
    states = tensors_in([*call.args[1:], *named])
    output = call.on_first()
    results = tensors_in([output])
    hidden = layer.settings.get("hidden_size")
    is_plain = isinstance(hidden, int) and "proj_size" not in layer.settings
    wanted = _state_shape(layer, hidden) if is_plain and isinstance(hidden, int) else None
    if wanted is not None and any(state.shape not in (None, wanted) for state in states):
        why = phrase("reading.unread.other_sizes", name=call.name)
        return call.reader.lost([call.tensors[0], *results[:1]], call.line, why)
    computed = [state for state in states if state.key in graph.nodes]
    if not computed or not results:
        return output
    own, *rest = output if isinstance(output, tuple) else (output,)
    assert isinstance(own, SymbolicTensor)
    aligned = [graph.placed(each, own.batch_axis, own.rows) for each in computed[:1]]
    how = Combination("state", tuple(Axis(i) for i in range(1, len(own.shape or (0,)) + 1)))
    made = graph.join(how, [own, *aligned], call.line)
    return (made, *rest) if isinstance(output, tuple) else made


def _state_shape(layer: LayerObject, hidden: int) -> tuple[int, ...] | None:
    if layer.library.last.endswith("Cell"):
        return (hidden,)
    layers, sides = layer.settings.get("num_layers", 1), layer.settings.get("bidirectional", False)
    if not isinstance(layers, int) or not isinstance(sides, bool):
        return None
    return (layers * (1 + sides), hidden)


# --- attention -----------------------------------------------------------------------------------


def _attention(call: LayerCall, spec: LayerSpec | None) -> Value | Unhandled:
    """Return the output and the weights of `MultiheadAttention(query, key, value)`."""
    reader, args, named, line = call.reader, call.args, call.named, call.line
    given = [*args, *(named[word] for word in ("query", "key", "value") if word in named)][:3]
    if len(given) < 3 or not all(isinstance(value, SymbolicTensor) for value in given) or not spec:
        return call.lost(phrase("reading.unread.input_not_followed"))
    query, *others = tensors_in(given)
    keys = {(each.key, each.batch_axis) for each in (query, *others)}
    needs = named.get("need_weights", args[4] if len(args) > 4 else True)
    averages = named.get("average_attn_weights", True)
    settings = Settings(call.layer.settings)
    try:
        made = spec.make(CallArgs(settings, query.shape, False, query.batch_axis))
    except (TypeError, ValueError) as wrong:
        return call.lost(words_of(wrong))
    unknown = Unknown(phrase("reading.unread.no_tensor"), line)
    if len(keys) > 1:
        [first] = made.first
        size, weights = first.expects[0][1], first.parameters
        if len({each.key for each in others}) == 1:
            others = others[:1]
        output = crossed(reader, call.name, query, others, size, weights, line, call.path)
        return (output, None if needs is False else unknown)
    output, scores = reader.graph.results(query, made, call.layer.line, call.path)
    if needs is False:
        return (output, None)
    return (output, scores if averages is True and scores is not None else unknown)


def _decoder(call: LayerCall) -> Value:
    """Return the output of a decoder, or of one of its layers: the shape of its first tensor."""
    words = ("decoder_layer", "num_layers", "norm")
    given = call.given(*(words if call.name == "TransformerDecoder" else ()))
    inner, count = given.get("decoder_layer", call.layer), given.get("num_layers", 1)
    if not isinstance(inner, LayerObject) or not isinstance(count, int):
        return _repeated(call)
    size, weights = _of_decoder_layer(call._replace(layer=inner))
    tensors, has_norm = call.tensors, is_module(given.get("norm"))
    if len(tensors) < 2 or size is None or (has_norm and _normed(given["norm"]) != size):
        return call.lost(phrase("reading.unread.unknown", name=call.name))
    total = count * weights + 2 * size * has_norm
    own = call.path
    return crossed(call.reader, call.name, tensors[0], tensors[1:2], size, total, call.line, own)


def _normed(norm: Any) -> Any:
    """Return over how many features a LayerNorm works; None for any other layer."""
    is_norm = isinstance(norm, LayerObject) and norm.library.last == "LayerNorm"
    size = norm.settings.get("normalized_shape") if is_norm else None
    return size[0] if isinstance(size, list | tuple) and len(size) == 1 else size


def _of_decoder_layer(call: LayerCall) -> tuple[int | None, int]:
    """Return the features of a decoder layer, and its number of weights."""
    given = call.given("d_model", "nhead", "dim_feedforward")
    size, inner = given.get("d_model"), given.get("dim_feedforward", 2048)
    is_plain = call.name == "TransformerDecoderLayer" and given.get("bias", True) is True
    if not is_plain or not isinstance(size, int) or not isinstance(inner, int):
        return None, 0
    # Two attentions of four matrices each, two dense layers, three LayerNorms.
    return size, 8 * size * (size + 1) + 2 * size * inner + inner + size + 6 * size


def _transformer(call: LayerCall) -> Value:
    """Return the output of `Transformer(source, target)`: the shape of the target."""
    words = "d_model nhead num_encoder_layers num_decoder_layers dim_feedforward"
    given = call.given(*words.split())
    counts = [given.get(f"num_{word}_layers", 6) for word in ("encoder", "decoder")]
    is_plain = all(isinstance(count, int) for count in counts) and len(call.tensors) > 1
    by_place: Any = given.pop("*", ())
    own = len(by_place) > 7 or "custom_encoder" in given or "custom_decoder" in given
    inner = LayerObject(Library("torch.nn.TransformerDecoderLayer"), {"d_model": 512} | given, 0)
    size, weights = _of_decoder_layer(call._replace(layer=inner))
    if size is None or not is_plain or own:
        return call.lost(phrase("reading.unread.unknown", name=call.name))
    encoder = weights - 4 * size * (size + 1) - 2 * size  # one attention and one norm less
    # 4 · size: the LayerNorms at the end of the encoder and of the decoder.
    total = counts[0] * encoder + counts[1] * weights + 4 * size
    source, target = call.tensors[:2]
    return crossed(call.reader, call.name, target, [source], size, total, call.line, call.path)


def _repeated(call: LayerCall) -> Value:
    """Apply the copies of the layer that an encoder or decoder makes, then its normalisation."""
    words = ("layer", "num_layers", "norm")
    given = {
        "layer" if word in ("encoder_layer", "decoder_layer") else word: setting
        for word, setting in call.given(*words).items()
    }
    inner, count, norm = (given.get(word) for word in words)
    if not is_module(inner) or not isinstance(count, int) or not call.tensors:
        return call.lost(phrase("reading.unread.unknown", name=call.name))
    value: Value = call.tensors[0]
    rest = call.tensors[1:2] if call.name == "TransformerDecoder" else []
    for _ in range(count):
        # PyTorch makes deep copies, so each has separate weights.
        copy = replace(inner) if isinstance(inner, LayerObject) else inner
        value = call.reader.apply(copy, [value, *rest], {}, call.line)
    return call.reader.apply(norm, [value], {}, call.line) if is_module(norm) else value


# --- sizes that are given at the call ------------------------------------------------------------


def _wanted(call: LayerCall, place: int, ndim: int) -> tuple[int, ...] | None:
    at_place = call.args[place] if len(call.args) > place else None
    given: Any = call.named.get("output_size", at_place)
    if not isinstance(given, list | tuple):
        return None
    sizes = tuple(given)[-ndim:]
    known = all(isinstance(size, int) and not isinstance(size, Batch) for size in sizes)
    return sizes if known and len(sizes) == ndim else None


def _unpooled(call: LayerCall) -> Value:
    """Apply a MaxUnpool with its indices, and the size that is wanted."""
    wants_size = "output_size" in call.named or len(call.args) > 2
    size = _wanted(call, 2, int(call.name[-2]))
    if wants_size and size is None:
        return call.lost(phrase("reading.unread.new_shape"))
    return call.on_first(**({} if size is None else {"output_size": size}))


def _to_size(call: LayerCall) -> Value:
    """Apply a transposed convolution with the output padding that gives the wanted size."""
    ndim, shape = int(call.name[-2]), call.tensors[0].shape
    size, args = _wanted(call, 1, ndim), call.args
    if call.named.get("output_size", args[1] if len(args) > 1 else None) is None:
        return call.on_first()
    if size is None or shape is None or len(shape) != ndim + 1:
        return call.lost(phrase("reading.unread.new_shape"))
    try:
        extra = tuple(_extra(size, shape[1:], Settings(call.layer.settings), ndim))
    except (TypeError, ValueError) as wrong:
        return call.lost(words_of(wrong))
    return call.on_first(output_padding=extra)


def _extra(
    wanted: Iterable[int], sizes: Iterable[int], settings: Settings, ndim: int
) -> Iterable[int]:
    words = (("kernel_size", None), ("stride", 1), ("padding", 0), ("dilation", 1))
    numbers = [each(settings.get(word, default), ndim) for word, default in words]
    for size, now, k, s, p, d in zip(wanted, sizes, *numbers, strict=True):
        extra = size - ((now - 1) * s - 2 * p + d * (k - 1) + 1)
        if not 0 <= extra < s:
            raise ValueError(phrase("reading.unread.no_size"))
        yield extra
