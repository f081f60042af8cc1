"""Convolutions equal what the frameworks gave: sizes, values, gradients, exceptions and texts.

`tools.record.layers.convolution_cases` makes each call again from its number;
`tools.record.layers.convolutions` recorded what came back.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic.convolution import values
from poolviz.arithmetic.convolution.trace import ConvTrace, trace_convolution
from poolviz.dialects.common.dialect import error_text
from tests.support.sampling import sampled
from tools.record.layers.convolution_cases import (
    KINDS,
    Case,
    case,
    checksum,
    gradient_for,
    kernel_first,
)
from tools.record.layers.convolutions import FILE

TRIED = 150  # of each kind and framework; POOLVIZ_SAMPLE=all tries every one
LAST = {"keras", "tensorflow", "jax"}  # their channels and weights are in another order
LAYERS = {"conv": pv.Conv, "transposed": pv.ConvTranspose}


@cache
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


def answers(name: str, kind: str, tried: int = TRIED) -> Iterator[tuple[Case, Any]]:
    """Every call with its answer that can be written in this framework."""
    reference = recorded()["torch"]["answers"][kind]
    for number, answer in sampled([*enumerate(recorded()[name]["answers"][kind])], tried):
        answer = reference[number] if answer == 0 else answer
        given = case(kind, number)
        if answer is not None and not _is_special(name, given, answer):
            yield given, answer


def _is_special(name: str, given: Case, answer: Any) -> bool:
    """Calls that our layers do not describe, and defects of a framework."""
    padding, right = given.parameters["padding"], given.x.shape[1] == given.in_channels
    pairs = isinstance(padding, tuple) and isinstance(padding[0], tuple)
    if name == "torch":  # even pairs, which stand for numbers here; a choice of kernel by size
        even = pairs and all(before == after for before, after in padding)
        return even or (given.kind == "transposed" and 0 in answer.get("s", ()))
    if name == "onnxruntime":  # no weights have this shape
        return given.kind == "transposed" and given.out_channels % given.groups > 0
    if name == "mlx":  # reads outside of its arrays: partial windows, output_padding, cropping
        words = given.parameters
        extra = any(words.get("output_padding") or ())
        crops = any(
            pad > (kernel - 1) * dilation
            for pad, kernel, dilation in zip(
                padding, words["kernel_size"], words["dilation"], strict=True
            )
        )
        return extra or (given.kind == "transposed" and crops) or traced(name, given).is_truncated
    if answer.get("e") == "SystemError":  # it ended the process
        return True
    is_nothing = pairs and padding == ((0, 0),) * len(padding)
    if name == "tensorflow" and (not right or is_nothing):
        return True  # channels that are a multiple of those of the weights are groups
    if name in ("keras", "tensorflow") and given.kind == "transposed" and not right:
        return True  # are looked at before a padding in numbers, after all else
    return name in ("keras", "tensorflow") and (0 in given.sizes or "a" in answer)


def layer_of(name: str, given: Case) -> Any:
    framework = "pytorch" if name == "torch" else name
    return LAYERS[given.kind](
        given.out_channels,
        in_channels=given.in_channels,
        bias=False,
        framework=framework,
        **given.parameters,
    )


def traced(name: str, given: Case) -> ConvTrace:
    return trace_convolution(layer_of(name, given), given.sizes, given.x.shape[1])


each = pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name in ("torch", "keras", "tensorflow", "jax", "onnxruntime", "mlx")
        for kind in KINDS
    ],
)


@each
def test_values_gradients_and_exceptions_equal_the_recorded_ones(name: str, kind: str) -> None:
    """1.9 s for all 7,200."""
    compared = Counter[str]()
    # Most calls cannot be written in MLX.
    for given, answer in answers(name, kind, 600 if name == "mlx" else TRIED):
        found = traced(name, given)
        if "e" in answer:
            assert (found.outcome, found.error_name) == ("raises", answer["e"]), given
            compared["raises"] += 1
            continue
        assert found.returned_size == tuple(answer["s"][2:]), given
        y = values.convolved(given.x, found, given.weight)
        assert checksum(y) == answer["y"], given
        if "x" in answer:
            gradient = gradient_for(y.shape)
            by = values.convolved_gradient(given.x, found, given.weight, gradient)
            assert (checksum(by.x), checksum(by.weight)) == (answer["x"], answer["w"]), given
        compared["values"] += 1
    assert min(compared["raises"], compared["values"]) > 10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["torch", "keras", "jax", "onnxruntime"])
def test_error_texts_equal_the_recorded_ones(name: str, kind: str) -> None:
    equal = 0
    for given, answer in answers(name, kind, tried=600):
        text = error_text(traced(name, given)) if "e" in answer else None
        if text is not None:
            assert text in answer["t"], given
            equal += 1
    assert equal >= 35


def test_the_recording_is_large_enough() -> None:
    """2,000 calls, transposed ones with them, and 500 texts of errors."""
    calls, texts = Counter[str](), 0
    reference = recorded()["torch"]["answers"]["transposed"]
    assert len(recorded()) == 6  # frameworks, each with transposed calls that returned
    for one in recorded().values():
        transposed = zip(one["answers"]["transposed"], reference, strict=True)
        assert sum("y" in ((same if own == 0 else own) or ()) for own, same in transposed) > 50
        for kind, found in one["answers"].items():
            calls[kind] += sum(answer is not None for answer in found)
            texts += sum("t" in answer for answer in found if answer)

    assert calls["conv"] > 2000
    assert calls["transposed"] > 2000
    assert texts > 2000


@pytest.mark.parametrize("name", ["torch", "keras", "jax", "onnxruntime"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_public_functions_take_arrays_in_the_order_of_the_framework(
    name: str, kind: str
) -> None:
    for given, answer in [one for one in answers(name, kind) if "y" in one[1]][:12]:
        x, weight = given.x, given.weight
        words: dict[str, Any] = {}
        if name in LAST:
            words = {"data_format": "channels_last"}
            x, weight = np.moveaxis(x, 1, -1), kernel_first(weight)
            if (name, kind) == ("jax", "transposed"):
                weight = np.swapaxes(weight, -1, -2)
        layer = layer_of(name, given)
        y = pv.convolve(x, layer, weight, **words)
        by = pv.convolve_gradient(x, layer, np.ones_like(y), weight, **words)

        assert checksum(np.moveaxis(y, -1, 1) if name in LAST else y) == answer["y"], given
        assert (by.x.shape, by.weight.shape) == (x.shape, weight.shape)


@pytest.mark.parametrize(
    ("layer", "sizes", "returned", "text"),
    [  # one sample, run in PyTorch 2.13.0 and onnxruntime 1.32.0 on a CPU
        (pv.ConvTranspose(1, 4, padding=2), (1, 1), (0, 0), None),  # oneDNN
        (pv.ConvTranspose(1, 4, padding=2), (1, 1, 1), (0, 0, 0), None),
        (pv.ConvTranspose(2, 2, padding=1, groups=2), (1, 1), (0, 0), None),
        (pv.ConvTranspose(1, 4, padding=2), (1,), None, "Output size is too small"),
        (pv.ConvTranspose(1, (5, 3), padding=(2, 1)), (0, 1), None, None),
        (pv.ConvTranspose(1, 2, padding=1), (1, 1), None, "Output size is too small"),
        (pv.ConvTranspose(1, 4, padding=3), (1, 1), None, "could not construct a memory desc"),
        (pv.ConvTranspose(1, 2, padding=2, groups=1), (1, 1), None, "Output size is too small"),
        (pv.ConvTranspose(1, 4, stride=3, framework="onnxruntime"), (0,), (1,), None),
        (
            pv.ConvTranspose(1, 4, stride=3, output_padding=1, framework="onnxruntime"),
            (0,),
            None,
            None,
        ),
    ],
)
def test_a_transposed_convolution_that_leaves_nothing(
    layer: Any, sizes: tuple[int, ...], returned: tuple[int, ...] | None, text: str | None
) -> None:
    found = pv.trace(layer, sizes)

    assert found.returned_size == returned
    assert text is None or text in (error_text(found) or "")


def test_the_answer_of_one_sample_is_told_from_that_of_a_batch() -> None:
    """PyTorch 2.13.0: `ConvTranspose2d(1, 1, 2, padding=1)(torch.zeros(2, 1, 1, 1))` is empty."""
    said = str(pv.diagnose(pv.ConvTranspose(1, 2, padding=1), 1))
    stack = str(pv.Stack([pv.ConvTranspose(1, 2, padding=1)], (1, 1, 1)))

    assert "for a batch of several, PyTorch returns an empty array" in said
    assert "A batch of several samples is returned as an empty array" in stack
    assert "batch" not in str(pv.diagnose(pv.ConvTranspose(1, 2, padding=2), 1))


def test_a_fix_of_a_transposed_convolution_is_not_called_idle() -> None:
    """Its window is written from one element, whatever its size."""
    assert "reads one cell" not in str(pv.diagnose(pv.ConvTranspose(1, 2, padding=1), 1))
    assert "combines nothing: each window reads one cell" in str(pv.diagnose(pv.Conv(1, 5), 1))


KERAS_UNTIL_314 = [
    "keras==2.15",
    "keras==3.3",
    "keras==3.6",
    "keras==3.10",
    "keras==3.12",
    "keras==3.13",
    "keras==3.14",
]


def test_keras_strides_a_dilated_depthwise_convolution_since_315() -> None:
    """Run in 2.15.0, 3.3.3, 3.6.0, 3.10.0, 3.12.0, 3.13.2, 3.14.1, 3.15.0 and 3.15.1."""
    layer = pv.DepthwiseConv(2, stride=2, dilation=2, framework="keras")

    assert pv.trace(layer, (8, 6)).returned_size == (3, 2)
    assert pv.trace(replace(layer, padding="same"), (8, 6)).returned_size == (4, 3)
    for version in KERAS_UNTIL_314:
        found = pv.trace(replace(layer, framework=version), (8, 6))
        assert (found.outcome, found.error_name) == ("raises", "ValueError"), version
    plain = pv.Conv(1, 2, stride=2, dilation=2, framework="keras")
    assert pv.trace(plain, (8, 6)).outcome == "raises"  # also in 3.15.1


@pytest.mark.parametrize(
    ("output_padding", "values"),
    [  # Conv1DTranspose(1, 4, strides=3, padding="same") in Keras 3.15.1 on JAX and on PyTorch
        (None, [1, 10, 100, 1002, 20, 200, 2003, 30, 300, 3004, 40, 400]),
        (0, [100, 1002, 20, 200, 2003, 30, 300, 3004, 40]),
        (1, [10, 100, 1002, 20, 200, 2003, 30, 300, 3004, 40]),
    ],
)
def test_the_start_of_a_transposed_convolution_in_keras(
    output_padding: int | None, values: list[int]
) -> None:
    """TensorFlow 2.21 runs None and 1 alike, and rejects 0: 9 is not ⌈·/ 3⌉ = 4 steps long."""
    layer = pv.ConvTranspose(
        1, 4, stride=3, padding="same", output_padding=output_padding, framework="keras"
    )

    assert pv.convolve([[1, 2, 3, 4]], layer, [1, 10, 100, 1000])[0].tolist() == values


def test_a_batch_of_several_is_returned_empty() -> None:
    """Run in PyTorch 2.13.0 on a CPU: shapes (2, 3, 0) and (3, 1, 1, 0, 3)."""
    layer = pv.ConvTranspose(3, 1, stride=2, padding=2, output_padding=1)
    weight, solid = np.ones((2, 3, 1)), pv.ConvTranspose(1, (4, 3, 3), padding=2)

    assert pv.convolve(np.ones((2, 2, 2)), layer, weight).shape == (2, 3, 0)
    with pytest.raises(pv.PoolShapeError):
        pv.convolve(np.ones((1, 2, 2)), layer, weight)
    assert pv.convolve(np.ones((3, 2, 2, 2, 5)), solid, np.ones((2, 1, 4, 3, 3))).shape == (
        3,
        1,
        1,
        0,
        3,
    )


# --- shapes and arguments that fit nothing -------------------------------------------------------

X, W = np.ones((1, 2, 5, 5)), np.ones((4, 2, 3, 3))


@pytest.mark.parametrize(
    ("layer", "x", "weight", "error", "says"),
    [
        (pv.Conv(4, 3), X, np.ones((4, 1, 3, 3)), ValueError, "weight must have the shape (4, 2, "),
        (pv.Conv(4, 3), X, None, TypeError, "needs the weights: weight, of the shape (out, in"),
        (pv.Conv(4, 3), np.ones((0, 5, 5)), W, ValueError, "at least one channel"),
        (W, X, None, TypeError, "layer must be a poolviz.Conv, DepthwiseConv or ConvTranspose"),
        (
            pv.Conv(4, 3, framework="keras"),
            np.ones((1, 5, 6, 2)),
            np.ones((3, 3, 2, 4)),
            ValueError,
            "the weights are for 2 channels: give data_format",
        ),
        (pv.Conv(4, 3), X, "abc", TypeError, "weight must hold real numbers"),
        (pv.Conv(4, 3), [["a"]], W, TypeError, "x must hold real numbers"),
        (pv.Conv(4, 3, groups=3), X, W, pv.PoolShapeError, "2 channels do not divide into 3"),
        (pv.Conv(4, 3, in_channels=3), X, W, pv.PoolShapeError, "built for 3 channels"),
        (pv.Conv(4, 7), X, np.ones((4, 2, 7, 7)), pv.PoolShapeError, "no window fits"),
        (pv.Conv(4, 3), np.ones((1, 2, 0, 5)), W, pv.PoolShapeError, "no window fits"),
        (pv.Conv(4, 10**9), X, W, pv.PoolShapeError, "by 999,999,995"),
        (pv.Conv(4, 3, padding=10**9), X, W, ValueError, "are computed (sizes have no such limit)"),
        (
            pv.ConvTranspose(4, 3, stride=10**9),
            X,
            np.ones((2, 4, 3, 3)),
            ValueError,
            "are computed",
        ),
        (pv.ConvTranspose(4, 2, padding=4), X, W, pv.PoolShapeError, "the padding removes 8"),
        (pv.ConvTranspose(4, 3, output_padding=1), X, W, pv.PoolShapeError, "output_padding"),
        (pv.Conv(4, 3), X[0, 0, 0], W, ValueError, "x has 1 axes"),
        (pv.Conv(4, 3), X[0, 0], np.ones((4, 1, 3, 3)), ValueError, "give x[None]"),
        (pv.Pool(2), X, W, TypeError, "layer must be a convolution, got Pool"),
        (pv.Conv(4, 3, framework="keras"), X, W, ValueError, "(*kernel, in / groups, out)"),
    ],
)
def test_wrong_arguments_are_named(
    layer: Any, x: Any, weight: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as caught:
        pv.convolve(x, layer, weight)

    assert says in str(caught.value)


def test_nan_reaches_what_reads_it_and_no_other() -> None:
    x = np.ones((1, 1, 4, 4))
    x[0, 0, 0, 0] = np.nan
    y = pv.convolve(x, pv.Conv(1, 2), np.ones((2, 2)))

    assert np.isnan(y).sum() == 1


def test_no_example_and_empty_results() -> None:
    assert pv.convolve(X[:0], pv.Conv(4, 3), W).shape == (0, 4, 3, 3)
    empty = pv.convolve(X, pv.Conv(4, 7, framework="jax"), np.ones((7, 7, 2, 4)))
    assert empty.shape == (1, 4, 0, 0)


@pytest.mark.parametrize(
    "layer", [pv.Conv(2, 3, stride=2, padding=1), pv.ConvTranspose(2, 3, stride=2)]
)
def test_the_gradient_is_that_of_differences(layer: Any) -> None:
    random = np.random.RandomState(1)
    x, weight = random.randn(1, 2, 5, 4), random.randn(2, 2, 3, 3)
    y = pv.convolve(x, layer, weight)
    by = pv.convolve_gradient(x, layer, np.ones_like(y), weight)
    step = np.zeros_like(x)
    step[0, 1, 2, 3] = 1e-6

    change = (pv.convolve(x + step, layer, weight) - y).sum() / 1e-6
    assert change == pytest.approx(by.x[0, 1, 2, 3], abs=1e-4)
    assert by.bias == pytest.approx([y[0, 0].size] * 2)


def test_groups_of_other_channels_have_the_error_of_nnx() -> None:
    """Flax 0.12.8: nnx.Conv(4, 4, (3, 3), feature_group_count=2) on 5 channels, and linen's."""
    linen = pv.Conv(4, 3, groups=2, in_channels=4, framework="jax")
    nnx = replace(linen, error="ValueError")

    assert trace_convolution(linen, (8, 8), 5).error_name == "AssertionError"
    assert trace_convolution(nnx, (8, 8), 5).error_name == "ValueError"
    assert trace_convolution(replace(nnx, in_channels=5), (8, 8), 5).error_name == "AssertionError"
