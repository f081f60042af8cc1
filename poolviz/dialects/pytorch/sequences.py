"""PyTorch: recurrent layers, attention and transformers → layers.

Read off torch 2.13.0, and run with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from poolviz.arithmetic.layers.axes import AxisMap
from poolviz.arithmetic.open_size import OpenSize, has_open
from poolviz.dialects.common.axis_maps import axis_map, kept, known
from poolviz.dialects.common.vocabulary import CallArgs, Layers, LayerSpec, Part, Parts, word
from poolviz.i18n.phrase import phrase

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def _check_sequence(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) != 2:
        raise ValueError(phrase("reading.unread.no_sequence", name=name, shape=str(shape)))
    if 0 in shape:
        raise ValueError(phrase("reading.unread.over_nothing", name=name))


def _recurrent(name: str, given: CallArgs) -> Parts:
    """The outputs of every step, and the last states: (layers, batch, features)."""
    shape = known(given.shape)
    _check_sequence(name, shape)
    hidden, layers = given["hidden_size"], given.get("num_layers", 1)
    sides = 2 if given.get("bidirectional", False) else 1
    projected = given.get("proj_size", 0) or 0
    features = projected or hidden
    output = AxisMap(
        name,
        2,
        (kept(2)[0], features * sides),
        expects=() if given["input_size"] is None else ((2, given["input_size"]),),
        parameters=_weights(name, shape[1], given, sides),
    )
    # Where the batch is not where the layer looks for it, the states have the steps as their batch.
    sees_batch = given.batch_axis == (0 if given.get("batch_first", False) else 1)
    state = partial(axis_map, "state", (shape[0], features * sides))
    states: Part | None = None
    cells: Part | None = None
    if sees_batch:
        states = Part(state((layers * sides, features)), 1)
        cells = Part(state((layers * sides, hidden)), 1)
    both = Parts((), (states, cells)) if name == "LSTM" else states
    return Parts((output,), (Part((), given.batch_axis), both))


def _weights(name: str, features: int, given: CallArgs, sides: int) -> int:
    """Weights and biases of all layers and directions."""
    hidden, projected = given["hidden_size"], given.get("proj_size", 0) or 0
    if has_open((features, hidden)):
        return OpenSize()
    # The weights of all gates are stacked; there are two bias vectors, for the sake of cuDNN.
    rows, total = GATES[name] * hidden, 0
    for _ in range(given.get("num_layers", 1)):
        each = rows * (features + (projected or hidden)) + projected * hidden
        total += sides * (each + (2 * rows if given.get("bias", True) else 0))
        features = (projected or hidden) * sides
    return total


def _cell(name: str, given: CallArgs) -> Parts | Layers:
    """One step: features → the next state; of an LSTM also the cell."""
    shape, hidden = known(given.shape), given["hidden_size"]
    if len(shape) != 1:
        raise ValueError(phrase("reading.unread.no_sequence", name=name, shape=str(shape)))
    rows = GATES[name.removesuffix("Cell")] * hidden
    weights = rows * (shape[0] + hidden) + (2 * rows if given.get("bias", True) else 0)
    expects = () if given["input_size"] is None else ((1, given["input_size"]),)
    layer = AxisMap(name, 1, (hidden,), expects, parameters=weights)
    return Parts((layer,), (Part(), Part())) if name == "LSTMCell" else (layer,)


def _transformer_layer(given: CallArgs) -> Layers:
    """Attention and two dense layers: the shape stays."""
    shape, size = known(given.shape), given["d_model"]
    _check_sequence("TransformerEncoderLayer", shape)
    _check_heads(size, given["nhead"])
    inner = given.get("dim_feedforward", 2048)
    # Attention has four matrices; then come two dense layers and two LayerNorms.
    if not given.get("bias", True):
        weights = 4 * size * size + 2 * size * inner + 2 * size
    else:
        weights = 4 * size * (size + 1) + 2 * size * inner + inner + size + 4 * size
    return (
        AxisMap(
            "TransformerEncoderLayer",
            2,
            tuple(kept(2)),
            ((2, size),),
            parameters=weights,
            error="AssertionError",
        ),
    )


def _check_heads(size: int, heads: int) -> None:
    if heads < 1 or size % heads:
        raise ValueError(phrase("reading.unread.groups", channels=size, groups=heads))


def _self_attention(given: CallArgs) -> Parts:
    """MultiheadAttention of one tensor with itself: the output, and the weights."""
    shape, size = known(given.shape), given["embed_dim"]
    _check_sequence("MultiheadAttention", shape)
    _check_heads(size, given["num_heads"])
    weights = 4 * size * size + (4 * size if given.get("bias", True) else 0)
    if given.get("add_bias_kv", False):
        weights += 2 * size
    if any(given.get(word, size) not in (None, size) for word in ("kdim", "vdim")):
        raise ValueError(phrase("reading.unread.other_sizes", name="MultiheadAttention"))
    layer = AxisMap(
        "MultiheadAttention",
        2,
        tuple(kept(2)),
        ((2, size),),
        parameters=weights,
        error="AssertionError",
    )
    # The weights have the batch first, whatever the order of the data.
    sees_batch = given.batch_axis == (0 if given.get("batch_first", False) else 1)
    # Each of these adds a key, so the scores have more columns than the sequence has steps.
    longer = int(bool(given.get("add_bias_kv"))) + int(bool(given.get("add_zero_attn")))
    scores: Part | None = None
    if sees_batch and not longer:
        scores = Part(axis_map("weights", shape, (kept(1)[0], kept(1)[0])))
    return Parts((layer,), (Part((), given.batch_axis), scores))


_RECURRENT = (
    "input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size device "
    "dtype"
)
_ATTENTION = (
    "embed_dim num_heads dropout bias add_bias_kv add_zero_attn kdim vdim batch_first device dtype"
)
_TRANSFORMER = (
    "d_model nhead dim_feedforward dropout activation layer_norm_eps batch_first norm_first bias "
    "device dtype"
)


def _classes() -> Iterator[tuple[str, LayerSpec]]:
    for name in GATES:
        words = _RECURRENT.replace(" bias", " nonlinearity bias") if name == "RNN" else _RECURRENT
        yield name, word(words, partial(_recurrent, name), knows_batch=True)
        more = " nonlinearity" if name == "RNN" else ""
        cell = f"input_size hidden_size bias{more} device dtype"
        yield f"{name}Cell", word(cell, partial(_cell, f"{name}Cell"))
    yield "MultiheadAttention", word(_ATTENTION, _self_attention, knows_batch=True)
    yield "TransformerEncoderLayer", word(_TRANSFORMER, _transformer_layer, knows_batch=True)


SEQUENCE_CLASSES: Mapping[str, LayerSpec] = dict(_classes())
