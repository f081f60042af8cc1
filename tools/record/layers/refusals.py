"""Record which arrays each framework takes and what it returns: dtypes, empty axes, NaN.

    FOLDER/bin/python -m tools.record.layers.refusals ask torch ANSWERS/torch.json
    python -m tools.record.layers.refusals write ANSWERS/*.json

for each name of `tools.record.layers.pooling_calls.CALLS`, with the framework installed in FOLDER
(bfloat16 needs ml_dtypes). `write` puts all answers into `tests/data/refusals.json.gz`. `versions`
compares with it those of other versions, and keeps in `array_versions.json.gz` what is not the
same; null is a call that a version does not have. poolviz is not imported.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tools.record.layers.pooling_calls import (
    AVG,
    CALLS,
    FITTED,
    INDICES,
    KINDS,
    LP,
    LP_INF,
    MAX,
    Array,
    Calls,
)

FILE = Path(__file__).parents[3] / "tests" / "data" / "refusals.json.gz"
VERSIONS = FILE.with_name("array_versions.json.gz")
DTYPES = (
    *("float16", "bfloat16", "float32", "float64"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"),
)
AXES = (1, 2, 3)
EMPTY = {"no example": (0, 2), "no channel": (1, 0)}  # (N, C)
SIDE = 4  # of the map
_PATTERN = (100, 101, -3, -4, 120, 122, -7, -8)
NAN, INF = math.nan, math.inf
# Windows along the last axis, each in a separate map; the other axes have one element.
WINDOWS: dict[str, tuple[float, ...]] = {
    "nan first": (NAN, 2, 1),
    "nan between": (2, NAN, 3),
    "nan between, falling": (3, NAN, 2),
    "nan last": (1, 2, NAN),
    "nan twice": (NAN, 5, NAN),
    "nan beside nan": (1, NAN, NAN),
    "nan only": (NAN, NAN, NAN),
    "nan and inf": (NAN, INF, 1),
    "inf and nan": (INF, 1, NAN),
    "nan and -inf": (NAN, -INF, -INF),
    "-inf and nan": (-INF, NAN, -INF),
    "-inf only": (-INF, -INF, -INF),
    "-inf and a number": (-INF, 1, -INF),
    "inf twice": (INF, INF, 1),
    "inf and -inf": (INF, -INF, 1),
}


def array_of(dtype: str, ndim: int, lead: tuple[int, int] = (1, 1)) -> Array:
    """Return an input: sums of its windows leave int8 and uint8, and are not divisible."""
    shape = (*lead, *(SIDE,) * ndim)
    flat = np.resize(np.array(_PATTERN), math.prod(shape)).reshape(shape)
    if dtype == "bool":
        return flat > 0
    if dtype == "bfloat16":
        import ml_dtypes

        return flat.astype(ml_dtypes.bfloat16)
    return (np.abs(flat) if dtype.startswith("u") else flat).astype(dtype)


def window_of(name: str, ndim: int) -> Array:
    """Return a window as an input (1, 1, *spatial)."""
    row = np.array(WINDOWS[name], np.float32)
    return row.reshape(1, 1, *(1,) * (ndim - 1), len(row))


def _tried(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as problem:
        text = " ".join(str(problem).split())
        # Only the padding's message is a rule of poolviz.
        found = re.search("(Top|Bottom|Left|Right) padding .* size [0-9]+", text)
        return [type(problem).__name__, *([found[0]] if found else [])]


def _listed(y: Array | None) -> Any:
    """Return the dtype, the shape and the first numbers."""
    if y is None:
        return None
    flat = y.astype(np.float64).ravel()[:4]
    return {"dtype": y.dtype.name, "shape": [*y.shape], "y": [*map(_number, flat)]}


def _number(value: float) -> float | str:
    value = float(value)
    if math.isfinite(value):
        return value
    return repr(value)


def _cases(calls: Calls) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the name of each call, and the call."""
    for kind in KINDS:
        for ndim in AXES:
            if calls.call(kind, ndim) is None:
                continue
            for dtype in DTYPES:
                x = array_of(dtype, ndim)
                yield f"{kind}/{ndim}/{dtype}", lambda k=kind, x=x: _listed(calls.run(k, x))
            for name, lead in EMPTY.items():
                x = array_of("float32", ndim, lead)
                yield f"{kind}/{ndim}/{name}", lambda k=kind, x=x: _listed(calls.run(k, x))
            bare = array_of("float32", ndim)[0, 0]
            yield (
                f"{kind}/{ndim}/axes missing",
                lambda k=kind, n=ndim, x=bare: _listed(
                    calls.array(calls.call(k, n)(calls.tensor(x)))  # type: ignore[misc]
                ),
            )


