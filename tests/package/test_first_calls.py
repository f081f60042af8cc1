"""The first calls of a newcomer: either order of arguments, and errors that say what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import poolviz as pv

X = [[1.0, 2.0], [3.0, 4.0]]
TWO = pv.Pool(2)
CODE = "model = nn.Sequential(nn.MaxPool2d(2))"
SMALL = pv.Stack([TWO], (3, 1, 1))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: pv.pool(TWO, X).tolist(), [[4.0]]),
        (lambda: pv.pool_indices(TWO, X).tolist(), [[3]]),
        (lambda: pv.trace(10, TWO), pv.trace(TWO, 10)),
        (lambda: str(pv.diagnose(10, pv.Pool(15))), str(pv.diagnose(pv.Pool(15), 10))),
        (lambda: pv.draw(10, TWO).alt, pv.draw(TWO, 10).alt),
        (lambda: pv.compare(10, TWO), pv.compare(TWO, 10)),
        (lambda: pv.compare(pv.trace(TWO, 10)), pv.compare(TWO, 10)),
        (lambda: pv.Pool(2, framework="torch"), TWO),
        (lambda: pv.Pool(2, framework="TF").framework, "tensorflow"),
        (lambda: pv.Pool(2, framework="onnx").framework, "onnxruntime"),
        (lambda: pv.Stack([pv.Pool(2, name="p1")], (3, 4, 4)).rows[0].name, "p1"),
        (lambda: pv.trace(pv.Pool(2, name="p1"), 4).layer, TWO.with_axes(2)),
        (lambda: pv.Stack((3, 1, 1), [TWO]), SMALL),
        (lambda: pv.read_model((3, 1, 1), [TWO]), SMALL),
        (lambda: pv.read_model((3, 1, 1), TWO), SMALL),
        (lambda: pv.read_code((3, 9, 9), CODE), pv.read_code(CODE, (3, 9, 9))),
        (lambda: pv.check((3, 1, 1), [TWO]), SMALL),
        (lambda: pv.check((3, 9, 9), CODE), pv.read_code(CODE, (3, 9, 9))),
        (lambda: pv.check(np.zeros((8, 3, 1, 1)), [TWO]), SMALL),
        (lambda: pv.StackExplorer((3, 1, 1), [TWO]).stack, SMALL),
        (lambda: pv.Pool(2, framework="Keras3").framework, "keras"),
        (lambda: str(pv.diagnose(SMALL)), str(SMALL.diagnosis)),
        (lambda: pv.Stack([pv.Conv(8, 3), TWO], (3, 28, 28)).receptive_field, (4, 4)),
        (lambda: len(pv.ExerciseCard(["size-plain", "size-padded"]).session.items), 2),
        (lambda: len(pv.ExerciseCard(pv.exercises("02", 1)).session.items), 3),
    ],
)
def test_it_works(call: Callable[[], Any], expected: Any) -> None:
    assert call() == expected


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: pv.pool(X, 2),
            TypeError,
            "layer must be a poolviz.Pool, AdaptivePool or GlobalPool, got 2",
        ),
        (
            lambda: pv.pool_gradient(X, 2, X),
            TypeError,
            "layer must be a poolviz.Pool, AdaptivePool or GlobalPool, got 2",
        ),
        (lambda: pv.Pool(3, strides=2), TypeError, "here it is stride"),
        (lambda: pv.Pool(pool_size=3), TypeError, "here it is kernel_size"),
        (lambda: pv.Pool(3, window_shape=2), TypeError, "here it is kernel_size"),
        (lambda: pv.Pool(3, strid=2), TypeError, "did you mean stride"),
        (lambda: pv.compare(TWO), TypeError, r"compare\(layer, input_size\)"),
        (lambda: pv.diagnose(TWO), TypeError, r"diagnose\(layer, input_size\)"),
        (lambda: pv.trace(object(), 10), TypeError, "got object. .*read_model"),
        (lambda: pv.exercise("size_plain"), ValueError, 'did you mean "size-plain"'),
    ],
)
def test_the_error_says_what_to_write(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_comparison_prints_a_table() -> None:
    assert repr(pv.compare(pv.Pool(15), 10)).splitlines()[3:] == [
        "JAX                    returns an empty array, 0 × 0, without an error",
        "onnxruntime 1.21–1.32  returns 1 × 1 from a partial window, without an error",
    ]


def test_an_exception_is_decoded() -> None:
    text = "Given input size: (64x1x9). Calculated output size: (64x0x4). Output size is too small"

    assert pv.decode(RuntimeError(text)).axis == "height"  # type: ignore[union-attr]


def test_a_tensor_with_a_gradient_is_pooled() -> None:
    class Tensor(list):  # type: ignore[type-arg]
        requires_grad = True

        def detach(self) -> list[list[float]]:
            return list(self)

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad")

    assert pv.pool(Tensor(X), TWO).tolist() == [[4.0]]


def test_every_word_of_a_framework_is_answered() -> None:
    for rules in pv.FRAMEWORKS.values():
        for parameter, word in rules.vocabulary.items():
            if word and word != parameter and parameter in ("kernel_size", "stride", "dilation"):
                with pytest.raises(TypeError, match=f"here it is {parameter}"):
                    pv.Pool(**{word: 2})


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda: pv.Conv(filters=8, kernel_size=3), "here it is out_channels"),
        (lambda: pv.Conv(8, 3, strides=2), "here it is stride"),
        (lambda: pv.Conv(8), r"needs kernel_size: Conv\(out_channels=…, kernel_size=…\)"),
        (lambda: pv.ConvTranspose(8, 3, use_bias=False), "here it is bias"),
        (lambda: pv.Linear(units=10), "here it is out_features"),
        (lambda: pv.Linear(bias=False), "needs out_features"),
        (lambda: pv.AdaptivePool(pool_size=3), "output_size"),
        (lambda: pv.Reshape(target_shape=(4,)), "here it is shape"),
        (lambda: pv.GlobalPool(kernel_size=3), "it has op, keepdims"),
        (lambda: pv.convert(TWO, "keras"), r"convert\(trace\(layer, input_size\), to\)"),
    ],
)
def test_a_call_of_another_library_is_answered_with_the_right_word(
    call: Callable[[], object], answer: str
) -> None:
    with pytest.raises(TypeError, match=answer):
        call()


def test_other_names_are_taken() -> None:
    assert pv.Pool(2, op="mean") == pv.Pool(2, op="avg")
    assert pv.AdaptivePool(2, op="Maximum").op == "max"
    assert pv.Pool(2, framework="tf.keras").framework == "keras"
    assert pv.Pool(2, framework="tf.keras==2.15").framework == "keras==2.15"


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "keras", "onnxruntime"])
def test_an_error_of_poolviz_is_decoded_as_that_of_the_framework(framework: str) -> None:
    with pytest.raises(pv.PoolShapeError) as raised:
        pv.output_size(10, 15, framework=framework)

    message = pv.decode(raised.value)

    assert message is not None
    assert message.framework == framework
