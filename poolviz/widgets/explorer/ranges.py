"""Which settings a saved explorer can show: values of each parameter, the present one too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

from poolviz.arithmetic.frameworks.base import FRAMEWORKS
from poolviz.arithmetic.layers.pool import Pool
from poolviz.widgets.explorer.settings import Spec, told
from poolviz.widgets.page.phrases import too_many

MOST_SETTINGS = 12_000
MOST_VALUES = 1000  # of one parameter
LARGE = 4096  # cells; of a larger input fewer settings are shown unasked

PARAMETERS = ("framework", "ceil_mode", "op", "dilation", "padding", "stride", "kernel_size")
Ranges = dict[str, list[Any]]


def ranges_of(spec: Spec, asked: Mapping[str, Any]) -> Ranges:
    """The values of every parameter that has more than one.

    `asked` has values for some of them; None stands for what suits the present setting.

    Raises
    ------
    TypeError, ValueError
        For what no layer takes, and for more settings than a page holds.
    """
    present = _present(spec)
    usual = _usual(spec, present)
    found: Ranges = {}
    for name in PARAMETERS:
        given = asked.get(name)
        values = usual.get(name, []) if given is None else _checked(name, given, spec)
        every = _without_doubles([*values, present[name]])
        if len(every) > 1:
            found[name] = every
    if len(spec.input_size) == 3:
        found["slice"] = list(range(min(spec.input_size[0], MOST_VALUES)))
    counts = {name: len(values) for name, values in found.items()}
    if prod(counts.values()) > MOST_SETTINGS and "slice" in found:
        del found["slice"]
        del counts["slice"]
    if prod(counts.values()) > MOST_SETTINGS:
        raise ValueError(too_many(counts, prod(counts.values()), MOST_SETTINGS))
    return found


def specs_in(spec: Spec, ranges: Ranges) -> Iterator[Spec]:
    """The present setting first, then all in the ranges."""
    yield spec
    for values in product(*ranges.values()):
        chosen = dict(zip(ranges, values, strict=True))
        slice_index = chosen.pop("slice", spec.slice_index)
        yield replace(spec, layer=_with(spec, chosen), slice_index=slice_index)


def ranges_between(specs: Iterable[Spec]) -> Ranges:
    """The values of every parameter in which these settings differ."""
    rows = [_present(spec) for spec in specs]
    columns = {name: _without_doubles([row[name] for row in rows]) for name in rows[0]}
    return {name: values for name, values in columns.items() if len(values) > 1}


def given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, without what was left open."""
    return {name: values for name, values in asked.items() if values is not None}


def few(spec: Spec) -> Ranges:
    """The nearest neighbours of the present setting, for pictures that take more room."""
    present = _present(spec)
    found: Ranges = {"dilation": [present["dilation"]], "padding": [0, 1, "same"]}
    for name in ("kernel_size", "stride"):
        value = present[name]
        near = range(max(1, value - 2), value + 3) if isinstance(value, int) else [value]
        found[name] = list(near)
    return found


def offers(ranges: Ranges) -> dict[str, list[Any]]:
    """The same for the controls, which know lists but no tuples."""
    return {
        name: [list(value) if isinstance(value, tuple) else value for value in values]
        for name, values in ranges.items()
    }


def _with(spec: Spec, chosen: dict[str, Any]) -> Pool:
    return replace(spec.layer, **chosen).with_axes(len(spec.input_size))


# --- the present setting -------------------------------------------------------------------------


def _present(spec: Spec) -> dict[str, Any]:
    """As a reader would type it: one value where all axes are alike."""
    settings = told(spec, spec.traced())
    padding = settings["padding"]
    if isinstance(padding, list):
        sides = [before if before == after else (before, after) for before, after in padding]
        padding = _one_if_alike(sides)
    stride = settings["stride"]
    return {
        "input_size": _one_if_alike(settings["input_size"]),
        "kernel_size": _one_if_alike(settings["kernel_size"]),
        "stride": stride if stride is None else _one_if_alike(stride),
        "padding": padding,
        "dilation": _one_if_alike(settings["dilation"]),
        "op": settings["op"],
        "ceil_mode": settings["ceil_mode"],
        "framework": settings["framework"],
    }


def _one_if_alike(values: list[Any]) -> Any:
    is_alike = all(value == values[0] for value in values)
    return values[0] if is_alike and isinstance(values[0], int) else tuple(values)


def _usual(spec: Spec, present: dict[str, Any]) -> Ranges:
    """Around the present setting: what a lesson about it would try."""
    is_large = prod(spec.input_size) > LARGE
    others = [name for name in ("pytorch", "keras") if name != present["framework"]]
    found: Ranges = {
        "kernel_size": _kernels(spec, present["kernel_size"], 6 if is_large else 16),
        "stride": _around(present["stride"], 2 if is_large else 4),
        "framework": others[:1],
    }
    if not is_large and len(spec.input_size) < 3:
        found["padding"] = [0, 1, 2, "same"]
        found["dilation"] = [1, 2] if isinstance(present["kernel_size"], int) else []
    return found


def _kernels(spec: Spec, kernel: Any, most: int) -> list[Any]:
    """Up to a little more than the input; on unlike axes each for itself."""
    if isinstance(kernel, int):
        return _around(kernel, max(kernel, min(min(spec.input_size) + 2, most)), most)
    each = [_around(one, max(one, 6), 6) for one in kernel]
    return list(product(*each)) if len(kernel) == 2 else []


def _around(value: Any, last: int, most: int = 8) -> list[Any]:
    """Neighbouring numbers with `value` among them, from 1 where it is small."""
    if not isinstance(value, int):
        return list(range(1, last + 1))
    end = max(last, value)
    return list(range(max(1, min(end - most + 1, value - most // 2)), min(end, value + most) + 1))


# --- what was asked for --------------------------------------------------------------------------


def _checked(name: str, given: Any, spec: Spec) -> list[Any]:
    """The values that a layer takes; one value may come alone."""
    is_one = isinstance(given, str | bool | int) or not isinstance(given, Iterable)
    values = [given] if is_one else list(_bounded(name, given))
    if not values:
        raise ValueError(f"{name} has no value: give a range or a list with at least one")
    for value in values:
        _with(spec, {name: value})  # a wrong type or an unknown name is said as `Pool` says it
        if name == "framework" and value not in FRAMEWORKS:
            raise ValueError(f"there is no framework {value!r}")
    return [_like_present(value) for value in values]


def _bounded(name: str, given: Iterable[Any]) -> Iterator[Any]:
    for i, value in enumerate(given):
        if i == MOST_VALUES:
            raise ValueError(f"{name} has more than {MOST_VALUES} values: give fewer")
        yield value


def _like_present(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return _one_if_alike([tuple(one) if isinstance(one, list) else one for one in value])
    return value


def _without_doubles(values: list[Any]) -> list[Any]:
    """Numbers in order first, then the rest; each once (True is not 1)."""
    unique = {(type(value).__name__, value): value for value in values}.values()
    numbers = sorted(value for value in unique if type(value) is int)
    return [*numbers, *(value for value in unique if type(value) is not int)]
