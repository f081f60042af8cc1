"""Test doubles of PyTorch and Keras: classes with the right names, modules and attributes.

`tools.record.networks.architectures` builds its layers with them as it does with the real ones.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from poolviz.dialects.keras.layers import CLASSES as KERAS_LAYERS
from poolviz.dialects.pytorch.layers import CLASSES as TORCH_LAYERS


def torch_arguments(name: str) -> tuple[str, ...] | None:
    """Return the arguments of a module in order; None for an unknown name."""
    return TORCH_LAYERS[name].arguments if name in TORCH_LAYERS else None


def keras_arguments(name: str) -> tuple[str, ...]:
    """Return the arguments of a layer in order, none for an unknown name."""
    return KERAS_LAYERS[name].arguments if name in KERAS_LAYERS else ()


def _class(name: str, home: str, base: type, **more: Any) -> type:
    return type(name, (base,), {"__module__": home, **more})


class _Base:
    """What the settings of a constructor become."""

    def take(self, words: tuple[str, ...], args: tuple[Any, ...], named: dict[str, Any]) -> None:
        self.__dict__.update(zip(words, args, strict=False))
        self.__dict__.update(named)


# --- PyTorch -------------------------------------------------------------------------------------


def _torch_init(self: Any, *args: Any, **named: Any) -> None:
    self._modules = {}
    names = (cls.__name__ for cls in type(self).__mro__)
    words = next((found for name in names if (found := torch_arguments(name))), ())
    self.take(words, args, named)


def _torch_modules(self: Any) -> list[Any]:
    return [self, *(inner for child in self._modules.values() for inner in child.modules())]


TorchModule = _class(
    "Module",
    "torch.nn.modules.module",
    _Base,
    __init__=_torch_init,
    modules=_torch_modules,
    parameters=lambda self: [],
    eval=lambda self: self,
    forward=lambda self, x: x,
)


def torch_class(name: str, home: str = "torch.nn.modules.some") -> Any:
    """A class of torch.nn with its own `forward`."""
    return _class(name, home, TorchModule, forward=lambda self, x: x)


def torch_sequential(*modules: Any) -> Any:
    """`nn.Sequential` of such modules."""
    made = torch_class("Sequential", "torch.nn.modules.container")()
    made._modules = {str(place): module for place, module in enumerate(modules)}
    return made


class _Namespace:
    def __init__(self, make: Any) -> None:
        self.make = make

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.make(name)


TORCH = SimpleNamespace(nn=_Namespace(torch_class))

# --- Keras ---------------------------------------------------------------------------------------


def _keras_init(self: Any, *args: Any, **named: Any) -> None:
    self.name = f"a_{type(self).__name__}"
    self.built = False
    self.input_spec = None
    self.take(keras_arguments(type(self).__name__), args, named)


def _keras_config(self: Any) -> dict[str, Any]:
    known = keras_arguments(type(self).__name__)
    return {word: value for word, value in vars(self).items() if word in known}


KerasLayer = _class(
    "Layer",
    "keras.src.layers.layer",
    _Base,
    __init__=_keras_init,
    get_config=_keras_config,
    call=lambda self, x: x,
)


def keras_class(name: str) -> Any:
    """A class of keras.layers with its own `call`."""
    return _class(name, "keras.src.layers.some", KerasLayer, call=lambda self, x: x)


def keras_sequential(*layers: Any, input_shape: Any = None) -> Any:
    """`keras.Sequential` of such layers; it has an input shape when it was built."""
    made = keras_class("Sequential")()
    made.layers = list(layers)
    if input_shape is not None:
        made.input_shape = input_shape
    return made


KERAS = SimpleNamespace(layers=_Namespace(keras_class))