def _given(calls: Calls) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield calls with arguments that a framework may reject, as `arguments_of` names them."""
    for key, (kind, shape, size, words) in arguments_of(calls).items():
        x = np.ones(shape, np.float32)

        def call(kind: str = kind, x: Array = x, size: Any = size, words: Any = words) -> Any:
            function = calls.call(kind, len(size), size=size, **words)
            if function is None:
                return None
            if words.get("graph"):
                function = calls.in_graph(function)
            return _listed(calls.array(function(calls.tensor(x))))

        yield key, call


def arguments_of(calls: Calls) -> dict[str, tuple[str, tuple[int, ...], Any, dict[str, Any]]]:
    """Return kind, shape, size and other arguments by a name."""
    found: dict[str, tuple[str, tuple[int, ...], Any, dict[str, Any]]] = {}
    shapes = {
        ndim: ((1, *(SIDE,) * ndim, 1) if calls.is_last else (1, 1, *(SIDE,) * ndim))
        for ndim in AXES
    }
    for ndim, shape in shapes.items():
        size = (2,) * ndim
        for divisor in (3, -2, 0):
            words = {"divisor_override": divisor}
            found[f"divisor {divisor}/{ndim}"] = AVG, shape, size, words
        for norm in (1, 2, 1.5, math.inf, 0, -1):
            found[f"norm {norm}/{ndim}"] = LP, shape, size, {"norm": norm}
        for op in ("adaptive max", "adaptive avg"):
            for axes in range(ndim):
                bare = (SIDE,) * (axes + 1)
                found[f"{op} of {axes + 1} axes/{ndim}"] = op, bare, size, {}
    for name, (kind, shape, words) in calls.padded().items():
        found[name] = kind, shape, (2,) * (len(shape) - 2), words
    return found


def _beside_nan(calls: Calls) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the windows with NaN or infinities: value, place of the maximum, gradient."""
    for kind in (MAX, AVG, *FITTED, LP, LP_INF):
        for ndim in AXES:
            for name in WINDOWS:
                x = window_of(name, ndim)
                if calls.call(kind, ndim) is not None:
                    yield (
                        f"{kind}/{ndim}/{name}",
                        lambda k=kind, x=x: _one_window(calls, k, x),
                    )


def _one_window(calls: Calls, kind: str, x: Array) -> dict[str, Any]:
    """Pool a window that is the whole input."""
    if calls.ends_at_one and kind == "adaptive max":
        raise SystemError("the call ends the process")
    ndim, size = x.ndim - 2, 1 if kind.startswith("adaptive") else x.shape[2:]
    y = calls.run(kind, x, size=size)
    found = {"y": _number(np.asarray(y).item())}
    if kind == MAX and calls.call(INDICES, ndim) is not None:
        found["i"] = _number(np.asarray(calls.run(INDICES, x, size=size)).item())
    try:
        function = calls.call(kind, ndim, size=size)
        found["g"] = [*map(_number, calls.gradient(function, x).ravel())]  # type: ignore[arg-type]
    except NotImplementedError:
        pass
    return found


def ask(name: str) -> dict[str, Any]:
    """Return the answers of one framework."""
    calls = CALLS[name]()
    answers = {key: _tried(call) for key, call in _cases(calls)}
    nan = {key: _tried(call) for key, call in _beside_nan(calls)}
    arguments = {key: _tried(call) for key, call in _given(calls)}
    versions = ", ".join(f"{package} {version(package)}" for package in calls.packages)
    return {
        "name": name,
        "version": versions,
        "answers": answers,
        "nan": nan,
        "arguments": arguments,
    }


def write(asked: list[dict[str, Any]]) -> None:
    """Write the answers of all frameworks to one file."""
    by_name = {one.pop("name"): one for one in asked}
    _save(FILE, by_name)


def write_versions(asked: list[dict[str, Any]]) -> None:
    """Write what earlier versions answer differently: by framework, version, part and call."""
    newest = json.loads(gzip.decompress(FILE.read_bytes()))
    found: dict[str, dict[str, Any]] = {}
    for one in asked:
        now = newest[one["name"]]
        found.setdefault(one["name"], {})[one["version"]] = {
            part: {
                key: one[part].get(key)
                for key, came in now[part].items()
                if came != one[part].get(key)
            }
            for part in ("answers", "nan")
        }
    _save(VERSIONS, found)


def _save(file: Path, found: dict[str, Any]) -> None:
    file.write_bytes(gzip.compress(json.dumps(found, separators=(",", ":")).encode(), 9, mtime=0))
    print(file.name, file.stat().st_size, "bytes")


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        Path(sys.argv[3]).write_text(json.dumps(ask(sys.argv[2])))
    else:
        writer = {"write": write, "versions": write_versions}[sys.argv[1]]
        writer([json.loads(Path(path).read_text()) for path in sys.argv[2:]])
