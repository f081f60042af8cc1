"""Frames as PyTorch leaves them in a traceback, with stand-ins for its modules and tensors."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from tests.support.fake_frameworks import TORCH, TorchModule, torch_sequential

CALL = """
def _call_impl(self, *args, **kwargs):
    return run(self, *args, **kwargs)
"""
SAYS = "Given input size: (8x14x14). Calculated output size: (8x0x0). Output size is too small"
FUNCTIONS: dict[str, Any] = {"__name__": "torch.nn.functional"}
HOME: dict[str, Any] = {"__name__": "torch.nn.modules.module"}


class Tensor(SimpleNamespace):
    """A tensor that can be weakly referenced; only its shape is there."""

    shape: tuple[int, ...]


class Said(Tensor):
    """A tensor with which a function of the framework raises this text."""

    text: str


def _named(module: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, module
    for name, child in module._modules.items():
        yield from _named(child, f"{path}.{name}".lstrip("."))


TorchModule.named_modules = _named  # type: ignore[attr-defined]
TorchModule.children = lambda self: iter(self._modules.values())  # type: ignore[attr-defined]


def _run(module: Any, tensor: Any) -> Any:
    if isinstance(tensor, Said):
        FUNCTIONS["function"](tensor.text)
    if not module._modules:
        if type(module).__name__ == "MaxPool2d" and module.kernel_size > tensor.shape[-1]:
            FUNCTIONS["function"](SAYS)
        size = (tensor.shape[-1] - module.kernel_size) // module.stride + 1
        return Tensor(shape=(tensor.shape[0], 8, size, size))
    for child in module._modules.values():
        tensor = call(child, tensor)
    return tensor


exec(CALL, HOME)
exec("def function(text):\n    raise RuntimeError(text)", FUNCTIONS)
HOME["run"] = _run
call = HOME["_call_impl"]


def network() -> Any:
    """Conv2d, MaxPool2d(2) and, in an inner sequence, MaxPool2d(20)."""
    nn = TORCH.nn
    conv = nn.Conv2d(
        in_channels=3, out_channels=8, kernel_size=3, stride=1, padding=0, dilation=1, groups=1
    )
    pools = [
        nn.MaxPool2d(kernel_size=k, stride=k, padding=0, dilation=1, ceil_mode=False)
        for k in (2, 20)
    ]
    return torch_sequential(conv, pools[0], torch_sequential(pools[1]))


def image() -> Tensor:
    return Tensor(shape=(2, 3, 30, 30))


def fails_in_a_function(text: str) -> None:
    """Raise a text below the call of a network, as the framework does."""
    call(network(), Said(shape=(2, 3, 30, 30), text=text))
