"""Answers of PyTorch and Keras to the exercises on batch axes, odd sizes, and what pooling is for.

Each answer is what the frameworks return or raise for the code in the question; the sizes that
poolviz computed are not used.
"""

from __future__ import annotations

import os
import re
from ast import literal_eval
from collections.abc import Callable
from itertools import count
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch
from torch import nn

import poolviz as pv
from tools.record.exercises.ask_layers import MOST, Asker, runs

Shape = tuple[int, ...]
BOLD = re.compile(r"\x1b\[\d*m")  # Keras writes some words bold, for a terminal
TUPLE = re.compile(r"\(\d+(?:, \d+)+\)")


def shapes(text: str) -> list[Shape]:
    """Return the tuples of numbers in a text, without those in code."""
    return [literal_eval(found) for found in TUPLE.findall(re.sub("`[^`]*`", "", text))]


def integers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", text.replace(",", ""))]


def codes(question: str) -> list[str]:
    return re.findall(r"`([^`]+)`", question)


def made(code: str, **names: Any) -> Any:
    """Return the value of a line of code."""
    known = {"nn": nn, "F": nn.functional, "torch": torch, "np": np, "layers": keras.layers}
    return eval(code, {**known, **names, "__builtins__": {}})


def text_of(call: Callable[[], Any]) -> str:
    """Return the error of a call as the last line of a traceback."""
    try:
        call()
    except (RuntimeError, ValueError) as error:
        return f"{type(error).__name__}: {BOLD.sub('', str(error))}"
    raise AssertionError("no error")


# --- batch axes ----------------------------------------------------------------------------------


def as_read(exercise: pv.Exercise) -> list[int]:
    """Return images, channels, height and width: pooling halves the last two of these only."""
    (shape,) = shapes(exercise.question)
    layer = made(codes(exercise.question)[0])
    after = tuple(layer(torch.zeros(*shape)).shape)
    height, width = (i for i, n in enumerate(shape) if after[i] != n)
    kept = [i for i in range(len(shape)) if i not in (height, width)]
    batch = [shape[kept[0]]] if len(kept) == 2 else [1]
    return [*batch, shape[kept[-1]], shape[height], shape[width]]


def axis_that_is_added(exercise: pv.Exercise) -> str:
    """Return the only line after which the layer gives one map of 8 channels per image."""
    (shape,) = shapes(exercise.question)
    (code,) = (one for one in codes(exercise.question) if "onv2" in one.lower())
    is_torch = code.startswith("nn.")
    x = torch.zeros(*shape) if is_torch else np.zeros(shape, "float32")
    found = []
    for choice in exercise.choices:
        try:
            y = made(code)(made(choice.strip("`"), x=x))
        except (RuntimeError, ValueError):
            continue
        channels = y.shape[1] if is_torch else y.shape[-1]
        sizes = y.shape[2:] if is_torch else y.shape[1:3]
        inside = tuple(n - 2 for n in shape[1:])
        if (y.shape[0], channels, tuple(sizes)) == (shape[0], 8, inside):
            found.append(choice)
    (right,) = found
    return right


def missing_axis(exercise: pv.Exercise) -> str:
    """Return which axes have to be added to the array for one map of 8 channels per image."""
    (shape,) = shapes(exercise.block)
    images = 1 if exercise.question.startswith("`x` is one") else shape[0]
    added = {"batch": (1, *shape), "channels": (*shape, 1), "batch and channels": (1, *shape, 1)}
    found = []
    for name, tried in added.items():
        try:
            y = keras.layers.Conv2D(8, 3)(np.zeros(tried, "float32"))
        except ValueError:
            continue
        if y.shape[0] == images:
            found.append(name)
    (right,) = found
    return right


def missing_axis_said(exercise: pv.Exercise) -> str:
    (shape,) = shapes(exercise.block)
    layer = keras.layers.Conv2D(8, 3, name="conv2d")
    return text_of(lambda: layer(np.zeros(shape, "float32")))


def flattened_image(exercise: pv.Exercise) -> list[int]:
    (shape,) = shapes(exercise.question)
    return list(nn.Flatten()(made(codes(exercise.question)[0])(torch.zeros(*shape))).shape)


