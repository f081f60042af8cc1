"""Adaptive, global and LP pooling and unpooling equal what the frameworks gave.

`tools.record.layers.pooling_cases` makes each input again from its number;
`tools.record.layers.pooling_kinds` recorded checksums of what came back: values (y), places of
maxima (i), gradients (g).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic.unpooling import unpooled_size
from tests.support.sampling import sampled
from tools.record.layers.pooling_cases import COUNT, Case, case, checksum, gradient_for
from tools.record.layers.pooling_kinds import FILE

# The name in the recording, and ours.
TRIED = 150  # of each kind and framework; POOLVIZ_SAMPLE=all tries every one
ENDS = "SystemError"  # the call ended the process: it was not made
FIRST: Any = {"data_format": "channels_first"}
FRAMEWORK = {"torch": "pytorch"}


@cache
def _recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


def _kinds(*wanted: str) -> list[Any]:
    return [
        pytest.param(name, kind, id=f"{name}-{kind}")
        for name, one in _recorded().items()
        for kind in one["answers"]
        if kind in wanted
    ]


def _answers(name: str, kind: str) -> Iterator[tuple[int, Case, Any]]:
    """Every case with its answer; null stands for the answer of PyTorch."""
    reference = _recorded()["torch"]["answers"][kind]
    for number, answer in sampled([*enumerate(_recorded()[name]["answers"][kind])], TRIED):
        if isinstance(answer, dict):
            answer = {
                key: reference[number][key] if found is None else found
                for key, found in answer.items()
            }
        yield number, case(kind, number), answer


def _layer(name: str, given: Case) -> Any:
    framework = FRAMEWORK.get(name, name)
    if given.kind == "adaptive":
        size = given.arguments["output_size"]
        return pv.AdaptivePool(size, given.op, framework=framework)
    return pv.GlobalPool(given.op, framework=framework)


def _is_like(ours: Any, recorded: Any) -> bool:
    shape, total = checksum(ours)
    return shape == recorded[0] and abs(total - recorded[1]) <= 0.03 + 2e-5 * abs(recorded[1])


@pytest.mark.parametrize(("name", "kind"), _kinds("adaptive", "global"))
def test_fitted_pooling_gives_what_the_framework_gives(name: str, kind: str) -> None:
    """Values, places of maxima and gradients of every recorded array."""
    wrong = []
    for number, given, answer in _answers(name, kind):
        if answer == ENDS or (name == "onnxruntime" and np.isnan(given.x).any()):
            continue  # onnxruntime's maxima with NaN depend on the code path
        layer = _layer(name, given)
        pooled = pv.pool(given.x, layer, **FIRST)
        ours = {"y": pooled}
        if "i" in answer:
            ours["i"] = pv.pool_indices(given.x, layer, **FIRST)
        if "g" in answer:
            weights = gradient_for(pooled.shape, number)
            ours["g"] = pv.pool_gradient(given.x, layer, weights, **FIRST)
        wrong += [(number, key) for key, found in ours.items() if not _is_like(found, answer[key])]

    assert wrong == []


@pytest.mark.parametrize("name", ["torch", "onnxruntime"])
def test_lp_pooling_gives_what_the_framework_gives(name: str) -> None:
    """Norms 1 to 4, signs and partial windows; of PyTorch also the gradients."""
    wrong = []
    for number, given, answer in _answers(name, "lp"):
        layer = pv.Pool(op="lp", framework=FRAMEWORK.get(name, name), **given.arguments)
        y = pv.pool(given.x, layer, **FIRST)
        if not _is_like(y, answer["y"]):
            wrong.append((number, "y"))
        if "g" in answer:
            g = pv.pool_gradient(given.x, layer, gradient_for(y.shape, number), **FIRST)
            wrong += [(number, "g")] * (not _is_like(g, answer["g"]))

    assert wrong == []


@pytest.mark.parametrize("name", ["torch", "onnxruntime"])
def test_unpooling_gives_what_the_framework_gives(name: str) -> None:
    """With and without an output size; an index outside of the result is an error in both."""
    wrong = []
    for number, given, answer in _answers(name, "unpool"):
        words = dict(given.arguments)
        to_input = words.pop("to_input")
        pooling = pv.Pool(framework="pytorch", **words)
        y, places = pv.pool(given.x, pooling, **FIRST), pv.pool_indices(given.x, pooling, **FIRST)
        stride = words["stride"] or words["kernel_size"]
        layer = pv.Pool(framework=FRAMEWORK.get(name, name), **{**words, "stride": stride})
        size = given.sizes if to_input else None
        if name == "onnxruntime" and unpooled_size(layer, y.shape[2:]) != given.sizes and not size:
            continue  # its indices count in the whole input, and mean other places here
        try:
            ours = pv.unpool(y, places, layer, size)
        except ValueError:
            wrong += [number] * (not isinstance(answer, str))
        else:
            wrong += [number] * (isinstance(answer, str) or not _is_like(ours, answer["y"]))

    assert wrong == []


def test_what_has_no_unpooling_lp_or_divisor_is_named() -> None:
    """By the framework, and what it is that is missing."""
    with pytest.raises(ValueError, match="Keras has no unpooling; PyTorch and onnxruntime have it"):
        pv.unpool([[1.0]], [[0]], pv.Pool(2, framework="keras"))
    with pytest.raises(ValueError, match="output_size must be between 2 and 6"):
        pv.unpool(np.ones((2, 2)), np.zeros((2, 2), int), pv.Pool(2), 7)
    refused = {
        pv.Pool(2, op="lp", framework="keras"): "AttributeError",
        pv.Pool(2, op="lp", norm=1.5, framework="onnxruntime"): "InvalidGraph",
        pv.Pool(2, op="lp", padding=1): "TypeError",
        pv.Pool(2, op="avg", divisor_override=3, framework="jax"): "TypeError",
        pv.Pool((2,), op="avg", divisor_override=3): "TypeError",
        pv.Pool(2, op="avg", divisor_override=0): "RuntimeError",
    }
    for layer, error in refused.items():
        assert pv.trace(layer, (6,) * (layer.ndim or 2)).error_name == error


def test_the_divisor_can_be_chosen() -> None:
    """As torch.nn.functional.avg_pool2d of PyTorch 2.13.0 with divisor_override 3 and −2."""
    x = np.ones((4, 4))

    assert pv.pool(x, pv.Pool(2, op="avg", divisor_override=3))[0].tolist() == [4 / 3, 4 / 3]
    assert pv.pool(x, pv.Pool(2, op="avg", divisor_override=-2))[0].tolist() == [-2, -2]
    ones = np.ones((2, 2))
    assert pv.pool_gradient(x, pv.Pool(2, op="avg", divisor_override=4), ones)[0, 0] == 0.25


def test_the_largest_norm_is_the_largest_magnitude() -> None:
    """As torch.nn.functional.lp_pool1d of PyTorch 2.13.0 with norm_type=inf."""
    layer = pv.Pool((2,), op="lp", norm=float("inf"))

    assert pv.pool([-2.0, 1, 2, 3, -4, 0], layer).tolist() == [2, 3, 4]


def test_every_framework_has_its_thousand_arrays() -> None:
    """Nothing was lost on the way to the file."""
    counts = {len(found) for one in _recorded().values() for found in one["answers"].values()}

    assert counts == {COUNT}
    assert np.prod([*_recorded()["torch"]["answers"]["adaptive"][0]["y"][0]]) > 0


def test_windows_overlap_and_differ_in_length() -> None:
    """8 elements in 3 windows: 3, 4 and 3 elements; two of them are read twice."""
    axis = pv.trace(pv.AdaptivePool(3), (8,)).axes[0]

    assert [*axis.window_starts] == [0, 2, 5]
    assert [axis.window_length(i) for i in range(3)] == [3, 4, 3]
    assert axis.reads.counts() == [1, 1, 2, 1, 1, 2, 1, 1]
    assert axis.formula == "⌊i·8 / 3⌋ … ⌈(i + 1)·8 / 3⌉ − 1"


@pytest.mark.parametrize(
    ("layer", "size", "error"),
    [
        (pv.AdaptivePool(3, framework="jax"), 7, "AttributeError"),
        (pv.AdaptivePool((None, 2), framework="keras"), 4, "TypeError"),
        (pv.AdaptivePool(0, framework="keras"), 4, "ZeroDivisionError"),
        (pv.AdaptivePool(2), 0, "RuntimeError"),
        (pv.AdaptivePool(2, framework="keras"), 0, "ValueError"),
        (pv.GlobalPool("max", framework="keras"), 0, "InvalidArgumentError"),
        (pv.AdaptivePool(3, framework="keras==2.15"), 7, "AttributeError"),
    ],
    ids=repr,
)
def test_what_a_framework_rejects_is_named(layer: Any, size: int, error: str) -> None:
    """In the trace, and by `pool`."""
    traced = pv.trace(layer, (size, size))

    assert (traced.outcome, traced.error_name) == ("raises", error)
    with pytest.raises(pv.PoolShapeError, match=error):
        pv.pool(np.ones((1, 1, size, size), np.float32), layer)


def test_an_output_size_of_zero_is_empty_in_pytorch() -> None:
    """As torch.nn.AdaptiveAvgPool2d(0) of PyTorch 2.13.0."""
    assert pv.pool(np.ones((1, 2, 4, 4), np.float32), pv.AdaptivePool(0)).shape == (1, 2, 0, 0)
    assert pv.trace(pv.AdaptivePool((0, None)), (4, 5)).returned_size == (0, 5)


def test_a_map_with_channels_is_no_volume() -> None:
    """The number of axes of the layer decides; without it, an error asks."""
    x = np.arange(32.0).reshape(2, 4, 4)

    assert pv.pool(x, pv.Pool((2, 2))).shape == (2, 2, 2)
    assert pv.pool(x, pv.Pool((2, 2, 2))).shape == (1, 2, 2)
    assert pv.pool(x[None], pv.Pool(2), data_format="channels_last").shape == (1, 1, 2, 4)
    with pytest.raises(ValueError, match="2 channels of 4 × 4, or a volume of 2 slices"):
        pv.pool(x, pv.Pool(2))
    with pytest.raises(ValueError, match=r"x\[None\]"):
        pv.pool(x, pv.GlobalPool())


def test_tensorflow_pads_less_than_the_window() -> None:
    """Run, 2.21.0 raises (tf.nn.max_pool2d, in a tf.function too), naming the first side."""
    layer = pv.Pool(2, padding=((0, 2), (0, 0)), framework="tensorflow")

    traced = pv.trace(layer, 4)
    assert (traced.outcome, traced.error_name) == ("raises", "InvalidArgumentError")
    with pytest.raises(pv.PoolShapeError) as raised:
        pv.pool(np.ones((4, 4)), layer)
    error = raised.value
    assert error.trace.says() == "Bottom padding 2 needs to be smaller than the window size 2"
    assert error.diagnosis.fixes[0].text == "padding (0, 1) for the height gives 2 × 2"


def test_global_pooling_of_an_empty_map() -> None:
    """As tf.reduce_mean and tf.reduce_max of TensorFlow 2.21.0 on (1, 0, 3, 2)."""
    x = np.ones((1, 0, 3, 2))
    last = "channels_last"

    mean = pv.pool(x, pv.GlobalPool(framework="tensorflow"), data_format=last)
    largest = pv.pool(x, pv.GlobalPool("max", framework="tensorflow"), data_format=last)
    assert (mean.shape, largest.tolist()) == ((1, 2), [[-np.inf, -np.inf]])
    assert np.isnan(mean).all()
    assert pv.draw(pv.GlobalPool(framework="tensorflow"), (0, 1, 0)) is not None


def test_a_network_that_ends_with_lp_pooling_is_diagnosed() -> None:
    """A last pooling larger than the map is a fixed head in every operation."""
    stack = pv.Stack([pv.Conv(4, 3), pv.Pool(7, op="lp")], (3, 6, 6))

    assert "7" in str(stack.diagnosis)
