"""Dtypes, empty axes and NaN: `pool` and its relatives do what the frameworks did.

`tools.record.layers.refusals` recorded each call in `tests/data/refusals.json.gz`.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic.framework_names import family
from poolviz.arithmetic.frameworks.array_rules import UNPOOLING
from tests.support.sampling import sampled
from tools.record.layers.refusals import EMPTY, FILE, VERSIONS, array_of, window_of

# The name in the recording, and ours; Keras as on its default backend.
FRAMEWORKS = {
    "torch": "pytorch",
    "tensorflow": "tensorflow",
    "keras-tensorflow": "keras",
    "flax": "jax",
    "onnxruntime": "onnxruntime",
    "mlx": "mlx",
}
FIRST: Any = {"data_format": "channels_first"}
NEWEST = "newest"  # the version of `refusals.json.gz`
each_framework = pytest.mark.parametrize("name", FRAMEWORKS)


@cache
def _recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


@cache
def _earlier() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(VERSIONS.read_bytes()))
    return found


def _earlier_versions() -> Iterator[Any]:
    """Each version that was run: the name in the recordings, and the framework."""
    for name, versions in _earlier().items():
        for version in versions:
            number = version.split()[1].partition("+")[0].rstrip(",")
            yield pytest.param(name, version, f"{FRAMEWORKS[name]}=={number}", id=number)


def _calls(name: str, part: str, version: str = NEWEST) -> Iterator[tuple[str, int, str, Any]]:
    """Kind, number of axes, what was tried, and the answer."""
    answers = _recorded()[name][part]
    if version != NEWEST:  # what differs, and some of what does not
        answers = dict(sampled([*answers.items()], 20)) | _earlier()[name][version][part]
    for key, answer in answers.items():
        kind, ndim, what = key.split("/")
        if answer is not None:  # the version has such a call
            yield kind, int(ndim), what, answer


def _layer(kind: str, ndim: int, framework: str, size: Any = 2) -> Any:
    if kind.startswith("global"):
        return pv.GlobalPool(kind.split()[1], framework=framework)
    if kind.startswith("adaptive"):
        return pv.AdaptivePool(size, kind.split()[1], framework=framework)
    op = "max" if kind in ("indices", UNPOOLING) else kind.split()[0]
    norm = float("inf") if kind == "lp inf" else 2
    size = size if isinstance(size, tuple) else (size,) * ndim
    return pv.Pool(size, size, op=op, norm=norm, framework=framework)


def _run(kind: str, x: Any, layer: Any) -> Any:
    if kind == "indices":
        return pv.pool_indices(x, layer, **FIRST)
    if kind == UNPOOLING:
        places = np.broadcast_to(np.arange(math.prod(x.shape[2:])).reshape(x.shape[2:]), x.shape)
        return pv.unpool(x, places, layer)
    return pv.pool(x, layer, **FIRST)


def _ours(kind: str, ndim: int, what: str, framework: str) -> Any:
    lead = EMPTY.get(what, (1, 1))
    x = array_of("float32" if what in EMPTY else what, ndim, lead)
    try:
        y = _run(kind, x, _layer(kind, ndim, framework))
    except pv.PoolShapeError as problem:
        return problem.trace.error_name
    except ValueError as problem:  # unpooling has no trace
        return str(problem).partition("(")[2].partition(")")[0]
    return (
        y
        if family(framework) in ("pytorch", "onnxruntime") or y.ndim < 3
        else np.moveaxis(y, 1, -1)
    )


@each_framework
def test_dtypes_and_empty_axes_are_taken_or_rejected_as_recorded(name: str) -> None:
    """The class of the exception, or the dtype, the shape and the numbers that came back."""
    assert _wrong_dtypes(name, FRAMEWORKS[name]) == []


def _wrong_dtypes(name: str, framework: str, version: str = NEWEST) -> list[Any]:
    wrong = []
    for kind, ndim, what, answer in _calls(name, "answers", version):
        if what in ("bfloat16", "axes missing"):
            continue  # numpy has no such dtype; poolviz takes a map without channels
        ours = _ours(kind, ndim, what, framework)
        if isinstance(answer, list) or isinstance(ours, str):
            same = isinstance(answer, list) and isinstance(ours, str) and ours == answer[0]
        else:
            y = [float(number) for number in answer["y"]]
            same = (ours.dtype.name, [*ours.shape]) == (answer["dtype"], answer["shape"])
            same = same and np.allclose(ours.ravel()[:4].astype(float), y, rtol=1e-3)
        if not same:
            wrong.append((kind, ndim, what, answer, ours))
    return wrong


@each_framework
def test_bfloat16_is_taken_or_rejected_as_recorded(name: str) -> None:
    """The rule alone: numpy has no such dtype."""
    assert _wrong_bfloat16(name, FRAMEWORKS[name]) == []


def _wrong_bfloat16(name: str, framework: str, version: str = NEWEST) -> list[Any]:
    rules = pv.trace(pv.Pool(2, framework=framework), 4).framework
    wrong = []
    for kind, ndim, what, answer in _calls(name, "answers", version):
        if what == "bfloat16":
            rule = rules.array_rule(kind.replace(" ", "_"), ndim)
            ours = rule.rejected.get(what) or (
                "int64" if kind == "indices" else rule.returned(what)
            )
            if ours != (answer[0] if isinstance(answer, list) else answer["dtype"]):
                wrong.append((kind, ndim, answer, ours))
    return wrong


@each_framework
def test_nan_and_infinities_give_what_the_framework_gave(name: str) -> None:
    """The value (y) of one window, the place of its maximum (i), and its gradient (g)."""
    assert _wrong_windows(name, FRAMEWORKS[name]) == []


def _wrong_windows(name: str, framework: str, version: str = NEWEST) -> list[Any]:
    wrong = []
    for kind, ndim, what, answer in _calls(name, "nan", version):
        if answer == ["SystemError"]:
            continue  # the call ended the process: it was not made
        x = window_of(what, ndim)
        size = 1 if kind.startswith("adaptive") else x.shape[2:]
        layer = _layer(kind, ndim, framework, size)
        y = np.asarray(pv.pool(x, layer, **FIRST))
        ours = {"y": y}
        if "i" in answer:
            ours["i"] = pv.pool_indices(x, layer, **FIRST)
        if "g" in answer:
            ours["g"] = pv.pool_gradient(x, layer, np.ones_like(y), **FIRST)
        for key, found in ours.items():
            recorded = np.array(answer[key], float).ravel()
            if key == "i":  # before 1.29, onnxruntime's −1 is one for each axis
                recorded = np.maximum(recorded, -1)
            if not np.array_equal(np.float64(found).ravel(), recorded, equal_nan=True):
                wrong.append((kind, ndim, what, key, answer[key], found))
    return wrong


@pytest.mark.parametrize(("name", "version", "framework"), [*_earlier_versions()])
def test_earlier_versions_are_followed(name: str, version: str, framework: str) -> None:
    """Dtypes, empty axes and windows with NaN, as they were recorded in each version."""
    assert _wrong_dtypes(name, framework, version) == []
    assert _wrong_bfloat16(name, framework, version) == []
    assert _wrong_windows(name, framework, version) == []


def test_tensorflow_names_the_first_side_that_is_too_wide() -> None:
    """Eagerly and in a tf.function, in 1-D and 2-D; of several sides the first."""
    for key, answer in _recorded()["tensorflow"]["arguments"].items():
        if "padding" not in key:
            continue
        named, ndim = key.split("/")[0], int(key[-1])
        sides = ["top", "bottom", "left", "right"][-2 * ndim :]
        pads = [
            3 - i % 2
            if "all sides" in key
            else int(named.split()[2])
            if named.startswith(side)
            else 0
            for i, side in enumerate(sides)
        ]
        padding = tuple(zip(pads[::2], pads[1::2], strict=True))
        traced = pv.trace(pv.Pool(2, 2, padding, framework="tensorflow"), (4,) * ndim)
        ours = [traced.error_name, traced.says()] if traced.outcome == "raises" else None

        assert ours == (answer if isinstance(answer, list) else None), key


@pytest.mark.parametrize("name", ["torch", "tensorflow", "keras-tensorflow", "flax", "onnxruntime"])
def test_divisors_and_norms_are_taken_or_rejected_as_recorded(name: str) -> None:
    """Without the norms 0 and −1, which poolviz rejects itself."""
    framework, wrong = FRAMEWORKS[name], []
    for key, answer in _recorded()[name]["arguments"].items():
        word, number, ndim = re.split("[ /]", key)[0], *re.split("[ /]", key)[-2:]
        if word not in ("divisor", "norm") or answer is None:
            continue
        window: Any = {"kernel_size": (2,) * int(ndim), "stride": 2, "framework": framework}
        try:
            layer = (
                pv.Pool(op="avg", divisor_override=int(number), **window)
                if word == "divisor"
                else pv.Pool(op="lp", norm=float(number), **window)
            )
        except ValueError:
            assert number in ("0", "-1")
            continue
        traced = pv.trace(layer, (4,) * int(ndim))
        if isinstance(answer, list):
            same = traced.error_name == answer[0]
        else:
            y = pv.pool(np.ones((1, 1, *(4,) * int(ndim)), np.float32), layer, **FIRST)
            same = np.allclose(y.ravel()[:4], answer["y"])
        if not same:
            wrong.append((key, answer, traced.error_name))

    assert wrong == []


WRONG: dict[str, tuple[Any, str]] = {
    "a text": ("abc", "must hold real numbers"),
    "texts": (["a", "b"], "must hold real numbers"),
    "uneven rows": ([[1, 2], [3]], "rows differ in length"),
    "objects": (np.array([[1, None]], dtype=object), "must hold real numbers"),
    "masked": (np.ma.masked_array([[1.0, 2]], mask=[[0, 1]]), "must not be a masked array"),
    "complex": (np.ones((4, 4)) * 1j, "must hold real numbers"),
    "one number": (np.array(3.0), "x has 0 axes"),
}


@pytest.mark.parametrize("given", WRONG.values(), ids=WRONG)
def test_wrong_arrays_are_named(given: tuple[Any, str]) -> None:
    """By every function that takes one, in the same words."""
    x, named = given
    layer = pv.Pool(2)
    calls: list[Any] = [pv.pool, pv.pool_indices, lambda x, layer: pv.draw(layer, x)]
    calls.append(lambda x, layer: pv.PoolExplorer(layer=layer, input=x))
    calls.append(lambda x, layer: pv.pool_gradient(x, layer, [[1.0]]))
    for call in calls:
        with pytest.raises((TypeError, ValueError), match=named):
            call(x, layer)
    if "axes" not in named:
        with pytest.raises((TypeError, ValueError), match=named):
            pv.unpool(x, [[0]], layer)
        with pytest.raises((TypeError, ValueError), match=named):
            pv.pool_gradient(np.ones((4, 4)), layer, x)


def test_unpooling_names_what_is_wrong() -> None:
    """Indices that are no integers, sizes beyond memory, and what is not a max pooling."""
    ones, places = np.ones((2, 2)), np.zeros((2, 2), int)
    with pytest.raises(TypeError, match="indices must be integers, got dtype float64"):
        pv.unpool(ones, ones, pv.Pool(2))
    with pytest.raises(ValueError, match="makes 4,000,000,000,000 cells"):
        pv.unpool(ones, places, pv.Pool(10**6))
    with pytest.raises(TypeError, match=r'must be a poolviz\.Pool with op "max"'):
        pv.Unpool(pv.Pool(2, op="avg"))


def test_three_axes_are_asked_about_everywhere() -> None:
    """Unless the layer has its number of axes, or the order is given."""
    x = np.arange(48.0).reshape(3, 4, 4)
    for call in (pv.pool, lambda x, layer: pv.draw(layer, x)):
        with pytest.raises(ValueError, match="3 channels of 4 × 4, or a volume of 3 slices"):
            call(x, pv.Pool(2))
    with pytest.raises(ValueError, match="3 channels of 4 × 4, or a volume of 3 slices"):
        pv.PoolExplorer(layer=pv.Pool(2), input=x)
    assert pv.PoolExplorer(layer=pv.Pool((2, 2)), input=x).input_size == (4, 4)
    assert pv.PoolExplorer(layer=pv.Pool((2, 2, 2)), input=x).input_size == (3, 4, 4)
    last = pv.PoolExplorer(layer=pv.Pool(2), input=x[None], data_format="channels_last")
    assert last.input_size == (3, 4)


def test_unpooling_is_drawn_and_walked() -> None:
    """The same places before and after; without an output size, values of odd maps move."""
    x = np.arange(25.0).reshape(5, 5) % 7
    moved = pv.draw(pv.Unpool(pv.Pool(2)), x, position=(1, 1))
    kept = pv.draw(pv.Unpool(pv.Pool(2), output_size=(5, 5)), x)

    assert "The result is 4 × 4, the input 5 × 5" in moved.alt
    assert "4 of 25 cells have a value, the other 21 are 0." in kept.alt
    assert len({frame.shape for frame in kept._frames()}) == 1
    assert len(kept._frames()) == 4
    stack = pv.Stack([pv.Pool(2), ("up", pv.Unpool(pv.Pool(2), (7, 7)))], (3, 7, 7))
    assert stack.rows[-1].output_shape == (3, 7, 7)
    with pytest.raises(ValueError, match="Keras has no unpooling"):
        pv.draw(pv.Unpool(pv.Pool(2, framework="keras")), 6)


@pytest.mark.parametrize("framework", FRAMEWORKS.values())
def test_an_empty_axis_has_no_winners(framework: str) -> None:
    """Windows in the padding alone: no place, and a gradient without elements."""
    padding: Any = "same" if framework == "keras" else ((1, 1), (0, 0))
    layer = pv.Pool((2, 1), (1, 1), padding, framework=framework)
    x = np.ones((1, 1, 0, 3), np.float32)
    try:
        places = pv.pool_indices(x, layer)
        gradient = pv.pool_gradient(x, layer, np.ones(places.shape))
    except pv.PoolShapeError:
        return
    assert (places == -1).all()
    assert gradient.shape == x.shape


@pytest.mark.parametrize("op", ["max", "avg"])
def test_adaptive_pooling_of_a_photo_is_fast(op: str) -> None:
    """At most 5 ms of CPU time for 224 × 224, the best of five; a tenth of it is usual."""
    x, layer = np.random.default_rng(0).random((224, 224)), pv.AdaptivePool(100, op)

    def spent() -> float:
        before = time.process_time()
        pv.pool(x, layer)
        return time.process_time() - before

    assert min(spent() for _ in range(5)) < 0.005