def product_said(exercise: pv.Exercise) -> str:
    rows, features, expected, outputs = integers(exercise.block.partition("(")[2].replace("x", " "))
    return text_of(lambda: nn.Linear(expected, outputs)(torch.zeros(rows, features)))


def product(exercise: pv.Exercise) -> list[int]:
    """Return the pair that the message puts first: LazyLinear takes it as it is."""
    rows, features = integers(exercise.block.partition("(")[2].replace("x", " "))[:2]
    layer = nn.LazyLinear(10)
    return [int(layer(torch.zeros(rows, features)).shape[0]), layer.in_features]


def rows_of_view(exercise: pv.Exercise) -> int:
    (shape,) = shapes(exercise.question)
    return int(made(codes(exercise.question)[0], x=torch.zeros(*shape)).shape[0])


def view_said(exercise: pv.Exercise) -> str:
    features, total = integers(exercise.block.partition("[-1")[2])
    return text_of(lambda: torch.zeros(total).view(-1, features))


def numbers_per_image(exercise: pv.Exercise) -> int:
    """Return the length of a row where every image keeps its own."""
    images = integers(exercise.question.partition("batch has")[2])[0]
    total = integers(exercise.block)[-1]
    return int(torch.zeros(total).view(images, -1).shape[1])


def loss_said(exercise: pv.Exercise) -> str:
    rows, images = integers(exercise.block)
    targets = torch.zeros(images, dtype=torch.long)
    return text_of(lambda: nn.CrossEntropyLoss()(torch.zeros(rows, 10), targets))


def numbers_before_a_view(exercise: pv.Exercise) -> int:
    rows, images = integers(exercise.block)
    features = integers(codes(exercise.question)[0].partition("-1,")[2])[0]
    return int(torch.zeros(rows, features).view(images, -1).shape[1])


def first_linear(exercise: pv.Exercise) -> int:
    (shape,) = shapes(exercise.question.removesuffix(exercise.block))
    layers = [made(line) for line in exercise.block.splitlines()[:-1]]
    last = nn.LazyLinear(10)
    nn.Sequential(*layers, last)(torch.zeros(*shape))
    return int(last.in_features)


# --- odd sizes -----------------------------------------------------------------------------------


def rows(count_: int) -> torch.Tensor:
    return torch.zeros(1, 8, count_, count_)


def down_and_up(exercise: pv.Exercise) -> int:
    size = integers(exercise.question)[0]
    times = integers(exercise.question)[1]
    pool, up = nn.MaxPool2d(2), nn.ConvTranspose2d(8, 8, 2, stride=2)
    return int(nn.Sequential(*[pool] * times, *[up] * times)(rows(size)).shape[2])


def unet(x: torch.Tensor, times: int) -> str | None:
    """Return the name of the first skip that cannot be joined, None if all can."""
    skips = []
    for _ in range(times):
        skips.append(x)
        x = nn.MaxPool2d(2)(x)
    up = nn.ConvTranspose2d(8, 8, 2, stride=2)
    for i in reversed(range(times)):
        try:
            x = torch.cat([up(x), skips[i]], dim=1)[:, :8]
        except RuntimeError:
            return f"skip{i + 1}"
    return None


def failing_skip(exercise: pv.Exercise) -> str | None:
    size, times = integers(exercise.question)[:2]
    return unet(rows(size), times)


def padded_size(exercise: pv.Exercise) -> int:
    times = integers(exercise.question)[0]
    least = integers(exercise.question.partition("with")[2])[0]
    return next(size for size in count(least) if unet(rows(size), times) is None)


def join_said(exercise: pv.Exercise) -> str:
    first, second = integers(exercise.block)[1:3]
    pair = [torch.zeros(1, 8, n, n) for n in (first, second)]
    return text_of(lambda: torch.cat(pair, dim=1))


def joined_sizes(exercise: pv.Exercise) -> list[int]:
    """Return the sizes of up and skip with which the call in the question says this."""
    call, sizes = codes(exercise.question)[0], integers(exercise.block)[1:3]
    for pair in (sizes, sizes[::-1]):
        up, skip = (torch.zeros(1, 8, n, n) for n in pair)
        if text_of(lambda up=up, skip=skip: made(call, up=up, skip=skip)) == exercise.block:  # type: ignore[misc]
            return list(pair)
    raise AssertionError(exercise.block)


