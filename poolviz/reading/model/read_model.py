"""`read_model`: a model or a list of layers, as a `Stack`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.diagnosis.network.source import InputShapeNeeded, Source
from poolviz.diagnosis.network.stack import Stack
from poolviz.reading.graph.network_between import Found
from poolviz.reading.model import keras_model as keras
from poolviz.reading.model import torch_model as torch
from poolviz.reading.model.flax_model import MODEL, is_linen, is_nnx, written_out
from poolviz.reading.model.keras_classes import (
    data_format_of,
    input_shape_of,
    is_keras_layer,
)
from poolviz.reading.model.torch_modules import is_module
from poolviz.reading.source.read_code import read_code

_WANTED = (
    "model must be a module of PyTorch, a model or layer of Keras, a module of Flax, "
    "a list of layers or a Stack"
)


def read_model(model: Any, input_shape: tuple[int, ...] | None = None) -> Stack:
    """Return a model of PyTorch, Keras or Flax, or a list of layers, as a `Stack`.

    The model is not changed, and no data runs through it. No framework is imported: the one that
    made the model is loaded already.

    Parameters
    ----------
    model
        A module of PyTorch, a model or layer of Keras, a module of Flax; a list of modules or
        layers of one framework, or of layers of poolviz; a `Stack`.
    input_shape
        Without the batch, in the order of the data: (3, 32, 32) for PyTorch, (32, 32, 3) for
        Keras. None: as the model has it.

    Returns
    -------
    Stack
        `not_read` lists what was not understood, `source.lines` where the layers are called.

    Raises
    ------
    InputShapeNeeded
        For a model that does not state its input shape.
    TypeError
        For anything but a model or layers.
    ValueError
        For a model that contains itself, is nested too deep, or takes several inputs.

    Examples
    --------
    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> read_model([Pool(2), Pool(2)], (3, 8, 8)).output_shape
    (3, 2, 2)
    >>> read_model("model.h5")
    Traceback (most recent call last):
    TypeError: model must be a module of PyTorch, a model or layer of Keras, a module of Flax, \
a list of layers or a Stack, got the text 'model.h5'. A file has to be loaded by its framework \
first; source code is read by read_code
    """
    if isinstance(model, Stack):
        return model if input_shape is None else replace(model, input_shape=input_shape)
    parts = list(model) if isinstance(model, list | tuple) else [model]
    if not parts:
        raise TypeError(f"{_WANTED}, got an empty {type(model).__name__}")
    for fits, read in _READERS:
        if fits(parts[0]):
            for place, part in enumerate(parts):
                if not fits(part):
                    raise TypeError(_another_kind(parts[0], place, part))
            return _within_depth(read, parts, input_shape)
    raise TypeError(f"{_WANTED}, got {_said(parts[0])}")


def _within_depth(read: Any, parts: Sequence[Any], input_shape: Any) -> Stack:
    try:
        stack: Stack = read(parts, input_shape)
    except RecursionError:
        raise ValueError(
            f"{type(parts[0]).__name__} is nested too deep to be read; give the part that fails"
        ) from None
    return stack


def _poolviz(layers: Sequence[Any], input_shape: Any) -> Stack:
    return Stack(tuple(layers), _given(input_shape, None, None))


def _torch(modules: Sequence[Any], input_shape: Any) -> Stack:
    for module in modules:
        torch.check_inputs(module)
    shape = _given(input_shape, "pytorch", "channels_first")
    return _stack(*torch.read_torch(modules, shape), shape, "pytorch", "channels_first")


def _keras(layers: Sequence[Any], input_shape: Any) -> Stack:
    for layer in layers:
        keras.check_inputs(layer)
    order = data_format_of(layers)
    known = input_shape_of(layers[0]) if input_shape is None else input_shape
    shape = _given(known, "keras", order)
    return _stack(*keras.read_keras(layers, shape, order), shape, "keras", order)


def _flax(modules: Sequence[Any], input_shape: Any) -> Stack:
    shape = _given(input_shape, "jax", "channels_last")
    text = written_out(modules[0] if len(modules) == 1 else list(modules))
    stack = read_code(text, shape, MODEL)
    assert stack.source is not None
    name = type(modules[0]).__name__ if len(modules) == 1 else None
    return replace(stack, source=replace(stack.source, model=name, candidates=()))


def read_history(layer: Any, symbolic: Any) -> Stack:
    """Return what led to symbolic tensors of Keras, and the layer that is called with them."""
    first = symbolic[0] if isinstance(symbolic, list | tuple) else symbolic
    order = data_format_of([layer])
    shape = _given(tuple(keras.source_of(first).shape)[1:], "keras", order)
    return _stack(keras.read_history(layer, symbolic, shape, order), "", shape, "keras", order)


def _is_layer(value: Any) -> bool:
    is_named = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)
    return isinstance(value[1] if is_named else value, Layer)


# Keras comes before PyTorch, because with that backend its layers are PyTorch modules.
_READERS = (
    (_is_layer, _poolviz),
    (is_keras_layer, _keras),
    (is_module, _torch),
    (is_linen, _flax),
    (is_nnx, _flax),
)


def _given(input_shape: Any, framework: str | None, order: str | None) -> tuple[int, ...]:
    if input_shape is None:
        raise InputShapeNeeded("read_model", framework, order)
    return Stack((), input_shape).input_shape


def _stack(read: Found, text: str, shape: tuple[int, ...], framework: str, order: str) -> Stack:
    source = Source(text, read.lines, read.not_read, read.is_whole)
    return Stack(read.layers, shape, order, framework, source)


# --- arguments without a model --------------------------------------------------------------------


def _another_kind(first: Any, place: int, part: Any) -> str:
    return (
        f"a list needs layers of one kind, got {_said(first)} at [0] and {_said(part)} at [{place}]"
    )


def _said(value: Any) -> str:
    """Describe the argument, and say what to pass instead."""
    if isinstance(value, str | bytes):
        return (
            f"the text {value[:60]!r}. A file has to be loaded by its framework first; "
            "source code is read by read_code"
        )
    if inspect.isclass(value):
        return f"the class {value.__name__}. Give an object of it: {value.__name__}(…)"
    if inspect.isroutine(value):
        return f"the function {value.__name__}. Give what it makes: {value.__name__}(…)"
    if isinstance(value, Mapping):
        return (
            f"a mapping with {len(value)} entries ({type(value).__name__}). Weights do not say in "
            "which order the layers come: give the model that they belong to"
        )
    shape = getattr(value, "shape", None)
    if shape is not None:
        return (
            f"data of shape {tuple(shape)} ({type(value).__name__}). Give the model, and the "
            "shape of one sample as input_shape"
        )
    if isinstance(value, int | float | complex | None):
        return f"{value} ({type(value).__name__})"
    return f"an object of {type(value).__name__}"  # its repr may be long, or have an address
