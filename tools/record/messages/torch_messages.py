"""Record what PyTorch says of tensors that do not fit, in `tests/data/torch_messages.json.gz`.

Run with PyTorch 2.13.0 (CPU), without poolviz: `python -m tools.record.messages.torch_messages`.
Each row has the kind of call, its parameters and the text of the error.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn import functional

TABLE = Path(__file__).parents[3] / "tests/data/torch_messages.json.gz"
PER_KIND = 24
Call = tuple[dict[str, Any], Callable[[], object]]


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(shape)


def conv_rank(draw: random.Random) -> Call:
    ndim = draw.choice((1, 2, 3))
    rank = draw.choice([rank for rank in range(1, 7) if rank not in (ndim + 1, ndim + 2)])
    shape = [draw.choice((1, 3, 4, 7, 28)) for _ in range(rank)]
    layer = getattr(nn, f"{draw.choice(('Conv', 'ConvTranspose'))}{ndim}d")(3, 2, 3)
    return {"ndim": ndim, "shape": shape}, lambda: layer(ones(*shape))


def norm_rank(draw: random.Random) -> Call:
    ndim = draw.choice((2, 3))
    rank = draw.choice([rank for rank in range(2, 6) if rank != ndim + 2])
    layer = getattr(nn, f"BatchNorm{ndim}d")(3)
    return {"ndim": ndim, "rank": rank}, lambda: layer(ones(*[3] * rank))


def view(draw: random.Random) -> Call:
    shape = [draw.randint(2, 9), draw.choice((6, 16, 32)), draw.randint(2, 9), draw.randint(2, 9)]
    wanted = draw.choice((16 * 5 * 5, 120, 32 * 4 * 4, 64 * 7 * 7))
    target = draw.choice(([-1, wanted], [shape[0], wanted]))
    return {"shape": shape, "target": target}, lambda: ones(*shape).view(*target)


def target_batch(draw: random.Random) -> Call:
    targets, outputs = draw.randint(1, 9), draw.randint(1, 40)
    classes = torch.zeros(targets, dtype=torch.long)
    return {"outputs": outputs, "targets": targets}, lambda: functional.cross_entropy(
        ones(outputs, 10), classes
    )


def target_shape(draw: random.Random) -> Call:
    output = [2, 1, draw.randint(8, 40), draw.randint(8, 40)]
    target = draw.choice(([2, 1, 64, 64], output[:1] + output[2:]))
    loss = draw.choice(
        (functional.binary_cross_entropy_with_logits, functional.binary_cross_entropy)
    )
    return {"output": output, "target": target}, lambda: loss(ones(*output), ones(*target))


def target_map(draw: random.Random) -> Call:
    output, target = [2, 3, draw.randint(8, 40), 36], [2, 64, 64]
    classes = torch.zeros(*target, dtype=torch.long)
    return {"output": output, "target": target}, lambda: functional.cross_entropy(
        ones(*output), classes
    )


def maps_sum(draw: random.Random) -> Call:
    ndim = draw.choice((1, 2, 3))
    one = [1, 8, *(draw.randint(2, 40) for _ in range(ndim))]
    other = list(one)
    place = draw.randrange(2, ndim + 2)
    other[place] += draw.choice((1, -1, 2))
    parameters = {"first": one[place], "second": other[place], "dimension": place}
    return parameters, lambda: ones(*one) + ones(*other)


def maps_expand(draw: random.Random) -> Call:
    one = [1, 8, draw.randint(2, 40), draw.randint(2, 40)]
    other = list(one)
    place = draw.randrange(2, 4)
    other[place] += draw.choice((1, 2, 30))
    parameters = {"first": other[place], "second": one[place], "dimension": place}
    return parameters, lambda: ones(*one).expand(other)


def reflection(draw: random.Random) -> Call:
    ndim = draw.choice((1, 2, 3))
    shape = [1, 3, *(draw.randint(1, 9) for _ in range(ndim))]
    padding = draw.randint(1, 6)
    layer = getattr(nn, f"ReflectionPad{ndim}d")(padding)
    return {"shape": shape, "padding": padding}, lambda: layer(ones(*shape))


def one_value(draw: random.Random) -> Call:
    name, ndim = draw.choice(("BatchNorm", "InstanceNorm")), draw.choice((1, 2, 3))
    batch = 1 if name == "BatchNorm" else draw.randint(1, 4)
    channels = draw.choice((8, 64, 512))
    shape = [batch, channels] + [1] * (ndim if ndim > 1 or name == "InstanceNorm" else 0)
    layer = getattr(nn, f"{name}{ndim}d")(channels)
    return {"shape": shape}, lambda: layer(ones(*shape))


def norm_channels(draw: random.Random) -> Call:
    expected, got = draw.choice((8, 16)), draw.choice((3, 32, 64))
    layer = nn.BatchNorm2d(expected)
    return {"expected": expected, "got": got}, lambda: layer(ones(2, got, 4, 4))


def unpool_index(draw: random.Random) -> Call:
    ndim, size = draw.choice((2, 3)), draw.randrange(5, 15, 2)
    pool, unpool = (
        getattr(functional, f"max_pool{ndim}d"),
        getattr(functional, f"max_unpool{ndim}d"),
    )
    x = torch.rand(1, 2, *[size] * ndim)
    y, indices = pool(x, 2, return_indices=True)
    return {"size": size, "ndim": ndim}, lambda: unpool(y, indices + size**ndim, 2)


def unpool_shape(draw: random.Random) -> Call:
    size = draw.randint(6, 14)
    y, indices = functional.max_pool2d(torch.rand(1, 2, size, size), 2, return_indices=True)
    shapes = [list(y.shape), list(indices[:, :, 1:].shape)]
    return {"shapes": shapes}, lambda: functional.max_unpool2d(y, indices[:, :, 1:], 2)


def unpool_size(draw: random.Random) -> Call:
    size, asked = draw.randint(6, 14), draw.randint(20, 40)
    y, indices = functional.max_pool2d(torch.rand(1, 2, size, size), 2, return_indices=True)
    return {"asked": asked}, lambda: functional.max_unpool2d(
        y, indices, 2, output_size=(asked, asked)
    )


def fractional(draw: random.Random) -> Call:
    kernel, size, ndim = draw.randint(2, 4), draw.randint(3, 12), draw.choice((2, 3))
    layer = getattr(nn, f"FractionalMaxPool{ndim}d")(kernel, output_size=size)
    return {"kernel": kernel, "size": size}, lambda: layer(ones(1, 2, *[size] * ndim))


def transposed(draw: random.Random) -> Call:
    ndim = draw.choice((2, 3))
    size, padding = draw.randint(1, 3), draw.randint(2, 6)
    kernel, stride = draw.randint(1, 3), draw.randint(1, 2)
    layer = getattr(nn, f"ConvTranspose{ndim}d")(2, 2, kernel, stride, padding)
    after = (size - 1) * stride - 2 * padding + kernel
    return {"size": size, "after": after, "ndim": ndim}, lambda: layer(ones(1, 2, *[size] * ndim))


def linear(draw: random.Random) -> Call:
    features, outputs = draw.choice((400, 1024, 3136)), draw.choice((2, 10, 120))
    rows, got = draw.randint(1, 64), draw.choice((7, 256, 576, 4096))
    layer = nn.Linear(features, outputs)
    parameters = {"rows": rows, "got": got, "features": features, "outputs": outputs}
    return parameters, lambda: layer(ones(rows, got))


def unflattened(draw: random.Random) -> Call:
    batch, channels, side = draw.randint(1, 9), draw.choice((6, 16, 64)), draw.randint(3, 14)
    layer = nn.Linear(channels * side * side, 10)
    parameters = {"batch": batch, "channels": channels, "side": side}
    return parameters, lambda: layer(ones(batch, channels, side, side))


def no_batch(draw: random.Random) -> Call:
    channels, side = draw.choice((8, 16, 32)), draw.randint(9, 26)
    layer = nn.Linear(channels * side * side, 10)
    parameters = {"channels": channels, "side": side}
    return parameters, lambda: layer(torch.flatten(ones(channels, side, side), 1))


def picture(draw: random.Random) -> Call:
    expected, got = draw.choice([(3, 4), (3, 1), (1, 3)])
    layer, side = nn.Conv2d(expected, 4, 3), draw.randint(8, 64)
    return {"expected": expected, "got": got}, lambda: layer(ones(2, got, side, side + 1))


def turned(draw: random.Random) -> Call:
    channels, height, width = draw.choice((1, 3)), draw.randint(8, 64), draw.randint(8, 64)
    layer = nn.Conv2d(channels, 4, 3)
    return {"expected": channels, "got": height}, lambda: layer(ones(2, height, width, channels))


def joined(draw: random.Random) -> Call:
    side = draw.randint(5, 40)
    other = side + draw.choice((1, -1, 2))
    x, y = ones(1, 8, side, side), ones(1, 4, side, other)
    return {"first": side, "second": other}, lambda: torch.cat([x, y], 1)


# --- losses --------------------------------------------------------------------------------------


def classes(draw: random.Random) -> Call:
    rows, outputs, labels = draw.randint(2, 64), draw.randint(2, 40), draw.randint(2, 40)
    loss = draw.choice(
        (functional.binary_cross_entropy_with_logits, functional.binary_cross_entropy)
    )
    parameters = {"rows": rows, "outputs": outputs, "labels": labels}
    return parameters, lambda: loss(ones(rows, outputs), ones(rows, labels))


def label(draw: random.Random) -> Call:
    classes, wrong = draw.randint(2, 40), draw.choice((-1, 0, 1, 5, 255))
    number = wrong if wrong in (-1, 255) else classes + wrong
    target = torch.full((4,), number)
    return {"label": number}, lambda: functional.cross_entropy(ones(4, classes), target)


def class_axis(draw: random.Random) -> Call:
    rows, steps, count = draw.randint(2, 9), draw.randint(2, 40), draw.randint(2, 40)
    target = torch.zeros(rows, steps, dtype=torch.long)
    parameters = {"wanted": [rows, count], "got": [rows, steps]}
    return parameters, lambda: functional.cross_entropy(ones(rows, steps, count), target)


def mask(draw: random.Random) -> Call:
    side = draw.randint(8, 64)
    shape = draw.choice(([2, side, side, 3], [2, 1, side, side], [2]))
    target = torch.zeros(shape, dtype=torch.long)
    return {"shape": shape}, lambda: functional.cross_entropy(ones(2, 5, side, side), target)


def class_weights(draw: random.Random) -> Call:
    count, weights = draw.randint(2, 40), draw.randint(2, 40)
    target = torch.zeros(4, dtype=torch.long)
    parameters = {"classes": count, "weights": weights}
    return parameters, lambda: functional.cross_entropy(ones(4, count), target, ones(weights))


# --- torch.compile and torch.export --------------------------------------------------------------


def fake_sum(draw: random.Random) -> Call:
    parameters, _ = maps_sum(draw)
    first, second = parameters["first"], parameters["second"]
    shapes = [[1, 8, size, 5] for size in (first, second)]
    return parameters, lambda: _fake(lambda: ones(*shapes[0]) + ones(*shapes[1]))


def fake_joined(draw: random.Random) -> Call:
    side = draw.randint(5, 40)
    parameters = {"first": side, "second": side + draw.choice((1, -1, 2))}
    shapes = [[1, 8, side, side], [1, 4, side, parameters["second"]]]
    return parameters, lambda: _fake(lambda: torch.cat([ones(*shape) for shape in shapes], 1))


def fake_linear(draw: random.Random) -> Call:
    parameters, _ = linear(draw)
    rows, got, features, outputs = (
        parameters[name] for name in ("rows", "got", "features", "outputs")
    )
    weights = (outputs, features)
    return parameters, lambda: _fake(lambda: functional.linear(ones(rows, got), ones(*weights)))


def fake_transposed(draw: random.Random) -> Call:
    parameters, _ = transposed(draw)
    size, ndim = parameters["size"], parameters["ndim"]
    padding, kernel = draw.randint(4, 6), draw.randint(1, 3)
    parameters = {"size": size, "after": size - 1 - 2 * padding + kernel, "ndim": ndim}
    convolve = getattr(functional, f"conv_transpose{ndim}d")
    sizes = [[1, 2, *[size] * ndim], [2, 2, *[kernel] * ndim]]
    return parameters, lambda: _fake(
        lambda: convolve(ones(*sizes[0]), ones(*sizes[1]), padding=padding)
    )


def _fake(call: Callable[[], object]) -> object:
    """Call with tensors that have sizes and no values, as torch.compile and torch.export do."""
    with FakeTensorMode():
        return call()


def pad_limit(draw: random.Random) -> Call:
    ndim, kernel, dilation = draw.choice((2, 3)), draw.randint(2, 9), draw.randint(1, 3)
    padding = kernel // 2 + draw.randint(1, 4)
    parameters = {"ndim": ndim, "kernel": kernel, "padding": padding, "dilation": dilation}
    pool = getattr(functional, f"max_pool{ndim}d")
    x = ones(1, 2, *[40] * ndim)
    return parameters, lambda: pool(x, kernel, padding=padding, dilation=dilation)


def pad_limit_1d(draw: random.Random) -> Call:
    kernel = draw.randint(2, 20)
    padding = kernel // 2 + draw.randint(1, 4)
    parameters = {"ndim": 1, "kernel": kernel, "padding": padding}
    return parameters, lambda: functional.max_pool1d(ones(1, 2, 60), kernel, padding=padding)


def empty_map(draw: random.Random) -> Call:
    shape = [draw.randint(1, 8), draw.randint(1, 8), draw.randint(1, 30), draw.randint(1, 30)]
    shape[draw.choice((2, 3))] = 0
    pool = draw.choice((functional.max_pool2d, functional.avg_pool2d))
    return {"shape": shape}, lambda: pool(ones(*shape), 2)


def empty_adaptive(draw: random.Random) -> Call:
    shape = [draw.randint(1, 8), draw.randint(1, 8), draw.randint(1, 30), draw.randint(1, 30)]
    shape[draw.choice((2, 3))] = 0
    return {"shape": shape}, lambda: functional.adaptive_avg_pool2d(ones(*shape), 3)


def unshuffled(draw: random.Random) -> Call:
    factor, size = draw.randint(2, 9), draw.randint(3, 90)
    parameters = {"factor": factor, "size": size}
    return parameters, lambda: functional.pixel_unshuffle(ones(1, 2, size, factor), factor)


def shuffled(draw: random.Random) -> Call:
    factor, channels = draw.randint(2, 5), draw.randint(3, 90)
    parameters = {"factor": factor, "channels": channels, "cells": factor * factor}
    return parameters, lambda: functional.pixel_shuffle(ones(1, channels, 4, 4), factor)


def grouped_norm(draw: random.Random) -> Call:
    groups, channels = draw.choice((4, 8, 16, 32)), draw.randint(3, 90)
    shape = [2, channels, 4, 5]
    parameters = {"groups": groups, "channels": channels, "shape": shape}
    return parameters, lambda: functional.group_norm(ones(*shape), groups)


def interpolated(draw: random.Random) -> Call:
    rank = draw.choice((1, 2, 6))
    return {"rank": rank}, lambda: functional.interpolate(ones(*[2] * rank), scale_factor=2)


def grey_normalised(draw: random.Random) -> Call:
    """Subtract the means of a colour picture, as transforms.Normalize of torchvision does."""
    shape = [1, draw.randint(8, 40), draw.randint(8, 40)]
    shape = shape if draw.random() < 0.5 else [draw.randint(1, 9), *shape]
    return {"shape": shape}, lambda: ones(*shape).sub_(ones(3, 1, 1))


KINDS = (
    conv_rank, norm_rank, view, target_batch, target_shape, target_map, maps_sum, maps_expand,
    reflection, one_value, norm_channels, unpool_index, unpool_shape, unpool_size, fractional,
    transposed, linear, unflattened, no_batch, picture, turned, joined,
    classes, label, class_axis, mask, class_weights, fake_sum, fake_joined, fake_linear,
    fake_transposed, pad_limit, pad_limit_1d, empty_map, empty_adaptive, unshuffled, shuffled,
    grouped_norm, interpolated, grey_normalised,
)  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    for kind in KINDS:
        draw = random.Random(kind.__name__)
        texts: set[str] = set()
        for _ in itertools.repeat(None, 400):
            parameters, call = kind(draw)
            text = _error(call)
            if text is not None and text not in texts and len(texts) < PER_KIND:
                texts.add(text)
                yield {"kind": kind.__name__, "parameters": parameters, "text": text}


def _error(call: Callable[[], object]) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
    except (RuntimeError, ValueError, IndexError, NotImplementedError) as error:
        return str(error)
    return None


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # several threads name any of the wrong indices
    table = {"version": torch.__version__.split("+")[0], "rows": list(rows())}
    packed = gzip.compress(json.dumps(table, separators=(",", ":")).encode(), 9, mtime=0)
    TABLE.write_bytes(packed)


if __name__ == "__main__":
    main()
