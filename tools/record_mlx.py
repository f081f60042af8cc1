"""Runs MLX's layers and records what they gave: `tests/data/mlx.jsonl.gz`.

    python3 -m venv FOLDER
    FOLDER/bin/pip install "mlx[cpu]==0.32.4" numpy
    FOLDER/bin/python -m tools.record_mlx

MLX is needed only here: the tests read the file. poolviz is not imported, so nothing in the file
comes from it. There is no time in it, and the calls are drawn with a fixed seed: the same version
writes the same bytes.

Each line is one JSON object; `record` says what it holds:

* `shape`: one pooling call, with the fields of `shapes.jsonl.gz`. A null argument, padding
  "valid", no dilation and no ceil_mode were left out of the call; the others were passed as
  keywords in the order kernel_size, stride, padding, count_include_pad, dilation, ceil_mode;
* `invalid`: arguments as they were passed, wrong or odd; `input` is the whole shape;
* `value`: a `shape` with the arrays `x`, `y`, `G` and `grad` of `values.json.gz` in it;
* `convolution`: one `Conv` or `ConvTranspose`, its spatial `output` and `parameters`;
* `network`: one architecture of `tools.architectures` or of `heads`, run layer by layer, as in
  `architectures.json.gz`.

MLX has the channels last. As elsewhere in `tests/data`, pooling rows list spatial axes only, for
float32, batch 1 and 2 channels, and arrays are (N, C, *spatial). Calls are executed where input
and output have at most `MOST_CELLS` cells each; of larger ones MLX, which is lazy, only gives the
shape. A kernel or a stride of 2³¹ or more is not recorded: a kernel that long ends the process.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import random
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import numpy as np
from mlx.utils import tree_flatten

from tools.architectures import (
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

OUTPUT = Path(__file__).parents[1] / "tests" / "data" / "mlx.jsonl.gz"
SEED = 10
CHANNELS = 2
MOST_CELLS = 1_000_000
SHAPES_PER_RANK = {1: 500, 2: 700, 3: 500}
REFUSALS_PER_RANK = 150
VALUES_PER_RANK = {1: 90, 2: 110, 3: 60}
CONVOLUTIONS_PER_RANK = 120

Row = dict[str, Any]


# --- one call ------------------------------------------------------------------------------------


def outcome(call: Callable[..., Any], *arguments: Any) -> tuple[Any, Row | None]:
    """Return the result of `call`, and its error."""
    try:
        result = call(*arguments)
        if result.size <= MOST_CELLS:
            mx.eval(result)
    except Exception as error:
        kind = type(error)
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        return None, {"type": f"{module}{kind.__qualname__}", "message": str(error)}
    return result, None


def pooling(op: str, ndim: int) -> Any:
    """Return the class of the layer."""
    return getattr(nn, f"{op.title()}Pool{ndim}d")


def keywords_of(row: Row) -> dict[str, Any]:
    """Return the arguments as in MLX's documentation."""
    keywords: dict[str, Any] = {"kernel_size": tuple(row["kernel"])}
    if row["stride"] is not None:
        keywords["stride"] = tuple(row["stride"])
    padding = row["padding"]
    if isinstance(padding, str):
        if padding != "valid":
            keywords["padding"] = padding
    elif all(before == after for before, after in padding):
        keywords["padding"] = tuple(before for before, _ in padding)
    else:
        keywords["padding"] = tuple(tuple(pair) for pair in padding)
    if row["count_include_pad"] is not None:
        keywords["count_include_pad"] = row["count_include_pad"]
    if max(row["dilation"]) > 1:
        keywords["dilation"] = tuple(row["dilation"])
    if row["ceil_mode"]:
        keywords["ceil_mode"] = True
    return keywords


def named(record: str, row: Row) -> Row:
    """Return `row` with an id that its arguments determine."""
    text = json.dumps(row, sort_keys=True, default=str)
    digest = hashlib.sha1(text.encode()).hexdigest()[:8]
    return {
        "record": record,
        "id": f"{digest}.mlx.nn",
        "version": mx.__version__,
        **row,
    }


# --- sizes of pooling layers ---------------------------------------------------------------------


def configuration(
    category: str, op: str, input_size: Iterable[int], kernel: list[int], **more: Any
) -> Row:
    """Return a plain pooling, except for `more`."""
    sizes = list(input_size)
    return {
        "category": category,
        "note": "",
        "op": op,
        "ndim": len(sizes),
        "input": sizes,
        "kernel": kernel,
        "stride": None,
        "dilation": [1] * len(sizes),
        "padding": "valid",
        "ceil_mode": False,
        "count_include_pad": None,
        **more,
    }


