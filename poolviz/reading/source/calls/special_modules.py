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
from poolviz.reading.source.calls.keras_modules import keras_module
from poolviz.reading.source.calls.products import crossed
from poolviz.reading.source.values import (
    UNHANDLED,
    Args,
    LayerObject,
    Named,
    ReadingContext,
    Unhandled,
    Unknown,
    Value,
    is_module,
)

_WITH_STATE = ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")
_ENCODERS = ("TransformerEncoder", "TransformerDecoder")


def special_module(
    reader: ReadingContext,
    layer: LayerObject,
    spec: LayerSpec | None,
    args: Args,
    named: Named,
    tensors: list[SymbolicTensor],
    line: int,
) -> Value | Unhandled:
    """Return the output of a layer that needs more than one tensor and its settings."""
    name, path = layer.library.last, layer.library.path
    if not path.startswith("torch."):
        return keras_module(reader, layer, args, named, tensors, line)
    if name in _WITH_STATE and len(tensors) > 1:
        return _with_state(reader, layer, args, named, tensors, line)
    if name == "MultiheadAttention" and tensors:
        return _attention(reader, layer, spec, args, named, tensors, line)
    if name == "TransformerEncoderLayer" and len(tensors) > 1:
        return reader.apply(layer, [tensors[0]], {}, line)
    if name == "TransformerDecoderLayer":
        return _decoder_layer(reader, layer, tensors, line)
    if name in _ENCODERS:
        return _repeated(reader, layer, args, tensors, line)
    if name.startswith("MaxUnpool") and (len(tensors) > 1 or "output_size" in named or args[2:]):
        return _unpooled(reader, layer, args, named, tensors[0], line)
    if name.startswith("ConvTranspose") and ("output_size" in named or len(args) > 1):
        return _to_size(reader, layer, args, named, tensors[0], line)
    if name == "Bilinear" and len(tensors) == 2:
        return UNHANDLED
    return UNHANDLED


def _settings(layer: LayerObject) -> Settings:
    return Settings(layer.settings)


# --- recurrent layers ----------------------------------------------------------------------------


def _with_state(
    reader: ReadingContext,
    layer: LayerObject,
    args: Args,
    named: Named,
    tensors: list[SymbolicTensor],
    line: int,
) -> Value:
    """Apply a recurrent layer whose first states are given; PyTorch checks their shapes."""
    states = tensors_in([*args[1:], *(v for k, v in named.items() if k in ("hx", "h_0"))])
    output = reader.apply(layer, [tensors[0]], {}, line)
    name = layer.library.last
    results = tensors_in([output])
    hidden = layer.settings.get("hidden_size")
    is_plain = isinstance(hidden, int) and "proj_size" not in layer.settings
    wanted = _state_shape(layer, hidden) if is_plain and isinstance(hidden, int) else None
    if wanted is not None and any(state.shape not in (None, wanted) for state in states):
        why = phrase("reading.unread.other_sizes", name=name)
        return reader.lost([tensors[0], *results[:1]], line, why)
    computed = [state for state in states if state.key in reader.graph.nodes]
    if not computed or not isinstance(output, tuple):
        return output
    own, *rest = output
    assert isinstance(own, SymbolicTensor)
    aligned = [reader.graph.placed(each, own.batch_axis, own.rows) for each in computed[:1]]
    how = Combination("state", tuple(Axis(i) for i in range(1, len(own.shape or (0,)) + 1)))
    return (reader.graph.join(how, [own, *aligned], line), *rest)


def _state_shape(layer: LayerObject, hidden: int) -> tuple[int, ...] | None:
    if layer.library.last.endswith("Cell"):
        return (hidden,)
    layers, sides = layer.settings.get("num_layers", 1), layer.settings.get("bidirectional", False)
    if not isinstance(layers, int) or not isinstance(sides, bool):
        return None
    return (layers * (1 + sides), hidden)


# --- attention -----------------------------------------------------------------------------------


def _attention(
    reader: ReadingContext,
    layer: LayerObject,
    spec: LayerSpec | None,
    args: Args,
    named: Named,
    tensors: list[SymbolicTensor],
    line: int,
) -> Value | Unhandled:
    """Return the output and the weights of `MultiheadAttention(query, key, value)`."""
    given = [*args, *(named[word] for word in ("query", "key", "value") if word in named)][:3]
    if len(given) < 3 or not all(isinstance(value, SymbolicTensor) for value in given) or not spec:
        return reader.lost(tensors, line, phrase("reading.unread.input_not_followed"))
    query, *others = tensors_in(given)
    keys = {(each.key, each.batch_axis) for each in (query, *others)}
    needs = named.get("need_weights", args[4] if len(args) > 4 else True)
    averages = named.get("average_attn_weights", True)
    name = reader.path(layer.name)
    try:
        made = spec.make(
            CallArgs(
                _settings(layer), query.shape, channels_last=False, batch_axis=query.batch_axis
            )
        )
    except (TypeError, ValueError) as wrong:
        return reader.lost(tensors, line, words_of(wrong))
    unknown = Unknown(phrase("reading.unread.no_tensor"), line)
    if len(keys) > 1:
        [first] = made.first
        size = first.expects[0][1]
        if len({each.key for each in others}) == 1:
            others = others[:1]
        weights = first.parameters
        output = crossed(reader, "MultiheadAttention", query, others, size, weights, line, name)
        return (output, None if needs is False else unknown)
    output, scores = reader.graph.results(query, made, layer.line, name)
    if needs is False:
        return (output, None)
    return (output, scores if averages is True and scores is not None else unknown)


