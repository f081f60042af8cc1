"""Questions of poolviz about one layer, put to PyTorch and Keras; `exercises` runs them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch
from torch import nn

import poolviz as pv

MOST = 64  # limits are looked for up to here

Asker = Callable[[pv.Exercise], Any]


# --- calls ---------------------------------------------------------------------------------------


def code_of(question: str) -> list[str]:
    return re.findall(r"`((?:nn|layers)\.[A-Z][^`]*)`", question)


def call(code: str) -> Any:
    """Return the layer that a line of code makes, or None where the framework is not here."""
    layer = eval(code, {"nn": nn, "layers": keras.layers, "__builtins__": {}})
    if "AveragePooling" in code or "MaxPooling" in code:
        return lambda x: on_channels_last(layer, x)
    return layer


def on_channels_last(layer: Any, x: torch.Tensor) -> torch.Tensor:
    """A Keras layer, built on keras.Input as a model does it, on data with channels first."""
    ndim = x.dim() - 2
    to_last, to_first = (0, *range(2, ndim + 2), 1), (0, ndim + 1, *range(1, ndim + 1))
    entry = keras.Input(shape=tuple(x.permute(to_last).shape[1:]))
    model = keras.Model(entry, layer(entry))
    return torch.as_tensor(model(x.permute(to_last))).permute(to_first)


def asked_call(exercise: pv.Exercise) -> Any:
    found = code_of(exercise.question)
    return call(found[0]) if found else None


def zeros(exercise: pv.Exercise) -> torch.Tensor:
    return torch.zeros(1, 1, *(exercise.input_size or ()))


def numbers(exercise: pv.Exercise) -> torch.Tensor:
    return torch.tensor(exercise.values, dtype=torch.float64)[None, None].requires_grad_()


def runs(layer: Any, *sizes: int) -> bool:
    try:
        layer(torch.zeros(1, 1, *sizes))
    except (RuntimeError, ValueError):
        return False
    return True


def place_in(question: str) -> tuple[int, int]:
    found = re.search(r"row (\d+)(?:,| and) column (\d+)", question)
    assert found, question
    return int(found[1]), int(found[2])


# --- answers -------------------------------------------------------------------------------------


def size(exercise: pv.Exercise) -> Any:
    layer = asked_call(exercise)
    if layer is None:
        return None
    found = [int(n) for n in layer(zeros(exercise)).shape[2:]]
    return found[0] if len(found) == 1 else found


def outcome(exercise: pv.Exercise) -> Any:
    layer = asked_call(exercise)
    if layer is None:
        return None
    try:
        return "x".join(str(n) for n in layer(zeros(exercise)).shape[2:])
    except (RuntimeError, ValueError):
        return "raises"


def size_below_one(exercise: pv.Exercise) -> int:
    """Out of PyTorch's own text: "Invalid computed output size: -4"."""
    layer = exercise.layer
    assert layer is not None
    try:
        nn.MaxPool1d(layer.kernel_size[0], stride=layer.stride[0])(zeros(exercise))
    except RuntimeError as error:
        return int(str(error).rpartition(":")[2])
    raise AssertionError("PyTorch did not raise")


def sign(exercise: pv.Exercise) -> str:
    found = size_below_one(exercise)
    return "negative" if found < 0 else "zero" if found == 0 else "positive"


def value(exercise: pv.Exercise) -> float | None:
    layer = asked_call(exercise)
    if layer is None:
        return None
    row, column = place_in(exercise.question)
    return float(layer(numbers(exercise).detach())[0, 0, row, column])


def _readers_of(exercise: pv.Exercise) -> torch.Tensor:
    """Return which elements each adaptive window reads, by the gradient of its average."""
    count = int(re.findall(r"of (\d+) elements", exercise.question)[0])
    outputs = asked_call(exercise).output_size
    x = torch.zeros(1, count, requires_grad=True)
    means = nn.AdaptiveAvgPool1d(outputs)(x)[0]
    rows = [torch.autograd.grad(mean, x, retain_graph=True)[0][0] for mean in means]
    return torch.stack(rows) > 0


def adaptive_length(exercise: pv.Exercise) -> int:
    window = int(re.findall(r"window (\d+) read", exercise.question)[0])
    return int(_readers_of(exercise)[window].sum())


def read_twice(exercise: pv.Exercise) -> int:
    return int((_readers_of(exercise).sum(dim=0) > 1).sum())


def adaptive_value(exercise: pv.Exercise) -> int:
    given = torch.tensor([[float(word) for word in exercise.block.split()]])
    output = int(re.findall(r"output (\d+)\?", exercise.question)[0])
    return int(asked_call(exercise)(given)[0, output])


def round_trip(exercise: pv.Exercise) -> int:
    """Pool with indices, unpool without a size."""
    pool, unpool = (call(code) for code in code_of(exercise.question)[:2])
    pool.return_indices = True
    size = int(re.findall(r"of (\d+) elements", exercise.question)[0])
    return int(unpool(*pool(torch.rand(1, 1, size))).shape[-1])