def drawn(chance: random.Random, category: str, ndim: int, largest: int) -> Row:
    """Return a pooling layer with sizes on both sides of the limit."""
    sizes = [chance.choice([0, 1, *range(2, largest + 1)]) for _ in range(ndim)]
    if chance.random() < 0.7:
        sizes = [max(2, size) for size in sizes]
    kernel = [chance.randint(1, 5) for _ in range(ndim)]
    if chance.random() < 0.25:  # one axis about as long as the kernel, or shorter
        axis = chance.randrange(ndim)
        kernel[axis] = max(1, sizes[axis] + chance.randint(-1, 4))
    stride = None if chance.random() < 0.3 else [chance.randint(1, 4) for _ in range(ndim)]
    padding: Any = "valid"
    if chance.random() < 0.6:
        most = chance.choice([1, 2, 5])
        padding = [[number, number] for number in _numbers(chance, ndim, 0, most)]
    op = chance.choice(["max", "avg"])
    return configuration(category, op, sizes, kernel, stride=stride, padding=padding)


def _numbers(chance: random.Random, count: int, least: int, most: int) -> list[int]:
    return [chance.randint(least, most) for _ in range(count)]


def long_axes() -> Iterator[Row]:
    """Sizes far above a picture's; the kernel and the stride stay below 2³¹."""
    top = 2**31 - 1
    for op, kernel, stride, pad in product(
        ("max", "avg"), (2, 999, top), (None, 1, 1000, top), (0, 500)
    ):
        more = {"stride": None if stride is None else [stride], "padding": [[pad, pad]]}
        yield configuration("long", op, [10**6], [kernel], **more)


def refused(chance: random.Random, ndim: int) -> Row:
    """Return a drawn pooling with something that MLX does not take: one, two or all of them."""
    row = drawn(chance, "refused", ndim, 12)
    for _ in range(chance.choice([1, 1, 2, 4])):
        which = chance.choice(["dilation", "ceil_mode", "count_include_pad", "named", "sides"])
        if which == "dilation":
            row["dilation"] = _numbers(chance, ndim, 1, 3)
        elif which == "ceil_mode":
            row["ceil_mode"] = True
        elif which == "count_include_pad":
            # True is what an average does anyway, so only `invalid` rows have it.
            row["count_include_pad"] = row["op"] == "max" and chance.choice([True, False])
        elif which == "named":
            row["padding"] = chance.choice(["same", "same_lower"])
        else:
            row["padding"] = [_numbers(chance, 2, 0, 3) for _ in range(ndim)]
    return row


def shape_rows(chance: random.Random) -> Iterator[Row]:
    """Yield pooling layers on zeros."""
    rows = list(long_axes())
    for ndim, count in SHAPES_PER_RANK.items():
        rows += _different(count, drawn, chance, "drawn", ndim, 14)
        rows += _different(REFUSALS_PER_RANK, refused, chance, ndim)
    for row in rows:
        result, error = outcome(_pooled_zeros, row)
        output = None if result is None else list(result.shape[1:-1])
        yield named("shape", row) | {"output": output, "error": error}


def _different(count: int, draw: Callable[..., Row], *arguments: Any) -> list[Row]:
    found: dict[str, Row] = {}
    while len(found) < count:
        row = draw(*arguments)
        found[json.dumps(row)] = row
    return list(found.values())


def _pooled_zeros(row: Row) -> Any:
    return _pooled(row, mx.zeros((1, *row["input"], CHANNELS)))


def _pooled(row: Row, x: Any) -> Any:
    return pooling(row["op"], row["ndim"])(**keywords_of(row))(x)


# --- wrong arguments -----------------------------------------------------------------------------


