"""Keras' models and layers, by their classes and attributes, without importing Keras.

Read off Keras 3.15.1; tf.keras has the same classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.network_layers import Identity, Layer, Linear
from poolviz.dialects.keras.layers import CLASSES

_HOMES = ("keras.", "tf_keras.", "tensorflow.python.keras.", "tensorflow.keras.")


def is_keras_layer(value: object) -> bool:
    """Return whether it is a layer or a model of Keras or tf.keras, or of a subclass."""
    return any(cls.__name__ == "Layer" for cls in _keras_classes(value))


def _keras_classes(value: object) -> Iterator[type]:
    return (cls for cls in type(value).__mro__ if cls.__module__.startswith(_HOMES))


def own_classes(layer: object) -> Iterator[str]:
    """Yield the classes of Keras whose `call` the layer inherits unchanged."""
    call = getattr(type(layer), "call", None)
    for cls in _keras_classes(layer):
        if getattr(cls, "call", None) is call:
            yield cls.__name__


def known_class(layer: object) -> str | None:
    """Return the class of the layer, if the vocabulary has it."""
    return next((name for name in own_classes(layer) if name in CLASSES), None)


def is_own(layer: object) -> bool:
    """Return whether it is a class of Keras itself, which is not followed inside.

    The layers that `keras.applications` makes for its models are small ones in Python.
    """
    home = type(layer).__module__
    return home.startswith(_HOMES) and ".applications." not in home


def layers_in_order(model: Any) -> list[object] | None:
    """Return the layers of a Sequential; None for anything else."""
    if any(cls.__name__ == "Sequential" for cls in _keras_classes(model)):
        return [layer for layer in model.layers if not _is_input(layer)]
    return None


def _is_input(layer: object) -> bool:
    return type(layer).__name__ == "InputLayer"


def is_functional(model: object) -> bool:
    """Return whether it is a model that is a graph from its inputs to its outputs."""
    return "Functional" in own_classes(model)


def every_layer(layers: Sequence[object]) -> Iterator[Any]:
    """Yield the layers, and those inside them, each once."""
    seen: set[int] = set()
    open_layers = list(layers)[::-1]
    while open_layers:
        layer = open_layers.pop()
        if id(layer) not in seen:
            seen.add(id(layer))
            yield layer
            open_layers += [
                *reversed(getattr(layer, "layers", None) or getattr(layer, "_layers", None) or ())
            ]


def data_format_of(layers: Sequence[object]) -> str:
    """Return the data format of the first layer that has one."""
    found = (getattr(layer, "data_format", None) for layer in every_layer(layers))
    orders = ("channels_first", "channels_last")
    return next((str(order) for order in found if order in orders), "channels_last")


def input_shapes_of(model: object) -> list[tuple[int, ...]] | None:
    """Shapes of the inputs, without the batch; None if the model does not fix them."""
    whole = getattr(model, "input_shape", None) or _built_shape(model)
    several = list(whole.values()) if isinstance(whole, dict) else whole
    is_several = isinstance(several, list) and all(isinstance(e, tuple | list) for e in several)
    found = [_without_batch(each) for each in (several if is_several else [whole])]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else None


def _without_batch(shape: Any) -> tuple[int, ...] | None:
    if not isinstance(shape, tuple | list) or len(shape) < 2:
        return None
    sizes = tuple(shape)[1:]
    return sizes if all(isinstance(size, int) for size in sizes) else None


def stated_shape(model: Any) -> tuple[int, ...] | None:
    """Return the shape of the input that a model was built for; None for layers and open sizes."""
    if layers_in_order(model) is None and not is_functional(model):
        return None
    whole = getattr(model, "input_shape", None) if getattr(model, "built", False) else None
    if not isinstance(whole, tuple) or not all(isinstance(size, int) for size in whole[1:]):
        return None
    return whole[1:]


def _built_shape(model: Any) -> Any:
    """Input shape with which a model without a graph was called, if it was."""
    known = getattr(model, "_build_shapes_dict", None)
    return next(iter(known.values())) if isinstance(known, dict) and len(known) == 1 else None


def built_for(layer: Any, made: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return layers with the number of channels that the weights were made for."""
    axes = getattr(getattr(layer, "input_spec", None), "axes", None)
    if not getattr(layer, "built", False) or not isinstance(axes, dict) or len(axes) != 1:
        return made
    [count] = axes.values()
    if len(made) != 1 or not isinstance(count, int):
        return made
    [only] = made
    if isinstance(only, Conv | ConvTranspose):
        return (replace(only, in_channels=count),)
    if isinstance(only, Linear):
        return (replace(only, in_features=count),)
    return (replace(only, channels=count),) if isinstance(only, Identity) else made
