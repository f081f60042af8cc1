"""Modules of Flax and JAX in which a recorded failure is played back."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

from tests.failures.events import Event, Tensor, module_of


def flax_modules(event: Event) -> dict[str, Any]:
    """The modules of Flax and JAX: the program runs, with arrays that fail at its last line."""

    class Array(Tensor):
        @property
        def __array_ufunc__(self) -> None: ...

        def __len__(self) -> int:
            return int(self.shape[0])

        def __add__(self, other: Any) -> Any:
            return computed(self)

        def reshape(self, *shape: Any) -> Any:
            return computed(self)

    def computed(*given: Any, **settings: Any) -> Any:
        lines = [step["line"] for step in event.run["steps"] if "line" in step]
        frame: Any = sys._getframe(1)
        while frame.f_code.co_filename != event.program.file:
            frame = frame.f_back
        if frame.f_code.co_name == "__call__" and frame.f_lineno == lines[-1]:
            own = [step for step in event.run["steps"] if "line" not in step]
            event.play(own, lambda name: None)
        return Array(2, 9, 9, 4)

    class Module:
        def __init_subclass__(cls) -> None:
            dataclass(cls)

        def init(self, key: Any, *given: Any) -> Any:
            if hasattr(self, "setup"):
                self.setup()
            return self(*given)  # type: ignore[operator]

        def apply(self, variables: Any, *given: Any) -> Any:
            return self(*given)  # type: ignore[operator]

    Module.__module__ = "flax.linen.module"

    def library(name: str) -> Any:
        return Module if name == "Module" else layer_or_function(name)

    def layer_or_function(name: str) -> Any:
        if name == "compact":
            return lambda function: function
        made = (lambda *args, **settings: computed) if name[0].isupper() else computed
        return made

    linen, home = module_of("flax.linen", library), ModuleType("flax")
    vars(home).update(linen=linen, nnx=module_of("flax.nnx", library))
    jax, numpy = ModuleType("jax"), module_of("jax.numpy", lambda name: computed)
    vars(numpy).update(zeros=lambda shape: Array(*shape))
    vars(jax).update(numpy=numpy, random=SimpleNamespace(key=lambda seed: None))
    vars(jax).update(jit=lambda run: run, grad=lambda run: run)
    found = {"flax": home, "flax.linen": linen, "flax.nnx": home.nnx}
    return found | {"jax": jax, "jax.numpy": numpy}