def wrong_arguments(ndim: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of a mistake, and the keywords with it."""
    for parameter in ("kernel_size", "stride", "padding"):
        start: dict[str, Any] = {} if parameter == "kernel_size" else {"kernel_size": 2}
        values: dict[str, Any] = {
            "zero": 0,
            "negative": -1,
            "one negative entry": (*(1,) * (ndim - 1), -1),
            "one zero entry": (*(1,) * (ndim - 1), 0),
            "float": 2.0,
            "float entry": (2.0,) * ndim,
            "text": "2",
            "text entry": ("2",) * ndim,
            "a name": "same",
            "the name valid": "valid",
            "None": None,
            "bool": True,
            "list": [1] * ndim,
            "too few entries": (2,) * (ndim - 1),
            "too many entries": (2,) * (ndim + 1),
            "nested": ((1, 1),) * ndim,
            "NumPy integer": np.int64(2),
            "NumPy integer as entry": (np.int64(1),) * ndim,
            "array": np.array([1] * ndim),
        }
        for note, value in values.items():
            yield f"{parameter}: {note}", {**start, parameter: value}
    yield "nothing at all", {}
    for parameter, value in (
        ("dilation", 2),
        ("dilation", 1),
        ("ceil_mode", True),
        ("ceil_mode", False),
        ("count_include_pad", True),
        ("count_include_pad", False),
        ("return_indices", True),
        ("pool_size", 2),
        ("strides", 2),
        ("data_format", "channels_first"),
    ):
        yield f"{parameter}: no such keyword", {"kernel_size": 2, parameter: value}
    # Which of several errors is raised.
    yield "order: all three forms", {"kernel_size": 2.0, "stride": 2.0, "padding": 2.0}
    yield "order: form of the stride, value of the kernel", {"kernel_size": 0, "stride": "1"}
    yield "order: all three values", {"kernel_size": 0, "stride": 0, "padding": -1}
    yield "order: stride and padding", {"kernel_size": 2, "stride": 0, "padding": -1}
    yield "order: keyword and form", {"kernel_size": 2.0, "dilation": 2}


def invalid_rows() -> Iterator[Row]:
    """Wrong arguments, and inputs with another number of axes or another order."""
    for ndim, op in product((1, 2, 3), ("max", "avg")):
        input_shape = [1, *(7, 9, 6)[:ndim], CHANNELS]
        for note, keywords in wrong_arguments(ndim):
            yield _invalid(op, ndim, input_shape, note, keywords)
        for other in ([], [4], [4, 4], [1, 4, 4], [1, 6, 6, 2], [1, 6, 6, 6, 2], [1] * 6):
            if len(other) != ndim + 2:
                yield _invalid(op, ndim, other, "input: number of axes", {"kernel_size": 2})
        channels_first = [1, 3, *(8, 8, 8)[:ndim]]
        yield _invalid(op, ndim, channels_first, "input: channels first", {"kernel_size": 2})
        empty = [0, *(8, 8, 8)[:ndim], 3]
        yield _invalid(op, ndim, empty, "input: no sample", {"kernel_size": 2})


def _invalid(op: str, ndim: int, shape: list[int], note: str, keywords: dict[str, Any]) -> Row:
    result, error = outcome(lambda: pooling(op, ndim)(**keywords)(mx.zeros(shape)))
    row = {"note": note, "op": op, "ndim": ndim, "input": shape, "keywords": _plain(keywords)}
    output = None if result is None else list(result.shape)
    return named("invalid", row) | {"output": output, "error": error}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


# --- values and gradients ------------------------------------------------------------------------

KINDS = (
    "ints",
    "float",
    "allneg",
    "const",
    "mixed",
    "nan",
    "neginf",
    "neginf_window",
    "posinf",
    "negzero",
    "dtype:int8",
    "dtype:int16",
    "dtype:int32",
    "dtype:int64",
    "dtype:uint8",
    "dtype:float16",
)


def array_of(kind: str, shape: tuple[int, ...], numbers: np.random.Generator) -> Any:
    """Small numbers, many of them alike, so that maxima tie."""
    x = numbers.integers(-4, 5, shape).astype(np.float32)
    if kind.startswith("dtype:"):
        return (abs(x) if kind.endswith("uint8") else x).astype(kind.partition(":")[2])
    if kind == "float":
        return (numbers.integers(-32, 33, shape) / 8).astype(np.float32)
    if kind == "allneg":
        return -abs(x) - 1
    if kind == "const":
        return np.full(shape, -2, np.float32)
    if kind == "negzero":
        return np.where(numbers.random(shape) < 0.5, -0.0, 0.0).astype(np.float32)
    odd = {
        "nan": [np.nan],
        "neginf": [-np.inf],
        "neginf_window": [-np.inf],
        "posinf": [np.inf],
        "mixed": [np.nan, np.inf, -np.inf],
    }.get(kind, [])
    share = 0.8 if kind == "neginf_window" else 0.2
    for value in odd:
        x[numbers.random(shape) < share] = value
    return x


def value_rows(chance: random.Random) -> Iterator[Row]:
    """Yield pooling layers on numbers; float32 with the gradient."""
    numbers = np.random.default_rng(SEED)
    for ndim, count in VALUES_PER_RANK.items():
        largest = {1: 9, 2: 6, 3: 4}[ndim]
        rows = _different(count, _valued, chance, ndim, largest)
        for i, row in enumerate(rows):
            row["kind"] = KINDS[i % len(KINDS)]
            yield _value(row, numbers)


def _valued(chance: random.Random, ndim: int, largest: int) -> Row:
    """Return a drawn pooling that returns something."""
    while True:
        row = drawn(chance, "values", ndim, largest)
        result, _ = outcome(_pooled_zeros, row)
        if result is not None and result.size > 0:
            return row


def _value(row: Row, numbers: np.random.Generator) -> Row:
    channels = CHANNELS if row["ndim"] < 3 else 1
    x = array_of(row["kind"], (1, channels, *row["input"]), numbers)
    y = _channels_first(_pooled(row, _channels_last(x)))
    arrays = {"x": x, "y": y}
    if x.dtype == np.float32:
        weights = numbers.integers(-4, 5, y.shape).astype(np.float32)
        grad = mx.grad(lambda a: (_pooled(row, a) * _channels_last(weights)).sum())
        arrays |= {"G": weights, "grad": _channels_first(grad(_channels_last(x)))}
    done = row | {"dtype": x.dtype.name, "nc": [1, channels]}
    results = {
        "output": list(y.shape[2:]),
        "error": None,
        "arrays": {name: _packed(array) for name, array in arrays.items()},
    }
    return named("value", done) | results


def _channels_last(x: Any) -> Any:
    return mx.array(np.ascontiguousarray(np.moveaxis(x, 1, -1)))


def _channels_first(x: Any) -> Any:
    return np.ascontiguousarray(np.moveaxis(np.array(x), -1, 1))


def _packed(array: Any) -> list[Any]:
    return [array.dtype.str, list(array.shape), base64.b64encode(array.tobytes()).decode("ascii")]


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
        return chance.randint(least, most) if one else _numbers(chance, ndim, least, most)

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
        rows += _different(CONVOLUTIONS_PER_RANK, drawn_convolution, chance, ndim)
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
        "kernel_size": _tuple(row["kernel"]),
        "stride": _tuple(row["stride"]),
        "padding": _tuple(row["padding"]),
        "dilation": _tuple(row["dilation"]),
        "bias": row["bias"],
    }
    if row["groups"] != 1:
        keywords["groups"] = row["groups"]
    if row["output_padding"] is not None:
        keywords["output_padding"] = _tuple(row["output_padding"])
    layer = getattr(nn, f"{row['layer']}{row['ndim']}d")
    made.append(layer(row["in_channels"], row["out_channels"], **keywords))
    return made[0](mx.zeros((1, *row["input"], row["channels"])))


def _tuple(value: Any) -> Any:
    return tuple(_tuple(entry) for entry in value) if isinstance(value, list) else value


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
    steps: list[tuple[list[int], int]] = []

    _, error = outcome(lambda: _through(layers, mx.zeros((1, *shape)), steps))
    if error is not None:
        error["layer"] = len(steps)
    return {
        "shapes": [shape for shape, _ in steps],
        "parameters": [parameters for _, parameters in steps],
        "error": error,
    }


def _through(layers: Layers, x: Any, steps: list[tuple[list[int], int]]) -> Any:
    for entry in layers:
        made: Any = None
        if "branches" in entry:
            ends = [_through(branch, x, steps) for branch in entry["branches"]]
            x = mx.concatenate(ends, axis=-1) if entry["op"] == "Concatenate" else _sum(ends)
        else:
            made = _layer(entry, x)
            x = made(x)
        mx.eval(x)
        steps.append((list(x.shape[1:]), _parameters(made)))
    return x


def _sum(ends: list[Any]) -> Any:
    total = ends[0]
    for end in ends[1:]:
        total = total + end
    return total


def _layer(entry: Layer, x: Any) -> Any:
    """Return a module, or what is written where MLX has none."""
    op, ndim = entry["op"], max(x.ndim - 2, 2) if x.ndim < 3 else x.ndim - 2
    arguments = {
        name: _tuple(value) for name, value in entry.items() if name not in ("op", "op_name")
    }
    if op in ("Pool", "Conv") and isinstance(entry["kernel_size"], list | tuple):
        ndim = len(entry["kernel_size"])
    if op == "Pool":
        return pooling(entry.get("op_name", "max"), ndim)(**arguments)
    if op in ("Conv", "ConvTranspose"):
        arguments.setdefault("in_channels", x.shape[-1])
        if ndim == 1:  # takes no tuples
            arguments = {n: v[0] if isinstance(v, tuple) else v for n, v in arguments.items()}
        if arguments.get("output_padding", 0) is None:
            del arguments["output_padding"]
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


# --- the file ------------------------------------------------------------------------------------


def rows() -> Iterator[Row]:
    """Yield every line of the file."""
    yield from shape_rows(random.Random(SEED))
    yield from invalid_rows()
    yield from value_rows(random.Random(SEED))
    yield from convolution_rows(random.Random(SEED))
    yield from network_rows()


def zipped(lines: Iterable[str]) -> bytes:
    """gzip without the time of writing, so that the same lines give the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.writelines(f"{line}\n".encode() for line in lines)
    return buffer.getvalue()


def main() -> None:
    """Write the file and say how many lines of each kind it has."""
    recorded = list(rows())
    OUTPUT.write_bytes(
        zipped(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in recorded)
    )
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size:,} bytes")
    for record in dict.fromkeys(row["record"] for row in recorded):
        print(f"{sum(row['record'] == record for row in recorded):6} {record}")


if __name__ == "__main__":
    main()
