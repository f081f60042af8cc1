"""Calls of pooling layers to diagnose: textbook cases and random ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st

import poolviz as pv
from poolviz.diagnosis.layer.fixes import Fix

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")


AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


ANOTHER_LAYER = ("adaptive", "layer")  # fixes that put something else in the layer's place
MUCH_WORK = 50_000  # calls; a diagnosis or a scene takes some thousands, at any size


quick = settings(
    derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate, Phase.shrink]
)


few = settings(quick, max_examples=40)


many = settings(quick, max_examples=100)


each_framework = pytest.mark.parametrize("framework", FRAMEWORKS)


class Call(NamedTuple):
    """A layer and the size of its input."""

    layer: pv.Pool
    input_size: tuple[int, ...]


def _pairs(ndim: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    return st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * ndim)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Small calls of every kind; most of them have an argument that a framework does not offer."""
    ndim = draw(st.integers(1, 3))
    padding: Any = st.sampled_from([0, 1, 4, "valid", "same", "same_lower"]) | _pairs(ndim)
    layer = pv.Pool(
        draw(st.tuples(*[st.integers(1, 9)] * ndim)),
        draw(st.none() | st.tuples(*[st.integers(1, 7)] * ndim)),
        draw(padding),
        draw(st.sampled_from([1, 1, 2, 3])),
        draw(st.booleans()),
        draw(st.sampled_from(["max", "avg"])),
        draw(st.sampled_from([None, None, True, False])),
        draw(st.sampled_from(FRAMEWORKS)),
    )
    return Call(layer, draw(st.tuples(*[st.integers(0, 12)] * ndim)))


@st.composite
def offered_calls(draw: st.DrawFn) -> Call:
    """Calls with arguments that their framework takes, on inputs that are not empty."""
    framework = draw(st.sampled_from(FRAMEWORKS))
    op: Any = draw(st.sampled_from(["max", "avg"]))
    ndim = draw(st.integers(1, 3))
    kernel = draw(st.tuples(*[st.integers(1, 9)] * ndim))
    paddings: dict[str, st.SearchStrategy[Any]] = {
        "pytorch": st.tuples(*[st.integers(0, size // 2) for size in kernel]),
        "jax": st.sampled_from(["same", "same_lower"]) | _pairs(ndim),
        "onnxruntime": st.sampled_from(["same", "same_lower", 0, "valid"]),
    }
    has_dilation = framework == "onnxruntime" or (framework in ("pytorch", "jax") and op == "max")
    layer = pv.Pool(
        kernel,
        draw(st.none() | st.tuples(*[st.integers(1, 7)] * ndim)),
        draw(paddings.get(framework, st.sampled_from(["valid", "same", 0]))),
        draw(st.sampled_from([1, 1, 2, 3])) if has_dilation else 1,
        draw(st.booleans()) if framework in ("pytorch", "onnxruntime") else False,
        op,
        None,
        framework,
    )
    return Call(layer, draw(st.tuples(*[st.integers(1, 12)] * ndim)))


def any_calls() -> st.SearchStrategy[Call]:
    """Both kinds."""
    return calls() | offered_calls()


def arguments(layer: pv.Pool) -> dict[str, Any]:
    """A layer as keywords of `output_size`."""
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "op")
    words = {name: getattr(layer, name) for name in names}
    return {**words, "count_include_pad": layer.count_include_pad, "framework": layer.framework}


def returned(layer: pv.Pool, input_size: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape that the public function gives for the call; None where it raises."""
    try:
        size = pv.output_size(input_size, **arguments(layer))
    except pv.PoolShapeError:
        return None
    return size if isinstance(size, tuple) else (size,)


def own_fixes(diagnosis: pv.Diagnosis) -> list[Fix]:
    """Fixes that change the layer or its input, and keep it a layer of its kind."""
    return [fix for fix in diagnosis.fixes if fix.parameter not in ANOTHER_LAYER]
