"""Runs convolutions and networks of MLX for `mlx`, layer by layer."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten

from tools.record.layers.mlx_calls import (
    SEED,
    Row,
    different,
    named,
    outcome,
    pooling,
    whole_numbers,
)
from tools.record.networks.architecture_cases import (
    FIRST,
    Layer,
    Layers,
    architectures,
    conv,
    flatten,
    global_average,
    linear,
    pool,
)
from tools.record.networks.steps import Steps, arguments_of, as_tuple, axes_of, summed

CONVOLUTIONS_PER_RANK = 120


# --- convolutions --------------------------------------------------------------------------------


def drawn_convolution(chance: random.Random, ndim: int) -> Row:
    """Return a convolution with sizes, channels and groups on both sides of what fits."""
    op = chance.choice(["Conv", "ConvTranspose"])
    groups = chance.choice([1, 1, 1, 2]) if op == "Conv" else 1
    channels = chance.choice([2, 4])
    sizes = [chance.choice([0, 1, 2, 3, 5, 6, 9]) for _ in range(ndim)]
    if chance.random() < 0.8:
        sizes = [max(3, size) for size in sizes]
    one = chance.random() < 0.5 or ndim == 1  # Conv1d takes no tuples

    def numbers(least: int, most: int) -> Any:
        return chance.randint(least, most) if one else whole_numbers(chance, ndim, least, most)

    is_transposed = op == "ConvTranspose"
    return {
        "layer": op,
        "ndim": ndim,
        "input": sizes,
        "channels": channels if chance.random() < 0.9 else channels + 1,
        "in_channels": channels,
        "out_channels": chance.choice([3, 4]),
        "kernel": numbers(1, 5),
        "stride": numbers(1, 3),
        "padding": numbers(0, 1) if chance.random() < 0.7 else numbers(1, 4),
        "dilation": numbers(1, 3),
        "groups": groups,
        "output_padding": numbers(0, 3) if is_transposed and chance.random() < 0.4 else None,
        "bias": chance.random() < 0.8,
    }


def odd_convolutions() -> Iterator[Row]:
    """Arguments that are refused, one at a time."""
    plain: Row = {
        "channels": 2,
        "in_channels": 2,
        "out_channels": 4,
        "kernel": 3,
        "stride": 1,
        "padding": 0,
        "dilation": 1,
        "groups": 1,
        "output_padding": None,
        "bias": True,
    }
    for ndim in (1, 2, 3):
        start = {"layer": "Conv", "ndim": ndim, "input": [6, 7, 5][:ndim], **plain}
        for changed in (
            {"padding": "same"},
            {"padding": "valid"},
            {"padding": [[0, 1]] * ndim},
            {"padding": [1] * (ndim + 1)},
            {"padding": -1},
            {"stride": 0},
            {"dilation": 0},
            {"kernel": 0},
            {"kernel": 3.0},
            {"kernel": [3]},
            {"stride": [1]},
            {"channels": 3},
            {"in_channels": 3, "channels": 3, "groups": 2},
            {"out_channels": 3, "groups": 2},
            {"groups": 2},
        ):
            yield start | changed
            if "groups" not in changed:
                yield start | changed | {"layer": "ConvTranspose"}
        yield start | {"layer": "ConvTranspose", "groups": 2}
        yield start | {"layer": "ConvTranspose", "output_padding": -1}
        for stride, pad, kernel, extra in product((1, 2, 3), (1, 3), (1, 2), (None, 1, 2)):
            numbers = {"stride": stride, "padding": pad, "kernel": kernel, "output_padding": extra}
            yield start | numbers | {"layer": "ConvTranspose"}


def convolution_rows(chance: random.Random) -> Iterator[Row]:
    """Convolutions of zeros."""
    rows = list(odd_convolutions())
    for ndim in (1, 2, 3):
        rows += different(CONVOLUTIONS_PER_RANK, drawn_convolution, chance, ndim)
    for row in rows:
        mx.random.seed(SEED)
        made: list[Any] = []
        result, error = outcome(_convolved, row, made)
        output = None if result is None else list(result.shape[1:-1])
        parameters = _parameters(made[0]) if made else None
        yield named("convolution", row) | {
            "parameters": parameters,
            "output": output,
            "error": error,
        }


def _convolved(row: Row, made: list[Any]) -> Any:
    keywords = {
        "kernel_size": as_tuple(row["kernel"]),
        "stride": as_tuple(row["stride"]),
        "padding": as_tuple(row["padding"]),
        "dilation": as_tuple(row["dilation"]),
        "bias": row["bias"],
    }
    if row["groups"] != 1:
        keywords["groups"] = row["groups"]
    if row["output_padding"] is not None:
        keywords["output_padding"] = as_tuple(row["output_padding"])
    layer = getattr(nn, f"{row['layer']}{row['ndim']}d")
    made.append(layer(row["in_channels"], row["out_channels"], **keywords))
    return made[0](mx.zeros((1, *row["input"], row["channels"])))


def _parameters(module: Any) -> int:
    if not isinstance(module, nn.Module):
        return 0
    return sum(array.size for _, array in tree_flatten(module.trainable_parameters()))


# --- networks ------------------------------------------------------------------------------------


Shapes = list[tuple[int, ...]]


def heads() -> Iterator[tuple[str, Layers, Shapes]]:
    """Networks whose last layers were made for another size; shapes are (*spatial, C)."""
    start: Layers = [conv(8, 3, in_channels=3, padding=1), pool(2), conv(16, 3), pool(2), flatten()]
    sizes: Shapes = [
        (32, 32, 3),
        (28, 28, 3),
        (10, 10, 3),
        (7, 7, 3),
        (5, 5, 3),
        (4, 4, 3),
        (32, 32, 1),
    ]
    yield "head-for-32", [*start, linear(10, 784)], sizes
    yield "two-heads", [*start, linear(64, 784), linear(10, 32)], sizes[:2]
    halved = [pool(2), pool(2), pool(2), pool(2), flatten(), linear(10)]
    sizes = [(16, 16, 3), (15, 16, 3), (8, 8, 3), (4, 4, 3), (1, 1, 3)]
    yield "pool-to-nothing", halved, sizes
    sizes = [(7, 7, 3), (6, 7, 3), (5, 7, 3), (4, 4, 3)]
    yield "overlapping-to-nothing", [pool(3, 1), pool(3, 1), pool(3, 1)], sizes
    yield "channels-first-by-mistake", [pool(2), conv(8, 3, in_channels=3)], [(3, 32, 32)]
    yield "no-batch-axis", [pool([2, 2])], [(8, 3)]
    yield "linear-on-a-map", [conv(8, 3), linear(10, 8), linear(10, 36)], [(8, 8, 3)]
    yield "conv-after-flatten", [flatten(), conv(8, 3, in_channels=3)], [(8, 8, 3)]
    sequence = [conv(8, [3]), pool([2]), conv(8, [5]), pool([2]), flatten(), linear(5, 40)]
    yield "sequence", sequence, [(30, 4), (20, 4), (8, 4)]
    volume = [conv(4, [3, 3, 3]), pool([2, 2, 2]), flatten(), linear(5, 108)]
    yield "volume", volume, [(8, 8, 8, 1), (9, 8, 8, 1), (3, 8, 8, 1), (3, 3, 3, 1)]
    unbiased = [flatten(), {**linear(10, 100), "bias": False}]
    yield "linear-without-bias", unbiased, [(10, 10, 1), (9, 9, 1)]
    for op in ("avg", "max"):
        head = [pool(2), global_average(op_name=op), linear(10, 3)]
        yield f"global-{op}", head, [(4, 4, 3), (4, 1, 3), (4, 4, 1)]


def network_rows() -> Iterator[Row]:
    """Yield the networks that are described for PyTorch, with the channels last, and `heads`."""
    for name, framework, data_format, layers, shapes in architectures():
        if framework == "pytorch" and data_format == FIRST:
            yield _network(name, layers, [(*shape[1:], shape[0]) for shape in shapes])
    for name, layers, shapes in heads():
        yield _network(name, layers, shapes)


def _network(name: str, layers: Layers, shapes: Shapes) -> Row:
    runs = [{"input_shape": list(shape), **_run(layers, shape)} for shape in shapes]
    row = {"name": name, "framework": "mlx", "data_format": "channels_last", "layers": layers}
    return named("network", row) | {"runs": runs}


def _run(layers: Layers, shape: tuple[int, ...]) -> Row:
    mx.random.seed(SEED)
    steps = Steps()
    _, steps.error = outcome(lambda: _through(layers, mx.zeros((1, *shape)), steps))
    if steps.error is not None:
        steps.error["layer"] = len(steps.shapes)
    return steps.record()


def _through(layers: Layers, x: Any, steps: Steps) -> Any:
    for entry in layers:
        made: Any = None
        if "branches" in entry:
            ends = [_through(branch, x, steps) for branch in entry["branches"]]
            x = mx.concatenate(ends, axis=-1) if entry["op"] == "Concatenate" else summed(ends)
        else:
            made = _layer(entry, x)
            x = made(x)
        mx.eval(x)
        steps.add(x.shape, _parameters(made))
    return x


def _layer(entry: Layer, x: Any) -> Any:
    """Return a module, or what is written where MLX has none."""
    op, ndim, arguments = entry["op"], axes_of(entry, x.ndim - 2), arguments_of(entry)
    if op == "Pool":
        return pooling(entry.get("op_name", "max"), ndim)(**arguments)
    if op in ("Conv", "ConvTranspose"):
        arguments.setdefault("in_channels", x.shape[-1])
        if ndim == 1:  # takes no tuples
            arguments = {n: v[0] if isinstance(v, tuple) else v for n, v in arguments.items()}
        return getattr(nn, f"{op}{ndim}d")(**arguments)
    if op == "AdaptivePool":
        kind = entry.get("op_name", "avg").title()
        return getattr(nn, f"Adaptive{kind}Pool{ndim}d")(**arguments)
    if op == "Linear":
        features = entry["in_features"] or x.shape[-1]
        return nn.Linear(features, entry["out_features"], bias=entry.get("bias", True))
    if op == "Upsample":
        return nn.Upsample(**arguments)
    if op == "Same":
        if entry["name"] == "BatchNorm":
            return nn.BatchNorm(entry["channels"]).eval()
        return {"ReLU": nn.ReLU, "Dropout": nn.Dropout}[entry["name"]]()
    return _WRITTEN_BY_HAND[op](entry)


def _global(entry: Layer) -> Callable[[Any], Any]:
    keeps = bool(entry.get("keepdims"))
    reduce = mx.max if entry.get("op_name") == "max" else mx.mean
    return lambda x: reduce(x, axis=tuple(range(1, x.ndim - 1)), keepdims=keeps)


def _crop(entry: Layer) -> Callable[[Any], Any]:
    cuts = [slice(before, -after or None) for before, after in entry["cropping"]]
    return lambda x: x[(slice(None), *cuts)]


_WRITTEN_BY_HAND: dict[str, Callable[[Layer], Callable[[Any], Any]]] = {
    "GlobalPool": _global,
    "Flatten": lambda entry: lambda x: x.flatten(1),
    "Reshape": lambda entry: lambda x: x.reshape(x.shape[0], *entry["shape"]),
    "Permute": lambda entry: lambda x: x.transpose(0, *entry["dims"]),
    "ZeroPad": lambda entry: lambda x: mx.pad(x, [(0, 0), *map(tuple, entry["padding"]), (0, 0)]),
    "Crop": _crop,
}