def index(exercise: pv.Exercise) -> int:
    layer = asked_call(exercise)
    layer.return_indices = True
    row, column = place_in(exercise.question)
    return int(layer(numbers(exercise).detach())[1][0, 0, row, column])


def divisor(exercise: pv.Exercise) -> int | None:
    """Of ones, the sum divided by the mean; the sum is the mean with a divisor of 1."""
    layer = asked_call(exercise)
    if not isinstance(layer, nn.AvgPool2d):
        return None
    ones = torch.ones(1, 1, *(exercise.input_size or ()))
    mean = layer(ones)
    layer.divisor_override = 1
    row, column = place_in(exercise.question)
    return round(float((layer(ones) / mean)[0, 0, row, column]))


def gradient(exercise: pv.Exercise) -> torch.Tensor:
    x = numbers(exercise)
    asked_call(exercise)(x).sum().backward()
    assert x.grad is not None
    return x.grad[0, 0]


def gradient_of_cell(exercise: pv.Exercise) -> float:
    return float(gradient(exercise)[place_in(exercise.question)])


def winners(exercise: pv.Exercise) -> list[list[int]]:
    return gradient(exercise).nonzero().tolist()


def unread(exercise: pv.Exercise) -> list[Any]:
    """Return the cells without a gradient when the same windows are averaged."""
    layer = asked_call(exercise)
    average = {nn.MaxPool1d: nn.AvgPool1d, nn.MaxPool2d: nn.AvgPool2d}[type(layer)]
    x = zeros(exercise).requires_grad_()
    average(layer.kernel_size, layer.stride)(x).sum().backward()
    assert x.grad is not None
    cells = (x.grad[0, 0] == 0).nonzero().tolist()
    return [cell[0] if len(cell) == 1 else cell for cell in cells]


def unread_count(exercise: pv.Exercise) -> int:
    return len(unread(exercise))


# --- limits --------------------------------------------------------------------------------------


def limit(name: str, best: Callable[..., int]) -> Asker:
    """Return the best value of a parameter with which the call runs."""

    def ask(exercise: pv.Exercise) -> int:
        layer = asked_call(exercise)
        found = []
        for number in range(0 if name == "padding" else 1, MOST):
            setattr(layer, name, number)
            if runs(layer, *(exercise.input_size or ())):
                found.append(number)
        return best(found)

    return ask


def largest_padding(exercise: pv.Exercise) -> int:
    """On a map that is large enough; the message names the kernel where the question does not."""
    named = re.search(r"kernel_size=(\d+)", exercise.question)
    layer = nn.MaxPool2d(int(named[1])) if named else asked_call(exercise)
    return max(p for p in range(MOST) if runs(_with(layer, padding=p), 90, 90))


def _with(layer: Any, **changes: int) -> Any:
    for name, number in changes.items():
        setattr(layer, name, number)
    return layer


def smallest_input(exercise: pv.Exercise) -> int:
    layer = asked_call(exercise)
    return min(n for n in range(1, MOST) if runs(layer, n, n))


def kernel_length(exercise: pv.Exercise) -> int:
    kernel, dilation = map(int, re.findall(r"\d+", exercise.question)[:2])
    layer = nn.MaxPool1d(kernel, stride=1, dilation=dilation)
    return min(n for n in range(1, 2 * MOST) if runs(layer, n))


def stride_for_the_next(exercise: pv.Exercise) -> int:
    n, _, first, second = map(int, re.findall(r"\d+", exercise.question)[:4])
    return max(
        stride
        for stride in range(1, MOST)
        if runs(nn.Sequential(nn.MaxPool2d(first, stride), nn.MaxPool2d(second, 1)), n, n)
    )


def one_change(exercise: pv.Exercise) -> str:
    """Return the largest kernel with which the call runs."""
    layer = asked_call(exercise)
    fits = [
        k
        for k in range(1, layer.kernel_size)
        if runs(_with(asked_call(exercise), kernel_size=k), *(exercise.input_size or ()))
    ]
    return f"kernel_size={max(fits)}"


def call_that_works(exercise: pv.Exercise) -> str:
    working = [
        text
        for text in exercise.choices
        if runs(call(text.strip("`")), *(exercise.input_size or ()))
    ]
    (found,) = working
    return found


# --- padding of "same" ---------------------------------------------------------------------------


def _split(layer: Any, length: int, kernel: int, stride: int) -> list[int]:
    """The window of a maximum over 0, 1, 2 … ends at the number that wins; the mirror likewise."""
    row = torch.arange(length, dtype=torch.float32)[None, None]
    out = layer(row)[0, 0]
    before = kernel - 1 - int(out[0])
    return [before, (len(out) - 1) * stride + kernel - length - before]


def same_split(exercise: pv.Exercise) -> list[int] | None:
    layer = exercise.layer
    if layer is None or layer.framework != "keras" or layer.kernel_size[0] > 6:
        return None
    length = (exercise.input_size or (0,))[0]
    return _split(asked_call(exercise), length, layer.kernel_size[0], layer.stride[0])


def same_total(exercise: pv.Exercise) -> int | None:
    found = same_split(exercise)
    return None if found is None else max(0, sum(found))
