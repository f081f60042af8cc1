"""Modules of Keras in which a recorded failure is played back; symbolic tensors have a history."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

from tests.failures.events import Event, KerasTensor, module_of, signature
from tests.support import fake_frameworks as fakes


def keras_modules(event: Event) -> dict[str, Any]:
    """The modules of Keras."""
    made: dict[str, Any] = {}
    counts: Counter[str] = Counter()

    class Layer(fakes.KerasLayer):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **settings: Any) -> None:
            kind = next(cls for cls in type(self).__mro__ if cls.__module__ != "program").__name__
            words = fakes.keras_arguments(kind)
            self.built, self.input_spec, self._inbound_nodes, self.axis = False, None, [], -1
            self.take(words, args, settings)
            base = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()
            count, counts[base] = counts[base], counts[base] + 1
            self.name = settings.get("name") or (f"{base}_{count}" if count else base)
            made[self.name] = self

        def __call__(self, given: Any, *rest: Any, **settings: Any) -> Any:
            listed = given if isinstance(given, list) else [given]
            self._given = list(listed)
            event(self, made.__getitem__)
            if not isinstance(listed[0], KerasTensor):
                return given
            return _called(self, listed)

    Layer.__module__ = "keras.src.layers.layer"

    class Model(Layer):
        def compile(self, **settings: Any) -> None: ...

        def fit(self, given: Any, *rest: Any, **settings: Any) -> None:
            event(self, made.__getitem__)

        predict = train_on_batch = fit

    Model.__module__ = "keras.src.models.model"

    class Sequential(Model):
        def __init__(self, layers: Any = (), name: str = "") -> None:
            super().__init__(name=name)
            self._layers: list[Any] = []
            self._end: Any = None
            for layer in layers:
                self.add(layer)

        def add(self, layer: Any) -> None:
            if isinstance(layer, KerasTensor):
                self._end = layer
                return
            self._layers.append(layer)
            if self._end is not None:
                layer._given = [self._end]
                self._end = _quietly(layer, self._end)

        @property
        def layers(self) -> list[Any]:
            return self._layers

    def _quietly(layer: Any, end: Any) -> Any:
        """Call a layer in a Sequential; only one of those on a line is the one that fails."""
        failing = event.run["steps"][0]["layer"]
        return layer(end) if layer.name == failing else _called(layer, [end])

    def _called(layer: Any, given: list[Any]) -> Any:
        if given[0].name == "input":  # of others the width is not known
            layer.built = True
            layer.input_spec = SimpleNamespace(axes={-1: given[0].shape[-1]})
        layer._inbound_nodes.append(SimpleNamespace(input_tensors=given))
        return KerasTensor(given[0].shape, layer.name, (layer, len(layer._inbound_nodes) - 1, 0))

    Sequential.__module__ = "keras.src.models.sequential"

    @cache
    def layer_class(name: str) -> Any:
        own = signature(fakes.keras_arguments(name))
        return fakes._class(name, "keras.src.layers.some", Layer, call=lambda self, x: x, **own)

    def symbol(shape: Any) -> KerasTensor:
        return KerasTensor((None, *shape), "input")

    home, layers = ModuleType("keras"), module_of("keras.layers", layer_class)
    vars(home).update(layers=layers, KerasTensor=KerasTensor, Input=symbol)
    vars(home).update(Model=Model, Sequential=Sequential)
    return {"keras": home, "keras.layers": layers}
