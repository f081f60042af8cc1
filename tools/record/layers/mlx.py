"""Runs MLX's layers and records what they gave: `tests/data/mlx.jsonl.gz`.

    python3 -m venv FOLDER
    FOLDER/bin/pip install "mlx[cpu]==0.32.4" numpy
    FOLDER/bin/python -m tools.record.layers.mlx

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
* `network`: one architecture of `architecture_cases` or of `heads`, run layer by layer, as in
  `architectures.json.gz`.

MLX has the channels last. As elsewhere in `tests/data`, pooling rows list spatial axes only, for
float32, batch 1 and 2 channels, and arrays are (N, C, *spatial). Calls are executed where input
and output have at most `MOST_CELLS` cells each; of larger ones MLX, which is lazy, only gives the
shape. A kernel or a stride of 2³¹ or more is not recorded: a kernel that long ends the process.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np

from tools.record.layers.mlx_calls import (
    SEED,
    Row,
    different,
    named,
    outcome,
    pooling,
    whole_numbers,
)
from tools.record.layers.mlx_networks import convolution_rows, network_rows

OUTPUT = Path(__file__).parents[3] / "tests" / "data" / "mlx.jsonl.gz"
CHANNELS = 2
SHAPES_PER_RANK = {1: 500, 2: 700, 3: 500}
REFUSALS_PER_RANK = 150
VALUES_PER_RANK = {1: 90, 2: 110, 3: 60}


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
        padding = [[number, number] for number in whole_numbers(chance, ndim, 0, most)]
    op = chance.choice(["max", "avg"])
    return configuration(category, op, sizes, kernel, stride=stride, padding=padding)


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
            row["dilation"] = whole_numbers(chance, ndim, 1, 3)
        elif which == "ceil_mode":
            row["ceil_mode"] = True
        elif which == "count_include_pad":
            # True is what an average does anyway, so only `invalid` rows have it.
            row["count_include_pad"] = row["op"] == "max" and chance.choice([True, False])
        elif which == "named":
            row["padding"] = chance.choice(["same", "same_lower"])
        else:
            row["padding"] = [whole_numbers(chance, 2, 0, 3) for _ in range(ndim)]
    return row


def shape_rows(chance: random.Random) -> Iterator[Row]:
    """Yield pooling layers on zeros."""
    rows = list(long_axes())
    for ndim, count in SHAPES_PER_RANK.items():
        rows += different(count, drawn, chance, "drawn", ndim, 14)
        rows += different(REFUSALS_PER_RANK, refused, chance, ndim)
    for row in rows:
        result, error = outcome(_pooled_zeros, row)
        output = None if result is None else list(result.shape[1:-1])
        yield named("shape", row) | {"output": output, "error": error}


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
        rows = different(count, _valued, chance, ndim, largest)
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
