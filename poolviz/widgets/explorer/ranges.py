"""Which settings a saved explorer can show: values of each parameter, with the present one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

from poolviz.arithmetic.layers.conv import Convolution
from poolviz.arithmetic.layers.fitted import FittedPool, PoolingLayer
from poolviz.arithmetic.layers.validation import framework_name
from poolviz.widgets.base.wire import Settings
from poolviz.widgets.explorer.settings import settings_dict
from poolviz.widgets.explorer.spec.spec import Spec
from poolviz.widgets.page.phrases import too_many

MOST_SETTINGS = 12_000  # that a page holds
MOST_VALUES = 1000  # of one parameter
LARGE = 4096  # cells; larger inputs get fewer settings by default

# The last one changes fastest.
PARAMETERS = (
    *("framework", "ceil_mode", "op", "dilation", "padding", "stride", "kernel_size"),
    "output_size",
)
Value = int | str | bool | tuple[Any, ...] | None  # of a parameter; a tuple has one entry per axis
Ranges = dict[str, list[Value]]


def ranges_of(spec: Spec, requested: Mapping[str, object]) -> Ranges:
    """Return the values of every parameter that has more than one.

    `requested` has values for some of them; None stands for values around the present setting.

    Raises
    ------
    TypeError, ValueError
        For values that no layer takes, and for more settings than a page holds.
    """
    present = _present(spec)
    usual = _usual(spec, present)
    found: Ranges = {}
    for name in PARAMETERS:
        given = requested.get(name)
        if name not in present:
            if given is not None:
                kind = type(spec.layer).__name__
                raise ValueError(f"{name} has no range: {kind} has no parameter of this name")
            continue
        values = usual.get(name, []) if given is None else _checked(name, given, spec)
        every = _distinct([*values, present[name]])
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
    """Yield the present setting, then all in the ranges."""
    yield spec
    for values in product(*ranges.values()):
        chosen: dict[str, Any] = dict(zip(ranges, values, strict=True))
        slice_index = chosen.pop("slice", spec.slice_index)
        changed = spec.resized(_with(spec, chosen), spec.input_size)
        yield replace(changed, slice_index=slice_index)


def ranges_between(specs: Iterable[Spec]) -> Ranges:
    """Return the values of every parameter in which these settings differ."""
    rows = [_present(spec) for spec in specs]
    columns = {name: _distinct([row[name] for row in rows]) for name in rows[0]}
    return {name: values for name, values in columns.items() if len(values) > 1}


def few(spec: Spec) -> Ranges:
    """Return only the nearest neighbours of the present setting, for pages with more pictures."""
    present = _present(spec)
    found: Ranges = {"dilation": [present["dilation"]], "padding": [0, 1, "same"]}
    for name in ("kernel_size", "stride"):
        value = present[name]
        near = range(max(1, value - 2), value + 3) if isinstance(value, int) else [value]
        found[name] = list(near)
    return found


def offers(ranges: Ranges) -> dict[str, list[object]]:
    """Return the ranges for the controls, which have lists in place of tuples."""
    return {
        name: [list(value) if isinstance(value, tuple) else value for value in values]
        for name, values in ranges.items()
    }


def _with(spec: Spec, chosen: Mapping[str, Any]) -> PoolingLayer | Convolution:
    made: PoolingLayer | Convolution = replace(spec.layer, **chosen)
    return made.with_axes(len(spec.input_size))


# --- the present setting -------------------------------------------------------------------------


def _present(spec: Spec) -> dict[str, Value]:
    """Return the parameters as a user would type them: one value where all axes are alike."""
    settings = settings_dict(spec, spec.traced())
    if isinstance(spec.layer, FittedPool):
        return _fitted_present(settings)
    padding: Value
    if isinstance(settings["padding"], str):
        padding = settings["padding"]
    else:
        pairs = settings["padding"]
        sides = [before if before == after else (before, after) for before, after in pairs]
        padding = _one_if_alike(sides)
    stride = settings["stride"]
    own: dict[str, Value] = {"op": settings["op"], "ceil_mode": settings["ceil_mode"]}
    if spec.convolution is not None:
        own = {}
    return {
        "input_size": _one_if_alike(settings["input_size"]),
        "kernel_size": _one_if_alike(settings["kernel_size"]),
        "stride": stride if stride is None else _one_if_alike(stride),
        "padding": padding,
        "dilation": _one_if_alike(settings["dilation"]),
        **own,
        "framework": settings["framework"],
    }


def _fitted_present(settings: Settings) -> dict[str, Value]:
    """Return the parameters of adaptive or global pooling."""
    size = settings.get("output_size")
    found: dict[str, Value] = {"input_size": _one_if_alike(settings["input_size"])}
    if isinstance(size, list):
        found["output_size"] = _one_if_alike(size)  # type: ignore[arg-type]  # no None is left
    return {**found, "op": settings["op"], "framework": settings["framework"]}


def _one_if_alike(values: Sequence[int | tuple[int, ...]]) -> Value:
    is_alike = all(value == values[0] for value in values)
    return values[0] if is_alike and isinstance(values[0], int) else tuple(values)


def _usual(spec: Spec, present: Mapping[str, Value]) -> Ranges:
    """Return the values around the present setting that a lesson about it would try."""
    is_large = prod(spec.input_size) > LARGE
    if isinstance(spec.layer, FittedPool):
        out = present.get("output_size")
        most = max(8, out) if isinstance(out, int) else 0
        return {"output_size": list(range(1, most + 1)) if most < MOST_VALUES else []}
    others: list[Value] = [name for name in ("pytorch", "keras") if name != present["framework"]]
    found: Ranges = {
        "kernel_size": _kernels(spec, present["kernel_size"], 6 if is_large else 16),
        "stride": _around(present["stride"], 2 if is_large else 4),
        "framework": others[:1],
    }
    if not is_large and len(spec.input_size) < 3:
        found["padding"] = [0, 1, 2, "same"]
        found["dilation"] = [1, 2] if isinstance(present["kernel_size"], int) else []
    return found


def _kernels(spec: Spec, kernel: Any, most: int) -> list[Value]:
    """Return kernel sizes up to a little more than the input; axes that differ vary separately."""
    if isinstance(kernel, int):
        return _around(kernel, max(kernel, min(min(spec.input_size) + 2, most)), most)
    each = [_around(one, max(one, 6), 6) for one in kernel]
    return list(product(*each)) if len(kernel) == 2 else []


def _around(value: object, last: int, most: int = 8) -> list[Value]:
    """Return neighbouring numbers around `value`, from 1 if it is small."""
    if not isinstance(value, int):
        return list(range(1, last + 1))
    end = max(last, value)
    return list(range(max(1, min(end - most + 1, value - most // 2)), min(end, value + most) + 1))


# --- requested values ----------------------------------------------------------------------------


def _checked(name: str, given: object, spec: Spec) -> list[Value]:
    """Return the requested values; a single one stands for itself."""
    values: list[Any] = [given]
    if isinstance(given, Iterable) and not isinstance(given, str):
        values = list(_bounded(name, given))
    if not values:
        raise ValueError(f"{name} has no value: give a range or a list with at least one")
    for value in values:
        _with(spec, {name: value})  # raises for a wrong type or an unknown name
    if name == "framework":
        return [framework_name(value) for value in values]
    return [_like_present(value) for value in values]


def _bounded(name: str, given: Iterable[object]) -> Iterator[Any]:
    for i, value in enumerate(given):
        if i == MOST_VALUES:
            raise ValueError(f"{name} has more than {MOST_VALUES} values: give fewer")
        yield value


def _like_present(value: Any) -> Value:
    """Write a value as `_present` does, so that equal settings are found to be equal."""
    if isinstance(value, list | tuple):
        return _one_if_alike([tuple(one) if isinstance(one, list) else one for one in value])
    return value


def _distinct(values: Sequence[Value]) -> list[Value]:
    """Return each value once, sorted numbers first; True is not 1."""
    unique = {(type(value).__name__, value): value for value in values}.values()
    numbers = sorted(value for value in unique if type(value) is int)
    return [*numbers, *(value for value in unique if type(value) is not int)]
