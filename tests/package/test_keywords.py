"""Wrong keywords, classes of frameworks, and arguments in PyTorch's order are answered."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import poolviz as pv

TWO = pv.Pool(2)


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda: pv.Stack([TWO], (3, 8, 8), frameworks="keras"), "did you mean framework"),
        (lambda: pv.Stack([TWO], input_size=(3, 8, 8)), "here it is input_shape"),
        (lambda: pv.output_size(10, pool_size=2), "here it is kernel_size"),
        (lambda: pv.PoolExplorer(10, 3, languge="de"), "did you mean language"),
        (lambda: pv.PoolExplorer(10, 3, strides=2), "here it is stride"),
        (lambda: pv.SizeMap(10, 3, axes=1), "did you mean axis"),
        (lambda: pv.check([TWO], input_shape=(3, 8, 8)), "here it is given"),
        (lambda: pv.read_code("nn.MaxPool2d(2)", input_size=(3, 8, 8)), "here it is input_shape"),
        (lambda: pv.trace(TWO, 10, framework="keras"), "it is a parameter of the layer: Pool"),
        (lambda: pv.pool([[1, 2], [3, 4]], TWO, stride=1), "it is a parameter of the layer: Pool"),
        (lambda: pv.Conv(1, 3, activation="relu"), "it changes no size"),
        (lambda: pv.Conv(1, 3, padding_mode="reflect"), "it changes no size"),
        (lambda: pv.Pool(2, data_format="channels_last"), "that of the network: Stack"),
        (lambda: pv.ConvTranspose(1, 3, output_size=9), "output_padding=1 adds an element"),
        (lambda: pv.exercises(levl=1), "did you mean level"),
        (lambda: pv.Axis(1, tims=2), "did you mean times"),
        (lambda: pv.Pool(2, kernel_size=3), "gives kernel_size twice"),
        (lambda: pv.Conv(3, 16, kernel_size=3), r"it is Conv\(16, 3, in_channels=3\)"),
        (lambda: pv.Linear(128, out_features=10), r"it is Linear\(10, in_features=128\)"),
    ],
)
def test_a_wrong_keyword_is_answered(call: Callable[[], object], answer: str) -> None:
    with pytest.raises(TypeError, match=answer):
        call()


@pytest.mark.parametrize("name", pv.__all__)
def test_every_public_call_answers_wrong_keywords(name: str) -> None:
    called = getattr(pv, name)
    is_error = isinstance(called, type) and issubclass(called, Exception)
    if is_error or name in ("FRAMEWORKS", "read_code"):
        return  # `read_code` passes other keywords on to the model
    with pytest.raises(TypeError, match="nonsense"):
        called(nonsense=1)


def test_public_calls_list_their_parameters() -> None:
    """`answers_keywords` is on all but few of them."""
    answered = 0
    for name in pv.__all__:
        try:
            getattr(pv, name)(nonsense=1)
        except TypeError as error:
            answered += "has no parameter 'nonsense'; it has " in str(error)
        except ValueError:
            continue

    assert answered > 60


@pytest.mark.parametrize("widget", [pv.SizeMap, pv.FrameworkComparison])
def test_widgets_beside_an_explorer_take_its_keywords(widget: Any) -> None:
    assert widget(input=[[1.0, 2.0], [3.0, 4.0]], layer=TWO, seed=1, show=()) is not None


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("MaxPool2d", "here it is Pool"),
        ("Conv2DTranspose", "here it is ConvTranspose"),
        ("Dense", "here it is Linear"),
        ("StackExplorr", "did you mean StackExplorer"),
    ],
)
def test_a_class_of_a_framework_is_answered(name: str, answer: str) -> None:
    with pytest.raises(AttributeError, match=answer):
        getattr(pv, name)


@pytest.mark.parametrize(
    ("call", "theirs"),
    [
        (lambda: pv.Conv(3, 16, 3), "Conv(16, 3, in_channels=3)"),
        (lambda: pv.Conv(3, 64, 7, 2, 3), "Conv(64, 7, in_channels=3, stride=2, padding=3)"),
        (lambda: pv.Conv(1, 32, (3, 3), padding=1), "Conv(32, (3, 3), in_channels=1, padding=1)"),
        (lambda: pv.Linear(128, 10), "Linear(10, in_features=128)"),
        (lambda: pv.ConvTranspose(16, 8, 2, 2), "ConvTranspose(8, 2, in_channels=16, stride=2)"),
    ],
)
def test_the_order_of_pytorch_is_noticed(call: Callable[[], object], theirs: str) -> None:
    with pytest.warns(UserWarning, match="is read as .* In PyTorch's order") as noticed:
        call()

    assert f"it is {theirs}." in str(noticed[0].message)
    assert noticed[0].filename == __file__


def test_the_order_of_keras_needs_no_notice() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pv.Conv(8, 3, 2)
        pv.Conv(96, 11, 4, "same")
        pv.Conv(768, 16, 16)
        pv.Linear(10, 128)
        pv.Conv(out_channels=3, kernel_size=16, stride=3)
