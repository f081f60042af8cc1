"""Layer objects of PyTorch and Keras, and bare layers as pasted code, wherever a layer is taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import poolviz
from tests.support.fake_frameworks import KERAS, TORCH, torch_sequential

pv: Any = poolviz  # most calls here are none that the types allow
TORCH_POOL = TORCH.nn.MaxPool2d(15)
KERAS_POOL = KERAS.layers.MaxPooling2D(15)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (TORCH.nn.MaxPool2d(15), pv.Pool((15, 15))),
        (TORCH.nn.MaxPool1d(2), pv.Pool((2,))),
        (TORCH.nn.AvgPool3d(2), pv.Pool((2, 2, 2), op="avg")),
        (TORCH.nn.MaxPool2d(3, 2, 1, ceil_mode=True), pv.Pool((3, 3), (2, 2), (1, 1), 1, True)),
        (KERAS.layers.MaxPooling2D(2), pv.Pool((2, 2), padding="valid", framework="keras")),
    ],
)
def test_a_pooling_object_is_traced_like_its_pool(given: Any, expected: Any) -> None:
    ndim = expected.ndim or 2
    plain = expected.with_axes(ndim)
    found = pv.trace(given, (20,) * ndim)

    assert found.axes == pv.trace(plain, (20,) * ndim).axes
    assert (found.layer.op, found.layer.framework) == (expected.op, expected.framework)


@pytest.mark.parametrize("layer", [TORCH_POOL, KERAS_POOL], ids=["torch", "keras"])
@pytest.mark.parametrize(
    "use",
    [
        lambda layer: pv.trace(10, layer).outcome == "raises",
        lambda layer: not pv.diagnose(layer, 10).ok,
        lambda layer: len(pv.compare(layer, 10)) == 5,
        lambda layer: pv.pool([[1.0] * 15] * 15, layer).shape == (1, 1),
        lambda layer: pv.draw(layer, 15).alt != "",
        lambda layer: pv.PoolExplorer(20, layer=layer).layer.kernel_size == (15, 15),
        lambda layer: pv.Stack([layer, ("last", layer)], (20, 20, 20)).first_failure.name == "last",
    ],
)
def test_each_function_takes_it(use: Callable[[Any], bool], layer: Any) -> None:
    assert use(layer)


@pytest.mark.parametrize(
    ("layers", "shape", "expected"),
    [
        ([KERAS.layers.Conv2D(8, 3)], (10, 10, 3), ("keras", "channels_last", (8, 8, 8))),
        (
            [KERAS.layers.Conv2D(8, 3, data_format="channels_first")],
            (3, 10, 10),
            ("keras", "channels_first", (8, 8, 8)),
        ),
        ([TORCH.nn.Conv2d(3, 8, 3)], (3, 10, 10), ("pytorch", "channels_first", (8, 8, 8))),
    ],
)
def test_a_stack_takes_the_framework_and_the_order(
    layers: list[Any], shape: tuple[int, ...], expected: tuple[Any, ...]
) -> None:
    stack = pv.Stack(layers, shape)

    assert (stack.framework, stack.data_format, stack.output_shape) == expected


NETWORK = "Other layers need a network: Stack([{}(…)], input_shape), also for StackExplorer"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pv.PoolExplorer(layer=pv.Conv(8, 3)), "got Conv. LayerExplorer shows"),
        (lambda: pv.PoolExplorer(layer=TORCH.nn.Conv2d(3, 8, 3)), "got Conv2d. LayerExplorer"),
        (lambda: pv.trace(pv.Linear(3), 10), NETWORK.format("Linear")),
        (lambda: pv.trace(10, pv.Linear(3)), NETWORK.format("Linear")),
        (lambda: pv.diagnose(pv.Linear(8), 10), NETWORK.format("Linear")),
        (lambda: pv.pool([[1.0]], "max"), "got 'max' (str)"),
        (lambda: pv.draw(pv.Linear(3), 10), NETWORK.format("Linear")),
        (lambda: pv.pool([[1.0]], pv.Flatten()), NETWORK.format("Flatten")),
        (lambda: pv.trace(torch_sequential(TORCH_POOL, TORCH_POOL), 10), "poolviz.read_model"),
        (lambda: pv.trace(TORCH.nn.MaxUnpool2d(2), 10), "got MaxUnpool2d"),
        (lambda: pv.diagnose(3, 10), "got 3 (int)"),
    ],
)
def test_what_is_no_pooling_layer_is_told_where_it_goes(call: Any, words: str) -> None:
    with pytest.raises(TypeError, match=re.escape(words)):
        call()


def test_a_convolution_object_has_the_rules_of_its_framework() -> None:
    found = pv.trace(KERAS.layers.Conv2D(8, 3, data_format="channels_first"), 10)

    assert (found.layer.framework, found.output_size) == ("keras", (8, 8))
    assert pv.trace(TORCH.nn.Conv2d(3, 8, 3), 10).layer.framework == "pytorch"


@pytest.mark.parametrize(
    ("text", "framework", "output"),
    [
        ("nn.MaxPool2d(2)", "pytorch", (10, 5, 5)),
        ("nn.MaxPool2d(15)", "pytorch", None),
        ("pool = nn.MaxPool2d(2)", "pytorch", (10, 5, 5)),
        ("nn.AdaptiveAvgPool2d(output_size=2)", "pytorch", (10, 2, 2)),
        ("Example 1: nn.MaxPool2d(2)", "pytorch", (10, 5, 5)),
        (
            "Example 1 Small kernel model = nn.Sequential(\n    nn.MaxPool2d(2))",
            "pytorch",
            (10, 5, 5),
        ),
        ("nn.LPPool2d(2, 2)", "pytorch", (10, 5, 5)),
        ("nn.ConvTranspose2d(10, 8, 2, stride=2)", "pytorch", (8, 20, 20)),
        ("nn.Conv2d(10, 8, 3)\nnn.MaxPool2d(2)", "pytorch", (8, 4, 4)),
        ("  nn.Conv2d(10, 8, 3),  # first\n  nn.MaxPool2d(2),\n", "pytorch", (8, 4, 4)),
        ("[nn.Conv2d(10, 8, 3), nn.ReLU()]", "pytorch", (8, 8, 8)),
        ("layers.MaxPooling2D(2)", "keras", (5, 5, 10)),
        ("Conv2D(8, 3)\nMaxPooling2D(2)", "keras", (4, 4, 8)),
    ],
)
def test_bare_layers_are_read_in_order(text: str, framework: str, output: Any) -> None:
    stack = pv.read_code(text, (10, 10, 10))

    assert (stack.framework, stack.output_shape, stack.not_read) == (framework, output, ())


@pytest.mark.parametrize(
    ("text", "has_a_model"),
    [
        ("model = nn.Sequential(nn.ReLU())\nnn.MaxPool2d(2)", True),
        ("conv = nn.Conv2d(10, 8, 3)\npool = nn.MaxPool2d(2)", False),  # in which order?
        ("nn.CrossEntropyLoss", False),
    ],
)
def test_a_model_goes_before_bare_layers_and_an_order_is_not_guessed(
    text: str, has_a_model: bool
) -> None:
    if has_a_model:
        assert pv.read_code(text, (10, 10, 10)).output_shape == (10, 10, 10)
    else:
        with pytest.raises(pv.NoModel):
            pv.read_code(text, (10, 10, 10))


@pytest.mark.parametrize(
    "stack",
    [pv.read_code("nn.MaxPool2d(15)", (3, 10, 10)), pv.read_model(TORCH_POOL, (3, 10, 10))],
    ids=["code", "model"],
)
def test_a_layer_without_a_place_in_a_model_has_no_name(stack: Any) -> None:
    assert stack.first_failure.name is None
    assert "stops at layer 0 (MaxPool 15×15" in stack.diagnosis.headline


def test_an_array_has_the_order_of_a_keras_layer() -> None:
    """Its data_format; an array without a batch is rejected, as Keras does."""
    x = np.arange(72.0).reshape(1, 6, 6, 2)
    first = np.moveaxis(x, -1, 1)
    last = KERAS.layers.MaxPooling2D(2, data_format="channels_last")
    turned = KERAS.layers.MaxPooling2D(2, data_format="channels_first")
    expected = pv.pool(first, pv.Pool((2, 2), framework="keras"))

    assert np.array_equal(pv.pool(x, last), np.moveaxis(expected, 1, -1))
    assert np.array_equal(pv.pool(first, turned), expected)
    assert pv.pool_gradient(x, last, np.ones((1, 3, 3, 2))).shape == x.shape
    assert pv.PoolExplorer(layer=last, input=x).input_size == (6, 6)
    assert "6 × 6" in pv.draw(last, x).alt
    assert pv.pool(x[0, :, :, 0], last).shape == (3, 3)
    for call in (pv.pool, lambda x, layer: pv.draw(layer, x)):
        with pytest.raises(ValueError, match=r"takes a batch: x\[None\]"):
            call(x[0], last)


def test_a_map_with_channels_is_no_volume_of_a_torch_layer() -> None:
    """Its name has the number of axes: (C, H, W)."""
    x = np.arange(48.0).reshape(3, 4, 4)

    assert pv.pool(x, TORCH.nn.MaxPool2d(2)).shape == (3, 2, 2)
    assert pv.pool(x, TORCH.nn.MaxPool3d(2)).shape == (1, 2, 2)
    assert "4 × 4" in pv.draw(TORCH.nn.MaxPool2d(2), x).alt
    with pytest.raises(TypeError, match="got MaxUnpool2d"):
        pv.pool(x, TORCH.nn.MaxUnpool2d(2))


def test_a_layer_with_a_hook_is_the_layer() -> None:
    """As one that prints shapes; what the hook returns is not known, the layer is."""
    layer = TORCH.nn.Conv2d(3, 8, 7)
    layer._forward_hooks = {0: test_each_function_takes_it}

    assert pv.trace(layer, 4).outcome == "raises"
    assert repr(pv.LayerExplorer(layer, 4)).startswith("LayerExplorer(Conv 7×7, 3 → 8")