def sum_said(exercise: pv.Exercise) -> str:
    first, second, place = integers(exercise.block)
    pair = [torch.zeros(*(n if i == place else 5 for i in range(4))) for n in (first, second)]
    return text_of(lambda: pair[0] + pair[1])


def axis_of_a_sum(exercise: pv.Exercise) -> str:
    """Return the axis of (N, C, H, W) that has to differ for this text."""
    first, second, _ = integers(exercise.block)
    for place, name in enumerate(("batch", "channels", "height", "width")):
        pair = [torch.zeros(*(n if i == place else 5 for i in range(4))) for n in (first, second)]
        if text_of(lambda pair=pair: pair[0] + pair[1]) == exercise.block:  # type: ignore[misc]
            return name
    raise AssertionError(exercise.block)


def joined_channels(exercise: pv.Exercise) -> int:
    up, skip = (torch.zeros(*shape) for shape in shapes(exercise.question)[:2])
    found = nn.LazyConv2d(8, 3)
    found(torch.cat([up, skip], dim=1))
    return int(found.in_channels)


def cropped_rows(exercise: pv.Exercise) -> int:
    size, _, times, kernel = integers(exercise.question)[:4]
    x = nn.MaxPool2d(2)(torch.zeros(1, 1, size, 1 + size))
    for _ in range(times):
        x = nn.Conv2d(1, 1, kernel)(x)
    up = nn.ConvTranspose2d(1, 1, 2, stride=2)(x)
    skip = torch.zeros(1, 1, size, 1)
    return next(n for n in range(size) if skip[:, :, n : size - n].shape[2] == up.shape[2])


def padding_line(exercise: pv.Exercise) -> str:
    up, skip = shapes(exercise.question)[:2]
    (found,) = (
        line
        for line in exercise.choices
        if tuple(made(line.strip("`"), up=torch.zeros(*up)).shape) == skip
    )
    return found


def output_padding(exercise: pv.Exercise) -> int:
    size = integers(exercise.question)[0]
    down, up = codes(exercise.question)[:2]
    small = made(down)(rows(size))
    for extra in range(MOST):
        if made(f"{up[:-1]}, output_padding={extra})")(small).shape[2] == size:
            return extra
    raise AssertionError(exercise.question)


def sizes_to_choose(exercise: pv.Exercise) -> list[int]:
    size, layer = integers(exercise.question)[0], made(codes(exercise.question)[0])
    works = []
    for asked in range(1, 3 * MOST):
        try:
            works.append(int(layer(rows(size), output_size=(asked, asked)).shape[2]))
        except ValueError:
            continue
    return [works[0], works[-1]]


# --- what pooling is for -------------------------------------------------------------------------


def pooled_shape(exercise: pv.Exercise) -> list[int]:
    (shape,) = shapes(exercise.question)
    kernel = integers(exercise.question.partition("stride")[2])[0]
    return list(nn.MaxPool2d(kernel)(torch.zeros(1, *shape)).shape[1:])


def globally_pooled(exercise: pv.Exercise) -> int:
    (shape,) = shapes(exercise.question)
    pool = nn.AdaptiveAvgPool2d(1)
    return int(nn.Flatten()(pool(torch.zeros(1, *shape))).shape[1])


def parameters(exercise: pv.Exercise) -> int:
    layer = made(codes(exercise.question)[0])
    return sum(one.numel() for one in layer.parameters())


def parameters_of_head(exercise: pv.Exercise) -> int:
    (shape,) = shapes(exercise.question)
    classes = integers(exercise.question.partition("layer for")[2])[0]
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LazyLinear(classes))
    head(torch.zeros(1, *shape))
    return sum(one.numel() for one in head.parameters())


def halved_twice(exercise: pv.Exercise) -> list[int]:
    size = integers(exercise.question)[0]
    return [int(made(code)(rows(size)).shape[2]) for code in codes(exercise.question)]


