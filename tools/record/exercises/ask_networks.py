"""Answers of PyTorch and Keras to the exercises on networks, messages and rejected calls."""

from __future__ import annotations

import re
from typing import Any

import keras
import torch
from torch import nn

import poolviz as pv
from poolviz.arithmetic.layers.network_layers import bare
from tools.record.exercises.ask_layers import MOST, call, on_channels_last, runs

# --- networks ------------------------------------------------------------------------------------


def modules(exercise: pv.Exercise, average: bool = False) -> list[tuple[str, nn.Module]]:
    """Return the layers of the stack in PyTorch; `average` replaces maxima."""
    stack = exercise.stack
    assert stack is not None
    channels, found = 1, []
    for layer in stack.layers:
        inner, ndim = bare(layer), len(stack.input_shape) - 1
        made, channels = _module(inner, channels, ndim, average)
        found.append((layer.name or "", made))
    return found


def _module(layer: Any, channels: int, ndim: int, average: bool) -> tuple[nn.Module, int]:
    if isinstance(layer, pv.Pool):
        kind = "Avg" if average else "Max"
        return getattr(nn, f"{kind}Pool{ndim}d")(layer.kernel_size, layer.stride), channels
    if isinstance(layer, pv.Conv):
        make = getattr(nn, f"Conv{ndim}d")
        out = layer.out_channels
        words = {name: getattr(layer, name) for name in ("stride", "padding", "dilation")}
        return make(channels, out, layer.kernel_size, **words), out
    if isinstance(layer, pv.Flatten):
        return nn.Flatten(), channels
    return nn.LazyLinear(layer.out_features), channels


def first_shape(exercise: pv.Exercise) -> torch.Tensor:
    stack = exercise.stack
    assert stack is not None
    return torch.zeros(1, *stack.input_shape)


def way(exercise: pv.Exercise) -> list[int]:
    """Return the size of one axis after each layer, up to the first that fails."""
    x, found = first_shape(exercise), []
    for _, module in modules(exercise):
        x = module(x)
        found.append(int(x.shape[2]) if x.dim() > 2 else int(x.shape[1]))
    return found


def layer_that_fails(exercise: pv.Exercise) -> str:
    x = first_shape(exercise)
    for name, module in modules(exercise):
        try:
            x = module(x)
        except RuntimeError:
            return name
    raise AssertionError("every layer runs")


def layer_that_took_most(exercise: pv.Exercise) -> str:
    x, taken = first_shape(exercise), {}
    for name, module in modules(exercise):
        try:
            after = module(x)
        except RuntimeError:
            break
        taken[name], x = x.shape[2] - after.shape[2], after
    return max(taken, key=lambda name: taken[name])


def smallest_of_stack(exercise: pv.Exercise) -> int:
    stack = exercise.stack
    assert stack is not None
    whole, ndim = nn.Sequential(*(m for _, m in modules(exercise))), len(stack.input_shape) - 1
    return min(n for n in range(1, 2 * MOST) if runs(whole, *(n,) * ndim))


def poolings(exercise: pv.Exercise) -> int:
    x, count = first_shape(exercise), 0
    while runs(nn.MaxPool2d(2, 2), *x.shape[2:]):
        x, count = nn.MaxPool2d(2, 2)(x), count + 1
    return count


def last_map(exercise: pv.Exercise) -> list[int]:
    return [way(exercise)[-1]] * 2


def flattened(exercise: pv.Exercise) -> int:
    return way(exercise)[2]


def seen(exercise: pv.Exercise) -> int:
    """Number of input cells along one axis with a gradient from one output cell."""
    whole = nn.Sequential(*(module for _, module in modules(exercise, average=True)))
    for parameter in whole.parameters():
        nn.init.ones_(parameter)
    x = first_shape(exercise).requires_grad_()
    out = whole(x)[0, 0].flatten()
    out[0].backward()
    assert x.grad is not None
    touched = x.grad[0, 0] != 0
    return int((touched.any(dim=1) if touched.dim() > 1 else touched).sum())


