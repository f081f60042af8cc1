"""What every recorder of networks does with a described layer, and with what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tools.record.networks.architecture_cases import Layer


class Steps:
    """The outputs of a network's layers, in the order of execution, until one fails."""

    def __init__(self) -> None:
        self.shapes: list[list[int]] = []
        self.parameters: list[int] = []
        self.error: dict[str, Any] | None = None

    def add(self, shape: Iterable[Any], parameters: int) -> None:
        self.shapes.append([int(size) for size in list(shape)[1:]])
        self.parameters.append(parameters)

    def record(self) -> dict[str, Any]:
        return {"shapes": self.shapes, "parameters": self.parameters, "error": self.error}


def summed(ends: list[Any]) -> Any:
    total = ends[0]
    for end in ends[1:]:
        total = total + end
    return total


def axes_of(entry: Layer, ndim: int) -> int:
    """Return the spatial axes of a layer on a tensor with `ndim` of them; two where it has none."""
    if entry["op"] in ("Pool", "Conv") and isinstance(entry["kernel_size"], list | tuple):
        ndim = len(entry["kernel_size"])
    return max(ndim, 2) if ndim < 1 else ndim


def arguments_of(entry: Layer) -> dict[str, Any]:
    """Return the arguments of a layer under the names of PyTorch and MLX, lists as tuples."""
    given = {
        name: as_tuple(value) for name, value in entry.items() if name not in ("op", "op_name")
    }
    if given.get("output_padding", 0) is None:
        del given["output_padding"]
    return given


def as_tuple(value: Any) -> Any:
    return tuple(as_tuple(entry) for entry in value) if isinstance(value, list) else value
