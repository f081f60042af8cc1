"""A layer whose parameters are not in its model, as in Flax: `model.apply(variables, x)`.

The model takes every number of features; which one the parameters take is in the message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.network_layers import Layer, Named
from poolviz.arithmetic.layers.pointwise import Linear
from poolviz.diagnosis.network.stack import Stack
from poolviz.messages.message import MessageKind
from poolviz.reading.messages import Message


def built_for(stack: Stack, message: Message, arrived: tuple[int, ...]) -> Stack | None:
    """Return a stack in which one layer is built for what the message says.

    None if not exactly one layer fails on `arrived` then.
    """
    expected = message.expected[0] if len(message.expected) == 1 else None
    if expected is None or stack.first_failure is not None:
        return None
    found = [
        built
        for place, layer in _built(stack, message.kind, expected)
        if (built := replace(stack, layers=_with(stack.layers, place, layer))).first_failure
        and (built.first_failure.index, built.first_failure.input_shape) == (place, arrived)
    ]
    return found[0] if len(found) == 1 else None


def _built(stack: Stack, kind: MessageKind, expected: int) -> Iterator[tuple[int, Layer]]:
    for place, given in enumerate(stack.layers):
        layer: Layer = given.layer if isinstance(given, Named) else given
        if kind is MessageKind.LINEAR and isinstance(layer, Linear) and layer.in_features is None:
            layer = replace(layer, in_features=expected)
        elif kind is MessageKind.CHANNELS and isinstance(layer, Conv) and layer.in_channels is None:
            layer = replace(layer, in_channels=expected)
        else:
            continue
        yield place, Named(given.name, layer) if isinstance(given, Named) else layer


def _with(layers: tuple[Layer, ...], place: int, layer: Layer) -> tuple[Layer, ...]:
    return (*layers[:place], layer, *layers[place + 1 :])
