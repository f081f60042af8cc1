"""Tables of `docs/arrays.md`, from what `tools.record.layers.refusals` recorded."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from tools.record.layers.refusals import DTYPES, EMPTY, FILE, WINDOWS

TITLES = {
    "torch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras-tensorflow": "Keras on TensorFlow",
    "keras-torch": "Keras on PyTorch",
    "keras-jax": "Keras on JAX",
    "flax": "JAX, Flax",
    "onnxruntime": "onnxruntime",
    "mlx": "MLX",
}
_RUNS = (("int8", "int16", "int32", "int64"), ("uint8", "uint16", "uint32", "uint64"))
_FLOATS = ("float16", "bfloat16", "float32", "float64")
Row = tuple[str, ...]


@cache  # called for each cell of a table
def recorded() -> dict[str, Any]:
    """Return every answer, by the name of the framework."""
    found: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


def _table(heads: Iterable[str], rows: Iterable[Row]) -> str:
    lines = [f"| {' | '.join(heads)} |"]
    lines.append("|---" * len(list(heads)) + "|")
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def versions() -> str:
    """List the versions that ran."""
    lines = (f"- {TITLES[name]}: {one['version']}" for name, one in recorded().items())
    return "\n".join(lines)


# --- dtypes --------------------------------------------------------------------------------------


def dtypes() -> str:
    """Return what each kind of pooling does with each dtype, and with no examples or channels."""
    heads = ("framework", "pooling", "axes", "same dtype", "another dtype", "raises")
    return _table((*heads, "no channels", "no examples"), _dtype_rows())


def _dtype_rows() -> Iterator[Row]:
    for name, one in recorded().items():
        found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        calls = dict.fromkeys(key.rsplit("/", 1)[0] for key in one["answers"])
        for call in calls:
            kind, axes = call.split("/")
            answers = {what: one["answers"][f"{call}/{what}"] for what in (*DTYPES, *EMPTY)}
            found.setdefault(_dtype_cells(answers, kind == "indices"), []).append((kind, axes))
        for cells, alike in found.items():
            yield TITLES[name], *_calls(alike), *cells


def _calls(alike: list[tuple[str, str]]) -> tuple[str, str]:
    """Kinds and numbers of axes, where every kind has the same numbers; else one by one."""
    by_kind: dict[str, list[str]] = {}
    for kind, axes in alike:
        by_kind.setdefault(kind, []).append(axes)
    if len({tuple(axes) for axes in by_kind.values()}) == 1:
        return ", ".join(by_kind), _axes(next(iter(by_kind.values())))
    return ", ".join(f"{kind} ({_axes(axes)})" for kind, axes in by_kind.items()), ""


def _axes(axes: list[str]) -> str:
    return "1–3" if len(axes) == 3 else ", ".join(axes)


def _dtype_cells(answers: dict[str, Any], gives_places: bool) -> tuple[str, ...]:
    same, other, raised = [], {}, {}
    for dtype in DTYPES:
        answer = answers[dtype]
        if isinstance(answer, list):
            raised.setdefault(answer[0], []).append(dtype)
        elif gives_places or answer["dtype"] == dtype:
            same.append(dtype)
        else:
            other.setdefault(answer["dtype"], []).append(dtype)
    changed = "; ".join(f"{_listed(found)} → {dtype}" for dtype, found in other.items())
    errors = "; ".join(f"{_listed(found)}: {error}" for error, found in raised.items())
    empty = (
        answers[what][0] if isinstance(answers[what], list) else "returns"
        for what in ("no channel", "no example")
    )
    return _listed(same), changed, errors, *empty


def _listed(dtypes: list[str]) -> str:
    """Names of dtypes; a whole family as one word."""
    if len(dtypes) == len(DTYPES):
        return "all"
    families = {"floats": _FLOATS, "signed ints": _RUNS[0], "unsigned ints": _RUNS[1]}
    found, left = [], [*dtypes]
    for word, family in families.items():
        if set(family) <= set(left):
            found.append(word)
            left = [dtype for dtype in left if dtype not in family]
    return ", ".join([*found, *left])


# --- arguments -----------------------------------------------------------------------------------


def arguments() -> str:
    """Table of divisors, norms, too few axes, and TensorFlow's explicit padding."""
    axes: dict[tuple[str, str, str], list[str]] = {}
    for name, one in recorded().items():
        for key, answer in one["arguments"].items():
            if answer is not None:
                call, ndim = key.split("/")
                axes.setdefault((TITLES[name], call, _outcome(answer)), []).append(ndim)
    calls: dict[tuple[str, str, str], list[str]] = {}
    for (title, call, outcome), found in axes.items():
        calls.setdefault((title, _axes(found), outcome), []).append(call)
    return _table(
        ("framework", "call", "axes", "outcome"),
        ((title, "; ".join(found), at, outcome) for (title, at, outcome), found in calls.items()),
    )


def _outcome(answer: Any) -> str:
    if isinstance(answer, list):
        return ": ".join(answer)
    return f"returns {_number(answer['y'][0])}"


# --- NaN and infinities --------------------------------------------------------------------------


def nan(kind: str) -> str:
    """Table of the value, the index of the maximum and the gradient of each window."""
    names = [
        (name, axes)
        for name, one in recorded().items()
        for axes in _groups(one["nan"], kind)
        if one["nan"].get(f"{kind}/{axes[0]}/nan first") not in (None, ["SystemError"])
    ]
    heads = [
        "window",
        *(f"{TITLES[n]}{'' if len(a) == 3 else f' ({_axes(a)}-D)'}" for n, a in names),
    ]
    rows = []
    for window, cells in WINDOWS.items():
        found = (recorded()[name]["nan"][f"{kind}/{axes[0]}/{window}"] for name, axes in names)
        rows.append((" ".join(map(_number, cells)), *map(_nan_cell, found)))
    return _table(heads, rows)


def _groups(answers: dict[str, Any], kind: str) -> list[list[str]]:
    """Numbers of axes with the same answers."""
    found: dict[str, list[str]] = {}
    for axes in "123":
        mine = [answers.get(f"{kind}/{axes}/{window}") for window in WINDOWS]
        without_places = [{**one, "i": None} if isinstance(one, dict) else one for one in mine]
        found.setdefault(json.dumps(without_places), []).append(axes)
    return list(found.values())


def _nan_cell(answer: dict[str, Any]) -> str:
    parts = [_number(answer["y"])]
    if "i" in answer:
        parts.append(f"i {_number(answer['i'])}")
    if "g" in answer:
        parts.append(f"g {' '.join(map(_number, answer['g']))}")
    return " · ".join(parts)


def _number(value: Any) -> str:
    """A number in a few characters; the lowest float32 as −max."""
    number = float(value)
    if number != number:
        return "nan"
    if abs(number) > 3e38:
        sign = "−" if number < 0 else ""
        return f"{sign}∞" if abs(number) == float("inf") else f"{sign}max"
    return f"{number:.4g}".replace("-", "−")