def padding_like_pooling(exercise: pv.Exercise) -> int:
    size = integers(exercise.question)[0]
    conv, pool = codes(exercise.question)
    wanted = made(pool)(rows(size)).shape
    tried = (padding for padding in range(MOST))
    return next(p for p in tried if made(conv.replace("?", str(p)))(rows(size)).shape == wanted)


def poolings_before_head(exercise: pv.Exercise) -> int:
    size, least = integers(exercise.question)[:2]
    x, done = torch.zeros(1, 1, size, size), 0
    while runs(nn.MaxPool2d(2), *x.shape[2:]) and nn.MaxPool2d(2)(x).shape[2] >= least:
        x, done = nn.MaxPool2d(2)(x), done + 1
    return done


def values_per_channel(exercise: pv.Exercise) -> int:
    """Return n: the stored mean of a single 1 among zeros is 1 / n."""
    (shape,) = shapes(exercise.question)
    norm = nn.BatchNorm2d(shape[1], momentum=1.0, dtype=torch.float64)
    x = torch.zeros(*shape, dtype=torch.float64)
    x[0, :, 0, 0] = 1.0
    norm(x)
    assert norm.running_mean is not None
    return int(0.5 + 1 / norm.running_mean[0].item())


def blocks_to_see(exercise: pv.Exercise) -> int:
    kernel, wanted = (integers(exercise.question)[i] for i in (0, -1))
    for blocks in count(1):
        x = torch.zeros(1, 1, 1024, 1, requires_grad=True)
        y = x
        for _ in range(blocks):
            conv = nn.Conv2d(1, 1, (kernel, 1), padding=(kernel // 2, 0))
            nn.init.ones_(conv.weight)
            y = nn.AvgPool2d((2, 1))(conv(y))
        y[0, 0, y.shape[2] // 2, 0].backward()
        assert x.grad is not None
        if int((x.grad != 0).sum()) >= wanted:
            return blocks
    raise AssertionError(exercise.question)


def raising_batches(exercise: pv.Exercise) -> list[str]:
    times = integers(exercise.question)[0]
    found = []
    for choice in exercise.choices:
        shape = integers(choice.replace("×", " "))
        layers = [*[nn.MaxPool2d(2)] * times, nn.BatchNorm2d(shape[1])]
        if not runs_in_training(nn.Sequential(*layers), torch.zeros(*shape)):
            found.append(choice)
    return found


def runs_in_training(model: nn.Module, x: torch.Tensor) -> bool:
    try:
        model.train()(x)
    except ValueError:
        return False
    return True


ASKERS: dict[str, Asker] = {
    "batch-as-read": as_read,
    "missing-axis-in-keras": missing_axis,
    "axis-to-add": axis_that_is_added,
    "flatten-without-a-batch": flattened_image,
    "rows-in-a-product": product,
    "rows-of-a-view": rows_of_view,
    "view-that-fails": numbers_per_image,
    "first-linear-size": first_linear,
    "rows-in-a-loss": numbers_before_a_view,
    "down-and-up": down_and_up,
    "sizes-in-a-join": joined_sizes,
    "axis-of-a-sum": axis_of_a_sum,
    "channels-after-a-join": joined_channels,
    "skip-that-fails": failing_skip,
    "size-for-a-network": padded_size,
    "rows-to-crop": cropped_rows,
    "output-padding-needed": output_padding,
    "pad-of-a-map": padding_line,
    "sizes-to-choose": sizes_to_choose,
    "shape-after-pooling": pooled_shape,
    "numbers-after-global-pooling": globally_pooled,
    "parameters-instead-of-pooling": parameters,
    "halved-two-ways": halved_twice,
    "parameters-of-a-head": parameters_of_head,
    "padding-like-pooling": padding_like_pooling,
    "poolings-before-the-head": poolings_before_head,
    "values-per-channel": values_per_channel,
    "blocks-to-see": blocks_to_see,
    "normalisation-that-raises": raising_batches,
}
SPEAKERS: dict[str, Asker] = {
    "missing-axis-in-keras": missing_axis_said,
    "rows-in-a-product": product_said,
    "view-that-fails": view_said,
    "rows-in-a-loss": loss_said,
    "sizes-in-a-join": join_said,
    "axis-of-a-sum": sum_said,
}