# --- messages and frameworks ---------------------------------------------------------------------


def said(exercise: pv.Exercise) -> str | None:
    """Return the whole text of the error, its class in front."""
    layer, sizes = exercise.layer, exercise.input_size or ()
    if layer is None or layer.framework not in ("pytorch", "keras"):
        return None
    channels = re.search(r"\((\d+)x|(\d+)\]", exercise.block)
    count = int(next(filter(None, channels.groups()))) if channels else 1
    try:
        call(_code(layer, len(sizes)))(torch.zeros(1, count, *sizes))
    except (RuntimeError, ValueError) as error:
        return f"{type(error).__name__}: {_plain(str(error))}"
    raise AssertionError("no error")


def _plain(text: str) -> str:
    """Return a text without the terminal's escape sequences for bold."""
    return re.sub(r"\x1b\[\d*m", "", text)


def _code(layer: pv.Pool, ndim: int) -> str:
    words = f"{layer.kernel_size!r}, {layer.stride!r}"
    if layer.framework == "keras":
        name = "MaxPooling" if layer.op == "max" else "AveragePooling"
        return f"layers.{name}{ndim}D({words})"
    padding = "" if layer.padding == 0 else f", padding={layer.padding!r}"
    return f"nn.{'Max' if layer.op == 'max' else 'Avg'}Pool{ndim}d({words}{padding})"


def channels_said(exercise: pv.Exercise) -> str:
    weight = [int(n) for n in re.findall(r"\d+", exercise.block.partition("size [")[2])[:4]]
    stack = exercise.stack
    assert stack is not None
    try:
        nn.Conv2d(weight[1], weight[0], weight[2])(torch.zeros(1, *stack.input_shape))
    except RuntimeError as error:
        return f"RuntimeError: {error}"
    raise AssertionError("no error")


def features_said(exercise: pv.Exercise) -> str:
    stack = exercise.stack
    assert stack is not None
    dense = bare(stack.layers[1])
    whole = nn.Sequential(nn.Flatten(), nn.Linear(dense.in_features, dense.out_features))
    try:
        whole(torch.zeros(1, *stack.input_shape))
    except RuntimeError as error:
        return f"RuntimeError: {error}"
    raise AssertionError("no error")


def torch_and_keras_raise(exercise: pv.Exercise) -> list[str]:
    """Return which of the two raise for the same call; Keras has no numeric padding."""
    layer = exercise.layer
    assert layer is not None
    sizes = exercise.input_size or ()
    kernel, stride = layer.kernel_size, layer.stride
    own = nn.MaxPool2d(
        kernel, stride, layer.padding, dilation=layer.dilation, ceil_mode=layer.ceil_mode
    )
    raising = [] if runs(own, *sizes) else ["PyTorch"]
    words = {"dilation": layer.dilation, "ceil_mode": layer.ceil_mode, "padding": layer.padding}
    plain = {"dilation": (1, 1), "ceil_mode": False, "padding": (0, 0)}
    extra = {
        name: given
        for name, given in words.items()
        if given not in (plain[name], plain[name][0] if name != "ceil_mode" else False)
    }
    try:
        on_channels_last(
            keras.layers.MaxPooling2D(kernel, stride, **extra), torch.zeros(1, 1, *sizes)
        )
    except (TypeError, ValueError):
        raising.append("Keras")
    return raising


def permuted(exercise: pv.Exercise) -> str:
    """Return the choice that gives the required shape."""
    given, wanted = re.findall(r"\((\d+, \d+, \d+, \d+)\)", exercise.question)[:2]
    x = torch.zeros(*map(int, given.split(", ")))
    (found,) = (
        text
        for text in exercise.choices
        if ", ".join(str(n) for n in eval(text.strip("`"), {"x": x}).shape) == wanted
    )
    return found
