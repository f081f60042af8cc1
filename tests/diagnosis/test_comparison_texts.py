"""Verdicts on three textbook examples in five frameworks are those of recorded runs."""

from __future__ import annotations

import pytest
from hypothesis import given

import poolviz as pv
from tests.diagnosis.diagnosed_calls import (
    FRAMEWORKS,
    Call,
    any_calls,
    arguments,
    few,
    returned,
)

# What the frameworks did when run: the recorded textbook examples, one id per line
# (there msg-<id>). The rows of Keras 2.15 on TensorFlow 2.15.1 stand for TensorFlow's static
# shapes. A size, or the exception's class.
RECORDED = {
    "textbook 1": {
        "PyTorch": "RuntimeError",  # seed1.torch
        "TensorFlow": "ValueError",  # seed1-functional.tf215.keras
        "Keras": "ValueError",  # seed1-functional.tf221.keras
        "JAX": (0, 0),  # seed1-flax.jax
        "onnxruntime": (1, 1),  # seed1-max.onnx.ort
    },
    "textbook 1 with stride 1": {
        "PyTorch": "RuntimeError",  # seed1-stride1.torch
        "TensorFlow": "ValueError",  # seed1-stride1-functional.tf215.keras
        "Keras": "ValueError",  # seed1-stride1-functional.tf221.keras
        "JAX": (0, 0),  # seed1-flax-default-stride.jax
        "onnxruntime": "Fail",  # seed1-stride1-max.onnx.ort
    },
    "textbook 2": {
        "PyTorch": (2, 2),  # seed2.torch
        "TensorFlow": (2, 2),  # seed2-functional.tf215.keras
        "Keras": (2, 2),  # seed2-functional.tf221.keras
        "JAX": (2, 2),  # seed2-flax.jax
        "onnxruntime": (2, 2),  # seed2-max.onnx.ort
    },
    "textbook 3": {
        "PyTorch": "TypeError",  # seed3-padding-same-string.torch
        "TensorFlow": (6, 6),  # seed3-functional.tf215.keras
        "Keras": (6, 6),  # seed3-functional.tf221.keras
        "JAX": (6, 6),  # seed3-flax.jax
        "onnxruntime": (6, 6),  # seed3-max.onnx.ort
    },
}


TEXTBOOK = {
    "textbook 1": (pv.Pool(15, framework="keras"), 10),
    "textbook 1 with stride 1": (pv.Pool(15, stride=1, framework="keras"), 10),
    "textbook 2": (pv.Pool(3, stride=5, padding="valid", framework="keras"), 10),
    "textbook 3": (pv.Pool(3, stride=2, padding="same", framework="keras"), 11),
}


VERDICTS = {
    "textbook 1": [
        "raises RuntimeError",
        "raises ValueError",
        "raises ValueError",
        "returns an empty array, 0 × 0, without an error",
        "returns 1 × 1 from a partial window, without an error",
    ],
    "textbook 1 with stride 1": [
        "raises RuntimeError",
        "raises ValueError",
        "raises ValueError",
        "returns an empty array, 0 × 0, without an error",
        "raises Fail",
    ],
    "textbook 2": ["returns 2 × 2"] * 5,
    "textbook 3": ['rejects padding="same" (TypeError)', *["returns 6 × 6"] * 4],
}


@pytest.mark.parametrize("asked_in", FRAMEWORKS)
@pytest.mark.parametrize("example", TEXTBOOK)
def test_the_verdicts_are_the_recorded_ones(example: str, asked_in: str) -> None:
    """The same in whichever framework the stride is written out."""
    layer, input_size = TEXTBOOK[example]
    stride = layer.stride or layer.kernel_size
    call = {**arguments(layer), "stride": stride, "framework": asked_in}
    verdicts = pv.compare(pv.trace(pv.Pool(**call), input_size))
    actual = {
        verdict.title: verdict.trace.error_name or verdict.trace.returned_size
        for verdict in verdicts
    }

    assert RECORDED[example] == actual
    assert VERDICTS[example] == [verdict.text for verdict in verdicts]


def test_the_stride_in_force_goes_along() -> None:
    """15 left out is 15 in Keras, so it is 15 in JAX too, whose own default is 1."""
    verdicts = pv.compare(pv.trace(pv.Pool(4, framework="keras"), 12))

    assert [verdict.text for verdict in verdicts] == ["returns 3 × 3"] * 5


@few
@given(any_calls())
def test_each_verdict_is_what_its_framework_does(call: Call) -> None:
    asked = pv.trace(*call)
    stride = tuple(axis.stride for axis in asked.axes)
    for verdict, framework in zip(pv.compare(asked), FRAMEWORKS, strict=True):
        words = {**arguments(asked.layer), "stride": stride, "framework": framework}

        assert returned(pv.Pool(**words), asked.input_size) == verdict.trace.returned_size
        assert verdict.text.startswith(
            "returns" if verdict.trace.outcome != "raises" else ("raises", "rejects")
        )
