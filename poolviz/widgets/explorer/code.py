"""The line of Python that opens what an explorer shows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from poolviz.arithmetic.convolution.trace import default_channels
from poolviz.arithmetic.layers.in_use import framework_in_use
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.layer.convolved import weight_in_framework
from poolviz.exercises.task import Task
from poolviz.widgets.explorer.parameters import alike
from poolviz.widgets.explorer.spec.convolution_spec import ConvolutionSpec
from poolviz.widgets.explorer.spec.spec import Spec

SHORTENED = ("kernel_size", "stride", "padding", "dilation", "output_size")


def line_of(spec: Spec, *others: str, name: str = "") -> str:
    """Return the line that opens a spec, with other arguments behind its own.

    `name` is that of a widget beside an explorer; it has no convolutions, and "" is returned.

    >>> line_of(Spec(Pool((3, 3), framework="jax"), (10, 10)))
    "pv.PoolExplorer(10, 3, framework='jax')"
    """
    if name and spec.convolution is not None:
        return ""
    name = name or ("PoolExplorer" if spec.convolution is None else "LayerExplorer")
    return f"pv.{name}({', '.join([*_arguments_of(spec), *others])})"


def _arguments_of(spec: Spec) -> Iterator[str]:
    has_values = spec.own_values is not None
    # An array alone does not say which of its axes are channels.
    layer = spec.layer.with_axes(len(spec.input_size))
    is_short = not has_values or len(spec.input_size) == 2
    if spec.convolution is not None:
        yield _layer(layer, is_short=is_short)
        yield from _input(spec)
        yield from _convolution(spec, spec.convolution)
    else:
        yield from _input(spec)
        if isinstance(layer, Pool):
            kernel, *others = _arguments(layer, is_short=is_short)
            yield kernel if has_values else kernel.removeprefix("kernel_size=")  # by place
            yield from others
        else:
            yield f"layer={_layer(layer, is_short=is_short)}"
    yield from _view(spec)


def task_line(task: Task, now: Trace) -> str:
    """Return the line that makes a task, with the call that it started from if it is another."""
    given = {"output_size": task.output_size, "keep": task.keep}
    parts = [f"{name}={value!r}" for name, value in given.items() if value not in (None, ())]
    if task.start not in (None, now):
        parts += [f"layer={_layer(task.start.layer)}", f"input_size={task.start.input_size}"]
    return f"pv.task({', '.join(parts)})"


def _layer(layer: Any, *, is_short: bool = True) -> str:
    return f"pv.{type(layer).__name__}({', '.join(_arguments(layer, is_short=is_short))})"


def _arguments(layer: Any, *, is_short: bool = True) -> Iterator[str]:
    """Yield the arguments that differ from their defaults; `is_short`: one number for all axes."""
    for field in fields(layer):
        value = getattr(layer, field.name)
        is_pairs = isinstance(value, tuple) and value and isinstance(value[0], tuple)
        # A call may take the one or the other as `output_padding`.
        if is_short and isinstance(value, tuple) and not is_pairs and field.name in SHORTENED:
            value = alike(value)
        default = framework_in_use() if field.name == "framework" else field.default
        # Where another framework is in use, PyTorch's name is written out, too.
        if not (field.init and field.repr) or (value == field.default and value == default):
            continue
        yield f"{field.name}={_literal(value)}"


def _input(spec: Spec) -> Iterator[str]:
    if spec.own_values is not None:
        yield f"input={_literal(spec.own_values)}"
    elif len(spec.input_size) == 2:
        yield str(alike(spec.input_size))
    else:
        yield str(spec.input_size)


def _convolution(spec: Spec, given: ConvolutionSpec) -> Iterator[str]:
    traced: Any = spec.traced()
    is_usual = given.channels == default_channels(traced.layer)
    if spec.own_values is not None:
        is_usual = len(spec.input_size) > 1  # or the channels would be taken for an axis
    if not is_usual:
        yield f"channels={given.channels}"
    if given.own_weight is not None:
        yield f"weight={_literal(weight_in_framework(given.own_weight, traced))}"
    elif given.preset != "random":
        yield f"preset={given.preset!r}"
    if given.bias is not None and len(given.bias) == traced.out_channels:
        yield f"bias={_literal(given.bias)}"
    shown = given.shown_channels(traced)
    for name, value, usual in (
        ("weight_seed", given.seed, spec.seed),
        ("in_channel", shown[0], 0),
        ("out_channel", shown[1], 0),
    ):
        if value != usual:
            yield f"{name}={value}"


def _view(spec: Spec) -> Iterator[str]:
    for name, default in (("seed", 0), ("slice_index", 0), ("show", ())):
        value = getattr(spec, name)
        if value != default:
            yield f"{name}={value!r}"


def _literal(value: object) -> str:
    """Return Python source; numbers without a literal as floats of their names."""
    if isinstance(value, np.ndarray):
        text = _literal(value.tolist())
        # Without a point anywhere, NumPy would read the line back as an array of integers.
        is_float = value.dtype.kind == "f" and not re.search(r"[.e]|float", text)
        return re.sub(r"(\d)(?=\D|$)", r"\1.", text, count=1) if is_float else text
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float):
        if not math.isfinite(value):
            return f"float('{value}')"
        # 3 for 3.0, but not the 301 digits of 1e300; and an int has no −0.
        is_whole = value.is_integer() and abs(value) < 2**53 and not _is_minus_zero(value)
        return repr(int(value)) if is_whole else repr(value)
    return repr(value)


def _is_minus_zero(value: float) -> bool:
    return value == 0 and math.copysign(1, value) < 0
