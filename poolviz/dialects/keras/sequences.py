"""Keras: recurrent layers and attention → layers. Read off Keras 3.15.1, and run with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from poolviz.arithmetic.layers.axes import AxisMap
from poolviz.arithmetic.open_size import has_open
from poolviz.dialects.common.axis_maps import kept, known
from poolviz.dialects.common.vocabulary import (
    CallArgs,
    Layers,
    LayerSpec,
    Part,
    Parts,
    each,
    word,
)
from poolviz.i18n.phrase import phrase

GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}


def _recurrent(name: str, given: CallArgs) -> Layers | Parts:
    """The last output, or with `return_sequences` that of every step; the states where asked."""
    shape, units = known(given.shape), given["units"]
    if len(shape) != 2 or 0 in shape:
        raise ValueError(phrase("reading.unread.no_sequence", name=name, shape=str(shape)))
    steps = (kept(2)[0],) if given.get("return_sequences", False) else ()
    # With `reset_after`, as in cuDNN, the input and the state each have a bias.
    bias = (2 if name == "GRU" and given.get("reset_after", True) else 1) * GATES[name] * units
    weights = GATES[name] * units * (shape[1] + units)
    total = weights + (bias if given.get("use_bias", True) else 0)
    layer = AxisMap(name, 2, (*steps, units), parameters=total)
    if not given.get("return_state", False):
        return (layer,)
    last = (AxisMap("state", len(steps) + 1, (units,)),) if steps else ()
    states = (Part(last),) * (2 if name == "LSTM" else 1)
    return Parts((layer,), (Part(), *states))


def _convolved(ndim: int, given: CallArgs) -> Layers | Parts:
    """ConvLSTM: (time, *map, channels); the input is convolved as the arguments say."""
    shape, filters = known(given.shape), given["filters"]
    if len(shape) != ndim + 2 or has_open(shape):
        raise ValueError(phrase("reading.unread.no_map", name="ConvLSTM", shape=str(shape)))
    if given.get("data_format") == "channels_first":
        raise ValueError(phrase("reading.unread.no_map", name="ConvLSTM", shape=str(shape)))
    kernel = each(given["kernel_size"], ndim)
    stride, dilation = (
        each(given.get("strides", 1), ndim),
        each(given.get("dilation_rate", 1), ndim),
    )
    is_same = str(given.get("padding", "valid")).lower() == "same"
    sizes = []
    for n, k, s, d in zip(shape[1:-1], kernel, stride, dilation, strict=True):
        size = -(-n // s) if is_same else (n - d * (k - 1) - 1) // s + 1
        if size < 1:
            raise ValueError(phrase("reading.unread.no_window"))
        sizes.append(size)
    cells = 1
    for k in kernel:
        cells *= k
    # 4: the gates of an LSTM. The state has a separate kernel of the same size.
    weights = 4 * filters * (cells * (shape[-1] + filters) + int(given.get("use_bias", True)))
    steps = (kept(1)[0],) if given.get("return_sequences", False) else ()
    only = tuple((axis, shape[axis - 1]) for axis in range(2, ndim + 2))
    name = f"ConvLSTM{ndim}D"
    shape_after = (*steps, *sizes, filters)
    layer = AxisMap(name, len(shape), shape_after, only=only, parameters=weights)
    if not given.get("return_state", False):
        return (layer,)
    last = (AxisMap("state", len(shape_after), tuple(kept(ndim + 2)[1:])),) if steps else ()
    return Parts((layer,), (Part(), Part(last), Part(last)))


def _repeated(given: CallArgs) -> Layers:
    """RepeatVector: features → n × features."""
    shape = known(given.shape)
    if len(shape) != 1:
        raise ValueError(phrase("reading.unread.no_map", name="RepeatVector", shape=str(shape)))
    return (AxisMap("RepeatVector", 1, (given["n"], *kept(1))),)


_STATES = "return_sequences return_state go_backwards stateful unroll"
_START = (
    "kernel_initializer recurrent_initializer bias_initializer {0}kernel_regularizer "
    "recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint "
    "recurrent_constraint bias_constraint dropout recurrent_dropout seed"
)


def _classes() -> Iterator[tuple[str, LayerSpec]]:
    forget = _START.format("unit_forget_bias ")
    plain = _START.format("")
    words = "units activation recurrent_activation use_bias"
    yield "LSTM", word(f"{words} {forget} {_STATES}", partial(_recurrent, "LSTM"))
    more = "return_sequences return_state go_backwards stateful unroll reset_after use_cudnn"
    yield "GRU", word(f"{words} {plain} {more}", partial(_recurrent, "GRU"))
    simple = f"units activation use_bias {plain.removesuffix(' seed')} {_STATES}"
    yield "SimpleRNN", word(simple, partial(_recurrent, "SimpleRNN"))
    window = "filters kernel_size strides padding data_format dilation_rate activation"
    for ndim in (1, 2, 3):
        more = f"{window} recurrent_activation use_bias {forget} {_STATES.removesuffix(' unroll')}"
        yield f"ConvLSTM{ndim}D", word(more, partial(_convolved, ndim))
    yield "RepeatVector", word("n", _repeated)


SEQUENCE_CLASSES: Mapping[str, LayerSpec] = dict(_classes())
