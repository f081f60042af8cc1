"""The line of Python that opens what an explorer shows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from poolviz.arithmetic.layers.in_use import framework_in_use
from poolviz.arithmetic.layers.pool import Pool
from poolviz.widgets.explorer.parameters import alike
from poolviz.widgets.explorer.spec.spec import Spec


def line_of(spec: Spec) -> str:
    """Return the line that opens a spec.

    >>> line_of(Spec(Pool((3, 3), framework="jax"), (10, 10)))
    "pv.PoolExplorer(10, 3, framework='jax')"
    """
    if spec.convolution is not None:
        parts = [_layer(spec.layer), *_input(spec), *_convolution(spec)]
        return f"pv.LayerExplorer({', '.join([*parts, *_view(spec)])})"
    parts = list(_input(spec))
    if not isinstance(spec.layer, Pool):
        parts.append(f"layer={_layer(spec.layer)}")
    else:
        kernel, *others = _arguments(spec.layer)
        if spec.own_values is None:  # by place, behind the size
            kernel = kernel.removeprefix("kernel_size=")
        parts += [kernel, *others]
    return f"pv.PoolExplorer({', '.join([*parts, *_view(spec)])})"


def _layer(layer: Any) -> str:
    return f"pv.{type(layer).__name__}({', '.join(_arguments(layer))})"


def _arguments(layer: Any) -> Iterator[str]:
    """Yield the arguments that differ from their defaults."""
    for field in fields(layer):
        value = getattr(layer, field.name)
        if isinstance(value, tuple) and value and not isinstance(value[0], tuple):
            value = alike(value)
        default = framework_in_use() if field.name == "framework" else field.default
        # Where another framework is in use, PyTorch's name is written out, too.
        if not field.init or (value == field.default and value == default):
            continue
        yield f"{field.name}={_literal(value)}"


def _input(spec: Spec) -> Iterator[str]:
    if spec.own_values is not None:
        yield f"input={_literal(spec.own_values)}"
    elif len(spec.input_size) == 2:
        yield str(alike(spec.input_size))
    else:
        yield str(spec.input_size)


def _convolution(spec: Spec) -> Iterator[str]:
    given = spec.convolution
    assert given is not None
    if given.own_weight is not None:
        yield f"weight={_literal(given.own_weight)}"
    elif given.preset != "random":
        yield f"preset={given.preset!r}"
    if given.bias is not None:
        yield f"bias={_literal(given.bias)}"


def _view(spec: Spec) -> Iterator[str]:
    for name, default in (("seed", 0), ("slice_index", 0), ("show", ())):
        value = getattr(spec, name)
        if value != default:
            yield f"{name}={value!r}"


def _literal(value: Any) -> str:
    """Return Python source; numbers without a literal as floats of their names."""
    if isinstance(value, np.ndarray):
        return _literal(value.tolist())
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float):
        if not math.isfinite(value):
            return f"float('{value}')"
        return repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return repr(value)
