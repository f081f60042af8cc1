"""Whatever describes a network (a stack, code, a model, layers) as a `Stack`."""

from __future__ import annotations

from dataclasses import replace

from poolviz.arithmetic.layers.validation import is_shape
from poolviz.diagnosis.network.stack import Stack
from poolviz.reading.model.read_model import read_model
from poolviz.reading.source.read_code import read_code


def as_stack(given: object, input_shape: tuple[int, ...] | None = None) -> Stack:
    """Return a stack as it is, or the stack of code, a model or layers.

    Raises
    ------
    TypeError, ValueError
        As `read_code` for text, as `read_model` for everything else.
    """
    if is_shape(given) and input_shape is not None and not is_shape(input_shape):
        given, input_shape = input_shape, given
    if isinstance(given, Stack):
        return given if input_shape is None else replace(given, input_shape=input_shape)
    return (
        read_code(given, input_shape) if isinstance(given, str) else read_model(given, input_shape)
    )
