"""Live models of PyTorch, Keras and Flax → layers; a framework is used only where it is loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from poolviz.arithmetic.operations import Layer
from poolviz.diagnosis.reading.models.flow import Read
from poolviz.diagnosis.reading.models.keras import read_keras
from poolviz.diagnosis.reading.models.keras_models import (
    data_format_of,
    input_shape_of,
    is_keras_layer,
)
from poolviz.diagnosis.reading.models.torch import read_torch
from poolviz.diagnosis.reading.models.torch_modules import is_module
from poolviz.diagnosis.reading.source import InputShapeNeeded, Source
from poolviz.diagnosis.stack import Stack

CALL = "read_model"


def read_model(model: Any, input_shape: Any = None) -> Stack:
    """A model of PyTorch, Keras or Flax, or a list of layers, as a `Stack`.

    The model is not changed and no data runs through it.

    Parameters
    ----------
    model
        A module of PyTorch, a model or layer of Keras, a module of Flax; a list of such layers
        or of layers of poolviz; a `Stack`.
    input_shape
        Without the batch, in the order of the data: (3, 32, 32) for PyTorch, (32, 32, 3) for
        Keras. None where the model has it.

    Returns
    -------
    Stack
        Its `source` has the line of each layer, `not_read` what was not understood.

    Raises
    ------
    InputShapeNeeded
        For a model that does not say what goes in.
    TypeError
        For what is no model.
    ValueError
        For a model that contains itself, or takes several inputs.

    Examples
    --------
    >>> from poolviz.arithmetic.layers import Pool
    >>> read_model([Pool(2), Pool(2)], (3, 8, 8)).output_shape
    (3, 2, 2)
    """
    if isinstance(model, Stack):
        return model if input_shape is None else replace(model, input_shape=input_shape)
    parts = list(model) if isinstance(model, list | tuple) else [model]
    if parts and all(map(_is_layer, parts)):
        return Stack(tuple(parts), _given(input_shape, None, None))
    if parts and all(map(is_keras_layer, parts)):
        return _keras(parts, input_shape)
    if parts and all(map(is_module, parts)):
        shape = _given(input_shape, "pytorch", "channels_first")
        return _stack(*read_torch(parts, shape), shape, "pytorch", "channels_first")
    raise TypeError(model)


def _keras(layers: list[Any], input_shape: Any) -> Stack:
    order = data_format_of(layers)
    known = input_shape_of(layers[0]) if input_shape is None else input_shape
    shape = _given(known, "keras", order)
    return _stack(*read_keras(layers, shape, order), shape, "keras", order)


def _is_layer(value: Any) -> bool:
    is_named = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)
    return isinstance(value[1] if is_named else value, Layer)


def _given(input_shape: Any, framework: str | None, order: str | None) -> tuple[int, ...]:
    if input_shape is None:
        raise InputShapeNeeded(CALL, framework, order)
    return Stack((), input_shape).input_shape


def _stack(read: Read, text: str, shape: tuple[int, ...], framework: str, order: str) -> Stack:
    source = Source(text, read.lines, read.not_read)
    return Stack(read.layers, shape, order, framework, source)
