"""`read_model`: a model or a list of layers, as a `Stack`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.layers.validation import is_shape
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.diagnosis.network.source import InputShapeNeeded, Source
from poolviz.diagnosis.network.stack import Stack
from poolviz.i18n.keywords import answers_keywords
from poolviz.reading.graph.network_between import FoundNetwork
from poolviz.reading.model import keras_model as keras
from poolviz.reading.model import torch_model as torch
from poolviz.reading.model.flax_model import MODEL, is_linen, is_nnx, written_out
from poolviz.reading.model.keras_classes import (
    data_format_of,
    input_shapes_of,
    is_keras_layer,
)
from poolviz.reading.model.model_reader import Assumed
from poolviz.reading.model.torch_modules import is_module
from poolviz.reading.source.calls.assumptions import by_line
from poolviz.reading.source.read_code import read_code

_WANTED = (
    "model must be a module of PyTorch, a model or layer of Keras, a module of Flax, "
    "a list of layers or a Stack"
)


@answers_keywords()
def read_model(
    model: object,
    input_shape: Shape | Sequence[Shape] | Mapping[str, Shape] | None = None,
    *,
    assume: Mapping[str, object] | None = None,
) -> Stack:
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
        Keras. A list of shapes, or a dictionary by name, for several inputs. None: as the model
        has it. Model and shape may be swapped.
    assume
        What cannot be read: the shape of its output, without the batch, or ``"keeps its shape"``,
        by the name of the layer or module, ``{"encoder": (512, 7, 7)}``, or the line of the call.

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
        For a model that contains itself or is nested too deep, for another number of inputs, and
        for another `assume`.

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
    if is_shape(model) and input_shape is not None and not is_shape(input_shape):
        model, input_shape = input_shape, model  # in the other order
    if isinstance(model, Stack):
        shape: Any = input_shape
        return model if shape is None else replace(model, input_shape=shape)
    known = by_line(assume, takes_names=True)
    parts = list(model) if isinstance(model, list | tuple) else [model]
    if not parts:
        raise TypeError(f"{_WANTED}, got an empty {type(model).__name__}")
    for fits, read in _READERS:
        if fits(parts[0]):
            for place, part in enumerate(parts):
                if not fits(part):
                    raise TypeError(_another_kind(parts[0], place, part))
            return _within_depth(read, parts, input_shape, known)
    raise TypeError(f"{_WANTED}, got {_said(parts[0])}")


def _within_depth(read: Any, parts: Sequence[object], input_shape: Any, assume: Assumed) -> Stack:
    try:
        stack: Stack = read(parts, input_shape, assume)
    except RecursionError:
        raise ValueError(
            f"{type(parts[0]).__name__} is nested too deep to be read; give the part that fails"
        ) from None
    return stack


def _poolviz(layers: Sequence[Any], input_shape: object, assume: Assumed) -> Stack:
    return Stack(tuple(layers), _given(input_shape, None, None))


def _torch(modules: Sequence[object], input_shape: object, assume: Assumed) -> Stack:
    shapes = _several(input_shape, "pytorch", "channels_first")
    inputs = torch.inputs_of(modules[0], shapes)
    for module in modules[1:]:
        # Only counts its inputs: in a list, each module takes what the one before gives.
        torch.inputs_of(module, [()])
    found = torch.read_torch(modules, inputs, assume)
    return _stack(*found, "pytorch", "channels_first")


def _keras(layers: Sequence[object], input_shape: object, assume: Assumed) -> Stack:
    order = data_format_of(layers)
    known = input_shapes_of(layers[0]) if input_shape is None else input_shape
    inputs = keras.inputs_of(layers[0], _several(known, "keras", order))
    for layer in layers[1:]:
        keras.inputs_of(layer, [()])
    found = keras.read_keras(layers, inputs, order, assume)
    return _stack(*found, "keras", order)


def _flax(modules: Sequence[object], input_shape: object, assume: Assumed) -> Stack:
    shapes: Any = _several(input_shape, "jax", "channels_last")
    shapes = list(shapes.values()) if isinstance(shapes, dict) else shapes
    text = written_out(modules[0] if len(modules) == 1 else list(modules))
    lines: Any = {f"line {line}": given for line, given in assume.items()}
    stack = read_code(text, shapes if len(shapes) > 1 else shapes[0], MODEL, assume=lines)
    assert stack.source is not None
    name = type(modules[0]).__name__ if len(modules) == 1 else None
    return replace(stack, source=replace(stack.source, model=name, candidates=()))


def read_history(layer: object, symbolic: object) -> Stack:
    """Return what led to symbolic tensors of Keras, and the layer that is called with them."""
    order = data_format_of([layer])
    return _stack(*keras.read_history(layer, symbolic, order), "keras", order)


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


def _several(given: Any, framework: str, order: str) -> list[Shape] | dict[str, Shape]:
    """Check the shapes of the inputs: one shape, a list of several, or a dictionary by name."""
    if isinstance(given, Mapping):
        return {str(name): _given(each, framework, order) for name, each in given.items()}
    is_list = isinstance(given, list | tuple) and any(isinstance(e, list | tuple) for e in given)
    return [_given(each, framework, order) for each in (given if is_list else [given])]


def _given(input_shape: Any, framework: str | None, order: str | None) -> tuple[int, ...]:
    if input_shape is None:
        raise InputShapeNeeded("read_model", framework, order)
    return Stack((), input_shape).input_shape


def _stack(
    read: FoundNetwork, text: str, shape: tuple[int, ...], framework: str, order: str
) -> Stack:
    is_sized = read.is_for_one_size
    source = Source(text, read.lines, read.not_read, read.is_whole, is_for_one_size=is_sized)
    return Stack(read.layers, shape, order, framework, source)


# --- arguments without a model --------------------------------------------------------------------


def _another_kind(first: object, place: int, part: object) -> str:
    return (
        f"a list needs layers of one kind, got {_said(first)} at [0] and {_said(part)} at [{place}]"
    )


def _said(value: object) -> str:
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