def _decoder_layer(
    reader: ReadingContext, layer: LayerObject, tensors: list[SymbolicTensor], line: int
) -> Value:
    """Return the output of a decoder layer: the shape of its first tensor."""
    words = ("d_model", "nhead", "dim_feedforward")
    given = dict(zip(words, layer.settings.get("*", ()), strict=False)) | layer.settings  # type: ignore[arg-type]
    size, inner = given.get("d_model"), given.get("dim_feedforward", 2048)
    is_plain = len(tensors) > 1 and given.get("bias", True) is True
    if not is_plain or not isinstance(size, int) or not isinstance(inner, int):
        why = phrase("reading.unread.unknown", name="TransformerDecoderLayer")
        return reader.lost(tensors, line, why)
    weights = 8 * size * (size + 1) + 2 * size * inner + inner + size + 6 * size
    name = "TransformerDecoderLayer"
    return crossed(reader, name, tensors[0], tensors[1:2], size, weights, line, layer.name)


def _repeated(
    reader: ReadingContext, layer: LayerObject, args: Args, tensors: list[SymbolicTensor], line: int
) -> Value:
    """Apply the copies of the layer that an encoder or decoder makes, then its normalisation."""
    words = ("layer", "num_layers", "norm")
    star: Any = layer.settings.get("*", ())
    given = dict(zip(words, star, strict=False))
    for word, setting in layer.settings.items():
        given["layer" if word in ("encoder_layer", "decoder_layer") else word] = setting
    inner, count, norm = (given.get(word) for word in words)
    name = layer.library.last
    if not is_module(inner) or not isinstance(count, int) or not tensors:
        return reader.lost(tensors, line, phrase("reading.unread.unknown", name=name))
    value: Value = tensors[0]
    rest = tensors[1:2] if name == "TransformerDecoder" else []
    for _ in range(count):
        copy = replace(inner) if isinstance(inner, LayerObject) else inner
        value = reader.apply(copy, [value, *rest], {}, line)
    return reader.apply(norm, [value], {}, line) if is_module(norm) else value


# --- sizes that are given at the call ------------------------------------------------------------


def _wanted(args: Args, named: Named, place: int, ndim: int) -> tuple[int, ...] | None:
    given: Any = named.get("output_size", args[place] if len(args) > place else None)
    if not isinstance(given, list | tuple):
        return None
    sizes = tuple(given)[-ndim:]
    known = all(isinstance(size, int) and not isinstance(size, Batch) for size in sizes)
    return sizes if known and len(sizes) == ndim else None


def _unpooled(
    reader: ReadingContext,
    layer: LayerObject,
    args: Args,
    named: Named,
    tensor: SymbolicTensor,
    line: int,
) -> Value:
    """Apply a MaxUnpool with its indices, and the size that is wanted."""
    wants_size = "output_size" in named or len(args) > 2
    size = _wanted(args, named, 2, int(layer.library.last[-2]))
    if wants_size and size is None:
        return reader.lost([tensor], line, phrase("reading.unread.new_shape"))
    settings = layer.settings | ({} if size is None else {"output_size": size})
    return reader.apply(replace(layer, settings=settings), [tensor], {}, line)


def _to_size(
    reader: ReadingContext,
    layer: LayerObject,
    args: Args,
    named: Named,
    tensor: SymbolicTensor,
    line: int,
) -> Value:
    """Apply a transposed convolution with the output padding that gives the wanted size."""
    ndim = int(layer.library.last[-2])
    size, settings = _wanted(args, named, 1, ndim), _settings(layer)
    if named.get("output_size", args[1] if len(args) > 1 else None) is None:
        return reader.apply(layer, [tensor], {}, line)
    if size is None or tensor.shape is None or len(tensor.shape) != ndim + 1:
        return reader.lost([tensor], line, phrase("reading.unread.new_shape"))
    try:
        extra = tuple(_extra(size, tensor.shape[1:], settings, ndim))
    except (TypeError, ValueError) as wrong:
        return reader.lost([tensor], line, words_of(wrong))
    made = replace(layer, settings=layer.settings | {"output_padding": extra})
    return reader.apply(made, [tensor], {}, line)


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
