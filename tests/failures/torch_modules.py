"""Modules of PyTorch in which a recorded failure is played back; `torch.fx` traces `forward`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

from tests.failures.events import Event, Tensor, module_of, signature
from tests.support import fake_frameworks as fakes

DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "ceil_mode": False, "bias": True}
DEFAULTS |= {"output_padding": 0, "return_indices": False, "start_dim": 1, "end_dim": -1}
CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "DataParallel")


def _combined(how: Any) -> Any:
    return lambda one, other: one.tracer.create_proxy("call_function", how, (one, other), {})


def torch_modules(event: Event) -> dict[str, Any]:
    """The modules of PyTorch."""
    home = ModuleType("torch")
    tracing: list[Any] = []

    class Tracer:
        def trace(self, run: Callable[[], Any]) -> None:
            tracing.append(self)
            try:
                run()
            finally:
                tracing.pop()

    class Proxy:
        def __init__(self, node: Any, tracer: Any) -> None:
            self.node, self.tracer = node, tracer

    for name in ("add", "mul", "truediv", "sub"):
        setattr(Proxy, f"__{name}__", _combined(getattr(operator, name)))
        setattr(Tensor, f"__{name}__", lambda self, other: self)

    class Module(fakes.TorchModule):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **settings: Any) -> None:
            self._modules: dict[str, Any] = {}
            kind = next(cls for cls in type(self).__mro__ if cls.__module__ != "program").__name__
            if kind in CONTAINERS:
                self._contain(*args)
            elif words := fakes.torch_arguments(kind):
                self.__dict__.update({word: DEFAULTS[word] for word in words if word in DEFAULTS})
                self.take(words, args, settings)
                if (
                    "kernel_size" in words
                    and "Pool" in kind
                    and not {"stride"} & settings.keys()
                    and len(args) < 2
                ):
                    self.stride = self.kernel_size

        def _contain(self, *modules: Any) -> None:
            [first, *_rest] = modules
            if isinstance(first, dict):
                entries = first.items()
            else:
                entries = enumerate(first if isinstance(first, list) else modules)
            if type(self).__name__ == "DataParallel":
                entries = [("module", first)]
            for name, module in entries:
                self._modules[str(name)] = module

        def __setattr__(self, name: str, value: Any) -> None:
            if isinstance(value, Module):
                self._modules[name] = value
            else:
                self.__dict__[name] = value

        def __getattr__(self, name: str) -> Any:
            modules = self.__dict__.get("_modules", {})
            if name in modules:
                return modules[name]
            raise AttributeError(name)

        def __getitem__(self, name: Any) -> Any:
            return self._modules[str(name)]

        def __iter__(self) -> Any:
            return iter(self._modules.values())

        def named_modules(self, path: str = "") -> Iterator[tuple[str, Any]]:
            yield path, self
            for name, module in self._modules.items():
                yield from module.named_modules(f"{path}.{name}".lstrip("."))

        def children(self) -> Any:
            return iter(self._modules.values())

        def double(self) -> Any:
            return self

        def __call__(self, *args: Any, **settings: Any) -> Any:
            if tracing:
                return tracing[-1].call_module(self, self.forward, args, settings)
            event(self, dict(self.named_modules()).__getitem__)
            if type(self).__module__ == "program":
                return self.forward(*args, **settings)
            return args[0]

    Module.__module__ = "torch.nn.modules.module"

    @cache
    def module(name: str) -> Any:
        own = signature(fakes.torch_arguments(name))
        return fakes._class(name, "torch.nn.modules.some", Module, forward=lambda self, x: x, **own)

    def function(name: str) -> Any:
        def called(*args: Any, **settings: Any) -> Any:
            if tracing:
                return tracing[-1].create_proxy("call_function", called, args, settings)
            return args[0]

        called.__name__ = name
        return called

    class Quiet:
        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    nn = module_of("torch.nn", lambda name: Module if name == "Module" else module(name))
    functional = module_of("torch.nn.functional", function)
    vars(home).update({name: function(name) for name in ("cat", "flatten", "relu")})
    vars(nn).update(functional=functional)
    vars(home).update(nn=nn, fx=SimpleNamespace(Tracer=Tracer, Proxy=Proxy), Tensor=Tensor)
    vars(home).update(zeros=Tensor, no_grad=Quiet)
    return {"torch": home, "torch.nn": nn, "torch.nn.functional": functional}
