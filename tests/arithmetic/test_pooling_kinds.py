"""Adaptive, global and LP pooling and unpooling equal what the frameworks gave.

`tools.pooling_cases` makes each input again from its number; `tools.record_pooling` recorded
checksums of what came back: values (y), places of maxima (i), gradients (g).
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
from tools.pooling_cases import COUNT, Case, case, checksum, gradient_for
from tools.record_pooling import FILE

# The name in the recording, and ours.
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
    for number, answer in enumerate(_recorded()[name]["answers"][kind]):
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
